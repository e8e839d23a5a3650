//! How long operations took, as a line of blocks for each subject over one logarithmic axis: where most are, and how far the
//! rest goes.
//!
//! A line is as high as its own peak: it is a shape. What happened at all is seen, however seldom: the tail is what such a plot
//! is looked at for.

use super::super::super::axis::logarithmic;
use super::super::super::page::{Page, Span, Tone, dim, plain};
use crate::bench::metric::{Kind, Unit};
use crate::bench::{Latencies, Report};

pub(super) const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Room for the name of a subject.
pub(super) const NAMES: usize = 15;

/// Draws the latencies of this kind, where there are any.
pub(super) fn densities(page: &mut Page, report: &Report, title: &str, kind: Kind) {
    let seen: Vec<_> =
        report.outcomes.iter().filter_map(|outcome| Some((outcome.subject, kind.of(outcome)?))).collect();
    let sound = |us: &f64| us.is_finite() && *us > 0.0;
    let all =
        || seen.iter().flat_map(|(_, latencies)| latencies.histogram.iter().map(|bucket| bucket.us)).filter(sound);
    let room = page.width().saturating_sub(NAMES);
    let Some(least) = all().reduce(f64::min).filter(|_| room > 0) else { return };
    let scale = Scale::new(least, all().fold(least, f64::max), room);
    page.blank();
    page.line(0, &[Span::new(Tone::Strong, title), dim(" (logarithmic; each line as high as its peak)")]);
    for (subject, latencies) in seen {
        page.line(0, &[plain(format!("{:<NAMES$}", subject.name())), plain(scale.blocks(latencies))]);
    }
    page.line(0, &[dim(format!("{:NAMES$}{}", "", scale.axis()))]);
}

/// Which latency stands in which column.
struct Scale {
    ticks: Vec<f64>,
    room: usize,
}

impl Scale {
    fn new(least: f64, most: f64, room: usize) -> Self {
        Self { ticks: logarithmic(least, most), room }
    }

    fn column(&self, us: f64) -> usize {
        let (from, to) = (self.ticks[0], self.ticks[self.ticks.len() - 1]);
        let share = ((us / from).ln() / (to / from).ln()).clamp(0.0, 1.0);
        // What is no number stands nowhere; `as` makes 0 of it.
        (share * (self.room - 1) as f64).round() as usize
    }

    fn blocks(&self, seen: &Latencies) -> String {
        let mut counts = vec![0_u64; self.room];
        for bucket in &seen.histogram {
            counts[self.column(bucket.us)] += bucket.count;
        }
        let peak = counts.iter().copied().max().unwrap_or(0);
        counts.iter().map(|count| BLOCKS[height(*count as f64, peak as f64)]).collect()
    }

    /// The ticks, each with its latency behind it where there is room.
    fn axis(&self) -> String {
        let mut line = String::new();
        let mut used = 0;
        for tick in &self.ticks {
            let (at, label) = (self.column(*tick), format!("|{}", Unit::Microseconds.show(*tick)));
            let width = label.chars().count();
            // At the right end, the label stands before its tick.
            let (at, label) = match at + width > self.room {
                true => ((at + 1).saturating_sub(width), format!("{}|", &label[1..])),
                false => (at, label),
            };
            if at >= used {
                line.extend(std::iter::repeat_n(' ', at - used));
                line.push_str(&label);
                used = at + width;
                // A blank between labels, unless the next begins further on.
                line.push(' ');
                used += 1;
            }
        }
        line.trim_end().to_owned()
    }
}

/// How many eighths of a line a value has; little is more than nothing.
pub(super) fn height(value: f64, peak: f64) -> usize {
    match value / peak * 8.0 {
        height if height > 0.0 => (height.round() as usize).clamp(1, 8),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{Bucket, samples};

    fn seen(buckets: &[(f64, u64)]) -> Latencies {
        let report = samples::report();
        let histogram = buckets.iter().map(|(us, count)| Bucket { us: *us, count: *count }).collect();
        Latencies { histogram, ..report.outcomes[0].all.clone().unwrap() }
    }

    #[test]
    fn latencies_stand_where_they_belong_and_little_is_seen() {
        let scale = Scale::new(10.0, 100_000.0, 61);
        let blocks =
            scale.blocks(&seen(&[(10.0, 1), (1_000.0, 5_000), (1_001.0, 3_000), (100_000.0, 4_000), (f64::NAN, 0)]));
        let drawn: Vec<_> = blocks.chars().enumerate().filter(|(_, block)| *block != ' ').collect();
        assert_eq!(drawn, [(0, '▁'), (30, '█'), (60, '▄')]);
        assert_eq!(scale.axis(), "|10 µs         |100 µs        |1 ms          |10 ms   100 ms|");
    }

    #[test]
    fn labels_never_run_into_each_other_and_stay_inside() {
        for room in 10..=110 {
            let axis = Scale::new(620.0, 2_900.0, room).axis();
            assert!(axis.chars().count() <= room, "{axis:?} in {room}");
            assert!(!axis.contains("s|5") && !axis.contains("s|1"), "{axis:?}");
        }
        assert_eq!(Scale::new(620.0, 2_900.0, 60).axis().matches('|').count(), 4);
    }
}

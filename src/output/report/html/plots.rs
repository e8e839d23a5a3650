//! The plots of a report: how long operations took, what happened when, what the database had to do, and how far behind it was.
//!
//! A subject looks the same in all of them. Each plot says in words what it shows, for whoever reads with their ears.

use std::fmt::Write as _;

use super::super::super::axis::Axis;
use super::super::svg::{Bar, Chart, Series, escaped, sample};
use crate::bench::metric::{Kind, Load, Metric, Unit};
use crate::bench::{Latencies, Outcome, Report, Slice, Subject};

/// The shares of a latency plot, and what is written on its axis.
const SHARES: [(f64, &str); 5] = [(0.5, "50"), (0.9, "90"), (0.99, "99"), (0.999, "99.9"), (0.9999, "99.99")];
/// How many markers a line over time has.
const MARKERS: usize = 6;

/// Writes the plots that have something to show.
pub(super) fn plots(page: &mut String, report: &Report) {
    if report.outcomes.is_empty() {
        return;
    }
    page.push_str("<section>\n<h2>Plots</h2>\n<div class=\"plots\">\n");
    latencies(page, report, "reads", "Latency of reads", Kind::Reads);
    latencies(page, report, "updates", "Latency of updates, until the acknowledgement", Kind::Updates);
    let all: Vec<_> = report.outcomes.iter().collect();
    let behind: Vec<_> = report.outcomes.iter().filter(|outcome| outcome.lag.is_some()).collect();
    over_time(page, &all, ("throughput", "Throughput over time", "operations/s"), |slice, seconds| {
        slice.operations as f64 / seconds
    });
    hit_rates(page, report);
    database(page, report);
    latencies(page, report, "lag", "Lag: from an acknowledgement until the database has the update", Kind::Lag);
    over_time(page, &behind, ("waiting", "Updates that wait in the queue", "updates"), |slice, _| slice.waiting as f64);
    page.push_str("</div>\n</section>\n");
}

/// The place of a subject among all that there are: its colour, its dash and its marker.
fn style(subject: Subject) -> usize {
    Subject::all().iter().position(|other| *other == subject).unwrap_or(0)
}

/// How far out a share is: one more for each nine.
fn nines(share: f64) -> f64 {
    -(1.0 - share).log10()
}

fn latencies(page: &mut String, report: &Report, id: &str, title: &str, kind: Kind) {
    let seen: Vec<_> = report.outcomes.iter().filter_map(|outcome| Some((outcome, kind.of(outcome)?))).collect();
    let series: Vec<_> = seen
        .iter()
        .map(|(outcome, latencies)| Series {
            style: style(outcome.subject),
            points: percentiles(latencies),
            marked_every: 1,
        })
        .collect();
    let all = || series.iter().flat_map(|series| series.points.iter().map(|(_, us)| *us));
    let Some(least) = all().reduce(f64::min) else { return };
    let most = all().fold(least, f64::max);
    let ticks = SHARES.map(|(share, label)| (nines(share), label.to_owned())).to_vec();
    let x = Axis::with_ticks("% of them took no longer than this", nines(0.45), nines(0.99995), ticks);
    let y = Axis::logarithmic("took", least, most, |us| Unit::Microseconds.show(us));
    let words = each(&seen, |latencies| {
        let [half, most] = [latencies.p50_us, latencies.p99_us].map(|us| Unit::Microseconds.show(us));
        format!("half within {half}, 99 of 100 within {most}")
    });
    let chart = Chart { id, title, description: &words }.lines(&x, &y, &series);
    figure(
        page,
        title,
        "Both axes are logarithmic: each nine has as much room as the last.",
        &legend(seen.iter().map(|(outcome, _)| *outcome)),
        &chart,
    );
}

/// The latency at each share of which there are enough latencies beyond.
fn percentiles(seen: &Latencies) -> Vec<(f64, f64)> {
    let shares = SHARES.iter().map(|(share, _)| *share);
    let told = shares.filter(|share| seen.count as f64 * (1.0 - share) >= 0.999);
    told.filter_map(|share| Some((nines(share), quantile(seen, share)?))).filter(|(_, us)| *us > 0.0).collect()
}

fn quantile(seen: &Latencies, share: f64) -> Option<f64> {
    let all: u64 = seen.histogram.iter().map(|bucket| bucket.count).sum();
    let rank = (all as f64 * share).ceil() as u64;
    let mut below = 0;
    let bucket = seen.histogram.iter().find(|bucket| {
        below += bucket.count;
        below >= rank
    });
    bucket.map(|bucket| bucket.us.min(seen.max_us))
}

fn over_time(
    page: &mut String,
    outcomes: &[&Outcome],
    (id, title, unit): (&str, &str, &str),
    value: impl Fn(&Slice, f64) -> f64,
) {
    let series = outcomes.iter().map(|outcome| {
        let seconds = outcome.timeline.slice_s;
        let slices = outcome.timeline.slices.iter().enumerate();
        let points = slices.map(|(index, slice)| ((index as f64 + 1.0) * seconds, value(slice, seconds)));
        let points: Vec<_> = points.filter(|(at, value)| at.is_finite() && value.is_finite()).collect();
        let marked_every = points.len().div_ceil(MARKERS);
        Series { style: style(outcome.subject), points, marked_every }
    });
    let series: Vec<_> = series.collect();
    let all = || series.iter().flat_map(|series| series.points.iter().copied());
    if all().next().is_none() {
        return;
    }
    let (end, most) = all().fold((0.0, 0.0), |(end, most), (at, value)| (f64::max(end, at), f64::max(most, value)));
    let x = Axis::linear("seconds, round after round", 0.0, end, |seconds| Unit::PerSecond.show(*seconds));
    let y = Axis::linear(unit, 0.0, most, |value| Unit::PerSecond.show(*value));
    let words = outcomes.iter().zip(&series).map(|(outcome, series)| {
        let values = || series.points.iter().map(|(_, value)| *value);
        let (least, most) = (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max));
        let [least, most] = [least, most].map(|value| Unit::PerSecond.show(value));
        format!("{}: from {least} to {most} {unit}", outcome.subject.name())
    });
    let words = words.collect::<Vec<_>>().join("; ");
    let chart = Chart { id, title, description: &words }.lines(&x, &y, &series);
    figure(page, title, "", &legend(outcomes.iter().copied()), &chart);
}

fn hit_rates(page: &mut String, report: &Report) {
    let seen = report.outcomes.iter().filter_map(|outcome| Some((outcome, Metric::HitRate.value(outcome)?)));
    let seen: Vec<_> = seen.collect();
    if seen.is_empty() {
        return;
    }
    let bars = seen.iter().map(|(outcome, rate)| Bar {
        style: style(outcome.subject),
        name: outcome.subject.name().to_owned(),
        parts: vec![*rate],
        figure: Unit::Share.show(*rate),
    });
    let words = seen.iter().map(|(outcome, rate)| format!("{}: {}", outcome.subject.name(), Unit::Share.show(*rate)));
    let (title, words) = ("Hit rate", words.collect::<Vec<_>>().join("; "));
    let chart = Chart { id: "hits", title, description: &words }.bars(1.0, &bars.collect::<Vec<_>>());
    figure(page, title, "Reads that were answered without the database; a full bar is 100 %.", "", &chart);
}

fn database(page: &mut String, report: &Report) {
    let load = |outcome: &Outcome| {
        let [reads, writes] = [Load::DatabaseReads, Load::DatabaseWrites].map(|load| Metric::Load(load).value(outcome));
        reads.zip(writes)
    };
    let seen: Vec<_> = report.outcomes.iter().filter_map(|outcome| Some((outcome, load(outcome)?))).collect();
    let most = seen.iter().map(|(_, (reads, writes))| reads + writes).fold(0.0, f64::max);
    if seen.is_empty() {
        return;
    }
    let shown = |reads, writes| [reads, writes].map(|load| Unit::PerOperation.show(load)).join(" + ");
    let bars = seen.iter().map(|(outcome, (reads, writes))| Bar {
        style: style(outcome.subject),
        name: outcome.subject.name().to_owned(),
        parts: vec![*reads, *writes],
        figure: shown(*reads, *writes),
    });
    let words = each(&seen, |(reads, writes)| {
        let [reads, writes] = [reads, writes].map(|load| Unit::PerOperation.show(*load));
        format!("{reads} reads and {writes} transactions")
    });
    let title = "Database load for each operation";
    let chart = Chart { id: "load", title, description: &words }.bars(most, &bars.collect::<Vec<_>>());
    figure(page, title, "Solid: reads. Hatched: transactions that change something.", "", &chart);
}

fn each<T>(seen: &[(&Outcome, T)], tell: impl Fn(&T) -> String) -> String {
    let words = seen.iter().map(|(outcome, seen)| format!("{}: {}", outcome.subject.name(), tell(seen)));
    words.collect::<Vec<_>>().join("; ")
}

fn legend<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> String {
    let entry = |outcome: &Outcome| format!("<li>{}{}</li>", sample(style(outcome.subject)), outcome.subject.name());
    format!("<ul class=\"legend\">{}</ul>\n", outcomes.map(entry).collect::<String>())
}

fn figure(page: &mut String, title: &str, note: &str, legend: &str, chart: &str) {
    let note = if note.is_empty() { String::new() } else { format!("<span class=\"note\">{}</span>", escaped(note)) };
    _ = writeln!(page, "<figure>\n<figcaption>{}{note}</figcaption>\n{legend}{chart}\n</figure>", escaped(title));
}

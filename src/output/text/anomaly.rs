//! An anomaly: the list of them, a run with its diagram, and what both runs teach.
//!
//! The naive run and the protected one are drawn alike, one below the other, so that the difference is what happened.

use super::super::page::{Page, Span, Tone, dim, plain};
use super::super::quantity::count;
use super::{diagram, plot};
use crate::demo::{AnomaliesSeen, Diagram, Lesson, Level, Plot};

/// How high the plots reached that were drawn so far: the next of the same anomaly and title has the same scale at least.
#[derive(Default)]
pub(super) struct Scales(Vec<(&'static str, String, f64)>);

impl Scales {
    fn top(&mut self, anomaly: &'static str, seen: &Plot) -> f64 {
        let highest = plot::highest(seen);
        match self.0.iter_mut().find(|(name, title, _)| *name == anomaly && *title == seen.title) {
            Some((.., top)) => {
                *top = top.max(highest);
                *top
            }
            None => {
                self.0.push((anomaly, seen.title.clone(), highest));
                highest
            }
        }
    }
}

/// The anomalies that there are.
pub(super) fn list(page: &mut Page, seen: &AnomaliesSeen) {
    for anomaly in &seen.anomalies {
        page.line(0, &[Span::new(Tone::Strong, anomaly.name), dim(" · "), plain(anomaly.title)]);
        page.line(2, &[dim(anomaly.wrong)]);
    }
}

/// One run.
pub(super) fn run(page: &mut Page, seen: &Diagram, scales: &mut Scales) {
    page.blank();
    // A variant shows another remedy than what the patterns do.
    let title = match seen.variant {
        Some(variant) => format!("{} ({variant}), {}: another remedy", seen.anomaly, seen.protocol.name()),
        None => format!("{}, {}: {}", seen.anomaly, seen.protocol.name(), seen.protocol.describe()),
    };
    page.line(0, &[Span::new(Tone::Strong, title)]);
    page.rule('-');
    diagram::diagram(page, seen);
    if !seen.moments.is_empty() {
        page.blank();
    }
    for plot in &seen.plots {
        let top = scales.top(seen.anomaly, plot);
        plot::plot(page, plot, top);
        page.blank();
    }
    for figure in &seen.figures {
        page.marked(3, Level::Plain, &[plain(format!("{}: ", figure.what)), plain(count(figure.count))]);
    }
    let level = if seen.went_wrong { Level::Bad } else { Level::Good };
    page.marked(0, level, &[plain(&seen.finding)]);
}

/// What both runs teach.
pub(super) fn lesson(page: &mut Page, seen: &Lesson) {
    page.blank();
    page.line(0, &[Span::new(Tone::Strong, format!("LESSON: {}", seen.anomaly))]);
    page.rule('-');
    page.marked(0, Level::Plain, &[plain(format!("What went wrong: {}", seen.wrong))]);
    page.marked(0, Level::Plain, &[plain(format!("What removes it: {}", seen.remedy))]);
    page.marked(0, Level::Plain, &[plain(format!("Source: {}", seen.source.title))]);
    page.line(2, &[plain(seen.source.url)]);
    let (level, sentence) = match (seen.naive_went_wrong, seen.protected_held) {
        (true, true) => (Level::Good, "The naive run went wrong, and the protected one held"),
        (false, true) => (Level::Warning, "The naive run did not go wrong this time, and the protected one held"),
        (true, false) => (Level::Bad, "The naive run went wrong, and so did the protected one"),
        (false, false) => (Level::Bad, "The naive run did not go wrong this time, but the protected one did"),
    };
    page.marked(0, level, &[plain(sentence)]);
}

//! When it would turn: at which share of reads another subject would be the fastest.
//!
//! A subject's mean time for an operation is a straight line over the share of reads x, from its mean update at none to its
//! mean read at all: x·read + (1−x)·update. Where two lines cross, it turns. That is an estimate: with another mix come other
//! hit rates and other queues.

use super::super::metric::{Kind, Metric, Statistic, Unit};
use super::super::noise::{self, Evidence};
use super::super::report::{Outcome, Report};

const ESTIMATE: &str =
    "An estimate from mean latencies, as long as hit rates and waiting stay what they were with this mix.";

/// The means of one subject.
#[derive(Clone, Copy)]
struct Line<'a> {
    outcome: &'a Outcome,
    read: f64,
    update: f64,
}

impl Line<'_> {
    fn at(&self, reads: f64) -> f64 {
        reads * self.read + (1.0 - reads) * self.update
    }

    fn name(&self) -> &'static str {
        super::called(self.outcome)
    }

    /// The share of reads at which both take the same time.
    fn crossing(&self, other: &Self) -> Option<f64> {
        let (updates, reads) = (self.update - other.update, self.read - other.read);
        Some(updates / (updates - reads)).filter(|share| *share > 0.0 && *share < 1.0)
    }
}

/// When it would turn, where there is something to turn.
pub(super) fn turn(report: &Report, sound: &[&Outcome]) -> Option<String> {
    if sound.len() < 2 {
        return None;
    }
    let mean = |outcome, kind: Kind| kind.of(outcome).map(|seen| seen.mean_us).filter(|mean| mean.is_finite());
    let line =
        |outcome| Some(Line { outcome, read: mean(outcome, Kind::Reads)?, update: mean(outcome, Kind::Updates)? });
    let lines: Vec<Line<'_>> = sound.iter().filter_map(|outcome| line(outcome)).collect();
    if lines.len() < 2 {
        let missing = if sound.iter().all(|outcome| outcome.updates.is_none()) { "updates" } else { "reads" };
        return Some(format!(
            "When it would turn cannot be told from this mix: it has no {missing}, whose cost would decide."
        ));
    }
    let mix = &report.configuration.mix;
    // A read with an update is told among the reads and among the updates.
    let reads = (mix.reads + mix.read_modify_writes) / (mix.reads + mix.updates + 2.0 * mix.read_modify_writes);
    let first = lines.iter().copied().min_by(|one, other| one.at(reads).total_cmp(&other.at(reads)))?;
    let crossings = || lines.iter().filter_map(|other| Some((first.crossing(other)?, other)));
    let above = crossings().filter(|(share, other)| *share > reads && is_faster(other, &first, Kind::Reads));
    let below = crossings().filter(|(share, other)| *share < reads && is_faster(other, &first, Kind::Updates));
    let above = above.min_by(|(one, _), (other, _)| one.total_cmp(other));
    let below = below.max_by(|(one, _), (other, _)| one.total_cmp(other));
    let shown = |share: f64| Unit::Share.show(share);
    let name = first.name();
    let turns: Vec<_> = [
        above.map(|(share, other)| format!("{} above {} reads", other.name(), shown(share))),
        below.map(|(share, other)| format!("{} below {} reads", other.name(), shown(share))),
    ]
    .into_iter()
    .flatten()
    .collect();
    let turns = turns.join(", by ");
    let sentence = match (super::are_alike(report, sound), turns.is_empty()) {
        (false, true) => format!("By their mean latencies, {name} would be ahead with every share of reads."),
        (false, false) => {
            format!("By their mean latencies, {name} is ahead here, and would be overtaken by {turns}.")
        }
        (true, true) => {
            "By their mean latencies, no other share of reads would make one of them the fastest.".to_owned()
        }
        (true, false) => {
            format!(
                "By their mean latencies, another share of reads would tell them apart: {name} would be overtaken by {turns}."
            )
        }
    };
    Some(format!("{sentence} {ESTIMATE}"))
}

/// Whether one is faster than another by more than noise, as far as that can be told.
fn is_faster(one: &Line<'_>, other: &Line<'_>, kind: Kind) -> bool {
    let metric = Metric::Latency(kind, Statistic::Mean);
    !matches!(noise::test(&metric.rounds(one.outcome), &metric.rounds(other.outcome)), Evidence::Noise(_))
}

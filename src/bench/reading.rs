//! What the figures of a report say, in plain sentences: which is fastest for this mix, what it costs, what it risks, and when
//! that would turn.
//!
//! Nothing is said here that was not measured. A lead counts only where it is more than the noise between rounds.

mod turn;

use super::metric::{Kind, Load, Metric, Statistic, Unit, failed, is_sound};
use super::noise::{self, Evidence};
use super::report::{Outcome, Report};
use super::subject::Subject;
use crate::pattern::{PatternKind, Protocol};
use crate::quantity::{count, counted, significant};

/// Fewer latencies than this have no p99.9 that is not their longest.
const FEW: u64 = 1_000;
/// Who ends less than this part of the rate that was given does not keep up with it.
const KEPT_UP: f64 = 0.95;

/// What the figures say, a sentence or two each.
#[must_use]
pub fn read(report: &Report) -> Vec<String> {
    let mut said = caveats(report);
    let sound: Vec<&Outcome> = report.outcomes.iter().filter(|outcome| is_sound(outcome)).collect();
    said.extend(fastest(report, &sound));
    said.extend(report.outcomes.iter().filter_map(|outcome| behind_the_rate(report, outcome)));
    said.extend(costs(&sound));
    said.extend(report.outcomes.iter().filter_map(degraded));
    said.extend(unrefreshed(report));
    said.extend(risks(report));
    said.extend(report.outcomes.iter().filter_map(failures));
    said.extend(turn::turn(report, &sound));
    said
}

fn caveats(report: &Report) -> Vec<String> {
    let mut said = Vec::new();
    let asked = &report.configuration;
    if !asked.faults.is_empty() {
        let faults = asked.faults.join(", ");
        said.push(format!("Something goes wrong on purpose here ({faults}): every figure is simulated."));
    }
    if !report.complete {
        let is_missing = |subject: &&Subject| !report.outcomes.iter().any(|seen| seen.subject == **subject);
        let missing: Vec<_> = asked.subjects.iter().filter(is_missing).map(|subject| subject.name()).collect();
        let missing = match missing.len() {
            0 => String::new(),
            _ => format!(" Not measured: {}.", missing.join(", ")),
        };
        said.push(format!("It was ended before its time: what is here is of the time until then.{missing}"));
    }
    let few = |kind: Kind| report.outcomes.iter().filter_map(|outcome| kind.of(outcome)).map(|seen| seen.count).min();
    if let Some(fewest) = few(Kind::All).filter(|fewest| *fewest < FEW) {
        said.push(format!("There were only {} of one: p99.9 is its longest.", counted(fewest, "operation")));
    }
    said
}

/// The metric by which the fastest is found. Where the rate is given, all have the same throughput.
fn by(report: &Report) -> Metric {
    match report.configuration.rate {
        Some(_) => Metric::Latency(Kind::All, Statistic::P99),
        None => Metric::Throughput,
    }
}

/// The sound outcomes, best first.
fn ranked<'a>(report: &Report, sound: &[&'a Outcome]) -> Vec<(&'a Outcome, f64)> {
    let metric = by(report);
    let figures = sound.iter().filter_map(|outcome| Some((*outcome, metric.value(outcome)?)));
    let mut ranked: Vec<_> = figures.filter(|(_, figure)| figure.is_finite()).collect();
    ranked.sort_by(|(_, one), (_, other)| one.total_cmp(other));
    if metric.more_is_better() {
        ranked.reverse();
    }
    ranked
}

fn fastest(report: &Report, sound: &[&Outcome]) -> Option<String> {
    let metric = by(report);
    let shown = |figure: f64| match metric {
        Metric::Throughput => format!("{} operations/s", Unit::PerSecond.show(figure)),
        _ => format!("99 of 100 operations that ended within {}", metric.unit().show(figure)),
    };
    let ranked = ranked(report, sound);
    let ((first, best), rivals) = match ranked.split_first() {
        Some((first, rivals)) => (*first, rivals),
        None if report.outcomes.is_empty() => return Some("Nothing was measured.".to_owned()),
        None => {
            return Some(
                "More than one operation in a hundred failed with each of them: no subject is the fastest.".to_owned(),
            );
        }
    };
    let name = called(first);
    let Some(second) = rivals.first() else {
        let others = if report.outcomes.len() > 1 { "the others failed" } else { "nothing else was measured" };
        return Some(format!("{name} did {}; {others}, so that there is nothing to hold it against.", shown(best)));
    };
    let evidence = |rival: &Outcome| noise::test(&metric.rounds(first), &metric.rounds(rival));
    let alike = rivals.iter().filter(|(rival, _)| matches!(evidence(rival), Evidence::Noise(_)));
    let alike: Vec<_> = alike.map(|(rival, figure)| format!("{} ({})", called(rival), shown(*figure))).collect();
    Some(match evidence(second.0) {
        Evidence::Noise(_) => format!(
            "No subject is the fastest for this mix by more than the noise between rounds: {name} did {}, beside {}.",
            shown(best),
            alike.join(", ")
        ),
        Evidence::Difference(_) => format!(
            "{name} is the fastest for this mix: {}, {}. That is more than the noise between rounds.",
            shown(best),
            lead(metric, best, *second)
        ),
        Evidence::TooFewRounds => format!(
            "{name} came out ahead for this mix: {}, {}. Whether that is more than noise cannot be told from {}: it takes four of each.",
            shown(best),
            lead(metric, best, *second),
            counted(first.rounds.len() as u64, "round"),
        ),
    })
}

/// Whether the best two differ by no more than noise.
fn are_alike(report: &Report, sound: &[&Outcome]) -> bool {
    let metric = by(report);
    match ranked(report, sound)[..] {
        [(first, _), (second, _), ..] => {
            matches!(noise::test(&metric.rounds(first), &metric.rounds(second)), Evidence::Noise(_))
        }
        _ => false,
    }
}

/// By how much the best leads the next, as a clause.
fn lead(metric: Metric, best: f64, (next, figure): (&Outcome, f64)) -> String {
    let next = called(next);
    let ratio = if metric.more_is_better() { best / figure } else { figure / best };
    let shown = match ratio {
        ratio if !ratio.is_finite() => return format!("ahead of {next}"),
        ratio if ratio < 1.95 => format!("{:.1} %", (ratio - 1.0) * 100.0),
        ratio => format!("{} times", significant(ratio)),
    };
    match (metric.more_is_better(), ratio < 1.95) {
        (true, true) => format!("{shown} more than {next}, which is next"),
        (true, false) => format!("{shown} as many as {next}, which is next"),
        (false, true) => format!("where {next}, which is next, takes {shown} longer"),
        (false, false) => format!("where {next}, which is next, takes {shown} as long"),
    }
}

/// What a subject is called in a sentence.
fn called(outcome: &Outcome) -> &'static str {
    match outcome.subject {
        Subject::None => "the database alone",
        Subject::Pattern(kind) => kind.name(),
    }
}

/// Who is slower than the rate falls back further the longer it goes on.
fn behind_the_rate(report: &Report, outcome: &Outcome) -> Option<String> {
    let rate = report.configuration.rate.filter(|rate| outcome.throughput < rate * KEPT_UP)?;
    let [ended, asked] = [outcome.throughput, rate].map(|rate| Unit::PerSecond.show(rate));
    let name = called(outcome);
    Some(format!(
        "{name} did not keep up: it ended {ended} of {asked} operations/s, and its latencies grow with the duration."
    ))
}

fn costs(sound: &[&Outcome]) -> Vec<String> {
    let load = |outcome: &Outcome, load| Metric::Load(load).value(outcome).unwrap_or(0.0) * 100.0;
    let hundred = |outcome: &&Outcome| {
        let [reads, writes] = [Load::DatabaseReads, Load::DatabaseWrites].map(|kind| significant(load(outcome, kind)));
        format!("{} {reads} and {writes}", called(outcome))
    };
    let mut said = Vec::new();
    if !sound.is_empty() {
        let each: Vec<_> = sound.iter().map(hundred).collect();
        said.push(format!("What 100 operations cost the database, in reads and in transactions: {}.", each.join("; ")));
    }
    let lags = sound.iter().filter_map(|outcome| Some((called(outcome), outcome.lag.as_ref()?)));
    said.extend(lags.map(|(name, lag)| {
        let drained = Unit::Microseconds.show(lag.drained_after_s * 1e6);
        let most = counted(lag.longest_queue, "update");
        format!("{name} puts work off: {most} waited at most, and after the last operation it took {drained} until none did.")
    }));
    said
}

fn risks(report: &Report) -> Vec<String> {
    let shown = |us: f64| Unit::Microseconds.show(us);
    let mut said: Vec<String> = report.outcomes.iter().filter_map(staleness).collect();
    let reads: u64 = report.outcomes.iter().filter_map(|outcome| outcome.reads.as_ref()).map(|seen| seen.count).sum();
    let writes = report.outcomes.iter().any(|outcome| outcome.updates.is_some());
    if said.is_empty() && reads > 0 && writes {
        said.push(format!(
            "None of {} was older than an update that was acknowledged before it.",
            counted(reads, "read")
        ));
        if report.configuration.protocol == Protocol::Naive {
            said.push(
                "That is luck: nothing keeps the textbook protocol from it (`cachedemo anomaly list`).".to_owned(),
            );
        }
    }
    for (name, lag) in report.outcomes.iter().filter_map(|outcome| Some((called(outcome), outcome.lag.as_ref()?))) {
        let Some(until) = &lag.until_durable else { continue };
        said.push(format!(
            "What {name} acknowledges is in the queue alone at first: half of it reached the database within {}, 99 of 100 within {}. \
             Until then, who reads the database itself sees an older state, and a queue that is lost takes it along.",
            shown(until.p50_us),
            shown(until.p99_us),
        ));
    }
    for variant in report.configuration.variants.iter().filter(|variant| variant.contains("pure")) {
        let ttl = shown(report.configuration.ttl_s * 1e6);
        said.push(format!(
            "{variant}: an update leaves the old entry in the cache, which is read until its TTL of {ttl} ends."
        ));
    }
    said
}

fn staleness(outcome: &Outcome) -> Option<String> {
    let stale = outcome.stale;
    let reads = outcome.reads.as_ref().map_or(0, |seen| seen.count).max(stale.reads);
    let share = Unit::Share.show(stale.reads as f64 / reads as f64);
    let shown = |us: Option<f64>| us.map_or_else(|| "?".to_owned(), |us| Unit::Microseconds.show(us));
    (stale.reads > 0).then(|| {
        format!(
            "{} gave {} of {} ({share}): what they missed was acknowledged {} before (median), and up to {}.",
            called(outcome),
            counted(stale.reads, "stale read"),
            count(reads),
            shown(stale.median_age_us),
            shown(stale.greatest_age_us)
        )
    })
}

/// Reads that the cache did not answer are no failures, and are slow.
fn degraded(outcome: &Outcome) -> Option<String> {
    let lookups = outcome.lookups.filter(|lookups| lookups.degraded > 0)?;
    let share = Unit::Share.show(lookups.degraded as f64 / lookups.total() as f64);
    Some(format!(
        "{}: the cache did not answer {} of {} ({share}), which went to the database.",
        called(outcome),
        count(lookups.degraded),
        counted(lookups.total(), "read")
    ))
}

/// An entry that lives for an hour does not come near its end in a bench of seconds.
fn unrefreshed(report: &Report) -> Option<String> {
    let asked = &report.configuration;
    let ahead = |outcome: &&Outcome| outcome.subject == Subject::Pattern(PatternKind::RefreshAhead);
    let outcome = report.outcomes.iter().find(ahead)?;
    let a_round = asked.warmup_s + outcome.measured_s / outcome.rounds.len().max(1) as f64;
    (a_round < asked.ttl_s / 10.0).then(|| {
        format!(
            "No entry comes near the end of its TTL of {} in a round of {}, so refresh-ahead refreshed few or none of them, and is \
             write-through under another name here: CACHE_TTL=2s shows it at work.",
            Unit::Microseconds.show(asked.ttl_s * 1e6),
            Unit::Microseconds.show(a_round * 1e6)
        )
    })
}

fn failures(outcome: &Outcome) -> Option<String> {
    let most = outcome.errors.iter().max_by_key(|failure| failure.count)?;
    let (name, failed, all) = (called(outcome), failed(outcome), counted(outcome.operations, "operation"));
    Some(format!("{name}: {} of {all} failed, most of them so: {}", count(failed), most.what))
}

#[cfg(test)]
mod tests;

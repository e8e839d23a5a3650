//! Two reports, held against each other: what changed, and whether that is more than noise.
//!
//! First comes what makes the figures incomparable: another mix, another machine, another server. Then each figure with its
//! noise, as the rounds of both reports tell it. That is the noise within a run; what differs from day to day is not in it.

use std::path::Path;

use chrono::NaiveDateTime;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::facts::facts;
use super::metric::{Metric, Unit};
use super::noise::{self, Evidence};
use super::report::{FORM, Outcome, Report};
use super::subject::Subject;
use crate::error::{Error, Result};

/// Two reports, compared.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Compared {
    /// The first.
    pub old: Origin,
    /// The second.
    pub new: Origin,
    /// What else is not the same, though figures depend on it.
    pub differences: Vec<Difference>,
    /// What both have measured.
    pub subjects: Vec<SubjectCompared>,
    /// What only the first has measured.
    pub only_old: Vec<Subject>,
    /// What only the second has measured.
    pub only_new: Vec<Subject>,
}

/// Where a report comes from.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Origin {
    /// The version of cachedemo that made it.
    pub version: String,
    /// When, in UTC.
    pub made_at: NaiveDateTime,
}

/// Something that is not the same in both; empty where there is none.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Difference {
    /// What it is, such as `clients`.
    pub what: String,
    /// What it was.
    pub old: String,
    /// What it is now.
    pub new: String,
}

/// The figures of one subject.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct SubjectCompared {
    /// Which.
    pub subject: Subject,
    /// Its figures.
    pub changes: Vec<Change>,
}

/// One figure, then and now.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Change {
    /// Which, such as `reads.p99`.
    pub metric: String,
    /// In what it is counted.
    pub unit: Unit,
    /// What it was.
    pub old: Option<f64>,
    /// What it is now.
    pub new: Option<f64>,
    /// By how much it changed, in hundredths of what it was.
    pub percent: Option<f64>,
    /// What that means.
    pub verdict: Verdict,
    /// How probable such a difference is by chance alone, where rounds tell it.
    pub probability: Option<f64>,
}

/// What a change means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Better, by more than noise.
    Better,
    /// Worse, by more than noise; or a fault that was not there before: a stale read, an error.
    Worse,
    /// No more than noise.
    Noise,
    /// There are too few rounds to tell.
    TooFewRounds,
    /// Rounds do not tell this figure: its noise is not known.
    NoiseUnknown,
    /// Exactly as it was.
    Same,
}

/// Reads a report that was exported as JSON.
///
/// # Errors
/// [`Error::Usage`] where there is none that we can read.
pub fn load(path: &Path) -> Result<Report> {
    let shown = path.display();
    let hint = "name two files that `cachedemo bench --export FILE.json` has written";
    let wrong = |why: String| Error::usage(format!("{shown} {why}"), hint);
    let text = std::fs::read(path).map_err(|cause| wrong(format!("cannot be read: {cause}")))?;
    let value: Value = serde_json::from_slice(&text).map_err(|cause| wrong(format!("is no report: {cause}")))?;
    match value.get("form").and_then(Value::as_u64) {
        None => return Err(wrong("is no report of a bench: it has no form".to_owned())),
        Some(form) if form != u64::from(FORM) => {
            let made = value.get("version").and_then(Value::as_str).unwrap_or("another version").to_owned();
            let message = format!("{shown} is a report of form {form}, and this version reads form {FORM}");
            return Err(Error::usage(
                message,
                format!("compare it with the cachedemo that made it ({made}), or make it anew"),
            ));
        }
        Some(_) => {}
    }
    serde_json::from_value(value).map_err(|cause| wrong(format!("is no whole report: {cause}")))
}

/// Holds two reports against each other.
#[must_use]
pub fn compare(old: &Report, new: &Report) -> Compared {
    let find = |report: &Report, subject: Subject| -> Option<Outcome> {
        report.outcomes.iter().find(|outcome| outcome.subject == subject).cloned()
    };
    let only = |one: &Report, other: &Report| {
        let subjects = one.outcomes.iter().map(|outcome| outcome.subject);
        subjects.filter(|subject| find(other, *subject).is_none()).collect::<Vec<_>>()
    };
    let subjects = old.outcomes.iter().filter_map(|was| {
        let is = find(new, was.subject)?;
        let changes = Metric::all().into_iter().filter_map(|metric| change(metric, was, &is)).collect();
        Some(SubjectCompared { subject: was.subject, changes })
    });
    Compared {
        old: origin(old),
        new: origin(new),
        differences: differences(old, new),
        subjects: subjects.collect(),
        only_old: only(old, new),
        only_new: only(new, old),
    }
}

fn origin(report: &Report) -> Origin {
    Origin { version: report.version.clone(), made_at: report.made_at }
}

fn differences(old: &Report, new: &Report) -> Vec<Difference> {
    // Which subjects there are and which version made it is told in places of their own.
    let is_told = |name: &str| ["subjects", "cachedemo"].contains(&name);
    let both = facts(old).into_iter().zip(facts(new));
    let other = both.filter(|(was, is)| was.value != is.value && !is_told(was.name));
    other.map(|(was, is)| Difference { what: was.name.to_owned(), old: was.value, new: is.value }).collect()
}

fn change(metric: Metric, was: &Outcome, is: &Outcome) -> Option<Change> {
    let finite = |outcome| metric.value(outcome).filter(|figure| figure.is_finite());
    let (old, new) = (finite(was), finite(is));
    if old.is_none() && new.is_none() {
        return None;
    }
    let percent = old.zip(new).filter(|(old, _)| *old != 0.0).map(|(old, new)| (new - old) / old * 100.0);
    let (verdict, probability) = judge(metric, (was, old), (is, new));
    Some(Change { metric: metric.to_string(), unit: metric.unit(), old, new, percent, verdict, probability })
}

fn judge(
    metric: Metric,
    (was, old): (&Outcome, Option<f64>),
    (is, new): (&Outcome, Option<f64>),
) -> (Verdict, Option<f64>) {
    let (before, after) = (metric.rounds(was), metric.rounds(is));
    let (Some(old), Some(new)) = (old, new) else { return (Verdict::NoiseUnknown, None) };
    if before.is_empty() || after.is_empty() {
        // What never happened before needs no statistics.
        let is_fault = matches!(metric, Metric::Stale | Metric::Errors);
        return match () {
            () if old == new => (Verdict::Same, None),
            () if is_fault && old == 0.0 => (Verdict::Worse, None),
            () => (Verdict::NoiseUnknown, None),
        };
    }
    match noise::test(&before, &after) {
        Evidence::TooFewRounds => (Verdict::TooFewRounds, None),
        Evidence::Noise(probability) => (Verdict::Noise, Some(probability)),
        Evidence::Difference(probability) => {
            let (rounds, whole) = ((median(&after), median(&before)), (new, old));
            let is_better = |(one, other)| metric.is_better(one, other);
            let is_worse = |(one, other)| metric.is_better(other, one);
            let verdict = match () {
                () if is_better(rounds) && is_better(whole) => Verdict::Better,
                () if is_worse(rounds) && is_worse(whole) => Verdict::Worse,
                // The rounds say one thing, all of them together another: nothing is said.
                () => Verdict::Noise,
            };
            (verdict, Some(probability))
        }
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}

#[cfg(test)]
mod tests;

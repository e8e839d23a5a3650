//! Limits that a report is held against: `--fail-if 'write-through.p99 > 5ms'`.
//!
//! ```text
//!   [SUBJECT.]METRIC OP VALUE      a limit is broken where this is so
//!   updates.p99 >= 300us           without a subject: of everything that is measured
//!   cache-aside.hit-rate < 95%     with one: of that alone
//! ```
//!
//! A limit is only held by a figure. What was not measured, or has no figure, breaks it too: a check in CI that silently looks at
//! nothing is worse than none.

mod parse;

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

use super::metric::Metric;
use super::report::{Outcome, Report};
use super::subject::Subject;
use crate::error::{Error, Result};
use crate::quantity::counted;

/// What must not be.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// As it was typed.
    text: String,
    /// Of which subject; `None`: of each.
    subject: Option<Subject>,
    metric: Metric,
    operator: Operator,
    /// In the unit of the metric.
    value: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    More,
    AtLeast,
    Less,
    AtMost,
    Equal,
    NotEqual,
}

/// What came of holding a report against limits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
pub struct Checked {
    /// The limits that were held, as they were typed.
    pub held: Vec<String>,
    /// How limits were broken: one of them for each subject that broke it.
    pub broken: Vec<Broken>,
}

/// A limit that was broken.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Broken {
    /// As it was typed.
    pub limit: String,
    /// By which subject; `None`: by the absence of any.
    pub subject: Option<Subject>,
    /// The figure, in the unit of the metric, where there is one.
    pub figure: Option<f64>,
    /// Why, a fragment such as `it was 7.21 ms`.
    pub reason: String,
}

impl Limit {
    /// Whether there can be a figure for it where these subjects are measured.
    ///
    /// # Errors
    /// Why there can be none.
    pub fn expect_of(&self, measured: &[Subject]) -> Result<()> {
        let names = |subjects: &[Subject]| subjects.iter().map(|subject| subject.name()).collect::<Vec<_>>().join(", ");
        let wrong = |why: String| {
            Err(Error::usage(format!("--fail-if '{self}': {why}"), format!("measured: {}", names(measured))))
        };
        let is_able = |subject: &&Subject| self.metric.is_of(**subject);
        match self.subject {
            Some(subject) if !self.metric.is_of(subject) => wrong(format!("{} has no {}", subject.name(), self.metric)),
            Some(subject) if !measured.contains(&subject) => {
                wrong(format!("{} is not measured: add it to --patterns, or leave the limit out", subject.name()))
            }
            None if !measured.iter().any(|subject| is_able(&subject)) => {
                let able: Vec<_> = Subject::all().iter().filter(is_able).copied().collect();
                wrong(format!("nothing that is measured has a {}: only {}", self.metric, names(&able)))
            }
            _ => Ok(()),
        }
    }

    fn breaks(&self, report: &Report) -> Vec<Broken> {
        let broken = |subject, (figure, reason)| Broken { limit: self.text.clone(), subject, figure, reason };
        let subjects = match self.subject {
            Some(subject) => vec![subject],
            None => {
                let able = report.configuration.subjects.iter().copied().filter(|subject| self.metric.is_of(*subject));
                able.collect()
            }
        };
        if subjects.is_empty() {
            let reason = format!("nothing that is measured has a figure for {}", self.metric);
            return vec![broken(None, (None, reason))];
        }
        let look = |subject| Some(broken(Some(subject), self.break_by(subject, report)?));
        subjects.into_iter().filter_map(look).collect()
    }

    fn break_by(&self, subject: Subject, report: &Report) -> Option<(Option<f64>, String)> {
        let Some(outcome) = report.outcomes.iter().find(|outcome| outcome.subject == subject) else {
            let why = if report.complete { "" } else { ": the bench was interrupted before" };
            return Some((None, format!("it was not measured{why}")));
        };
        match self.metric.value(outcome) {
            None => Some((None, format!("there is no figure for {}: {}", self.metric, why_none(self.metric, outcome)))),
            Some(figure) if !figure.is_finite() => Some((None, format!("{} is no number", self.metric))),
            Some(figure) => {
                let shown = self.metric.unit().show(figure);
                self.operator.holds(figure, self.value).then(|| (Some(figure), format!("it was {shown}")))
            }
        }
    }
}

fn why_none(metric: Metric, outcome: &Outcome) -> &'static str {
    match () {
        () if !metric.is_of(outcome.subject) => "such a subject has none",
        () if outcome.operations == 0 => "there were no operations",
        () => "there was nothing of that kind, or all of it failed",
    }
}

impl Operator {
    fn holds(self, figure: f64, value: f64) -> bool {
        match self {
            Self::More => figure > value,
            Self::AtLeast => figure >= value,
            Self::Less => figure < value,
            Self::AtMost => figure <= value,
            Self::Equal => figure == value,
            Self::NotEqual => figure != value,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.subject {
            Some(subject) => write!(formatter, "{}, by {}: {}", self.limit, subject.name(), self.reason),
            None => write!(formatter, "{}: {}", self.limit, self.reason),
        }
    }
}

/// Holds a report against limits.
#[must_use]
pub fn check(limits: &[Limit], report: &Report) -> Checked {
    let mut checked = Checked::default();
    for limit in limits {
        match limit.breaks(report) {
            breaks if breaks.is_empty() => checked.held.push(limit.text.clone()),
            breaks => checked.broken.extend(breaks),
        }
    }
    checked
}

impl Checked {
    /// Whether no limit was broken.
    ///
    /// # Errors
    /// [`Error::NotHeld`], which ends the program with exit code 1.
    pub fn verdict(&self) -> Result<()> {
        let mut limits: Vec<_> = self.broken.iter().map(|broken| &broken.limit).collect();
        limits.dedup();
        let all = limits.len() + self.held.len();
        match (limits.len(), all) {
            (0, _) => Ok(()),
            (broken, _) => Err(Error::NotHeld {
                message: format!("{} of {} broken", broken, counted(all as u64, "limit")),
                hint: "what broke each is listed above; `--export report.html` shows how it came about".into(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;
    use crate::pattern::PatternKind;

    const THROUGH: Subject = Subject::Pattern(PatternKind::WriteThrough);

    fn checked(limit: &str, report: &Report) -> Checked {
        check(&[limit.parse().unwrap()], report)
    }

    /// A report in which `write-through` has this p99, in microseconds.
    fn report(p99_us: f64) -> Report {
        let mut report = samples::report();
        for outcome in report.outcomes.iter_mut().filter(|outcome| outcome.subject == THROUGH) {
            outcome.all.as_mut().unwrap().p99_us = p99_us;
        }
        report
    }

    #[test]
    fn a_limit_is_broken_where_it_is_so_and_held_elsewhere() {
        for (limit, p99_us, is_broken) in [
            ("write-through.p99 > 5ms", 5_000.1, true),
            ("write-through.p99 > 5ms", 5_000.0, false),
            ("write-through.p99 >= 5ms", 5_000.0, true),
            ("write-through.p99 < 5ms", 4_999.9, true),
            ("write-through.p99 < 5ms", 5_000.0, false),
            ("write-through.p99 <= 5ms", 5_000.0, true),
            ("write-through.p99 == 5ms", 5_000.0, true),
            ("write-through.p99 == 5ms", 5_000.1, false),
            ("write-through.p99 != 5ms", 5_000.1, true),
            ("write-through.p99 != 5ms", 5_000.0, false),
        ] {
            let seen = checked(limit, &report(p99_us));
            assert_eq!(!seen.broken.is_empty(), is_broken, "{limit} at {p99_us}");
            assert_eq!(seen.verdict().is_err(), is_broken);
            assert_eq!(seen.held.len() + seen.broken.len(), 1);
        }
        let seen = checked("write-through.p99 > 5ms", &report(7_210.0));
        assert_eq!(seen.broken[0].to_string(), "write-through.p99 > 5ms, by write-through: it was 7.21 ms");
        assert_eq!(seen.broken[0].figure, Some(7_210.0));
    }

    #[test]
    fn without_a_subject_it_is_about_each() {
        let mut report = samples::report();
        assert_eq!(checked("stale > 0", &report).broken, []);
        for outcome in report.outcomes.iter_mut().skip(1) {
            outcome.stale.reads = 3;
        }
        let subjects: Vec<_> = checked("stale > 0", &report).broken.iter().map(|broken| broken.subject).collect();
        assert_eq!(subjects, report.outcomes[1..].iter().map(|outcome| Some(outcome.subject)).collect::<Vec<_>>());
    }

    #[test]
    fn what_has_no_figure_breaks_a_limit_too() {
        let reason = |limit: &str, report: &Report| {
            let seen = checked(limit, report);
            assert!(seen.held.is_empty() && seen.verdict().is_err(), "{limit}: {seen:?}");
            seen.broken[0].reason.clone()
        };
        let mut report = samples::report();
        report.outcomes.retain(|outcome| outcome.subject != THROUGH);
        assert_eq!(reason("write-through.p99 > 5ms", &report), "it was not measured");
        assert_eq!(reason("p99 > 1h", &report), "it was not measured", "it was asked for");
        report.complete = false;
        assert!(reason("write-through.p99 > 5ms", &report).contains("interrupted"));
        assert!(reason("none.hit-rate < 1%", &report).contains("such a subject has none"));
        report.outcomes[0].updates = None;
        assert!(reason("none.updates.p99 > 1h", &report).contains("nothing of that kind"));
        report.configuration.subjects = vec![Subject::None];
        assert!(reason("lag > 1h", &report).contains("nothing that is measured has a figure for lag.p99"));
        report.configuration.subjects.clear();
        assert!(reason("throughput < 1/s", &report).contains("nothing that is measured"));
    }

    #[test]
    fn what_can_have_no_figure_is_said_before_anything_is_measured() {
        let expect = |limit: &str| limit.parse::<Limit>().unwrap().expect_of(&[Subject::None, THROUGH]);
        for limit in ["p99 > 1s", "write-through.hit-rate < 1%", "none.p99 > 1s", "hit-rate < 1%"] {
            assert!(expect(limit).is_ok(), "{limit}");
        }
        for (limit, why) in [
            ("cache-aside.p99 > 1s", "cache-aside is not measured"),
            ("none.hit-rate < 1%", "none has no hit-rate"),
            ("lag > 1h", "nothing that is measured has a lag.p99: only write-behind"),
        ] {
            let error = expect(limit).unwrap_err();
            assert!(error.to_string().contains(why) && error.to_string().contains(limit), "{error}");
            assert_eq!(error.exit_code(), crate::error::ExitCode::Usage);
        }
    }

    #[test]
    fn a_metric_that_only_some_can_have_is_asked_of_these() {
        assert_eq!(checked("lag > 1h", &samples::report()).held, ["lag > 1h"]);
        assert_eq!(checked("hit-rate < 0.01%", &samples::report()).held, ["hit-rate < 0.01%"]);
    }

    #[test]
    fn what_is_no_number_never_passes() {
        for operator in ["<", "<=", ">", ">=", "==", "!="] {
            for p99_us in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                let seen = checked(&format!("write-through.p99 {operator} 5ms"), &report(p99_us));
                assert_eq!(seen.broken[0].reason, "p99 is no number");
            }
        }
    }

    #[test]
    fn limits_are_counted_once_however_many_break_them() {
        let limits = ["p99 > 0", "throughput < 1/s"].map(|limit| limit.parse().unwrap());
        let seen = check(&limits, &samples::report());
        assert!(seen.broken.len() > 1);
        assert_eq!(seen.verdict().unwrap_err().to_string(), "1 of 2 limits broken");
    }
}

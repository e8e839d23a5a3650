//! How a limit is typed: `[SUBJECT.]METRIC OP VALUE`, such as `write-through.p99 > 5ms`.
//!
//! What is nearly right is answered with what is right: a limit stands in a CI file, far from any manual.

use std::str::FromStr;

use super::super::metric::{Metric, Unit};
use super::super::subject::Subject;
use super::{Limit, Operator};
use crate::spelling::nearest;

const EXAMPLE: &str = "write it like 'write-through.p99 > 5ms', 'throughput < 10000/s' or 'stale > 0'";

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (what, operator, value) = parts(text)?;
        let (subject, metric) = figure(what)?;
        let Some(value) = amount(value, metric.unit()) else {
            return Err(wrong_value(what, operator, value, metric.unit()));
        };
        Ok(Self { text: text.to_owned(), subject, metric, operator: known(operator).ok_or(EXAMPLE)?, value })
    }
}

fn known(operator: &str) -> Option<Operator> {
    Some(match operator {
        ">" => Operator::More,
        ">=" => Operator::AtLeast,
        "<" => Operator::Less,
        "<=" => Operator::AtMost,
        "==" => Operator::Equal,
        "!=" => Operator::NotEqual,
        _ => return None,
    })
}

/// What stands before the operator, the operator, and what stands behind it.
fn parts(text: &str) -> Result<(&str, &str, &str), String> {
    let is_sign = |character: char| "<>=!≤≥≠".contains(character);
    let begin = text.find(is_sign).ok_or_else(|| format!("it does not say when it is broken: {EXAMPLE}"))?;
    let (what, rest) = text.split_at(begin);
    let end = rest.find(|character| !is_sign(character)).unwrap_or(rest.len());
    let (operator, value) = rest.split_at(end);
    let (what, value) = (what.trim(), value.trim());
    if what.is_empty() || value.is_empty() {
        let missing = if what.is_empty() { "of what" } else { "against what" };
        return Err(format!("it does not say {missing}: {EXAMPLE}"));
    }
    if known(operator).is_some() {
        return Ok((what, operator, value));
    }
    let meant = match operator {
        "=" => "==",
        "=>" | "≥" => ">=",
        "=<" | "≤" => "<=",
        "<>" | "≠" | "!" => "!=",
        _ => return Err(format!("{operator:?} is none of > >= < <= == !=")),
    };
    Err(format!("{operator:?} is none of > >= < <= == !=; write it like '{what} {meant} {value}'"))
}

/// The subject, where one is named, and the metric.
fn figure(text: &str) -> Result<(Option<Subject>, Metric), String> {
    let subjects = Subject::all();
    let as_metric = text.parse();
    let Some((first, rest)) = text.split_once('.').filter(|_| as_metric.is_err()) else {
        return as_metric.map(|metric| (None, metric));
    };
    if let Some(subject) = subjects.iter().find(|subject| subject.name() == first) {
        return Ok((Some(*subject), rest.parse()?));
    }
    // `reads.p98` is a metric that is misspelt, `wrte-through.p99` a subject.
    if rest.parse::<Metric>().is_err() || ["reads", "updates", "lag"].contains(&first) {
        return as_metric.map(|metric| (None, metric));
    }
    let names: Vec<_> = subjects.iter().map(|subject| subject.name()).collect();
    let meant = nearest(&first.to_lowercase(), names.iter().copied());
    let meant = meant.map(|name| format!("did you mean {name}.{rest}? ")).unwrap_or_default();
    Err(format!("{first:?} is nothing that is measured: {meant}there are {}", names.join(", ")))
}

/// The value in the unit of its metric. Nothing is nothing in every unit.
fn amount(text: &str, unit: Unit) -> Option<f64> {
    let digits = text.find(|character: char| !(character.is_ascii_digit() || ".,_".contains(character)));
    let (digits, behind) = text.split_at(digits.unwrap_or(text.len()));
    // `1,000` is a thousand to some and one to others.
    let number: f64 = digits.replace('_', "").parse().ok().filter(|number: &f64| number.is_finite())?;
    let scale = match (unit, behind.trim()) {
        (_, "") if number == 0.0 => 1.0,
        (Unit::Microseconds, "ns") => 1e-3,
        (Unit::Microseconds, "us" | "µs" | "μs") => 1.0,
        (Unit::Microseconds, "ms") => 1e3,
        (Unit::Microseconds, "s") => 1e6,
        (Unit::Microseconds, "m" | "min") => 60e6,
        (Unit::Microseconds, "h") => 3600e6,
        (Unit::PerSecond, "/s" | "") | (Unit::PerOperation, "") => 1.0,
        (Unit::Share, "%") if number <= 100.0 => 0.01,
        (Unit::Share, "") if number <= 1.0 => 1.0,
        (Unit::Count, "") if number.fract() == 0.0 => 1.0,
        _ => return None,
    };
    Some(number * scale)
}

fn wrong_value(what: &str, operator: &str, value: &str, unit: Unit) -> String {
    let is_number = value.parse::<f64>().is_ok_and(|number| number.is_finite() && number >= 0.0);
    let number = if is_number { value } else { "5" };
    let (is, corrected) = match unit {
        Unit::Microseconds => ("a duration, with its unit", format!("{number}ms")),
        Unit::PerSecond => ("so many in a second", if is_number { format!("{number}/s") } else { "10000/s".into() }),
        Unit::Share => ("a share", if is_number { format!("{number}%") } else { "95%".into() }),
        Unit::Count => ("a whole number", "0".to_owned()),
        Unit::PerOperation => ("so many for each operation", "0.5".to_owned()),
    };
    let corrected = if unit == Unit::Share && value.parse::<f64>().is_ok_and(|number| number > 100.0) {
        "95%".to_owned()
    } else {
        corrected
    };
    format!("{value:?} is not {is}; write it like '{what} {operator} {corrected}'")
}

#[cfg(test)]
mod tests {
    use super::super::super::metric::{Kind, Statistic};
    use super::*;
    use crate::pattern::PatternKind;

    fn limit(text: &str) -> Limit {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn error(text: &str) -> String {
        text.parse::<Limit>().unwrap_err()
    }

    #[test]
    fn a_limit_names_a_figure_a_sign_and_a_value() {
        let seen = limit(" write-through.reads.p99.9 >= 1.5s ");
        assert_eq!(seen.subject, Some(Subject::Pattern(PatternKind::WriteThrough)));
        assert_eq!(seen.metric, Metric::Latency(Kind::Reads, Statistic::P999));
        assert_eq!((seen.operator, seen.value), (Operator::AtLeast, 1_500_000.0));
        assert_eq!(seen.to_string(), "write-through.reads.p99.9 >= 1.5s");
        assert_eq!(limit("p99.9>5ms").subject, None);
        assert_eq!(limit("none.p99.9<5ms").subject, Some(Subject::None));
    }

    #[test]
    fn values_have_the_unit_of_their_metric() {
        for (text, value) in [
            ("p99 > 300us", 300.0),
            ("p99 > 300µs", 300.0),
            ("p99 > 5 ms", 5_000.0),
            ("p99 > 250ns", 0.25),
            ("p99 > 2m", 120e6),
            ("p99 > 0", 0.0),
            ("throughput < 10000/s", 10_000.0),
            ("throughput < 10_000", 10_000.0),
            ("hit-rate < 95%", 0.95),
            ("hit-rate < 0.95", 0.95),
            ("errors > 0", 0.0),
            ("stale != 0", 0.0),
            ("database-reads > 1.5", 1.5),
        ] {
            assert!((limit(text).value - value).abs() < 1e-9, "{text}");
        }
    }

    #[test]
    fn what_is_no_limit_is_answered_with_one() {
        for (text, corrected) in [
            ("p99 > 5", "'p99 > 5ms'"),
            ("p99 > five", "'p99 > 5ms'"),
            ("p99 > NaN", "'p99 > 5ms'"),
            ("p99 > -5ms", "'p99 > 5ms'"),
            ("p99 > 1,000ms", "'p99 > 5ms'"),
            ("p99 > 5%", "'p99 > 5ms'"),
            ("hit-rate < 95", "'hit-rate < 95%'"),
            ("hit-rate < 950", "'hit-rate < 95%'"),
            ("throughput < 5ms", "'throughput < 10000/s'"),
            ("stale > 0.5", "'stale > 0'"),
            ("p99 = 5ms", "'p99 == 5ms'"),
            ("p99 => 5ms", "'p99 >= 5ms'"),
            ("p99 ≤ 5ms", "'p99 <= 5ms'"),
            ("p99", "'write-through.p99 > 5ms'"),
            ("p99 >", "against what"),
            ("> 5ms", "of what"),
            ("p99 >>> 5ms", "none of > >= < <= == !="),
            ("p98 > 5ms", "did you mean p9"),
            ("reads.p98 > 5ms", "did you mean reads.p9"),
            ("wrte-through.p99 > 5ms", "did you mean write-through.p99?"),
            ("write-through.latency > 5ms", "there are throughput"),
            ("redis.p99 > 5ms", "there are none, cache-aside"),
            ("", "write it like"),
        ] {
            assert!(error(text).contains(corrected), "{text}: {}", error(text));
        }
    }
}

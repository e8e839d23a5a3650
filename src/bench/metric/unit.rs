//! What figures count, and how a person reads them: never `100 %` for what is only almost all.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::quantity::{count, latency, rate, significant};

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// A duration, in microseconds.
    Microseconds,
    /// So many in a second.
    PerSecond,
    /// A share, from 0 to 1.
    Share,
    /// So many.
    Count,
    /// So many for each operation.
    PerOperation,
}

impl Unit {
    /// A figure as a person reads it: `1.24 ms`, `12,345`, `95.2 %`.
    #[must_use]
    pub fn show(self, figure: f64) -> String {
        if !figure.is_finite() || figure < 0.0 {
            return "?".to_owned();
        }
        match self {
            Self::Microseconds => Duration::try_from_secs_f64(figure / 1e6).map_or_else(|_| "?".to_owned(), latency),
            Self::PerSecond => rate(figure),
            Self::Share => percent(figure),
            Self::Count => count(figure.round() as u64),
            Self::PerOperation => per_operation(figure),
        }
    }

    /// What stands behind its name where a column has one unit: `us`, `per_s`.
    #[must_use]
    pub fn suffix(self) -> &'static str {
        match self {
            Self::Microseconds => "_us",
            Self::PerSecond => "_per_s",
            Self::Share => "_share",
            Self::Count => "",
            Self::PerOperation => "_per_operation",
        }
    }
}

/// Never `100 %` or `0 %` for what is only almost all or almost none: the rest is what is looked for.
fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        0.0 | 100.0 => format!("{percent:.0} %"),
        _ if percent > 99.9 && percent < 100.0 => ">99.9 %".to_owned(),
        _ if percent < 0.01 => "<0.01 %".to_owned(),
        _ if percent < 999.5 => format!("{} %", significant(percent)),
        _ => format!("{} %", count(percent.round() as u64)),
    }
}

fn per_operation(figure: f64) -> String {
    match figure {
        0.0 => "0".to_owned(),
        _ if figure < 0.001 => "<0.001".to_owned(),
        _ if figure < 9.995 => format!("{figure:.3}"),
        _ => rate(figure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_shown_in_the_unit_that_suits() {
        assert_eq!(Unit::Microseconds.show(1_240.0), "1.24 ms");
        assert_eq!(Unit::PerSecond.show(12_345.6), "12,346");
        assert_eq!(
            [0.0, 0.00001, 0.954, 0.99999, 1.0].map(|share| Unit::Share.show(share)),
            ["0 %", "<0.01 %", "95.4 %", ">99.9 %", "100 %"]
        );
        assert_eq!(
            [0.0, 0.0001, 0.0456, 12.3].map(|load| Unit::PerOperation.show(load)),
            ["0", "<0.001", "0.046", "12.3"]
        );
        assert_eq!([f64::NAN, f64::INFINITY, -1.0, 1e300].map(|us| Unit::Microseconds.show(us)), ["?"; 4]);
    }
}

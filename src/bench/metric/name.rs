//! How a metric is written and typed: `throughput`, `reads.p99`, `lag`.

use std::fmt;
use std::str::FromStr;

use super::{Kind, Load, Metric, Statistic};
use crate::spelling::nearest;

impl fmt::Display for Metric {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Throughput => "throughput",
            Self::Latency(kind, statistic) => {
                let kind = match kind {
                    Kind::All => "",
                    Kind::Reads => "reads.",
                    Kind::Updates => "updates.",
                    Kind::Lag => "lag.",
                };
                return write!(formatter, "{kind}{}", statistic.name());
            }
            Self::HitRate => "hit-rate",
            Self::Load(Load::DatabaseReads) => "database-reads",
            Self::Load(Load::DatabaseWrites) => "database-writes",
            Self::Load(Load::CacheCommands) => "cache-commands",
            Self::Load(Load::QueueCommands) => "queue-commands",
            Self::Errors => "errors",
            Self::Stale => "stale",
            Self::StaleAge => "stale-age",
            Self::QueueLength => "queue-length",
            Self::DrainedAfter => "drained-after",
        };
        formatter.write_str(name)
    }
}

impl FromStr for Metric {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // Who asks for the lag alone means what most updates do not exceed.
        if text == "lag" {
            return Ok(Self::Latency(Kind::Lag, Statistic::P99));
        }
        let all = Self::all();
        if let Some(metric) = all.iter().find(|metric| metric.to_string() == text) {
            return Ok(*metric);
        }
        let names: Vec<_> = all.iter().map(Self::to_string).collect();
        let meant = nearest(&text.to_lowercase(), names.iter().map(String::as_str));
        let meant = meant.map(|name| format!("did you mean {name}? ")).unwrap_or_default();
        Err(format!(
            "{text:?} is no metric: {meant}there are throughput, mean, p50, p95, p99, p99.9 and max of all operations (reads.p99, \
             updates.p99 and lag.p99 are those of reads, of updates, and until the database has an update), hit-rate, \
             database-reads, database-writes, cache-commands and queue-commands (for each operation), errors, stale, \
             stale-age, queue-length, drained-after"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_found_under_its_name() {
        for metric in Metric::all() {
            assert_eq!(metric.to_string().parse(), Ok(metric));
        }
        assert_eq!("lag".parse(), Ok(Metric::Latency(Kind::Lag, Statistic::P99)));
        assert_eq!("p99.9".parse(), Ok(Metric::Latency(Kind::All, Statistic::P999)));
    }

    #[test]
    fn a_name_that_is_none_is_answered_with_the_nearest_and_all() {
        let error = |text: &str| text.parse::<Metric>().unwrap_err();
        assert!(error("reads.p98").contains("did you mean reads.p9"), "{}", error("reads.p98"));
        assert!(error("hitrate").contains("did you mean hit-rate?"));
        assert!(error("latency").contains("there are throughput") && !error("latency").contains("did you mean"));
    }
}

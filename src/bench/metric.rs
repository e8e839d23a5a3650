//! The metrics: what can be said of an outcome in one figure, its name, its unit, and which direction is better.
//!
//! One place, because a table, an export, a limit and a comparison must mean the same by `reads.p99`.

mod name;
mod unit;

pub use unit::Unit;

use super::report::{Latencies, Outcome, Percentiles, Round};
use super::subject::Subject;
use crate::pattern::PatternKind;

/// Something that is measured of each subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Operations in a second.
    Throughput,
    /// How long something took.
    Latency(Kind, Statistic),
    /// The share of reads that was answered without the database.
    HitRate,
    /// What reached a server, for each operation.
    Load(Load),
    /// The share of operations that failed: `errors > 0` is any, `errors > 1%` more than one in a hundred.
    Errors,
    /// How many reads were stale.
    Stale,
    /// The greatest age of a stale read: 0 where none was.
    StaleAge,
    /// How many updates waited in the queue at most.
    QueueLength,
    /// How long it took after the last operation until nothing waited.
    DrainedAfter,
}

/// What took so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// All operations.
    All,
    /// The reads.
    Reads,
    /// The updates.
    Updates,
    /// The way of an update from its acknowledgement to the database.
    Lag,
}

/// Which figure of many latencies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    /// The mean.
    Mean,
    /// The median.
    P50,
    /// 95 of 100 took no longer.
    P95,
    /// 99 of 100 took no longer.
    P99,
    /// 999 of 1,000 took no longer.
    P999,
    /// The longest.
    Max,
}

/// What reaches a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// Reads of the database.
    DatabaseReads,
    /// Transactions of the database that changed something.
    DatabaseWrites,
    /// Commands to the cache.
    CacheCommands,
    /// Commands to the queue.
    QueueCommands,
}

impl Statistic {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Mean, Self::P50, Self::P95, Self::P99, Self::P999, Self::Max];

    /// What is typed to choose it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::P50 => "p50",
            Self::P95 => "p95",
            Self::P99 => "p99",
            Self::P999 => "p99.9",
            Self::Max => "max",
        }
    }

    /// This one of some latencies, in microseconds.
    #[must_use]
    pub fn of(self, seen: &Latencies) -> f64 {
        match self {
            Self::Mean => seen.mean_us,
            Self::P50 => seen.p50_us,
            Self::P95 => seen.p95_us,
            Self::P99 => seen.p99_us,
            Self::P999 => seen.p999_us,
            Self::Max => seen.max_us,
        }
    }

    fn of_round(self, seen: &Percentiles) -> f64 {
        match self {
            Self::Mean => seen.mean_us,
            Self::P50 => seen.p50_us,
            Self::P95 => seen.p95_us,
            Self::P99 => seen.p99_us,
            Self::P999 => seen.p999_us,
            Self::Max => seen.max_us,
        }
    }
}

impl Kind {
    /// These latencies of an outcome.
    #[must_use]
    pub fn of(self, outcome: &Outcome) -> Option<&Latencies> {
        match self {
            Self::All => outcome.all.as_ref(),
            Self::Reads => outcome.reads.as_ref(),
            Self::Updates => outcome.updates.as_ref(),
            Self::Lag => outcome.lag.as_ref().and_then(|lag| lag.until_durable.as_ref()),
        }
    }
}

impl Metric {
    /// All of them, the most telling first.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let latencies = |kind| Statistic::ALL.map(|statistic| Self::Latency(kind, statistic));
        let mut all = vec![Self::Throughput];
        all.extend([Kind::All, Kind::Reads, Kind::Updates].into_iter().flat_map(latencies));
        all.push(Self::HitRate);
        all.extend(
            [Load::DatabaseReads, Load::DatabaseWrites, Load::CacheCommands, Load::QueueCommands].map(Self::Load),
        );
        all.extend([Self::Errors, Self::Stale, Self::StaleAge]);
        all.extend(latencies(Kind::Lag));
        all.extend([Self::QueueLength, Self::DrainedAfter]);
        all
    }

    /// In what it is counted.
    #[must_use]
    pub fn unit(self) -> Unit {
        match self {
            Self::Throughput => Unit::PerSecond,
            Self::Latency(..) | Self::StaleAge | Self::DrainedAfter => Unit::Microseconds,
            Self::HitRate | Self::Errors => Unit::Share,
            Self::Load(_) => Unit::PerOperation,
            Self::Stale | Self::QueueLength => Unit::Count,
        }
    }

    /// Whether more of it is better; else, less is.
    #[must_use]
    pub fn more_is_better(self) -> bool {
        matches!(self, Self::Throughput | Self::HitRate)
    }

    /// Whether a subject can have it at all, rather than that nothing was found.
    #[must_use]
    pub fn is_of(self, subject: Subject) -> bool {
        match self {
            Self::HitRate => subject != Subject::None,
            Self::Latency(Kind::Lag, _) | Self::QueueLength | Self::DrainedAfter => {
                subject == Subject::Pattern(PatternKind::WriteBehind)
            }
            _ => true,
        }
    }

    /// The figure, where there is one.
    #[must_use]
    pub fn value(self, outcome: &Outcome) -> Option<f64> {
        let operations = (outcome.operations > 0).then_some(outcome.operations as f64);
        if outcome.rounds.is_empty() {
            // It was ended before this one had its first turn.
            return None;
        }
        match self {
            Self::Throughput => Some(outcome.throughput),
            Self::Latency(kind, statistic) => kind.of(outcome).map(|seen| statistic.of(seen)),
            Self::HitRate => outcome.lookups.as_ref().and_then(super::Lookups::hit_rate),
            Self::Load(load) => {
                let seen = &outcome.load;
                let reached = match load {
                    Load::DatabaseReads => seen.database_reads,
                    Load::DatabaseWrites => seen.database_writes,
                    Load::CacheCommands => seen.cache_commands,
                    Load::QueueCommands => seen.queue_commands,
                };
                operations.map(|operations| reached as f64 / operations)
            }
            Self::Errors => operations.map(|operations| failed(outcome) as f64 / operations),
            Self::Stale => Some(outcome.stale.reads as f64),
            Self::StaleAge if outcome.stale.reads == 0 => Some(0.0),
            Self::StaleAge => outcome.stale.greatest_age_us,
            Self::QueueLength => outcome.lag.as_ref().map(|lag| lag.longest_queue as f64),
            Self::DrainedAfter => outcome.lag.as_ref().map(|lag| lag.drained_after_s * 1e6),
        }
    }

    /// The figure of one round, where it was kept.
    #[must_use]
    pub fn of_round(self, round: &Round) -> Option<f64> {
        let of = |seen: &Option<Percentiles>, statistic: Statistic| seen.as_ref().map(|seen| statistic.of_round(seen));
        match self {
            Self::Throughput => Some(round.throughput),
            Self::Latency(Kind::All, statistic) => of(&round.latency, statistic),
            Self::Latency(Kind::Reads, statistic) => of(&round.reads, statistic),
            Self::Latency(Kind::Updates, statistic) => of(&round.updates, statistic),
            Self::HitRate => round.hit_rate,
            _ => None,
        }
    }

    /// The figures of the rounds.
    #[must_use]
    pub fn rounds(self, outcome: &Outcome) -> Vec<f64> {
        outcome.rounds.iter().filter_map(|round| self.of_round(round)).collect()
    }

    /// Whether the first figure is better than the second.
    #[must_use]
    pub fn is_better(self, one: f64, other: f64) -> bool {
        if self.more_is_better() { one > other } else { one < other }
    }

    /// The best figure of those that count: one of a subject that fails is not good, however high it is.
    #[must_use]
    pub fn best(self, outcomes: &[Outcome]) -> Option<f64> {
        let figures = outcomes.iter().filter(|outcome| is_sound(outcome)).filter_map(|outcome| self.value(outcome));
        figures
            .filter(|figure| figure.is_finite())
            .reduce(|best, next| if self.is_better(next, best) { next } else { best })
    }
}

/// How many operations failed.
#[must_use]
pub fn failed(outcome: &Outcome) -> u64 {
    outcome.errors.iter().map(|failure| failure.count).sum()
}

/// Whether the figures are those of a subject that worked: at most one operation in a hundred failed, and some did not.
#[must_use]
pub fn is_sound(outcome: &Outcome) -> bool {
    outcome.operations > 0 && failed(outcome).saturating_mul(100) <= outcome.operations
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::*;

    #[test]
    fn values_are_those_of_the_outcome() {
        let mut outcome = samples::outcome(Subject::Pattern(PatternKind::WriteBehind));
        let value = |outcome: &Outcome, name: &str| name.parse::<Metric>().unwrap().value(outcome);
        outcome.operations = 1_000;
        outcome.load.database_reads = 50;
        outcome.errors = vec![super::super::Failure { what: "gone".into(), count: 10 }];
        assert_eq!(value(&outcome, "database-reads"), Some(0.05));
        assert_eq!(value(&outcome, "errors"), Some(0.01));
        assert_eq!(value(&outcome, "reads.p99"), outcome.reads.as_ref().map(|seen| seen.p99_us));
        assert_eq!(value(&outcome, "drained-after"), outcome.lag.as_ref().map(|lag| lag.drained_after_s * 1e6));
        assert_eq!(value(&outcome, "stale-age"), Some(0.0), "nothing was stale");
        outcome.operations = 0;
        assert_eq!(value(&outcome, "errors"), None, "nothing of nothing is no share");
        assert_eq!(value(&samples::outcome(Subject::None), "lag"), None);
    }

    #[test]
    fn the_direction_of_a_metric_is_known_and_failures_never_win() {
        let better = |name: &str, one, other| name.parse::<Metric>().unwrap().is_better(one, other);
        assert!(better("throughput", 2.0, 1.0) && better("hit-rate", 0.9, 0.8));
        for less in ["p99", "lag", "errors", "stale", "database-writes", "queue-length"] {
            assert!(better(less, 1.0, 2.0) && !better(less, 2.0, 1.0), "{less}");
        }
        let mut failing = samples::outcome(Subject::None);
        failing.throughput = 1e9;
        let sound = samples::outcome(Subject::Pattern(PatternKind::CacheAside));
        let outcomes = |failing: &Outcome| Metric::Throughput.best(&[failing.clone(), sound.clone()]);
        assert_eq!(outcomes(&failing), Some(1e9));
        failing.errors = vec![super::super::Failure { what: "refused".into(), count: failing.operations / 2 }];
        assert_eq!(outcomes(&failing), Some(sound.throughput), "to fail is fast");
    }
}

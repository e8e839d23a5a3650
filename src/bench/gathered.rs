//! What was gathered of one subject, round by round, and the figures that come of it.

use std::time::Duration;

use super::count::{Durations, Tally, durations};
use super::report::{Bucket, Failure, Lag, Latencies, Load, Outcome, Percentiles, Round, Slice, Stale, Timeline};
use super::subject::Subject;
use crate::pattern::PatternKind;

/// How wide the buckets are that are written down: a hundredth of their value.
const DIGITS: u8 = 2;

/// What was gathered in one round.
pub(super) struct Gathering {
    pub(super) measured: Duration,
    pub(super) tally: Tally,
    pub(super) load: Load,
    pub(super) slices: Vec<Slice>,
    pub(super) until_durable: Durations,
    pub(super) drained_after: Duration,
}

/// What was gathered of one subject.
pub(super) struct Gathered {
    subject: Subject,
    measured: Duration,
    tally: Tally,
    load: Load,
    rounds: Vec<Round>,
    slices: Vec<Slice>,
    until_durable: Durations,
    drained_after: Duration,
}

impl Gathered {
    pub(super) fn new(subject: Subject) -> Self {
        Self {
            subject,
            measured: Duration::ZERO,
            tally: Tally::default(),
            load: Load::default(),
            rounds: Vec::new(),
            slices: Vec::new(),
            until_durable: durations(),
            drained_after: Duration::ZERO,
        }
    }

    pub(super) fn subject(&self) -> Subject {
        self.subject
    }

    /// One round more.
    pub(super) fn add(&mut self, round: Gathering) {
        let Gathering { measured, tally, load, slices, until_durable, drained_after } = round;
        self.rounds.push(Round {
            throughput: rate(tally.operations, measured),
            latency: percentiles(&tally.all),
            reads: percentiles(&tally.reads),
            updates: percentiles(&tally.updates),
            hit_rate: tally.lookups.hit_rate(),
        });
        self.measured += measured;
        self.tally.merge(&tally);
        self.load.database_reads += load.database_reads;
        self.load.database_writes += load.database_writes;
        self.load.cache_commands += load.cache_commands;
        self.load.queue_commands += load.queue_commands;
        self.slices.extend(slices);
        self.until_durable.add(&until_durable).expect("a histogram that grows takes all of another");
        self.drained_after = self.drained_after.max(drained_after);
    }

    /// The figures, of slices that were so long.
    pub(super) fn outcome(self, slice: Duration) -> Outcome {
        let Self { subject, measured, tally, load, rounds, slices, until_durable, drained_after } = self;
        let Tally { operations, all, reads, updates, lookups, stale, failures } = tally;
        Outcome {
            subject,
            measured_s: measured.as_secs_f64(),
            operations,
            throughput: rate(operations, measured),
            all: latencies(&all),
            reads: latencies(&reads),
            updates: latencies(&updates),
            lookups: (subject != Subject::None).then_some(lookups),
            load,
            errors: failures.into_iter().map(|(what, count)| Failure { what, count }).collect(),
            stale: Stale {
                reads: stale.len(),
                median_age_us: (!stale.is_empty()).then(|| microseconds(stale.value_at_quantile(0.5))),
                greatest_age_us: (!stale.is_empty()).then(|| microseconds(stale.max())),
            },
            lag: (subject == Subject::Pattern(PatternKind::WriteBehind)).then(|| Lag {
                until_durable: latencies(&until_durable),
                longest_queue: slices.iter().map(|slice| slice.waiting).max().unwrap_or(0),
                drained_after_s: drained_after.as_secs_f64(),
            }),
            rounds,
            timeline: Timeline { slice_s: slice.as_secs_f64(), slices },
        }
    }
}

fn rate(count: u64, time: Duration) -> f64 {
    if time.is_zero() { 0.0 } else { count as f64 / time.as_secs_f64() }
}

fn microseconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1000.0
}

fn percentiles(durations: &Durations) -> Option<Percentiles> {
    let at = |quantile| microseconds(durations.value_at_quantile(quantile));
    (!durations.is_empty()).then(|| Percentiles {
        mean_us: durations.mean() / 1000.0,
        p50_us: at(0.5),
        p95_us: at(0.95),
        p99_us: at(0.99),
        p999_us: at(0.999),
        max_us: microseconds(durations.max()),
    })
}

fn latencies(durations: &Durations) -> Option<Latencies> {
    let Percentiles { mean_us, p50_us, p95_us, p99_us, p999_us, max_us } = percentiles(durations)?;
    let (count, histogram) = (durations.len(), buckets(durations));
    Some(Latencies { count, mean_us, p50_us, p95_us, p99_us, p999_us, max_us, histogram })
}

/// The same with fewer digits, so that a report is not mostly histograms.
fn buckets(durations: &Durations) -> Vec<Bucket> {
    let mut coarse = Durations::new(DIGITS).expect("two digits are in its range");
    coarse.add(durations).expect("a histogram that grows takes all of another");
    let recorded = coarse.iter_recorded();
    recorded.map(|step| Bucket { us: microseconds(step.value_iterated_to()), count: step.count_at_value() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::count::record;
    use crate::bench::report::Lookups;

    fn gathering(latencies_us: &[u64], seconds: u64) -> Gathering {
        let mut tally = Tally { operations: latencies_us.len() as u64, ..Tally::default() };
        for latency in latencies_us {
            record(&mut tally.all, Duration::from_micros(*latency));
            record(&mut tally.reads, Duration::from_micros(*latency));
        }
        tally.lookups = Lookups { hits: 6, joined: 2, misses: 2, ..Lookups::default() };
        let slices = vec![Slice { waiting: 3, ..Slice::default() }, Slice { waiting: 9, ..Slice::default() }];
        Gathering {
            measured: Duration::from_secs(seconds),
            tally,
            load: Load { database_reads: 2, ..Load::default() },
            slices,
            until_durable: durations(),
            drained_after: Duration::from_millis(500),
        }
    }

    #[test]
    fn figures_are_those_of_all_rounds_together() {
        let mut gathered = Gathered::new(Subject::Pattern(PatternKind::WriteBehind));
        gathered.add(gathering(&[100; 10], 1));
        gathered.add(gathering(&[300; 10], 3));
        let outcome = gathered.outcome(Duration::from_millis(100));
        assert_eq!((outcome.operations, outcome.measured_s, outcome.throughput), (20, 4.0, 5.0));
        let all = outcome.all.unwrap();
        let is_near = |value: f64, expected: f64| (value - expected).abs() / expected < 0.01;
        assert!(is_near(all.p50_us, 100.0) && is_near(all.p95_us, 300.0) && is_near(all.mean_us, 200.0), "{all:?}");
        assert!(is_near(all.max_us, 300.0));
        assert_eq!(all.histogram.iter().map(|bucket| bucket.count).collect::<Vec<_>>(), [10, 10]);
        assert!(is_near(all.histogram[0].us, 100.0) && is_near(all.histogram[1].us, 300.0), "{:?}", all.histogram);
        assert_eq!(outcome.updates, None);
        assert_eq!(outcome.lookups.unwrap().hit_rate(), Some(0.8));
        assert_eq!(outcome.load.database_reads, 4);
        assert_eq!(outcome.rounds.iter().map(|round| round.throughput).collect::<Vec<_>>(), [10.0, 10.0 / 3.0]);
        assert_eq!(outcome.timeline.slices.len(), 4);
        let lag = outcome.lag.unwrap();
        assert_eq!((lag.longest_queue, lag.drained_after_s, lag.until_durable), (9, 0.5, None));
        assert_eq!(outcome.stale, Stale::default());
    }

    #[test]
    fn the_database_alone_has_no_lookups_and_no_lag() {
        let outcome = Gathered::new(Subject::None).outcome(Duration::from_millis(100));
        assert_eq!((outcome.lookups, outcome.lag, outcome.throughput), (None, None, 0.0));
    }
}

//! Turns: what is compared is measured alternately, so that what the machine does beside hurts all alike.
//!
//! There are as many turns as a time allows, within limits: a median needs some samples, and does not get better by thousands.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::{Duration, Instant};

use super::quantity::{Experiment, Quantity, Readings};
use super::run::Measurement;
use crate::clock;

/// How many turns there are at least, however long they take.
const LEAST: usize = 20;
/// How many there are at most, however short they are.
const MOST: usize = 2_000;

/// Turns of an experiment, until its time is over.
pub(super) struct Turns<'a> {
    measurement: &'a Measurement<'a>,
    experiment: Experiment,
    began: Instant,
    count: usize,
}

impl<'a> Turns<'a> {
    pub(super) fn new(measurement: &'a Measurement<'a>, experiment: Experiment) -> Self {
        Self { measurement, experiment, began: clock::instant(), count: 0 }
    }

    /// The number of the next turn, from 0; `None` when there are enough, or somebody asks for the end.
    pub(super) fn next(&mut self) -> Option<usize> {
        let limit = self.measurement.plan.duration_s.unwrap_or_default();
        let (by_time, by_number) = (self.began.elapsed().as_secs_f64() / limit, self.count as f64 / LEAST as f64);
        let done = by_time.min(by_number).max(self.count as f64 / MOST as f64);
        self.measurement.watch.progress(self.experiment, done.min(1.0));
        if done >= 1.0 || self.measurement.interrupt.is_raised() {
            return None;
        }
        self.count += 1;
        Some(self.count - 1)
    }
}

/// How long operations took, by what they are.
#[derive(Default)]
pub(super) struct Samples(BTreeMap<Quantity, Vec<Duration>>);

impl Samples {
    /// Does something and keeps how long it took, if it came to what it was to come to.
    pub(super) async fn take(&mut self, quantity: Quantity, operation: impl Future<Output = bool>) -> bool {
        let began = clock::instant();
        let is_as_expected = operation.await;
        let took = began.elapsed();
        if is_as_expected {
            self.0.entry(quantity).or_default().push(took);
        }
        is_as_expected
    }

    /// The medians, in microseconds.
    pub(super) fn read(self, readings: &mut Readings) {
        for (quantity, mut durations) in self.0 {
            durations.sort_unstable();
            let Some(median) = durations.get(durations.len() / 2) else { continue };
            readings.add(quantity, median.as_nanos() as f64 / 1000.0, durations.len() as u64);
        }
    }
}

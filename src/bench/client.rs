//! One client: draws an operation, does it, judges what it got, and draws the next.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use super::count::{Done, Seen, Tallies};
use super::flights::USER;
use super::ledger::{Ledger, times_of};
use super::pace::Pace;
use super::subject::Subject;
use super::workload::{Operation, Workload};
use crate::clock;
use crate::error::Result;
use crate::flight::{Flight, Times};
use crate::lab::Lab;

/// What all clients of a subject share.
pub(super) struct Crew {
    pub(super) subject: Subject,
    pub(super) lab: Lab,
    pub(super) workload: Arc<Workload>,
    pub(super) flights: Arc<Vec<Flight>>,
    pub(super) ledger: Arc<Ledger>,
    pub(super) tallies: Tallies,
    pub(super) pace: Option<Arc<Pace>>,
    pub(super) until: Until,
    /// Whether somebody has asked for the end.
    pub(super) is_over: AtomicBool,
}

/// When clients end.
pub(super) enum Until {
    /// At this moment.
    Moment(Instant),
    /// When so many operations more have begun.
    Operations(AtomicU64),
}

impl Until {
    /// Waits for the moment at which clients end, whatever they wait for; for ever, where there is none.
    pub(super) async fn come(&self) {
        match self {
            Self::Moment(moment) => tokio::time::sleep_until((*moment).into()).await,
            Self::Operations(_) => std::future::pending().await,
        }
    }

    /// Which part of what began then, of so many operations in all, is done: 0 to 1.
    pub(super) fn done(&self, began: Instant, operations: u64) -> f64 {
        match self {
            Self::Moment(moment) => (began.elapsed().as_secs_f64() / (*moment - began).as_secs_f64()).min(1.0),
            Self::Operations(left) => 1.0 - left.load(Relaxed) as f64 / operations.max(1) as f64,
        }
    }

    /// Whether an operation that is to begin then still belongs to what is measured.
    fn includes(&self, intended: Instant) -> bool {
        match self {
            Self::Moment(moment) => intended < *moment,
            Self::Operations(_) => true,
        }
    }

    /// Whether one more operation may begin, as far as that is a matter of how many there were.
    fn permits(&self) -> bool {
        match self {
            Self::Moment(_) => true,
            Self::Operations(left) => left.try_update(Relaxed, Relaxed, |left| left.checked_sub(1)).is_ok(),
        }
    }
}

impl Crew {
    /// Nothing more begins.
    pub(super) fn end(&self) {
        self.is_over.store(true, Relaxed);
        if let Some(pace) = &self.pace {
            pace.end();
        }
    }

    /// Whether somebody has asked for the end.
    pub(super) fn is_ending(&self) -> bool {
        self.is_over.load(Relaxed)
    }

    /// Works as one of the clients until the end.
    pub(super) async fn work(&self, round: u32, client: u32) {
        let mut stream = self.workload.stream(round, client);
        while !self.is_ending() && self.until.permits() {
            let start = match &self.pace {
                None => Start::now(),
                Some(pace) => match pace.next().await {
                    Some(intended) if self.until.includes(intended) => Start { intended, ..Start::now() },
                    _ => return,
                },
            };
            let (operation, flight) = stream.draw();
            let done = self.perform(operation, flight, start).await;
            self.tallies.of(client).add(&done);
        }
    }

    async fn perform(&self, operation: Operation, flight: usize, start: Start) -> Done {
        match operation {
            Operation::Read => Done { read: Some(self.read(flight, start).await), update: None },
            Operation::Update => Done { read: None, update: Some(self.update(flight, start).await) },
            Operation::ReadModifyWrite => {
                let read = self.read(flight, start).await;
                let update = if read.is_ok() { Some(self.update(flight, Start::now()).await) } else { None };
                Done { read: Some(read), update }
            }
        }
    }

    async fn read(&self, flight: usize, start: Start) -> Result<Seen> {
        let original = &self.flights[flight];
        let reading = self.ledger.read(flight, start.real);
        let (found, lookup) = match self.subject {
            Subject::None => (self.lab.database().find(original.flight_id).await?, None),
            Subject::Pattern(_) => {
                let read = self.lab.pattern().read(original.flight_id).await?;
                (read.flight, Some(read.lookup))
            }
        };
        let took = start.intended.elapsed();
        let age = found.and_then(|found| self.ledger.staleness(reading, original, found.times()));
        Ok(Seen { took, lookup, age })
    }

    /// How long it took until the acknowledgement.
    async fn update(&self, flight: usize, start: Start) -> Result<Duration> {
        let original = &self.flights[flight];
        let begun = self.ledger.begin(flight);
        let times: Times = times_of(original.times(), begun.version);
        let update = self.lab.plan(original, times, USER, None);
        match self.subject {
            Subject::None => self.lab.database().begin(&update).await?.commit().await?,
            Subject::Pattern(_) => drop(self.lab.pattern().update(&update).await?),
        }
        self.ledger.acknowledge(begun);
        Ok(start.intended.elapsed())
    }
}

/// When an operation begins.
#[derive(Clone, Copy)]
struct Start {
    /// When it was to begin: its latency counts from here.
    intended: Instant,
    /// When it did.
    real: Instant,
}

impl Start {
    fn now() -> Self {
        let now = clock::instant();
        Self { intended: now, real: now }
    }
}

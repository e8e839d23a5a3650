//! One client: draws an operation, does it, judges what it got, and draws the next.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use super::count::{Counters, Tallies, record};
use super::flights::USER;
use super::ledger::{Ledger, times_of};
use super::pace::Pace;
use super::subject::Subject;
use super::workload::{Operation, Workload};
use crate::clock;
use crate::error::{Result, causes};
use crate::flight::{Flight, Times};
use crate::lab::Lab;
use crate::pattern::Lookup;

/// What all clients of a subject share.
pub(super) struct Crew {
    pub(super) subject: Subject,
    pub(super) lab: Lab,
    pub(super) workload: Arc<Workload>,
    pub(super) flights: Arc<Vec<Flight>>,
    pub(super) ledger: Arc<Ledger>,
    pub(super) counters: Arc<Counters>,
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
    /// Whether a moment has come at which clients end, whatever they wait for.
    pub(super) fn has_come(&self) -> bool {
        match self {
            Self::Moment(moment) => clock::instant() >= *moment,
            Self::Operations(_) => false,
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

    /// Whether one more operation may begin.
    fn permits(&self) -> bool {
        match self {
            Self::Moment(moment) => clock::instant() < *moment,
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
        while !self.is_over.load(Relaxed) && self.until.permits() {
            let intended = match &self.pace {
                None => clock::instant(),
                Some(pace) => match pace.next().await {
                    Some(intended) if self.until.includes(intended) => intended,
                    _ => return,
                },
            };
            let (operation, flight) = stream.draw();
            self.perform(client, operation, flight, intended).await;
        }
    }

    async fn perform(&self, client: u32, operation: Operation, flight: usize, intended: Instant) {
        let done = match operation {
            Operation::Read => self.read(client, flight, intended).await,
            Operation::Update => self.update(client, flight, intended).await,
            Operation::ReadModifyWrite => match self.read(client, flight, intended).await {
                Ok(()) => self.update(client, flight, clock::instant()).await,
                failed => failed,
            },
        };
        let took = intended.elapsed();
        let mut tally = self.tallies.of(client);
        tally.operations += 1;
        match done {
            Ok(()) => record(&mut tally.all, took),
            Err(error) => {
                let why = causes(&error).into_iter().next().map(|cause| format!(": {cause}")).unwrap_or_default();
                tally.failed(format!("{error}{why}"));
            }
        }
        drop(tally);
        self.counters.operations.fetch_add(1, Relaxed);
    }

    async fn read(&self, client: u32, flight: usize, intended: Instant) -> Result<()> {
        let original = &self.flights[flight];
        let reading = self.ledger.read(flight);
        let (found, lookup) = match self.subject {
            Subject::None => (self.lab.database().find(original.flight_id).await?, None),
            Subject::Pattern(_) => {
                let read = self.lab.pattern().read(original.flight_id).await?;
                (read.flight, Some(read.lookup))
            }
        };
        let took = intended.elapsed();
        let age = found.and_then(|found| self.ledger.staleness(reading, original, found.times()));
        self.seen(client, took, lookup, age);
        Ok(())
    }

    fn seen(&self, client: u32, took: Duration, lookup: Option<Lookup>, age: Option<Duration>) {
        self.counters.reads.fetch_add(1, Relaxed);
        if matches!(lookup, Some(Lookup::Hit | Lookup::Joined)) {
            self.counters.hits.fetch_add(1, Relaxed);
        }
        let mut tally = self.tallies.of(client);
        record(&mut tally.reads, took);
        if let Some(lookup) = lookup {
            tally.met(lookup);
        }
        if let Some(age) = age {
            record(&mut tally.stale, age);
        }
    }

    async fn update(&self, client: u32, flight: usize, intended: Instant) -> Result<()> {
        let original = &self.flights[flight];
        let begun = self.ledger.begin(flight);
        let times: Times = times_of(original.times(), begun.version);
        let update = self.lab.plan(original, times, USER, None);
        match self.subject {
            Subject::None => self.lab.database().begin(&update).await?.commit().await?,
            Subject::Pattern(_) => drop(self.lab.pattern().update(&update).await?),
        }
        self.ledger.acknowledge(begun);
        let took = intended.elapsed();
        record(&mut self.tallies.of(client).updates, took);
        Ok(())
    }
}

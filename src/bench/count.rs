//! What is counted while a subject is measured: operations by the clients, hops by the layer under the patterns.
//!
//! Clients share a few tallies rather than having one each: a histogram is a large thing, and there may be hundreds of clients.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hdrhistogram::Histogram;

use super::ledger::{Begun, Ledger, version_of};
use super::report::{Load, Lookups, Slice};
use crate::error::{Result, causes};
use crate::flight::{Flight, Queued};
use crate::hop::Target;
use crate::lab::meter::Meter;
use crate::pattern::Lookup;

/// How many tallies there are: more than threads, so that two seldom want the same.
const TALLIES: usize = 8;
/// Three digits of every duration are kept, from a nanosecond on.
const DIGITS: u8 = 3;
/// How many ways to fail are told apart.
const FAILURES: usize = 20;

/// Durations in nanoseconds.
pub(super) type Durations = Histogram<u64>;

/// No durations yet.
pub(super) fn durations() -> Durations {
    Histogram::new(DIGITS).expect("three digits are in its range")
}

/// Adds a duration.
pub(super) fn record(durations: &mut Durations, duration: Duration) {
    let nanoseconds = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
    durations.record(nanoseconds).expect("a histogram that grows takes any value");
}

/// What came of an operation: of its read, its update, or both.
pub(super) struct Done {
    pub(super) read: Option<Result<Seen>>,
    pub(super) update: Option<Result<Duration>>,
}

/// What a read gave.
pub(super) struct Seen {
    pub(super) took: Duration,
    /// What it met in the cache, where there is one.
    pub(super) lookup: Option<Lookup>,
    /// How stale it was, if it was.
    pub(super) age: Option<Duration>,
}

/// What some clients have seen.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) operations: u64,
    pub(super) all: Durations,
    pub(super) reads: Durations,
    pub(super) updates: Durations,
    pub(super) lookups: Lookups,
    pub(super) stale: Durations,
    pub(super) failures: BTreeMap<String, u64>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            operations: 0,
            all: durations(),
            reads: durations(),
            updates: durations(),
            lookups: Lookups::default(),
            stale: durations(),
            failures: BTreeMap::new(),
        }
    }
}

impl Tally {
    /// An operation has ended.
    pub(super) fn add(&mut self, Done { read, update }: &Done) {
        self.operations += 1;
        let mut took = Duration::ZERO;
        let mut failure = None;
        match read {
            Some(Ok(seen)) => {
                took += seen.took;
                record(&mut self.reads, seen.took);
                self.met(seen.lookup);
                if let Some(age) = seen.age {
                    record(&mut self.stale, age);
                }
            }
            Some(Err(error)) => failure = Some(error),
            None => {}
        }
        match update {
            Some(Ok(latency)) => {
                took += *latency;
                record(&mut self.updates, *latency);
            }
            Some(Err(error)) => failure = Some(error),
            None => {}
        }
        match failure {
            None => record(&mut self.all, took),
            Some(error) => {
                let why = causes(error).into_iter().next().map(|cause| format!(": {cause}")).unwrap_or_default();
                self.failed(format!("{error}{why}"));
            }
        }
    }

    /// A read met this.
    fn met(&mut self, lookup: Option<Lookup>) {
        let Lookups { hits, misses, joined, leased, unreadable, degraded } = &mut self.lookups;
        let counter = match lookup {
            Some(Lookup::Hit) => hits,
            Some(Lookup::Miss) => misses,
            Some(Lookup::Joined) => joined,
            Some(Lookup::Leased) => leased,
            Some(Lookup::Unreadable) => unreadable,
            Some(Lookup::Unavailable) => degraded,
            None => return,
        };
        *counter += 1;
    }

    /// An operation failed like this.
    pub(super) fn failed(&mut self, what: String) {
        self.failed_often(what, 1);
    }

    /// So many have failed like this.
    pub(super) fn failed_often(&mut self, what: String, count: u64) {
        let what =
            if self.failures.len() < FAILURES || self.failures.contains_key(&what) { what } else { "others".into() };
        *self.failures.entry(what).or_default() += count;
    }

    /// This and another one.
    pub(super) fn merge(&mut self, other: &Self) {
        self.operations += other.operations;
        for (mine, theirs) in [
            (&mut self.all, &other.all),
            (&mut self.reads, &other.reads),
            (&mut self.updates, &other.updates),
            (&mut self.stale, &other.stale),
        ] {
            mine.add(theirs).expect("a histogram that grows takes all of another");
        }
        let Lookups { hits, misses, joined, leased, unreadable, degraded } = other.lookups;
        let mine = &mut self.lookups;
        mine.hits += hits;
        mine.misses += misses;
        mine.joined += joined;
        mine.leased += leased;
        mine.unreadable += unreadable;
        mine.degraded += degraded;
        for (what, count) in &other.failures {
            *self.failures.entry(what.clone()).or_default() += count;
        }
    }
}

/// The tallies of all clients.
#[derive(Debug)]
pub(super) struct Tallies(Vec<Mutex<Tally>>);

impl Tallies {
    pub(super) fn new() -> Self {
        Self((0..TALLIES).map(|_| Mutex::default()).collect())
    }

    /// The one for this client.
    pub(super) fn of(&self, client: u32) -> MutexGuard<'_, Tally> {
        self.0[client as usize % TALLIES].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What they have come to so far, with what has reached the servers, for who takes the difference to a later moment.
    pub(super) fn slice(&self, load: Load, waiting: u64) -> Slice {
        let database = load.database_reads + load.database_writes;
        let mut slice = Slice { database, waiting, ..Slice::default() };
        for index in 0..TALLIES {
            let tally = self.of(u32::try_from(index).unwrap_or_default());
            slice.operations += tally.operations;
            slice.reads += tally.reads.len();
            slice.hits += tally.lookups.hits + tally.lookups.joined;
        }
        slice
    }

    /// All of them together.
    pub(super) fn total(&self) -> Tally {
        let mut total = Tally::default();
        for index in 0..TALLIES {
            total.merge(&self.of(u32::try_from(index).unwrap_or_default()));
        }
        total
    }
}

/// What has reached the servers so far.
#[derive(Debug, Default)]
pub(super) struct Counters {
    database_reads: AtomicU64,
    database_writes: AtomicU64,
    cache_commands: AtomicU64,
    queue_commands: AtomicU64,
}

impl Counters {
    /// What has reached the servers.
    pub(super) fn load(&self) -> Load {
        Load {
            database_reads: self.database_reads.load(Relaxed),
            database_writes: self.database_writes.load(Relaxed),
            cache_commands: self.cache_commands.load(Relaxed),
            queue_commands: self.queue_commands.load(Relaxed),
        }
    }
}

/// Counts hops, and times what was queued.
#[derive(Debug)]
pub(super) struct Hops {
    counters: Arc<Counters>,
    ledger: Arc<Ledger>,
    flights: Arc<Vec<Flight>>,
    until_durable: Mutex<Durations>,
}

impl Hops {
    pub(super) fn new(counters: &Arc<Counters>, ledger: &Arc<Ledger>, flights: &Arc<Vec<Flight>>) -> Self {
        Self {
            counters: Arc::clone(counters),
            ledger: Arc::clone(ledger),
            flights: Arc::clone(flights),
            until_durable: Mutex::new(durations()),
        }
    }

    /// How long updates took until the database had them, since this was asked last.
    pub(super) fn take_durable(&self) -> Durations {
        std::mem::replace(&mut *self.until_durable.lock().unwrap_or_else(PoisonError::into_inner), durations())
    }
}

impl Meter for Hops {
    fn hop(&self, target: Target, name: &'static str) {
        let counters = &self.counters;
        let counter = match (target, name) {
            (Target::Database, "find") => &counters.database_reads,
            (Target::Database, "commit" | "apply") => &counters.database_writes,
            // The first half of a transaction, or none of an operation.
            (Target::Database, _) => return,
            (Target::Cache, _) => &counters.cache_commands,
            (Target::Queue, _) => &counters.queue_commands,
        };
        counter.fetch_add(1, Relaxed);
    }

    fn applied(&self, batch: &[Queued]) {
        let mut until_durable = self.until_durable.lock().unwrap_or_else(PoisonError::into_inner);
        for Queued { update, .. } in batch {
            // They are in the order of their ids.
            let place = self.flights.binary_search_by_key(&update.flight_id(), |flight| flight.flight_id);
            let Ok(flight) = place else { continue };
            let version = version_of(self.flights[flight].times(), update.flight.times()).unwrap_or(0);
            if let Some(since) = self.ledger.since(Begun { flight, version }) {
                record(&mut until_durable, since);
            }
        }
    }
}

//! A laboratory: one database, one cache, one queue and one pattern, stacked so that every hop is written down.
//!
//! This is what commands and walk-throughs work with. Every operation gives back what it found together with the hops that
//! it took ([`Observed`]): all that is ever shown comes from there.

mod circuit;
mod consistency;
mod door;
pub mod fault;
pub mod gate;
mod layer;
pub mod meter;
mod outage;
mod reconcile;
mod stacked;
mod waiting;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDateTime;

pub use consistency::{Comparison, Consistency, Verdict};
use reconcile::Parties;
pub use reconcile::Reconciled;
pub use waiting::Waiting;

use crate::cache::{Cache, Entry};
use crate::clock::{self, Chance};
use crate::database::Database;
use crate::error::{Error, Result};
use crate::flight::{Flight, FlightId, LogEntry, Times, Update};
use crate::hop::{Observed, observe};
use crate::interrupt::Interrupt;
use crate::pattern::{Acknowledgement, OnCacheFailure, Pattern, PatternKind, Protocol, Read, Refresh, Stack, Tuning};
use crate::queue::Queue;
use crate::queue::worker::{self, Watch, Worker};
use circuit::Breaker;
use door::Hooks;
use stacked::Servers;

/// For how long things are stored, how much is applied at once, and what is done without the cache.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How long a value stays in the cache.
    pub ttl: Duration,
    /// How long a statement of the database may take.
    pub database_timeout: Duration,
    /// How long a command of the cache may take.
    pub cache_timeout: Duration,
    /// How the queue is worked off.
    pub worker: worker::Settings,
    /// What an update does without the cache.
    pub on_cache_failure: OnCacheFailure,
    /// Which variant of a pattern, where it has several.
    pub tuning: Tuning,
    /// Where outages of the cache are written down, and beside that which run of it was met last; `None` for a cache that nobody
    /// else sees.
    pub outages: Option<PathBuf>,
}

/// A database, a cache and a queue under one pattern, observed.
#[derive(Clone)]
pub struct Lab {
    servers: Servers,
    limits: Limits,
    hooks: Hooks,
    protocol: Protocol,
    breaker: Breaker,
    stack: Stack,
    pattern: Arc<dyn Pattern>,
}

impl Lab {
    /// Asks a cache that was away whether it is back, and heals it.
    pub async fn recover(&self) -> Observed<Result<Option<Reconciled>>> {
        observe(async { self.breaker.recover().await.map(|()| self.breaker.take_healing()) }).await
    }

    /// Heals the cache if an earlier process has written down that it was away, or if it was started again since the last
    /// command on this machine met it, and says what that did.
    pub async fn catch_up(&self) -> Observed<Result<Option<Reconciled>>> {
        observe(async { self.breaker.catch_up().await.map(|()| self.breaker.take_healing()) }).await
    }

    /// Takes note that a shard of the cache did not answer: it is not asked before it is healed.
    pub fn distrust(&self, shard: usize, failure: &Error) {
        self.breaker.distrust(shard, failure);
    }

    /// Whether the cache is asked, rather than known to be away.
    #[must_use]
    pub fn trusts_cache(&self) -> bool {
        self.breaker.is_closed()
    }

    /// What the latest healing of the cache did, told once.
    #[must_use]
    pub fn take_healing(&self) -> Option<Reconciled> {
        self.breaker.take_healing()
    }

    /// Why the outage that this laboratory is in could not be written down, where that is so: then no later command heals it.
    #[must_use]
    pub fn unwritten_outage(&self) -> Option<String> {
        self.breaker.unwritten()
    }

    /// Drops from the cache every flight that `flight_log` says has changed at this moment, in UTC, or later.
    pub async fn reconcile(&self, since: NaiveDateTime) -> Observed<Result<Reconciled>> {
        let Stack { cache, chance, lease_ttl, .. } = &self.stack;
        let (database, queue) = (self.database(), self.queue());
        let parties = Parties { database, queue, cache, chance, longest_update: *lease_ttl };
        observe(parties.reconcile(since, &|_| true)).await
    }

    /// How long a value stays in the cache, before it is spread.
    #[must_use]
    pub fn ttl(&self) -> Duration {
        self.stack.ttl
    }

    /// Which variant of the pattern this is, where it has several.
    #[must_use]
    pub fn tuning(&self) -> Tuning {
        self.stack.tuning
    }

    /// From when on changes count if every entry is to be right that can stand in the cache now, in UTC.
    #[must_use]
    pub fn oldest_entry(&self) -> NaiveDateTime {
        reconcile::reaching_back(clock::utc() - Chance::longest(self.limits.ttl))
    }

    /// Which protocol keeps the cache right.
    #[must_use]
    pub fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// Which pattern this is.
    #[must_use]
    pub fn kind(&self) -> PatternKind {
        self.pattern.kind()
    }

    /// The pattern itself, for who measures it from outside.
    #[must_use]
    pub fn pattern(&self) -> &dyn Pattern {
        self.pattern.as_ref()
    }

    /// The database, observed.
    #[must_use]
    pub fn database(&self) -> &dyn Database {
        self.stack.database.as_ref()
    }

    /// The cache, observed.
    #[must_use]
    pub fn cache(&self) -> &dyn Cache {
        self.stack.cache.as_ref()
    }

    /// The queue, observed.
    #[must_use]
    pub fn queue(&self) -> &dyn Queue {
        self.stack.queue.as_ref()
    }

    /// One read through the pattern.
    pub async fn read(&self, id: FlightId) -> Observed<Result<Read>> {
        observe(self.pattern.read(id)).await
    }

    /// Waits for what reads through the pattern have begun in the background.
    pub async fn rest(&self) -> Vec<Refresh> {
        self.pattern.rest().await
    }

    /// One update through the pattern.
    pub async fn update(&self, update: &Update) -> Observed<Result<Acknowledgement>> {
        observe(self.pattern.update(update)).await
    }

    /// An update of `flight` to `times`, made now.
    #[must_use]
    pub fn plan(&self, flight: &Flight, times: Times, user: &str, comment: Option<&str>) -> Update {
        Update {
            id: self.stack.chance.token(),
            flight: flight.at(times),
            user: user.to_owned(),
            comment: comment.map(str::to_owned),
            made_at: clock::now(),
        }
    }

    /// Compares database and cache for one flight.
    pub async fn verify(&self, id: FlightId) -> Observed<Result<Consistency>> {
        observe(consistency::check(self, id)).await
    }

    /// What stands in the cache under a flight's key.
    pub async fn entry(&self, id: FlightId) -> Observed<Result<Entry>> {
        observe(self.stack.cache.get(id)).await
    }

    /// What the database has of a flight.
    pub async fn row(&self, id: FlightId) -> Observed<Result<Option<Flight>>> {
        observe(self.stack.database.find(id)).await
    }

    /// The latest rows of `flight_log` for a flight.
    pub async fn log(&self, id: FlightId, limit: u32) -> Observed<Result<Vec<LogEntry>>> {
        observe(self.stack.database.log(id, limit)).await
    }

    /// Leaves nothing in the cache for a flight.
    pub async fn evict(&self, id: FlightId) -> Observed<Result<bool>> {
        observe(self.stack.cache.delete(id)).await
    }

    /// What waits in the queue, partition by partition.
    ///
    /// # Errors
    /// What the queue fails with, where not one partition can be reached.
    pub async fn backlog(&self) -> Observed<Result<Waiting>> {
        observe(waiting::look(self.stack.queue.as_ref())).await
    }

    /// Works the queue off until nothing waits, or until `stop` says so between two batches.
    ///
    /// # Errors
    /// What the queue and the database fail with. What was applied stays applied; the rest stays queued.
    pub async fn drain(&self, watch: &dyn Watch, stop: &(dyn Fn() -> bool + Send + Sync)) -> Result<()> {
        self.worker(watch).drain(stop).await
    }

    /// Works the queue off until it is interrupted.
    ///
    /// # Errors
    /// Only what no waiting heals.
    pub async fn work(&self, watch: &dyn Watch, interrupt: &Interrupt) -> Result<()> {
        self.worker(watch).run(interrupt).await
    }

    fn worker<'a>(&'a self, watch: &'a dyn Watch) -> Worker<'a> {
        Worker::new(self.stack.queue.as_ref(), self.stack.database.as_ref(), self.limits.worker, watch)
    }

    /// One flight, one writing pattern at a time: an update through another pattern would be overtaken by what is queued.
    ///
    /// # Errors
    /// [`Error::PendingUpdates`] when this pattern writes to the database itself and the flight has queued updates.
    pub async fn refuse_if_pending(&self, id: FlightId) -> Result<()> {
        if self.kind() == PatternKind::WriteBehind {
            return Ok(());
        }
        match self.stack.queue.pending(id).await {
            Ok(Some(_)) => Err(Error::PendingUpdates(id)),
            Ok(None) => Ok(()),
            // A queue that does not answer lives in the cache: the update goes on, degraded.
            Err(error) if error.is_outage() => Ok(()),
            Err(error) => Err(error),
        }
    }
}

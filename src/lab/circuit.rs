//! The circuit breaker in front of the cache, and what heals the cache after an outage (P2).
//!
//! ```text
//!             a command fails                      it answers again
//!   closed ───────────────────▶ open, probing ─────────────────────▶ what has changed is dropped ──▶ closed
//!                                   │    ▲                                      │
//!                                   └────┘ no answer                            └──▶ open, where that fails
//! ```
//!
//! While it is open nobody pays for the timeout: reads go to the database, updates are committed without the cache. Before it
//! closes, every flight that `flight_log` says has changed is dropped from the cache: no value from before the outage is
//! served after it. How far back that has to look does not depend on the outage: an entry lives at most so long, so whatever
//! stands there now and is wrong was changed within that time. A cache that comes back in an older state, from a snapshot, is
//! healed by the same look.
//!
//! What a *writer* has to say goes through an open breaker, unless the cache is silent: other processes may trust the cache
//! again already, and an update may be committed after the look at `flight_log`. Where the cache refuses at once, that costs
//! nothing. It is also sent once more where the connection was dead. `docs/models/outage_model.py` shows what goes wrong
//! without.
//!
//! The outage is written down before the first command learns of it, so that the next process heals the cache if this one is
//! killed meanwhile ([`super::outage`]).
//!
//! A cache of several servers may lose one of them. Each shard of its keys has a breaker of its own, which opens, heals and closes
//! by itself: the flights of the others are read from the cache as before.

mod beginning;
mod healing;
mod shard;

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;

use super::outage::Notes;
use super::reconcile::Reconciled;
use crate::cache::{Cache, Content, Counted, Entry, Facts, Inventory, Lease, LeaseKind, Look, Over, Settle, Settled};
use crate::clock::{self, Chance};
use crate::database::Database;
use crate::error::{Error, Peer, Result};
use crate::flight::FlightId;
use crate::queue::Queue;
use healing::lock;
use shard::Shard;
pub(super) use shard::Spot;

/// A cache behind a circuit breaker.
#[derive(Clone)]
pub(super) struct Breaker(Arc<Circuit>);

/// What the breaker knows, and what it heals with.
struct Circuit {
    cache: Arc<dyn Cache>,
    database: Arc<dyn Database>,
    queue: Arc<dyn Queue>,
    chance: Arc<Chance>,
    /// How far back an entry of the cache may reach.
    reach: Duration,
    /// How long an update that began without the cache may take until its commit.
    longest_update: Duration,
    shards: Vec<Shard>,
    notes: Notes,
    /// Whether it is asked again by itself; elsewhere by [`Breaker::recover`].
    probes: bool,
    last_healing: Mutex<Option<Reconciled>>,
}

impl Breaker {
    pub(super) fn new(
        cache: Arc<dyn Cache>,
        (database, queue): (Arc<dyn Database>, Arc<dyn Queue>),
        chance: Arc<Chance>,
        (reach, longest_update): (Duration, Duration),
        notes: Notes,
        probes: bool,
    ) -> Self {
        let shards = (0..cache.shards()).map(|_| Shard::new()).collect();
        Self(Arc::new(Circuit {
            cache,
            database,
            queue,
            chance,
            reach,
            longest_update,
            shards,
            notes,
            probes,
            last_healing: Mutex::new(None),
        }))
    }

    /// Whether commands are let through, to every shard.
    pub(super) fn is_closed(&self) -> bool {
        !self.0.shards.iter().any(Shard::is_open)
    }

    /// Why the outage could not be written down, where that is so: then nobody heals it but this process.
    pub(super) fn unwritten(&self) -> Option<String> {
        self.0.shards.iter().find_map(|shard| lock(&shard.outage).as_ref()?.unwritten.clone())
    }

    /// What the last healing did, told once.
    pub(super) fn take_healing(&self) -> Option<Reconciled> {
        lock(&self.0.last_healing).take()
    }

    /// Heals what is away of the cache if it is there, now.
    ///
    /// # Errors
    /// Why not.
    pub(super) async fn recover(&self) -> Result<()> {
        for (number, shard) in self.0.shards.iter().enumerate() {
            if shard.is_open() {
                self.0.recover(number, shard.failures.load(Ordering::Acquire)).await?;
            }
        }
        Ok(())
    }

    /// Refuses a hop to the queue that would find the cache away: the stream lives on the same server, and the journal tells the
    /// cache of every update that it takes over.
    pub(super) fn permit(&self, name: &'static str, spot: Spot) -> Result<()> {
        let Circuit { queue, cache, .. } = &*self.0;
        let Some(shard) = self.shard_of(spot) else { return Ok(()) };
        match queue.stores_entry() {
            true if self.0.shards[shard].is_silent() => Err(self.0.refusal(shard, queue.peer())),
            false if name == "enqueue" && self.0.shards[shard].is_open() => Err(self.0.refusal(shard, cache.peer())),
            _ => Ok(()),
        }
    }

    /// Learns from what a hop to the queue failed with whether the cache is away.
    pub(super) fn notice(&self, failure: &Error, spot: Spot) {
        let is_away = match failure {
            Error::CacheNotTold { .. } => true,
            Error::Unreachable { .. } | Error::TimedOut { .. } | Error::OutcomeUnknown { .. } => {
                self.0.queue.stores_entry()
            }
            _ => false,
        };
        if is_away && let Some(shard) = self.shard_of(spot) {
            Circuit::open(&self.0, shard, failure);
        }
    }

    /// Which shard of the cache a hop to the queue has to do with, if it is one.
    fn shard_of(&self, spot: Spot) -> Option<usize> {
        match spot {
            _ if self.0.shards.len() == 1 => Some(0),
            Spot::Flight(id) => Some(self.0.cache.shard(id)),
            // A partition of a journal has flights of every shard.
            Spot::Partition(number) => self.0.queue.stores_entry().then_some(number as usize),
            Spot::All => None,
        }
    }

    /// Lets a command through while the shard is trusted.
    async fn pass<T>(&self, id: FlightId, changes: bool, command: impl Future<Output = Result<T>>) -> Result<T> {
        let shard = self.0.cache.shard(id);
        if self.0.shards[shard].is_open() {
            return Err(self.0.refusal(shard, self.peer()));
        }
        self.attempt(shard, changes, command).await
    }

    /// Lets what a writer has to say through while the shard is not silent, and once more where nobody was reached: the
    /// connection may have been dead since the last command, or the client may still remember an earlier failure.
    async fn tell<T, F>(&self, id: FlightId, changes: bool, command: impl Fn() -> F + Send) -> Result<T>
    where
        F: Future<Output = Result<T>> + Send,
    {
        let number = self.0.cache.shard(id);
        let shard = &self.0.shards[number];
        if shard.is_silent() {
            return Err(self.0.refusal(number, self.peer()));
        }
        match self.attempt(number, changes, command()).await {
            Err(error) if error.is_outage() && !shard.is_silent() => self.attempt(number, changes, command()).await,
            told => told,
        }
    }

    /// Sends a command, and sees what comes of it. `changes` is whether it changes an entry: then any failure leaves something
    /// wrong there, also one of a server that answers.
    async fn attempt<T>(&self, shard: usize, changes: bool, command: impl Future<Output = Result<T>>) -> Result<T> {
        let circuit = &self.0;
        let began = clock::utc().timestamp_micros();
        match command.await {
            Err(error) if error.is_outage() || changes => {
                Circuit::open(circuit, shard, &error);
                Err(error)
            }
            answered => {
                circuit.shards[shard].last_answer.fetch_max(began, Ordering::AcqRel);
                answered
            }
        }
    }
}

#[async_trait]
impl Cache for Breaker {
    fn peer(&self) -> &Arc<Peer> {
        self.0.cache.peer()
    }

    async fn ping(&self) -> Result<()> {
        self.0.cache.ping().await
    }

    fn shards(&self) -> usize {
        self.0.cache.shards()
    }

    fn shard(&self, id: FlightId) -> usize {
        self.0.cache.shard(id)
    }

    async fn reach(&self, shard: usize) -> Result<()> {
        self.0.cache.reach(shard).await
    }

    async fn get(&self, id: FlightId) -> Result<Entry> {
        self.pass(id, false, self.0.cache.get(id)).await
    }

    async fn look(&self, id: FlightId) -> Result<Look> {
        self.pass(id, false, self.0.cache.look(id)).await
    }

    async fn lease(&self, id: FlightId, lease: &Lease, over: Over<'_>, ttl: Duration) -> Result<bool> {
        let cache = &self.0.cache;
        match lease.kind {
            // That it is not placed leaves nothing wrong: whoever wants it goes on without.
            LeaseKind::Fill => self.pass(id, false, cache.lease(id, lease, over, ttl)).await,
            LeaseKind::Write => self.tell(id, false, || cache.lease(id, lease, over, ttl)).await,
        }
    }

    async fn settle(&self, id: FlightId, lease: &Lease, settle: &Settle) -> Result<Settled> {
        let cache = &self.0.cache;
        match lease.kind {
            LeaseKind::Fill => self.pass(id, true, cache.settle(id, lease, settle)).await,
            LeaseKind::Write => self.tell(id, true, || cache.settle(id, lease, settle)).await,
        }
    }

    async fn set(&self, id: FlightId, content: &Content, ttl: Duration) -> Result<()> {
        self.pass(id, true, self.0.cache.set(id, content, ttl)).await
    }

    async fn delete(&self, id: FlightId) -> Result<bool> {
        self.pass(id, true, self.0.cache.delete(id)).await
    }

    async fn remaining(&self, id: FlightId) -> Result<Option<Duration>> {
        self.0.cache.remaining(id).await
    }

    async fn ids(&self) -> Result<Vec<FlightId>> {
        self.0.cache.ids().await
    }

    async fn facts(&self) -> Result<Facts> {
        self.0.cache.facts().await
    }

    async fn statistics(&self) -> Result<Counted> {
        self.0.cache.statistics().await
    }

    async fn inventory(&self) -> Result<Inventory> {
        self.0.cache.inventory().await
    }

    async fn incarnation(&self) -> Result<Option<String>> {
        self.0.cache.incarnation().await
    }
}

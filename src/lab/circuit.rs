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

mod beginning;
mod healing;

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;

use super::outage::{Notes, Outage};
use super::reconcile::Reconciled;
use crate::cache::{
    Cache, Content, Entry, Facts, Inventory, Lease, LeaseKind, Look, Over, Settle, Settled, Statistics,
};
use crate::clock::{self, Chance};
use crate::database::Database;
use crate::error::{Error, Peer, Result};
use crate::flight::FlightId;
use crate::queue::Queue;
use healing::lock;

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
    is_open: AtomicBool,
    /// Whether the last failure was that no answer came: the next command would wait as long.
    is_silent: AtomicBool,
    /// How many commands have failed: what one of them was to tell is not known to who looked at `flight_log` before.
    failures: AtomicU64,
    /// When the last command began that was answered, in microseconds of Unix time.
    last_answer: AtomicI64,
    outage: Mutex<Option<Outage>>,
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
        Self(Arc::new(Circuit {
            cache,
            database,
            queue,
            chance,
            reach,
            longest_update,
            is_open: AtomicBool::new(false),
            is_silent: AtomicBool::new(false),
            failures: AtomicU64::new(0),
            last_answer: AtomicI64::new(clock::utc().timestamp_micros()),
            outage: Mutex::new(None),
            notes,
            probes,
            last_healing: Mutex::new(None),
        }))
    }

    /// Whether commands are let through.
    pub(super) fn is_closed(&self) -> bool {
        !self.0.is_open.load(Ordering::Acquire)
    }

    /// Why the outage could not be written down, where that is so: then nobody heals it but this process.
    pub(super) fn unwritten(&self) -> Option<String> {
        lock(&self.0.outage).as_ref()?.unwritten.clone()
    }

    /// What the last healing did, told once.
    pub(super) fn take_healing(&self) -> Option<Reconciled> {
        lock(&self.0.last_healing).take()
    }

    /// Heals the cache if it is there, now.
    ///
    /// # Errors
    /// Why not.
    pub(super) async fn recover(&self) -> Result<()> {
        if self.is_closed() { Ok(()) } else { self.0.recover(self.0.failures.load(Ordering::Acquire)).await }
    }

    /// Refuses a hop to the queue that would find the cache away: the stream lives on the same server, and the journal tells the
    /// cache of every update that it takes over.
    pub(super) fn permit(&self, name: &'static str) -> Result<()> {
        let Circuit { queue, cache, .. } = &*self.0;
        match queue.stores_entry() {
            true if self.is_silent() => Err(self.0.refusal(queue.peer())),
            false if name == "enqueue" && !self.is_closed() => Err(self.0.refusal(cache.peer())),
            _ => Ok(()),
        }
    }

    /// Learns from what a hop to the queue failed with whether the cache is away.
    pub(super) fn notice(&self, failure: &Error) {
        let is_away = match failure {
            Error::CacheNotTold { .. } => true,
            Error::Unreachable { .. } | Error::TimedOut { .. } | Error::OutcomeUnknown { .. } => {
                self.0.queue.stores_entry()
            }
            _ => false,
        };
        if is_away {
            Circuit::open(&self.0, failure);
        }
    }

    /// Whether the next command would wait for an answer that does not come.
    fn is_silent(&self) -> bool {
        !self.is_closed() && self.0.is_silent.load(Ordering::Acquire)
    }

    /// Lets a command through while the cache is trusted.
    async fn pass<T>(&self, changes: bool, command: impl Future<Output = Result<T>>) -> Result<T> {
        if self.is_closed() { self.attempt(changes, command).await } else { Err(self.0.refusal(self.peer())) }
    }

    /// Lets what a writer has to say through while the cache is not silent, and once more where nobody was reached: the
    /// connection may have been dead since the last command, or the client may still remember an earlier failure.
    async fn tell<T, F>(&self, changes: bool, command: impl Fn() -> F + Send) -> Result<T>
    where
        F: Future<Output = Result<T>> + Send,
    {
        if self.is_silent() {
            return Err(self.0.refusal(self.peer()));
        }
        match self.attempt(changes, command()).await {
            Err(error) if error.is_outage() && !self.is_silent() => self.attempt(changes, command()).await,
            told => told,
        }
    }

    /// Sends a command, and sees what comes of it. `changes` is whether it changes an entry: then any failure leaves something
    /// wrong there, also one of a server that answers.
    async fn attempt<T>(&self, changes: bool, command: impl Future<Output = Result<T>>) -> Result<T> {
        let circuit = &self.0;
        let began = clock::utc().timestamp_micros();
        match command.await {
            Err(error) if error.is_outage() || changes => {
                Circuit::open(circuit, &error);
                Err(error)
            }
            answered => {
                circuit.last_answer.fetch_max(began, Ordering::AcqRel);
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

    async fn get(&self, id: FlightId) -> Result<Entry> {
        self.pass(false, self.0.cache.get(id)).await
    }

    async fn look(&self, id: FlightId) -> Result<Look> {
        self.pass(false, self.0.cache.look(id)).await
    }

    async fn lease(&self, id: FlightId, lease: &Lease, over: Over<'_>, ttl: Duration) -> Result<bool> {
        let cache = &self.0.cache;
        match lease.kind {
            // That it is not placed leaves nothing wrong: whoever wants it goes on without.
            LeaseKind::Fill => self.pass(false, cache.lease(id, lease, over, ttl)).await,
            LeaseKind::Write => self.tell(false, || cache.lease(id, lease, over, ttl)).await,
        }
    }

    async fn settle(&self, id: FlightId, lease: &Lease, settle: &Settle) -> Result<Settled> {
        let cache = &self.0.cache;
        match lease.kind {
            LeaseKind::Fill => self.pass(true, cache.settle(id, lease, settle)).await,
            LeaseKind::Write => self.tell(true, || cache.settle(id, lease, settle)).await,
        }
    }

    async fn set(&self, id: FlightId, content: &Content, ttl: Duration) -> Result<()> {
        self.pass(true, self.0.cache.set(id, content, ttl)).await
    }

    async fn delete(&self, id: FlightId) -> Result<bool> {
        self.pass(true, self.0.cache.delete(id)).await
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

    async fn statistics(&self) -> Result<Statistics> {
        self.0.cache.statistics().await
    }

    async fn inventory(&self) -> Result<Inventory> {
        self.0.cache.inventory().await
    }

    async fn incarnation(&self) -> Result<Option<String>> {
        self.0.cache.incarnation().await
    }
}

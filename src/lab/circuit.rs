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
//! The outage is written down before the first command learns of it, so that the next process heals the cache if this one is
//! killed meanwhile ([`super::outage`]).

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDateTime, Utc};

use super::outage::{Notes, Outage};
use super::reconcile::{self, Reconciled};
use crate::cache::{Cache, Content, Entry, Facts, Lease, Over, Settle, Settled};
use crate::clock::{self, Chance};
use crate::database::Database;
use crate::error::{Error, Peer, Result};
use crate::flight::FlightId;

/// How long after a failure the cache is asked again whether it is there.
const PROBE: Duration = Duration::from_millis(250);

/// A cache behind a circuit breaker.
#[derive(Clone)]
pub(super) struct Breaker(Arc<Circuit>);

/// What the breaker knows, and what it heals with.
struct Circuit {
    cache: Arc<dyn Cache>,
    database: Arc<dyn Database>,
    chance: Arc<Chance>,
    /// How far back an entry of the cache may reach.
    reach: Duration,
    /// How long an update that began without the cache may take until its commit.
    longest_update: Duration,
    is_open: AtomicBool,
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
        database: Arc<dyn Database>,
        chance: Arc<Chance>,
        (reach, longest_update): (Duration, Duration),
        notes: Notes,
        probes: bool,
    ) -> Self {
        Self(Arc::new(Circuit {
            cache,
            database,
            chance,
            reach,
            longest_update,
            is_open: AtomicBool::new(false),
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

    /// What the last healing did, told once.
    pub(super) fn take_healing(&self) -> Option<Reconciled> {
        lock(&self.0.last_healing).take()
    }

    /// Heals the cache if it is there, now.
    ///
    /// # Errors
    /// Why not.
    pub(super) async fn recover(&self) -> Result<()> {
        if self.is_closed() { Ok(()) } else { self.0.recover().await }
    }

    /// Takes over the outages that earlier processes have written down: the cache is healed before it is read.
    ///
    /// # Errors
    /// [`Error::File`] when they cannot be read.
    pub(super) async fn catch_up(&self) -> Result<()> {
        let circuit = &self.0;
        let Some(since) = circuit.notes.earliest() else { return Ok(()) };
        let found = clock::utc();
        circuit.is_open.store(true, Ordering::Release);
        // What is dropped is decided by how long entries live, and by this.
        *lock(&circuit.outage) = Some(Outage::new(since, &"an earlier command found it away"));
        let Err(failure) = circuit.recover().await else {
            *lock(&circuit.outage) = None;
            return circuit.notes.healed(found, circuit.longest_update);
        };
        Circuit::probe(circuit);
        lock(&circuit.outage).insert(Outage::new(since, &failure)).write_down(&circuit.notes)
    }

    /// Lets a command through, and sees what comes of it. `writes` is whether it changes an entry: then any failure leaves
    /// something wrong there, also one of a server that answers.
    async fn pass<T>(&self, writes: bool, command: impl Future<Output = Result<T>>) -> Result<T> {
        let circuit = &self.0;
        if circuit.is_open.load(Ordering::Acquire) {
            return Err(circuit.refusal());
        }
        let began = clock::utc().timestamp_micros();
        match command.await {
            Err(error) if error.is_outage() || writes => {
                Circuit::open(circuit, &error)?;
                Err(error)
            }
            answered => {
                circuit.last_answer.fetch_max(began, Ordering::AcqRel);
                answered
            }
        }
    }
}

impl Circuit {
    fn refusal(&self) -> Error {
        let why = lock(&self.outage).as_ref().map(|outage| outage.why.clone()).unwrap_or_default();
        let cause = format!("it is not asked until it is back and healed: {why}").into();
        Error::Unreachable { peer: Arc::clone(self.cache.peer()), cause }
    }

    /// From now on nothing is let through, until the cache is healed. The outage is on the disk when this returns.
    fn open(circuit: &Arc<Self>, failure: &Error) -> Result<()> {
        let mut outage = lock(&circuit.outage);
        if circuit.is_open.load(Ordering::Acquire) {
            return Ok(());
        }
        // Open in any case: that it could not be written down is told, and is no reason to trust the cache.
        circuit.is_open.store(true, Ordering::Release);
        let since = DateTime::from_timestamp_micros(circuit.last_answer.load(Ordering::Acquire)).unwrap_or_default();
        let outage = outage.insert(Outage::new(since, failure));
        Self::probe(circuit);
        outage.write_down(&circuit.notes)
    }

    /// Asks the cache again and again whether it is there, until it is and is healed, or nobody needs it any more.
    fn probe(circuit: &Arc<Self>) {
        if !circuit.probes {
            return;
        }
        let circuit: Weak<Self> = Arc::downgrade(circuit);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(PROBE).await;
                let Some(circuit) = circuit.upgrade() else { return };
                if circuit.recover().await.is_ok() {
                    return Self::look_again(&Arc::downgrade(&circuit), circuit.longest_update).await;
                }
            }
        });
    }

    /// Heals the cache if it is there, and closes.
    async fn recover(&self) -> Result<()> {
        self.cache.ping().await?;
        let healed = self.heal().await?;
        *lock(&self.last_healing) = Some(healed);
        self.is_open.store(false, Ordering::Release);
        Ok(())
    }

    async fn heal(&self) -> Result<Reconciled> {
        let now = clock::utc();
        let since = lock(&self.outage).as_ref().map_or(now, |outage| outage.since);
        reconcile::reconcile(&self.database, &self.cache, &self.chance, self.from(since, now)).await
    }

    /// From when on changes count.
    fn from(&self, since: DateTime<Utc>, now: DateTime<Utc>) -> NaiveDateTime {
        reconcile::reaching_back(since.min(now - self.reach))
    }

    /// An update that found the cache away may have been committed after the look at `flight_log`. Its own settle tells the
    /// cache; if its process was killed before that, this does, or whoever finds the outage written down.
    async fn look_again(circuit: &Weak<Self>, longest_update: Duration) {
        tokio::time::sleep(longest_update).await;
        let Some(circuit) = circuit.upgrade() else { return };
        if circuit.is_open.load(Ordering::Acquire) || circuit.heal().await.is_err() {
            return;
        }
        let mut outage = lock(&circuit.outage);
        // Another may have begun meanwhile: that one stays written down.
        if !circuit.is_open.load(Ordering::Acquire)
            && let Some(over) = outage.take()
        {
            // What stays written down is healed once more by the next process, which does no harm.
            _ = over.forget();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A poisoned lock means a panic between two assignments; what is there is still sound.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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

    async fn lease(&self, id: FlightId, lease: &Lease, over: Over<'_>, ttl: Duration) -> Result<bool> {
        self.pass(true, self.0.cache.lease(id, lease, over, ttl)).await
    }

    async fn settle(&self, id: FlightId, lease: &Lease, settle: &Settle) -> Result<Settled> {
        self.pass(true, self.0.cache.settle(id, lease, settle)).await
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
}

//! Refresh-ahead: an entry that is read shortly before it expires is refreshed in the background, so that it does not.
//!
//! ```text
//!   read    app ──look─▶ cache          the flight, and how long it still stands: one trip, and the answer
//!           app ──find─▶ database       only a miss comes here: nobody read it for a whole TTL
//!
//!   in the background, where little of its TTL is left
//!           ──mark──▶ cache             the same flight, with a token in it, where it still stands as it was seen
//!           ──find──▶ database
//!           ──put───▶ cache             for another TTL, where that token still stands
//!
//!   update  as write-through            what everybody reads stays in the cache, with its new times
//! ```
//!
//! The mark makes one refresher of many, in this process and in all others: a marked flight is a hit like any other, and nobody
//! marks it again. It is a lease as well ([`super::lease`]): a writer puts its own lease over it, and then the refresher's token no
//! longer stands, and what it has read is not stored.
//!
//! **Guarantee.** Once an update is acknowledged no later read is older, whoever dies. A refresher that dies or fails leaves the
//! mark, which changes nothing for readers: the entry ends with the TTL that it had, and the next read loads it, as if nobody had
//! tried.
//!
//! **How it fails in the textbook form**, without the mark: every reader of the last minutes starts a refresh of its own; and one
//! that read the database before an update stores the old flight after it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;

use super::background::{Background, Ended};
use super::lease::{self, Loaded};
use super::{
    Acknowledgement, MISSING_TTL, Pattern, PatternKind, Policy, Read, Refresh, Refreshed, Source, Stack, xfetch,
};
use crate::cache::{Content, Lease, Look, Over, Settle, Settled};
use crate::clock;
use crate::error::Result;
use crate::flight::{FlightId, Update};

pub(super) struct RefreshAhead {
    loader: Loader,
    background: Background,
}

/// The stack, and what the latest load cost, in nanoseconds: what XFetch weighs against the time that is left. Before the first
/// load of a process it is not known, and nobody is early.
#[derive(Clone)]
pub(super) struct Loader {
    pub(super) stack: Stack,
    cost: Arc<AtomicU64>,
}

impl RefreshAhead {
    pub(super) fn new(stack: Stack) -> Self {
        Self { loader: Loader::new(stack), background: Background::default() }
    }

    fn refresh_if_due(&self, id: FlightId, found: &Look) {
        let Some(left) = found.left.filter(|left| self.loader.is_due(*left)) else { return };
        if self.background.is_busy_with(id) {
            return;
        }
        // Without a mark: it is no flight, or somebody refreshes it.
        if let Some(mark) = found.mark(&self.loader.stack.chance) {
            self.background.begin(id, refresh(self.loader.clone(), id, found.bytes().to_vec(), left, mark));
        }
    }
}

impl Loader {
    pub(super) fn new(stack: Stack) -> Self {
        Self { stack, cost: Arc::default() }
    }

    pub(super) async fn load(&self, id: FlightId) -> Result<Loaded> {
        let began = clock::instant();
        let flight = self.stack.database.find(id).await?;
        self.cost.store(u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX), Ordering::Relaxed);
        Ok((flight, Source::Database))
    }

    /// Whether an entry with so long to live is to be refreshed.
    pub(super) fn is_due(&self, left: Duration) -> bool {
        let Stack { ttl, chance, tuning, .. } = &self.stack;
        let refreshing = tuning.refreshing;
        match refreshing.policy {
            // An entry may live a little longer than the TTL.
            Policy::Threshold => refreshing.threshold >= 1.0 || left < ttl.mul_f64(refreshing.threshold),
            Policy::Xfetch => {
                let cost = Duration::from_nanos(self.cost.load(Ordering::Relaxed));
                xfetch::is_due(left, cost, refreshing.eagerness, chance)
            }
        }
    }
}

/// Marks what was seen, loads the flight, and puts it there for another TTL.
async fn refresh(loader: Loader, id: FlightId, seen: Vec<u8>, left: Duration, mark: Lease) -> Ended {
    let stack = &loader.stack;
    if !stack.cache.lease(id, &mark, Over::Exactly(Some(&seen)), left).await? {
        return Ok((Refreshed::LeftToOthers, None));
    }
    let (content, ttl, refreshed) = match loader.load(id).await?.0 {
        Some(flight) => (Content::Value(flight), stack.value_ttl(), Refreshed::Stored),
        None => (Content::Missing, MISSING_TTL, Refreshed::Missing),
    };
    match stack.cache.settle(id, &mark, &Settle::Put(content, ttl)).await? {
        Settled::Put => Ok((refreshed, Some(ttl))),
        _ => Ok((Refreshed::Overtaken, None)),
    }
}

#[async_trait]
impl Pattern for RefreshAhead {
    fn kind(&self) -> PatternKind {
        PatternKind::RefreshAhead
    }

    async fn read(&self, id: FlightId) -> Result<Read> {
        let found = self.loader.stack.cache.look(id).await;
        if let Ok(found) = &found {
            self.refresh_if_due(id, found);
        }
        lease::answer(&self.loader.stack, id, found.map(|found| found.entry), || self.loader.load(id)).await
    }

    async fn update(&self, update: &Update) -> Result<Acknowledgement> {
        let ttl = self.loader.stack.value_ttl();
        lease::write(&self.loader.stack, update, |flight| Settle::Put(Content::Value(flight.clone()), ttl)).await
    }

    async fn rest(&self) -> Vec<Refresh> {
        self.background.rest().await
    }
}

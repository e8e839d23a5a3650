//! The cache within this process: no server, no trip, and nothing left of it when the process ends.
//!
//! It keeps the same text that a server would keep, so that it behaves and costs like one but for the trip. Whatever changes a
//! key does so under that key's lock: that makes lease and settle the one atomic step that the protocol asks for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use moka::Expiry;
use moka::ops::compute::Op;

use super::decide::{decide, permits};
use super::{
    Cache, Content, Counted, Entry, Facts, Inventory, Lease, Lifetimes, Look, MemoryLimit, Over, Persistence, Settle,
    Settled, Statistics,
};
use crate::clock;
use crate::error::{Peer, Result};
use crate::flight::FlightId;
use crate::hop::{self, Sent};

/// What stands under a key.
#[derive(Clone)]
struct Stored {
    text: Arc<str>,
    since: Instant,
    ttl: Duration,
}

impl Stored {
    fn new(text: String, ttl: Duration) -> Self {
        Self { text: text.into(), since: clock::instant(), ttl }
    }

    fn left(&self) -> Duration {
        self.ttl.saturating_sub(self.since.elapsed())
    }
}

/// Lets every entry live as long as it says itself.
struct OwnTtl;

impl Expiry<FlightId, Stored> for OwnTtl {
    fn expire_after_create(&self, _: &FlightId, stored: &Stored, _: Instant) -> Option<Duration> {
        Some(stored.ttl)
    }

    fn expire_after_update(&self, _: &FlightId, stored: &Stored, _: Instant, _: Option<Duration>) -> Option<Duration> {
        Some(stored.ttl)
    }
}

/// A cache that belongs to its process.
pub(super) struct Memory {
    peer: Arc<Peer>,
    entries: moka::sync::Cache<FlightId, Stored>,
    began: Instant,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl Memory {
    /// An empty cache.
    pub(super) fn new() -> Self {
        let peer = Arc::new(Peer { role: "cache", product: "memory cache", address: "in this process".into() });
        let entries = moka::sync::Cache::builder().expire_after(OwnTtl).build();
        Self { peer, entries, began: clock::instant(), hits: AtomicU64::new(0), misses: AtomicU64::new(0) }
    }

    /// Counts a look at a key: whether something stood there.
    fn count(&self, is_there: bool) {
        let counter = if is_there { &self.hits } else { &self.misses };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Changes what stands under a key, in one step: nobody else changes it between what `change` sees and what it decides.
    ///
    /// Deleting goes this way as well, because the lock holds only against those who ask for it.
    fn change<T>(&self, id: FlightId, change: impl FnOnce(Option<&[u8]>) -> (Op<Stored>, T)) -> T {
        let mut outcome = None;
        self.entries.entry(id).and_compute_with(|standing| {
            let (operation, result) = change(standing.as_ref().map(|entry| entry.value().text.as_bytes()));
            outcome = Some(result);
            operation
        });
        outcome.expect("and_compute_with runs its closure exactly once")
    }
}

#[async_trait]
impl Cache for Memory {
    fn peer(&self) -> &Arc<Peer> {
        &self.peer
    }

    async fn ping(&self) -> Result<()> {
        hop::sent(|| Sent::command("ping"));
        Ok(())
    }

    async fn get(&self, id: FlightId) -> Result<Entry> {
        hop::sent(|| Sent::command(format!("get {}", id.key())));
        let found = self.entries.get(&id);
        self.count(found.is_some());
        Ok(found.map_or(Entry::Absent, |stored| Entry::decode(id, stored.text.as_bytes())))
    }

    async fn look(&self, id: FlightId) -> Result<Look> {
        hop::sent(|| Sent::command(format!("look {}", id.key())));
        let found = self.entries.get(&id);
        self.count(found.is_some());
        Ok(found.map_or_else(Look::absent, |stored| Look::of(id, stored.text.as_bytes().to_vec(), Some(stored.left()))))
    }

    async fn lease(&self, id: FlightId, lease: &Lease, over: Over<'_>, ttl: Duration) -> Result<bool> {
        hop::sent(|| {
            let verb = match over {
                Over::Nothing => "add",
                Over::Exactly(_) => "replace",
                Over::Anything => "set",
            };
            Sent::command(format!("{verb} {} {} {}ms", id.key(), lease.encode(), ttl.as_millis()))
        });
        Ok(self.change(id, |standing| match permits(over, standing) {
            true => (Op::Put(Stored::new(lease.encode(), ttl)), true),
            false => (Op::Nop, false),
        }))
    }

    async fn settle(&self, id: FlightId, lease: &Lease, settle: &Settle) -> Result<Settled> {
        hop::sent(|| {
            let rest = match settle {
                Settle::Put(content, ttl) => format!("put {} {}ms", content.encode(), ttl.as_millis()),
                Settle::Delete => "delete".to_owned(),
            };
            Sent::command(format!("settle {} {} {rest}", id.key(), lease.encode()))
        });
        Ok(self.change(id, |standing| {
            let settled = decide(standing, lease, settle);
            let operation = match (settled, settle) {
                (Settled::Put, Settle::Put(content, ttl)) => Op::Put(Stored::new(content.encode(), *ttl)),
                (Settled::Deleted | Settled::Voided, _) => Op::Remove,
                _ => Op::Nop,
            };
            (operation, settled)
        }))
    }

    async fn set(&self, id: FlightId, content: &Content, ttl: Duration) -> Result<()> {
        let text = content.encode();
        hop::sent(|| Sent::command(format!("set {} {text} {}ms", id.key(), ttl.as_millis())));
        self.change(id, |_| (Op::Put(Stored::new(text, ttl)), ()));
        Ok(())
    }

    async fn delete(&self, id: FlightId) -> Result<bool> {
        hop::sent(|| Sent::command(format!("delete {}", id.key())));
        Ok(self.change(id, |standing| (Op::Remove, standing.is_some())))
    }

    async fn remaining(&self, id: FlightId) -> Result<Option<Duration>> {
        hop::sent(|| Sent::command(format!("remaining {}", id.key())));
        Ok(self.entries.get(&id).map(|stored| stored.left()))
    }

    async fn ids(&self) -> Result<Vec<FlightId>> {
        hop::sent(|| Sent::command("keys"));
        let mut ids: Vec<_> = self.entries.iter().map(|(id, _)| *id).collect();
        ids.sort_unstable();
        Ok(ids)
    }

    async fn facts(&self) -> Result<Facts> {
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let persistence = Persistence::None;
        Ok(Facts {
            version,
            persistence,
            eviction: None,
            memory_limit: None,
            servers: Vec::new(),
            needs_every_slot: None,
        })
    }

    async fn statistics(&self) -> Result<Counted> {
        hop::sent(|| Sent::command("statistics"));
        Ok(Counted::from(Statistics {
            uptime: Some(self.began.elapsed()),
            hits: Some(self.hits.load(Ordering::Relaxed)),
            misses: Some(self.misses.load(Ordering::Relaxed)),
            // It has no limit, so that nothing has to go. How many expired, and what they take, nobody counts.
            evicted: Some(0),
            expired: None,
            entries: Some(self.entries.iter().count() as u64),
            memory_used: None,
            memory_limit: Some(MemoryLimit::Unlimited),
        }))
    }

    async fn inventory(&self) -> Result<Inventory> {
        hop::sent(|| Sent::command("inventory"));
        let lifetimes: Vec<_> = self.entries.iter().map(|(_, stored)| stored.left()).collect();
        Ok(Inventory {
            entries: lifetimes.len() as u64,
            sizes: None,
            lifetimes: Lifetimes::of(lifetimes),
            queue_keys: None,
        })
    }

    async fn incarnation(&self) -> Result<Option<String>> {
        Ok(None)
    }
}

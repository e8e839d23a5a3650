//! The layer around a database, a cache or a queue: every call becomes a hop, which is written down, may be made to fail, and
//! may be held. What calls there are stands here; what is done to a hop is decided once for all of them, in [`super::door`].
//!
//! Each type implements the trait that it wraps, so nothing above knows that it is there, and nothing below does either.

mod database;
mod queue;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::circuit::Spot;
use super::door::Door;
use super::gate::Trip;
use crate::cache::{self, Cache, Content, Entry, Lease, Look, Over, Settle, Settled};
use crate::error::{Peer, Result};
use crate::flight::{Flight, FlightId};
use crate::hop::Outcome;
use crate::quantity::latency;

/// A layer around `T`.
pub(super) struct Layered<T: ?Sized> {
    inner: Arc<T>,
    door: Door,
}

impl<T: ?Sized> Layered<T> {
    /// Every call goes through this door.
    pub(super) fn new(inner: Arc<T>, door: Door) -> Self {
        Self { inner, door }
    }
}

fn seen(entry: &Entry) -> Outcome {
    let departure = match entry {
        Entry::Value(flight) => Some(flight.departure),
        _ => None,
    };
    Outcome::of(entry.describe(), departure)
}

fn looked(look: &Look) -> Outcome {
    let Outcome { text, departure } = seen(&look.entry);
    let left = look.left.map(|left| format!(", {} left", latency(left))).unwrap_or_default();
    Outcome { text: text + &left, departure }
}

fn found(flight: &Option<Flight>) -> Outcome {
    let text = if flight.is_some() { "found" } else { "nothing" };
    Outcome::of(text, flight.as_ref().map(|flight| flight.departure))
}

fn done<T>(_: &T) -> String {
    "done".to_owned()
}

#[expect(clippy::ptr_arg, reason = "it is handed what the operation gave, as it is")]
fn rows<T>(rows: &Vec<T>) -> String {
    many(rows.len(), "row")
}

fn many(count: impl TryInto<u64>, what: &str) -> String {
    match count.try_into().unwrap_or(u64::MAX) {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}

#[async_trait]
impl Cache for Layered<dyn Cache> {
    fn peer(&self) -> &Arc<Peer> {
        self.inner.peer()
    }

    async fn ping(&self) -> Result<()> {
        self.door.hop("ping", done, self.inner.ping()).await
    }

    fn shards(&self) -> usize {
        self.inner.shards()
    }

    fn shard(&self, id: FlightId) -> usize {
        self.inner.shard(id)
    }

    async fn reach(&self, shard: usize) -> Result<()> {
        // What a probe asks, also where it asks for a part.
        self.door.hop("ping", done, self.inner.reach(shard)).await
    }

    async fn get(&self, id: FlightId) -> Result<Entry> {
        self.door.hop("get", seen, self.inner.get(id)).await
    }

    async fn look(&self, id: FlightId) -> Result<Look> {
        self.door.hop("look", looked, self.inner.look(id)).await
    }

    async fn lease(&self, id: FlightId, lease: &Lease, over: Over<'_>, ttl: Duration) -> Result<bool> {
        let outcome = |placed: &bool| if *placed { "placed" } else { "another stands" }.to_owned();
        self.door.hop("lease", outcome, self.inner.lease(id, lease, over, ttl)).await
    }

    async fn settle(&self, id: FlightId, lease: &Lease, settle: &Settle) -> Result<Settled> {
        let departure = match settle {
            Settle::Put(content, _) => content.departure(),
            Settle::Delete => None,
        };
        let outcome = |settled: &Settled| Outcome::of(settled.describe(), departure);
        let landing = || {
            let (inner, lease, settle) = (Arc::clone(&self.inner), lease.clone(), settle.clone());
            Box::pin(async move {
                let settled = inner.settle(id, &lease, &settle).await;
                settled.map(|settled| Outcome::of(settled.describe(), departure))
            }) as Trip
        };
        self.door.late_hop("settle", outcome, self.inner.settle(id, lease, settle), landing).await
    }

    async fn set(&self, id: FlightId, content: &Content, ttl: Duration) -> Result<()> {
        let outcome = |(): &()| Outcome::of("stored", content.departure());
        let landing = || {
            let (inner, content) = (Arc::clone(&self.inner), content.clone());
            Box::pin(async move {
                let departure = content.departure();
                inner.set(id, &content, ttl).await.map(|()| Outcome::of("stored", departure))
            }) as Trip
        };
        self.door.late_hop("set", outcome, self.inner.set(id, content, ttl), landing).await
    }

    async fn delete(&self, id: FlightId) -> Result<bool> {
        let outcome = |stood: &bool| if *stood { "deleted" } else { "nothing stood there" }.to_owned();
        self.door.hop("delete", outcome, self.inner.delete(id)).await
    }

    async fn remaining(&self, id: FlightId) -> Result<Option<Duration>> {
        let outcome = |left: &Option<Duration>| left.map_or_else(|| "nothing that expires".to_owned(), latency);
        self.door.hop("remaining", outcome, self.inner.remaining(id)).await
    }

    async fn ids(&self) -> Result<Vec<FlightId>> {
        self.door.hop("ids", |ids: &Vec<_>| many(ids.len(), "flight"), self.inner.ids()).await
    }

    async fn facts(&self) -> Result<cache::Facts> {
        self.door.hop("facts", done, self.inner.facts()).await
    }

    async fn statistics(&self) -> Result<cache::Counted> {
        self.door.hop("statistics", done, self.inner.statistics()).await
    }

    async fn inventory(&self) -> Result<cache::Inventory> {
        let outcome = |found: &cache::Inventory| many(found.entries, "flight");
        self.door.hop("inventory", outcome, self.inner.inventory()).await
    }

    async fn incarnation(&self) -> Result<Option<String>> {
        // The beginning tells runs apart.
        let outcome =
            |name: &Option<String>| name.as_ref().map_or("no name".to_owned(), |name| format!("run {name:.8}…"));
        self.door.hop("incarnation", outcome, self.inner.incarnation()).await
    }
}

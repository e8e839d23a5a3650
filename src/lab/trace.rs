//! The tracing layer: every call to a database, a cache or a queue becomes a hop, written down once and for all here.
//!
//! Each type implements the trait that it wraps, so nothing above knows that it is there, and nothing below does either.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::cache::{self, Cache, Entry, Lease, Over, Settle, Settled};
use crate::database::{self, Applied, Database, Offset, PendingUpdate, TableCount};
use crate::error::{Peer, Result};
use crate::flight::{Flight, FlightId, LogEntry, Position, Queued, Update};
use crate::hop::{Target, trip};
use crate::queue::{Backlog, Queue};

/// A layer that writes hops down.
pub(super) struct Traced<T: ?Sized>(pub(super) Arc<T>);

fn found<T>(flight: &Option<T>) -> String {
    if flight.is_some() { "found" } else { "nothing" }.to_owned()
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
impl Cache for Traced<dyn Cache> {
    fn peer(&self) -> &Arc<Peer> {
        self.0.peer()
    }

    async fn ping(&self) -> Result<()> {
        trip(Target::Cache, "ping", done, self.0.ping()).await
    }

    async fn get(&self, id: FlightId) -> Result<Entry> {
        trip(Target::Cache, "get", Entry::describe, self.0.get(id)).await
    }

    async fn lease(&self, id: FlightId, lease: &Lease, over: Over<'_>, ttl: Duration) -> Result<bool> {
        let outcome = |placed: &bool| if *placed { "placed" } else { "another stands" }.to_owned();
        trip(Target::Cache, "lease", outcome, self.0.lease(id, lease, over, ttl)).await
    }

    async fn settle(&self, id: FlightId, lease: &Lease, settle: &Settle) -> Result<Settled> {
        let outcome = |settled: &Settled| settled.describe().to_owned();
        trip(Target::Cache, "settle", outcome, self.0.settle(id, lease, settle)).await
    }

    async fn delete(&self, id: FlightId) -> Result<bool> {
        let outcome = |stood: &bool| if *stood { "deleted" } else { "nothing stood there" }.to_owned();
        trip(Target::Cache, "delete", outcome, self.0.delete(id)).await
    }

    async fn ids(&self) -> Result<Vec<FlightId>> {
        trip(Target::Cache, "ids", |ids: &Vec<_>| many(ids.len(), "flight"), self.0.ids()).await
    }

    async fn facts(&self) -> Result<cache::Facts> {
        trip(Target::Cache, "facts", done, self.0.facts()).await
    }
}

#[async_trait]
impl Database for Traced<dyn Database> {
    fn peer(&self) -> &Arc<Peer> {
        self.0.peer()
    }

    async fn ping(&self) -> Result<()> {
        trip(Target::Database, "ping", done, self.0.ping()).await
    }

    async fn warm(&self) -> Result<()> {
        self.0.warm().await
    }

    async fn find(&self, id: FlightId) -> Result<Option<Flight>> {
        trip(Target::Database, "find", found, self.0.find(id)).await
    }

    async fn find_range(&self, first: FlightId, last: FlightId, limit: u32) -> Result<Vec<Flight>> {
        trip(Target::Database, "find_range", rows, self.0.find_range(first, last, limit)).await
    }

    async fn search(&self, text: &str, limit: u32) -> Result<Vec<Flight>> {
        trip(Target::Database, "search", rows, self.0.search(text, limit)).await
    }

    async fn begin(&self, update: &Update) -> Result<Box<dyn PendingUpdate>> {
        let begin = async { self.0.begin(update).await.map(TracedUpdate) };
        let outcome = |_: &TracedUpdate| "row locked, changed and logged".to_owned();
        Ok(Box::new(trip(Target::Database, "begin", outcome, begin).await?))
    }

    async fn log(&self, id: FlightId, limit: u32) -> Result<Vec<LogEntry>> {
        trip(Target::Database, "log", rows, self.0.log(id, limit)).await
    }

    async fn offset(&self, incarnation: &str) -> Result<Offset> {
        let outcome = |offset: &Offset| match offset {
            Offset::Known(position) => format!("applied up to {position}"),
            Offset::Unavailable(reason) => format!("not kept: {reason}"),
        };
        trip(Target::Database, "offset", outcome, self.0.offset(incarnation)).await
    }

    async fn apply(&self, incarnation: &str, batch: &[Queued], tracked: bool) -> Result<Applied> {
        let outcome = |applied: &Applied| {
            let done = format!("{} of {}", many(applied.updates, "update"), many(applied.flights, "flight"));
            if applied.skipped == 0 { done } else { format!("{done}, {} known already", applied.skipped) }
        };
        trip(Target::Database, "apply", outcome, self.0.apply(incarnation, batch, tracked)).await
    }

    async fn facts(&self) -> Result<database::Facts> {
        trip(Target::Database, "facts", done, self.0.facts()).await
    }

    async fn tables(&self) -> Result<Vec<TableCount>> {
        trip(Target::Database, "tables", rows, self.0.tables()).await
    }

    async fn init(&self, flights: u32, progress: &(dyn Fn(u32) + Send + Sync)) -> Result<()> {
        trip(Target::Database, "init", done, self.0.init(flights, progress)).await
    }

    async fn close(&self) {
        self.0.close().await;
    }
}

struct TracedUpdate(Box<dyn PendingUpdate>);

#[async_trait]
impl PendingUpdate for TracedUpdate {
    fn before(&self) -> &Flight {
        self.0.before()
    }

    fn after(&self) -> &Flight {
        self.0.after()
    }

    async fn commit(self: Box<Self>) -> Result<()> {
        trip(Target::Database, "commit", |()| "committed".to_owned(), self.0.commit()).await
    }

    async fn rollback(self: Box<Self>) -> Result<()> {
        trip(Target::Database, "rollback", |()| "undone".to_owned(), self.0.rollback()).await
    }
}

#[async_trait]
impl Queue for Traced<dyn Queue> {
    fn peer(&self) -> &Arc<Peer> {
        self.0.peer()
    }

    fn stores_entry(&self) -> bool {
        self.0.stores_entry()
    }

    async fn enqueue(&self, update: &Update, ttl: Duration) -> Result<Position> {
        let outcome = |position: &Position| format!("queued at {position}");
        trip(Target::Queue, "enqueue", outcome, self.0.enqueue(update, ttl)).await
    }

    async fn pending(&self, id: FlightId) -> Result<Option<Flight>> {
        trip(Target::Queue, "pending", found, self.0.pending(id)).await
    }

    async fn incarnation(&self) -> Result<String> {
        trip(Target::Queue, "incarnation", String::clone, self.0.incarnation()).await
    }

    async fn after(&self, incarnation: &str, position: Position, limit: usize) -> Result<Vec<Queued>> {
        let outcome = |batch: &Vec<Queued>| many(batch.len(), "update");
        trip(Target::Queue, "after", outcome, self.0.after(incarnation, position, limit)).await
    }

    async fn forget(&self, incarnation: &str, applied: &[Queued], position: Position) -> Result<()> {
        trip(Target::Queue, "forget", done, self.0.forget(incarnation, applied, position)).await
    }

    async fn backlog(&self) -> Result<Backlog> {
        let outcome = |backlog: &Backlog| many(backlog.length, "update");
        trip(Target::Queue, "backlog", outcome, self.0.backlog()).await
    }

    async fn clear(&self) -> Result<Vec<FlightId>> {
        let outcome = |ids: &Vec<FlightId>| many(ids.len(), "flight");
        trip(Target::Queue, "clear", outcome, self.0.clear()).await
    }
}

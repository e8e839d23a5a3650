//! The tracing layer: every call to a database, a cache or a queue becomes a hop, written down once and for all here.
//!
//! Each type implements the trait that it wraps, so nothing above knows that it is there, and nothing below does either.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::cache::{self, Cache, Entry, Lease, Over, Settle, Settled};
use crate::database::{self, Alone, Applied, Database, PendingUpdate, TableCount, Tracking};
use crate::error::{Peer, Result};
use crate::flight::{Flight, FlightId, LogEntry, Position, Queued, Update};
use crate::hop::{Target, trip};
use crate::queue::{
    self, Backlog, DeadLetter, DeadLetters, Intake, LetterId, Outlet, Partition, Place, Queue, Sentence, Sequence,
    Whereabouts,
};

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

    async fn tracking(&self) -> Result<Tracking> {
        let outcome = |tracking: &Tracking| match tracking {
            Tracking::Kept => "the offset is kept".to_owned(),
            Tracking::Unavailable(reason) => format!("no offset is kept: {reason}"),
        };
        trip(Target::Database, "tracking", outcome, self.0.tracking()).await
    }

    async fn offset(&self, sequence: &str) -> Result<Option<Position>> {
        let outcome = |offset: &Option<Position>| match offset {
            Some(position) => format!("applied up to {position}"),
            None => "none is kept".to_owned(),
        };
        trip(Target::Database, "offset", outcome, self.0.offset(sequence)).await
    }

    async fn alone(&self, name: &str) -> Result<Box<dyn Alone>> {
        trip(Target::Database, "alone", |_| "held".to_owned(), self.0.alone(name)).await
    }

    async fn apply(&self, sequence: &str, batch: &[Queued], tracked: bool) -> Result<Applied> {
        let outcome = |applied: &Applied| {
            let done = format!("{} of {}", many(applied.updates, "update"), many(applied.flights, "flight"));
            if applied.skipped == 0 { done } else { format!("{done}, {} known already", applied.skipped) }
        };
        trip(Target::Database, "apply", outcome, self.0.apply(sequence, batch, tracked)).await
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
impl Intake for Traced<dyn Queue> {
    fn stores_entry(&self) -> bool {
        self.0.stores_entry()
    }

    async fn enqueue(&self, update: &Update, ttl: Duration) -> Result<Place> {
        trip(Target::Queue, "enqueue", queued, self.0.enqueue(update, ttl)).await
    }

    async fn pending(&self, id: FlightId) -> Result<Option<Flight>> {
        trip(Target::Queue, "pending", found, self.0.pending(id)).await
    }

    async fn whereabouts(&self, sequence: &Sequence, position: Position) -> Result<Whereabouts> {
        let outcome = |found: &Whereabouts| format!("{found:?}").to_lowercase();
        trip(Target::Queue, "whereabouts", outcome, self.0.whereabouts(sequence, position)).await
    }
}

fn queued(place: &Place) -> String {
    let known = if place.is_known { "known: queued before" } else { "queued" };
    format!("{known} at {}", place.position)
}

#[async_trait]
impl Outlet for Traced<dyn Queue> {
    async fn sequence(&self, partition: Partition) -> Result<Option<Sequence>> {
        let outcome = |found: &Option<Sequence>| found.as_ref().map_or("none".to_owned(), |found| found.name.clone());
        trip(Target::Queue, "sequence", outcome, self.0.sequence(partition)).await
    }

    async fn give_up(&self, partition: Partition) -> Result<u64> {
        let outcome = |flights: &u64| many(*flights, "flight");
        trip(Target::Queue, "give_up", outcome, self.0.give_up(partition)).await
    }

    async fn after(&self, sequence: &Sequence, position: Position, limit: usize) -> Result<Vec<Queued>> {
        let outcome = |batch: &Vec<Queued>| many(batch.len(), "update");
        trip(Target::Queue, "after", outcome, self.0.after(sequence, position, limit)).await
    }

    async fn forget(&self, sequence: &Sequence, applied: &[Queued], position: Position) -> Result<()> {
        trip(Target::Queue, "forget", done, self.0.forget(sequence, applied, position)).await
    }

    async fn bury(&self, sequence: &Sequence, position: Position, sentence: &Sentence) -> Result<()> {
        trip(Target::Queue, "bury", done, self.0.bury(sequence, position, sentence)).await
    }

    async fn arrival(&self, partition: Partition, limit: Duration) -> Result<()> {
        trip(Target::Queue, "arrival", done, self.0.arrival(partition, limit)).await
    }

    async fn attend(&self, worker: &str, lasting: Duration) -> Result<Vec<String>> {
        let outcome = |workers: &Vec<String>| many(workers.len(), "worker");
        trip(Target::Queue, "attend", outcome, self.0.attend(worker, lasting)).await
    }

    async fn leave(&self, worker: &str) -> Result<()> {
        trip(Target::Queue, "leave", done, self.0.leave(worker)).await
    }
}

#[async_trait]
impl DeadLetters for Traced<dyn Queue> {
    async fn dead_letters(&self, partition: Partition, position: Position, limit: usize) -> Result<Vec<DeadLetter>> {
        let outcome = |letters: &Vec<DeadLetter>| many(letters.len(), "dead letter");
        trip(Target::Queue, "dead_letters", outcome, self.0.dead_letters(partition, position, limit)).await
    }

    async fn replay(&self, letter: LetterId, update: &Update, ttl: Duration) -> Result<Option<Place>> {
        let outcome = |place: &Option<Place>| place.as_ref().map_or("no such letter".to_owned(), queued);
        trip(Target::Queue, "replay", outcome, self.0.replay(letter, update, ttl)).await
    }

    async fn purge(&self, partition: Partition, letters: &[Position]) -> Result<u64> {
        let outcome = |purged: &u64| many(*purged, "dead letter");
        trip(Target::Queue, "purge", outcome, self.0.purge(partition, letters)).await
    }
}

#[async_trait]
impl Queue for Traced<dyn Queue> {
    fn peer(&self) -> &Arc<Peer> {
        self.0.peer()
    }

    fn settings(&self) -> &queue::Settings {
        self.0.settings()
    }

    async fn backlog(&self, partition: Partition) -> Result<Backlog> {
        let outcome = |backlog: &Backlog| many(backlog.length, "update");
        trip(Target::Queue, "backlog", outcome, self.0.backlog(partition)).await
    }

    async fn clear(&self) -> Result<Vec<FlightId>> {
        let outcome = |ids: &Vec<FlightId>| many(ids.len(), "flight");
        trip(Target::Queue, "clear", outcome, self.0.clear()).await
    }
}

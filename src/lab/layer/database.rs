//! The calls to a database, as hops. The end of an update is one of them.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::NaiveDateTime;

use super::{Door, Layered, done, found, many, rows};
use crate::database::{self, Alone, Applied, Database, PendingUpdate, TableCount, Tracking};
use crate::error::{Peer, Result};
use crate::flight::{Flight, FlightId, LogEntry, Position, Queued, Update};
use crate::hop::Outcome;

#[async_trait]
impl Database for Layered<dyn Database> {
    fn peer(&self) -> &Arc<Peer> {
        self.inner.peer()
    }

    async fn ping(&self) -> Result<()> {
        self.door.hop("ping", done, self.inner.ping()).await
    }

    async fn warm(&self) -> Result<()> {
        self.inner.warm().await
    }

    async fn find(&self, id: FlightId) -> Result<Option<Flight>> {
        self.door.hop("find", found, self.inner.find(id)).await
    }

    async fn find_range(&self, first: FlightId, last: FlightId, limit: u32) -> Result<Vec<Flight>> {
        self.door.hop("find_range", rows, self.inner.find_range(first, last, limit)).await
    }

    async fn search(&self, text: &str, limit: u32) -> Result<Vec<Flight>> {
        self.door.hop("search", rows, self.inner.search(text, limit)).await
    }

    async fn begin(&self, update: &Update) -> Result<Box<dyn PendingUpdate>> {
        let begin =
            async { self.inner.begin(update).await.map(|inner| LayeredUpdate { inner, door: self.door.clone() }) };
        let outcome =
            |update: &LayeredUpdate| Outcome::of("row locked, changed and logged", Some(update.after().departure));
        Ok(Box::new(self.door.hop("begin", outcome, begin).await?))
    }

    async fn log(&self, id: FlightId, limit: u32) -> Result<Vec<LogEntry>> {
        self.door.hop("log", rows, self.inner.log(id, limit)).await
    }

    async fn changed_since(&self, moment: NaiveDateTime) -> Result<Vec<FlightId>> {
        let outcome = |ids: &Vec<FlightId>| many(ids.len(), "flight");
        self.door.hop("changed_since", outcome, self.inner.changed_since(moment)).await
    }

    async fn tracking(&self) -> Result<Tracking> {
        let outcome = |tracking: &Tracking| match tracking {
            Tracking::Kept => "the offset is kept".to_owned(),
            Tracking::Unavailable(reason) => format!("no offset is kept: {reason}"),
        };
        self.door.hop("tracking", outcome, self.inner.tracking()).await
    }

    async fn offset(&self, sequence: &str) -> Result<Option<Position>> {
        let outcome = |offset: &Option<Position>| match offset {
            Some(position) => format!("applied up to {position}"),
            None => "none is kept".to_owned(),
        };
        self.door.hop("offset", outcome, self.inner.offset(sequence)).await
    }

    async fn alone(&self, name: &str) -> Result<Box<dyn Alone>> {
        self.door.hop("alone", |_| "held".to_owned(), self.inner.alone(name)).await
    }

    async fn apply(&self, sequence: &str, batch: &[Queued], tracked: bool) -> Result<Applied> {
        let outcome = |applied: &Applied| {
            let done = format!("{} of {}", many(applied.updates, "update"), many(applied.flights, "flight"));
            let known = format!("{} known already", many(applied.skipped, "update"));
            match (applied.updates, applied.skipped) {
                (_, 0) => done,
                (0, _) => known,
                _ => format!("{done}, {known}"),
            }
        };
        let applied = self.door.hop("apply", outcome, self.inner.apply(sequence, batch, tracked)).await?;
        self.door.applied(batch);
        Ok(applied)
    }

    async fn facts(&self) -> Result<database::Facts> {
        self.door.hop("facts", done, self.inner.facts()).await
    }

    async fn tables(&self) -> Result<Vec<TableCount>> {
        self.door.hop("tables", rows, self.inner.tables()).await
    }

    async fn init(&self, flights: u32, progress: &(dyn Fn(u32) + Send + Sync)) -> Result<()> {
        self.door.hop("init", done, self.inner.init(flights, progress)).await
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}

/// An update of which the end is a hop as well.
struct LayeredUpdate {
    inner: Box<dyn PendingUpdate>,
    door: Door,
}

#[async_trait]
impl PendingUpdate for LayeredUpdate {
    fn before(&self) -> &Flight {
        self.inner.before()
    }

    fn after(&self) -> &Flight {
        self.inner.after()
    }

    async fn commit(self: Box<Self>) -> Result<()> {
        let departure = self.inner.after().departure;
        let outcome = |(): &()| Outcome::of("committed", Some(departure));
        self.door.hop("commit", outcome, self.inner.commit()).await
    }

    async fn rollback(self: Box<Self>) -> Result<()> {
        self.door.hop("rollback", |(): &()| "undone".to_owned(), self.inner.rollback()).await
    }
}

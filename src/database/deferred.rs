//! A database that did not answer yet: it is connected when it is first needed, and tried anew each time until it is there.
//!
//! With it a command begins though the database is down: what the cache and the queue can answer, they answer.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::NaiveDateTime;
use tokio::sync::OnceCell;

use super::{Alone, Applied, Database, Facts, PendingUpdate, Settings, TableCount, Tracking, connect};
use crate::error::{Peer, Result};
use crate::flight::{Flight, FlightId, LogEntry, Position, Queued, Update};

/// A database that is connected at its first use.
pub(super) struct Deferred {
    settings: Settings,
    peer: Arc<Peer>,
    connected: OnceCell<Arc<dyn Database>>,
}

impl Deferred {
    /// Nothing is sent yet.
    pub(super) fn new(settings: Settings) -> Self {
        Self { peer: Arc::new(settings.peer()), settings, connected: OnceCell::new() }
    }

    async fn database(&self) -> Result<&Arc<dyn Database>> {
        self.connected.get_or_try_init(|| connect(&self.settings)).await
    }
}

#[async_trait]
impl Database for Deferred {
    fn peer(&self) -> &Arc<Peer> {
        &self.peer
    }

    async fn ping(&self) -> Result<()> {
        self.database().await?.ping().await
    }

    async fn warm(&self) -> Result<()> {
        self.database().await?.warm().await
    }

    async fn find(&self, id: FlightId) -> Result<Option<Flight>> {
        self.database().await?.find(id).await
    }

    async fn find_range(&self, first: FlightId, last: FlightId, limit: u32) -> Result<Vec<Flight>> {
        self.database().await?.find_range(first, last, limit).await
    }

    async fn search(&self, text: &str, limit: u32) -> Result<Vec<Flight>> {
        self.database().await?.search(text, limit).await
    }

    async fn begin(&self, update: &Update) -> Result<Box<dyn PendingUpdate>> {
        self.database().await?.begin(update).await
    }

    async fn log(&self, id: FlightId, limit: u32) -> Result<Vec<LogEntry>> {
        self.database().await?.log(id, limit).await
    }

    async fn changed_since(&self, moment: NaiveDateTime) -> Result<Vec<FlightId>> {
        self.database().await?.changed_since(moment).await
    }

    async fn tracking(&self) -> Result<Tracking> {
        self.database().await?.tracking().await
    }

    async fn offset(&self, sequence: &str) -> Result<Option<Position>> {
        self.database().await?.offset(sequence).await
    }

    async fn apply(&self, sequence: &str, batch: &[Queued], tracked: bool) -> Result<Applied> {
        self.database().await?.apply(sequence, batch, tracked).await
    }

    async fn alone(&self, name: &str) -> Result<Box<dyn Alone>> {
        self.database().await?.alone(name).await
    }

    async fn facts(&self) -> Result<Facts> {
        self.database().await?.facts().await
    }

    async fn tables(&self) -> Result<Vec<TableCount>> {
        self.database().await?.tables().await
    }

    async fn init(&self, flights: u32, progress: &(dyn Fn(u32) + Send + Sync)) -> Result<()> {
        self.database().await?.init(flights, progress).await
    }

    async fn close(&self) {
        if let Some(database) = self.connected.get() {
            database.close().await;
        }
    }
}

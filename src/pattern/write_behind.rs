//! Write-behind (write-back): an update is acknowledged when the queue has it; the database follows.
//!
//! ```text
//!   update  app ──────▶ cache + pending + queue     one atomic trip, then the acknowledgement
//!
//!   read    app ──get──▶ cache                      a hit ends here
//!           app ──────▶ pending                     a miss looks here first, under its fill lease …
//!           app ──find─▶ database                   … and only then here
//!
//!   drain   queue ────▶ database                    a batch and the queue's offset, in one transaction
//! ```
//!
//! **Guarantee.** An acknowledged update is applied exactly once and in order ([`crate::queue::worker`]), and every reader of
//! this pattern sees it from the acknowledgement on, though its cache entry expired or was evicted.
//!
//! **How it fails in the textbook form**: the entry expires before the queue is drained, and readers get the old flight from the
//! database; or the worker takes an update off the queue and dies before it is applied.

use async_trait::async_trait;

use super::lease::{self, Loaded};
use super::{Acknowledgement, CacheEffect, Durability, Lookup, Pattern, PatternKind, Read, Source, Stack};
use crate::error::{Error, Result};
use crate::flight::{FlightId, Update};

pub(super) struct WriteBehind {
    stack: Stack,
}

impl WriteBehind {
    pub(super) fn new(stack: Stack) -> Self {
        Self { stack }
    }

    /// What a miss loads. The order matters: looked up the other way round, an update that is applied between the two
    /// look-ups is seen by neither.
    async fn load(&self, id: FlightId) -> Result<Loaded> {
        match self.stack.queue.pending(id).await? {
            Some(flight) => Ok((Some(flight), Source::Queue)),
            None => Ok((self.stack.database.find(id).await?, Source::Database)),
        }
    }
}

impl WriteBehind {
    /// What can be said while the queue does not answer: what the database has, marked, and nothing is filled with it.
    async fn read_without_queue(&self, id: FlightId, error: &Error) -> Result<Read> {
        let flight = self.stack.database.find(id).await?;
        let note = format!("degraded, an update that the database has not seen is not shown: {error}");
        Ok(Read { flight, source: Source::Database, lookup: Lookup::Unavailable, notes: vec![note] })
    }
}

#[async_trait]
impl Pattern for WriteBehind {
    fn kind(&self) -> PatternKind {
        PatternKind::WriteBehind
    }

    async fn read(&self, id: FlightId) -> Result<Read> {
        match lease::read(&self.stack, id, || self.load(id)).await {
            Err(error) if error.is_outage_of("queue") => self.read_without_queue(id, &error).await,
            answered => answered,
        }
    }

    async fn update(&self, update: &Update) -> Result<Acknowledgement> {
        let position = self.stack.queue.enqueue(update, self.stack.value_ttl()).await?;
        let cache = if self.stack.queue.stores_entry() { CacheEffect::Stored } else { CacheEffect::Invalidated };
        Ok(Acknowledgement {
            old: None,
            flight: update.flight.clone(),
            durability: Durability::Queued,
            cache,
            position: Some(position.to_string()),
            notes: Vec::new(),
        })
    }
}

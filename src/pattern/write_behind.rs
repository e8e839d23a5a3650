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

use std::time::Duration;

use async_trait::async_trait;

use super::lease::{self, Loaded};
use super::{
    Acknowledgement, CacheEffect, Durability, Lookup, OnCacheFailure, Pattern, PatternKind, Read, Source, Stack,
};
use crate::clock;
use crate::error::{Error, Result};
use crate::flight::{FlightId, Update};
use crate::queue::Place;

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
        self.sure_of_cache(update.flight_id()).await?;
        let place = self.enqueue(update).await?;
        let cache = if self.stack.queue.stores_entry() { CacheEffect::Stored } else { CacheEffect::Invalidated };
        let known =
            format!("update {} was queued before, when its answer did not come: it is not queued twice", update.id);
        Ok(Acknowledgement {
            old: None,
            flight: update.flight.clone(),
            durability: Durability::Queued,
            cache,
            place: Some(place),
            notes: if place.is_known { vec![known] } else { Vec::new() },
        })
    }
}

/// How long a writer waits before it asks a full queue again, at first and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(100));

impl WriteBehind {
    /// A queue beside the cache takes an update that the cache cannot be told of. Whoever does not want that sees first that it
    /// can: the entry goes a moment early.
    async fn sure_of_cache(&self, id: FlightId) -> Result<()> {
        if self.stack.on_cache_failure == OnCacheFailure::Degrade || self.stack.queue.stores_entry() {
            return Ok(());
        }
        match self.stack.cache.delete(id).await {
            Ok(_) => Ok(()),
            Err(cause) => Err(Error::NotLeased { id, cause: Box::new(cause) }),
        }
    }

    /// Hands the update over; in front of a full queue it waits a while for room.
    async fn enqueue(&self, update: &Update) -> Result<Place> {
        let began = clock::instant();
        let (mut pause, longest) = PAUSES;
        loop {
            let queued = self.stack.queue.enqueue(update, self.stack.value_ttl()).await;
            let left = self.stack.queue.settings().patience.saturating_sub(began.elapsed());
            match queued {
                Err(Error::QueueFull { .. }) if !left.is_zero() => {
                    tokio::time::sleep(pause.min(left)).await;
                    pause = (pause * 2).min(longest);
                }
                // Whoever was not told whether it was queued may ask once more, under the same name.
                Err(Error::OutcomeUnknown { peer, operation, cause, .. }) => {
                    return Err(Error::OutcomeUnknown { peer, operation, cause, update: Some(update.id.clone()) });
                }
                other => return other,
            }
        }
    }
}

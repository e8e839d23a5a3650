//! The textbook protocols, as most code in the wild has them: what `--naive` runs, and what [`super::lease`] mends.
//!
//! ```text
//!   read           get; on a miss find, then set (read-through: the same, behind a handle)
//!   cache-aside    UPDATE … COMMIT, then delete the entry; read-through and write-around likewise
//!   write-through  UPDATE … COMMIT, then set the entry
//!   write-behind   put the update into the queue, then set the entry; a miss reads the database alone
//!   refresh-ahead  get, then ask how long it will stand; where that is little, find and set in the background, each reader for
//!                  itself; an update as in write-through
//! ```
//!
//! **How they fail.** Between any two of these steps anything may happen: another writer, another reader, a death, an expiry,
//! a command that timed out and lands late. `cachedemo anomaly list` names what comes of it, and `cachedemo anomaly NAME`
//! shows it.

use async_trait::async_trait;

use super::background::{Background, Ended};
use super::lease::{not_refreshed, not_stored, not_used};
use super::refresh_ahead::Loader;
use super::write_around::{marked, past_the_cache};
use super::{
    Acknowledgement, CacheEffect, Durability, Lookup, Pattern, PatternKind, Read, Refresh, Refreshed, Source, Stack,
};
use crate::cache::{Content, Entry};
use crate::error::Result;
use crate::flight::{Flight, FlightId, Update};

/// A pattern without leases.
pub(super) struct Naive {
    kind: PatternKind,
    stack: Stack,
    loader: Loader,
    background: Background,
}

impl Naive {
    pub(super) fn new(kind: PatternKind, stack: Stack) -> Self {
        Self { kind, loader: Loader::new(stack.clone()), stack, background: Background::default() }
    }

    async fn set(&self, flight: &Flight) -> Result<()> {
        set(&self.stack, flight).await
    }

    /// Another trip for every hit, and another refresh for every one that comes late.
    async fn refresh_if_due(&self, id: FlightId) -> Result<()> {
        if let Some(left) = self.stack.cache.remaining(id).await?
            && self.loader.is_due(left)
        {
            self.background.begin(id, refresh(self.loader.clone(), id));
        }
        Ok(())
    }

    async fn commit(&self, update: &Update) -> Result<Acknowledgement> {
        if self.stack.tuning.may_be_stale(self.kind) {
            return past_the_cache(&self.stack, update).await;
        }
        let pending = self.stack.database.begin(update).await?;
        let (old, flight) = (pending.before().times(), pending.after().clone());
        pending.commit().await?;
        let (told, effect) = match self.kind {
            PatternKind::CacheAside | PatternKind::ReadThrough | PatternKind::WriteAround => {
                let deleted = self.stack.cache.delete(flight.flight_id).await;
                (deleted.map(drop), CacheEffect::Invalidated)
            }
            PatternKind::WriteThrough | PatternKind::WriteBehind | PatternKind::RefreshAhead => {
                (self.set(&flight).await, CacheEffect::Stored)
            }
        };
        let (cache, notes) = effect_of(told, effect, "committed");
        Ok(Acknowledgement { old: Some(old), flight, durability: Durability::Committed, cache, place: None, notes })
    }

    async fn enqueue(&self, update: &Update) -> Result<Acknowledgement> {
        let place = self.stack.queue.enqueue(update, self.stack.ttl).await?;
        let (cache, notes) = effect_of(self.set(&update.flight).await, CacheEffect::Stored, "queued");
        let (flight, durability) = (update.flight.clone(), Durability::Queued);
        Ok(Acknowledgement { old: None, flight, durability, cache, place: Some(place), notes })
    }
}

/// Stores the flight over whatever stands there, for as long as everything else is stored.
async fn set(stack: &Stack, flight: &Flight) -> Result<()> {
    stack.cache.set(flight.flight_id, &Content::Value(flight.clone()), stack.ttl).await
}

async fn refresh(loader: Loader, id: FlightId) -> Ended {
    let Some(flight) = loader.load(id).await?.0 else { return Ok((Refreshed::LeftToOthers, None)) };
    set(&loader.stack, &flight).await?;
    Ok((Refreshed::Stored, Some(loader.stack.ttl)))
}

fn effect_of(told: Result<()>, effect: CacheEffect, done: &str) -> (CacheEffect, Vec<String>) {
    match told {
        Ok(()) => (effect, Vec::new()),
        Err(error) => (CacheEffect::NotUpdated, vec![format!("{done}, but the cache was not updated: {error}")]),
    }
}

#[async_trait]
impl Pattern for Naive {
    fn kind(&self) -> PatternKind {
        self.kind
    }

    async fn read(&self, id: FlightId) -> Result<Read> {
        let from_cache = |flight| Read { flight, source: Source::Cache, lookup: Lookup::Hit, notes: Vec::new() };
        let (lookup, mut notes) = match self.stack.cache.get(id).await {
            Ok(Entry::Value(flight)) => {
                let mut read = from_cache(Some(flight));
                if self.kind == PatternKind::RefreshAhead
                    && let Err(error) = self.refresh_if_due(id).await
                {
                    read.notes.push(not_refreshed(&error));
                }
                return Ok(if self.kind == PatternKind::WriteAround { marked(&self.stack, read) } else { read });
            }
            Ok(Entry::Missing) => return Ok(from_cache(None)),
            // Somebody keeps to the other protocol: this one does not know what that means.
            Ok(Entry::Absent | Entry::Leased(_)) => (Lookup::Miss, Vec::new()),
            Ok(Entry::Foreign(foreign)) => (Lookup::Unreadable, vec![foreign.overwritten(id)]),
            Err(error) => (Lookup::Unavailable, vec![not_used(&error)]),
        };
        let (flight, _) = self.loader.load(id).await?;
        if let Some(flight) = flight.as_ref().filter(|_| lookup != Lookup::Unavailable)
            && let Err(error) = self.set(flight).await
        {
            notes.push(not_stored(&error));
        }
        Ok(Read { flight, source: Source::Database, lookup, notes })
    }

    async fn update(&self, update: &Update) -> Result<Acknowledgement> {
        match self.kind {
            PatternKind::WriteBehind => self.enqueue(update).await,
            PatternKind::CacheAside
            | PatternKind::ReadThrough
            | PatternKind::WriteThrough
            | PatternKind::WriteAround
            | PatternKind::RefreshAhead => self.commit(update).await,
        }
    }

    async fn rest(&self) -> Vec<Refresh> {
        self.background.rest().await
    }
}

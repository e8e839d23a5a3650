//! Write-around: an update goes to the database, past the cache, which holds only what somebody reads.
//!
//! ```text
//!   read    app ──get──▶ cache          a hit ends here
//!           app ──find─▶ database       a miss fills, as in cache-aside
//!
//!   update  app ──────▶ database        UPDATE, flight_log, COMMIT: nothing is stored in the cache
//!           app ──del─▶ cache           `--invalidate`: an entry that stands there is thrown away
//!                       cache           `--pure`: it stays there, and is old
//! ```
//!
//! **Guarantee.** Invalidating, which is the default: once an update is acknowledged no later read is older, whoever dies
//! ([`super::lease`]). Nothing but the intent then distinguishes it from cache-aside: there an entry is thrown away so that readers
//! see the change, here a change is kept from taking up room in the cache. Pure: none. An entry that stands is served as it is
//! until its TTL ends, however long ago the update was acknowledged, and every read and update says so.
//!
//! **How it fails in the textbook form**: invalidating, as cache-aside does. Pure, it need not even be raced: read, update, read
//! again, and the second read is stale. It is right only where what is written has not been read before.

use async_trait::async_trait;

use super::lease;
use super::{Acknowledgement, Around, CacheEffect, Durability, Pattern, PatternKind, Read, Source, Stack};
use crate::cache::Settle;
use crate::error::Result;
use crate::flight::{FlightId, Update};

pub(super) struct WriteAround {
    stack: Stack,
}

impl WriteAround {
    pub(super) fn new(stack: Stack) -> Self {
        Self { stack }
    }
}

#[async_trait]
impl Pattern for WriteAround {
    fn kind(&self) -> PatternKind {
        PatternKind::WriteAround
    }

    async fn read(&self, id: FlightId) -> Result<Read> {
        let load = || async move { Ok((self.stack.database.find(id).await?, Source::Database)) };
        let read = lease::read(&self.stack, id, load).await?;
        Ok(marked(&self.stack, read))
    }

    async fn update(&self, update: &Update) -> Result<Acknowledgement> {
        match self.stack.tuning.around {
            Around::Invalidate => lease::write(&self.stack, update, |_| Settle::Delete).await,
            Around::Pure => past_the_cache(&self.stack, update).await,
        }
    }
}

/// Says of a read from the cache what `--pure` makes of it.
pub(super) fn marked(stack: &Stack, mut read: Read) -> Read {
    if stack.tuning.around == Around::Pure && read.source == Source::Cache {
        read.notes.push("write-around --pure: this may be older than an acknowledged update".into());
    }
    read
}

/// Updates the database alone.
pub(super) async fn past_the_cache(stack: &Stack, update: &Update) -> Result<Acknowledgement> {
    let pending = stack.database.begin(update).await?;
    let (old, flight) = (pending.before().times(), pending.after().clone());
    pending.commit().await?;
    let note = "write-around --pure: an entry that stands there is old now, and is served until its TTL ends";
    Ok(Acknowledgement {
        old: Some(old),
        flight,
        durability: Durability::Committed,
        cache: CacheEffect::Untouched,
        place: None,
        notes: vec![note.into()],
    })
}

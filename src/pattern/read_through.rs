//! Read-through: the cache itself loads what it does not hold; whoever reads names no database.
//!
//! ```text
//!   read    app ──get──▶ cache handle ──get──▶ cache        a hit ends here
//!                        cache handle ──find─▶ database     a miss goes on, and the caller does not see it …
//!                        cache handle ──put──▶ cache        … and fills
//!
//!   update  app ──▶ cache handle ──────▶ database           UPDATE, flight_log, COMMIT
//!                   cache handle ──del─▶ cache              the next read loads it again
//! ```
//!
//! Hop for hop this is cache-aside. What differs is who does it: there every caller must know both sides and the protocol
//! between them; here one type does, and `ReadThrough`, which stands for the application, holds nothing else. Redis, Valkey and
//! Memcached load nothing by themselves, so the handle lives in the application's process, as it does in every framework.
//!
//! **Guarantee.** Once an update is acknowledged no later read is older, whoever dies: see [`super::lease`].
//!
//! **How it fails in the textbook form**: as cache-aside does, and out of sight. A loader that read before an update stores what
//! it read after it; and where a crowd misses at once, each of them loads, unless the handle lets one load for all.

use async_trait::async_trait;

use super::lease::{self, Loaded};
use super::{Acknowledgement, Pattern, PatternKind, Read, Source, Stack};
use crate::cache::Settle;
use crate::error::Result;
use crate::flight::{FlightId, Update};

/// A cache that loads by itself.
struct CacheHandle {
    stack: Stack,
}

impl CacheHandle {
    /// The flight, from wherever it is.
    async fn get(&self, id: FlightId) -> Result<Read> {
        lease::read(&self.stack, id, || self.load(id)).await
    }

    /// The loader: the one place that knows what stands behind the cache.
    async fn load(&self, id: FlightId) -> Result<Loaded> {
        Ok((self.stack.database.find(id).await?, Source::Database))
    }

    /// Throws the entry away together with the update that makes it old: one half before the commit, which is the lease, the
    /// other half after it.
    async fn invalidate_with(&self, update: &Update) -> Result<Acknowledgement> {
        lease::write(&self.stack, update, |_| Settle::Delete).await
    }
}

pub(super) struct ReadThrough {
    cache: CacheHandle,
}

impl ReadThrough {
    pub(super) fn new(stack: Stack) -> Self {
        Self { cache: CacheHandle { stack } }
    }
}

#[async_trait]
impl Pattern for ReadThrough {
    fn kind(&self) -> PatternKind {
        PatternKind::ReadThrough
    }

    async fn read(&self, id: FlightId) -> Result<Read> {
        self.cache.get(id).await
    }

    async fn update(&self, update: &Update) -> Result<Acknowledgement> {
        self.cache.invalidate_with(update).await
    }
}

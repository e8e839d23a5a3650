//! Cache-aside (lazy loading): reads fill the cache, updates throw its entry away.
//!
//! ```text
//!   read    app ──get──▶ cache          a hit ends here
//!           app ──find─▶ database       a miss goes on …
//!           app ──put──▶ cache          … and fills
//!
//!   update  app ──────▶ database        UPDATE, flight_log, COMMIT
//!           app ──del─▶ cache           the next read fills it again
//! ```
//!
//! **Guarantee.** Once an update is acknowledged no later read is older, whoever dies: see [`super::lease`].
//!
//! **How it fails in the textbook form**, without leases: a reader that missed before an update stores what it read when the
//! update is long committed, and the old flight stands there until its TTL ends.

use async_trait::async_trait;

use super::lease;
use super::{Acknowledgement, Pattern, PatternKind, Read, Source, Stack};
use crate::cache::Settle;
use crate::error::Result;
use crate::flight::{FlightId, Update};

pub(super) struct CacheAside {
    stack: Stack,
}

impl CacheAside {
    pub(super) fn new(stack: Stack) -> Self {
        Self { stack }
    }
}

#[async_trait]
impl Pattern for CacheAside {
    fn kind(&self) -> PatternKind {
        PatternKind::CacheAside
    }

    async fn read(&self, id: FlightId) -> Result<Read> {
        let load = || async move { Ok((self.stack.database.find(id).await?, Source::Database)) };
        lease::read(&self.stack, id, load).await
    }

    async fn update(&self, update: &Update) -> Result<Acknowledgement> {
        lease::write(&self.stack, update, |_| Settle::Delete).await
    }
}

//! Write-through: an update reaches the database and the cache before it is acknowledged.
//!
//! ```text
//!   read    app ──get──▶ cache          a hit ends here, and after an update it is one
//!           app ──find─▶ database       a miss fills, as in cache-aside
//!
//!   update  app ──────▶ database        UPDATE, flight_log …
//!           app ──────▶ cache           … a lease under the row lock …
//!           app ──────▶ database        … COMMIT …
//!           app ──put─▶ cache           … the new flight
//! ```
//!
//! **Guarantee.** Once an update is acknowledged the cache holds it or nothing, and no later read is older, whoever dies: see
//! [`super::lease`].
//!
//! **How it fails in the textbook form**: two writers commit in one order and set the cache in the other, and the cache holds
//! the older flight; or the writer dies between the commit and the cache, likewise.

use async_trait::async_trait;

use super::lease;
use super::{Acknowledgement, Pattern, PatternKind, Read, Source, Stack};
use crate::cache::{Content, Settle};
use crate::error::Result;
use crate::flight::{FlightId, Update};

pub(super) struct WriteThrough {
    stack: Stack,
}

impl WriteThrough {
    pub(super) fn new(stack: Stack) -> Self {
        Self { stack }
    }
}

#[async_trait]
impl Pattern for WriteThrough {
    fn kind(&self) -> PatternKind {
        PatternKind::WriteThrough
    }

    async fn read(&self, id: FlightId) -> Result<Read> {
        let load = || async move { Ok((self.stack.database.find(id).await?, Source::Database)) };
        lease::read(&self.stack, id, load).await
    }

    async fn update(&self, update: &Update) -> Result<Acknowledgement> {
        let ttl = self.stack.value_ttl();
        lease::write(&self.stack, update, |flight| Settle::Put(Content::Value(flight.clone()), ttl)).await
    }
}

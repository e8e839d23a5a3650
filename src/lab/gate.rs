//! Who may hold a hop: what forces an interleaving, hop by hop, without sleeps and without luck.

use std::future::Future;
use std::pin::Pin;

use async_trait::async_trait;

use crate::error::Result;
use crate::hop::{Hop, Outcome, Target};

/// A trip that goes on by itself, to what comes of it.
pub type Trip = Pin<Box<dyn Future<Output = Result<Outcome>> + Send>>;

/// A command on its way that its sender no longer waits for: which it is, and what comes of it when it lands.
pub struct Landing {
    /// Which operation of the cache.
    pub name: &'static str,
    /// The trip itself.
    pub trip: Trip,
}

/// What becomes of a hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passage {
    /// It goes.
    Now,
    /// Its sender is told that no answer came; it lands when whoever keeps it lets it. Only what changes a cache entry can be
    /// late: every other hop goes.
    Late,
}

/// Somebody who decides when a hop may go.
#[async_trait]
pub trait Gate: Send + Sync {
    /// Called before a hop; it goes, or not, when this returns.
    async fn before(&self, target: Target, name: &'static str) -> Passage;

    /// Takes a hop that is late.
    fn keep(&self, landing: Landing);

    /// Called when a hop is answered; its operation goes on when this returns.
    async fn after(&self, hop: Hop);
}

//! The queue of write-behind: where acknowledged updates wait until the database has them.
//!
//! On Redis and Valkey it is a stream in the same server as the cache, so that the acknowledgement is one atomic trip; with
//! every other cache it is a journal, a SQLite file. Both belong to an *incarnation*: a queue that was wiped starts a new one,
//! and positions of the old one say nothing about it. That is why whoever reads or forgets names the incarnation that it
//! means: two workers that met the queue before and after it was made anew must not apply the same updates under two names.

mod journal;
mod redis;
pub mod worker;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use crate::cache::{Cache, CacheKind, RedisClient};
use crate::error::{Error, Peer, Result};
use crate::flight::{Flight, FlightId, Position, Queued, Update};

/// What [`Queue::incarnation`] says where there is no queue yet: an incarnation that holds no update.
pub const NO_INCARNATION: &str = "none";

/// What waits in a queue.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Backlog {
    /// How many updates wait.
    pub length: u64,
    /// How many flights have a pending update.
    pub flights: u64,
    /// When the oldest of them was acknowledged.
    pub oldest: Option<DateTime<Utc>>,
}

/// The queue of write-behind.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Which queue, and where.
    fn peer(&self) -> &Arc<Peer>;

    /// Whether an acknowledged update stands in its flight's cache entry, rather than only having removed the old one.
    fn stores_entry(&self) -> bool;

    /// Takes an update over: once this returns, the update survives the caller, is pending, and no reader sees an older entry.
    ///
    /// # Errors
    /// [`Error::OutcomeUnknown`] when no answer came; [`Error::CacheNotTold`] when the update is queued and pending, and an
    /// older entry may stand all the same; any other error means that nothing was queued.
    async fn enqueue(&self, update: &Update, ttl: Duration) -> Result<Position>;

    /// The latest update of a flight that may not have reached the database.
    async fn pending(&self, id: FlightId) -> Result<Option<Flight>>;

    /// The name of this incarnation of the queue, under which the database keeps how far it got; [`NO_INCARNATION`] while
    /// there is no queue.
    async fn incarnation(&self) -> Result<String>;

    /// Up to `limit` updates after `position`, in order; none where the queue is of another incarnation by now.
    ///
    /// # Errors
    /// [`Error::Poisoned`] when the first of them cannot be read: those before an unreadable one are given
    /// first, so that it holds up nothing that was queued before it.
    async fn after(&self, incarnation: &str, position: Position, limit: usize) -> Result<Vec<Queued>>;

    /// Forgets everything up to `position`: what of `applied` is still the latest of its flight stops being pending, and the
    /// queue is trimmed. Nothing happens where the queue is of another incarnation by now.
    async fn forget(&self, incarnation: &str, applied: &[Queued], position: Position) -> Result<()>;

    /// What waits.
    async fn backlog(&self) -> Result<Backlog>;

    /// Drops the whole queue unapplied, and the cache entries that show what was dropped; which flights these are.
    async fn clear(&self) -> Result<Vec<FlightId>>;
}

/// Makes the queue that belongs to a cache: the stream where the cache is Redis or Valkey, the journal at `journal` elsewhere.
///
/// # Errors
/// When the settings cannot make a client.
pub fn connect(settings: &crate::cache::Settings, cache: &Arc<dyn Cache>, journal: PathBuf) -> Result<Arc<dyn Queue>> {
    Ok(match settings.kind {
        CacheKind::Redis | CacheKind::Valkey => Arc::new(redis::Stream::new(RedisClient::new(settings, "queue")?)),
        CacheKind::Memory | CacheKind::Memcached => Arc::new(journal::Journal::new(journal, Arc::clone(cache))),
    })
}

/// The updates before the first that cannot be read; that one is an error where it stands first.
fn until_unreadable(entries: impl IntoIterator<Item = (Position, Result<Update, String>)>) -> Result<Vec<Queued>> {
    let mut batch = Vec::new();
    for (position, update) in entries {
        match update {
            Ok(update) => batch.push(Queued { position, update }),
            Err(reason) if batch.is_empty() => return Err(Error::Poisoned { position: position.to_string(), reason }),
            Err(_) => break,
        }
    }
    Ok(batch)
}

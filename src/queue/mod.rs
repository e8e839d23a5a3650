//! The queue of write-behind: where acknowledged updates wait until the database has them.
//!
//! On Redis and Valkey it is a stream in the same server as the cache, so that the acknowledgement is one atomic trip; with
//! every other cache it is a journal, a SQLite file. Both give every update a *position*, and a position means something only
//! within its [`Sequence`]: a queue that was wiped starts a new one. That is why whoever reads or forgets names the sequence
//! that it means: two workers that met the queue before and after it was made anew must not apply the same updates twice.
//!
//! Three traits, by who needs what: a pattern the [`Intake`], a worker the [`Outlet`], an operator the [`DeadLetters`].

mod dead_letter;
mod journal;
mod redis;
pub mod worker;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Serialize;

use crate::cache::{Cache, CacheKind, RedisClient};
use crate::error::{Error, Peer, Result};
use crate::flight::names::Names;
use crate::flight::{Flight, FlightId, Position, Queued, Update};

pub use dead_letter::{DeadLetter, LetterId, Sentence};

/// The number of a partition, from 0. Each flight belongs to one, so that the order of its updates is that of one partition.
pub type Partition = u32;

/// How a queue is laid out and how much it takes. Whoever shares a queue must have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Into how many partitions the flights are divided: as many workers can share the work.
    pub partitions: u32,
    /// How many updates wait at most, over all partitions.
    pub max_length: u64,
    /// For how long a writer waits for room in a full queue.
    pub patience: Duration,
    /// For how long an update is known that was taken over, so that sending it again does nothing.
    pub memory: Duration,
}

impl Settings {
    /// The partition of a flight.
    #[must_use]
    pub fn partition_of(&self, id: FlightId) -> Partition {
        Names::plain(self.partitions).partition_of(id)
    }

    /// How many updates one partition holds at most.
    #[must_use]
    fn room(&self) -> u64 {
        self.max_length.div_ceil(u64::from(self.partitions))
    }
}

/// One row of positions: a partition of a queue, from the queue's making to its loss.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// Which partition.
    pub partition: Partition,
    /// A name that no other sequence ever has: the database keeps under it how far it has applied the updates.
    pub name: String,
}

/// Where an update stands once it is taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// In which partition.
    pub partition: Partition,
    /// Where in it.
    pub position: Position,
    /// Whether it stood there already, because the same update was sent before: nothing was queued now.
    pub is_known: bool,
}

/// What waits in a partition.
#[derive(Clone, Debug, PartialEq)]
pub struct Backlog {
    /// How many updates wait.
    pub length: u64,
    /// How many flights have a pending update.
    pub flights: u64,
    /// For how long the oldest of them has waited, by the queue's own clock.
    pub oldest: Option<Duration>,
    /// How many dead letters there are.
    pub dead: u64,
}

/// What has become of an update that was queued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Whereabouts {
    /// It waits.
    Queued,
    /// It was taken off the queue: the database has it.
    Gone,
    /// It is a dead letter, for this reason.
    Dead(String),
    /// The queue was lost since, and with it the update, unless the database had it by then.
    Lost,
}

/// What a pattern needs: to hand an update over, and to see one that was handed over.
#[async_trait]
pub trait Intake: Send + Sync {
    /// Whether an acknowledged update stands in its flight's cache entry, rather than only having removed the old one.
    fn stores_entry(&self) -> bool;

    /// Takes an update over: once this returns, the update survives the caller, is pending, and no reader sees an older entry.
    /// One that was taken over before, under the same id, is not taken over again.
    ///
    /// # Errors
    /// [`Error::QueueFull`] where there is no room; [`Error::OutcomeUnknown`] when no answer came; [`Error::CacheNotTold`] when
    /// the update is queued and pending, and an older entry may stand all the same; any other error means that nothing was
    /// queued.
    async fn enqueue(&self, update: &Update, ttl: Duration) -> Result<Place>;

    /// The latest update of a flight that may not have reached the database.
    async fn pending(&self, id: FlightId) -> Result<Option<Flight>>;

    /// What has become of the update at this position.
    async fn whereabouts(&self, sequence: &Sequence, position: Position) -> Result<Whereabouts>;
}

/// What a worker needs: to read in order, and to take away what is done.
#[async_trait]
pub trait Outlet: Send + Sync {
    /// The sequence of a partition; `None` while there is no queue.
    async fn sequence(&self, partition: Partition) -> Result<Option<Sequence>>;

    /// Gives up what is pending in a partition whose queue is gone, and drops the cache entries that show it; how many flights
    /// these are. Nothing happens while there is a queue.
    async fn give_up(&self, partition: Partition) -> Result<u64>;

    /// Up to `limit` updates after `position`, in order; none where the partition is in another sequence by now.
    ///
    /// # Errors
    /// [`Error::Poisoned`] when the first of them cannot be read: those before an unreadable one are given
    /// first, so that it holds up nothing that was queued before it.
    async fn after(&self, sequence: &Sequence, position: Position, limit: usize) -> Result<Vec<Queued>>;

    /// Forgets everything up to `position`: what of `applied` is still the latest of its flight stops being pending, and the
    /// queue is trimmed. Nothing happens where the partition is in another sequence by now.
    async fn forget(&self, sequence: &Sequence, applied: &[Queued], position: Position) -> Result<()>;

    /// Makes the entry at `position` a dead letter. If it is still the latest of its flight, it stops being pending, and the
    /// flight's cache entry is deleted. Everything before it must have been applied and forgotten, or a reader could see the
    /// flight go back. Nothing happens where the entry is gone.
    async fn bury(&self, sequence: &Sequence, position: Position, sentence: &Sentence) -> Result<()>;

    /// Waits until something is queued in a partition, but no longer than `limit`.
    async fn arrival(&self, partition: Partition, limit: Duration) -> Result<()>;

    /// Notes that this worker is there, for so long, and tells the names of all who are, in ascending order.
    async fn attend(&self, worker: &str, lasting: Duration) -> Result<Vec<String>>;

    /// Notes that this worker has gone.
    async fn leave(&self, worker: &str) -> Result<()>;
}

/// The updates that no database can accept, kept for an operator.
#[async_trait]
pub trait DeadLetters: Send + Sync {
    /// The oldest `limit` dead letters after `position` of a partition, oldest first.
    async fn dead_letters(&self, partition: Partition, position: Position, limit: usize) -> Result<Vec<DeadLetter>>;

    /// Queues a dead letter's update again, at the end, in one step with taking the letter away; `None` where there is no such
    /// letter any more.
    ///
    /// # Errors
    /// As [`Intake::enqueue`]; the letter stays where nothing was queued.
    async fn replay(&self, letter: LetterId, update: &Update, ttl: Duration) -> Result<Option<Place>>;

    /// Drops dead letters of a partition; how many there were.
    async fn purge(&self, partition: Partition, letters: &[Position]) -> Result<u64>;
}

/// The queue of write-behind.
#[async_trait]
pub trait Queue: Intake + Outlet + DeadLetters {
    /// Which queue, and where.
    fn peer(&self) -> &Arc<Peer>;

    /// How it is laid out.
    fn settings(&self) -> &Settings;

    /// What waits in a partition.
    async fn backlog(&self, partition: Partition) -> Result<Backlog>;

    /// Drops the whole queue unapplied, and the cache entries that show what was dropped; which flights these are. Dead letters
    /// stay.
    async fn clear(&self) -> Result<Vec<FlightId>>;
}

/// The journal's file in the directory of cachedemo's own files: one for each database, for its updates are meant for that one.
#[must_use]
pub fn journal_of(home: &Path, database: &Peer) -> PathBuf {
    let plain = |character: char| if character.is_ascii_alphanumeric() { character } else { '-' };
    let address: String = database.address.chars().map(plain).collect();
    let tail = &address[address.len().saturating_sub(80)..];
    let (product, mark) = (database.product.to_lowercase(), fingerprint(&database.address));
    home.join("queue").join(format!("{product}-{tail}-{mark:016x}.sqlite3"))
}

/// A number that two addresses do not share, though what is left of them in a file's name may be alike: FNV-1a, 64 bits.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// Makes the queue that belongs to a cache: the stream where the cache is Redis or Valkey, the journal at `journal` elsewhere.
///
/// # Errors
/// When the settings cannot make a client.
pub fn connect(
    settings: Settings,
    server: &crate::cache::Settings,
    cache: &Arc<dyn Cache>,
    journal: PathBuf,
) -> Result<Arc<dyn Queue>> {
    Ok(match server.kind {
        CacheKind::Redis | CacheKind::Valkey => {
            Arc::new(redis::Stream::new(RedisClient::new(server, "queue")?, settings))
        }
        CacheKind::Memory | CacheKind::Memcached => {
            Arc::new(journal::Journal::new(journal, Arc::clone(cache), settings))
        }
    })
}

/// A queue of its own for what must not touch the real one: a journal, whatever the cache is.
#[must_use]
pub fn apart(settings: Settings, cache: &Arc<dyn Cache>, journal: PathBuf) -> Arc<dyn Queue> {
    Arc::new(journal::Journal::new(journal, Arc::clone(cache), settings))
}

/// The updates before the first that cannot be read; that one is an error where it stands first.
fn until_unreadable(entries: impl IntoIterator<Item = (Position, Result<Update, String>)>) -> Result<Vec<Queued>> {
    let mut batch = Vec::new();
    for (position, update) in entries {
        match update {
            Ok(update) => batch.push(Queued { position, update }),
            Err(reason) if batch.is_empty() => return Err(Error::Poisoned { position, reason }),
            Err(_) => break,
        }
    }
    Ok(batch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_databases_never_share_a_journal() {
        let journal = |address: &str| {
            journal_of(Path::new("/home"), &Peer { role: "database", product: "MariaDB", address: address.into() })
        };
        let long = "x".repeat(100);
        for (one, other) in [("h:1/j_1", "h:1/j-1"), (&format!("/a/{long}"), &format!("/b/{long}"))] {
            assert_ne!(journal(one), journal(other));
            assert_eq!(journal(one), journal(one));
        }
    }
}

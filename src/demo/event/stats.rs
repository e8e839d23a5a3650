//! What is shown of a cache's own counters, of the entries that are ours, and of the queue.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::cache::{CacheKind, Inventory, Lifetimes, MemoryLimit, Sizes, Statistics};
use crate::demo::QueueSeen;
use crate::demo::queue::milliseconds;
use crate::error::Peer;

/// What a cache and a queue count. What a server does not tell is absent.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct StatsSeen {
    /// Which cache.
    pub cache_engine: CacheKind,
    /// Which cache, and where.
    pub cache: Peer,
    /// How many servers have answered.
    pub servers: usize,
    /// What they have counted together, for every program that uses them.
    pub server: ServerSeen,
    /// Of several servers, why some did not answer: all figures are of the others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreached: Vec<String>,
    /// What of it is ours.
    pub own: OwnSeen,
    /// The queue of write-behind; absent where it cannot be read.
    pub queue: Option<QueueStatsSeen>,
}

/// What a server has counted since it started, or since somebody set its counters back.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ServerSeen {
    /// For how long it has run, in seconds.
    pub uptime_s: Option<u64>,
    /// Reads that found something.
    pub hits: Option<u64>,
    /// Reads that found nothing.
    pub misses: Option<u64>,
    /// Which part of the reads found something, from 0 to 1; absent as long as there was no read.
    pub hit_rate: Option<f64>,
    /// Entries that were dropped to make room.
    pub evicted: Option<u64>,
    /// Entries whose time was up.
    pub expired: Option<u64>,
    /// Entries that it holds now.
    pub entries: Option<u64>,
    /// How many bytes it uses now, as it counts them.
    pub memory_used_bytes: Option<u64>,
    /// How many it may use.
    pub memory_limit: Option<MemoryLimit>,
}

/// The flights that have an entry.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OwnSeen {
    /// How many there are.
    pub entries: u64,
    /// How large they are.
    pub sizes: Option<SizesSeen>,
    /// How much longer they will stand.
    pub lifetimes: Option<LifetimesSeen>,
    /// How many keys beside them are the queue's, the notes by which an update that is sent again is known among them; absent
    /// where the queue is elsewhere.
    pub queue_keys: Option<u64>,
}

/// How large entries are, with all that the server needs for them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SizesSeen {
    /// How many were measured: fewer than there are is a sample.
    pub measured: u64,
    /// How many bytes those take together.
    pub bytes: u64,
}

/// How much longer entries will stand, in milliseconds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LifetimesSeen {
    /// The one that ends first.
    pub shortest_ms: u64,
    /// Half of them stand longer.
    pub median_ms: u64,
    /// The one that ends last.
    pub longest_ms: u64,
}

/// What waits in the queue, in all its partitions.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct QueueStatsSeen {
    /// Which queue, and where.
    pub queue: Peer,
    /// How many updates wait.
    pub length: u64,
    /// How many flights have a pending update.
    pub flights: u64,
    /// How long the oldest has waited, in milliseconds.
    pub oldest_age_ms: Option<u64>,
    /// How many updates the database could not take.
    pub dead_letters: u64,
}

impl QueueStatsSeen {
    /// What is shown of all partitions together.
    #[must_use]
    pub fn of(queue: Peer, seen: &QueueSeen) -> Self {
        let QueueSeen { length, flights, oldest_age_ms, dead_letters, .. } = *seen;
        Self { queue, length, flights, oldest_age_ms, dead_letters }
    }
}

impl From<Statistics> for ServerSeen {
    fn from(counted: Statistics) -> Self {
        Self {
            uptime_s: counted.uptime.map(|uptime| uptime.as_secs()),
            hits: counted.hits,
            misses: counted.misses,
            hit_rate: counted.hit_rate(),
            evicted: counted.evicted,
            expired: counted.expired,
            entries: counted.entries,
            memory_used_bytes: counted.memory_used,
            memory_limit: counted.memory_limit,
        }
    }
}

impl From<Inventory> for OwnSeen {
    fn from(Inventory { entries, sizes, lifetimes, queue_keys }: Inventory) -> Self {
        let each = |lifetimes: Lifetimes| {
            let Lifetimes { shortest, median, longest } = lifetimes;
            let [shortest_ms, median_ms, longest_ms] =
                [shortest, median, longest].map(|left: Duration| milliseconds(left));
            LifetimesSeen { shortest_ms, median_ms, longest_ms }
        };
        let sizes = sizes.map(|Sizes { measured, bytes }| SizesSeen { measured, bytes });
        Self { entries, sizes, lifetimes: lifetimes.map(each), queue_keys }
    }
}

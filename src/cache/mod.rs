//! The cache as every pattern sees it: a few operations on one key, of which two make leases.
//!
//! `get`, `set` and `delete` are what they say. [`Cache::lease`] puts a token into a key; [`Cache::settle`] finishes what the lease
//! announced, in one atomic step at the cache that tests the token when it *runs*: a settle that timed out at the client and
//! lands late does no harm. See "Scaling Memcache at Facebook" (NSDI 2013) for leases in a cache.

mod decide;
mod entry;
mod look;
mod memcached;
mod memory;
mod place;
mod redis;
mod redis_client;
mod sharded;
mod statistics;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Serialize;

pub use entry::{Content, Entry, Foreign, Lease, LeaseKind};
pub use look::Look;
pub use place::Address;
pub(crate) use redis_client::{Blocking, Effect, RedisClient};
pub use statistics::{Counted, Inventory, Lifetimes, MemoryLimit, Sizes, Statistics};

use crate::error::{Peer, Result};
use crate::flight::FlightId;

/// Which cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CacheKind {
    /// In this process, gone with it.
    Memory,
    /// A Redis server.
    Redis,
    /// A Valkey server.
    Valkey,
    /// A Memcached server.
    Memcached,
}

impl CacheKind {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 4] = [Self::Memory, Self::Redis, Self::Valkey, Self::Memcached];

    /// What is typed to choose it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Redis => "redis",
            Self::Valkey => "valkey",
            Self::Memcached => "memcached",
        }
    }

    /// What it is called.
    #[must_use]
    pub fn product(self) -> &'static str {
        match self {
            Self::Memory => "memory cache",
            Self::Redis => "Redis",
            Self::Valkey => "Valkey",
            Self::Memcached => "Memcached",
        }
    }

    /// The port on which it usually listens.
    #[must_use]
    pub fn port(self) -> u16 {
        match self {
            Self::Memory => 0,
            Self::Redis | Self::Valkey => 6379,
            Self::Memcached => 11211,
        }
    }
}

/// How to reach a cache.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which cache.
    pub kind: CacheKind,
    /// The name or address of its machine; where there are several, of the first.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The other servers: of a cluster some nodes, by which the rest is found, of Memcached all that share the flights.
    pub others: Vec<Address>,
    /// Into how many partitions the keys of a cluster are divided; `None` where the server is by itself.
    pub cluster: Option<u32>,
    /// The account, where the server has accounts.
    pub user: Option<String>,
    /// Its password.
    pub password: Option<SecretString>,
    /// The number of the logical database (Redis, Valkey).
    pub index: u16,
    /// Whether the connection is encrypted.
    pub tls: bool,
    /// The authority that signed the server's certificate, where it is not a public one.
    pub authority: Option<PathBuf>,
    /// How long a command may take.
    pub timeout: Duration,
}

/// What a lease may be put over.
#[derive(Clone, Copy, Debug)]
pub enum Over<'a> {
    /// Only an empty key: a reader that fills.
    Nothing,
    /// Only this, byte for byte as it was seen there (`None`: something of another type): what cannot be read, or what the lease
    /// itself holds.
    Exactly(Option<&'a [u8]>),
    /// Whatever stands there: a writer that holds the row lock.
    Anything,
}

/// What settling leaves in the key if the lease still stands.
#[derive(Clone, Debug)]
pub enum Settle {
    /// This content, for this long.
    Put(Content, Duration),
    /// Nothing.
    Delete,
}

/// What a settle did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Settled {
    /// The lease stood; the content stands in its place.
    Put,
    /// The lease stood; nothing stands in its place.
    Deleted,
    /// Something newer stands there; it was left alone.
    Left,
    /// Something that may predate the commit stood there; it was deleted.
    Voided,
    /// Nothing stood there, nothing stands there.
    Vacant,
}

impl Settled {
    /// What happened, as it is shown.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Put => "stored",
            Self::Deleted => "deleted",
            Self::Left => "left to a later owner",
            Self::Voided => "deleted what stood there",
            Self::Vacant => "nothing stood there",
        }
    }
}

/// What a cache server says of itself.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Facts {
    /// Its version.
    pub version: String,
    /// Whether what it holds survives its end.
    pub persistence: Persistence,
    /// Which keys it drops when it is full: the server's own word.
    pub eviction: Option<String>,
    /// How much it may hold, in bytes; `None` is without a limit of its own.
    pub memory_limit: Option<u64>,
    /// Each server by itself, where there are several.
    pub servers: Vec<ServerFacts>,
    /// Whether a cluster refuses everything while nobody has some of its slots; `None` where that cannot be told.
    pub needs_every_slot: Option<bool>,
}

/// What is said of one of several servers.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ServerFacts {
    /// Where it is.
    pub address: String,
    /// Its version, or why that cannot be told.
    pub version: Result<String, String>,
    /// How many of the shards are there.
    pub shards: usize,
}

/// Whether what a cache holds survives its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Persistence {
    /// Nothing survives.
    None,
    /// A snapshot survives: what came after it does not.
    Snapshots,
    /// Every change is appended to a file, which is synced as this word says (`always`, `everysec`, `no`, or unknown).
    AppendOnly(Option<String>),
}

/// A cache of flights.
#[async_trait]
pub trait Cache: Send + Sync {
    /// Which cache, and where.
    fn peer(&self) -> &Arc<Peer>;

    /// Whether it answers, with all its shards.
    async fn ping(&self) -> Result<()>;

    /// How many shards there are: parts of the keys that may be away while the others are not.
    fn shards(&self) -> usize {
        1
    }

    /// The shard of a flight's key.
    fn shard(&self, _id: FlightId) -> usize {
        0
    }

    /// Whether the keys of a shard can be used.
    async fn reach(&self, _shard: usize) -> Result<()> {
        self.ping().await
    }

    /// What stands under the key of a flight.
    async fn get(&self, id: FlightId) -> Result<Entry>;

    /// What stands under the key of a flight and for how much longer at least, in one trip.
    async fn look(&self, id: FlightId) -> Result<Look>;

    /// Puts `lease` into the key for `ttl`, over what `over` allows; whether it stands there now.
    async fn lease(&self, id: FlightId, lease: &Lease, over: Over<'_>, ttl: Duration) -> Result<bool>;

    /// Finishes what `lease` announced, in one atomic step.
    ///
    /// If the lease still stands, `settle` takes its place. Otherwise a fill leaves the key alone, and a write leaves another
    /// write's lease alone and deletes anything else, for it may predate the commit.
    async fn settle(&self, id: FlightId, lease: &Lease, settle: &Settle) -> Result<Settled>;

    /// Puts content into the key for `ttl`, whatever stands there. Only the textbook protocol does that.
    async fn set(&self, id: FlightId, content: &Content, ttl: Duration) -> Result<()>;

    /// Leaves nothing under the key; whether something stood there.
    async fn delete(&self, id: FlightId) -> Result<bool>;

    /// How much longer what stands under the key will stand there; `None` where nothing stands, or it never expires. As exact as
    /// the server keeps it: to the second on Memcached, to the millisecond elsewhere.
    async fn remaining(&self, id: FlightId) -> Result<Option<Duration>>;

    /// The flights that have an entry, in ascending order.
    async fn ids(&self) -> Result<Vec<FlightId>>;

    /// What the server says of itself.
    async fn facts(&self) -> Result<Facts>;

    /// What the servers have counted, for every program that uses them. Asking counts as no read.
    async fn statistics(&self) -> Result<Counted>;

    /// How many flights have an entry, and what is seen of those entries without reading them: asking counts as no read. Of several
    /// servers, those that answer, which [`Self::statistics`] tells.
    async fn inventory(&self) -> Result<Inventory>;

    /// A name of this run of the server, where what it holds may survive its end: another after each start. `None` where nothing
    /// survives, and where the account may not ask.
    async fn incarnation(&self) -> Result<Option<String>>;
}

/// Makes the client of a cache. Nothing is sent yet: a cache that is down is found at its first use.
///
/// # Errors
/// When the settings cannot make a client: a certificate that cannot be read, or encryption where the client has none.
pub fn connect(settings: &Settings) -> Result<Arc<dyn Cache>> {
    Ok(match settings.kind {
        CacheKind::Memory => Arc::new(memory::Memory::new()),
        CacheKind::Redis | CacheKind::Valkey => Arc::new(redis::Redis::new(RedisClient::new(settings, "cache")?)),
        CacheKind::Memcached if settings.others.is_empty() => Arc::new(memcached::Memcached::new(settings)?),
        CacheKind::Memcached => Arc::new(sharded::Sharded::new(settings)?),
    })
}

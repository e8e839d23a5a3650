//! The caching patterns, a page each, and what they have in common.
//!
//! A pattern knows the traits [`Database`], [`Cache`] and [`Queue`], never a vendor, and holds not one line of tracing, faults
//! or output. Read [`lease`] first: it is the protocol that keeps every one of them from ever serving an old state.

mod background;
mod cache_aside;
mod kind;
pub mod lease;
mod naive;
mod read_through;
mod refresh_ahead;
mod tuning;
mod write_around;
mod write_behind;
mod write_through;
pub mod xfetch;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Serialize;

pub use background::{Refresh, Refreshed};
pub use kind::PatternKind;
pub use tuning::{Around, Policy, Refreshing, Tuning};

use crate::cache::{Cache, Settled};
use crate::clock::Chance;
use crate::database::Database;
use crate::error::Result;
use crate::flight::{Flight, FlightId, Times, Update};
use crate::queue::{Place, Queue};

/// Which protocol keeps the cache right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// The textbook protocol, as most code in the wild has it (`pattern/naive.rs`).
    Naive,
    /// Leases ([`lease`]).
    #[default]
    Protected,
}

impl Protocol {
    /// Both, the textbook first.
    pub const ALL: [Self; 2] = [Self::Naive, Self::Protected];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::Protected => "protected",
        }
    }

    /// What it is, as it is shown.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::Naive => "the textbook protocol, without leases",
            Self::Protected => "as cachedemo does it",
        }
    }
}

/// What an update does when the cache does not take its lease.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnCacheFailure {
    /// It goes on: the database has it, and the cache is put right when it is back.
    #[default]
    Degrade,
    /// It is refused, and nothing is changed.
    Reject,
}

/// What a pattern stands on, and for how long it stores things.
#[derive(Clone)]
pub struct Stack {
    /// The source of truth.
    pub database: Arc<dyn Database>,
    /// The cache.
    pub cache: Arc<dyn Cache>,
    /// The queue of write-behind.
    pub queue: Arc<dyn Queue>,
    /// Tokens and spreads.
    pub chance: Arc<Chance>,
    /// How long a value stays, before it is spread.
    pub ttl: Duration,
    /// How long a value can stay at most that anybody has stored.
    pub longest_ttl: Duration,
    /// How long a lease stands: longer than a transaction can last.
    pub lease_ttl: Duration,
    /// What an update does without the cache.
    pub on_cache_failure: OnCacheFailure,
    /// Which variant of the pattern, where it has several.
    pub tuning: Tuning,
}

/// How long the mark of a flight that does not exist stays.
pub const MISSING_TTL: Duration = Duration::from_secs(30);

impl Stack {
    /// How long the next value is to stay: what was stored together does not expire together.
    fn value_ttl(&self) -> Duration {
        self.chance.spread(self.ttl)
    }
}

/// Where a read found its flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// In the cache.
    Cache,
    /// In the queue: an update that the database has not seen yet.
    Queue,
    /// In the database.
    Database,
}

/// What a read met in the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Lookup {
    /// The flight, or the mark that it does not exist.
    Hit,
    /// Nothing: this read filled it.
    Miss,
    /// Another reader was filling it, and this read has that reader's value.
    Joined,
    /// Somebody's lease: this read went to the database and filled nothing.
    Leased,
    /// Something that is not ours: this read filled over it.
    Unreadable,
    /// No answer: this read went to the database.
    Unavailable,
}

/// The outcome of one read.
#[derive(Clone, Debug)]
pub struct Read {
    /// The flight, if there is one.
    pub flight: Option<Flight>,
    /// Where it was found.
    pub source: Source,
    /// What the cache had.
    pub lookup: Lookup,
    /// What went wrong on the way without failing the read.
    pub notes: Vec<String>,
}

/// What an acknowledgement says about the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Durability {
    /// The database has the update.
    Committed,
    /// The queue has it; the database will.
    Queued,
}

/// What an update left in the cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CacheEffect {
    /// The new flight.
    Stored,
    /// Nothing: the next read fills it.
    Invalidated,
    /// A later writer's lease, or its value: that writer answers for the key.
    LeftToLater,
    /// Whatever stood there: it was not asked and not told.
    Untouched,
    /// Unknown: the cache did not answer.
    NotUpdated,
}

impl From<Settled> for CacheEffect {
    fn from(settled: Settled) -> Self {
        match settled {
            Settled::Put => Self::Stored,
            Settled::Deleted | Settled::Voided | Settled::Vacant => Self::Invalidated,
            Settled::Left => Self::LeftToLater,
        }
    }
}

/// The outcome of one update.
#[derive(Clone, Debug)]
pub struct Acknowledgement {
    /// The times before, where the pattern saw them.
    pub old: Option<Times>,
    /// The flight after.
    pub flight: Flight,
    /// What is promised about the database.
    pub durability: Durability,
    /// What stands in the cache.
    pub cache: CacheEffect,
    /// Where the update stands in the queue.
    pub place: Option<Place>,
    /// What went wrong on the way without failing the update.
    pub notes: Vec<String>,
}

/// A caching pattern.
#[async_trait]
pub trait Pattern: Send + Sync {
    /// Which pattern this is.
    fn kind(&self) -> PatternKind;

    /// Reads a flight.
    async fn read(&self, id: FlightId) -> Result<Read>;

    /// Changes a flight's times; when it returns, the pattern's promise holds.
    async fn update(&self, update: &Update) -> Result<Acknowledgement>;

    /// Waits for what its reads have begun in the background, and says what came of each. A process that ends before that loses
    /// them, which does no harm.
    async fn rest(&self) -> Vec<Refresh> {
        Vec::new()
    }
}

/// Makes a pattern over a stack.
#[must_use]
pub fn build(kind: PatternKind, protocol: Protocol, stack: Stack) -> Arc<dyn Pattern> {
    match (protocol, kind) {
        (Protocol::Protected, PatternKind::CacheAside) => Arc::new(cache_aside::CacheAside::new(stack)),
        (Protocol::Protected, PatternKind::ReadThrough) => Arc::new(read_through::ReadThrough::new(stack)),
        (Protocol::Protected, PatternKind::WriteThrough) => Arc::new(write_through::WriteThrough::new(stack)),
        (Protocol::Protected, PatternKind::WriteAround) => Arc::new(write_around::WriteAround::new(stack)),
        (Protocol::Protected, PatternKind::WriteBehind) => Arc::new(write_behind::WriteBehind::new(stack)),
        (Protocol::Protected, PatternKind::RefreshAhead) => Arc::new(refresh_ahead::RefreshAhead::new(stack)),
        (Protocol::Naive, kind) => Arc::new(naive::Naive::new(kind, stack)),
    }
}

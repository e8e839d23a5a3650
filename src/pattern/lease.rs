//! The lease protocol: why no read is ever older than an update that was acknowledged before it began.
//!
//! The textbook protocols lose races: a slow reader fills the cache with what it read before an invalidation; two writers
//! commit in one order and set the cache in the other; a writer dies between commit and cache. One idea removes all of
//! them: *whoever means to put something into a key first puts a token there, and may finish only while that token stands.*
//!
//! ```text
//!   reader                  cache          database        writer
//!     │ get ──────────────────▶│ nothing         │              │
//!     │ lease, if absent ─────▶│ fill-a          │              │
//!     │ find ──────────────────┼────────────────▶│ 10:00        │
//!     │                        │                 │◀── begin ────│  row locked, 12:00 written
//!     │                        │ write-b ◀───────┼──── lease ───│  over whatever stands there
//!     │ settle 10:00 ─────────▶│ refused: fill-a │              │
//!     │                        │ no longer stands│◀── commit ───│
//!     │                        │ 12:00 ◀─────────┼──── settle ──│  write-b stands: the new value takes its place
//! ```
//!
//! While a lease stands, readers go to the database, which is right before the commit and after it. Whoever dies leaves a
//! lease that expires. The idea of a lease in the key is from "Scaling Memcache at Facebook" (NSDI 2013).

use std::future::Future;
use std::time::Duration;

use super::{Acknowledgement, CacheEffect, Durability, Lookup, MISSING_TTL, OnCacheFailure, Read, Source, Stack};
use crate::cache::{Cache, Content, Entry, Lease, LeaseKind, Over, Settle, Settled};
use crate::error::{Error, Result};
use crate::flight::{Flight, FlightId, Update};

/// How often, and after which pauses, a reader that lost the fill looks for the winner's value: 31 ms in all.
const PAUSES: [Duration; 5] = [
    Duration::from_millis(1),
    Duration::from_millis(2),
    Duration::from_millis(4),
    Duration::from_millis(8),
    Duration::from_millis(16),
];

/// What a miss loads: the flight, if there is one, and where it was.
pub(crate) type Loaded = (Option<Flight>, Source);

/// Reads through the cache; `load` is where a miss goes, called only once the fill lease is placed or was lost.
pub(crate) async fn read<F>(stack: &Stack, id: FlightId, load: impl Fn() -> F + Send + Sync) -> Result<Read>
where
    F: Future<Output = Result<Loaded>> + Send,
{
    answer(stack, id, stack.cache.get(id).await, load).await
}

/// Answers a read that has found this in the cache.
pub(crate) async fn answer<F>(
    stack: &Stack,
    id: FlightId,
    found: Result<Entry>,
    load: impl Fn() -> F + Send + Sync,
) -> Result<Read>
where
    F: Future<Output = Result<Loaded>> + Send,
{
    let foreign = match found {
        Ok(Entry::Value(flight)) => return hit(Some(flight)),
        Ok(Entry::Missing) => return hit(None),
        Ok(Entry::Leased(lease)) => return meet(stack, id, lease.kind, load).await,
        Ok(Entry::Absent) => None,
        Ok(Entry::Foreign(foreign)) => Some(foreign),
        Err(error) => return bypass(load().await?, Lookup::Unavailable, vec![not_used(&error)]),
    };
    let (over, lookup, notes) = match &foreign {
        None => (Over::Nothing, Lookup::Miss, Vec::new()),
        Some(foreign) => (Over::Exactly(foreign.bytes.as_deref()), Lookup::Unreadable, vec![foreign.overwritten(id)]),
    };
    let lease = Lease::new(LeaseKind::Fill, &stack.chance);
    match stack.cache.lease(id, &lease, over, stack.lease_ttl).await {
        Ok(true) => fill(stack, id, &lease, load().await, lookup, notes).await,
        Ok(false) => meet(stack, id, LeaseKind::Fill, load).await,
        Err(error) => bypass(load().await?, Lookup::Unavailable, vec![not_used(&error)]),
    }
}

fn hit(flight: Option<Flight>) -> Result<Read> {
    Ok(Read { flight, source: Source::Cache, lookup: Lookup::Hit, notes: Vec::new() })
}

/// Answers with what was loaded and leaves the cache alone.
fn bypass((flight, source): Loaded, lookup: Lookup, notes: Vec<String>) -> Result<Read> {
    Ok(Read { flight, source, lookup, notes })
}

/// Stores what was loaded, if our lease still stands. A store that fails does not fail the read.
async fn fill(
    stack: &Stack,
    id: FlightId,
    lease: &Lease,
    loaded: Result<Loaded>,
    lookup: Lookup,
    mut notes: Vec<String>,
) -> Result<Read> {
    let (flight, source) = match loaded {
        Ok(loaded) => loaded,
        Err(error) => {
            // The lease would keep others waiting for a value that does not come; if this fails it expires by itself.
            let _ = stack.cache.settle(id, lease, &Settle::Delete).await;
            return Err(error);
        }
    };
    let settle = match &flight {
        Some(flight) => Settle::Put(Content::Value(flight.clone()), stack.value_ttl()),
        None => Settle::Put(Content::Missing, MISSING_TTL),
    };
    if let Err(error) = stack.cache.settle(id, lease, &settle).await {
        notes.push(not_stored(&error));
    }
    Ok(Read { flight, source, lookup, notes })
}

/// Somebody holds a lease. A filling reader's value is worth a little wait, which is what stops a stampede; a writer's is
/// not: the database is right, whether it has committed or not.
async fn meet<F>(stack: &Stack, id: FlightId, kind: LeaseKind, load: impl Fn() -> F + Send + Sync) -> Result<Read>
where
    F: Future<Output = Result<Loaded>> + Send,
{
    if kind == LeaseKind::Fill {
        for pause in PAUSES {
            tokio::time::sleep(pause).await;
            match stack.cache.get(id).await {
                Ok(Entry::Value(flight)) => return joined(Some(flight)),
                Ok(Entry::Missing) => return joined(None),
                Ok(Entry::Leased(lease)) if lease.kind == LeaseKind::Fill => {}
                Ok(_) | Err(_) => break,
            }
        }
    }
    bypass(load().await?, Lookup::Leased, Vec::new())
}

fn joined(flight: Option<Flight>) -> Result<Read> {
    Ok(Read { flight, source: Source::Cache, lookup: Lookup::Joined, notes: Vec::new() })
}

/// Updates the database under a write lease; `after` says what takes the lease's place once the update is committed.
pub(crate) async fn write(
    stack: &Stack,
    update: &Update,
    after: impl FnOnce(&Flight) -> Settle + Send,
) -> Result<Acknowledgement> {
    let id = update.flight_id();
    let pending = stack.database.begin(update).await?;
    let (old, flight) = (pending.before().times(), pending.after().clone());

    // Under the row lock, so that the leases of two writers stand in the order in which they commit.
    let lease = Lease::new(LeaseKind::Write, &stack.chance);
    let leased = stack.cache.lease(id, &lease, Over::Anything, stack.lease_ttl).await;
    let leased = match (leased, stack.on_cache_failure) {
        (Err(error), OnCacheFailure::Reject) => {
            pending.rollback().await?;
            return Err(Error::NotLeased { id, cause: Box::new(error) });
        }
        (leased, _) => leased,
    };

    match pending.commit().await {
        Ok(()) => {}
        // The commit may still arrive, and nobody knows when. Until then readers go to the database.
        Err(unknown @ Error::OutcomeUnknown { .. }) => {
            outlast(stack, id, &lease).await;
            return Err(unknown);
        }
        Err(refused) => {
            // Nothing changed, so nothing is wrong if this fails: the lease expires by itself.
            let _ = stack.cache.settle(id, &lease, &Settle::Delete).await;
            return Err(refused);
        }
    }
    let told = match leased {
        Ok(_) => stack.cache.settle(id, &lease, &after(&flight)).await.map(CacheEffect::from),
        // A lease that was not placed protects nothing, so the new value may not be put either; what stands there must go.
        Err(_) => void(stack.cache.as_ref(), id, &lease, stack.lease_ttl).await.map(|_| CacheEffect::Invalidated),
    };
    let (cache, notes) = match told {
        Ok(effect) => (effect, Vec::new()),
        Err(error) => (CacheEffect::NotUpdated, vec![format!("committed, but the cache was not updated: {error}")]),
    };
    Ok(Acknowledgement { old: Some(old), flight, durability: Durability::Committed, cache, place: None, notes })
}

/// Makes a lease stand for as long as a value would, if it still stands. A server may finish a commit much later than anybody
/// waits for its answer: PostgreSQL does when a synchronous standby is away. If this fails, the lease stands for its usual time.
async fn outlast(stack: &Stack, id: FlightId, lease: &Lease) {
    let mine = lease.encode();
    let over = Over::Exactly(Some(mine.as_bytes()));
    _ = stack.cache.lease(id, lease, over, stack.lease_ttl.max(stack.longest_ttl)).await;
}

/// Leaves nothing in the key that may predate a commit for which no lease stands. The lease of another writer may be older than
/// that commit, and its writer must not find it: ours takes its place, and nobody settles it, so that it expires after every
/// update that was under way.
pub(crate) async fn void(cache: &dyn Cache, id: FlightId, lease: &Lease, lease_ttl: Duration) -> Result<Settled> {
    let settled = cache.settle(id, lease, &Settle::Delete).await?;
    if settled == Settled::Left {
        cache.lease(id, lease, Over::Anything, lease_ttl).await?;
    }
    Ok(settled)
}

pub(super) fn not_used(error: &Error) -> String {
    format!("degraded, the cache was not used: {error}")
}

pub(super) fn not_refreshed(error: &Error) -> String {
    format!("the flight was not refreshed: {error}")
}

pub(super) fn not_stored(error: &Error) -> String {
    format!("the flight could not be stored in the cache: {error}")
}

//! How queued updates reach the database: in batches, in order, each exactly once.
//!
//! The queue is read from its oldest entry; the database skips what lies at or before the offset that it committed together
//! with an earlier batch. So a worker may die anywhere, and another may overlap it: what was applied is not applied again, and
//! what was not is still in the queue. Nothing here ever touches a cache entry.

use crate::database::{Database, Offset};
use crate::error::Result;

use super::{Position, Queue};

/// What a drain did.
#[derive(Clone, Debug, Default)]
pub struct Drained {
    /// Updates written to `flight_log`.
    pub updates: u64,
    /// Rows of `flight` changed, batch by batch: several updates of one flight are one change of a batch.
    pub flights: u64,
    /// Updates that an earlier run had applied already, and that were only left to be forgotten.
    pub skipped: u64,
    /// How many transactions it took.
    pub batches: u64,
    /// Why each update is applied at least once rather than exactly once, where that is so.
    pub at_least_once: Option<String>,
}

/// Applies everything that is queued, `batch` updates at a time, until the queue is empty or `stop` says so between two
/// batches.
///
/// # Errors
/// What the queue and the database fail with. What was applied stays applied; the rest stays queued.
pub async fn drain(
    queue: &dyn Queue,
    database: &dyn Database,
    batch: usize,
    stop: &(dyn Fn(&Drained) -> bool + Send + Sync),
) -> Result<Drained> {
    let mut drained = Drained::default();
    while !stop(&drained) {
        let incarnation = queue.incarnation().await?;
        let updates = queue.after(&incarnation, Position::START, batch).await?;
        let Some(last) = updates.last().map(|queued| queued.position) else { break };
        let tracked = match database.offset(&incarnation).await? {
            Offset::Known(_) => true,
            Offset::Unavailable(reason) => {
                drained.at_least_once = Some(reason);
                false
            }
        };
        let applied = database.apply(&incarnation, &updates, tracked).await?;
        drained.updates += applied.updates;
        drained.flights += applied.flights;
        drained.skipped += applied.skipped;
        drained.batches += 1;
        queue.forget(&incarnation, &updates, last).await?;
    }
    Ok(drained)
}

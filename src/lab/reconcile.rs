//! Dropping from the cache whatever `flight_log` says has changed since a moment.
//!
//! A flight's entry is dropped as a writer would void it: with a settle of a lease that nobody has placed, which deletes a
//! value and a reader's lease, for both may predate the change, and leaves alone a writer's lease, for that writer answers for
//! the key.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use tokio::task::JoinSet;

use crate::cache::{Cache, Lease, LeaseKind, Settle, Settled};
use crate::clock::Chance;
use crate::database::Database;
use crate::error::Result;
use crate::hop::{self, Hop};

/// By how much a change may be dated before its commit: an update is dated when it is made, by the clock of whoever makes it.
const ALLOWANCE: Duration = Duration::from_secs(60);

/// How many entries are dropped at once.
const AT_ONCE: usize = 64;

/// How one entry's task ended: what came of the entry, and the hops that it took.
type Done = Result<(Result<Settled>, Vec<Hop>), tokio::task::JoinError>;

/// What reconciling did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reconciled {
    /// From when on changes counted, in UTC.
    pub since: NaiveDateTime,
    /// How many flights have changed.
    pub changed: u64,
    /// How many of them had an entry, which was dropped.
    pub dropped: u64,
}

/// From when on changes count that may have been made after `moment`.
pub(super) fn reaching_back(moment: DateTime<Utc>) -> NaiveDateTime {
    (moment - ALLOWANCE).naive_utc()
}

/// Drops the entries of all flights that have changed at `since` or later.
pub(super) async fn reconcile(
    database: &Arc<dyn Database>,
    cache: &Arc<dyn Cache>,
    chance: &Chance,
    since: NaiveDateTime,
) -> Result<Reconciled> {
    let ids = database.changed_since(since).await?;
    let mut reconciled = Reconciled { since, changed: ids.len() as u64, dropped: 0 };
    let mut under_way = JoinSet::new();
    for id in ids {
        let (cache, lease) = (Arc::clone(cache), Lease::new(LeaseKind::Write, chance));
        if under_way.len() >= AT_ONCE {
            reconciled.count(under_way.join_next().await)?;
        }
        under_way.spawn(hop::apart(async move { cache.settle(id, &lease, &Settle::Delete).await }));
    }
    while !under_way.is_empty() {
        reconciled.count(under_way.join_next().await)?;
    }
    Ok(reconciled)
}

impl Reconciled {
    fn count(&mut self, done: Option<Done>) -> Result<()> {
        match done {
            Some(Ok((settled, hops))) => {
                hop::adopt(hops);
                self.dropped += u64::from(settled? == Settled::Voided);
            }
            Some(Err(panicked)) => std::panic::resume_unwind(panicked.into_panic()),
            None => {}
        }
        Ok(())
    }
}

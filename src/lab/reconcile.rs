//! Dropping from the cache whatever `flight_log` says has changed since a moment.
//!
//! A flight's entry is dropped as by a writer that could not place its lease ([`lease::void`]): a value and a reader's lease may
//! predate the change, and so may a writer's lease, whose value would be put there if it stood.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use tokio::task::{JoinError, JoinSet};

use crate::cache::{Cache, Lease, LeaseKind, Settled};
use crate::clock::Chance;
use crate::database::Database;
use crate::error::{Error, Result};
use crate::flight::{FlightId, Position};
use crate::hop::{self, Hop};
use crate::pattern::lease;
use crate::queue::Queue;

/// By how much a change may be dated before its commit: an update is dated when it is made, by the clock of whoever makes it.
const ALLOWANCE: Duration = Duration::from_secs(60);

/// How many entries are dropped at once, and how many queued updates are read at once.
const AT_ONCE: usize = 64;

/// How one entry's task ended: what came of the entry, and the hops that it took.
type Done = Result<(Result<Settled>, Vec<Hop>), JoinError>;

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

impl Reconciled {
    /// Both, of different shards, as one.
    #[must_use]
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            since: self.since.min(other.since),
            changed: self.changed + other.changed,
            dropped: self.dropped + other.dropped,
        }
    }
}

/// From when on changes count that may have been made after `moment`.
pub(super) fn reaching_back(moment: DateTime<Utc>) -> NaiveDateTime {
    (moment - ALLOWANCE).naive_utc()
}

/// Whom reconciling asks, and whom it tells.
pub(super) struct Parties<'a> {
    pub(super) database: &'a dyn Database,
    pub(super) queue: &'a dyn Queue,
    pub(super) cache: &'a Arc<dyn Cache>,
    pub(super) chance: &'a Chance,
    /// No update lasts longer than this.
    pub(super) longest_update: Duration,
}

impl Parties<'_> {
    /// Drops the entries of all flights that have changed at `since` or later, or are about to, as far as they are `meant`.
    pub(super) async fn reconcile(
        &self,
        since: NaiveDateTime,
        meant: &(dyn Fn(FlightId) -> bool + Sync),
    ) -> Result<Reconciled> {
        // First what is queued: what is applied meanwhile is found in `flight_log`.
        let mut ids = untold(self.queue).await?;
        ids.extend(self.database.changed_since(since).await?);
        ids.retain(|id| meant(*id));
        let dropped = drop_entries(self.cache, self.chance, &ids, self.longest_update).await?;
        Ok(Reconciled { since, changed: ids.len() as u64, dropped })
    }
}

/// Flights whose change the cache may not have been told of, and which is not in `flight_log` yet: what waits in a journal. A
/// queue that stores the entry itself has told the cache in the same step.
async fn untold(queue: &dyn Queue) -> Result<BTreeSet<FlightId>> {
    let mut ids = BTreeSet::new();
    if queue.stores_entry() {
        return Ok(ids);
    }
    for partition in 0..queue.settings().partitions {
        let Some(sequence) = queue.sequence(partition).await? else { continue };
        let mut position = Position::START;
        loop {
            let batch = match queue.after(&sequence, position, AT_ONCE).await {
                Ok(batch) => batch,
                // Which flight it is about nobody can read.
                Err(Error::Poisoned { position: unreadable, .. }) => {
                    position = unreadable;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let Some(last) = batch.last() else { break };
            position = last.position;
            ids.extend(batch.iter().map(|queued| queued.update.flight_id()));
        }
    }
    Ok(ids)
}

/// Drops the entries of these flights; how many there were.
async fn drop_entries(
    cache: &Arc<dyn Cache>,
    chance: &Chance,
    ids: &BTreeSet<FlightId>,
    longest_update: Duration,
) -> Result<u64> {
    let (mut dropped, mut under_way) = (0, JoinSet::new());
    for id in ids.iter().copied() {
        let (cache, lease) = (Arc::clone(cache), Lease::new(LeaseKind::Write, chance));
        if under_way.len() >= AT_ONCE {
            dropped += stood(under_way.join_next().await)?;
        }
        let void = async move { lease::void(cache.as_ref(), id, &lease, longest_update).await };
        under_way.spawn(hop::apart(void));
    }
    while !under_way.is_empty() {
        dropped += stood(under_way.join_next().await)?;
    }
    Ok(dropped)
}

/// Whether an entry stood there, as a number.
fn stood(done: Option<Done>) -> Result<u64> {
    match done {
        Some(Ok((settled, hops))) => {
            hop::adopt(hops);
            Ok(u64::from(settled? == Settled::Voided))
        }
        Some(Err(panicked)) => std::panic::resume_unwind(panicked.into_panic()),
        None => Ok(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::{Content, Entry, Over, Settle};
    use crate::cli::ConnectionFlags;
    use crate::config::{Config, Environment};
    use crate::flight::{Flight, Update};

    const LASTING: Duration = Duration::from_secs(60);

    fn config() -> Config {
        let environment = Environment::of([]).with_data_directory("/nowhere");
        Config::resolve(&ConnectionFlags::default(), &environment).unwrap()
    }

    fn cache() -> Arc<dyn Cache> {
        crate::cache::connect(&config().cache).unwrap()
    }

    fn flight(id: FlightId) -> Flight {
        let text = r#"{"flight_id":1,"flightno":"LH400","from_airport":"FRA","to_airport":"JFK","airlinename":"Lufthansa",
            "airline_id":1,"airplane_id":1,"departure":"2025-11-20T10:00:00","arrival":"2025-11-20T18:30:00"}"#;
        Flight { flight_id: id, ..serde_json::from_str(text).unwrap() }
    }

    #[tokio::test]
    async fn an_older_writer_whose_lease_stood_puts_nothing_there_any_more() {
        let (cache, chance) = (cache(), Chance::seeded(1));
        let id = FlightId::try_from(1_i64).unwrap();
        let older = Lease::new(LeaseKind::Write, &chance);
        cache.lease(id, &older, Over::Anything, LASTING).await.unwrap();
        let dropped = drop_entries(&cache, &chance, &BTreeSet::from([id]), LASTING).await.unwrap();
        assert_eq!(dropped, 0, "a lease is no entry");
        let put = Settle::Put(Content::Value(flight(id)), LASTING);
        assert_eq!(cache.settle(id, &older, &put).await.unwrap(), Settled::Left);
        assert!(matches!(cache.get(id).await.unwrap(), Entry::Leased(lease) if lease.kind == LeaseKind::Write));
    }

    #[tokio::test]
    async fn what_waits_in_a_journal_may_be_untold_however_much_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let Config { queue, cache: settings, .. } = config();
        let queue = crate::queue::connect(queue, &settings, &cache(), folder.path().join("journal")).unwrap();
        assert!(untold(queue.as_ref()).await.unwrap().is_empty());
        let ids: BTreeSet<_> = (1..=2 * AT_ONCE as i64 + 1).map(|id| FlightId::try_from(id).unwrap()).collect();
        for id in &ids {
            let (flight, made_at) = (flight(*id), crate::clock::now());
            let update = Update { id: id.to_string(), flight, user: "test".into(), comment: None, made_at };
            queue.enqueue(&update, LASTING).await.unwrap();
        }
        assert_eq!(untold(queue.as_ref()).await.unwrap(), ids);
    }

    #[tokio::test]
    async fn values_and_readers_leases_go_and_nothing_else_is_touched() {
        let (cache, chance) = (cache(), Chance::seeded(1));
        let ids = [1_i64, 2, 3, 4].map(|id| FlightId::try_from(id).unwrap());
        for id in [ids[0], ids[3]] {
            cache.set(id, &Content::Value(flight(id)), LASTING).await.unwrap();
        }
        let reader = Lease::new(LeaseKind::Fill, &chance);
        cache.lease(ids[1], &reader, Over::Nothing, LASTING).await.unwrap();
        let dropped = drop_entries(&cache, &chance, &ids[..3].iter().copied().collect(), LASTING).await.unwrap();
        assert_eq!(dropped, 2);
        for id in &ids[..3] {
            assert!(matches!(cache.get(*id).await.unwrap(), Entry::Absent), "{id}");
        }
        assert!(matches!(cache.get(ids[3]).await.unwrap(), Entry::Value(_)));
    }
}

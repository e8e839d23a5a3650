//! The flights of a bench: taken as they are, moved by its updates, and put back however it ends (P7).
//!
//! What they were is on the disk before the first of them is moved. Where the process is killed, the next bench puts them back
//! before it begins, and `cachedemo bench restore` does nothing else.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use chrono::NaiveDateTime;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};

use super::ledger::{times_of, version_of};
use crate::error::{Error, Peer, Result};
use crate::flight::{Flight, FlightId, Times, Update};
use crate::lab::Lab;
use crate::pattern::{CacheEffect, PatternKind};
use crate::queue::worker::{Report, Watch};
use crate::record::{Record, prefix};

/// How many flights are read at once.
const PAGE: u32 = 10_000;
/// How many flights are put back, or dropped from the cache, at once.
const AT_ONCE: usize = 64;
/// How the name of a cache ends that went away with its process.
const IN_PROCESS: &str = "in this process";
/// Where it is written down, in the directory of cachedemo's own files.
const BENCHES: &str = "benches";
/// Who is named in `flight_log`.
pub(super) const USER: &str = "cachedemo";

/// What is written down.
#[derive(Debug, Serialize, Deserialize)]
struct Saved {
    /// The cache that may hold the flights.
    cache: String,
    /// The queue that may hold updates of them.
    queue: String,
    /// The flights and their times.
    flights: Vec<(FlightId, NaiveDateTime, NaiveDateTime)>,
}

/// The flights of a bench.
#[derive(Debug)]
pub struct Flights {
    flights: Arc<Vec<Flight>>,
    /// Where they are written down, if they are to be moved.
    record: Option<Record<Saved>>,
}

/// What putting flights back came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// How many had been moved, and are back.
    pub back: u64,
    /// How many somebody else has moved meanwhile: they are left as they are.
    pub left: u64,
    /// How many of those that are back the cache could not be told of: it is healed before it is read again.
    pub untold: u64,
}

impl Flights {
    /// Takes the first `count` flights of the database; where they are to be moved, nobody else may have them.
    ///
    /// # Errors
    /// When there are not so many, when another bench or a walk-through has some of them, or updates wait in the queue.
    pub async fn take(lab: &Lab, home: &Path, count: u32, to_move: bool) -> Result<Self> {
        nothing_waits(lab).await?;
        let mut record = None;
        if to_move {
            nobody_walks(lab, home)?;
            record = Some(claim_cleared(home, lab.database().peer())?);
        }
        let flights = first(lab, count).await?;
        if flights.len() < count as usize {
            return Err(Error::usage(
                format!("--keys {count}: the database has {} flights", flights.len()),
                format!(
                    "--keys {}, or an empty database and `cachedemo db init --flights {count}`",
                    flights.len().max(1)
                ),
            ));
        }
        if let Some(record) = &mut record {
            record.write(&Saved {
                cache: lab.cache().peer().to_string(),
                queue: lab.queue().peer().to_string(),
                flights: flights.iter().map(|it| (it.flight_id, it.departure, it.arrival)).collect(),
            })?;
        }
        Ok(Self { flights: Arc::new(flights), record })
    }

    /// All of them, as they were found, in the order of their ids.
    #[must_use]
    pub fn all(&self) -> &Arc<Vec<Flight>> {
        &self.flights
    }

    /// An update of one of them to the times of a version, from 1 on: [`Flights::restore`] knows these as a bench's own.
    #[must_use]
    pub fn plan(&self, lab: &Lab, index: usize, version: u32) -> Update {
        let flight = &self.flights[index];
        lab.plan(flight, times_of(flight.times(), version), USER, None)
    }

    /// Leaves nothing in the cache of any of them.
    ///
    /// # Errors
    /// What the cache fails with.
    pub async fn evict(&self, lab: &Lab) -> Result<()> {
        let ours: HashSet<FlightId> = self.flights.iter().map(|flight| flight.flight_id).collect();
        evict(lab, &ours).await
    }

    /// Puts them back.
    ///
    /// # Errors
    /// When that cannot be done now: the next bench does it, or [`Flights::recover`].
    pub async fn restore(mut self, lab: &Lab) -> Result<Restored> {
        let Some(record) = &mut self.record else { return Ok(Restored::default()) };
        let saved = self.flights.iter().map(|flight| (flight.flight_id, flight.times())).collect();
        let restored = restore(lab, saved, false).await?;
        record.clear()?;
        Ok(restored)
    }

    /// Puts back what a bench has left that was killed; `None` where there is nothing. Where the cache and the queue that it used
    /// are gone for good, the database is all that is put back.
    ///
    /// # Errors
    /// When that cannot be done now, or with this cache, or another bench is running.
    pub async fn recover(lab: &Lab, home: &Path, is_cache_gone: bool) -> Result<Option<Restored>> {
        let mut record = claim(home, lab.database().peer())?;
        let Some(saved) = record.read()? else { return Ok(None) };
        // Elsewhere, entries of the moved flights and queued updates of them would stay behind.
        let (cache, queue) = (lab.cache().peer().to_string(), lab.queue().peer().to_string());
        let is_theirs = saved.cache == cache || saved.cache.ends_with(IN_PROCESS);
        if !is_cache_gone && (!is_theirs || saved.queue != queue) {
            return Err(Error::NotHeld {
                message: format!("the flights are still as a bench left them that was killed; it used the {}", saved.cache),
                hint: "`cachedemo bench restore` with that cache (--cache-engine, --cache-host, --cache-port) puts them back; \
                       with --cache-is-gone without it, where it never comes back"
                    .into(),
            });
        }
        let times = |(id, departure, arrival)| (id, Times { departure, arrival });
        let restored = restore(lab, saved.flights.into_iter().map(times).collect(), is_cache_gone).await?;
        record.clear()?;
        Ok(Some(restored))
    }
}

/// Nobody looks at the worker.
pub(super) struct Unwatched;

impl Watch for Unwatched {
    fn report(&self, _report: Report) {}
}

/// Sees that no bench has moved flights of this database, or was killed when it had: whoever is about to move one would take
/// that for how it was.
///
/// # Errors
/// [`Error::NotHeld`] where one has.
pub fn nobody_benches(home: &Path, database: &Peer) -> Result<()> {
    match Record::<serde_json::Value>::all(&home.join(BENCHES), &prefix(database)).is_empty() {
        true => Ok(()),
        false => Err(Error::NotHeld {
            message: "a bench has moved flights of this database, or was cut short".into(),
            hint: "wait until it ends; after one that was killed, `cachedemo bench restore` puts them back".into(),
        }),
    }
}

fn claim(home: &Path, database: &Peer) -> Result<Record<Saved>> {
    let name = format!("{}bench.json", prefix(database));
    Record::take(&home.join(BENCHES), &name)?.ok_or_else(|| Error::NotHeld {
        message: "another bench is changing flights of this database just now".into(),
        hint: "wait until it ends; two at once would also measure each other".into(),
    })
}

/// The record of this database, of which nothing may be left to be done: what stood there would be lost.
fn claim_cleared(home: &Path, database: &Peer) -> Result<Record<Saved>> {
    let mut record = claim(home, database)?;
    match record.read()? {
        None => Ok(record),
        Some(_) => Err(Error::NotHeld {
            message: "the flights are still as a bench left them that was killed".into(),
            hint: "`cachedemo bench restore` puts them back".into(),
        }),
    }
}

/// Sees that nobody has moved a flight for a while.
fn nobody_walks(lab: &Lab, home: &Path) -> Result<()> {
    let walks = Record::<serde_json::Value>::all(&home.join("walk-throughs"), &prefix(lab.database().peer()));
    if walks.is_empty() {
        return Ok(());
    }
    Err(Error::NotHeld {
        message: "a walk-through or an anomaly has moved a flight of this database, or was cut short".into(),
        hint: "wait until it ends; after one that was killed, `cachedemo cache-aside` puts its flight back".into(),
    })
}

/// Sees that nothing is about to move a flight. A bench that only reads must know as well: it drops the entries of its flights, and
/// what the other patterns would fill in their place is older than what is queued.
async fn nothing_waits(lab: &Lab) -> Result<()> {
    match waiting(lab).await? {
        0 => Ok(()),
        waiting => Err(Error::NotHeld {
            message: format!(
                "{waiting} updates wait in the queue: applied later, they would move flights of the bench"
            ),
            hint: "apply them first: `cachedemo write-behind drain`".into(),
        }),
    }
}

/// How many updates wait in the queue.
pub(super) async fn waiting(lab: &Lab) -> Result<u64> {
    let waiting = lab.backlog().await.value?;
    let length = waiting.length();
    waiting.whole().map(|()| length)
}

/// The first flights of the database.
async fn first(lab: &Lab, count: u32) -> Result<Vec<Flight>> {
    let mut flights: Vec<Flight> = Vec::with_capacity(count as usize);
    let mut from = FlightId::FIRST;
    while flights.len() < count as usize {
        let wanted = PAGE.min(count - u32::try_from(flights.len()).unwrap_or(count));
        let page = lab.database().find_range(from, FlightId::LAST, wanted).await?;
        let Some(next) = page.last().and_then(|flight| flight.flight_id.next()) else { break };
        from = next;
        flights.extend(page);
    }
    Ok(flights)
}

/// Puts flights back to these times, in the order of their ids, and leaves nothing of them in the cache.
async fn restore(lab: &Lab, saved: Vec<(FlightId, Times)>, is_cache_gone: bool) -> Result<Restored> {
    let queue = match waiting(lab).await {
        _ if is_cache_gone => Ok(()),
        Ok(0) => Ok(()),
        // What a killed bench has queued would move the flights again.
        Ok(_) => lab.drain(&Unwatched, &|| false).await,
        Err(error) => Err(error),
    };
    // Under leases: whoever reads meanwhile is never given what is being taken away.
    let lab = lab.under(PatternKind::CacheAside);
    let mut restored = Restored::default();
    loop {
        let Restored { back, left, untold } = pass(&lab, &saved).await?;
        restored = Restored { back: restored.back + back, left, untold: restored.untold + untold };
        if back == 0 {
            break;
        }
        // Once more: a COMMIT of which nobody has heard may have arrived after its flight was looked at.
    }
    match evict(&lab, &saved.iter().map(|(id, _)| *id).collect()).await {
        // It is known to be away: what has changed is dropped from it before it is read.
        Err(error) if error.is_outage() => {}
        evicted => evicted?,
    }
    match queue {
        Ok(()) => Ok(restored),
        Err(error) if error.is_outage() => Err(Error::NotHeld {
            message: format!(
                "the flights are back in the database, and updates of them may wait in the {}, which does not answer",
                lab.queue().peer()
            ),
            hint: "`cachedemo bench restore` once it answers; with --cache-is-gone, where it never does".into(),
        }),
        Err(error) => Err(error),
    }
}

/// Looks at every flight once, and puts back those that are moved.
async fn pass(lab: &Lab, saved: &[(FlightId, Times)]) -> Result<Restored> {
    let mut restored = Restored::default();
    for page in saved.chunks(PAGE as usize) {
        let (Some((from, _)), Some((to, _))) = (page.first(), page.last()) else { break };
        let mut there = Vec::new();
        let mut from = Some(*from);
        // Flights that were made since lie between them.
        while let Some(first) = from {
            let found = lab.database().find_range(first, *to, PAGE).await?;
            from = found.last().filter(|_| found.len() == PAGE as usize).and_then(|flight| flight.flight_id.next());
            there.extend(found);
        }
        let mut moved = Vec::new();
        let mut rows = there.into_iter().peekable();
        for (id, original) in page.iter().copied() {
            while rows.next_if(|flight| flight.flight_id < id).is_some() {}
            let Some(flight) = rows.next_if(|flight| flight.flight_id == id) else { continue };
            match version_of(original, flight.times()) {
                Some(0) => {}
                Some(_) => moved.push((flight, original)),
                None => restored.left += 1,
            }
        }
        restored.back += moved.len() as u64;
        let updates = stream::iter(moved).map(|(flight, original)| put_back(lab, flight, original));
        let mut updates = updates.buffer_unordered(AT_ONCE);
        while let Some(is_told) = updates.try_next().await? {
            restored.untold += u64::from(!is_told);
        }
    }
    Ok(restored)
}

/// Puts one back; whether the cache was told.
async fn put_back(lab: &Lab, flight: Flight, original: Times) -> Result<bool> {
    let update = lab.plan(&flight, original, USER, Some("bench: original times restored"));
    let is_told = lab.pattern().update(&update).await?.cache != CacheEffect::NotUpdated;
    // The outage is written down: whoever reads there next heals it first.
    if is_told || (!lab.trusts_cache() && lab.unwritten_outage().is_none()) {
        return Ok(is_told);
    }
    Err(Error::NotHeld {
        message: format!("flight {} is back in the database, and the cache could not be told", flight.flight_id),
        hint: "`cachedemo bench restore` once the cache answers".into(),
    })
}

/// Drops the entries of these flights that there are.
async fn evict(lab: &Lab, ours: &HashSet<FlightId>) -> Result<()> {
    let cached = lab.cache().ids().await?;
    let cached = stream::iter(cached.into_iter().filter(|id| ours.contains(id)));
    cached.map(|id| lab.cache().delete(id)).buffer_unordered(AT_ONCE).try_for_each(|_| std::future::ready(Ok(()))).await
}

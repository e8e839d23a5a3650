//! Crowds: many readers who all do the right thing at the same moment, and the database that pays for it.

use std::time::Duration;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::play::{Found, Play, reading};
use super::stage::Actor;
use crate::cache::{Content, Entry, Lease, LeaseKind, Over, Settle};
use crate::clock::Chance;
use crate::demo::Plot;
use crate::error::{Error, Result};
use crate::flight::{Flight, FlightId};
use crate::lab::Lab;
use crate::pattern::xfetch;

/// How many readers a crowd has.
const READERS: usize = 100;

/// 100 readers miss one expired key.
pub(super) async fn stampede(play: &mut Play) -> Result<Found> {
    play.evict().await?;
    let mut first = play.enter("reader 1");
    let mut others = crowd(play, "99 other readers", READERS - 1);
    for reader in std::iter::once(&mut first).chain(&mut others) {
        play.reads(reader);
        reader.until_after("get", &mut play.moments).await?;
    }
    // All of them have missed. What they do next is where the two protocols part.
    let next = if play.is_naive() { "find" } else { "lease" };
    for reader in std::iter::once(&mut first).chain(&mut others) {
        reader.until_after(next, &mut play.moments).await?;
    }
    first.finish(&mut play.moments).await?;
    for reader in &mut others {
        let last = if play.is_naive() { "set" } else { "get" };
        reader.until_after(last, &mut play.moments).await?;
    }
    for reader in &mut others {
        reader.finish(&mut play.moments).await?;
    }
    let reads = play.moments.finds();
    let went_wrong = reads > 1;
    if went_wrong {
        play.moments.blame(&["find"]);
    }
    let finding = format!("{READERS} readers of one expired key: reads of the database {reads}");
    Ok(Found::new(went_wrong, finding).counting("reads of the database", reads))
}

/// The same crowd, spread over the last moments of the entry's life, with XFetch: somebody refreshes it before it expires.
///
/// The moments are the choreography's, for nobody waits for a TTL: each reader comes a tenth of a load's cost after the one
/// before, and the last one when the entry has expired. Whether to refresh, each asks XFetch; the chance has a seed.
pub(super) async fn early_refresh(play: &mut Play) -> Result<Found> {
    play.cache_it().await?;
    let (id, chance) = (play.flight.flight_id, Chance::seeded(1));
    let cost = Duration::from_millis(10);
    let (mut refreshed, mut found, mut columns) = (None, 0, 0);
    for reader in 1..=READERS {
        // Who comes after a refresh finds a new entry, with all of its life left.
        let left = match refreshed {
            None => (cost / 10) * u32::try_from(READERS - reader).unwrap_or(0),
            Some(_) => play.lab.ttl(),
        };
        if left.is_zero() {
            play.evict().await?;
        }
        if refreshed.is_none() && !left.is_zero() && xfetch::is_due(left, cost, 1.0, &chance) {
            hits(play, "readers before", found).await?;
            (found, columns) = (0, columns + 1);
            refreshes(play, id).await?;
            refreshed = Some(reader);
        } else {
            found += 1;
        }
    }
    hits(play, if columns == 0 { "readers" } else { "readers after" }, found).await?;
    let reads = play.moments.finds();
    let finding = match refreshed {
        Some(reader) => format!(
            "reader {reader} of {READERS} refreshed the entry before it expired: nobody missed, reads of the database {reads}"
        ),
        None => format!("nobody refreshed the entry before it expired: reads of the database {reads}"),
    };
    Ok(Found::new(refreshed.is_none() || reads > 1, finding).counting("reads of the database", reads))
}

/// One of the crowd refreshes the entry.
async fn refreshes(play: &mut Play, id: FlightId) -> Result<()> {
    let mut refresher = play.enter("one of them");
    refresher.begin(move |lab| async move {
        match refresh(&lab, id).await {
            Ok(()) => "has refreshed it early".to_owned(),
            Err(error) => format!("fails: {error}"),
        }
    });
    refresher.finish(&mut play.moments).await
}

/// So many readers who each find the entry.
async fn hits(play: &mut Play, name: &str, count: usize) -> Result<()> {
    if count == 0 {
        return Ok(());
    }
    let mut readers = crowd(play, &format!("{count} {name}"), count);
    for reader in &mut readers {
        play.reads(reader);
        reader.until_after("get", &mut play.moments).await?;
    }
    for reader in &mut readers {
        reader.finish(&mut play.moments).await?;
    }
    Ok(())
}

/// A reader who refreshes what it found: it leases the key only if that still stands there.
async fn refresh(lab: &Lab, id: FlightId) -> Result<()> {
    let Entry::Value(found) = lab.cache().get(id).await? else { return Ok(()) };
    let found = Content::Value(found).encode();
    let over = Over::Exactly(Some(found.as_bytes()));
    let lease = Lease::new(LeaseKind::Fill, &Chance::unpredictable());
    if lab.cache().lease(id, &lease, over, Duration::from_secs(10)).await?
        && let Some(flight) = lab.database().find(id).await?
    {
        let put = Settle::Put(Content::Value(flight), lab.ttl());
        lab.cache().settle(id, &lease, &put).await?;
    }
    Ok(())
}

fn crowd(play: &mut Play, name: &str, count: usize) -> Vec<Actor> {
    let mut actors = vec![play.enter(name)];
    while actors.len() < count {
        actors.push(play.join());
    }
    actors
}

/// How often a flight is asked for that does not exist.
const ASKED: u64 = 100;
/// How many of these are drawn.
const DRAWN: u64 = 3;

/// Reads of a flight that does not exist reach the database every time.
pub(super) async fn penetration(play: &mut Play) -> Result<Found> {
    let id = absent(&play.lab).await?;
    play.lab.evict(id).await.value?;
    let mut reader = play.enter("reader");
    for number in 1..=ASKED {
        if number == DRAWN + 1 {
            play.moments.remark(reader.column, format!("… {} times more", ASKED - DRAWN));
            play.moments.draw(false);
        }
        reader.begin(reading(id));
        reader.finish(&mut play.moments).await?;
    }
    play.moments.draw(true);
    play.lab.evict(id).await.value?;
    let reads = play.moments.finds();
    let went_wrong = reads > 1;
    if went_wrong {
        play.moments.blame(&["find"]);
    }
    let finding = format!("{ASKED} reads of flight {id}, which does not exist: reads of the database {reads}");
    Ok(Found::new(went_wrong, finding).counting("reads of the database", reads))
}

/// A flight that does not exist.
async fn absent(lab: &Lab) -> Result<FlightId> {
    for number in (1..=i32::MAX).rev().take(100) {
        let Ok(id) = FlightId::try_from(i64::from(number)) else { continue };
        if lab.row(id).await.value?.is_none() {
            return Ok(id);
        }
    }
    Err(Error::NotHeld {
        message: "the highest hundred ids are all of flights that exist".into(),
        hint: "play this one with the embedded database".into(),
    })
}

/// How many keys are filled together, and how few still show something.
const KEYS: (u32, usize) = (1_000, 100);
/// How many at once: together means within a moment, also where a trip takes long.
const AT_ONCE: usize = 32;
/// The shortest life that is given to the keys: what lives for seconds only expires within seconds, spread or not.
const SHORTEST: Duration = Duration::from_secs(600);

/// 1,000 keys that were filled together expire together.
///
/// Nobody waits for the TTL: the cache itself says how long each entry will live, and each that expires is one read of the
/// database, if it is asked for all the time. Only keys in which nothing stands are filled, and only ours are dropped again.
pub(super) async fn avalanche(play: &mut Play) -> Result<Found> {
    let (lab, is_naive, chance) = (&play.lab, play.is_naive(), Chance::unpredictable());
    let ttl = lab.ttl().max(SHORTEST);
    let flights = lab.database().find_range(FlightId::FIRST, last()?, KEYS.0).await?;
    let filled: Vec<FlightId> = stream::iter(flights)
        .map(|flight| {
            let ttl = if is_naive { ttl } else { chance.spread(ttl) };
            fill(lab, flight, Lease::new(LeaseKind::Fill, &chance), ttl)
        })
        .buffered(AT_ONCE)
        .try_filter_map(|filled| async move { Ok(filled) })
        .try_collect()
        .await?;
    let mut lives: Vec<Duration> = stream::iter(filled.iter().copied())
        .map(|id| async move { lab.cache().remaining(id).await })
        .buffered(AT_ONCE)
        .try_filter_map(|left| async move { Ok(left) })
        .try_collect()
        .await?;
    stream::iter(filled.iter().map(|id| Ok((*id, Lease::new(LeaseKind::Write, &chance)))))
        .try_for_each_concurrent(AT_ONCE, |(id, lease)| async move {
            // As a writer voids an entry: a lease that somebody has placed meanwhile stays.
            lab.cache().settle(id, &lease, &Settle::Delete).await.map(drop)
        })
        .await?;
    // Somebody else may have put something there meanwhile that lives much longer.
    lives.retain(|life| *life <= ttl * 2);
    if lives.len() < KEYS.1 {
        return Err(Error::NotHeld {
            message: format!(
                "an avalanche wants {} flights that are not cached, and there are {}",
                KEYS.1,
                lives.len()
            ),
            hint: "play it with the embedded database, or after `cachedemo db init --flights 1000`".into(),
        });
    }
    Ok(expiries(&lives, (ttl / 4_000).max(Duration::from_secs(1))))
}

/// Fills a key in which nothing stands, under a lease; `None` where something does.
async fn fill(lab: &Lab, flight: Flight, lease: Lease, ttl: Duration) -> Result<Option<FlightId>> {
    let id = flight.flight_id;
    if !lab.cache().lease(id, &lease, Over::Nothing, Duration::from_secs(10)).await? {
        return Ok(None);
    }
    // Read again under the lease: what was listed before it may be old by now.
    let Some(flight) = lab.database().find(id).await? else { return Ok(None) };
    lab.cache().settle(id, &lease, &Settle::Put(Content::Value(flight), ttl)).await?;
    Ok(Some(id))
}

/// How many of these lives end within each step.
fn expiries(lives: &[Duration], step: Duration) -> Found {
    let mut expired = vec![0_u64; 1];
    for life in lives {
        let second = usize::try_from(life.as_millis() / step.as_millis()).unwrap_or(usize::MAX / 2);
        expired.resize(expired.len().max(second + 1), 0);
        expired[second] += 1;
    }
    let most = expired.iter().copied().max().unwrap_or(0);
    let went_wrong = most > lives.len() as u64 / 4;
    let finding = format!(
        "of {} keys filled together at most {most} expire within {} s, by what the cache says they have left to live",
        lives.len(),
        step.as_secs()
    );
    let plot = Plot {
        title: "reads of the database to come, as the keys expire".to_owned(),
        unit: "reads/s".to_owned(),
        step_ms: u64::try_from(step.as_millis()).unwrap_or(u64::MAX),
        values: expired.iter().map(|count| *count as f64 / step.as_secs_f64()).collect(),
    };
    let found = Found::new(went_wrong, finding).counting("keys that expire within one step, at most", most);
    Found { plots: vec![plot], ..found }
}

fn last() -> Result<FlightId> {
    FlightId::try_from(i64::from(i32::MAX)).map_err(|reason| Error::usage(reason.to_string(), ""))
}

//! Refreshes in the background: one at a time whoever reads, never an old value back, and no harm done by one that dies.
//!
//! A refresh is held at one of its hops, and what is to happen in between happens then: nothing is left to luck.

mod held;

use std::sync::Arc;

use cachedemo::cache::Entry;
use cachedemo::flight::{Flight, FlightId, Times};
use cachedemo::lab::Lab;
use cachedemo::lab::fault::Faults;
use cachedemo::pattern::{Lookup, PatternKind, Refresh, Refreshed, Refreshing, Tuning};

use self::held::Held;
use crate::support::lab;
use crate::support::server::{Kind, Server};
use crate::support::settings;
use crate::support::stack::Stack;

const CACHES: [Option<Kind>; 4] = [None, Some(Kind::Redis), Some(Kind::Valkey), Some(Kind::Memcached)];

const ID: FlightId = FlightId::FIRST;

/// Two programs over the embedded database and one cache; every hit of theirs refreshes, if nobody else does.
struct Pair {
    stack: Stack,
    _server: Option<Server>,
    labs: [Lab; 2],
}

impl Pair {
    /// `None` where the cache is not installed.
    async fn start(cache: Option<Kind>) -> Option<Self> {
        let server = match cache {
            Some(kind) => Some(Server::start(kind)?),
            None => None,
        };
        // Making it waits for other programs.
        let stack = tokio::task::spawn_blocking(Stack::embedded).await.unwrap();
        let mut settings = server.as_ref().map_or_else(settings::memory, settings::of);
        settings.push(("CACHE_TIMEOUT", "10s".to_owned()));
        let config = lab::config(&stack, &settings);
        let one = eager(&lab::lab(&config).await);
        // What is in the process is shared by having the same; the other has its own pattern all the same.
        let other = if server.is_some() { eager(&lab::lab(&config).await) } else { eager(&one) };
        Some(Self { stack, _server: server, labs: [one, other] })
    }
}

fn eager(lab: &Lab) -> Lab {
    let refreshing = Refreshing { threshold: 1.0, ..Refreshing::default() };
    lab.under(PatternKind::RefreshAhead).tuned(Tuning { refreshing, ..Tuning::default() })
}

/// The flight as a reader gets it, and how.
async fn read(lab: &Lab) -> (Lookup, Flight) {
    let read = lab.read(ID).await.value.unwrap();
    (read.lookup, read.flight.unwrap())
}

async fn move_by(lab: &Lab, hours: i64) -> Flight {
    let flight = lab.row(ID).await.value.unwrap().unwrap();
    let times = flight.times().delayed(chrono::TimeDelta::hours(hours)).unwrap();
    move_to(lab, &flight, times).await
}

async fn move_to(lab: &Lab, flight: &Flight, times: Times) -> Flight {
    lab.update(&lab.plan(flight, times, "tester", None)).await.value.unwrap().flight
}

fn outcomes(refreshes: &[Refresh]) -> Vec<Refreshed> {
    refreshes.iter().map(|refresh| refresh.refreshed).collect()
}

/// The mark of the one refresher is what keeps the others, in this process and in another, from refreshing as well.
#[tokio::test(flavor = "multi_thread")]
async fn one_refreshes_however_many_read() {
    for cache in CACHES {
        let Some(pair) = Pair::start(cache).await else { continue };
        let [one, other] = &pair.labs;
        assert_eq!(read(one).await.0, Lookup::Miss, "{cache:?}");
        let held = Held::before("find");
        let refresher = one.held_by(Arc::<Held>::clone(&held));
        assert_eq!(read(&refresher).await.0, Lookup::Hit, "{cache:?}: the read itself is not held");
        held.arrived().await;
        let readers = (0..50).flat_map(|_| [one.clone(), other.clone(), refresher.clone()]);
        let reading: Vec<_> = readers.map(|lab| tokio::spawn(async move { read(&lab).await.0 })).collect();
        for reader in reading {
            assert_eq!(reader.await.unwrap(), Lookup::Hit, "{cache:?}");
        }
        for lab in [one, other] {
            assert!(lab.rest().await.is_empty(), "{cache:?}: somebody else began to refresh");
        }
        held.go();
        let refreshes = refresher.rest().await;
        assert_eq!(outcomes(&refreshes), [Refreshed::Stored], "{cache:?}");
        let hops: Vec<_> = refreshes[0].observed.hops.iter().map(|hop| hop.name).collect();
        assert_eq!(hops, ["lease", "find", "settle"], "{cache:?}");
        assert_eq!(held.count("find"), 1, "{cache:?}");
        // It is over: the next hit refreshes again.
        assert_eq!(read(other).await.0, Lookup::Hit, "{cache:?}");
        assert_eq!(outcomes(&other.rest().await), [Refreshed::Stored], "{cache:?}");
    }
}

/// Until its mark stands nothing in the cache keeps the readers of a process from trying as well: it knows by itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_tries_once_however_slow_its_mark_is() {
    for cache in CACHES {
        let Some(pair) = Pair::start(cache).await else { continue };
        let [one, _] = &pair.labs;
        read(one).await;
        let held = Held::before("lease");
        let refresher = one.held_by(Arc::<Held>::clone(&held));
        read(&refresher).await;
        held.arrived().await;
        for _ in 0..20 {
            assert_eq!(read(&refresher).await.0, Lookup::Hit, "{cache:?}");
        }
        held.go();
        assert_eq!(outcomes(&refresher.rest().await), [Refreshed::Stored], "{cache:?}");
        assert_eq!(held.count("lease"), 1, "{cache:?}");
    }
}

/// Two readers who have both seen the value before either has marked it.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_mark_at_once_one_refreshes() {
    for cache in CACHES {
        let Some(pair) = Pair::start(cache).await else { continue };
        let [one, other] = &pair.labs;
        read(one).await;
        let held = Held::before("lease");
        let late = one.held_by(Arc::<Held>::clone(&held));
        read(&late).await;
        held.arrived().await;
        let early = Held::before("settle");
        let first = other.held_by(Arc::<Held>::clone(&early));
        read(&first).await;
        early.arrived().await;
        held.go();
        assert_eq!(outcomes(&late.rest().await), [Refreshed::LeftToOthers], "{cache:?}");
        assert_eq!(held.count("find"), 0, "{cache:?}: it has read the database for nothing");
        early.go();
        assert_eq!(outcomes(&first.rest().await), [Refreshed::Stored], "{cache:?}");
    }
}

/// What was read before an update is not stored after it.
#[tokio::test(flavor = "multi_thread")]
async fn an_update_in_between_is_not_undone() {
    for cache in CACHES {
        for pattern in [PatternKind::RefreshAhead, PatternKind::CacheAside, PatternKind::WriteThrough] {
            let Some(pair) = Pair::start(cache).await else { continue };
            let [one, other] = &pair.labs;
            read(one).await;
            let held = Held::before("settle");
            let refresher = one.held_by(Arc::<Held>::clone(&held));
            read(&refresher).await;
            held.arrived().await;
            let moved = move_by(&other.under(pattern), 2).await;
            held.go();
            let about = format!("{cache:?} {pattern:?}");
            assert_eq!(outcomes(&refresher.rest().await), [Refreshed::Overtaken], "{about}");
            for _ in 0..2 {
                assert_eq!(read(other).await.1, moved, "{about}");
                other.rest().await;
            }
        }
    }
}

/// The flight is moved and moved back, so that the value has the same text as when the refresher saw it; in between it read the
/// other one. This is what the token in the mark is for (`docs/models/lease_model.py --refresh bytes`).
#[tokio::test(flavor = "multi_thread")]
async fn a_flight_that_is_moved_back_in_between_stays_where_it_is() {
    for cache in CACHES {
        let Some(pair) = Pair::start(cache).await else { continue };
        let [one, other] = &pair.labs;
        let (_, original) = read(one).await;
        let held = Held::before("find");
        let refresher = one.held_by(Arc::<Held>::clone(&held));
        read(&refresher).await;
        held.arrived().await;
        let moved = move_by(other, 2).await;
        held.go_on_to("settle");
        held.arrived().await;
        let back = move_to(other, &moved, original.times()).await;
        held.go();
        assert_eq!(outcomes(&refresher.rest().await), [Refreshed::Overtaken], "{cache:?}");
        assert_eq!(read(other).await.1, back, "{cache:?}");
    }
}

/// Whoever fails leaves its mark: the value is served as before, and nobody tries again before it has ended.
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_fails_leaves_the_value_as_it_was() {
    for cache in CACHES {
        let Some(pair) = Pair::start(cache).await else { continue };
        let [one, other] = &pair.labs;
        let (_, flight) = read(one).await;
        let before = one.cache().remaining(ID).await.unwrap().unwrap();
        let unlucky = one.with_faults(Arc::new(Faults::new(vec!["database.find:down".parse().unwrap()], 1)));
        assert_eq!(read(&unlucky).await, (Lookup::Hit, flight.clone()), "{cache:?}");
        let refreshes = unlucky.rest().await;
        assert_eq!(outcomes(&refreshes), [Refreshed::Failed], "{cache:?}");
        assert!(refreshes[0].failure.as_ref().unwrap().contains("database"), "{cache:?}");
        assert_eq!(read(other).await, (Lookup::Hit, flight), "{cache:?}");
        assert!(other.rest().await.is_empty(), "{cache:?}");
        assert!(one.cache().remaining(ID).await.unwrap().unwrap() <= before, "{cache:?}");
        // A writer takes it for the value that it is.
        let moved = move_by(other, 2).await;
        assert_eq!(read(other).await, (Lookup::Hit, moved), "{cache:?}");
    }
}

/// What is gone from the database is not kept alive.
#[tokio::test(flavor = "multi_thread")]
async fn a_flight_that_is_gone_is_marked_as_missing() {
    for cache in CACHES {
        let Some(pair) = Pair::start(cache).await else { continue };
        let [one, _] = &pair.labs;
        read(one).await;
        let stack = pair.stack;
        let stack = tokio::task::spawn_blocking(move || {
            stack.sql("DELETE FROM flight_log");
            stack.sql("DELETE FROM flight WHERE flight_id = 1");
            stack
        })
        .await
        .unwrap();
        assert_eq!(read(one).await.0, Lookup::Hit, "{cache:?}");
        assert_eq!(outcomes(&one.rest().await), [Refreshed::Missing], "{cache:?}");
        assert_eq!(one.entry(ID).await.value.unwrap(), Entry::Missing, "{cache:?}");
        drop(stack);
    }
}

/// Well before its end nobody touches a value, and a look costs no more trips than a get.
#[tokio::test(flavor = "multi_thread")]
async fn a_hit_is_one_trip_and_refreshes_only_what_is_due() {
    for cache in CACHES {
        let Some(pair) = Pair::start(cache).await else { continue };
        let calm = pair.labs[0].tuned(Tuning::default());
        read(&calm).await;
        let observed = calm.read(ID).await;
        assert_eq!(observed.hops.iter().map(|hop| hop.name).collect::<Vec<_>>(), ["look"], "{cache:?}");
        assert_eq!(observed.value.unwrap().lookup, Lookup::Hit, "{cache:?}");
        assert!(calm.rest().await.is_empty(), "{cache:?}");
    }
}

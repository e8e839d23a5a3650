//! The process ends between any two hops of a read or an update, and no later read is stale (P1).
//!
//! The real program ends itself before its first, its second, … its last hop (`--fault '*:die@N'`), until it gets through. After
//! each death another process reads: what it gets is what the database has, or what is queued for it, and never older than
//! what was acknowledged. In the end every lease of the dead has expired, and every flight is a hit again.

mod deaths;
mod lost;
mod place;

use std::sync::Arc;
use std::time::Duration;

use cachedemo::error::Error;
use cachedemo::flight::FlightId;
use cachedemo::lab::fault::Faults;
use cachedemo::pattern::{Lookup, PatternKind, Source};

use self::place::Place;
use crate::support::lab;
use crate::support::server::Kind;
use crate::support::stack::{PATTERNS, Stack, runtime};

/// Each pattern meets each database and each cache once.
const PAIRS: [(Option<Kind>, Kind); 3] =
    [(None, Kind::Redis), (Some(Kind::Postgres), Kind::Valkey), (Some(Kind::MariaDb), Kind::Memcached)];

fn dies(pair: usize) {
    let (database, cache) = PAIRS[pair];
    let Some(mut place) = Place::new(database, cache) else { return };
    for pattern in PATTERNS {
        deaths::of_a_read(&mut place, pattern, None);
        deaths::of_an_update(&mut place, pattern);
    }
    // The others meet what is not ours as cache-aside does.
    for pattern in ["cache-aside", "write-behind", "refresh-ahead"] {
        deaths::of_a_read(&mut place, pattern, Some(b"garbage"));
    }
    deaths::of_a_refresh(&mut place);
    place.heals();
}

#[test]
fn dead_between_any_two_hops_on_sqlite_and_redis() {
    dies(0);
}

#[test]
fn dead_between_any_two_hops_on_postgresql_and_valkey() {
    dies(1);
}

#[test]
fn dead_between_any_two_hops_on_mariadb_and_memcached() {
    dies(2);
}

fn loses(pair: usize) {
    let (database, cache) = PAIRS[pair];
    let Some(mut place) = Place::new(database, cache) else { return };
    lost::answers(&mut place);
    place.heals();
}

#[test]
fn an_answer_is_lost_on_sqlite_and_redis() {
    loses(0);
}

#[test]
fn an_answer_is_lost_on_postgresql_and_valkey() {
    loses(1);
}

#[test]
fn an_answer_is_lost_on_mariadb_and_memcached() {
    loses(2);
}

#[test]
fn the_textbook_that_dies_between_commit_and_cache_leaves_a_stale_entry() {
    let (database, cache) = PAIRS[0];
    let Some(mut place) = Place::new(database, cache) else { return };
    deaths::of_the_textbook(&mut place);
}

/// A server may finish a commit much later than anybody waits for its answer: until then no reader may fill the key.
#[test]
fn the_lease_of_a_commit_of_which_nobody_knows_stands_as_long_as_a_value_would() {
    let stack = Stack::embedded();
    runtime().block_on(async {
        let config = lab::config(&stack, &vec![("CACHE_TTL", "1h".to_owned())]);
        let lab = lab::lab(&config).await.under(PatternKind::WriteThrough);
        let id = FlightId::FIRST;
        let flight = lab.row(id).await.value.unwrap().unwrap();
        let faults = Faults::new(vec!["database.commit:lose".parse().unwrap()], 1);
        let unlucky = lab.with_faults(Arc::new(faults));
        let update = unlucky.plan(&flight, flight.times(), "tester", None);
        let unknown = unlucky.update(&update).await.value.unwrap_err();
        assert!(matches!(unknown, Error::OutcomeUnknown { .. }), "{unknown}");
        let left = lab.cache().remaining(id).await.unwrap().unwrap();
        assert!(
            left > Duration::from_secs(3600),
            "{left:?}, where a lease stands for {:?}",
            config.database.timeout * 2
        );
        let read = lab.read(id).await.value.unwrap();
        assert_eq!((read.source, read.lookup), (Source::Database, Lookup::Leased));
    });
}

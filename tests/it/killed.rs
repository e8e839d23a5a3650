//! The process ends between any two hops of a read or an update, and no later read is stale (P1).
//!
//! The real program ends itself before its first, its second, … its last hop (`--fault '*:die@N'`), until it gets through. After
//! each death another process reads: what it gets is what the database has, or what is queued for it, and never older than
//! what was acknowledged. In the end every lease of the dead has expired, and every flight is a hit again.

mod deaths;
mod lost;
mod place;

use self::place::Place;
use crate::support::server::Kind;

/// Each pattern meets each database and each cache once.
const PAIRS: [(Option<Kind>, Kind); 3] =
    [(None, Kind::Redis), (Some(Kind::Postgres), Kind::Valkey), (Some(Kind::MariaDb), Kind::Memcached)];

const PATTERNS: [&str; 3] = ["cache-aside", "write-through", "write-behind"];

fn dies(pair: usize) {
    let (database, cache) = PAIRS[pair];
    let Some(mut place) = Place::new(database, cache) else { return };
    for pattern in PATTERNS {
        deaths::of_a_read(&mut place, pattern, None);
        deaths::of_a_read(&mut place, pattern, Some(b"garbage"));
        deaths::of_an_update(&mut place, pattern);
    }
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

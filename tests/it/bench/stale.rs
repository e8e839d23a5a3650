//! Stale reads: the textbook's are seen, and the protected protocol has none, on every database and every cache.
//!
//! Here as well: whatever is measured where, every flight is as it was, and no entry is left wrong.

use cachedemo::bench::{Configuration, Mix, Subject};
use cachedemo::pattern::{PatternKind, Protocol};

use super::ground::{Ground, failed, plan};
use crate::support::server::Kind;

fn contended() -> Configuration {
    let (mix, distribution) = Mix::ycsb('a').unwrap();
    Configuration { mix, distribution, keys: 4, clients: 64, operations: Some(600), ..plan() }
}

fn never_stale(database: Option<Kind>, cache: Option<Kind>) {
    let Some(ground) = Ground::start(database, cache) else { return };
    let before = ground.moves();
    let report = ground.measure(&Configuration { rounds: 2, ..contended() }, &[]);
    for outcome in &report.outcomes {
        let name = outcome.subject.name();
        assert_eq!((outcome.operations, failed(outcome)), (600, 0), "{name}: {:?}", outcome.errors);
        assert_eq!((outcome.stale.reads, outcome.stale.greatest_age_us), (0, None), "{name}: {:?}", outcome.stale);
    }
    let updates: u64 = report.outcomes.iter().map(|outcome| outcome.updates.as_ref().unwrap().count).sum();
    assert_eq!(ground.moves() - before, updates, "flight_log has another number");
}

#[test]
fn nothing_is_stale_and_all_is_put_back_on_sqlite_and_memory() {
    never_stale(None, None);
}

#[test]
fn nothing_is_stale_and_all_is_put_back_on_postgresql_and_redis() {
    never_stale(Some(Kind::Postgres), Some(Kind::Redis));
}

#[test]
fn nothing_is_stale_and_all_is_put_back_on_mariadb_and_memcached() {
    never_stale(Some(Kind::MariaDb), Some(Kind::Memcached));
}

#[test]
fn nothing_is_stale_and_all_is_put_back_on_mysql_and_valkey() {
    never_stale(Some(Kind::MySql), Some(Kind::Valkey));
}

/// Measures the textbook, which must be caught.
fn is_caught(kind: PatternKind, fault: &str, plan: Configuration) {
    let plan =
        Configuration { subjects: vec![Subject::None, Subject::Pattern(kind)], protocol: Protocol::Naive, ..plan };
    let outcomes = Ground::embedded().measure(&plan, &[fault]).outcomes;
    assert_eq!(outcomes[0].stale.reads, 0, "the database is never stale");
    let stale = outcomes[1].stale;
    assert!(stale.reads > 0, "the textbook was not caught: {kind:?} {fault}");
    let (median, greatest) = (stale.median_age_us.unwrap(), stale.greatest_age_us.unwrap());
    assert!(median > 0.0 && greatest >= median, "{stale:?}");
    assert!(greatest <= outcomes[1].measured_s * 1.0e6, "older than the run: {stale:?}");
}

/// A writer that could not tell the cache leaves the old flight there, and everybody gets it from there.
#[test]
fn the_stale_reads_of_the_textbook_are_seen() {
    for (kind, fault) in
        [(PatternKind::CacheAside, "cache.delete:fail=0.2"), (PatternKind::WriteThrough, "cache.set:fail=0.2")]
    {
        is_caught(kind, fault, Configuration { clients: 1, ..contended() });
    }
}

/// A slow reader stores what it read before an update, after that update was acknowledged.
#[test]
fn the_lost_race_of_the_textbook_is_seen() {
    let plan = Configuration { mix: Mix::of_reads(0.8), keys: 2, clients: 8, operations: Some(1500), ..contended() };
    is_caught(PatternKind::CacheAside, "cache.set:delay=20ms", plan);
}

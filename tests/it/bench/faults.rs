//! What goes wrong on purpose shows in the report as what it is.

use cachedemo::bench::{Configuration, Mix, Subject};
use cachedemo::pattern::{PatternKind, Protocol};

use super::ground::{Ground, failed, is_queued, plan};

fn only(subject: Subject) -> Configuration {
    Configuration { subjects: vec![subject], ..plan() }
}

const ASIDE: Subject = Subject::Pattern(PatternKind::CacheAside);

/// A server that refuses some of what it is asked is there: the breaker stays closed, and what is refused goes without.
#[test]
fn a_fifth_of_the_gets_that_fail_are_a_fifth_of_the_reads() {
    let ground = Ground::embedded();
    for protocol in Protocol::ALL {
        for kind in PatternKind::ALL {
            // How long an entry still stands is asked with it, where that counts.
            let hop = if kind == PatternKind::RefreshAhead && protocol == Protocol::Protected { "look" } else { "get" };
            let plan = Configuration { protocol, operations: Some(3000), ..only(Subject::Pattern(kind)) };
            let outcome = ground.measure(&plan, &[&format!("cache.{hop}:fail=0.2")]).outcomes.remove(0);
            let lookups = outcome.lookups.unwrap();
            let share = lookups.degraded as f64 / lookups.total() as f64;
            assert!((share - 0.2).abs() < 0.02, "{protocol:?} {kind:?}: {share}, {lookups:?}");
            assert_eq!((lookups.total(), failed(&outcome)), (3000, 0), "{:?}", outcome.errors);
            assert_eq!(outcome.load.database_reads, lookups.degraded + lookups.misses + lookups.leased, "{lookups:?}");
        }
    }
}

/// A get that finds nobody there opens the breaker, and until the cache is healed no reader asks it: that is what an outage costs,
/// so that is what is told.
#[test]
fn behind_the_breaker_gets_that_reach_nobody_are_not_sent() {
    let ground = Ground::embedded();
    let outcome = ground.measure(&only(ASIDE), &["cache.get:fail"]).outcomes.remove(0);
    let lookups = outcome.lookups.unwrap();
    assert_eq!((lookups.degraded, failed(&outcome)), (1000, 0), "{lookups:?}");
    assert!(outcome.load.cache_commands < lookups.degraded, "what the breaker refused was sent: {:?}", outcome.load);
}

#[test]
fn a_fifth_of_the_finds_that_fail_are_a_fifth_of_the_operations_of_the_database_alone() {
    let ground = Ground::embedded();
    let plan = Configuration { operations: Some(3000), ..only(Subject::None) };
    let outcome = ground.measure(&plan, &["database.find:fail=0.2"]).outcomes.remove(0);
    let share = failed(&outcome) as f64 / outcome.operations as f64;
    assert!((share - 0.2).abs() < 0.02, "{share}");
    assert_eq!(outcome.operations, 3000);
    assert_eq!(outcome.all.unwrap().count + outcome.errors[0].count, 3000, "what failed has no latency");
    assert_eq!(outcome.errors.len(), 1, "{:?}", outcome.errors);
    assert!(outcome.errors[0].what.contains("database.find:fail=0.2"), "{:?}", outcome.errors);
}

#[test]
fn a_delay_of_every_get_is_in_every_latency() {
    let ground = Ground::embedded();
    let plan = Configuration { operations: Some(40), ..only(ASIDE) };
    let outcome = ground.measure(&plan, &["cache.get:delay=10ms"]).outcomes.remove(0);
    for latencies in [outcome.all.unwrap(), outcome.reads.unwrap()] {
        assert!(latencies.histogram[0].us >= 10_000.0 && latencies.p50_us >= 10_000.0, "{latencies:?}");
    }
}

/// Commits that are refused are counted as failures, and move no flight.
#[test]
fn commits_that_fail_are_errors_of_whoever_commits() {
    let ground = Ground::embedded();
    for subject in Subject::all().into_iter().filter(|subject| !is_queued(*subject)) {
        let before = ground.moves();
        let plan = Configuration { mix: Mix::of_reads(0.0), operations: Some(200), ..only(subject) };
        let outcome = ground.measure(&plan, &["database.commit:fail=0.5"]).outcomes.remove(0);
        let done = outcome.updates.as_ref().unwrap().count;
        assert_eq!(done + failed(&outcome), 200, "{:?}", outcome.errors);
        assert_eq!(ground.moves() - before, done, "{}", subject.name());
        assert!(failed(&outcome) > 50, "{:?}", outcome.errors);
    }
}

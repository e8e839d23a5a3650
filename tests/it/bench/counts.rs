//! Hits, misses and writes, of workloads of which they are known beforehand.

use cachedemo::bench::{Configuration, Distribution, Mix, Subject, ZIPF_EXPONENT};

use super::ground::{Ground, failed, is_queued, plan};
use crate::support::server::Kind;

fn hit_rate_is_known(cache: Option<Kind>) {
    let Some(ground) = Ground::start(None, cache) else { return };
    let (rounds, operations, keys) = (2, 2000, 50);
    let alone = Configuration { rounds, operations: Some(operations), ..plan() };
    for outcome in ground.measure(&alone, &[]).outcomes {
        let name = outcome.subject.name();
        assert_eq!((outcome.operations, failed(&outcome)), (operations, 0), "{name}: {:?}", outcome.errors);
        assert_eq!(outcome.reads.as_ref().map(|reads| reads.count), Some(operations), "{name}");
        assert_eq!((outcome.updates, outcome.load.database_writes), (None, 0), "{name}");
        // Every flight is asked for in each round, and each round begins with an empty cache.
        let misses = keys * u64::from(rounds);
        match outcome.lookups {
            None => assert_eq!((outcome.subject, outcome.load.database_reads), (Subject::None, operations)),
            Some(lookups) => {
                assert_eq!((lookups.misses, lookups.hits), (misses, operations - misses), "{name}: {lookups:?}");
                assert_eq!((lookups.total(), outcome.load.database_reads), (operations, misses), "{name}: {lookups:?}");
            }
        }
    }
    let crowd = Configuration { clients: 32, ..alone };
    for outcome in ground.measure(&crowd, &[]).outcomes {
        let (name, load) = (outcome.subject.name(), outcome.load);
        assert_eq!((outcome.operations, failed(&outcome)), (operations, 0), "{name}: {:?}", outcome.errors);
        let Some(lookups) = outcome.lookups else { continue };
        assert_eq!(lookups.hits + lookups.misses + lookups.joined + lookups.leased, operations, "{name}: {lookups:?}");
        assert!(load.database_reads >= keys * u64::from(rounds), "{name}: {load:?}");
        assert_eq!(load.database_reads, lookups.misses + lookups.leased, "{name}: {lookups:?}");
    }
}

#[test]
fn the_hit_rate_is_known_in_memory() {
    hit_rate_is_known(None);
}

#[test]
fn the_hit_rate_is_known_on_redis() {
    hit_rate_is_known(Some(Kind::Redis));
}

#[test]
fn the_hit_rate_is_known_on_valkey() {
    hit_rate_is_known(Some(Kind::Valkey));
}

#[test]
fn the_hit_rate_is_known_on_memcached() {
    hit_rate_is_known(Some(Kind::Memcached));
}

fn writes_are_known(ground: &Ground, mix: Mix, clients: u32) {
    let operations = 100;
    for subject in Subject::all() {
        let before = ground.moves();
        let plan = Configuration { subjects: vec![subject], mix, clients, operations: Some(operations), ..plan() };
        let report = ground.measure(&plan, &[]);
        let (outcome, name) = (&report.outcomes[0], subject.name());
        assert_eq!((outcome.operations, failed(outcome)), (operations, 0), "{name}: {:?}", outcome.errors);
        assert_eq!(ground.moves() - before, operations, "{name}: flight_log has another number");
        let count = |latencies: &Option<cachedemo::bench::Latencies>| latencies.as_ref().map_or(0, |it| it.count);
        let reads = if mix.read_modify_writes > 0.0 { operations } else { 0 };
        assert_eq!(
            (count(&outcome.all), count(&outcome.updates), count(&outcome.reads)),
            (operations, operations, reads)
        );
        // Full batches, because the last one is full as well.
        let transactions = if is_queued(subject) { operations / u64::from(plan.batch_size) } else { operations };
        if !is_queued(subject) || reads == 0 {
            assert_eq!(outcome.load.database_writes, transactions, "{name}: {:?}", outcome.load);
        }
        match &outcome.lag {
            Some(lag) => assert_eq!(count(&lag.until_durable), operations, "{name}"),
            None => assert!(!is_queued(subject)),
        }
    }
}

#[test]
fn every_update_is_written_and_counted_once() {
    writes_are_known(&Ground::embedded(), Mix::of_reads(0.0), 1);
}

#[test]
fn every_update_of_many_clients_is_written_and_counted_once() {
    let Some(ground) = Ground::start(Some(Kind::Postgres), Some(Kind::Redis)) else { return };
    writes_are_known(&ground, Mix::of_reads(0.0), 20);
}

#[test]
fn a_read_modify_write_is_one_operation_and_told_among_both() {
    writes_are_known(&Ground::embedded(), Mix { reads: 0.0, updates: 0.0, read_modify_writes: 1.0 }, 1);
}

/// What the warm-up has queued is neither counted with what is measured, nor left for the next.
#[test]
fn what_the_warm_up_has_queued_is_not_counted() {
    let ground = Ground::embedded();
    let operations = 100;
    let plan = Configuration {
        subjects: Subject::all().into_iter().filter(|subject| is_queued(*subject)).collect(),
        mix: Mix::of_reads(0.0),
        operations: Some(operations),
        warmup_s: 0.05,
        ..plan()
    };
    let outcome = ground.measure(&plan, &[]).outcomes.remove(0);
    assert_eq!(outcome.load.database_writes, operations / 20, "{:?}", outcome.load);
    assert_eq!(outcome.lag.unwrap().until_durable.unwrap().count, operations);
}

#[test]
fn the_most_asked_flight_has_the_share_that_the_formula_gives() {
    let ground = Ground::embedded();
    let operations = 1500;
    let plan = Configuration {
        subjects: vec![Subject::None],
        mix: Mix::of_reads(0.0),
        distribution: Distribution::Zipfian,
        operations: Some(operations),
        ..plan()
    };
    ground.measure(&plan, &[]);
    let most = *ground.moved().values().max().unwrap() as f64 / operations as f64;
    let all: f64 = (1..=plan.keys).map(|rank| f64::from(rank).powf(-ZIPF_EXPONENT)).sum();
    // Four standard deviations of so many draws; the seed is always the same.
    assert!((most - 1.0 / all).abs() < 0.045, "{most}, expected {}", 1.0 / all);
}

#[test]
fn a_seed_gives_every_subject_the_same_operations() {
    let ground = Ground::embedded();
    for distribution in [Distribution::Zipfian, Distribution::Uniform, Distribution::Latest] {
        let plan = Configuration { mix: Mix::of_reads(0.5), distribution, operations: Some(120), ..plan() };
        let of = |subjects: Vec<Subject>| {
            let before = ground.moved();
            ground.measure(&Configuration { subjects, ..plan.clone() }, &[]);
            let mut moved = ground.moved();
            moved.iter_mut().for_each(|(flight, count)| *count -= before.get(flight).copied().unwrap_or(0));
            moved.retain(|_, count| *count > 0);
            moved
        };
        let alone = of(vec![Subject::None]);
        assert_eq!(alone, of(vec![Subject::None]), "{distribution:?}: another time, other operations");
        let all: std::collections::BTreeMap<_, _> =
            alone.into_iter().map(|(flight, count)| (flight, count * Subject::all().len() as u64)).collect();
        assert_eq!(of(Subject::all()), all, "{distribution:?}: another subject, other operations");
    }
}

//! The open loop: a latency counts from the intended start, so that a slow server cannot hide how many would have waited.

use cachedemo::bench::{Configuration, Subject};

use super::ground::{Ground, failed, plan};

fn plan_of(rate: Option<f64>, clients: u32) -> Configuration {
    Configuration { subjects: vec![Subject::None], operations: None, duration_s: Some(1.0), rate, clients, ..plan() }
}

#[test]
fn a_server_that_is_too_slow_for_the_rate_is_told_with_the_time_that_everybody_waited() {
    let ground = Ground::embedded();
    let slow = ["database.find:delay=10ms"];
    let open = ground.measure(&plan_of(Some(1000.0), 1), &slow).outcomes.remove(0);
    // Of those that were served, the last has waited for nearly as long as it was measured.
    let latencies = open.all.unwrap();
    assert!(latencies.p50_us >= 300_000.0, "{latencies:?}");
    assert!(latencies.histogram[0].us >= 10_000.0, "{latencies:?}");
    assert!(open.throughput <= 100.0, "{}: one after the other takes 10 ms each", open.throughput);
    let closed = ground.measure(&plan_of(None, 1), &slow).outcomes.remove(0);
    assert!(closed.all.unwrap().p50_us < latencies.p50_us);
}

#[test]
fn a_rate_is_never_exceeded() {
    let ground = Ground::embedded();
    let outcome = ground.measure(&plan_of(Some(200.0), 8), &[]).outcomes.remove(0);
    // Never more than were to begin; fewer only where the machine stood still in the end.
    assert!((1..=200).contains(&outcome.operations), "{}", outcome.operations);
    assert_eq!(failed(&outcome), 0, "{:?}", outcome.errors);
}

#[test]
fn so_many_operations_at_a_rate_are_exactly_so_many_and_take_their_time() {
    let ground = Ground::embedded();
    let plan = Configuration { duration_s: None, operations: Some(101), rounds: 2, ..plan_of(Some(2000.0), 8) };
    let outcome = ground.measure(&plan, &[]).outcomes.remove(0);
    assert_eq!(outcome.operations, 101);
    // The last of each round begins 50 and 49 intervals after the first, however fast they are served.
    assert!(outcome.measured_s >= 0.0495, "{}", outcome.measured_s);
}

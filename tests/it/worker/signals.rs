//! How workers end, and how they share the work.

use nix::sys::signal::Signal;

use super::depot::{Depot, comment, planned};
use crate::scene::{of, parsed};
use crate::support::server::Kind;

pub(super) fn idle(depot: Depot) {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let worker = depot.worker("");
        depot.enqueue(&[(1, 1)]);
        depot.wait_for_length(0);
        worker.signal(signal);
        let output = worker.wait();
        assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""), "{signal}: {output:?}");
        let events = parsed(&output.stdout);
        assert_eq!(of(&events, "worker").last().unwrap()["updates"], 1, "{}", output.stdout);
        assert_eq!(of(&events, "end").next().unwrap()["held"], true);
    }
}

/// The batch that waits for a lock is finished; what is behind it stays queued.
pub(super) fn batch_in_hand(depot: Depot) {
    let depot = depot.set("QUEUE_BATCH_SIZE", "10");
    depot.enqueue(&(1..=30).map(|minutes| (9, minutes)).collect::<Vec<_>>());
    let is_postgres = depot.stack.database.as_ref().is_some_and(|server| server.kind() == Kind::Postgres);
    let waits = if is_postgres {
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    } else {
        "SELECT count(*) FROM information_schema.processlist WHERE info LIKE '%INSERT INTO flight_log%' AND id <> connection_id()"
    };
    let mut worker = None;
    depot.with_lab(async |lab| {
        let held = lab.database().begin(&planned(&lab, 9, 1_000, "held").await).await.unwrap();
        worker = Some(depot.worker(""));
        depot.wait_until("the worker waits for the lock", || depot.stack.sql(waits).trim() == "1");
        worker.as_ref().unwrap().signal(Signal::SIGTERM);
        held.rollback().await.unwrap();
    });
    let output = worker.unwrap().wait();
    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(depot.chain(9), (1..=10).map(|minutes| comment(9, minutes)).collect::<Vec<_>>());
    assert_eq!(depot.status()["length"], 20);
}

/// Each partition is served, by two workers and then by the one that is left.
pub(super) fn partitions(depot: Depot) {
    let depot = depot.set("QUEUE_PARTITIONS", "3");
    depot.enqueue(&(0..30).map(|number| (number % 6 + 1, number + 1)).collect::<Vec<_>>());
    let lengths: Vec<_> =
        depot.status()["partitions"].as_array().unwrap().iter().map(|partition| partition["length"].clone()).collect();
    assert_eq!(lengths, [10, 10, 10]);
    let (first, second) = (depot.worker(""), depot.worker(""));
    depot.wait_for_length(0);
    first.signal(Signal::SIGKILL);
    depot.enqueue(&(0..30).map(|number| (number % 6 + 1, number + 101)).collect::<Vec<_>>());
    // The other one misses it after three seconds.
    depot.wait_for_length(0);
    second.signal(Signal::SIGTERM);
    let output = second.wait();
    assert_eq!(output.code, Some(0), "{output:?}");
    drop(first);
    for flight in 1..=6 {
        let numbers = (0..30).filter(|number| number % 6 + 1 == flight);
        let expected: Vec<String> = numbers.clone().map(|number| comment(flight, number + 1)).collect();
        let later: Vec<String> = numbers.map(|number| comment(flight, number + 101)).collect();
        assert_eq!(depot.chain(flight), [expected, later].concat());
    }
    // Somebody who believes in another number is told, where there is something that it could get wrong.
    depot.enqueue(&[(1, 900)]);
    let wrong = depot.run("write-behind update --flight-id 1 --delay 2h --queue-partitions 2");
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    assert!(wrong.stderr.contains("QUEUE_PARTITIONS=3"), "{wrong:?}");
    depot.events("write-behind drain", 0);
    depot.events("write-behind update --flight-id 1 --delay 2h --queue-partitions 2", 0);
}

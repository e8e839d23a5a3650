//! The database is down under load: acknowledgements go on, the backlog shows, the worker comes back by itself.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use nix::sys::signal::Signal;

use super::depot::{Depot, comment, planned};
use crate::scene::{of, parsed};

/// How many updates come while the database is down.
const UPDATES: u64 = 500;

pub(super) fn database(depot: Depot) {
    let mut depot =
        depot.set("QUEUE_RETRY_DELAY", "10ms").set("QUEUE_RETRY_MAX_DELAY", "100ms").set("DB_TIMEOUT", "2s");
    if depot.stack.database.is_none() {
        return;
    }
    let worker = depot.worker("");
    depot.enqueue(&[(1, 1)]);
    depot.wait_for_length(0);
    let (acknowledged, ended) = (AtomicU64::new(0), AtomicBool::new(false));
    // Connected before the outage, as a writer is that runs for long.
    let (ready, begin) = (std::sync::Barrier::new(2), std::sync::Barrier::new(2));
    let mut server = depot.stack.database.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            depot.with_lab(async |lab| {
                let mut updates = Vec::new();
                for number in 0..UPDATES {
                    let (flight, minutes) =
                        (i64::try_from(number % 10 + 1).unwrap(), i64::try_from(number + 2).unwrap());
                    updates.push(planned(&lab, flight, minutes, &comment(flight, minutes)).await);
                }
                ready.wait();
                begin.wait();
                for update in &updates {
                    lab.pattern().update(update).await.unwrap();
                    acknowledged.fetch_add(1, Ordering::SeqCst);
                }
                ended.store(true, Ordering::SeqCst);
            });
        });
        ready.wait();
        server.kill();
        begin.wait();
        depot.wait_until("every update is acknowledged", || ended.load(Ordering::SeqCst));
        // The queue can be looked at, and a write-behind update be made, though the database is down.
        assert_eq!(depot.status()["length"], UPDATES);
        let read = of(&depot.events("write-behind get --flight-id 5", 0), "read").next().unwrap().clone();
        assert!(read["source"] == "cache" || read["source"] == "queue", "{read}");
        depot.events("write-behind update --flight-id 5 --departure 2028-01-01T00:00 --arrival 2028-01-01T02:00", 0);
        // Nothing is cached of this one, so nobody knows what it is.
        depot.events("write-behind get --flight-id 40", 3);
    });
    server.restart();
    depot.stack.database = Some(server);
    depot.wait_for_length(0);
    worker.signal(Signal::SIGTERM);
    let output = worker.wait();
    assert_eq!(output.code, Some(0), "{output:?}");
    assert_eq!(acknowledged.load(Ordering::SeqCst), UPDATES);
    assert_eq!(depot.comments().len() as u64, UPDATES + 2);
    for flight in 1..=10 {
        depot.chain(flight);
    }
    let events = parsed(&output.stdout);
    let reports = |kind: &str| of(&events, "report").filter(|report| report["report"] == kind).count();
    // At first, and then ever more rarely.
    let retried = of(&events, "worker").last().unwrap()["retried"].as_u64().unwrap();
    assert!((1..=20).contains(&reports("failing")), "{}", output.stdout);
    assert!(
        retried >= 1 && reports("failing") as u64 <= 2 + u64::from(retried.ilog2()),
        "{retried}: {}",
        output.stdout
    );
    assert!(reports("recovered") >= 1, "{}", output.stdout);
}

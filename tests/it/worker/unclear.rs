//! What is never an update's fault, and what may be: an outage is not counted against it, and a read-only database is an outage.

use std::collections::BTreeSet;

use nix::sys::signal::Signal;

use super::depot::{Depot, comment};
use crate::scene::{of, parsed};
use crate::support::server::{DATABASE, Kind, Server};

/// Waits until the worker has said several times that it is there: it tries far more often than that.
fn linger(depot: &Depot) {
    let mut seen = BTreeSet::new();
    depot.wait_until("some seconds have passed", || {
        seen.extend(depot.attendance());
        seen.len() >= 3
    });
}

/// Makes the database take no changes, or take them again.
fn read_only(server: &Server, is_on: bool) {
    if server.kind() == Kind::Postgres {
        let state = if is_on { "on" } else { "off" };
        server.sql_in("postgres", &format!("ALTER DATABASE {DATABASE} SET default_transaction_read_only = {state}"));
        // It is a matter of new sessions, as it is when another server takes over.
        let end = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = ";
        server.sql_in("postgres", &format!("{end}'{DATABASE}'"));
    } else {
        server.sql(&format!("SET GLOBAL read_only = {}", u8::from(is_on)));
    }
}

/// A replica, or a server that is being taken over: nothing is applied without its offset, and nothing dies.
pub(super) fn replica(depot: Depot) {
    let depot = ordinary(depot).set("QUEUE_RETRY_DELAY", "5ms").set("QUEUE_RETRY_MAX_DELAY", "20ms");
    let worker = depot.worker("");
    depot.enqueue(&[(1, 1)]);
    depot.wait_for_length(0);
    read_only(depot.stack.database.as_ref().unwrap(), true);
    depot.enqueue(&(2..=5).map(|minutes| (1, minutes)).collect::<Vec<_>>());
    linger(&depot);
    let status = depot.status();
    assert_eq!((&status["length"], &status["dead_letters"]), (&4.into(), &0.into()), "{status}");
    read_only(depot.stack.database.as_ref().unwrap(), false);
    depot.wait_for_length(0);
    worker.signal(Signal::SIGTERM);
    let output = worker.wait();
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(!output.stdout.contains("at_least_once"), "{}", output.stdout);
    assert!(output.stdout.contains("takes no changes at the moment"), "{}", output.stdout);
    assert_eq!(depot.chain(1), (1..=5).map(|minutes| comment(1, minutes)).collect::<Vec<_>>());
}

/// An account that is bound by MariaDB's `read_only`, as the superuser is not.
fn ordinary(depot: Depot) -> Depot {
    let server = depot.stack.database.as_ref().unwrap();
    if server.kind() == Kind::Postgres {
        return depot;
    }
    let address = format!("{}://clerk:clerk@{}:{}/{DATABASE}", server.kind().name(), server.host(), server.port());
    server.sql("CREATE USER clerk@'%' IDENTIFIED BY 'clerk'; GRANT SELECT, INSERT, UPDATE, CREATE ON *.* TO clerk@'%'");
    depot.set("DATABASE_URL", &address)
}

/// A refusal that may pass is tried as often as the setting says; failures of an outage before it do not count.
pub(super) fn after_an_outage(depot: Depot) {
    let mut depot = depot
        .set("QUEUE_RETRY_DELAY", "5ms")
        .set("QUEUE_RETRY_MAX_DELAY", "20ms")
        .set("QUEUE_RETRY_ATTEMPTS", "4")
        .set("DB_TIMEOUT", "1s");
    let worker = depot.worker("");
    depot.enqueue(&[(1, 1)]);
    depot.wait_for_length(0);
    let mut server = depot.stack.database.take().unwrap();
    // Somebody changes the table: nothing that an update could be blamed for at once.
    server.sql("ALTER TABLE flight RENAME COLUMN departure TO left_at");
    server.kill();
    depot.events("write-behind update --flight-id 1 --departure 2028-01-01T00:00 --arrival 2028-01-01T02:00", 0);
    linger(&depot);
    server.restart();
    depot.wait_until("the update has been given up", || depot.count(&["XLEN", "flight:dead"]) == 1);
    server.sql("ALTER TABLE flight RENAME COLUMN left_at TO departure");
    depot.stack.database = Some(server);
    let events = depot.events("write-behind queue dead-letters list", 0);
    let letter = of(&events, "dead_letter").next().unwrap();
    assert_eq!(letter["attempts"], 4, "{letter}");
    worker.signal(Signal::SIGTERM);
    let output = worker.wait();
    let events = parsed(&output.stdout);
    let retried = of(&events, "worker").last().unwrap()["retried"].as_u64().unwrap();
    assert!(retried > 4, "the outage was too short to count: {}", output.stdout);
}

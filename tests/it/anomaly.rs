//! Every anomaly, on every database and every cache: the textbook goes wrong, ours does not, each time in the same way, and
//! afterwards everything is as it was.

use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::Value;
use sqlx::{Connection as _, PgConnection};

use crate::support::deadline;
use crate::support::events::Events;
use crate::support::server::Kind;
use crate::support::stack::{Stack, runtime};

const ANOMALIES: [&str; 11] = [
    "stale-fill",
    "write-inversion",
    "lost-invalidation",
    "late-write",
    "outage",
    "dirty-expiry",
    "lost-update",
    "double-apply",
    "stampede",
    "penetration",
    "avalanche",
];

/// What was done, without what differs from run to run: names of queues and of leases are chance.
fn moments(diagram: &Value) -> Vec<String> {
    let told = |moment: &Value| match &moment["hop"] {
        Value::Object(hop) if hop["name"] == "sequence" => format!("{} sequence", moment["actor"]),
        hop => format!("{} {hop} {} {}", moment["actor"], moment["remark"], moment["harmful"]),
    };
    diagram["moments"].as_array().unwrap().iter().map(told).collect()
}

fn play(stack: &Stack, name: &str) -> Vec<(String, Vec<String>)> {
    let output = stack.run(&["--format", "json", "anomaly", name]);
    assert_eq!(output.code, Some(0), "{name}: {}{}", output.stdout, output.stderr);
    let events = Events::of(&output);
    let lesson = events.one("lesson");
    assert_eq!((&lesson["naive_went_wrong"], &lesson["protected_held"]), (&true.into(), &true.into()), "{name}");
    let diagrams = events.named("diagram");
    assert_eq!(diagrams.len(), if name == "stampede" { 3 } else { 2 }, "{name}");
    for diagram in &diagrams {
        let is_naive = diagram["protocol"] == "naive";
        assert_eq!(diagram["went_wrong"], is_naive, "{name}: {diagram}");
        let harmful = diagram["moments"].as_array().unwrap().iter().filter(|moment| moment["harmful"] == true).count();
        // An avalanche is a plot: it has no moments.
        let expected = usize::from(is_naive && name != "avalanche");
        assert_eq!(harmful, expected, "{name}: one moment does the harm: {diagram}");
    }
    diagrams.iter().map(|diagram| (diagram["finding"].to_string(), moments(diagram))).collect()
}

fn every_anomaly(stack: Option<Stack>) {
    let Some(stack) = stack else { return };
    let original = stack.times(1);
    for name in ANOMALIES {
        let (first, second) = (play(&stack, name), play(&stack, name));
        for ((finding, moments), (finding_again, moments_again)) in first.into_iter().zip(second) {
            assert_eq!(moments, moments_again, "{name} is not the same each time");
            // How many keys expire within the same second is chance, and so is what a read costs.
            if !matches!(name, "avalanche" | "stampede") {
                assert_eq!(finding, finding_again, "{name}");
            }
        }
        stack.assert_unharmed(&original, name);
    }
    let cached = stack.run(&["--format", "json", "cache-aside", "verify", "--all"]).stdout;
    assert!(cached.contains("0 cached flights compared"), "something was left in the cache: {cached}");
    assert_eq!(std::fs::read_dir(stack.folder().join(".local/share/cachedemo/outages")).map_or(0, Iterator::count), 0);
}

#[test]
fn on_sqlite_and_memory() {
    every_anomaly(Some(Stack::embedded()));
}

#[test]
fn on_sqlite_and_memcached() {
    every_anomaly(Stack::with_cache(Kind::Memcached));
}

#[test]
fn on_mariadb_and_redis() {
    every_anomaly(Stack::of(Kind::MariaDb, Kind::Redis));
}

#[test]
fn on_postgresql_and_valkey() {
    every_anomaly(Stack::of(Kind::Postgres, Kind::Valkey));
}

#[test]
fn on_mysql_and_redis() {
    every_anomaly(Stack::of(Kind::MySql, Kind::Redis));
}

#[test]
fn what_waits_in_the_real_queue_is_not_touched() {
    let Some(stack) = Stack::of(Kind::Postgres, Kind::Redis) else { return };
    let queued = stack.run(&["write-behind", "update", "--flight-id", "2", "--delay", "1h"]);
    assert_eq!(queued.code, Some(0), "{}{}", queued.stdout, queued.stderr);
    let before = (stack.times(2), stack.logged(2));
    for name in ["dirty-expiry", "lost-update", "double-apply"] {
        play(&stack, name);
    }
    assert_eq!((stack.times(2), stack.logged(2)), before);
    let status = stack.run(&["--format", "json", "write-behind", "queue", "status"]).stdout;
    assert!(status.contains("\"length\":1,"), "{status}");
    // A flight with an update on its way is nobody's to play with.
    let refused = stack.run(&["anomaly", "stale-fill", "--flight-id", "2"]);
    assert_eq!(refused.code, Some(1), "{}", refused.stdout);
    assert!(refused.stderr.contains("write-behind drain"), "{}", refused.stderr);
}

/// Makes an update that moves flight 1 by four hours wait for as long as the connection that this gives back is open.
fn hold_the_second_writer(stack: &Stack) -> PgConnection {
    stack.sql(
        "CREATE OR REPLACE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         IF NEW.departure = '2025-11-20 14:00:00' THEN PERFORM pg_advisory_xact_lock(42); END IF; RETURN NEW; END $$; \
         DROP TRIGGER IF EXISTS hold ON flight; \
         CREATE TRIGGER hold BEFORE UPDATE ON flight FOR EACH ROW EXECUTE FUNCTION hold()",
    );
    runtime().block_on(async {
        let mut holder = PgConnection::connect(&stack.database.as_ref().unwrap().url()).await.unwrap();
        sqlx::query("SELECT pg_advisory_lock(42)").execute(&mut holder).await.unwrap();
        holder
    })
}

#[test]
fn a_play_that_is_killed_or_interrupted_leaves_the_flight_as_it_was() {
    let Some(stack) = Stack::of(Kind::Postgres, Kind::Redis) else { return };
    let original = stack.times(1);
    assert!(original.starts_with("2025-11-20 10:00:00"), "{original}");
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGKILL] {
        // The first writer has committed, the second one waits.
        let holder = hold_the_second_writer(&stack);
        let playing = stack.command(&["anomaly", "write-inversion"]).spawn();
        let waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
        let is_waiting = deadline::poll(Duration::from_secs(20), || (stack.sql(waits).trim() != "0").then_some(()));
        assert!(is_waiting.is_some(), "the second writer never came");
        assert!(stack.times(1).starts_with("2025-11-20 12:00:00"));
        playing.signal(signal);
        drop(holder);
        let output = playing.wait();
        let expected = (signal != Signal::SIGKILL).then_some(130);
        assert_eq!(output.code, expected, "{signal}: {}{}", output.stdout, output.stderr);
        if signal == Signal::SIGKILL {
            play(&stack, "stale-fill");
        }
        stack.assert_unharmed(&original, signal.as_str());
    }
}

#[test]
fn what_cannot_be_played_is_said() {
    let stack = Stack::embedded();
    let unknown = stack.run(&["anomaly", "stale-fil"]);
    assert_eq!(unknown.code, Some(2), "{}", unknown.stderr);
    assert!(unknown.stderr.contains("stale-fill"), "{}", unknown.stderr);
    let absent = stack.run(&["anomaly", "stale-fill", "--flight-id", "99999"]);
    assert_eq!(absent.code, Some(4), "{}", absent.stderr);
    let faulty = stack.run(&["--fault", "cache.*:down", "anomaly", "outage"]);
    assert_eq!(faulty.code, Some(2), "{}", faulty.stderr);
    for other in ["doctor", "db status"] {
        let words: Vec<&str> = ["--fault", "cache.*:down"].into_iter().chain(other.split(' ')).collect();
        assert_eq!(stack.run(&words).code, Some(2), "{other} would ignore its faults");
    }
    let nobody = stack.command(&["anomaly", "stale-fill"]).env("CACHE_URL", "redis://127.0.0.1:1").run();
    assert_eq!(nobody.code, Some(3), "{}", nobody.stderr);
    let list = stack.run(&["anomaly", "list"]);
    assert_eq!(list.code, Some(0), "{}", list.stderr);
    assert!(ANOMALIES.iter().all(|name| list.stdout.contains(name)), "{}", list.stdout);
}

//! What is claimed, measured on every database and every cache: each claim has a value and the verdict that belongs to it, and
//! afterwards everything is as it was.
//!
//! Nothing here depends on how fast anything is: a verdict is held against the figures that are shown, not against a clock.

use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::support::deadline;
use crate::support::events::Events;
use crate::support::server::Kind;
use crate::support::stack::Stack;

/// As little as gives every claim its figures.
const SMALL: [&str; 8] = ["claims", "--yes", "--keys", "100", "--clients", "8", "--duration", "90ms"];

fn measure(stack: &Stack, more: &[&str]) -> Events {
    let words: Vec<&str> = ["--format", "json"].iter().chain(&SMALL).chain(more).copied().collect();
    let output = stack.run(&words);
    assert_eq!(output.code, Some(0), "{}{}", output.stdout, output.stderr);
    Events::of(&output)
}

fn claims(events: &Events) -> Vec<Value> {
    let seen = events.one("claims");
    assert_eq!(seen["complete"], true, "{seen}");
    seen["claims"].as_array().unwrap().clone()
}

fn of(claims: &[Value], name: &str) -> Value {
    claims.iter().find(|claim| claim["name"] == name).unwrap_or_else(|| panic!("{name} is missing")).clone()
}

fn number(value: &Value) -> f64 {
    value.as_f64().filter(|number| number.is_finite()).unwrap_or_else(|| panic!("{value} is no number"))
}

/// The value, computed again of the parts that are shown.
fn value(claim: &Value) -> f64 {
    let parts: Vec<f64> = claim["parts"].as_array().unwrap().iter().map(|part| number(&part["value"])).collect();
    match (claim["formula"].as_str().unwrap(), parts.as_slice()) {
        ("itself", [one]) => *one,
        ("quotient", [one, other]) => one / other,
        ("saving", [one, other]) => 1.0 - one / other,
        ("break_even", [with, without, read, hit]) => {
            let (extra, saved) = ((with - without).max(0.0), (read - hit).max(0.0));
            if extra == 0.0 { 0.0 } else { extra / (extra + saved) }
        }
        other => panic!("{other:?}: {claim}"),
    }
}

/// The verdict, found again of the value and of what is claimed.
fn verdict(claim: &Value) -> &'static str {
    let claimed = &claim["claimed"];
    let (value, low, high) = (value(claim), claimed["low"].as_f64(), claimed["high"].as_f64());
    let is_within = low.is_none_or(|low| value >= low) && high.is_none_or(|high| value <= high);
    let holds = match claimed["sense"].as_str().unwrap() {
        "gain" => low.is_none_or(|low| value >= low),
        "cost" => high.is_none_or(|high| value <= high),
        "size" => is_within,
        other => panic!("{other}"),
    };
    match (holds, claim["stands_for"].is_null()) {
        (true, true) => "holds",
        (true, false) => "holds_by_stand_in",
        (false, _) => "does_not_hold",
    }
}

fn everything(stack: &Stack) -> String {
    stack.sql("SELECT concat(flight_id, ' ', departure, ' ', arrival) FROM flight ORDER BY flight_id")
}

fn is_as_before(stack: &Stack, before: &str) {
    assert_eq!(everything(stack), before, "flights were left moved");
    stack.assert_unharmed(&stack.times(1), "claims");
    let cached = stack.run(&["--format", "json", "cache-aside", "verify", "--all"]).stdout;
    // The one that was verified just now may be there.
    assert!(cached.contains("0 cached flights compared"), "something was left in the cache: {cached}");
}

fn every_claim(stack: Option<Stack>) {
    let Some(stack) = stack else { return };
    let before = everything(&stack);
    let listed = Events::of(&stack.run(&["--format", "json", "claims", "list"]));
    let names = |claims: &[Value]| claims.iter().map(|claim| claim["name"].to_string()).collect::<Vec<_>>();
    let claims = claims(&measure(&stack, &[]));
    assert_eq!(names(&claims), names(listed.one("claims_listed")["claims"].as_array().unwrap()));
    for claim in &claims {
        let measured = number(&claim["measured"]);
        assert!((measured - value(claim)).abs() <= measured.abs() * 1e-9, "{claim}");
        assert_eq!(claim["verdict"], verdict(claim), "{claim}");
        assert_eq!(claim["shortfall"].is_null(), claim["verdict"] != "does_not_hold", "{claim}");
        assert!(claim["samples"].as_u64().unwrap() > 0, "{claim}");
    }
    // What does not depend on how fast anything is. Each batch of 100 has each of the 100 flights once.
    assert_eq!(parts(&of(&claims, "coalescing")), [1000.0, 1000.0]);
    assert_eq!(parts(&of(&claims, "database-transactions")), [0.01, 1.0]);
    assert_eq!(number(&of(&claims, "session-hits")["measured"]), 1.0);
    // 100 flights were written, and one of them was read.
    assert_eq!(number(&of(&claims, "unread-entries")["measured"]), 0.99);
    assert_eq!(number(&of(&claims, "read-entries")["measured"]), 1.0);
    is_as_before(&stack, &before);
}

fn parts(claim: &Value) -> Vec<f64> {
    claim["parts"].as_array().unwrap().iter().map(|part| number(&part["value"])).collect()
}

#[test]
fn on_sqlite_and_memory() {
    every_claim(Some(Stack::embedded()));
}

#[test]
fn on_mysql_and_memcached() {
    every_claim(Stack::of(Kind::MySql, Kind::Memcached));
}

#[test]
fn on_mariadb_and_valkey() {
    every_claim(Stack::of(Kind::MariaDb, Kind::Valkey));
}

#[test]
fn on_postgresql_and_redis() {
    every_claim(Stack::of(Kind::Postgres, Kind::Redis));
}

#[test]
fn a_thousand_updates_of_a_hundred_flights_change_as_many_rows_as_their_batches_have_flights() {
    let Some(stack) = Stack::of(Kind::Postgres, Kind::Redis) else { return };
    let before = everything(&stack);
    for (batch, transactions, rows) in [("1000", 1, 100), ("5000", 1, 100), ("250", 4, 400), ("300", 4, 400)] {
        let logged = || stack.sql("SELECT concat('', count(*)) FROM flight_log").trim().parse::<u32>().unwrap();
        let logged_before = logged();
        let claims = claims(&measure(&stack, &["coalescing", "database-transactions", "--queue-batch-size", batch]));
        let coalescing = of(&claims, "coalescing");
        assert_eq!(parts(&coalescing), [1000.0, f64::from(rows)], "batches of {batch}");
        let expected = if rows == 100 { "holds" } else { "does_not_hold" };
        assert_eq!(coalescing["verdict"], expected, "batches of {batch}");
        let share = f64::from(transactions) / 1000.0;
        assert_eq!(parts(&of(&claims, "database-transactions")), [share, 1.0], "batches of {batch}");
        // Each update is audited: a thousand, five through write-through, and a hundred that put the flights back.
        assert_eq!(logged() - logged_before, 1105, "batches of {batch}");
    }
    is_as_before(&stack, &before);
}

/// Where a database takes 10 ms for each answer, a hit is 10 times as fast at least: the claim was made of such a one.
#[test]
fn a_database_that_is_far_away_makes_claims_hold() {
    let Some(stack) = Stack::of(Kind::MariaDb, Kind::Redis) else { return };
    let far = ["hit-speed", "database-latency", "--fault", "database.*:delay=10ms"];
    let events = measure(&stack, &far);
    assert_eq!(events.one("start")["faults"][0], far[3]);
    for claim in claims(&events) {
        assert_ne!(claim["verdict"], "does_not_hold", "{claim}");
        assert!(parts(&claim)[0] >= 10_000.0, "{claim}");
    }
    let text = stack.run(&[&SMALL[..], &far].concat());
    let (_, below) = text.stdout.split_once("CLAIMED AND MEASURED").unwrap();
    assert!(below.contains("simulated, not measured"), "{}", text.stdout);
}

/// The command that a claim shows does what it says: with it the claim does hold.
#[test]
fn the_command_that_is_shown_shows_it() {
    let stack = Stack::embedded();
    let claim = of(&claims(&measure(&stack, &["database-latency"])), "database-latency");
    let command = claim["command"].as_str().expect("a file in this machine answers sooner than in 10 ms");
    let fault = command.split('\'').nth(1).unwrap();
    let again = of(&claims(&measure(&stack, &["database-latency", "--fault", fault])), "database-latency");
    assert_eq!(again["verdict"], "holds", "{command}: {again}");
}

#[test]
fn interrupted_it_puts_the_flights_back_and_tells_what_there_is() {
    let Some(stack) = Stack::of(Kind::Postgres, Kind::Redis) else { return };
    let before = everything(&stack);
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGKILL] {
        // The updates come second of four: much is still to be done when they are seen.
        let words = ["--format", "json", "claims", "hit-speed", "write-behind-speed", "session-hits", "write-gain"];
        let running = stack.command(&[&words[..], &["--yes", "--keys", "100", "--duration", "2s"]].concat()).spawn();
        // The reads have been measured once there are updates.
        let moved = deadline::poll(Duration::from_secs(29), || (everything(&stack) != before).then_some(()));
        assert!(moved.is_some(), "no flight was ever moved");
        running.signal(signal);
        let output = running.wait();
        if signal == Signal::SIGKILL {
            let restored = stack.run(&["bench", "restore"]);
            assert_eq!(restored.code, Some(0), "{}{}", restored.stdout, restored.stderr);
        } else {
            assert_eq!(output.code, Some(130), "{}{}", output.stdout, output.stderr);
            let events = Events::of(&output);
            let seen = events.one("claims");
            assert_eq!(seen["complete"], false, "{seen}");
            assert!(seen["claims"][0]["measured"].is_number(), "{seen}");
        }
        is_as_before(&stack, &before);
    }
}

#[test]
fn what_cannot_be_measured_is_said() {
    let stack = Stack::embedded();
    let unasked = stack.run(&["claims", "hit-speed"]);
    assert_eq!(unasked.code, Some(2), "{}", unasked.stderr);
    assert!(unasked.stderr.contains("--yes"), "{}", unasked.stderr);
    let unknown = stack.run(&["claims", "hit-sped"]);
    assert_eq!(unknown.code, Some(2), "{}", unknown.stderr);
    let too_many = stack.run(&["claims", "hit-speed", "--yes", "--keys", "101"]);
    assert_eq!(too_many.code, Some(2), "{}", too_many.stderr);
    assert!(too_many.stderr.contains("--keys"), "{}", too_many.stderr);
    let nobody = stack.command(&SMALL).env("CACHE_URL", "redis://127.0.0.1:1").run();
    assert_eq!(nobody.code, Some(3), "{}", nobody.stderr);
    assert!(!nobody.stdout.contains("it moves"), "nobody is asked for what cannot be done: {}", nobody.stdout);
    assert_eq!(stack.logged(1), 0, "nothing was changed");
}

//! The walk-through of an outage: on each cache, by hand and simulated, with and without leases, and however it ends.
//!
//! By hand, the test is the user: it stops and starts the server when it is asked to. The cache's timeout is long where a busy
//! machine must not look like an outage, and short where the server is frozen, which only a timeout tells.

mod ended;

use cachedemo::pattern::PatternKind;

use crate::support::command::{Cachedemo, Output};
use crate::support::events::Events;
use crate::support::server::{Kind, Server};
use crate::support::stack::Stack;
use crate::support::terminal::Terminal;

/// How many steps it has.
const STEPS: usize = 12;

fn outage(stack: &Stack, arguments: &[&str], timeout: &str) -> Cachedemo {
    stack.command(&[&["outage"], arguments].concat()).env("CACHE_TIMEOUT", timeout)
}

/// What was shown, without what differs from run to run: the text of notes.
fn story(events: &Events) -> Vec<String> {
    let told = events.story().into_iter();
    told.map(|line| match line.strip_prefix("note ") {
        Some(note) => format!("note {}", note.split(' ').next().unwrap()),
        None => line,
    })
    .collect()
}

/// What must be shown; step 4 and what the cache came back with are the only things that differ.
fn expected(away: &[&str], back: &[&str]) -> Vec<String> {
    let lines = [
        &["1 Health - Both sides answer", "found good database", "found good cache"][..],
        &["2 Initial read - The cache is filled", "read miss database"],
        &["3 Second read - Should hit cache", "read hit cache"],
        &["4 The cache goes away"],
        away,
        &["5 Read without the cache - Degraded", "read unavailable database", "note plain"],
        &["6 Read again - The circuit is open", "read unavailable database", "note good"],
        &["7 Update flight times - Without the cache", "update committed not_updated"],
        &["8 The cache comes back - And is healed first"],
        back,
        &["9 Read after the outage - Should miss, and be fresh", "read miss database"],
        &["10 Verify data consistency", "compare consistent"],
        &["11 Restore original flight times", "update committed stored back"],
        &["12 Summary - What the outage cost"],
        &["measured 1 \"read, from cache (hit)\", 1 \"read that met the outage\", 1 \"read during the outage\", \
           1 \"update during the outage\", 1 \"read after the outage\""],
    ];
    lines.concat().into_iter().map(str::to_owned).collect()
}

/// Reads that are compared: which flight they gave, and whether they asked the cache.
fn assert_reads(events: &Events, original: &str, changed: &str, is_silent: bool) {
    let departures: Vec<&str> =
        events.named("read").iter().map(|read| read["flight"]["departure"].as_str().unwrap()).collect();
    assert_eq!(departures, [original, original, original, original, changed]);
    let degraded: Vec<bool> = events.named("read").iter().map(|read| read["degraded"] == true).collect();
    assert_eq!(degraded, [false, false, true, true, false]);
    let figures = events.one("summary")["figures"].as_array().unwrap().clone();
    let hops: Vec<u64> = figures.iter().map(|figure| figure["hops"].as_u64().unwrap()).collect();
    // A hit; the cache in vain and the database; the database alone; begin and commit, and where the cache refuses at once lease
    // and settle in vain, twice each; get, lease, find and settle.
    let update = if is_silent { 2 } else { 6 };
    assert_eq!(hops, [1, 2, 1, update, 4]);
}

fn simulates(stack: &Stack, arguments: &[&str]) {
    let original = stack.times(1);
    let words = [&["--format", "json"], arguments].concat();
    let output = outage(stack, &words, "10s").run();
    assert_eq!(output.code, Some(0), "{}{}", output.stdout, output.stderr);
    let events = Events::of(&output);
    let start = events.one("start");
    assert!(start["faults"][0].as_str().unwrap().starts_with("the outage of the cache, which "), "{start}");
    assert_eq!(start["steps"], STEPS);
    let back = ["entry HIT", "note warning", "dropped 1 of 1"];
    assert_eq!(story(&events), expected(&["note good"], &back));
    let entry = &events.one("entry")["flight"]["departure"];
    assert_eq!(entry, "2025-11-20T10:00:00", "what it kept is not what stood there before");
    assert_reads(&events, "2025-11-20T10:00:00", "2025-11-20T12:00:00", false);
    stack.assert_unharmed(&original, "after a simulated outage");
}

#[test]
fn the_memory_cache_is_taken_away_without_being_asked_for_it() {
    simulates(&Stack::embedded(), &[]);
    simulates(&Stack::embedded(), &["--simulate"]);
}

#[test]
fn it_is_simulated_on_mariadb_and_redis() {
    let Some(stack) = Stack::of(Kind::MariaDb, Kind::Redis) else { return };
    simulates(&stack, &["--simulate"]);
}

#[test]
fn it_is_simulated_on_postgres_and_valkey() {
    let Some(stack) = Stack::of(Kind::Postgres, Kind::Valkey) else { return };
    simulates(&stack, &["--simulate"]);
}

#[test]
fn it_is_simulated_on_sqlite_and_memcached() {
    let Some(stack) = Stack::with_cache(Kind::Memcached) else { return };
    simulates(&stack, &["--simulate"]);
}

/// How the user stops and starts the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hand {
    FreezesIt,
    KillsIt,
}

impl Hand {
    fn stop(self, server: &mut Server) {
        match self {
            Self::FreezesIt => server.stop(),
            Self::KillsIt => server.kill(),
        }
    }

    fn start(self, server: &mut Server) {
        match self {
            Self::FreezesIt => server.resume(),
            Self::KillsIt => server.restart(),
        }
    }

    fn timeout(self) -> &'static str {
        match self {
            Self::FreezesIt => "1s",
            Self::KillsIt => "10s",
        }
    }
}

/// The events among everything that a terminal has shown.
fn events(terminal: &Terminal, code: i32) -> Events {
    let transcript = terminal.transcript();
    let stdout: Vec<&str> = transcript.lines().filter(|line| line.starts_with('{')).collect();
    Events::of(&Output { code: Some(code), stdout: stdout.join("\n"), stderr: String::new() })
}

fn by_hand(kind: Kind, hand: Hand, keeps: bool) {
    let Some(mut stack) = Stack::with_cache(kind) else { return };
    let context = format!("{kind} {hand:?}");
    let original = stack.times(1);
    let command = outage(&stack, &["--format", "json"], hand.timeout());
    let mut terminal = Terminal::open(&command, 100, 40);
    terminal.expect("\"text\":\"stop ");
    hand.stop(stack.cache.as_mut().unwrap());
    terminal.expect("\"text\":\"start ");
    assert_ne!(stack.times(1), original, "{context}: there is nothing that could be stale");
    hand.start(stack.cache.as_mut().unwrap());
    assert_eq!(terminal.wait(), 0, "{context}: {}", terminal.transcript());
    let events = events(&terminal, 0);
    assert_eq!(events.one("start")["faults"], serde_json::json!([]), "{context}");
    let kept = if keeps {
        ["entry HIT", "note warning", "dropped 1 of 1"]
    } else {
        ["entry MISS", "note plain", "dropped 0 of 1"]
    };
    let back = [&["note warning", "note plain"][..], &kept].concat();
    assert_eq!(story(&events), expected(&["note warning", "note plain", "note good"], &back), "{context}");
    assert_reads(&events, "2025-11-20T10:00:00", "2025-11-20T12:00:00", hand == Hand::FreezesIt);
    stack.assert_unharmed(&original, &context);
}

#[test]
fn somebody_freezes_redis() {
    by_hand(Kind::Redis, Hand::FreezesIt, true);
}

#[test]
fn somebody_kills_redis_which_comes_back_with_its_entries() {
    by_hand(Kind::Redis, Hand::KillsIt, true);
}

#[test]
fn somebody_freezes_valkey() {
    by_hand(Kind::Valkey, Hand::FreezesIt, true);
}

#[test]
fn somebody_kills_valkey_which_comes_back_with_its_entries() {
    by_hand(Kind::Valkey, Hand::KillsIt, true);
}

#[test]
fn somebody_freezes_memcached() {
    by_hand(Kind::Memcached, Hand::FreezesIt, true);
}

#[test]
fn somebody_kills_memcached_which_comes_back_empty() {
    by_hand(Kind::Memcached, Hand::KillsIt, false);
}

#[test]
fn the_textbook_serves_the_old_flight_and_says_that_this_does_not_hold() {
    for stack in [Some(Stack::embedded()), Stack::with_cache(Kind::Redis), Stack::with_cache(Kind::Memcached)] {
        let Some(stack) = stack else { return };
        let original = stack.times(1);
        let output = outage(&stack, &["--simulate", "--naive", "--format", "json"], "10s").run();
        assert_eq!(output.code, Some(1), "{}{}", output.stdout, output.stderr);
        let told = Events::of(&output);
        assert_eq!(told.one("start")["protocol"], "naive");
        let last = told.named("read").pop().unwrap().clone();
        assert_eq!((&last["lookup"], &last["flight"]["departure"]), (&"hit".into(), &"2025-11-20T10:00:00".into()));
        assert_eq!(told.one("consistency")["verdict"], "inconsistent");
        assert!(told.named("reconciled").is_empty(), "{}", output.stdout);
        let error = told.one("error");
        assert!(error["message"].as_str().unwrap().starts_with("step 9 did not hold"), "{error}");
        assert!(error["hint"].as_str().unwrap().contains("without --naive"), "{error}");
        stack.assert_unharmed(&original, "after the textbook");
    }
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let Some(stack) = Stack::with_cache(Kind::Redis) else { return };
    for arguments in [&["--simulate"][..], &["--simulate", "-v"], &["--simulate", "--naive"]] {
        let mut terminal = Terminal::open(&outage(&stack, arguments, "10s").env("NO_COLOR", "1"), 80, 24);
        terminal.wait();
        let shown = terminal.transcript();
        assert!(shown.contains("CACHE OUTAGE DEMO") && shown.contains("[STEP 9]"), "{shown}");
        for line in shown.split(['\n', '\r']) {
            let width = unicode_width::UnicodeWidthStr::width(line);
            assert!(width <= 80 || line.contains(".sqlite3"), "{width} columns: {line}");
        }
    }
}

#[test]
fn the_menu_offers_it() {
    let stack = Stack::embedded();
    let mut terminal = Terminal::open(&stack.command(&[]), 100, 30);
    terminal.expect("Which pattern?");
    terminal.expect("outage");
    // Behind the patterns.
    terminal.send(&"\u{1b}[B".repeat(PatternKind::ALL.len()));
    terminal.send("\r");
    terminal.expect("Which flight?");
    terminal.send("\r");
    terminal.expect("DEMO");
    terminal.expect("next: [STEP 1] Health");
    terminal.expect(crate::support::stack::OFFER);
    terminal.send_line("q");
    assert_eq!(terminal.wait(), 0, "{}", terminal.transcript());
}

#[test]
fn an_outage_that_nobody_sees_the_end_of_is_refused_where_updates_are() {
    let stack = Stack::embedded();
    let output = stack.command(&["outage"]).env("ON_CACHE_FAILURE", "reject").run();
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains("ON_CACHE_FAILURE=degrade"), "{}", output.stderr);
    let output = stack.run(&["outage", "--simulate", "--wait", "1s"]);
    assert_eq!(output.code, Some(2), "{output:?}");
}

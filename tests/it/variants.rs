//! The variants of patterns, as they are typed: pure write-around with the stale read that it promises, refresh-ahead by chance,
//! a refresher that is killed, and a walk-through that is interrupted while it waits.

use nix::sys::signal::Signal;

use crate::support::command::Output;
use crate::support::events::Events;
use crate::support::kinds::Kind;
use crate::support::stack::{Stack, stop};
use crate::support::wire;

const SERVERS: [Kind; 3] = [Kind::Redis, Kind::Valkey, Kind::Memcached];

fn stacks() -> impl Iterator<Item = (&'static str, Stack)> {
    let served = SERVERS.into_iter().filter_map(|kind| Some((kind.name(), Stack::with_cache(kind)?)));
    std::iter::once(("memory", Stack::embedded())).chain(served)
}

fn run(stack: &Stack, line: &str) -> Output {
    // A busy machine must not look like an outage.
    stack.command(&line.split(' ').collect::<Vec<_>>()).env("CACHE_TIMEOUT", "10s").run()
}

fn events(stack: &Stack, line: &str, code: i32) -> Events {
    let output = run(stack, &format!("--format json {line}"));
    assert_eq!(output.code, Some(code), "{line}: {}{}", output.stdout, output.stderr);
    Events::of(&output)
}

const PURE: [&str; 20] = [
    "1 Initial read - Cache-Aside Pattern",
    "read miss database",
    "2 Second read - Should hit cache",
    "read hit cache",
    "3 Update flight times - Pure Write-Around",
    "update committed untouched",
    "4 Read after the update - Will hit, and be STALE",
    "read hit cache",
    "5 Compare database and cache - Will differ",
    "compare inconsistent",
    "6 Drop the entry - As the end of its TTL would",
    "note good the entry is dropped",
    "7 Read again - Should miss, and be fresh",
    "read miss database",
    "8 Restore original flight times",
    "update committed untouched back",
    "compare inconsistent",
    "note good the cache entry did not agree with the database and was dropped",
    "9 Summary - hit against miss",
    "measured 20 \"read, from cache (hit)\", 20 \"read, from database (miss)\", 5 \"update\"",
];

#[test]
fn pure_write_around_is_walked_through_with_its_stale_read() {
    for (cache, stack) in stacks() {
        for naive in ["", " --naive"] {
            let original = stack.times(1);
            let events = events(&stack, &format!("write-around run --pure --flush{naive}"), 0);
            assert_eq!(events.one("start")["variant"], "pure", "{cache}");
            let mut story = events.story();
            // Where there was an entry to flush.
            story.retain(|line| !line.contains("cache entry of flight") && !line.contains("had no cache entry"));
            let stale = story.iter().position(|line| line.starts_with("note warning STALE, as expected of --pure"));
            story.remove(stale.unwrap_or_else(|| panic!("{cache}: nobody says that it is stale: {story:#?}")));
            assert_eq!(story, PURE, "{cache}{naive}");
            let reads = events.named("read");
            let departures = [0, 2, 3].map(|index: usize| reads[index]["flight"]["departure"].as_str().unwrap());
            assert!(departures[0] == departures[1] && departures[1] < departures[2], "{cache}: {departures:?}");
            stack.assert_unharmed(&original, cache);
        }
    }
}

#[test]
fn whatever_shows_a_pure_read_or_update_says_what_it_is_worth() {
    for kind in SERVERS {
        let Some(stack) = Stack::with_cache(kind) else { continue };
        run(&stack, "write-around get");
        let (updated, read) =
            (events(&stack, "write-around update --pure --delay 1h", 0), events(&stack, "write-around get --pure", 0));
        assert_eq!(updated.one("update")["cache"], "untouched", "{kind}");
        assert_eq!(read.one("read")["flight"]["departure"], updated.one("update")["old"]["departure"], "{kind}");
        for (event, says) in [
            (updated.one("update"), "is served until its TTL ends"),
            (read.one("read"), "older than an acknowledged update"),
        ] {
            assert!(event["notes"].to_string().contains(says), "{kind}: {event}");
        }
        let shown = run(&stack, "write-around get --pure").stdout;
        let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(shown.contains("older than an acknowledged update"), "{kind}: {shown}");
        assert_eq!(run(&stack, "write-around verify").code, Some(1), "{kind}");
        // The invalidating one throws away what the pure one has left.
        events(&stack, "write-around update --delay 1h", 0);
        let read = events(&stack, "write-around get", 0);
        assert_eq!((&read.one("read")["lookup"], &read.one("read")["notes"]), (&"miss".into(), &serde_json::json!([])));
        assert_eq!(run(&stack, "write-around verify").code, Some(0), "{kind}");
    }
}

#[test]
fn refresh_ahead_is_walked_through_by_chance_and_by_the_textbook() {
    for (cache, stack) in stacks() {
        let original = stack.times(1);
        for flags in ["--policy xfetch", "--naive"] {
            let events = events(&stack, &format!("refresh-ahead run {flags}"), 0);
            let seen = events.named("refresh");
            assert!(seen.iter().any(|refresh| refresh["refreshed"] == "stored"), "{cache} {flags}: {seen:#?}");
            let missed = events.named("read").iter().filter(|read| read["lookup"] != "hit").count();
            assert_eq!(missed, 1, "{cache} {flags}: only the first read misses: {:#?}", events.story());
            stack.assert_unharmed(&original, cache);
        }
    }
}

#[test]
fn one_read_shows_the_refresh_that_it_began() {
    for kind in SERVERS {
        let Some(stack) = Stack::with_cache(kind) else { continue };
        run(&stack, "refresh-ahead get");
        let seen = events(&stack, "refresh-ahead get --refresh-threshold 1", 0);
        assert_eq!(seen.story(), ["read hit cache", "refresh stored"], "{kind}");
        let hops: Vec<_> =
            seen.named("hop").iter().map(|hop| (hop["name"].clone(), hop["background"].clone())).collect();
        let expected = [("look", false), ("lease", true), ("find", true), ("settle", true)];
        assert_eq!(hops, expected.map(|(name, background)| (name.into(), background.into())), "{kind}");
        let shown = run(&stack, "refresh-ahead get --refresh-threshold 1 --verbose").stdout;
        assert!(shown.contains("in the background, for which nobody waited"), "{kind}: {shown}");
        assert!(shown.contains("In the background: flight 1 refreshed for another"), "{kind}: {shown}");
        assert_eq!(events(&stack, "refresh-ahead get", 0).story(), ["read hit cache"], "{kind}: it is not due");
    }
}

/// It dies with its mark in the key: that is a value to everybody, and nobody else refreshes it.
#[test]
fn a_refresher_that_is_killed_does_no_harm() {
    for kind in SERVERS {
        let Some(stack) = Stack::with_cache(kind) else { continue };
        let cache = stack.cache.as_ref().unwrap();
        run(&stack, "refresh-ahead get");
        let before = wire::get(cache, "flight:1").unwrap();
        let died = run(&stack, "--fault database.find:die refresh-ahead get --refresh-threshold 1");
        assert_eq!(died.code, None, "{kind}: it did not die: {}", died.stdout);
        let marked = wire::get(cache, "flight:1").unwrap();
        assert!(
            marked.starts_with(before.trim_end_matches('}')) && marked.contains("\"lease\":\"fill-"),
            "{kind}: {marked}"
        );
        let next = events(&stack, "refresh-ahead get --refresh-threshold 1", 0);
        assert_eq!(next.story(), ["read hit cache"], "{kind}");
        assert_eq!(run(&stack, "refresh-ahead verify").code, Some(0), "{kind}");
        assert_eq!(events(&stack, "cache-aside get", 0).story(), ["read hit cache"], "{kind}");
        let updated = events(&stack, "refresh-ahead update --delay 1h", 0);
        let read = events(&stack, "refresh-ahead get", 0);
        assert_eq!(read.one("read")["lookup"], "hit", "{kind}");
        assert_eq!(read.one("read")["flight"]["departure"], updated.one("update")["new"]["departure"], "{kind}");
    }
}

/// While it waits for an entry to come to its end, and when the flight is moved.
#[test]
fn a_walk_through_that_waits_can_be_interrupted() {
    let stack = Stack::embedded();
    let original = stack.times(1);
    let waits = [(3, "left; waiting until", "In the background:"), (4, "reading for", "reads meanwhile")];
    for (step, waits_for, ends_with) in waits {
        for signal in [Signal::SIGINT, Signal::SIGTERM] {
            let mut terminal = stack.at_stop("refresh-ahead", step);
            terminal.send_line("");
            terminal.expect(waits_for);
            terminal.signal(signal);
            assert_eq!(terminal.wait(), 130, "step {step} {signal}: {}", terminal.transcript());
            let shown = terminal.transcript();
            let since = shown.rfind(waits_for).unwrap();
            assert!(!shown[since..].contains(ends_with), "step {step} {signal}: it has waited all the same: {shown}");
            stack.assert_unharmed(&original, "interrupted while it waited");
        }
    }
    let mut terminal = stack.at_stop("refresh-ahead", 7);
    assert_ne!(stack.times(1), original);
    terminal.signal(Signal::SIGTERM);
    assert_eq!(terminal.wait(), 130, "{}", terminal.transcript());
    stack.assert_unharmed(&original, "interrupted after the update");
}

/// Whoever thinks for longer than the entry lives finds it filled again.
#[test]
fn a_person_who_takes_their_time_sees_the_same() {
    let Some(stack) = Stack::with_cache(Kind::Redis) else { return };
    let mut terminal = stack.interactive("refresh-ahead");
    for step in 1..=9 {
        stop(&mut terminal, step);
        // What ends while a person thinks is as if it were dropped.
        wire::order(stack.cache.as_ref().unwrap(), "SET flight:1 gone PXAT 1");
        terminal.send_line("");
    }
    assert_eq!(terminal.wait(), 0, "{}", terminal.transcript());
}

//! A cache that is killed and comes back with an older state, from a snapshot, between two commands: nobody was connected, so only
//! the name of its run tells the next command that it is not the one that the last command met.

use std::fs;
use std::path::PathBuf;

use crate::support::events::Events;
use crate::support::server::{Kind, Server};
use crate::support::stack::Stack;
use crate::support::wire;

const PATTERNS: [(&str, &str); 2] = [("cache-aside", "7"), ("write-through", "8")];

/// A server that appends nothing to a file: it comes back with its last snapshot.
fn stack(kind: Kind) -> Option<Stack> {
    Some(Stack::on(Server::start(kind)?))
}

/// Runs a line about a flight, which succeeds.
fn run(stack: &Stack, flight: &str, words: &[&str]) -> Events {
    let output = stack.run(&[words, &["--flight-id", flight, "--format", "json"]].concat());
    assert_eq!(output.code, Some(0), "{output:?}");
    Events::of(&output)
}

fn departure(events: &Events) -> String {
    events.one("read")["flight"]["departure"].as_str().unwrap().to_owned()
}

/// Reads, takes a snapshot, updates, and starts the cache again from that snapshot; the departures before and after the update.
fn comes_back_older(stack: &mut Stack, pattern: &str, flight: &str) -> (String, String) {
    let old = departure(&run(stack, flight, &[pattern, "get"]));
    let cache = stack.cache.as_mut().unwrap();
    wire::order(cache, "SAVE");
    let update = run(stack, flight, &[pattern, "update", "--delay", "1h"]);
    let new = update.one("update")["new"]["departure"].as_str().unwrap().to_owned();
    assert_ne!(old, new);
    let cache = stack.cache.as_mut().unwrap();
    cache.restart();
    let kept = wire::get(cache, &format!("flight:{flight}")).unwrap_or_default();
    assert!(kept.contains(&old), "the snapshot does not hold the old flight: {kept}");
    (old, new)
}

fn in_folder(stack: &Stack, name: &str) -> PathBuf {
    stack.folder().join(".local/share/cachedemo").join(name)
}

/// What is remembered of the run that was met last.
fn remembered(stack: &Stack) -> String {
    let mut files = fs::read_dir(in_folder(stack, "caches")).unwrap();
    fs::read_to_string(files.next().unwrap().unwrap().path()).unwrap()
}

fn is_noticed(kind: Kind) {
    let Some(mut stack) = stack(kind) else { return };
    for (pattern, flight) in PATTERNS {
        let context = format!("{pattern} {kind}");
        let (_, new) = comes_back_older(&mut stack, pattern, flight);
        let healed = run(&stack, flight, &[pattern, "get"]);
        assert_eq!(departure(&healed), new, "{context}: the old flight is served");
        assert!(healed.one("reconciled")["dropped"].as_u64() >= Some(1), "{context}");
        let next = run(&stack, flight, &[pattern, "get"]);
        assert_eq!(next.one("read")["lookup"], "hit", "{context}");
        assert!(next.named("reconciled").is_empty(), "{context}: the same run is healed once");
    }
    assert_eq!(fs::read_dir(in_folder(&stack, "caches")).unwrap().count(), 1, "{kind}");
    assert!(!in_folder(&stack, "outages").exists(), "{kind}: nothing was away");
}

#[test]
fn a_cache_that_comes_back_older_is_healed_by_the_next_command() {
    for kind in [Kind::Redis, Kind::Valkey] {
        is_noticed(kind);
    }
}

#[test]
fn what_cannot_be_healed_is_not_read_and_is_healed_by_the_command_that_can() {
    for (pattern, flight) in PATTERNS {
        let Some(mut stack) = stack(Kind::Redis) else { return };
        let (_, new) = comes_back_older(&mut stack, pattern, flight);
        let before = remembered(&stack);
        // Healing is a script; what reads is not.
        let cache = stack.cache.as_ref().unwrap();
        wire::order(cache, "ACL SETUSER default -eval -evalsha");
        for _ in 0..2 {
            let degraded = run(&stack, flight, &[pattern, "get"]);
            assert_eq!(departure(&degraded), new, "{pattern}: the old flight is served");
            assert_eq!(degraded.one("read")["degraded"], true, "{pattern}");
            assert!(degraded.named("reconciled").is_empty(), "{pattern}");
        }
        // Whoever is killed while it heals leaves no note: this is all that the next one has.
        assert_eq!(remembered(&stack), before, "{pattern}: it is remembered before it is healed");
        assert_ne!(fs::read_dir(in_folder(&stack, "outages")).unwrap().count(), 0, "{pattern}: it is not written down");
        wire::order(cache, "ACL SETUSER default +eval +evalsha");
        let healed = run(&stack, flight, &[pattern, "get"]);
        assert_eq!(departure(&healed), new, "{pattern}");
        healed.one("reconciled");
        assert_ne!(remembered(&stack), before, "{pattern}");
    }
}

#[test]
fn that_the_run_cannot_be_remembered_fails_no_command() {
    let Some(stack) = stack(Kind::Redis) else { return };
    fs::write(in_folder(&stack, "caches"), "not a folder").unwrap();
    for _ in 0..2 {
        let read = run(&stack, "7", &["cache-aside", "get"]);
        assert!(read.named("reconciled").is_empty());
    }
}

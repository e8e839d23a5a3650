//! A process commits without the cache and ends; the next one on this machine finds that written down, and heals the cache before
//! it reads there.

use crate::support::events::Events;
use crate::support::server::Kind;
use crate::support::stack::Stack;

/// Runs a line about a flight.
fn run(stack: &Stack, flight: &str, words: &[&str]) -> (Option<i32>, Events) {
    let output = stack.run(&[words, &["--flight-id", flight, "--format", "json"]].concat());
    (output.code, Events::of(&output))
}

fn departure(events: &Events) -> String {
    events.one("read")["flight"]["departure"].as_str().unwrap().to_owned()
}

fn is_found(kind: Kind) {
    let Some(stack) = Stack::with_cache(kind) else { return };
    let cache = stack.cache.as_ref().unwrap();
    // Each with a flight of its own: for a while every process heals once more what changed in the outage before.
    for (pattern, flight) in [("cache-aside", "7"), ("write-through", "8")] {
        let (_, first) = run(&stack, flight, &[pattern, "get"]);
        let (_, hit) = run(&stack, flight, &[pattern, "get"]);
        assert_eq!(hit.one("read")["lookup"], "hit");
        cache.stop();
        let (code, update) = run(&stack, flight, &[pattern, "update", "--delay", "1h"]);
        assert_eq!((code, &update.one("update")["cache"]), (Some(1), &"not_updated".into()), "{pattern} {kind}");
        let (code, degraded) = run(&stack, flight, &[pattern, "get"]);
        assert_eq!((code, &degraded.one("read")["degraded"]), (Some(0), &true.into()), "{pattern} {kind}");
        cache.resume();
        let (code, healed) = run(&stack, flight, &[pattern, "get"]);
        let reconciled = healed.one("reconciled");
        assert_eq!(code, Some(0), "{pattern} {kind}");
        // Not that it was dropped: the lease that found the server silent lands when it goes on, over the old entry.
        assert!(reconciled["changed"].as_u64() >= Some(1), "{pattern} {kind}: {reconciled}");
        assert_ne!(departure(&healed), departure(&first), "{pattern} {kind}: the old flight is served");
        assert_eq!(departure(&healed), departure(&degraded), "{pattern} {kind}");
    }
}

#[test]
fn what_was_committed_without_the_cache_is_healed_by_the_next_process() {
    for kind in [Kind::Redis, Kind::Valkey, Kind::Memcached] {
        is_found(kind);
    }
}

#[test]
fn an_update_that_may_not_go_on_without_the_cache_changes_nothing() {
    let Some(stack) = Stack::with_cache(Kind::Redis) else { return };
    for (pattern, flight) in [("cache-aside", "7"), ("write-through", "8")] {
        let (_, before) = run(&stack, flight, &[pattern, "get"]);
        let number = flight.parse().unwrap();
        let logged = stack.logged(number);
        stack.cache.as_ref().unwrap().stop();
        let (code, update) = run(&stack, flight, &[pattern, "update", "--delay", "1h", "--on-cache-failure", "reject"]);
        let message = update.one("error")["message"].as_str().unwrap();
        assert_eq!(code, Some(3), "{pattern}: {message}");
        assert!(message.contains(&format!("flight {flight} was not changed")), "{pattern}: {message}");
        assert_eq!(stack.logged(number), logged, "{pattern}");
        let (code, read) = run(&stack, flight, &[pattern, "get"]);
        assert_eq!((code, departure(&read)), (Some(0), departure(&before)), "{pattern}");
        stack.cache.as_ref().unwrap().resume();
        let (code, _) = run(&stack, flight, &[pattern, "update", "--delay", "1h", "--on-cache-failure", "reject"]);
        assert_eq!(code, Some(0), "{pattern}");
    }
}

//! `reconcile`: what it drops, what it leaves, and what it says when it cannot.
//!
//! What was changed and not told to the cache is made as it comes about in the wild: a textbook writer that dies between its
//! commit and its cache entry.

use crate::support::command::Output;
use crate::support::events::Events;
use crate::support::server::Kind;
use crate::support::stack::Stack;
use crate::support::terminal::Terminal;
use crate::support::wire;

/// A writer whose update it is that stands behind this, and who has not finished.
const LEASE: &str = r#"{"lease":"write-0123456789abcdef01234567"}"#;

fn run(stack: &Stack, line: &str) -> Output {
    let words: Vec<&str> = line.split(' ').collect();
    // A busy machine must not look like an outage.
    stack.command(&words).env("CACHE_TIMEOUT", "10s").run()
}

fn held(stack: &Stack, line: &str) -> Output {
    let output = run(stack, line);
    assert_eq!(output.code, Some(0), "{line}: {}{}", output.stdout, output.stderr);
    output
}

/// Changes a flight in the database alone.
fn change_and_die(stack: &Stack, flight: u32) {
    let before = stack.times(flight);
    let line = format!("--fault cache.set:die write-through update --naive --delay 2h --flight-id {flight}");
    assert_eq!(run(stack, &line).code, None, "it did not die");
    assert_ne!(stack.times(flight), before, "it died before its commit");
}

fn reconciled(stack: &Stack, line: &str) -> (u64, u64) {
    let events = Events::of(&held(stack, line));
    let seen = events.one("reconciled");
    (seen["changed"].as_u64().unwrap(), seen["dropped"].as_u64().unwrap())
}

fn drops_what_has_changed_and_leaves_the_rest(stack: &Stack) {
    let cache = stack.cache.as_ref().unwrap();
    for flight in [1, 2, 3, 6] {
        held(stack, &format!("cache-aside get --flight-id {flight}"));
    }
    let others = ["session:2", "flight:02", "flight:2:seats", "lease:2"];
    for key in others {
        wire::set(cache, key, "theirs");
    }
    // 1 has not changed; 3 has, long ago; 2 and 6 have just changed, 4 too and is not cached; 5 has a writer who answers for it.
    held(stack, "write-through update --delay 1h --flight-id 3");
    stack.sql("UPDATE flight_log SET log_date = '2020-01-02 03:04:05' WHERE flight_id = 3");
    for flight in [2, 4, 5, 6] {
        change_and_die(stack, flight);
    }
    wire::set(cache, "flight:5", LEASE);
    let kept = |flight: u32| wire::get(cache, &format!("flight:{flight}"));
    let (unchanged, old) = (kept(1), kept(3));
    assert!(unchanged.is_some() && old.is_some() && kept(2).is_some() && kept(6).is_some());

    assert_eq!(reconciled(stack, "--format json reconcile --since 10m"), (4, 2));
    assert_eq!((kept(1), kept(2), kept(3), kept(4), kept(6)), (unchanged, None, old, None, None));
    // Whoever held that lease may put something there that is older than the change: another takes its place, until it expires.
    let lease = kept(5).unwrap();
    assert!(lease.starts_with("{\"lease\":\"write-") && lease != LEASE, "{lease}");
    for key in others {
        assert_eq!(wire::get(cache, key).as_deref(), Some("theirs"), "{key}");
    }
    // Once more there is nothing left to be dropped.
    assert_eq!(reconciled(stack, "--format json reconcile --since 10m"), (4, 0));
    // The moment itself counts.
    assert_eq!(reconciled(stack, "--format json reconcile --since 2020-01-02T03:04:06"), (4, 0));
    assert_eq!(reconciled(stack, "--format json reconcile --since 2020-01-02T03:04:05"), (5, 1));
    assert_eq!(kept(3), None);
}

macro_rules! on {
    ($($name:ident: $stack:expr;)*) => {
        mod drops_what_has_changed_and_leaves_the_rest_on {
            use super::*;
            $(
                #[test]
                fn $name() {
                    let Some(stack) = $stack else { return };
                    drops_what_has_changed_and_leaves_the_rest(&stack);
                }
            )*
        }
    };
}

on! {
    sqlite_and_redis: Stack::with_cache(Kind::Redis);
    mariadb_and_valkey: Stack::of(Kind::MariaDb, Kind::Valkey);
    postgres_and_memcached: Stack::of(Kind::Postgres, Kind::Memcached);
    mysql_and_redis: Stack::of(Kind::MySql, Kind::Redis);
}

#[test]
fn a_stale_entry_of_a_dead_textbook_writer_is_served_until_it_is_reconciled() {
    for kind in [Kind::Redis, Kind::Memcached] {
        let Some(stack) = Stack::with_cache(kind) else { return };
        let read = || {
            let events = Events::of(&held(&stack, "--format json write-through get"));
            let read = events.one("read").clone();
            (read["lookup"].as_str().unwrap().to_owned(), read["flight"]["departure"].as_str().unwrap().to_owned())
        };
        let departs = || stack.times(1).split('\t').next().unwrap().replace(' ', "T");
        read();
        change_and_die(&stack, 1);
        let stale = read();
        assert_eq!(stale.0, "hit");
        assert_ne!(stale.1, departs(), "there is nothing to be put right");
        // By default as far back as any entry can be.
        assert_eq!(reconciled(&stack, "--format json reconcile"), (1, 1));
        assert_eq!(read(), ("miss".to_owned(), departs()));
        assert_eq!(run(&stack, "write-through verify").code, Some(0));
    }
}

#[test]
fn by_default_it_reaches_back_as_far_as_the_oldest_entry() {
    let Some(stack) = Stack::with_cache(Kind::Valkey) else { return };
    held(&stack, "cache-aside get");
    change_and_die(&stack, 1);
    stack.sql("UPDATE flight_log SET log_date = datetime('now', '-65 minutes')");
    assert_eq!(reconciled(&stack, "--format json reconcile --since 1h"), (0, 0));
    // An hour's TTL, spread by a tenth, and a minute: 67 minutes.
    assert_eq!(reconciled(&stack, "--format json reconcile"), (1, 1));
    stack.sql("UPDATE flight_log SET log_date = datetime('now', '-69 minutes')");
    assert_eq!(reconciled(&stack, "--format json reconcile"), (0, 0));
    assert_eq!(reconciled(&stack, "--format json --cache-ttl 2h reconcile"), (1, 0));
}

#[test]
fn verbose_shows_every_entry_that_was_looked_at() {
    let Some(stack) = Stack::with_cache(Kind::Redis) else { return };
    for flight in [1, 2, 3] {
        change_and_die(&stack, flight);
    }
    let plain = held(&stack, "--format json reconcile");
    assert!(Events::of(&plain).named("hop").is_empty(), "{}", plain.stdout);
    let events = Events::of(&held(&stack, "--format json reconcile -v"));
    let hops = events.named("hop");
    let sent = |name: &str| -> Vec<String> {
        let of_name = hops.iter().filter(|hop| hop["name"] == name);
        of_name.map(|hop| hop["sent"][0]["text"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(sent("changed_since").len(), 1, "{hops:?}");
    let settled = sent("settle");
    assert_eq!(settled.len(), 3, "{hops:?}");
    for flight in 1..=3 {
        let key = format!(" flight:{flight} ");
        assert_eq!(settled.iter().filter(|text| text.contains(&key)).count(), 1, "{settled:?}");
    }
    assert!(hops.iter().all(|hop| hop["after_us"].as_f64() <= hop["of_us"].as_f64()), "{hops:?}");
}

#[test]
fn what_is_not_there_is_said_and_ends_with_3() {
    for kind in [Kind::Redis, Kind::Memcached] {
        let Some(mut stack) = Stack::of(Kind::MariaDb, kind) else { return };
        // Nothing has changed: nothing would be asked of the cache.
        stack.cache.as_mut().unwrap().kill();
        let output = run(&stack, "reconcile --since 1h");
        assert_eq!(output.code, Some(3), "{output:?}");
        assert!(output.stderr.contains("cannot reach the cache") && output.stderr.contains("hint:"), "{output:?}");
        stack.cache.as_mut().unwrap().restart();
        held(&stack, "reconcile --since 1h");
        stack.database.as_mut().unwrap().kill();
        let output = run(&stack, "reconcile --since 1h");
        assert_eq!(output.code, Some(3), "{output:?}");
        assert!(output.stderr.contains("cannot reach the database") && output.stderr.contains("hint:"), "{output:?}");
    }
}

#[test]
fn ctrl_c_ends_it() {
    let Some(stack) = Stack::with_cache(Kind::Redis) else { return };
    held(&stack, "cache-aside get");
    change_and_die(&stack, 1);
    // Longer than the test waits.
    let slow = ["reconcile", "--fault", "database.changed_since:delay=120s"];
    let mut terminal = Terminal::open(&stack.command(&slow), 100, 30);
    terminal.expect("faults on purpose");
    terminal.interrupt();
    assert_eq!(terminal.wait(), 130, "{}", terminal.transcript());
    assert_eq!(reconciled(&stack, "--format json reconcile"), (1, 1));
}

#[test]
fn what_cannot_be_meant_is_refused_with_an_example() {
    let stack = Stack::embedded();
    let refused = |words: &[&str], said: &str, example: &str| {
        let output = stack.run(words);
        let told = output.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(output.code, Some(2), "{words:?}: {output:?}");
        assert!(told.contains(said) && told.contains(example), "{words:?}: {told}");
    };
    refused(&["reconcile"], "the memory cache belongs to its process", "CACHE_URL=redis://");
    refused(&["reconcile", "--since", "2999-01-01T00:00"], "is in the future", "such as --since 1h");
    refused(&["reconcile", "--since", "1000000y"], "", "--since 1h");
    for wrong in ["", "soon", "-1h", "1", "2025-13-01T00:00", "2025-11-20"] {
        refused(&["reconcile", "--since", wrong], "--since", "1h, 30m or 2025-11-20T12:00");
    }
}

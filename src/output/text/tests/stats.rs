//! What a cache counts, as a person sees it.

use super::*;
use crate::cache::{CacheKind, MemoryLimit};
use crate::demo::{LifetimesSeen, OwnSeen, ServerSeen, SizesSeen, StatsSeen};

#[test]
fn what_is_counted_is_two_tables() {
    let expected = "Redis at 127.0.0.1:6379
┌──────────────────┬───────────┐
│ the whole server ┆           │
╞══════════════════╪═══════════╡
│ running for      ┆  2h 5m 3s │
│ hits             ┆ 1,234,567 │
│ misses           ┆        89 │
│ hit rate         ┆    99.9 % │
│ evicted          ┆         0 │
│ expired          ┆     4,321 │
│ entries          ┆    12,345 │
│ memory used      ┆  1.24 MiB │
│ memory limit     ┆   100 MiB │
└──────────────────┴───────────┘
┌──────────────────┬───────────────────────────────┐
│ cachedemo's own  ┆                               │
╞══════════════════╪═══════════════════════════════╡
│ flights cached   ┆                        10,000 │
│ their memory     ┆ about 3.36 MiB (100 measured) │
│ they stay for    ┆     12 s to 1h 5m, median 30m │
│ queue's keys     ┆                         4,931 │
│ updates queued   ┆                         4,812 │
│ flights pending  ┆                           115 │
│ oldest waits for ┆                         1.2 s │
│ dead letters     ┆                             2 │
└──────────────────┴───────────────────────────────┘
Queue: Redis at 127.0.0.1:6379
Hits and misses are those of every program since the server started, or since
  its counters were set back.
Every look at the queue counts among them, this one's from the next time on.
";
    assert_eq!(shown(&[Event::Stats(samples::stats())]), expected);
}

#[test]
fn of_several_servers_the_one_that_is_away_is_named() {
    let text = shown(&[Event::Stats(samples::stats_of_several())]);
    assert!(text.contains("✗ cannot reach the Redis cache at 127.0.0.1:7002\n"), "{text}");
    assert!(text.contains("│ 2 servers that answered ┆"), "{text}");
    let all = StatsSeen { servers: 3, ..samples::stats() };
    assert!(shown(&[Event::Stats(all)]).contains("│ all 3 servers "));
}

/// The figure of a row.
fn figure(seen: StatsSeen, row: &str) -> String {
    let text = shown(&[Event::Stats(seen)]);
    let found = text.lines().find(|line| line.starts_with(&format!("│ {row} "))).map(str::to_owned);
    let line = found.unwrap_or_else(|| panic!("no {row}: {text}"));
    line.split('┆').nth(1).unwrap().trim_matches([' ', '│']).to_owned()
}

#[test]
fn what_is_not_told_is_not_made_up() {
    for row in
        ["running for", "hits", "misses", "hit rate", "evicted", "expired", "entries", "memory used", "memory limit"]
    {
        assert_eq!(figure(samples::untold_stats(), row), "not told", "{row}");
    }
    assert_eq!(figure(samples::untold_stats(), "flights cached"), "3");
    assert_eq!(figure(samples::untold_stats(), "their memory"), "not told");
    assert_eq!(figure(samples::untold_stats(), "they stay for"), "not told");
    assert_eq!(figure(samples::untold_stats(), "queue"), "cannot be read");
}

#[test]
fn a_hit_rate_is_cut_and_needs_reads() {
    let rate = |hits, misses| {
        let counted = crate::cache::Statistics { hits: Some(hits), misses: Some(misses), ..Default::default() };
        figure(StatsSeen { server: counted.into(), ..samples::stats() }, "hit rate")
    };
    assert_eq!(rate(0, 0), "no reads yet");
    assert_eq!(rate(3, 1), "75.0 %");
    assert_eq!(rate(5, 0), "100.0 %");
    assert_eq!(rate(999_999, 1), "99.9 %", "while anything misses it is not all");
    assert_eq!(rate(0, 7), "0.0 %");
}

#[test]
fn figures_say_what_they_are_of() {
    let own = |entries, measured, lifetimes| {
        let own = OwnSeen { entries, sizes: Some(SizesSeen { measured, bytes: 200 }), lifetimes, queue_keys: None };
        StatsSeen { own, ..samples::stats() }
    };
    assert_eq!(figure(own(2, 2, None), "their memory"), "200 bytes");
    assert_eq!(figure(own(4, 2, None), "their memory"), "about 400 bytes (2 measured)");
    assert_eq!(figure(own(4, 0, None), "their memory"), "not told", "all of them went meanwhile");
    let alike = LifetimesSeen { shortest_ms: 99_900, median_ms: 99_900, longest_ms: 99_900 };
    assert_eq!(figure(own(1, 1, Some(alike)), "they stay for"), "1m 39s");
    let unlimited = ServerSeen { memory_limit: Some(MemoryLimit::Unlimited), ..samples::stats().server };
    assert_eq!(figure(StatsSeen { server: unlimited, ..samples::stats() }, "memory limit"), "none");
    let empty = shown(&[Event::Stats(own(0, 0, None))]);
    assert!(!empty.contains("their memory") && empty.contains("flights cached"), "{empty}");
    let memcached = shown(&[Event::Stats(StatsSeen { cache_engine: CacheKind::Memcached, ..samples::stats() })]);
    assert!(memcached.contains("those of every program") && !memcached.contains("Every look at the queue"));
}

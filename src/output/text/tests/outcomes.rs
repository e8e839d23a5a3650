//! What came of reads, updates and comparisons: each case in its own words.

use super::*;
use crate::demo::Start;
use crate::lab::Verdict;
use crate::pattern::{CacheEffect, Durability, Lookup, PatternKind, Source};
use samples::{consistency, read, start, update};

/// The last lines of what is shown.
fn last(count: usize, event: Event) -> String {
    let text = shown(&[event]);
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len() - count..].join("\n")
}

#[test]
fn each_read_says_what_it_met() {
    for (lookup, source, expected) in [
        (Lookup::Hit, Source::Cache, "   ✓ Cache HIT for flight 1 · 42 µs · from cache\n"),
        (Lookup::Miss, Source::Queue, "   ✗ Cache MISS for flight 1 · 42 µs · from queue\n"),
        (
            Lookup::Joined,
            Source::Cache,
            "   ✓ Cache MISS joined for flight 1 · 42 µs · from cache\n     \
             another reader was filling it: this read took that value\n",
        ),
        (
            Lookup::Leased,
            Source::Database,
            "   ⚠ Cache LEASED for flight 1 · 42 µs · from database\n     \
             somebody is filling or changing it: this read went past the cache and left\n       it alone\n",
        ),
        (
            Lookup::Unreadable,
            Source::Database,
            "   ⚠ Cache UNREADABLE for flight 1 · 42 µs · from database\n     \
             what stood there is not a flight of ours: this read put the flight in its\n       place\n",
        ),
    ] {
        assert_eq!(shown(&[Event::Read(read(lookup, source, 42))]), expected);
    }
    let mut degraded = read(Lookup::Unavailable, Source::Database, 42);
    degraded.degraded = true;
    degraded.notes = vec!["cannot reach the cache".into()];
    degraded.flight = None;
    let expected = "   ⚠ Cache UNAVAILABLE for flight 1 · 42 µs · from database, degraded\n     \
                    the cache did not answer: this read went past it\n   \
                    ⚠ cannot reach the cache\n   ⚠ There is no flight 1\n";
    assert_eq!(shown(&[Event::Read(degraded)]), expected);
}

#[test]
fn each_update_says_which_side_has_it() {
    let mut seen = update();
    seen.cache = CacheEffect::NotUpdated;
    seen.notes = vec!["cannot reach the cache".into()];
    let expected = "   ✓ Database updated for flight 1\n   ⚠ Cache NOT updated for flight 1: it did not answer\n   \
                    ⚠ cannot reach the cache\n\n⚠ Write-through update committed, cache not updated · 1.24 ms";
    assert_eq!(last(5, Event::Update(seen)), expected);
    let mut seen = update();
    seen.pattern = PatternKind::WriteBehind;
    (seen.durability, seen.position) = (Durability::Queued, Some("17-0".into()));
    let expected = "   ✓ Update queued for flight 1 at position 17-0: the database follows\n   \
                    ✓ Cache updated for flight 1\n\n✓ Write-behind update acknowledged · 1.24 ms";
    assert_eq!(last(4, Event::Update(seen.clone())), expected);
    seen.restores = true;
    let expected = "✓ Original times restored (queued: the database follows) · 1.24 ms";
    assert_eq!(last(1, Event::Update(seen)), expected);
    let mut seen = update();
    (seen.pattern, seen.cache) = (PatternKind::CacheAside, CacheEffect::Invalidated);
    let expected = "   ✓ Cache invalidated for flight 1: the next read fills it\n\n\
                    ✓ Cache-aside update completed successfully · 1.24 ms";
    assert_eq!(last(3, Event::Update(seen)), expected);
    let seen = crate::demo::UpdateSeen { cache: CacheEffect::LeftToLater, ..update() };
    assert!(shown(&[Event::Update(seen)]).contains("   • Cache left to a later update of flight 1\n"));
}

const DIFFERENCE: &str = "
┌───────────┬─────────────────────┬─────────────────────┬───────┐
│ field     ┆ database (old)      ┆ cache (new)         ┆ match │
╞═══════════╪═════════════════════╪═════════════════════╪═══════╡
│ departure ┆ 2025-11-20 10:00:00 ┆ 2025-11-20 12:00:00 ┆ ✗     │
│ arrival   ┆ 2025-11-20 18:30:00 ┆ 2025-11-20 18:30:00 ┆ ✓     │
└───────────┴─────────────────────┴─────────────────────┴───────┘
";

#[test]
fn each_verdict_is_a_sentence_and_a_difference_a_table() {
    let pending = "⚠ Data differs, as expected: the queue has what the database has not seen yet".to_owned();
    assert_eq!(shown(&[Event::Consistency(consistency(Verdict::Pending))]), pending + DIFFERENCE);
    let differs = DIFFERENCE.replace("(old)", "     ").replace("(new)", "     ");
    let inconsistent = "✗ Data is INCONSISTENT between database and cache".to_owned();
    assert_eq!(shown(&[Event::Consistency(consistency(Verdict::Inconsistent))]), inconsistent + &differs);
    for (verdict, expected) in [
        (Verdict::Consistent, "✓ Data is CONSISTENT between database and cache\n"),
        (Verdict::NotCached, "• Flight 1 is not in the cache: nothing there can be wrong\n"),
        (Verdict::Leased, "• A lease stands in the cache for flight 1: readers go to the database\n"),
        (Verdict::Unreadable, "⚠ What the cache holds for flight 1 cannot be read: readers go to the database\n"),
    ] {
        let mut seen = consistency(verdict);
        if verdict != Verdict::Consistent {
            seen.consistency.fields.clear();
        }
        assert_eq!(shown(&[Event::Consistency(seen)]), expected);
    }
}

#[test]
fn what_was_not_expected_is_said() {
    let unexpected = |verdict| {
        let mut seen = consistency(verdict);
        seen.expected = verdict == Verdict::Inconsistent;
        let text = shown(&[Event::Consistency(seen)]);
        text.lines().next().unwrap().to_owned()
    };
    let expected = "✗ Data is INCONSISTENT between database and cache, as expected here";
    assert_eq!(unexpected(Verdict::Inconsistent), expected);
    let expected = "⚠ Data differs: the queue has what the database has not seen yet";
    assert_eq!(unexpected(Verdict::Pending), expected);
    assert!(unexpected(Verdict::Consistent).starts_with("⚠ Data is CONSISTENT between database and cache, though it"));
}

#[test]
fn of_many_flights_each_is_a_line() {
    let many = Start { steps: None, flight_id: None, action: "verify", ..start() };
    let events = [Event::Start(many), Event::Consistency(consistency(Verdict::Consistent))];
    assert!(shown(&events).ends_with(":6379\n✓ flight 1 · consistent\n"));
    let events = [events[0].clone(), Event::Consistency(consistency(Verdict::Pending))];
    let expected = format!("⚠ flight 1 · queued: the database has not seen it yet{DIFFERENCE}");
    assert!(shown(&events).ends_with(&expected));
}

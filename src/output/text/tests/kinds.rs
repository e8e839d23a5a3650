//! One kind of event after the other, with what makes each of them look different.

use super::*;
use crate::demo::{End, EntrySeen, Finding, Level, QueueSeen, RowSeen, Start};
use crate::hop::{Sent, Target};
use crate::pattern::{PatternKind, Protocol};
use samples::{hop, id, queue, start};

#[test]
fn a_command_begins_with_one_line() {
    let mut start = Start { steps: None, embedded: true, pattern: PatternKind::WriteBehind, ..start() };
    start.database.product = "SQLite";
    start.database.address = "/home/ada/.local/share/cachedemo/flights.db".into();
    start.cache.product = "memory cache";
    start.cache.address = "in this process".into();
    let expected = "SQLite at /home/ada/.local/share/cachedemo/flights.db · memory cache (nothing is\n  \
                    set: embedded)\n";
    assert_eq!(shown(&[Event::Start(start)]), expected);
}

#[test]
fn the_textbook_and_faults_on_purpose_are_said_at_once_and_under_the_figures() {
    let naive = Start { steps: None, protocol: Protocol::Naive, ..start() };
    assert!(shown(&[Event::Start(naive)]).starts_with("NAIVE, the textbook protocol, without leases · PostgreSQL at"));
    let faults = vec!["cache.get:fail=0.1".to_owned(), "database.*:delay=10ms".to_owned()];
    let faulty = Start { steps: None, faults, seed: Some(7), ..start() };
    let text = shown(&[Event::Start(faulty), Event::Summary(samples::summary())]).replace("\n  ", " ");
    let named = "faults on purpose, cache.get:fail=0.1, database.*:delay=10ms (seed 7)";
    assert!(text.contains(&format!("⚠ {named}: what follows is simulated, not measured\n")), "{text}");
    assert!(text.ends_with(&format!("⚠ simulated, not measured: {named}\n")), "{text}");
    assert!(!shown(&[Event::Start(start()), Event::Summary(samples::summary())]).contains("simulated"));
}

#[test]
fn a_queue_says_what_waits_and_a_drain_what_it_did() {
    let waits = QueueSeen { length: 3, flights: 2, oldest_age_ms: Some(1_200), drained: None, ..samples::queue() };
    let expected = "   • 3 updates of 2 flights wait in the queue · the oldest for 1.2 s\n";
    assert_eq!(shown(&[Event::Queue(waits.clone())]), expected);
    let gone = QueueSeen { length: 0, ..waits.clone() };
    assert!(shown(&[Event::Queue(gone)]).contains("✗ The queue is gone, and with it the updates of 2 flights"));
    let empty = QueueSeen { length: 0, flights: 0, ..waits };
    assert_eq!(shown(&[Event::Queue(empty)]), "   ✓ The queue is empty\n");
    let expected = "   ✓ Queue drained: 1,000 → 0
     998 updates in flight_log · 40 rows of flight changed · 1 batch
     12.5 ms · 79,840 updates/s
     2 updates known already from an earlier run, not applied again
   ⚠ applied at least once rather than exactly once: the account may not create
     cachedemo_offset
";
    assert_eq!(shown(&[Event::Queue(queue())]), expected);
}

#[test]
fn both_sides_of_a_flight_look_the_same() {
    let entry =
        EntrySeen { key: "flight:1".into(), state: "HIT".into(), flight: Some(samples::flight()), latency: micros(42) };
    let row = RowSeen { flight_id: id(1), flight: Some(samples::flight()), latency: micros(42) };
    let (entry, row) = (shown(&[Event::Entry(entry)]), shown(&[Event::Row(row)]));
    assert!(entry.starts_with("   ✓ Cache entry flight:1 · HIT · 42 µs\n     Flight ID:    1\n"), "{entry}");
    assert!(row.starts_with("   ✓ Database row of flight 1 · 42 µs\n     Flight ID:    1\n"), "{row}");
    assert_eq!(entry.split_once('\n').unwrap().1, row.split_once('\n').unwrap().1);
    let gone = RowSeen { flight_id: id(1), flight: None, latency: micros(42) };
    assert_eq!(shown(&[Event::Row(gone)]), "   • No row of flight 1 in the database · 42 µs\n");
}

#[test]
fn flight_log_shows_old_and_new() {
    let expected = "   flight_log of flight 1, newest first
┌─────────────────────┬───────────────────────┬───────────────────────┐
│ logged (UTC)        ┆ departure             ┆ arrival               │
╞═════════════════════╪═══════════════════════╪═══════════════════════╡
│ 2025-11-19 08:00:00 ┆   2025-11-20 10:00:00 ┆   2025-11-20 18:30:00 │
│ by demo             ┆ → 2025-11-20 12:00:00 ┆ → 2025-11-20 20:30:00 │
│ Delayed by 2 h      ┆                       ┆                       │
└─────────────────────┴───────────────────────┴───────────────────────┘
";
    assert_eq!(shown(&[Event::Log(samples::log())]), expected);
}

#[test]
fn hops_are_a_waterfall_with_what_was_sent() {
    let mut refused = hop();
    (refused.hop.target, refused.hop.name, refused.hop.ok) = (Target::Cache, "settle", false);
    refused.hop.outcome = "the cache Redis at 127.0.0.1:6379 did not answer".into();
    (refused.hop.after, refused.hop.latency) = (micros(930), micros(310));
    refused.hop.sent = vec![Sent::command("EVALSHA 01234567… settle.lua 1 flight:1 {\"lease\":\"write-1\"}")];
    let expected = "   hops within 1.24 ms:
   database find       found                   310 µs ·············██████▌······
     SELECT f.flight_id
       FROM flight f
       WHERE f.flight_id = $1
       bound:  [1] 1
       took 280 µs
 ✗ cache settle                                310 µs ···················███████
     → the cache Redis at 127.0.0.1:6379 did not answer
     EVALSHA 01234567… settle.lua 1 flight:1 {\"lease\":\"write-1\"}
";
    assert_eq!(shown(&[Event::Hop(hop()), Event::Hop(refused)]), expected);
}

#[test]
fn a_summary_is_a_table_a_reading_and_takeaways() {
    let expected = "
SUMMARY: Write-Through
------------------------------------------------------------
┌────────────────────────────┬─────────┬─────────┬─────────┬──────┬─────────┐
│ what                       ┆  median ┆ fastest ┆ slowest ┆ hops ┆ samples │
╞════════════════════════════╪═════════╪═════════╪═════════╪══════╪═════════╡
│ read, from cache (hit)     ┆   42 µs ┆   21 µs ┆  126 µs ┆    1 ┆      20 │
│ read, from database (miss) ┆ 1.24 ms ┆  620 µs ┆ 3.72 ms ┆    4 ┆      20 │
└────────────────────────────┴─────────┴─────────┴─────────┴──────┴─────────┘
A hit took a thirtieth of a miss here.

• Promise: an update is acknowledged when the database and the cache have it;
  the next read is a hit.
• Cost: every update pays for the database and for the cache, read again or not.
• Use it when what was changed is read soon after, and an old answer is not
  acceptable.
";
    assert_eq!(shown(&[Event::Summary(samples::summary())]), expected);
}

#[test]
fn findings_and_tables_are_lines_and_a_grid() {
    let hint = Some("set it to noeviction for write-behind".into());
    let finding = Finding { level: Level::Warning, about: Target::Cache, text: "keys may be evicted".into(), hint };
    let expected = "⚠ cache    keys may be evicted\n  → set it to noeviction for write-behind\n";
    assert_eq!(shown(&[Event::Finding(finding)]), expected);
    let tables = samples::events().into_iter().find(|event| matches!(event, Event::Tables(_))).unwrap();
    let expected = "PostgreSQL at 127.0.0.1:5432/flughafendb
┌────────────┬─────────┐
│ table      ┆    rows │
╞════════════╪═════════╡
│ flight     ┆   1,000 │
│ flight_log ┆ missing │
└────────────┴─────────┘
1,000 flights, with ids from 1 to 1000
";
    assert_eq!(shown(&[tables]), expected);
}

#[test]
fn an_error_is_on_the_error_stream_and_the_end_does_not_repeat_it() {
    let failed = Event::End(End { held: false, exit_code: 1 });
    let expected = "error: cannot reach the cache Redis at 127.0.0.1:6379
  caused by: Connection refused (os error 111)

hint: is it running there? set CACHE_HOST and CACHE_PORT (or CACHE_URL) or check
  with `cachedemo doctor`
";
    let (output, errors) = both(settings(), &[Event::Error(samples::error()), failed.clone()]);
    assert_eq!((output.as_str(), errors.as_str()), ("", expected));
    assert_eq!(shown(&[failed]), "\n✗ Not everything shown held (exit code 1)\n");
}

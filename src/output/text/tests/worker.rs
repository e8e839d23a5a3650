//! A worker for its operator: a line that is drawn anew on a terminal, the lines of a log elsewhere, and the dead letters.

use super::*;
use crate::demo::{DeadLetterSeen, End, Level, Note, QueueSeen, WorkerSeen};
use crate::queue::worker::Report;
use samples::{dead_letter, hop, id, position, reported, reports, unreadable, worker};

const ERASED: &str = "\r\u{1b}[2K";

fn live(width: usize) -> Settings {
    Settings { live: true, width, ..settings() }
}

/// What a terminal of 80 columns is sent.
fn drawn(events: &[Event]) -> String {
    both(live(80), events).0
}

/// A worker whom nothing has happened to.
fn quiet() -> WorkerSeen {
    WorkerSeen { dead_letters: Some(0), retried: 0, skipped: 0, dead: 0, ..worker() }
}

fn ended(held: bool) -> Event {
    Event::End(End { held, exit_code: u8::from(!held) })
}

#[test]
fn the_line_is_drawn_anew_in_its_place() {
    let first = "queue 4,812 (oldest 1.2 s) · 12,346 updates/s · applied 1,234,567";
    assert_eq!(drawn(&[Event::Worker(quiet())]), first);
    let empty = WorkerSeen { length: Some(0), oldest_age_ms: None, updates_per_second: 0.3, ..quiet() };
    let second = "queue 0 · 0.3 updates/s · applied 1,234,567 · coalesced 1,100,000";
    // It is taken away when the next thing is written, not before: else it would flicker.
    assert_eq!(drawn(&[Event::Worker(quiet()), Event::Worker(empty)]), format!("{first}{ERASED}{second}"));
}

#[test]
fn what_is_in_trouble_comes_before_what_is_cut_off() {
    let expected = "queue 4,812 (oldest 1.2 s) · 12,346 updates/s · dead letters 2 · retries 3";
    assert_eq!(drawn(&[Event::Worker(worker())]), expected);
    let silent = WorkerSeen { length: None, oldest_age_ms: None, dead_letters: None, ..worker() };
    // How many dead letters there are is not known either, and those of this worker are another figure.
    let expected = "queue does not answer · 12,346 updates/s · retries 3 · applied 1,234,567";
    assert_eq!(drawn(&[Event::Worker(silent)]), expected);
}

#[test]
fn the_line_is_never_two() {
    let huge = WorkerSeen {
        length: Some(u64::MAX),
        oldest_age_ms: Some(u64::MAX),
        dead_letters: Some(u64::MAX),
        updates_per_second: 1e18,
        updates: u64::MAX,
        retried: u64::MAX,
        ..worker()
    };
    for width in 40..=120 {
        for seen in [quiet(), worker(), huge.clone()] {
            let line = both(live(width), &[Event::Worker(seen)]).0;
            assert!(!line.contains('\n') && line.starts_with("queue "), "{line:?}");
            // In the last column, some terminals go to the next line.
            assert!(line.width() < width, "{line:?} has {} columns", line.width());
        }
    }
    let wide = "queue 4,812 (oldest 1.2 s) · 12,346 updates/s · applied 1,234,567 · coalesced 1,100,000 · last batch 100 in 12.5 ms";
    assert_eq!(both(live(120), &[Event::Worker(quiet())]).0, wide);
}

#[test]
fn what_is_shown_in_between_stands_on_a_line_of_its_own() {
    let line = "queue 4,812 (oldest 1.2 s) · 12,346 updates/s · applied 1,234,567";
    let note = Event::Note(Note { level: Level::Plain, text: "a remark".into() });
    let lost = reported(Report::Lost { partition: 0, waited: 1 });
    let events =
        [Event::Worker(quiet()), note, lost, Event::Worker(quiet()), Event::Hop(hop()), Event::Worker(quiet())];
    let hops = shown(&[Event::Hop(hop())]);
    let expected = format!(
        "{line}{ERASED}   • a remark
✗ the queue was lost, and with it 1 update that waited at the last look
{line}{ERASED}{hops}{line}"
    );
    assert_eq!(drawn(&events), expected);
    // What is counted only takes nothing away.
    let counted = [Event::Worker(quiet()), reported(Report::Retrying)];
    assert_eq!(drawn(&counted), line);
}

/// The prompt of the shell, or what it failed with, must not stand behind the figures.
#[test]
fn the_last_figures_stay_and_their_line_is_ended() {
    let line = "queue 4,812 (oldest 1.2 s) · 12,346 updates/s · applied 1,234,567\n";
    assert_eq!(drawn(&[Event::Worker(quiet()), ended(true)]), line);
    let failed = format!("{line}\n✗ Not everything shown held (exit code 1)\n");
    assert_eq!(drawn(&[Event::Worker(quiet()), ended(false)]), failed);
    // Both streams are the same terminal: the line must be ended before the error is told.
    let terminal = samples::Shared::default();
    let open = || {
        let streams =
            Streams { output: Box::new(terminal.clone()), errors: Box::new(terminal.clone()), input: nobody() };
        open(live(80), streams)
    };
    let mut audience = open();
    for event in [Event::Worker(quiet()), Event::Error(samples::error()), ended(false)] {
        audience.show(&event).unwrap();
    }
    drop(audience);
    let error = both(settings(), &[Event::Error(samples::error())]).1;
    assert_eq!(terminal.text(), format!("{line}{error}"));
    // A second Ctrl-C ends it without any last event.
    let before = terminal.text().len();
    let mut audience = open();
    audience.show(&Event::Worker(quiet())).unwrap();
    drop(audience);
    assert_eq!(&terminal.text()[before..], line);
}

#[test]
fn a_log_has_all_figures_with_their_time_in_one_line() {
    let expected = "2025-11-20T12:00:00Z queue 4,812 (oldest 1.2 s) · 12,346 updates/s · dead letters 2 · retries 3 · \
                    applied 1,234,567 · coalesced 1,100,000 · last batch 100 in 12.5 ms · known already 40\n";
    assert_eq!(shown(&[Event::Worker(worker())]), expected);
    let idle = WorkerSeen {
        length: Some(0),
        oldest_age_ms: None,
        updates: 0,
        updates_per_second: 0.0,
        coalesced: 0,
        batches: 0,
        last_batch: 0,
        last_took: micros(0),
        ..quiet()
    };
    let expected =
        "2025-11-20T12:00:00Z queue 0 · 0 updates/s · dead letters 0 · retries 0 · applied 0 · coalesced 0\n";
    assert_eq!(shown(&[Event::Worker(idle)]), expected);
}

#[test]
fn every_report_is_a_sentence() {
    let failing = |partition, failures, again_in| Report::Failing {
        partition,
        failures,
        error: "the cache Redis at h:1 did not answer".into(),
        again_in: micros(again_in),
    };
    let buried = Report::Buried { partition: 3, position: position(), flight_id: None, reason: "no JSON".into() };
    for (report, expected) in [
        (Report::Serving { workers: 1, partitions: vec![0] }, "• the only worker: serving the whole queue"),
        (Report::Serving { workers: 1, partitions: vec![0, 1] }, "• the only worker: serving the whole queue"),
        (Report::Serving { workers: 2, partitions: vec![1] }, "• one of 2 workers: serving partition 1"),
        (Report::Serving { workers: 2, partitions: vec![1, 3] }, "• one of 2 workers: serving partitions 1, 3"),
        (
            Report::Serving { workers: 5, partitions: vec![] },
            "• one of 5 workers: standing by, the others serve every partition",
        ),
        (
            Report::Buried { partition: 0, position: position(), flight_id: Some(id(7)), reason: "too late".into() },
            "✗ the update of flight 7 at 1763640000000-0 is a dead letter now: too late",
        ),
        (buried, "✗ partition 3: the update at 1763640000000-0 is a dead letter now: no JSON"),
        (failing(0, 1, 87_300), "⚠ the cache Redis at h:1 did not answer; trying again in 87.3 ms"),
        (
            failing(2, 4, 90_000_000),
            "⚠ partition 2: the cache Redis at h:1 did not answer (4 times in a row); trying again in 1m 30s",
        ),
        (
            Report::Recovered { partition: 0, failures: 1, lasted: micros(3_200_000) },
            "✓ it works again, after 1 failure in 3.2 s",
        ),
        (
            Report::Recovered { partition: 1, failures: 40, lasted: micros(125_000_000) },
            "✓ partition 1: it works again, after 40 failures in 2m 5s",
        ),
        (
            Report::AtLeastOnce { reason: "no privilege".into() },
            "⚠ each update is applied at least once, not exactly once: no privilege",
        ),
        (
            Report::Lost { partition: 1, waited: 1_200 },
            "✗ partition 1: the queue was lost, and with it 1,200 updates that waited at the last look",
        ),
    ] {
        let event = [reported(report)];
        assert_eq!(shown(&event), format!("2025-11-20T12:00:00Z {expected}\n"));
        // On a terminal the same, without the time and wrapped.
        let on_terminal = drawn(&event);
        assert_eq!(on_terminal.split_whitespace().collect::<Vec<_>>().join(" "), expected);
        assert!(on_terminal.lines().all(|line| line.width() <= 80), "{on_terminal}");
    }
}

#[test]
fn what_is_counted_only_is_not_shown() {
    let counted = reports().into_iter().filter(|it| matches!(it, Report::Applied { .. } | Report::Retrying));
    let counted: Vec<_> = counted.map(reported).collect();
    assert_eq!(counted.len(), 2);
    assert_eq!((shown(&counted), drawn(&counted)), (String::new(), String::new()));
}

/// A worker shows what several of its steps sent at once.
#[test]
fn the_hops_of_another_step_have_a_heading_of_their_own() {
    let mut other = hop();
    other.of = micros(2_000);
    let text = shown(&[Event::Hop(hop()), Event::Hop(hop()), Event::Hop(other.clone())]);
    let headings: Vec<_> = text.lines().filter(|line| line.contains("hops within")).collect();
    assert_eq!(headings, ["   hops within 1.24 ms:", "   hops within 2 ms:"]);
    // Also where the figures stood in between, and both took as long.
    let text = drawn(&[Event::Hop(hop()), Event::Worker(quiet()), Event::Hop(hop())]);
    assert_eq!(text.matches("hops within").count(), 2);
}

#[test]
fn a_dead_letter_says_what_it_was_why_it_is_dead_and_since_when() {
    let expected = "1763640000000-0  flight 1: 2025-11-20 12:00:00 – 2025-11-20 20:30:00
   ✗ Out of range value for column 'departure' at row 1
   dead since 2025-11-20 12:00:00 UTC · 1 attempt · position 1763639999000-7 ·
     by demo: Delayed by 2 h
";
    assert_eq!(shown(&[Event::DeadLetter(dead_letter())]), expected);
    let expected = "3/1763640000000-0  unreadable
   ✗ expected value at line 1 column 1
   dead since 2025-11-20 12:00:00 UTC · 5 attempts · position 1763639999000-7
";
    let letter = DeadLetterSeen { attempts: 5, ..unreadable() };
    assert_eq!(shown(&[Event::DeadLetter(letter.clone())]), expected);
    // What it was buried for and what is wrong with it now may be two things.
    let letter = DeadLetterSeen { reason: "the table is gone".into(), ..letter };
    assert!(
        shown(&[Event::DeadLetter(letter)])
            .contains("   ✗ the table is gone (unreadable: expected value at line 1 column 1)\n")
    );
}

#[test]
fn the_status_of_several_partitions_is_a_table_that_fits() {
    let expected = "   • 1,000,000 updates of 123,456 flights wait in the queue · the oldest for 2h
     5m 3s
   ⚠ 12 dead letters: `cachedemo write-behind queue dead-letters list`
   ✗ not counted, because they cannot be reached: partitions 2, 5
┌───────────┬───────────┬─────────┬──────────┬──────────────────┬──────┐
│ partition ┆   updates ┆ flights ┆   oldest ┆    applied up to ┆ dead │
╞═══════════╪═══════════╪═════════╪══════════╪══════════════════╪══════╡
│         0 ┆         0 ┆       0 ┆        - ┆                - ┆    0 │
│         1 ┆ 1,000,000 ┆ 123,456 ┆ 2h 5m 3s ┆ 1763640000000-12 ┆   12 │
└───────────┴───────────┴─────────┴──────────┴──────────────────┴──────┘
";
    assert_eq!(shown(&[Event::Queue(samples::partitions())]), expected);
    // Days of an outage: it is narrow then, and a position is still in one piece, to be copied.
    let mut late = samples::partitions();
    late.partitions[1].oldest_age_ms = Some(863_999_000);
    late.partitions[1].length = 1_000_000_000;
    let text = shown(&[Event::Queue(late)]);
    assert!(text.contains(" 1763640000000-12 ") && text.lines().all(|line| line.width() <= 80), "{text}");
    let one = QueueSeen { dead_letters: 1, partitions: Vec::new(), unreached: Vec::new(), ..samples::partitions() };
    let expected = "   • 1,000,000 updates of 123,456 flights wait in the queue · the oldest for 2h
     5m 3s
   ⚠ 1 dead letter: `cachedemo write-behind queue dead-letters list`\n";
    assert_eq!(shown(&[Event::Queue(one)]), expected);
}

//! What each walk-through tells and what it leaves in `flight_log`, written out so that a change of either is seen.

use chrono::{NaiveDateTime, TimeDelta};

const FIRST: &str = "1 Initial read - Cache-Aside Pattern";
/// How every database shows a time.
const FORM: &str = "%Y-%m-%d %H:%M:%S";
const SECOND: &str = "2 Second read - Should hit cache";

/// The story of a pattern's walk-through: with an entry from an earlier run or without, with a stream or a journal.
pub(super) fn of(pattern: &str, is_cached: bool, has_stream: bool) -> Vec<&'static str> {
    let first = match pattern {
        "read-through" => "1 Initial read - Read-Through Pattern",
        "refresh-ahead" => "1 Initial read - Stored for a few seconds only",
        _ => FIRST,
    };
    let opening = [first, if is_cached { "read hit cache" } else { "read miss database" }, SECOND, "read hit cache"];
    let rest = match pattern {
        "cache-aside" => CACHE_ASIDE.to_vec(),
        "write-through" => WRITE_THROUGH.to_vec(),
        "read-through" => READ_THROUGH.to_vec(),
        "write-around" => WRITE_AROUND.to_vec(),
        "refresh-ahead" => REFRESH_AHEAD.to_vec(),
        // The journal's acknowledgement only removes the entry, so the comparison fills it first, from the queue.
        _ => WRITE_BEHIND
            .into_iter()
            .filter(|line| !(has_stream && *line == "read miss queue"))
            .map(|line| match line {
                "update queued invalidated" if has_stream => "update queued stored",
                "update queued invalidated back" if has_stream => "update queued stored back",
                line => line,
            })
            .collect(),
    };
    opening.into_iter().chain(rest).collect()
}

const CACHE_ASIDE: [&str; 12] = [
    "3 Update flight times and invalidate - Cache-Aside Pattern",
    "update committed invalidated",
    "4 Read after the update - Should miss, and be fresh",
    "read miss database",
    "5 Read once more - Should hit cache",
    "read hit cache",
    "6 Verify data consistency",
    "compare consistent",
    "7 Restore original flight times",
    "update committed invalidated back",
    "8 Summary - hit against miss",
    "measured 20 \"read, from cache (hit)\", 20 \"read, from database (miss)\", 5 \"update\"",
];

const READ_THROUGH: [&str; 12] = [
    "3 Update flight times and invalidate - Read-Through Pattern",
    "update committed invalidated",
    "4 Read after the update - The handle loads again",
    "read miss database",
    "5 Read once more - Should hit cache",
    "read hit cache",
    "6 Verify data consistency",
    "compare consistent",
    "7 Restore original flight times",
    "update committed invalidated back",
    "8 Summary - hit against load",
    "measured 20 \"read, from cache (hit)\", 20 \"read, from database (miss)\", 5 \"update\"",
];

const WRITE_AROUND: [&str; 14] = [
    "3 Update flight times - Write-Around Pattern",
    "update committed invalidated",
    "4 Look into the cache - Nothing was put there",
    "entry MISS",
    "5 Read after the update - Should miss, and be fresh",
    "read miss database",
    "6 Read once more - Should hit cache",
    "read hit cache",
    "7 Verify data consistency",
    "compare consistent",
    "8 Restore original flight times",
    "update committed invalidated back",
    "9 Summary - hit against miss",
    "measured 20 \"read, from cache (hit)\", 20 \"read, from database (miss)\", 5 \"update\"",
];

const REFRESH_AHEAD: [&str; 16] = [
    "3 Read shortly before its end - Should hit, and refresh it",
    "read hit cache",
    "refresh stored",
    "4 Read after the end of the first entry - Should hit",
    "read hit cache",
    "note good the entry of the first read would have expired by now",
    "5 Verify data consistency",
    "compare consistent",
    "6 Update flight times - Refresh-Ahead Pattern",
    "update committed stored",
    "7 Read updated flight data",
    "read hit cache",
    "8 Restore original flight times",
    "update committed stored back",
    "9 Summary - a hit that refreshes against a miss",
    "measured 20 \"read, from cache (hit)\", 20 \"read, from cache, refreshing\", 20 \"refresh, in the background\", 20 \"read, from database (miss)\", 5 \"update\"",
];

const WRITE_THROUGH: [&str; 9] = [
    "3 Update flight departure time - Write-Through Pattern",
    "update committed stored",
    "4 Verify data consistency",
    "compare consistent",
    "5 Read updated flight data",
    "read hit cache",
    "6 Restore original flight times",
    "update committed stored back",
    "measured 20 \"read, from cache (hit)\", 20 \"read, from database (miss)\", 5 \"update\"",
];

const WRITE_BEHIND: [&str; 21] = [
    "3 Update flight times - Write-Behind Pattern",
    "update queued invalidated",
    "queue 1 of 1",
    "4 Verify consistency before the queue is processed",
    "read miss queue",
    "compare pending",
    "5 Process queue - what a background worker does",
    "drained 1 to 0: 1 updates of 1 flights",
    "6 Verify consistency after the queue is processed",
    "compare consistent",
    "7 Read updated flight data",
    "read hit cache",
    "8 Ten updates of one flight - Coalescing",
    "note good 10 updates queued",
    "queue 10 of 1",
    "drained 10 to 0: 10 updates of 1 flights",
    "9 Restore original flight times",
    "update queued invalidated back",
    "drained 1 to 0: 1 updates of 1 flights",
    "10 Summary - acknowledgement against write-through",
    "measured 5 \"write-behind update\", 5 \"write-through update\"",
];

/// The rows of `flight_log` that a walk-through leaves, each from where the one before it ended.
pub(super) fn log(pattern: &str, flight: u32, times: &str) -> Vec<String> {
    let moved: Vec<String> = times
        .split('|')
        .map(|time| {
            let time = NaiveDateTime::parse_from_str(time, FORM).unwrap() + TimeDelta::hours(2);
            time.format(FORM).to_string()
        })
        .collect();
    let moved = moved.join("|");
    let row = |old: &str, new: &str, comment: &str| format!("{flight}|cachedemo|{old}|{new}|{comment}");
    let measured = if pattern == "write-behind" { 10 } else { 5 };
    let mut rows = vec![row(times, &moved, "walk-through")];
    if pattern == "write-behind" {
        // There and back, each from where the one before it ended, though the row was changed once.
        for _ in 0..5 {
            rows.push(row(&moved, times, "walk-through: one of many at once"));
            rows.push(row(times, &moved, "walk-through: one of many at once"));
        }
    }
    rows.push(row(&moved, times, "walk-through: original times restored"));
    rows.extend((0..measured).map(|_| row(times, times, "walk-through: measured, nothing changed")));
    rows
}

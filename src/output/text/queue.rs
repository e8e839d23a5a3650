//! What waits in the queue of write-behind, and what a drain made of it.
//!
//! A drain is told with its arithmetic: how many updates became how many changed rows in how many transactions.

use std::time::Duration;

use super::super::page::{Page, plain};
use super::super::quantity::{age, count, counted, latency};
use super::grid::{Side, cell};
use crate::demo::{DrainSeen, Level, PartitionSeen, QueueSeen};

/// The queue.
pub(super) fn queue(page: &mut Page, seen: &QueueSeen) {
    if let Some(drained) = &seen.drained {
        drain(page, drained, seen.length);
    }
    match seen.length {
        0 if seen.drained.is_some() || !seen.unreached.is_empty() => {}
        0 if seen.flights > 0 => {
            let gone = format!(
                "The queue is gone, and with it the updates of {}: a worker or `drain` clears what is left of it",
                counted(seen.flights, "flight")
            );
            page.marked(3, Level::Bad, &[plain(gone)]);
        }
        0 => page.marked(3, Level::Good, &[plain("The queue is empty")]),
        length => {
            let verb = if length == 1 { "waits" } else { "wait" };
            let oldest = match seen.oldest_age_ms {
                Some(milliseconds) => format!(" · the oldest for {}", age(Duration::from_millis(milliseconds))),
                None => String::new(),
            };
            let waiting =
                format!("{} of {} {verb} in the queue", counted(length, "update"), counted(seen.flights, "flight"));
            page.marked(3, Level::Plain, &[plain(waiting), plain(oldest)]);
        }
    }
    if seen.dead_letters > 0 {
        let dead =
            format!("{}: `cachedemo write-behind queue dead-letters list`", counted(seen.dead_letters, "dead letter"));
        page.marked(3, Level::Warning, &[plain(dead)]);
    }
    if !seen.unreached.is_empty() {
        let numbers: Vec<String> = seen.unreached.iter().map(ToString::to_string).collect();
        let away = format!("not counted, because they cannot be reached: partitions {}", numbers.join(", "));
        page.marked(3, Level::Bad, &[plain(away)]);
    }
    if !seen.partitions.is_empty() {
        partitions(page, &seen.partitions);
    }
}

fn partitions(page: &mut Page, partitions: &[PartitionSeen]) {
    let rows = partitions.iter().map(|seen| {
        vec![
            cell(seen.partition.to_string()),
            cell(count(seen.length)),
            cell(count(seen.flights)),
            cell(seen.oldest_age_ms.map_or("-".to_owned(), |age_ms| age(Duration::from_millis(age_ms)))),
            cell(seen.offset.as_deref().unwrap_or("-")),
            cell(count(seen.dead_letters)),
        ]
    });
    let headings = [
        ("partition", Side::Right),
        ("updates", Side::Right),
        ("flights", Side::Right),
        ("oldest", Side::Right),
        ("applied up to", Side::Right),
        ("dead", Side::Right),
    ];
    page.grid(&headings, rows.collect());
}

fn drain(page: &mut Page, drained: &DrainSeen, after: u64) {
    let level = if after == 0 { Level::Good } else { Level::Plain };
    page.marked(3, level, &[plain(format!("Queue drained: {} → {}", count(drained.before), count(after)))]);
    let done = format!(
        "{} in flight_log · {} of flight changed · {}",
        counted(drained.updates, "update"),
        counted(drained.flights, "row"),
        counted(drained.batches, "batch")
    );
    page.line(5, &[plain(done)]);
    let seconds = drained.latency.as_secs_f64();
    let rate = match drained.updates {
        updates if updates > 0 && seconds > 0.0 => {
            // Cut to whole updates: the rest is less than the clock can tell.
            format!(" · {} updates/s", count((updates as f64 / seconds) as u64))
        }
        _ => String::new(),
    };
    page.line(5, &[plain(latency(drained.latency)), plain(rate)]);
    if drained.skipped > 0 {
        let known =
            format!("{} known already from an earlier run, not applied again", counted(drained.skipped, "update"));
        page.line(5, &[plain(known)]);
    }
    if drained.dead > 0 {
        let dead = format!("{} could not be applied and went to the dead letters", counted(drained.dead, "update"));
        page.marked(3, Level::Bad, &[plain(dead)]);
    }
    if let Some(reason) = &drained.at_least_once {
        page.marked(3, Level::Warning, &[plain("applied at least once rather than exactly once: "), plain(reason)]);
    }
}

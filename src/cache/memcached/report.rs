//! What a Memcached server counts, and what it says of each entry when it lists them.
//!
//! The list tells size and end of every entry, and is no read: asking for one entry after the other would count as one each.

use std::collections::BTreeMap;
use std::time::Duration;

use super::text;
use crate::cache::statistics::total;
use crate::cache::{Inventory, Lifetimes, MemoryLimit, Sizes, Statistics};
use crate::flight::FlightId;

/// An entry of ours in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Item {
    id: FlightId,
    /// When it ends, in seconds since 1970; `None` where it does not.
    end: Option<u64>,
    size: Option<u64>,
}

/// The names and values of a report, as a look-up of numbers.
fn numbers(report: &[(String, String)]) -> impl Fn(&str) -> Option<u64> {
    move |name| report.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.parse().ok())
}

/// What a report counts.
pub(super) fn statistics(report: &[(String, String)]) -> Statistics {
    let number = numbers(report);
    Statistics {
        uptime: number("uptime").map(Duration::from_secs),
        hits: number("get_hits"),
        misses: number("get_misses"),
        evicted: number("evictions"),
        // It counts those that it came upon in several ways, and no sum of them is how many there were.
        expired: None,
        entries: number("curr_items"),
        memory_used: number("bytes"),
        memory_limit: number("limit_maxbytes").map(|bytes| match bytes {
            0 => MemoryLimit::Unlimited,
            bytes => MemoryLimit::Bytes(bytes),
        }),
    }
}

/// A line such as `key=flight%3A115 exp=1763636400 la=1763632800 cas=1 fetch=yes cls=1 size=83`, if it is a flight's.
pub(super) fn item(line: &str) -> Option<Item> {
    let id = text::flight(line)?;
    let number = |name: &str| line.split(' ').find_map(|field| field.strip_prefix(name)?.parse().ok());
    Some(Item { id, end: number("exp="), size: number("size=") })
}

/// What these entries are together.
pub(super) fn inventory(report: &[(String, String)], listed: Vec<Item>) -> Inventory {
    // A walk may meet a key twice.
    let items: Vec<Item> =
        listed.into_iter().map(|item| (item.id, item)).collect::<BTreeMap<_, _>>().into_values().collect();
    let sizes: Vec<u64> = items.iter().filter_map(|item| item.size).collect();
    let lifetimes = numbers(report)("time").and_then(|now| {
        let ends = items.iter().filter_map(|item| item.end);
        Lifetimes::of(ends.map(|end| Duration::from_secs(end.saturating_sub(now))).collect())
    });
    Inventory {
        queue_keys: None,
        entries: items.len() as u64,
        sizes: Some(Sizes { measured: sizes.len() as u64, bytes: total(&sizes) }),
        lifetimes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From Memcached 1.6.18, without the lines that nobody asks for.
    const REPORT: &str = "STAT pid 7795\nSTAT uptime 14\nSTAT time 1795201440\nSTAT version 1.6.18\nSTAT cmd_get 6\n\
        STAT get_hits 3\nSTAT get_misses 1\nSTAT get_expired 2\nSTAT limit_maxbytes 8388608\nSTAT bytes 183\n\
        STAT curr_items 2\nSTAT total_items 9\nSTAT expired_unfetched 1\nSTAT evictions 5\nSTAT reclaimed 4";
    const LISTED: &str = "key=flight%3A1 exp=1795201539 la=1795201439 cas=1 fetch=yes cls=1 size=83\n\
        key=flight%3A2 exp=-1 la=1795201439 cas=2 fetch=no cls=1 size=100\n\
        key=flight%3A1 exp=1795201539 la=1795201439 cas=1 fetch=yes cls=1 size=83\n\
        key=other exp=1795201539 la=1795201439 cas=3 fetch=yes cls=1 size=70";

    fn report(text: &str) -> Vec<(String, String)> {
        text.lines().filter_map(text::statistic).collect()
    }

    #[test]
    fn a_report_is_read() {
        let expected = Statistics {
            uptime: Some(Duration::from_secs(14)),
            hits: Some(3),
            misses: Some(1),
            evicted: Some(5),
            expired: None,
            entries: Some(2),
            memory_used: Some(183),
            memory_limit: Some(MemoryLimit::Bytes(8_388_608)),
        };
        assert_eq!(statistics(&report(REPORT)), expected);
        assert_eq!(statistics(&report("STAT get_hits many\nSTAT bytes -1\n\u{1b}[2J")), Statistics::default());
    }

    #[test]
    fn the_list_is_told_apart_from_other_programs_entries_and_counted_once() {
        let listed: Vec<_> = LISTED.lines().filter_map(item).collect();
        let found = inventory(&report(REPORT), listed.clone());
        assert_eq!((found.entries, found.sizes), (2, Some(Sizes { measured: 2, bytes: 183 })));
        let left = Duration::from_secs(99);
        assert_eq!(found.lifetimes, Some(Lifetimes { shortest: left, median: left, longest: left }));
        assert_eq!(inventory(&[], listed).lifetimes, None, "without the server's time nobody knows");
    }
}

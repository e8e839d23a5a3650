//! What a cache counts, what in it is ours, and what waits in the queue: two tables, and what to think of when reading them.

use std::time::Duration;

use super::super::page::{Page, dim, plain};
use super::super::quantity::{age, bytes, count, counted};
use super::grid::{Side, cell};
use crate::cache::{CacheKind, MemoryLimit};
use crate::demo::{Level, LifetimesSeen, OwnSeen, QueueStatsSeen, ServerSeen, SizesSeen, StatsSeen};

/// What stands in place of a figure that is not told.
const UNTOLD: &str = "not told";

/// A name and its figure.
type Row = (&'static str, String);

/// All of it.
pub(super) fn stats(page: &mut Page, seen: &StatsSeen) {
    page.line(0, &[plain(seen.cache.product), plain(place(&seen.cache.address)), plain(&seen.cache.address)]);
    for reason in &seen.unreached {
        page.marked(0, Level::Bad, &[plain(reason)]);
    }
    let whole = match (seen.cache_engine, seen.servers) {
        (CacheKind::Memory, _) => "the whole cache".to_owned(),
        (_, servers) if !seen.unreached.is_empty() => format!("{} that answered", counted(servers as u64, "server")),
        (_, 1) => "the whole server".to_owned(),
        (_, servers) => format!("all {servers} servers"),
    };
    table(page, &whole, server(&seen.server));
    table(page, "cachedemo's own", own(&seen.own, seen.queue.as_ref()));
    if let Some(queue) = &seen.queue {
        page.line(
            0,
            &[dim(format!("Queue: {}{}{}", queue.queue.product, place(&queue.queue.address), queue.queue.address))],
        );
    }
    for remark in remarks(seen.cache_engine) {
        page.line(0, &[dim(remark)]);
    }
}

fn place(address: &str) -> &'static str {
    if address.starts_with("in ") { " " } else { " at " }
}

fn table(page: &mut Page, title: &str, rows: Vec<Row>) {
    let rows = rows.into_iter().map(|(name, figure)| vec![cell(name), cell(figure)]).collect();
    page.grid(&[(title, Side::Left), ("", Side::Right)], rows);
}

fn server(seen: &ServerSeen) -> Vec<Row> {
    let number = |figure: Option<u64>| figure.map_or_else(|| UNTOLD.to_owned(), count);
    let uptime = seen.uptime_s.map(seconds);
    let limit = seen.memory_limit.map(|limit| match limit {
        MemoryLimit::Unlimited => "none".to_owned(),
        MemoryLimit::Bytes(limit) => bytes(limit),
    });
    let used = seen.memory_used_bytes.map(bytes);
    vec![
        ("running for", uptime.unwrap_or_else(|| UNTOLD.to_owned())),
        ("hits", number(seen.hits)),
        ("misses", number(seen.misses)),
        ("hit rate", hit_rate(seen)),
        ("evicted", number(seen.evicted)),
        ("expired", number(seen.expired)),
        ("entries", number(seen.entries)),
        ("memory used", used.unwrap_or_else(|| UNTOLD.to_owned())),
        ("memory limit", limit.unwrap_or_else(|| UNTOLD.to_owned())),
    ]
}

fn hit_rate(seen: &ServerSeen) -> String {
    match (seen.hits, seen.misses, seen.hit_rate) {
        (Some(0), Some(0), _) => "no reads yet".to_owned(),
        // Cut, not rounded: while anything misses it is not 100 %.
        (.., Some(rate)) => format!("{:.1} %", (rate * 1000.0).floor() / 10.0),
        _ => UNTOLD.to_owned(),
    }
}

fn own(seen: &OwnSeen, queue: Option<&QueueStatsSeen>) -> Vec<Row> {
    let mut rows = vec![("flights cached", count(seen.entries))];
    if seen.entries > 0 {
        rows.push((
            "their memory",
            seen.sizes.as_ref().map_or_else(|| UNTOLD.to_owned(), |sizes| memory(seen.entries, sizes)),
        ));
        rows.push(("they stay for", seen.lifetimes.as_ref().map_or_else(|| UNTOLD.to_owned(), lifetimes)));
    }
    rows.extend(seen.queue_keys.map(|keys| ("queue's keys", count(keys))));
    let Some(queue) = queue else {
        rows.push(("queue", "cannot be read".to_owned()));
        return rows;
    };
    let oldest = queue.oldest_age_ms.map_or_else(|| "-".to_owned(), |age_ms| age(Duration::from_millis(age_ms)));
    rows.push(("updates queued", count(queue.length)));
    rows.push(("flights pending", count(queue.flights)));
    rows.push(("oldest waits for", oldest));
    rows.push(("dead letters", count(queue.dead_letters)));
    rows
}

/// A time that is told in whole seconds.
fn seconds(seconds: u64) -> String {
    if seconds == 0 { "0 s".to_owned() } else { age(Duration::from_secs(seconds)) }
}

fn memory(entries: u64, sizes: &SizesSeen) -> String {
    match sizes.measured {
        0 => UNTOLD.to_owned(),
        measured if measured >= entries => bytes(sizes.bytes),
        measured => {
            let all = u128::from(sizes.bytes) * u128::from(entries) / u128::from(measured);
            format!("about {} ({} measured)", bytes(u64::try_from(all).unwrap_or(u64::MAX)), count(measured))
        }
    }
}

fn lifetimes(seen: &LifetimesSeen) -> String {
    let [shortest, median, longest] =
        [seen.shortest_ms, seen.median_ms, seen.longest_ms].map(|left| seconds(left / 1000));
    if shortest == longest { shortest } else { format!("{shortest} to {longest}, median {median}") }
}

fn remarks(kind: CacheKind) -> Vec<&'static str> {
    let all =
        "Hits and misses are those of every program since the server started, or since its counters were set back.";
    match kind {
        CacheKind::Memory => Vec::new(),
        CacheKind::Memcached => vec![all],
        CacheKind::Redis | CacheKind::Valkey => {
            vec![all, "Every look at the queue counts among them, this one's from the next time on."]
        }
    }
}

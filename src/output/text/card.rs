//! A flight in full: the card of a read, the cache entry, the database row, and the latest rows of `flight_log`.
//!
//! Both sides are shown with the same fields in the same order, so that two of them can be compared by eye.

use super::super::page::{Page, Span, Tone, dim, plain};
use super::super::quantity::latency;
use super::grid::{Side, stacked};
use crate::demo::{EntrySeen, Level, LogSeen, RowSeen};
use crate::flight::Flight;

/// A flight under a title.
pub(super) fn titled(page: &mut Page, title: &str, flight: &Flight) {
    page.blank();
    page.line(0, &[Span::new(Tone::Strong, title)]);
    page.rule('-');
    fields(page, 0, flight);
}

/// The fields of a flight, a line each.
fn fields(page: &mut Page, indent: usize, flight: &Flight) {
    for (label, value) in [
        ("Flight ID:    ", flight.flight_id.to_string()),
        ("Flight No:    ", flight.flightno.clone()),
        ("Route:        ", format!("{} → {}", flight.from_airport, flight.to_airport)),
        ("Airline:      ", flight.airlinename.clone()),
        ("Departure:    ", flight.departure.format("%Y-%m-%dT%H:%M:%S").to_string()),
        ("Arrival:      ", flight.arrival.format("%Y-%m-%dT%H:%M:%S").to_string()),
    ] {
        page.line(indent, &[plain(label), plain(value)]);
    }
}

/// What stands in the cache.
pub(super) fn entry(page: &mut Page, seen: &EntrySeen) {
    let level = if seen.flight.is_some() { Level::Good } else { Level::Plain };
    let took = format!(" · {}", latency(seen.latency));
    page.marked(3, level, &[plain("Cache entry "), plain(&seen.key), plain(" · "), plain(&seen.state), dim(took)]);
    if let Some(flight) = &seen.flight {
        fields(page, 5, flight);
    }
}

/// What stands in the database.
pub(super) fn row(page: &mut Page, seen: &RowSeen) {
    let took = dim(format!(" · {}", latency(seen.latency)));
    match &seen.flight {
        Some(flight) => {
            page.marked(3, Level::Good, &[plain(format!("Database row of flight {}", seen.flight_id)), took]);
            fields(page, 5, flight);
        }
        None => {
            page.marked(3, Level::Plain, &[plain(format!("No row of flight {} in the database", seen.flight_id)), took])
        }
    }
}

/// The latest changes, newest first.
pub(super) fn log(page: &mut Page, seen: &LogSeen) {
    if seen.entries.is_empty() {
        page.marked(3, Level::Plain, &[plain(format!("flight_log has no row of flight {}", seen.flight_id))]);
        return;
    }
    page.line(3, &[plain(format!("flight_log of flight {}, newest first", seen.flight_id))]);
    let rows = seen.entries.iter().map(|entry| {
        let mut logged = vec![entry.log_date.to_string(), format!("by {}", entry.user)];
        logged.extend(entry.comment.clone());
        let departure = [format!("  {}", entry.old.departure), format!("→ {}", entry.new.departure)];
        let arrival = [format!("  {}", entry.old.arrival), format!("→ {}", entry.new.arrival)];
        vec![stacked(&logged), stacked(&departure), stacked(&arrival)]
    });
    let headings = [("logged (UTC)", Side::Left), ("departure", Side::Left), ("arrival", Side::Left)];
    page.grid(&headings, rows.collect());
}

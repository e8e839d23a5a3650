//! Figures at the end of a walk-through, with what they say; and what a database holds.
//!
//! Each figure comes with its spread and its number of samples: a single latency proves nothing.

use super::super::page::{Page, Span, Tone, plain};
use super::super::quantity::{count, counted, latency};
use super::grid::{Side, cell};
use crate::demo::{Level, Summary, Tables};

/// The figures of a walk-through and what to take from them.
pub(super) fn summary(page: &mut Page, seen: &Summary) {
    page.blank();
    page.line(0, &[Span::new(Tone::Strong, format!("SUMMARY: {}", seen.pattern.title()))]);
    page.rule('-');
    if !seen.figures.is_empty() {
        let rows = seen.figures.iter().map(|figure| {
            vec![
                cell(&figure.what),
                cell(latency(figure.median)),
                cell(latency(figure.fastest)),
                cell(latency(figure.slowest)),
                cell(figure.hops.to_string()),
                cell(count(figure.samples as u64)),
            ]
        });
        let headings = [
            ("what", Side::Left),
            ("median", Side::Right),
            ("fastest", Side::Right),
            ("slowest", Side::Right),
            ("hops", Side::Right),
            ("samples", Side::Right),
        ];
        page.grid(&headings, rows.collect());
    }
    if !seen.reading.is_empty() {
        page.line(0, &[plain(&seen.reading)]);
    }
    page.blank();
    for takeaway in &seen.takeaways {
        page.marked(0, Level::Plain, &[plain(takeaway)]);
    }
}

/// The tables of a database.
pub(super) fn tables(page: &mut Page, seen: &Tables) {
    page.line(0, &[plain(seen.database.product), plain(" at "), plain(&seen.database.address)]);
    let rows = seen.tables.iter().map(|table| {
        let rows = table.rows.map_or_else(|| "missing".to_owned(), count);
        vec![cell(table.table), cell(rows)]
    });
    page.grid(&[("table", Side::Left), ("rows", Side::Right)], rows.collect());
    match &seen.flights {
        Some(flights) if flights.count > 0 => {
            let ids =
                format!("{}, with ids from {} to {}", counted(flights.count, "flight"), flights.first, flights.last);
            page.line(0, &[plain(ids)]);
        }
        _ => page.marked(0, Level::Warning, &[plain("there are no flights")]),
    }
}

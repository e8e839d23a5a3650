//! Database and cache side by side: whether they agree, in a sentence, and where they do not, field by field.
//!
//! A difference that a pattern promises to have looks different from one that it must never have.

use super::super::page::{Page, Span, Tone, plain};
use super::grid::{Side, cell};
use crate::demo::{ConsistencySeen, Level};
use crate::lab::Verdict;

/// The comparison of one flight, in full.
pub(super) fn whole(page: &mut Page, seen: &ConsistencySeen) {
    let (level, sentence) = sentence(seen);
    page.marked(0, level, &sentence);
    table(page, seen);
}

/// The comparison of one of many flights: a line where nothing is wrong.
pub(super) fn one_of_many(page: &mut Page, seen: &ConsistencySeen) {
    let (level, verdict) = match seen.consistency.verdict {
        Verdict::Consistent => (Level::Good, plain("consistent")),
        Verdict::NotCached => (Level::Plain, plain("not cached")),
        Verdict::Leased => (Level::Plain, plain("leased: readers go to the database")),
        Verdict::Pending => (Level::Warning, plain("queued: the database has not seen it yet")),
        Verdict::Unreadable => (Level::Warning, plain("unreadable: readers go to the database")),
        Verdict::Inconsistent => (Level::Bad, Span::new(Tone::Bad, "INCONSISTENT")),
    };
    page.marked(0, level, &[plain(format!("flight {} · ", seen.consistency.flight_id)), verdict]);
    table(page, seen);
}

fn sentence(seen: &ConsistencySeen) -> (Level, Vec<Span>) {
    let id = seen.consistency.flight_id;
    let both = plain(" between database and cache");
    match (seen.consistency.verdict, seen.expected) {
        (Verdict::Consistent, true) => {
            (Level::Good, vec![plain("Data is "), Span::new(Tone::Good, "CONSISTENT"), both])
        }
        (Verdict::Consistent, false) => {
            (Level::Warning, vec![plain("Data is CONSISTENT"), both, plain(", though it was expected to differ here")])
        }
        (Verdict::Pending, true) => {
            (Level::Warning, vec![plain("Data differs, as expected: the queue has what the database has not seen yet")])
        }
        (Verdict::Pending, false) => {
            (Level::Warning, vec![plain("Data differs: the queue has what the database has not seen yet")])
        }
        (Verdict::Inconsistent, expected) => {
            let remark = if expected { ", as expected here" } else { "" };
            (Level::Bad, vec![plain("Data is "), Span::new(Tone::Bad, "INCONSISTENT"), both, plain(remark)])
        }
        (Verdict::NotCached, _) => {
            (Level::Plain, vec![plain(format!("Flight {id} is not in the cache: nothing there can be wrong"))])
        }
        (Verdict::Leased, _) => (
            Level::Plain,
            vec![plain(format!("A lease stands in the cache for flight {id}: readers go to the database"))],
        ),
        (Verdict::Unreadable, _) => (
            Level::Warning,
            vec![plain(format!("What the cache holds for flight {id} cannot be read: readers go to the database"))],
        ),
    }
}

fn table(page: &mut Page, seen: &ConsistencySeen) {
    let fields = &seen.consistency.fields;
    if seen.consistency.verdict == Verdict::Consistent || fields.is_empty() {
        return;
    }
    let (database, cache) = match seen.consistency.verdict {
        Verdict::Pending => ("database (old)", "cache (new)"),
        _ => ("database", "cache"),
    };
    let side = |value: &Option<String>| cell(value.as_deref().unwrap_or("(nothing)"));
    let rows = fields.iter().map(|comparison| {
        let matches = if comparison.matches() { "✓" } else { "✗" };
        vec![cell(comparison.field), side(&comparison.database), side(&comparison.cache), cell(matches)]
    });
    let headings = [("field", Side::Left), (database, Side::Left), (cache, Side::Left), ("match", Side::Left)];
    page.grid(&headings, rows.collect());
}

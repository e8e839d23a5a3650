//! What came of a read or an update through a pattern: each in marks and words that say which side did what.
//!
//! HIT and MISS are the words that an audience looks for; everything else that a read can meet is a sentence.

use std::time::Duration;

use super::super::page::{Page, Span, Tone, dim, plain};
use super::super::quantity::latency;
use super::card;
use crate::demo::{Level, ReadSeen, RefreshSeen, UpdateSeen};
use crate::pattern::{CacheEffect, Durability, Lookup, Refreshed, Source};

/// A read.
pub(super) fn read(page: &mut Page, seen: &ReadSeen) {
    let source = match seen.source {
        Source::Cache => "cache",
        Source::Queue => "queue",
        Source::Database => "database",
    };
    let degraded = if seen.degraded { ", degraded" } else { "" };
    let tail = dim(format!(" for flight {} · {} · from {source}{degraded}", seen.flight_id, latency(seen.latency)));
    let word = |tone, word| vec![plain("Cache "), Span::new(tone, word), tail.clone()];
    let (level, spans, remark) = match seen.lookup {
        Lookup::Hit => (Level::Good, word(Tone::Good, "HIT"), None),
        Lookup::Miss => (Level::Bad, word(Tone::Caution, "MISS"), None),
        Lookup::Joined => (
            Level::Good,
            word(Tone::Caution, "MISS joined"),
            Some("another reader was filling it: this read took that value"),
        ),
        Lookup::Leased => (
            Level::Warning,
            word(Tone::Caution, "LEASED"),
            Some("somebody is filling or changing it: this read went past the cache and left it alone"),
        ),
        Lookup::Unreadable => (
            Level::Warning,
            word(Tone::Caution, "UNREADABLE"),
            Some("what stood there is not a flight of ours: this read put the flight in its place"),
        ),
        Lookup::Unavailable => {
            (Level::Warning, word(Tone::Bad, "UNAVAILABLE"), Some("the cache did not answer: this read went past it"))
        }
    };
    match seen.lookup {
        // The mark of a failure, as people know it, in the colour of none: a miss is part of the plan.
        Lookup::Miss => page.line(3, &[&[Span::new(Tone::Caution, "✗"), plain(" ")], &spans[..]].concat()),
        _ => page.marked(3, level, &spans),
    }
    if let Some(remark) = remark {
        page.line(5, &[dim(remark)]);
    }
    notes(page, &seen.notes);
    match (&seen.flight, seen.card) {
        (None, _) => page.marked(3, Level::Warning, &[plain(format!("There is no flight {}", seen.flight_id))]),
        (Some(flight), Some(title)) => card::titled(page, title, flight),
        (Some(_), None) => {}
    }
}

/// A refresh in the background.
pub(super) fn refresh(page: &mut Page, seen: &RefreshSeen) {
    let id = seen.flight_id;
    let stands =
        seen.ttl_ms.map(|ttl| format!(" for another {}", latency(Duration::from_millis(ttl)))).unwrap_or_default();
    let (level, text) = match seen.refreshed {
        Refreshed::Stored => (Level::Good, format!("flight {id} refreshed{stands}")),
        Refreshed::Missing => (Level::Plain, format!("flight {id} is gone from the database, and marked as missing")),
        Refreshed::LeftToOthers => (Level::Plain, format!("refresh of flight {id} left to others")),
        Refreshed::Overtaken => (
            Level::Plain,
            format!("refresh of flight {id} overtaken by an update or by the entry's end: nothing stored"),
        ),
        Refreshed::Failed => (Level::Warning, format!("refresh of flight {id} failed: its entry ends with its TTL")),
    };
    page.marked(3, level, &[plain("In the background: "), plain(text), dim(format!(" · {}", latency(seen.latency)))]);
    notes(page, seen.failure.as_slice());
}

/// An update.
pub(super) fn update(page: &mut Page, seen: &UpdateSeen) {
    let id = seen.flight_id;
    if seen.restores {
        page.line(0, &[plain("Restoring original departure and arrival times...")]);
    } else {
        page.line(0, &[plain(format!("Updating flight {id}:"))]);
    }
    for (label, time) in [
        ("Old departure: ", seen.old.departure),
        ("New departure: ", seen.new.departure),
        ("Old arrival:   ", seen.old.arrival),
        ("New arrival:   ", seen.new.arrival),
    ] {
        page.line(2, &[plain(label), plain(time.format("%Y-%m-%d %H:%M:%S").to_string())]);
    }
    page.blank();
    match (seen.durability, &seen.position) {
        (Durability::Committed, _) => {
            page.marked(3, Level::Good, &[plain(format!("Database updated for flight {id}"))])
        }
        (Durability::Queued, position) => {
            let at = position.as_ref().map(|position| format!(" at position {position}")).unwrap_or_default();
            let spans = [plain(format!("Update queued for flight {id}")), plain(at), plain(": the database follows")];
            page.marked(3, Level::Good, &spans);
        }
    }
    let (level, effect) = match seen.cache {
        CacheEffect::Stored => (Level::Good, format!("Cache updated for flight {id}")),
        CacheEffect::Invalidated => (Level::Good, format!("Cache invalidated for flight {id}: the next read fills it")),
        CacheEffect::Untouched => {
            (Level::Warning, format!("Cache not touched for flight {id}: what stands there stays"))
        }
        CacheEffect::LeftToLater => (Level::Plain, format!("Cache left to a later update of flight {id}")),
        CacheEffect::NotUpdated => (Level::Warning, format!("Cache NOT updated for flight {id}: it did not answer")),
    };
    page.marked(3, level, &[plain(effect)]);
    notes(page, &seen.notes);
    page.blank();
    let (level, closing) = closing(seen);
    page.marked(0, level, &[plain(closing), dim(format!(" · {}", latency(seen.latency)))]);
}

fn closing(seen: &UpdateSeen) -> (Level, String) {
    let done = if seen.restores {
        "Original times restored".to_owned()
    } else {
        // As in a sentence: `Write-through update`.
        let (first, rest) = seen.pattern.title().split_at(1);
        format!("{first}{} update", rest.to_lowercase())
    };
    match (seen.cache, seen.durability, seen.restores) {
        (CacheEffect::NotUpdated, Durability::Committed, false) => {
            (Level::Warning, format!("{done} committed, cache not updated"))
        }
        (CacheEffect::NotUpdated, Durability::Queued, false) => {
            (Level::Warning, format!("{done} acknowledged, cache not updated"))
        }
        (CacheEffect::NotUpdated, _, true) => (Level::Warning, format!("{done}, cache not updated")),
        (_, Durability::Committed, false) => (Level::Good, format!("{done} completed successfully")),
        (_, Durability::Queued, false) => (Level::Good, format!("{done} acknowledged")),
        (_, Durability::Committed, true) => (Level::Good, done),
        (_, Durability::Queued, true) => (Level::Good, format!("{done} (queued: the database follows)")),
    }
}

fn notes(page: &mut Page, notes: &[String]) {
    for note in notes {
        page.marked(3, Level::Warning, &[plain(note)]);
    }
}

//! A worker at work: its figures in one line, what its operator wants to know at once, and the dead letters.

use std::time::Duration;

use chrono::{DateTime, Utc};
use unicode_width::UnicodeWidthStr;

use super::super::page::{Page, Span, Tone, dim, mark, plain};
use super::super::quantity::{age, count, counted, latency, rate};
use crate::demo::{DeadLetterSeen, Level, ReportSeen, WorkerSeen};
use crate::queue::worker::Report;

/// The figures, in a line that is written anew again and again: all of them where there is room; else what matters most comes
/// first, a figure that is zero is left out, and what does not fit.
pub(super) fn live(page: &mut Page, seen: &WorkerSeen) {
    let figures = figures(seen);
    let whole: Vec<_> = figures.iter().map(|(figure, _)| figure.as_str()).collect();
    let mut line = whole.join(BETWEEN);
    if line.width() < page.width() {
        return page.clipped(&line);
    }
    line.clear();
    for figure in figures.into_iter().filter_map(|(figure, is_news)| is_news.then_some(figure)) {
        let longer = if line.is_empty() { figure } else { format!("{line}{BETWEEN}{figure}") };
        if !line.is_empty() && longer.width() >= page.width() {
            break;
        }
        line = longer;
    }
    page.clipped(&line);
}

/// The figures, in a line of a log: all of them, and always in the same order.
pub(super) fn logged(page: &mut Page, seen: &WorkerSeen) {
    let figures: Vec<_> = figures(seen).into_iter().map(|(figure, _)| figure).collect();
    page.unbroken(&[stamp(seen.at), plain(figures.join(BETWEEN))]);
}

const BETWEEN: &str = " · ";

fn stamp(at: DateTime<Utc>) -> Span {
    dim(at.format("%Y-%m-%dT%H:%M:%SZ ").to_string())
}

/// The figures, and whether each is worth a place in a short line.
fn figures(seen: &WorkerSeen) -> Vec<(String, bool)> {
    let mut figures = Vec::new();
    match seen.length {
        Some(length) => {
            let oldest = seen.oldest_age_ms.map(|age_ms| format!(" (oldest {})", age(Duration::from_millis(age_ms))));
            figures.push((format!("queue {}{}", count(length), oldest.unwrap_or_default()), true));
        }
        None => figures.push(("queue does not answer".to_owned(), true)),
    }
    figures.push((format!("{} updates/s", rate(seen.updates_per_second)), true));
    if let Some(dead) = seen.dead_letters {
        figures.push((format!("dead letters {}", count(dead)), dead > 0));
    }
    figures.push((format!("retries {}", count(seen.retried)), seen.retried > 0));
    figures.push((format!("applied {}", count(seen.updates)), true));
    figures.push((format!("coalesced {}", count(seen.coalesced)), true));
    if seen.batches > 0 {
        figures.push((format!("last batch {} in {}", count(seen.last_batch), latency(seen.last_took)), true));
    }
    if seen.skipped > 0 {
        figures.push((format!("known already {}", count(seen.skipped)), true));
    }
    figures
}

/// Something that the operator wants to know: between the lines of a log, it is one of them.
pub(super) fn report(page: &mut Page, seen: &ReportSeen, is_live: bool) {
    let Some((level, text)) = sentence(&seen.report) else { return };
    if is_live {
        page.marked(0, level, &[plain(text)]);
    } else {
        page.unbroken(&[stamp(seen.at), mark(level), plain(" "), plain(text)]);
    }
}

fn sentence(report: &Report) -> Option<(Level, String)> {
    Some(match report {
        Report::Serving { workers, partitions } => (Level::Plain, serving(*workers, partitions)),
        Report::Buried { partition, position, flight_id, reason } => {
            let whose = flight_id.map(|id| format!(" of flight {id}")).unwrap_or_default();
            (
                Level::Bad,
                format!("{}the update{whose} at {position} is a dead letter now: {reason}", within(*partition)),
            )
        }
        Report::Failing { partition, failures, error, again_in } => {
            let often = if *failures > 1 { format!(" ({failures} times in a row)") } else { String::new() };
            let text = format!("{}{error}{often}; trying again in {}", within(*partition), age(*again_in));
            (Level::Warning, text)
        }
        Report::Recovered { partition, failures, lasted } => {
            let failures = counted(u64::from(*failures), "failure");
            (Level::Good, format!("{}it works again, after {failures} in {}", within(*partition), age(*lasted)))
        }
        Report::AtLeastOnce { reason } => {
            (Level::Warning, format!("each update is applied at least once, not exactly once: {reason}"))
        }
        Report::Lost { partition, waited } => {
            let waited = counted(*waited, "update");
            let text =
                format!("{}the queue was lost, and with it {waited} that waited at the last look", within(*partition));
            (Level::Bad, text)
        }
        Report::Applied { .. } | Report::Retrying => return None,
    })
}

fn serving(workers: usize, partitions: &[u32]) -> String {
    let listed: Vec<String> = partitions.iter().map(ToString::to_string).collect();
    match (workers, listed.len()) {
        (1, _) => "the only worker: serving the whole queue".to_owned(),
        (_, 0) => format!("one of {workers} workers: standing by, the others serve every partition"),
        (_, 1) => format!("one of {workers} workers: serving partition {}", listed[0]),
        _ => format!("one of {workers} workers: serving partitions {}", listed.join(", ")),
    }
}

/// Before what is said of a partition. As in the id of a dead letter, partition 0 is not named: mostly it is the only one.
fn within(partition: u32) -> String {
    if partition == 0 { String::new() } else { format!("partition {partition}: ") }
}

/// A dead letter.
pub(super) fn dead_letter(page: &mut Page, seen: &DeadLetterSeen) {
    let whose = match (seen.flight_id, &seen.times) {
        (Some(id), Some(times)) => format!("flight {id}: {} – {}", times.departure, times.arrival),
        _ => "unreadable".to_owned(),
    };
    page.line(0, &[Span::new(Tone::Strong, &seen.id), plain("  "), plain(whose)]);
    let reason = match &seen.unreadable {
        Some(unreadable) if *unreadable != seen.reason => format!("{} (unreadable: {unreadable})", seen.reason),
        _ => seen.reason.clone(),
    };
    page.line(3, &[Span::new(Tone::Bad, "✗"), plain(format!(" {reason}"))]);
    let mut about = format!(
        "dead since {} UTC · {} · position {}",
        seen.buried_at.format("%Y-%m-%d %H:%M:%S"),
        counted(u64::from(seen.attempts), "attempt"),
        seen.position
    );
    if let Some(user) = &seen.user {
        about.push_str(&format!(" · by {user}"));
    }
    if let Some(comment) = &seen.comment {
        about.push_str(&format!(": {comment}"));
    }
    page.line(3, &[dim(about)]);
}

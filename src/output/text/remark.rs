//! What stands around the operations: beginnings, steps, remarks, findings, failures and the end.
//!
//! The titles follow the demonstration that people know; errors have a form of their own, for the standard error.

use super::super::page::{Page, Span, Tone, dim, plain};
use crate::demo::{End, ErrorSeen, Finding, Level, Note, ReconciledSeen, Start, StepStart};
use crate::error::Peer;
use crate::pattern::{PatternKind, Protocol};

/// What is used, and for a walk-through its title.
pub(super) fn start(page: &mut Page, start: &Start) {
    let mut used = String::new();
    if start.protocol == Protocol::Naive {
        used.push_str(&format!("NAIVE, {} · ", start.protocol.describe()));
    }
    if let Some(variant) = &start.variant {
        used.push_str(&format!("{}, {variant} · ", start.pattern.name()));
    }
    used.push_str(&format!("{} · {}", place(&start.database), place(&start.cache)));
    if let Some(queue) = &start.queue {
        used.push_str(&format!(" · queue: {}", place(queue)));
    }
    if start.embedded {
        used.push_str(" (nothing is set: embedded)");
    }
    page.line(0, &[dim(used)]);
    if let Some(faults) = faults(start) {
        page.marked(0, Level::Warning, &[plain(format!("{faults}: what follows is simulated, not measured"))]);
    }
    if start.steps.is_none() {
        return;
    }
    page.line(0, &[dim(format!("cachedemo {}", start.version))]);
    page.rule('=');
    let (title, subtitle) = match start.action {
        "outage" => ("CACHE OUTAGE DEMO".to_owned(), "Demonstrating What an Outage Costs and How It Heals"),
        _ => (format!("{} CACHE PATTERN DEMO", start.pattern.title().to_uppercase()), subtitle(start.pattern)),
    };
    page.line(0, &[Span::new(Tone::Strong, title)]);
    page.line(0, &[plain(subtitle)]);
    page.rule('=');
}

/// What goes wrong on purpose, if anything does.
pub(super) fn faults(start: &Start) -> Option<String> {
    let seed = start.seed.map(|seed| format!(" (seed {seed})")).unwrap_or_default();
    (!start.faults.is_empty()).then(|| format!("faults on purpose, {}{seed}", start.faults.join(", ")))
}

/// Says of figures that they are no measurements.
pub(super) fn simulated(page: &mut Page, faults: &str) {
    page.marked(0, Level::Warning, &[plain(format!("simulated, not measured: {faults}"))]);
}

/// What it is and where; where only if that is not this very process.
fn place(peer: &Peer) -> String {
    if peer.address.starts_with("in ") {
        peer.product.to_owned()
    } else {
        format!("{} at {}", peer.product, peer.address)
    }
}

fn subtitle(pattern: PatternKind) -> &'static str {
    match pattern {
        PatternKind::CacheAside => "Demonstrating Lazy Loading and Invalidation",
        PatternKind::ReadThrough => "Demonstrating a Cache That Loads by Itself",
        PatternKind::WriteThrough => "Demonstrating Data Consistency for Flight Updates",
        PatternKind::WriteAround => "Demonstrating Updates That Go Past the Cache",
        PatternKind::RefreshAhead => "Demonstrating Entries That Are Refreshed Before They Expire",
        PatternKind::WriteBehind => "Demonstrating Fast Updates and Eventual Consistency",
    }
}

/// The title of a step and what to expect of it.
pub(super) fn step(page: &mut Page, step: &StepStart) {
    page.blank();
    page.line(0, &[Span::new(Tone::Strong, format!("[STEP {}] {}", step.number, step.title))]);
    page.rule('-');
    if !step.expects.is_empty() {
        page.line(0, &[dim(step.expects)]);
    }
}

/// What was dropped because it had changed.
pub(super) fn reconciled(page: &mut Page, seen: &ReconciledSeen) {
    let text = format!(
        "reconciled: flights changed since {} UTC {}, entries dropped from the cache {}",
        seen.since.format("%Y-%m-%d %H:%M:%S"),
        seen.changed,
        seen.dropped
    );
    page.marked(3, Level::Good, &[plain(text)]);
}

/// A remark.
pub(super) fn note(page: &mut Page, note: &Note) {
    page.marked(3, note.level, &[plain(&note.text)]);
}

/// What `doctor` found.
pub(super) fn finding(page: &mut Page, finding: &Finding) {
    page.marked(0, finding.level, &[dim(format!("{:<9}", finding.about.name())), plain(&finding.text)]);
    if let Some(hint) = &finding.hint {
        page.line(2, &[plain("→ "), plain(hint)]);
    }
}

/// What went wrong, why, and what to do next.
pub(super) fn error(page: &mut Page, seen: &ErrorSeen) {
    page.line(0, &[Span::new(Tone::Bad, "error:"), plain(" "), plain(&seen.message)]);
    for cause in &seen.causes {
        page.line(2, &[dim("caused by: "), plain(cause)]);
    }
    if let Some(hint) = &seen.hint {
        page.blank();
        // A hint may be a whole help text.
        for (index, line) in hint.lines().enumerate() {
            let label = if index == 0 { dim("hint: ") } else { plain("") };
            page.line(0, &[label, plain(line)]);
        }
    }
}

/// The end, where something did not hold and nobody said so yet.
pub(super) fn end(page: &mut Page, end: &End) {
    page.blank();
    page.marked(0, Level::Bad, &[plain(format!("Not everything shown held (exit code {})", end.exit_code))]);
}

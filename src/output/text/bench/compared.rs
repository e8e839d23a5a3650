//! Two reports of a bench: what is not the same about them, and then what changed, and whether that is more than noise.
//!
//! The figures that most are after are always shown; of the others, those that changed by more than noise. JSON has all.

use super::super::super::page::{Page, Span, Tone, dim, plain};
use super::super::grid::{Side, cell};
use super::heading;
use crate::bench::compare::{Change, Compared, Difference, SubjectCompared, Verdict};
use crate::demo::Level;

/// The metrics that are shown of every subject.
const MAIN: [&str; 12] = [
    "throughput",
    "reads.p50",
    "reads.p99",
    "updates.p50",
    "updates.p99",
    "hit-rate",
    "database-reads",
    "database-writes",
    "errors",
    "stale",
    "lag.p99",
    "queue-length",
];

/// The comparison.
pub(in crate::output::text) fn compared(page: &mut Page, seen: &Compared) {
    heading(page, "COMPARISON");
    for (name, origin) in [("old", &seen.old), ("new", &seen.new)] {
        page.line(0, &[plain(format!("{name}: {} UTC, cachedemo {}", origin.made_at, origin.version))]);
    }
    if !seen.differences.is_empty() {
        let warning = "Not the same in both, so that figures may differ for that alone:";
        page.marked(0, Level::Warning, &[plain(warning)]);
    }
    for Difference { what, old, new } in &seen.differences {
        let named = |value: &str| if value.is_empty() { "(none)".to_owned() } else { value.to_owned() };
        page.line(2, &[plain(format!("{what}: {} → {}", named(old), named(new)))]);
    }
    for (subjects, which) in [(&seen.only_old, "old"), (&seen.only_new, "new")] {
        if !subjects.is_empty() {
            let names: Vec<_> = subjects.iter().map(|subject| subject.name()).collect();
            page.marked(0, Level::Warning, &[plain(format!("Only in the {which} one: {}", names.join(", ")))]);
        }
    }
    for subject in &seen.subjects {
        table(page, subject);
    }
    closing(page, seen);
}

fn table(page: &mut Page, seen: &SubjectCompared) {
    page.blank();
    page.line(0, &[Span::new(Tone::Strong, seen.subject.name())]);
    let is_shown = |change: &&Change| {
        MAIN.contains(&&change.metric[..]) || matches!(change.verdict, Verdict::Better | Verdict::Worse)
    };
    let lines = seen.changes.iter().filter(is_shown).map(|change| {
        let figure = |figure: Option<f64>| figure.map_or_else(|| "–".to_owned(), |figure| change.unit.show(figure));
        let cells = [
            change.metric.clone(),
            figure(change.old),
            figure(change.new),
            change.percent.map_or_else(|| "–".to_owned(), percent),
            verdict(change),
        ];
        cells.iter().map(cell).collect()
    });
    let headings = [
        ("metric", Side::Left),
        ("old", Side::Right),
        ("new", Side::Right),
        ("change", Side::Right),
        ("what that is", Side::Left),
    ];
    page.grid(&headings, lines.collect());
}

/// With its sign, which says in which direction.
fn percent(percent: f64) -> String {
    if percent.abs() < 1_000.0 { format!("{percent:+.1} %") } else { format!("{percent:+.0} %") }
}

fn verdict(change: &Change) -> String {
    let chance = change.probability.map(|probability| format!(" (p = {probability:.3})")).unwrap_or_default();
    match change.verdict {
        Verdict::Better => format!("✓ better{chance}"),
        Verdict::Worse => format!("✗ worse{chance}"),
        Verdict::Noise => format!("noise{chance}"),
        Verdict::TooFewRounds => "too few rounds to tell".to_owned(),
        Verdict::NoiseUnknown => "its noise is not known".to_owned(),
        Verdict::Same => "the same".to_owned(),
    }
}

fn closing(page: &mut Page, seen: &Compared) {
    let all = || seen.subjects.iter().flat_map(|subject| &subject.changes);
    let with = |verdict| all().filter(|change| change.verdict == verdict).count();
    let (better, worse) = (with(Verdict::Better), with(Verdict::Worse));
    let tested = all().filter(|change| change.probability.is_some()).count();
    page.blank();
    let level = if worse > 0 { Level::Bad } else { Level::Plain };
    page.marked(
        0,
        level,
        &[plain(format!(
            "Of {tested} figures that could be tested, {better} are better and {worse} worse by more than noise"
        ))],
    );
    if tested > 0 {
        // At a probability of 0.05, one test in twenty says so of nothing.
        let expected = tested.div_ceil(20);
        let caution = format!(
            "Noise is how rounds of one run differ (exact rank test, p < 0.05): about {expected} of {tested} would seem to differ by chance \
             alone, and what changes from day to day is not in it."
        );
        page.line(2, &[dim(caution)]);
    }
}

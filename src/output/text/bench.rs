//! A bench: its tables, its plots, and what they say; two of them compared; what came of its limits.
//!
//! Narrow tables with a line for each subject, so that any number of subjects fits 80 columns and a figure is compared with the
//! one above it.

mod compared;
mod density;
mod timeline;

use super::super::page::{Page, Span, Tone, dim, plain};
use super::super::quantity::counted;
use super::super::report::sheet::{Sheet, sheets};
use super::grid::{Side, cell};
use crate::bench::facts::described;
use crate::bench::metric::Kind;
use crate::bench::{Checked, Report};
use crate::demo::Level;

pub(super) use compared::compared;

/// How many ways of failing are listed of one subject.
const FAILURES: usize = 3;

/// A report: what was asked for, figures, plots, failures, and the reading.
pub(super) fn report(page: &mut Page, report: &Report) {
    heading(page, "BENCH");
    for sentence in described(report) {
        page.line(0, &[plain(sentence)]);
    }
    let faults = &report.configuration.faults;
    if !faults.is_empty() {
        page.marked(0, Level::Warning, &[plain(format!("simulated: faults on purpose: {}", faults.join(", ")))]);
    }
    if !report.complete {
        page.marked(0, Level::Warning, &[plain("interrupted: these are the figures until then")]);
    }
    let sheets = sheets(report);
    for sheet in &sheets {
        table(page, sheet);
    }
    if sheets.iter().any(|sheet| sheet.lines.iter().any(|line| line.figures.iter().any(|figure| figure.best))) {
        page.line(0, &[dim("* the best of its column")]);
    }
    density::densities(page, report, "How long reads took", Kind::Reads);
    density::densities(page, report, "How long updates took", Kind::Updates);
    timeline::throughput(page, report);
    failures(page, report);
    if !report.reading.is_empty() {
        heading(page, "WHAT THIS SAYS");
    }
    for sentence in &report.reading {
        page.marked(0, Level::Plain, &[plain(sentence)]);
    }
}

/// Which limits were held and what broke the others.
pub(super) fn limits(page: &mut Page, checked: &Checked) {
    heading(page, "LIMITS");
    for held in &checked.held {
        page.marked(0, Level::Good, &[plain(format!("not so: {held}"))]);
    }
    for broken in &checked.broken {
        page.marked(0, Level::Bad, &[plain(broken.to_string())]);
    }
}

fn heading(page: &mut Page, title: &str) {
    page.blank();
    page.line(0, &[Span::new(Tone::Strong, title)]);
    page.rule('-');
}

fn table(page: &mut Page, sheet: &Sheet) {
    page.blank();
    page.line(0, &[Span::new(Tone::Strong, sheet.title)]);
    let headings = sheet.headings.iter().map(|heading| (*heading, Side::Right));
    let headings: Vec<_> = std::iter::once(("subject", Side::Left)).chain(headings).collect();
    let lines = sheet.lines.iter().map(|line| {
        let figures =
            line.figures.iter().map(|figure| cell(if figure.best { "*" } else { "" }.to_owned() + &figure.text));
        std::iter::once(cell(line.subject.name())).chain(figures).collect()
    });
    page.grid(&headings, lines.collect());
}

fn failures(page: &mut Page, report: &Report) {
    let failing: Vec<_> = report.outcomes.iter().filter(|outcome| !outcome.errors.is_empty()).collect();
    if failing.is_empty() {
        return;
    }
    heading(page, "WHAT FAILED");
    for outcome in failing {
        let name = outcome.subject.name();
        for failure in outcome.errors.iter().take(FAILURES) {
            page.marked(
                0,
                Level::Bad,
                &[plain(format!("{name}, {}: {}", counted(failure.count, "time"), failure.what))],
            );
        }
        if let Some(more @ 1..) = outcome.errors.len().checked_sub(FAILURES) {
            page.line(2, &[dim(format!("and in {more} other ways"))]);
        }
    }
}

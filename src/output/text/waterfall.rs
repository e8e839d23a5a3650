//! The hops of an operation as a waterfall: what went where, what came of it, when and for how long, and what was sent.
//!
//! The bar is as long as the operation, so that waiting for one side after the other is seen as well as the waiting itself.

use std::time::Duration;

use super::super::page::{Page, Span, Tone, dim, mark, plain};
use super::super::quantity::latency;
use super::reflow::{command, is_sql, sql, value};
use crate::demo::{HopSeen, Level};
use crate::hop::{Sent, Target};

/// Columns for `database find_range`, the longest of the usual names.
const LABEL: usize = 19;
/// Columns for what came of a hop; what is longer gets a line of its own.
const OUTCOME: usize = 22;
/// Columns for a latency.
const LATENCY: usize = 7;
/// How many bound values are shown before the rest is counted only.
const BINDS: usize = 40;

/// What follows are the hops of an operation that took this long.
pub(super) fn heading(page: &mut Page, seen: &HopSeen) {
    let whose = if seen.background { "in the background, for which nobody waited, " } else { "" };
    page.line(3, &[dim(format!("{whose}hops within {}:", latency(seen.of)))]);
}

/// One hop and what was sent.
pub(super) fn hop(page: &mut Page, seen: &HopSeen) {
    let hop = &seen.hop;
    let outcome_tone = if hop.ok { Tone::Plain } else { Tone::Bad };
    let outcome = Span::new(outcome_tone, &hop.outcome);
    let is_short = outcome.width() <= OUTCOME;
    let mut spans = if hop.ok { vec![plain("   ")] } else { vec![plain(" "), mark(Level::Bad), plain(" ")] };
    spans.push(plain(format!("{:<LABEL$} ", format!("{} {}", hop.target.name(), hop.name))));
    let room = OUTCOME + 1 - if is_short { outcome.width() } else { 0 };
    if is_short {
        spans.push(outcome.clone());
    }
    spans.push(plain(format!("{:room$}{:>LATENCY$} ", "", latency(hop.latency))));
    let used: usize = spans.iter().map(Span::width).sum();
    let tone = if hop.ok { Tone::Good } else { Tone::Bad };
    spans.extend(bar(page.width().saturating_sub(used), hop.after, hop.latency, seen.of, tone));
    page.line(0, &spans);
    if !is_short {
        page.line(5, &[dim("→ "), outcome]);
    }
    for sent in &hop.sent {
        statement(page, hop.target, sent);
    }
}

/// A bar in its place between the beginning and the end of the operation, `columns` wide.
fn bar(columns: usize, after: Duration, took: Duration, of: Duration, tone: Tone) -> Vec<Span> {
    // An operation without a length has no places.
    if columns == 0 || of.is_zero() {
        return Vec::new();
    }
    let scale = columns as f64 * 8.0 / of.as_secs_f64();
    let eighths = |time: Duration| ((time.as_secs_f64() * scale).round() as usize).min(columns * 8);
    let before = (eighths(after) / 8).min(columns - 1);
    // At least an eighth: what happened is seen.
    let length = eighths(after + took).saturating_sub(before * 8).max(1);
    let mut blocks = "█".repeat(length / 8);
    blocks.push_str(["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][length % 8]);
    let behind = columns - before - length.div_ceil(8);
    vec![dim("·".repeat(before)), Span::new(tone, blocks), dim("·".repeat(behind))]
}

fn statement(page: &mut Page, target: Target, sent: &Sent) {
    let lines = if is_sql(target, &sent.text) { sql(&sent.text) } else { vec![(0, command(&sent.text))] };
    for (depth, line) in lines {
        page.line(5 + depth, &[dim(line)]);
    }
    if !sent.binds.is_empty() {
        let mut spans = vec![dim("bound:")];
        for (index, bind) in sent.binds.iter().take(BINDS).enumerate() {
            spans.push(dim(format!("  [{}] ", index + 1)));
            spans.push(plain(value(bind)));
        }
        if let Some(more @ 1..) = sent.binds.len().checked_sub(BINDS) {
            spans.push(dim(format!("  and {more} more")));
        }
        page.line(7, &spans);
    }
    if let Some(took) = sent.latency {
        page.line(7, &[dim(format!("took {}", latency(took)))]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(after: u64, took: u64, of: u64) -> String {
        let micros = Duration::from_micros;
        let mut page = Page::new(80, false);
        page.line(0, &bar(10, micros(after), micros(took), micros(of), Tone::Good));
        page.into_text().trim_end().to_owned()
    }

    #[test]
    fn a_bar_stands_where_the_hop_was() {
        assert_eq!(drawn(0, 100, 100), "██████████");
        assert_eq!(drawn(0, 25, 100), "██▌·······");
        assert_eq!(drawn(50, 50, 100), "·····█████");
        assert_eq!(drawn(100, 0, 100), "·········█");
        assert_eq!(drawn(30, 0, 100), "···▏······");
        assert_eq!(drawn(90, 50, 100), "·········█", "a clock that disagrees with itself breaks nothing");
        assert_eq!(drawn(0, 5, 0), "");
    }
}

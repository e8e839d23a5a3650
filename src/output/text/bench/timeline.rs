//! Throughput over time, as a line of blocks for each subject, each as high as its own peak: how fast it is stands in a table.
//!
//! A mean hides the second in which nothing went on: a warm-up that was too short, a checkpoint, a full queue.

use super::super::super::page::{Page, Span, Tone, dim, plain};
use super::super::super::quantity::significant;
use super::density::{BLOCKS, NAMES, height};
use crate::bench::{Report, Timeline};

/// Draws what happened when, where it is known.
pub(super) fn throughput(page: &mut Page, report: &Report) {
    let longest = report.outcomes.iter().map(|outcome| outcome.timeline.slices.len()).max().unwrap_or(0);
    let room = page.width().saturating_sub(NAMES);
    if longest == 0 || room == 0 {
        return;
    }
    let together = longest.div_ceil(room);
    let lines: Vec<_> =
        report.outcomes.iter().map(|outcome| (outcome.subject, columns(&outcome.timeline, together))).collect();
    let seconds = report.outcomes.iter().map(|outcome| outcome.timeline.slice_s).fold(0.0, f64::max) * together as f64;
    page.blank();
    let remark = format!(" (each line as high as its peak; a column is {} s)", significant(seconds));
    page.line(0, &[Span::new(Tone::Strong, "Throughput over time"), dim(remark)]);
    for (subject, columns) in lines {
        let peak = columns.iter().copied().fold(0.0, f64::max);
        let blocks: String = columns.iter().map(|value| BLOCKS[height(*value, peak)]).collect();
        page.line(0, &[plain(format!("{:<NAMES$}", subject.name())), plain(blocks)]);
    }
}

/// The operations in a second of so many slices each.
fn columns(timeline: &Timeline, together: usize) -> Vec<f64> {
    let rates = timeline.slices.chunks(together).map(|slices| {
        let operations: u64 = slices.iter().map(|slice| slice.operations).sum();
        operations as f64 / (timeline.slice_s * slices.len() as f64)
    });
    rates.map(|rate| if rate.is_finite() { rate } else { 0.0 }).collect()
}

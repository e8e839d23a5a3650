//! Values over time as blocks: how high, and when.
//!
//! An anomaly of load is a shape: a peak where everything comes at once, a plain where it is spread. So plots that are to
//! be compared have the same scale, and a peak is never averaged away where a column stands for several steps.

use std::time::Duration;

use super::super::page::{Page, Span, Tone, dim, plain};
use super::super::quantity::{latency, rate};
use crate::demo::Plot;

/// How many lines the highest value takes.
const HEIGHT: usize = 8;
/// How many columns a step takes at most.
const WIDEST_STEP: usize = 6;
const EIGHTHS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// The highest of the values; what is no number counts as nothing.
pub(super) fn highest(plot: &Plot) -> f64 {
    plot.values.iter().copied().map(sound).fold(0.0, f64::max)
}

/// Draws a plot whose axis ends at `top`.
pub(super) fn plot(page: &mut Page, seen: &Plot, top: f64) {
    page.line(3, &[plain(&seen.title), dim(format!(" · {} · {} at most", seen.unit, rate(highest(seen))))]);
    let label = rate(top);
    let margin = label.chars().count().max(1) + 4;
    let room = page.width().saturating_sub(margin + 1);
    let columns = columns(&seen.values, room);
    if columns.is_empty() {
        return;
    }
    let heights: Vec<_> = columns.iter().map(|value| eighths(*value, top)).collect();
    for line in (0..HEIGHT).rev() {
        let label = if line == HEIGHT - 1 { &label[..] } else { "" };
        let blocks: String = heights.iter().map(|height| EIGHTHS[height.saturating_sub(line * 8).min(8)]).collect();
        page.line(0, &[dim(format!("{label:>width$} ┤", width = margin - 1)), Span::new(Tone::Plain, blocks)]);
    }
    page.line(0, &[dim(format!("{:>width$} ┼{}", "0", "─".repeat(columns.len()), width = margin - 1))]);
    let ends = latency(Duration::from_millis(seen.step_ms.saturating_mul(seen.values.len() as u64)));
    let between = columns.len().saturating_sub("0 s".len()).max(ends.chars().count() + 1);
    page.line(0, &[dim(format!("{:>margin$} 0 s{ends:>between$}", ""))]);
}

/// A value for each column of the drawing: steps are widened to fill it, or the highest of several stands for them.
fn columns(values: &[f64], room: usize) -> Vec<f64> {
    if values.is_empty() || room == 0 {
        return Vec::new();
    }
    let together = values.len().div_ceil(room);
    let steps = values.chunks(together).map(|steps| steps.iter().copied().map(sound).fold(0.0, f64::max));
    let wide = (room / steps.len()).clamp(1, WIDEST_STEP);
    steps.flat_map(|value| std::iter::repeat_n(value, wide)).collect()
}

fn eighths(value: f64, top: f64) -> usize {
    let highest = HEIGHT * 8;
    match value / top * highest as f64 {
        // What happened is seen, however little it was.
        height if height > 0.0 => (height.round() as usize).clamp(1, highest),
        _ => 0,
    }
}

fn sound(value: f64) -> f64 {
    if value.is_finite() { value } else { 0.0 }
}

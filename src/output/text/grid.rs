//! Tables: columns with a heading, drawn so that they fit the page.
//!
//! Kept apart from the page because the drawing is `comfy-table`'s; what goes into a cell is made harmless here.

use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

use super::super::harmless::harmless;
use super::super::page::Page;

/// On which side the cells of a column stand.
#[derive(Clone, Copy)]
pub(super) enum Side {
    /// Words.
    Left,
    /// Figures.
    Right,
}

/// A cell of several lines, each harmless.
pub(super) fn stacked(lines: &[String]) -> Cell {
    let lines: Vec<_> = lines.iter().map(|line| harmless(line)).collect();
    Cell::new(lines.join("\n"))
}

/// A cell, harmless.
pub(super) fn cell(text: impl AsRef<str>) -> Cell {
    Cell::new(harmless(text.as_ref()))
}

impl Page {
    /// A table with these headings and rows.
    pub(super) fn grid(&mut self, headings: &[(&str, Side)], rows: Vec<Vec<Cell>>) {
        let mut table = Table::new();
        table
            .load_style(presets::UTF8_FULL_CONDENSED)
            .force_no_tty()
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(u16::try_from(self.width()).unwrap_or(u16::MAX))
            .set_header(headings.iter().map(|(heading, _)| cell(heading)).collect::<Vec<_>>())
            .add_rows(rows);
        for (column, (_, side)) in table.column_iter_mut().zip(headings) {
            column.set_cell_alignment(match side {
                Side::Left => CellAlignment::Left,
                Side::Right => CellAlignment::Right,
            });
        }
        for line in table.lines() {
            self.drawn(&line);
        }
    }
}

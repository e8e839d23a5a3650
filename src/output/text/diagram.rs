//! A sequence diagram: a column for each party, time downwards, an arrow for each hop.
//!
//! What a race is made of is the order in which several parties act, and that is what a column each shows. What does the harm
//! is marked by a word and by a heavy arrow, so that it is seen without colours. Where the page is too narrow for the
//! columns, the same moments are a list.

mod layout;
mod wording;

use super::super::page::{Page, Span, Tone, dim, plain};
use super::fit::{lines, shortened};
use crate::demo::Diagram;
use layout::{ARROW, Layout, MARK_ROOM};
use wording::{Telling, wordings};

/// Says which moment does the harm.
const MARK: &str = "◀━ HARM";

/// Draws the moments of a run.
pub(super) fn diagram(page: &mut Page, seen: &Diagram) {
    let tellings = wordings(seen);
    // Two digits at least, and two blanks behind them.
    let gutter = tellings.len().to_string().len().max(2) + 2;
    match Layout::of(seen, &tellings, gutter, page.width()) {
        _ if tellings.is_empty() => {}
        Some(layout) => draw(page, &layout, &tellings, gutter),
        None => list(page, seen, &tellings, gutter),
    }
}

/// What stands before a moment: its number.
fn number(index: usize, gutter: usize) -> [Span; 3] {
    let number = (index + 1).to_string();
    [plain(" ".repeat((gutter - 2).saturating_sub(number.len()))), dim(number), plain("  ")]
}

/// What stands before a line that goes on with a moment.
fn margin(gutter: usize) -> [Span; 3] {
    [plain(" ".repeat(gutter)), plain(""), plain("")]
}

fn draw(page: &mut Page, layout: &Layout, tellings: &[Telling], gutter: usize) {
    for line in layout.headings() {
        let mut row = Row::new(layout, margin(gutter), gutter);
        for (place, name) in layout.places.iter().zip(line) {
            row.blank(*place);
            row.write(Span::new(Tone::Strong, name));
        }
        page.line(0, &row.spans);
    }
    for (index, telling) in tellings.iter().enumerate() {
        let row = Row::new(layout, number(index, gutter), gutter);
        match telling.target {
            Some(target) => page.line(0, &hop(row, layout, telling, layout.place(target))),
            None => remark(page, row, layout, telling, gutter),
        }
    }
}

fn hop(mut row: Row<'_>, layout: &Layout, telling: &Telling, target: usize) -> Vec<Span> {
    let place = layout.places[telling.actor];
    let tone = if telling.harmful { Tone::Bad } else { Tone::Plain };
    row.lives(place);
    row.write(Span::new(tone, shortened(&telling.says, target - place - ARROW)));
    row.arrow(target, telling.harmful);
    let end = if telling.harmful { layout.edge - MARK_ROOM } else { layout.edge };
    let outcome = shortened(&telling.outcome, end.saturating_sub(target + 2));
    let tone = if telling.ok { tone } else { Tone::Bad };
    row.write(Span::new(tone, format!(" {outcome}")));
    row.finish(telling.harmful)
}

/// A remark may be a sentence: it goes on below itself.
fn remark(page: &mut Page, row: Row<'_>, layout: &Layout, telling: &Telling, gutter: usize) {
    let place = layout.places[telling.actor];
    let end = if telling.harmful { layout.edge - MARK_ROOM } else { layout.edge };
    let tone = if telling.harmful { Tone::Bad } else { Tone::Plain };
    let mut row = Some(row);
    for (index, line) in lines(&telling.says, end - place).into_iter().enumerate() {
        let mut row = row.take().unwrap_or_else(|| Row::new(layout, margin(gutter), gutter));
        row.lives(place);
        row.write(Span::new(tone, line));
        page.line(0, &row.finish(telling.harmful && index == 0));
    }
}

/// One line of the drawing, made from left to right.
struct Row<'a> {
    layout: &'a Layout,
    spans: Vec<Span>,
    column: usize,
}

impl<'a> Row<'a> {
    fn new(layout: &'a Layout, margin: [Span; 3], gutter: usize) -> Self {
        Self { layout, spans: margin.to_vec(), column: gutter }
    }

    fn write(&mut self, span: Span) {
        self.column += span.width();
        self.spans.push(span);
    }

    /// Goes on at `column`, past nothing.
    fn blank(&mut self, column: usize) {
        self.write(plain(" ".repeat(column.saturating_sub(self.column))));
    }

    /// Goes on at `column`, past the lives of the parties between.
    fn lives(&mut self, column: usize) {
        let (layout, between) = (self.layout, self.column..column);
        for place in layout.places.iter().filter(|place| between.contains(place)) {
            self.blank(*place);
            self.write(dim("│"));
        }
        self.blank(column);
    }

    /// Goes on behind the party at `target`, with an arrow that ends there.
    fn arrow(&mut self, target: usize, harmful: bool) {
        let (crossing, dash, tone) = if harmful { ("┿", "━", Tone::Bad) } else { ("┼", "─", Tone::Dim) };
        self.write(plain(" "));
        let is_crossed = |column| self.layout.places.contains(&column);
        let line: String = (self.column..target).map(|at| if is_crossed(at) { crossing } else { dash }).collect();
        self.write(Span::new(tone, format!("{line}▶")));
    }

    /// The rest of the line: the lives of the other parties, and the mark where harm is done.
    fn finish(mut self, harmful: bool) -> Vec<Span> {
        let mark = if harmful { MARK } else { "" };
        let end = self.layout.edge - mark.chars().count();
        // A life never begins right behind a word.
        self.blank(end.min(self.column + 1));
        self.lives(end);
        self.write(Span::new(Tone::Bad, mark));
        self.spans
    }
}

/// The moments one below the other, for a page that has no room for columns.
fn list(page: &mut Page, seen: &Diagram, tellings: &[Telling], gutter: usize) {
    let room = page.width() - gutter;
    for (index, telling) in tellings.iter().enumerate() {
        let actor = wording::actor(seen, telling.actor);
        let text = match telling.target {
            Some(target) => format!("{actor} → {}: {} → {}", target.name(), telling.says, telling.outcome),
            None => format!("{actor}: {}", telling.says),
        };
        let tone = match (telling.harmful, telling.ok) {
            (false, true) => Tone::Plain,
            _ => Tone::Bad,
        };
        let mark = telling.harmful.then(|| MARK.to_owned());
        for (below, line) in lines(&text, room).into_iter().chain(mark).enumerate() {
            let margin = if below == 0 { number(index, gutter) } else { margin(gutter) };
            page.line(0, &[&margin[..], &[Span::new(tone, line)]].concat());
        }
    }
}

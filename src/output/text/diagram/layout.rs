//! Where the columns of a diagram stand: as near to each other as their texts allow, and spread where there is room.
//!
//! What an actor asks is never shortened, for it is what the race is made of; what came of it may be. Where not even that
//! fits, there is no layout.

use unicode_width::UnicodeWidthStr;

use super::super::super::harmless::harmless;
use super::super::fit::lines;
use super::wording::Telling;
use crate::demo::Diagram;
use crate::hop::Target;

/// What an arrow takes behind its text: a blank and a dash.
pub(super) const ARROW: usize = 2;
/// What the mark takes at the end of a line: two blanks, a blade, a blank, a word.
pub(super) const MARK_ROOM: usize = 9;
/// From a column to the next, where there is room.
const COMFORT: usize = 17;
/// How much of an outcome and of a remark is shown whole before anything is widened: an outcome that is longer is shortened,
/// a remark goes on below itself.
const USUAL: Wish = Wish { outcome: 34, remark: 40 };
/// The least of them, so that a time stays legible.
const LEAST: Wish = Wish { outcome: 8, remark: 14 };
/// All of them.
const WHOLE: Wish = Wish { outcome: usize::MAX, remark: usize::MAX };
/// What an actor asks is shortened beyond this after all: no operation is called so.
const LONGEST_ASKED: usize = 30;

/// Up to how many columns texts get at the right end.
struct Wish {
    outcome: usize,
    remark: usize,
}

/// The columns of a diagram.
pub(super) struct Layout {
    /// Where each party stands: the actors, then the targets.
    pub(super) places: Vec<usize>,
    /// Where the drawing ends.
    pub(super) edge: usize,
    names: Vec<String>,
    targets: Vec<Target>,
    actors: usize,
}

impl Layout {
    /// The columns for this diagram on a page of `width` columns, unless it is too narrow for them.
    pub(super) fn of(seen: &Diagram, tellings: &[Telling], gutter: usize, width: usize) -> Option<Self> {
        if tellings.iter().any(|telling| telling.actor >= seen.actors.len()) {
            return None;
        }
        let uses_queue = tellings.iter().any(|telling| telling.target == Some(Target::Queue));
        let targets: Vec<_> = [Target::Cache, Target::Queue, Target::Database]
            .into_iter()
            .filter(|target| *target != Target::Queue || uses_queue)
            .collect();
        let actors = seen.actors.len();
        let mut names: Vec<_> = seen.actors.iter().map(|name| harmless(name).into_owned()).collect();
        names.extend(targets.iter().map(|target| target.name().to_owned()));
        let mut layout = Self { places: Vec::new(), edge: 0, names, targets, actors };
        let room = width.checked_sub(gutter)?;
        let gaps = layout.gaps(tellings);
        let spare = room.checked_sub(gaps.iter().sum())?;
        let tail = layout.tail(tellings, &gaps, &USUAL).min(spare);
        if tail < layout.tail(tellings, &gaps, &LEAST) {
            return None;
        }
        let gaps = spread(gaps, spare - tail);
        let spare = room - gaps.iter().sum::<usize>();
        let tail = layout.tail(tellings, &gaps, &WHOLE).min(spare);
        layout.places = vec![gutter];
        for gap in gaps {
            layout.places.extend(layout.places.last().map(|place| place + gap));
        }
        layout.edge = layout.places.last()? + tail;
        Some(layout)
    }

    /// Where a target stands.
    pub(super) fn place(&self, target: Target) -> usize {
        self.places[self.index(target)]
    }

    /// The names above the columns, line by line.
    pub(super) fn headings(&self) -> Vec<Vec<String>> {
        let ends = self.places.iter().skip(1).map(|place| place - 1).chain([self.edge]);
        let names: Vec<_> =
            self.names.iter().zip(&self.places).zip(ends).map(|((name, from), to)| lines(name, to - from)).collect();
        let height = names.iter().map(Vec::len).max().unwrap_or(0);
        // The last lines of the names stand on the same line, right above the columns.
        let line = |index: usize, name: &Vec<String>| {
            (index + name.len()).checked_sub(height).and_then(|line| name.get(line).cloned()).unwrap_or_default()
        };
        (0..height).map(|index| names.iter().map(|name| line(index, name)).collect()).collect()
    }

    fn index(&self, target: Target) -> usize {
        self.actors + self.targets.iter().position(|known| *known == target).unwrap_or(0)
    }

    /// The least distance from each party to the next.
    fn gaps(&self, tellings: &[Telling]) -> Vec<usize> {
        let mut gaps: Vec<_> = self.names.iter().map(|name| longest_word(name) + 1).collect();
        gaps.pop();
        // What goes to the next column first: what goes further has the room of several.
        let mut hops: Vec<_> =
            tellings.iter().filter_map(|telling| Some((telling, self.index(telling.target?)))).collect();
        hops.sort_by_key(|(telling, target)| target - telling.actor);
        for (telling, target) in hops {
            let needed = telling.says.width().min(LONGEST_ASKED) + ARROW;
            let has: usize = gaps[telling.actor..target].iter().sum();
            gaps[telling.actor] += needed.saturating_sub(has);
        }
        gaps
    }

    /// The room behind the last party that what is written there wishes for, beside what it has before it.
    fn tail(&self, tellings: &[Telling], gaps: &[usize], wish: &Wish) -> usize {
        let needed = tellings.iter().map(|telling| {
            let mark = if telling.harmful { MARK_ROOM } else { 0 };
            let (from, text) = match telling.target {
                // The head of the arrow and a blank stand before it.
                Some(target) => (self.index(target), telling.outcome.width().min(wish.outcome) + 2),
                None => (telling.actor, telling.says.width().min(wish.remark)),
            };
            (text + mark).saturating_sub(gaps[from..].iter().sum())
        });
        let name = self.names.last().map_or(0, |name| longest_word(name));
        needed.max().unwrap_or(0).max(name)
    }
}

fn longest_word(name: &str) -> usize {
    name.split(' ').map(UnicodeWidthStr::width).max().unwrap_or(0)
}

/// The gaps with `spare` columns given to the narrowest, one after the other, until all are comfortable.
fn spread(mut gaps: Vec<usize>, spare: usize) -> Vec<usize> {
    for _ in 0..spare {
        match gaps.iter_mut().min() {
            Some(gap) if *gap < COMFORT => *gap += 1,
            _ => break,
        }
    }
    gaps
}

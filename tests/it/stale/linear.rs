//! A second opinion, from a checker that knows nothing of chains and caches: is there an order of the operations on a flight in
//! which each read and each update finds what the update before it left, and which nobody who was there can contradict?
//!
//! The search (Wing and Gong, with Lowe's memory of what was tried, as in Porcupine) is that of the crate `todc-utils`. What it
//! costs grows exponentially with how much happens at the same time, so it looks at a history window by window.

use std::collections::HashMap;

use todc_utils::Specification;
use todc_utils::linearizability::WGLChecker;
use todc_utils::linearizability::history::{Action, History as Actions};

use super::history::History;
use super::notes::Moment;
use super::version::Version;

/// How many operations begin in a window. Each begins in two: windows overlap by half.
const WINDOW: usize = 120;
/// How many operations may go on at the same time before the search would take too long.
const CROWD: usize = 24;

/// What was done, with its result.
#[derive(Clone, Copy, Debug)]
enum Operation {
    Read(Version),
    /// The new version, and the old one where it is known.
    Update(Version, Option<Version>),
}

/// A flight as the checker knows it: one version at a time, and at first it is not known which.
struct Register;

impl Specification for Register {
    type State = Option<Version>;
    type Operation = Operation;

    fn init() -> Self::State {
        None
    }

    fn apply(operation: &Operation, state: &Self::State) -> (bool, Self::State) {
        let (seen, next) = match operation {
            Operation::Read(version) => (Some(*version), *version),
            Operation::Update(version, old) => (*old, *version),
        };
        match state.zip(seen) {
            Some((state, seen)) if state != seen => (false, Some(state)),
            _ => (true, Some(next)),
        }
    }
}

/// An operation and its time: at some moment between the two it took effect.
#[derive(Clone, Copy, Debug)]
struct Span {
    begin: Moment,
    end: Moment,
    operation: Operation,
}

/// What came of the windows of a history.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Opinion {
    /// How many have an order.
    pub(super) linearizable: u32,
    /// How many have none.
    pub(super) contradictory: u32,
    /// In how many too much happened at the same time to say.
    pub(super) crowded: u32,
}

impl Opinion {
    /// Looks at all windows of one flight's history.
    pub(super) fn of(history: &History) -> Self {
        let mut opinion = Self::default();
        for window in windows(&spans(history)) {
            match crowd(&window) > CROWD {
                true => opinion.crowded += 1,
                false if WGLChecker::<Register>::is_linearizable(Actions::from_actions(actions(&window))) => {
                    opinion.linearizable += 1;
                }
                false => opinion.contradictory += 1,
            }
        }
        opinion
    }

    /// Both together.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            linearizable: self.linearizable + other.linearizable,
            contradictory: self.contradictory + other.contradictory,
            crowded: self.crowded + other.crowded,
        }
    }
}

/// All operations, by their beginnings. An update that nobody was told the end of has ended when somebody first saw it; where
/// nobody did, it makes no difference whether it happened.
fn spans(history: &History) -> Vec<Span> {
    let reads = history.reads.iter().map(|read| Span {
        begin: read.begin,
        end: read.end,
        operation: Operation::Read(read.version),
    });
    let answered = history.updates.iter().filter_map(|update| {
        let operation = Operation::Update(update.version, Some(update.answer?.old));
        Some(Span { begin: update.begin, end: update.answer?.at, operation })
    });
    // Before everything, the flight was as it was.
    let original = Span { begin: 0, end: 0, operation: Operation::Update(Version::ORIGINAL, None) };
    let mut spans: Vec<Span> = reads.chain(answered).chain([original]).collect();
    let unknown = history.updates.iter().filter(|update| update.answer.is_none());
    let unknown = unknown.map(|update| Span {
        begin: update.begin,
        end: Moment::MAX,
        operation: Operation::Update(update.version, None),
    });
    add_seen(&mut spans, unknown.collect());
    spans.sort_by_key(|span| span.begin);
    spans
}

/// Adds those of these updates that somebody saw: each has happened by then.
fn add_seen(spans: &mut Vec<Span>, mut updates: Vec<Span>) {
    loop {
        let mut seen: HashMap<Version, Moment> = HashMap::new();
        for span in &*spans {
            let (Operation::Read(version) | Operation::Update(_, Some(version))) = span.operation else { continue };
            seen.entry(version).and_modify(|first| *first = span.end.min(*first)).or_insert(span.end);
        }
        let first_seen = |span: &Span| match span.operation {
            Operation::Update(version, _) => seen.get(&version).copied(),
            Operation::Read(_) => None,
        };
        let found: Vec<Span> = updates.extract_if(.., |span| first_seen(span).is_some()).collect();
        if found.is_empty() {
            return;
        }
        // Seen before it began: that is for the checker to find.
        let ended = |span: Span| first_seen(&span).map(|seen| Span { end: span.end.min(seen).max(span.begin), ..span });
        spans.extend(found.into_iter().filter_map(ended));
    }
}

/// Cuts a history. An operation that a cut goes through is left to the window beside it, but for an update whose outcome
/// somebody in the window saw: without it, that one would be accused wrongly. Which version a window begins with is not known;
/// what contradicts only what was before it is left to the window beside it as well.
fn windows(spans: &[Span]) -> Vec<Vec<Span>> {
    let mut windows = Vec::new();
    for first in (0..spans.len()).step_by(WINDOW / 2) {
        let last = (first + WINDOW).min(spans.len()) - 1;
        // The last window has no cut at its end.
        let cut = if last + 1 == spans.len() { Moment::MAX } else { spans[last].begin };
        let begin = spans[first].begin;
        let touching = spans.iter().filter(|span| span.begin <= cut && span.end >= begin);
        let (mut window, through): (Vec<Span>, Vec<Span>) =
            touching.partition(|span| span.begin >= begin && span.end <= cut);
        add_seen(&mut window, through);
        windows.push(window);
        if cut == Moment::MAX {
            break;
        }
    }
    windows
}

/// How many operations go on at the same time, at most.
fn crowd(window: &[Span]) -> usize {
    let begun = |span: &Span, at: Moment| span.begin <= at && span.end >= at;
    window.iter().map(|at| window.iter().filter(|span| begun(span, at.begin)).count()).max().unwrap_or_default()
}

/// What begins when another ends may have come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Call,
    Response,
}

/// The window as the checker takes it: beginnings and ends in the order of time, each operation by a process of its own.
fn actions(window: &[Span]) -> Vec<(usize, Action<Operation>)> {
    let mut actions: Vec<_> = window
        .iter()
        .enumerate()
        .flat_map(|(process, span)| {
            [
                (span.begin, Kind::Call, (process, Action::Call(span.operation))),
                (span.end, Kind::Response, (process, Action::Response(span.operation))),
            ]
        })
        .collect();
    actions.sort_by_key(|(at, kind, _)| (*at, *kind));
    actions.into_iter().map(|(_, _, action)| action).collect()
}

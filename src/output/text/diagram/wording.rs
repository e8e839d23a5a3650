//! What a moment says in words: what was asked, and what came of it.
//!
//! Departures tell the states of a flight apart, so they stand with the hop that carried them: with what was asked where they
//! went there, with what came of it where they came back.

use chrono::{Datelike, NaiveDateTime};

use super::super::super::harmless::harmless;
use crate::demo::{Act, Diagram, Moment};
use crate::hop::Target;

/// The words of a moment, harmless: their width is that which they will have.
pub(super) struct Telling {
    /// In which column it begins.
    pub(super) actor: usize,
    /// Where it goes; a remark goes nowhere.
    pub(super) target: Option<Target>,
    /// What was asked, or the remark.
    pub(super) says: String,
    /// What came of it.
    pub(super) outcome: String,
    /// Whether it succeeded.
    pub(super) ok: bool,
    /// Whether it does the harm.
    pub(super) harmful: bool,
}

/// The words of every moment.
pub(super) fn wordings(seen: &Diagram) -> Vec<Telling> {
    let form = form(seen);
    seen.moments.iter().map(|moment| telling(moment, form)).collect()
}

/// The name of an actor, harmless.
pub(super) fn actor(seen: &Diagram, actor: usize) -> String {
    seen.actors.get(actor).map_or_else(|| "somebody".to_owned(), |name| harmless(name).into_owned())
}

fn telling(moment: &Moment, form: &str) -> Telling {
    let times = if moment.times > 1 { format!("{}× ", moment.times) } else { String::new() };
    let Moment { actor, harmful, .. } = *moment;
    match &moment.act {
        Act::Hop { target, name, outcome, ok, departure } => {
            let departure = departure.map(|departure| format!(" {}", departure.format(form))).unwrap_or_default();
            let (there, back) = if brings_back(name) { ("", &departure[..]) } else { (&departure[..], "") };
            Telling {
                actor,
                target: Some(*target),
                says: format!("{times}{}{there}", harmless(name)),
                outcome: format!("{}{back}", harmless(outcome)),
                ok: *ok,
                harmful,
            }
        }
        Act::Remark(text) => {
            let says = format!("{times}{}", harmless(text));
            Telling { actor, target: None, says, outcome: String::new(), ok: true, harmful }
        }
    }
}

/// Whether a flight that travelled with this operation came back with its answer.
fn brings_back(name: &str) -> bool {
    matches!(name, "get" | "find" | "find_range" | "search" | "pending")
}

/// How departures are written: as much of them as differs within the diagram, and the time at least.
fn form(seen: &Diagram) -> &'static str {
    let mut departures = seen.moments.iter().filter_map(departure);
    let Some(first) = departures.next() else { return "%H:%M" };
    match departures.all(|departure| departure.date() == first.date()) {
        true => "%H:%M",
        false if seen.moments.iter().filter_map(departure).all(|departure| departure.year() == first.year()) => {
            "%m-%d %H:%M"
        }
        false => "%Y-%m-%d %H:%M",
    }
}

fn departure(moment: &Moment) -> Option<NaiveDateTime> {
    match &moment.act {
        Act::Hop { departure, .. } => *departure,
        Act::Remark(_) => None,
    }
}

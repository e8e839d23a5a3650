//! What happened to one flight, as all clients together noted it.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::notes::{self, Met, Moment, What};
use super::version::Version;

/// A read that ended with something.
#[derive(Clone, Debug)]
pub(super) struct Read {
    pub(super) begin: Moment,
    pub(super) end: Moment,
    pub(super) version: Version,
    pub(super) met: Met,
}

/// An update.
#[derive(Clone, Debug)]
pub(super) struct Update {
    pub(super) begin: Moment,
    pub(super) version: Version,
    /// Where it was never acknowledged, it may have happened, at any time after it began, or not.
    pub(super) answer: Option<Answer>,
}

/// An acknowledgement.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    pub(super) at: Moment,
    /// Which version the update took the place of.
    pub(super) old: Version,
}

/// All operations on one flight, in no particular order.
#[derive(Debug, Default)]
pub(super) struct History {
    pub(super) reads: Vec<Read>,
    pub(super) updates: Vec<Update>,
}

/// The histories of all flights of a run, and what is in none of them.
#[derive(Debug, Default)]
pub(super) struct Histories {
    pub(super) flights: BTreeMap<i32, History>,
    /// How often an operation failed with what.
    pub(super) failures: BTreeMap<String, u32>,
}

impl Histories {
    /// Adds what a client noted.
    pub(super) fn add(&mut self, file: &Path) {
        let mut begun = HashMap::new();
        for note in notes::read(file) {
            match note.what {
                What::Reads(..) | What::Updates(..) => {
                    begun.insert(note.operation, note);
                }
                end => {
                    let begin = begun.remove(&note.operation).expect("what ends has begun");
                    self.ended(&begin, note.at, end);
                }
            }
        }
        // A read that never ended says nothing; an update may have happened.
        for note in begun.into_values() {
            if let What::Updates(flight, version) = note.what {
                self.unknown(flight, note.at, version);
            }
        }
    }

    fn ended(&mut self, note: &notes::Note, end: Moment, how: What) {
        let begin = note.at;
        match (&note.what, how) {
            (What::Reads(flight), What::Saw(version, met)) => {
                self.flight(*flight).reads.push(Read { begin, end, version, met });
            }
            (What::Updates(flight, version), What::Acknowledged(old)) => {
                let answer = Some(Answer { at: end, old });
                self.flight(*flight).updates.push(Update { begin, version: *version, answer });
            }
            (what, What::Failed(why)) => {
                *self.failures.entry(why).or_default() += 1;
                if let What::Updates(flight, version) = what {
                    self.unknown(*flight, begin, *version);
                }
            }
            (what, how) => panic!("{what:?} cannot end with {how:?}"),
        }
    }

    fn unknown(&mut self, flight: i32, begin: Moment, version: Version) {
        self.flight(flight).updates.push(Update { begin, version, answer: None });
    }

    fn flight(&mut self, flight: i32) -> &mut History {
        self.flights.entry(flight).or_default()
    }

    /// The counts.
    pub(super) fn summary(&self) -> String {
        let reads = || self.flights.values().flat_map(|history| &history.reads);
        let updates = || self.flights.values().flat_map(|history| &history.updates);
        let hits = reads().filter(|read| read.met == Met::Hit).count();
        let joined = reads().filter(|read| read.met == Met::Joined).count();
        let unknown = updates().filter(|update| update.answer.is_none()).count();
        format!(
            "{} reads ({hits} hits, {joined} joined), {} updates ({unknown} with an unknown outcome), {} failures",
            reads().count(),
            updates().count(),
            self.failed(),
        )
    }

    /// How many reads were answered by the cache: only these can be stale.
    pub(super) fn hits(&self) -> usize {
        let reads = self.flights.values().flat_map(|history| &history.reads);
        reads.filter(|read| matches!(read.met, Met::Hit | Met::Joined)).count()
    }

    /// How many operations failed.
    pub(super) fn failed(&self) -> u32 {
        self.failures.values().sum()
    }
}

//! Never stale (P1): every read of a flight against everything that was known before it began.
//!
//! Known is what was acknowledged to a writer, and what another reader has seen: once somebody has had a version, nobody gets an
//! older one. What happens at the same time may come in any order, and what nobody was told may have happened or not.

use std::collections::HashMap;
use std::fmt;

use super::chain::Chain;
use super::history::{History, Read, Update};
use super::notes::Moment;
use super::version::Version;

/// Something that must not be.
#[derive(Clone, Debug)]
pub(super) enum Finding {
    /// A read was older than what was known when it began.
    Stale {
        read: Read,
        known: Known,
        /// By how many updates.
        behind: usize,
    },
    /// A read ended before the update began whose version it saw.
    Early { read: Read, update: Update },
    /// A read saw what the database never had.
    Unheard { read: Read },
    /// An acknowledged update is not in the database.
    Lost { update: Update },
    /// An update was acknowledged as the one after another version than it was.
    Misplaced { update: Update },
    /// `flight_log` is no chain.
    Broken(String),
}

/// A version that was known, since when, and from whom.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    since: Moment,
    place: usize,
    from: &'static str,
}

/// Everything about one flight that must not be.
pub(super) fn check(history: &History, chain: &Chain) -> Vec<Finding> {
    let mut findings = Vec::new();
    let acknowledged = history.updates.iter().filter_map(|update| {
        let known = chain.place(update.version).zip(update.answer);
        known.map(|(place, answer)| Known { since: answer.at, place, from: "acknowledged" })
    });
    let seen = history.reads.iter().filter_map(|read| {
        let place = chain.place(read.version);
        place.map(|place| Known { since: read.end, place, from: "read" })
    });
    let known = newest(acknowledged.chain(seen).collect());
    for update in &history.updates {
        let Some(answer) = update.answer else { continue };
        match chain.place(update.version) {
            None => findings.push(Finding::Lost { update: update.clone() }),
            Some(place) if chain.place(answer.old).map(|old| old + 1) != Some(place) => {
                findings.push(Finding::Misplaced { update: update.clone() });
            }
            Some(_) => {}
        }
    }
    let updates = history.updates.iter().map(|update| (update.version, update)).collect();
    for read in &history.reads {
        findings.extend(judge(read, &updates, chain, &known));
    }
    findings
}

/// What was known, in the order of time, without whatever was older than what was known already.
fn newest(mut known: Vec<Known>) -> Vec<Known> {
    known.sort_by_key(|known| (known.since, known.place));
    let mut newest: Vec<Known> = Vec::new();
    for each in known {
        if newest.last().is_none_or(|last| last.place < each.place) {
            newest.push(each);
        }
    }
    newest
}

fn judge(read: &Read, updates: &HashMap<Version, &Update>, chain: &Chain, known: &[Known]) -> Option<Finding> {
    let Some(place) = chain.place(read.version) else {
        return Some(Finding::Unheard { read: read.clone() });
    };
    let before = known.partition_point(|known| known.since < read.begin);
    if let Some(known) = known[..before].last().filter(|known| known.place > place) {
        return Some(Finding::Stale { read: read.clone(), known: *known, behind: known.place - place });
    }
    let update = updates.get(&read.version)?;
    (update.begin > read.end).then(|| Finding::Early { read: read.clone(), update: (*update).clone() })
}

impl Finding {
    /// Whether it is what the textbook protocols allow.
    pub(super) fn is_stale_read(&self) -> bool {
        matches!(self, Self::Stale { .. })
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stale { read: Read { begin, version, met, .. }, known, behind } => {
                let age = (begin - known.since) as f64 / 1e6;
                let from = known.from;
                write!(
                    formatter,
                    "stale by {behind}: a read ({met:?}) saw {version} when a newer version had been {from} for {age:.3} ms"
                )
            }
            Self::Early { read, update } => {
                let early = (update.begin - read.end) as f64 / 1e6;
                write!(formatter, "a read saw {} {early:.3} ms before its update began", read.version)
            }
            Self::Unheard { read } => {
                write!(formatter, "a read ({:?}) saw {}, which the database never had", read.met, read.version)
            }
            Self::Lost { update } => write!(formatter, "the update to {} was acknowledged and is lost", update.version),
            Self::Misplaced { update } => {
                let old = update.answer.map_or(Version::ORIGINAL, |answer| answer.old);
                write!(formatter, "the update to {} was acknowledged after {old}, where it is not", update.version)
            }
            Self::Broken(why) => write!(formatter, "flight_log is no chain: {why}"),
        }
    }
}

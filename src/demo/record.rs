//! What is written down before a flight is changed that is to be put back: one [`Record`] for each flight of each database.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::bench::nobody_benches;
use crate::error::{Peer, Result};
use crate::flight::{FlightId, Times};
use crate::record::{Record, prefix};

/// What is needed to put a flight back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Saved {
    /// Which flight.
    pub(super) flight_id: FlightId,
    /// The cache whose entry is to agree.
    pub(super) cache: String,
    /// Its times before the walk-through.
    pub(super) original: Times,
    /// Its times as the walk-through leaves them in between.
    pub(super) changed: Times,
    /// Further times that it has in between.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) others: Vec<Times>,
    /// Its times in the database before the walk-through, where an earlier update was still queued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) behind: Option<Times>,
}

impl Saved {
    /// Whether the database has these times without anybody else's doing.
    pub(super) fn knows(&self, times: Times) -> bool {
        self.moved_to(times) || [Some(self.original), self.behind].contains(&Some(times))
    }

    /// Whether these are times that it is to be put back from.
    pub(super) fn moved_to(&self, times: Times) -> bool {
        times == self.changed || self.others.contains(&times)
    }
}

/// A flight that is ours to change for as long as this value lives.
pub(super) type Claim = Record<Saved>;

/// Claims a flight; `None` if another walk-through has it.
///
/// # Errors
/// Also where a bench has it.
pub(super) fn claim(directory: &Path, database: &Peer, id: FlightId) -> Result<Option<Claim>> {
    if let Some(home) = directory.parent() {
        nobody_benches(home, database)?;
    }
    Claim::take(directory, &format!("{}flight-{id}.json", prefix(database)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved() -> Saved {
        let at = |text: &str| text.parse().unwrap();
        let original = Times { departure: at("2025-11-20T10:00:00"), arrival: at("2025-11-20T18:30:00") };
        let changed = Times { departure: at("2025-11-20T12:00:00"), arrival: at("2025-11-20T20:30:00") };
        Saved {
            flight_id: "1".parse().unwrap(),
            cache: "memory".into(),
            original,
            changed,
            others: Vec::new(),
            behind: None,
        }
    }

    fn peer(address: &str) -> Peer {
        Peer { role: "database", product: "SQLite", address: address.into() }
    }

    #[test]
    fn a_flight_is_claimed_by_one_at_a_time_and_its_record_survives() {
        let home = tempfile::tempdir().unwrap();
        let id = saved().flight_id;
        let mut held = claim(home.path(), &peer("a"), id).unwrap().unwrap();
        assert!(claim(home.path(), &peer("a"), id).unwrap().is_none(), "claimed twice");
        assert!(claim(home.path(), &peer("b"), id).unwrap().is_some(), "another database is another flight");
        assert_eq!(held.read().unwrap(), None);
        held.write(&saved()).unwrap();
        assert!(
            Claim::abandoned(home.path(), &prefix(&peer("a"))).unwrap().is_empty(),
            "it is not abandoned while it is held"
        );
        drop(held);
        assert_eq!(Claim::abandoned(home.path(), &prefix(&peer("a"))).unwrap().pop().unwrap().1, saved());
        assert!(Claim::abandoned(home.path(), &prefix(&peer("b"))).unwrap().is_empty());
        let mut held = claim(home.path(), &peer("a"), id).unwrap().unwrap();
        held.clear().unwrap();
        drop(held);
        assert!(Claim::abandoned(home.path(), &prefix(&peer("a"))).unwrap().is_empty());
    }
}

//! The order of a flight's versions, as the database says it: every row of `flight_log` begins where another ends.

use std::collections::HashMap;

use super::version::Version;

/// The versions of a flight from its original on, oldest first.
#[derive(Debug)]
pub(super) struct Chain {
    places: HashMap<Version, usize>,
}

impl Chain {
    /// Makes a chain of rows of old and new versions, in no particular order; or says why they make none.
    pub(super) fn of(rows: &[(Version, Version)]) -> Result<Self, String> {
        let mut next = HashMap::new();
        for (old, new) in rows {
            if let Some(other) = next.insert(*old, *new) {
                return Err(format!("{other} and {new} both follow on {old}"));
            }
        }
        let mut places = HashMap::from([(Version::ORIGINAL, 0)]);
        let mut last = Version::ORIGINAL;
        while let Some(version) = next.get(&last) {
            if places.insert(*version, places.len()).is_some() {
                return Err(format!("{version} was applied twice"));
            }
            last = *version;
        }
        match places.len() == rows.len() + 1 {
            true => Ok(Self { places }),
            false => Err(format!("it breaks after {last}, {} of {} rows in", places.len() - 1, rows.len())),
        }
    }

    /// How many updates made this version, if the database ever had it.
    pub(super) fn place(&self, version: Version) -> Option<usize> {
        self.places.get(&version).copied()
    }

    /// How many updates there were.
    pub(super) fn length(&self) -> usize {
        self.places.len() - 1
    }
}

//! From what an operation gave to what is shown of it.

use std::time::Duration;

use super::{EntrySeen, ReadSeen, UpdateSeen};
use crate::cache::Entry;
use crate::flight::{FlightId, Times};
use crate::pattern::{Acknowledgement, Lookup, PatternKind, Read};

impl ReadSeen {
    /// What is shown of a read that was made.
    #[must_use]
    pub fn of(flight_id: FlightId, read: Read, latency: Duration, card: Option<&'static str>) -> Self {
        Self {
            flight_id,
            flight: read.flight,
            source: read.source,
            lookup: read.lookup,
            latency,
            degraded: read.lookup == Lookup::Unavailable,
            notes: read.notes,
            card,
        }
    }
}

impl UpdateSeen {
    /// What is shown of an update that was acknowledged.
    #[must_use]
    pub fn of(
        pattern: PatternKind,
        old: Times,
        acknowledgement: Acknowledgement,
        latency: Duration,
        restores: bool,
    ) -> Self {
        Self {
            flight_id: acknowledgement.flight.flight_id,
            pattern,
            old: acknowledgement.old.unwrap_or(old),
            new: acknowledgement.flight.times(),
            durability: acknowledgement.durability,
            cache: acknowledgement.cache,
            position: acknowledgement.position,
            latency,
            restores,
            notes: acknowledgement.notes,
        }
    }
}

impl EntrySeen {
    /// What is shown of what stands under a flight's key.
    #[must_use]
    pub fn of(id: FlightId, entry: Entry, latency: Duration) -> Self {
        let state = entry.describe();
        let flight = match entry {
            Entry::Value(flight) => Some(flight),
            _ => None,
        };
        Self { key: id.key(), state, flight, latency }
    }
}

//! From what an operation gave to what is shown of it.

use std::time::Duration;

use super::{DeadLetterSeen, EntrySeen, ReadSeen, RefreshSeen, UpdateSeen};
use crate::cache::Entry;
use crate::flight::{FlightId, Times, Update};
use crate::pattern::{Acknowledgement, Lookup, PatternKind, Read, Refresh};
use crate::queue::DeadLetter;

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

impl RefreshSeen {
    /// What is shown of a refresh in the background.
    #[must_use]
    pub fn of(refresh: Refresh) -> Self {
        let Refresh { flight_id, refreshed, ttl, failure, observed } = refresh;
        let ttl_ms = ttl.map(|ttl| u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX));
        Self { flight_id, refreshed, ttl_ms, latency: observed.latency, failure }
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
            position: acknowledgement.place.map(|place| place.position.to_string()),
            partition: acknowledgement.place.map(|place| place.partition),
            latency,
            restores,
            notes: acknowledgement.notes,
        }
    }
}

impl DeadLetterSeen {
    /// What is shown of a dead letter.
    #[must_use]
    pub fn of(letter: DeadLetter) -> Self {
        let DeadLetter { id, position, update, sentence, buried_at } = letter;
        let (update, unreadable) = match update {
            Ok(update) => (Some(update), None),
            Err(reason) => (None, Some(reason)),
        };
        Self {
            id: id.to_string(),
            partition: id.partition,
            position: position.to_string(),
            flight_id: update.as_ref().map(Update::flight_id),
            times: update.as_ref().map(|update| update.flight.times()),
            user: update.as_ref().map(|update| update.user.clone()),
            comment: update.and_then(|update| update.comment),
            unreadable,
            reason: sentence.reason,
            attempts: sentence.attempts,
            buried_at,
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

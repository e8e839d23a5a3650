//! A value together with how long it will still stand: what a reader asks for who refreshes values before they expire.
//!
//! Whoever refreshes one first replaces it by itself with a token in it, `{"flight_id":1,…,"lease":"fill-3f…"}`: a value like any
//! other to every reader, and so the sign that nobody else need refresh it; and a lease to whoever put the token there, for what
//! comes of the refresh may take its place only while that very token stands. Without a token that could not be told: a flight
//! that was moved and moved back in between has the same text again (`docs/models/lease_model.py --refresh bytes`).

use std::time::Duration;

use super::{Entry, Foreign, Lease};
use crate::clock::Chance;
use crate::flight::FlightId;

/// What stands under a key, and for how much longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Look {
    /// What stands there.
    pub entry: Entry,
    /// How much longer it will stand there at least; `None` where nothing stands, or it never expires.
    pub left: Option<Duration>,
    bytes: Vec<u8>,
}

impl Look {
    /// Nothing stands there.
    pub(super) fn absent() -> Self {
        Self { entry: Entry::Absent, left: None, bytes: Vec::new() }
    }

    /// Something of another type stands there.
    pub(super) fn foreign(foreign: Foreign) -> Self {
        Self { entry: Entry::Foreign(foreign), left: None, bytes: Vec::new() }
    }

    /// These bytes stand there.
    pub(super) fn of(id: FlightId, bytes: Vec<u8>, left: Option<Duration>) -> Self {
        Self { entry: Entry::decode(id, &bytes), left, bytes }
    }

    /// The value as it stands there, byte for byte.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The lease of whoever refreshes this value: the value itself, with a token. `None` where no value stands, or where
    /// somebody refreshes it already.
    #[must_use]
    pub fn mark(&self, chance: &Chance) -> Option<Lease> {
        if !matches!(self.entry, Entry::Value(_)) {
            return None;
        }
        Lease::within(std::str::from_utf8(&self.bytes).ok()?, chance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLIGHT: &str = r#"{"flight_id":1,"flightno":"LH400","from_airport":"FRA","to_airport":"JFK","airlinename":"Lufthansa","airline_id":1,"airplane_id":1,"departure":"2025-11-20T10:00:00","arrival":"2025-11-20T18:30:00"}"#;

    fn look(text: &str) -> Look {
        Look::of(FlightId::FIRST, text.as_bytes().to_vec(), None)
    }

    #[test]
    fn a_marked_value_is_the_same_value_and_is_marked_once() {
        let chance = Chance::seeded(1);
        let seen = look(FLIGHT);
        let mark = seen.mark(&chance).unwrap();
        assert_ne!(mark, seen.mark(&chance).unwrap(), "no two marks are the same");
        let marked = look(&mark.encode());
        assert_eq!(marked.entry, seen.entry);
        assert_eq!(marked.mark(&chance), None, "{}", mark.encode());
        // Another program may end its line.
        let spaced = look(&format!("{FLIGHT} \n"));
        let marked = look(&spaced.mark(&chance).unwrap().encode());
        assert_eq!((&marked.entry, marked.mark(&chance)), (&seen.entry, None));
    }

    #[test]
    fn only_a_value_is_marked() {
        let chance = Chance::seeded(1);
        for text in [r#"{"missing":true}"#, r#"{"lease":"fill-3f"}"#, "hello", "", "}"] {
            assert_eq!(look(text).mark(&chance), None, "{text}");
        }
        assert_eq!(Look::absent().mark(&chance), None);
    }
}

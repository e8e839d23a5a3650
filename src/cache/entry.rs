//! What may stand under a flight's key in a cache, and how it is written there.
//!
//! Everything is JSON that a person can read with `redis-cli GET flight:1`: a flight, a lease, or the mark of a flight that
//! does not exist. What is none of these is [`Entry::Foreign`]: it counts as a miss, is reported, and is overwritten.

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use crate::clock::Chance;
use crate::flight::{Flight, FlightId};

/// Who holds a lease, and so what others do when they meet it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseKind {
    /// A reader that fills the key: others wait a little for its value.
    Fill,
    /// A writer between its row lock and its settle: others go to the database.
    Write,
}

/// A token that stands in a key in place of a value, or within one: whoever put it there may finish only while it still stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Who holds it.
    pub kind: LeaseKind,
    token: String,
    /// The value that it stands in, up to its last brace: readers go on with that while it is refreshed.
    value: Option<String>,
}

/// How the token begins that stands within a value, as its last field.
const WITHIN: &str = ",\"lease\":\"fill-";

impl Lease {
    /// A new lease that nobody else holds.
    pub fn new(kind: LeaseKind, chance: &Chance) -> Self {
        Self { kind, token: chance.token(), value: None }
    }

    /// A new lease within this value, a JSON object; `None` if there is one already.
    pub(super) fn within(text: &str, chance: &Chance) -> Option<Self> {
        let value = text.trim_ascii_end().strip_suffix('}')?;
        if value.rsplit_once(WITHIN).is_some_and(|(_, token)| token.strip_suffix('"').is_some_and(is_token)) {
            return None;
        }
        Some(Self { kind: LeaseKind::Fill, token: chance.token(), value: Some(value.to_owned()) })
    }

    /// Whether a value stands there meanwhile.
    #[must_use]
    pub fn is_within_a_value(&self) -> bool {
        self.value.is_some()
    }

    /// The text that stands in the key, such as `{"lease":"fill-3f…"}`.
    #[must_use]
    pub fn encode(&self) -> String {
        let token = &self.token;
        match &self.value {
            None => format!("{}{token}\"}}", Self::prefix(self.kind)),
            Some(value) => format!("{value}{WITHIN}{token}\"}}"),
        }
    }

    /// How the text of every lease of this kind begins: what the caches' scripts look for.
    #[must_use]
    pub fn prefix(kind: LeaseKind) -> &'static str {
        match kind {
            LeaseKind::Fill => "{\"lease\":\"fill-",
            LeaseKind::Write => "{\"lease\":\"write-",
        }
    }

    /// Reads the text of a lease; `None` is anything else.
    pub(super) fn decode(text: &str) -> Option<Self> {
        [LeaseKind::Fill, LeaseKind::Write].into_iter().find_map(|kind| {
            let token = text.strip_prefix(Self::prefix(kind))?.strip_suffix("\"}")?;
            is_token(token).then(|| Self { kind, token: token.to_owned(), value: None })
        })
    }
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What a reader finds under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Nothing.
    Absent,
    /// The flight.
    Value(Flight),
    /// The mark of a flight that does not exist.
    Missing,
    /// Somebody is about to put something there.
    Leased(Lease),
    /// Something that is not ours, or not whole.
    Foreign(Foreign),
}

/// Something under our key that we did not write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// Its bytes; `None` where the key holds another type, such as a Redis list.
    pub bytes: Option<Vec<u8>>,
    /// Why it cannot be read.
    pub reason: String,
}

impl Foreign {
    /// What a reader says that puts something else in its place.
    #[must_use]
    pub fn overwritten(&self, id: FlightId) -> String {
        format!("what stood under {} cannot be read and is overwritten: {}", id.key(), self.reason)
    }
}

/// What a settled key is to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// The flight.
    Value(Flight),
    /// No such flight: asked again, answered from here.
    Missing,
}

const MISSING: &str = r#"{"missing":true}"#;

impl Content {
    /// When the flight departs, if it is one.
    #[must_use]
    pub fn departure(&self) -> Option<NaiveDateTime> {
        match self {
            Self::Value(flight) => Some(flight.departure),
            Self::Missing => None,
        }
    }

    /// The text that stands in the key.
    #[must_use]
    pub fn encode(&self) -> String {
        match self {
            Self::Value(flight) => serde_json::to_string(flight).expect("a flight is plain data, always serializable"),
            Self::Missing => MISSING.to_owned(),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct MissingMark {
    missing: bool,
}

impl Entry {
    /// Reads what stands under the key of `id`.
    #[must_use]
    pub fn decode(id: FlightId, bytes: &[u8]) -> Self {
        let foreign = |reason: String| Self::Foreign(Foreign { bytes: Some(bytes.to_vec()), reason });
        let Ok(text) = std::str::from_utf8(bytes) else {
            return foreign("it is not text".into());
        };
        if let Some(lease) = Lease::decode(text) {
            return Self::Leased(lease);
        }
        // The flight first: a hit is what every read waits for.
        match serde_json::from_str::<Flight>(text) {
            Ok(flight) if flight.flight_id == id => Self::Value(flight),
            Ok(flight) => foreign(format!("it is flight {}", flight.flight_id)),
            Err(_) if matches!(serde_json::from_str(text), Ok(MissingMark { missing: true })) => Self::Missing,
            Err(error) => foreign(format!("it is not a flight: {error}")),
        }
    }

    /// A word for what was found, as it is shown.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Absent => "MISS".into(),
            Self::Value(_) => "HIT".into(),
            Self::Missing => "HIT (no such flight)".into(),
            Self::Leased(lease) if lease.kind == LeaseKind::Fill => "leased by a reader".into(),
            Self::Leased(_) => "leased by a writer".into(),
            Self::Foreign(foreign) => format!("unreadable: {}", foreign.reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flight() -> Flight {
        serde_json::from_str(
            r#"{"flight_id":1,"flightno":"LH400","from_airport":"FRA","to_airport":"JFK","airlinename":"Lufthansa",
                "airline_id":1,"airplane_id":1,"departure":"2025-11-20T10:00:00","arrival":"2025-11-20T18:30:00"}"#,
        )
        .unwrap()
    }

    #[test]
    fn what_is_encoded_decodes_to_itself() {
        let id = flight().flight_id;
        let lease = Lease::new(LeaseKind::Write, &Chance::seeded(1));
        assert_eq!(Entry::decode(id, lease.encode().as_bytes()), Entry::Leased(lease));
        assert_eq!(Entry::decode(id, Content::Missing.encode().as_bytes()), Entry::Missing);
        assert_eq!(Entry::decode(id, Content::Value(flight()).encode().as_bytes()), Entry::Value(flight()));
    }

    #[test]
    fn what_is_not_ours_is_foreign() {
        let id = flight().flight_id;
        let other = Content::Value(flight()).encode().replace("\"flight_id\":1", "\"flight_id\":2");
        let cases: [&[u8]; 7] = [
            b"",
            b"hello",
            b"\xff\xfe",
            b"{\"lease\":\"fill-\"}",
            b"{\"lease\":\"fill-zz\"}",
            b"{\"missing\":false}",
            other.as_bytes(),
        ];
        for bytes in cases {
            assert!(matches!(Entry::decode(id, bytes), Entry::Foreign(_)), "{bytes:?}");
        }
    }
}

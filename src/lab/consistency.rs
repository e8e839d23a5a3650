//! Whether database and cache agree about a flight, and in what they differ.
//!
//! The two sides cannot be read at one moment. A difference therefore counts only if the cache still holds the same thing
//! after the database was read; otherwise somebody is changing the flight, and the look is taken again.

use schemars::JsonSchema;
use serde::Serialize;

use super::Lab;
use crate::cache::Entry;
use crate::error::Result;
use crate::flight::{Flight, FlightId};

/// How often a flight that changes under our eyes is looked at again.
const LOOKS: usize = 5;

/// What the comparison of a flight found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Both sides say the same.
    Consistent,
    /// The cache holds nothing, so it says nothing wrong.
    NotCached,
    /// A lease stands in the cache: readers go to the database.
    Leased,
    /// The database is behind, and the queue holds what it has not seen: write-behind before its queue is drained.
    Pending,
    /// The cache holds something that cannot be read: readers go to the database.
    Unreadable,
    /// The two sides say different things.
    Inconsistent,
}

impl Verdict {
    /// Whether a reader of the cache gets what the database has.
    #[must_use]
    pub fn holds(self) -> bool {
        matches!(self, Self::Consistent | Self::NotCached | Self::Leased)
    }
}

/// One field, on both sides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Comparison {
    /// The field of the flight.
    pub field: &'static str,
    /// What the database says.
    pub database: Option<String>,
    /// What the cache says, or the queue where the cache says nothing.
    pub cache: Option<String>,
}

impl Comparison {
    /// Whether both say the same.
    #[must_use]
    pub fn matches(&self) -> bool {
        self.database == self.cache
    }
}

/// The comparison of one flight.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Consistency {
    /// Which flight.
    pub flight_id: FlightId,
    /// What was found.
    pub verdict: Verdict,
    /// Field by field, where there is something to compare.
    pub fields: Vec<Comparison>,
}

/// Compares one flight.
pub(super) async fn check(lab: &Lab, id: FlightId) -> Result<Consistency> {
    let mut entry = lab.stack.cache.get(id).await?;
    let mut looks = 0;
    loop {
        looks += 1;
        let row = lab.stack.database.find(id).await?;
        let found = judge(id, &entry, row.as_ref());
        if found.verdict == Verdict::Consistent {
            return Ok(found);
        }
        let pending = lab.stack.queue.pending(id).await?;
        let again = lab.stack.cache.get(id).await?;
        if again != entry && looks < LOOKS {
            entry = again;
            continue;
        }
        return Ok(match pending {
            Some(pending) => with_pending(found, &entry, row.as_ref(), &pending),
            None => found,
        });
    }
}

fn judge(id: FlightId, entry: &Entry, row: Option<&Flight>) -> Consistency {
    let of = |verdict, cached| Consistency { flight_id: id, verdict, fields: compare(row, cached) };
    let plain = |verdict| Consistency { flight_id: id, verdict, fields: Vec::new() };
    match entry {
        Entry::Absent => plain(Verdict::NotCached),
        Entry::Leased(_) => plain(Verdict::Leased),
        Entry::Foreign(_) => plain(Verdict::Unreadable),
        Entry::Missing if row.is_none() => plain(Verdict::Consistent),
        Entry::Missing => of(Verdict::Inconsistent, None),
        Entry::Value(flight) if Some(flight) == row => of(Verdict::Consistent, Some(flight)),
        Entry::Value(flight) => of(Verdict::Inconsistent, Some(flight)),
    }
}

/// The database is behind. That is expected if the cache has nothing else than what is pending.
fn with_pending(found: Consistency, entry: &Entry, row: Option<&Flight>, pending: &Flight) -> Consistency {
    let expected = match entry {
        Entry::Value(flight) => flight == pending,
        Entry::Absent | Entry::Leased(_) => true,
        Entry::Missing | Entry::Foreign(_) => false,
    };
    let is_behind = row != Some(pending);
    if expected && is_behind {
        Consistency { verdict: Verdict::Pending, fields: compare(row, Some(pending)), ..found }
    } else {
        found
    }
}

fn compare(row: Option<&Flight>, cached: Option<&Flight>) -> Vec<Comparison> {
    type Field = (&'static str, fn(&Flight) -> String);
    const FIELDS: [Field; 8] = [
        ("flightno", |flight| flight.flightno.clone()),
        ("from_airport", |flight| flight.from_airport.clone()),
        ("to_airport", |flight| flight.to_airport.clone()),
        ("airlinename", |flight| flight.airlinename.clone()),
        ("airline_id", |flight| flight.airline_id.to_string()),
        ("airplane_id", |flight| flight.airplane_id.to_string()),
        ("departure", |flight| flight.departure.to_string()),
        ("arrival", |flight| flight.arrival.to_string()),
    ];
    FIELDS
        .iter()
        .map(|(field, of)| Comparison { field, database: row.map(of), cache: cached.map(of) })
        // The times are always shown; the rest only where it differs.
        .filter(|comparison| !comparison.matches() || matches!(comparison.field, "departure" | "arrival"))
        .collect()
}

//! The values that everything else moves about: a flight, an update of its times, and their limits.
//!
//! Pure values: nothing here waits, prints or fails for a reason outside its arguments.

pub mod names;
pub(crate) mod wall_clock;

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDateTime, TimeDelta};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The number of a flight: 1 to 2,147,483,647, the positive range of the column `flight.flight_id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "i64", into = "i32")]
#[schemars(with = "i32")]
pub struct FlightId(i32);

impl FlightId {
    /// The flight that is shown where none is named.
    pub const FIRST: Self = Self(1);

    /// The greatest there is.
    pub const LAST: Self = Self(i32::MAX);

    /// The number as the database knows it.
    #[must_use]
    pub fn number(self) -> i32 {
        self.0
    }

    /// The one after this.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        self.0.checked_add(1).map(Self)
    }

    /// The key under which this flight stands in a cache on one server. On a cluster it says more: see [`names`].
    #[must_use]
    pub fn key(self) -> String {
        format!("flight:{}", self.0)
    }

    /// The flight whose entry stands under `key`, if it is such a key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        let digits = key.strip_prefix("flight:")?;
        if digits.starts_with('0') || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        digits.parse().ok()
    }
}

impl TryFrom<i64> for FlightId {
    type Error = String;

    fn try_from(number: i64) -> Result<Self, String> {
        match i32::try_from(number) {
            Ok(valid) if valid >= 1 => Ok(Self(valid)),
            _ => Err(format!("a flight id is a whole number from 1 to {}, not {number}", i32::MAX)),
        }
    }
}

impl From<FlightId> for i32 {
    fn from(id: FlightId) -> Self {
        id.0
    }
}

impl FromStr for FlightId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().parse::<i64>() {
            Ok(number) => Self::try_from(number),
            Err(_) => Err(format!("a flight id is a whole number from 1 to {}", i32::MAX)),
        }
    }
}

impl fmt::Display for FlightId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A flight as it stands in the cache and as it is shown: the row of `flight` with its names resolved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Flight {
    /// Which flight this is.
    pub flight_id: FlightId,
    /// The flight number, without the blanks that pad it to eight characters.
    pub flightno: String,
    /// Where it starts: the airport's IATA code, or its ICAO code where it has no other.
    pub from_airport: String,
    /// Where it lands, likewise.
    pub to_airport: String,
    /// The airline's name, or its IATA code where it has no other.
    pub airlinename: String,
    /// The airline, as a key.
    pub airline_id: i64,
    /// The airplane, as a key.
    pub airplane_id: i64,
    /// When it starts, by the clock on the wall, to the second.
    #[serde(with = "wall_clock")]
    #[schemars(with = "NaiveDateTime")]
    pub departure: NaiveDateTime,
    /// When it lands, likewise.
    #[serde(with = "wall_clock")]
    #[schemars(with = "NaiveDateTime")]
    pub arrival: NaiveDateTime,
}

impl Flight {
    /// The part of a flight that an update changes.
    #[must_use]
    pub fn times(&self) -> Times {
        Times { departure: self.departure, arrival: self.arrival }
    }

    /// This flight with other times.
    #[must_use]
    pub fn at(&self, times: Times) -> Self {
        Self { departure: times.departure, arrival: times.arrival, ..self.clone() }
    }
}

/// When a flight departs and arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Times {
    /// When it starts.
    pub departure: NaiveDateTime,
    /// When it lands.
    pub arrival: NaiveDateTime,
}

impl Times {
    /// Both times moved by the same amount, or why that leaves what a database can hold.
    ///
    /// # Errors
    /// When a moved time is before the year 1000 or after the year 9999: MySQL's `DATETIME` ends there.
    pub fn delayed(self, by: TimeDelta) -> Result<Self, String> {
        let moved = |time: NaiveDateTime| {
            time.checked_add_signed(by)
                .filter(is_storable)
                .ok_or_else(|| format!("{time} moved by {} h leaves the years 1000 to 9999", by.num_hours()))
        };
        Ok(Self { departure: moved(self.departure)?, arrival: moved(self.arrival)? })
    }
}

/// Whether every database that we speak to can hold this time.
#[must_use]
pub fn is_storable(time: &NaiveDateTime) -> bool {
    (1000..=9999).contains(&time.year())
}

/// The longest `flight_log.user`, in characters.
pub const USER_LIMIT: usize = 100;
/// The longest `flight_log.comment`, in characters.
pub const COMMENT_LIMIT: usize = 200;

/// One change of a flight's times, audited in `flight_log`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    /// Which update this is, so that one sent twice can be told from two.
    pub id: String,
    /// The flight as it is to be.
    pub flight: Flight,
    /// Who changes it, for the audit.
    pub user: String,
    /// Why, for the audit.
    pub comment: Option<String>,
    /// When the change was asked for: UTC, to the second. It becomes `flight_log.log_date`.
    #[serde(with = "wall_clock")]
    pub made_at: NaiveDateTime,
}

impl Update {
    /// The flight that is changed.
    #[must_use]
    pub fn flight_id(&self) -> FlightId {
        self.flight.flight_id
    }
}

/// A place in a queue: later updates have greater positions. A stream's `ms-seq`, or a journal's `number-0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The first part: milliseconds for a stream, the row for a journal.
    pub major: u64,
    /// The second part: updates of one millisecond.
    pub minor: u64,
}

impl Position {
    /// Before every update.
    pub const START: Self = Self { major: 0, minor: 0 };

    /// Reads what [`Position`] prints.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.split_once('-')?;
        Some(Self { major: major.parse().ok()?, minor: minor.parse().ok()? })
    }

    /// The last position before this one.
    #[must_use]
    pub fn previous(self) -> Self {
        match self.minor.checked_sub(1) {
            Some(minor) => Self { minor, ..self },
            None => Self { major: self.major.saturating_sub(1), minor: u64::MAX },
        }
    }

    /// The first position after this one.
    #[must_use]
    pub fn next(self) -> Self {
        match self.minor.checked_add(1) {
            Some(minor) => Self { minor, ..self },
            None => Self { major: self.major + 1, minor: 0 },
        }
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}-{}", self.major, self.minor)
    }
}

/// An update with its place in the queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Queued {
    /// Where it stands.
    pub position: Position,
    /// What is to be applied.
    pub update: Update,
}

/// One row of `flight_log`: what an update changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LogEntry {
    /// When the change was asked for.
    pub log_date: NaiveDateTime,
    /// Who changed the flight.
    pub user: String,
    /// Which flight.
    pub flight_id: FlightId,
    /// Its times before.
    pub old: Times,
    /// Its times after.
    pub new: Times,
    /// Why.
    pub comment: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flight_id_is_a_positive_32_bit_number() {
        for wrong in ["0", "-5", "99999999999", "2147483648", "one", "", "1.5"] {
            assert!(wrong.parse::<FlightId>().is_err(), "{wrong} was accepted");
        }
        assert_eq!("2147483647".parse::<FlightId>().unwrap().number(), i32::MAX);
    }

    #[test]
    fn only_keys_of_flights_name_a_flight() {
        let id: FlightId = "115".parse().unwrap();
        assert_eq!(FlightId::from_key(&id.key()), Some(id));
        for foreign in ["flight:", "flight:pending", "flight:0115", "flight:-1", "flight:+1", "x:1", "flight:1:2"] {
            assert_eq!(FlightId::from_key(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn a_delay_moves_both_times_and_stays_storable() {
        let at = |text: &str| text.parse::<NaiveDateTime>().unwrap();
        let times = Times { departure: at("2025-11-20T10:00:00"), arrival: at("2025-11-20T18:30:00") };
        let later = times.delayed(TimeDelta::hours(2)).unwrap();
        assert_eq!(later, Times { departure: at("2025-11-20T12:00:00"), arrival: at("2025-11-20T20:30:00") });
        assert!(times.delayed(TimeDelta::days(365 * 9000)).is_err());
    }
}

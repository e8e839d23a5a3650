//! The versions of a flight: every update gives its flight a departure that no other update gives, so a departure says which
//! update it is from.

use std::fmt;

use cachedemo::flight::Times;
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use serde::{Deserialize, Serialize};

/// What an update makes of its flight. A number is a name here, not a place in an order: that order is the database's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Version(u64);

/// How many updates a client can make.
const PER_CLIENT: u64 = 1_000_000;

impl Version {
    /// The flight as it was before the run.
    pub(super) const ORIGINAL: Self = Self(0);

    /// What the `number`th update of a client makes of its flight.
    pub(super) fn new(client: u32, number: u32) -> Self {
        assert!(u64::from(number) < PER_CLIENT, "two updates would be one version");
        Self((u64::from(client) + 1) * PER_CLIENT + u64::from(number))
    }

    /// The version that has this departure.
    pub(super) fn of(departure: NaiveDateTime) -> Self {
        Self(u64::try_from((departure - Self::first()).num_seconds()).unwrap_or_default())
    }

    /// When a flight of this version departs and arrives.
    pub(super) fn times(self) -> Times {
        let departure = Self::first() + TimeDelta::seconds(i64::try_from(self.0).expect("clients are few"));
        Times { departure, arrival: departure + TimeDelta::hours(1) }
    }

    /// Later than any departure of the sample flights.
    fn first() -> NaiveDateTime {
        NaiveDate::from_ymd_opt(2100, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0)).expect("it is a day")
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::ORIGINAL => formatter.write_str("the original"),
            Self(number) => write!(formatter, "{}/{}", number / PER_CLIENT - 1, number % PER_CLIENT),
        }
    }
}

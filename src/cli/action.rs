//! What can be done with every pattern, and the flags of each: a walk-through, one read, one update, a comparison.
//!
//! The same for all patterns, so that what was learned with one is known with the others.

use std::time::Duration;

use chrono::{NaiveDateTime, TimeDelta};
use clap::{ArgGroup, Args, Subcommand};

use super::value;
use crate::flight::FlightId;

/// What can be done with every pattern. `U` are the flags of an update, which has more of them where it is queued.
#[derive(Clone, Debug, Subcommand)]
pub enum Action<U: Args = Update> {
    /// Walk through the pattern, step by step (the default)
    #[command(after_help = "\
Examples:
  cachedemo <pattern> run --interactive --verbose
  cachedemo <pattern> run --flight-id 115 --delay -30m
  cachedemo <pattern> run --pause 2s")]
    Run(Run),
    /// Read one flight through the pattern
    #[command(after_help = "\
Examples:
  cachedemo <pattern> get --flight-id 115
  cachedemo <pattern> get --flight-id 115 --verbose --format json")]
    Get(Get),
    /// Change one flight's times through the pattern
    #[command(after_help = "\
Examples:
  cachedemo <pattern> update --flight-id 115 --delay 1h30m --comment fog
  cachedemo <pattern> update --departure 2025-11-20T12:00 --arrival '2025-11-20 20:30:00'")]
    Update(U),
    /// Compare the cache with the database
    #[command(after_help = "\
Examples:
  cachedemo <pattern> verify --flight-id 115
  cachedemo <pattern> verify --from 1 --to 500
  cachedemo <pattern> verify --all --format json")]
    Verify(Verify),
}

/// The flags of a walk-through.
#[derive(Clone, Debug, Args)]
pub struct Run {
    /// The flight to change and put back
    #[arg(long, value_name = "ID", default_value = "1", value_parser = value::flight_id, allow_negative_numbers = true)]
    pub flight_id: FlightId,
    /// Stop before each step: Enter goes on, other keys show the entry, the row, the log, what was sent
    #[arg(short, long)]
    pub interactive: bool,
    /// Show every statement and cache command
    #[arg(short, long)]
    pub verbose: bool,
    /// First drop what this tool keeps in the cache for this flight and its own queue; nothing else
    #[arg(short, long)]
    pub flush: bool,
    /// How far to move the flight: 2h, 90m, 1h30m, -30m
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "2h",
        value_parser = value::delay,
        allow_hyphen_values = true
    )]
    pub delay: TimeDelta,
    /// The textbook protocol, without leases: what most code does, and what goes wrong with it
    #[arg(long)]
    pub naive: bool,
    /// Advance by itself, this long before each step: 2s, 500ms
    #[arg(long, value_name = "DURATION", value_parser = value::pause, allow_hyphen_values = true)]
    pub pause: Option<Duration>,
}

/// The flags of one read.
#[derive(Clone, Debug, Args)]
pub struct Get {
    /// The flight to read
    #[arg(long, value_name = "ID", default_value = "1", value_parser = value::flight_id, allow_negative_numbers = true)]
    pub flight_id: FlightId,
    /// Show every statement and cache command
    #[arg(short, long)]
    pub verbose: bool,
    /// The textbook protocol, without leases: what most code does, and what goes wrong with it
    #[arg(long)]
    pub naive: bool,
}

/// The flags of one update.
#[derive(Clone, Debug, Args)]
#[command(group(ArgGroup::new("change").args(["delay", "departure", "arrival"]).required(true).multiple(true)))]
pub struct Update {
    /// The flight to change
    #[arg(long, value_name = "ID", default_value = "1", value_parser = value::flight_id, allow_negative_numbers = true)]
    pub flight_id: FlightId,
    /// Move departure and arrival by this much: 2h, 90m, 1h30m, -30m
    #[arg(
        long,
        value_name = "DURATION",
        value_parser = value::delay,
        allow_hyphen_values = true,
        conflicts_with_all = ["departure", "arrival"]
    )]
    pub delay: Option<TimeDelta>,
    /// The new departure, by the clock on the wall: 2025-11-20T12:00
    #[arg(long, value_name = "TIME", value_parser = value::time)]
    pub departure: Option<NaiveDateTime>,
    /// The new arrival, by the clock on the wall: 2025-11-20T20:30
    #[arg(long, value_name = "TIME", value_parser = value::time)]
    pub arrival: Option<NaiveDateTime>,
    /// Who changes it, for the audit
    #[arg(
        long,
        value_name = "NAME",
        default_value = "cachedemo",
        value_parser = value::user,
        allow_hyphen_values = true
    )]
    pub user: String,
    /// Why, for the audit
    #[arg(long, value_name = "TEXT", value_parser = value::comment, allow_hyphen_values = true)]
    pub comment: Option<String>,
    /// Show every statement and cache command
    #[arg(short, long)]
    pub verbose: bool,
    /// The textbook protocol, without leases: what most code does, and what goes wrong with it
    #[arg(long)]
    pub naive: bool,
}

impl Update {
    /// What is to become of the flight's times.
    #[must_use]
    pub fn change(&self) -> Change {
        match self.delay {
            Some(delay) => Change::Delay(delay),
            None => Change::Times { departure: self.departure, arrival: self.arrival },
        }
    }
}

/// What is to become of a flight's times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Both move by this much.
    Delay(TimeDelta),
    /// They become these; what is absent stays. At least one is there.
    Times {
        /// The new departure.
        departure: Option<NaiveDateTime>,
        /// The new arrival.
        arrival: Option<NaiveDateTime>,
    },
}

/// The flags of a comparison.
#[derive(Clone, Debug, Args)]
pub struct Verify {
    /// The flight to compare
    #[arg(
        long,
        value_name = "ID",
        default_value = "1",
        value_parser = value::flight_id,
        allow_negative_numbers = true,
        conflicts_with_all = ["from", "to", "all"]
    )]
    pub flight_id: FlightId,
    /// The first of a range of flights
    #[arg(long, value_name = "ID", value_parser = value::flight_id, allow_negative_numbers = true, requires = "to")]
    pub from: Option<FlightId>,
    /// The last of that range
    #[arg(long, value_name = "ID", value_parser = value::flight_id, allow_negative_numbers = true, requires = "from")]
    pub to: Option<FlightId>,
    /// Every flight that has an entry in the cache
    #[arg(long, conflicts_with_all = ["from", "to"])]
    pub all: bool,
    /// Show every statement and cache command
    #[arg(short, long)]
    pub verbose: bool,
}

impl Verify {
    /// Which flights to compare.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match (self.all, self.from, self.to) {
            (true, ..) => Scope::Cached,
            (false, Some(first), Some(last)) => Scope::Range { first, last },
            (false, ..) => Scope::One(self.flight_id),
        }
    }
}

/// Which flights to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// This one.
    One(FlightId),
    /// Those with ids from the first to the last, both included; the first is not after the last.
    Range {
        /// The least id.
        first: FlightId,
        /// The greatest id.
        last: FlightId,
    },
    /// Those that have an entry in the cache.
    Cached,
}

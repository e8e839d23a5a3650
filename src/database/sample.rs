//! The sample data that a fresh database is filled with: real airports and airlines with made-up but believable
//! flights, the same on every machine, so that a demonstration can be repeated and compared.

mod airlines;
mod airplane_types;
mod airports;
mod network;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use chrono::{Datelike, NaiveDateTime, NaiveTime};

use airlines::AIRLINES;
use airplane_types::AIRPLANE_TYPES;
use airports::AIRPORTS;
use network::{Draws, Network, airport_index, small_id};

/// How many of the first flights the flight schedule is taken from.
const FLIGHTS_IN_SCHEDULE: u32 = 400;

/// A row of `airport`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Airport {
    /// Primary key.
    pub airport_id: i16,
    /// Three letters; small airfields have none.
    pub iata: Option<&'static str>,
    /// Four letters, unique.
    pub icao: &'static str,
    /// At most 50 characters.
    pub name: &'static str,
}

/// A row of `airline`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Airline {
    /// Primary key.
    pub airline_id: i16,
    /// Two letters, unique.
    pub iata: &'static str,
    /// At most 30 characters; the column allows NULL, and one airline uses that.
    pub airlinename: Option<&'static str>,
    /// The home airport's id.
    pub base_airport: i16,
}

/// A row of `airplane_type`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AirplaneType {
    /// Primary key.
    pub type_id: i32,
    /// At most 50 characters.
    pub identifier: &'static str,
    /// A few words on the type.
    pub description: &'static str,
}

/// A row of `airplane`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Airplane {
    /// Primary key.
    pub airplane_id: i32,
    /// Seats.
    pub capacity: i32,
    /// The airplane type's id.
    pub type_id: i32,
    /// The owner's id: wider than `airline.airline_id`, as it is in the table.
    pub airline_id: i32,
}

/// A row of `flight`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleFlight {
    /// Primary key.
    pub flight_id: i32,
    /// Airline code and one to four digits.
    pub flightno: String,
    /// The id of the airport it leaves from.
    pub from: i16,
    /// The id of the airport it goes to.
    pub to: i16,
    /// Wall-clock time, without a zone.
    pub departure: NaiveDateTime,
    /// Wall-clock time, without a zone; time zones are left out of the reckoning.
    pub arrival: NaiveDateTime,
    /// The airline's id.
    pub airline_id: i16,
    /// The id of one of that airline's airplanes.
    pub airplane_id: i32,
}

/// A row of `flightschedule`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduledFlight {
    /// Primary key.
    pub flightno: String,
    /// The id of the airport it leaves from.
    pub from: i16,
    /// The id of the airport it goes to.
    pub to: i16,
    /// Time of day.
    pub departure: NaiveTime,
    /// Time of day; earlier than the departure when the flight arrives on the next day.
    pub arrival: NaiveTime,
    /// The airline's id.
    pub airline_id: i16,
    /// Flown on Mondays.
    pub monday: bool,
    /// Flown on Tuesdays.
    pub tuesday: bool,
    /// Flown on Wednesdays.
    pub wednesday: bool,
    /// Flown on Thursdays.
    pub thursday: bool,
    /// Flown on Fridays.
    pub friday: bool,
    /// Flown on Saturdays.
    pub saturday: bool,
    /// Flown on Sundays.
    pub sunday: bool,
}

/// All airports, ids from 1 without gaps.
pub fn airports() -> impl Iterator<Item = Airport> {
    AIRPORTS.iter().enumerate().map(|(index, fact)| Airport {
        airport_id: small_id(index),
        iata: fact.iata,
        icao: fact.icao,
        name: fact.name,
    })
}

/// All airlines, ids from 1 without gaps.
pub fn airlines() -> impl Iterator<Item = Airline> {
    AIRLINES.iter().enumerate().filter_map(|(index, fact)| {
        Some(Airline {
            airline_id: small_id(index),
            iata: fact.iata,
            airlinename: fact.airlinename,
            base_airport: small_id(airport_index(fact.base)?),
        })
    })
}

/// All airplane types, ids from 1 without gaps.
pub fn airplane_types() -> impl Iterator<Item = AirplaneType> {
    AIRPLANE_TYPES.iter().enumerate().map(|(index, fact)| AirplaneType {
        type_id: i32::from(small_id(index)),
        identifier: fact.identifier,
        description: fact.description,
    })
}

/// All airplanes of all airlines, ids from 1 without gaps.
pub fn airplanes() -> impl Iterator<Item = Airplane> {
    let owned = AIRLINES.iter().enumerate().flat_map(|(airline, fact)| {
        let of_type = move |&(identifier, count): &(&str, u16)| {
            let index = AIRPLANE_TYPES.iter().position(|fact| fact.identifier == identifier)?;
            Some(std::iter::repeat_n((airline, index), usize::from(count)))
        };
        fact.fleet.iter().filter_map(of_type).flatten()
    });
    (1..).zip(owned).map(|(airplane_id, (airline, index))| Airplane {
        airplane_id,
        capacity: AIRPLANE_TYPES[index].capacity,
        type_id: i32::from(small_id(index)),
        airline_id: i32::from(small_id(airline)),
    })
}

/// The first `count` flights, ids 1 to `count` without gaps.
///
/// A flight depends on its id alone, so a longer run begins with the shorter one. Flight 1 is always LH400 from
/// Frankfurt to New York. Ids end where the column's type does.
pub fn flights(count: u32) -> impl Iterator<Item = SampleFlight> {
    let network = Network::build();
    (1..=count).map_while(|number| i32::try_from(number).ok()).map(move |flight_id| network.flight(flight_id))
}

/// The flight schedule: every flight number among the first flights, with the weekdays it is flown on.
///
/// The weekday of the flight it was taken from is always among them.
pub fn schedule() -> impl Iterator<Item = ScheduledFlight> {
    let mut seen = HashSet::new();
    flights(FLIGHTS_IN_SCHEDULE).filter(move |flight| seen.insert(flight.flightno.clone())).map(|flight| {
        // Seeded beyond every flight id, so that weekdays are not tied to the other properties of a flight.
        let mut draws = Draws::from_seed(u64::from(u32::MAX) + u64::from(flight.flight_id.unsigned_abs()));
        let own_day = flight.departure.weekday().num_days_from_monday();
        // Real schedules are mostly daily: each other day is kept with a chance of three in four.
        let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] =
            [0, 1, 2, 3, 4, 5, 6].map(|day| draws.below(4) > 0 || day == own_day);
        ScheduledFlight {
            flightno: flight.flightno,
            from: flight.from,
            to: flight.to,
            departure: flight.departure.time(),
            arrival: flight.arrival.time(),
            airline_id: flight.airline_id,
            monday,
            tuesday,
            wednesday,
            thursday,
            friday,
            saturday,
            sunday,
        }
    })
}

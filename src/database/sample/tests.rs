//! Tests of the sample data, apart from it so that both files stay short: a wrong row would only show up in a database.

use std::collections::{HashMap, HashSet};
use std::fmt::Debug;
use std::hash::Hash;

use chrono::{NaiveDate, NaiveDateTime, TimeDelta, Timelike};

use super::*;

const MANY: u32 = 20_000;

fn assert_unique<T: Eq + Hash + Debug>(values: impl Iterator<Item = T>) {
    let mut seen = HashSet::new();
    for value in values {
        let shown = format!("{value:?}");
        assert!(seen.insert(value), "{shown} occurs twice");
    }
}

fn at(day: u32, hour: u32, minute: u32) -> NaiveDateTime {
    let date = NaiveDate::from_ymd_opt(2025, 11, day).expect("a date");
    date.and_hms_opt(hour, minute, 0).expect("a time")
}

fn upper_case(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[test]
fn flight_one_is_the_lufthansa_to_new_york() {
    let flight = flights(1).next().expect("flight 1");
    let iata = |id| airports().find(|airport| airport.airport_id == id).expect("its airport").iata;
    let airline = airlines().find(|airline| airline.airline_id == flight.airline_id).expect("its airline");
    assert_eq!((flight.flight_id, flight.flightno.as_str()), (1, "LH400"));
    assert_eq!((iata(flight.from), iata(flight.to)), (Some("FRA"), Some("JFK")));
    assert_eq!((airline.iata, airline.airlinename), ("LH", Some("Lufthansa")));
    assert_eq!((flight.departure, flight.arrival), (at(20, 10, 0), at(20, 18, 30)));
}

#[test]
fn a_longer_run_begins_with_the_shorter_one() {
    let short: Vec<_> = flights(1000).collect();
    let long: Vec<_> = flights(MANY).take(1000).collect();
    assert_eq!(short, long);
    assert_eq!(flights(0).count(), 0);
}

#[test]
fn the_same_number_gives_the_same_flight_on_every_machine() {
    let known = [115, 200].map(|id| flights(200).nth(id - 1).expect("a flight"));
    let shown = known.map(|flight| {
        format!("{} {}-{} {} {}", flight.flightno, flight.from, flight.to, flight.departure, flight.airplane_id)
    });
    assert_eq!(shown, ["EI394 50-20 2026-02-17 10:20:00 281", "DY263 38-33 2026-07-12 15:50:00 309"]);
}

#[test]
fn ids_are_counted_from_one_without_gaps() {
    assert!((1..).zip(airports()).all(|(id, airport)| airport.airport_id == id));
    assert!((1..).zip(airlines()).all(|(id, airline)| airline.airline_id == id));
    assert!((1..).zip(airplane_types()).all(|(id, airplane_type)| airplane_type.type_id == id));
    assert!((1..).zip(airplanes()).all(|(id, airplane)| airplane.airplane_id == id));
    assert!((1..).zip(flights(MANY)).all(|(id, flight)| flight.flight_id == id));
}

#[test]
fn there_is_enough_of_everything_and_no_table_row_got_lost() {
    assert!(airports().count() >= 60);
    assert!(airports().filter(|airport| airport.iata.is_none()).count() >= 2);
    assert!(airlines().count() >= 20);
    assert_eq!(airlines().count(), AIRLINES.len(), "a base airport is not in the table");
    assert!(airplane_types().count() >= 10);
    let fleets: u16 = AIRLINES.iter().flat_map(|airline| airline.fleet).map(|&(_, count)| count).sum();
    assert_eq!(airplanes().count(), usize::from(fleets), "an airplane type is not in the table");
    assert!((300..600).contains(&fleets));
    assert_eq!(flights(MANY).count(), MANY as usize);
    assert!((200..=400).contains(&schedule().count()));
}

#[test]
fn codes_and_names_are_unique_and_fit_their_columns() {
    assert_unique(airports().map(|airport| airport.icao));
    assert_unique(airports().filter_map(|airport| airport.iata));
    assert_unique(airlines().map(|airline| airline.iata));
    assert_unique(airplane_types().map(|airplane_type| airplane_type.identifier));
    assert!(airports().all(|airport| upper_case(airport.icao, 4)));
    assert!(airports().filter_map(|airport| airport.iata).all(|iata| upper_case(iata, 3)));
    assert!(airports().all(|airport| (1..=50).contains(&airport.name.chars().count())));
    assert!(airlines().all(|airline| upper_case(airline.iata, 2)));
    assert!(airlines().filter_map(|airline| airline.airlinename).all(|name| name.chars().count() <= 30));
    assert!(airplane_types().all(|airplane_type| airplane_type.identifier.chars().count() <= 50));
    assert!(AIRPORTS.iter().all(|airport| airport.latitude.abs() <= 90.0 && airport.longitude.abs() <= 180.0));
}

#[test]
fn every_reference_resolves() {
    let airport_ids: HashSet<_> = airports().map(|airport| airport.airport_id).collect();
    let airlines: HashMap<_, _> = airlines().map(|airline| (airline.airline_id, airline)).collect();
    let type_ids: HashSet<_> = airplane_types().map(|airplane_type| airplane_type.type_id).collect();
    let airplanes: HashMap<_, _> = airplanes().map(|airplane| (airplane.airplane_id, airplane)).collect();
    assert!(airlines.values().all(|airline| airport_ids.contains(&airline.base_airport)));
    for airplane in airplanes.values() {
        assert!(type_ids.contains(&airplane.type_id) && airplane.capacity > 0);
        assert!(airlines.keys().any(|&id| i32::from(id) == airplane.airline_id));
    }
    for flight in flights(MANY) {
        assert!(airport_ids.contains(&flight.from) && airport_ids.contains(&flight.to));
        assert!(flight.flightno.starts_with(airlines[&flight.airline_id].iata), "{flight:?}");
        assert_eq!(airplanes[&flight.airplane_id].airline_id, i32::from(flight.airline_id), "{flight:?}");
    }
}

#[test]
fn flights_are_believable() {
    let days = at(1, 0, 0)..at(1, 0, 0) + TimeDelta::days(365);
    let mut routes = HashMap::new();
    for flight in flights(MANY) {
        let digits = &flight.flightno[2..];
        assert!((1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()), "{flight:?}");
        assert_ne!(flight.from, flight.to);
        assert!(days.contains(&flight.departure), "{flight:?}");
        assert!(flight.arrival > flight.departure, "{flight:?}");
        assert!(flight.arrival - flight.departure < TimeDelta::hours(18), "{flight:?}");
        for time in [flight.departure, flight.arrival] {
            assert_eq!((time.minute() % 5, time.second()), (0, 0), "{flight:?}");
        }
        let route = (flight.from, flight.to);
        assert_eq!(*routes.entry(flight.flightno.clone()).or_insert(route), route, "{flight:?}");
    }
    assert!(routes.len() > 1000);
}

#[test]
fn flights_fill_the_whole_year_and_reach_every_airport() {
    let days: HashSet<_> = flights(MANY).map(|flight| flight.departure.date()).collect();
    let reached: HashSet<_> = flights(MANY).map(|flight| flight.to).collect();
    assert_eq!((days.len(), reached.len()), (365, AIRPORTS.len()));
}

#[test]
fn the_schedule_agrees_with_the_flights() {
    let flights: HashMap<_, _> = flights(400).map(|flight| (flight.flightno.clone(), flight)).collect();
    assert_unique(schedule().map(|row| row.flightno));
    for row in schedule() {
        let flight = &flights[&row.flightno];
        assert_eq!((row.from, row.to, row.airline_id), (flight.from, flight.to, flight.airline_id));
        assert_eq!(row.departure, flight.departure.time());
    }
    let first = schedule().next().expect("a first row");
    assert_eq!(first.flightno, "LH400");
    assert!(first.thursday, "flight 1 leaves on a Thursday");
}

#[test]
fn distances_are_those_of_the_globe() {
    let between = |from, to| {
        let index = |iata| airport_index(iata).expect("an airport of the table");
        network::great_circle(index(from), index(to))
    };
    // Known from published great-circle distances, to within a percent for the flattening of the Earth.
    for (from, to, kilometres) in [("FRA", "JFK", 6206), ("LHR", "SYD", 17_016), ("FRA", "MUC", 299)] {
        let off = between(from, to).abs_diff(kilometres);
        assert!(off * 100 <= kilometres, "{from} to {to} is off by {off} km");
    }
}

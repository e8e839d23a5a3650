//! Reading: a flight comes back as it was written, whatever the columns do to it, and a search does what was typed.

use std::collections::HashMap;

use cachedemo::database::sample;
use cachedemo::flight::Flight;

use super::fixture::{Fixture, find, id, time};

fn one() -> Flight {
    Flight {
        flight_id: id(1),
        flightno: "LH400".into(),
        from_airport: "FRA".into(),
        to_airport: "JFK".into(),
        airlinename: "Lufthansa".into(),
        airline_id: 1,
        airplane_id: 1,
        departure: time("2025-11-20 10:00:00"),
        arrival: time("2025-11-20 18:30:00"),
    }
}

pub(super) async fn flight_one(fixture: Fixture) {
    let database = fixture.connect().await;
    assert_eq!(database.find(id(1)).await.unwrap(), Some(one()));
    // The second time with a statement that is prepared already.
    database.warm().await.unwrap();
    assert_eq!(database.find(id(1)).await.unwrap(), Some(one()));
    let update = super::fixture::moved(&one(), 0);
    let pending = database.begin(&update).await.unwrap();
    assert_eq!(pending.before(), &one(), "another statement reads the flight when it is changed");
    pending.rollback().await.unwrap();
}

pub(super) async fn the_sample(fixture: Fixture) {
    let airports: HashMap<_, _> =
        sample::airports().map(|airport| (airport.airport_id, airport.iata.unwrap_or(airport.icao))).collect();
    let airlines: HashMap<_, _> =
        sample::airlines().map(|airline| (airline.airline_id, airline.airlinename.unwrap_or(airline.iata))).collect();
    let expected: Vec<Flight> = sample::flights(60)
        .map(|flight| Flight {
            flight_id: id(flight.flight_id.into()),
            flightno: flight.flightno,
            from_airport: airports[&flight.from].into(),
            to_airport: airports[&flight.to].into(),
            airlinename: airlines[&flight.airline_id].into(),
            airline_id: flight.airline_id.into(),
            airplane_id: flight.airplane_id.into(),
            departure: flight.departure,
            arrival: flight.arrival,
        })
        .collect();
    let database = fixture.connect().await;
    assert_eq!(database.find_range(id(1), id(i32::MAX.into()), 1000).await.unwrap(), expected);
}

pub(super) async fn nothing(fixture: Fixture) {
    let database = fixture.connect().await;
    assert_eq!(database.find(id(61)).await.unwrap(), None);
    assert_eq!(database.find(id(i32::MAX.into())).await.unwrap(), None);
}

pub(super) async fn without_names(fixture: Fixture) {
    fixture.sql("UPDATE airport SET iata = NULL WHERE airport_id = 1");
    fixture.sql("UPDATE airport SET iata = '' WHERE airport_id = 2");
    fixture.sql("UPDATE airline SET airlinename = NULL WHERE airline_id = 1");
    let expected = Flight { from_airport: "EDDF".into(), to_airport: "KJFK".into(), airlinename: "LH".into(), ..one() };
    let database = fixture.connect().await;
    assert_eq!(find(&database, 1).await, expected);
    let pending = database.begin(&super::fixture::moved(&expected, 0)).await.unwrap();
    assert_eq!(pending.before(), &expected);
    pending.rollback().await.unwrap();
}

pub(super) async fn a_range(fixture: Fixture) {
    fixture.sql("DELETE FROM flight WHERE flight_id IN (3, 4, 7)");
    let database = fixture.connect().await;
    for (first, last, limit, expected) in [
        (2, 9, 4, vec![2, 5, 6, 8]),
        (2, 9, 100, vec![2, 5, 6, 8, 9]),
        (3, 4, 100, vec![]),
        (5, 5, 1, vec![5]),
        (9, 2, 100, vec![]),
        (1, 9, 0, vec![]),
        (59, 2_147_483_647, u32::MAX, vec![59, 60]),
    ] {
        let found = database.find_range(id(first), id(last), limit).await.unwrap();
        let ids: Vec<i64> = found.iter().map(|flight| flight.flight_id.number().into()).collect();
        assert_eq!(ids, expected, "{first} to {last}, at most {limit}");
    }
}

/// The ids that a search gives.
async fn searched_for(fixture: &Fixture, text: &str) -> Vec<i64> {
    let database = fixture.connect().await;
    let found = database.search(text, 1000).await.unwrap();
    found.iter().map(|flight| flight.flight_id.number().into()).collect()
}

pub(super) async fn searched(fixture: Fixture) {
    let database = fixture.connect().await;
    let all = database.find_range(id(1), id(60), 60).await.unwrap();
    let expected = |wanted: &dyn Fn(&Flight) -> bool| -> Vec<i64> {
        all.iter().filter(|flight| wanted(flight)).map(|flight| flight.flight_id.number().into()).collect()
    };
    let number = expected(&|flight| flight.flightno.starts_with("LH4"));
    assert!(number.contains(&1));
    assert_eq!(searched_for(&fixture, "LH4").await, number);
    assert_eq!(searched_for(&fixture, "lh4").await, number);
    assert_eq!(searched_for(&fixture, "LH400").await, [1]);
    let airport = expected(&|flight| flight.from_airport == "FRA");
    assert!(airport.contains(&1));
    assert_eq!(searched_for(&fixture, "FRA").await, airport);
    assert_eq!(searched_for(&fixture, "Frankfurt am Main").await, airport);
    let airline = expected(&|flight| flight.airlinename == "Lufthansa");
    assert_eq!(searched_for(&fixture, "lufth").await, airline);
    assert_eq!(searched_for(&fixture, "nothing has this name").await, [0; 0]);
    let limited = database.search("LH", 2).await.unwrap();
    assert_eq!(limited, database.search("LH", 100).await.unwrap()[..2]);
}

/// Whoever sees a code on the screen must be able to search for it.
pub(super) async fn searched_as_shown(fixture: Fixture) {
    fixture.sql("UPDATE airport SET iata = NULL, name = 'Nameless' WHERE airport_id = 1");
    fixture.sql("UPDATE airline SET airlinename = NULL, iata = '9Q' WHERE airline_id = 1");
    let departures =
        fixture.sql(&format!("SELECT flight_id FROM flight WHERE {} = 1 ORDER BY flight_id", fixture.quoted("from")));
    let departures: Vec<i64> = departures.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(searched_for(&fixture, "EDDF").await, departures);
    assert!(searched_for(&fixture, "9Q").await.contains(&1));
}

pub(super) async fn wildcards(fixture: Fixture) {
    for harmless in ["%", "_", "'", "\\", "!", "\"", "L%", "LH_00", "%400", "' OR 1 = 1 -- ", "LH400\\", "[A-Z]", "*"] {
        assert_eq!(searched_for(&fixture, harmless).await, [0; 0], "{harmless}");
    }
    fixture.sql("UPDATE airport SET name = '100% O''Hare_!x' WHERE airport_id = 1");
    for literal in ["100%", "100% O'Hare", "100% o'hare_", "100% O'Hare_!x"] {
        assert!(searched_for(&fixture, literal).await.contains(&1), "{literal}");
    }
    assert_eq!(searched_for(&fixture, "100%x").await, [0; 0]);
}

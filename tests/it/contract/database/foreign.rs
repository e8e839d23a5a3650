//! Tables as other tools leave them: pgloader, which moves a MySQL database to PostgreSQL, has types of its own.

use super::fixture::{Fixture, chain, find, id, moved, queued, time};
use cachedemo::database::Tracking;

/// Made by pgloader's default rules: `int` becomes `bigint`, `datetime` becomes `timestamptz`, the tables are in a schema that
/// bears the name of the MySQL database, and the database's search path leads there.
const TABLES: &str = r#"
CREATE SCHEMA flughafendb;
CREATE TABLE flughafendb.airport (airport_id bigserial PRIMARY KEY, iata char(3), icao char(4) NOT NULL, name varchar(50) NOT NULL);
CREATE TABLE flughafendb.airline (airline_id bigserial PRIMARY KEY, iata char(2) NOT NULL, airlinename varchar(30),
  base_airport smallint NOT NULL);
CREATE TABLE flughafendb.airplane (airplane_id bigserial PRIMARY KEY, capacity int NOT NULL, type_id bigint NOT NULL,
  airline_id bigint NOT NULL);
CREATE TABLE flughafendb.flight (flight_id bigserial PRIMARY KEY, flightno char(8) NOT NULL, "from" smallint NOT NULL,
  "to" smallint NOT NULL, departure timestamptz NOT NULL, arrival timestamptz NOT NULL, airline_id smallint NOT NULL,
  airplane_id bigint NOT NULL);
CREATE TABLE flughafendb.flight_log (log_date timestamptz NOT NULL, "user" varchar(100) NOT NULL, flight_id bigint NOT NULL,
  flightno_old char(8) NOT NULL, flightno_new char(8) NOT NULL, from_old smallint NOT NULL, to_old smallint NOT NULL,
  from_new smallint NOT NULL, to_new smallint NOT NULL, departure_old timestamptz NOT NULL, arrival_old timestamptz NOT NULL,
  departure_new timestamptz NOT NULL, arrival_new timestamptz NOT NULL, airplane_id_old bigint NOT NULL,
  airplane_id_new bigint NOT NULL, airline_id_old smallint NOT NULL, airline_id_new smallint NOT NULL, comment varchar(200));
INSERT INTO flughafendb.airport VALUES (1, 'FRA', 'EDDF', 'Frankfurt'), (2, NULL, 'KJFK', 'New York');
INSERT INTO flughafendb.airline VALUES (1, 'LH', 'Lufthansa', 1);
INSERT INTO flughafendb.airplane VALUES (4000000000, 300, 1, 1);
INSERT INTO flughafendb.flight VALUES
  (1, 'LH400', 1, 2, '2026-03-29 02:30:00+00', '2026-03-29 10:30:00+00', 1, 4000000000),
  (7, 'LH402', 1, 2, '2026-10-25 02:30:00+00', '2026-10-25 10:30:00+00', 1, 4000000000);
"#;

pub(super) async fn by_pgloader(fixture: Fixture) {
    fixture.sql(TABLES);
    // A zone in which half past two on that night does not exist.
    fixture.sql(&format!("ALTER DATABASE {} SET timezone = 'Europe/Berlin'", fixture.settings.name));
    fixture.sql(&format!("ALTER DATABASE {} SET search_path = public, flughafendb", fixture.settings.name));
    let database = fixture.connect().await;
    let flight = find(&database, 1).await;
    assert_eq!(
        (flight.flightno.as_str(), flight.to_airport.as_str(), flight.airplane_id),
        ("LH400", "KJFK", 4_000_000_000)
    );
    assert_eq!(flight.departure, time("2026-03-29 02:30:00"));
    assert_eq!(database.find_range(id(1), id(100), 10).await.unwrap().len(), 2);
    assert_eq!(database.search("frankf", 10).await.unwrap().len(), 2);
    for minutes in [0, 1, 30, 60, 90] {
        let pending = database.begin(&moved(&flight, minutes)).await.unwrap();
        pending.rollback().await.unwrap();
    }
    database.begin(&moved(&flight, 1)).await.unwrap().commit().await.unwrap();
    assert_eq!(find(&database, 1).await, moved(&flight, 1).flight);
    assert_eq!(database.tracking().await.unwrap(), Tracking::Kept);
    let batch = [queued(1, moved(&flight, 2)), queued(2, moved(&flight, 3))];
    assert_eq!(database.apply("queue", &batch, true).await.unwrap().updates, 2);
    assert_eq!(chain(&database, &flight).await.0, ["moved by 1", "moved by 2", "moved by 3"]);
    let facts = database.facts().await.unwrap();
    assert!(facts.checks.iter().all(|check| check.problem.is_none()), "{:?}", facts.checks);
    assert_eq!(facts.flights.map(|flights| (flights.count, flights.last)), Some((2, 7)));
    let counts = database.tables().await.unwrap();
    assert_eq!(counts.iter().find(|count| count.table == "airplane_type").and_then(|count| count.rows), None);
}

//! The schema: what `init` makes, what it leaves alone, and what a database says of itself.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use cachedemo::database::{self, Database, DatabaseKind, FlightRange, sample};
use cachedemo::error::Error;
use cachedemo::hop::{self, Target};

use super::fixture::{Fixture, find, id, moved, queued, time};

/// Tables and their rows as one line, for comparing.
async fn tables(database: &dyn Database) -> String {
    let tables = database.tables().await.unwrap();
    let line = |count: &database::TableCount| {
        format!("{} {}", count.table, count.rows.map_or("absent".to_owned(), |rows| rows.to_string()))
    };
    tables.iter().map(line).collect::<Vec<_>>().join(", ")
}

/// What stands there after `init` with so many flights.
fn filled(flights: usize) -> String {
    format!(
        "airline {}, airport {}, airplane_type {}, airplane {}, flight {flights}, flight_log 0, flightschedule {}",
        sample::airlines().count(),
        sample::airports().count(),
        sample::airplane_types().count(),
        sample::airplanes().count(),
        sample::schedule().count()
    )
}

/// One more than goes into a statement.
pub(super) async fn counts(fixture: Fixture) {
    let database = fixture.connect().await;
    assert_eq!(
        tables(&*database).await,
        "airline absent, airport absent, airplane_type absent, airplane absent, flight absent, flight_log absent, \
         flightschedule absent"
    );
    let progress = Mutex::new(Vec::new());
    database.init(5001, &|count| progress.lock().unwrap().push(count)).await.unwrap();
    assert_eq!(*progress.lock().unwrap(), [5000, 5001]);
    assert_eq!(tables(&*database).await, filled(5001));
    let facts = database.facts().await.unwrap();
    assert_eq!(facts.flights, Some(FlightRange { count: 5001, first: 1, last: 5001 }));
    let names = fixture.sql("SELECT name FROM airport ORDER BY airport_id");
    assert_eq!(names.lines().collect::<Vec<_>>(), sample::airports().map(|airport| airport.name).collect::<Vec<_>>());
    let names = fixture.sql("SELECT COALESCE(airlinename, 'none') FROM airline ORDER BY airline_id");
    let expected: Vec<_> = sample::airlines().map(|airline| airline.airlinename.unwrap_or("none")).collect();
    assert_eq!(names.lines().collect::<Vec<_>>(), expected);
    let last = sample::flights(5001).last().unwrap();
    assert_eq!(find(&database, 5001).await.departure, last.departure);
}

pub(super) async fn no_flights(fixture: Fixture) {
    let database = fixture.connect().await;
    database.init(0, &|_| panic!("there is nothing to report")).await.unwrap();
    assert_eq!(tables(&*database).await, filled(0));
    assert_eq!(database.facts().await.unwrap().flights, None);
    assert_eq!(database.find(id(1)).await.unwrap(), None);
}

pub(super) async fn filled_twice(fixture: Fixture) {
    let database = fixture.connect().await;
    database.begin(&moved(&find(&database, 1).await, 1)).await.unwrap().commit().await.unwrap();
    let before = (tables(&*database).await, fixture.table_names(), find(&database, 1).await);
    let refused = database.init(100, &|_| ()).await.unwrap_err();
    assert!(matches!(&refused, Error::NotHeld { message, .. } if message.contains("not empty")), "{refused:?}");
    assert_eq!((tables(&*database).await, fixture.table_names(), find(&database, 1).await), before);
}

pub(super) async fn at_once(fixture: Fixture) {
    let (one, other) = (fixture.connect().await, fixture.connect().await);
    let results = tokio::join!(one.init(50, &|_| ()), other.init(50, &|_| ()));
    assert!(results.0.is_ok() != results.1.is_ok(), "{results:?}");
    assert_eq!(tables(&*one).await, filled(50));
}

pub(super) async fn foreign_rows(fixture: Fixture) {
    fixture.sql("CREATE TABLE flightschedule (anything INT); INSERT INTO flightschedule VALUES (1)");
    let database = fixture.connect().await;
    let refused = database.init(10, &|_| ()).await.unwrap_err();
    assert!(matches!(&refused, Error::NotHeld { message, .. } if message.contains("flightschedule")), "{refused:?}");
    assert_eq!(fixture.table_names(), "flightschedule");
    assert_eq!(fixture.sql("SELECT anything FROM flightschedule"), "1");
}

pub(super) async fn empty_tables(fixture: Fixture) {
    fixture.sql(fixture.schema());
    let database = fixture.connect().await;
    database.init(20, &|_| ()).await.unwrap();
    assert_eq!(tables(&*database).await, filled(20));
}

pub(super) async fn facts(fixture: Fixture) {
    fixture.sql("DELETE FROM flight WHERE flight_id IN (1, 30)");
    let database = fixture.connect().await;
    let before = fixture.table_names();
    let facts = database.facts().await.unwrap();
    let problems: Vec<_> = facts.checks.iter().filter(|check| check.problem.is_some()).collect();
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(facts.flights, Some(FlightRange { count: 58, first: 2, last: 60 }));
    let version = fixture.sql(match fixture.settings.kind {
        DatabaseKind::Sqlite => "SELECT 3",
        DatabaseKind::Mysql | DatabaseKind::Mariadb => "SELECT VERSION()",
        DatabaseKind::Postgresql => "SHOW server_version",
    });
    assert!(facts.version.starts_with(&version), "{} is not {version}", facts.version);
    assert_eq!(fixture.table_names(), before, "looking changed something");
    assert_eq!(fixture.count("SELECT COUNT(*) FROM flight_log"), 0);
    database.tracking().await.unwrap();
    assert!(database.facts().await.unwrap().checks.iter().all(|check| check.problem.is_none()));
}

pub(super) async fn next_ids(fixture: Fixture) {
    let (from, to) = (fixture.quoted("from"), fixture.quoted("to"));
    fixture.sql("INSERT INTO airport (icao, name) VALUES ('ZZZZ', 'New')");
    fixture.sql("INSERT INTO airline (iata, base_airport) VALUES ('ZZ', 1)");
    fixture.sql("INSERT INTO airplane_type (identifier) VALUES ('New')");
    fixture.sql("INSERT INTO airplane (capacity, type_id, airline_id) VALUES (1, 1, 1)");
    fixture.sql(&format!(
        "INSERT INTO flight (flightno, {from}, {to}, departure, arrival, airline_id, airplane_id) \
         VALUES ('ZZ1', 1, 2, '2025-01-01 00:00:00', '2025-01-01 01:00:00', 1, 1)"
    ));
    assert_eq!(find(&fixture.connect().await, 61).await.flightno, "ZZ1");
}

/// Runs every method once, and looks that it sent all that is kept in `sql/` for this engine: what nobody sends is dead, and
/// what the engine refuses fails here.
pub(super) async fn every_statement(fixture: Fixture) {
    let empty = fixture.connect().await;
    let everything = async {
        empty.init(10, &|_| ()).await?;
        let database = fixture.connect().await;
        database.warm().await?;
        database.ping().await?;
        let flight = database.find(id(1)).await?.expect("it was just made");
        database.find_range(id(1), id(5), 5).await?;
        database.search("LH", 5).await?;
        database.facts().await?;
        database.tables().await?;
        database.begin(&moved(&flight, 1)).await?.commit().await?;
        database.begin(&moved(&flight, 2)).await?.rollback().await?;
        database.log(id(1), 5).await?;
        database.changed_since(time("2025-11-19 00:00:00")).await?;
        database.tracking().await?;
        database.offset("queue").await?;
        database.alone("queue").await?.release().await?;
        database.apply("queue", &[queued(1, moved(&flight, 3))], true).await?;
        database.apply("queue", &[queued(2, moved(&flight, 4))], true).await?;
        database.apply("queue", &[queued(3, moved(&flight, 5))], false).await?;
        let mut absent = moved(&flight, 6);
        absent.flight.flight_id = id(70);
        database.apply("queue", &[queued(4, absent)], true).await.expect_err("there is no such flight");
        Ok(())
    };
    let observed = hop::observe(hop::trip(Target::Database, "everything", |()| String::new(), everything)).await;
    observed.value.unwrap();
    let sent: BTreeSet<&str> = observed.hops.iter().flat_map(|hop| &hop.sent).map(|sent| sent.text.as_str()).collect();
    let folder = Path::new("sql").join(match fixture.settings.kind {
        DatabaseKind::Sqlite => "sqlite",
        DatabaseKind::Mysql | DatabaseKind::Mariadb => "mysql",
        DatabaseKind::Postgresql => "postgres",
    });
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        // How an update is told to MariaDB is not how it is told to MySQL.
        let of_the_other: &[&str] = match fixture.settings.kind {
            DatabaseKind::Mysql => &["write_log_returning.sql"],
            DatabaseKind::Mariadb => &["lock.sql", "write_log.sql"],
            DatabaseKind::Sqlite | DatabaseKind::Postgresql => &[],
        };
        if of_the_other.contains(&name) {
            continue;
        }
        assert!(sent.iter().any(|sent| sent.contains(text.trim_end())), "nobody sends {name}");
    }
}

pub(super) async fn created(fixture: Fixture) {
    let mut settings = fixture.settings.clone();
    settings.name = fixture.folder().join("new/folder/flights.sqlite").display().to_string();
    assert!(database::is_absent(&settings));
    database::create(&settings, 7, &|_| ()).await.unwrap();
    assert!(!database::is_absent(&settings));
    let database = database::connect(&settings).await.unwrap();
    assert_eq!(tables(&*database).await, filled(7));
    database.begin(&moved(&find(&database, 1).await, 1)).await.unwrap().commit().await.unwrap();
    let changed = find(&database, 1).await;
    // Closed, because SQLite would put what is still in its log into whatever file stands there next.
    database.close().await;
    database::create(&settings, 9, &|_| ()).await.unwrap();
    let reopened = database::connect(&settings).await.unwrap();
    assert_eq!(find(&reopened, 1).await, changed);
    let files = fs::read_dir(fixture.folder().join("new/folder")).unwrap();
    let drafts: Vec<_> =
        files.filter(|file| file.as_ref().unwrap().path().to_string_lossy().contains("draft")).collect();
    assert!(drafts.is_empty(), "{drafts:?}");
}

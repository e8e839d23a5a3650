//! The schema: whether an account can work with it, what is in it, and how an empty database gets one.

use serde_json::{Value, json};

use super::engine::{Bind, Engine};
use super::relational::Relational;
use super::session::{Session, decoded};
use super::statements::Statements;
use super::{Check, Facts, FlightRange, TableCount, sample};
use crate::error::{Error, Result, causes};
use crate::flight::wall_clock::written;

/// How many flights go into one statement.
const CHUNK: usize = 5_000;

/// What is tried, whether a pattern needs it, the statement, and what its absence costs. None of them changes a row.
fn checks(sql: &Statements) -> [(&'static str, bool, &'static str, &'static str); 5] {
    [
        (
            "SELECT on flight, airport, airline",
            true,
            "SELECT f.flight_id, p.iata, a.iata FROM flight f, airport p, airline a WHERE 1 = 0",
            "no flight can be read",
        ),
        (
            "UPDATE on flight",
            true,
            "UPDATE flight SET departure = departure, arrival = arrival WHERE 1 = 0",
            "no flight can be changed",
        ),
        // Not from `flight_log` itself: an account that may add to the audit and not read it is a careful one.
        ("INSERT into flight_log", true, sql.may_log, "an update cannot be audited, so none is made"),
        ("SELECT on flight_log", false, "SELECT comment FROM flight_log WHERE 1 = 0", "the audit cannot be shown"),
        (
            "cachedemo_offset",
            false,
            "UPDATE cachedemo_offset SET position = position WHERE 1 = 0",
            "write-behind applies at least once: after a crash a `flight_log` row may be written twice",
        ),
    ]
}

const COUNTS: [(&str, &str); 7] = [
    ("airline", "SELECT COUNT(*) FROM airline"),
    ("airport", "SELECT COUNT(*) FROM airport"),
    ("airplane_type", "SELECT COUNT(*) FROM airplane_type"),
    ("airplane", "SELECT COUNT(*) FROM airplane"),
    ("flight", "SELECT COUNT(*) FROM flight"),
    ("flight_log", "SELECT COUNT(*) FROM flight_log"),
    ("flightschedule", "SELECT COUNT(*) FROM flightschedule"),
];

impl<E: Engine> Relational<E> {
    pub(super) async fn examine(&self) -> Result<Facts> {
        let mut session = self.readers.session().await?;
        let rows = session.rows("SELECT", E::SQL.version, &[]).await?;
        let version = match rows.first() {
            Some(row) => decoded(&self.peer, E::text(row, 0))?,
            None => String::new(),
        };
        let mut checks = Vec::new();
        for (what, needed, sql, cost) in self::checks(E::SQL) {
            let mut problem = match session.rows("check", sql, &[]).await {
                Ok(_) => None,
                Err(error @ (Error::NoTable { .. } | Error::Denied { .. } | Error::Rejected { .. })) => Some(error),
                Err(error) => return Err(error),
            };
            if what == "cachedemo_offset" && matches!(problem, Some(Error::NoTable { .. })) {
                let rows = session.rows("SELECT", E::SQL.may_create, &[]).await?;
                let allowed = rows.first().map(|row| E::integer(row, 0)).transpose();
                if decoded(&self.peer, allowed)?.is_some_and(|grants| grants > 0) {
                    problem = None;
                }
            }
            let problem = problem.map(|error| causes(&error).into_iter().next().unwrap_or_else(|| error.to_string()));
            checks.push(Check { what, needed, problem, cost });
        }
        let flights = match checks.first() {
            Some(Check { problem: None, .. }) => self.extent(&mut session).await?,
            _ => None,
        };
        Ok(Facts { version, checks, flights })
    }

    async fn extent(&self, session: &mut Session<E>) -> Result<Option<FlightRange>> {
        let (count, first, last) = (
            "SELECT COUNT(*) FROM flight",
            "SELECT flight_id FROM flight ORDER BY flight_id LIMIT 1",
            "SELECT flight_id FROM flight ORDER BY flight_id DESC LIMIT 1",
        );
        let mut numbers = [0i64; 3];
        for (number, sql) in numbers.iter_mut().zip([count, first, last]) {
            let rows = session.rows("SELECT", sql, &[]).await?;
            let Some(row) = rows.first() else { return Ok(None) };
            *number = decoded(&self.peer, E::integer(row, 0))?;
        }
        let [count, first, last] = numbers;
        Ok(Some(FlightRange { count: count.unsigned_abs(), first, last }))
    }

    pub(super) async fn count_tables(&self) -> Result<Vec<TableCount>> {
        let mut session = self.readers.session().await?;
        let mut counts = Vec::with_capacity(COUNTS.len());
        for (table, sql) in COUNTS {
            let rows = match session.rows("SELECT", sql, &[]).await {
                Ok(rows) => {
                    let count = rows.first().map(|row| E::integer(row, 0)).transpose();
                    decoded(&self.peer, count)?.map(i64::unsigned_abs)
                }
                Err(Error::NoTable { .. } | Error::Denied { .. }) => None,
                Err(error) => return Err(error),
            };
            counts.push(TableCount { table, rows });
        }
        Ok(counts)
    }

    pub(super) async fn fill(&self, flights: u32, progress: &(dyn Fn(u32) + Send + Sync)) -> Result<()> {
        if let Some(full) = self.count_tables().await?.iter().find(|count| count.rows.is_some_and(|rows| rows > 0)) {
            return Err(Error::NotHeld {
                message: format!("the {} is not empty: table {} holds rows", self.peer, full.table),
                hint: "nothing was changed; `cachedemo db init` fills empty databases only. Name another with DB_NAME"
                    .into(),
            });
        }
        let mut session = self.writers.session().await?;
        session.begin().await?;
        session.command("CREATE TABLE", E::SQL.schema).await?;
        let sql = &E::SQL.sample;
        for (statement, rows) in [
            (sql.airports, rows(sample::airports(), airport)),
            (sql.airlines, rows(sample::airlines(), airline)),
            (sql.airplane_types, rows(sample::airplane_types(), airplane_type)),
            (sql.airplanes, rows(sample::airplanes(), airplane)),
            (sql.flightschedule, rows(sample::schedule(), scheduled)),
        ] {
            session.rows("INSERT", statement, &[Bind::Text(rows.to_string())]).await?;
        }
        let mut waiting = sample::flights(flights).peekable();
        let mut inserted = 0;
        while waiting.peek().is_some() {
            let chunk: Vec<Value> = waiting.by_ref().take(CHUNK).map(flight).collect();
            inserted += chunk.len() as u32;
            session.rows("INSERT", sql.flights, &[Bind::Text(Value::Array(chunk).to_string())]).await?;
            progress(inserted);
        }
        if let Some(finish) = sql.finish {
            session.command("finish", finish).await?;
        }
        session.commit("sample data").await
    }
}

fn rows<T>(items: impl Iterator<Item = T>, row: impl Fn(T) -> Value) -> Value {
    Value::Array(items.map(row).collect())
}

fn airport(row: sample::Airport) -> Value {
    json!([row.airport_id, row.iata, row.icao, row.name])
}

fn airline(row: sample::Airline) -> Value {
    json!([row.airline_id, row.iata, row.airlinename, row.base_airport])
}

fn airplane_type(row: sample::AirplaneType) -> Value {
    json!([row.type_id, row.identifier, row.description])
}

fn airplane(row: sample::Airplane) -> Value {
    json!([row.airplane_id, row.capacity, row.type_id, row.airline_id])
}

fn scheduled(row: sample::ScheduledFlight) -> Value {
    let (departure, arrival) = (row.departure.to_string(), row.arrival.to_string());
    let days = [row.monday, row.tuesday, row.wednesday, row.thursday, row.friday, row.saturday, row.sunday];
    let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] = days;
    json!([
        row.flightno,
        row.from,
        row.to,
        departure,
        arrival,
        row.airline_id,
        monday,
        tuesday,
        wednesday,
        thursday,
        friday,
        saturday,
        sunday
    ])
}

fn flight(row: sample::SampleFlight) -> Value {
    let time = |at: chrono::NaiveDateTime| written(&at, ' ');
    let (departure, arrival) = (time(row.departure), time(row.arrival));
    json!([row.flight_id, row.flightno, row.from, row.to, departure, arrival, row.airline_id, row.airplane_id])
}

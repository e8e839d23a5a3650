//! Draining the queue, against the same changes made by the best bulk statements alone, and against one change after the other.
//!
//! "Best" is what was found for each engine: one value bound, a JSON array, or arrays for PostgreSQL; one transaction a batch.
//! The bare sides know nothing of a queue, of an offset, or of what happens when somebody dies.

use std::time::Instant;

use cachedemo::database::DatabaseKind;
use cachedemo::demo::Witness;
use cachedemo::flight::{FlightId, Times};
use cachedemo::lab::Lab;
use cachedemo::pattern::PatternKind;
use chrono::{NaiveDateTime, TimeDelta};
use serde_json::json;
use sqlx::{Connection, Executor, MySqlConnection, PgConnection, SqliteConnection};

use crate::support::kinds::Kind;
use crate::support::server::Server;
use crate::{Failure, Row, lab};

/// How many updates a batch has on both sides, and how many each side makes in a round.
const BATCH: usize = 100;
const UPDATES: usize = 5_000;
const SINGLE: usize = 500;
const ROUNDS: usize = 7;
/// The flights take turns, so that no batch changes one twice: the bare statements could not. A quarter of the table, which is
/// too large to be read whole for a batch.
const FLIGHTS: usize = 5_000;

pub(crate) async fn measure(rows: &mut Vec<Row>) -> Result<(), Failure> {
    let home = tempfile::tempdir()?;
    let redis = Server::start(Kind::Redis).ok_or("redis-server is not installed")?;
    let mariadb = Server::start(Kind::MariaDb).ok_or("MariaDB is not installed")?;
    let postgres = Server::start(Kind::Postgres).ok_or("PostgreSQL is not installed")?;
    for (kind, server) in [
        (DatabaseKind::Mariadb, Some(&mariadb)),
        (DatabaseKind::Postgresql, Some(&postgres)),
        (DatabaseKind::Sqlite, None),
    ] {
        let lab = lab(kind, server, &redis, home.path()).await?.under(PatternKind::WriteBehind);
        let mut bare = match server {
            Some(server) if kind == DatabaseKind::Postgresql => {
                Bare::Postgres(PgConnection::connect(&server.database_url()).await?)
            }
            Some(server) => Bare::MySql(MySqlConnection::connect(&server.database_url()).await?),
            None => Bare::sqlite(home.path()).await?,
        };
        compare(kind, &lab, &mut bare, rows).await?;
        lab.queue().clear().await?;
    }
    Ok(())
}

async fn compare(kind: DatabaseKind, lab: &Lab, bare: &mut Bare, rows: &mut Vec<Row>) -> Result<(), Failure> {
    let mut flights = Vec::new();
    for id in 1..=FLIGHTS {
        let id = FlightId::try_from(i64::try_from(id)?)?;
        flights.push(lab.database().find(id).await?.ok_or("a sample flight is missing")?);
    }
    let (mut ours, mut bulk, mut single) = (Vec::new(), Vec::new(), Vec::new());
    let mut minute = 0;
    let mut times = |index: usize| {
        minute += 1;
        let flight = &flights[index % FLIGHTS];
        let by = TimeDelta::minutes(minute % 10_000);
        (index % FLIGHTS + 1, Times { departure: flight.departure + by, arrival: flight.arrival + by })
    };
    for round in 0..=ROUNDS {
        for index in 0..UPDATES {
            let (_, times) = times(index);
            lab.pattern().update(&lab.plan(&flights[index % FLIGHTS], times, "benchmark", None)).await?;
        }
        let began = Instant::now();
        lab.drain(&Witness::new(false), &|| false).await?;
        let first = began.elapsed();
        let began = Instant::now();
        for batch in 0..UPDATES / BATCH {
            let changes: Vec<_> = (0..BATCH).map(|place| times(batch * BATCH + place)).collect();
            bare.bulk(&changes).await?;
        }
        let second = began.elapsed();
        let began = Instant::now();
        for index in 0..SINGLE {
            let (id, times) = times(index);
            bare.single(id, times).await?;
        }
        let third = began.elapsed();
        // The first round warms all up.
        if round > 0 {
            ours.push(UPDATES as f64 / first.as_secs_f64());
            bulk.push(UPDATES as f64 / second.as_secs_f64());
            single.push(SINGLE as f64 / third.as_secs_f64());
        }
    }
    let median = |mut rates: Vec<f64>| {
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    };
    let (ours, bulk, single) = (median(ours), median(bulk), median(single));
    for (what, bare, budget) in
        [("the bulk statements alone", bulk, 0.8), ("one UPDATE, INSERT, COMMIT after the other", single, 20.0)]
    {
        rows.push(Row {
            what: format!("drain, updates/s in batches of {BATCH}, against {what} ({})", kind.product()),
            ours: format!("{ours:.0}"),
            bare: format!("{bare:.0}"),
            ratio: ours / bare,
            budget,
            least: true,
        });
    }
    Ok(())
}

/// A bare connection.
enum Bare {
    MySql(MySqlConnection),
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

const MYSQL_LOG: &str = include_str!("bare_bulk_log_mysql.sql");
const MYSQL_UPDATE: &str = include_str!("bare_bulk_update_mysql.sql");
const POSTGRES: &str = include_str!("bare_bulk_postgres.sql");
const SQLITE_LOG: &str = include_str!("bare_bulk_log_sqlite.sql");
const SQLITE_UPDATE: &str = include_str!("bare_bulk_update_sqlite.sql");

/// When the bare side says that its changes were asked for, by whom, and why: an audit that is worth the name.
const USER: &str = "benchmark";

impl Bare {
    async fn sqlite(home: &std::path::Path) -> Result<Self, Failure> {
        let url = format!("sqlite:{}", home.join("flights.sqlite3").display());
        let mut connection = SqliteConnection::connect(&url).await?;
        connection.execute("PRAGMA synchronous = FULL").await?;
        connection.execute("PRAGMA busy_timeout = 5000").await?;
        Ok(Self::Sqlite(connection))
    }

    async fn bulk(&mut self, changes: &[(usize, Times)]) -> Result<(), Failure> {
        let rows: Vec<_> =
            changes.iter().map(|(id, times)| json!([id, text(times.departure), text(times.arrival)])).collect();
        let now = chrono::Utc::now().naive_utc();
        let log: Vec<_> = rows.iter().map(|row| json!([row[0], row[1], row[2], text(now), USER, null])).collect();
        let (rows, log) = (json!(rows).to_string(), json!(log).to_string());
        match self {
            Self::MySql(connection) => {
                let mut transaction = connection.begin().await?;
                transaction.execute(sqlx::query(MYSQL_LOG).bind(&log)).await?;
                transaction.execute(sqlx::query(MYSQL_UPDATE).bind(&rows)).await?;
                transaction.commit().await?;
            }
            Self::Postgres(connection) => {
                let ids: Vec<i32> = changes.iter().map(|(id, _)| *id as i32).collect();
                let departures: Vec<NaiveDateTime> = changes.iter().map(|(_, times)| times.departure).collect();
                let arrivals: Vec<NaiveDateTime> = changes.iter().map(|(_, times)| times.arrival).collect();
                let dates = vec![now; changes.len()];
                let users = vec![USER; changes.len()];
                let comments: Vec<Option<String>> = vec![None; changes.len()];
                let query = sqlx::query(POSTGRES).bind(ids).bind(departures).bind(arrivals);
                connection.execute(query.bind(dates).bind(users).bind(comments)).await?;
            }
            Self::Sqlite(connection) => {
                let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
                transaction.execute(sqlx::query(SQLITE_LOG).bind(&log)).await?;
                transaction.execute(sqlx::query(SQLITE_UPDATE).bind(&rows)).await?;
                transaction.commit().await?;
            }
        }
        Ok(())
    }

    async fn single(&mut self, id: usize, times: Times) -> Result<(), Failure> {
        let id = id as i32;
        match self {
            Self::MySql(connection) => {
                let mut transaction = connection.begin().await?;
                let log = sqlx::query(include_str!("bare_log_mysql.sql")).bind(times.departure).bind(id);
                transaction.execute(log).await?;
                let update = sqlx::query("UPDATE flight SET departure = ?, arrival = ? WHERE flight_id = ?");
                transaction.execute(update.bind(times.departure).bind(times.arrival).bind(id)).await?;
                transaction.commit().await?;
            }
            Self::Postgres(connection) => {
                let mut transaction = connection.begin().await?;
                let log = sqlx::query(include_str!("bare_log_postgres.sql")).bind(times.departure).bind(id);
                transaction.execute(log).await?;
                let update = sqlx::query("UPDATE flight SET departure = $1, arrival = $2 WHERE flight_id = $3");
                transaction.execute(update.bind(times.departure).bind(times.arrival).bind(id)).await?;
                transaction.commit().await?;
            }
            Self::Sqlite(connection) => {
                let now = text(chrono::Utc::now().naive_utc());
                let row = json!([[id, text(times.departure), text(times.arrival), now, USER, null]]).to_string();
                let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
                transaction.execute(sqlx::query(SQLITE_LOG).bind(&row)).await?;
                let update = sqlx::query("UPDATE flight SET departure = ?, arrival = ? WHERE flight_id = ?");
                transaction.execute(update.bind(times.departure).bind(times.arrival).bind(id)).await?;
                transaction.commit().await?;
            }
        }
        Ok(())
    }
}

fn text(time: NaiveDateTime) -> String {
    time.format("%Y-%m-%d %H:%M:%S").to_string()
}

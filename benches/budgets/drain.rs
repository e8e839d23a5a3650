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
use crate::table::{Budget, Row};
use crate::{Failure, flight_id, lab_in_batches, median, start};

/// How many updates a batch has on both sides: the default, which the budgets hold for, and ten times as many.
const BATCHES: [usize; 2] = [100, 1_000];
/// How many updates each side makes in a round.
const UPDATES: usize = 5_000;
const SINGLE: usize = 500;
const ROUNDS: usize = 5;
/// The flights take turns, so that no batch changes one twice: the bare statements could not. A quarter of the table, which is
/// too large to be read whole for a batch.
const FLIGHTS: usize = 5_000;

pub(crate) async fn measure() -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    let redis = start(Kind::Redis)?;
    let mariadb = start(Kind::MariaDb)?;
    let postgres = start(Kind::Postgres)?;
    for (kind, server) in [
        (DatabaseKind::Mariadb, Some(&mariadb)),
        (DatabaseKind::Postgresql, Some(&postgres)),
        (DatabaseKind::Sqlite, None),
    ] {
        let home = tempfile::tempdir()?;
        let mut labs = Vec::new();
        for batch in BATCHES {
            let lab = lab_in_batches(kind, server, &redis, home.path(), batch).await?;
            labs.push((batch, lab.under(PatternKind::WriteBehind)));
        }
        let mut bare = match server {
            Some(server) if kind == DatabaseKind::Postgresql => {
                Bare::Postgres(PgConnection::connect(&server.database_url()).await?)
            }
            Some(server) => Bare::MySql(MySqlConnection::connect(&server.database_url()).await?),
            None => Bare::sqlite(home.path()).await?,
        };
        compare(kind, &labs, &mut bare, &mut rows).await?;
        for (_, lab) in labs {
            lab.queue().clear().await?;
            lab.database().close().await;
        }
    }
    Ok(rows)
}

/// Updates per second, round by round.
#[derive(Default)]
struct Rates {
    ours: Vec<f64>,
    bulk: Vec<f64>,
}

async fn compare(
    kind: DatabaseKind,
    labs: &[(usize, Lab)],
    bare: &mut Bare,
    rows: &mut Vec<Row>,
) -> Result<(), Failure> {
    let (_, first) = labs.first().ok_or("there is no laboratory")?;
    let flights = first.database().find_range(flight_id(), FlightId::LAST, u32::try_from(FLIGHTS)?).await?;
    let (mut rates, mut single) = (BATCHES.map(|_| Rates::default()), Vec::new());
    let mut minute = 0;
    let mut times = |index: usize| {
        minute += 1;
        let flight = &flights[index % FLIGHTS];
        let by = TimeDelta::minutes(minute % 10_000);
        (index % FLIGHTS + 1, Times { departure: flight.departure + by, arrival: flight.arrival + by })
    };
    for round in 0..=ROUNDS {
        for ((size, lab), rates) in labs.iter().zip(&mut rates) {
            for index in 0..UPDATES {
                let (_, times) = times(index);
                lab.pattern().update(&lab.plan(&flights[index % FLIGHTS], times, "benchmark", None)).await?;
            }
            let began = Instant::now();
            lab.drain(&Witness::new(false), &|| false).await?;
            let ours = began.elapsed();
            let began = Instant::now();
            for batch in 0..UPDATES / size {
                let changes: Vec<_> = (0..*size).map(|place| times(batch * size + place)).collect();
                bare.bulk(&changes).await?;
            }
            // The first round warms all up.
            if round > 0 {
                rates.bulk.push(UPDATES as f64 / began.elapsed().as_secs_f64());
                rates.ours.push(UPDATES as f64 / ours.as_secs_f64());
            }
        }
        let began = Instant::now();
        for index in 0..SINGLE {
            let (id, times) = times(index);
            bare.single(id, times).await?;
        }
        if round > 0 {
            single.push(SINGLE as f64 / began.elapsed().as_secs_f64());
        }
    }
    let single = median(single);
    for (size, Rates { ours, bulk }) in BATCHES.into_iter().zip(rates) {
        let (ours, bulk) = (median(ours), median(bulk));
        let held = |budget| if size == BATCHES[0] { Budget::AtLeast(budget) } else { Budget::None };
        let mut add = |what: &str, against: &str, (first, second): (f64, f64), budget| {
            let what = format!("{what}, updates/s in batches of {size}, against {against} ({})", kind.product());
            rows.push(Row::new(what, format!("{first:.0}"), format!("{second:.0}"), first / second, budget));
        };
        let singly = "one UPDATE, INSERT, COMMIT after the other";
        add("drain", "the bulk statements alone", (ours, bulk), held(0.8));
        add("drain", singly, (ours, single), held(20.0));
        // What no queue can exceed: where this is below 20, so is the line above.
        add("  the bulk statements alone", singly, (bulk, single), Budget::None);
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

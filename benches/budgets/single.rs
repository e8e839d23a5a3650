//! One operation at a time, against the bare commands and statements that it is made of.
//!
//! Both sides take turns, one operation each, so that a noisy machine hurts both alike; medians are compared.

use std::future::Future;
use std::time::{Duration, Instant};

use cachedemo::database::DatabaseKind;
use cachedemo::flight::Flight;
use cachedemo::lab::Lab;
use cachedemo::pattern::PatternKind;
use redis::AsyncCommands;
use redis::aio::MultiplexedConnection;
use sqlx::{Connection, Executor, MySqlConnection, PgConnection};
use tokio::sync::Mutex;

use crate::apart::Apart;
use crate::support::kinds::Kind;
use crate::support::server::Server;
use crate::table::{Budget, Row};
use crate::{Failure, flight_id, lab};

/// How often each side of a ratio is run.
const ROUNDS: usize = 4_000;

pub(crate) async fn measure() -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    let home = tempfile::tempdir()?;
    let apart = Apart::new()?;
    let redis = apart.start(Kind::Redis)?;
    for (kind, server) in [(DatabaseKind::Mariadb, Kind::MariaDb), (DatabaseKind::Postgresql, Kind::Postgres)] {
        let server = apart.start(server)?;
        let lab = lab(kind, Some(&server), &redis, home.path()).await?;
        let bare = redis::Client::open(redis.url())?.get_multiplexed_async_connection().await?;
        if kind == DatabaseKind::Mariadb {
            read_hit(&lab, &bare, &mut rows).await?;
            acknowledgement(&lab, &bare, &mut rows).await?;
        }
        write_through(kind, &lab, &server, &bare, &mut rows).await?;
        lab.database().close().await;
    }
    Ok(rows)
}

/// Runs both sides in turns and gives their medians.
pub(crate) async fn compare<A, B>(
    mut ours: impl FnMut() -> A,
    mut bare: impl FnMut() -> B,
) -> Result<(Duration, Duration), Failure>
where
    A: Future<Output = Result<(), Failure>>,
    B: Future<Output = Result<(), Failure>>,
{
    let (mut first, mut second) = (Vec::with_capacity(ROUNDS), Vec::with_capacity(ROUNDS));
    for round in 0..ROUNDS + ROUNDS / 10 {
        let began = Instant::now();
        ours().await?;
        let between = Instant::now();
        bare().await?;
        // The first tenth warms both up.
        if round >= ROUNDS / 10 {
            first.push(between - began);
            second.push(between.elapsed());
        }
    }
    first.sort_unstable();
    second.sort_unstable();
    Ok((first[ROUNDS / 2], second[ROUNDS / 2]))
}

fn latency(rows: &mut Vec<Row>, what: &str, (ours, bare): (Duration, Duration), budget: Budget) {
    let ratio = ours.as_secs_f64() / bare.as_secs_f64();
    rows.push(Row::new(what, format!("{ours:.1?}"), format!("{bare:.1?}"), ratio, budget));
}

async fn read_hit(lab: &Lab, bare: &MultiplexedConnection, rows: &mut Vec<Row>) -> Result<(), Failure> {
    let id = flight_id();
    lab.pattern().read(id).await?;
    let connection = bare.clone();
    let medians = compare(
        || async {
            lab.pattern().read(id).await?;
            Ok(())
        },
        || async {
            let _: Vec<u8> = connection.clone().get("flight:1").await?;
            Ok(())
        },
    )
    .await?;
    latency(rows, "read hit, p50, against a bare GET (Redis)", medians, Budget::AtMost(1.10));
    Ok(())
}

async fn acknowledgement(lab: &Lab, bare: &MultiplexedConnection, rows: &mut Vec<Row>) -> Result<(), Failure> {
    let behind = lab.under(PatternKind::WriteBehind);
    let flight = lab.database().find(flight_id()).await?.ok_or("flight 1 is missing")?;
    let text = serde_json::to_string(&flight)?;
    let connection = bare.clone();
    let medians = compare(
        || async {
            behind.pattern().update(&behind.plan(&flight, flight.times(), "benchmark", None)).await?;
            Ok(())
        },
        || async {
            let _: () = connection.clone().set("flight:2", &text).await?;
            Ok(())
        },
    )
    .await?;
    latency(rows, "write-behind acknowledgement, p50, against a bare SET", medians, Budget::AtMost(1.15));
    behind.queue().clear().await?;
    Ok(())
}

/// What the bare side locks the row with: it reads the times alone, or the flight as it goes into the cache, as ours does.
struct Locks {
    times: &'static str,
    flight: &'static str,
}

const MYSQL: Locks = Locks {
    times: "SELECT departure, arrival FROM flight WHERE flight_id = ? FOR UPDATE",
    flight: concat!(include_str!("../../sql/mysql/flight.sql"), include_str!("../../sql/mysql/lock.sql")),
};
const POSTGRES: Locks = Locks {
    times: "SELECT departure, arrival FROM flight WHERE flight_id = $1 FOR UPDATE",
    flight: concat!(include_str!("../../sql/postgres/flight.sql"), "WHERE f.flight_id = $1 FOR UPDATE OF f"),
};

async fn write_through(
    kind: DatabaseKind,
    lab: &Lab,
    server: &Server,
    bare: &MultiplexedConnection,
    rows: &mut Vec<Row>,
) -> Result<(), Failure> {
    let locks = if kind == DatabaseKind::Postgresql { POSTGRES } else { MYSQL };
    let against = "BEGIN, lock, UPDATE, INSERT, COMMIT and 2 SETs";
    for (lock, what, budget) in [
        (locks.times, format!("write-through, p50, against {against}"), Budget::AtMost(1.0)),
        (locks.flight, "  the same with a lock that reads the flight for the cache".into(), Budget::None),
    ] {
        let (ours, bare) = if kind == DatabaseKind::Postgresql {
            against_postgres(lab, server, bare, lock).await?
        } else {
            against_mysql(lab, server, bare, lock).await?
        };
        let what = format!("{what} ({})", kind.product());
        latency(rows, &what, (ours, bare), budget);
    }
    Ok(())
}

/// What both bare transactions are about.
struct Writing {
    through: Lab,
    flight: Flight,
    text: String,
    cache: MultiplexedConnection,
}

impl Writing {
    async fn new(lab: &Lab, cache: &MultiplexedConnection) -> Result<Self, Failure> {
        let flight = lab.database().find(flight_id()).await?.ok_or("flight 1 is missing")?;
        let text = serde_json::to_string(&flight)?;
        Ok(Self { through: lab.under(PatternKind::WriteThrough), flight, text, cache: cache.clone() })
    }

    async fn ours(&self) -> Result<(), Failure> {
        let update = self.through.plan(&self.flight, self.flight.times(), "benchmark", None);
        self.through.pattern().update(&update).await?;
        Ok(())
    }

    async fn two_sets(&self) -> Result<(), Failure> {
        let _: () = self.cache.clone().set("flight:2", &self.text).await?;
        Ok(self.cache.clone().set("flight:2", &self.text).await?)
    }
}

async fn against_postgres(
    lab: &Lab,
    server: &Server,
    cache: &MultiplexedConnection,
    lock: &'static str,
) -> Result<(Duration, Duration), Failure> {
    let writing = Writing::new(lab, cache).await?;
    let Flight { departure, arrival, .. } = writing.flight;
    let session = Mutex::new(PgConnection::connect(&server.database_url()).await?);
    let bare = || async {
        let mut session = session.lock().await;
        session.execute(sqlx::raw_sql("BEGIN")).await?;
        session.fetch_one(sqlx::query(lock).bind(2)).await?;
        let update = sqlx::query("UPDATE flight SET departure = $1, arrival = $2 WHERE flight_id = $3");
        session.execute(update.bind(departure).bind(arrival).bind(2)).await?;
        session.execute(sqlx::query(include_str!("bare_log_postgres.sql")).bind(departure).bind(2)).await?;
        session.execute(sqlx::raw_sql("COMMIT")).await?;
        writing.two_sets().await
    };
    compare(|| writing.ours(), bare).await
}

async fn against_mysql(
    lab: &Lab,
    server: &Server,
    cache: &MultiplexedConnection,
    lock: &'static str,
) -> Result<(Duration, Duration), Failure> {
    let writing = Writing::new(lab, cache).await?;
    let Flight { departure, arrival, .. } = writing.flight;
    let session = Mutex::new(MySqlConnection::connect(&server.database_url()).await?);
    let bare = || async {
        let mut session = session.lock().await;
        session.execute(sqlx::raw_sql("BEGIN")).await?;
        session.fetch_one(sqlx::query(lock).bind(2)).await?;
        let update = sqlx::query("UPDATE flight SET departure = ?, arrival = ? WHERE flight_id = ?");
        session.execute(update.bind(departure).bind(arrival).bind(2)).await?;
        session.execute(sqlx::query(include_str!("bare_log_mysql.sql")).bind(departure).bind(2)).await?;
        session.execute(sqlx::raw_sql("COMMIT")).await?;
        writing.two_sets().await
    };
    compare(|| writing.ours(), bare).await
}

//! What the patterns cost over the bare statements and commands that they are made of: ratios of one run, on real servers.
//!
//! `cargo bench` starts the servers itself. Both sides of a ratio take turns, one operation each, so that a noisy machine hurts
//! both alike; medians are compared. A budget that is missed is said, and the exit code is 1.
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock itself, as its bare side does")]

#[expect(dead_code, unreachable_pub, reason = "the harness offers more than a benchmark uses")]
#[path = "../../tests/it/support/mod.rs"]
mod support;

#[path = "../laboratory/mod.rs"]
mod laboratory;

mod drain;
mod memory;
mod protection;

use std::future::Future;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cachedemo::database::DatabaseKind;
use cachedemo::flight::FlightId;
use cachedemo::lab::Lab;
use cachedemo::pattern::PatternKind;
use laboratory::{lab, lab_with};
use redis::AsyncCommands;
use sqlx::{Connection, Executor};
use support::server::Server;

use support::kinds::Kind;

/// How often each side of a ratio is run.
const ROUNDS: usize = 4_000;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// One line of the table.
struct Row {
    what: String,
    ours: String,
    bare: String,
    ratio: f64,
    budget: f64,
    /// Whether the ratio must be at least the budget, rather than at most.
    least: bool,
}

impl Row {
    fn holds(&self) -> bool {
        if self.least { self.ratio >= self.budget } else { self.ratio <= self.budget }
    }
}

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            println!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let mut rows = Vec::new();
    // What is named is run alone: `cargo bench --bench budgets -- drain`.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let wants = |part: &str| wanted.is_empty() || wanted.iter().any(|word| word == part);
    let mut measured = Ok(());
    if wants("single") {
        measured = runtime.block_on(measure(&mut rows)).and_then(|()| processes(&mut rows));
    }
    if wants("drain") {
        measured = measured.and_then(|()| runtime.block_on(drain::measure(&mut rows)));
    }
    if wants("memory") {
        measured = measured.and_then(|()| runtime.block_on(memory::measure(&mut rows)));
    }
    if wants("protection") {
        measured = match measured {
            Ok(()) => runtime.block_on(protection::measure()),
            failed => failed,
        };
    }
    println!("{:<58} {:>10} {:>10} {:>7}  budget", "what", "ours", "bare", "ratio");
    for row in &rows {
        let sign = if row.least { "≥" } else { "≤" };
        let mark = if row.holds() { "✓" } else { "✗" };
        println!("{:<58} {:>10} {:>10} {:>7.2}  {sign} {} {mark}", row.what, row.ours, row.bare, row.ratio, row.budget);
    }
    if let Err(error) = measured {
        println!("{error}");
        return ExitCode::FAILURE;
    }
    if rows.iter().all(Row::holds) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn measure(rows: &mut Vec<Row>) -> Result<(), Failure> {
    let home = tempfile::tempdir()?;
    let redis = Server::start(Kind::Redis).ok_or("redis-server is not installed")?;
    for (kind, server) in [(DatabaseKind::Mariadb, Kind::MariaDb), (DatabaseKind::Postgresql, Kind::Postgres)] {
        let server = Server::start(server).ok_or("the database server is not installed")?;
        let lab = lab(kind, Some(&server), &redis, home.path()).await?;
        let url = format!("redis://127.0.0.1:{}", redis.port());
        let mut bare = redis::Client::open(url)?.get_multiplexed_async_connection().await?;
        if kind == DatabaseKind::Mariadb {
            read_hit(&lab, &mut bare, rows).await?;
            throughput(&lab, &redis, rows).await?;
            acknowledgement(&lab, &mut bare, rows).await?;
        }
        write_through(kind, &lab, &server, &mut bare, rows).await?;
    }
    Ok(())
}

fn flight_id() -> FlightId {
    FlightId::try_from(1).unwrap_or_else(|_| unreachable!("1 is an id"))
}

/// Runs both sides in turns and gives their medians.
async fn compare<A, B>(
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

fn latency(rows: &mut Vec<Row>, what: &str, (ours, bare): (Duration, Duration), budget: f64) {
    rows.push(Row {
        what: what.into(),
        ours: format!("{ours:.1?}"),
        bare: format!("{bare:.1?}"),
        ratio: ours.as_secs_f64() / bare.as_secs_f64(),
        budget,
        least: false,
    });
}

async fn read_hit(lab: &Lab, bare: &mut redis::aio::MultiplexedConnection, rows: &mut Vec<Row>) -> Result<(), Failure> {
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
    latency(rows, "read hit, p50, against a bare GET (Redis)", medians, 1.10);
    Ok(())
}

/// Hits with 64 readers at once, against the server's own benchmark with 64 connections, in turns.
async fn throughput(lab: &Lab, redis: &Server, rows: &mut Vec<Row>) -> Result<(), Failure> {
    const READERS: usize = 64;
    const READS: usize = 4_000;
    let lab = Arc::new(lab.clone());
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..3 {
        let began = Instant::now();
        let readers: Vec<_> = (0..READERS)
            .map(|_| {
                let lab = Arc::clone(&lab);
                tokio::spawn(async move {
                    for _ in 0..READS {
                        lab.pattern().read(flight_id()).await?;
                    }
                    Ok::<(), Failure>(())
                })
            })
            .collect();
        for reader in readers {
            reader.await??;
        }
        ours.push((READERS * READS) as f64 / began.elapsed().as_secs_f64());
        let output = Command::new("redis-benchmark")
            .args(["-p", &redis.port().to_string(), "-t", "get", "-c", "64", "-n", "200000", "-d", "230", "--csv"])
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let line = text.lines().find(|line| line.starts_with("\"GET\"")).ok_or("redis-benchmark printed no GET")?;
        let rate =
            line.split(',').nth(1).map(|cell| cell.trim_matches('"')).ok_or("redis-benchmark printed no rate")?;
        theirs.push(rate.parse::<f64>()?);
    }
    ours.sort_by(f64::total_cmp);
    theirs.sort_by(f64::total_cmp);
    rows.push(Row {
        what: "read hits per second, 64 at once, against redis-benchmark -c 64".into(),
        ours: format!("{:.0}", ours[1]),
        bare: format!("{:.0}", theirs[1]),
        ratio: ours[1] / theirs[1],
        budget: 3.0,
        least: true,
    });
    Ok(())
}

async fn acknowledgement(
    lab: &Lab,
    bare: &mut redis::aio::MultiplexedConnection,
    rows: &mut Vec<Row>,
) -> Result<(), Failure> {
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
    latency(rows, "write-behind acknowledgement, p50, against a bare SET", medians, 1.15);
    behind.queue().clear().await?;
    Ok(())
}

async fn write_through(
    kind: DatabaseKind,
    lab: &Lab,
    server: &Server,
    bare: &mut redis::aio::MultiplexedConnection,
    rows: &mut Vec<Row>,
) -> Result<(), Failure> {
    let through = lab.under(PatternKind::WriteThrough);
    let flight = lab.database().find(flight_id()).await?.ok_or("flight 1 is missing")?;
    let text = serde_json::to_string(&flight)?;
    let what =
        format!("write-through, p50, against BEGIN, lock, UPDATE, INSERT, COMMIT and 2 SETs ({})", kind.product());
    let connection = bare.clone();
    let ours = || async {
        through.pattern().update(&through.plan(&flight, flight.times(), "benchmark", None)).await?;
        Ok(())
    };
    let sets = || async {
        let _: () = connection.clone().set("flight:2", &text).await?;
        let _: () = connection.clone().set("flight:2", &text).await?;
        Ok::<(), Failure>(())
    };
    let medians = if kind == DatabaseKind::Postgresql {
        let session = tokio::sync::Mutex::new(sqlx::PgConnection::connect(&server.database_url()).await?);
        compare(ours, || async {
            let mut session = session.lock().await;
            session.execute(sqlx::raw_sql("BEGIN")).await?;
            session
                .fetch_one(sqlx::query("SELECT departure, arrival FROM flight WHERE flight_id = $1 FOR UPDATE").bind(2))
                .await?;
            session
                .execute(
                    sqlx::query("UPDATE flight SET departure = $1, arrival = $2 WHERE flight_id = $3")
                        .bind(flight.departure)
                        .bind(flight.arrival)
                        .bind(2),
                )
                .await?;
            session.execute(sqlx::query(include_str!("bare_log_postgres.sql")).bind(flight.departure).bind(2)).await?;
            session.execute(sqlx::raw_sql("COMMIT")).await?;
            sets().await
        })
        .await?
    } else {
        let session = tokio::sync::Mutex::new(sqlx::MySqlConnection::connect(&server.database_url()).await?);
        compare(ours, || async {
            let mut session = session.lock().await;
            session.execute(sqlx::raw_sql("BEGIN")).await?;
            session
                .fetch_one(sqlx::query("SELECT departure, arrival FROM flight WHERE flight_id = ? FOR UPDATE").bind(2))
                .await?;
            session
                .execute(
                    sqlx::query("UPDATE flight SET departure = ?, arrival = ? WHERE flight_id = ?")
                        .bind(flight.departure)
                        .bind(flight.arrival)
                        .bind(2),
                )
                .await?;
            session.execute(sqlx::query(include_str!("bare_log_mysql.sql")).bind(flight.departure).bind(2)).await?;
            session.execute(sqlx::raw_sql("COMMIT")).await?;
            sets().await
        })
        .await?
    };
    latency(rows, &what, medians, 1.0);
    Ok(())
}

/// Whole processes: the embedded walk-through on its second run, and the help. Their budgets are times, not ratios.
fn processes(rows: &mut Vec<Row>) -> Result<(), Failure> {
    let home = tempfile::tempdir()?;
    for (arguments, what, limit) in [
        (vec!["write-through", "--flight-id", "1"], "embedded walk-through, process start to exit (ms)", 100.0),
        (vec!["--help"], "--help, process start to exit (ms)", 10.0),
    ] {
        let mut times = Vec::new();
        for _ in 0..12 {
            let mut command = Command::new(env!("CARGO_BIN_EXE_cachedemo"));
            command.args(&arguments).env_clear().env("CACHEDEMO_HOME", home.path()).stdout(Stdio::null());
            let began = Instant::now();
            if !command.status()?.success() {
                return Err(format!("{what} failed").into());
            }
            times.push(began.elapsed().as_secs_f64() * 1000.0);
        }
        let first = times.remove(0);
        times.sort_by(f64::total_cmp);
        let median = times[times.len() / 2];
        rows.push(Row {
            what: what.into(),
            ours: format!("{median:.1} ms"),
            bare: format!("1st {first:.0}"),
            ratio: median,
            budget: limit,
            least: false,
        });
    }
    Ok(())
}

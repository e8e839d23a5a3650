//! What the bench itself costs: its clients, ledger and histograms against bare loops and the servers' own benchmarks.
//!
//! 64 clients do YCSB's workload C, reads alone, through [`Bench`]; in turns with that, 64 tasks call the same operation and write
//! nothing down, 64 tasks send the bare command, and `redis-benchmark` or `pgbench` with 64 clients do it with the very same command.
//! A harness that takes a fifth of what it measures measures itself. Which side was saturated is told by the processor time.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use cachedemo::bench::{Bench, Configuration, Flights, Mix, Subject, Watch};
use cachedemo::database::DatabaseKind;
use cachedemo::flight::FlightId;
use cachedemo::interrupt::Interrupt;
use cachedemo::lab::Lab;
use cachedemo::pattern::{OnCacheFailure, PatternKind, Protocol};
use redis::AsyncCommands;
use sqlx::Row as _;
use sqlx::postgres::{PgPool, PgPoolOptions};

use crate::processor::{Usage, Used};
use crate::support::kinds::Kind;
use crate::support::server::Server;
use crate::table::{Budget, Row};
use crate::throughput::{READERS, per_second};
use crate::{Failure, lab, median, rivals, start};

/// How many flights are read, and by how many clients at once.
const FLIGHTS: u32 = 1_000;
const CLIENTS: u32 = READERS as u32;
const ROUNDS: usize = 5;
/// How long each side of a round runs, more or less.
const SECONDS: u32 = 2;
/// The connections that the program itself has to PostgreSQL.
const POOL: u32 = 16;
/// The statement that the program sends.
const FIND: &str = concat!(include_str!("../../sql/postgres/flight.sql"), include_str!("../../sql/postgres/find.sql"));

/// The sides of one comparison, in the order in which they have their turns.
const SIDES: [&str; 4] =
    ["the bench", "the operation in a bare loop", "the bare command in a loop", "the server's own benchmark"];

pub(crate) async fn measure() -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    let home = tempfile::tempdir()?;
    let redis = start(Kind::Redis)?;
    let postgres = start(Kind::Postgres)?;
    let lab = lab(DatabaseKind::Postgresql, Some(&postgres), &redis, home.path()).await?;
    let flights = Flights::take(&lab, home.path(), FLIGHTS, false).await?;
    hits(&lab, &flights, &redis, &mut rows).await?;
    finds(&lab, &flights, &postgres, home.path(), &mut rows).await?;
    lab.database().close().await;
    Ok(rows)
}

/// Hits in Redis, through cache-aside.
async fn hits(lab: &Lab, flights: &Flights, redis: &Server, rows: &mut Vec<Row>) -> Result<(), Failure> {
    let bare = redis::Client::open(redis.url())?.get_multiplexed_async_connection().await?;
    let mut sides = Sides::new("redis-server");
    for _ in 0..ROUNDS {
        sides.turn(0, bench(lab, flights, Subject::Pattern(PatternKind::CacheAside))).await?;
        let pattern = Arc::new(lab.under(PatternKind::CacheAside));
        let read = move |number| {
            let pattern = Arc::clone(&pattern);
            async move { Ok(pattern.pattern().read(flight(number)?).await?) }
        };
        sides.turn(1, per_second(READERS, 4_000, read)).await?;
        let connection = bare.clone();
        let get = move |number| {
            let mut connection = connection.clone();
            async move { Ok(connection.get::<_, Vec<u8>>(flight(number)?.key()).await?) }
        };
        sides.turn(2, per_second(READERS, 4_000, get)).await?;
        sides.turn(3, async { rivals::gets_per_second(redis, 200_000) }).await?;
    }
    sides.tell("hits/s (cache-aside, Redis)", "redis-benchmark -c 64", rows);
    Ok(())
}

/// Reads of PostgreSQL without a cache.
async fn finds(
    lab: &Lab,
    flights: &Flights,
    postgres: &Server,
    home: &Path,
    rows: &mut Vec<Row>,
) -> Result<(), Failure> {
    let script = home.join("find.sql");
    fs::write(&script, format!("\\set id random(1, {FLIGHTS})\n{};\n", FIND.trim_end().replace("$1", ":id")))?;
    let url = format!("{}?options[plan_cache_mode]=force_generic_plan", postgres.url());
    let pool = PgPoolOptions::new().max_connections(POOL).min_connections(POOL).test_before_acquire(false);
    let pool = pool.connect(&url).await?;
    let mut sides = Sides::new("postgres");
    for _ in 0..ROUNDS {
        sides.turn(0, bench(lab, flights, Subject::None)).await?;
        let database = Arc::new(lab.clone());
        let find = move |number| {
            let database = Arc::clone(&database);
            async move { Ok(database.database().find(flight(number)?).await?) }
        };
        sides.turn(1, per_second(READERS, 300, find)).await?;
        let shared = pool.clone();
        let select = move |number| select(shared.clone(), number);
        sides.turn(2, per_second(READERS, 300, select)).await?;
        sides.turn(3, async { rivals::pgbench(postgres, &script, CLIENTS, SECONDS) }).await?;
    }
    sides.tell("reads/s (no cache, PostgreSQL)", "pgbench -c 64 -M prepared", rows);
    pool.close().await;
    Ok(())
}

async fn select(pool: PgPool, number: usize) -> Result<(), Failure> {
    let row = sqlx::query(FIND).bind(i64::from(flight(number)?.number())).fetch_one(&pool).await?;
    let _: i64 = row.try_get(0)?;
    Ok(())
}

/// The flights take turns, all of them alike.
fn flight(number: usize) -> Result<FlightId, Failure> {
    Ok(FlightId::try_from(i64::try_from(number * 7_919 % FLIGHTS as usize)? + 1)?)
}

/// Operations per second, by the bench's own report.
async fn bench(lab: &Lab, flights: &Flights, subject: Subject) -> Result<f64, Failure> {
    let (mix, distribution) = Mix::ycsb('c').ok_or("YCSB has a workload C")?;
    let plan = Configuration {
        subjects: vec![subject],
        protocol: Protocol::Protected,
        variants: Vec::new(),
        workload: Some("c".into()),
        mix,
        keys: FLIGHTS,
        distribution,
        clients: CLIENTS,
        rate: None,
        duration_s: Some(SECONDS.into()),
        operations: None,
        warmup_s: 0.3,
        rounds: 1,
        seed: 1,
        faults: Vec::new(),
        ttl_s: 3600.0,
        on_cache_failure: OnCacheFailure::Degrade,
        batch_size: 100,
    };
    let interrupt = Interrupt::never();
    let bench = Bench { lab, apart: lab, plan: &plan, flights, watch: &Unseen, interrupt: &interrupt };
    let (report, ended) = bench.run().await;
    ended?;
    let outcome = report.outcomes.first().ok_or("the bench measured nothing")?;
    match outcome.errors.first() {
        Some(failure) => Err(format!("{} operations failed", failure.count).into()),
        None => Ok(outcome.throughput),
    }
}

/// Nobody looks on.
struct Unseen;

impl Watch for Unseen {
    fn progress(&self, _subject: Subject, _done: f64) {}
}

/// What each side reached, turn by turn, and what it took of the processors.
struct Sides {
    server: &'static str,
    rates: [Vec<f64>; SIDES.len()],
    used: [Used; SIDES.len()],
}

impl Sides {
    fn new(server: &'static str) -> Self {
        Self { server, rates: Default::default(), used: Default::default() }
    }

    async fn turn(&mut self, side: usize, run: impl Future<Output = Result<f64, Failure>>) -> Result<(), Failure> {
        let usage = Usage::of(self.server);
        self.rates[side].push(run.await?);
        usage.add_to(&mut self.used[side]);
        Ok(())
    }

    fn tell(self, what: &str, rival: &str, rows: &mut Vec<Row>) {
        let Self { server, rates, used } = self;
        let rates = rates.map(median);
        let [ours, operation, command, theirs] = rates;
        let mut add = |against: &str, bare: f64, budget| {
            let what = format!("bench, 64 clients, {what}, against {against}");
            rows.push(Row::new(what, format!("{ours:.0}"), format!("{bare:.0}"), ours / bare, budget));
        };
        add("the same in a bare loop", operation, Budget::AtLeast(0.8));
        add("a bare loop of the client alone", command, Budget::None);
        add(rival, theirs, Budget::None);
        for ((side, rate), used) in SIDES.iter().zip(rates).zip(used) {
            used.tell(side, server, rate);
        }
    }
}

//! The laboratories that the benchmarks measure: over servers that they start themselves, with room for a load.

use std::path::Path;
use std::time::Duration;

use cachedemo::cache::{self, CacheKind};
use cachedemo::database::{self, DatabaseKind, TlsMode};
use cachedemo::flight::FlightId;
use cachedemo::lab::{Lab, Limits};
use cachedemo::pattern::{OnCacheFailure, PatternKind, Tuning};
use cachedemo::queue;
use cachedemo::queue::worker::{self, Retry};

use crate::Failure;
use crate::support::kinds::Kind;
use crate::support::server::Server;

/// How many flights the sample has, where nothing else is said.
const FLIGHTS: u32 = 20_000;
/// How many updates a batch has: the program's own default.
const BATCH: usize = 100;

/// Starts a server with the memory that it has by default.
pub(crate) fn start(kind: Kind) -> Result<Server, Failure> {
    Ok(Server::builder(kind).roomy().start().ok_or_else(|| format!("{kind:?} is not installed"))?)
}

/// A laboratory over a filled database server, or over SQLite where there is none, and Redis.
pub(crate) async fn lab(
    kind: DatabaseKind,
    server: Option<&Server>,
    redis: &Server,
    home: &Path,
) -> Result<Lab, Failure> {
    lab_in_batches(kind, server, redis, home, BATCH).await
}

/// The same whose worker applies so many updates at once.
pub(crate) async fn lab_in_batches(
    kind: DatabaseKind,
    server: Option<&Server>,
    redis: &Server,
    home: &Path,
    batch: usize,
) -> Result<Lab, Failure> {
    build(kind, server, (CacheKind::Redis, Some(redis)), home, (FLIGHTS, batch)).await
}

/// The same with any cache, and so many flights.
pub(crate) async fn lab_with(
    kind: DatabaseKind,
    server: Option<&Server>,
    cache: (CacheKind, Option<&Server>),
    home: &Path,
    flights: u32,
) -> Result<Lab, Failure> {
    build(kind, server, cache, home, (flights, BATCH)).await
}

async fn build(
    kind: DatabaseKind,
    server: Option<&Server>,
    (cache_kind, cache_server): (CacheKind, Option<&Server>),
    home: &Path,
    (flights, batch): (u32, usize),
) -> Result<Lab, Failure> {
    let timeout = Duration::from_secs(5);
    let settings = database::Settings {
        kind,
        host: server.map(|server| server.host().into()).unwrap_or_default(),
        port: server.map(Server::port).unwrap_or_default(),
        user: server.map(|server| server.user().into()).unwrap_or_default(),
        password: server.map(|server| server.password().to_owned().into()),
        name: server.map_or_else(|| home.join("flights.sqlite3").display().to_string(), |_| "flughafendb".into()),
        tls: TlsMode::Disable,
        authority: None,
        timeout,
    };
    match server {
        Some(_) => {
            let empty = database::connect(&settings).await?;
            // An earlier laboratory over the same server has filled it.
            if !matches!(empty.find(FlightId::FIRST).await, Ok(Some(_))) {
                empty.init(flights, &|_| {}).await?;
            }
            empty.close().await;
        }
        None => database::create(&settings, flights, &|_| {}).await?,
    }
    let database = database::connect(&settings).await?;
    database.warm().await?;
    let settings = cache::Settings {
        kind: cache_kind,
        host: cache_server.map(|server| server.host().into()).unwrap_or_default(),
        port: cache_server.map(Server::port).unwrap_or_default(),
        others: Vec::new(),
        cluster: None,
        user: None,
        password: None,
        index: 0,
        tls: false,
        authority: None,
        timeout: Duration::from_secs(1),
    };
    let cache = cache::connect(&settings)?;
    let layout = queue::Settings {
        partitions: 1,
        max_length: 10_000_000,
        patience: Duration::ZERO,
        memory: Duration::from_secs(300),
    };
    let queue = queue::connect(layout, &settings, &cache, home.join("journal"))?;
    let retry = Retry { first: Duration::from_millis(100), longest: Duration::from_secs(5), attempts: 5 };
    let worker = worker::Settings { batch, interval: Duration::from_secs(1), retry };
    let limits = Limits {
        ttl: Duration::from_secs(3600),
        database_timeout: timeout,
        cache_timeout: settings.timeout,
        worker,
        on_cache_failure: OnCacheFailure::Degrade,
        tuning: Tuning::default(),
        outages: None,
    };
    Ok(Lab::new(PatternKind::CacheAside, database, cache, queue, limits))
}

//! `doctor`: whether database, cache and queue are fit, what each shortcoming costs, and what to do about it.

use std::future::Future;
use std::path::Path;
use std::time::Duration;

use futures_util::future::join_all;

use super::{Context, connect};
use crate::cache::{CacheKind, Facts, Persistence, ServerFacts};
use crate::database::{self, DatabaseKind};
use crate::demo::{Event, Finding, Level};
use crate::error::{Error, Peer, Result, causes};
use crate::hop::{self, Target};

/// How many round trips are timed.
const TRIPS: usize = 11;

pub(super) async fn run(context: &mut Context) -> Result<()> {
    let database = examine_database(context).await;
    let cache = examine_cache(context).await;
    let home = examine_home(context);
    // Both are looked at before either ends the run; what cannot be reached counts for more than what is missing.
    let failures: Vec<Error> = [database, cache, home].into_iter().filter_map(Result::err).collect();
    let worst = failures.into_iter().max_by_key(|error| error.exit_code() as u8);
    match worst {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

async fn examine_database(context: &mut Context) -> Result<()> {
    let settings = context.config.database.clone();
    if database::is_absent(&settings) {
        let text = format!("SQLite: {} does not exist yet", settings.name);
        let hint = "it is made with 1,000 sample flights on first use, or now: `cachedemo db init`".to_owned();
        return say(context, Level::Plain, Target::Database, text, Some(hint));
    }
    let database = match database::connect(&settings).await {
        Ok(database) => database,
        Err(error) => return fail(context, Target::Database, error),
    };
    let facts = match database.facts().await {
        Ok(facts) => facts,
        Err(error) => return fail(context, Target::Database, error),
    };
    let trip = round_trip(|| database.ping()).await?;
    let text = about(database.peer(), &facts.version, trip);
    say(context, Level::Good, Target::Database, text, None)?;
    if let Some(hint) = other_product(settings.kind, &facts.version) {
        say(context, Level::Warning, Target::Database, "the server is not what DB_ENGINE says".into(), Some(hint))?;
    }
    let mut needed = Vec::new();
    for check in facts.checks {
        let Some(problem) = check.problem else {
            say(context, Level::Good, Target::Database, check.what.into(), None)?;
            continue;
        };
        let level = if check.needed { Level::Bad } else { Level::Warning };
        let text = format!("{}: {problem}; without it, {}", check.what, check.cost);
        say(context, level, Target::Database, text, Some(database_hint(check.what).into()))?;
        if check.needed {
            needed.push(check.what);
        }
    }
    match facts.flights {
        Some(flights) if flights.count > 0 => {
            let text = format!("{} flights, ids {} to {}", flights.count, flights.first, flights.last);
            say(context, Level::Good, Target::Database, text, None)?;
        }
        _ if needed.is_empty() => {
            let hint = "load flughafendb, or `cachedemo db init`".to_owned();
            say(context, Level::Bad, Target::Database, "there are no flights".into(), Some(hint))?;
        }
        _ => {}
    }
    if needed.is_empty() {
        return Ok(());
    }
    Err(Error::NotHeld {
        message: format!("the database lacks what every pattern needs: {}", needed.join("; ")),
        hint: "grant it, or load the tables: each finding above says which".into(),
    })
}

fn database_hint(what: &str) -> &'static str {
    match what {
        "cachedemo_offset" => "grant CREATE, or have the table made: sql/<engine>/offset.sql",
        "SELECT on flight, airport, airline" => {
            "grant SELECT on these tables; if they are missing, `cachedemo db init`"
        }
        "UPDATE on flight" => "grant UPDATE ON flight",
        _ => "grant SELECT, INSERT ON flight_log",
    }
}

fn other_product(kind: DatabaseKind, version: &str) -> Option<String> {
    let is_mariadb = version.contains("MariaDB");
    match kind {
        DatabaseKind::Mysql if is_mariadb => Some("it is MariaDB: set DB_ENGINE=mariadb".into()),
        DatabaseKind::Mariadb if !is_mariadb => Some("it is MySQL: set DB_ENGINE=mysql".into()),
        _ => None,
    }
}

async fn examine_cache(context: &mut Context) -> Result<()> {
    let cache = match connect::cache(context) {
        Ok(cache) => cache,
        Err(error) => return fail(context, Target::Cache, error),
    };
    let facts = match cache.facts().await {
        Ok(facts) => facts,
        Err(error) => return fail(context, Target::Cache, error),
    };
    // Where one of several servers is away, the others are examined all the same.
    let asked = join_all((0..cache.shards()).map(|shard| cache.reach(shard))).await;
    let Some(shard) = asked.iter().position(Result::is_ok) else {
        return fail(context, Target::Cache, asked.into_iter().find_map(Result::err).unwrap_or(Error::Interrupted));
    };
    let trip = round_trip(|| cache.reach(shard)).await?;
    let text = about(cache.peer(), &facts.version, trip);
    say(context, Level::Good, Target::Cache, text, None)?;
    examine_servers(context, &facts)?;
    examine_queue(context, &facts)?;
    asked.into_iter().collect()
}

/// Each of several servers, and what the loss of one means.
fn examine_servers(context: &mut Context, facts: &Facts) -> Result<()> {
    let is_cluster = context.config.cache.cluster.is_some();
    for ServerFacts { address, version, shards } in &facts.servers {
        let share = match (is_cluster, shards) {
            (false, _) => format!("1 of {} servers", facts.servers.len()),
            (true, 1) => "1 partition of the flights".to_owned(),
            (true, count) => format!("{count} partitions of the flights"),
        };
        match version {
            Ok(version) => say(context, Level::Good, Target::Cache, format!("{address}: {version}, {share}"), None)?,
            Err(problem) => {
                let text = format!("{address}: {problem}; it has {share}, which are read from the database meanwhile");
                let hint = "start it again: its flights are healed before they are served".to_owned();
                say(context, Level::Bad, Target::Cache, text, Some(hint))?;
            }
        }
    }
    let (level, text, hint) = match facts.needs_every_slot {
        _ if !is_cluster => return Ok(()),
        Some(true) => (
            Level::Warning,
            "cluster-require-full-coverage is yes: while a node is lost that has no replica, all the others refuse as well",
            Some(
                "CONFIG SET cluster-require-full-coverage no, on each node: then only the lost one's flights are away",
            ),
        ),
        Some(false) => (
            Level::Good,
            "cluster-require-full-coverage is no: the loss of a node takes away its own flights only",
            None,
        ),
        None => (
            Level::Plain,
            "whether the loss of one node stops all (cluster-require-full-coverage) cannot be seen with this account",
            None,
        ),
    };
    say(context, level, Target::Cache, text.to_owned(), hint.map(str::to_owned))
}

/// Whether what is acknowledged by write-behind can be lost with the cache.
fn examine_queue(context: &mut Context, facts: &Facts) -> Result<()> {
    match context.config.cache.kind {
        CacheKind::Memory | CacheKind::Memcached => {
            let text =
                "write-behind keeps its queue in a journal file here: it does not depend on the cache; all who use it have the same CACHEDEMO_HOME and spell the database's address alike"
                    .to_owned();
            return say(context, Level::Good, Target::Queue, text, None);
        }
        CacheKind::Redis | CacheKind::Valkey => {}
    }
    let (level, text, hint) = match &facts.persistence {
        Persistence::AppendOnly(Some(sync)) if sync == "always" => {
            (Level::Good, "the queue survives the server: append-only, synced before every answer".to_owned(), None)
        }
        Persistence::AppendOnly(Some(sync)) => (
            Level::Warning,
            format!("the queue survives the server, but the last moments may be lost: appendfsync {sync}"),
            Some("CONFIG SET appendfsync always"),
        ),
        Persistence::AppendOnly(None) => (
            Level::Warning,
            "append-only persistence is on; how often it is synced cannot be seen with this account".to_owned(),
            Some("see that appendfsync is always, or permit CONFIG GET"),
        ),
        Persistence::Snapshots => (
            Level::Warning,
            "the server keeps snapshots only: updates acknowledged since the last one are lost if it dies".to_owned(),
            Some("CONFIG SET appendonly yes, then CONFIG SET appendfsync always"),
        ),
        Persistence::None => (
            Level::Warning,
            "the server keeps nothing: every queued update is lost if it dies".to_owned(),
            Some("CONFIG SET appendonly yes, then CONFIG SET appendfsync always"),
        ),
    };
    say(context, level, Target::Queue, text, hint.map(str::to_owned))?;
    let evicts = facts.eviction.as_deref().is_some_and(|policy| policy.starts_with("allkeys"));
    let text = match (&facts.eviction, facts.memory_limit) {
        (Some(policy), Some(limit)) => format!("eviction policy {policy}, memory limit {} MiB", limit / 1_048_576),
        (Some(policy), None) => format!("eviction policy {policy}, no memory limit"),
        (None, _) => return Ok(()),
    };
    if evicts && facts.memory_limit.is_some() {
        let text = format!("{text}: the queue itself may be evicted, and with it every update in it");
        let hint = "CONFIG SET maxmemory-policy volatile-lru: entries have a TTL, the queue has none".to_owned();
        return say(context, Level::Warning, Target::Queue, text, Some(hint));
    }
    say(context, Level::Good, Target::Queue, format!("{text}: the queue is not evicted"), None)
}

/// Whether the files that every walk-through, the journal and the embedded database need can be made.
fn examine_home(context: &mut Context) -> Result<()> {
    let home = context.config.home.clone();
    let Err(cause) = probe(&home) else { return Ok(()) };
    let path = home.display().to_string();
    fail(context, Target::Queue, Error::File { action: "write in", path, cause })
}

/// Makes and removes a file there; where there is no directory yet, in the one that it would be made in.
fn probe(home: &Path) -> std::io::Result<()> {
    let standing = home.ancestors().find(|path| path.exists()).unwrap_or(home);
    let file = standing.join(format!(".cachedemo-{}", std::process::id()));
    std::fs::File::create_new(&file)?;
    std::fs::remove_file(&file)
}

async fn round_trip<F: Future<Output = Result<()>>>(trip: impl Fn() -> F) -> Result<Duration> {
    let mut trips = Vec::with_capacity(TRIPS);
    for _ in 0..TRIPS {
        let observed = hop::observe(trip()).await;
        observed.value?;
        trips.push(observed.latency);
    }
    trips.sort_unstable();
    Ok(trips[TRIPS / 2])
}

/// Who answered, and how fast.
fn about(peer: &Peer, version: &str, trip: Duration) -> String {
    format!("{} {version}, {}: round trip {trip:.1?} (median of {TRIPS})", peer.product, peer.address)
}

/// Shows what failed as a finding, and fails the run with it.
fn fail(context: &mut Context, about: Target, error: Error) -> Result<()> {
    let mut text = error.to_string();
    for cause in causes(&error) {
        text.push_str(": ");
        text.push_str(&cause);
    }
    say(context, Level::Bad, about, text, error.hint())?;
    Err(error)
}

fn say(context: &mut Context, level: Level, about: Target, text: String, hint: Option<String>) -> Result<()> {
    context.audience.show(&Event::Finding(Finding { level, about, text, hint }))
}

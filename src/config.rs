//! What was typed and set → what it means, resolved once into one value.
//!
//! A setting stands in a flag, in the environment or in a file `.env`, and has a default; the first of these that holds it
//! counts. Nothing else in the program reads the environment. Passwords, and URLs because they may hold one, are never part
//! of a message.

mod cache;
mod database;
mod dotenv;
mod environment;
mod layers;
mod queue;
mod servers;
mod setting;
mod target;
mod url;
mod value;

#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

pub use environment::{Environment, terminal};

use crate::cli::ConnectionFlags;
use crate::error::{Error, Result};
use crate::pattern::OnCacheFailure;
use layers::Layers;
use value::{Bare, duration};

/// Every setting, by the name that it has in the environment. All but `CACHEDEMO_HOME` have a flag: `DB_HOST` is `--db-host`.
pub const NAMES: [&str; 32] = [
    "DB_ENGINE",
    "DB_HOST",
    "DB_PORT",
    "DB_USER",
    "DB_PASSWORD",
    "DB_NAME",
    "DB_SSL_MODE",
    "DB_SSL_CA",
    "DB_TIMEOUT",
    "DATABASE_URL",
    "CACHE_ENGINE",
    "CACHE_HOST",
    "CACHE_PORT",
    "CACHE_USER",
    "CACHE_PASSWORD",
    "CACHE_DB",
    "CACHE_TLS",
    "CACHE_TLS_CA",
    "CACHE_TTL",
    "CACHE_TIMEOUT",
    "CACHE_URL",
    "ON_CACHE_FAILURE",
    "QUEUE_BATCH_SIZE",
    "QUEUE_PROCESS_INTERVAL",
    "QUEUE_PARTITIONS",
    "QUEUE_MAX_LENGTH",
    "QUEUE_FULL_TIMEOUT",
    "QUEUE_RESEND_WINDOW",
    "QUEUE_RETRY_DELAY",
    "QUEUE_RETRY_MAX_DELAY",
    "QUEUE_RETRY_ATTEMPTS",
    HOME,
];

const HOME: &str = "CACHEDEMO_HOME";

/// The machine on which a server is looked for where none is named.
const LOCALHOST: &str = "127.0.0.1";

/// Zero would mean "no limit" to some servers; an hour is longer than anybody waits.
const TIMEOUTS: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(3600);

const TTLS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(365 * 24 * 3600);

/// What a run works with.
#[derive(Clone, Debug)]
pub struct Config {
    /// How to reach the database.
    pub database: crate::database::Settings,
    /// How to reach the cache.
    pub cache: crate::cache::Settings,
    /// How long an entry lives in the cache.
    pub ttl: Duration,
    /// What an update does without the cache.
    pub on_cache_failure: OnCacheFailure,
    /// How the queue of write-behind is laid out, and how much it takes.
    pub queue: crate::queue::Settings,
    /// How it is worked off.
    pub worker: crate::queue::worker::Settings,
    /// The directory of cachedemo's own files: the SQLite file, the journal of the queue, walk-throughs under way.
    pub home: PathBuf,
    /// Whether neither a database nor a cache was chosen: then they are cachedemo's own SQLite file and its memory.
    pub embedded: bool,
}

impl Config {
    /// Decides every setting.
    ///
    /// # Errors
    /// [`Error::Usage`] when a value is wrong or contradicts another, naming the setting and where it stood.
    pub fn resolve(flags: &ConnectionFlags, environment: &Environment) -> Result<Self> {
        let layers = Layers::new(flags, environment)?;
        let home = home(&layers, environment)?;
        let database = database::resolve(&layers, &home)?;
        let mut cache = cache::resolve(&layers)?;
        let ttl = match layers.find("CACHE_TTL") {
            Some(setting) => duration(&setting, Bare::Seconds, &TTLS)?,
            None => Duration::from_secs(3600),
        };
        let (queue, worker) = queue::resolve(&layers, cache.settings.cluster.unwrap_or(1))?;
        // On a cluster entries are where the queue's partitions are.
        cache.settings.cluster = cache.settings.cluster.map(|_| queue.partitions);
        Ok(Self {
            embedded: !database.is_chosen && !cache.is_chosen,
            database: database.settings,
            cache: cache.settings,
            ttl,
            on_cache_failure: cache::on_failure(&layers)?,
            queue,
            worker,
            home,
        })
    }
}

fn home(layers: &Layers, environment: &Environment) -> Result<PathBuf> {
    let own = layers.find(HOME).map(|setting| PathBuf::from(&setting.value));
    own.or_else(|| environment.data_directory().map(|directory| directory.join("cachedemo"))).ok_or_else(|| {
        Error::usage(
            "this account has no directory for the files of programs",
            format!("name one for cachedemo: {HOME}=/var/lib/cachedemo"),
        )
    })
}

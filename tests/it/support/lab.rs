//! What the program works with, within the test: for what cannot be done through a process, or often enough.

use cachedemo::cache::CacheKind;
use cachedemo::cli::ConnectionFlags;
use cachedemo::config::{Config, Environment};
use cachedemo::lab::{Lab, Limits};
use cachedemo::pattern::{PatternKind, Tuning};
use cachedemo::{cache, database, queue};

use super::server::{Kind, Server};
use super::settings::Settings;
use super::stack::Stack;

/// The address of a server as the program takes it, which names the product; the harness writes it as other clients want it.
pub fn url(server: &Server) -> String {
    let url = server.url();
    let (_, address) = url.split_once(':').expect("a URL has a scheme");
    let product = if server.kind() == Kind::Postgres { "postgresql" } else { server.kind().name() };
    format!("{product}:{address}")
}

/// What a process in the home of this stack makes of these settings.
pub fn config(stack: &Stack, settings: &Settings) -> Config {
    let environment = Environment::of(settings.iter().map(|(name, value)| (*name, value.as_str())))
        .with_data_directory(stack.folder().join(".local/share"));
    Config::resolve(&ConnectionFlags::default(), &environment).expect("a test sets nothing wrong")
}

/// Database, cache and queue under write-behind, with connections of their own.
pub async fn lab(config: &Config) -> Lab {
    let database = database::connect(&config.database).await.expect("the database runs");
    let cache = cache::connect(&config.cache).expect("the settings make a client");
    let journal = queue::journal_of(&config.home, database.peer());
    let queue = queue::connect(config.queue, &config.cache, &cache, journal).expect("the settings make a client");
    let limits = Limits {
        ttl: config.ttl,
        database_timeout: config.database.timeout,
        cache_timeout: config.cache.timeout,
        worker: config.worker,
        on_cache_failure: config.on_cache_failure,
        tuning: Tuning::default(),
        outages: (config.cache.kind != CacheKind::Memory).then(|| config.home.join("outages")),
    };
    Lab::new(PatternKind::WriteBehind, database, cache, queue, limits)
}

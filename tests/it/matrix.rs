//! Every database with every cache under every pattern, because each pair has its own ways to differ.
//!
//! A walk-through's whole story is compared, then what it left in the database and the cache. The settings are given in all
//! four ways, spread so that each server meets each of them.

mod by_hand;
mod stories;

use crate::support::cluster::{Cluster, Lent, addresses};
use crate::support::command::Cachedemo;
use crate::support::events::Events;
use crate::support::server::{Kind, Server};
use crate::support::settings::{self, Settings, Way};
use crate::support::stack::PATTERNS;
use crate::support::store::Store;

/// One for each pattern: what one leaves in a cache is not what the next begins with.
const FLIGHTS: [u32; 6] = [1, 115, 200, 2, 116, 201];

/// A cache, and what keeps its servers running: none for the one in the process.
struct Stand {
    kind: Option<Kind>,
    engine: String,
    settings: Settings,
    /// The hosts and ports.
    address: String,
    _server: Option<Server>,
    _cluster: Option<Lent>,
    _several: Vec<Server>,
}

impl Stand {
    fn all() -> Vec<Self> {
        let servers = [Kind::Redis, Kind::Valkey, Kind::Memcached].into_iter().filter_map(Server::start);
        let stands = servers.map(|server| Self {
            kind: Some(server.kind()),
            engine: server.kind().name().to_owned(),
            settings: settings::of(&server),
            address: format!("127.0.0.1:{}", server.port()),
            _server: Some(server),
            ..Self::memory()
        });
        std::iter::once(Self::memory()).chain(stands).collect()
    }

    fn memory() -> Self {
        Self {
            kind: None,
            engine: "memory".to_owned(),
            settings: settings::memory(),
            address: String::new(),
            _server: None,
            _cluster: None,
            _several: Vec::new(),
        }
    }

    /// Those of several servers.
    fn several() -> Vec<Self> {
        let cluster = |lent: Lent| {
            let cluster = lent.as_ref().unwrap();
            let (kind, settings, address) = (cluster.kind(), cluster.settings(), cluster.addresses());
            let (kind, engine) = (Some(kind), kind.name().to_owned());
            Self { kind, engine, settings, address, _cluster: Some(lent), ..Self::memory() }
        };
        let clusters = [Kind::Redis, Kind::Valkey].into_iter().filter_map(Cluster::lend).map(cluster);
        let servers: Option<Vec<Server>> = (0..3).map(|_| Server::start(Kind::Memcached)).collect();
        let memcached = servers.map(|servers| {
            let address = addresses(&servers);
            let engine = "memcached".to_owned();
            let settings = vec![("CACHE_ENGINE", engine.clone()), ("CACHE_HOST", address.clone())];
            let kind = Some(Kind::Memcached);
            Self { kind, engine, settings, address, _several: servers, ..Self::memory() }
        });
        clusters.chain(memcached).collect()
    }

    fn kind(&self) -> Option<Kind> {
        self.kind
    }

    fn engine(&self) -> &str {
        &self.engine
    }

    /// Whether the queue is a stream in it.
    fn has_stream(&self) -> bool {
        matches!(self.kind(), Some(Kind::Redis | Kind::Valkey))
    }
}

/// Walks through everything with one database; `first` is the way in which its first pair is told its settings.
fn walk_through_all(store: &Store, engine: &str, first: usize) {
    walk_through_each(&Stand::all(), store, engine, first);
}

fn walk_through_each(stands: &[Stand], store: &Store, engine: &str, first: usize) {
    for (cache_number, stand) in stands.iter().enumerate() {
        for (pattern_number, pattern) in PATTERNS.into_iter().enumerate() {
            let way = Way::ALL[(first + cache_number + pattern_number) % Way::ALL.len()];
            let flight = FLIGHTS[(cache_number + pattern_number) % FLIGHTS.len()];
            let about = format!("{engine}, {}, {pattern} of flight {flight}, {way:?}", stand.engine());
            walk_through_twice(store, stand, pattern, flight, way, &about);
        }
    }
}

fn walk_through_twice(store: &Store, stand: &Stand, pattern: &str, flight: u32, way: Way, about: &str) {
    let both: Settings = store.settings().into_iter().chain(stand.settings.clone()).collect();
    let home = Cachedemo::new().home();
    let run = |arguments: &[&str]| {
        let command = Cachedemo::new().with_home(&home).args(arguments);
        let output = way.give(command, &both).args(["--format", "json"]).run();
        assert_eq!(output.code, Some(0), "{about}: {output:?}");
        assert_eq!(output.stderr, "", "{about}");
        Events::of(&output)
    };
    let (before, id) = (store.times(flight), flight.to_string());
    // Refresh-ahead drops first what an earlier run has left, and takes its time.
    let runs: &[bool] = if pattern == "refresh-ahead" { &[false] } else { &[false, true] };
    for is_second in runs.iter().copied() {
        let logged = store.log().len();
        let events = run(&[pattern, "run", "--flight-id", &id]);
        check_start(&events, store, stand, pattern, about);
        // What is in the process is gone with it; anything else still has what the first run left.
        let is_cached = is_second && stand.kind.is_some();
        let mut told: Vec<String> =
            events.story().into_iter().map(without_figures).filter(|line| !line.is_empty()).collect();
        // Whether the read after the first entry's end comes late enough for another refresh is a matter of the spread of TTLs.
        let mut refreshes = 0;
        told.retain(|line| {
            refreshes += u32::from(line == "refresh stored");
            line != "refresh stored" || refreshes == 1
        });
        assert_eq!(told, stories::of(pattern, is_cached, stand.has_stream()), "{about}");
        assert_eq!(store.times(flight), before, "{about}: the flight is not back");
        let log = store.log().split_off(logged);
        assert_eq!(log, stories::log(pattern, flight, &before), "{about}");
        let verdict = if stand.kind.is_some() { "consistent" } else { "not_cached" };
        let compared = run(&[pattern, "verify", "--flight-id", &id]);
        assert_eq!(compared.one("consistency")["verdict"], verdict, "{about}");
    }
}

/// What was said is what was meant: nothing fell back to a default.
fn check_start(events: &Events, store: &Store, stand: &Stand, pattern: &str, about: &str) {
    let start = events.one("start");
    let setting = |name: &str| store.settings().into_iter().find(|setting| setting.0 == name).unwrap().1;
    assert_eq!(start["database_engine"], setting("DB_ENGINE"), "{about}");
    assert_eq!(start["cache_engine"], stand.engine(), "{about}");
    let address = match store {
        Store::File(_) => setting("DB_NAME"),
        Store::Server(server) => format!("127.0.0.1:{}/flughafendb", server.port()),
    };
    assert_eq!(start["database"]["address"], address, "{about}");
    if stand.kind.is_some() {
        assert_eq!(start["cache"]["address"], stand.address, "{about}");
    }
    let queue = match (pattern, stand.kind()) {
        ("write-behind", Some(Kind::Redis)) => Some("Redis"),
        ("write-behind", Some(Kind::Valkey)) => Some("Valkey"),
        ("write-behind", _) => Some("journal"),
        _ => None,
    };
    assert_eq!(start["queue"]["product"].as_str(), queue, "{about}");
}

#[test]
fn sqlite_with_every_cache() {
    walk_through_all(&Store::embedded().filled(300), "sqlite", 0);
}

#[test]
fn sqlite_with_several_servers() {
    walk_through_each(&Stand::several(), &Store::embedded().filled(300), "sqlite", 3);
}

#[test]
fn mysql_with_every_cache() {
    let Some(store) = Store::start(Kind::MySql) else { return };
    walk_through_all(&store.filled(300), "mysql", 1);
}

#[test]
fn mariadb_with_every_cache() {
    let Some(store) = Store::start(Kind::MariaDb) else { return };
    walk_through_all(&store.filled(300), "mariadb", 2);
}

#[test]
fn postgres_with_every_cache() {
    let Some(store) = Store::start(Kind::Postgres) else { return };
    walk_through_all(&store.filled(300), "postgresql", 3);
}

/// A line of a story without what was measured, which is different each time.
fn without_figures(line: String) -> String {
    // How long is waited, and how often is read meanwhile.
    let is_remark = ["note plain", "note good"].iter().any(|level| line.starts_with(level));
    if is_remark
        && ["this walk-through stores", "left; waiting", "reading for", "reads meanwhile"]
            .iter()
            .any(|part| line.contains(part))
    {
        return String::new();
    }
    match line.split_once(" of flight ") {
        Some((count, rest)) if rest.contains(" queued, each acknowledged in ") => format!("{count} queued"),
        _ => line,
    }
}

//! What a test of a queue plays on: a queue of its own, the cache beside it, and a hand in what they keep.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cachedemo::cache::{self, Address, Cache, CacheKind, Content, Lease, LeaseKind, Over, Settle};
use cachedemo::clock::Chance;
use cachedemo::flight::{Flight, FlightId, Position, Queued, Update};
use cachedemo::queue::{self, Partition, Queue, Sequence, Settings};
use chrono::{NaiveDate, TimeDelta};

use crate::support::cluster::{Cluster, Lent};
use crate::support::deadline;
use crate::support::server::{Kind, Server};

/// Longer than any test.
pub(super) const TTL: Duration = Duration::from_secs(600);
/// As short as what is to pass within a test may be.
pub(super) const SOON: Duration = Duration::from_millis(50);
/// How long a test waits for something that must happen.
const LIMIT: Duration = Duration::from_secs(60);

/// A queue and the cache beside it.
pub(super) struct Stage {
    /// Read by those who must not be told apart from any other process.
    pub(super) queue: Arc<dyn Queue>,
    /// The cache beside it.
    pub(super) cache: Arc<dyn Cache>,
    /// The server, where there is one by itself.
    pub(super) server: Option<Server>,
    /// The cluster, where the queue is on one.
    cluster: Option<Lent>,
    /// Several servers, each with a part of the flights.
    _servers: Vec<Server>,
    /// How the queue is laid out.
    pub(super) settings: Settings,
    /// How the cache is reached.
    reach: cache::Settings,
    directory: tempfile::TempDir,
}

impl Stage {
    /// A stage on a cluster; `None` where the server is not installed.
    pub(super) fn on_cluster(kind: CacheKind) -> Option<Self> {
        let cluster = Cluster::lend(if kind == CacheKind::Redis { Kind::Redis } else { Kind::Valkey })?;
        let stage = Self::start(CacheKind::Memory)?;
        let nodes = &cluster.as_ref()?.nodes;
        let reach = cache::Settings { cluster: Some(1), ..reach(kind, nodes) };
        Some(Self { cluster: Some(cluster), ..stage }.reaching(reach))
    }

    /// A stage with a journal beside three Memcached servers; `None` where they are not installed.
    pub(super) fn on_several() -> Option<Self> {
        let servers: Vec<Server> = (0..3).map(|_| Server::start(Kind::Memcached)).collect::<Option<_>>()?;
        let reach = reach(CacheKind::Memcached, &servers);
        Some(Self { _servers: servers, ..Self::start(CacheKind::Memory)? }.reaching(reach))
    }

    fn reaching(mut self, reach: cache::Settings) -> Self {
        self.cache = cache::connect(&reach).unwrap();
        self.reach = reach;
        self.queue = self.connect();
        self
    }

    /// A stage of its own; `None` where the server is not installed.
    pub(super) fn start(kind: CacheKind) -> Option<Self> {
        // A queue is to outlive its server: every change is on the disk before it is acknowledged.
        let durable = |kind| Server::builder(kind).append_only().start();
        let server = match kind {
            CacheKind::Memory => None,
            CacheKind::Redis => Some(durable(Kind::Redis)?),
            CacheKind::Valkey => Some(durable(Kind::Valkey)?),
            CacheKind::Memcached => Some(Server::start(Kind::Memcached)?),
        };
        let reach = reach(kind, server.as_slice());
        let directory = tempfile::tempdir().unwrap();
        let cache = cache::connect(&reach).unwrap();
        let settings = Settings {
            partitions: 1,
            max_length: 1_000_000,
            patience: Duration::ZERO,
            memory: Duration::from_secs(5 * 60),
        };
        let queue = queue::connect(settings, &reach, &cache, journal_in(&directory)).unwrap();
        let (cluster, servers) = (None, Vec::new());
        Some(Self { queue, cache, server, cluster, _servers: servers, settings, reach, directory })
    }

    /// The same stage with other settings of the queue. What is queued already stays.
    pub(super) fn with(mut self, settings: Settings) -> Self {
        self.settings = settings;
        let reach = self.reach_of(settings);
        if reach.cluster.is_some() {
            return self.reaching(reach);
        }
        self.queue = self.connect();
        self
    }

    /// How a process with these settings of the queue reaches the cache: on a cluster the entries are where the partitions are.
    fn reach_of(&self, settings: Settings) -> cache::Settings {
        cache::Settings { cluster: self.reach.cluster.map(|_| settings.partitions), ..self.reach.clone() }
    }

    /// The same stage with so many partitions.
    pub(super) fn divided(self, partitions: u32) -> Self {
        let settings = Settings { partitions, ..self.settings };
        self.with(settings)
    }

    /// The same queue over connections of its own, as another process would have them.
    pub(super) fn connect(&self) -> Arc<dyn Queue> {
        self.connect_with(self.settings)
    }

    /// Likewise, by a process with other settings.
    pub(super) fn connect_with(&self, settings: Settings) -> Arc<dyn Queue> {
        // The memory cache belongs to its process: it is the one thing that they share.
        let cache = match self.reach.kind {
            CacheKind::Memory => Arc::clone(&self.cache),
            _ => cache::connect(&self.reach_of(settings)).unwrap(),
        };
        queue::connect(settings, &self.reach_of(settings), &cache, self.journal()).unwrap()
    }

    /// Likewise, by a process that believes in so many partitions.
    pub(super) fn connect_divided(&self, partitions: u32) -> Arc<dyn Queue> {
        self.connect_with(Settings { partitions, ..self.settings })
    }

    /// Where the journal is, if this queue is one.
    pub(super) fn journal(&self) -> PathBuf {
        journal_in(&self.directory)
    }

    /// Whether the queue is a journal.
    pub(super) fn is_journal(&self) -> bool {
        matches!(self.reach.kind, CacheKind::Memory | CacheKind::Memcached)
    }

    /// The sequence of the first partition, in which something was queued.
    pub(super) async fn sequence(&self) -> Sequence {
        self.queue.sequence(0).await.unwrap().unwrap()
    }

    /// Everything that waits, one partition after the other, read as the worker reads it.
    pub(super) async fn all(&self) -> Vec<Queued> {
        let mut all = Vec::new();
        for partition in 0..self.settings.partitions {
            all.extend(waiting(&self.queue, partition).await);
        }
        all
    }

    /// Everything that waits, without where it stands.
    pub(super) async fn updates(&self) -> Vec<Update> {
        self.all().await.into_iter().map(|queued| queued.update).collect()
    }

    /// Takes everything off the first partition, as the worker does that applied it.
    pub(super) async fn forget_all(&self) {
        let all = waiting(&self.queue, 0).await;
        let last = all.last().unwrap().position;
        self.queue.forget(&self.sequence().await, &all, last).await.unwrap();
    }

    /// Puts a flight into the cache, as a reader does that fills it.
    pub(super) async fn put(&self, flight: Flight) {
        let id = flight.flight_id;
        let lease = Lease::new(LeaseKind::Write, &Chance::unpredictable());
        assert!(self.cache.lease(id, &lease, Over::Anything, TTL).await.unwrap());
        self.cache.settle(id, &lease, &Settle::Put(Content::Value(flight), TTL)).await.unwrap();
    }

    /// Sends a command to the Redis or Valkey server, as its owner does by hand.
    pub(super) async fn by_hand<T: redis::FromRedisValue>(&self, command: &[&str]) -> T {
        let client = redis::Client::open(format!("redis://127.0.0.1:{}", self.reach.port)).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        redis::cmd(command[0]).arg(&command[1..]).query_async(&mut connection).await.unwrap()
    }

    /// Changes the journal behind its back.
    pub(super) async fn journal_by_hand(&self, sql: &'static str) {
        let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", self.journal().display())).await.unwrap();
        sqlx::query(sql).execute(&pool).await.unwrap();
        pool.close().await;
    }

    /// Loses the queue: the server is flushed, or the file removed while it is open.
    pub(super) async fn wipe(&self) {
        if self.is_journal() {
            std::fs::remove_file(self.journal()).unwrap();
        } else if let Some(cluster) = &self.cluster {
            cluster.as_ref().unwrap().flush();
        } else {
            self.by_hand::<()>(&["FLUSHALL"]).await;
        }
    }

    /// Puts something into the queue that is not an update.
    pub(super) async fn enqueue_nonsense(&self) {
        if self.is_journal() {
            let sql = "INSERT INTO updates (partition, flight_id, body, acknowledged) VALUES (0, 1, '{', 0)";
            self.journal_by_hand(sql).await;
        } else if let Some(cluster) = &self.cluster {
            let stream = self.reach.names().of_partition("flight:updates", 0);
            let _: String = cluster.as_ref().unwrap().ask(&["XADD", &stream, "*", "update", "{"]);
        } else {
            let _: String = self.by_hand(&["XADD", "flight:updates", "*", "update", "{"]).await;
        }
    }
}

fn reach(kind: CacheKind, servers: &[Server]) -> cache::Settings {
    let mut addresses = servers.iter().map(|server| Address { host: server.host().into(), port: server.port() });
    let Address { host, port } = addresses.next().unwrap_or(Address { host: "127.0.0.1".into(), port: 0 });
    cache::Settings {
        kind,
        host,
        port,
        others: addresses.collect(),
        cluster: None,
        user: None,
        password: None,
        index: 0,
        tls: false,
        authority: None,
        timeout: Duration::from_secs(5),
    }
}

fn journal_in(directory: &tempfile::TempDir) -> PathBuf {
    directory.path().join("made on demand").join("journal.sqlite")
}

/// What waits in a partition, read as the worker reads it.
pub(super) async fn waiting(queue: &Arc<dyn Queue>, partition: Partition) -> Vec<Queued> {
    let Some(sequence) = queue.sequence(partition).await.unwrap() else { return Vec::new() };
    queue.after(&sequence, Position::START, usize::MAX >> 1).await.unwrap()
}

/// Asks until the answer is there, which some time must bring.
pub(super) fn eventually<T, Answer: Future<Output = Option<T>>>(mut ask: impl FnMut() -> Answer) -> T {
    let runtime = tokio::runtime::Handle::current();
    tokio::task::block_in_place(|| deadline::poll(LIMIT, || runtime.block_on(ask()))).expect("it never came")
}

/// The flight with this id.
pub(super) fn id(number: i64) -> FlightId {
    number.try_into().unwrap()
}

/// A flight that is some hours late.
pub(super) fn flight(number: i64, hours: i64) -> Flight {
    let departure = NaiveDate::from_ymd_opt(2025, 11, 20).unwrap().and_hms_opt(10, 0, 0).unwrap();
    Flight {
        flight_id: id(number),
        flightno: "LH400".into(),
        from_airport: "FRA".into(),
        to_airport: "JFK".into(),
        airlinename: "Lufthansa \"Übersee\"".into(),
        airline_id: 1,
        airplane_id: 1,
        departure: departure + TimeDelta::hours(hours),
        arrival: departure + TimeDelta::hours(hours + 8),
    }
}

/// An update that makes a flight some hours late.
pub(super) fn update(number: i64, hours: i64) -> Update {
    let flight = flight(number, hours);
    let made_at = flight.departure;
    Update {
        id: format!("{number}-{hours}"),
        flight,
        user: "o'neill".into(),
        comment: Some("fog; 100 %".into()),
        made_at,
    }
}

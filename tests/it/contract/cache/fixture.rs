//! A cache with a server of its own, and a way to put things into that server behind the cache's back.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use cachedemo::cache::{
    Address, Cache, CacheKind, Content, Entry, Foreign, Lease, LeaseKind, Over, Settings, Settle, Settled,
};
use cachedemo::clock::Chance;
use cachedemo::flight::{Flight, FlightId};

use crate::support::cluster::{Cluster, Lent};
use crate::support::kinds::Kind;
use crate::support::server::Server;

/// Longer than any test: what stands this long does not expire in it.
pub(super) const LONG: Duration = Duration::from_secs(600);

/// The client's timeout where nothing is to time out, however busy the machine is.
const PATIENT: Duration = Duration::from_secs(10);

pub(super) struct Fixture {
    pub(super) cache: Arc<dyn Cache>,
    pub(super) kind: CacheKind,
    servers: Vec<Server>,
    cluster: Option<Lent>,
    chance: Chance,
}

/// Which servers a cache is on.
#[derive(Clone, Copy, Debug)]
pub(super) enum On {
    /// One, or none.
    One(CacheKind),
    /// A cluster.
    Cluster(CacheKind),
    /// Three Memcached servers.
    Several,
}

impl Fixture {
    /// `None` where the server is not installed.
    pub(super) fn start(on: On) -> Option<Self> {
        let kind = match on {
            On::One(kind) | On::Cluster(kind) => kind,
            On::Several => CacheKind::Memcached,
        };
        let started = match kind {
            CacheKind::Memory => None,
            CacheKind::Redis => Some(Kind::Redis),
            CacheKind::Valkey => Some(Kind::Valkey),
            CacheKind::Memcached => Some(Kind::Memcached),
        };
        let mut fixture = Self {
            // Of no use yet: the right one is told where its servers are.
            cache: cachedemo::cache::connect(&settings(CacheKind::Memory, 0, PATIENT)).unwrap(),
            kind,
            servers: Vec::new(),
            cluster: None,
            chance: Chance::seeded(1),
        };
        match (on, started) {
            (On::Cluster(_), Some(kind)) => fixture.cluster = Some(Cluster::lend(kind)?),
            (On::Several, Some(kind)) => {
                fixture.servers = (0..3).map(|_| Server::start(kind)).collect::<Option<_>>()?
            }
            (_, Some(kind)) => fixture.servers.push(Server::start(kind)?),
            (_, None) => {}
        }
        fixture.cache = cachedemo::cache::connect(&fixture.settings(PATIENT)).unwrap();
        Some(fixture)
    }

    fn all(&self) -> &[Server] {
        self.cluster.as_deref().map_or(&self.servers, |cluster| &cluster.as_ref().unwrap().nodes)
    }

    pub(super) fn server(&mut self) -> &mut Server {
        match &mut self.cluster {
            Some(cluster) => &mut cluster.as_mut().unwrap().nodes[0],
            None => self.servers.first_mut().expect("the tests of servers are stamped for servers"),
        }
    }

    /// Starts one of the servers anew, and waits until all are there.
    pub(super) fn restart(&mut self) {
        self.server().restart();
        if let Some(cluster) = &self.cluster {
            cluster.as_ref().unwrap().wait();
        }
    }

    /// Whether it is one server, rather than several.
    pub(super) fn is_one(&self) -> bool {
        self.all().len() == 1
    }

    /// How another client would reach the same servers.
    pub(super) fn settings(&self, timeout: Duration) -> Settings {
        let mut ports = self.all().iter().map(Server::port);
        let first = settings(self.kind, ports.next().unwrap_or_default(), timeout);
        let others = ports.map(|port| Address { host: "127.0.0.1".into(), port }).collect();
        Settings { others, cluster: self.cluster.as_ref().map(|_| 16), ..first }
    }

    /// The key of a flight.
    pub(super) fn key(&self, number: i64) -> String {
        self.settings(PATIENT).names().entry(id(number))
    }

    pub(super) fn fill(&self) -> Lease {
        Lease::new(LeaseKind::Fill, &self.chance)
    }

    pub(super) fn write(&self) -> Lease {
        Lease::new(LeaseKind::Write, &self.chance)
    }

    pub(super) async fn get(&self, number: i64) -> Entry {
        self.cache.get(id(number)).await.unwrap()
    }

    /// Puts a lease over anything.
    pub(super) async fn lease(&self, number: i64, lease: &Lease) {
        assert!(self.cache.lease(id(number), lease, Over::Anything, LONG).await.unwrap());
    }

    pub(super) async fn settle(&self, number: i64, lease: &Lease, settle: &Settle) -> Settled {
        self.cache.settle(id(number), lease, settle).await.unwrap()
    }

    /// Puts content into a key, as a writer does.
    pub(super) async fn put(&self, number: i64, content: Content) {
        let write = self.write();
        self.lease(number, &write).await;
        assert_eq!(self.settle(number, &write, &Settle::Put(content, LONG)).await, Settled::Put);
    }

    /// Puts something unreadable into a key: with the cache's own means, for the memory cache has no other door.
    pub(super) async fn spoil(&self, number: i64) -> Foreign {
        self.put(number, Content::Value(flight(number + 1, 0))).await;
        let Entry::Foreign(foreign) = self.get(number).await else { panic!("another flight counts as foreign") };
        foreign
    }

    /// Puts bytes into a key of the server, past the cache. The key of a flight is written as on one server.
    pub(super) fn plant(&self, key: &str, bytes: &[u8]) {
        self.planter()(key, bytes);
    }

    /// [`Fixture::plant`], to take along.
    pub(super) fn planter(&self) -> impl Fn(&str, &[u8]) + Send + Sync + 'static {
        let (kind, names) = (self.kind, self.settings(PATIENT).names());
        let ports: Vec<u16> = self.all().iter().map(Server::port).collect();
        let cache = Arc::clone(&self.cache);
        move |key, bytes| {
            let flight = FlightId::from_key(key);
            let key = flight.map_or(key.to_owned(), |id| names.entry(id));
            if kind != CacheKind::Memcached {
                return redis(&ports, &[b"SET", key.as_bytes(), bytes]);
            }
            let mut command = format!("set {key} 0 0 {}\r\n", bytes.len()).into_bytes();
            command.extend_from_slice(bytes);
            let port = ports[flight.map_or(0, |id| cache.shard(id))];
            assert_eq!(memcached(port, &command)[0], "STORED");
        }
    }

    /// What stands in a key of the server.
    pub(super) fn planted(&self, key: &str) -> Option<String> {
        let flight = FlightId::from_key(key);
        let key = flight.map_or(key.to_owned(), |id| self.key(id.number().into()));
        if self.kind != CacheKind::Memcached {
            return self.redis(&["GET", &key]);
        }
        let port = self.all()[flight.map_or(0, |id| self.cache.shard(id))].port();
        memcached(port, format!("get {key}").as_bytes()).get(1).cloned()
    }

    /// Runs a command on a Redis or Valkey server, past the cache.
    pub(super) fn redis<T: redis::FromRedisValue>(&self, words: &[impl AsRef<[u8]>]) -> T {
        redis(&self.all().iter().map(Server::port).collect::<Vec<_>>(), words)
    }

    /// Runs a command on each of them.
    pub(super) fn redis_all(&self, words: &[impl AsRef<[u8]>]) {
        self.all().iter().for_each(|server| redis(&[server.port()], words));
    }

    /// Whether the server knows types other than text.
    pub(super) fn has_types(&self) -> bool {
        matches!(self.kind, CacheKind::Redis | CacheKind::Valkey)
    }

    /// Puts a list into the key of a flight.
    pub(super) fn plant_list(&self, number: i64) {
        let () = self.redis(&["DEL", &self.key(number)]);
        let () = self.redis(&["RPUSH", &self.key(number), "a", "b"]);
    }
}

/// Runs a command on the first of these servers that does not send it to another.
fn redis<T: redis::FromRedisValue>(ports: &[u16], words: &[impl AsRef<[u8]>]) -> T {
    let mut answers = ports.iter().map(|port| {
        let client = redis::Client::open(format!("redis://127.0.0.1:{port}")).unwrap();
        let mut command = redis::Cmd::new();
        for word in words {
            command.arg(word.as_ref());
        }
        command.query(&mut client.get_connection().unwrap())
    });
    let answer = answers.find(|answer: &redis::RedisResult<T>| {
        answer.as_ref().err().and_then(redis::RedisError::code) != Some("MOVED")
    });
    answer.expect("one of them has it").unwrap()
}

fn memcached(port: u16, command: &[u8]) -> Vec<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(command).unwrap();
    stream.write_all(b"\r\n").unwrap();
    let mut answer = Vec::new();
    for line in BufReader::new(stream).lines().map(Result::unwrap) {
        let is_last = matches!(line.as_str(), "END" | "STORED");
        answer.push(line);
        if is_last {
            break;
        }
    }
    answer.retain(|line| line != "END");
    answer
}

pub(super) fn settings(kind: CacheKind, port: u16, timeout: Duration) -> Settings {
    let host = "127.0.0.1".to_owned();
    Settings {
        kind,
        host,
        port,
        others: Vec::new(),
        cluster: None,
        user: None,
        password: None,
        index: 0,
        tls: false,
        authority: None,
        timeout,
    }
}

pub(super) fn id(number: i64) -> FlightId {
    FlightId::try_from(number).unwrap()
}

/// A flight in its n-th version: its departure tells which.
pub(super) fn flight(number: i64, version: i64) -> Flight {
    let first: chrono::NaiveDateTime = "2025-11-20T10:00:00".parse().unwrap();
    let departure = first + chrono::TimeDelta::minutes(version);
    Flight {
        flight_id: id(number),
        flightno: "LH400".into(),
        from_airport: "FRA".into(),
        to_airport: "JFK".into(),
        airlinename: "Lufthansa Übersee \"Süd\"".into(),
        airline_id: 1,
        airplane_id: 2,
        departure,
        arrival: departure + chrono::TimeDelta::hours(8),
    }
}

/// The version of a flight that [`flight`] made.
pub(super) fn version(flight: &Flight) -> i64 {
    (flight.departure - self::flight(1, 0).departure).num_minutes()
}

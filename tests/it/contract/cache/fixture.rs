//! A cache with a server of its own, and a way to put things into that server behind the cache's back.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use cachedemo::cache::{Cache, CacheKind, Content, Entry, Foreign, Lease, LeaseKind, Over, Settings, Settle, Settled};
use cachedemo::clock::Chance;
use cachedemo::flight::{Flight, FlightId};

use crate::support::kinds::Kind;
use crate::support::server::Server;

/// Longer than any test: what stands this long does not expire in it.
pub(super) const LONG: Duration = Duration::from_secs(600);

/// The client's timeout where nothing is to time out, however busy the machine is.
const PATIENT: Duration = Duration::from_secs(10);

pub(super) struct Fixture {
    pub(super) cache: Arc<dyn Cache>,
    pub(super) kind: CacheKind,
    server: Option<Server>,
    chance: Chance,
}

impl Fixture {
    /// `None` where the server is not installed.
    pub(super) fn start(kind: CacheKind) -> Option<Self> {
        let server = match kind {
            CacheKind::Memory => None,
            CacheKind::Redis => Some(Server::start(Kind::Redis)?),
            CacheKind::Valkey => Some(Server::start(Kind::Valkey)?),
            CacheKind::Memcached => Some(Server::start(Kind::Memcached)?),
        };
        let port = server.as_ref().map_or(0, Server::port);
        let cache = cachedemo::cache::connect(&settings(kind, port, PATIENT)).unwrap();
        Some(Self { cache, kind, server, chance: Chance::seeded(1) })
    }

    pub(super) fn server(&mut self) -> &mut Server {
        self.server.as_mut().expect("the tests of servers are stamped for servers")
    }

    /// How another client would reach the same server.
    pub(super) fn settings(&self, timeout: Duration) -> Settings {
        settings(self.kind, self.port(), timeout)
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

    /// Puts bytes into a key of the server, past the cache.
    pub(super) fn plant(&self, key: &str, bytes: &[u8]) {
        self.planter()(key, bytes);
    }

    /// [`Fixture::plant`], to take along.
    pub(super) fn planter(&self) -> impl Fn(&str, &[u8]) + Send + Sync + 'static {
        let (kind, port) = (self.kind, self.port());
        move |key, bytes| {
            if kind != CacheKind::Memcached {
                return redis(port, &[b"SET", key.as_bytes(), bytes]);
            }
            let mut command = format!("set {key} 0 0 {}\r\n", bytes.len()).into_bytes();
            command.extend_from_slice(bytes);
            assert_eq!(memcached(port, &command)[0], "STORED");
        }
    }

    /// What stands in a key of the server.
    pub(super) fn planted(&self, key: &str) -> Option<String> {
        if self.kind != CacheKind::Memcached {
            return self.redis(&["GET", key]);
        }
        memcached(self.port(), format!("get {key}").as_bytes()).get(1).cloned()
    }

    /// Runs a command on a Redis or Valkey server, past the cache.
    pub(super) fn redis<T: redis::FromRedisValue>(&self, words: &[impl AsRef<[u8]>]) -> T {
        redis(self.port(), words)
    }

    /// Whether the server knows types other than text.
    pub(super) fn has_types(&self) -> bool {
        matches!(self.kind, CacheKind::Redis | CacheKind::Valkey)
    }

    /// Puts a list into the key of a flight.
    pub(super) fn plant_list(&self, number: i64) {
        let () = self.redis(&["DEL", &id(number).key()]);
        let () = self.redis(&["RPUSH", &id(number).key(), "a", "b"]);
    }

    fn port(&self) -> u16 {
        self.server.as_ref().map_or(0, Server::port)
    }
}

fn redis<T: redis::FromRedisValue>(port: u16, words: &[impl AsRef<[u8]>]) -> T {
    let client = redis::Client::open(format!("redis://127.0.0.1:{port}")).unwrap();
    let mut command = redis::Cmd::new();
    for word in words {
        command.arg(word.as_ref());
    }
    command.query(&mut client.get_connection().unwrap()).unwrap()
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
    Settings { kind, host, port, user: None, password: None, index: 0, tls: false, authority: None, timeout }
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

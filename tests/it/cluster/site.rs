//! Three servers that share the flights of an embedded database, and what is done to one of them.

use std::time::Duration;

use cachedemo::cache;
use cachedemo::flight::{Flight, FlightId};
use cachedemo::lab::Lab;
use cachedemo::pattern::{Acknowledgement, Lookup, PatternKind, Read};
use cachedemo::queue::worker::{Report, Watch};
use chrono::TimeDelta;

use crate::support::cluster::{Cluster, Lent, addresses};
use crate::support::lab;
use crate::support::server::{Kind, Server};
use crate::support::settings::Settings;
use crate::support::stack::Stack;

/// The flights that are looked at: three for each partition of a cluster.
const FLIGHTS: i64 = 48;
/// A busy machine must not look like an outage.
pub(super) const PATIENT: &str = "10s";
/// How long a test waits for what must come about, however busy the machine is.
pub(super) const LIMIT: Duration = Duration::from_secs(60);

/// Which servers.
#[derive(Clone, Copy, Debug)]
pub(super) enum On {
    RedisCluster,
    ValkeyCluster,
    Memcached,
}

enum Servers {
    Cluster(Lent),
    Several(Vec<Server>),
}

/// A database, and three servers in front of it.
pub(super) struct Site {
    pub(super) stack: Stack,
    pub(super) on: On,
    servers: Servers,
    /// The flights of each server, as they were told while all were there.
    homes: Vec<(FlightId, usize)>,
}

/// Nobody looks at what the worker does.
pub(super) struct Unwatched;

impl Watch for Unwatched {
    fn report(&self, _: Report) {}
}

impl Site {
    /// `None` where the servers are not installed.
    pub(super) fn start(on: On) -> Option<Self> {
        let servers = match on {
            On::RedisCluster => Servers::Cluster(Cluster::lend(Kind::Redis)?),
            On::ValkeyCluster => Servers::Cluster(Cluster::lend(Kind::Valkey)?),
            On::Memcached => Servers::Several((0..3).map(|_| Server::start(Kind::Memcached)).collect::<Option<_>>()?),
        };
        if let Servers::Cluster(cluster) = &servers {
            // Written later, it could be lost with a process that is killed.
            cluster.as_ref().unwrap().ask_all(&["CONFIG", "SET", "appendfsync", "always"]);
        }
        let mut site = Self { stack: Stack::embedded(), on, servers, homes: Vec::new() };
        site.homes = flights().map(|id| (id, site.server_of(id))).collect();
        Some(site)
    }

    /// The cluster, of a test that is stamped for one.
    pub(super) fn cluster(&self) -> &Cluster {
        let Servers::Cluster(cluster) = &self.servers else { panic!("these servers know nothing of each other") };
        cluster.as_ref().unwrap()
    }

    fn all(&mut self) -> &mut Vec<Server> {
        match &mut self.servers {
            Servers::Cluster(cluster) => &mut cluster.as_mut().unwrap().nodes,
            Servers::Several(servers) => servers,
        }
    }

    /// One of the servers.
    pub(super) fn server(&mut self, number: usize) -> &mut Server {
        &mut self.all()[number]
    }

    /// How the program reaches the cache.
    pub(super) fn settings(&self, timeout: &str) -> Settings {
        let mut settings = match &self.servers {
            Servers::Cluster(cluster) => cluster.as_ref().unwrap().settings(),
            Servers::Several(servers) => {
                vec![("CACHE_ENGINE", "memcached".to_owned()), ("CACHE_HOST", addresses(servers))]
            }
        };
        settings.push(("CACHE_TIMEOUT", timeout.to_owned()));
        settings
    }

    /// A laboratory, as one process has it.
    pub(super) async fn lab(&self, pattern: PatternKind, timeout: &str) -> Lab {
        lab::lab(&lab::config(&self.stack, &self.settings(timeout))).await.under(pattern)
    }

    /// The server that has a flight's key, as the servers themselves say, or for Memcached as the client has it.
    pub(super) fn server_of(&self, id: FlightId) -> usize {
        let config = lab::config(&self.stack, &self.settings(PATIENT));
        match &self.servers {
            Servers::Cluster(cluster) => cluster.as_ref().unwrap().owner(&config.cache.names().entry(id)),
            Servers::Several(_) => cache::connect(&config.cache).unwrap().shard(id),
        }
    }

    /// The flights of a server, and all others, as it was at the beginning.
    pub(super) fn divided(&self, server: usize) -> (Vec<FlightId>, Vec<FlightId>) {
        let (its, others): (Vec<_>, Vec<_>) = self.homes.iter().partition(|(_, home)| *home == server);
        assert!(its.len() >= 3 && others.len() >= 3, "{its:?} {others:?}");
        let ids = |flights: Vec<(FlightId, usize)>| flights.into_iter().map(|(id, _)| id).collect();
        (ids(its), ids(others))
    }

    /// Waits until the servers are one again, where they know of each other.
    pub(super) fn wait(&self) {
        if let Servers::Cluster(cluster) = &self.servers {
            cluster.as_ref().unwrap().wait();
        }
    }
}

/// The flights that are looked at.
pub(super) fn flights() -> impl Iterator<Item = FlightId> {
    (1..=FLIGHTS).map(|number| FlightId::try_from(number).unwrap())
}

/// Reads a flight, and sees that it is what the database has.
pub(super) async fn read(lab: &Lab, id: FlightId) -> Read {
    let read = lab.read(id).await.value.unwrap();
    assert_eq!(read.flight, lab.row(id).await.value.unwrap(), "flight {id}: {read:?}");
    read
}

/// How often each flight was changed, by `flight_log`.
pub(super) fn logged(stack: &Stack, ids: &[FlightId]) -> Vec<u32> {
    let look = || ids.iter().map(|id| stack.logged(id.number().unsigned_abs())).collect();
    // It waits for the database on an event loop of its own, which a thread can have one of.
    std::thread::scope(|scope| scope.spawn(look).join().unwrap())
}

/// Reads flights until each is a hit.
pub(super) async fn fill(lab: &Lab, ids: &[FlightId]) {
    for id in ids {
        read(lab, *id).await;
        assert_eq!(read(lab, *id).await.lookup, Lookup::Hit, "flight {id}");
    }
}

/// Moves a flight by an hour.
pub(super) async fn delay(lab: &Lab, id: FlightId) -> cachedemo::error::Result<Acknowledgement> {
    let flight = lab.row(id).await.value.unwrap().unwrap();
    update(lab, &flight).await
}

/// Moves a flight to an hour after these times.
pub(super) async fn update(lab: &Lab, flight: &Flight) -> cachedemo::error::Result<Acknowledgement> {
    let times = flight.times().delayed(TimeDelta::hours(1)).unwrap();
    lab.update(&lab.plan(flight, times, "test", None)).await.value
}

/// Waits until all of the cache is trusted.
pub(super) async fn healed(lab: &Lab) {
    let polling = async {
        while !lab.trusts_cache() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LIMIT, polling).await.expect("the cache is not healed");
}

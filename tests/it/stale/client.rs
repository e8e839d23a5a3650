//! A client: a process of its own that reads and updates flights through a pattern, many at a time, until it is killed.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use cachedemo::config::{Config, Environment};
use cachedemo::flight::{Flight, FlightId};
use cachedemo::lab::Lab;
use cachedemo::pattern::{CacheEffect, Lookup, PatternKind, Protocol, Refreshing, Source, Tuning};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use super::delays::Delays;
use super::notes::{Met, Notes, What};
use super::version::Version;
use crate::support::lab;
use crate::support::stack::runtime;

/// The name of the test that a client is, for whoever starts one.
pub(super) const TEST: &str = "stale::client::process";
/// The variable in which a client gets its orders.
pub(super) const VARIABLE: &str = "STALE_CLIENT";

/// Seven of ten operations are reads.
const READS: (u32, u32) = (7, 10);

/// What a client is to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Orders {
    /// Its number in the run: no two have the same.
    pub(super) number: u32,
    pub(super) pattern: PatternKind,
    pub(super) protocol: Protocol,
    /// How many operations it may do, so that it ends by itself when nobody is left to kill it.
    pub(super) operations: u32,
    pub(super) tasks: u32,
    pub(super) flights: Vec<FlightId>,
    pub(super) seed: u64,
    /// Whether some operations are given up halfway: what a kill is where the cache would die with the process.
    pub(super) gives_up: bool,
    /// Where it notes what it does.
    pub(super) notes: PathBuf,
}

impl Orders {
    /// Every client has its own chance.
    fn own_seed(&self) -> u64 {
        self.seed ^ (u64::from(self.number) + 1) << 40
    }
}

/// Not a test: what a client process runs. Without orders it does nothing.
#[test]
#[ignore = "the tests of staleness start it themselves"]
#[expect(clippy::disallowed_methods, reason = "the orders of a test are not one of cachedemo's settings")]
fn process() {
    let Ok(orders) = std::env::var(VARIABLE) else { return };
    let orders: Orders = serde_json::from_str(&orders).expect("the test wrote them");
    runtime().block_on(work(orders));
}

async fn work(orders: Orders) {
    let lab = stacked(&orders).await;
    let mut flights = Vec::new();
    for id in &orders.flights {
        flights.push(lab.database().find(*id).await.unwrap().expect("the test chose flights that exist"));
    }
    let client =
        Arc::new(Client { notes: Notes::create(&orders.notes), next: AtomicU32::new(0), orders, lab, flights });
    let mut tasks = JoinSet::new();
    for number in 0..client.orders.tasks {
        let seed = client.orders.own_seed() ^ (u64::from(number) + 1) << 32;
        tasks.spawn(Arc::clone(&client).operate(StdRng::seed_from_u64(seed)));
    }
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
}

/// What the client works with: what the program itself makes of its environment, but for the delays.
async fn stacked(orders: &Orders) -> Lab {
    let environment = Environment::capture().unwrap();
    let config = Config::resolve(&cachedemo::cli::ConnectionFlags::default(), &environment).unwrap();
    let lab = lab::lab(&config).await.held_by(Arc::new(Delays::new(orders.own_seed())));
    let lab = match orders.protocol {
        Protocol::Protected => lab.under(orders.pattern),
        Protocol::Naive => lab.textbook().under(orders.pattern),
    };
    // Every hit refreshes, so that refreshes meet updates all the time.
    let refreshing = Refreshing { threshold: 1.0, ..Refreshing::default() };
    lab.tuned(Tuning { refreshing, ..Tuning::default() })
}

struct Client {
    orders: Orders,
    lab: Lab,
    flights: Vec<Flight>,
    notes: Notes,
    next: AtomicU32,
}

impl Client {
    async fn operate(self: Arc<Self>, mut chance: StdRng) {
        loop {
            pause(&mut chance).await;
            let operation = self.next.fetch_add(1, Ordering::Relaxed);
            if operation >= self.orders.operations {
                return;
            }
            let flight = &self.flights[chance.random_range(0..self.flights.len())];
            let is_read = chance.random_ratio(READS.0, READS.1);
            let work = async {
                match is_read {
                    true => self.read(operation, flight).await,
                    false => self.update(operation, flight).await,
                }
            };
            if self.orders.gives_up && chance.random_ratio(1, 200) {
                // Dropped wherever it is by then: its end is unknown.
                let _ = tokio::time::timeout(Duration::from_micros(chance.random_range(0..3_000)), work).await;
            } else {
                work.await;
            }
        }
    }

    async fn read(&self, operation: u32, flight: &Flight) {
        self.notes.write(operation, What::Reads(flight.flight_id.number()));
        let end = match self.lab.read(flight.flight_id).await.value {
            Err(error) => What::Failed(error.to_string()),
            Ok(read) if read.lookup == Lookup::Unavailable => What::Failed(read.notes.join("; ")),
            Ok(read) => {
                let met = match (read.lookup, read.source) {
                    (Lookup::Hit, _) => Met::Hit,
                    (_, Source::Cache) => Met::Joined,
                    _ => Met::Database,
                };
                What::Saw(Version::of(read.flight.expect("nobody deletes flights").departure), met)
            }
        };
        self.notes.write(operation, end);
    }

    async fn update(&self, operation: u32, flight: &Flight) {
        let version = Version::new(self.orders.number, operation);
        let update = self.lab.plan(flight, version.times(), "stale", None);
        self.notes.write(operation, What::Updates(flight.flight_id.number(), version));
        let end = match self.lab.update(&update).await.value {
            Err(error) => What::Failed(error.to_string()),
            Ok(done) if done.cache == CacheEffect::NotUpdated => What::Failed(done.notes.join("; ")),
            Ok(done) => What::Acknowledged(Version::of(done.old.expect("whoever holds the row sees it").departure)),
        };
        self.notes.write(operation, end);
    }
}

/// Mostly next to none, so that operations meet; now and then long enough for everybody else to go past.
async fn pause(chance: &mut StdRng) {
    let longest = if chance.random_ratio(1, 50) { 20_000 } else { 2_000 };
    tokio::time::sleep(Duration::from_micros(chance.random_range(0..longest))).await;
}

//! Several Memcached servers that share the flights, each flight on one of them.
//!
//! They know nothing of each other, so every client must send a flight to the same one, and of two lists that differ in one server
//! the flights of the others must stay where they are. Rendezvous hashing does that (Thaler and Ravishankar, "Using name-based
//! mappings to increase hit rates", 1998): each server has a weight for each flight, and the heaviest has it. A server that is added
//! takes its share from all others; one that is removed leaves its share to all others.
//!
//! There is no second choice for a server that is away. If its flights went elsewhere meanwhile, two servers would have an entry
//! of the same flight when it came back, and one of the two would be old: they are read from the database.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::{join_all, try_join_all};

use super::memcached::Memcached;
use super::{
    Address, Cache, Content, Counted, Entry, Facts, Inventory, Lease, Look, Over, ServerFacts, Settings, Settle,
    Settled,
};
use crate::error::{Error, Peer, Result};
use crate::flight::FlightId;

/// Several servers, each with a part of the flights.
pub(super) struct Sharded {
    peer: Arc<Peer>,
    servers: Vec<Server>,
}

struct Server {
    address: Address,
    /// The number that its weights are made from.
    seed: u64,
    cache: Memcached,
}

impl Sharded {
    /// Clients that connect at their first command.
    ///
    /// # Errors
    /// As for one server.
    pub(super) fn new(settings: &Settings) -> Result<Self> {
        let server = |address: Address| {
            let Address { host, port } = address.clone();
            let cache = Memcached::new(&Settings { host, port, others: Vec::new(), ..settings.clone() })?;
            Ok(Server { seed: fingerprint(&address.to_string()), address, cache })
        };
        let servers = settings.servers().map(server).collect::<Result<_>>()?;
        Ok(Self { peer: Arc::new(settings.peer("cache")), servers })
    }

    fn of(&self, id: FlightId) -> &Memcached {
        &self.servers[self.shard(id)].cache
    }
}

/// The number of the server that has a flight, among servers with these seeds.
fn heaviest(seeds: impl Iterator<Item = u64>, id: FlightId) -> usize {
    let flight = mixed(u64::from(id.number().unsigned_abs()));
    // Two weights are never equal but by a chance of one in 2^64, and then all clients take the same of the two.
    seeds.map(|seed| mixed(seed ^ flight)).enumerate().max_by_key(|(_, weight)| *weight).map_or(0, |(number, _)| number)
}

/// A number in which each bit depends on every bit of the other: the last step of SplitMix64.
fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// A number for a text: FNV-1a, 64 bits. Part of what all clients agree on, so it is never to change.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[async_trait]
impl Cache for Sharded {
    fn peer(&self) -> &Arc<Peer> {
        &self.peer
    }

    async fn ping(&self) -> Result<()> {
        try_join_all(self.servers.iter().map(|server| server.cache.ping())).await.map(drop)
    }

    fn shards(&self) -> usize {
        self.servers.len()
    }

    fn shard(&self, id: FlightId) -> usize {
        heaviest(self.servers.iter().map(|server| server.seed), id)
    }

    async fn reach(&self, shard: usize) -> Result<()> {
        self.servers[shard].cache.ping().await
    }

    async fn get(&self, id: FlightId) -> Result<Entry> {
        self.of(id).get(id).await
    }

    async fn look(&self, id: FlightId) -> Result<Look> {
        self.of(id).look(id).await
    }

    async fn lease(&self, id: FlightId, lease: &Lease, over: Over<'_>, ttl: Duration) -> Result<bool> {
        self.of(id).lease(id, lease, over, ttl).await
    }

    async fn settle(&self, id: FlightId, lease: &Lease, settle: &Settle) -> Result<Settled> {
        self.of(id).settle(id, lease, settle).await
    }

    async fn set(&self, id: FlightId, content: &Content, ttl: Duration) -> Result<()> {
        self.of(id).set(id, content, ttl).await
    }

    async fn delete(&self, id: FlightId) -> Result<bool> {
        self.of(id).delete(id).await
    }

    async fn remaining(&self, id: FlightId) -> Result<Option<Duration>> {
        self.of(id).remaining(id).await
    }

    async fn ids(&self) -> Result<Vec<FlightId>> {
        let mut ids = Vec::new();
        for (number, server) in self.servers.iter().enumerate() {
            let there = server.cache.ids().await?;
            // What stands there from a time of other servers is read by nobody, and is no entry.
            ids.extend(there.into_iter().filter(|id| self.shard(*id) == number));
        }
        ids.sort_unstable();
        Ok(ids)
    }

    async fn facts(&self) -> Result<Facts> {
        let (mut all, mut failed) = (None, None);
        let mut servers = Vec::new();
        for Server { address, cache, .. } in &self.servers {
            let facts = cache.facts().await;
            let version = facts.as_ref().map(|facts| facts.version.clone()).map_err(ToString::to_string);
            servers.push(ServerFacts { address: address.to_string(), version, shards: 1 });
            match facts {
                Ok(facts) => all = Some(all.map_or(facts.clone(), |all| together(all, facts))),
                Err(error) => failed = Some(error),
            }
        }
        match (all, failed) {
            (None, Some(error)) => Err(error),
            (facts, _) => Ok(Facts { servers, ..facts.expect("there is a server, and it did not fail") }),
        }
    }

    async fn statistics(&self) -> Result<Counted> {
        let each = join_all(self.servers.iter().map(|server| server.cache.statistics())).await;
        Counted::together(each.into_iter().map(|counted| counted.map(|counted| counted.all)))
    }

    async fn inventory(&self) -> Result<Inventory> {
        let each = join_all(self.servers.iter().map(|server| server.cache.inventory())).await;
        // Which of them are away is told by their statistics.
        let there = each.into_iter().filter(|counted| !counted.as_ref().is_err_and(Error::is_outage));
        Ok(there.collect::<Result<Vec<_>>>()?.into_iter().reduce(Inventory::together).unwrap_or_default())
    }

    async fn incarnation(&self) -> Result<Option<String>> {
        Ok(None)
    }
}

/// What holds for both: each has memory of its own.
fn together(one: Facts, other: Facts) -> Facts {
    let memory_limit = one.memory_limit.zip(other.memory_limit).map(|(one, other)| one.saturating_add(other));
    let has_both = one.version.contains(&other.version);
    let version = if has_both { one.version.clone() } else { format!("{}, {}", one.version, other.version) };
    Facts { version, memory_limit, ..one }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLIGHTS: i64 = 30_000;

    fn placed(servers: &[&str]) -> Vec<String> {
        let ids = (1..=FLIGHTS).map(|number| FlightId::try_from(number).unwrap());
        let place = |id| servers[heaviest(servers.iter().map(|server| fingerprint(server)), id)].to_owned();
        ids.map(place).collect()
    }

    fn share(placed: &[String], server: &str) -> f64 {
        placed.iter().filter(|place| *place == server).count() as f64 / FLIGHTS as f64
    }

    #[test]
    fn each_server_has_its_share() {
        let servers = ["10.0.0.1:11211", "10.0.0.2:11211", "10.0.0.3:11211"];
        let placed = placed(&servers);
        for server in servers {
            assert!((0.31..0.36).contains(&share(&placed, server)), "{server}: {}", share(&placed, server));
        }
    }

    #[test]
    fn the_order_of_the_list_does_not_count() {
        assert_eq!(placed(&["a:1", "b:1", "c:1"]), placed(&["c:1", "a:1", "b:1"]));
    }

    #[test]
    fn a_server_that_is_added_takes_its_share_and_moves_nothing_else() {
        let (before, after) = (placed(&["a:1", "b:1", "c:1"]), placed(&["a:1", "b:1", "c:1", "d:1"]));
        let moved: Vec<_> = before.iter().zip(&after).filter(|(before, after)| before != after).collect();
        assert!(moved.iter().all(|(_, after)| *after == "d:1"), "something moved elsewhere");
        let share = moved.len() as f64 / FLIGHTS as f64;
        assert!((0.23..0.27).contains(&share), "{share} moved");
    }

    /// Every client of every version must send a flight to the same server.
    #[test]
    fn places_never_change() {
        let servers = ["10.0.0.1:11211", "10.0.0.2:11211", "10.0.0.3:11211"];
        let place = |number: i64| {
            heaviest(servers.iter().map(|server| fingerprint(server)), FlightId::try_from(number).unwrap())
        };
        assert_eq!([1, 2, 3, 4, 5, 115, 2_147_483_647].map(place), [1, 0, 0, 2, 0, 1, 1]);
    }
}

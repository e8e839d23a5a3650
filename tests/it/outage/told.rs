//! Who commits tells the cache whenever it can be told: others may trust it already.

use std::time::Duration;

use cachedemo::error::Error;
use cachedemo::flight::{Flight, FlightId, Update};
use cachedemo::lab::Lab;
use cachedemo::pattern::{CacheEffect, Lookup, PatternKind};
use chrono::{NaiveDateTime, TimeDelta};
use tokio::runtime::Runtime;

use crate::support::deadline::poll;
use crate::support::lab;
use crate::support::server::Kind;
use crate::support::settings;
use crate::support::stack::Stack;

const PATIENCE: Duration = Duration::from_secs(30);

/// Laboratories as two processes have them, with a flight that the cache has.
struct Pair {
    stack: Stack,
    runtime: Runtime,
    labs: [Lab; 2],
    flight: Flight,
}

impl Pair {
    fn new(kind: Kind, pattern: PatternKind) -> Option<Self> {
        let stack = Stack::with_cache(kind)?;
        let config = lab::config(&stack, &settings::of(stack.cache.as_ref()?));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let labs = [(), ()].map(|()| runtime.block_on(lab::lab(&config)).under(pattern));
        let id = FlightId::try_from(1_i64).unwrap();
        let flight = runtime.block_on(labs[0].row(id)).value.unwrap().unwrap();
        let pair = Self { stack, runtime, labs, flight };
        pair.read(0);
        let hit = (pair.flight.departure, Lookup::Hit);
        // The second as well, so that it has a connection.
        assert_eq!((pair.read(0), pair.read(1)), (hit, hit));
        Some(pair)
    }

    fn read(&self, lab: usize) -> (NaiveDateTime, Lookup) {
        let read = self.runtime.block_on(self.labs[lab].read(self.flight.flight_id)).value.unwrap();
        (read.flight.unwrap().departure, read.lookup)
    }

    fn later(&self, lab: usize) -> Update {
        let times = self.flight.times().delayed(TimeDelta::hours(1)).unwrap();
        self.labs[lab].plan(&self.flight, times, "told", None)
    }

    /// Waits until a laboratory trusts the cache again, and has read there.
    fn wait_for_hit(&self, lab: usize) {
        let hit = poll(PATIENCE, || (self.read(lab).1 == Lookup::Hit).then_some(()));
        assert!(hit.is_some(), "it does not trust the cache again");
    }
}

fn restarts(kind: Kind, pattern: PatternKind) {
    let Some(mut pair) = Pair::new(kind, pattern) else { return };
    pair.stack.cache.as_mut().unwrap().restart();
    // The first has noticed and healed, when the second does not know yet that its connection is dead.
    pair.wait_for_hit(0);
    let update = pair.later(1);
    let acknowledged = pair.runtime.block_on(pair.labs[1].update(&update)).value.unwrap();
    let read = pair.read(0);
    assert_eq!(read.0, update.flight.departure, "{pattern:?} {kind}: the old flight is served, {read:?}");
    assert_ne!(acknowledged.cache, CacheEffect::NotUpdated, "{pattern:?} {kind}");
}

#[test]
fn a_writer_with_a_dead_connection_tells_a_cache_that_others_trust_again() {
    for kind in [Kind::Redis, Kind::Valkey] {
        for pattern in [PatternKind::CacheAside, PatternKind::WriteThrough] {
            restarts(kind, pattern);
        }
    }
}

#[test]
fn an_update_that_is_queued_and_untold_is_seen_when_the_cache_is_back() {
    let Some(pair) = Pair::new(Kind::Memcached, PatternKind::WriteBehind) else { return };
    let cache = pair.stack.cache.as_ref().unwrap();
    cache.stop();
    let update = pair.later(0);
    let untold = pair.runtime.block_on(pair.labs[0].update(&update)).value;
    assert!(matches!(untold, Err(Error::CacheNotTold { .. })), "{untold:?}");
    cache.resume();
    pair.wait_for_hit(0);
    let reads = [pair.read(0), pair.read(1)].map(|read| read.0);
    assert_eq!(reads, [update.flight.departure; 2], "the old flight is served");
}

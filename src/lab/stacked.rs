//! How a laboratory is stacked: `server → faults → written down → breaker → pattern`, each of them once, for every server.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::circuit::Breaker;
use super::door::{Door, Hooks};
use super::fault::Faults;
use super::gate::Gate;
use super::layer::Layered;
use super::meter::Meter;
use super::outage::Notes;
use super::{Lab, Limits};
use crate::cache::Cache;
use crate::clock::Chance;
use crate::database::Database;
use crate::error::Peer;
use crate::hop::Target;
use crate::pattern::{self, PatternKind, Protocol, Stack, Tuning};
use crate::queue::{self, Queue};

/// The servers themselves.
#[derive(Clone)]
pub(super) struct Servers {
    database: Arc<dyn Database>,
    cache: Arc<dyn Cache>,
    queue: Arc<dyn Queue>,
}

impl Lab {
    /// Stacks the three under a pattern.
    #[must_use]
    pub fn new(
        kind: PatternKind,
        database: Arc<dyn Database>,
        cache: Arc<dyn Cache>,
        queue: Arc<dyn Queue>,
        limits: Limits,
    ) -> Self {
        let servers = Servers { database, cache, queue };
        Self::stacked(kind, Protocol::Protected, servers, limits, Hooks::default())
    }

    fn stacked(kind: PatternKind, protocol: Protocol, servers: Servers, limits: Limits, hooks: Hooks) -> Self {
        let Servers { database, cache, queue } = servers.clone();
        let door = |target, peer: &Arc<Peer>| {
            let limit = if target == Target::Database { limits.database_timeout } else { limits.cache_timeout };
            Door::new(target, peer, limit, &hooks)
        };
        let (at_database, at_cache, at_queue) = (
            door(Target::Database, database.peer()),
            door(Target::Cache, cache.peer()),
            door(Target::Queue, queue.peer()),
        );
        let database: Arc<dyn Database> = Arc::new(Layered::new(database, at_database));
        let cache: Arc<dyn Cache> = Arc::new(Layered::new(cache, at_cache));
        let chance = Arc::new(Chance::unpredictable());
        // Twice the statement's limit: the lease outlives a commit that was sent at the last moment, and is ended in time.
        let lease_ttl = limits.database_timeout * 2;
        let notes = Notes::new(limits.outages.clone(), cache.peer(), &chance);
        let times = (Chance::longest(limits.ttl), lease_ttl);
        // Where hops are held, nothing happens by itself.
        let probes = hooks.gate.is_none();
        let healed_with = (Arc::clone(&database), Arc::clone(&queue));
        let breaker = Breaker::new(Arc::clone(&cache), healed_with, Arc::clone(&chance), times, notes, probes);
        // The textbook knows of no outage.
        let is_naive = protocol == Protocol::Naive;
        let at_queue = if is_naive { at_queue } else { at_queue.behind(&breaker) };
        let queue: Arc<dyn Queue> = Arc::new(Layered::new(queue, at_queue));
        let stack = Stack {
            database,
            cache: if is_naive { cache } else { Arc::new(breaker.clone()) },
            queue,
            chance,
            ttl: limits.ttl,
            longest_ttl: Chance::longest(limits.ttl),
            lease_ttl,
            on_cache_failure: limits.on_cache_failure,
            tuning: limits.tuning,
        };
        let pattern = pattern::build(kind, protocol, stack.clone());
        Self { servers, limits, hooks, protocol, breaker, stack, pattern }
    }

    /// The same database, cache and queue under another pattern.
    #[must_use]
    pub fn under(&self, kind: PatternKind) -> Self {
        Self { pattern: pattern::build(kind, self.protocol, self.stack.clone()), ..self.clone() }
    }

    /// The same with another variant of the pattern.
    #[must_use]
    pub fn tuned(&self, tuning: Tuning) -> Self {
        let stack = Stack { tuning, ..self.stack.clone() };
        let limits = Limits { tuning, ..self.limits.clone() };
        Self { pattern: pattern::build(self.kind(), self.protocol, stack.clone()), stack, limits, ..self.clone() }
    }

    /// The same where values are stored for so long only. What others store lives as long as it does: a cache that was away is
    /// healed as far back as before.
    #[must_use]
    pub fn storing_for(&self, ttl: Duration) -> Self {
        let stack = Stack { ttl, ..self.stack.clone() };
        Self { pattern: pattern::build(self.kind(), self.protocol, stack.clone()), stack, ..self.clone() }
    }

    /// The same with the textbook protocol, without leases.
    #[must_use]
    pub fn textbook(&self) -> Self {
        Self::stacked(self.kind(), Protocol::Naive, self.servers.clone(), self.limits.clone(), self.hooks.clone())
    }

    /// The same where these things go wrong.
    #[must_use]
    pub fn with_faults(&self, faults: Arc<Faults>) -> Self {
        let hooks = Hooks { faults, ..self.hooks.clone() };
        Self::stacked(self.kind(), self.protocol, self.servers.clone(), self.limits.clone(), hooks)
    }

    /// The same where every hop is held by `gate`.
    #[must_use]
    pub fn held_by(&self, gate: Arc<dyn Gate>) -> Self {
        let hooks = Hooks { gate: Some(gate), ..self.hooks.clone() };
        Self::stacked(self.kind(), self.protocol, self.servers.clone(), self.limits.clone(), hooks)
    }

    /// The same where every hop is counted by `meter`.
    #[must_use]
    pub fn counted_by(&self, meter: Arc<dyn Meter>) -> Self {
        let hooks = Hooks { meter: Some(meter), ..self.hooks.clone() };
        Self::stacked(self.kind(), self.protocol, self.servers.clone(), self.limits.clone(), hooks)
    }

    /// The same with a queue of its own, where no outage is written down: for what must not touch the real ones.
    #[must_use]
    pub fn apart(&self, journal: PathBuf) -> Self {
        let settings = queue::Settings { partitions: 1, ..*self.servers.queue.settings() };
        let queue = queue::apart(settings, &self.servers.cache, journal);
        let servers = Servers { queue, ..self.servers.clone() };
        let limits = Limits { outages: None, ..self.limits.clone() };
        Self::stacked(self.kind(), self.protocol, servers, limits, self.hooks.clone())
    }
}

//! Many at once: who wins a lease, and that no reader ever sees less than what was known before it began.
//!
//! The last test plays the protocol of leases as the patterns do, on a database that is one number under a lock, with writers
//! and readers that die at any step, settles that land late, and somebody who evicts and spoils entries.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::SeqCst};

use cachedemo::cache::{Cache, Content, Entry, Lease, LeaseKind, Over, Settle};
use cachedemo::clock::Chance;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::sync::{Barrier, Mutex};

use super::fixture::{Fixture, LONG, flight, id, version};

every_cache! {{
    of_fills_at_once_exactly_one_wins_an_empty_key,
    of_fills_at_once_exactly_one_wins_a_foreign_key,
    no_read_is_older_than_what_was_known_before_it,
}}

const AT_ONCE: usize = 8;

async fn of_fills_at_once_exactly_one_wins_an_empty_key(fixture: &mut Fixture) {
    for number in 1..=50 {
        assert_eq!(winners(fixture, number, None).await, 1);
    }
}

async fn of_fills_at_once_exactly_one_wins_a_foreign_key(fixture: &mut Fixture) {
    for number in 1..=50 {
        let foreign = fixture.spoil(number).await;
        assert_eq!(winners(fixture, number, Some(foreign)).await, 1);
    }
}

/// How many of many readers get a fill lease.
async fn winners(fixture: &Fixture, number: i64, over: Option<cachedemo::cache::Foreign>) -> usize {
    let barrier = Arc::new(Barrier::new(AT_ONCE));
    let fills = (0..AT_ONCE).map(|_| {
        let (cache, barrier, over, lease) =
            (Arc::clone(&fixture.cache), Arc::clone(&barrier), over.clone(), fixture.fill());
        tokio::spawn(async move {
            barrier.wait().await;
            let over = over.as_ref().map_or(Over::Nothing, |foreign| Over::Exactly(foreign.bytes.as_deref()));
            cache.lease(id(number), &lease, over, LONG).await.unwrap()
        })
    });
    let mut winners = 0;
    for fill in fills.collect::<Vec<_>>() {
        winners += usize::from(fill.await.unwrap());
    }
    winners
}

/// One flight in a database, and what is known of it.
struct World {
    cache: Arc<dyn Cache>,
    chance: Chance,
    /// The row lock.
    row: Mutex<()>,
    /// The version that the database holds.
    committed: AtomicI64,
    /// The newest version that was acknowledged to a writer or shown to a reader: nobody may see less from now on.
    known: AtomicI64,
    hits: AtomicU64,
    fills: AtomicU64,
}

impl World {
    fn lease(&self, kind: LeaseKind) -> Lease {
        Lease::new(kind, &self.chance)
    }

    fn load(&self) -> i64 {
        self.committed.load(SeqCst)
    }

    async fn settle(self: &Arc<Self>, lease: Lease, settle: Settle, dice: &mut StdRng) {
        let world = Arc::clone(self);
        let late = dice.random_range(0..40);
        let work = async move {
            for _ in 0..late {
                tokio::task::yield_now().await;
            }
            world.cache.settle(id(1), &lease, &settle).await.unwrap()
        };
        let work = tokio::spawn(work);
        // One in four is given up by its owner, and lands when it lands.
        if dice.random_ratio(3, 4) {
            work.await.unwrap();
        }
    }

    async fn update(self: &Arc<Self>, dice: &mut StdRng) {
        let lock = self.row.lock().await;
        let lease = self.lease(LeaseKind::Write);
        assert!(self.cache.lease(id(1), &lease, Over::Anything, LONG).await.unwrap());
        pause(dice).await;
        if dice.random_ratio(1, 16) {
            return; // It dies: the database takes the lock back, and the lease goes on standing.
        }
        if dice.random_ratio(1, 16) {
            drop(lock); // It rolls back.
            return self.settle(lease, Settle::Delete, dice).await;
        }
        let version = self.committed.fetch_add(1, SeqCst) + 1;
        drop(lock);
        pause(dice).await;
        if dice.random_ratio(1, 16) {
            return; // It dies after its commit, unacknowledged.
        }
        let settle = match dice.random_ratio(1, 2) {
            true => Settle::Put(Content::Value(flight(1, version)), LONG),
            false => Settle::Delete,
        };
        self.settle(lease, settle, dice).await;
        self.known.fetch_max(version, SeqCst);
    }

    async fn read(self: &Arc<Self>, dice: &mut StdRng) {
        let known = self.known.load(SeqCst);
        let seen = match self.cache.get(id(1)).await.unwrap() {
            Entry::Value(flight) => {
                self.hits.fetch_add(1, SeqCst);
                version(&flight)
            }
            Entry::Absent => self.fill(Over::Nothing, dice).await,
            Entry::Foreign(foreign) => self.fill(Over::Exactly(foreign.bytes.as_deref()), dice).await,
            Entry::Missing | Entry::Leased(_) => self.load(),
        };
        assert!(seen >= known, "a read saw version {seen} after version {known} was known");
        self.known.fetch_max(seen, SeqCst);
    }

    async fn fill(self: &Arc<Self>, over: Over<'_>, dice: &mut StdRng) -> i64 {
        let lease = self.lease(LeaseKind::Fill);
        let is_mine = self.cache.lease(id(1), &lease, over, LONG).await.unwrap();
        let loaded = self.load();
        pause(dice).await;
        // One in sixteen dies before it settles.
        if is_mine && dice.random_ratio(15, 16) {
            self.fills.fetch_add(1, SeqCst);
            self.settle(lease, Settle::Put(Content::Value(flight(1, loaded)), LONG), dice).await;
        }
        loaded
    }

    /// Evicts or spoils the entry, at any moment but between a writer's lease and its commit: the hole that is left.
    async fn disturb(&self, dice: &mut StdRng) {
        let _lock = self.row.lock().await;
        if dice.random_ratio(1, 2) {
            self.cache.delete(id(1)).await.unwrap();
            return;
        }
        let lease = self.lease(LeaseKind::Write);
        assert!(self.cache.lease(id(1), &lease, Over::Anything, LONG).await.unwrap());
        let another = Settle::Put(Content::Value(flight(2, 0)), LONG);
        self.cache.settle(id(1), &lease, &another).await.unwrap();
    }
}

async fn pause(dice: &mut StdRng) {
    for _ in 0..dice.random_range(0..8) {
        tokio::task::yield_now().await;
    }
}

async fn no_read_is_older_than_what_was_known_before_it(fixture: &mut Fixture) {
    let world = Arc::new(World {
        cache: Arc::clone(&fixture.cache),
        chance: Chance::seeded(1),
        row: Mutex::new(()),
        committed: AtomicI64::new(0),
        known: AtomicI64::new(0),
        hits: AtomicU64::new(0),
        fills: AtomicU64::new(0),
    });
    let tasks = (0..AT_ONCE as u64).map(|seed| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let mut dice = StdRng::seed_from_u64(seed);
            for _ in 0..800 {
                match dice.random_range(0..32) {
                    0 => world.disturb(&mut dice).await,
                    1..4 => world.update(&mut dice).await,
                    _ => world.read(&mut dice).await,
                }
                pause(&mut dice).await;
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    // What the test is about did happen.
    let (hits, fills) = (world.hits.load(SeqCst), world.fills.load(SeqCst));
    assert!(hits > 0 && fills > 0 && world.load() > 0, "{hits} hits, {fills} fills, version {}", world.load());
    if let Entry::Value(flight) = fixture.get(1).await {
        assert_eq!(version(&flight), world.load());
    }
}

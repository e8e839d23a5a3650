//! Holds the first hop of a name until it is told to let it go, and counts what goes by.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use cachedemo::hop::{Hop, Target};
use cachedemo::lab::gate::{Gate, Landing, Passage};
use tokio::sync::Semaphore;

/// How long a hop may take to come, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Holds one hop at a time.
pub(super) struct Held {
    /// Which hop is to be held next.
    next: Mutex<Option<&'static str>>,
    counts: Mutex<BTreeMap<&'static str, u32>>,
    arrived: Semaphore,
    free: Semaphore,
}

fn sound<T>(locked: Result<T, PoisonError<T>>) -> T {
    locked.unwrap_or_else(PoisonError::into_inner)
}

impl Held {
    /// Will hold the next hop of this name.
    pub(super) fn before(name: &'static str) -> Arc<Self> {
        let (arrived, free) = (Semaphore::new(0), Semaphore::new(0));
        Arc::new(Self { next: Mutex::new(Some(name)), counts: Mutex::default(), arrived, free })
    }

    /// Waits until it holds one. A hop that never comes is a failure, not a test that never ends.
    pub(super) async fn arrived(&self) {
        let arrived = tokio::time::timeout(PATIENCE, self.arrived.acquire()).await;
        arrived.expect("the hop that is to be held comes").unwrap().forget();
    }

    /// Lets go what it holds.
    pub(super) fn go(&self) {
        self.free.add_permits(1);
    }

    /// Lets go what it holds, and will hold the next hop of this name.
    pub(super) fn go_on_to(&self, name: &'static str) {
        *sound(self.next.lock()) = Some(name);
        self.go();
    }

    /// How many hops of this name there were.
    pub(super) fn count(&self, name: &str) -> u32 {
        sound(self.counts.lock()).get(name).copied().unwrap_or(0)
    }
}

#[async_trait]
impl Gate for Held {
    async fn before(&self, _: Target, name: &'static str) -> Passage {
        *sound(self.counts.lock()).entry(name).or_default() += 1;
        let is_held = sound(self.next.lock()).take_if(|next| *next == name).is_some();
        if is_held {
            self.arrived.add_permits(1);
            self.free.acquire().await.unwrap().forget();
        }
        Passage::Now
    }

    fn keep(&self, _: Landing) {
        unreachable!("no hop is let go late");
    }

    async fn after(&self, _: Hop) {}
}

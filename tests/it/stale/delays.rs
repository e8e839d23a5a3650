//! Delays inside of operations: now and then a hop is held before it goes, or its answer before it is heard.
//!
//! Every race of the textbook is between two hops. The further apart they are, the more of everybody else fits in between.

use std::time::Duration;

use async_trait::async_trait;
use cachedemo::clock::Chance;
use cachedemo::hop::{Hop, Target};
use cachedemo::lab::gate::{Gate, Landing, Passage};

/// How much of all hops is held, and how long at most.
const SHORT: (f64, Duration) = (0.1, Duration::from_millis(3));
const LONG: (f64, Duration) = (0.005, Duration::from_millis(30));

/// Holds hops by chance.
pub(super) struct Delays(Chance);

impl Delays {
    /// With the chance from this seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(Chance::seeded(seed))
    }

    async fn hold(&self) {
        for (share, longest) in [SHORT, LONG] {
            if self.0.happens(share) {
                tokio::time::sleep(self.0.between(Duration::ZERO, longest)).await;
            }
        }
    }
}

#[async_trait]
impl Gate for Delays {
    async fn before(&self, _: Target, _: &'static str) -> Passage {
        self.hold().await;
        Passage::Now
    }

    fn keep(&self, _: Landing) {
        unreachable!("no hop is let go late");
    }

    async fn after(&self, _: Hop) {
        self.hold().await;
    }
}

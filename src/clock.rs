//! Where time and chance come from: nothing else in the program asks the system for either.
//!
//! One door, so that a test can seed the chance and a reader can find every place that depends on the hour.
#![expect(clippy::disallowed_methods, reason = "this is the one place that reads the system's clock")]

use std::sync::Mutex;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDateTime, Timelike, Utc};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

/// Now, in UTC, cut to the second: what a `DATETIME` column keeps.
#[must_use]
pub fn now() -> NaiveDateTime {
    let now = Utc::now().naive_utc();
    now.with_nanosecond(0).unwrap_or(now)
}

/// Now, in UTC, for measuring the age of something that another process dated.
#[must_use]
pub fn utc() -> DateTime<Utc> {
    Utc::now()
}

/// A moment for measuring how long something takes.
#[must_use]
pub fn instant() -> Instant {
    Instant::now()
}

/// By which part a spread duration may be shorter or longer.
const SPREAD: f64 = 0.1;

/// A source of chance: tokens for leases, ids for updates, the spread of TTLs.
#[derive(Debug)]
pub struct Chance(Mutex<StdRng>);

impl Chance {
    /// A source that is different in every process.
    #[must_use]
    pub fn unpredictable() -> Self {
        Self(Mutex::new(rand::make_rng()))
    }

    /// A source that gives the same sequence for the same seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }

    /// A token that nobody else holds: 96 bits of chance, as hexadecimal digits.
    pub fn token(&self) -> String {
        let (high, low): (u64, u32) = self.with(|source| (source.random(), source.random()));
        format!("{high:016x}{low:08x}")
    }

    /// `duration` made up to a tenth shorter or longer, so that what was stored together does not expire together.
    pub fn spread(&self, duration: Duration) -> Duration {
        duration.mul_f64(self.with(|source| source.random_range(1.0 - SPREAD..=1.0 + SPREAD)))
    }

    /// The longest that [`Chance::spread`] makes of a duration.
    #[must_use]
    pub fn longest(duration: Duration) -> Duration {
        duration.mul_f64(1.0 + SPREAD)
    }

    /// Some duration between these two.
    pub fn between(&self, shortest: Duration, longest: Duration) -> Duration {
        self.with(|source| source.random_range(shortest..=longest))
    }

    /// Some number from 0 up to, but not, 1.
    pub fn fraction(&self) -> f64 {
        self.with(|source| source.random())
    }

    /// Whether something happens that happens with this probability.
    pub fn happens(&self, probability: f64) -> bool {
        self.fraction() < probability
    }

    fn with<T>(&self, draw: impl FnOnce(&mut StdRng) -> T) -> T {
        // A poisoned lock means a panic between two draws; the source itself is still sound.
        draw(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_tokens() {
        assert_eq!(Chance::seeded(7).token(), Chance::seeded(7).token());
        assert_ne!(Chance::unpredictable().token(), Chance::unpredictable().token());
    }

    #[test]
    fn a_spread_stays_within_a_tenth_and_is_not_always_the_same() {
        let chance = Chance::seeded(1);
        let spread: Vec<_> = (0..1000).map(|_| chance.spread(Duration::from_secs(3600))).collect();
        assert!(spread.iter().all(|ttl| (3240.0..=3960.0).contains(&ttl.as_secs_f64())));
        assert!(spread.iter().any(|ttl| ttl.as_secs() < 3400) && spread.iter().any(|ttl| ttl.as_secs() > 3800));
    }
}

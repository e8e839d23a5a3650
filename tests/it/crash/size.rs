//! How much is done and how much is killed: little in CI, much in `scripts/crash-test`.
#![expect(clippy::disallowed_methods, reason = "the size of a test is not one of cachedemo's settings")]

use std::env;

/// The size of one run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    /// How many updates are sent, over all writers.
    pub(super) updates: u32,
    /// How many writers send them.
    pub(super) writers: u32,
    /// How many flights they change.
    pub(super) flights: u32,
    /// How often a worker is killed.
    pub(super) workers: u32,
    /// How often the database is killed and started again, and as often the cache.
    pub(super) servers: u32,
    /// Where the chance comes from.
    pub(super) seed: u64,
}

impl Size {
    /// What the environment says, and what CI does where it says nothing.
    pub(super) fn chosen() -> Self {
        Self {
            updates: number("CRASH_UPDATES").unwrap_or(2_000),
            writers: number("CRASH_WRITERS").unwrap_or(4),
            flights: number("CRASH_FLIGHTS").unwrap_or(40),
            workers: number("CRASH_WORKER_KILLS").unwrap_or(20),
            servers: number("CRASH_SERVER_KILLS").unwrap_or(2),
            seed: number("CRASH_SEED").unwrap_or_else(rand::random::<u32>).into(),
        }
    }
}

fn number(name: &str) -> Option<u32> {
    let text = env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|error| panic!("{name}={text}: {error}")))
}

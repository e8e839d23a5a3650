//! How much is read and written and how much is killed: little in CI, much in `scripts/staleness-test`.
#![expect(clippy::disallowed_methods, reason = "the size of a test is not one of cachedemo's settings")]

use std::env;

/// The size of one run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    /// How many reads and updates there are, over all clients.
    pub(super) operations: u32,
    /// How many processes do them, at the same time.
    pub(super) processes: u32,
    /// How many tasks there are in each process, at the same time.
    pub(super) tasks: u32,
    /// How many flights they share.
    pub(super) flights: u32,
    /// How often a process is killed, and another takes its place.
    pub(super) kills: u32,
    /// Where the chance comes from.
    pub(super) seed: u64,
}

impl Size {
    /// What the environment says, and what CI does where it says nothing.
    pub(super) fn chosen() -> Self {
        Self {
            operations: number("STALE_OPERATIONS").unwrap_or(1_000),
            processes: number("STALE_PROCESSES").unwrap_or(3),
            tasks: number("STALE_TASKS").unwrap_or(5),
            flights: number("STALE_FLIGHTS").unwrap_or(3),
            kills: number("STALE_KILLS").unwrap_or(3),
            seed: number("STALE_SEED").unwrap_or_else(rand::random::<u32>).into(),
        }
    }
}

fn number(name: &str) -> Option<u32> {
    let text = env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|error| panic!("{name}={text}: {error}")))
}

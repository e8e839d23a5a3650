//! Waits for something to become true, the only place where a test waits for time to pass.
#![expect(clippy::disallowed_methods, reason = "waiting for another process needs the machine's own clock")]

use std::thread;
use std::time::{Duration, Instant};

/// Calls `attempt` until it gives a value; `None` when `limit` has passed without one.
pub fn poll<T>(limit: Duration, mut attempt: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    loop {
        if let Some(value) = attempt() {
            return Some(value);
        }
        if start.elapsed() > limit {
            return None;
        }
        thread::park_timeout(Duration::from_millis(10));
    }
}

/// A moment by which something must have happened.
#[derive(Clone, Copy)]
pub struct Deadline(Instant);

impl Deadline {
    /// The moment `limit` from now.
    pub fn after(limit: Duration) -> Self {
        Self(Instant::now() + limit)
    }

    /// What is left until then, zero when it has passed.
    pub fn remaining(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }
}

//! Lifetimes as Memcached takes them: whole seconds, and beyond thirty days the moment at which they end.
//!
//! An item of n seconds dies at the n-th tick of the server's clock, so up to a second early. A value may; a lease must not,
//! for it guards a commit.

use std::time::Duration;

use crate::clock;

/// The longest lifetime that is taken as a number of seconds.
const LONGEST_RELATIVE: u64 = 30 * 24 * 60 * 60;

/// The lifetime of a value: whole seconds, rounded up.
pub(super) fn of_value(ttl: Duration) -> u32 {
    let now = u64::try_from(clock::utc().timestamp()).unwrap_or_default();
    wire(ttl, now)
}

/// The lifetime of a lease: no shorter than it is meant to be.
pub(super) fn of_lease(ttl: Duration) -> u32 {
    of_value(ttl.saturating_add(Duration::from_secs(1)))
}

/// How much longer an item of which the server says `t` will live at least; `None` if it never dies.
pub(super) fn at_least(seconds: i64) -> Option<Duration> {
    u64::try_from(seconds).ok().map(|seconds| Duration::from_secs(seconds.saturating_sub(1)))
}

fn wire(ttl: Duration, now: u64) -> u32 {
    let seconds = ttl.as_secs().saturating_add(u64::from(ttl.subsec_nanos() > 0)).max(1);
    let number = if seconds > LONGEST_RELATIVE { now.saturating_add(seconds) } else { seconds };
    // The server reads a signed number of 32 bits.
    number.min(i32::MAX as u64) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_whole_and_long_lifetimes_are_moments() {
        const NOW: u64 = 1_763_632_800;
        let day = Duration::from_secs(24 * 60 * 60);
        assert_eq!(wire(Duration::ZERO, NOW), 1);
        assert_eq!(wire(Duration::from_millis(1), NOW), 1);
        assert_eq!(wire(Duration::from_millis(7001), NOW), 8);
        assert_eq!(wire(30 * day, NOW), 2_592_000);
        assert_eq!(wire(31 * day, NOW), 1_763_632_800 + 2_678_400);
        assert_eq!(wire(Duration::MAX, NOW), i32::MAX as u32);
        assert_eq!(of_lease(Duration::from_secs(7)), 8);
        assert_eq!(of_lease(Duration::MAX), i32::MAX as u32);
        assert_eq!(
            [-1, 0, 1, 8].map(at_least),
            [None, Some(0), Some(0), Some(7)].map(|left| left.map(Duration::from_secs))
        );
    }
}

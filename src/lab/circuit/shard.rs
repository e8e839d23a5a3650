//! What the breaker knows of one shard of the cache: most caches are one.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use crate::clock;
use crate::flight::FlightId;
use crate::lab::outage::Outage;
use crate::queue::Partition;

/// What a hop to the queue is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab) enum Spot {
    /// This flight.
    Flight(FlightId),
    /// This partition.
    Partition(Partition),
    /// The queue as a whole.
    All,
}

/// The state of one shard.
pub(super) struct Shard {
    pub(super) is_open: AtomicBool,
    /// Whether the last failure was that no answer came: the next command would wait as long.
    pub(super) is_silent: AtomicBool,
    /// How many commands have failed: what one of them was to tell is not known to who looked at `flight_log` before.
    pub(super) failures: AtomicU64,
    /// When the last command began that was answered, in microseconds of Unix time.
    pub(super) last_answer: AtomicI64,
    pub(super) outage: Mutex<Option<Outage>>,
}

impl Shard {
    /// One that is trusted.
    pub(super) fn new() -> Self {
        Self {
            is_open: AtomicBool::new(false),
            is_silent: AtomicBool::new(false),
            failures: AtomicU64::new(0),
            last_answer: AtomicI64::new(clock::utc().timestamp_micros()),
            outage: Mutex::new(None),
        }
    }

    /// Whether it is away, or not healed yet.
    pub(super) fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Acquire)
    }

    /// Whether the next command would wait for an answer that does not come.
    pub(super) fn is_silent(&self) -> bool {
        self.is_open() && self.is_silent.load(Ordering::Acquire)
    }
}

//! When the operations of an open loop are to begin, whoever is still busy with an earlier one.
//!
//! A client that waits for an answer before it sends the next request measures a slow server kindly: while the server is slow
//! hardly anybody asks it ("coordinated omission", Gil Tene, "How NOT to Measure Latency"). Here each operation has its intended
//! start, and its latency counts from there.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use crate::clock;

/// How exactly an operation is released: a timer of the runtime would do to the millisecond.
const PRECISION: Duration = Duration::from_micros(50);
/// After how long at most it is seen that nobody needs the pace any more.
const LONGEST: Duration = Duration::from_millis(10);

/// The intended starts of operations at a rate.
#[derive(Debug)]
pub(super) struct Pace {
    rate: f64,
    began: Instant,
    begun: AtomicU64,
    released: Semaphore,
}

impl Pace {
    /// Releases `rate` operations a second from now on, until the pace is ended.
    pub(super) fn start(rate: f64) -> Arc<Self> {
        let pace =
            Arc::new(Self { rate, began: clock::instant(), begun: AtomicU64::new(0), released: Semaphore::new(0) });
        let weak = Arc::downgrade(&pace);
        // A thread of its own: what it does is nearly always to sleep.
        std::thread::spawn(move || {
            let mut released = 0;
            while let Some(pace) = weak.upgrade() {
                if pace.released.is_closed() {
                    return;
                }
                let due = (pace.began.elapsed().as_secs_f64() * pace.rate) as u64 + 1;
                pace.released.add_permits(usize::try_from(due - released).unwrap_or_default());
                released = due;
                // No more often than there is something to be done: this thread takes its time from those that are measured.
                let next = Duration::from_secs_f64(due as f64 / pace.rate).saturating_sub(pace.began.elapsed());
                drop(pace);
                std::thread::sleep(next.clamp(PRECISION, LONGEST));
            }
        });
        pace
    }

    /// Waits until the next operation is to begin; when that was, or `None` once the pace has ended.
    pub(super) async fn next(&self) -> Option<Instant> {
        self.released.acquire().await.ok()?.forget();
        let number = self.begun.fetch_add(1, Ordering::Relaxed);
        Some(self.began + Duration::from_secs_f64(number as f64 / self.rate))
    }

    /// Nothing more begins.
    pub(super) fn end(&self) {
        self.released.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn intended_starts_lie_one_interval_apart_whoever_is_late() {
        let pace = Pace::start(1000.0);
        let mut starts = Vec::new();
        while starts.len() < 20 {
            starts.push(pace.next().await.unwrap());
        }
        for (number, start) in starts.iter().enumerate() {
            assert_eq!(*start - pace.began, Duration::from_secs_f64(number as f64 / 1000.0));
            assert!(*start <= clock::instant(), "nothing begins before its time");
        }
        pace.end();
        assert_eq!(pace.next().await, None);
    }
}

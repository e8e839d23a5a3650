//! The queue of write-behind: how it is laid out, how much it takes, and how it is worked off.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::layers::Layers;
use super::value::{Bare, duration, number};
use crate::error::{Error, Result};
use crate::flight::names::MOST;
use crate::queue::Settings;
use crate::queue::worker::{self, Retry};

const BATCHES: RangeInclusive<u64> = 1..=100_000;
const PARTITIONS: RangeInclusive<u64> = 1..=MOST as u64;
const LENGTHS: RangeInclusive<u64> = 1..=1_000_000_000;
const ATTEMPTS: RangeInclusive<u64> = 1..=1_000_000;
const INTERVALS: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(3600);
const DELAYS: RangeInclusive<Duration> = Duration::from_millis(1)..=Duration::from_secs(3600);
/// Nothing at all is allowed: then nobody waits, or nothing is remembered.
const PATIENCE: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(3600);
const MEMORY: RangeInclusive<Duration> = Duration::ZERO..=Duration::from_secs(24 * 3600);

/// Decides the settings of the queue and of its workers. `partitions` is how many there are where nobody says.
pub(super) fn resolve(layers: &Layers, partitions: u32) -> Result<(Settings, worker::Settings)> {
    let count = |name: &'static str, range: &RangeInclusive<u64>, default: u64| match layers.find(name) {
        Some(setting) => number::<u64>(&setting, range, &default.to_string()),
        None => Ok(default),
    };
    let time = |name: &'static str, bare, range: &RangeInclusive<Duration>, default| match layers.find(name) {
        Some(setting) => duration(&setting, bare, range),
        None => Ok(default),
    };
    let queue = Settings {
        partitions: u32::try_from(count("QUEUE_PARTITIONS", &PARTITIONS, partitions.into())?).unwrap_or(partitions),
        max_length: count("QUEUE_MAX_LENGTH", &LENGTHS, 1_000_000)?,
        patience: time("QUEUE_FULL_TIMEOUT", Bare::Seconds, &PATIENCE, Duration::from_secs(5))?,
        memory: time("QUEUE_RESEND_WINDOW", Bare::Seconds, &MEMORY, Duration::from_secs(300))?,
    };
    let retry = Retry {
        first: time("QUEUE_RETRY_DELAY", Bare::Milliseconds, &DELAYS, Duration::from_millis(100))?,
        longest: time("QUEUE_RETRY_MAX_DELAY", Bare::Milliseconds, &DELAYS, Duration::from_secs(5))?,
        attempts: u32::try_from(count("QUEUE_RETRY_ATTEMPTS", &ATTEMPTS, 5)?).unwrap_or(u32::MAX),
    };
    if retry.first > retry.longest {
        return Err(Error::usage(
            format!(
                "QUEUE_RETRY_DELAY ({}) is longer than QUEUE_RETRY_MAX_DELAY ({})",
                humantime::format_duration(retry.first),
                humantime::format_duration(retry.longest)
            ),
            "make the first pause the shorter one, such as QUEUE_RETRY_DELAY=100ms and QUEUE_RETRY_MAX_DELAY=5s",
        ));
    }
    let worker = worker::Settings {
        batch: usize::try_from(count("QUEUE_BATCH_SIZE", &BATCHES, 100)?).unwrap_or(100),
        interval: time("QUEUE_PROCESS_INTERVAL", Bare::Seconds, &INTERVALS, Duration::from_secs(1))?,
        retry,
    };
    Ok((queue, worker))
}

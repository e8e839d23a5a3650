//! What is shown of the queue of write-behind: what waits in it, what its worker does, and what the database could not take.

use std::time::Duration;

use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::Serialize;

use crate::clock;
use crate::flight::{FlightId, Times};
use crate::hop::microseconds;
use crate::queue::worker::Report;

/// The queue, and what a drain did.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct QueueSeen {
    /// How many updates wait.
    pub length: u64,
    /// How many flights have a pending update.
    pub flights: u64,
    /// How long the oldest has waited, in milliseconds.
    pub oldest_age_ms: Option<u64>,
    /// How many updates the database could not take.
    pub dead_letters: u64,
    /// Each partition by itself: `queue status` only.
    pub partitions: Vec<PartitionSeen>,
    /// The partitions that cannot be reached, on a cluster that has lost a node: what waits there is not counted.
    pub unreached: Vec<u32>,
    /// What a drain did, where there was one.
    pub drained: Option<DrainSeen>,
}

/// A partition of the queue.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PartitionSeen {
    /// Its number.
    pub partition: u32,
    /// How many updates wait.
    pub length: u64,
    /// How many flights have a pending update.
    pub flights: u64,
    /// How long the oldest has waited, in milliseconds.
    pub oldest_age_ms: Option<u64>,
    /// How many updates the database could not take.
    pub dead_letters: u64,
    /// The name under which the database keeps how far it is, once something was queued.
    pub sequence: Option<String>,
    /// How far the database is, where it keeps that.
    pub offset: Option<String>,
}

/// Something that a worker's operator wants to know.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReportSeen {
    /// When it was shown, in UTC.
    pub at: DateTime<Utc>,
    /// What it is.
    #[serde(flatten)]
    pub report: Report,
}

impl From<Report> for ReportSeen {
    fn from(report: Report) -> Self {
        Self { at: clock::utc(), report }
    }
}

/// What a worker has done so far.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct WorkerSeen {
    /// When this was so, in UTC.
    pub at: DateTime<Utc>,
    /// How many updates wait; absent while the queue does not answer.
    pub length: Option<u64>,
    /// How long the oldest has waited, in milliseconds.
    pub oldest_age_ms: Option<u64>,
    /// How many updates the queue's dead letters hold; absent while the queue does not answer.
    pub dead_letters: Option<u64>,
    /// Updates written to `flight_log`.
    pub updates: u64,
    /// How many of them are applied in a second, since the last look.
    pub updates_per_second: f64,
    /// Updates that needed no change of a row of their own, because a later one of the same batch changed it.
    pub coalesced: u64,
    /// Updates that an earlier run had applied already.
    pub skipped: u64,
    /// How many transactions it took.
    pub batches: u64,
    /// How many updates the last batch had.
    pub last_batch: u64,
    /// How long the last batch took, in microseconds.
    #[serde(rename = "last_took_us", serialize_with = "microseconds")]
    #[schemars(with = "f64")]
    pub last_took: Duration,
    /// How often something failed and was tried again.
    pub retried: u64,
    /// How many updates this worker made dead letters.
    pub dead: u64,
}

/// An update that the database could not take.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DeadLetterSeen {
    /// What it is called.
    pub id: String,
    /// In which partition it is.
    pub partition: u32,
    /// Where it stood in the queue.
    pub position: String,
    /// Whose it is, if it can be read.
    pub flight_id: Option<FlightId>,
    /// The times that it would have given the flight.
    pub times: Option<Times>,
    /// Who asked for it.
    pub user: Option<String>,
    /// Why it was asked for.
    pub comment: Option<String>,
    /// Why what was queued cannot be read, where that is so.
    pub unreadable: Option<String>,
    /// Why it is dead.
    pub reason: String,
    /// How often it was tried.
    pub attempts: u32,
    /// Since when it is dead, in UTC.
    pub buried_at: DateTime<Utc>,
}

/// A drain.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DrainSeen {
    /// How many updates waited before it.
    pub before: u64,
    /// Updates written to `flight_log`.
    pub updates: u64,
    /// Rows of `flight` changed.
    pub flights: u64,
    /// Updates that an earlier run had applied already.
    pub skipped: u64,
    /// How many transactions it took.
    pub batches: u64,
    /// Updates that became dead letters.
    pub dead: u64,
    /// How long it took, in microseconds.
    #[serde(rename = "latency_us", serialize_with = "microseconds")]
    #[schemars(with = "f64")]
    pub latency: Duration,
    /// Why each update is applied at least once rather than exactly once, where that is so.
    pub at_least_once: Option<String>,
}

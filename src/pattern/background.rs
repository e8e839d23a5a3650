//! Refreshes in the background: begun by a read that does not wait for them, and looked at by whoever does.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;
use tokio::task::JoinHandle;

use crate::error::Result;
use crate::flight::FlightId;
use crate::hop::{Observed, is_observed, observe};

/// How many are kept that have ended and that nobody asked about.
const KEPT: usize = 16;

/// What came of a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Refreshed {
    /// The flight, as the database has it, stands in the cache for its whole TTL.
    Stored,
    /// The database has no such flight any more, and the cache says so.
    Missing,
    /// What was to be refreshed had changed, or another reader was refreshing it.
    LeftToOthers,
    /// An update, or the end of the entry, came in between: what was read was not stored.
    Overtaken,
    /// The cache or the database failed: the entry ends with its TTL.
    Failed,
}

/// One refresh in the background.
#[derive(Clone, Debug)]
pub struct Refresh {
    /// Of which flight.
    pub flight_id: FlightId,
    /// What came of it.
    pub refreshed: Refreshed,
    /// For how long the flight stands there now, where it was stored.
    pub ttl: Option<Duration>,
    /// What it failed with.
    pub failure: Option<String>,
    /// What it took: empty where nobody looked on.
    pub observed: Observed<()>,
}

/// How a refresh ends: what came of it, and for how long the flight stands there.
pub(super) type Ended = Result<(Refreshed, Option<Duration>)>;

/// The refreshes of one pattern.
#[derive(Default)]
pub(super) struct Background(Mutex<Vec<(FlightId, JoinHandle<Refresh>)>>);

impl Background {
    /// Whether this process refreshes the flight now.
    pub(super) fn is_busy_with(&self, id: FlightId) -> bool {
        self.with(|tasks| tasks.iter().any(|(busy, task)| *busy == id && !task.is_finished()))
    }

    /// Begins a refresh, whose hops are written down apart from those of the read that began it.
    pub(super) fn begin(&self, id: FlightId, work: impl Future<Output = Ended> + Send + 'static) {
        let is_observed = is_observed();
        let task = tokio::spawn(async move {
            let Observed { value, hops, latency } = match is_observed {
                true => observe(work).await,
                false => Observed { value: work.await, hops: Vec::new(), latency: Duration::ZERO },
            };
            let (refreshed, ttl, failure) = match value {
                Ok((refreshed, ttl)) => (refreshed, ttl, None),
                Err(error) => (Refreshed::Failed, None, Some(error.to_string())),
            };
            Refresh { flight_id: id, refreshed, ttl, failure, observed: Observed { value: (), hops, latency } }
        });
        self.with(|tasks| {
            if tasks.len() >= KEPT {
                tasks.retain(|(_, task)| !task.is_finished());
            }
            tasks.push((id, task));
        });
    }

    /// Waits for all of them.
    pub(super) async fn rest(&self) -> Vec<Refresh> {
        let mut ended = Vec::new();
        for (_, task) in self.with(std::mem::take) {
            // One that was cut off at the end of the process has nothing to tell.
            ended.extend(task.await);
        }
        ended
    }

    fn with<T>(&self, look: impl FnOnce(&mut Vec<(FlightId, JoinHandle<Refresh>)>) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

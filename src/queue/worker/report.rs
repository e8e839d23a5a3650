//! What a worker reports to whoever runs it.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use crate::database::Applied;
use crate::flight::{FlightId, Position};
use crate::hop::microseconds;
use crate::queue::Partition;

/// Something that whoever runs a worker wants to know.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "report", rename_all = "snake_case")]
pub enum Report {
    /// This worker is one of several, and serves these partitions.
    Serving {
        /// How many workers are there.
        workers: usize,
        /// Which partitions are ours; none where there are enough others.
        partitions: Vec<Partition>,
    },
    /// A batch was applied, and forgotten by the queue.
    Applied {
        /// In which partition.
        partition: Partition,
        /// What it did.
        applied: Applied,
        /// How long it took until the queue was trimmed, in microseconds.
        #[serde(rename = "took_us", serialize_with = "microseconds")]
        #[schemars(with = "f64")]
        took: Duration,
    },
    /// An update became a dead letter.
    Buried {
        /// In which partition.
        partition: Partition,
        /// Where it stood.
        #[serde(serialize_with = "as_text")]
        #[schemars(with = "String")]
        position: Position,
        /// Whose it was, if it could be read.
        flight_id: Option<FlightId>,
        /// Why.
        reason: String,
    },
    /// Something failed, and is tried again. Told at the first failure, and then ever more rarely.
    Failing {
        /// In which partition.
        partition: Partition,
        /// How often in a row.
        failures: u32,
        /// What failed.
        error: String,
        /// When it is tried again, in microseconds.
        #[serde(rename = "again_in_us", serialize_with = "microseconds")]
        #[schemars(with = "f64")]
        again_in: Duration,
    },
    /// Something failed, and is tried again: told each time, for who counts.
    Retrying,
    /// It goes on.
    Recovered {
        /// In which partition.
        partition: Partition,
        /// How often it failed.
        failures: u32,
        /// For how long, in microseconds.
        #[serde(rename = "lasted_us", serialize_with = "microseconds")]
        #[schemars(with = "f64")]
        lasted: Duration,
    },
    /// Each update is applied at least once rather than exactly once.
    AtLeastOnce {
        /// Why.
        reason: String,
    },
    /// The queue was lost, with what waited in it.
    Lost {
        /// In which partition.
        partition: Partition,
        /// How many updates waited when it was last looked at.
        waited: u64,
    },
}

fn as_text<S: Serializer>(position: &Position, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(position)
}

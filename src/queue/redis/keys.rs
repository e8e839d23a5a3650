//! The names of the queue's keys. With one partition they are those that a person types; with several, each ends in its number
//! and in how many there are, so that two layouts never share a key.

use crate::queue::Partition;

/// How many partitions the queue has: there once something was queued.
pub(super) const LAYOUT: &str = "flight:partitions";
/// The workers that are there.
pub(super) const WORKERS: &str = "flight:workers";

/// The keys of one partition.
pub(super) struct Keys {
    /// The stream of updates, oldest first.
    pub(super) updates: String,
    /// The hash of the flights whose latest update may not have reached the database.
    pub(super) pending: String,
    /// The stream of dead letters.
    pub(super) dead: String,
}

impl Keys {
    /// The keys of a partition in a queue that has so many of them.
    pub(super) fn new(number: Partition, partitions: u32) -> Self {
        let name = |base: &str| if partitions == 1 { base.to_owned() } else { format!("{base}:{number}/{partitions}") };
        Self { updates: name("flight:updates"), pending: name("flight:pending"), dead: name("flight:dead") }
    }
}

/// The note that an update was taken over.
pub(super) fn taken(update: &str) -> String {
    format!("flight:taken:{update}")
}

//! Who serves which partition: the workers count off.
//!
//! Each notes in the queue that it is there, sees who else is, and takes every partition whose number is its own in that row,
//! counted round. Nobody has to agree with anybody: where two see different rows for a moment, they serve the same partition,
//! and the offset in the database keeps them from applying an update twice. Whoever dies is missed after three heartbeats.

use std::time::Duration;

use crate::queue::Partition;

/// How often a worker says that it is there.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(1);

/// The partitions of one worker among these, which are in ascending order. More workers than partitions: some stand by.
pub(super) fn share(workers: &[String], name: &str, partitions: u32) -> Vec<Partition> {
    let Some(place) = workers.iter().position(|worker| worker == name) else { return Vec::new() };
    (0..partitions).skip(place).step_by(workers.len()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_partition_is_served_by_exactly_one_and_evenly() {
        for (partitions, count) in [(1, 1), (4, 1), (4, 2), (4, 3), (4, 4), (2, 5), (7, 3)] {
            let workers: Vec<String> = (0..count).map(|number| format!("worker {number}")).collect();
            let shares: Vec<_> = workers.iter().map(|worker| share(&workers, worker, partitions)).collect();
            let mut all: Vec<_> = shares.concat();
            all.sort_unstable();
            assert_eq!(all, (0..partitions).collect::<Vec<_>>());
            let sizes = shares.iter().map(Vec::len);
            assert!(sizes.clone().max().unwrap() - sizes.min().unwrap() <= 1, "{shares:?}");
        }
        assert!(share(&[], "nobody", 4).is_empty());
    }
}

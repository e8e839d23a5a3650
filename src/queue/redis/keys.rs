//! The keys of one partition of the queue; how they are named is told in [`crate::flight::names`].

use crate::flight::names::Names;
use crate::queue::Partition;

/// How many partitions the queue has: there once something was queued.
pub(super) const LAYOUT: &str = "flight:partitions";

/// The keys of one partition.
pub(super) struct Keys {
    /// The stream of updates, oldest first.
    pub(super) updates: String,
    /// The hash of the flights whose latest update may not have reached the database.
    pub(super) pending: String,
    /// The stream of dead letters.
    pub(super) dead: String,
    /// How many partitions the queue has.
    pub(super) layout: String,
    /// The workers that are there.
    pub(super) workers: String,
    /// What stands behind the id in the key of an entry.
    pub(super) ending: String,
}

impl Keys {
    /// The keys of a partition in a queue whose keys are named so.
    pub(super) fn new(number: Partition, names: Names) -> Self {
        let name = |base: &str| names.of_partition(base, number);
        Self {
            updates: name("flight:updates"),
            pending: name("flight:pending"),
            dead: name("flight:dead"),
            layout: names.shared(LAYOUT, number),
            workers: names.shared("flight:workers", number),
            ending: names.ending(number),
        }
    }
}

/// The note that an update of this partition was taken over. The id may be anything, also braces: the tag stands before it.
pub(super) fn taken(update: &str, number: Partition, names: Names) -> String {
    format!("{}:{update}", names.shared("flight:taken", number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_known_for_one_of_the_queue_and_no_entry_is() {
        for names in [Names::plain(1), Names::plain(4), Names::tagged(16)] {
            let Keys { updates, pending, dead, layout, workers, .. } = Keys::new(3, names);
            for key in [updates, pending, dead, layout, workers, taken("3b{a}4:x", 3, names)] {
                assert!(Names::is_of_queue(&key), "{key}");
            }
            let entry = names.entry(115.try_into().unwrap());
            assert!(!Names::is_of_queue(&entry), "{entry}");
        }
        assert!(!Names::is_of_queue("flight:deadline"));
    }
}

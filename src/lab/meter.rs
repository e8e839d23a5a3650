//! Who counts hops: a bench, while it measures.
//!
//! Counting is not writing down: an operation that is only counted pays for one addition a hop, and what runs in the background
//! is counted as well.

use crate::flight::Queued;
use crate::hop::Target;

/// Counts what reaches the servers. Called at every hop, by many at once; what it does must be quick.
pub trait Meter: Send + Sync {
    /// A hop has ended, well or not.
    fn hop(&self, target: Target, name: &'static str);

    /// The database has these updates, which were queued.
    fn applied(&self, batch: &[Queued]);
}

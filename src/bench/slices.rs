//! What happened between one moment and another, from counters that only grow.

use super::report::{Load, Slice};

/// Counters, cut into slices of time.
pub(super) struct Slices {
    last: Slice,
    pub(super) cuts: Vec<Slice>,
}

impl Slices {
    /// From this moment on.
    pub(super) fn new(last: Slice) -> Self {
        Self { last, cuts: Vec::new() }
    }

    /// Up to this one.
    pub(super) fn cut(&mut self, now: Slice) {
        let last = std::mem::replace(&mut self.last, now);
        self.cuts.push(Slice {
            operations: now.operations - last.operations,
            reads: now.reads - last.reads,
            hits: now.hits - last.hits,
            database: now.database - last.database,
            waiting: now.waiting,
        });
    }
}

impl Load {
    /// What has been added since it was this.
    pub(super) fn since(self, before: Self) -> Self {
        Self {
            database_reads: self.database_reads - before.database_reads,
            database_writes: self.database_writes - before.database_writes,
            cache_commands: self.cache_commands - before.cache_commands,
            queue_commands: self.queue_commands - before.queue_commands,
        }
    }
}

//! The scripts that the queue runs inside Redis or Valkey: each is one round trip, and atomic.
//!
//! They stand in files of their own, so that they can be read as Lua. The server knows a script by its digest; its text is
//! sent once, when the server says that it does not know the digest.

use redis::Script;

/// A script and the name of its file, by which it is shown.
pub(super) struct Named {
    /// The file, such as `enqueue.lua`.
    pub(super) name: &'static str,
    /// What the server runs.
    pub(super) script: Script,
}

/// Everything that the queue runs.
pub(super) struct Scripts {
    /// Takes an update over.
    pub(super) enqueue: Named,
    /// Reads the latest update of a flight.
    pub(super) pending: Named,
    /// Tells what has become of an update.
    pub(super) whereabouts: Named,
    /// Names the sequence of a partition.
    pub(super) sequence: Named,
    /// Drops what a lost stream has left pending.
    pub(super) give_up: Named,
    /// Reads updates.
    pub(super) after: Named,
    /// Forgets updates.
    pub(super) forget: Named,
    /// Makes an update a dead letter.
    pub(super) bury: Named,
    /// Makes a dead letter an update.
    pub(super) replay: Named,
    /// Counts updates.
    pub(super) backlog: Named,
    /// Counts workers.
    pub(super) attend: Named,
    /// Tells the number of partitions.
    pub(super) layout: Named,
    /// Changes the number of partitions.
    pub(super) lay_out: Named,
    /// Drops everything.
    pub(super) clear: Named,
}

/// A script by the name of its file, behind the files of the functions that it calls.
macro_rules! script {
    ($name:literal $(, $function:literal)*) => {
        Named { name: $name, script: Script::new(concat!($(include_str!($function), "\n",)* include_str!($name))) }
    };
}

impl Scripts {
    /// Computes the digests.
    pub(super) fn new() -> Self {
        Self {
            enqueue: script!("enqueue.lua", "sequence_of.lua", "other_layout.lua", "drop_pending.lua", "take.lua"),
            pending: script!("pending.lua", "other_layout.lua"),
            whereabouts: script!("whereabouts.lua", "sequence_of.lua"),
            sequence: script!("sequence.lua", "sequence_of.lua", "other_layout.lua"),
            give_up: script!("give_up.lua", "drop_pending.lua"),
            after: script!("after.lua", "sequence_of.lua"),
            forget: script!("forget.lua", "sequence_of.lua"),
            bury: script!("bury.lua", "sequence_of.lua"),
            replay: script!("replay.lua", "sequence_of.lua", "other_layout.lua", "drop_pending.lua", "take.lua"),
            backlog: script!("backlog.lua", "other_layout.lua"),
            attend: script!("attend.lua"),
            layout: script!("layout.lua"),
            lay_out: script!("lay_out.lua"),
            clear: script!("clear.lua", "drop_pending.lua"),
        }
    }
}

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
    /// Names the incarnation.
    pub(super) incarnation: Named,
    /// Reads updates.
    pub(super) after: Named,
    /// Forgets updates.
    pub(super) forget: Named,
    /// Counts updates.
    pub(super) backlog: Named,
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
            enqueue: script!("enqueue.lua", "drop_pending.lua"),
            pending: script!("pending.lua"),
            incarnation: script!("incarnation.lua", "incarnation_of.lua"),
            after: script!("after.lua", "incarnation_of.lua"),
            forget: script!("forget.lua", "incarnation_of.lua"),
            backlog: script!("backlog.lua"),
            clear: script!("clear.lua", "drop_pending.lua"),
        }
    }
}

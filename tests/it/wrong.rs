//! What goes wrong for a user: each failure ends with its exit code, a message that names the thing, and a hint.
//!
//! Nothing may hang, however it fails: the harness kills what takes too long, and the test fails.

mod cache;
mod database;
mod files;
mod typed;

/// One command of each sort that speaks to a database and a cache.
const COMMANDS: [&str; 6] = [
    "cache-aside get",
    "write-through update --delay 1h",
    "cache-aside verify",
    "write-behind drain",
    "write-behind queue status",
    "write-through",
];

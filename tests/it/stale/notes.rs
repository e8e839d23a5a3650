//! What a client writes down of each operation, outside the system under test: when it began, when it ended, and with what.
//!
//! Every note is one `write`, so that a client that is killed leaves whole notes. An operation is noted before it begins and
//! after it has ended: what the notes call its time is never shorter than it was, and no order is seen where there was none.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use nix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

use super::version::Version;

/// Nanoseconds on the clock that all processes of this machine share and that nobody sets.
pub(super) type Moment = u64;

/// Now.
pub(super) fn now() -> Moment {
    let time = clock_gettime(ClockId::CLOCK_MONOTONIC).expect("every Linux has this clock");
    u64::try_from(time.tv_sec()).unwrap_or_default() * 1_000_000_000 + u64::try_from(time.tv_nsec()).unwrap_or_default()
}

/// The beginning or the end of the operation with this number.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Note {
    pub(super) operation: u32,
    pub(super) at: Moment,
    pub(super) what: What,
}

/// What is noted.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum What {
    /// A read of this flight begins.
    Reads(i32),
    /// An update of this flight to this version begins.
    Updates(i32, Version),
    /// The read ended with this version, and what it had met in the cache.
    Saw(Version, Met),
    /// The update was acknowledged, as the one after this version.
    Acknowledged(Version),
    /// It failed, or went past the cache: what it promises is nothing.
    Failed(String),
}

/// Where a read had its flight from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Met {
    /// The cache had it.
    Hit,
    /// Another reader had just filled the cache with it.
    Joined,
    /// The database.
    Database,
}

/// A client's file of notes.
pub(super) struct Notes(File);

impl Notes {
    /// An empty one.
    pub(super) fn create(path: &Path) -> Self {
        Self(File::options().create_new(true).append(true).open(path).expect("the folder is the test's own"))
    }

    /// Notes something that happens now.
    pub(super) fn write(&self, operation: u32, what: What) {
        let note = Note { operation, at: now(), what };
        let line = serde_json::to_string(&note).expect("a note can be written") + "\n";
        (&self.0).write_all(line.as_bytes()).expect("the folder is the test's own");
    }
}

/// All notes of a client. A last line without an end was cut off by a kill: its operation had not begun, or its end is unknown.
pub(super) fn read(path: &Path) -> Vec<Note> {
    let text = fs::read_to_string(path).unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let note = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{}: {line}: {error}", path.display()));
    whole.lines().map(note).collect()
}

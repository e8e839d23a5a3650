//! Which run of the cache server the last command on this machine met: another one may hold an older state.
//!
//! A server that is started again comes back with what its snapshot holds. Whoever was connected notices, for the connection is
//! dead; a process that begins afterwards has nothing but this to tell it.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// How the run that is met now relates to the one that was met last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::lab) enum Meeting {
    /// None was met before.
    First,
    /// It is the same one.
    Same,
    /// It is another one.
    Another,
}

/// What stands in the file.
#[derive(Debug, Serialize, Deserialize)]
struct Remembered {
    incarnation: String,
}

/// The file about one cache.
pub(super) struct Met {
    path: PathBuf,
    /// Where it is written before it takes its place in one step: half a name would be no name, and name no other run.
    draft: PathBuf,
}

impl Met {
    /// The file in this folder; `token` tells its draft from those of other processes.
    pub(super) fn new(directory: &Path, prefix: &str, token: &str) -> Self {
        let file = |name: &str| directory.join(format!("{prefix}{name}"));
        Self { path: file("met.json"), draft: file(&format!("{token}.draft")) }
    }

    /// Compares the run that is met now with the one that was met last.
    pub(super) fn compare(&self, incarnation: &str) -> Meeting {
        let text = match fs::read(&self.path) {
            Err(cause) if matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Meeting::First;
            }
            text => text.unwrap_or_default(),
        };
        // What cannot be read may have named another.
        match serde_json::from_slice::<Remembered>(&text) {
            Ok(last) if last.incarnation == incarnation => Meeting::Same,
            _ => Meeting::Another,
        }
    }

    /// From now on this is the run that was met last.
    pub(super) fn remember(&self, incarnation: &str) -> io::Result<()> {
        let text = serde_json::to_vec(&Remembered { incarnation: incarnation.to_owned() })?;
        if let Some(directory) = self.path.parent() {
            fs::create_dir_all(directory)?;
        }
        let written = File::create(&self.draft)
            .and_then(|mut file| file.write_all(&text).and_then(|()| file.sync_data()))
            .and_then(|()| fs::rename(&self.draft, &self.path));
        if written.is_err() {
            // It may not even be there.
            _ = fs::remove_file(&self.draft);
        }
        written
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_run_is_told_from_the_first_and_from_the_same() {
        let home = tempfile::tempdir().unwrap();
        let met = Met::new(&home.path().join("caches"), "redis-", "1");
        assert_eq!(met.compare("a"), Meeting::First);
        met.remember("a").unwrap();
        assert_eq!((met.compare("a"), met.compare("b")), (Meeting::Same, Meeting::Another));
        met.remember("b").unwrap();
        assert_eq!((met.compare("a"), met.compare("b")), (Meeting::Another, Meeting::Same));
        assert_eq!(Met::new(&home.path().join("caches"), "valkey-", "1").compare("a"), Meeting::First);
        let files = fs::read_dir(home.path().join("caches")).unwrap().count();
        assert_eq!(files, 1, "a draft was left");
    }

    #[test]
    fn what_cannot_be_read_may_have_named_another() {
        let home = tempfile::tempdir().unwrap();
        let met = Met::new(home.path(), "redis-", "1");
        for torn in [b"".as_slice(), b"{\"incarnation\":\"a", b"\xff"] {
            fs::write(&met.path, torn).unwrap();
            assert_eq!(met.compare("a"), Meeting::Another, "{torn:?}");
        }
    }
}

//! What a walk-through writes down before it changes a flight, so that the next run can put it back if this one is killed.
//!
//! One small file for each flight of each database, in the program's own directory. It is locked while a walk-through of that
//! flight runs, which the system undoes when the process ends, however it ends; it is empty when nothing is to be put back.
//! The file is never deleted: deleting one that another process has just opened would give two of them the lock.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::{Error, Peer, Result};
use crate::flight::{FlightId, Times};

/// What is needed to put a flight back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Saved {
    /// Which flight.
    pub(super) flight_id: FlightId,
    /// The cache whose entry is to agree.
    pub(super) cache: String,
    /// Its times before the walk-through.
    pub(super) original: Times,
    /// Its times as the walk-through leaves them in between.
    pub(super) changed: Times,
    /// Its times in the database before the walk-through, where an earlier update was still queued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) behind: Option<Times>,
}

impl Saved {
    /// Whether the database has these times without anybody else's doing.
    pub(super) fn knows(&self, times: Times) -> bool {
        [Some(self.original), Some(self.changed), self.behind].contains(&Some(times))
    }
}

/// A flight that is ours to change for as long as this value lives.
#[derive(Debug)]
pub(super) struct Claim {
    file: File,
    path: PathBuf,
}

impl Claim {
    /// Claims a flight; `None` if another walk-through has it.
    pub(super) fn take(directory: &Path, database: &Peer, id: FlightId) -> Result<Option<Self>> {
        let failed = |cause| Error::File { action: "create", path: directory.display().to_string(), cause };
        std::fs::create_dir_all(directory).map_err(failed)?;
        Self::open(directory.join(format!("{}flight-{id}.json", prefix(database))))
    }

    /// Claims every flight of this database whose walk-through was killed.
    pub(super) fn abandoned(directory: &Path, database: &Peer) -> Result<Vec<(Self, Saved)>> {
        let Ok(files) = std::fs::read_dir(directory) else { return Ok(Vec::new()) };
        let prefix = prefix(database);
        let mut abandoned = Vec::new();
        for file in files.flatten() {
            let name = file.file_name();
            if !name.to_string_lossy().starts_with(&prefix) || file.metadata().is_ok_and(|about| about.len() == 0) {
                continue;
            }
            let Some(mut claim) = Self::open(file.path())? else { continue };
            if let Some(saved) = claim.saved()? {
                abandoned.push((claim, saved));
            }
        }
        Ok(abandoned)
    }

    fn open(path: PathBuf) -> Result<Option<Self>> {
        let failed = |cause| Error::File { action: "open", path: path.display().to_string(), cause };
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { file, path })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(cause)) => Err(failed(cause)),
        }
    }

    /// What an earlier walk-through left to be put back.
    pub(super) fn saved(&mut self) -> Result<Option<Saved>> {
        let mut text = String::new();
        self.file
            .seek(SeekFrom::Start(0))
            .and_then(|_| self.file.read_to_string(&mut text))
            .map_err(|cause| self.error("read", cause))?;
        // A record that was being written when its process was killed: nothing had been changed yet.
        Ok(serde_json::from_str(&text).ok())
    }

    /// Writes down what is to be put back; it is on the disk when this returns.
    pub(super) fn save(&mut self, saved: &Saved) -> Result<()> {
        let text = serde_json::to_vec(saved).expect("a record is plain data, always serializable");
        self.write(&text)
    }

    /// Nothing is to be put back any more.
    pub(super) fn clear(&mut self) -> Result<()> {
        self.write(b"")
    }

    fn write(&mut self, text: &[u8]) -> Result<()> {
        self.file
            .set_len(0)
            .and_then(|()| self.file.seek(SeekFrom::Start(0)))
            .and_then(|_| self.file.write_all(text))
            .and_then(|()| self.file.sync_data())
            .map_err(|cause| self.error("write", cause))
    }

    fn error(&self, action: &'static str, cause: std::io::Error) -> Error {
        Error::File { action, path: self.path.display().to_string(), cause }
    }
}

/// How the names of a database's records begin: its address, in characters that every file system takes, and a digest that
/// tells apart what these make equal.
fn prefix(database: &Peer) -> String {
    let plain = |character: char| if character.is_ascii_alphanumeric() { character } else { '-' };
    let address: String = database.address.chars().map(plain).collect();
    let tail = &address[address.len().saturating_sub(60)..];
    format!("{}-{tail}-{:08x}-", database.product, digest(&database.address))
}

/// FNV-1a: stable from run to run and from version to version, which the standard library's hasher is not.
fn digest(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved() -> Saved {
        let at = |text: &str| text.parse().unwrap();
        let original = Times { departure: at("2025-11-20T10:00:00"), arrival: at("2025-11-20T18:30:00") };
        let changed = Times { departure: at("2025-11-20T12:00:00"), arrival: at("2025-11-20T20:30:00") };
        Saved { flight_id: "1".parse().unwrap(), cache: "memory".into(), original, changed, behind: None }
    }

    fn peer(address: &str) -> Peer {
        Peer { role: "database", product: "SQLite", address: address.into() }
    }

    #[test]
    fn a_flight_is_claimed_by_one_at_a_time_and_its_record_survives() {
        let home = tempfile::tempdir().unwrap();
        let id = saved().flight_id;
        let mut claim = Claim::take(home.path(), &peer("a"), id).unwrap().unwrap();
        assert!(Claim::take(home.path(), &peer("a"), id).unwrap().is_none(), "claimed twice");
        assert!(Claim::take(home.path(), &peer("b"), id).unwrap().is_some(), "another database is another flight");
        assert_eq!(claim.saved().unwrap(), None);
        claim.save(&saved()).unwrap();
        assert!(Claim::abandoned(home.path(), &peer("a")).unwrap().is_empty(), "it is not abandoned while it is held");
        drop(claim);
        assert_eq!(Claim::abandoned(home.path(), &peer("a")).unwrap().pop().unwrap().1, saved());
        assert!(Claim::abandoned(home.path(), &peer("b")).unwrap().is_empty());
        let mut claim = Claim::take(home.path(), &peer("a"), id).unwrap().unwrap();
        claim.clear().unwrap();
        drop(claim);
        assert!(Claim::abandoned(home.path(), &peer("a")).unwrap().is_empty());
    }

    #[test]
    fn a_torn_record_puts_nothing_back() {
        let home = tempfile::tempdir().unwrap();
        let mut claim = Claim::take(home.path(), &peer("a"), saved().flight_id).unwrap().unwrap();
        claim.write(b"{\"flight_id\":1,\"ori").unwrap();
        assert_eq!(claim.saved().unwrap(), None);
    }
}

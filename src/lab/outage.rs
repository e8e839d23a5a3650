//! An outage of the cache, written down: a process that finds such a note heals the cache before it reads there.
//!
//! Without it, what an update has committed while the cache was away would be forgotten with the process that made it, and the
//! next one would serve the old entry.

mod met;

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::clock::Chance;
use crate::error::{Error, Peer, Result};
use crate::record::{Record, prefix};
pub(super) use met::Meeting;
use met::Met;

/// What stands in a note.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Note {
    /// When the cache answered last.
    since: DateTime<Utc>,
    /// Which part of it was away; all of it, where that is not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shard: Option<usize>,
    /// When a process first healed the cache that came after the one that wrote this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    healed: Option<DateTime<Utc>>,
}

/// An outage that is not healed yet.
#[derive(Debug)]
pub(super) struct Outage {
    /// When the cache answered last.
    pub(super) since: DateTime<Utc>,
    /// How it was noticed.
    pub(super) why: String,
    /// Why it is not written down, where that failed.
    pub(super) unwritten: Option<String>,
    note: Option<Record<Note>>,
}

impl Outage {
    /// One that nobody can find yet.
    pub(super) fn new(since: DateTime<Utc>, why: &dyn fmt::Display) -> Self {
        Self { since, why: why.to_string(), unwritten: None, note: None }
    }

    /// Writes it down, as one of this shard; it is on the disk when this returns.
    pub(super) fn write_down(&mut self, notes: &Notes, shard: usize) -> Result<()> {
        self.note = notes.write(shard, self.since)?;
        Ok(())
    }

    /// It is healed: nobody need find it.
    pub(super) fn forget(self) -> Result<()> {
        self.note.map_or(Ok(()), Record::remove)
    }
}

/// Where outages of one cache are written down.
pub(super) struct Notes {
    /// `None` for a cache that ends with its process: nobody else ever finds it.
    directory: Option<PathBuf>,
    prefix: String,
    name: String,
    met: Option<Met>,
}

impl Notes {
    /// Notes about this cache.
    pub(super) fn new(directory: Option<PathBuf>, cache: &Peer, chance: &Chance) -> Self {
        let (prefix, token) = (prefix(cache), chance.token());
        // A folder of its own: the one of the notes is empty where nothing is wrong.
        let met = directory.as_ref().map(|notes| Met::new(&notes.with_file_name("caches"), &prefix, &token));
        Self { directory, name: format!("{prefix}{token}"), prefix, met }
    }

    /// Whether anything is written down at all.
    pub(super) fn are_kept(&self) -> bool {
        self.directory.is_some()
    }

    /// Compares this run of the server with the one that the last command on this machine met.
    pub(super) fn compare(&self, incarnation: &str) -> Meeting {
        self.met.as_ref().map_or(Meeting::First, |met| met.compare(incarnation))
    }

    /// From now on this is the run that was met last.
    pub(super) fn remember(&self, incarnation: &str) -> io::Result<()> {
        match &self.met {
            Some(met) if met.compare(incarnation) != Meeting::Same => met.remember(incarnation),
            _ => Ok(()),
        }
    }

    /// When the earliest outage began that is written down, by whichever process, and which shards were away in any; `None` for
    /// all of them.
    pub(super) fn earliest(&self) -> Option<(DateTime<Utc>, Option<BTreeSet<usize>>)> {
        let notes = Record::<Note>::all(self.directory.as_ref()?, &self.prefix);
        let since = notes.iter().map(|note| note.since).min()?;
        Some((since, notes.iter().map(|note| note.shard).collect()))
    }

    /// Writes one down.
    fn write(&self, shard: usize, since: DateTime<Utc>) -> Result<Option<Record<Note>>> {
        let Some(directory) = &self.directory else { return Ok(None) };
        // Each shard has its own: the end of one outage is not to hide that of another.
        let name = format!("{}-{shard}.json", self.name);
        let mut note = Record::take(directory, &name)?.ok_or_else(|| taken(&name))?;
        note.write(&Note { since, shard: Some(shard), healed: None })?;
        Ok(Some(note))
    }

    /// What `is_healed` says of a note was healed at `now`. What processes have left that are gone is done with, unless one of
    /// them may have been in the middle of an update: what that committed is seen by whoever looks again after `longest_update`.
    pub(super) fn healed(
        &self,
        now: DateTime<Utc>,
        longest_update: Duration,
        is_healed: impl Fn(Option<usize>) -> bool,
    ) -> Result<()> {
        let Some(directory) = &self.directory else { return Ok(()) };
        for (mut record, note) in Record::<Note>::abandoned(directory, &self.prefix)? {
            if !is_healed(note.shard) {
                continue;
            }
            match note.healed {
                Some(first) if first + longest_update < now => record.remove()?,
                Some(_) => {}
                None => record.write(&Note { healed: Some(now), ..note })?,
            }
        }
        Ok(())
    }
}

fn taken(name: &str) -> Error {
    let cause = std::io::ErrorKind::WouldBlock.into();
    Error::File { action: "lock", path: name.to_owned(), cause }
}

//! What a process writes down before it does something that must be undone or finished, so that the next run can do it if this
//! one is killed.
//!
//! One small file for each thing. It is locked while the process lives that wrote it, which the system undoes when that ends,
//! however it ends; it is empty when nothing is left to be done.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Peer, Result};

/// A record that is ours for as long as this value lives.
#[derive(Debug)]
pub struct Record<T> {
    file: File,
    path: PathBuf,
    content: PhantomData<T>,
}

impl<T: Serialize + DeserializeOwned> Record<T> {
    /// Takes the record of this name; `None` if another process has it.
    ///
    /// # Errors
    /// [`Error::File`] when it cannot be made.
    pub fn take(directory: &Path, name: &str) -> Result<Option<Self>> {
        let failed = |cause| Error::File { action: "create", path: directory.display().to_string(), cause };
        std::fs::create_dir_all(directory).map_err(failed)?;
        Self::open(directory.join(name), true)
    }

    /// Takes every record whose process has left something to be done, of those whose names begin so.
    ///
    /// # Errors
    /// [`Error::File`] when one cannot be read.
    pub fn abandoned(directory: &Path, prefix: &str) -> Result<Vec<(Self, T)>> {
        let mut abandoned = Vec::new();
        for path in named(directory, prefix) {
            let Some(mut record) = Self::open(path, false)? else { continue };
            if let Some(content) = record.read()? {
                abandoned.push((record, content));
            }
        }
        Ok(abandoned)
    }

    /// What stands in all records of such names, whoever has them.
    #[must_use]
    pub fn all(directory: &Path, prefix: &str) -> Vec<T> {
        let texts = named(directory, prefix).into_iter().filter_map(|path| std::fs::read_to_string(path).ok());
        texts.filter_map(|text| serde_json::from_str(&text).ok()).collect()
    }

    fn open(path: PathBuf, create: bool) -> Result<Option<Self>> {
        let failed = |cause| Error::File { action: "open", path: path.display().to_string(), cause };
        let file = match OpenOptions::new().read(true).write(true).create(create).truncate(false).open(&path) {
            // Whoever had it was faster to remove it.
            Err(cause) if !create && cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            opened => opened.map_err(failed)?,
        };
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { file, path, content: PhantomData })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(cause)) => Err(failed(cause)),
        }
    }

    /// What an earlier process left to be done.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn read(&mut self) -> Result<Option<T>> {
        let mut text = String::new();
        self.file
            .seek(SeekFrom::Start(0))
            .and_then(|_| self.file.read_to_string(&mut text))
            .map_err(|cause| self.error("read", cause))?;
        // A record that was being written when its process was killed: nothing had been done yet.
        Ok(serde_json::from_str(&text).ok())
    }

    /// Writes down what is to be done; it is on the disk when this returns.
    ///
    /// # Errors
    /// [`Error::File`]: nothing may be done then that would have to be undone.
    pub fn write(&mut self, content: &T) -> Result<()> {
        let text = serde_json::to_vec(content).expect("a record is plain data, always serializable");
        self.put(&text)
    }

    /// Nothing is left to be done. The file stays: removing one that another process has just opened would give two of them
    /// the lock.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn clear(&mut self) -> Result<()> {
        self.put(b"")
    }

    /// Nothing is left to be done, and no other process takes a record of this name.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn remove(mut self) -> Result<()> {
        self.clear()?;
        std::fs::remove_file(&self.path).map_err(|cause| self.error("remove", cause))
    }

    fn put(&mut self, text: &[u8]) -> Result<()> {
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

/// The files that may hold something, of those whose names begin so.
fn named(directory: &Path, prefix: &str) -> Vec<PathBuf> {
    let Ok(files) = std::fs::read_dir(directory) else { return Vec::new() };
    let holds = |file: &std::fs::DirEntry| {
        file.file_name().to_string_lossy().starts_with(prefix) && file.metadata().is_ok_and(|about| about.len() > 0)
    };
    files.flatten().filter(holds).map(|file| file.path()).collect()
}

/// How the names of the records about a server begin: its address, in characters that every file system takes, and a digest that
/// tells apart what these make equal.
#[must_use]
pub fn prefix(peer: &Peer) -> String {
    let plain = |character: char| if character.is_ascii_alphanumeric() { character } else { '-' };
    let address: String = peer.address.chars().map(plain).collect();
    let tail = &address[address.len().saturating_sub(60)..];
    format!("{}-{tail}-{:08x}-", peer.product, digest(&peer.address))
}

/// FNV-1a: stable from run to run and from version to version, which the standard library's hasher is not.
fn digest(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_torn_record_says_nothing() {
        let home = tempfile::tempdir().unwrap();
        let mut record = Record::<u32>::take(home.path(), "a").unwrap().unwrap();
        record.put(b"\"4").unwrap();
        assert_eq!(record.read().unwrap(), None);
        record.write(&4).unwrap();
        assert_eq!(record.read().unwrap(), Some(4));
    }

    #[test]
    fn what_the_living_have_written_can_be_read_and_only_what_the_dead_left_be_taken() {
        let home = tempfile::tempdir().unwrap();
        let mut living = Record::<u32>::take(home.path(), "x-1").unwrap().unwrap();
        living.write(&1).unwrap();
        Record::<u32>::take(home.path(), "x-2").unwrap().unwrap().write(&2).unwrap();
        Record::<u32>::take(home.path(), "y-3").unwrap().unwrap().write(&3).unwrap();
        let mut all = Record::<u32>::all(home.path(), "x-");
        all.sort_unstable();
        assert_eq!(all, [1, 2]);
        let left: Vec<u32> =
            Record::abandoned(home.path(), "x-").unwrap().into_iter().map(|(_, content)| content).collect();
        assert_eq!(left, [2]);
        living.remove().unwrap();
        assert_eq!(Record::<u32>::all(home.path(), "x-"), [2]);
    }
}

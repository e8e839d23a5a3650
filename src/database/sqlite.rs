//! SQLite, embedded: a file that is created whole or not at all.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sqlx::Sqlite;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};

use super::relational::Relational;
use super::session::{Sessions, SetUp};
use super::statements::SQLITE;
use super::{Database, Settings};
use crate::error::{Error, Result};

/// SQLite takes one writer at a time; readers beside it are never blocked.
const READERS: usize = 4;

pub(super) async fn connect(settings: &Settings) -> Result<Relational<Sqlite>> {
    let options = SqliteConnectOptions::new()
        .filename(&settings.name)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let database = open(settings, options);
    database.readers.session().await?;
    Ok(database)
}

/// Creates the file with the schema and sample flights: beside its place first, then linked into it in one step, so that a
/// run that is killed leaves nothing half-filled and two first runs at once do not meet.
pub(super) async fn create(settings: &Settings, flights: u32, progress: &(dyn Fn(u32) + Send + Sync)) -> Result<()> {
    let path = Path::new(&settings.name);
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        std::fs::create_dir_all(directory).map_err(|cause| file_error("create", directory, cause))?;
    }
    let draft = Draft(PathBuf::from(format!("{}.{}.draft", settings.name, std::process::id())));
    let _ = std::fs::remove_file(&draft.0);
    // A draft that is lost with the power is no loss.
    let options = SqliteConnectOptions::new()
        .filename(&draft.0)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Off)
        .synchronous(SqliteSynchronous::Off);
    let database = open(settings, options);
    let filled = database.init(flights, progress).await;
    database.close().await;
    filled?;
    match std::fs::hard_link(&draft.0, path) {
        Ok(()) => Ok(()),
        Err(cause) if cause.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        // A file system without hard links.
        Err(_) => std::fs::rename(&draft.0, path).map_err(|cause| file_error("create", path, cause)),
    }
}

/// A file that is gone when it is no longer needed.
struct Draft(PathBuf);

impl Drop for Draft {
    fn drop(&mut self) {
        // It may have been renamed into its place.
        let _ = std::fs::remove_file(&self.0);
    }
}

fn open(settings: &Settings, options: SqliteConnectOptions) -> Relational<Sqlite> {
    let peer = Arc::new(settings.peer());
    let options = options.busy_timeout(settings.timeout).foreign_keys(true);
    let sessions = |connections| {
        let set_up: SetUp<Sqlite> = Box::new(|_| Box::pin(async { Ok(()) }));
        // The driver waits for a lock itself; our limit is above its own, so that its reason is the one that is told.
        let limit = settings.timeout + settings.timeout / 10;
        Sessions::new(options.clone(), set_up, connections, &peer, limit)
    };
    Relational { peer: Arc::clone(&peer), readers: sessions(READERS), writers: sessions(1), change: &SQLITE.change }
}

fn file_error(action: &'static str, path: &Path, cause: std::io::Error) -> Error {
    Error::File { action, path: path.display().to_string(), cause }
}

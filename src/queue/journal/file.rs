//! The file of the journal: made by whoever needs it first, opened, and told from a file that is not ours or of another
//! schema.
//!
//! Several processes share it, and may all be the first. SQLite's own locks decide between them; nothing here tries again.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions, SqliteSynchronous};
use tokio::sync::Mutex;

use crate::clock::Chance;
use crate::error::{Error, Peer, Result};

/// How long a statement waits for another process's transaction.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// One connection writes at a time; a few can read meanwhile.
const CONNECTIONS: u32 = 4;
/// The mark of our files, as it stands in `schema.sql`.
const MARK: i64 = 0x6364_6D6A;
/// Which schema, as it stands there too. No journal is brought from one to another: an empty queue can be made anew.
const VERSION: i64 = 2;

/// Which file stands at the path, whatever it is called: its device and its number there.
type Identity = (u64, u64);

/// A journal's file, opened at its first use.
pub(super) struct File {
    peer: Arc<Peer>,
    path: PathBuf,
    /// How a file that we make is laid out.
    partitions: u32,
    open: Mutex<Option<(Identity, SqlitePool)>>,
    chance: Chance,
}

impl File {
    /// The file at this path, which need not exist; if it does not, it will be laid out with so many partitions.
    pub(super) fn new(path: PathBuf, partitions: u32) -> Self {
        let peer = Arc::new(Peer { role: "queue", product: "journal", address: path.display().to_string() });
        Self { peer, path, partitions, open: Mutex::new(None), chance: Chance::unpredictable() }
    }

    /// Who this is.
    pub(super) fn peer(&self) -> &Arc<Peer> {
        &self.peer
    }

    /// A name that no incarnation ever had.
    pub(super) fn fresh_name(&self) -> String {
        format!("journal-{}", self.chance.token())
    }

    /// The journal, if there is one: nobody makes a file only to find it empty.
    pub(super) async fn existing(&self) -> Result<Option<SqlitePool>> {
        let mut open = self.open.lock().await;
        let standing = self.identity()?;
        match (&*open, standing) {
            (Some((opened, pool)), Some(standing)) if *opened == standing => Ok(Some(pool.clone())),
            (_, Some(_)) => self.connect(&mut open).await.map(Some),
            (_, None) => Ok(None),
        }
    }

    /// The journal, made where there is none.
    pub(super) async fn made(&self) -> Result<SqlitePool> {
        let mut open = self.open.lock().await;
        match &*open {
            // A file that was removed while it was open still takes every write, and nobody else ever sees them.
            Some((opened, pool)) if self.identity()? == Some(*opened) => Ok(pool.clone()),
            _ => self.connect(&mut open).await,
        }
    }

    async fn connect(&self, open: &mut Option<(Identity, SqlitePool)>) -> Result<SqlitePool> {
        *open = None;
        if let Some(directory) = self.path.parent() {
            std::fs::create_dir_all(directory).map_err(|cause| self.unusable("create", cause))?;
        }
        let options = SqliteConnectOptions::new()
            .filename(&self.path)
            .create_if_missing(true)
            .busy_timeout(BUSY_TIMEOUT)
            // What FULL is with a write-ahead log; without one, it also makes the end of a transaction durable.
            .synchronous(SqliteSynchronous::Extra);
        let pool = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(BUSY_TIMEOUT)
            .test_before_acquire(false)
            .connect_with(options)
            .await
            .map_err(|error| self.explain("opening", error))?;
        self.adopt(&pool).await?;
        let identity = self.identity()?.ok_or_else(|| self.unusable("open", io::ErrorKind::NotFound.into()))?;
        *open = Some((identity, pool.clone()));
        Ok(pool)
    }

    /// Makes sure that the file is a journal: an empty one becomes one, another program's is left as it is.
    async fn adopt(&self, pool: &SqlitePool) -> Result<()> {
        let failed = |error| self.explain("opening", error);
        let mark = || sqlx::query_as::<_, (i64, i64, i64)>(include_str!("../../../sql/journal/mark.sql"));
        if !matches!(mark().fetch_one(pool).await.map_err(failed)?, (MARK, VERSION, _)) {
            let mut making = pool.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
            // Looked at again under the lock: another process may have made it meanwhile.
            match mark().fetch_one(&mut *making).await.map_err(failed)? {
                (MARK, VERSION, _) => {}
                (MARK, ..) => {
                    return Err(self.rejected("opening", "it was made by another version of cachedemo; move it away"));
                }
                (0, _, 0) => {
                    let schema = sqlx::raw_sql(include_str!("../../../sql/journal/schema.sql"));
                    schema.execute(&mut *making).await.map_err(failed)?;
                    let name = sqlx::query(include_str!("../../../sql/journal/name.sql"));
                    let named = name.bind(self.fresh_name()).bind(self.partitions);
                    named.execute(&mut *making).await.map_err(failed)?;
                }
                _ => return Err(self.rejected("opening", "it is an SQLite file of another program")),
            }
            making.commit().await.map_err(failed)?;
        }
        // A write-ahead log makes commits cheap and lets readers read meanwhile; everything holds without one. Where two
        // processes ask for it at once, one may be refused, and whoever opens the file next asks again.
        _ = sqlx::query("PRAGMA journal_mode = WAL").execute(pool).await;
        Ok(())
    }

    /// Which file stands at the path now; `None` where there is none.
    fn identity(&self) -> Result<Option<Identity>> {
        match std::fs::metadata(&self.path) {
            Ok(found) => Ok(Some(identity_of(&found))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(self.unusable("open", cause)),
        }
    }

    /// What an error means of a change that is to be durable: a disk that fails in the middle of a commit may have kept it all
    /// the same.
    pub(super) fn explain_commit(&self, operation: &'static str, error: sqlx::Error) -> Error {
        if primary_code(&error) == Some(10) || matches!(error, sqlx::Error::WorkerCrashed) {
            let peer = Arc::clone(&self.peer);
            return Error::OutcomeUnknown { peer, operation, update: None, cause: Box::new(error) };
        }
        self.explain(operation, error)
    }

    /// What an error of SQLite means for whoever asked.
    pub(super) fn explain(&self, operation: &'static str, error: sqlx::Error) -> Error {
        match primary_code(&error) {
            // Somebody held the lock all the time: a process that was stopped, or a crowd. Nothing was done.
            Some(5) => Error::TimedOut { peer: Arc::clone(&self.peer), limit: BUSY_TIMEOUT },
            // The file or its directory may not be written, the disk failed, is full, or does not hold it.
            Some(3 | 8 | 10 | 13 | 14) => self.unusable("use", io::Error::other(error)),
            _ => self.rejected(operation, error),
        }
    }

    fn unusable(&self, action: &'static str, cause: io::Error) -> Error {
        Error::File { action, path: self.path.display().to_string(), cause }
    }

    fn rejected(&self, operation: &'static str, cause: impl Into<crate::error::Cause>) -> Error {
        Error::Rejected { peer: Arc::clone(&self.peer), operation, cause: cause.into() }
    }
}

/// SQLite's number of an error, without what says more precisely where it came from: that stands above the low byte.
fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let extended: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(extended & 0xff)
}

#[cfg(unix)]
fn identity_of(found: &std::fs::Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt;
    (found.dev(), found.ino())
}

/// Where a file that is open cannot be removed, whatever stands there is what was opened.
#[cfg(not(unix))]
fn identity_of(_: &std::fs::Metadata) -> Identity {
    (0, 0)
}

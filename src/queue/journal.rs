//! The queue beside Memcached and the `memory` cache: a journal, an SQLite file that several processes share.
//!
//! Those caches keep nothing durably, so an acknowledgement is two steps: the update into the journal, on the disk; then the
//! entry out of the cache, which also voids the lease of a reader that may have looked for pending updates before. In this
//! order no reader can bring the older state back after the acknowledgement. The journal itself answers what is pending.

mod file;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::sqlite::SqlitePool;

use self::file::File;
use super::{Backlog, NO_INCARNATION, Position, Queue, Queued, until_unreadable};
use crate::cache::Cache;
use crate::clock;
use crate::error::{Error, Peer, Result};
use crate::flight::{Flight, FlightId, Update};
use crate::hop::{self, Sent};

const ENQUEUE: &str = include_str!("../../sql/journal/enqueue.sql");
const PENDING: &str = include_str!("../../sql/journal/pending.sql");
const INCARNATION: &str = include_str!("../../sql/journal/incarnation.sql");
const AFTER: &str = include_str!("../../sql/journal/after.sql");
const FORGET: &str = include_str!("../../sql/journal/forget.sql");
const BACKLOG: &str = include_str!("../../sql/journal/backlog.sql");
const FLIGHTS: &str = include_str!("../../sql/journal/flights.sql");
const CLEAR: &str = include_str!("../../sql/journal/clear.sql");

/// A queue in an SQLite file.
pub(super) struct Journal {
    file: File,
    cache: Arc<dyn Cache>,
}

impl Journal {
    /// The journal at `path`, which is made when the first update comes, beside `cache`.
    pub(super) fn new(path: PathBuf, cache: Arc<dyn Cache>) -> Self {
        Self { file: File::new(path), cache }
    }

    async fn insert(&self, journal: &SqlitePool, update: &Update) -> Result<Position> {
        let body = serde_json::to_string(update).expect("an update is plain data, always serializable");
        let acknowledged = clock::utc();
        let id = update.flight_id();
        hop::sent(|| Sent::statement(ENQUEUE, vec![id.to_string(), body.clone(), acknowledged.to_rfc3339()]));
        let insert = sqlx::query(ENQUEUE).bind(id.number()).bind(&body).bind(acknowledged);
        // Without RETURNING: the row would come back before the commit, and nobody would hear of a commit that fails.
        match insert.execute(journal).await {
            Ok(done) => Ok(at(done.last_insert_rowid())),
            Err(error) => Err(self.explain_insert(error)),
        }
    }

    /// A disk that fails in the middle of a commit may have kept it all the same.
    fn explain_insert(&self, error: sqlx::Error) -> Error {
        let code = error.as_database_error().and_then(|error| error.code()?.parse::<i32>().ok());
        let is_disk_failure = code.is_some_and(|code| code & 0xff == 10);
        if is_disk_failure || matches!(error, sqlx::Error::WorkerCrashed) {
            let peer = Arc::clone(self.peer());
            return Error::OutcomeUnknown { peer, operation: "enqueue", cause: Box::new(error) };
        }
        self.file.explain("enqueue", error)
    }

    async fn delete_entries(&self, ids: &[FlightId]) -> Result<()> {
        for id in ids {
            self.cache.delete(*id).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl Queue for Journal {
    fn peer(&self) -> &Arc<Peer> {
        self.file.peer()
    }

    fn stores_entry(&self) -> bool {
        false
    }

    async fn enqueue(&self, update: &Update, _ttl: Duration) -> Result<Position> {
        let journal = self.file.made().await?;
        let position = self.insert(&journal, update).await?;
        let id = update.flight_id();
        match self.cache.delete(id).await {
            Ok(_) => Ok(position),
            // It cannot be taken back: a worker may have applied it already.
            Err(cause) => Err(Error::CacheNotTold {
                done: format!("the update of flight {id} is queued"),
                cause: Box::new(cause),
            }),
        }
    }

    async fn pending(&self, id: FlightId) -> Result<Option<Flight>> {
        let Some(journal) = self.file.existing().await? else { return Ok(None) };
        hop::sent(|| Sent::statement(PENDING, vec![id.to_string()]));
        let row: Option<(i64, String)> = sqlx::query_as(PENDING)
            .bind(id.number())
            .fetch_optional(&journal)
            .await
            .map_err(|error| self.file.explain("look-up of a pending update", error))?;
        let mut updates = until_unreadable(row.into_iter().map(placed))?;
        Ok(updates.pop().map(|queued| queued.update.flight))
    }

    async fn incarnation(&self) -> Result<String> {
        let Some(journal) = self.file.existing().await? else { return Ok(NO_INCARNATION.to_owned()) };
        hop::sent(|| Sent::statement(INCARNATION, Vec::new()));
        let name = sqlx::query_scalar(INCARNATION).fetch_one(&journal).await;
        name.map_err(|error| self.file.explain("look-up of the queue", error))
    }

    async fn after(&self, incarnation: &str, position: Position, limit: usize) -> Result<Vec<Queued>> {
        let Some(journal) = self.file.existing().await? else { return Ok(Vec::new()) };
        let (row, limit) = (row_of(position), i64::try_from(limit).unwrap_or(i64::MAX));
        hop::sent(|| Sent::statement(AFTER, vec![incarnation.to_owned(), row.to_string(), limit.to_string()]));
        let rows: Vec<(i64, String)> = sqlx::query_as(AFTER)
            .bind(incarnation)
            .bind(row)
            .bind(limit)
            .fetch_all(&journal)
            .await
            .map_err(|error| self.file.explain("reading of updates", error))?;
        until_unreadable(rows.into_iter().map(placed))
    }

    async fn forget(&self, incarnation: &str, _applied: &[Queued], position: Position) -> Result<()> {
        let Some(journal) = self.file.existing().await? else { return Ok(()) };
        let row = row_of(position);
        hop::sent(|| Sent::statement(FORGET, vec![incarnation.to_owned(), row.to_string()]));
        let deleted = sqlx::query(FORGET).bind(incarnation).bind(row).execute(&journal).await;
        deleted.map(drop).map_err(|error| self.file.explain("trim", error))
    }

    async fn backlog(&self) -> Result<Backlog> {
        let Some(journal) = self.file.existing().await? else {
            return Ok(Backlog { length: 0, flights: 0, oldest: None });
        };
        hop::sent(|| Sent::statement(BACKLOG, Vec::new()));
        let counted: (i64, i64, Option<DateTime<Utc>>) = sqlx::query_as(BACKLOG)
            .fetch_one(&journal)
            .await
            .map_err(|error| self.file.explain("count of updates", error))?;
        let (length, flights, oldest) = counted;
        Ok(Backlog { length: length.unsigned_abs(), flights: flights.unsigned_abs(), oldest })
    }

    async fn clear(&self) -> Result<Vec<FlightId>> {
        let Some(journal) = self.file.existing().await? else { return Ok(Vec::new()) };
        let failed = |error| self.file.explain("clear", error);
        let mut clearing = journal.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
        hop::sent(|| Sent::statement(FLIGHTS, Vec::new()));
        let numbers: Vec<i64> = sqlx::query_scalar(FLIGHTS).fetch_all(&mut *clearing).await.map_err(failed)?;
        hop::sent(|| Sent::statement(CLEAR, Vec::new()));
        sqlx::query(CLEAR).execute(&mut *clearing).await.map_err(failed)?;
        clearing.commit().await.map_err(failed)?;
        let ids: Vec<FlightId> = numbers.into_iter().filter_map(|number| number.try_into().ok()).collect();
        // After the commit: before it, a reader could still find the update pending and put it back.
        self.delete_entries(&ids).await.map_err(|cause| Error::NotHeld {
            message: format!(
                "the queue is dropped, but its {} flight(s) may still stand in the cache: {cause}",
                ids.len()
            ),
            hint: "the entries end with CACHE_TTL; `cachedemo write-behind --flush --flight-id <id>` drops one now"
                .into(),
        })?;
        Ok(ids)
    }
}

/// The position of a row.
fn at(row: i64) -> Position {
    Position { major: row.unsigned_abs(), minor: 0 }
}

/// The row at a position.
fn row_of(position: Position) -> i64 {
    i64::try_from(position.major).unwrap_or(i64::MAX)
}

fn placed((row, body): (i64, String)) -> (Position, Result<Update, String>) {
    (at(row), serde_json::from_str(&body).map_err(|error| format!("it is not an update: {error}")))
}

//! The queue beside Memcached and the `memory` cache: a journal, an SQLite file that several processes share.
//!
//! Those caches keep nothing durably, so an acknowledgement is two steps: the update into the journal, on the disk; then the
//! entry out of the cache, which also voids the lease of a reader that may have looked for pending updates before. In this
//! order no reader can bring the older state back after the acknowledgement. The journal itself answers what is pending.
//!
//! All partitions share one row of positions, and one incarnation: its name is the first part of the name of a [`Sequence`].
//! Any process may lay an empty journal out anew between two statements of another, so every statement that knows of
//! partitions tests the layout, or the incarnation, itself.
//!
//! `intake.rs` takes updates over, `outlet.rs` is read by the worker, `letters.rs` keeps the dead letters.

mod file;
mod intake;
mod letters;
mod outlet;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::sqlite::SqlitePool;

use self::file::File;
use super::{Backlog, Partition, Queue, Sequence, Settings};
use crate::cache::Cache;
use crate::clock;
use crate::error::{Error, Peer, Result};
use crate::flight::{FlightId, Position, Update};
use crate::hop::{self, Sent};

const LAYOUT: &str = include_str!("../../sql/journal/layout.sql");
const LAY_OUT: &str = include_str!("../../sql/journal/lay_out.sql");
const BACKLOG: &str = include_str!("../../sql/journal/backlog.sql");
const FLIGHTS: &str = include_str!("../../sql/journal/flights.sql");
const FORGET_TAKEN: &str = include_str!("../../sql/journal/forget_taken.sql");
const CLEAR: &str = include_str!("../../sql/journal/clear.sql");
const RENAME: &str = include_str!("../../sql/journal/rename.sql");

/// A queue in an SQLite file.
pub(super) struct Journal {
    file: File,
    cache: Arc<dyn Cache>,
    settings: Settings,
}

impl Journal {
    /// The journal at `path`, which is made when the first update comes, beside `cache`.
    pub(super) fn new(path: PathBuf, cache: Arc<dyn Cache>, settings: Settings) -> Self {
        Self { file: File::new(path, settings.partitions), cache, settings }
    }

    /// The name of the incarnation, laid out as our settings say: a journal of another layout becomes ours where it is empty.
    async fn incarnation(&self, journal: &SqlitePool) -> Result<String> {
        let here = self.settings.partitions;
        let (name, there) = self.layout(journal).await?;
        if there == here {
            return Ok(name);
        }
        let fresh = self.file.fresh_name();
        hop::sent(|| Sent::statement(LAY_OUT, vec![fresh.clone(), here.to_string()]));
        let change = sqlx::query(LAY_OUT).bind(fresh).bind(here).execute(journal).await;
        change.map_err(|error| self.file.explain("change of the layout", error))?;
        match self.layout(journal).await? {
            (name, there) if there == here => Ok(name),
            (_, there) => Err(Error::OtherPartitions { peer: Arc::clone(self.peer()), there, here }),
        }
    }

    /// The name of the incarnation, and how many partitions it has.
    async fn layout(&self, journal: &SqlitePool) -> Result<(String, u32)> {
        hop::sent(|| Sent::statement(LAYOUT, Vec::new()));
        let layout = sqlx::query_as(LAYOUT).fetch_one(journal).await;
        layout.map_err(|error| self.file.explain("look-up of the queue", error))
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

    fn settings(&self) -> &Settings {
        &self.settings
    }

    async fn backlog(&self, partition: Partition) -> Result<Backlog> {
        let empty = Backlog { length: 0, flights: 0, oldest: None, dead: 0 };
        let Some(journal) = self.file.existing().await? else { return Ok(empty) };
        let here = self.settings.partitions;
        hop::sent(|| Sent::statement(BACKLOG, vec![partition.to_string(), here.to_string()]));
        let counted: Option<(i64, i64, Option<i64>, i64)> = sqlx::query_as(BACKLOG)
            .bind(partition)
            .bind(here)
            .fetch_optional(&journal)
            .await
            .map_err(|error| self.file.explain("count of updates", error))?;
        let Some((length, flights, oldest, dead)) = counted else {
            // Another layout. If it can be made ours, that is because the journal is empty.
            self.incarnation(&journal).await?;
            return Ok(empty);
        };
        // By whatever process dated it: its clock may be ahead of ours.
        let age =
            |acknowledged: i64| Duration::from_millis(u64::try_from(now().saturating_sub(acknowledged)).unwrap_or(0));
        let [length, flights, dead] = [length, flights, dead].map(i64::unsigned_abs);
        Ok(Backlog { length, flights, oldest: oldest.map(age), dead })
    }

    async fn clear(&self) -> Result<Vec<FlightId>> {
        let Some(journal) = self.file.existing().await? else { return Ok(Vec::new()) };
        let failed = |error| self.file.explain("clear", error);
        let mut clearing = journal.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
        hop::sent(|| Sent::statement(FLIGHTS, Vec::new()));
        let numbers: Vec<i64> = sqlx::query_scalar(FLIGHTS).fetch_all(&mut *clearing).await.map_err(failed)?;
        for statement in [FORGET_TAKEN, CLEAR] {
            hop::sent(|| Sent::statement(statement, Vec::new()));
            sqlx::query(statement).execute(&mut *clearing).await.map_err(failed)?;
        }
        let fresh = self.file.fresh_name();
        hop::sent(|| Sent::statement(RENAME, vec![fresh.clone()]));
        sqlx::query(RENAME).bind(fresh).execute(&mut *clearing).await.map_err(failed)?;
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

/// The last row that is not after a position.
fn row_of(position: Position) -> i64 {
    i64::try_from(position.major).unwrap_or(i64::MAX)
}

/// The row at exactly a position; 0, where none ever is, for a position that no journal gives.
fn row_at(position: Position) -> i64 {
    if position.minor == 0 { row_of(position) } else { 0 }
}

/// The part of a sequence's name that is the same in all partitions.
fn incarnation_of(sequence: &Sequence) -> &str {
    sequence.name.split_once('/').map_or(sequence.name.as_str(), |(incarnation, _)| incarnation)
}

/// Reads the body of an update, or says why that cannot be done.
fn decode(body: &str) -> Result<Update, String> {
    serde_json::from_str(body).map_err(|error| format!("it is not an update: {error}"))
}

/// This moment as it stands in the file: milliseconds since 1970.
fn now() -> i64 {
    clock::utc().timestamp_millis()
}

/// A duration, likewise.
fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// A limit as SQL takes it.
fn at_most(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

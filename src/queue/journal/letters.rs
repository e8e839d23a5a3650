//! The dead letters of the journal: a table beside the updates, so that an update moves between the two in one transaction.
//!
//! The cache entry cannot be part of that transaction. It is deleted after the commit, as in an acknowledgement: before it, a
//! reader could still find the update pending and put it back. Until it is deleted, the letter says that this is to be done.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sqlx::sqlite::SqlitePool;

use super::intake::{Known, Refusal};
use super::{Journal, at, at_most, decode, row_at, row_of};
use crate::error::{Error, Result};
use crate::flight::{FlightId, Position, Update};
use crate::hop::{self, Sent};
use crate::queue::{DeadLetter, DeadLetters, LetterId, Partition, Place, Queue, Sentence};

const WITH_ENTRY: &str = include_str!("../../../sql/journal/with_entry.sql");
const ENTRY_DROPPED: &str = include_str!("../../../sql/journal/entry_dropped.sql");
const LETTERS: &str = include_str!("../../../sql/journal/letters.sql");
const TAKE_LETTER: &str = include_str!("../../../sql/journal/take_letter.sql");
const PURGED_WITH_ENTRY: &str = include_str!("../../../sql/journal/purged_with_entry.sql");
const PURGE: &str = include_str!("../../../sql/journal/purge.sql");

/// How many entries are deleted at a time: a worker has more to do than this.
const DROPPED: i64 = 100;

/// A row of `letters.sql`.
type Letter = (i64, i64, String, String, u32, DateTime<Utc>);

impl Journal {
    /// Deletes the cache entries that may still show a buried update.
    ///
    /// Also where a later update of the flight waits: then its writer deletes the entry too, but may have died before, and
    /// without the entry a reader finds that update.
    pub(super) async fn drop_buried_entries(&self, journal: &SqlitePool) -> Result<()> {
        let failed = |error| self.file.explain("look-up of dead letters", error);
        hop::sent(|| Sent::statement(WITH_ENTRY, vec![DROPPED.to_string()]));
        let letters: Vec<(i64, i64)> =
            sqlx::query_as(WITH_ENTRY).bind(DROPPED).fetch_all(journal).await.map_err(failed)?;
        for (number, flight) in letters {
            // What is no flight has no entry.
            if let Ok(id) = FlightId::try_from(flight)
                && self.cache.delete(id).await.is_err()
            {
                // The letter is buried all the same, and still says that its entry stands: the next worker that attends
                // tries again.
                break;
            }
            hop::sent(|| Sent::statement(ENTRY_DROPPED, vec![number.to_string()]));
            sqlx::query(ENTRY_DROPPED).bind(number).execute(journal).await.map_err(failed)?;
        }
        Ok(())
    }
}

#[async_trait]
impl DeadLetters for Journal {
    async fn dead_letters(&self, partition: Partition, position: Position, limit: usize) -> Result<Vec<DeadLetter>> {
        let Some(journal) = self.file.existing().await? else { return Ok(Vec::new()) };
        let (here, row, limit) = (self.settings.partitions, row_of(position), at_most(limit));
        hop::sent(|| {
            let [here, partition] = [here, partition].map(|number| number.to_string());
            Sent::statement(LETTERS, vec![here, partition, row.to_string(), limit.to_string()])
        });
        let rows: Vec<Letter> = sqlx::query_as(LETTERS)
            .bind(here)
            .bind(partition)
            .bind(row)
            .bind(limit)
            .fetch_all(&journal)
            .await
            .map_err(|error| self.file.explain("list of dead letters", error))?;
        if rows.is_empty() {
            // None, or another layout, where they have other partitions.
            self.incarnation(&journal).await?;
        }
        let letter = |(number, row, body, reason, attempts, buried_at): Letter| DeadLetter {
            id: LetterId { partition, position: at(number) },
            position: at(row),
            update: decode(&body),
            sentence: Sentence { reason, attempts },
            buried_at,
        };
        Ok(rows.into_iter().map(letter).collect())
    }

    async fn replay(&self, letter: LetterId, update: &Update, _ttl: Duration) -> Result<Option<Place>> {
        let Some(journal) = self.file.existing().await? else { return Ok(None) };
        let failed = |error| self.file.explain_commit("replay", error);
        let (partition, number) = (letter.partition, row_at(letter.position));
        let mut replaying = journal.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
        hop::sent(|| Sent::statement(TAKE_LETTER, vec![partition.to_string(), number.to_string()]));
        let take = sqlx::query(TAKE_LETTER).bind(partition).bind(number);
        if take.execute(&mut *replaying).await.map_err(failed)?.rows_affected() == 0 {
            replaying.rollback().await.map_err(failed)?;
            return Ok(None);
        }
        let Some(position) = self.insert(&mut replaying, update, Known::None).await.map_err(failed)? else {
            // The letter stays, and with it the layout that it has.
            replaying.rollback().await.map_err(failed)?;
            return Err(match self.refusal(&journal, update, Known::None).await? {
                Refusal::OtherLayout(there) => {
                    let (peer, here) = (self.peer().clone(), self.settings.partitions);
                    Error::OtherPartitions { peer, there, here }
                }
                Refusal::Full | Refusal::Known(_) => self.full(),
            });
        };
        replaying.commit().await.map_err(failed)?;
        self.acknowledge(update, self.place(update, position, false)).await.map(Some)
    }

    async fn purge(&self, partition: Partition, letters: &[Position]) -> Result<u64> {
        let Some(journal) = self.file.existing().await? else { return Ok(0) };
        let failed = |error| self.file.explain("purge", error);
        let numbers: Vec<i64> = letters.iter().copied().map(row_at).collect();
        let numbers = serde_json::to_string(&numbers).expect("numbers are always serializable");
        let binds = || vec![partition.to_string(), numbers.clone()];
        hop::sent(|| Sent::statement(PURGED_WITH_ENTRY, binds()));
        let flights = sqlx::query_scalar(PURGED_WITH_ENTRY).bind(partition).bind(&numbers);
        let flights: Vec<i64> = flights.fetch_all(&journal).await.map_err(failed)?;
        // First, and nothing is dropped where it fails: after the letter, nobody would know that the entry is to go.
        let ids: Vec<FlightId> = flights.into_iter().filter_map(|number| number.try_into().ok()).collect();
        self.delete_entries(&ids).await?;
        hop::sent(|| Sent::statement(PURGE, binds()));
        let purged = sqlx::query(PURGE).bind(partition).bind(&numbers).execute(&journal).await.map_err(failed)?;
        Ok(purged.rows_affected())
    }
}

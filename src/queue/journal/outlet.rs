//! The worker's side of the journal: reading in order, taking away what is done, and who else works.
//!
//! There is no word between processes but what stands in the file: a worker looks there for what arrives, and writes there
//! that it is alive.

use std::time::Duration;

use async_trait::async_trait;

use super::{Journal, at, at_most, decode, incarnation_of, milliseconds, now, row_at, row_of};
use crate::clock;
use crate::error::Result;
use crate::flight::{Position, Queued};
use crate::hop::{self, Sent};
use crate::queue::{Outlet, Partition, Sentence, Sequence, until_unreadable};

const AFTER: &str = include_str!("../../../sql/journal/after.sql");
const FORGET: &str = include_str!("../../../sql/journal/forget.sql");
const PRUNE: &str = include_str!("../../../sql/journal/prune.sql");
const BURY: &str = include_str!("../../../sql/journal/bury.sql");
const TAKE_OFF: &str = include_str!("../../../sql/journal/take_off.sql");
const WAITING: &str = include_str!("../../../sql/journal/waiting.sql");
const ATTEND: &str = include_str!("../../../sql/journal/attend.sql");
const DISMISS: &str = include_str!("../../../sql/journal/dismiss.sql");
const WORKERS: &str = include_str!("../../../sql/journal/workers.sql");
const LEAVE: &str = include_str!("../../../sql/journal/leave.sql");

/// How often an idle worker looks for updates: a look is tens of microseconds, so this keeps it idle, and nobody who waits for
/// the database notices a fiftieth of a second.
const PACE: Duration = Duration::from_millis(20);
/// How many ids of updates are pruned with a batch, beyond as many as the batch holds: so what has piled up while no worker ran
/// goes away in time, and no writer waits long for it.
const PRUNED: usize = 1_000;

#[async_trait]
impl Outlet for Journal {
    async fn sequence(&self, partition: Partition) -> Result<Option<Sequence>> {
        let Some(journal) = self.file.existing().await? else { return Ok(None) };
        let incarnation = self.incarnation(&journal).await?;
        let name = match self.settings.partitions {
            1 => incarnation,
            _ => format!("{incarnation}/{partition}"),
        };
        Ok(Some(Sequence { partition, name }))
    }

    /// What is pending is the updates themselves: both are lost together.
    async fn give_up(&self, _partition: Partition) -> Result<u64> {
        Ok(0)
    }

    async fn after(&self, sequence: &Sequence, position: Position, limit: usize) -> Result<Vec<Queued>> {
        let Some(journal) = self.file.existing().await? else { return Ok(Vec::new()) };
        let (incarnation, partition) = (incarnation_of(sequence), sequence.partition);
        let (row, limit) = (row_of(position), at_most(limit));
        hop::sent(|| {
            let binds = vec![incarnation.to_owned(), partition.to_string(), row.to_string(), limit.to_string()];
            Sent::statement(AFTER, binds)
        });
        let rows: Vec<(i64, String)> = sqlx::query_as(AFTER)
            .bind(incarnation)
            .bind(partition)
            .bind(row)
            .bind(limit)
            .fetch_all(&journal)
            .await
            .map_err(|error| self.file.explain("reading of updates", error))?;
        until_unreadable(rows.into_iter().map(|(row, body)| (at(row), decode(&body))))
    }

    async fn forget(&self, sequence: &Sequence, applied: &[Queued], position: Position) -> Result<()> {
        let Some(journal) = self.file.existing().await? else { return Ok(()) };
        let failed = |error| self.file.explain("trim", error);
        let (incarnation, partition, row) = (incarnation_of(sequence), sequence.partition, row_of(position));
        let (expired, count) =
            (now().saturating_sub(milliseconds(self.settings.memory)), at_most(applied.len().saturating_add(PRUNED)));
        // One transaction, for the sake of one commit.
        let mut forgetting = journal.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
        hop::sent(|| Sent::statement(FORGET, vec![incarnation.to_owned(), partition.to_string(), row.to_string()]));
        let forget = sqlx::query(FORGET).bind(incarnation).bind(partition).bind(row);
        forget.execute(&mut *forgetting).await.map_err(failed)?;
        hop::sent(|| Sent::statement(PRUNE, vec![expired.to_string(), count.to_string()]));
        sqlx::query(PRUNE).bind(expired).bind(count).execute(&mut *forgetting).await.map_err(failed)?;
        forgetting.commit().await.map_err(failed)
    }

    async fn bury(&self, sequence: &Sequence, position: Position, sentence: &Sentence) -> Result<()> {
        let Some(journal) = self.file.existing().await? else { return Ok(()) };
        let failed = |error| self.file.explain("burial", error);
        let (incarnation, partition, row) = (incarnation_of(sequence), sequence.partition, row_at(position));
        let buried_at = clock::utc();
        let mut burying = journal.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
        hop::sent(|| {
            let [partition, row] = [partition.to_string(), row.to_string()];
            let (reason, attempts) = (sentence.reason.clone(), sentence.attempts.to_string());
            let binds = vec![incarnation.to_owned(), partition, row, reason, attempts, buried_at.to_rfc3339()];
            Sent::statement(BURY, binds)
        });
        let bury = sqlx::query(BURY)
            .bind(incarnation)
            .bind(partition)
            .bind(row)
            .bind(&sentence.reason)
            .bind(sentence.attempts)
            .bind(buried_at);
        if bury.execute(&mut *burying).await.map_err(failed)?.rows_affected() == 0 {
            return burying.rollback().await.map_err(failed);
        }
        hop::sent(|| Sent::statement(TAKE_OFF, vec![row.to_string()]));
        sqlx::query(TAKE_OFF).bind(row).execute(&mut *burying).await.map_err(failed)?;
        burying.commit().await.map_err(failed)?;
        self.drop_buried_entries(&journal).await
    }

    async fn arrival(&self, partition: Partition, limit: Duration) -> Result<()> {
        let began = clock::instant();
        // Told once, though it is asked again and again.
        hop::sent(|| Sent::statement(WAITING, vec![partition.to_string()]));
        loop {
            if let Some(journal) = self.file.existing().await? {
                let look = sqlx::query_scalar(WAITING).bind(partition).fetch_one(&journal).await;
                if look.map_err(|error| self.file.explain("look for updates", error))? {
                    return Ok(());
                }
            }
            let left = limit.saturating_sub(began.elapsed());
            if left.is_zero() {
                return Ok(());
            }
            tokio::time::sleep(PACE.min(left)).await;
        }
    }

    async fn attend(&self, worker: &str, lasting: Duration) -> Result<Vec<String>> {
        let Some(journal) = self.file.existing().await? else { return Ok(vec![worker.to_owned()]) };
        let failed = |error| self.file.explain("list of workers", error);
        let now = now();
        let until = now.saturating_add(milliseconds(lasting));
        let mut attending = journal.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
        hop::sent(|| Sent::statement(DISMISS, vec![now.to_string()]));
        sqlx::query(DISMISS).bind(now).execute(&mut *attending).await.map_err(failed)?;
        hop::sent(|| Sent::statement(ATTEND, vec![worker.to_owned(), until.to_string()]));
        sqlx::query(ATTEND).bind(worker).bind(until).execute(&mut *attending).await.map_err(failed)?;
        hop::sent(|| Sent::statement(WORKERS, Vec::new()));
        let workers = sqlx::query_scalar(WORKERS).fetch_all(&mut *attending).await.map_err(failed)?;
        attending.commit().await.map_err(failed)?;
        // Whoever buried an update may have died before its entry was deleted: every worker comes by here again and again.
        self.drop_buried_entries(&journal).await?;
        Ok(workers)
    }

    async fn leave(&self, worker: &str) -> Result<()> {
        let Some(journal) = self.file.existing().await? else { return Ok(()) };
        hop::sent(|| Sent::statement(LEAVE, vec![worker.to_owned()]));
        let left = sqlx::query(LEAVE).bind(worker).execute(&journal).await;
        left.map(drop).map_err(|error| self.file.explain("list of workers", error))
    }
}

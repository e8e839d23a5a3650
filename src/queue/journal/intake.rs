//! How the journal takes an update over: one INSERT, which holds every condition, and then the cache entry.
//!
//! Only where the INSERT puts nothing there does anybody ask why: the common case stays one statement, and one commit.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::sqlite::{SqliteConnection, SqlitePool};

use super::{Journal, at, decode, incarnation_of, milliseconds, now, row_at};
use crate::error::{Error, Result};
use crate::flight::{Flight, FlightId, Position, Update};
use crate::hop::{self, Sent};
use crate::queue::{Intake, Place, Queue, Sequence, Whereabouts, until_unreadable};

const ENQUEUE: &str = include_str!("../../../sql/journal/enqueue.sql");
const REFUSED: &str = include_str!("../../../sql/journal/refused.sql");
const PENDING: &str = include_str!("../../../sql/journal/pending.sql");
const WHEREABOUTS: &str = include_str!("../../../sql/journal/whereabouts.sql");

/// Which updates count as taken over before.
#[derive(Clone, Copy)]
pub(super) enum Known {
    /// Those that were taken over after this moment.
    Since(i64),
    /// None: it is taken over again on purpose.
    None,
}

/// Why an update was not taken over.
pub(super) enum Refusal {
    /// It was taken over before, and stood there.
    Known(Position),
    /// The journal has so many partitions, and not as many as we believe.
    OtherLayout(u32),
    /// There is no room.
    Full,
}

impl Journal {
    /// Which updates are still known.
    pub(super) fn known(&self) -> Known {
        Known::Since(now().saturating_sub(milliseconds(self.settings.memory)))
    }

    /// Puts an update at the end; `None` where one of the conditions in `enqueue.sql` does not hold.
    pub(super) async fn insert(
        &self,
        connection: &mut SqliteConnection,
        update: &Update,
        known: Known,
    ) -> Result<Option<Position>, sqlx::Error> {
        let id = update.flight_id();
        let partition = self.settings.partition_of(id);
        let name = self.remembered_id(update);
        let body = serde_json::to_string(update).expect("an update is plain data, always serializable");
        let (acknowledged, here) = (now(), self.settings.partitions);
        let known = match known {
            Known::Since(moment) => moment,
            // Nothing was taken over after the end of time.
            Known::None => i64::MAX,
        };
        let limit = i64::try_from(self.settings.max_length).unwrap_or(i64::MAX);
        hop::sent(|| {
            let [partition, here] = [partition, here].map(|number| number.to_string());
            let [acknowledged, known, limit] = [acknowledged, known, limit].map(|number| number.to_string());
            let name = name.unwrap_or("NULL").to_owned();
            let binds = vec![partition, id.to_string(), name, body.clone(), acknowledged, here, known, limit];
            Sent::statement(ENQUEUE, binds)
        });
        let insert = sqlx::query(ENQUEUE)
            .bind(partition)
            .bind(id.number())
            .bind(name)
            .bind(&body)
            .bind(acknowledged)
            .bind(here)
            .bind(known)
            .bind(limit);
        // Without RETURNING: the row would come back before the commit, and nobody would hear of a commit that fails.
        let done = insert.execute(connection).await?;
        Ok((done.rows_affected() > 0).then(|| at(done.last_insert_rowid())))
    }

    /// Why [`Self::insert`] put nothing there.
    pub(super) async fn refusal(&self, journal: &SqlitePool, update: &Update, known: Known) -> Result<Refusal> {
        let (name, since) = match known {
            Known::Since(moment) => (self.remembered_id(update), moment),
            Known::None => (None, i64::MAX),
        };
        hop::sent(|| Sent::statement(REFUSED, vec![name.unwrap_or("NULL").to_owned(), since.to_string()]));
        let (there, row): (u32, Option<i64>) = sqlx::query_as(REFUSED)
            .bind(name)
            .bind(since)
            .fetch_one(journal)
            .await
            .map_err(|error| self.file.explain("look-up of an update", error))?;
        Ok(match row {
            Some(row) => Refusal::Known(at(row)),
            None if there != self.settings.partitions => Refusal::OtherLayout(there),
            None => Refusal::Full,
        })
    }

    /// What a refusal means where nothing can be done about it.
    pub(super) fn full(&self) -> Error {
        Error::QueueFull { peer: Arc::clone(self.peer()), limit: self.settings.max_length }
    }

    /// Deletes the entry of a flight whose update is queued, and gives the update's place back.
    pub(super) async fn acknowledge(&self, update: &Update, place: Place) -> Result<Place> {
        let id = update.flight_id();
        let queued = if place.is_known { "was queued before" } else { "is queued" };
        match self.cache.delete(id).await {
            Ok(_) => Ok(place),
            // It cannot be taken back: a worker may have applied it already.
            Err(cause) => {
                Err(Error::CacheNotTold { done: format!("the update of flight {id} {queued}"), cause: Box::new(cause) })
            }
        }
    }

    /// The place of an update at this position.
    pub(super) fn place(&self, update: &Update, position: Position, is_known: bool) -> Place {
        Place { partition: self.settings.partition_of(update.flight_id()), position, is_known }
    }

    /// The id under which an update is known again; `None` where nothing is remembered.
    fn remembered_id<'update>(&self, update: &'update Update) -> Option<&'update str> {
        (!self.settings.memory.is_zero()).then_some(update.id.as_str())
    }

    async fn take_over(&self, journal: &SqlitePool, update: &Update) -> Result<Place> {
        let mut is_laid_out = false;
        loop {
            let known = self.known();
            let inserted = match journal.acquire().await {
                Ok(mut connection) => self.insert(&mut connection, update, known).await,
                Err(error) => Err(error),
            };
            if let Some(position) = inserted.map_err(|error| self.file.explain_commit("enqueue", error))? {
                return Ok(self.place(update, position, false));
            }
            match self.refusal(journal, update, known).await? {
                Refusal::Known(position) => return Ok(self.place(update, position, true)),
                Refusal::Full => return Err(self.full()),
                Refusal::OtherLayout(there) if is_laid_out => {
                    // It was ours for a moment, and somebody else took it back.
                    let (peer, here) = (Arc::clone(self.peer()), self.settings.partitions);
                    return Err(Error::OtherPartitions { peer, there, here });
                }
                Refusal::OtherLayout(_) => _ = self.incarnation(journal).await?,
            }
            is_laid_out = true;
        }
    }
}

#[async_trait]
impl Intake for Journal {
    fn stores_entry(&self) -> bool {
        false
    }

    async fn enqueue(&self, update: &Update, _ttl: Duration) -> Result<Place> {
        let journal = self.file.made().await?;
        let place = self.take_over(&journal, update).await?;
        // Also where the update is known: whoever sent it first may have died between these two steps.
        self.acknowledge(update, place).await
    }

    async fn pending(&self, id: FlightId) -> Result<Option<Flight>> {
        let Some(journal) = self.file.existing().await? else { return Ok(None) };
        hop::sent(|| Sent::statement(PENDING, vec![id.to_string()]));
        let row: Option<(i64, String)> = sqlx::query_as(PENDING)
            .bind(id.number())
            .fetch_optional(&journal)
            .await
            .map_err(|error| self.file.explain("look-up of a pending update", error))?;
        let mut updates = until_unreadable(row.into_iter().map(|(row, body)| (at(row), decode(&body))))?;
        Ok(updates.pop().map(|queued| queued.update.flight))
    }

    async fn whereabouts(&self, sequence: &Sequence, position: Position) -> Result<Whereabouts> {
        let Some(journal) = self.file.existing().await? else { return Ok(Whereabouts::Lost) };
        let (incarnation, row, partition) = (incarnation_of(sequence), row_at(position), sequence.partition);
        hop::sent(|| {
            Sent::statement(WHEREABOUTS, vec![incarnation.to_owned(), row.to_string(), partition.to_string()])
        });
        let seen: (bool, bool, Option<String>) = sqlx::query_as(WHEREABOUTS)
            .bind(incarnation)
            .bind(row)
            .bind(partition)
            .fetch_one(&journal)
            .await
            .map_err(|error| self.file.explain("look-up of an update", error))?;
        Ok(match seen {
            (_, _, Some(reason)) => Whereabouts::Dead(reason),
            (false, ..) => Whereabouts::Lost,
            (true, true, None) => Whereabouts::Queued,
            (true, false, None) => Whereabouts::Gone,
        })
    }
}

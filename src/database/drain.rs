//! How a batch of queued updates reaches the database exactly once: with the queue's offset, in one transaction.
//!
//! A handful of statements whatever the size of the batch. The row of `cachedemo_offset` is locked first and is the fence: a
//! second worker waits there and then finds the batch behind the offset. Where that row may not be kept, workers wait for each
//! other by a lock on a name, which does not outlive a death: then an update may be applied again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::NaiveDateTime;
use serde::{Serialize, Serializer};

use super::engine::{Bind, Engine};
use super::relational::Relational;
use super::session::{Session, decoded};
use super::statements::Batch;
use super::{Alone, Applied, Tracking};
use crate::error::{Error, Result, causes};
use crate::flight::wall_clock::written;
use crate::flight::{FlightId, Position, Queued, Times, Update};

/// How long one worker waits for another before it asks again: as `hold.sql` says.
const HOLD_LIMIT: Duration = Duration::from_secs(2);

impl<E: Engine> Relational<E> {
    pub(super) async fn known_offset(&self, sequence: &str) -> Result<Option<Position>> {
        let key = [Bind::Text(sequence.to_owned())];
        match self.readers.session().await?.rows("SELECT", E::SQL.offset_find, &key).await {
            Ok(rows) => self.position(&rows),
            Err(Error::NoTable { .. } | Error::Denied { .. }) => Ok(None),
            Err(other) => Err(other),
        }
    }

    pub(super) async fn prepare_tracking(&self) -> Result<Tracking> {
        let mut session = self.readers.session().await?;
        let look = "UPDATE cachedemo_offset SET position = position WHERE 1 = 0";
        match session.rows("UPDATE", look, &[]).await {
            Ok(_) => return Ok(Tracking::Kept),
            Err(Error::NoTable { .. }) => {}
            Err(denied @ Error::Denied { .. }) => return Ok(Tracking::Unavailable(first_cause(&denied))),
            Err(other) => return Err(other),
        }
        let refused = match session.command("CREATE TABLE", E::SQL.offset).await {
            Ok(()) => None,
            Err(refused @ (Error::Denied { .. } | Error::Rejected { .. } | Error::Unacceptable { .. })) => {
                Some(refused)
            }
            Err(other) => return Err(other),
        };
        // Whatever came of it, another worker may have made the table at the same time: PostgreSQL then refuses ours.
        match (session.rows("UPDATE", look, &[]).await, refused) {
            (Ok(_), _) => Ok(Tracking::Kept),
            // An account that may only read and write flights: at least once is what it can have.
            (Err(Error::NoTable { .. } | Error::Denied { .. }), Some(refused)) => {
                Ok(Tracking::Unavailable(first_cause(&refused)))
            }
            (Err(other), _) => Err(other),
        }
    }

    pub(super) async fn apply_batch(&self, sequence: &str, batch: &[Queued], tracked: bool) -> Result<Applied> {
        let (Some(first), Some(last)) = (batch.first(), batch.last()) else { return Ok(Applied::default()) };
        let applied = match E::SQL.batch {
            Batch::AtOnce { tracked: sql, .. } if tracked => self.apply_at_once(sql, sequence, batch).await,
            Batch::AtOnce { untracked: sql, .. } => self.commit_at_once(sql, batch, &[]).await,
            Batch::Stepwise { fence, .. } => {
                let mut session = self.writers.session().await?;
                session.begin().await?;
                let binds = [
                    Bind::Text(last.position.to_string()),
                    Bind::Text(sequence.to_owned()),
                    integer(first.position.major),
                    integer(first.position.major),
                    integer(first.position.minor),
                ];
                // One row where all of the batch is new, which is how it is but for the first batch and after a death.
                if tracked && session.execute("UPDATE", fence, &binds).await? == 0 {
                    session.rollback().await?;
                    Ok(None)
                } else {
                    let flights = self.write(&mut session, batch).await;
                    match flights {
                        Ok(flights) => session.commit("batch").await.map(|()| Some(flights)),
                        Err(error) => Err(error),
                    }
                }
            }
        };
        match applied {
            Ok(Some(flights)) => Ok(Applied { updates: batch.len() as u64, flights, skipped: 0 }),
            Ok(None) => self.apply_rest(sequence, batch).await,
            Err(error @ Error::Unacceptable { .. }) => Err(self.missing(batch).await?.unwrap_or(error)),
            Err(error) => Err(error),
        }
    }

    /// In one statement that is its own transaction; `None` where the offset is not before the batch.
    async fn apply_at_once(&self, sql: &'static str, sequence: &str, batch: &[Queued]) -> Result<Option<u64>> {
        let (Some(first), Some(last)) = (batch.first(), batch.last()) else { return Ok(None) };
        let fence = [
            Bind::Text(sequence.to_owned()),
            Bind::Text(last.position.to_string()),
            integer(first.position.major),
            integer(first.position.minor),
        ];
        self.commit_at_once(sql, batch, &fence).await
    }

    async fn commit_at_once(&self, sql: &'static str, batch: &[Queued], fence: &[Bind]) -> Result<Option<u64>> {
        let Changes { log, rows, flights } = changes(batch);
        let binds = [&[Bind::Text(log), Bind::Text(rows), integer(batch.len() as u64)], fence].concat();
        let mut session = self.writers.session().await?;
        let logged = session.rows_at_commit("batch", sql, &binds).await?;
        let logged = logged.first().map(|row| E::integer(row, 0)).transpose();
        Ok(decoded(&self.peer, logged)?.filter(|logged| *logged > 0).map(|_| flights))
    }

    /// Where the offset is not before the batch: some of it is applied already, or the sequence is new to this database.
    async fn apply_rest(&self, sequence: &str, batch: &[Queued]) -> Result<Applied> {
        let mut session = self.writers.session().await?;
        session.begin().await?;
        let done = self.lock_offset(&mut session, sequence).await?;
        let new: Vec<Queued> = batch.iter().filter(|queued| queued.position > done).cloned().collect();
        let skipped = (batch.len() - new.len()) as u64;
        let Some(last) = new.last() else {
            session.rollback().await?;
            return Ok(Applied { updates: 0, flights: 0, skipped });
        };
        let flights = match self.write(&mut session, &new).await {
            Ok(flights) => flights,
            Err(error @ Error::Unacceptable { .. }) => {
                drop(session);
                return Err(self.missing(&new).await?.unwrap_or(error));
            }
            Err(error) => return Err(error),
        };
        let binds = [Bind::Text(last.position.to_string()), Bind::Text(sequence.to_owned())];
        session.rows("UPDATE", E::SQL.offset_move, &binds).await?;
        session.commit("batch").await?;
        Ok(Applied { updates: new.len() as u64, flights, skipped })
    }

    /// The first update of a batch whose flight is not there, as the error that names it.
    async fn missing(&self, batch: &[Queued]) -> Result<Option<Error>> {
        let mut ids: Vec<FlightId> = batch.iter().map(|queued| queued.update.flight_id()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut session = self.readers.session().await?;
        let rows = session.rows("SELECT", E::SQL.batch_find, &[Bind::Text(json(&ids))]).await?;
        let found: BTreeSet<i64> =
            rows.iter().map(|row| decoded(&self.peer, E::integer(row, 0))).collect::<Result<_>>()?;
        let absent = batch.iter().find(|queued| !found.contains(&queued.update.flight_id().number().into()));
        Ok(absent.map(|Queued { position, update }| Error::Poisoned {
            position: *position,
            reason: format!("there is no flight {}", update.flight_id()),
        }))
    }

    /// Takes the row of the sequence, which is the fence, and gives how far the sequence is applied.
    async fn lock_offset(&self, session: &mut Session<E>, sequence: &str) -> Result<Position> {
        let key = [Bind::Text(sequence.to_owned())];
        session.rows("INSERT", E::SQL.offset_claim, &key).await?;
        let rows = session.rows("lock", E::SQL.offset_lock, &key).await?;
        Ok(self.position(&rows)?.unwrap_or(Position::START))
    }

    pub(super) async fn hold(&self, name: &str) -> Result<Box<dyn Alone>> {
        let Some(sql) = E::SQL.hold else { return Ok(Box::new(Held::<E>(None))) };
        // In a transaction, so that the server ends it when its holder is stopped: others wait for no longer than that.
        let mut session = self.writers.session().await?;
        session.begin().await?;
        let rows = session.rows("hold", sql, &[Bind::Text(name.to_owned())]).await?;
        let held = rows.first().map(|row| E::integer(row, 0)).transpose();
        if decoded(&self.peer, held)? != Some(1) {
            session.rollback().await?;
            return Err(Error::TimedOut { peer: Arc::clone(&self.peer), limit: HOLD_LIMIT });
        }
        Ok(Box::new(Held(Some((session, name.to_owned())))))
    }

    /// Logs a batch and changes its flights, in the transaction that is open; how many flights changed.
    async fn write(&self, session: &mut Session<E>, batch: &[Queued]) -> Result<u64> {
        let Changes { log, rows, flights } = changes(batch);
        match E::SQL.batch {
            Batch::AtOnce { untracked: sql, .. } => {
                session.rows("batch", sql, &[Bind::Text(log), Bind::Text(rows), integer(batch.len() as u64)]).await?;
            }
            Batch::Stepwise { log: log_sql, update, .. } => {
                // The log first: it is made from the rows as they were, which it locks.
                if session.execute("INSERT", log_sql, &[Bind::Text(log)]).await? != batch.len() as u64 {
                    let cause = "a flight of the batch is missing".into();
                    return Err(Error::Unacceptable { peer: Arc::clone(&self.peer), cause });
                }
                session.execute("UPDATE", update, &[Bind::Text(rows)]).await?;
            }
        }
        Ok(flights)
    }

    fn position(&self, rows: &[E::Row]) -> Result<Option<Position>> {
        let Some(row) = rows.first() else { return Ok(None) };
        let text = decoded(&self.peer, E::text(row, 0))?;
        match Position::parse(&text) {
            Some(position) => Ok(Some(position)),
            None => Err(Error::Rejected {
                peer: Arc::clone(&self.peer),
                operation: "reading of cachedemo_offset",
                cause: format!("`{text}` is not a position").into(),
            }),
        }
    }
}

/// A batch as its statements take it.
struct Changes {
    /// Every update, in order, as JSON: flight, date, user, new departure, new arrival, comment, and the old departure and the old
    /// arrival where the batch knows them.
    log: String,
    /// The last times of each flight, as JSON: flight, departure, arrival.
    rows: String,
    /// How many flights these are.
    flights: u64,
}

/// What the database cannot know by itself: within a batch, an update of a flight begins where the one before it ended.
fn changes(batch: &[Queued]) -> Changes {
    let mut last: BTreeMap<FlightId, Times> = BTreeMap::new();
    let log: Vec<_> = batch
        .iter()
        .map(|Queued { update, .. }| {
            let Update { user, comment, made_at, .. } = update;
            let (id, new) = (update.flight_id(), update.flight.times());
            let old = last.insert(id, new);
            let (from, until) = (old.map(|old| Sql(old.departure)), old.map(|old| Sql(old.arrival)));
            (id, Sql(*made_at), user, Sql(new.departure), Sql(new.arrival), comment, from, until)
        })
        .collect();
    let rows: Vec<_> = last.iter().map(|(id, times)| (id, Sql(times.departure), Sql(times.arrival))).collect();
    Changes { log: json(&log), rows: json(&rows), flights: rows.len() as u64 }
}

fn json(rows: &impl Serialize) -> String {
    serde_json::to_string(rows).expect("texts, numbers and nulls are always JSON")
}

/// A time in the form that every engine reads.
struct Sql(NaiveDateTime);

impl Serialize for Sql {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&written(&self.0, ' '))
    }
}

fn integer(number: u64) -> Bind {
    Bind::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A name that one worker holds on its connection, where the engine needs that.
struct Held<E: Engine>(Option<(Session<E>, String)>);

#[async_trait]
impl<E: Engine> Alone for Held<E> {
    async fn release(mut self: Box<Self>) -> Result<()> {
        let Some((mut session, name)) = self.0.take() else { return Ok(()) };
        if let Some(sql) = E::SQL.release {
            session.rows("release", sql, &[Bind::Text(name)]).await?;
        }
        session.rollback().await
    }
}

fn first_cause(error: &Error) -> String {
    causes(error).into_iter().next().unwrap_or_else(|| error.to_string())
}

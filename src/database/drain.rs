//! How a batch of queued updates reaches the database exactly once: with the queue's offset, in one transaction.
//!
//! A handful of statements whatever the size of the batch. The row of `cachedemo_offset` is locked first and is the fence: a
//! second worker waits there and then finds the batch behind the offset.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;

use super::engine::{Bind, Engine};
use super::relational::Relational;
use super::session::{Session, decoded};
use super::{Applied, Offset};
use crate::error::{Error, Result, causes};
use crate::flight::{FlightId, Times};
use crate::flight::{Position, Queued};

/// How times are written inside the JSON that a batch binds: every engine reads this form.
pub(super) const TIME_FORMAT: &str = "%Y-%m-%d %H:%M:%S";

impl<E: Engine> Relational<E> {
    pub(super) async fn known_offset(&self, incarnation: &str) -> Result<Offset> {
        let mut session = self.readers.session().await?;
        let key = [Bind::Text(incarnation.to_owned())];
        match session.rows("SELECT", E::SQL.offset_find, &key).await {
            Ok(rows) => return self.position(&rows).map(|found| Offset::Known(found.unwrap_or(Position::START))),
            Err(Error::NoTable { .. }) => {}
            Err(denied @ Error::Denied { .. }) => return Ok(Offset::Unavailable(first_cause(&denied))),
            Err(other) => return Err(other),
        }
        let refused = match session.command("CREATE TABLE", E::SQL.offset).await {
            Ok(()) => None,
            Err(refused @ (Error::Denied { .. } | Error::Rejected { .. })) => Some(refused),
            Err(other) => return Err(other),
        };
        // Whatever came of it, another worker may have made the table at the same time: PostgreSQL then refuses ours.
        match (session.rows("SELECT", E::SQL.offset_find, &key).await, refused) {
            (Ok(rows), _) => self.position(&rows).map(|found| Offset::Known(found.unwrap_or(Position::START))),
            // An account that may only read and write flights: at least once is what it can have.
            (Err(Error::NoTable { .. } | Error::Denied { .. }), Some(refused)) => {
                Ok(Offset::Unavailable(first_cause(&refused)))
            }
            (Err(other), _) => Err(other),
        }
    }

    pub(super) async fn apply_batch(&self, incarnation: &str, batch: &[Queued], tracked: bool) -> Result<Applied> {
        let mut session = self.writers.session().await?;
        session.begin().await?;
        let key = [Bind::Text(incarnation.to_owned())];
        let mut done = Position::START;
        if tracked {
            session.rows("INSERT", E::SQL.offset_claim, &key).await?;
            let rows = session.rows("lock", E::SQL.offset_lock, &key).await?;
            done = self.position(&rows)?.unwrap_or(Position::START);
        }
        let new: Vec<&Queued> = batch.iter().filter(|queued| queued.position > done).collect();
        let skipped = (batch.len() - new.len()) as u64;
        let Some(last) = new.last() else {
            session.rollback().await?;
            return Ok(Applied { updates: 0, flights: 0, skipped });
        };
        let flights = self.write(&mut session, &new).await?;
        if tracked {
            let binds = [Bind::Text(last.position.to_string()), Bind::Text(incarnation.to_owned())];
            session.rows("UPDATE", E::SQL.offset_move, &binds).await?;
        }
        session.commit("batch").await?;
        Ok(Applied { updates: new.len() as u64, flights, skipped })
    }

    /// Locks the flights of a batch, writes the last times of each and every step of the way; how many flights changed.
    async fn write(&self, session: &mut Session<E>, batch: &[&Queued]) -> Result<u64> {
        let mut times = self.lock(session, batch).await?;
        let mut log = Vec::with_capacity(batch.len());
        for Queued { position, update } in batch {
            let id = update.flight_id();
            let current = times.get_mut(&id).ok_or_else(|| Error::Poisoned {
                position: position.to_string(),
                reason: format!("there is no flight {id}"),
            })?;
            let new = update.flight.times();
            let text = |time: chrono::NaiveDateTime| time.format(TIME_FORMAT).to_string();
            log.push(json!([
                id,
                text(update.made_at),
                update.user,
                text(current.departure),
                text(current.arrival),
                text(new.departure),
                text(new.arrival),
                update.comment,
            ]));
            *current = new;
        }
        let rows: Vec<_> = times
            .iter()
            .map(|(id, times)| {
                json!([
                    id,
                    times.departure.format(TIME_FORMAT).to_string(),
                    times.arrival.format(TIME_FORMAT).to_string()
                ])
            })
            .collect();
        session.rows("UPDATE", E::SQL.batch_update, &[Bind::Text(json!(rows).to_string())]).await?;
        session.rows("INSERT", E::SQL.batch_log, &[Bind::Text(json!(log).to_string())]).await?;
        Ok(times.len() as u64)
    }

    async fn lock(&self, session: &mut Session<E>, batch: &[&Queued]) -> Result<BTreeMap<FlightId, Times>> {
        let mut ids: Vec<FlightId> = batch.iter().map(|queued| queued.update.flight_id()).collect();
        // In one order for everybody, so that two batches never wait for each other.
        ids.sort_unstable();
        ids.dedup();
        let rows = session.rows("lock", E::SQL.batch_lock, &[Bind::Text(json!(ids).to_string())]).await?;
        let read = |row: &E::Row| -> sqlx::Result<(i64, Times)> {
            Ok((E::integer(row, 0)?, Times { departure: E::time(row, 1)?, arrival: E::time(row, 2)? }))
        };
        let mut times = BTreeMap::new();
        for row in &rows {
            let (id, found) = decoded(&self.peer, read(row))?;
            if let Ok(id) = FlightId::try_from(id) {
                times.insert(id, found);
            }
        }
        Ok(times)
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

fn first_cause(error: &Error) -> String {
    causes(error).into_iter().next().unwrap_or_else(|| error.to_string())
}

//! The database trait over any SQL engine: what is read, and how one update is made.
//!
//! Batches are in `drain`, the schema in `schema`; the vendors' files only know how to connect.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::NaiveDateTime;

use super::engine::{Bind, Engine};
use super::session::{Session, Sessions, decoded};
use super::statements::Change;
use super::{Alone, Applied, Database, Facts, PendingUpdate, TableCount, Tracking};
use crate::error::{Error, Peer, Result};
use crate::flight::{Flight, FlightId, LogEntry, Position, Queued, Times, Update};

/// A database that speaks SQL.
pub(crate) struct Relational<E: Engine> {
    pub(super) peer: Arc<Peer>,
    /// Connections that commit by themselves.
    pub(super) readers: Sessions<E>,
    /// Connections for transactions.
    pub(super) writers: Sessions<E>,
    /// How this server is told of an update in the fewest trips.
    pub(super) change: &'static Change,
}

impl<E: Engine> Relational<E> {
    pub(super) fn flight(&self, row: &E::Row) -> Result<Flight> {
        decoded(&self.peer, read_flight::<E>(row))
    }

    async fn flights(&self, sql: &'static str, binds: &[Bind]) -> Result<Vec<Flight>> {
        let rows = self.readers.session().await?.rows("SELECT", sql, binds).await?;
        rows.iter().map(|row| self.flight(row)).collect()
    }
}

fn read_flight<E: Engine>(row: &E::Row) -> sqlx::Result<Flight> {
    let id = E::integer(row, 0)?;
    Ok(Flight {
        flight_id: FlightId::try_from(id).map_err(|reason| sqlx::Error::Decode(reason.into()))?,
        flightno: E::text(row, 1)?,
        from_airport: E::text(row, 2)?,
        to_airport: E::text(row, 3)?,
        airlinename: E::text(row, 4)?,
        airline_id: E::integer(row, 5)?,
        airplane_id: E::integer(row, 6)?,
        departure: E::time(row, 7)?,
        arrival: E::time(row, 8)?,
    })
}

fn read_log_entry<E: Engine>(row: &E::Row) -> sqlx::Result<LogEntry> {
    let id = E::integer(row, 2)?;
    Ok(LogEntry {
        log_date: E::time(row, 0)?,
        user: E::text(row, 1)?,
        flight_id: FlightId::try_from(id).map_err(|reason| sqlx::Error::Decode(reason.into()))?,
        old: Times { departure: E::time(row, 3)?, arrival: E::time(row, 4)? },
        new: Times { departure: E::time(row, 5)?, arrival: E::time(row, 6)? },
        comment: E::optional(row, 7)?,
    })
}

#[async_trait]
impl<E: Engine> Database for Relational<E> {
    fn peer(&self) -> &Arc<Peer> {
        &self.peer
    }

    async fn ping(&self) -> Result<()> {
        self.readers.session().await?.rows("SELECT", "SELECT 1", &[]).await.map(|_| ())
    }

    async fn warm(&self) -> Result<()> {
        let mut reader = self.readers.session().await?;
        reader.prepare(E::SQL.find).await?;
        // On engines with one pool this must be the connection that a transaction will get.
        drop(reader);
        let mut writer = self.writers.session().await?;
        let statements = match *self.change {
            Change::AtOnce(change) => vec![change],
            Change::LogFirst { write_log, update } => vec![write_log, update],
            Change::Stepwise { lock, update, write_log } => vec![lock, update, write_log],
        };
        for sql in statements {
            match writer.prepare(sql).await {
                // Whoever may only read is told so by the update itself: a read must not fail by it.
                Ok(()) | Err(Error::Denied { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn find(&self, id: FlightId) -> Result<Option<Flight>> {
        let mut found = self.flights(E::SQL.find, &[Bind::Integer(id.number().into())]).await?;
        Ok(found.pop())
    }

    async fn find_range(&self, first: FlightId, last: FlightId, limit: u32) -> Result<Vec<Flight>> {
        let binds = [first.number().into(), last.number().into(), limit.into()].map(Bind::Integer);
        self.flights(E::SQL.find_range, &binds).await
    }

    async fn search(&self, text: &str, limit: u32) -> Result<Vec<Flight>> {
        // What the user typed is searched for literally: LIKE's own signs are escaped, with the sign that the statements name.
        let pattern = format!("{}%", text.replace('!', "!!").replace('%', "!%").replace('_', "!_"));
        let mut binds = vec![Bind::Text(pattern); 4];
        binds.push(Bind::Integer(limit.into()));
        self.flights(E::SQL.search, &binds).await
    }

    async fn begin(&self, update: &Update) -> Result<Box<dyn PendingUpdate>> {
        let id = update.flight_id();
        let new = update.flight.times();
        let mut session = self.writers.session().await?;
        session.begin().await?;
        let old = match self.change {
            Change::AtOnce(change) => {
                let binds = [
                    Bind::Integer(id.number().into()),
                    Bind::Time(new.departure),
                    Bind::Time(new.arrival),
                    Bind::Time(update.made_at),
                    Bind::Text(update.user.clone()),
                    Bind::Optional(update.comment.clone()),
                ];
                let rows = session.rows("UPDATE", change, &binds).await?;
                match rows.first() {
                    Some(row) => self.flight(row)?,
                    None => return absent(session, id).await,
                }
            }
            Change::LogFirst { write_log, update: change } => {
                let key = Bind::Integer(id.number().into());
                let binds = [
                    Bind::Time(update.made_at),
                    Bind::Text(update.user.clone()),
                    Bind::Time(new.departure),
                    Bind::Time(new.arrival),
                    Bind::Optional(update.comment.clone()),
                    key.clone(),
                ];
                let rows = session.rows("INSERT", write_log, &binds).await?;
                let old = self.flight(rows.first().ok_or(Error::NoSuchFlight(id))?)?;
                session.rows("UPDATE", change, &[Bind::Time(new.departure), Bind::Time(new.arrival), key]).await?;
                old
            }
            Change::Stepwise { lock, update: change, write_log } => {
                let key = Bind::Integer(id.number().into());
                let rows = session.rows("lock", lock, std::slice::from_ref(&key)).await?;
                let old = match rows.first() {
                    Some(row) => self.flight(row)?,
                    None => return absent(session, id).await,
                };
                let binds = [Bind::Time(new.departure), Bind::Time(new.arrival), key.clone()];
                session.rows("UPDATE", change, &binds).await?;
                let binds = [
                    Bind::Time(update.made_at),
                    Bind::Text(update.user.clone()),
                    Bind::Time(old.departure),
                    Bind::Time(old.arrival),
                    Bind::Time(new.departure),
                    Bind::Time(new.arrival),
                    Bind::Optional(update.comment.clone()),
                    key,
                ];
                session.rows("INSERT", write_log, &binds).await?;
                old
            }
        };
        Ok(Box::new(Pending { session, new: old.at(new), old }))
    }

    async fn log(&self, id: FlightId, limit: u32) -> Result<Vec<LogEntry>> {
        let binds = [i64::from(id.number()), i64::from(limit)].map(Bind::Integer);
        let rows = self.readers.session().await?.rows("SELECT", E::SQL.log, &binds).await?;
        rows.iter().map(|row| decoded(&self.peer, read_log_entry::<E>(row))).collect()
    }

    async fn changed_since(&self, moment: NaiveDateTime) -> Result<Vec<FlightId>> {
        let rows = self.readers.session().await?.rows("SELECT", E::SQL.changed_since, &[Bind::Time(moment)]).await?;
        let id =
            |row: &E::Row| FlightId::try_from(E::integer(row, 0)?).map_err(|reason| sqlx::Error::Decode(reason.into()));
        rows.iter().map(|row| decoded(&self.peer, id(row))).collect()
    }

    async fn tracking(&self) -> Result<Tracking> {
        self.prepare_tracking().await
    }

    async fn offset(&self, sequence: &str) -> Result<Option<Position>> {
        self.known_offset(sequence).await
    }

    async fn apply(&self, sequence: &str, batch: &[Queued], tracked: bool) -> Result<Applied> {
        self.apply_batch(sequence, batch, tracked).await
    }

    async fn alone(&self, name: &str) -> Result<Box<dyn Alone>> {
        self.hold(name).await
    }

    async fn facts(&self) -> Result<Facts> {
        self.examine().await
    }

    async fn tables(&self) -> Result<Vec<TableCount>> {
        self.count_tables().await
    }

    async fn init(&self, flights: u32, progress: &(dyn Fn(u32) + Send + Sync)) -> Result<()> {
        self.fill(flights, progress).await
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writers.close().await;
    }
}

/// Ends a transaction that found no flight: MySQL has locked the gap where the flight would be, and nobody could insert there.
async fn absent<E: Engine>(session: Session<E>, id: FlightId) -> Result<Box<dyn PendingUpdate>> {
    session.rollback().await?;
    Err(Error::NoSuchFlight(id))
}

/// An update under its row lock.
struct Pending<E: Engine> {
    session: Session<E>,
    old: Flight,
    new: Flight,
}

#[async_trait]
impl<E: Engine> PendingUpdate for Pending<E> {
    fn before(&self) -> &Flight {
        &self.old
    }

    fn after(&self) -> &Flight {
        &self.new
    }

    async fn commit(self: Box<Self>) -> Result<()> {
        self.session.commit("update").await
    }

    async fn rollback(self: Box<Self>) -> Result<()> {
        self.session.rollback().await
    }
}

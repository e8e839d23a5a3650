//! The database as every pattern sees it: the source of truth, with updates in two phases.
//!
//! [`Database::begin`] locks the row, changes it and writes `flight_log`; the [`PendingUpdate`] that it gives back is then
//! committed or rolled back, so that a pattern can act between the two, under the row lock.

mod deferred;
mod drain;
mod engine;
mod mysql;
mod postgres;
mod relational;
pub mod sample;
mod schema;
mod session;
mod sqlite;
mod statements;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::NaiveDateTime;
use schemars::JsonSchema;
use secrecy::SecretString;
use serde::Serialize;

use crate::error::{Peer, Result};
use crate::flight::{Flight, FlightId, LogEntry, Update};
use crate::flight::{Position, Queued};

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DatabaseKind {
    /// Embedded: a file.
    Sqlite,
    /// A MySQL server.
    Mysql,
    /// A MariaDB server.
    Mariadb,
    /// A PostgreSQL server.
    Postgresql,
}

impl DatabaseKind {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 4] = [Self::Sqlite, Self::Mysql, Self::Mariadb, Self::Postgresql];

    /// What is typed to choose it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Mysql => "mysql",
            Self::Mariadb => "mariadb",
            Self::Postgresql => "postgresql",
        }
    }

    /// What it is called.
    #[must_use]
    pub fn product(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Mysql => "MySQL",
            Self::Mariadb => "MariaDB",
            Self::Postgresql => "PostgreSQL",
        }
    }

    /// The port on which it usually listens.
    #[must_use]
    pub fn port(self) -> u16 {
        match self {
            Self::Sqlite => 0,
            Self::Mysql | Self::Mariadb => 3306,
            Self::Postgresql => 5432,
        }
    }
}

/// How much a connection insists on encryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsMode {
    /// Never encrypted.
    Disable,
    /// Encrypted where the server can.
    Prefer,
    /// Encrypted, whoever answers.
    Require,
    /// Encrypted, and the certificate is signed by a known authority.
    VerifyAuthority,
    /// Likewise, and it names the host that was called.
    VerifyFull,
}

/// How to reach a database.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which database.
    pub kind: DatabaseKind,
    /// The name or address of its machine.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The account.
    pub user: String,
    /// Its password.
    pub password: Option<SecretString>,
    /// The name of the database, or the path of its file.
    pub name: String,
    /// How much to insist on encryption.
    pub tls: TlsMode,
    /// The authority that signed the server's certificate, where it is not a public one.
    pub authority: Option<PathBuf>,
    /// How long a statement may take.
    pub timeout: Duration,
}

impl Settings {
    /// Which database, and where, as it is shown.
    fn peer(&self) -> Peer {
        let address = match self.kind {
            DatabaseKind::Sqlite => self.name.clone(),
            _ => format!("{}/{}", Peer::at(&self.host, self.port), self.name),
        };
        Peer { role: "database", product: self.kind.product(), address }
    }
}

/// Whether the database keeps how far it has applied a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tracking {
    /// In `cachedemo_offset`, in the transaction that applies a batch: each update is applied exactly once.
    Kept,
    /// The account may not keep `cachedemo_offset`, for this reason: an update may be applied again after a crash.
    Unavailable(String),
}

/// What applying a batch did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Applied {
    /// Updates written to `flight_log`.
    pub updates: u64,
    /// Rows of `flight` changed: several updates of one flight are one change.
    pub flights: u64,
    /// Updates that an earlier run had applied already.
    pub skipped: u64,
}

/// What a database says of itself and of what the account may do there.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Facts {
    /// Its version, in the server's own words.
    pub version: String,
    /// Each thing that cachedemo needs or likes.
    pub checks: Vec<Check>,
    /// How many flights there are, and the first and last id.
    pub flights: Option<FlightRange>,
}

/// The extent of the table `flight`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FlightRange {
    /// How many rows.
    pub count: u64,
    /// The least id.
    pub first: i64,
    /// The greatest id.
    pub last: i64,
}

/// One thing that was tried on the database.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Check {
    /// What was tried, such as `SELECT on flight`.
    pub what: &'static str,
    /// Whether a pattern works without it.
    pub needed: bool,
    /// Why it failed, if it did.
    pub problem: Option<String>,
    /// What that costs.
    pub cost: &'static str,
}

/// How many rows each table holds; `None` for a table that is not there.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TableCount {
    /// The table.
    pub table: &'static str,
    /// Its rows.
    pub rows: Option<u64>,
}

/// A database that holds the flughafendb tables.
#[async_trait]
pub trait Database: Send + Sync {
    /// Which database, and where.
    fn peer(&self) -> &Arc<Peer>;

    /// Whether it answers.
    async fn ping(&self) -> Result<()>;

    /// Prepares the statements of the patterns, so that the first use of one does not pay for it.
    async fn warm(&self) -> Result<()>;

    /// The flight with this id.
    async fn find(&self, id: FlightId) -> Result<Option<Flight>>;

    /// The flights with ids from `first` to `last`, at most `limit`, in ascending order.
    async fn find_range(&self, first: FlightId, last: FlightId, limit: u32) -> Result<Vec<Flight>>;

    /// At most `limit` flights whose number, airport or airline begins with `text`.
    async fn search(&self, text: &str, limit: u32) -> Result<Vec<Flight>>;

    /// Locks the flight's row, changes it and writes `flight_log`; nothing is visible to others before the commit.
    ///
    /// # Errors
    /// [`crate::error::Error::NoSuchFlight`] when there is no such row; nothing is left behind on any error.
    async fn begin(&self, update: &Update) -> Result<Box<dyn PendingUpdate>>;

    /// The latest rows of `flight_log` for a flight, newest first. That table has no index: this reads it whole.
    async fn log(&self, id: FlightId, limit: u32) -> Result<Vec<LogEntry>>;

    /// The flights that `flight_log` says have changed at this moment, in UTC, or later, in ascending order. That table has no
    /// index: this reads it whole.
    async fn changed_since(&self, moment: NaiveDateTime) -> Result<Vec<FlightId>>;

    /// Whether `cachedemo_offset` can be kept. Creates it where it may.
    async fn tracking(&self) -> Result<Tracking>;

    /// How far this database has applied a sequence of updates, where it keeps that.
    async fn offset(&self, sequence: &str) -> Result<Option<Position>>;

    /// Applies a batch in one transaction, together with the sequence's new offset: what lies at or before the offset that the
    /// database knows is skipped. With `tracked` false the offset is neither read nor kept.
    ///
    /// # Errors
    /// [`crate::error::Error::Poisoned`] names an update of a flight that is not there, [`crate::error::Error::Unacceptable`]
    /// says that the database does not take one of them. Nothing was applied then.
    async fn apply(&self, sequence: &str, batch: &[Queued], tracked: bool) -> Result<Applied>;

    /// Waits until nobody else holds this name, and holds it until the guard is released or its connection ends. For workers
    /// that must not overlap because no offset is kept.
    async fn alone(&self, name: &str) -> Result<Box<dyn Alone>>;

    /// What it says of itself and what the account may do. Changes nothing.
    async fn facts(&self) -> Result<Facts>;

    /// How many rows each table of the schema holds.
    async fn tables(&self) -> Result<Vec<TableCount>>;

    /// Creates the schema and fills it with sample data of `flights` flights, reporting how many are there.
    async fn init(&self, flights: u32, progress: &(dyn Fn(u32) + Send + Sync)) -> Result<()>;

    /// Ends all connections.
    async fn close(&self);
}

/// An update that is written and locked, and not yet committed. Dropping it rolls it back.
#[async_trait]
pub trait PendingUpdate: Send {
    /// The flight as it was.
    fn before(&self) -> &Flight;

    /// The flight as it will be.
    fn after(&self) -> &Flight;

    /// Makes it visible to everybody.
    ///
    /// # Errors
    /// [`crate::error::Error::OutcomeUnknown`] when no answer came; any other error means that nothing was committed.
    async fn commit(self: Box<Self>) -> Result<()>;

    /// Undoes it.
    async fn rollback(self: Box<Self>) -> Result<()>;
}

/// A name that is held. Dropping it without releasing it closes its connection, which releases it as well.
#[async_trait]
pub trait Alone: Send {
    /// Lets the next one have it.
    async fn release(self: Box<Self>) -> Result<()>;
}

/// Makes the client of a database and sees that it answers.
///
/// # Errors
/// When it does not answer, refuses the log-in, or has no database of that name.
pub async fn connect(settings: &Settings) -> Result<Arc<dyn Database>> {
    Ok(match settings.kind {
        DatabaseKind::Sqlite => Arc::new(sqlite::connect(settings).await?),
        DatabaseKind::Mysql | DatabaseKind::Mariadb => Arc::new(mysql::connect(settings).await?),
        DatabaseKind::Postgresql => Arc::new(postgres::connect(settings).await?),
    })
}

/// Makes the client of a database that need not answer yet: it is connected when it is first needed.
#[must_use]
pub fn connect_later(settings: &Settings) -> Arc<dyn Database> {
    Arc::new(deferred::Deferred::new(settings.clone()))
}

/// Whether `settings` name an embedded database that does not exist yet.
#[must_use]
pub fn is_absent(settings: &Settings) -> bool {
    settings.kind == DatabaseKind::Sqlite && !std::path::Path::new(&settings.name).exists()
}

/// Creates an embedded database that is absent, with the schema and `flights` sample flights.
///
/// # Errors
/// When the file cannot be written.
pub async fn create(settings: &Settings, flights: u32, progress: &(dyn Fn(u32) + Send + Sync)) -> Result<()> {
    sqlite::create(settings, flights, progress).await
}

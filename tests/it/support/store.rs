//! A database to test with, embedded or a server, that tests can look into without the code under test.

use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection};
use tempfile::TempDir;

use super::command::Cachedemo;
use super::server::{Kind, Server};
use super::settings::{self, Settings, Way};

/// How `flight_log` is read in the order in which it was written: it has no key, so each engine's own order is used.
const ROWS: &str = "SELECT concat_ws('|', flight_id, \"user\", departure_old, arrival_old, departure_new, arrival_new, \
     coalesce(comment, '-')) FROM flight_log";

/// A database.
pub enum Store {
    /// A SQLite file in this folder.
    File(TempDir),
    /// A server.
    Server(Box<Server>),
}

impl Store {
    /// An embedded one.
    pub fn embedded() -> Self {
        Self::File(TempDir::new().expect("the temporary folder is writable"))
    }

    /// A server; `None` when it is not installed.
    pub fn start(kind: Kind) -> Option<Self> {
        Server::start(kind).map(|server| Self::Server(Box::new(server)))
    }

    /// The same, with the tables and this many sample flights.
    pub fn filled(self, flights: u32) -> Self {
        let command = Cachedemo::new().args(["db", "init", "--flights", &flights.to_string()]);
        let output = Way::Environment.give(command, &self.settings()).run();
        assert_eq!(output.code, Some(0), "{output:?}");
        self
    }

    /// How to reach it.
    pub fn settings(&self) -> Settings {
        match self {
            Self::File(folder) => settings::of_file(&folder.path().join("flights.sqlite3")),
            Self::Server(server) => settings::of(server),
        }
    }

    /// The rows that a statement gives, each a single text.
    pub fn rows(&self, statement: &str) -> Vec<String> {
        let statement = statement.to_owned();
        match self {
            Self::Server(server) => server.sql(&statement).lines().map(str::to_owned).collect(),
            Self::File(folder) => {
                let file = folder.path().join("flights.sqlite3");
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.expect("a runtime can be made").block_on(async {
                    let url = format!("sqlite:{}", file.display());
                    let mut connection = SqliteConnection::connect(&url).await.expect("the file is a database");
                    let rows = sqlx::raw_sql(AssertSqlSafe(statement)).fetch_all(&mut connection).await;
                    let rows = rows.expect("the statement is valid");
                    connection.close().await.expect("nothing else uses this connection");
                    rows.iter().map(|row| row.get(0)).collect()
                })
            }
        }
    }

    /// Departure and arrival of a flight.
    pub fn times(&self, flight: u32) -> String {
        let from = format!("FROM flight WHERE flight_id = {flight}");
        self.rows(&format!("SELECT concat_ws('|', departure, arrival) {from}")).join("\n")
    }

    /// Every row of `flight_log`, oldest first.
    pub fn log(&self) -> Vec<String> {
        match self {
            Self::File(_) => self.rows(&format!("{ROWS} ORDER BY rowid")),
            Self::Server(server) if server.kind() == Kind::Postgres => self.rows(&format!("{ROWS} ORDER BY ctid")),
            Self::Server(_) => self.rows(&ROWS.replace('"', "`")),
        }
    }
}

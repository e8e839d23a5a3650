//! What a test of a database stands on: a database of its own, the way to look into it past the code under test, and updates.
//!
//! Most tests share one server of a kind and have a database each, because a server takes longer to start than a test to run.
//! Those that kill or stop their server have one alone.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use cachedemo::database::{self, Database, DatabaseKind, Settings, TlsMode};
use cachedemo::flight::{Flight, FlightId, Times, Update};
use cachedemo::flight::{Position, Queued};
use chrono::{NaiveDateTime, TimeDelta};
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};
use tempfile::TempDir;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use crate::support::server::{Kind, Server};

/// Longer than any test, so that only those end in a time-out that ask for it.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
/// For tests that wait for its end, and in which nothing else has to be done within it.
pub(super) const SHORT: Duration = Duration::from_secs(1);

/// Where the database of a test is.
enum Place {
    File(TempDir),
    Shared(&'static Server),
    Alone(Server),
}

/// A database of its own.
pub(super) struct Fixture {
    /// How to reach it as its owner.
    pub(super) settings: Settings,
    place: Place,
}

impl Fixture {
    /// A database without tables; `None` where the server is not installed.
    pub(super) fn empty(kind: DatabaseKind) -> Option<Self> {
        static MYSQL: OnceLock<Option<Server>> = OnceLock::new();
        static MARIADB: OnceLock<Option<Server>> = OnceLock::new();
        static POSTGRES: OnceLock<Option<Server>> = OnceLock::new();
        let shared = match kind {
            DatabaseKind::Sqlite => return Some(Self::file()),
            DatabaseKind::Mysql => &MYSQL,
            DatabaseKind::Mariadb => &MARIADB,
            DatabaseKind::Postgresql => &POSTGRES,
        };
        let server = shared.get_or_init(|| Server::start(server_kind(kind))).as_ref()?;
        let settings = settings(kind, server);
        server.sql(&format!("CREATE DATABASE {}", settings.name));
        Some(Self { settings, place: Place::Shared(server) })
    }

    /// A database with the schema and `flights` sample flights.
    pub(super) async fn filled(kind: DatabaseKind, flights: u32) -> Option<Self> {
        let fixture = Self::empty(kind)?;
        fixture.fill(flights).await;
        Some(fixture)
    }

    /// Likewise, on a server that nobody else uses; `None` for an embedded database, which has none.
    pub(super) async fn alone(kind: DatabaseKind, flights: u32) -> Option<Self> {
        let server = Server::start(server_kind(kind))?;
        let settings = settings(kind, &server);
        server.sql(&format!("CREATE DATABASE {}", settings.name));
        let fixture = Self { settings, place: Place::Alone(server) };
        fixture.fill(flights).await;
        Some(fixture)
    }

    fn file() -> Self {
        let folder = TempDir::new().expect("the temporary folder is writable");
        let path = folder.path().join("flughafendb.sqlite");
        // To SQLite a file without content is a database without tables.
        std::fs::write(&path, "").expect("the temporary folder is writable");
        let settings = Settings {
            kind: DatabaseKind::Sqlite,
            host: String::new(),
            port: 0,
            user: String::new(),
            password: None,
            name: path.display().to_string(),
            tls: TlsMode::Disable,
            authority: None,
            timeout: PATIENCE,
        };
        Self { settings, place: Place::File(folder) }
    }

    async fn fill(&self, flights: u32) {
        let database = self.connect().await;
        database.init(flights, &|_| ()).await.unwrap();
        database.close().await;
    }

    /// Connections of its own, as another process would have them.
    pub(super) async fn connect(&self) -> Arc<dyn Database> {
        database::connect(&self.settings).await.unwrap()
    }

    /// Likewise, for somebody who waits no longer than this.
    pub(super) async fn connect_within(&self, timeout: Duration) -> Arc<dyn Database> {
        let settings = Settings { timeout, ..self.settings.clone() };
        database::connect(&settings).await.unwrap()
    }

    /// Runs SQL with the database's own client and gives what it prints: tabs between columns.
    pub(super) fn sql(&self, statements: &str) -> String {
        let output = match &self.place {
            Place::File(_) => block_in_place(|| Handle::current().block_on(in_file(&self.settings.name, statements))),
            Place::Shared(server) => server.sql_in(&self.settings.name, statements),
            Place::Alone(server) => server.sql_in(&self.settings.name, statements),
        };
        output.trim_end_matches('\n').to_owned()
    }

    /// A single number out of the database.
    pub(super) fn count(&self, query: &str) -> u64 {
        self.sql(query).trim().parse().expect("the query gives a number")
    }

    /// The names of all tables that there are, sorted.
    pub(super) fn table_names(&self) -> String {
        self.sql(match self.settings.kind {
            DatabaseKind::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
            DatabaseKind::Mysql | DatabaseKind::Mariadb => {
                "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name"
            }
            DatabaseKind::Postgresql => {
                "SELECT table_name FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY table_name"
            }
        })
    }

    /// A column's name in the quotes of this database.
    pub(super) fn quoted(&self, name: &str) -> String {
        match self.settings.kind {
            DatabaseKind::Mysql | DatabaseKind::Mariadb => format!("`{name}`"),
            DatabaseKind::Sqlite | DatabaseKind::Postgresql => format!("\"{name}\""),
        }
    }

    /// The schema as it is kept in `sql/`, for whoever makes the tables without this program.
    pub(super) fn schema(&self) -> &'static str {
        match self.settings.kind {
            DatabaseKind::Sqlite => include_str!("../../../../sql/sqlite/schema.sql"),
            DatabaseKind::Mysql | DatabaseKind::Mariadb => include_str!("../../../../sql/mysql/schema.sql"),
            DatabaseKind::Postgresql => include_str!("../../../../sql/postgres/schema.sql"),
        }
    }

    /// The server that is this test's alone.
    pub(super) fn server(&mut self) -> &mut Server {
        match &mut self.place {
            Place::Alone(server) => server,
            Place::File(_) | Place::Shared(_) => panic!("this test's server is not its own"),
        }
    }

    /// The folder of an embedded database.
    pub(super) fn folder(&self) -> &Path {
        match &self.place {
            Place::File(folder) => folder.path(),
            Place::Shared(_) | Place::Alone(_) => panic!("a server's folder is its own affair"),
        }
    }
}

/// What the client of a server does, for a file: only the driver is at hand everywhere.
async fn in_file(path: &str, statements: &str) -> String {
    let options = SqliteConnectOptions::new().filename(path).busy_timeout(PATIENCE);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let rows = sqlx::raw_sql(AssertSqlSafe(statements)).fetch_all(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let cell =
        |row: &SqliteRow, column| row.try_get_unchecked::<Option<String>, _>(column).unwrap().unwrap_or_default();
    let line = |row: &SqliteRow| (0..row.len()).map(|column| cell(row, column)).collect::<Vec<_>>().join("\t");
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The harness's word for it.
pub(super) fn server_kind(kind: DatabaseKind) -> Kind {
    match kind {
        DatabaseKind::Mysql => Kind::MySql,
        DatabaseKind::Mariadb => Kind::MariaDb,
        DatabaseKind::Postgresql => Kind::Postgres,
        DatabaseKind::Sqlite => panic!("SQLite has no server"),
    }
}

fn settings(kind: DatabaseKind, server: &Server) -> Settings {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    Settings {
        kind,
        host: server.host().into(),
        port: server.port(),
        user: server.user().into(),
        password: Some(server.password().into()),
        name: format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed)),
        tls: TlsMode::Prefer,
        authority: None,
        timeout: PATIENCE,
    }
}

/// A flight's id.
pub(super) fn id(number: i64) -> FlightId {
    FlightId::try_from(number).unwrap()
}

/// A time as it is written in a test.
pub(super) fn time(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap()
}

/// An update that moves a flight by so many minutes.
pub(super) fn moved(flight: &Flight, minutes: i64) -> Update {
    let by = TimeDelta::minutes(minutes);
    Update {
        id: format!("moved by {minutes}"),
        flight: flight.at(Times { departure: flight.departure + by, arrival: flight.arrival + by }),
        user: "tester".into(),
        comment: Some(format!("moved by {minutes}")),
        made_at: time("2025-11-19 08:07:06") + TimeDelta::seconds(minutes),
    }
}

/// The same update in a place of the queue.
pub(super) fn queued(place: u64, update: Update) -> Queued {
    Queued { position: Position { major: place, minor: 0 }, update }
}

/// The flight that must be there.
pub(super) async fn find(database: &Arc<dyn Database>, number: i64) -> Flight {
    database.find(id(number)).await.unwrap().expect("the sample data holds this flight")
}

/// Follows `flight_log` of a flight from `start` along old → new, where every new state is another one: the comments on the
/// way, and where it ends. The table has no order, so the chain itself is what shows in which order the updates were made.
pub(super) async fn chain(database: &Arc<dyn Database>, start: &Flight) -> (Vec<String>, Times) {
    let mut left = database.log(start.flight_id, u32::from(u16::MAX)).await.unwrap();
    let mut comments = Vec::new();
    let mut current = start.times();
    while let Some(next) = left.iter().position(|entry| entry.old == current) {
        let entry = left.swap_remove(next);
        current = entry.new;
        comments.push(entry.comment.unwrap_or_default());
    }
    assert!(left.is_empty(), "{} updates hang on no other after {comments:?}: {left:?}", left.len());
    (comments, current)
}

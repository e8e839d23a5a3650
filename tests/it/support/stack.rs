//! A database and a cache that walk-throughs run against, and a home that they share.
//!
//! What a walk-through must leave alone is read past the program: from the database itself, and from the program's own
//! files.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use super::command::{Cachedemo, Output};
use super::server::{Kind, Server};
use super::terminal::Terminal;

/// A walk-through, as its steps are numbered.
#[derive(Clone, Copy, Debug)]
pub struct Script {
    /// What is typed for it.
    pub pattern: &'static str,
    /// How many steps it has.
    pub steps: usize,
    /// The step that changes the flight.
    pub update: usize,
    /// The step that puts it back.
    pub restore: usize,
}

/// Every pattern.
pub const PATTERNS: [&str; 6] =
    ["cache-aside", "read-through", "write-through", "write-around", "write-behind", "refresh-ahead"];

/// Every walk-through that waits for nothing.
pub const SCRIPTS: [Script; 5] = [
    Script { pattern: "cache-aside", steps: 8, update: 3, restore: 7 },
    Script { pattern: "read-through", steps: 8, update: 3, restore: 7 },
    Script { pattern: "write-through", steps: 6, update: 3, restore: 6 },
    Script { pattern: "write-around", steps: 9, update: 3, restore: 8 },
    Script { pattern: "write-behind", steps: 10, update: 3, restore: 9 },
];

/// The one that waits, for entries to come to their end: some seconds each time.
pub const WAITING: Script = Script { pattern: "refresh-ahead", steps: 9, update: 6, restore: 8 };

/// The walk-through of one pattern.
pub fn script(pattern: &str) -> Script {
    SCRIPTS.into_iter().chain([WAITING]).find(|script| script.pattern == pattern).expect("it is a pattern")
}

/// What a stop of an interactive walk-through ends with.
pub const OFFER: &str = "[q] quit > ";

/// Where walk-throughs run.
pub struct Stack {
    home: Arc<TempDir>,
    /// `None`: the embedded one.
    pub database: Option<Server>,
    /// `None`: the one in the process.
    pub cache: Option<Server>,
}

impl Stack {
    /// The embedded database and the cache in the process.
    pub fn embedded() -> Self {
        Self::filled(None, None)
    }

    /// The embedded database and a cache server that writes everything to its disk, if it can; `None` when it is missing.
    pub fn with_cache(kind: Kind) -> Option<Self> {
        Some(Self::filled(None, Some(cache(kind)?)))
    }

    /// The embedded database and this cache server.
    pub fn on(cache: Server) -> Self {
        Self::filled(None, Some(cache))
    }

    /// Two servers; `None` when one is not installed.
    pub fn of(database: Kind, kind: Kind) -> Option<Self> {
        Some(Self::filled(Some(Server::start(database)?), Some(cache(kind)?)))
    }

    fn filled(database: Option<Server>, cache: Option<Server>) -> Self {
        let home = Arc::new(TempDir::new().expect("the temporary folder is writable"));
        let stack = Self { home, database, cache };
        let output = stack.run(&["db", "init", "--flights", "100"]);
        assert_eq!(output.code, Some(0), "{output:?}");
        stack
    }

    /// A command in this home, with these servers.
    pub fn command(&self, arguments: &[&str]) -> Cachedemo {
        self.settled(Cachedemo::new().args(arguments))
    }

    /// The program behind a line of shell, which finds it in `$0`.
    pub fn shell(&self, line: &str) -> Cachedemo {
        let program = env!("CARGO_BIN_EXE_cachedemo");
        self.settled(Cachedemo::program(Path::new("/bin/sh")).args(["-c", line, program]))
    }

    fn settled(&self, command: Cachedemo) -> Cachedemo {
        let mut command = command.with_home(&self.home);
        if let Some(database) = &self.database {
            command = command.env("DATABASE_URL", database.url());
        }
        if let Some(cache) = &self.cache {
            // The harness writes the scheme as another client wants it.
            command = command.env("CACHE_URL", cache.url().replacen("memcache:", "memcached:", 1));
        }
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).run()
    }

    /// A folder for what a test leaves beside the program's files.
    pub fn folder(&self) -> &Path {
        self.home.path()
    }

    /// The embedded database's file.
    pub fn file(&self) -> PathBuf {
        self.home.path().join(".local/share/cachedemo/flughafendb.sqlite3")
    }

    /// Starts a walk-through that stops before each step.
    pub fn interactive(&self, pattern: &str) -> Terminal {
        // A busy machine must not look like an outage.
        Terminal::open(&self.command(&[pattern, "--interactive"]).env("CACHE_TIMEOUT", "10s"), 100, 40)
    }

    /// Starts one and goes to the stop before a step.
    pub fn at_stop(&self, pattern: &str, step: usize) -> Terminal {
        let mut terminal = self.interactive(pattern);
        for passed in 1..step {
            stop(&mut terminal, passed);
            terminal.send_line("");
        }
        stop(&mut terminal, step);
        terminal
    }

    /// Asks the database itself; a row a line, tabs between columns.
    pub fn sql(&self, statement: &str) -> String {
        match &self.database {
            Some(server) => server.sql(statement),
            None => self.embedded_sql(statement),
        }
    }

    fn embedded_sql(&self, statement: &str) -> String {
        use sqlx::Row as _;
        runtime().block_on(async {
            let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", self.file().display()))
                .await
                .expect("the embedded database is there");
            let statement = sqlx::AssertSqlSafe(statement.to_owned());
            let rows = sqlx::query(statement).fetch_all(&pool).await.expect("the statement is right");
            pool.close().await;
            let line = |row: &sqlx::sqlite::SqliteRow| {
                let cells = (0..row.len()).map(|index| row.get_unchecked::<String, _>(index));
                cells.collect::<Vec<_>>().join("\t")
            };
            rows.iter().map(line).collect::<Vec<_>>().join("\n")
        })
    }

    /// When a flight departs and arrives, as the database has it.
    pub fn times(&self, flight: u32) -> String {
        self.sql(&format!("SELECT departure, arrival FROM flight WHERE flight_id = {flight}")).trim().to_owned()
    }

    /// How many changes of a flight are logged.
    pub fn logged(&self, flight: u32) -> u32 {
        let answer = self.sql(&format!("SELECT concat('', COUNT(*)) FROM flight_log WHERE flight_id = {flight}"));
        answer.trim().parse().unwrap_or_else(|_| panic!("{answer:?} is no number"))
    }

    /// Asserts that a flight is as it was, that its cache entry agrees, and that nothing is queued.
    pub fn assert_unharmed(&self, original: &str, context: &str) {
        assert_eq!(self.times(1), original, "{context}: the flight is not as it was");
        let verified = self.run(&["write-behind", "verify"]);
        assert_eq!(verified.code, Some(0), "{context}: {}{}", verified.stdout, verified.stderr);
        let queue = self.run(&["--format", "json", "write-behind", "queue", "status"]).stdout;
        assert!(queue.contains("\"length\":0,"), "{context}: {queue}");
    }
}

fn cache(kind: Kind) -> Option<Server> {
    match kind {
        Kind::Memcached => Server::start(kind),
        _ => Server::builder(kind).append_only().start(),
    }
}

/// Waits for the stop before a step.
pub fn stop(terminal: &mut Terminal, step: usize) {
    terminal.expect(&format!("next: [STEP {step}]"));
    terminal.expect(OFFER);
}

/// What a test itself runs on where it speaks to the embedded database.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("the system gives us an event loop")
}

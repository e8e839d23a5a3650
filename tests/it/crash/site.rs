//! The servers of a run, how everybody reaches them, and what they hold, read past the program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use cachedemo::config::Config;
use redis::Commands as _;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, SqliteConnection};

use crate::support::command::Cachedemo;
use crate::support::lab;
use crate::support::server::{Kind, Server};
use crate::support::stack::{Stack, runtime};

/// A row of `flight_log`.
#[derive(Clone, Debug)]
pub(super) struct Logged {
    pub(super) flight: i32,
    pub(super) old: String,
    pub(super) new: String,
    pub(super) comment: String,
}

/// A database, a cache and a queue.
pub(super) struct Site {
    /// What the run is called.
    pub(super) name: &'static str,
    stack: Stack,
    partitions: u32,
}

impl Site {
    /// Filled and ready; `None` where a server is not installed. Neither of them: the embedded ones, with the journal.
    pub(super) fn start(
        name: &'static str,
        database: Option<Kind>,
        cache: Option<Kind>,
        partitions: u32,
    ) -> Option<Self> {
        let stack = match (database, cache) {
            (Some(database), Some(cache)) => Stack::of(database, cache)?,
            _ => Stack::embedded(),
        };
        Some(Self { name, stack, partitions })
    }

    /// Small batches that do not wait, and short pauses: as many moments as possible at which something can be killed.
    fn settings(&self) -> Vec<(&'static str, String)> {
        // A batch takes the embedded database so little time that there must be more of them.
        let batch = if self.has_servers() { "10" } else { "3" };
        let mut settings = vec![
            ("QUEUE_PARTITIONS", self.partitions.to_string()),
            ("QUEUE_BATCH_SIZE", batch.to_owned()),
            ("QUEUE_PROCESS_INTERVAL", "5ms".to_owned()),
            ("QUEUE_RETRY_DELAY", "20ms".to_owned()),
            ("QUEUE_RETRY_MAX_DELAY", "200ms".to_owned()),
            ("DB_TIMEOUT", "2s".to_owned()),
        ];
        if let Some(database) = &self.stack.database {
            settings.push(("DATABASE_URL", lab::url(database)));
        }
        if let Some(cache) = &self.stack.cache {
            settings.push(("CACHE_URL", lab::url(cache)));
        }
        settings
    }

    /// A process in this place.
    pub(super) fn command(&self, arguments: &[&str]) -> Cachedemo {
        self.settings()
            .into_iter()
            .fold(self.stack.command(arguments), |command, (name, value)| command.env(name, value))
    }

    /// The same settings for whoever is no process of its own.
    pub(super) fn config(&self) -> Config {
        lab::config(&self.stack, &self.settings())
    }

    /// Where a test may leave files.
    pub(super) fn folder(&self) -> &Path {
        self.stack.folder()
    }

    /// Whether there is anything to kill but processes of ours.
    pub(super) fn has_servers(&self) -> bool {
        self.stack.database.is_some()
    }

    /// The database server.
    pub(super) fn database(&mut self) -> &mut Server {
        self.stack.database.as_mut().unwrap()
    }

    /// The cache server.
    pub(super) fn cache(&mut self) -> &mut Server {
        self.stack.cache.as_mut().unwrap()
    }

    /// Forgets which workers there are.
    pub(super) fn forget_attendance(&self) {
        match self.redis() {
            Some(mut redis) => redis.del("flight:workers").unwrap(),
            None => self.dismiss_from_journal(),
        }
    }

    /// Without waiting for the journal's lock: a worker that is held still may have it, and only we let that one go on.
    fn dismiss_from_journal(&self) {
        let Some(file) = self.journal_file() else { return };
        runtime().block_on(async {
            let options = SqliteConnectOptions::new().filename(file).busy_timeout(Duration::ZERO);
            let mut connection = options.connect().await.unwrap();
            match sqlx::query("DELETE FROM workers").execute(&mut connection).await {
                Err(error) if !error.to_string().contains("locked") => panic!("{error}"),
                _ => connection.close().await.unwrap(),
            }
        });
    }

    fn redis(&self) -> Option<redis::Connection> {
        let server = self.stack.cache.as_ref()?;
        Some(redis::Client::open(server.url()).unwrap().get_connection().unwrap())
    }

    /// The journal, once something was queued.
    fn journal_file(&self) -> Option<PathBuf> {
        let files = std::fs::read_dir(self.stack.folder().join(".local/share/cachedemo/queue")).ok()?;
        let files = files.map(|entry| entry.unwrap().path());
        let mut journals = files.filter(|path| path.extension().is_some_and(|extension| extension == "sqlite3"));
        let journal = journals.next();
        assert_eq!(journals.next(), None, "writers and workers do not use the same journal");
        journal
    }

    /// Runs a statement on the journal; the number that it gives, 0 where it gives none.
    fn journal(&self, statement: &'static str) -> i64 {
        let Some(file) = self.journal_file() else { return 0 };
        runtime().block_on(async {
            let mut connection = SqliteConnection::connect(&format!("sqlite:{}", file.display())).await.unwrap();
            let number = sqlx::query_scalar(statement).fetch_optional(&mut connection).await.unwrap();
            connection.close().await.unwrap();
            number.unwrap_or(0)
        })
    }

    /// Every flight's departure.
    pub(super) fn flights(&self) -> BTreeMap<i32, String> {
        let rows = self.stack.sql("SELECT concat_ws('|', flight_id, departure) FROM flight");
        let pair = |row: &str| row.split_once('|').map(|(id, departure)| (id.parse().unwrap(), departure.to_owned()));
        rows.lines().map(|row| pair(row).unwrap()).collect()
    }

    /// All of `flight_log`, in no particular order: the departures say the order.
    pub(super) fn log(&self) -> Vec<Logged> {
        let rows =
            self.stack.sql("SELECT concat_ws('|', flight_id, departure_old, departure_new, comment) FROM flight_log");
        let read = |row: &str| {
            let mut cells = row.split('|').map(str::to_owned);
            let mut next = || cells.next().unwrap_or_default();
            Logged { flight: next().parse().unwrap(), old: next(), new: next(), comment: next() }
        };
        rows.lines().map(read).collect()
    }

    /// In how many transactions `flight_log` was written, where the database can tell.
    pub(super) fn batches(&self) -> Option<u32> {
        let is_postgres = self.stack.database.as_ref().is_some_and(|server| server.kind() == Kind::Postgres);
        is_postgres.then(|| self.stack.sql("SELECT count(DISTINCT xmin::text) FROM flight_log").trim().parse().unwrap())
    }

    /// What is left of the queue, thing by thing.
    pub(super) fn left_over(&self) -> Vec<(String, i64)> {
        let Some(mut redis) = self.redis() else {
            return vec![
                ("updates in the journal".to_owned(), self.journal("SELECT count(*) FROM updates")),
                ("dead letters in the journal".to_owned(), self.journal("SELECT count(*) FROM dead_letters")),
            ];
        };
        let mut left = Vec::new();
        for partition in 0..self.partitions {
            let suffix = if self.partitions == 1 { String::new() } else { format!(":{partition}/{}", self.partitions) };
            for (command, key) in [("XLEN", "flight:updates"), ("HLEN", "flight:pending"), ("XLEN", "flight:dead")] {
                let key = format!("{key}{suffix}");
                let count = redis::cmd(command).arg(&key).query(&mut redis).unwrap();
                left.push((format!("{command} {key}"), count));
            }
        }
        left
    }

    /// The departure in every cache entry that there is.
    pub(super) fn entries(&self, flights: u32) -> BTreeMap<i32, String> {
        let Some(mut redis) = self.redis() else { return BTreeMap::new() };
        let mut entries = BTreeMap::new();
        for id in 1..=i32::try_from(flights).unwrap() {
            let text: Option<String> = redis.get(format!("flight:{id}")).unwrap();
            let Some(text) = text else { continue };
            let flight: serde_json::Value = serde_json::from_str(&text).unwrap();
            if let Some(departure) = flight["departure"].as_str() {
                entries.insert(id, departure.replacen('T', " ", 1));
            }
        }
        entries
    }
}

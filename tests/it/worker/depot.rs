//! A place where updates are queued and applied: servers, settings, processes, and a look past the program.

use std::collections::BTreeMap;
use std::time::Duration;

use cachedemo::flight::{Flight, FlightId, Times, Update};
use cachedemo::lab::Lab;
use chrono::{NaiveDateTime, TimeDelta};
use serde_json::Value;

use crate::scene::{of, parsed};
use crate::support::command::{Cachedemo, Output, Running};
use crate::support::deadline;
use crate::support::lab;
use crate::support::server::Kind;
use crate::support::stack::{Stack, runtime};

/// Longer than anything here takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Servers, and the settings with which everybody uses them.
pub(super) struct Depot {
    pub(super) stack: Stack,
    settings: BTreeMap<&'static str, String>,
}

impl Depot {
    /// Filled with fifty flights; `None` where a server is not installed. Without servers: the embedded ones.
    pub(super) fn start(database: Option<Kind>, cache: Option<Kind>) -> Option<Self> {
        let stack = match (database, cache) {
            (Some(database), Some(cache)) => Stack::of(database, cache)?,
            _ => Stack::embedded(),
        };
        let mut depot = Self { stack, settings: BTreeMap::new() };
        if let Some(server) = &depot.stack.database {
            depot.settings.insert("DATABASE_URL", lab::url(server));
        }
        if let Some(server) = &depot.stack.cache {
            depot.settings.insert("CACHE_URL", lab::url(server));
            // A busy machine must not look like an outage.
            depot.settings.insert("CACHE_TIMEOUT", "10s".into());
        }
        depot.settings.insert("QUEUE_PROCESS_INTERVAL", "20ms".into());
        Some(depot)
    }

    /// The same with one more setting.
    pub(super) fn set(mut self, name: &'static str, value: &str) -> Self {
        self.settings.insert(name, value.to_owned());
        self
    }

    /// A command that is typed as these words.
    pub(super) fn command(&self, line: &str) -> Cachedemo {
        let words: Vec<&str> = line.split(' ').collect();
        let command = self.stack.command(&words).env("NO_COLOR", "1");
        self.settings.iter().fold(command, |command, (name, value)| command.env(name, value))
    }

    /// Runs a command.
    pub(super) fn run(&self, line: &str) -> Output {
        self.command(line).run()
    }

    /// Runs a command that must end with this code, and gives its events.
    pub(super) fn events(&self, line: &str, code: i32) -> Vec<Value> {
        let output = self.command(&format!("{line} --format json")).run();
        assert_eq!(output.code, Some(code), "{line}: {}{}", output.stdout, output.stderr);
        parsed(&output.stdout)
    }

    /// Starts a worker.
    pub(super) fn worker(&self, flags: &str) -> Running {
        let line = format!("write-behind worker --format json {flags}");
        self.command(line.trim_end()).limit(PATIENCE).spawn()
    }

    /// What `queue status` says.
    pub(super) fn status(&self) -> Value {
        of(&self.events("write-behind queue status", 0), "queue").next().unwrap().clone()
    }

    /// Waits until the queue holds so many updates.
    pub(super) fn wait_for_length(&self, length: u64) {
        let reached = deadline::poll(PATIENCE, || (self.status()["length"] == length).then_some(()));
        assert!(reached.is_some(), "the queue does not come to {length}: {}", self.status());
    }

    /// Waits for something else.
    pub(super) fn wait_until(&self, what: &str, is_so: impl FnMut() -> bool) {
        let mut is_so = is_so;
        assert!(deadline::poll(PATIENCE, || is_so().then_some(())).is_some(), "it never came to this: {what}");
    }

    /// Does something with a laboratory of our own.
    pub(super) fn with_lab<T>(&self, work: impl AsyncFnOnce(Lab) -> T) -> T {
        let settings: Vec<_> = self.settings.iter().map(|(name, value)| (*name, value.clone())).collect();
        let config = lab::config(&self.stack, &settings);
        runtime().block_on(async { work(lab::lab(&config).await).await })
    }

    /// Queues updates, in order: each moves its flight to `minutes` after its first departure, and says so in its comment.
    pub(super) fn enqueue(&self, changes: &[(i64, i64)]) {
        self.with_lab(async |lab| {
            for (flight, minutes) in changes {
                let update = planned(&lab, *flight, *minutes, &comment(*flight, *minutes)).await;
                lab.pattern().update(&update).await.unwrap();
            }
        });
    }

    /// The comments in `flight_log`, in no particular order.
    pub(super) fn comments(&self) -> Vec<String> {
        let mut comments: Vec<String> =
            self.stack.sql("SELECT comment FROM flight_log").lines().map(str::to_owned).collect();
        comments.sort();
        comments
    }

    /// The comments of a flight's changes in the order in which each begins where the one before it ended.
    pub(super) fn chain(&self, flight: i64) -> Vec<String> {
        let rows = self.stack.sql(&format!(
            "SELECT concat_ws('|', departure_old, departure_new, coalesce(comment, '-')) FROM flight_log
             WHERE flight_id = {flight}"
        ));
        let mut steps: BTreeMap<String, (String, String)> = BTreeMap::new();
        for row in rows.lines() {
            let cells: Vec<&str> = row.split('|').collect();
            let before = steps.insert(cells[0].to_owned(), (cells[1].to_owned(), cells[2].to_owned()));
            assert_eq!(before, None, "two changes of flight {flight} begin at {}", cells[0]);
        }
        let ends: Vec<String> = steps.values().map(|(end, _)| end.clone()).collect();
        let Some(mut at) = steps.keys().find(|begin| !ends.contains(begin)).cloned() else { return Vec::new() };
        let mut chain = Vec::new();
        while let Some((end, comment)) = steps.remove(&at) {
            chain.push(comment);
            at = end;
        }
        assert!(steps.is_empty(), "the chain of flight {flight} is broken: {steps:?}");
        assert!(self.stack.times(u32::try_from(flight).unwrap()).starts_with(&at), "the row is not where the log ends");
        chain
    }

    /// Until when the workers say that they are there.
    pub(super) fn attendance(&self) -> Vec<String> {
        match self.client() {
            Some(mut client) => {
                let pairs: Vec<String> =
                    redis::cmd("ZRANGE").arg(&["flight:workers", "0", "-1", "WITHSCORES"]).query(&mut client).unwrap();
                pairs.chunks(2).map(|pair| pair[1].clone()).collect()
            }
            None => self.journal("SELECT CAST(until AS TEXT) FROM workers"),
        }
    }

    /// Runs a statement on the queue's journal, and gives the first column.
    pub(super) fn journal(&self, statement: &'static str) -> Vec<String> {
        let folder = self.stack.folder().join(".local/share/cachedemo/queue");
        let mut files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let file = files.find(|path| path.extension().is_some_and(|extension| extension == "sqlite3")).unwrap();
        runtime().block_on(async {
            let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", file.display())).await.unwrap();
            let rows: Vec<(String,)> = sqlx::query_as(statement).fetch_all(&pool).await.unwrap();
            pool.close().await;
            rows.into_iter().map(|row| row.0).collect()
        })
    }

    fn client(&self) -> Option<redis::Connection> {
        let server = self.stack.cache.as_ref().filter(|server| server.kind() != Kind::Memcached)?;
        Some(redis::Client::open(server.url()).unwrap().get_connection().unwrap())
    }

    /// The number that a command gives, sent to the Redis or Valkey server that the queue is in.
    pub(super) fn count(&self, command: &[&str]) -> i64 {
        redis::cmd(command[0]).arg(&command[1..]).query(&mut self.client().unwrap()).unwrap()
    }

    /// Sends a command to the Redis or Valkey server that the queue is in; `false` where it is in none.
    pub(super) fn redis(&self, command: &[&str]) -> bool {
        let Some(mut client) = self.client() else { return false };
        redis::cmd(command[0]).arg(&command[1..]).exec(&mut client).unwrap();
        true
    }
}

/// What an update says of itself.
pub(super) fn comment(flight: i64, minutes: i64) -> String {
    format!("flight {flight} by {minutes}")
}

/// An update of a flight, as it was when the test began, moved by so many minutes.
pub(super) async fn planned(lab: &Lab, flight: i64, minutes: i64, comment: &str) -> Update {
    let begin: NaiveDateTime = "2027-01-01T00:00:00".parse().unwrap();
    let id = FlightId::try_from(flight).unwrap();
    let departure = begin + TimeDelta::minutes(minutes);
    let times = Times { departure, arrival: departure + TimeDelta::hours(2) };
    let found = lab.database().find(id).await.unwrap();
    let flight = found.unwrap_or_else(|| Flight {
        flight_id: id,
        flightno: "XX1".into(),
        from_airport: "FRA".into(),
        to_airport: "JFK".into(),
        airlinename: "Nobody".into(),
        airline_id: 1,
        airplane_id: 1,
        departure,
        arrival: departure,
    });
    lab.plan(&flight, times, "test", Some(comment))
}

//! Where the program dies: a database, a cache, flights of which each is used once, and what is seen of one from outside.

use std::time::Duration;

use serde_json::Value;

use crate::hostile::plant;
use crate::support::command::{Cachedemo, Output};
use crate::support::deadline::poll;
use crate::support::events::Events;
use crate::support::server::Kind;
use crate::support::stack::Stack;

/// A lease lives twice as long as a statement may take.
const TIMEOUT: &str = "1s";
/// By when the leases of the dead have expired, though the machine be busy.
const PATIENCE: Duration = Duration::from_secs(20);

/// A database and a cache, and the flights that were used.
pub(super) struct Place {
    stack: Stack,
    name: String,
    used: Vec<(&'static str, u32)>,
}

/// What a process read.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) departure: String,
    pub(super) lookup: String,
    pub(super) source: String,
    pub(super) events: Vec<String>,
}

impl Place {
    /// `None` where a server is missing. Without a database server it is the embedded one.
    pub(super) fn new(database: Option<Kind>, cache: Kind) -> Option<Self> {
        let stack = match database {
            Some(database) => Stack::of(database, cache)?,
            None => Stack::with_cache(cache)?,
        };
        let name = format!("{}+{cache}", database.map_or("sqlite", Kind::name));
        let place = Self { stack, name, used: Vec::new() };
        let output = place.command("db status --format json").run();
        assert_eq!(output.code, Some(0), "{output:?}");
        Some(place)
    }

    /// A flight that nothing has happened to, which this pattern uses.
    pub(super) fn flight(&mut self, pattern: &'static str) -> u32 {
        let flight = u32::try_from(self.used.len()).unwrap() + 1;
        self.used.push((pattern, flight));
        flight
    }

    /// Says where, for whoever reads of a failure.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// A line of words without blanks in them.
    pub(super) fn command(&self, line: &str) -> Cachedemo {
        self.stack.command(&line.split(' ').collect::<Vec<_>>()).env("DB_TIMEOUT", TIMEOUT).env("CACHE_TIMEOUT", "10s")
    }

    /// Runs one through a pattern, where this goes wrong.
    pub(super) fn strike(&self, pattern: &str, line: &str, flight: u32, fault: &str) -> Output {
        let line = format!("{pattern} {line} --flight-id {flight} --format json --fault {fault}");
        // The lease of a commit of which nobody knows stands for as long as a value would.
        self.command(&line).env("CACHE_TTL", "4s").run()
    }

    /// What another process reads.
    pub(super) fn read(&self, pattern: &str, flight: u32) -> Seen {
        let output = self.command(&format!("{pattern} get --flight-id {flight} --format json")).run();
        assert_eq!(output.code, Some(0), "{}: {output:?}", self.name);
        let events = Events::of(&output);
        let read = events.one("read");
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Seen {
            departure: word(&read["flight"]["departure"]).replace('T', " "),
            lookup: word(&read["lookup"]),
            source: word(&read["source"]),
            events: events
                .story()
                .into_iter()
                .chain(events.named("reconciled").iter().map(|_| "reconciled".into()))
                .collect(),
        }
    }

    /// When it departs, as the database itself has it.
    pub(super) fn departure(&self, flight: u32) -> String {
        self.stack.times(flight).split('\t').next().unwrap_or_default().to_owned()
    }

    /// Applies what is queued.
    pub(super) fn drain(&self) {
        let output = self.command("write-behind drain").run();
        assert_eq!(output.code, Some(0), "{}: {output:?}", self.name);
    }

    /// Puts something into the cache that is not ours.
    pub(super) fn spoil(&self, flight: u32, bytes: &[u8]) {
        plant(self.stack.cache.as_ref().unwrap(), &format!("flight:{flight}"), bytes);
    }

    /// Every flight that was used is a hit in the end, and is what the database has.
    pub(super) fn heals(&self) {
        self.drain();
        for (pattern, flight) in &self.used {
            let hit = poll(PATIENCE, || Some(self.read(pattern, *flight)).filter(|seen| seen.lookup == "hit"));
            let hit = hit.unwrap_or_else(|| {
                panic!("{}: flight {flight} is no hit again: {:?}", self.name, self.read(pattern, *flight))
            });
            assert_eq!(hit.departure, self.departure(*flight), "{}: flight {flight} of {pattern}", self.name);
        }
    }
}

//! No read is older than an update that was acknowledged before the read began (P1), whatever runs at the same time, and whoever
//! is killed.
//!
//! Processes, with many tasks each, read and update the same few flights through a pattern, and are killed at random moments.
//! Each notes what it does outside the system under test. In the end the order of the updates is read from the database, past
//! the program, and every read is held against what was known before it began; a second checker, which knows nothing of that
//! order, looks for one of its own. The same load through the textbook protocols shows that both checkers see what they look for.
//!
//! The cache in the process belongs to its process: there it is one client with all of the tasks, and instead of a kill, which
//! nobody would be left to see, operations are given up halfway.
//!
//! `scripts/staleness-test` runs this at full size. `STALE_SEED` repeats the choices of an earlier run, though never their timing.

mod chain;
mod check;
mod client;
mod crew;
mod delays;
mod examples;
mod history;
mod linear;
mod notes;
mod run;
mod size;
mod version;

use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use cachedemo::flight::FlightId;
use cachedemo::pattern::{PatternKind, Protocol};

use self::run::{Run, Verdict};
use self::size::Size;
use crate::support::server::{Kind, Server};
use crate::support::store::Store;

/// One at a time: each of them keeps the machine busy.
static TURN: Mutex<()> = Mutex::new(());

/// What is read and updated on every cache, and with which part of a run's operations.
const PATTERNS: [(PatternKind, u32); 3] =
    [(PatternKind::CacheAside, 1), (PatternKind::WriteThrough, 1), (PatternKind::RefreshAhead, 2)];

/// Read-through and write-around (invalidating) take the very steps of cache-aside: on each cache it is one of them, in turns.
const ALIKE: [(PatternKind, u32); 2] = [(PatternKind::ReadThrough, 3), (PatternKind::WriteAround, 3)];

/// Those whose textbook form is shown to be stale.
const TEXTBOOK: [PatternKind; 3] = [PatternKind::CacheAside, PatternKind::WriteThrough, PatternKind::RefreshAhead];

/// How often the textbook is tried: its races are a matter of chance.
const ROUNDS: u32 = 5;

/// How many runs there are on one database at most: four caches with leases under each pattern, and the textbook.
const RUNS: u32 = 4 * 4 + 3 * ROUNDS;

/// A database with everything that runs on it: servers are started once.
struct Place {
    name: &'static str,
    store: Store,
    size: Size,
    runs: u32,
}

impl Place {
    fn new(name: &'static str, store: Option<Store>) -> Option<Self> {
        let size = Size::chosen();
        Some(Self { name, store: store?.filled(size.flights * RUNS), size, runs: 0 })
    }

    /// One run with flights of its own, and a line about it.
    fn play(
        &mut self,
        cache: Option<&Server>,
        (pattern, part): (PatternKind, u32),
        protocol: Protocol,
    ) -> (Verdict, String) {
        let size = Size { operations: self.size.operations / part, kills: self.size.kills.div_ceil(part), ..self.size };
        let first = self.runs * self.size.flights + 1;
        self.runs += 1;
        let flights = (first..first + self.size.flights).map(|id| FlightId::try_from(i64::from(id)).unwrap()).collect();
        let verdict = Run { store: &self.store, cache, pattern, protocol, flights, size }.play();
        let line = format!(
            "stale {}+{} {} {}: seed {}; {}\n",
            self.name,
            cache.map_or("memory", |server| server.kind().name()),
            pattern.name(),
            protocol.name(),
            self.size.seed,
            verdict.summary,
        );
        // Written directly: the test runner would hide the output of a passing test.
        std::io::stderr().write_all(line.as_bytes()).unwrap();
        (verdict, line)
    }

    /// Everything that must not be with leases.
    fn findings(&mut self, cache: Option<&Server>, pattern: (PatternKind, u32)) -> String {
        let (verdict, line) = self.play(cache, pattern, Protocol::Protected);
        let found = [verdict.findings, verdict.stale].concat();
        if found.is_empty() && verdict.contradictory == 0 { String::new() } else { line + &shown(&found) }
    }

    /// As the textbook has it, the same load is stale, and nothing worse; both checkers see it.
    fn is_found_out(&mut self, cache: Option<&Server>, pattern: PatternKind) {
        let (mut stale, mut contradictory) = (0, 0);
        for _ in 0..ROUNDS {
            let (verdict, line) = self.play(cache, (pattern, 1), Protocol::Naive);
            assert!(verdict.findings.is_empty(), "{line}{}", shown(&verdict.findings));
            stale += verdict.stale.len();
            contradictory += verdict.contradictory;
            if stale > 0 && contradictory > 0 {
                return;
            }
        }
        panic!("after {ROUNDS} runs: {stale} stale reads, {contradictory} windows that are not linearizable");
    }
}

fn shown(findings: &[String]) -> String {
    findings.iter().take(20).map(|finding| format!("  {finding}\n")).collect()
}

/// The caches that run beside a database. What is missing says so and is left out.
fn caches() -> Vec<Server> {
    [Kind::Redis, Kind::Valkey, Kind::Memcached].into_iter().filter_map(Server::start).collect()
}

/// With leases nobody reads anything stale, whatever the cache; with the textbook's protocols somebody does.
fn judge(name: &'static str, store: Option<Store>, textbook: Option<Kind>) {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(mut place) = Place::new(name, store) else { return };
    let servers = caches();
    let mut findings = String::new();
    for (cache, alike) in servers.iter().map(Some).chain([None]).zip(ALIKE.into_iter().cycle()) {
        for pattern in PATTERNS.into_iter().chain([alike]) {
            findings += &place.findings(cache, pattern);
        }
    }
    assert!(findings.is_empty(), "{findings}");
    let cache = servers.iter().find(|server| Some(server.kind()) == textbook);
    if cache.map(Server::kind) == textbook {
        for pattern in TEXTBOOK {
            place.is_found_out(cache, pattern);
        }
    }
}

#[test]
fn mariadb() {
    judge("mariadb", Store::start(Kind::MariaDb), Some(Kind::Redis));
}

#[test]
fn mysql() {
    judge("mysql", Store::start(Kind::MySql), Some(Kind::Valkey));
}

#[test]
fn postgresql() {
    judge("postgresql", Store::start(Kind::Postgres), Some(Kind::Memcached));
}

#[test]
fn sqlite() {
    judge("sqlite", Some(Store::embedded()), None);
}

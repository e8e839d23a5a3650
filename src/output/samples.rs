//! Examples for the tests: one of every event, hostile ones, and streams that tell what was written to them.
//!
//! The same examples are rendered as text, written as JSON and held against the schema, so that none of the three is tested
//! with something that the others never saw.

mod anomaly;
mod bench;
mod claims;
mod hostile;
mod queue;
mod stats;

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::cache::CacheKind;
use crate::database::{Applied, DatabaseKind, FlightRange, TableCount};
use crate::demo::*;
use crate::error::Peer;
use crate::flight::{Flight, FlightId, LogEntry, Position, Times};
use crate::hop::{Hop, Sent, Target};
use crate::lab::{Comparison, Consistency, Verdict};
use crate::pattern::{CacheEffect, Durability, Lookup, PatternKind, Protocol, Refreshed, Source};
use crate::queue::worker::Report;

pub(super) use anomaly::*;
pub(super) use bench::*;
pub(super) use claims::*;
pub(super) use hostile::hostile;
pub(super) use queue::*;
pub(super) use stats::*;

/// A stream whose text can be read.
#[derive(Clone, Default)]
pub(super) struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    pub(super) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A pipe whose reader went away.
pub(super) struct Closed;

impl Write for Closed {
    fn write(&mut self, _bytes: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) fn micros(microseconds: u64) -> Duration {
    Duration::from_micros(microseconds)
}

pub(super) fn id(number: i64) -> FlightId {
    number.try_into().unwrap()
}

fn times(departure: &str, arrival: &str) -> Times {
    Times { departure: departure.parse().unwrap(), arrival: arrival.parse().unwrap() }
}

pub(super) fn old() -> Times {
    times("2025-11-20T10:00:00", "2025-11-20T18:30:00")
}

pub(super) fn new() -> Times {
    times("2025-11-20T12:00:00", "2025-11-20T20:30:00")
}

pub(super) fn flight() -> Flight {
    Flight {
        flight_id: id(1),
        flightno: "LH400".into(),
        from_airport: "FRA".into(),
        to_airport: "JFK".into(),
        airlinename: "Lufthansa".into(),
        airline_id: 1,
        airplane_id: 1,
        departure: old().departure,
        arrival: old().arrival,
    }
}

pub(super) fn start() -> Start {
    let at = |role, product, address: &str| Peer { role, product, address: address.into() };
    Start {
        version: "0.1.0",
        action: "run",
        pattern: PatternKind::WriteThrough,
        variant: None,
        protocol: Protocol::Protected,
        faults: Vec::new(),
        seed: None,
        flight_id: Some(id(1)),
        database_engine: DatabaseKind::Postgresql,
        database: at("database", "PostgreSQL", "127.0.0.1:5432/flughafendb"),
        cache_engine: CacheKind::Redis,
        cache: at("cache", "Redis", "127.0.0.1:6379"),
        queue: None,
        embedded: false,
        steps: Some(6),
    }
}

pub(super) fn step(number: usize, title: &str, expects: &'static str) -> Event {
    Event::Step(StepStart { number, title: title.into(), expects })
}

pub(super) fn read(lookup: Lookup, source: Source, microseconds: u64) -> ReadSeen {
    let latency = micros(microseconds);
    let flight = Some(flight());
    ReadSeen { flight_id: id(1), flight, source, lookup, latency, degraded: false, notes: Vec::new(), card: None }
}

pub(super) fn refresh() -> RefreshSeen {
    let refreshed = Refreshed::Stored;
    RefreshSeen { flight_id: id(1), refreshed, ttl_ms: Some(3_000), latency: micros(820), failure: None }
}

pub(super) fn update() -> UpdateSeen {
    UpdateSeen {
        flight_id: id(1),
        pattern: PatternKind::WriteThrough,
        old: old(),
        new: new(),
        durability: Durability::Committed,
        cache: CacheEffect::Stored,
        position: None,
        partition: None,
        latency: micros(1_240),
        restores: false,
        notes: Vec::new(),
    }
}

pub(super) fn consistency(verdict: Verdict) -> ConsistencySeen {
    let compared = |field, database: &str, cache: &str| Comparison {
        field,
        database: Some(database.into()),
        cache: Some(cache.into()),
    };
    let fields = vec![
        compared("departure", "2025-11-20 10:00:00", "2025-11-20 12:00:00"),
        compared("arrival", "2025-11-20 18:30:00", "2025-11-20 18:30:00"),
    ];
    let consistency = Consistency { flight_id: id(1), verdict, fields };
    ConsistencySeen { consistency, expected: verdict != Verdict::Inconsistent, latency: micros(300) }
}

pub(super) fn hop() -> HopSeen {
    let sent = Sent {
        text: "SELECT  f.flight_id\n  FROM flight f\n  WHERE f.flight_id = $1".into(),
        binds: vec!["1".into()],
        latency: Some(micros(280)),
    };
    let hop = Hop {
        target: Target::Database,
        name: "find",
        sent: vec![sent],
        outcome: "found".into(),
        departure: Some(old().departure),
        ok: true,
        after: micros(620),
        latency: micros(310),
    };
    HopSeen { hop, of: micros(1_240), background: false }
}

pub(super) fn log() -> LogSeen {
    let entry = LogEntry {
        log_date: "2025-11-19T08:00:00".parse().unwrap(),
        user: "demo".into(),
        flight_id: id(1),
        old: old(),
        new: new(),
        comment: Some("Delayed by 2 h".into()),
    };
    LogSeen { flight_id: id(1), entries: vec![entry] }
}

pub(super) fn summary() -> Summary {
    let figure = |what: &str, median, hops| Figure {
        what: what.into(),
        samples: 20,
        median: micros(median),
        fastest: micros(median / 2),
        slowest: micros(median * 3),
        hops,
    };
    Summary {
        pattern: PatternKind::WriteThrough,
        figures: vec![figure("read, from cache (hit)", 42, 1), figure("read, from database (miss)", 1_240, 4)],
        reading: "A hit took a thirtieth of a miss here.".into(),
        takeaways: PatternKind::WriteThrough.takeaways().to_vec(),
    }
}

pub(super) fn error() -> ErrorSeen {
    ErrorSeen {
        message: "cannot reach the cache Redis at 127.0.0.1:6379".into(),
        causes: vec!["Connection refused (os error 111)".into()],
        hint: Some(
            "is it running there? set CACHE_HOST and CACHE_PORT (or CACHE_URL) or check with `cachedemo doctor`".into(),
        ),
        exit_code: 3,
    }
}

/// One of every variant.
pub(super) fn events() -> Vec<Event> {
    let tables = Tables {
        database: start().database,
        tables: vec![TableCount { table: "flight", rows: Some(1_000) }, TableCount { table: "flight_log", rows: None }],
        flights: Some(FlightRange { count: 1_000, first: 1, last: 1_000 }),
    };
    let mut events = vec![
        Event::Start(start()),
        step(1, "Initial read - Cache-Aside Pattern", "a MISS: nothing is cached yet"),
        Event::Hop(hop()),
        Event::Read(read(Lookup::Hit, Source::Cache, 42)),
        Event::Refresh(refresh()),
        Event::Update(update()),
        Event::Consistency(consistency(Verdict::Pending)),
        Event::Queue(queue()),
        Event::Queue(partitions()),
        Event::Worker(worker()),
        Event::DeadLetter(dead_letter()),
        Event::DeadLetter(unreadable()),
        Event::Entry(EntrySeen {
            key: "flight:1".into(),
            state: "HIT".into(),
            flight: Some(flight()),
            latency: micros(42),
        }),
        Event::Row(RowSeen { flight_id: id(1), flight: Some(flight()), latency: micros(310) }),
        Event::Log(log()),
        Event::Note(Note { level: Level::Plain, text: "nothing was cached before".into() }),
        Event::Summary(summary()),
        Event::Reconciled(ReconciledSeen { since: old().departure, changed: 3, dropped: 2 }),
        Event::Finding(Finding {
            level: Level::Warning,
            about: Target::Cache,
            text: "keys may be evicted: maxmemory-policy is allkeys-lru".into(),
            hint: Some("set it to noeviction for write-behind".into()),
        }),
        Event::Tables(tables),
        Event::Stats(stats()),
        Event::Stats(untold_stats()),
        Event::Stats(stats_of_several()),
        Event::Anomalies(anomalies()),
        Event::Lesson(lesson()),
        Event::ClaimsListed(claims_listed()),
        Event::Claims(claims()),
        Event::Error(error()),
        Event::End(End { held: false, exit_code: 1 }),
    ];
    events.extend([stale_fill(), crowded(), avalanche()].map(Event::Diagram));
    events.extend(reports().into_iter().map(reported));
    events.extend(benches());
    events
}

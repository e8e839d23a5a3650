//! Everything that can be shown, as values: text and JSON are two renderings of these.
//!
//! Each event is one line of `--format json`; `schema/events.json` describes them, and a test holds both together.

mod anomaly;
mod claims;
mod ending;
mod queue;
mod seen;
mod stats;
mod summary;

pub use anomaly::*;
pub use claims::*;
pub use ending::*;
pub use queue::*;
pub use stats::*;
pub use summary::*;

use std::time::Duration;

use chrono::NaiveDateTime;
use schemars::JsonSchema;
use serde::Serialize;

use crate::bench;
use crate::cache::CacheKind;
use crate::database::{self, DatabaseKind, TableCount};
use crate::error::Peer;
use crate::flight::{Flight, FlightId, LogEntry, Times};
use crate::hop::{Hop, Target, microseconds};
use crate::lab::{Consistency, Reconciled};
use crate::pattern::{CacheEffect, Durability, Lookup, PatternKind, Protocol, Refreshed, Source};

/// One thing that happened or was found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A walk-through or a command begins.
    Start(Start),
    /// A step of a walk-through begins.
    Step(StepStart),
    /// A trip to the database, the cache or the queue. In text only with `--verbose`.
    Hop(HopSeen),
    /// A read through a pattern.
    Read(ReadSeen),
    /// An update through a pattern.
    Update(UpdateSeen),
    /// A refresh in the background, begun by a read before it. Its hops stand before this and are its own.
    Refresh(RefreshSeen),
    /// Database and cache, compared.
    Consistency(ConsistencySeen),
    /// What waits in the queue, and what a drain did.
    Queue(QueueSeen),
    /// What a worker has done so far.
    Worker(WorkerSeen),
    /// Something that a worker's operator wants to know.
    Report(ReportSeen),
    /// An update that the database could not take.
    DeadLetter(DeadLetterSeen),
    /// What stands in the cache under a flight's key.
    Entry(EntrySeen),
    /// The row of a flight in the database.
    Row(RowSeen),
    /// The latest rows of `flight_log` for a flight.
    Log(LogSeen),
    /// A remark: nothing failed by it.
    Note(Note),
    /// A walk-through's figures and what to take from them.
    Summary(Summary),
    /// What was dropped from the cache because it had changed.
    Reconciled(ReconciledSeen),
    /// What `doctor` found of one party.
    Finding(Finding),
    /// What a database holds.
    Tables(Tables),
    /// What a cache and a queue count.
    Stats(StatsSeen),
    /// The anomalies that there are.
    Anomalies(AnomaliesSeen),
    /// One run of an anomaly's choreography, moment by moment.
    Diagram(Diagram),
    /// What went wrong in an anomaly and what removes it, once both runs were seen.
    Lesson(Lesson),
    /// What a bench has found.
    Bench(Box<bench::Report>),
    /// Two reports of a bench, compared.
    BenchCompared(Box<bench::Compared>),
    /// What came of holding a bench's report against limits.
    Limits(bench::Checked),
    /// The claims that there are.
    ClaimsListed(ClaimsListed),
    /// What was measured of claims.
    Claims(ClaimsSeen),
    /// What went wrong.
    Error(ErrorSeen),
    /// The end, with the exit code.
    End(End),
}

/// The beginning of a walk-through or a command.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Start {
    /// The program's version.
    pub version: &'static str,
    /// What is run, such as `run`, `get`, `verify`.
    pub action: &'static str,
    /// Through which pattern.
    pub pattern: PatternKind,
    /// Which variant of it, where it has several.
    pub variant: Option<String>,
    /// Which protocol keeps the cache right.
    pub protocol: Protocol,
    /// What goes wrong on purpose: with any of these, no figure is a measured one.
    pub faults: Vec<String>,
    /// Where the chance of the faults comes from, where some happen by chance.
    pub seed: Option<u64>,
    /// The flight, where it is about one.
    pub flight_id: Option<FlightId>,
    /// Which database.
    pub database_engine: DatabaseKind,
    /// Which database, and where.
    pub database: Peer,
    /// Which cache.
    pub cache_engine: CacheKind,
    /// Which cache, and where.
    pub cache: Peer,
    /// Which queue, and where: write-behind only.
    pub queue: Option<Peer>,
    /// Whether nothing was set, so that the embedded database and the memory cache are used.
    pub embedded: bool,
    /// How many steps there are: walk-throughs only.
    pub steps: Option<usize>,
}

/// The beginning of a step.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct StepStart {
    /// Its number, from 1.
    pub number: usize,
    /// What it does.
    pub title: String,
    /// What is expected of it.
    pub expects: &'static str,
}

/// A hop of the operation that follows it in the stream of events.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct HopSeen {
    /// The hop.
    #[serde(flatten)]
    pub hop: Hop,
    /// How long the whole operation took, in microseconds: the length of the waterfall.
    #[serde(rename = "of_us", serialize_with = "microseconds")]
    #[schemars(with = "f64")]
    pub of: Duration,
    /// Whether nobody waited for it: it belongs to a refresh in the background.
    pub background: bool,
}

/// One read.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReadSeen {
    /// Which flight.
    pub flight_id: FlightId,
    /// The flight, if there is one.
    pub flight: Option<Flight>,
    /// Where it was found.
    pub source: Source,
    /// What the cache had.
    pub lookup: Lookup,
    /// How long the read took, in microseconds.
    #[serde(rename = "latency_us", serialize_with = "microseconds")]
    #[schemars(with = "f64")]
    pub latency: Duration,
    /// Whether the cache did not answer.
    pub degraded: bool,
    /// What went wrong on the way without failing the read.
    pub notes: Vec<String>,
    /// Whether the whole flight is to be shown, rather than only what came of it.
    #[serde(skip)]
    pub card: Option<&'static str>,
}

/// One update.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct UpdateSeen {
    /// Which flight.
    pub flight_id: FlightId,
    /// Through which pattern.
    pub pattern: PatternKind,
    /// Its times before.
    pub old: Times,
    /// Its times after.
    pub new: Times,
    /// What the acknowledgement promises about the database.
    pub durability: Durability,
    /// What stands in the cache.
    pub cache: CacheEffect,
    /// Where the update stands in the queue.
    pub position: Option<String>,
    /// In which partition of it.
    pub partition: Option<u32>,
    /// How long it took until the acknowledgement, in microseconds.
    #[serde(rename = "latency_us", serialize_with = "microseconds")]
    #[schemars(with = "f64")]
    pub latency: Duration,
    /// Whether this puts the flight back as the walk-through found it.
    pub restores: bool,
    /// What went wrong on the way without failing the update.
    pub notes: Vec<String>,
}

/// One refresh in the background.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RefreshSeen {
    /// Of which flight.
    pub flight_id: FlightId,
    /// What came of it.
    pub refreshed: Refreshed,
    /// For how long the flight stands in the cache now, in milliseconds, where it was stored.
    pub ttl_ms: Option<u64>,
    /// How long it took, in microseconds: nobody waited for it.
    #[serde(rename = "latency_us", serialize_with = "microseconds")]
    #[schemars(with = "f64")]
    pub latency: Duration,
    /// What it failed with.
    pub failure: Option<String>,
}

/// One comparison.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ConsistencySeen {
    /// What was found.
    #[serde(flatten)]
    pub consistency: Consistency,
    /// Whether it was to be so.
    pub expected: bool,
    /// How long the comparison took, in microseconds.
    #[serde(rename = "latency_us", serialize_with = "microseconds")]
    #[schemars(with = "f64")]
    pub latency: Duration,
}

/// What stands in the cache under a flight's key.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct EntrySeen {
    /// The key.
    pub key: String,
    /// What it is: `HIT`, `MISS`, a lease, or unreadable.
    pub state: String,
    /// The flight, if that is what stands there.
    pub flight: Option<Flight>,
    /// How long it took to look, in microseconds.
    #[serde(rename = "latency_us", serialize_with = "microseconds")]
    #[schemars(with = "f64")]
    pub latency: Duration,
}

/// The row of a flight.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RowSeen {
    /// Which flight.
    pub flight_id: FlightId,
    /// The flight, if there is one.
    pub flight: Option<Flight>,
    /// How long it took to look, in microseconds.
    #[serde(rename = "latency_us", serialize_with = "microseconds")]
    #[schemars(with = "f64")]
    pub latency: Duration,
}

/// Rows of `flight_log`, newest first.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct LogSeen {
    /// Which flight.
    pub flight_id: FlightId,
    /// The rows.
    pub entries: Vec<LogEntry>,
}

/// How serious a remark is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It went well.
    Good,
    /// Good to know.
    Plain,
    /// Something is not as it should be.
    Warning,
    /// Something did not hold.
    Bad,
}

/// A remark.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Note {
    /// How serious it is.
    pub level: Level,
    /// The remark, a sentence.
    pub text: String,
}

/// What reconciling did.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReconciledSeen {
    /// From when on changes counted, in UTC.
    pub since: NaiveDateTime,
    /// How many flights `flight_log` says have changed since.
    pub changed: u64,
    /// How many of them had an entry in the cache, which was dropped.
    pub dropped: u64,
}

impl From<Reconciled> for ReconciledSeen {
    fn from(Reconciled { since, changed, dropped }: Reconciled) -> Self {
        Self { since, changed, dropped }
    }
}

/// What `doctor` found of one party.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Finding {
    /// How serious it is.
    pub level: Level,
    /// Whom it is about.
    pub about: Target,
    /// What was found.
    pub text: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// What a database holds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Tables {
    /// Which database, and where.
    pub database: Peer,
    /// Its tables.
    pub tables: Vec<TableCount>,
    /// The ids of its flights.
    pub flights: Option<database::FlightRange>,
}

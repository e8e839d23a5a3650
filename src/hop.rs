//! A hop is one trip to the database, the cache or the queue; this is where hops are written down.
//!
//! The recording belongs to the operation (a task-local), not to the connection, so that two operations at once never
//! mix, and an operation that nobody records pays one thread-local look-up. A driver says *what* it sends, at the place
//! where it sends it ([`sent`], [`statement`]); the tracing layer says *how long* and *with what outcome* ([`trip`]).

use std::cell::RefCell;
use std::future::Future;
use std::time::{Duration, Instant};

use chrono::NaiveDateTime;
use schemars::JsonSchema;
use serde::Serialize;

use crate::clock;
use crate::error::Result;

/// Whom a hop went to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// The source of truth.
    Database,
    /// The cache.
    Cache,
    /// Where write-behind keeps what the database has not seen.
    Queue,
}

impl Target {
    /// Its name as it is shown.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::Cache => "cache",
            Self::Queue => "queue",
        }
    }
}

/// One statement or command, as it was sent.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Sent {
    /// The SQL text or the cache command.
    pub text: String,
    /// The values bound to it, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub binds: Vec<String>,
    /// How long it took by itself, where a hop sent several, in microseconds.
    #[serde(rename = "latency_us", serialize_with = "optional_microseconds", skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<f64>")]
    pub latency: Option<Duration>,
}

impl Sent {
    /// A command without bound values.
    pub fn command(text: impl Into<String>) -> Self {
        Self { text: text.into(), binds: Vec::new(), latency: None }
    }

    /// A statement and what is bound to it.
    pub fn statement(text: impl Into<String>, binds: Vec<String>) -> Self {
        Self { text: text.into(), binds, latency: None }
    }
}

/// What came of a hop, for who looks at it.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// A word or two.
    pub text: String,
    /// The departure of the flight that was sent or came back: which state of it that was.
    pub departure: Option<NaiveDateTime>,
}

impl Outcome {
    /// An outcome that goes with a flight.
    pub fn of(text: impl Into<String>, departure: Option<NaiveDateTime>) -> Self {
        Self { text: text.into(), departure }
    }
}

impl From<String> for Outcome {
    fn from(text: String) -> Self {
        Self { text, departure: None }
    }
}

/// One trip: what was sent, its outcome, when it began within its operation, how long it took.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Hop {
    /// Whom it went to.
    pub target: Target,
    /// Which operation of that party, such as `get` or `commit`.
    pub name: &'static str,
    /// What was sent.
    pub sent: Vec<Sent>,
    /// What came of it, such as `HIT`, `1 row`, `cannot reach …`.
    pub outcome: String,
    /// The departure of the flight that was sent or came back, where there was one: which state of it that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub departure: Option<NaiveDateTime>,
    /// Whether it succeeded.
    pub ok: bool,
    /// When it began, from the start of the operation, in microseconds.
    #[serde(rename = "after_us", serialize_with = "microseconds")]
    #[schemars(with = "f64")]
    pub after: Duration,
    /// How long it took, in microseconds.
    #[serde(rename = "latency_us", serialize_with = "microseconds")]
    #[schemars(with = "f64")]
    pub latency: Duration,
}

/// Writes a duration as microseconds.
///
/// # Errors
/// Only those of the serializer.
pub fn microseconds<S: serde::Serializer>(duration: &Duration, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_nanos() as f64 / 1000.0)
}

fn optional_microseconds<S: serde::Serializer>(
    duration: &Option<Duration>,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    match duration {
        Some(duration) => microseconds(duration, serializer),
        None => serializer.serialize_none(),
    }
}

struct Recording {
    started: Instant,
    hops: Vec<Hop>,
    sent: Vec<Sent>,
}

tokio::task_local! {
    static RECORDING: RefCell<Recording>;
}

/// An operation's result with everything that it took.
#[derive(Clone, Debug)]
pub struct Observed<T> {
    /// What the operation gave.
    pub value: T,
    /// Its hops, in order.
    pub hops: Vec<Hop>,
    /// How long the whole took.
    pub latency: Duration,
}

/// Runs `operation` and writes down its hops.
pub async fn observe<T>(operation: impl Future<Output = T>) -> Observed<T> {
    let started = clock::instant();
    let recording = RefCell::new(Recording { started, hops: Vec::new(), sent: Vec::new() });
    RECORDING
        .scope(recording, async {
            let value = operation.await;
            let latency = started.elapsed();
            let hops = RECORDING.with(|recording| std::mem::take(&mut recording.borrow_mut().hops));
            Observed { value, hops, latency }
        })
        .await
}

/// `operation` for a task of its own, with its hops: for [`adopt`], by whoever waits for that task. Two that run at once do not
/// mix.
pub fn apart<T>(operation: impl Future<Output = T>) -> impl Future<Output = (T, Vec<Hop>)> {
    let started = RECORDING.try_with(|recording| recording.borrow().started);
    async move {
        let Ok(started) = started else { return (operation.await, Vec::new()) };
        let recording = RefCell::new(Recording { started, hops: Vec::new(), sent: Vec::new() });
        let recorded = async {
            let value = operation.await;
            (value, RECORDING.with(|recording| std::mem::take(&mut recording.borrow_mut().hops)))
        };
        RECORDING.scope(recording, recorded).await
    }
}

/// Writes down what was done for this operation on a task of its own.
pub fn adopt(hops: Vec<Hop>) {
    // Nobody records: then there are none.
    _ = RECORDING.try_with(|recording| recording.borrow_mut().hops.extend(hops));
}

/// Writes one hop down, if anybody listens: `done` says in a word or two what came of it.
///
/// # Errors
/// Those of `work`, unchanged.
pub async fn trip<T, O: Into<Outcome>>(
    target: Target,
    name: &'static str,
    done: impl FnOnce(&T) -> O,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    if RECORDING.try_with(|recording| recording.borrow_mut().sent.clear()).is_err() {
        return work.await;
    }
    let began = clock::instant();
    let result = work.await;
    let latency = began.elapsed();
    RECORDING.with(|recording| {
        let mut recording = recording.borrow_mut();
        let sent = std::mem::take(&mut recording.sent);
        let Outcome { text: outcome, departure } = match &result {
            Ok(value) => done(value).into(),
            Err(error) => error.to_string().into(),
        };
        let after = began.duration_since(recording.started);
        recording.hops.push(Hop { target, name, sent, outcome, departure, ok: result.is_ok(), after, latency });
    });
    result
}

/// Whether this operation is written down.
#[must_use]
pub fn is_observed() -> bool {
    RECORDING.try_with(|_| ()).is_ok()
}

/// The hop that this operation has written down last.
#[must_use]
pub fn last() -> Option<Hop> {
    RECORDING.try_with(|recording| recording.borrow().hops.last().cloned()).ok().flatten()
}

/// Says what is about to be sent; `describe` runs only when somebody records.
pub fn sent(describe: impl FnOnce() -> Sent) {
    // The closure runs before the borrow, so that it may not find the recording borrowed.
    if RECORDING.try_with(|_| ()).is_ok() {
        let sent = describe();
        RECORDING.with(|recording| recording.borrow_mut().sent.push(sent));
    }
}

/// Like [`sent`], for one of several statements of a hop: its own time is kept as well.
pub async fn statement<T>(describe: impl FnOnce() -> Sent, work: impl Future<Output = T>) -> T {
    if RECORDING.try_with(|_| ()).is_err() {
        return work.await;
    }
    let mut sent = describe();
    let began = clock::instant();
    let value = work.await;
    sent.latency = Some(began.elapsed());
    RECORDING.with(|recording| recording.borrow_mut().sent.push(sent));
    value
}

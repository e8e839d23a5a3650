//! What is shown of an anomaly: one run as a sequence of moments, and what both runs together teach.
//!
//! A run is kept as what happened, not as a drawing: a terminal gets a sequence diagram of it, a program the moments.

use chrono::NaiveDateTime;
use schemars::JsonSchema;
use serde::Serialize;

use crate::hop::Target;
use crate::pattern::Protocol;

/// The anomalies that there are.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AnomaliesSeen {
    /// Each of them, in the order in which they are best read.
    pub anomalies: Vec<AnomalySeen>,
}

/// An anomaly, in a line or two.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct AnomalySeen {
    /// What is typed to choose it, such as `stale-fill`.
    pub name: &'static str,
    /// What it is called in a title.
    pub title: &'static str,
    /// What goes wrong.
    pub wrong: &'static str,
}

/// One run of a choreography: who did what, in which order, and what was found in the end.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Diagram {
    /// Which anomaly, such as `stale-fill`.
    pub anomaly: &'static str,
    /// Which variant of the choreography, where it is not the plain one.
    pub variant: Option<&'static str>,
    /// Under which protocol.
    pub protocol: Protocol,
    /// Who takes part, beside the cache, the queue and the database.
    pub actors: Vec<String>,
    /// What happened, in order.
    pub moments: Vec<Moment>,
    /// What was counted.
    pub figures: Vec<CountSeen>,
    /// What was measured over time.
    pub plots: Vec<Plot>,
    /// Whether the anomaly came about.
    pub went_wrong: bool,
    /// What was seen, a sentence.
    pub finding: String,
}

/// Something that one actor did, or several did alike.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Moment {
    /// Which actor, counted from 0.
    pub actor: usize,
    /// What it was.
    #[serde(flatten)]
    pub act: Act,
    /// How many actors of this column did the same.
    pub times: u32,
    /// Whether this is what does the harm.
    pub harmful: bool,
}

/// What an actor did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// A trip to the cache, the queue or the database.
    Hop {
        /// Whom it went to.
        target: Target,
        /// Which operation of that party, such as `get` or `commit`.
        name: &'static str,
        /// What came of it, such as `HIT`, `placed`, `cannot reach …`.
        outcome: String,
        /// Whether it succeeded.
        ok: bool,
        /// The departure of the flight that travelled: there with a write, back with a read.
        departure: Option<NaiveDateTime>,
    },
    /// What nobody outside saw, such as `dies` or `returns 10:00`.
    Remark(String),
}

/// How often something happened.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CountSeen {
    /// What, such as `reads of the database`.
    pub what: String,
    /// How often.
    pub count: u64,
}

/// Values over time, in steps of the same length.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Plot {
    /// What is drawn, such as `reads of the database`.
    pub title: String,
    /// What a value counts, such as `reads/s`.
    pub unit: String,
    /// How long a step is, in milliseconds.
    pub step_ms: u64,
    /// A value for each step, the first from the beginning.
    pub values: Vec<f64>,
}

/// What an anomaly teaches, after both runs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Lesson {
    /// Which anomaly.
    pub anomaly: &'static str,
    /// What went wrong, a sentence.
    pub wrong: &'static str,
    /// What removes it, a sentence.
    pub remedy: &'static str,
    /// Where this is told in full.
    pub source: SourceSeen,
    /// Whether the anomaly came about without protection.
    pub naive_went_wrong: bool,
    /// Whether it stayed away with protection.
    pub protected_held: bool,
}

/// A paper, or a vendor's page.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct SourceSeen {
    /// Its title, with who wrote it and when.
    pub title: &'static str,
    /// Where it can be read.
    pub url: &'static str,
}

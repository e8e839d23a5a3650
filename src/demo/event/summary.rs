//! What a walk-through measured, and what to take from it.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::hop::microseconds;
use crate::pattern::PatternKind;

/// What one kind of operation took, over several samples.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Figure {
    /// What was measured, such as `read, from cache (hit)`.
    pub what: String,
    /// How often.
    pub samples: usize,
    /// The median, in microseconds.
    #[serde(rename = "median_us", serialize_with = "microseconds")]
    #[schemars(with = "f64")]
    pub median: Duration,
    /// The fastest, in microseconds.
    #[serde(rename = "fastest_us", serialize_with = "microseconds")]
    #[schemars(with = "f64")]
    pub fastest: Duration,
    /// The slowest, in microseconds.
    #[serde(rename = "slowest_us", serialize_with = "microseconds")]
    #[schemars(with = "f64")]
    pub slowest: Duration,
    /// Hops to the database, the cache and the queue in the median sample.
    pub hops: usize,
}

/// The figures of a walk-through and what to take from them.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Summary {
    /// Which pattern.
    pub pattern: PatternKind,
    /// What was measured, then and there.
    pub figures: Vec<Figure>,
    /// What the figures say, in a sentence.
    pub reading: String,
    /// The pattern's promise, its cost and its use.
    pub takeaways: Vec<&'static str>,
}

//! What a bench has found, as plain values: what is shown, exported, compared and held against limits is read from here.
//!
//! A report carries everything that its figures depend on: configuration, seed, servers, host. It is written and read back
//! (`bench compare`), so its figures are plain numbers with the unit in their name. `schema/report.json` describes it.

use chrono::NaiveDateTime;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::subject::Subject;
use crate::pattern::{OnCacheFailure, Protocol};

/// The number of this form of a report: another one where a field changes its meaning.
pub const FORM: u32 = 1;

/// What a bench has found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// The number of this form of a report.
    pub form: u32,
    /// The version of cachedemo that made it.
    pub version: String,
    /// When it was made, in UTC.
    pub made_at: NaiveDateTime,
    /// Whether it ran to its end, rather than being interrupted.
    pub complete: bool,
    /// What was asked for.
    pub configuration: Configuration,
    /// Where the clients ran.
    pub host: Host,
    /// The database.
    pub database: Server,
    /// The cache.
    pub cache: Server,
    /// What was found of each subject, in the order in which they were measured.
    pub outcomes: Vec<Outcome>,
    /// What the figures say, a sentence or two each.
    pub reading: Vec<String>,
}

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// What is measured.
    pub subjects: Vec<Subject>,
    /// Which protocol keeps the cache right.
    pub protocol: Protocol,
    /// What the patterns are set to, where that is not the default, such as `write-around: pure`.
    pub variants: Vec<String>,
    /// YCSB's letter for the mix, where it was chosen by that.
    pub workload: Option<String>,
    /// What the operations are.
    pub mix: Mix,
    /// How many flights they are of.
    pub keys: u32,
    /// How the flights are chosen.
    pub distribution: Distribution,
    /// How many operations are under way at once, at most.
    pub clients: u32,
    /// How many operations begin in a second (open loop); `None`: each client begins the next when one ends (closed loop).
    pub rate: Option<f64>,
    /// How long each subject is measured, in seconds, over all rounds, where it is measured by time.
    pub duration_s: Option<f64>,
    /// How many operations of each subject are measured, over all rounds, where it is measured by number.
    pub operations: Option<u64>,
    /// For how long the same runs unmeasured before each round, in seconds.
    pub warmup_s: f64,
    /// Into how many rounds that is divided: in each, every subject has its turn.
    pub rounds: u32,
    /// Where chance comes from.
    pub seed: u64,
    /// What goes wrong on purpose: with any of these, no figure is one of the servers alone.
    pub faults: Vec<String>,
    /// How long a value stays in the cache, in seconds.
    pub ttl_s: f64,
    /// What an update does without the cache.
    pub on_cache_failure: OnCacheFailure,
    /// How many queued updates go to the database in one transaction, at most (write-behind).
    pub batch_size: u32,
}

/// The shares of the kinds of operations; together 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mix {
    /// Reads of a flight.
    pub reads: f64,
    /// Updates of a flight.
    pub updates: f64,
    /// A read and then an update of the same flight: one operation, which is told among the reads and among the updates.
    pub read_modify_writes: f64,
}

/// How the flights of the operations are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Distribution {
    /// Few flights are asked for often, most seldom: YCSB's, with its exponent 0.99, spread over the ids.
    Zipfian,
    /// All alike.
    Uniform,
    /// The flights that were updated last are asked for most.
    Latest,
}

/// The machine of the clients.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// How many processors this process may use.
    pub processors: u32,
    /// Their model, where the system tells it.
    pub processor: Option<String>,
    /// The memory, in bytes, where the system tells it.
    pub memory_bytes: Option<u64>,
    /// The system and its architecture, such as `linux x86_64`.
    pub system: String,
}

/// A server that was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Server {
    /// Which product.
    pub product: String,
    /// Where.
    pub address: String,
    /// Its version, in its own words; `None` where it does not tell.
    pub version: Option<String>,
}

/// What was found of one subject.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Of which.
    pub subject: Subject,
    /// For how long it was measured, in seconds, over all rounds.
    pub measured_s: f64,
    /// How many operations ended in that time, those that failed among them.
    pub operations: u64,
    /// How many that is in a second.
    pub throughput: f64,
    /// How long the operations took; `None` where there were none.
    pub all: Option<Latencies>,
    /// How long the reads took.
    pub reads: Option<Latencies>,
    /// How long the updates took.
    pub updates: Option<Latencies>,
    /// What the reads met in the cache; `None` for the database alone.
    pub lookups: Option<Lookups>,
    /// What reached the servers.
    pub load: Load,
    /// What failed, and how often.
    pub errors: Vec<Failure>,
    /// Reads that gave an older state than one that was acknowledged before they began.
    pub stale: Stale,
    /// How far the database was behind: write-behind only.
    pub lag: Option<Lag>,
    /// The rounds, each by itself: how much they differ is the noise.
    pub rounds: Vec<Round>,
    /// What happened when, over all rounds, one after the other.
    pub timeline: Timeline,
}

/// How long operations took: from the intended start where the rate is given, from the real one elsewhere. In microseconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Latencies {
    /// How many.
    pub count: u64,
    /// The mean.
    pub mean_us: f64,
    /// The median.
    pub p50_us: f64,
    /// 95 of 100 took no longer.
    pub p95_us: f64,
    /// 99 of 100 took no longer.
    pub p99_us: f64,
    /// 999 of 1,000 took no longer.
    pub p999_us: f64,
    /// The longest.
    pub max_us: f64,
    /// All of them, shortest first, in buckets that are at most a hundredth wide.
    pub histogram: Vec<Bucket>,
}

/// So many operations took no longer than this, and longer than the bucket before says.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    /// The longest of them, in microseconds.
    pub us: f64,
    /// How many.
    pub count: u64,
}

/// What reads met in the cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lookups {
    /// The flight.
    pub hits: u64,
    /// Nothing: they filled it.
    pub misses: u64,
    /// Somebody who was filling it, whose value they have.
    pub joined: u64,
    /// Somebody's lease: they went to the database.
    pub leased: u64,
    /// Something unreadable.
    pub unreadable: u64,
    /// No answer: they went to the database.
    pub degraded: u64,
}

impl Lookups {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> u64 {
        let Self { hits, misses, joined, leased, unreadable, degraded } = self;
        hits + misses + joined + leased + unreadable + degraded
    }

    /// The share that was answered without the database; `None` where there were none.
    #[must_use]
    pub fn hit_rate(&self) -> Option<f64> {
        (self.total() > 0).then(|| (self.hits + self.joined) as f64 / self.total() as f64)
    }
}

/// What reached the servers, counted where it is sent: also what is done in the background.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Load {
    /// Reads of a flight in the database.
    pub database_reads: u64,
    /// Transactions that changed something: an update each, or a batch of them (write-behind).
    pub database_writes: u64,
    /// Commands to the cache.
    pub cache_commands: u64,
    /// Commands to the queue.
    pub queue_commands: u64,
}

/// One way in which operations failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// What failed.
    pub what: String,
    /// How often.
    pub count: u64,
}

/// Reads that gave an older state than one that was acknowledged before they began. No read is counted that could be right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stale {
    /// How many.
    pub reads: u64,
    /// How long before the read the state that it missed was acknowledged, in microseconds: the median; `None` without any.
    pub median_age_us: Option<f64>,
    /// The longest of these.
    pub greatest_age_us: Option<f64>,
}

/// How far the database was behind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lag {
    /// From an update's acknowledgement until the database has it; `None` where there were none.
    pub until_durable: Option<Latencies>,
    /// How many updates waited at most.
    pub longest_queue: u64,
    /// How long it took after the last operation of a round until nothing waited, in seconds: the longest of the rounds.
    pub drained_after_s: f64,
}

/// One round of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Round {
    /// Operations in a second.
    pub throughput: f64,
    /// Of all operations, in microseconds.
    pub latency: Option<Percentiles>,
    /// Of the reads.
    pub reads: Option<Percentiles>,
    /// Of the updates.
    pub updates: Option<Percentiles>,
    /// The share of reads that was answered without the database.
    pub hit_rate: Option<f64>,
}

/// The latencies of one round, in microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Percentiles {
    /// The mean.
    pub mean_us: f64,
    /// The median.
    pub p50_us: f64,
    /// 95 of 100 took no longer.
    pub p95_us: f64,
    /// 99 of 100 took no longer.
    pub p99_us: f64,
    /// 999 of 1,000 took no longer.
    pub p999_us: f64,
    /// The longest.
    pub max_us: f64,
}

/// What happened when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Timeline {
    /// How long a slice is, in seconds.
    pub slice_s: f64,
    /// The slices, in order.
    pub slices: Vec<Slice>,
}

/// What happened in a slice of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Slice {
    /// Operations that ended.
    pub operations: u64,
    /// Reads that ended.
    pub reads: u64,
    /// Of these, those that were answered without the database.
    pub hits: u64,
    /// Reads and transactions of the database.
    pub database: u64,
    /// How many updates waited in the queue, at its end (write-behind).
    pub waiting: u64,
}

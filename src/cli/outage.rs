//! The flags around an outage of the cache: walking through one, and putting the cache right after one by hand.

use std::time::Duration;

use chrono::NaiveDateTime;
use clap::Args;

use super::{Run, value};

/// The flags of the walk-through of an outage.
#[derive(Clone, Debug, Args)]
pub struct Outage {
    /// Those of every walk-through.
    #[command(flatten)]
    pub run: Run,
    /// Take the cache away and bring it back with a fault on purpose; nobody need stop its server
    #[arg(long)]
    pub simulate: bool,
    /// How long to wait until the cache is stopped, and until it is started again: 30s, 10m
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "5m",
        value_parser = value::wait,
        allow_hyphen_values = true,
        conflicts_with = "simulate"
    )]
    pub wait: Duration,
}

/// The flags of putting the cache right by hand.
#[derive(Clone, Debug, Args)]
pub struct Reconcile {
    /// From when on changes count: so long ago (1h, 30m), or a moment in UTC (2025-11-20T12:00) [default: as long ago as the
    /// oldest entry can be, CACHE_TTL and a little more]
    #[arg(long, value_name = "DURATION|MOMENT", value_parser = value::since, allow_hyphen_values = true)]
    pub since: Option<Since>,
    /// Show every statement and cache command
    #[arg(short, long)]
    pub verbose: bool,
}

/// From when on changes count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// So long ago.
    Ago(Duration),
    /// This moment, in UTC.
    Moment(NaiveDateTime),
}

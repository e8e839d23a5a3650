//! A bench: the same workload through one, several or all patterns, measured side by side.
//!
//! Data goes one way: a plan is run, what was counted becomes a [`Report`], and everything that is shown, exported, compared or
//! held against a limit is read from the report.

mod report;
mod subject;

pub use report::{
    Bucket, Configuration, Distribution, FORM, Failure, Host, Lag, Latencies, Load, Lookups, Mix, Outcome, Percentiles,
    Report, Round, Server, Slice, Stale, Timeline,
};
pub use subject::Subject;

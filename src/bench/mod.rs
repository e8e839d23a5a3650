//! A bench: the same workload through one, several or all patterns, measured side by side.
//!
//! Data goes one way: a plan is run, what was counted becomes a [`Report`], and everything that is shown, exported, compared or
//! held against a limit is read from the report.

mod client;
mod count;
mod flights;
mod gathered;
mod host;
mod ledger;
mod pace;
mod report;
mod run;
mod subject;
mod workload;

pub use flights::{Flights, Restored};

pub use report::{
    Bucket, Configuration, Distribution, FORM, Failure, Host, Lag, Latencies, Load, Lookups, Mix, Outcome, Percentiles,
    Report, Round, Server, Slice, Stale, Timeline,
};
pub use run::{Bench, Watch};
pub use subject::Subject;
pub use workload::ZIPF_EXPONENT;

//! A bench: the same workload through one, several or all patterns, measured side by side.
//!
//! Data goes one way: a plan is run, what was counted becomes a [`Report`], and everything that is shown, exported, compared or
//! held against a limit is read from the report.

mod client;
pub mod compare;
mod count;
pub mod facts;
mod flights;
mod gathered;
mod hand;
mod host;
mod ledger;
pub mod limit;
pub mod metric;
pub mod noise;
mod pace;
mod reading;
mod report;
mod run;
#[cfg(test)]
pub(crate) mod samples;
mod slices;
mod subject;
mod workload;

pub use compare::Compared;
pub use flights::{Flights, Restored, nobody_benches};
pub use limit::{Checked, Limit};
pub use metric::Metric;
pub use reading::read;
pub use report::{
    Bucket, Configuration, Distribution, FORM, Failure, Host, Lag, Latencies, Load, Lookups, Mix, Outcome, Percentiles,
    Report, Round, Server, Slice, Stale, Timeline,
};
pub use run::{Bench, Watch};
pub use subject::Subject;
pub use workload::ZIPF_EXPONENT;

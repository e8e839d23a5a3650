//! One integration test binary, so that its tests share one build and one set of server templates.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics, and says where")]

mod anomaly;
mod bench;
mod claims;
mod cluster;
#[expect(clippy::unwrap_used, reason = "what fails here is a failed test")]
mod contract;
mod crash;
mod described;
mod failing;
mod foreign;
mod hostile;
mod initialised;
mod interrupted;
mod keys;
mod killed;
mod locked;
mod matrix;
mod outage;
mod outage_demo;
mod pending;
mod reconcile;
mod refresh;
mod scene;
mod servers;
mod stale;
mod stats;
#[expect(dead_code, unreachable_pub, reason = "the harness offers more than any one test uses")]
mod support;
mod terminal;
mod tls;
mod variants;
mod worker;
mod wrong;

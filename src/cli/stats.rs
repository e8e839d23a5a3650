//! The flags of a look at what is counted.

use clap::Args;

/// What its help says besides.
pub(super) const HELP: &str = "\
The counters are the server's own, for every program that uses it. What a server
does not tell is not made up. Nothing is changed, and no database is needed.

Examples:
  cachedemo stats --cache-engine redis
  cachedemo stats --verbose
  cachedemo stats --format json";

/// The flags of a look at what is counted.
#[derive(Clone, Copy, Debug, Args)]
pub struct Stats {
    /// Show every statement and cache command
    #[arg(short, long)]
    pub verbose: bool,
}

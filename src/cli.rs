//! Every command and every flag, as they are typed.
//!
//! What a connection flag means is decided in [`crate::config`]; here stand names, help and the limits of single values.
//! Parse with [`parse`] and describe with [`command`] (help, completions, manual): they complete what derive cannot say.

mod action;
mod anomaly;
mod bench;
mod claims;
mod connection;
mod describe;
mod fault;
mod outage;
mod parse;
mod queue;
mod stats;
mod tuning;
mod value;

#[cfg(test)]
mod tests;

use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use action::{Action, Change, Get, Run, Scope, Update, Verify};
pub use anomaly::{Anomaly, Chosen};
pub use bench::{Bench, BenchAction, Measured};
pub use claims::{ClaimName, Claims};
pub use connection::{ConnectionFlags, QueueFlags};
pub use describe::{Completions, Man};
pub use fault::FaultFlags;
pub use outage::{Outage, Reconcile, Since};
pub use parse::{asks_for_json, command, explain, parse};
pub use queue::{DeadLetters, Letters, Queue, QueuedUpdate, Work, WriteBehind, WriteBehindAction};
pub use stats::Stats;
pub use tuning::{AroundFlags, PolicyName, RefreshFlags, Tuned, Variant};

macro_rules! examples {
    () => {
        "\
Examples:
  cachedemo write-through                     walk through; needs no server
  cachedemo cache-aside get --flight-id 115   one read, HIT or MISS
  cachedemo --db-engine mysql --cache-engine redis doctor"
    };
}

/// See, step by step, what each caching pattern does to reads, writes and data.
#[derive(Clone, Debug, Parser)]
#[command(
    name = "cachedemo",
    version,
    after_help = examples!(),
    after_long_help = concat!(examples!(), "

Settings:
  Each is taken from its flag, else from the environment, else from a file
  .env in this directory or the nearest above it, else from its default.
  DATABASE_URL stands in place of the DB_* settings beside and below it,
  CACHE_URL in place of CACHE_*. With none of them, the database is a SQLite
  file of cachedemo's own and the cache lives in this process.
  Prefer the environment for passwords: other accounts of a machine can see
  the flags of a process. CACHEDEMO_HOME is the directory for cachedemo's own
  files. The file .env.example lists every name.

Exit codes:
  0    everything shown held
  1    a step or a check did not hold, or an update was refused
  2    wrong command line or configuration
  3    the database or the cache cannot be reached
  4    no such flight
  130  interrupted, after the flight was put back")
)]
pub struct Cli {
    /// How results are written
    #[arg(long, global = true, value_enum, default_value_t = Format::Text, value_name = "FORMAT")]
    pub format: Format,
    /// Which database and which cache, and how to reach them.
    #[command(flatten)]
    pub connection: ConnectionFlags,
    /// What is to go wrong on purpose.
    #[command(flatten)]
    pub faults: FaultFlags,
    /// What to do; `None` is for a menu, or for the help where nobody can choose.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// How a command is to present itself: the flags that change nothing but that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    /// Show every statement and command.
    pub verbose: bool,
    /// Stop before each step.
    pub interactive: bool,
    /// Advance by itself, after this long.
    pub pause: Option<Duration>,
}

impl Cli {
    /// How the typed command is to present itself.
    #[must_use]
    pub fn manner(&self) -> Manner {
        if let Some(typed) = self.command.as_ref().and_then(Command::pattern) {
            return typed.clone().action().manner(|update| update.verbose);
        }
        match &self.command {
            Some(Command::WriteBehind(typed)) => match typed.clone().action() {
                WriteBehindAction::Every(action) => action.manner(|queued| queued.update.verbose),
                WriteBehindAction::Drain(work) | WriteBehindAction::Worker(work) => Manner::verbose(work.verbose),
                WriteBehindAction::Queue(_) => Manner::default(),
            },
            Some(Command::Outage(typed)) => typed.run.manner(),
            Some(Command::Reconcile(typed)) => Manner::verbose(typed.verbose),
            Some(Command::Stats(typed)) => Manner::verbose(typed.verbose),
            Some(_) | None => Manner::default(),
        }
    }
}

impl Manner {
    fn verbose(verbose: bool) -> Self {
        Self { verbose, ..Self::default() }
    }
}

impl Run {
    fn manner(&self) -> Manner {
        Manner { verbose: self.verbose, interactive: self.interactive, pause: self.pause }
    }
}

impl<U: Args> Action<U> {
    fn manner(&self, of_update: impl FnOnce(&U) -> bool) -> Manner {
        match self {
            Self::Run(run) => run.manner(),
            Self::Get(typed) => Manner::verbose(typed.verbose),
            Self::Update(typed) => Manner::verbose(of_update(typed)),
            Self::Verify(typed) => Manner::verbose(typed.verbose),
        }
    }
}

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs: one JSON document a line, each an event
    Json,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Read through the cache; an update deletes the entry
    #[command(after_help = "\
Examples:
  cachedemo cache-aside
  cachedemo cache-aside run --interactive --flight-id 115
  cachedemo cache-aside get --flight-id 115 --verbose")]
    CacheAside(Pattern),
    /// The cache loads what it does not hold; an update deletes the entry
    #[command(after_help = "\
Examples:
  cachedemo read-through
  cachedemo read-through get --flight-id 115 --verbose
  cachedemo read-through update --flight-id 1 --delay 2h")]
    ReadThrough(Pattern),
    /// An update writes the database and the cache before it returns
    #[command(after_help = "\
Examples:
  cachedemo write-through --flight-id 1
  cachedemo write-through run -i -v -f --flight-id 115
  cachedemo write-through update --flight-id 1 --delay 2h")]
    WriteThrough(Pattern),
    /// An update writes the database, past the cache
    #[command(after_help = "\
With --pure the cache is not even told: an entry that stands is served old until
its TTL ends, and the walk-through shows that. Without, it is thrown away.

Examples:
  cachedemo write-around
  cachedemo write-around run --pure --verbose
  cachedemo write-around update --pure --flight-id 115 --delay 2h")]
    WriteAround(Tuned<AroundFlags>),
    /// An update returns once the cache and a queue have it; the database follows
    #[command(after_help = "\
Examples:
  cachedemo write-behind run -i -v -f --flight-id 115
  cachedemo write-behind update --flight-id 1 --delay 90m --wait
  cachedemo write-behind drain")]
    WriteBehind(WriteBehind),
    /// A hit shortly before the end of its entry refreshes it in the background
    #[command(after_help = "\
The walk-through stores for a few seconds only, so that the end of an entry can be
waited for. With --policy xfetch chance decides when it is refreshed.

Examples:
  cachedemo refresh-ahead
  cachedemo refresh-ahead run --policy xfetch
  cachedemo refresh-ahead get --refresh-threshold 1 --flight-id 115 --verbose")]
    RefreshAhead(Tuned<RefreshFlags>),
    /// A race or a fault that makes caches lie, on purpose: without protection, then with it
    #[command(after_help = "\
Examples:
  cachedemo anomaly list
  cachedemo anomaly stale-fill
  cachedemo anomaly write-inversion --flight-id 115 --format json

Each is played twice, with the same choreography: by the textbook protocol, then by ours.
The flight is put back; flight_log keeps what was done. Exit code 0: the textbook went
wrong, and ours did not.")]
    Anomaly(Anomaly),
    /// The same workload through one, several or all patterns, side by side
    #[command(after_help = "\
Each pattern gets the same operations, in turns, round by round, and each read is held
against what was acknowledged before it. Flights are moved, and put back in the end.

Examples:
  cachedemo bench --yes                                  all patterns, 5 % updates
  cachedemo bench --reads 0.7 --rate 5000 --patterns none,write-through,write-behind
  cachedemo bench --yes --export report.html --export report.json --fail-if 'stale > 0'")]
    Bench(Bench),
    /// What is claimed of caching, measured here: each figure with its verdict and what it would take
    #[command(after_help = "\
Flights are moved, and put back in the end. Exit code 0 whatever the verdicts are: it
reports. A claim that does not hold is told with the database for which it would, and
with a command that simulates that one.

Examples:
  cachedemo claims --yes                      about half a minute
  cachedemo claims hit-speed coalescing --yes --fault 'database.*:delay=10ms'")]
    Claims(Claims),
    /// Walk through an outage of the cache: what it costs, and how it is healed
    #[command(after_help = "\
You are asked to stop the cache and to start it again; with --simulate, and with
the memory cache, it is taken away by a fault on purpose. With --naive nothing
heals it, and an old value is read.

Examples:
  cachedemo outage                            simulated; needs no server
  cachedemo outage --simulate --cache-engine redis
  cachedemo outage --interactive --verbose --cache-engine redis")]
    Outage(Outage),
    /// Drop from the cache whatever flight_log says has changed since a moment
    #[command(after_help = "\
For whatever ended while the cache was away or between a commit and its entry:
another program, the textbook protocol, a process on a machine that is gone. A
process of cachedemo that meets an outage does it by itself when the cache is
back; one that is killed meanwhile leaves a note, and the next one does it.

A change counts from when it was made, which is shortly before its commit:
reach back a minute more than the trouble did. Dropping too much does no harm.

Examples:
  cachedemo reconcile --since 1h
  cachedemo reconcile --since 2025-11-20T12:00 --verbose")]
    Reconcile(Reconcile),
    /// Is this environment fit: connectivity, schema, privileges, persistence, eviction
    #[command(after_help = "\
Examples:
  cachedemo doctor
  cachedemo doctor --format json")]
    Doctor,
    /// What the cache counts: entries, hits, misses, evictions, memory; and what waits in the queue
    #[command(after_help = stats::HELP)]
    Stats(Stats),
    /// The flughafendb schema and its sample data
    #[command(
        subcommand,
        disable_help_subcommand = true,
        after_help = "\
Examples:
  cachedemo db init --flights 5000
  cachedemo db status"
    )]
    Db(Db),
    /// A script that lets your shell complete cachedemo's commands and flags
    #[command(after_help = describe::COMPLETIONS_HELP)]
    Completions(Completions),
    /// The manual page of cachedemo; with --dir, one for each command
    #[command(after_help = describe::MAN_HELP)]
    Man(Man),
}

impl Command {
    /// The pattern that was typed, where it has the actions that all have and no others.
    #[must_use]
    pub fn pattern(&self) -> Option<&Pattern> {
        match self {
            Self::CacheAside(typed) | Self::ReadThrough(typed) | Self::WriteThrough(typed) => Some(typed),
            Self::WriteAround(typed) => Some(&typed.pattern),
            Self::RefreshAhead(typed) => Some(&typed.pattern),
            _ => None,
        }
    }
}

/// A pattern, and what to do with it.
#[derive(Clone, Debug, Args)]
#[command(disable_help_subcommand = true)]
pub struct Pattern {
    /// The flags of a walk-through, for when no action is typed.
    #[command(flatten)]
    pub run: Run,
    /// What to do instead of walking through.
    #[command(subcommand)]
    pub typed: Option<Action>,
}

impl Pattern {
    /// What to do: what was typed, or a walk-through.
    #[must_use]
    pub fn action(self) -> Action {
        self.typed.unwrap_or(Action::Run(self.run))
    }
}

/// What can be done with the schema and its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub enum Db {
    /// Create the schema and fill it with sample flights; never over data that is there
    #[command(after_help = "\
Examples:
  cachedemo db init
  cachedemo db init --flights 100000")]
    Init {
        /// How many flights to make, 1 to 10000000
        #[arg(
            long,
            value_name = "N",
            default_value_t = 1000,
            value_parser = value::flights,
            allow_negative_numbers = true
        )]
        flights: u32,
    },
    /// What is in the database
    #[command(after_help = "\
Examples:
  cachedemo db status
  cachedemo db status --format json")]
    Status,
}

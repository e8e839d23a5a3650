//! What can be done with write-behind beyond what can be done with every pattern: its worker, its queue, its dead letters.

use std::time::Duration;

use clap::{ArgGroup, Args, Subcommand};

use super::value;
use super::{Action, Run, Update};
use crate::queue::LetterId;

/// Write-behind, and what to do with it.
#[derive(Clone, Debug, Args)]
#[command(disable_help_subcommand = true)]
pub struct WriteBehind {
    /// The flags of a walk-through, for when no action is typed.
    #[command(flatten)]
    pub run: Run,
    /// What to do instead of walking through.
    #[command(subcommand)]
    pub typed: Option<WriteBehindAction>,
}

impl WriteBehind {
    /// What to do: what was typed, or a walk-through.
    #[must_use]
    pub fn action(self) -> WriteBehindAction {
        self.typed.unwrap_or(WriteBehindAction::Every(Action::Run(self.run)))
    }
}

/// What can be done with write-behind.
#[derive(Clone, Debug, Subcommand)]
pub enum WriteBehindAction {
    /// What can be done with every pattern.
    #[command(flatten)]
    Every(Action<QueuedUpdate>),
    /// Apply queued updates to the database as they come, until Ctrl-C or SIGTERM
    #[command(after_help = "\
Examples:
  cachedemo write-behind worker
  cachedemo write-behind worker --queue-batch-size 500 --queue-process-interval 200ms
  cachedemo write-behind worker --format json")]
    Worker(Work),
    /// Apply every queued update to the database, then end
    #[command(after_help = "\
Examples:
  cachedemo write-behind drain
  cachedemo write-behind drain --queue-batch-size 500 --verbose")]
    Drain(Work),
    /// What waits in the queue, and what could not be applied
    #[command(
        subcommand,
        disable_help_subcommand = true,
        after_help = "\
Examples:
  cachedemo write-behind queue status
  cachedemo write-behind queue dead-letters list"
    )]
    Queue(Queue),
}

/// The flags of an update that is queued.
#[derive(Clone, Debug, Args)]
pub struct QueuedUpdate {
    /// The flags of every update.
    #[command(flatten)]
    pub update: Update,
    /// Send an update again whose outcome is unknown, under the id that was named then: it is queued once
    #[arg(long, value_name = "ID", value_parser = value::update_id)]
    pub id: Option<String>,
    /// Return when the database has the update, or after this long: --wait (30s), --wait 2m
    #[arg(
        long,
        value_name = "DURATION",
        value_parser = value::wait,
        num_args = 0..=1,
        default_missing_value = "30s"
    )]
    pub wait: Option<Duration>,
}

impl From<Update> for QueuedUpdate {
    fn from(update: Update) -> Self {
        Self { update, id: None, wait: None }
    }
}

/// The flags of a worker and of a drain.
#[derive(Clone, Copy, Debug, Args)]
pub struct Work {
    /// Show every statement and queue command
    #[arg(short, long)]
    pub verbose: bool,
}

/// What can be done with the queue.
#[derive(Clone, Debug, Subcommand)]
pub enum Queue {
    /// How many updates wait, since when, how far the database is, and how many dead letters there are
    #[command(after_help = "\
Examples:
  cachedemo write-behind queue status --format json")]
    Status,
    /// The updates that the database could not take
    #[command(
        subcommand,
        disable_help_subcommand = true,
        after_help = "\
Examples:
  cachedemo write-behind queue dead-letters list
  cachedemo write-behind queue dead-letters replay 1763640000000-0
  cachedemo write-behind queue dead-letters purge --all --yes"
    )]
    DeadLetters(DeadLetters),
}

/// What can be done with the updates that the database could not take.
#[derive(Clone, Debug, Subcommand)]
pub enum DeadLetters {
    /// Show them, with reason, time and attempts
    #[command(after_help = "\
Examples:
  cachedemo write-behind queue dead-letters list --limit 20")]
    List {
        /// How many to show at most, the oldest first
        #[arg(long, value_name = "N", default_value_t = 100, value_parser = value::letters, allow_negative_numbers = true)]
        limit: u32,
    },
    /// Queue them again, at the end, as they were; each is applied once
    #[command(after_help = "\
Examples:
  cachedemo write-behind queue dead-letters replay 1763640000000-0
  cachedemo write-behind queue dead-letters replay --all")]
    Replay {
        /// Which of them.
        #[command(flatten)]
        which: Letters,
    },
    /// Drop them for good
    #[command(after_help = "\
Examples:
  cachedemo write-behind queue dead-letters purge 1763640000000-0
  cachedemo write-behind queue dead-letters purge --all --yes")]
    Purge {
        /// Which of them.
        #[command(flatten)]
        which: Letters,
        /// Do not ask
        #[arg(short, long)]
        yes: bool,
    },
}

/// Which dead letters.
#[derive(Clone, Debug, Args)]
#[command(group(ArgGroup::new("letters").args(["ids", "all"]).required(true)))]
pub struct Letters {
    /// The ids that `list` shows
    #[arg(value_name = "ID")]
    pub ids: Vec<LetterId>,
    /// All of them
    #[arg(long)]
    pub all: bool,
}

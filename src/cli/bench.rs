//! The flags of a bench.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};

use super::{AroundFlags, RefreshFlags, value};
use crate::bench::{Distribution, Limit, Mix, Subject};
use crate::output::report::Export;
use crate::pattern::Tuning;

/// A bench, or what is done with one that was.
#[derive(Clone, Debug, Args)]
#[command(disable_help_subcommand = true, args_conflicts_with_subcommands = true)]
pub struct Bench {
    /// What to measure.
    #[command(flatten)]
    pub measured: Measured,
    /// What to do instead of measuring.
    #[command(subcommand)]
    pub typed: Option<BenchAction>,
}

/// What is done with a bench that was.
#[derive(Clone, Debug, Subcommand)]
pub enum BenchAction {
    /// What has changed from one report to another, and whether that is more than noise
    #[command(after_help = "\
Reports are written by `cachedemo bench --export FILE.json`. A change is told apart from
noise by the rounds of both: with five against five, by an exact rank sum test at 5 %.

Examples:
  cachedemo bench compare old.json new.json
  cachedemo bench compare old.json new.json --format json")]
    Compare {
        /// The report of before
        #[arg(value_name = "OLD.json")]
        old: PathBuf,
        /// The report of now
        #[arg(value_name = "NEW.json")]
        new: PathBuf,
    },
    /// Put back what a bench has left that was killed; the next bench does it as well
    #[command(after_help = "\
Examples:
  cachedemo bench restore --db-engine postgresql --cache-engine redis")]
    Restore {
        /// The cache and the queue that the bench used never come back: put back the database without them
        #[arg(long)]
        cache_is_gone: bool,
    },
}

/// What to measure, and how.
#[derive(Clone, Debug, Args)]
#[command(group(ArgGroup::new("mix").args(["workload", "reads"])))]
#[command(group(ArgGroup::new("length").args(["duration", "operations"])))]
pub struct Measured {
    /// Which patterns, by name, separated by commas; none is the database alone
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "all",
        value_parser = subject,
        help_heading = "Workload"
    )]
    pub patterns: Vec<Chosen>,
    /// The mix of a YCSB workload: a (half updates), b (5 % updates), c (reads only), d (5 % updates, the latest are read
    /// most), f (half read-modify-write) [default: b]
    #[arg(long, value_name = "LETTER", value_enum, help_heading = "Workload")]
    pub workload: Option<Letter>,
    /// The share of reads instead, 0 to 1; the rest are updates
    #[arg(
        long,
        value_name = "SHARE",
        value_parser = value::share,
        allow_negative_numbers = true,
        help_heading = "Workload"
    )]
    pub reads: Option<f64>,
    /// How many flights: the first ones by their ids
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1000,
        value_parser = value::flights,
        allow_negative_numbers = true,
        help_heading = "Workload"
    )]
    pub keys: u32,
    /// How they are chosen [default: that of the YCSB workload, zipfian elsewhere]
    #[arg(long, value_name = "DISTRIBUTION", value_enum, help_heading = "Workload")]
    pub distribution: Option<Spread>,
    /// How many operations are under way at once
    #[arg(
        long,
        value_name = "N",
        default_value_t = 64,
        value_parser = value::clients,
        allow_negative_numbers = true,
        help_heading = "Load"
    )]
    pub clients: u32,
    /// How long each pattern is measured, over all rounds [default: 10s]
    #[arg(
        long,
        value_name = "DURATION",
        value_parser = value::measured,
        allow_hyphen_values = true,
        help_heading = "Load"
    )]
    pub duration: Option<Duration>,
    /// How many operations of each are measured instead, over all rounds
    #[arg(
        long,
        value_name = "N",
        value_parser = value::operations,
        allow_negative_numbers = true,
        help_heading = "Load"
    )]
    pub operations: Option<u64>,
    /// Begin so many operations a second, whether or not earlier ones have ended (open loop): latency counts from the
    /// intended start [default: each client begins the next when one ends]
    #[arg(
        long,
        value_name = "PER_SECOND",
        value_parser = value::rate,
        allow_negative_numbers = true,
        help_heading = "Load"
    )]
    pub rate: Option<f64>,
    /// How long the same runs unmeasured before each round; 0s begins with an empty cache
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "500ms",
        value_parser = value::warmup,
        allow_hyphen_values = true,
        help_heading = "Load"
    )]
    pub warmup: Duration,
    /// Into how many rounds it is divided; in each every pattern has its turn
    #[arg(
        long,
        value_name = "N",
        default_value_t = 5,
        value_parser = value::rounds,
        allow_negative_numbers = true,
        help_heading = "Load"
    )]
    pub rounds: u32,
    /// The textbook protocol, without leases
    #[arg(long)]
    pub naive: bool,
    /// What write-around does about an entry that stands.
    #[command(flatten)]
    pub around: AroundFlags,
    /// When refresh-ahead refreshes.
    #[command(flatten)]
    pub refresh: RefreshFlags,
    /// Do not ask before flights are moved
    #[arg(short, long)]
    pub yes: bool,
    /// Write the report to a file as well: .json, .csv, .md or .html; may be given several times
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    pub export: Vec<Export>,
    /// End with 1 if this is so, such as 'write-through.p99 > 5ms', 'stale > 0', 'cache-aside.hit-rate < 90%'; may be given
    /// several times
    ///
    /// A subject and a metric, or a metric of each subject: throughput, hit-rate, errors, stale, stale-age, database-reads,
    /// database-writes, cache-commands, queue-commands (each for an operation), queue-length, drained-after, and mean, p50, p95,
    /// p99, p99.9, max of all operations, of reads.p99 … or updates.p99 … alone, and of lag.p99 …, until the database has an
    /// update.
    #[arg(long, value_name = "LIMIT", help_heading = "Report")]
    pub fail_if: Vec<Limit>,
}

/// What was named of the things that are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// All of them.
    All,
    /// This one.
    One(Subject),
}

/// One of the things that a bench measures.
fn subject(text: &str) -> Result<Chosen, String> {
    if text.trim() == "all" {
        return Ok(Chosen::All);
    }
    let subjects = Subject::all();
    let known = subjects.iter().find(|subject| subject.name() == text.trim());
    known.map(|subject| Chosen::One(*subject)).ok_or_else(|| {
        let names: Vec<_> = subjects.iter().map(|subject| subject.name()).collect();
        format!("what can be measured is {} or all; write it like --patterns none,cache-aside", names.join(", "))
    })
}

/// A workload of YCSB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Letter {
    /// Half reads, half updates
    A,
    /// 95 % reads, 5 % updates
    B,
    /// Reads only
    C,
    /// 95 % reads, mostly of what was updated last, 5 % updates
    D,
    /// Half reads, half reads that are followed by an update
    F,
}

/// How flights are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Spread {
    /// Few are asked for often, most seldom (Zipf, exponent 0.99)
    Zipfian,
    /// All alike
    Uniform,
    /// Those that were updated last most
    Latest,
}

impl Letter {
    /// As it is written in a report.
    #[must_use]
    pub fn letter(self) -> char {
        match self {
            Self::A => 'a',
            Self::B => 'b',
            Self::C => 'c',
            Self::D => 'd',
            Self::F => 'f',
        }
    }
}

impl From<Spread> for Distribution {
    fn from(spread: Spread) -> Self {
        match spread {
            Spread::Zipfian => Self::Zipfian,
            Spread::Uniform => Self::Uniform,
            Spread::Latest => Self::Latest,
        }
    }
}

impl Measured {
    /// The letter of the mix, the mix, and how its flights are chosen.
    #[must_use]
    pub fn mix(&self) -> (Option<char>, Mix, Distribution) {
        let letter = self.workload.or(self.reads.is_none().then_some(Letter::B)).map(Letter::letter);
        let (mix, usual) = match (self.reads, letter.and_then(Mix::ycsb)) {
            (None, Some(ycsb)) => ycsb,
            (reads, _) => (Mix::of_reads(reads.unwrap_or(1.0)), Distribution::Zipfian),
        };
        (letter, mix, self.distribution.map_or(usual, Distribution::from))
    }

    /// The variants of the patterns that have several.
    #[must_use]
    pub fn tuning(&self) -> Tuning {
        Tuning { around: self.around.around(), refreshing: self.refresh.refreshing() }
    }

    /// What is measured, each once, in the order in which everything is listed.
    #[must_use]
    pub fn subjects(&self) -> Vec<Subject> {
        let is_chosen =
            |subject: &Subject| self.patterns.contains(&Chosen::All) || self.patterns.contains(&Chosen::One(*subject));
        Subject::all().into_iter().filter(is_chosen).collect()
    }
}

//! How throughput and latency grow with the clients and with the flights: a table for each stack, made by the bench itself.
//!
//! `cargo bench --bench growth` starts the servers; `-- postgresql` runs one stack alone, `-- full` every pair of clients and flights
//! rather than each with the usual other. A cell is a bench of its own, three rounds of the patterns in turns: YCSB's workload B
//! (5 % updates, zipfian).
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]

#[expect(dead_code, unreachable_pub, reason = "the harness offers more than a benchmark uses")]
#[path = "../../tests/it/support/mod.rs"]
mod support;

#[expect(dead_code, reason = "another benchmark wants the rest")]
#[path = "../laboratory/mod.rs"]
mod laboratory;

use std::process::ExitCode;

use cachedemo::bench::{Bench, Configuration, Flights, Mix, Outcome, Subject, Watch};
use cachedemo::cache::CacheKind;
use cachedemo::database::DatabaseKind;
use cachedemo::interrupt::Interrupt;
use cachedemo::lab::Lab;
use cachedemo::pattern::{OnCacheFailure, PatternKind, Protocol};
use cachedemo::threads::Threads;
use support::kinds::Kind;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// How many clients, and how many flights.
const CLIENTS: [u32; 5] = [1, 4, 16, 64, 256];
const KEYS: [u32; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// The others, while one of the two grows.
const USUAL_CLIENTS: u32 = 64;
const USUAL_KEYS: u32 = 10_000;
/// What is measured.
const SUBJECTS: [Subject; 4] = [
    Subject::None,
    Subject::Pattern(PatternKind::CacheAside),
    Subject::Pattern(PatternKind::WriteThrough),
    Subject::Pattern(PatternKind::WriteBehind),
];

/// A database and a cache, with the servers that the harness starts for them.
type Stack = (DatabaseKind, Option<Kind>, CacheKind, Option<Kind>);

const STACKS: [Stack; 3] = [
    (DatabaseKind::Postgresql, Some(Kind::Postgres), CacheKind::Redis, Some(Kind::Redis)),
    (DatabaseKind::Mariadb, Some(Kind::MariaDb), CacheKind::Valkey, Some(Kind::Valkey)),
    (DatabaseKind::Sqlite, None, CacheKind::Memory, None),
];

fn main() -> ExitCode {
    let measured = Threads::start().map_err(Failure::from).and_then(|threads| threads.run(measure()));
    match measured {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn measure() -> Result<(), Failure> {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_full = wanted.iter().any(|word| word == "full");
    for stack in STACKS {
        let (database, server, cache, cache_server) = stack;
        let is_named = |word: &String| DatabaseKind::ALL.iter().any(|kind| kind.name() == word);
        if wanted.iter().any(is_named) && !wanted.iter().any(|word| word == database.name()) {
            continue;
        }
        let start = laboratory::start;
        let (server, cache_server) = (server.map(start).transpose()?, cache_server.map(start).transpose()?);
        let home = tempfile::tempdir()?;
        let most = KEYS[KEYS.len() - 1];
        let cache = (cache, cache_server.as_ref());
        let lab = laboratory::lab_with(database, server.as_ref(), cache, home.path(), most).await?;
        heading(&lab);
        for keys in KEYS {
            let is_shown = |clients: &u32| is_full || keys == USUAL_KEYS || *clients == USUAL_CLIENTS;
            for clients in CLIENTS.into_iter().filter(is_shown) {
                row(&lab, home.path(), keys, clients).await?;
            }
        }
        println!();
        lab.database().close().await;
    }
    Ok(())
}

fn heading(lab: &Lab) {
    println!("**{} and {}**, operations/s · p99\n", lab.database().peer().product, lab.cache().peer().product);
    let names = SUBJECTS.map(Subject::name);
    println!("| flights | clients | {} |", names.join(" | "));
    println!("|---:|---:|{}", "---:|".repeat(names.len()));
}

async fn row(lab: &Lab, home: &std::path::Path, keys: u32, clients: u32) -> Result<(), Failure> {
    let plan = plan(keys, clients);
    let flights = Flights::take(lab, home, keys, true).await?;
    let interrupt = Interrupt::never();
    let bench = Bench { lab, apart: lab, plan: &plan, flights: &flights, watch: &Unseen, interrupt: &interrupt };
    let (report, ended) = bench.run().await;
    flights.restore(lab).await?;
    ended?;
    let cells: Vec<String> = report.outcomes.iter().map(cell).collect();
    println!("| {keys} | {clients} | {} |", cells.join(" | "));
    Ok(())
}

fn cell(outcome: &Outcome) -> String {
    let p99 = outcome.all.as_ref().map_or(f64::NAN, |all| all.p99_us / 1000.0);
    let wrong: u64 = outcome.errors.iter().map(|failure| failure.count).sum();
    let wrong = if wrong + outcome.stale.reads > 0 {
        format!(" ({wrong} errors, {} stale)", outcome.stale.reads)
    } else {
        String::new()
    };
    format!("{:.0} · {p99:.2} ms{wrong}", outcome.throughput)
}

fn plan(keys: u32, clients: u32) -> Configuration {
    let (mix, distribution) = Mix::ycsb('b').unwrap_or_else(|| unreachable!("YCSB has a workload B"));
    Configuration {
        subjects: SUBJECTS.to_vec(),
        protocol: Protocol::Protected,
        variants: Vec::new(),
        workload: Some("b".into()),
        mix,
        keys,
        distribution,
        clients,
        rate: None,
        duration_s: Some(0.9),
        operations: None,
        warmup_s: 0.3,
        rounds: 3,
        seed: 1,
        faults: Vec::new(),
        ttl_s: 3600.0,
        on_cache_failure: OnCacheFailure::Degrade,
        batch_size: 100,
    }
}

/// Nobody looks on.
struct Unseen;

impl Watch for Unseen {
    fn progress(&self, _subject: Subject, _done: f64) {}
}

//! What the patterns cost over the bare statements and commands that they are made of: ratios of one run, on real servers.
//!
//! `scripts/budgets` runs all of it; it starts the servers itself. A budget that is missed is said, and the exit code is 1, also
//! where docs/performance.md gives the reason.
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock itself, as its bare side does")]

#[expect(dead_code, unreachable_pub, reason = "the harness offers more than a benchmark uses")]
#[path = "../../tests/it/support/mod.rs"]
mod support;

#[path = "../laboratory/mod.rs"]
mod laboratory;

mod apart;
mod drain;
mod harness;
mod memory;
mod processes;
mod processor;
mod protection;
mod python;
mod rivals;
mod single;
mod table;
mod throughput;

use std::process::ExitCode;

use cachedemo::flight::FlightId;
use cachedemo::threads::Threads;
use futures_util::future::BoxFuture;
use laboratory::{lab, lab_in_batches, lab_with, start};

use table::Row;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A part of the budgets, by the name under which it is run alone.
type Part = (&'static str, fn() -> Measuring);

/// A part on its way to its rows.
type Measuring = BoxFuture<'static, Result<Vec<Row>, Failure>>;

const PARTS: [Part; 8] = [
    ("single", || Box::pin(single::measure())),
    ("throughput", || Box::pin(throughput::measure())),
    ("processes", || Box::pin(processes::measure())),
    ("drain", || Box::pin(drain::measure())),
    ("memory", || Box::pin(memory::measure())),
    ("protection", || Box::pin(protection::measure())),
    ("harness", || Box::pin(harness::measure())),
    ("python", || Box::pin(python::measure())),
];

fn main() -> ExitCode {
    // What is named is run alone: `scripts/budgets drain`.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let names = PARTS.map(|(name, _)| name);
    if let Some(unknown) = wanted.iter().find(|word| !names.contains(&word.as_str())) {
        println!("there is no part {unknown:?}: {}", names.join(", "));
        return ExitCode::from(2);
    }
    let mut rows = Vec::new();
    let mut failures = Vec::new();
    for (name, measure) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            println!("{name} …");
            // On threads of its own: what one has left running in the background is not measured with the next.
            let measured = Threads::start().map_err(Failure::from).and_then(|threads| threads.run(measure()));
            match measured {
                Ok(measured) => rows.extend(measured),
                // One that cannot be run is no reason to leave the others out.
                Err(failure) => failures.push(format!("{name}: {failure}")),
            }
        }
    }
    print!("\n{}", table::render(&rows));
    failures.iter().for_each(|failure| println!("{failure}"));
    if failures.is_empty() && !table::is_any_missed(&rows) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn flight_id() -> FlightId {
    FlightId::FIRST
}

/// The middle one.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

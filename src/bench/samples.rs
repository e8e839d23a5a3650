//! A report as a bench makes them, for the tests: every figure is computed from histograms that look like real ones.
//!
//! The tests of what is read from a report, here and under `output`, see the same one.

use super::*;
use crate::pattern::{OnCacheFailure, PatternKind, Protocol};

/// Some latencies: so many around a median, in microseconds, spread over so many orders of magnitude.
type Part = (u64, f64, f64);

/// A report of all subjects.
pub(crate) fn report() -> Report {
    let subjects = Subject::all();
    let at = |text: &str| text.parse().unwrap();
    let outcomes: Vec<_> = subjects.iter().map(|subject| outcome(*subject)).collect();
    let mut report = Report {
        form: FORM,
        version: "0.1.0".into(),
        made_at: at("2026-01-05T10:00:00"),
        complete: true,
        configuration: Configuration {
            subjects,
            protocol: Protocol::Protected,
            variants: Vec::new(),
            workload: Some("a".into()),
            mix: Mix { reads: 0.5, updates: 0.5, read_modify_writes: 0.0 },
            keys: 10_000,
            distribution: Distribution::Zipfian,
            clients: 16,
            rate: None,
            duration_s: Some(30.0),
            operations: None,
            warmup_s: 2.0,
            rounds: 5,
            seed: 42,
            faults: Vec::new(),
            ttl_s: 3600.0,
            on_cache_failure: OnCacheFailure::Degrade,
            batch_size: 100,
        },
        host: Host {
            processors: 2,
            processor: Some("Example CPU 3000".into()),
            memory_bytes: Some(8 << 30),
            system: "linux x86_64".into(),
        },
        database: Server {
            product: "MariaDB".into(),
            address: "127.0.0.1:3306/flughafendb".into(),
            version: Some("11.8.3-MariaDB".into()),
        },
        cache: Server { product: "Redis".into(), address: "127.0.0.1:6379".into(), version: Some("8.0.2".into()) },
        outcomes,
        reading: Vec::new(),
    };
    report.reading = read(&report);
    report
}

/// What is found of one subject: hits are fast, misses and updates take the database, write-behind takes the queue.
pub(crate) fn outcome(subject: Subject) -> Outcome {
    let place = Subject::all().iter().position(|other| *other == subject).unwrap() as f64;
    let behind = subject == Subject::Pattern(PatternKind::WriteBehind);
    let (reads, updates): (Vec<Part>, Part) = match subject {
        Subject::None => (vec![(10_000, 620.0, 0.22)], (10_000, 2_900.0, 0.25)),
        _ if behind => (vec![(9_900, 95.0, 0.2), (100, 700.0, 0.2)], (10_000, 130.0, 0.22)),
        _ => (vec![(8_500 + 100 * place as u64, 90.0 + place, 0.2), (1_500 - 100 * place as u64, 840.0, 0.25)], {
            (10_000, 3_100.0 + 20.0 * place, 0.25)
        }),
    };
    let (all, reads, updates) =
        (latencies(&[&reads[..], &[updates]].concat()), latencies(&reads), latencies(&[updates]));
    let throughput = 16.0 / all.mean_us * 1e6;
    let misses = if behind { 100 } else { 1_500 - 100 * place as u64 };
    let is_cached = subject != Subject::None;
    Outcome {
        subject,
        measured_s: 20_000.0 / throughput,
        operations: 20_000,
        throughput,
        rounds: (0..5).map(|round| self::round(throughput, f64::from(round), &all, &reads, &updates)).collect(),
        lookups: is_cached.then_some(Lookups { hits: 10_000 - misses, misses, ..Lookups::default() }),
        load: Load {
            database_reads: if is_cached { misses } else { 10_000 },
            database_writes: if behind { 230 } else { 10_000 },
            cache_commands: if is_cached { 30_000 } else { 0 },
            queue_commands: if behind { 10_700 } else { 0 },
        },
        errors: Vec::new(),
        stale: Stale::default(),
        lag: behind.then(|| Lag {
            until_durable: Some(latencies(&[(10_000, 48_000.0, 0.3)])),
            longest_queue: 1_742,
            drained_after_s: 0.31,
        }),
        timeline: timeline(throughput, behind),
        all: Some(all),
        reads: Some(reads),
        updates: Some(updates),
    }
}

fn round(throughput: f64, number: f64, all: &Latencies, reads: &Latencies, updates: &Latencies) -> Round {
    let factor = 1.0 + (number - 2.0) * 0.01;
    let percentiles = |seen: &Latencies| Percentiles {
        mean_us: seen.mean_us / factor,
        p50_us: seen.p50_us / factor,
        p95_us: seen.p95_us / factor,
        p99_us: seen.p99_us / factor,
        p999_us: seen.p999_us / factor,
        max_us: seen.max_us / factor,
    };
    Round {
        throughput: throughput * factor,
        latency: Some(percentiles(all)),
        reads: Some(percentiles(reads)),
        updates: Some(percentiles(updates)),
        hit_rate: Some(0.9),
    }
}

/// Latencies that are spread evenly in probability: no chance is needed for a shape.
fn latencies(parts: &[Part]) -> Latencies {
    let of = |&(count, median, spread): &Part| {
        (0..count).map(move |index| {
            let share = (index as f64 + 0.5) / count as f64;
            median * (share / (1.0 - share)).powf(spread)
        })
    };
    let mut all: Vec<f64> = parts.iter().flat_map(of).collect();
    all.sort_by(f64::total_cmp);
    let at = |share: f64| all[((all.len() as f64 * share).ceil() as usize).saturating_sub(1)];
    let mut histogram: Vec<Bucket> = Vec::new();
    for us in &all {
        match histogram.last_mut() {
            Some(last) if *us <= last.us => last.count += 1,
            _ => histogram.push(Bucket { us: (us * 1.01).min(all[all.len() - 1]), count: 1 }),
        }
    }
    Latencies {
        count: all.len() as u64,
        mean_us: all.iter().sum::<f64>() / all.len() as f64,
        p50_us: at(0.5),
        p95_us: at(0.95),
        p99_us: at(0.99),
        p999_us: at(0.999),
        max_us: at(1.0),
        histogram,
    }
}

fn timeline(throughput: f64, behind: bool) -> Timeline {
    let slice = |index: u32| {
        let wave = 1.0 + 0.12 * (f64::from(index) * 0.7).sin();
        let operations = (throughput * 0.5 * wave) as u64;
        Slice {
            operations,
            reads: operations / 2,
            hits: operations * 9 / 20,
            database: operations / if behind { 40 } else { 2 },
            waiting: if behind { u64::from(index % 12) * 150 } else { 0 },
        }
    };
    Timeline { slice_s: 0.5, slices: (0..60).map(slice).collect() }
}

//! What protection costs: the same operation by the textbook protocol and by ours, in turns, on every cache.
//!
//! No budget: the ratios are for whoever chooses. A miss is measured from an empty key, an update by both patterns that update
//! the database themselves; the eviction before a miss is not part of what is measured.

use std::time::{Duration, Instant};

use cachedemo::cache::CacheKind;
use cachedemo::database::DatabaseKind;
use cachedemo::lab::Lab;
use cachedemo::pattern::PatternKind;

use crate::apart::Apart;
use crate::support::kinds::Kind;
use crate::table::Row;
use crate::{Failure, flight_id, lab_with};

const ROUNDS: usize = 2_000;

/// What is measured.
#[derive(Clone, Copy)]
enum Operation {
    Hit,
    Miss,
    Update(PatternKind),
}

const OPERATIONS: [(Operation, &str); 4] = [
    (Operation::Hit, "read, hit"),
    (Operation::Miss, "read, miss and fill"),
    (Operation::Update(PatternKind::CacheAside), "update, cache-aside"),
    (Operation::Update(PatternKind::WriteThrough), "update, write-through"),
];

pub(crate) async fn measure() -> Result<Vec<Row>, Failure> {
    let home = tempfile::tempdir()?;
    let apart = Apart::new()?;
    println!("{:<24} {:<12} {:>12} {:>12} {:>7}", "protection (PostgreSQL)", "cache", "protected", "naive", "ratio");
    let caches = [
        (CacheKind::Redis, Some(Kind::Redis)),
        (CacheKind::Valkey, Some(Kind::Valkey)),
        (CacheKind::Memcached, Some(Kind::Memcached)),
        (CacheKind::Memory, None),
    ];
    for (kind, server) in caches {
        let server = server.map(|kind| apart.start(kind)).transpose()?;
        let postgres = apart.start(Kind::Postgres)?;
        let protected =
            lab_with(DatabaseKind::Postgresql, Some(&postgres), (kind, server.as_ref()), home.path(), 20_000).await?;
        let naive = protected.textbook();
        for (operation, what) in OPERATIONS {
            let (ours, textbook) = compare(&protected, &naive, operation).await?;
            let ratio = ours.as_secs_f64() / textbook.as_secs_f64();
            println!("{what:<24} {:<12} {ours:>12.1?} {textbook:>12.1?} {ratio:>7.2}", kind.name());
        }
        protected.database().close().await;
    }
    // A table of its own, without budgets.
    Ok(Vec::new())
}

/// Medians of both, one operation of each in turns.
async fn compare(protected: &Lab, naive: &Lab, operation: Operation) -> Result<(Duration, Duration), Failure> {
    let mut times = [Vec::with_capacity(ROUNDS), Vec::with_capacity(ROUNDS)];
    for round in 0..ROUNDS + ROUNDS / 10 {
        for (lab, times) in [protected, naive].into_iter().zip(&mut times) {
            let took = once(lab, operation).await?;
            // The first tenth warms both up.
            if round >= ROUNDS / 10 {
                times.push(took);
            }
        }
    }
    let [ours, textbook] = times.map(|mut times| {
        times.sort_unstable();
        times[times.len() / 2]
    });
    Ok((ours, textbook))
}

async fn once(lab: &Lab, operation: Operation) -> Result<Duration, Failure> {
    let id = flight_id();
    match operation {
        Operation::Hit => drop(lab.pattern().read(id).await?),
        Operation::Miss => drop(lab.cache().delete(id).await?),
        Operation::Update(_) => {}
    }
    let flight = match operation {
        Operation::Update(_) => lab.database().find(id).await?,
        Operation::Hit | Operation::Miss => None,
    };
    let under = match operation {
        Operation::Update(pattern) => lab.under(pattern),
        Operation::Hit | Operation::Miss => lab.clone(),
    };
    let began = Instant::now();
    match flight {
        Some(flight) => {
            drop(under.pattern().update(&under.plan(&flight, flight.times(), "benchmark", None)).await?);
        }
        None => drop(under.pattern().read(id).await?),
    }
    Ok(began.elapsed())
}

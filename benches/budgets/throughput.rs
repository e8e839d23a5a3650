//! Hits with 64 readers at once, against the server's own benchmark with 64 connections; and how much of the difference is ours.
//!
//! Beside the pattern runs a bare loop: as many tasks, the same client, one GET each, and nobody looks at the answer. What it
//! reaches is what this client can reach on this machine; what remains between it and the pattern is what the pattern costs.

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use cachedemo::database::DatabaseKind;
use redis::AsyncCommands;

use crate::processor::{Usage, Used};
use crate::support::kinds::Kind;
use crate::table::{Budget, Row};
use crate::{Failure, flight_id, lab, median, rivals, start};

pub(crate) const READERS: usize = 64;
const READS: usize = 4_000;
const ROUNDS: usize = 7;
/// About as many as the other sides make in a round.
const REQUESTS: u32 = 200_000;

pub(crate) async fn measure() -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    let home = tempfile::tempdir()?;
    let redis = start(Kind::Redis)?;
    let lab = Arc::new(lab(DatabaseKind::Sqlite, None, &redis, home.path()).await?);
    let bare = redis::Client::open(redis.url())?.get_multiplexed_async_connection().await?;
    lab.pattern().read(flight_id()).await?;
    let (mut ours, mut loops, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
    let mut used = [Used::default(); 3];
    for _ in 0..ROUNDS {
        let usage = Usage::of("redis-server");
        let lab = Arc::clone(&lab);
        let read = move |_| {
            let lab = Arc::clone(&lab);
            async move { Ok(lab.pattern().read(flight_id()).await?) }
        };
        ours.push(per_second(READERS, READS, read).await?);
        usage.add_to(&mut used[0]);
        let usage = Usage::of("redis-server");
        let connection = bare.clone();
        let get = move |_| {
            let mut connection = connection.clone();
            async move { Ok(connection.get::<_, Vec<u8>>("flight:1").await?) }
        };
        loops.push(per_second(READERS, READS, get).await?);
        usage.add_to(&mut used[1]);
        let usage = Usage::of("redis-server");
        theirs.push(rivals::gets_per_second(&redis, REQUESTS)?);
        usage.add_to(&mut used[2]);
    }
    let (ours, loops, theirs) = (median(ours), median(loops), median(theirs));
    let mut add = |what: &str, first: f64, second: f64, budget| {
        rows.push(Row::new(what, format!("{first:.0}"), format!("{second:.0}"), first / second, budget));
    };
    add("read hits/s, 64 at once, against redis-benchmark -t get -c 64", ours, theirs, Budget::AtLeast(3.0));
    add("  a bare loop of 64 tasks on one connection, against the same", loops, theirs, Budget::None);
    add("  read hits/s, 64 at once, against the bare loop", ours, loops, Budget::None);
    let sides = [("the pattern", ours), ("the bare loop", loops), ("redis-benchmark", theirs)];
    sides.iter().zip(used).for_each(|((what, rate), used)| used.tell(what, "redis-server", *rate));
    Ok(rows)
}

/// How many operations a second so many tasks do, each so many one after the other; an operation is told its number.
pub(crate) async fn per_second<F, T>(
    tasks: usize,
    each: usize,
    operation: impl Fn(usize) -> F + Clone + Send + 'static,
) -> Result<f64, Failure>
where
    F: Future<Output = Result<T, Failure>> + Send,
    T: Send,
{
    let began = Instant::now();
    let tasks: Vec<_> = (0..tasks)
        .map(|task| {
            let operation = operation.clone();
            tokio::spawn(async move {
                for number in 0..each {
                    operation(task * each + number).await?;
                }
                Ok::<(), Failure>(())
            })
        })
        .collect();
    let count = tasks.len() * each;
    for task in tasks {
        task.await??;
    }
    Ok(count as f64 / began.elapsed().as_secs_f64())
}

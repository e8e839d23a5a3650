//! A million queued updates, drained by the program itself: how much memory it takes, early and late.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cachedemo::database::DatabaseKind;
use cachedemo::flight::Times;
use cachedemo::pattern::PatternKind;
use chrono::TimeDelta;

use crate::support::kinds::Kind;
use crate::table::{Budget, Row};
use crate::{Failure, flight_id, lab, start};

const UPDATES: usize = 1_000_000;
/// How many are queued at the same time.
const WRITERS: usize = 64;

pub(crate) async fn measure() -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    let home = tempfile::tempdir()?;
    let redis = start(Kind::Redis)?;
    let mariadb = start(Kind::MariaDb)?;
    let lab = lab(DatabaseKind::Mariadb, Some(&mariadb), &redis, home.path()).await?.under(PatternKind::WriteBehind);
    let flights = lab.database().find_range(flight_id(), 1_000i64.try_into()?, 1_000).await?;
    let began = Instant::now();
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let (lab, flights) = (lab.clone(), flights.clone());
            tokio::spawn(async move {
                for number in (writer..UPDATES).step_by(WRITERS) {
                    let flight = &flights[number % flights.len()];
                    let by = TimeDelta::minutes(i64::try_from(number % 5_000)?);
                    let times = Times { departure: flight.departure + by, arrival: flight.arrival + by };
                    lab.pattern().update(&lab.plan(flight, times, "benchmark", None)).await?;
                }
                Ok::<(), Failure>(())
            })
        })
        .collect();
    for writer in writers {
        writer.await??;
    }
    let queued = began.elapsed();
    let began = Instant::now();
    let mut drain = Command::new(env!("CARGO_BIN_EXE_cachedemo"))
        .args(["write-behind", "drain"])
        .env_clear()
        .env("CACHEDEMO_HOME", home.path())
        .env("DATABASE_URL", mariadb.url())
        .env("CACHE_URL", redis.url())
        .env("CACHE_TIMEOUT", "5s")
        .stdout(Stdio::null())
        .spawn()?;
    let mut samples = Vec::new();
    let status = loop {
        if let Some(status) = drain.try_wait()? {
            break status;
        }
        if let Some(size) = resident(drain.id()) {
            samples.push(size);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    if !status.success() {
        return Err("the drain failed".into());
    }
    let drained = began.elapsed();
    let (early, late) = samples.split_at(samples.len() / 2);
    let most = |samples: &[f64]| samples.iter().copied().fold(0.0, f64::max);
    let what = format!(
        "{UPDATES} updates queued in {:.0} s, drained in {:.0} s: most memory in the first and second half (MiB)",
        queued.as_secs_f64(),
        drained.as_secs_f64()
    );
    let (late, early) = (format!("{:.1}", most(late)), format!("{:.1}", most(early)));
    rows.push(Row::new(what, late, early, most(&samples), Budget::AtMost(64.0)));
    Ok(rows)
}

/// What a process holds in memory, in MiB.
fn resident(process: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<f64>().ok().map(|size| size / 1024.0)
}

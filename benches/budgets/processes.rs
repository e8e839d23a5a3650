//! Whole processes: the embedded walk-through on its second run, and the help. Their budgets are times, not ratios.

use std::process::{Command, Stdio};
use std::time::Instant;

use crate::Failure;
use crate::table::{Budget, Row};

pub(crate) async fn measure() -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    let home = tempfile::tempdir()?;
    for (arguments, what, limit) in [
        (vec!["write-through", "--flight-id", "1"], "embedded walk-through, process start to exit (ms)", 100.0),
        (vec!["--help"], "--help, process start to exit (ms)", 10.0),
    ] {
        let mut times = Vec::new();
        for _ in 0..12 {
            let mut command = Command::new(env!("CARGO_BIN_EXE_cachedemo"));
            command.args(&arguments).env_clear().env("CACHEDEMO_HOME", home.path()).stdout(Stdio::null());
            let began = Instant::now();
            if !command.status()?.success() {
                return Err(format!("{what} failed").into());
            }
            times.push(began.elapsed().as_secs_f64() * 1000.0);
        }
        let first = times.remove(0);
        times.sort_by(f64::total_cmp);
        let median = times[times.len() / 2];
        let (ours, first) = (format!("{median:.1} ms"), format!("1st {first:.0}"));
        rows.push(Row::new(what, ours, first, median, Budget::AtMost(limit)));
    }
    Ok(rows)
}

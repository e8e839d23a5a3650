//! The servers' own benchmarks: what everybody else measures them with.

use std::path::Path;
use std::process::{Command, Output};

use crate::Failure;
use crate::support::programs;
use crate::support::server::Server;

/// As many bytes as a flight has in the cache.
const VALUE: &str = "230";

fn run(program: &str, comes_with: &str, configure: impl FnOnce(&mut Command)) -> Result<Output, Failure> {
    let path = programs::find(program)
        .ok_or_else(|| format!("{program} is not installed: it comes with {comes_with} (scripts/install-servers)"))?;
    let mut command = Command::new(path);
    configure(&mut command);
    let output = command.output()?;
    if output.status.success() {
        return Ok(output);
    }
    Err(format!("{program} failed: {}", String::from_utf8_lossy(&output.stderr).trim()).into())
}

fn redis_benchmark(redis: &Server, test: &str, requests: u32) -> Result<String, Failure> {
    let output = run("redis-benchmark", "the package redis-tools", |command| {
        let (port, requests) = (redis.port().to_string(), requests.to_string());
        command.args(["-p", &port, "-t", test, "-c", "64", "-n", &requests, "-d", VALUE, "--csv"]);
    })?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// `redis-benchmark -t get -c 64`: GETs per second.
pub(crate) fn gets_per_second(redis: &Server, requests: u32) -> Result<f64, Failure> {
    // It reads one key, which is there only if it was written: a GET of nothing is another command.
    redis_benchmark(redis, "set", 64)?;
    let text = redis_benchmark(redis, "get", requests)?;
    let line = text.lines().find(|line| line.starts_with("\"GET\"")).ok_or("redis-benchmark printed no GET")?;
    let rate = line.split(',').nth(1).map(|cell| cell.trim_matches('"')).ok_or("redis-benchmark printed no rate")?;
    Ok(rate.parse()?)
}

/// `pgbench -n -c 64 -j 2 -M prepared` with a script of its own: transactions per second.
pub(crate) fn pgbench(postgres: &Server, script: &Path, clients: u32, seconds: u32) -> Result<f64, Failure> {
    let output = run("pgbench", "the package postgresql", |command| {
        let (clients, seconds) = (clients.to_string(), seconds.to_string());
        command.args(["-n", "-c", &clients, "-j", "2", "-M", "prepared", "-T", &seconds, "-f"]).arg(script);
        command.args(["-h", postgres.host(), "-p", &postgres.port().to_string(), "-U", postgres.user()]);
        command.arg(crate::support::server::DATABASE).env("PGPASSWORD", postgres.password());
    })?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find_map(|line| line.strip_prefix("tps = ")).ok_or("pgbench printed no tps")?;
    Ok(line.split(' ').next().unwrap_or_default().parse()?)
}

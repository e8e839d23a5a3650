//! Against the Python tool that people use today: `cache_me_if_you_can` of rlunar/valkey-workshops, on the same servers, in turns.
//!
//! It is not part of this repository. `CACHEDEMO_PYTHON_TOOL` names the folder that holds its `daos` and `samples`, and
//! `CACHEDEMO_PYTHON` an interpreter that has what it needs; without the first these budgets are neither met nor missed.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use cachedemo::database::DatabaseKind;
use cachedemo::demo::Witness;
use cachedemo::flight::{Flight, Times};
use cachedemo::lab::Lab;
use cachedemo::pattern::PatternKind;
use chrono::TimeDelta;

use crate::apart::Apart;
use crate::support::kinds::Kind;
use crate::support::server::{DATABASE, Server};
use crate::table::{Budget, Row};
use crate::{Failure, flight_id, lab, median};

const TOOL: &str = "CACHEDEMO_PYTHON_TOOL";
const INTERPRETER: &str = "CACHEDEMO_PYTHON";
/// Turns, and how many operations one has.
const ROUNDS: usize = 10;
const EACH: usize = 100;
/// How many updates a round drains, on either side.
const QUEUED: usize = 1_000;
const WALKS: usize = 3;

/// What is compared, and how many times as fast we mean to be.
const HIT: (&str, Budget) = ("Python tool's read hit, p50, against ours", Budget::None);
const WRITE_THROUGH: (&str, Budget) = ("Python tool's write-through, p50, against ours", Budget::AtLeast(3.0));
const ACKNOWLEDGE: (&str, Budget) = ("Python tool's acknowledgement, p50, against ours", Budget::AtLeast(3.0));
const DRAIN: (&str, Budget) = ("drain, updates/s, against the Python tool's", Budget::AtLeast(50.0));
const WALK: (&str, Budget) =
    ("Python tool's whole write-through walk-through without its sleeps, against ours", Budget::AtLeast(10.0));
const WALK_BEHIND: (&str, Budget) =
    ("Python tool's whole write-behind walk-through without its sleeps, against ours", Budget::AtLeast(10.0));
const WALK_AS_IT_IS: (&str, Budget) =
    ("Python tool's whole write-through walk-through as it is, against ours", Budget::None);
const ALL: [(&str, Budget); 7] = [HIT, WRITE_THROUGH, ACKNOWLEDGE, DRAIN, WALK, WALK_BEHIND, WALK_AS_IT_IS];

pub(crate) async fn measure() -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    let Some(tool) = std::env::var_os(TOOL).map(PathBuf::from) else {
        let why = || format!("{TOOL} is not set");
        rows.extend(ALL.map(|(what, budget)| Row::not_measured(what, budget, why())));
        return Ok(rows);
    };
    let home = tempfile::tempdir()?;
    let apart = Apart::new()?;
    let (redis, mariadb) = (apart.start(Kind::Redis)?, apart.start(Kind::MariaDb)?);
    let lab = lab(DatabaseKind::Mariadb, Some(&mariadb), &redis, home.path()).await?;
    let stack = Stack { tool, redis: &redis, mariadb: &mariadb };
    let mut python = Driver::start(&stack)?;
    python.ask("ready", 1)?;
    let flights = lab.database().find_range(flight_id(), 100i64.try_into()?, 100).await?;
    operations(&lab, &flights, &mut python, &mut rows).await?;
    drains(&lab, &flights, &mut python, &mut rows).await?;
    drop(python);
    walks(&stack, home.path(), &mut rows)?;
    Ok(rows)
}

/// One side's times, or rates, and the other's.
#[derive(Default)]
struct Sides {
    ours: Vec<f64>,
    theirs: Vec<f64>,
}

async fn operations(lab: &Lab, flights: &[Flight], python: &mut Driver, rows: &mut Vec<Row>) -> Result<(), Failure> {
    let (through, behind) = (lab.under(PatternKind::WriteThrough), lab.under(PatternKind::WriteBehind));
    let [mut hit, mut write, mut acknowledge] = [Sides::default(), Sides::default(), Sides::default()];
    // The first round warms all up.
    for round in 0..=ROUNDS {
        let keep = |sides: &mut Sides, ours: Vec<f64>, theirs: Vec<f64>| {
            if round > 0 {
                sides.ours.extend(ours);
                sides.theirs.extend(theirs);
            }
        };
        let mut ours = Vec::new();
        for _ in 0..EACH {
            let began = Instant::now();
            lab.pattern().read(flight_id()).await?;
            ours.push(microseconds(began));
        }
        keep(&mut hit, ours, python.ask("hit", EACH)?);
        for (lab, sides, name) in [(&through, &mut write, "write_through"), (&behind, &mut acknowledge, "acknowledge")]
        {
            let mut ours = Vec::new();
            for number in 0..EACH {
                let flight = &flights[number % flights.len()];
                let update = lab.plan(flight, moved(flight, round * EACH + number), "benchmark", None);
                let began = Instant::now();
                lab.pattern().update(&update).await?;
                ours.push(microseconds(began));
            }
            keep(sides, ours, python.ask(name, EACH)?);
        }
        // What is queued is not to be in the way of the next round.
        behind.drain(&Witness::new(false), &|| false).await?;
        python.ask("drain", 1)?;
    }
    for ((what, budget), Sides { ours, theirs }) in [(HIT, hit), (WRITE_THROUGH, write), (ACKNOWLEDGE, acknowledge)] {
        let (ours, theirs) = (median(ours), median(theirs));
        rows.push(Row::new(what, format!("{ours:.1} µs"), format!("{theirs:.1} µs"), theirs / ours, budget));
    }
    Ok(())
}

async fn drains(lab: &Lab, flights: &[Flight], python: &mut Driver, rows: &mut Vec<Row>) -> Result<(), Failure> {
    let behind = lab.under(PatternKind::WriteBehind);
    let mut rates = Sides::default();
    for round in 0..5 {
        for number in 0..QUEUED {
            let flight = &flights[number % flights.len()];
            let update = behind.plan(flight, moved(flight, round * QUEUED + number), "benchmark", None);
            behind.pattern().update(&update).await?;
        }
        let began = Instant::now();
        behind.drain(&Witness::new(false), &|| false).await?;
        let ours = QUEUED as f64 * 1e6 / microseconds(began);
        let theirs = python.ask("drain", QUEUED)?.first().map(|took| QUEUED as f64 * 1e6 / took);
        if round > 0 {
            rates.ours.push(ours);
            rates.theirs.push(theirs.ok_or("the driver timed no drain")?);
        }
    }
    let (ours, theirs) = (median(rates.ours), median(rates.theirs));
    rows.push(Row::new(DRAIN.0, format!("{ours:.0}"), format!("{theirs:.0}"), ours / theirs, DRAIN.1));
    Ok(())
}

/// Whole processes, from their start to their exit.
fn walks(stack: &Stack<'_>, home: &std::path::Path, rows: &mut Vec<Row>) -> Result<(), Failure> {
    let [mut through, mut behind, mut as_it_is] = [Sides::default(), Sides::default(), Sides::default()];
    for round in 0..=WALKS {
        for (sides, pattern, sleeps) in
            [(&mut through, "through", false), (&mut behind, "behind", false), (&mut as_it_is, "through", true)]
        {
            let ours = timed(stack.our_walk(pattern, home), |_| true)?;
            let theirs = timed(stack.their_walk(pattern, sleeps)?, has_succeeded)?;
            // The first of each finds nothing in the system's caches.
            if round > 0 {
                sides.ours.push(ours);
                sides.theirs.push(theirs);
            }
        }
    }
    for ((what, budget), Sides { ours, theirs }) in [(WALK, through), (WALK_BEHIND, behind), (WALK_AS_IT_IS, as_it_is)]
    {
        let (ours, theirs) = (median(ours), median(theirs));
        rows.push(Row::new(what, format!("{ours:.1} ms"), format!("{theirs:.0} ms"), theirs / ours, budget));
    }
    Ok(())
}

/// The tool's exit code is 0 also where its demonstration failed.
fn has_succeeded(said: &str) -> bool {
    let failures = ["INCONSISTENCY detected!", "still INCONSISTENT", "Failed to restore"];
    said.contains("All steps executed successfully") && !failures.iter().any(|failure| said.contains(failure))
}

/// Milliseconds from start to exit.
fn timed(mut command: Command, holds: impl Fn(&str) -> bool) -> Result<f64, Failure> {
    let began = Instant::now();
    let output = command.stdin(Stdio::null()).output()?;
    let took = microseconds(began) / 1000.0;
    let said = String::from_utf8_lossy(&output.stdout);
    if output.status.success() && holds(&said) {
        return Ok(took);
    }
    Err(format!("{command:?} failed: {said}{}", String::from_utf8_lossy(&output.stderr)).into())
}

fn moved(flight: &Flight, number: usize) -> Times {
    let by = TimeDelta::minutes(i64::try_from(number % 10_000).unwrap_or(0));
    Times { departure: flight.departure + by, arrival: flight.arrival + by }
}

fn microseconds(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1e6
}

/// What both sides run on.
struct Stack<'a> {
    tool: PathBuf,
    redis: &'a Server,
    mariadb: &'a Server,
}

impl Stack<'_> {
    /// A Python that meets our servers.
    fn python(&self) -> Command {
        let mut command = Command::new(std::env::var_os(INTERPRETER).unwrap_or_else(|| "python3".into()));
        let Self { redis, mariadb, .. } = self;
        command
            .env("DB_ENGINE", "mariadb")
            .env("DB_HOST", mariadb.host())
            .env("DB_PORT", mariadb.port().to_string())
            .env("DB_USER", mariadb.user())
            .env("DB_PASSWORD", mariadb.password())
            .env("DB_NAME", DATABASE)
            .env("CACHE_ENGINE", "redis")
            .env("CACHE_HOST", redis.host())
            .env("CACHE_PORT", redis.port().to_string());
        command
    }

    fn their_walk(&self, pattern: &str, sleeps: bool) -> Result<Command, Failure> {
        let script = self.tool.join(format!("samples/demo_write_{pattern}_cache.py"));
        let mut command = self.python();
        // The sleeps of a demonstration are not its work: the module that it takes them from is given another one.
        let run = "import runpy, sys, time\nif sys.argv[2] == 'no': time.sleep = lambda _: None\n\
                   script = sys.argv[1]\nsys.argv = [script, '--flight-id', '1', '--flush']\n\
                   runpy.run_path(script, run_name='__main__')";
        let sleeps = if sleeps { "yes" } else { "no" };
        command.args(["-c", run]).arg(script).arg(sleeps).current_dir(&self.tool);
        Ok(command)
    }

    fn our_walk(&self, pattern: &str, home: &std::path::Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cachedemo"));
        command
            .args([&format!("write-{pattern}"), "--flight-id", "1", "--flush"])
            .env_clear()
            .env("CACHEDEMO_HOME", home)
            .env("DATABASE_URL", self.mariadb.url())
            .env("CACHE_URL", self.redis.url());
        command
    }
}

/// The tool in a process of its own, which does what it is asked and says how long that took.
struct Driver {
    process: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Driver {
    fn start(stack: &Stack<'_>) -> Result<Self, Failure> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/budgets/python_tool.py");
        let mut command = stack.python();
        command.arg(script).arg(&stack.tool).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().map_err(|cause| format!("{INTERPRETER} cannot be started: {cause}"))?;
        let requests = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().ok_or("the driver has no output")?);
        Ok(Self { process, requests, answers })
    }

    /// How long each of them took, in microseconds.
    fn ask(&mut self, what: &str, how_often: usize) -> Result<Vec<f64>, Failure> {
        let requests = self.requests.as_mut().ok_or("the driver has no input")?;
        writeln!(requests, "{what} {how_often}")?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        serde_json::from_str(&answer)
            .map_err(|_| format!("the Python tool gave no times for {what:?}; why is told above").into())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It ends with its input.
        self.requests = None;
        _ = self.process.wait();
    }
}

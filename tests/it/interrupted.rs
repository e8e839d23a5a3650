//! Walk-throughs that are interrupted, quit or killed before each of their steps, and what they leave.
//!
//! A demonstration that leaves a flight moved does so on somebody's own database: whatever ends it, the flight is as it
//! was, or the next run sees to it and says so.

use nix::sys::signal::Signal;

use crate::support::server::Kind;
use crate::support::stack::{OFFER, SCRIPTS, Script, Stack, WAITING, runtime, script, stop};
use crate::support::terminal::Terminal;

/// How the person ends a walk-through at a stop.
#[derive(Clone, Copy, Debug)]
enum Ending {
    CtrlC,
    Terminate,
    Quit,
}

impl Ending {
    const ALL: [Self; 3] = [Self::CtrlC, Self::Terminate, Self::Quit];

    fn end(self, terminal: &mut Terminal) {
        match self {
            Self::CtrlC => terminal.interrupt(),
            Self::Terminate => terminal.signal(Signal::SIGTERM),
            Self::Quit => terminal.send_line("q"),
        }
    }

    fn code(self) -> i32 {
        match self {
            Self::CtrlC | Self::Terminate => 130,
            Self::Quit => 0,
        }
    }
}

fn ends_unharmed(stack: &Stack, script: Script, steps: impl Iterator<Item = usize>) {
    for step in steps {
        for ending in Ending::ALL {
            end_unharmed(stack, script, &[], step, ending);
        }
    }
}

fn end_unharmed(stack: &Stack, script: Script, flags: &[&str], step: usize, ending: Ending) {
    let original = stack.times(1);
    let context = format!("{} {flags:?} {ending:?} before step {step}", script.pattern);
    let arguments = [&[script.pattern, "--interactive"], flags].concat();
    // A busy machine must not look like an outage.
    let mut terminal = Terminal::open(&stack.command(&arguments).env("CACHE_TIMEOUT", "10s"), 100, 40);
    stop(&mut terminal, 1);
    let modes = terminal.modes();
    for next in 2..=step {
        terminal.send_line("");
        stop(&mut terminal, next);
    }
    let is_moved = (script.update + 1..=script.restore).contains(&step);
    if is_moved && script.pattern != "write-behind" {
        assert_ne!(stack.times(1), original, "{context}: there is nothing to put back");
    }
    ending.end(&mut terminal);
    assert_eq!(terminal.wait(), ending.code(), "{context}:\n{}", terminal.transcript());
    assert_eq!(terminal.modes(), modes, "{context}: the terminal is not as it was");
    stack.assert_unharmed(&original, &context);
}

fn every_step_embedded(pattern: &str) {
    let script = script(pattern);
    ends_unharmed(&Stack::embedded(), script, 1..=script.steps);
}

#[test]
fn cache_aside_ends_unharmed_before_every_step() {
    every_step_embedded("cache-aside");
}

#[test]
fn write_through_ends_unharmed_before_every_step() {
    every_step_embedded("write-through");
}

#[test]
fn write_behind_ends_unharmed_before_every_step() {
    every_step_embedded("write-behind");
}

#[test]
fn read_through_ends_unharmed_before_every_step() {
    every_step_embedded("read-through");
}

#[test]
fn write_around_ends_unharmed_before_every_step() {
    every_step_embedded("write-around");
}

/// What it puts back leaves an old entry there, which goes as well.
#[test]
fn pure_write_around_ends_unharmed_before_every_step() {
    let Some(stack) = Stack::with_cache(Kind::Redis) else { return };
    for (step, ending) in (1..=9).zip(Ending::ALL.into_iter().cycle()) {
        end_unharmed(&stack, script("write-around"), &["--pure"], step, ending);
    }
}

/// One ending for each step: it takes its time to get there.
#[test]
fn refresh_ahead_ends_unharmed_before_every_step() {
    let Some(stack) = Stack::with_cache(Kind::Redis) else { return };
    for (step, ending) in (1..=WAITING.steps).zip(Ending::ALL.into_iter().cycle()) {
        end_unharmed(&stack, WAITING, &[], step, ending);
    }
}

fn moved_steps_on(database: Kind, cache: Kind) {
    let Some(stack) = Stack::of(database, cache) else { return };
    for script in SCRIPTS {
        ends_unharmed(&stack, script, script.update + 1..=script.restore);
    }
}

#[test]
fn a_moved_flight_is_put_back_on_mariadb_and_redis() {
    moved_steps_on(Kind::MariaDb, Kind::Redis);
}

#[test]
fn a_moved_flight_is_put_back_on_postgres_and_memcached() {
    moved_steps_on(Kind::Postgres, Kind::Memcached);
}

fn kill_at(stack: &Stack, script: Script, step: usize) -> String {
    let mut terminal = stack.at_stop(script.pattern, step);
    terminal.signal(Signal::SIGKILL);
    assert_eq!(terminal.wait(), 137, "{}", terminal.transcript());
    format!("{} killed before step {step}", script.pattern)
}

const CUT_SHORT: &str = "an earlier walk-through of flight 1 was cut short";

fn next_run_puts_back(stack: &Stack, script: Script, steps: impl Iterator<Item = usize>, next: &[&str]) {
    let original = stack.times(1);
    for step in steps {
        let context = format!("{}, then {next:?}", kill_at(stack, script, step));
        let output = stack.run(next);
        assert_eq!(output.code, Some(0), "{context}: {}{}", output.stdout, output.stderr);
        let is_left = (script.update + 1..=script.restore).contains(&step);
        assert_eq!(output.stdout.contains(CUT_SHORT), is_left, "{context}: {}", output.stdout);
        stack.assert_unharmed(&original, &context);
    }
}

#[test]
fn the_next_run_puts_back_what_a_killed_one_left_before_any_step() {
    let stack = Stack::embedded();
    for script in SCRIPTS {
        next_run_puts_back(&stack, script, 1..=script.steps, &[script.pattern]);
    }
}

#[test]
fn the_next_run_of_another_flight_puts_it_back_too() {
    let stack = Stack::embedded();
    for script in SCRIPTS {
        let steps = [script.update + 1, script.restore].into_iter();
        next_run_puts_back(&stack, script, steps, &[script.pattern, "--flight-id", "2"]);
    }
}

#[test]
fn the_next_run_of_another_pattern_puts_it_back_whether_it_was_queued_or_drained() {
    let stack = Stack::embedded();
    let behind = script("write-behind");
    for next in ["cache-aside", "write-through"] {
        // Queued before steps 4 and 5, drained before step 6.
        next_run_puts_back(&stack, behind, 4..=6, &[next]);
    }
    next_run_puts_back(&stack, script("cache-aside"), 4..=5, &["write-behind", "--flush"]);
    next_run_puts_back(&stack, WAITING, [3, 7, 8].into_iter(), &["cache-aside"]);
}

#[test]
fn the_next_run_puts_back_what_a_killed_one_left_on_servers() {
    let Some(stack) = Stack::of(Kind::MariaDb, Kind::Redis) else { return };
    for script in SCRIPTS {
        let steps = [script.update + 1, script.restore - 1, script.restore].into_iter();
        next_run_puts_back(&stack, script, steps, &[script.pattern]);
    }
}

#[test]
fn a_signal_ends_a_long_pause() {
    let stack = Stack::embedded();
    let original = stack.times(1);
    let mut terminal = Terminal::open(&stack.command(&["write-through", "--pause", "60s"]), 100, 40);
    terminal.expect("Demonstrating Data Consistency");
    terminal.expect("====");
    terminal.signal(Signal::SIGTERM);
    assert_eq!(terminal.wait(), 130, "{}", terminal.transcript());
    assert!(!terminal.transcript().contains("[STEP 1]"), "{}", terminal.transcript());
    stack.assert_unharmed(&original, "in the first pause");

    let mut terminal = Terminal::open(&stack.command(&["write-through", "--pause", "1s"]), 100, 40);
    terminal.expect("Write-through update completed successfully");
    terminal.signal(Signal::SIGTERM);
    assert_eq!(terminal.wait(), 130, "{}", terminal.transcript());
    stack.assert_unharmed(&original, "in the pause after the update");
}

#[test]
fn a_second_ctrl_c_ends_at_once_and_the_next_run_puts_back() {
    let stack = Stack::embedded();
    let original = stack.times(1);
    let arguments = ["write-through", "--interactive"];
    // Longer than the test waits: nothing but the second signal can end it.
    let mut terminal = Terminal::open(&stack.command(&arguments).env("DB_TIMEOUT", "120s"), 100, 40);
    for step in 1..=4 {
        stop(&mut terminal, step);
        if step < 4 {
            terminal.send_line("");
        }
    }
    let modes = terminal.modes();
    let file = format!("sqlite://{}", stack.file().display());
    let runtime = runtime();
    let (pool, mut holder) = runtime.block_on(async {
        let pool = sqlx::SqlitePool::connect(&file).await.unwrap();
        let mut holder = pool.acquire().await.unwrap();
        sqlx::query("BEGIN IMMEDIATE").execute(&mut *holder).await.unwrap();
        (pool, holder)
    });
    terminal.interrupt();
    terminal.expect("interrupted: putting flight 1 back");
    terminal.interrupt();
    assert_eq!(terminal.wait(), 130, "{}", terminal.transcript());
    assert_eq!(terminal.modes(), modes);
    runtime.block_on(async {
        sqlx::query("ROLLBACK").execute(&mut *holder).await.unwrap();
        drop(holder);
        pool.close().await;
    });
    assert_ne!(stack.times(1), original, "it was put back though it could not");
    let output = stack.run(&["write-through"]);
    assert_eq!(output.code, Some(0), "{}{}", output.stdout, output.stderr);
    assert!(output.stdout.contains(CUT_SHORT), "{}", output.stdout);
    stack.assert_unharmed(&original, "after the next run");
}

#[test]
fn a_second_walk_through_of_a_flight_is_refused_and_disturbs_nothing() {
    let stack = Stack::embedded();
    let original = stack.times(1);
    for step in [1, 4] {
        let mut terminal = stack.at_stop("write-through", step);
        for pattern in ["write-through", "cache-aside", "write-behind"] {
            let refused = stack.run(&[pattern]);
            assert_eq!(refused.code, Some(1), "{}{}", refused.stdout, refused.stderr);
            assert!(refused.stderr.contains("another walk-through is changing flight 1"), "{}", refused.stderr);
            assert!(refused.stderr.contains("hint:"), "{}", refused.stderr);
        }
        let other = stack.run(&["write-through", "--flight-id", "2"]);
        assert_eq!(other.code, Some(0), "{}{}", other.stdout, other.stderr);
        for next in step + 1..=script("write-through").steps {
            terminal.send_line("");
            terminal.expect(&format!("next: [STEP {next}]"));
            terminal.expect(OFFER);
        }
        terminal.send_line("");
        assert_eq!(terminal.wait(), 0, "{}", terminal.transcript());
        stack.assert_unharmed(&original, "after both");
    }
}

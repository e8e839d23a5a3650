//! Walk-throughs whose servers go away, whose flight somebody else moves, whose cache entry is spoilt, or whose reader leaves.
//!
//! The stops of an interactive walk-through make the moment of each failure exact. Whatever fails, the flight is back, or
//! the next run sees to it; and what somebody else has done stays done.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use nix::sys::stat::Mode;

use crate::support::server::{Kind, Server};
use crate::support::stack::{PATTERNS, SCRIPTS, Stack, WAITING, script, stop};
use crate::support::terminal::Terminal;

/// Presses Enter at every stop that is left; gives the exit code and everything that was shown.
fn go_on(mut terminal: Terminal) -> (i32, String) {
    terminal.send(&"\r".repeat(12));
    let code = terminal.wait();
    (code, terminal.transcript())
}

/// Everything that was shown, without colours and line ends, which fall anywhere.
fn plain(shown: &str) -> String {
    let mut text = String::new();
    let mut is_code = false;
    for character in shown.chars() {
        match character {
            '\u{1b}' => is_code = true,
            _ if is_code => is_code = !character.is_ascii_alphabetic(),
            _ => text.push(character),
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

const CUT_SHORT: &str = "an earlier walk-through of flight 1 was cut short";

/// Which step needs the cache first, from the given one on: the first read goes to the database without it.
fn needs_cache(pattern: &str, step: usize) -> usize {
    match (pattern, step) {
        ("cache-aside" | "write-through", 1) => 2,
        // A read may come from anywhere there; the next step queues an update.
        ("write-behind", 7) => 8,
        _ => step,
    }
}

fn cache_goes_away(pattern: &str, kind: Kind) {
    cache_goes_away_before(pattern, kind, 2..=script(pattern).steps);
}

fn cache_goes_away_before(pattern: &str, kind: Kind, steps: impl IntoIterator<Item = usize>) {
    let Some(mut stack) = Stack::with_cache(kind) else { return };
    let original = stack.times(1);
    for step in steps {
        let context = format!("{pattern}: {kind} killed before step {step}");
        let terminal = stack.at_stop(pattern, step);
        stack.cache.as_mut().unwrap().kill();
        let (code, shown) = go_on(terminal);
        assert_eq!(code, 1, "{context}: {shown}");
        let needed = needs_cache(pattern, step);
        assert!(shown.contains(&format!("[STEP {needed}] ")), "{context}: {shown}");
        assert!(!shown.contains(&format!("[STEP {}] ", needed + 1)), "{context}: {shown}");
        let said = plain(&shown);
        // Where the cache went away under an update, nobody can say whether it arrived: that is said, and no more.
        let is_named = said.contains(&format!("step {needed} ")) || said.contains("it is not known whether");
        assert!(is_named, "{context}: {shown}");
        assert_eq!(stack.times(1), original, "{context}: the flight is not as it was");
        stack.cache.as_mut().unwrap().restart();
        let next = stack.run(&[pattern]);
        assert_eq!(next.code, Some(0), "{context}: {}{}", next.stdout, next.stderr);
        stack.assert_unharmed(&original, &context);
    }
}

#[test]
fn the_cache_goes_away_before_any_step_of_cache_aside() {
    cache_goes_away("cache-aside", Kind::Redis);
}

#[test]
fn the_cache_goes_away_before_any_step_of_write_through() {
    cache_goes_away("write-through", Kind::Valkey);
}

#[test]
fn the_cache_goes_away_before_any_step_of_write_around() {
    cache_goes_away("write-around", Kind::Memcached);
}

/// Before it waits for the end of an entry, and when the flight is moved.
#[test]
fn the_cache_goes_away_before_steps_of_refresh_ahead() {
    cache_goes_away_before("refresh-ahead", Kind::Redis, [3, 7]);
}

#[test]
fn the_cache_and_its_queue_go_away_before_any_step_of_write_behind() {
    cache_goes_away("write-behind", Kind::Redis);
}

#[test]
fn the_next_command_drops_an_entry_that_the_cache_kept_through_its_restart() {
    let Some(mut stack) = Stack::with_cache(Kind::Redis) else { return };
    let original = stack.times(1);
    let terminal = stack.at_stop("write-through", 5);
    stack.cache.as_mut().unwrap().kill();
    let (code, shown) = go_on(terminal);
    assert_eq!(code, 1, "{shown}");
    assert!(plain(&shown).contains("flight 1 could not be put back whole"), "{shown}");
    assert_eq!(stack.times(1), original);
    stack.cache.as_mut().unwrap().restart();
    let kept = redis(stack.cache.as_ref().unwrap(), "GET flight:1");
    let departure = original.split('\t').next().unwrap().replace(' ', "T");
    assert!(
        kept.contains("departure") && !kept.contains(&departure),
        "the cache has not kept the changed flight: {kept}"
    );
    let read = stack.run(&["write-through", "get"]);
    assert_eq!(read.code, Some(0), "{}{}", read.stdout, read.stderr);
    assert!(plain(&read.stdout).contains("entries dropped from the cache 1"), "{}", read.stdout);
    stack.assert_unharmed(&original, "after the next run");
}

fn database_goes_away(pattern: &str, database: Kind, cache: Kind) {
    let Some(mut stack) = Stack::of(database, cache) else { return };
    let script = script(pattern);
    let original = stack.times(1);
    for step in 1..=script.steps {
        let context = format!("{pattern}: {database} killed before step {step}");
        let terminal = stack.at_stop(pattern, step);
        if step == 1 {
            // Else the entry of an earlier run answers the first read.
            evict(stack.cache.as_ref().unwrap());
        }
        stack.database.as_mut().unwrap().kill();
        let (code, shown) = go_on(terminal);
        assert_eq!(code, 3, "{context}: {shown}");
        assert!(plain(&shown).contains("cannot reach the database"), "{context}: {shown}");
        stack.database.as_mut().unwrap().restart();
        let is_left = stack.times(1) != original || queued(&stack);
        let next = stack.run(&[pattern]);
        assert_eq!(next.code, Some(0), "{context}: {}{}", next.stdout, next.stderr);
        if is_left {
            assert!(next.stdout.contains(CUT_SHORT), "{context}: {}", next.stdout);
        }
        if step > script.update && step <= script.restore {
            assert!(is_left, "{context}: the flight cannot be back");
        }
        stack.assert_unharmed(&original, &context);
    }
}

fn queued(stack: &Stack) -> bool {
    !stack.run(&["--format", "json", "write-behind", "queue", "status"]).stdout.contains("\"length\":0,")
}

#[test]
fn the_database_goes_away_before_any_step_of_cache_aside() {
    database_goes_away("cache-aside", Kind::MariaDb, Kind::Memcached);
}

#[test]
fn the_database_goes_away_before_any_step_of_write_through() {
    database_goes_away("write-through", Kind::Postgres, Kind::Redis);
}

#[test]
fn the_database_goes_away_before_any_step_of_write_behind() {
    database_goes_away("write-behind", Kind::Postgres, Kind::Redis);
}

/// Sends a command to Redis as it is typed, and gives the beginning of its answer.
fn redis(server: &Server, command: &str) -> String {
    let mut connection = TcpStream::connect((server.host(), server.port())).unwrap();
    connection.write_all(format!("{command}\r\n").as_bytes()).unwrap();
    let mut answer = [0; 512];
    let length = connection.read(&mut answer).unwrap();
    String::from_utf8_lossy(&answer[..length]).into_owned()
}

fn evict(server: &Server) {
    let command = if server.kind() == Kind::Memcached { "delete flight:1" } else { "DEL flight:1" };
    redis(server, command);
}

#[test]
fn what_somebody_else_does_in_the_middle_is_never_overwritten() {
    let stack = Stack::embedded();
    let original = stack.times(1);
    let theirs = "2030-01-02 03:04:05";
    for script in SCRIPTS {
        for step in 1..=script.steps {
            let context = format!("{} changed by somebody else before step {step}", script.pattern);
            let terminal = stack.at_stop(script.pattern, step);
            stack.sql(&format!("UPDATE flight SET departure = '{theirs}', arrival = '{theirs}' WHERE flight_id = 1"));
            let (code, shown) = go_on(terminal);
            assert_eq!(stack.times(1), format!("{theirs}\t{theirs}"), "{context}: {shown}");
            assert_eq!(code, 1, "{context}: {shown}");
            assert!(plain(&shown).contains("somebody else has moved flight 1"), "{context}: {shown}");
            stack.assert_unharmed(&format!("{theirs}\t{theirs}"), &context);
            let (departure, arrival) = original.split_once('\t').unwrap();
            stack.sql(&format!(
                "UPDATE flight SET departure = '{departure}', arrival = '{arrival}' WHERE flight_id = 1"
            ));
            let next = stack.run(&[script.pattern]);
            assert_eq!(next.code, Some(0), "{context}: {}{}", next.stdout, next.stderr);
            assert!(!next.stdout.contains(CUT_SHORT), "{context}: {}", next.stdout);
        }
    }
}

#[test]
fn a_spoilt_entry_is_reported_and_overwritten_and_the_walk_through_goes_on() {
    let Some(stack) = Stack::with_cache(Kind::Redis) else { return };
    let original = stack.times(1);
    let quick = SCRIPTS.into_iter().flat_map(|script| (1..=script.steps).map(move |step| (script, step)));
    // Of the one that waits, the steps that read in a way of their own, and one that reads like those of the others.
    let waiting = [3, 4, 7].map(|step| (WAITING, step));
    for (script, step) in waiting.into_iter().chain(quick) {
        // That step shows that nothing stands there.
        if (script.pattern, step) == ("write-around", 4) {
            continue;
        }
        for spoil in ["SET flight:1 garbage", "RPUSH flight:1 garbage"] {
            let context = format!("{}: {spoil} before step {step}", script.pattern);
            let terminal = stack.at_stop(script.pattern, step);
            let server = stack.cache.as_ref().unwrap();
            redis(server, "DEL flight:1");
            redis(server, spoil);
            let (code, shown) = go_on(terminal);
            assert_eq!(code, 0, "{context}: {shown}");
            let is_read = step != script.update && step < script.restore;
            // An update or a drain does not look at what it replaces.
            if is_read && !(script.pattern == "write-behind" && (step == 5 || step == 8)) {
                assert!(shown.contains("UNREADABLE"), "{context}: {shown}");
            }
            stack.assert_unharmed(&original, &context);
        }
    }
}

#[test]
fn a_hit_that_is_missed_ends_the_walk_through_and_puts_the_flight_back() {
    let Some(stack) = Stack::with_cache(Kind::Redis) else { return };
    let original = stack.times(1);
    for (pattern, step) in [
        ("cache-aside", 2),
        ("cache-aside", 5),
        ("read-through", 5),
        ("write-through", 2),
        ("write-through", 5),
        ("write-around", 2),
        ("write-around", 6),
        ("write-behind", 2),
    ] {
        let context = format!("{pattern}: entry deleted before step {step}");
        let terminal = stack.at_stop(pattern, step);
        evict(stack.cache.as_ref().unwrap());
        let (code, shown) = go_on(terminal);
        assert_eq!(code, 1, "{context}: {shown}");
        assert!(plain(&shown).contains(&format!("step {step} did not hold")), "{context}: {shown}");
        stack.assert_unharmed(&original, &context);
    }
}

#[test]
fn a_reader_that_leaves_at_any_step_is_no_failure_and_the_flight_is_put_back() {
    let stack = Stack::embedded();
    let original = stack.times(1);
    let pipe = stack.folder().join("pipe");
    nix::unistd::mkfifo(&pipe, Mode::S_IRWXU).unwrap();
    for script in SCRIPTS {
        for step in 1..=script.steps {
            let context = format!("{}: the reader leaves before step {step}", script.pattern);
            let line = format!("exec \"$0\" {} --interactive > pipe", script.pattern);
            let mut terminal = Terminal::open(&stack.shell(&line), 100, 40);
            let reader = File::open(&pipe).unwrap();
            for passed in 1..step {
                stop(&mut terminal, passed);
                terminal.send_line("");
            }
            stop(&mut terminal, step);
            drop(reader);
            let (code, shown) = go_on(terminal);
            assert_eq!(code, 0, "{context}: {shown}");
            stack.assert_unharmed(&original, &context);
            let next = stack.run(&["cache-aside", "--flight-id", "2"]);
            assert!(!next.stdout.contains(CUT_SHORT), "{context}: {}", next.stdout);
        }
    }
}

#[test]
fn without_a_cache_the_first_read_is_degraded_and_the_second_step_fails() {
    for kind in [Kind::Redis, Kind::Memcached] {
        let Some(mut stack) = Stack::with_cache(kind) else { return };
        let (original, logged) = (stack.times(1), stack.logged(1));
        stack.cache.as_mut().unwrap().kill();
        for pattern in PATTERNS {
            let output = stack.run(&[pattern]);
            assert_eq!(output.code, Some(1), "{}{}", output.stdout, output.stderr);
            assert!(output.stdout.contains("from database, degraded"), "{}", output.stdout);
            assert!(output.stdout.contains("[STEP 2]") && !output.stdout.contains("[STEP 3]"), "{}", output.stdout);
            assert!(output.stderr.contains("step 2 needs the cache"), "{}", output.stderr);
            assert!(output.stderr.contains("hint:"), "{}", output.stderr);
            assert_eq!((stack.times(1), stack.logged(1)), (original.clone(), logged));
        }
    }
}

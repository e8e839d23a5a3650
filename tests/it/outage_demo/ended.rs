//! Outages whose walk-through is interrupted, quit, killed or left waiting: the flight is as it was, whatever the cache does.

use nix::sys::signal::Signal;

use super::{Hand, STEPS, outage};
use crate::support::server::Kind;
use crate::support::stack::{Stack, stop};
use crate::support::terminal::Terminal;

const CUT_SHORT: &str = "an earlier walk-through of flight 1 was cut short";

/// Starts a simulated one and goes to the stop before a step.
fn at_stop(stack: &Stack, step: usize) -> Terminal {
    let mut terminal = Terminal::open(&outage(stack, &["--simulate", "-i"], "10s"), 100, 40);
    for passed in 1..step {
        stop(&mut terminal, passed);
        terminal.send_line("");
    }
    stop(&mut terminal, step);
    terminal
}

/// Starts one by hand, and stops the server; it then waits until it is started again.
fn waiting(stack: &mut Stack, hand: Hand) -> Terminal {
    let mut terminal = Terminal::open(&outage(stack, &[], hand.timeout()), 100, 40);
    terminal.expect("this goes on by itself as soon as it is gone");
    hand.stop(stack.cache.as_mut().unwrap());
    terminal.expect("this goes on by itself as soon as it answers");
    terminal
}

fn ends_unharmed_before_every_step(stack: &Stack) {
    let original = stack.times(1);
    for step in 1..=STEPS {
        for is_quit in [true, false] {
            let context = format!("quit {is_quit} before step {step}");
            let mut terminal = at_stop(stack, step);
            assert_eq!(stack.times(1) != original, (8..=11).contains(&step), "{context}: moved at another step");
            if is_quit {
                terminal.send_line("q")
            } else {
                terminal.interrupt()
            }
            assert_eq!(terminal.wait(), if is_quit { 0 } else { 130 }, "{context}: {}", terminal.transcript());
            // A simulated outage is over with its walk-through: the cache is told that the flight is back.
            let shown = terminal.transcript();
            assert_eq!(shown.contains("Cache updated for flight 1"), step >= 8, "{context}: {shown}");
            assert!(!shown.contains("the cache is away"), "{context}: {shown}");
            stack.assert_unharmed(&original, &context);
            let next = stack.run(&["cache-aside", "--flight-id", "2"]);
            assert!(!next.stdout.contains(CUT_SHORT), "{context}: {}", next.stdout);
        }
    }
}

#[test]
fn it_ends_unharmed_before_every_step() {
    ends_unharmed_before_every_step(&Stack::embedded());
}

#[test]
fn it_ends_unharmed_before_every_step_with_a_server() {
    let Some(stack) = Stack::with_cache(Kind::Redis) else { return };
    ends_unharmed_before_every_step(&stack);
}

#[test]
fn a_killed_one_is_put_back_by_the_next_run() {
    for stack in [Some(Stack::embedded()), Stack::with_cache(Kind::Valkey)] {
        let Some(stack) = stack else { return };
        let original = stack.times(1);
        for step in [5, 8, 9, 11] {
            let mut terminal = at_stop(&stack, step);
            terminal.signal(Signal::SIGKILL);
            assert_eq!(terminal.wait(), 137, "{}", terminal.transcript());
            let next = stack.run(&["outage", "--simulate"]);
            let context = format!("killed before step {step}: {}{}", next.stdout, next.stderr);
            assert_eq!(next.code, Some(0), "{context}");
            assert_eq!(next.stdout.contains(CUT_SHORT), step > 7, "{context}");
            stack.assert_unharmed(&original, &context);
        }
    }
}

#[test]
fn ctrl_c_ends_the_wait_for_the_server_to_stop() {
    let Some(stack) = Stack::with_cache(Kind::Redis) else { return };
    let (original, logged) = (stack.times(1), stack.logged(1));
    let mut terminal = Terminal::open(&outage(&stack, &[], "10s"), 100, 40);
    terminal.expect("this goes on by itself as soon as it is gone");
    terminal.interrupt();
    assert_eq!(terminal.wait(), 130, "{}", terminal.transcript());
    assert_eq!(stack.logged(1), logged);
    stack.assert_unharmed(&original, "while the server runs");
}

#[test]
fn ctrl_c_ends_the_wait_for_the_server_to_start_and_the_next_command_heals_it() {
    for (kind, hand) in [(Kind::Redis, Hand::KillsIt), (Kind::Memcached, Hand::FreezesIt)] {
        let Some(mut stack) = Stack::with_cache(kind) else { return };
        let original = stack.times(1);
        let mut terminal = waiting(&mut stack, hand);
        assert_ne!(stack.times(1), original);
        terminal.interrupt();
        assert_eq!(terminal.wait(), 130, "{kind}: {}", terminal.transcript());
        let shown = terminal.transcript().split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(shown.contains("flight 1 is back in the database; the cache is away"), "{kind}: {shown}");
        assert_eq!(stack.times(1), original, "{kind}: the flight is not as it was");
        hand.start(stack.cache.as_mut().unwrap());
        let next = stack.run(&["write-through", "get"]);
        assert!(next.stdout.contains("reconciled") && next.stdout.contains("MISS"), "{kind}: {}", next.stdout);
        stack.assert_unharmed(&original, "after the next command");
    }
}

#[test]
fn one_that_is_killed_while_it_waits_is_put_back_by_the_next_run() {
    let Some(mut stack) = Stack::with_cache(Kind::Redis) else { return };
    let original = stack.times(1);
    let mut terminal = waiting(&mut stack, Hand::KillsIt);
    terminal.signal(Signal::SIGKILL);
    assert_eq!(terminal.wait(), 137, "{}", terminal.transcript());
    assert_ne!(stack.times(1), original);
    stack.cache.as_mut().unwrap().restart();
    let next = stack.run(&["write-through"]);
    assert_eq!(next.code, Some(0), "{}{}", next.stdout, next.stderr);
    assert!(next.stdout.contains(CUT_SHORT) && next.stdout.contains("reconciled"), "{}", next.stdout);
    stack.assert_unharmed(&original, "after the next run");
}

#[test]
fn a_server_that_nobody_stops_or_starts_ends_it_after_a_while() {
    let Some(mut stack) = Stack::with_cache(Kind::Valkey) else { return };
    let original = stack.times(1);
    let output = outage(&stack, &["--wait", "1ms"], "10s").run();
    assert_eq!(output.code, Some(1), "{}{}", output.stdout, output.stderr);
    assert!(output.stderr.contains("still answers after 1ms") && output.stderr.contains("--simulate"), "{output:?}");

    let mut terminal = Terminal::open(&outage(&stack, &["--wait", "5s"], "10s"), 100, 40);
    terminal.expect("this goes on by itself as soon as it is gone");
    stack.cache.as_mut().unwrap().kill();
    assert_eq!(terminal.wait(), 1, "{}", terminal.transcript());
    let shown = terminal.transcript().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("does not answer after 5s"), "{shown}");
    assert_eq!(stack.times(1), original);
    stack.cache.as_mut().unwrap().restart();
    stack.assert_unharmed(&original, "after nobody has started it");
}

#[test]
fn a_cache_that_is_back_too_early_is_told() {
    let Some(stack) = Stack::with_cache(Kind::Redis) else { return };
    let original = stack.times(1);
    for step in [5, 6, 7] {
        let mut terminal = Terminal::open(&outage(&stack, &["-i"], "1s"), 100, 40);
        for passed in 1..=4 {
            stop(&mut terminal, passed);
            terminal.send_line("");
        }
        terminal.expect("this goes on by itself as soon as it is gone");
        let server = stack.cache.as_ref().unwrap();
        server.stop();
        for passed in 5..step {
            stop(&mut terminal, passed);
            terminal.send_line("");
        }
        stop(&mut terminal, step);
        server.resume();
        if step > 5 {
            // The circuit closes by itself: the entry can be looked at again.
            terminal.send_line("c");
            while !answered(&mut terminal).contains("Cache entry flight:1") {
                terminal.send_line("c");
            }
        }
        terminal.send_line("");
        assert_eq!(terminal.wait(), 1, "{}", terminal.transcript());
        assert!(terminal.transcript().contains("the cache is back already"), "{}", terminal.transcript());
        stack.assert_unharmed(&original, "after an outage that was too short");
    }
}

/// What was shown until the offer came again.
fn answered(terminal: &mut Terminal) -> String {
    let before = terminal.transcript().len();
    terminal.expect(crate::support::stack::OFFER);
    terminal.transcript()[before..].to_owned()
}

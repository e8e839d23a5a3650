//! A bench that is interrupted tells what there is, and leaves every flight as it was.

use std::path::Path;

use nix::sys::signal::Signal;

use super::ground::flights;
use crate::scene::on_one_line;
use crate::support::command::{Output, Running};
use crate::support::deadline;
use crate::support::server::Kind;
use crate::support::stack::Stack;

/// Longer than anything here takes on a busy machine.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// Flights that a bench has moved are a century away.
const AWAY: &str = "SELECT concat('', COUNT(*)) FROM flight WHERE departure > '2100-01-01'";

/// How many flights are moved just now.
pub(super) fn away(stack: &Stack) -> u32 {
    stack.sql(AWAY).trim().parse().unwrap()
}

/// A bench that goes on until somebody ends it, where nothing else is asked for, and has moved flights already, or queued that.
pub(super) fn under_way(stack: &Stack, more: &[&str]) -> Running {
    let words = ["bench", "--yes", "--workload", "a", "--keys", "20", "--warmup", "0s"];
    let length: &[&str] = if more.contains(&"--duration") { &[] } else { &["--duration", "5m"] };
    let running =
        stack.command(&[&words, length, more].concat()).env("CACHE_TIMEOUT", "10s").env("NO_COLOR", "1").spawn();
    let has_begun = || if more == STUCK { waits(stack) } else { away(stack) > 0 };
    assert!(deadline::poll(PATIENCE, || has_begun().then_some(())).is_some(), "it moves no flight");
    running
}

/// Write-behind with a worker that gets nowhere: what is queued stays queued.
pub(super) const STUCK: [&str; 4] = ["--patterns", "write-behind", "--fault", "database.apply:down"];

/// Whether updates wait in the queue.
pub(super) fn waits(stack: &Stack) -> bool {
    let status = run(stack, "--format json write-behind queue status").stdout;
    status.contains("\"length\":") && !status.contains("\"length\":0,")
}

/// Runs a line in the home of these servers.
pub(super) fn run(stack: &Stack, line: &str) -> Output {
    let words: Vec<&str> = line.split(' ').collect();
    stack.command(&words).env("CACHE_TIMEOUT", "10s").env("NO_COLOR", "1").run()
}

/// Asserts that everything is as it was, on both sides.
pub(super) fn unharmed(stack: &Stack, before: &str, about: &str) {
    assert_eq!(flights(stack), before, "{about}: flights were left changed");
    let verified = run(stack, "cache-aside verify --from 1 --to 20");
    assert_eq!(verified.code, Some(0), "{about}: {}{}", verified.stdout, verified.stderr);
    let queue = run(stack, "--format json write-behind queue status").stdout;
    assert!(queue.contains("\"length\":0,"), "{about}: {queue}");
}

#[test]
fn a_signal_ends_it_with_what_there_is() {
    let Some(stack) = Stack::with_cache(Kind::Redis) else { return };
    let before = flights(&stack);
    for (signal, more) in [
        (Signal::SIGINT, &["--patterns", "none,cache-aside"] as &[&str]),
        (Signal::SIGTERM, &["--patterns", "write-through", "--rate", "300"]),
        (Signal::SIGINT, &["--patterns", "write-behind"]),
        // The worker gets nowhere: nobody waits for it.
        (Signal::SIGTERM, &STUCK),
    ] {
        let running = under_way(&stack, more);
        running.signal(signal);
        let output = running.wait();
        let about = format!("{signal} {more:?}: {}\n{}", output.stdout, output.stderr);
        assert_eq!(output.code, Some(130), "{about}");
        assert!(output.stdout.contains(more[1].split(',').next().unwrap()), "{about}");
        assert!(output.stdout.contains("flights are back as they were"), "{about}");
        assert!(output.stderr.contains("interrupted"), "{about}");
        unharmed(&stack, &before, &about);
    }
}

#[test]
fn whoever_insists_leaves_it_to_the_next_run() {
    let stack = Stack::embedded();
    let before = flights(&stack);
    // One that takes its time to end.
    let more = ["--patterns", "none", "--clients", "1", "--reads", "0", "--fault", "database.commit:delay=4s@30"];
    let words = ["bench", "--yes", "--keys", "20", "--duration", "5m", "--warmup", "0s"];
    let running = stack.command(&[&words, &more[..]].concat()).env("NO_COLOR", "1").spawn();
    let moved = || stack.sql("SELECT concat('', COUNT(*)) FROM flight_log").trim().parse::<u32>().unwrap();
    assert!(deadline::poll(PATIENCE, || (moved() >= 29).then_some(())).is_some());
    running.signal(Signal::SIGINT);
    running.signal(Signal::SIGTERM);
    assert_eq!(running.wait().code, Some(130));
    let left = away(&stack);
    assert!(left > 0, "it was put back though nobody waited for it");
    let restored = run(&stack, "bench restore");
    assert_eq!(restored.code, Some(0), "{restored:?}");
    assert!(restored.stdout.contains(&format!("{left} flights are back as they were")), "{}", restored.stdout);
    unharmed(&stack, &before, "after the second signal");
}

/// The cache goes away in the middle: the figures are told, and what is to be done.
#[test]
fn a_cache_that_goes_away_takes_neither_the_figures_nor_the_flights_with_it() {
    for kind in [Kind::Redis, Kind::Memcached] {
        let Some(mut stack) = Stack::with_cache(kind) else { continue };
        let before = flights(&stack);
        let more = ["--patterns", "none,cache-aside", "--rounds", "20", "--duration", "2s", "--clients", "4"];
        let running = under_way(&stack, &more);
        stack.cache.as_mut().unwrap().kill();
        let output = running.wait();
        let about = format!("{kind}: {}\n{}", output.stdout, output.stderr);
        assert!(output.stdout.contains("none"), "no figures: {about}");
        // Nobody waits for the cache with the database.
        assert_eq!(flights(&stack), before, "{about}");
        match kind {
            // Its queue went with it, and may come back with updates.
            Kind::Redis => {
                assert_eq!(output.code, Some(1), "{about}");
                assert!(on_one_line(&output.stderr).contains("with --cache-is-gone, where it never does"), "{about}");
                assert_eq!(records(&stack).len(), 1, "{about}");
                let gone = &["bench", "restore", "--cache-is-gone"];
                let restored = stack.command(gone).env("CACHE_URL", "memory:").env("NO_COLOR", "1").run();
                assert_eq!(restored.code, Some(0), "{about}{restored:?}");
            }
            _ => {
                assert_eq!(output.code, Some(0), "{about}");
                assert!(on_one_line(&output.stdout).contains("dropped from it before anybody reads there"), "{about}");
            }
        }
        assert_eq!(records(&stack), [] as [u64; 0], "{about}");
        stack.cache.as_mut().unwrap().restart();
        unharmed(&stack, &before, &about);
    }
}

/// The folder in which what is to be put back is written down.
pub(super) fn records(stack: &Stack) -> Vec<u64> {
    let folder = stack.folder().join(".local/share/cachedemo/benches");
    let length = |path: &Path| path.metadata().map_or(0, |about| about.len());
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files.map(|file| length(&file.path())).filter(|length| *length > 0).collect()
}

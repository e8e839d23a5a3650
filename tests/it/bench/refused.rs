//! What a bench refuses, before it has moved anything.

use std::path::Path;

use nix::sys::signal::Signal;

use super::ground::flights;
use super::put_back::{records, under_way, unharmed};
use crate::scene::{Scene, on_one_line};
use crate::support::command::{Cachedemo, Output};
use crate::support::stack::{Stack, script};

/// A port on which nobody listens.
const NOBODY: &str = "127.0.0.1:1";

fn refuses(stack: &Stack, output: &Output, code: i32, says: &str, hints: &str) {
    let told = on_one_line(&output.stderr);
    let about = format!("{:?} {}\n{}", output.code, output.stdout, output.stderr);
    assert_eq!(output.code, Some(code), "{about}");
    assert!(told.contains(says), "no {says:?}: {about}");
    assert!(told.split_once("hint: ").is_some_and(|(_, hint)| hint.contains(hints)), "no {hints:?}: {about}");
    assert_eq!(records(stack), [] as [u64; 0], "{about}");
}

fn bench(stack: &Stack, line: &str) -> Cachedemo {
    let words: Vec<&str> = line.split(' ').collect();
    stack
        .command(&[&["bench", "--operations", "20", "--warmup", "0s", "--rounds", "1"], &words[..]].concat())
        .env("NO_COLOR", "1")
}

#[test]
fn what_cannot_be_had_is_refused() {
    let stack = Stack::embedded();
    let before = flights(&stack);
    let line = "--yes --keys 5";
    let refused = bench(&stack, "--yes --keys 500").run();
    refuses(&stack, &refused, 2, "--keys 500: the database has 100 flights", "--keys 100");
    let refused = bench(&stack, "--keys 5").run();
    refuses(&stack, &refused, 2, "nobody can be asked", "--yes");
    let database = format!("postgresql://nobody:secret@{NOBODY}/flughafendb");
    let refused = bench(&stack, line).env("DATABASE_URL", database).run();
    refuses(&stack, &refused, 3, "cannot reach the database PostgreSQL", "cachedemo doctor");
    for product in ["redis", "memcached"] {
        let refused = bench(&stack, line).env("CACHE_URL", format!("{product}://{NOBODY}")).run();
        refuses(&stack, &refused, 3, "cannot reach the cache", "cachedemo doctor");
    }
    let alone = bench(&stack, "--workload c --keys 5 --patterns none").run();
    assert_eq!(alone.code, Some(0), "reads need nobody's consent: {alone:?}");
    unharmed(&stack, &before, "after all of these");
}

#[test]
fn what_can_come_to_nothing_is_refused() {
    let stack = Stack::embedded();
    let line = "--workload c --keys 5 --patterns none,cache-aside";
    for (limit, says) in [
        ("write-through.p99>5ms", "write-through is not measured"),
        ("none.hit-rate<5%", "none has no hit-rate"),
        ("lag>5ms", "nothing that is measured has a lag.p99: only write-behind"),
    ] {
        let refused = bench(&stack, &format!("{line} --fail-if {limit}")).run();
        refuses(&stack, &refused, 2, says, "measured: none, cache-aside");
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.json");
    let twice = format!("{line} --export {file} --export {file}", file = file.display());
    refuses(&stack, &bench(&stack, &twice).run(), 2, "is there twice", "another file");
    assert!(!file.exists());
    let restored = stack.run(&["bench", "restore", "--pure"]);
    refuses(&stack, &restored, 2, "are for what is measured", "leave them out");
}

#[test]
fn what_waits_in_the_queue_is_waited_for() {
    let stack = Stack::embedded();
    assert_eq!(stack.run(&["write-behind", "update", "--delay", "1h"]).code, Some(0));
    for line in ["--yes --keys 5", "--workload c --keys 5"] {
        let refused = bench(&stack, line).run();
        refuses(&stack, &refused, 1, "1 updates wait in the queue", "cachedemo write-behind drain");
    }
    assert_eq!(stack.run(&["write-behind", "drain"]).code, Some(0));
    assert_eq!(bench(&stack, "--yes --keys 5").run().code, Some(0));
}

#[test]
fn two_do_not_measure_each_other() {
    let stack = Stack::embedded();
    let before = flights(&stack);
    let first = under_way(&stack, &["--patterns", "none"]);
    for line in ["--yes --keys 5", "--workload c --keys 5"] {
        let second = bench(&stack, line).run();
        assert_eq!(second.code, Some(1), "{second:?}");
        assert!(second.stderr.contains("another bench") && second.stderr.contains("hint: wait"), "{second:?}");
    }
    first.signal(Signal::SIGINT);
    assert_eq!(first.wait().code, Some(130));
    unharmed(&stack, &before, "after the first");
}

#[test]
fn a_walk_through_keeps_its_flight() {
    let stack = Stack::embedded();
    let before = flights(&stack);
    let mut walk = stack.at_stop("write-through", script("write-through").update + 1);
    let refused = bench(&stack, "--yes --keys 5").run();
    refuses(&stack, &refused, 1, "a walk-through or an anomaly has moved a flight", "wait until it ends");
    walk.interrupt();
    assert_eq!(walk.wait(), 130);
    assert_eq!(bench(&stack, "--yes --keys 5").run().code, Some(0));
    unharmed(&stack, &before, "after both");
}

/// Where it cannot be written down what the flights were, none of them is moved.
#[test]
fn without_room_for_the_record_nothing_is_moved() {
    let scene = Scene::embedded();
    scene.succeed("db init --flights 1000");
    scene.succeed("write-behind update --delay 0h");
    scene.succeed("write-behind drain");
    let before = scene.succeed("cache-aside get --flight-id 1").contains("FAILED");
    // The signal of a limit would end the program: ignored, the write fails, as on a full disk.
    let script = "trap '' XFSZ; ulimit -f 80; exec \"$@\"";
    let output = Cachedemo::program(Path::new("/bin/sh"))
        .with_home(&scene.home)
        .args(["-c", script, "sh", env!("CARGO_BIN_EXE_cachedemo")])
        .args("bench --yes --reads 0 --keys 1000 --operations 50 --warmup 0s --patterns none".split(' '))
        .env("NO_COLOR", "1")
        .run();
    let told = on_one_line(&output.stderr);
    assert_eq!((output.code, before), (Some(1), false), "{output:?}");
    assert!(told.contains("bench.json") && told.contains("hint: "), "{told}");
    let nothing = scene.run("bench restore");
    assert!(nothing.stdout.contains("nothing is to be put back"), "{nothing:?}");
    assert!(!scene.succeed("cache-aside get --flight-id 1").contains("2125-"), "a flight was moved");
}

/// Whoever moves a flight and puts it back puts it back to what it was when it came: that must not be what a bench has made of it.
#[test]
fn nobody_moves_a_flight_that_a_bench_has_moved() {
    let stack = Stack::embedded();
    let before = flights(&stack);
    let killed = bench(&stack, "--yes --keys 5 --reads 0 --patterns none --fault database.commit:die@10").run();
    assert_eq!(killed.code, None, "{killed:?}");
    for line in [&["cache-aside"][..], &["anomaly", "stale-fill"], &["outage"]] {
        let refused = stack.command(line).env("NO_COLOR", "1").run();
        assert_eq!(refused.code, Some(1), "{line:?}: {refused:?}");
        assert!(on_one_line(&refused.stderr).contains("`cachedemo bench restore` puts them back"), "{refused:?}");
    }
    assert_eq!(stack.run(&["bench", "restore"]).code, Some(0));
    assert_eq!(stack.run(&["cache-aside"]).code, Some(0));
    unharmed(&stack, &before, "after a walk-through");
}

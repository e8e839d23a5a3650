//! A bench that is killed leaves flights moved and queued updates behind: whatever runs next puts all of it back.

use nix::sys::signal::Signal;

use super::ground::flights;
use super::put_back::{STUCK, away, records, run, under_way, unharmed, waits};
use crate::support::server::Kind;
use crate::support::stack::Stack;

/// Ends by itself, as by kill -9, when it is about to commit for the 200th time; how many flights are moved then.
fn die(stack: &Stack) -> u32 {
    let line = "bench --yes --workload a --keys 20 --operations 1000 --warmup 0s --rounds 1 --patterns cache-aside";
    let died = run(stack, &format!("{line} --fault database.commit:die@200"));
    assert_eq!(died.code, None, "{died:?}");
    let left = away(stack);
    assert!(left > 0 && records(stack).len() == 1, "{left}");
    left
}

fn killed_is_put_back(database: Option<Kind>, cache: Kind) {
    let stack = match database {
        Some(database) => Stack::of(database, cache),
        None => Stack::with_cache(cache),
    };
    let Some(stack) = stack else { return };
    let before = flights(&stack);
    for next in [
        "bench restore",
        "bench --yes --workload a --keys 5 --operations 50 --warmup 0s --rounds 1",
        "bench --workload c --keys 5 --operations 50 --warmup 0s --rounds 1",
    ] {
        let left = die(&stack);
        let restored = run(&stack, next);
        assert_eq!(restored.code, Some(0), "{next}: {restored:?}");
        assert!(restored.stdout.contains("an earlier bench with this database was cut short"), "{}", restored.stdout);
        assert!(restored.stdout.contains(&format!("{left} flights are back as they were")), "{}", restored.stdout);
        unharmed(&stack, &before, next);
        assert_eq!(records(&stack), [] as [u64; 0]);
    }
    let nothing = run(&stack, "bench restore");
    assert!(nothing.code == Some(0) && nothing.stdout.contains("nothing is to be put back"), "{nothing:?}");
}

#[test]
fn one_that_died_is_put_back_on_sqlite_and_redis() {
    killed_is_put_back(None, Kind::Redis);
}

#[test]
fn one_that_died_is_put_back_on_mariadb_and_memcached() {
    killed_is_put_back(Some(Kind::MariaDb), Kind::Memcached);
}

/// What was queued is applied first, or it would move the flights again after they were put back.
#[test]
fn what_a_killed_one_has_queued_is_worked_off_and_put_back() {
    for cache in [Kind::Redis, Kind::Memcached] {
        let Some(stack) = Stack::with_cache(cache) else { continue };
        let before = flights(&stack);
        let running = under_way(&stack, &STUCK);
        running.signal(Signal::SIGKILL);
        assert_eq!(running.wait().code, None);
        assert!(waits(&stack), "{cache}: nothing was left in the queue");
        let restored = run(&stack, "bench restore");
        assert_eq!(restored.code, Some(0), "{restored:?}");
        unharmed(&stack, &before, "with a queue");
    }
}

#[test]
fn what_somebody_else_has_moved_meanwhile_is_left_and_told() {
    let stack = Stack::embedded();
    let before = flights(&stack);
    let left = die(&stack);
    let ours = run(&stack, "cache-aside update --flight-id 3 --delay 1h");
    assert_eq!(ours.code, Some(1), "what would be put back was changed: {ours:?}");
    stack.sql(
        "UPDATE flight SET departure = '2030-01-01 00:00:00', arrival = '2030-01-01 01:00:00' WHERE flight_id = 3",
    );
    let restored = run(&stack, "bench restore");
    assert_eq!(restored.code, Some(0), "{restored:?}");
    let told = crate::scene::on_one_line(&restored.stdout);
    assert!(told.contains(&format!("{} flights are back as they were", left - 1)), "{told}");
    assert!(told.contains("1 flights were moved by somebody else meanwhile"), "{told}");
    let after = flights(&stack);
    for (old, new) in before.lines().zip(after.lines()) {
        assert_eq!(old == new, !old.starts_with("3|"), "{old}\n{new}");
    }
    assert!(after.contains("2030-01-01"), "what somebody else has done was undone");
}

/// Elsewhere its entries and its queue would stay behind.
#[test]
fn with_another_cache_it_is_not_put_back() {
    let Some(stack) = Stack::with_cache(Kind::Redis) else { return };
    let before = flights(&stack);
    let left = die(&stack);
    for line in ["bench restore", "bench --yes --operations 10"] {
        let words: Vec<&str> = line.split(' ').collect();
        let refused = stack.command(&words).env("CACHE_URL", "memory:").env("NO_COLOR", "1").run();
        assert_eq!(refused.code, Some(1), "{refused:?}");
        let told = crate::scene::on_one_line(&refused.stderr);
        assert!(told.contains("it used the cache Redis at 127.0.0.1") && told.contains("--cache-engine"), "{told}");
        assert_eq!(away(&stack), left);
    }
    assert_eq!(run(&stack, "bench restore").code, Some(0));
    unharmed(&stack, &before, "with its own cache again");
}

//! What was typed or set wrongly ends with 2, names the flag or the setting, and changes nothing.

use crate::scene::{Scene, of};
use crate::support::stack::PATTERNS;

#[test]
fn settings_are_named_with_what_they_may_be() {
    let scene = Scene::embedded();
    for (settings, says, hints) in [
        (&[("DB_ENGINE", "oracle")][..], "DB_ENGINE=oracle", "sqlite, mysql, mariadb, postgresql"),
        (&[("CACHE_ENGINE", "reddis")], "CACHE_ENGINE=reddis", "did you mean redis?"),
        (&[("CACHE_TTL", "abc")], "CACHE_TTL=abc", "write CACHE_TTL like 5s"),
        (&[("DB_ENGINE", "mysql"), ("DB_PORT", "70000")], "DB_PORT=70000", "DB_PORT=3306"),
        (&[("DB_PORT", "70000")], "DB_PORT", "DB_ENGINE=mysql"),
        (&[("QUEUE_BATCH_SIZE", "0")], "QUEUE_BATCH_SIZE=0", "QUEUE_BATCH_SIZE=100"),
    ] {
        let scene = settings.iter().fold(scene.clone(), |scene, (name, value)| scene.set(name, value));
        for line in ["cache-aside get", "doctor", "write-behind"] {
            scene.fails(line, 2, &[says], hints);
        }
    }
}

#[test]
fn a_malformed_url_is_never_echoed() {
    let scene = Scene::embedded();
    for (name, url) in [
        ("DATABASE_URL", "mysql://root:not-the-password@@host:33:06/x"),
        ("DATABASE_URL", "not-the-password"),
        ("DATABASE_URL", "oracle://root:not-the-password@host/x"),
        ("DATABASE_URL", "postgresql://root:not-the-password@host:70000/x"),
        ("DATABASE_URL", "postgresql://root:p#not-the-password@host/x"),
        ("CACHE_URL", "redis://:not-the-password@ho st"),
        ("CACHE_URL", "redis:not-the-password"),
        ("CACHE_URL", "redis://:not-the-password@host/x"),
    ] {
        // That the password is not shown is checked there.
        scene.set(name, url).fails("cache-aside get", 2, &[name], "");
    }
}

#[test]
fn a_malformed_env_file_is_named() {
    for text in ["DB_ENGINE\n", "DB_ENGINE='mysql\n", "= not-the-password\n", "DB_PASSWORD='not-the-password\n"] {
        let scene = Scene::embedded();
        std::fs::write(scene.home.path().join(".env"), text).unwrap();
        scene.fails("doctor", 2, &[".env"], "");
    }
}

#[test]
fn flags_say_what_they_take() {
    let scene = Scene::embedded();
    for (line, says) in [
        ("doctor --wat", "--wat"),
        ("cash-aside", "cash-aside"),
        ("cache-aside get --flight-id 0", "'0' for '--flight-id <ID>'"),
        ("cache-aside get --flight-id -5", "'-5' for '--flight-id <ID>'"),
        ("write-through get --flight-id 99999999999", "'99999999999' for '--flight-id <ID>'"),
        ("write-behind --flight-id 2147483648", "'2147483648' for '--flight-id <ID>'"),
        ("cache-aside verify --flight-id 0", "'0' for '--flight-id <ID>'"),
        ("cache-aside update --delay -1x", "'-1x' for '--delay <DURATION>'"),
        ("cache-aside update", "--delay"),
        ("cache-aside verify --from 5 --to 4", "--from"),
        ("db init --flights 0", "'0' for"),
        ("db init --flights -1", "'-1' for"),
        ("db init --flights x", "'x' for"),
    ] {
        scene.fails(line, 2, &[says], "--help");
    }
    let long = |length: usize| "x".repeat(length);
    for (flag, value, says) in [
        ("--comment", long(201), "at most 200 characters, not 201"),
        ("--comment", long(300), "at most 200 characters, not 300"),
        ("--user", long(101), "at most 100 characters, not 101"),
        ("--user", String::new(), "a user has a name"),
        ("--user", "  ".to_owned(), "a user has a name"),
    ] {
        let words = ["write-through", "update", "--delay", "1h", flag, &value];
        scene.fails_with(&words, 2, &[says], "--help");
    }
    assert!(!scene.home.path().join(".local").exists(), "something was made");
}

#[test]
fn times_that_no_flight_can_have() {
    let scene = Scene::embedded();
    for pattern in PATTERNS {
        let line = format!("{pattern} update --delay 999999999h");
        scene.fails(&line, 2, &["--delay moves flight 1 too far"], "--delay 2h");
        let line = format!("{pattern} run --delay 999999999h");
        scene.fails(&line, 2, &["--delay moves flight 1 too far"], "--delay 2h");
        let line = format!("{pattern} update --departure 2025-11-20T12:00 --arrival 2025-11-20T11:00");
        scene.fails(&line, 2, &["the arrival 2025-11-20 11:00:00 is before the departure"], "the arrival last");
        let line = format!("{pattern} update --arrival 2025-11-19T11:00");
        scene.fails(&line, 2, &["the arrival 2025-11-19 11:00:00 is before the departure"], "the arrival last");
    }
    scene.succeed("cache-aside");
}

#[test]
fn text_of_exactly_the_limit_is_taken() {
    let scene = Scene::embedded();
    for (user, comment) in [("u".repeat(100), "c".repeat(200)), ("\u{1f6eb}".repeat(100), "\u{1f6ec}".repeat(200))] {
        for pattern in PATTERNS {
            let words = [pattern, "update", "--delay", "1h", "--user", &user, "--comment", &comment];
            let (code, events) = scene.events_of(&words);
            assert_eq!(code, Some(0), "{events:?}");
            let (code, events) = scene.events("write-behind drain");
            assert_eq!(code, Some(0), "{events:?}");
            let drained = &of(&events, "queue").last().unwrap()["drained"]["updates"];
            assert_eq!(*drained, u64::from(pattern == "write-behind"), "{events:?}");
        }
    }
}

#[test]
fn a_flight_that_is_not_there_ends_with_4() {
    let scene = Scene::embedded();
    for pattern in PATTERNS {
        for action in ["run", "get", "update --delay 1h", "verify"] {
            let line = format!("{pattern} {action} --flight-id 2147483647");
            scene.fails(&line, 4, &["there is no flight 2147483647"], "cachedemo db status");
        }
    }
    scene.succeed("cache-aside");
}

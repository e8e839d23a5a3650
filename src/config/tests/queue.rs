//! The settings of the queue: where each may stand, what it is without, how far it goes, and what its bare numbers count.

use super::*;
use crate::cli::QueueFlags;
use crate::error::ExitCode;

/// A setting, how it is typed, and what came of it.
struct Known {
    name: &'static str,
    typed: fn(&mut QueueFlags) -> &mut Option<String>,
    /// Durations in milliseconds.
    meant: fn(&Config) -> u64,
    default: u64,
    /// The smallest and the greatest value as they may be written, and what they mean.
    limits: [(&'static str, u64); 2],
    /// What is just beyond them.
    beyond: [&'static str; 2],
    /// What the message says of the limits.
    told: &'static str,
}

const HOUR: u64 = 3_600_000;

fn milliseconds(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap()
}

fn known() -> [Known; 9] {
    [
        Known {
            name: "QUEUE_BATCH_SIZE",
            typed: |flags| &mut flags.queue_batch_size,
            meant: |config| config.worker.batch as u64,
            default: 100,
            limits: [("1", 1), ("100000", 100_000)],
            beyond: ["0", "100001"],
            told: "is not a whole number from 1 to 100000",
        },
        Known {
            name: "QUEUE_PROCESS_INTERVAL",
            typed: |flags| &mut flags.queue_process_interval,
            meant: |config| milliseconds(config.worker.interval),
            default: 1_000,
            limits: [("1ms", 1), ("1h", HOUR)],
            beyond: ["0", "3601"],
            told: "is not between 1ms and 1h",
        },
        Known {
            name: "QUEUE_PARTITIONS",
            typed: |flags| &mut flags.queue_partitions,
            meant: |config| config.queue.partitions.into(),
            default: 1,
            limits: [("1", 1), ("64", 64)],
            beyond: ["0", "65"],
            told: "is not a whole number from 1 to 64",
        },
        Known {
            name: "QUEUE_MAX_LENGTH",
            typed: |flags| &mut flags.queue_max_length,
            meant: |config| config.queue.max_length,
            default: 1_000_000,
            limits: [("1", 1), ("1000000000", 1_000_000_000)],
            beyond: ["0", "1000000001"],
            told: "is not a whole number from 1 to 1000000000",
        },
        Known {
            name: "QUEUE_FULL_TIMEOUT",
            typed: |flags| &mut flags.queue_full_timeout,
            meant: |config| milliseconds(config.queue.patience),
            default: 5_000,
            limits: [("0", 0), ("3600", HOUR)],
            beyond: ["1h1ms", "99999999999999999999"],
            told: "is not between 0s and 1h",
        },
        Known {
            name: "QUEUE_RESEND_WINDOW",
            typed: |flags| &mut flags.queue_resend_window,
            meant: |config| milliseconds(config.queue.memory),
            default: 300_000,
            limits: [("0s", 0), ("86400", 24 * HOUR)],
            beyond: ["86401", "2days"],
            told: "is not between 0s and 1 day",
        },
        Known {
            name: "QUEUE_RETRY_DELAY",
            typed: |flags| &mut flags.queue_retry_delay,
            meant: |config| milliseconds(config.worker.retry.first),
            default: 100,
            limits: [("1", 1), ("5000", 5_000)],
            beyond: ["0", "3600001"],
            told: "is not between 1ms and 1h",
        },
        Known {
            name: "QUEUE_RETRY_MAX_DELAY",
            typed: |flags| &mut flags.queue_retry_max_delay,
            meant: |config| milliseconds(config.worker.retry.longest),
            default: 5_000,
            limits: [("100", 100), ("3600000", HOUR)],
            beyond: ["0ms", "61m"],
            told: "is not between 1ms and 1h",
        },
        Known {
            name: "QUEUE_RETRY_ATTEMPTS",
            typed: |flags| &mut flags.queue_retry_attempts,
            meant: |config| config.worker.retry.attempts.into(),
            default: 5,
            limits: [("1", 1), ("1000000", 1_000_000)],
            beyond: ["0", "1000001"],
            told: "is not a whole number from 1 to 1000000",
        },
    ]
}

fn flags(known: &Known, value: &str) -> ConnectionFlags {
    let mut flags = ConnectionFlags::default();
    *(known.typed)(&mut flags.queue) = Some(value.to_owned());
    flags
}

fn told(name: &str, value: &str) -> (String, String) {
    let error = resolve(&[(name, value)]).map(|config| format!("{config:?}")).expect_err(name);
    assert_eq!(error.exit_code(), ExitCode::Usage, "{name}={value}");
    (error.to_string(), error.hint().unwrap_or_default())
}

#[test]
fn they_are_all_here() {
    let names: Vec<_> = NAMES.into_iter().filter(|name| name.starts_with("QUEUE_")).collect();
    assert_eq!(known().map(|known| known.name).to_vec(), names);
}

#[test]
fn each_has_a_default() {
    for known in known() {
        assert_eq!((known.meant)(&resolved(&[])), known.default, "{}", known.name);
        assert_eq!((known.meant)(&resolved(&[(known.name, " ")])), known.default, "{}", known.name);
    }
}

/// Each alone: a flag that is heard as another one would change the wrong setting.
#[test]
fn each_is_heard_from_a_flag_the_environment_and_a_file() {
    for it in known() {
        let [(first, meant_first), (second, meant_second)] = it.limits;
        let file = format!("{}={second}", it.name);
        let of_file = environment(&[]).with_file(".env", &file).unwrap();
        let of_both = environment(&[(it.name, first)]).with_file(".env", &file).unwrap();
        for (flags, environment, expected) in [
            (ConnectionFlags::default(), &of_file, meant_second),
            (ConnectionFlags::default(), &of_both, meant_first),
            (flags(&it, second), &environment(&[(it.name, first)]), meant_second),
            (flags(&it, first), &of_file, meant_first),
        ] {
            let config = Config::resolve(&flags, environment).unwrap();
            assert_eq!((it.meant)(&config), expected, "{}", it.name);
            for other in known().into_iter().filter(|other| other.name != it.name) {
                assert_eq!((other.meant)(&config), other.default, "{} changed {}", it.name, other.name);
            }
        }
    }
}

#[test]
fn each_has_limits_and_says_where_a_wrong_value_stood() {
    for it in known() {
        let also = ["-1", "x", "1,000"];
        for wrong in it.beyond.iter().chain(&also) {
            let (message, hint) = told(it.name, wrong);
            let start = format!("{}={wrong} (from the environment) ", it.name);
            let said = message.strip_prefix(&start).unwrap_or_else(|| panic!("{message}"));
            // What is no amount of time at all is told as that.
            let told =
                if it.told.contains("between") && also.contains(wrong) { "is not an amount of time" } else { it.told };
            assert_eq!(said, told, "{message}");
            assert!(hint.contains(it.name), "{}={wrong}: {hint}", it.name);
            let flag = format!("(from --{})", it.name.to_lowercase().replace('_', "-"));
            let error = Config::resolve(&flags(&it, wrong), &environment(&[])).unwrap_err();
            assert!(error.to_string().contains(&flag), "{error}");
            let file = environment(&[]).with_file(".env", &format!("{}={wrong}", it.name)).unwrap();
            let error = Config::resolve(&ConnectionFlags::default(), &file).unwrap_err();
            assert!(error.to_string().contains("(from .env)"), "{error}");
        }
    }
}

#[test]
fn a_bare_number_is_seconds_or_for_pauses_milliseconds() {
    for (name, expected) in [
        ("QUEUE_PROCESS_INTERVAL", 2_000),
        ("QUEUE_FULL_TIMEOUT", 2_000),
        ("QUEUE_RESEND_WINDOW", 2_000),
        ("QUEUE_RETRY_DELAY", 2),
        ("QUEUE_RETRY_MAX_DELAY", 200),
    ] {
        let it = known().into_iter().find(|known| known.name == name).unwrap();
        let bare = if expected == 200 { "200" } else { "2" };
        assert_eq!((it.meant)(&resolved(&[(name, bare)])), expected, "{name}");
        for (text, expected) in [("50ms", 50), ("1s 500ms", 1_500), ("1s500ms", 1_500)] {
            // The longest pause is not shorter than the first.
            let config = resolved(&[("QUEUE_RETRY_DELAY", "1"), (name, text)]);
            assert_eq!((it.meant)(&config), expected, "{name}={text}");
        }
        let unit = if expected < 1_000 { "a bare number is milliseconds" } else { "a bare number is seconds" };
        assert!(told(name, "soon").1.contains(unit), "{name}");
    }
}

#[test]
fn half_a_second_is_written_in_milliseconds() {
    for (name, wrong, hint) in [
        ("QUEUE_PROCESS_INTERVAL", "0.5", "write it in whole units: QUEUE_PROCESS_INTERVAL=500ms"),
        ("QUEUE_FULL_TIMEOUT", "1.25", "write it in whole units: QUEUE_FULL_TIMEOUT=1s250ms"),
        // What it would be in whole units is too short.
        ("QUEUE_RETRY_DELAY", "0.5", "write QUEUE_RETRY_DELAY like 250ms, 1s or 250; a bare number is milliseconds"),
        ("QUEUE_RESEND_WINDOW", "-0.5", "write QUEUE_RESEND_WINDOW like 5s, 1h30m or 5; a bare number is seconds"),
    ] {
        let message = format!("{name}={wrong} (from the environment) is not an amount of time");
        assert_eq!(told(name, wrong), (message, hint.to_owned()));
    }
}

#[test]
fn the_first_pause_is_not_longer_than_the_longest() {
    let hint = "make the first pause the shorter one, such as QUEUE_RETRY_DELAY=100ms and QUEUE_RETRY_MAX_DELAY=5s";
    for (first, longest, message) in [
        ("1s", "500ms", "QUEUE_RETRY_DELAY (1s) is longer than QUEUE_RETRY_MAX_DELAY (500ms)"),
        // The other one is a default.
        ("10s", "", "QUEUE_RETRY_DELAY (10s) is longer than QUEUE_RETRY_MAX_DELAY (5s)"),
        ("", "99", "QUEUE_RETRY_DELAY (100ms) is longer than QUEUE_RETRY_MAX_DELAY (99ms)"),
    ] {
        let error = resolve(&[("QUEUE_RETRY_DELAY", first), ("QUEUE_RETRY_MAX_DELAY", longest)]).unwrap_err();
        assert_eq!((error.to_string(), error.hint().as_deref()), (message.to_owned(), Some(hint)));
        assert_eq!(error.exit_code(), ExitCode::Usage);
    }
    let same = resolved(&[("QUEUE_RETRY_DELAY", "2s"), ("QUEUE_RETRY_MAX_DELAY", "2000")]).worker.retry;
    assert_eq!((same.first, same.longest), (Duration::from_secs(2), Duration::from_secs(2)));
}

/// What is wrong with the queue is told without what else is set.
#[test]
fn a_secret_beside_a_wrong_one_is_not_shown() {
    for it in known() {
        for secrets in [
            [("DATABASE_URL", "mysql://u:hunter2@h/d"), ("CACHE_URL", "redis://:hunter2@h")],
            [("DB_PASSWORD", "hunter2"), ("CACHE_PASSWORD", "hunter2")],
        ] {
            let engines = [("DB_ENGINE", "mysql"), ("CACHE_ENGINE", "redis")];
            let wrong = [(it.name, "x"), secrets[0], secrets[1], engines[0], engines[1]];
            let error = resolve(&wrong).unwrap_err();
            assert!(error.to_string().starts_with(it.name), "{error}");
            let told = format!("{error} {:?} {error:?} {:?}", error.hint(), crate::error::causes(&error));
            assert!(!told.contains("hunter2"), "{told}");
        }
    }
}

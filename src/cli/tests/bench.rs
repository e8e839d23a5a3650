//! What is to be measured, as it is typed.

use super::*;
use crate::bench::{Distribution, Mix, Subject};

fn measured(line: &str) -> Measured {
    match parsed(&format!("cachedemo bench {line}")).command {
        Some(Command::Bench(bench)) if bench.typed.is_none() => bench.measured,
        other => panic!("{line}: {other:?}"),
    }
}

fn wrong(line: &str) -> String {
    refused(&format!("cachedemo bench {line}"))
}

#[test]
fn everything_is_measured_where_nobody_says() {
    let typed = measured("");
    assert_eq!(typed.subjects(), Subject::all());
    assert_eq!((typed.keys, typed.clients, typed.rounds), (1000, 64, 5));
    assert_eq!((typed.duration, typed.operations, typed.rate), (None, None, None));
    assert_eq!(typed.warmup.as_millis(), 500);
    assert!(!typed.naive && !typed.yes && typed.export.is_empty());
    let (mix, distribution) = Mix::ycsb('b').unwrap();
    assert_eq!(typed.mix(), (Some('b'), mix, distribution));
}

#[test]
fn subjects_are_named_once_each_in_the_order_of_the_list() {
    let names = |line: &str| measured(line).subjects().iter().map(|subject| subject.name()).collect::<Vec<_>>();
    assert_eq!(names("--patterns write-behind,none"), ["none", "write-behind"]);
    assert_eq!(names("--patterns none --patterns none,cache-aside"), ["none", "cache-aside"]);
    assert_eq!(measured("--patterns none,all").subjects(), Subject::all());
    for subject in Subject::all() {
        assert_eq!(names(&format!("--patterns {}", subject.name())), [subject.name()]);
    }
    for list in ["nothing", "none,", ",", "none,cache_aside", "None"] {
        let message = wrong(&format!("--patterns {list}"));
        assert!(message.contains("--patterns") && message.contains("write it like"), "{list}: {message}");
    }
}

#[test]
fn a_mix_is_a_letter_or_a_share_of_reads() {
    for letter in ['a', 'b', 'c', 'd', 'f'] {
        let (mix, distribution) = Mix::ycsb(letter).unwrap();
        assert_eq!(measured(&format!("--workload {letter}")).mix(), (Some(letter), mix, distribution));
    }
    assert_eq!(measured("--reads 0.9").mix(), (None, Mix::of_reads(0.9), Distribution::Zipfian));
    assert!(!measured("--reads 1").mix().1.changes() && measured("--reads 0").mix().1.changes());
    assert_eq!(measured("--workload d --distribution uniform").mix().2, Distribution::Uniform);
    assert_eq!(measured("--reads 0.5 --distribution latest").mix().2, Distribution::Latest);
    assert!(wrong("--workload a --reads 0.5").contains("cannot be used with"));
    assert!(wrong("--workload e").contains("--workload"));
    for share in ["-0.1", "1.1", "NaN", "inf", "half", "95%"] {
        let message = wrong(&format!("--reads {share}"));
        assert!(message.contains("write it like 0.95"), "{share}: {message}");
    }
}

#[test]
fn a_length_is_a_time_or_a_number() {
    assert_eq!(measured("--duration 1m30s").duration.map(|it| it.as_secs()), Some(90));
    assert_eq!(measured("--operations 1000000000000").operations, Some(1_000_000_000_000));
    assert!(wrong("--duration 1s --operations 5").contains("cannot be used with"));
    assert!(measured("--warmup 0s").warmup.is_zero());
    for (flag, values, example) in [
        ("--duration", &["0s", "9ms", "25h", "10", "-5s", "soon"] as &[&str], "10s or 5m"),
        ("--warmup", &["61m", "-1s", "x", "1"], "500ms or 2s"),
        ("--operations", &["0", "-1", "1.5", "1000000000001", "x"], "100000"),
        ("--rate", &["0", "0.09", "-5", "NaN", "inf", "10000001", "x"], "5000"),
        ("--clients", &["0", "-1", "10001", "x"], "64"),
        ("--rounds", &["0", "-1", "1001", "x"], "like 5"),
        ("--keys", &["0", "-1", "10000001", "x"], "5000"),
    ] {
        for value in values {
            let message = wrong(&format!("{flag} {value}"));
            assert!(message.contains(flag) && message.contains(example), "{flag} {value}: {message}");
        }
    }
    assert_eq!(measured("--rate 0.1").rate, Some(0.1));
    assert_eq!(measured("--clients 10000 --rounds 1000").clients, 10_000);
}

#[test]
fn restoring_takes_nothing_of_what_is_measured() {
    let Some(Command::Bench(bench)) = parsed("cachedemo bench restore").command else { panic!("no bench") };
    assert!(matches!(bench.typed, Some(BenchAction::Restore { cache_is_gone: false })));
    for line in ["restore --yes", "--keys 5 restore", "restore 5"] {
        wrong(line);
    }
}

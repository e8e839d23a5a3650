//! What is said of reports whose figures leave no choice, and of those that hardly have any.

use super::super::{Failure, Mix, Percentiles, Round, Subject, samples};
use super::*;
use crate::pattern::PatternKind;

const NONE: Subject = Subject::None;
const ASIDE: Subject = Subject::Pattern(PatternKind::CacheAside);
const THROUGH: Subject = Subject::Pattern(PatternKind::WriteThrough);
const BEHIND: Subject = Subject::Pattern(PatternKind::WriteBehind);

/// A report of these subjects, with these throughputs and mean latencies of a read and of an update, in microseconds.
fn report(subjects: &[(Subject, f64, f64, f64)]) -> Report {
    let mut report = samples::report();
    report.configuration.subjects = subjects.iter().map(|(subject, ..)| *subject).collect();
    report.outcomes = subjects.iter().map(|line| outcome(*line)).collect();
    report
}

fn outcome((subject, throughput, read, update): (Subject, f64, f64, f64)) -> Outcome {
    let mut outcome = samples::outcome(subject);
    let set = |seen: &mut Option<super::super::Latencies>, mean| {
        let seen = seen.as_mut().unwrap();
        (seen.mean_us, seen.p99_us) = (mean, 3.0 * mean);
    };
    set(&mut outcome.all, (read + update) / 2.0);
    set(&mut outcome.reads, read);
    set(&mut outcome.updates, update);
    outcome.throughput = throughput;
    for (index, round) in outcome.rounds.iter_mut().enumerate() {
        let factor = 0.98 + index as f64 * 0.01;
        let scaled = |mean: f64| {
            let mean_us = mean * factor;
            let (p50_us, p95_us, p99_us) = (mean_us, mean_us, 3.0 * mean_us);
            Some(Percentiles { mean_us, p50_us, p95_us, p99_us, p999_us: p99_us, max_us: p99_us })
        };
        let latency = scaled((read + update) / 2.0);
        let (reads, updates) = (scaled(read), scaled(update));
        *round = Round { throughput: throughput * factor, latency, reads, updates, hit_rate: None };
    }
    outcome
}

fn said(report: &Report) -> String {
    read(report).join("\n")
}

#[track_caller]
fn says(report: &Report, sentence: &str) {
    let said = said(report);
    assert!(said.contains(sentence), "{sentence:?} is not in\n{said}");
}

#[test]
fn the_fastest_is_named_where_its_lead_is_more_than_noise() {
    let clear = report(&[(NONE, 1_000.0, 500.0, 900.0), (ASIDE, 3_000.0, 100.0, 1_000.0)]);
    says(
        &clear,
        "cache-aside is the fastest for this mix: 3,000 operations/s, 3 times as many as the database alone, which is next.",
    );
    let near = report(&[(NONE, 1_000.0, 500.0, 900.0), (ASIDE, 1_200.0, 100.0, 1_000.0)]);
    says(&near, "20.0 % more than the database alone, which is next");
    let noise = report(&[(NONE, 1_000.0, 500.0, 900.0), (ASIDE, 1_005.0, 100.0, 1_000.0)]);
    says(
        &noise,
        "No subject is the fastest for this mix by more than the noise between rounds: cache-aside did 1,005 operations/s, beside the database alone (1,000 operations/s).",
    );
    says(
        &noise,
        "By their mean latencies, another share of reads would tell them apart: cache-aside would be overtaken by the database alone below 20 % reads.",
    );
    let alike = report(&[(NONE, 1_000.0, 500.0, 900.0), (ASIDE, 1_005.0, 100.0, 800.0)]);
    says(&alike, "By their mean latencies, no other share of reads would make one of them the fastest.");
    says(&clear, "cache-aside is ahead here, and would be overtaken by the database alone below 20 % reads.");
    let mut few = clear;
    few.outcomes.iter_mut().for_each(|outcome| outcome.rounds.truncate(2));
    says(&few, "cache-aside came out ahead for this mix");
    says(&few, "cannot be told from 2 rounds");
}

#[test]
fn at_a_given_rate_the_fastest_is_who_answers_fastest() {
    let mut given = report(&[(NONE, 1_000.0, 500.0, 900.0), (ASIDE, 1_000.0, 100.0, 700.0)]);
    given.configuration.rate = Some(1_000.0);
    says(
        &given,
        "cache-aside is the fastest for this mix: 99 of 100 operations that ended within 1.2 ms, where the database alone, which is next, takes 75.0 % longer.",
    );
    assert!(!said(&given).contains("keep up"));
    given.configuration.rate = Some(2_000.0);
    says(&given, "the database alone did not keep up: it ended 1,000 of 2,000 operations/s");
}

#[test]
fn who_fails_is_not_the_fastest() {
    let mut failing = report(&[(NONE, 1_000.0, 500.0, 900.0), (ASIDE, 90_000.0, 1.0, 1.0)]);
    failing.outcomes[1].errors = vec![Failure { what: "cannot reach the cache".into(), count: 19_000 }];
    says(&failing, "the database alone did 1,000 operations/s; the others failed");
    says(&failing, "cache-aside: 19,000 of 20,000 operations failed, most of them so: cannot reach the cache");
    failing.outcomes[0].errors = failing.outcomes[1].errors.clone();
    says(&failing, "no subject is the fastest");
    assert!(!said(&failing).contains("would"), "{}", said(&failing));
}

#[test]
fn costs_are_told_of_each_and_the_lag_of_the_queue() {
    let both = report(&[(NONE, 1_000.0, 500.0, 900.0), (BEHIND, 9_000.0, 100.0, 100.0)]);
    says(&both, "in reads and in transactions: the database alone 50 and 50; write-behind 0.5 and 1.15.");
    says(
        &both,
        "write-behind puts work off: 1,742 updates waited at most, and after the last operation it took 310 ms",
    );
    says(&both, "99 of 100 within ");
    says(&both, "a queue that is lost takes it along");
}

#[test]
fn risks_are_what_was_seen() {
    let mut both = report(&[(NONE, 1_000.0, 500.0, 900.0), (ASIDE, 3_000.0, 100.0, 1_000.0)]);
    says(&both, "None of 20,000 reads was older than an update that was acknowledged before it.");
    assert!(!said(&both).contains("luck"));
    both.configuration.protocol = Protocol::Naive;
    says(&both, "That is luck");
    both.outcomes[1].stale =
        super::super::Stale { reads: 12, median_age_us: Some(1_500.0), greatest_age_us: Some(48_000.0) };
    says(
        &both,
        "cache-aside gave 12 stale reads of 10,000 (0.12 %): what they missed was acknowledged 1.5 ms before (median), and up to 48 ms.",
    );
    assert!(!said(&both).contains("None of") && !said(&both).contains("luck"));
    both.configuration.variants = vec!["write-around: pure".into()];
    says(
        &both,
        "write-around: pure: an update leaves the old entry in the cache, which is read until its TTL of 3,600 s ends.",
    );
}

#[test]
fn it_turns_where_the_lines_cross() {
    // 1,000 − 900x and 600 − 100x are the same at x = 0.5; this mix has half of each, and 80 % are read in the second.
    let mut two = report(&[(ASIDE, 1_000.0, 100.0, 1_000.0), (THROUGH, 3_000.0, 500.0, 600.0)]);
    two.configuration.mix = Mix { reads: 0.2, updates: 0.8, read_modify_writes: 0.0 };
    says(&two, "write-through is ahead here, and would be overtaken by cache-aside above 50 % reads. An estimate");
    two.configuration.mix = Mix { reads: 0.8, updates: 0.2, read_modify_writes: 0.0 };
    says(&two, "cache-aside is ahead here, and would be overtaken by write-through below 50 % reads. An estimate");
    // 40 % reads and 60 % of both are 100 reads and 60 updates.
    two.configuration.mix = Mix { reads: 0.4, updates: 0.0, read_modify_writes: 0.6 };
    says(&two, "cache-aside is ahead here");
    let always = report(&[(ASIDE, 1_000.0, 100.0, 1_000.0), (BEHIND, 3_000.0, 90.0, 100.0)]);
    says(&always, "write-behind would be ahead with every share of reads");
    let hardly = report(&[(ASIDE, 1_000.0, 99.9, 1_000.0), (BEHIND, 3_000.0, 100.0, 100.0)]);
    says(&hardly, "write-behind would be ahead with every share of reads");
}

#[test]
fn reports_that_have_little_to_say_say_that() {
    let mut one = report(&[(ASIDE, 1_000.0, 100.0, 1_000.0)]);
    says(&one, "cache-aside did 1,000 operations/s; nothing else was measured");
    assert!(!said(&one).contains("would be"));
    one.outcomes.clear();
    assert_eq!(said(&one), "Nothing was measured.");
    let mut reads = report(&[(NONE, 1_000.0, 500.0, 900.0), (ASIDE, 3_000.0, 100.0, 1_000.0)]);
    reads.outcomes.iter_mut().for_each(|outcome| outcome.updates = None);
    says(&reads, "it has no updates, whose cost would decide");
    assert!(!said(&reads).contains("None of"), "nothing could be stale");
    let mut updates = report(&[(NONE, 1_000.0, 500.0, 900.0), (ASIDE, 3_000.0, 100.0, 1_000.0)]);
    updates.outcomes.iter_mut().for_each(|outcome| outcome.reads = None);
    says(&updates, "it has no reads, whose cost would decide");
}

#[test]
fn what_was_simulated_or_interrupted_is_said_first() {
    let mut odd = report(&[(ASIDE, 1_000.0, 100.0, 1_000.0)]);
    odd.configuration.faults = vec!["cache.get:delay=5ms".into()];
    odd.configuration.subjects = vec![ASIDE, BEHIND];
    odd.complete = false;
    odd.outcomes[0].all.as_mut().unwrap().count = 40;
    let said = read(&odd);
    assert!(said[0].contains("cache.get:delay=5ms") && said[0].contains("simulated"), "{said:?}");
    assert!(
        said[1].starts_with("It was ended before its time") && said[1].ends_with("Not measured: write-behind."),
        "{said:?}"
    );
    assert!(said[2].contains("only 40 operations"), "{said:?}");
}

//! Reports that differ in one thing, and files that are no reports.

use super::super::samples;
use super::*;
use crate::error::ExitCode;
use crate::pattern::PatternKind;

const ASIDE: Subject = Subject::Pattern(PatternKind::CacheAside);

/// The sample, with the throughput and the p99 of cache-aside and of its rounds multiplied.
fn scaled(factor: f64) -> Report {
    let mut report = samples::report();
    let outcome = report.outcomes.iter_mut().find(|outcome| outcome.subject == ASIDE).unwrap();
    outcome.throughput *= factor;
    outcome.all.as_mut().unwrap().p99_us *= factor;
    for round in &mut outcome.rounds {
        round.throughput *= factor;
        round.latency.as_mut().unwrap().p99_us *= factor;
    }
    report
}

fn of(compared: &Compared, metric: &str) -> Change {
    let subject = compared.subjects.iter().find(|seen| seen.subject == ASIDE).unwrap();
    subject.changes.iter().find(|change| change.metric == metric).unwrap().clone()
}

#[test]
fn a_change_is_more_than_noise_or_is_not() {
    let compared = compare(&samples::report(), &scaled(1.5));
    let throughput = of(&compared, "throughput");
    assert_eq!(throughput.verdict, Verdict::Better, "{throughput:?}");
    assert!((throughput.percent.unwrap() - 50.0).abs() < 1e-9);
    assert!((throughput.probability.unwrap() - 2.0 / 252.0).abs() < 1e-9);
    assert_eq!(of(&compared, "p99").verdict, Verdict::Worse, "less is better");
    assert_eq!(of(&compared, "reads.p99").verdict, Verdict::Noise);
    assert_eq!(of(&compare(&samples::report(), &scaled(1.005)), "throughput").verdict, Verdict::Noise);
    let back = compare(&scaled(1.5), &samples::report());
    assert_eq!((of(&back, "throughput").verdict, of(&back, "p99").verdict), (Verdict::Worse, Verdict::Better));
    assert_eq!((compared.differences, compared.only_old, compared.only_new), (vec![], vec![], vec![]));
}

#[test]
fn what_cannot_be_told_is_not_guessed() {
    let mut few = scaled(9.0);
    few.outcomes.iter_mut().for_each(|outcome| outcome.rounds.truncate(1));
    assert_eq!(of(&compare(&samples::report(), &few), "throughput").verdict, Verdict::TooFewRounds);
    let mut loaded = samples::report();
    loaded.outcomes.iter_mut().for_each(|outcome| outcome.load.database_reads *= 3);
    let compared = compare(&samples::report(), &loaded);
    let load = of(&compared, "database-reads");
    assert_eq!((load.verdict, load.probability), (Verdict::NoiseUnknown, None));
    assert!((load.percent.unwrap() - 200.0).abs() < 1e-9);
    assert_eq!(of(&compared, "stale").verdict, Verdict::Same);
    assert_eq!(of(&compared, "stale").percent, None, "nothing has no hundredths");
    assert!(
        !compared.subjects.iter().any(|seen| {
            seen.subject == ASIDE && seen.changes.iter().any(|change| change.metric.starts_with("lag"))
        })
    );
    let mut stale = samples::report();
    stale.outcomes.iter_mut().for_each(|outcome| outcome.stale.reads = 2);
    assert_eq!(of(&compare(&samples::report(), &stale), "stale").verdict, Verdict::Worse, "the first is no noise");
    assert_eq!(of(&compare(&stale, &samples::report()), "stale").verdict, Verdict::NoiseUnknown);
    // The whole and its rounds do not agree.
    let mut odd = scaled(1.5);
    odd.outcomes.iter_mut().for_each(|outcome| outcome.throughput = 1.0);
    assert_eq!(of(&compare(&samples::report(), &odd), "throughput").verdict, Verdict::Noise);
}

#[test]
fn what_figures_depend_on_is_told_where_it_differs() {
    let mut other = samples::report();
    other.configuration.clients = 64;
    other.host.processors = 8;
    other.cache.version = None;
    other.version = "9.9.9".into();
    other.outcomes.remove(0);
    let compared = compare(&samples::report(), &other);
    let told: Vec<_> = compared.differences.iter().map(|it| (&it.what[..], &it.old[..], &it.new[..])).collect();
    assert_eq!(told, [("clients", "16", "64"), ("processors", "2", "8"), ("cache version", "8.0.2", "")]);
    assert_eq!((compared.only_old, compared.only_new), (vec![Subject::None], vec![]));
    assert_eq!(compared.new.version, "9.9.9");
}

#[test]
fn a_report_is_read_back_as_it_was_and_nothing_else_is_one() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("report.json");
    let refused = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let error = load(&path).unwrap_err();
        assert_eq!(error.exit_code(), ExitCode::Usage);
        assert!(error.hint().is_some());
        error.to_string()
    };
    let report = samples::report();
    let whole = serde_json::to_string(&report).unwrap();
    assert!(refused(&whole.replacen("\"form\":1", "\"form\":2", 1)).contains("is a report of form 2"));
    assert!(refused(&whole.replacen("\"seed\":42", "\"seed\":\"x\"", 1)).contains("is no whole report"));
    assert!(refused(&whole[..whole.len() / 2]).contains("is no report: "));
    assert!(refused("{}").contains("it has no form") && refused("[1]").contains("it has no form"));
    assert!(refused("").contains("is no report"));
    std::fs::write(&path, whole).unwrap();
    assert_eq!(load(&path).unwrap(), report);
    let missing = load(&directory.path().join("missing.json")).unwrap_err();
    assert!(missing.to_string().contains("cannot be read"), "{missing}");
    assert_eq!(missing.exit_code(), ExitCode::Usage);
}

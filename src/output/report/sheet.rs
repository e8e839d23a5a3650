//! The tables of a report: which figures stand together, under which headings, and which of them is the best.
//!
//! Text, Markdown and HTML draw the same sheets, so that a figure is found in the same place wherever it is read. They are
//! narrow on purpose: a line is one subject, and fits a terminal of 80 columns.

use crate::bench::metric::{Kind, Load, Metric, Statistic};
use crate::bench::{Report, Subject};

/// A table.
pub(in crate::output) struct Sheet {
    /// What it is about.
    pub(in crate::output) title: &'static str,
    /// What stands over each figure.
    pub(in crate::output) headings: Vec<&'static str>,
    /// A line for each subject.
    pub(in crate::output) lines: Vec<Line>,
}

/// The figures of a subject.
pub(in crate::output) struct Line {
    pub(in crate::output) subject: Subject,
    pub(in crate::output) figures: Vec<Figure>,
}

/// A figure as it is shown.
pub(in crate::output) struct Figure {
    /// The figure, or `–` where there is none.
    pub(in crate::output) text: String,
    /// Whether no other subject has a better one.
    pub(in crate::output) best: bool,
}

/// The tables that have something in them.
pub(in crate::output) fn sheets(report: &Report) -> Vec<Sheet> {
    let percentiles = |kind| {
        [
            ("p50", Statistic::P50),
            ("p95", Statistic::P95),
            ("p99", Statistic::P99),
            ("p99.9", Statistic::P999),
            ("max", Statistic::Max),
        ]
        .map(|(heading, statistic)| (heading, Metric::Latency(kind, statistic)))
        .to_vec()
    };
    let mut lag = percentiles(Kind::Lag);
    // Five percentiles and the queue do not fit.
    lag.retain(|(heading, _)| !["p95", "p99.9"].contains(heading));
    lag.extend([("waiting, most", Metric::QueueLength), ("drained after", Metric::DrainedAfter)]);
    let overall = vec![
        ("operations/s", Metric::Throughput),
        ("hit rate", Metric::HitRate),
        ("errors", Metric::Errors),
        ("stale reads", Metric::Stale),
        ("oldest", Metric::StaleAge),
    ];
    let load = vec![
        ("database reads", Metric::Load(Load::DatabaseReads)),
        ("transactions", Metric::Load(Load::DatabaseWrites)),
        ("cache", Metric::Load(Load::CacheCommands)),
        ("queue", Metric::Load(Load::QueueCommands)),
    ];
    [
        ("All operations", overall),
        ("Reads", percentiles(Kind::Reads)),
        ("Updates", percentiles(Kind::Updates)),
        ("What reached the servers, for each operation", load),
        ("From an acknowledgement until the database has the update", lag),
    ]
    .into_iter()
    .filter_map(|(title, columns)| sheet(report, title, &columns))
    .collect()
}

fn sheet(report: &Report, title: &'static str, columns: &[(&'static str, Metric)]) -> Option<Sheet> {
    let best: Vec<_> = columns.iter().map(|(_, metric)| metric.best(&report.outcomes)).collect();
    let lines = report.outcomes.iter().filter_map(|outcome| {
        let values: Vec<_> = columns.iter().map(|(_, metric)| metric.value(outcome)).collect();
        values.iter().any(Option::is_some).then(|| {
            let figures = columns.iter().zip(values).zip(&best).map(|(((_, metric), value), best)| Figure {
                text: shown(*metric, value),
                best: value.is_some() && value == *best && is_told_apart(report, *metric, *best),
            });
            Line { subject: outcome.subject, figures: figures.collect() }
        })
    });
    let lines: Vec<_> = lines.collect();
    let headings = columns.iter().map(|(heading, _)| *heading).collect();
    (!lines.is_empty()).then_some(Sheet { title, headings, lines })
}

/// Whether there is something to be best of: what most subjects have is nothing to be praised for.
fn is_told_apart(report: &Report, metric: Metric, best: Option<f64>) -> bool {
    let values: Vec<_> = report.outcomes.iter().filter_map(|outcome| metric.value(outcome)).collect();
    let alike = values.iter().filter(|value| Some(**value) == best).count();
    // Not to ask a cache that one has not is no merit.
    let is_merit = !matches!(metric, Metric::Load(Load::CacheCommands | Load::QueueCommands));
    is_merit && values.len() > 1 && alike * 2 <= values.len()
}

/// A figure, and a dash where there is none or where it would be the age of nothing.
fn shown(metric: Metric, value: Option<f64>) -> String {
    match value {
        None => "–".to_owned(),
        Some(0.0) if metric == Metric::StaleAge => "–".to_owned(),
        Some(value) => metric.unit().show(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{Failure, samples};
    use crate::pattern::PatternKind;

    fn best(report: &Report, heading: &str) -> Vec<&'static str> {
        let sheet = sheets(report).into_iter().find(|sheet| sheet.headings.contains(&heading)).unwrap();
        let at = sheet.headings.iter().position(|seen| *seen == heading).unwrap();
        sheet.lines.iter().filter(|line| line.figures[at].best).map(|line| line.subject.name()).collect()
    }

    #[test]
    fn the_best_of_a_column_is_marked_and_only_where_there_is_one() {
        let mut report = samples::report();
        assert_eq!(best(&report, "operations/s"), ["write-behind"]);
        assert_eq!(best(&report, "stale reads"), [""; 0], "all have none");
        let stale = |report: &mut Report, but: usize| {
            report.outcomes.iter_mut().skip(but).for_each(|outcome| outcome.stale.reads = 1);
        };
        let last = report.outcomes.len() - 1;
        stale(&mut report, last);
        assert_eq!(best(&report, "stale reads"), [""; 0], "all but one have none");
        stale(&mut report, 1);
        assert_eq!(best(&report, "stale reads"), ["none"]);
        let behind = Subject::Pattern(PatternKind::WriteBehind);
        let behind = report.outcomes.iter_mut().find(|outcome| outcome.subject == behind).unwrap();
        behind.errors = vec![Failure { what: "gone".into(), count: behind.operations }];
        assert!(!best(&report, "operations/s").contains(&"write-behind"), "who fails is not the best");
    }

    #[test]
    fn what_nobody_has_has_no_table_and_what_one_has_not_is_a_dash() {
        let mut report = samples::report();
        assert_eq!(sheets(&report).len(), 5);
        assert_eq!(sheets(&report)[0].lines[0].figures[1].text, "–", "the database alone has no hit rate");
        report.outcomes.iter_mut().for_each(|outcome| (outcome.updates, outcome.lag) = (None, None));
        let titles: Vec<_> = sheets(&report).iter().map(|sheet| sheet.title).collect();
        assert_eq!(titles, ["All operations", "Reads", "What reached the servers, for each operation"]);
        report.outcomes.clear();
        assert!(sheets(&report).is_empty());
    }
}

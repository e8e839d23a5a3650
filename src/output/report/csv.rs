//! A line for each subject and a column for each metric: for a spreadsheet, or to be put under the lines of other runs.
//!
//! As RFC 4180 has it. Figures are as they were measured, not rounded, and each heading says their unit.

use std::borrow::Cow;

use super::super::harmless::harmless;
use crate::bench::Metric;
use crate::bench::facts::facts;
use crate::bench::{Outcome, Report};

/// The report as CSV.
pub(super) fn render(report: &Report) -> String {
    // What each run is told apart by comes first, in each line.
    let facts: Vec<_> = facts(report).into_iter().filter(|fact| fact.name != "subjects").collect();
    let metrics = Metric::all();
    let mut headings = vec!["subject".to_owned(), "made_at".to_owned(), "operations_ended".to_owned()];
    headings.extend(metrics.iter().map(column));
    headings.extend(facts.iter().map(|fact| snake(fact.name)));
    let line = |outcome: &Outcome| {
        let mut cells =
            vec![outcome.subject.name().to_owned(), report.made_at.to_string(), outcome.operations.to_string()];
        let figure = |metric: &Metric| metric.value(outcome).filter(|figure| figure.is_finite());
        cells.extend(metrics.iter().map(|metric| figure(metric).map(|figure| figure.to_string()).unwrap_or_default()));
        cells.extend(facts.iter().map(|fact| fact.value.clone()));
        cells
    };
    let lines = std::iter::once(headings).chain(report.outcomes.iter().map(line));
    lines.map(|cells| cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",") + "\r\n").collect()
}

/// `reads.p99` is `reads_p99_us`.
fn column(metric: &Metric) -> String {
    format!("{}{}", snake(&metric.to_string()), metric.unit().suffix())
}

fn snake(name: &str) -> String {
    let words = name.split(|character: char| !character.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_").to_lowercase()
}

/// A cell, in quotes where it must be. What a spreadsheet would take for a formula is told that it is text: a server's version
/// is a text that its owner chose.
fn quoted(cell: &str) -> Cow<'_, str> {
    let cell = harmless(cell);
    let is_formula = cell.starts_with(['=', '+', '-', '@']) && cell.parse::<f64>().is_err();
    let cell = if is_formula { Cow::Owned(format!("'{cell}")) } else { cell };
    if cell.contains(['"', ',', '\n', '\r']) { Cow::Owned(format!("\"{}\"", cell.replace('"', "\"\""))) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::samples;

    #[test]
    fn a_cell_is_quoted_where_it_must_be_and_never_a_formula() {
        for (cell, written) in [
            ("write-behind", "write-behind"),
            ("a,b", "\"a,b\""),
            ("say \"so\"", "\"say \"\"so\"\"\""),
            ("two\nlines", "two\\nlines"),
            ("=1+1", "'=1+1"),
            ("@SUM(A1),x", "\"'@SUM(A1),x\""),
            ("-1.5", "-1.5"),
            ("", ""),
        ] {
            assert_eq!(quoted(cell), written);
        }
    }

    #[test]
    fn each_subject_is_a_line_with_a_cell_for_each_heading() {
        let mut report = samples::report();
        report.outcomes[0].reads = None;
        report.host.processor = None;
        let text = render(&report);
        let lines: Vec<_> = text.split_terminator("\r\n").collect();
        assert_eq!(lines.len(), 1 + report.outcomes.len());
        let headings: Vec<_> = lines[0].split(',').collect();
        for heading in
            ["throughput_per_s", "reads_p99_9_us", "hit_rate_share", "database_reads_per_operation", "stale", "seed"]
        {
            assert!(headings.contains(&heading), "{heading} is not in {headings:?}");
        }
        let at = headings.iter().position(|heading| *heading == "reads_p99_us").unwrap();
        let cells = |line: usize| lines[line].split(',').collect::<Vec<_>>();
        assert_eq!((cells(1)[0], cells(1)[at]), ("none", ""), "what there is not is empty");
        assert_eq!(cells(2)[at], report.outcomes[1].reads.as_ref().unwrap().p99_us.to_string());
        let mut sorted = headings.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), headings.len());
    }
}

//! A line for each subject and a column for each metric: for a spreadsheet, or to be put under the lines of other runs.
//!
//! As RFC 4180 has it. Figures are as they were measured, not rounded, and each heading says their unit. What they depend on stands
//! beside them under the names that it has in the JSON.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::super::harmless::harmless;
use crate::bench::Metric;
use crate::bench::{Outcome, Report};

/// The report as CSV.
pub(super) fn render(report: &Report) -> String {
    let mut circumstances = Vec::new();
    flatten("", &circumstances_of(report), &mut circumstances);
    let metrics = Metric::all();
    // What each run is told apart by comes first, in each line.
    let mut headings = vec!["subject".to_owned(), "made_at".to_owned(), "operations_ended".to_owned()];
    headings.extend(metrics.iter().map(column));
    headings.extend(circumstances.iter().map(|(name, _)| name.clone()));
    let line = |outcome: &Outcome| {
        let mut cells =
            vec![outcome.subject.name().to_owned(), report.made_at.to_string(), outcome.operations.to_string()];
        let figure = |metric: &Metric| metric.value(outcome).filter(|figure| figure.is_finite());
        cells.extend(metrics.iter().map(|metric| figure(metric).map(|figure| figure.to_string()).unwrap_or_default()));
        cells.extend(circumstances.iter().map(|(_, value)| value.clone()));
        cells
    };
    let lines = std::iter::once(headings).chain(report.outcomes.iter().map(line));
    lines.map(|cells| cells.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(",") + "\r\n").collect()
}

/// What was asked for, and of whom; which subjects is told by the lines.
fn circumstances_of(report: &Report) -> Value {
    let mut asked = json!(report.configuration);
    if let Value::Object(asked) = &mut asked {
        asked.remove("subjects");
    }
    json!({
        "asked": asked, "host": report.host, "database": report.database, "cache": report.cache,
        "version": report.version, "complete": report.complete,
    })
}

/// Every value by itself, under the names on the way to it.
fn flatten(name: &str, value: &Value, columns: &mut Vec<(String, String)>) {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                let name = if name.is_empty() { field.clone() } else { format!("{name}_{field}") };
                flatten(&name, value, columns);
            }
        }
        Value::Array(values) => {
            columns.push((name.to_owned(), values.iter().map(text).collect::<Vec<_>>().join("; ")));
        }
        Value::Null => columns.push((name.to_owned(), String::new())),
        value => columns.push((name.to_owned(), text(value))),
    }
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
        for heading in [
            "throughput_per_s",
            "reads_p99_9_us",
            "hit_rate_share",
            "database_reads_per_operation",
            "stale",
            "asked_seed",
        ] {
            assert!(headings.contains(&heading), "{heading} is not in {headings:?}");
        }
        let at = headings.iter().position(|heading| *heading == "reads_p99_us").unwrap();
        let cells = |line: usize| lines[line].split(',').collect::<Vec<_>>();
        assert_eq!((cells(1)[0], cells(1)[at]), ("none", ""), "what there is not is empty");
        assert_eq!(cells(2)[at], report.outcomes[1].reads.as_ref().unwrap().p99_us.to_string());
        for (heading, written) in [
            ("asked_keys", report.configuration.keys.to_string()),
            ("asked_mix_reads", report.configuration.mix.reads.to_string()),
            ("asked_protocol", "protected".into()),
            ("host_processor", String::new()),
            ("host_memory_bytes", report.host.memory_bytes.unwrap().to_string()),
            ("complete", report.complete.to_string()),
        ] {
            let at = headings.iter().position(|there| *there == heading).unwrap();
            assert_eq!(
                cells(1)[at],
                written,
                "{heading} is for a program: no units, no separators, nothing but the value"
            );
        }
        let mut sorted = headings.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), headings.len());
    }
}

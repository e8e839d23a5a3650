//! What a pull request or a wiki wants: what was asked for, the tables, and what they say.
//!
//! Texts of servers stand in code spans: there, nothing in them is a link, an image, a mention or a heading.

use super::super::harmless::harmless;
use super::sheet::{Sheet, sheets};
use crate::bench::Report;
use crate::bench::facts::described;
use crate::quantity::counted;

/// The report as Markdown.
pub(super) fn render(report: &Report) -> String {
    let mut text = format!("## cachedemo bench\n\n{} UTC, cachedemo {}\n\n", report.made_at, code(&report.version));
    for sentence in described(report) {
        text.push_str(&format!("- {}\n", code(&sentence)));
    }
    if !report.configuration.faults.is_empty() {
        let faults = code(&report.configuration.faults.join(", "));
        text.push_str(&format!("\n> **Simulated:** something goes wrong on purpose: {faults}\n"));
    }
    for sheet in sheets(report) {
        text.push_str(&table(&sheet));
    }
    text.push_str("\nThe best of a column is **bold**.\n\n### What this says\n\n");
    for sentence in &report.reading {
        text.push_str(&format!("- {}\n", escaped(sentence)));
    }
    let failures = report.outcomes.iter().flat_map(|outcome| {
        outcome.errors.iter().map(|failure| (outcome.subject.name(), failure.count, &failure.what))
    });
    let failures: Vec<_> = failures.collect();
    if !failures.is_empty() {
        text.push_str("\n### What failed\n\n");
    }
    for (subject, count, what) in failures {
        text.push_str(&format!("- {subject}, {}: {}\n", counted(count, "time"), code(what)));
    }
    text
}

fn table(sheet: &Sheet) -> String {
    let mut text = format!("\n### {}\n\n| subject | {} |\n", sheet.title, sheet.headings.join(" | "));
    text.push_str(&format!("|:--|{}\n", "--:|".repeat(sheet.headings.len())));
    for line in &sheet.lines {
        let cells = line.figures.iter().map(|figure| match figure.best {
            true => format!("**{}**", figure.text),
            false => figure.text.clone(),
        });
        text.push_str(&format!("| {} | {} |\n", line.subject.name(), cells.collect::<Vec<_>>().join(" | ")));
    }
    text
}

/// A text in which nothing means anything, between as many backticks as it has none of.
fn code(text: &str) -> String {
    let text = harmless(text);
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let gap = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{gap}{text}{gap}{fence}")
}

/// A sentence of ours, which may quote a text that is not.
fn escaped(sentence: &str) -> String {
    let mut text = String::with_capacity(sentence.len());
    for character in harmless(sentence).chars() {
        match character {
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '&' => text.push_str("&amp;"),
            // Who is mentioned is told of it.
            '@' => text.push_str("&#64;"),
            '\\' | '*' | '_' | '[' | ']' | '!' | '|' | '~' | '#' => text.extend(['\\', character]),
            character => text.push(character),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::{Failure, samples};

    #[test]
    fn a_table_has_as_many_cells_in_each_line_and_the_best_is_bold() {
        let text = render(&samples::report());
        let mut cells = None;
        for line in text.lines() {
            let seen = line.starts_with('|').then(|| line.matches('|').count());
            assert!(cells.is_none() || seen.is_none() || seen == cells, "{line}");
            cells = seen;
        }
        assert!(text.contains("| subject | operations/s | hit rate |"), "{text}");
        assert!(text.lines().any(|line| line.starts_with("| write-behind | **")), "{text}");
        assert!(text.contains("- `workload a: 50 % reads, 50 % updates of 10,000 flights, zipfian`\n"));
        assert!(text.contains("- write-behind is the fastest for this mix"));
        assert!(!text.contains("Simulated"));
    }

    #[test]
    fn what_somebody_else_wrote_is_shown_and_not_meant() {
        let mut report = samples::report();
        let evil = "``x`` <img src=x> @all [a](javascript:b) | # *b*\n## c \u{1b}[2J";
        report.configuration.faults = vec![evil.into()];
        report.database.version = Some(evil.into());
        report.outcomes[0].errors = vec![Failure { what: evil.into(), count: 3 }];
        report.reading = vec![evil.into()];
        let text = render(&report);
        assert!(text.contains("none, 3 times: ```") && text.contains("**Simulated:**"), "{text}");
        let outside: String = text
            .lines()
            .map(|line| {
                // What stands between three backticks is code.
                line.split("```").step_by(2).collect::<String>() + "\n"
            })
            .collect();
        for meant in ["<img", "@all", "[a](", "\n## c", "\u{1b}"] {
            assert!(!outside.contains(meant), "{meant:?} in {outside}");
        }
        assert!(outside.contains("&lt;img src=x&gt; &#64;all \\[a\\]"), "{outside}");
    }
}

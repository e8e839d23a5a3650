//! One page with everything: what was asked for, what it says, tables, and plots, in a file that needs no other.
//!
//! No script and nothing from elsewhere: it can be kept, mailed, printed and opened in ten years. It follows the reader's choice
//! of light and dark, and is read on a phone as well as on paper.

mod plots;

use std::fmt::Write as _;

use super::sheet::{Sheet, sheets};
use super::svg::escaped;
use crate::bench::Report;
use crate::bench::facts::{described, facts};
use crate::quantity::counted;

const STYLE: &str = include_str!("html/style.css");

/// The report as HTML.
pub(super) fn render(report: &Report) -> String {
    let mut page = format!(
        r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>cachedemo bench, {made_at} UTC</title>
<style>
{STYLE}</style>
</head>
<body>
<header>
<h1>cachedemo bench</h1>
<p>{made_at} UTC, version {version}</p>
</header>
<main>
"#,
        made_at = report.made_at,
        version = escaped(&report.version),
    );
    warnings(&mut page, report);
    list(&mut page, "What was asked for", &described(report));
    list(&mut page, "What the figures say", &report.reading);
    page.push_str("<section>\n<h2>Figures</h2>\n<p>The best of a column is <b class=\"best\">marked</b>.</p>\n");
    for sheet in sheets(report) {
        table(&mut page, &sheet);
    }
    page.push_str("</section>\n");
    plots::plots(&mut page, report);
    failures(&mut page, report);
    settings(&mut page, report);
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn warnings(page: &mut String, report: &Report) {
    let faults = &report.configuration.faults;
    if !faults.is_empty() {
        let faults = escaped(&faults.join(", "));
        _ = writeln!(page, "<p class=\"warning\">⚠ Simulated: something goes wrong on purpose ({faults}).</p>");
    }
    if !report.complete {
        page.push_str("<p class=\"warning\">⚠ Interrupted: these are the figures until then.</p>\n");
    }
}

fn list(page: &mut String, title: &str, sentences: &[String]) {
    if sentences.is_empty() {
        return;
    }
    _ = writeln!(page, "<section>\n<h2>{title}</h2>\n<ul>");
    for sentence in sentences {
        _ = writeln!(page, "<li>{}</li>", escaped(sentence));
    }
    page.push_str("</ul>\n</section>\n");
}

fn table(page: &mut String, sheet: &Sheet) {
    let headings: String = sheet.headings.iter().map(|heading| format!("<th scope=\"col\">{heading}</th>")).collect();
    // What scrolls must be reached with the keyboard as well.
    _ = writeln!(
        page,
        "<div class=\"table\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\">\n<table>\n<caption>{0}</caption>",
        sheet.title
    );
    _ = writeln!(page, "<thead><tr><th scope=\"col\">subject</th>{headings}</tr></thead>\n<tbody>");
    for line in &sheet.lines {
        _ = write!(page, "<tr><th scope=\"row\">{}</th>", line.subject.name());
        for figure in &line.figures {
            let text = escaped(&figure.text);
            _ = match figure.best {
                true => write!(page, "<td><b class=\"best\">{text}</b></td>"),
                false => write!(page, "<td>{text}</td>"),
            };
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody>\n</table>\n</div>\n");
}

fn failures(page: &mut String, report: &Report) {
    let failures = report.outcomes.iter().flat_map(|outcome| {
        let name = outcome.subject.name();
        outcome
            .errors
            .iter()
            .map(move |failure| format!("{name}, {}: {}", counted(failure.count, "time"), failure.what))
    });
    list(page, "What failed", &failures.collect::<Vec<_>>());
}

fn settings(page: &mut String, report: &Report) {
    page.push_str("<section>\n<h2>Everything that the figures depend on</h2>\n<dl>\n");
    for fact in facts(report).iter().filter(|fact| !fact.value.is_empty()) {
        _ = writeln!(page, "<div><dt>{}</dt><dd>{}</dd></div>", escaped(fact.name), escaped(&fact.value));
    }
    page.push_str("</dl>\n</section>\n");
}

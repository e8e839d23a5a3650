//! The same report in all four forms: what each must hold, and what none may do with the texts of others.

use super::*;
use crate::bench::{Failure, compare, samples};
use crate::error::ExitCode;
use crate::output::harmless::is_harmful;

const EVIL: &str = "\"'><script>alert(1)</script><img src=x onerror=x>&amp;\u{1b}[2J\u{202e}\u{9b}1m";

/// A report in which every text that comes from outside would do something, if it could.
fn hostile() -> Report {
    let mut report = samples::report();
    let evil = || EVIL.to_owned();
    report.version = evil();
    report.configuration.faults = vec![evil()];
    report.configuration.variants = vec![evil()];
    report.configuration.workload = Some(evil());
    (report.host.processor, report.host.system) = (Some(evil()), evil());
    for server in [&mut report.database, &mut report.cache] {
        (server.product, server.address, server.version) = (evil(), evil(), Some(evil()));
    }
    report.outcomes[0].errors = vec![Failure { what: evil(), count: 7 }];
    report.reading = vec![evil()];
    report
}

#[test]
fn the_ending_chooses_the_form() {
    let form = |text: &str| text.parse::<Export>().map(|export| export.form);
    assert_eq!(form("report.json"), Ok(Form::Json));
    assert_eq!(form("a/b.c/Report.CSV"), Ok(Form::Csv));
    assert_eq!(form("report.md"), Ok(Form::Markdown));
    assert_eq!(form("report.html"), Ok(Form::Html));
    for (wrong, example) in
        [("report.pdf", "report.html"), ("plain", "plain.html"), ("", "report.html"), (".md", ".md.html")]
    {
        let error = form(wrong).unwrap_err();
        assert!(error.contains(".json, .csv, .md and .html") && error.ends_with(example), "{wrong}: {error}");
    }
}

#[test]
fn each_form_is_written_and_the_json_is_read_back_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    for (name, part) in
        [("r.csv", "write-behind,"), ("r.md", "| write-behind |"), ("r.html", "</html>"), ("r.json", "\"form\": 1")]
    {
        let export: Export = directory.path().join(name).to_str().unwrap().parse().unwrap();
        export.check().unwrap();
        export.write(&samples::report()).unwrap();
        assert!(std::fs::read_to_string(&export.path).unwrap().contains(part), "{name}");
    }
    for report in [samples::report(), hostile()] {
        let export: Export = directory.path().join("r.json").to_str().unwrap().parse().unwrap();
        export.write(&report).unwrap();
        assert_eq!(compare::load(&export.path).unwrap(), report);
    }
}

#[test]
fn what_cannot_be_written_says_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let export: Export = directory.path().join("missing/r.md").to_str().unwrap().parse().unwrap();
    let before = export.check().unwrap_err();
    assert_eq!(before.exit_code(), ExitCode::Usage);
    assert!(before.hint().unwrap().contains("mkdir -p"), "{before:?}");
    let after = export.write(&samples::report()).unwrap_err();
    assert_eq!(after.exit_code(), ExitCode::Failed);
    assert!(after.to_string().starts_with("cannot write the report ") && after.hint().unwrap().contains("mkdir -p"));
    let full = Error::NotExported { path: "r.md".into(), cause: std::io::ErrorKind::StorageFull.into() };
    assert!(full.hint().unwrap().contains("no room"));
}

#[test]
fn no_form_lets_the_text_of_another_act() {
    for form in [Form::Json, Form::Csv, Form::Markdown, Form::Html] {
        let text = render(form, &hostile()).unwrap();
        let acting: Vec<_> =
            text.chars().filter(|character| is_harmful(*character) && !"\r\n".contains(*character)).collect();
        assert!(acting.is_empty(), "{form:?}: {acting:?}");
    }
}

/// Every tag of a page, with its attributes.
fn tags(page: &str) -> Vec<&str> {
    page.split('<').skip(1).map(|rest| rest.split('>').next().unwrap()).collect()
}

#[test]
fn a_page_runs_nothing_and_needs_nothing_from_elsewhere() {
    let page = render(Form::Html, &hostile()).unwrap();
    let known = [
        "!DOCTYPE",
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "h1",
        "p",
        "main",
        "section",
        "h2",
        "ul",
        "li",
        "b",
        "div",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "figure",
        "figcaption",
        "span",
        "svg",
        "g",
        "path",
        "text",
        "rect",
        "defs",
        "pattern",
        "desc",
        "dl",
        "dt",
        "dd",
    ];
    for tag in tags(&page) {
        let name = tag.trim_start_matches('/').split([' ', '\n', '/']).next().unwrap();
        assert!(known.contains(&name), "<{tag}>");
        assert!(!tag.contains(" on") && !tag.contains("href") && !tag.contains("src="), "<{tag}>");
    }
    assert!(!page.contains("http:") && !page.contains("https:") && !page.contains("@import"));
    assert!(page.contains("&lt;script&gt;alert(1)"), "it is shown");
    assert!(page.contains("prefers-color-scheme: dark") && page.contains("@media print"));
    assert!(page.contains("name=\"viewport\"") && page.contains("Simulated"));
}

#[test]
fn every_tag_is_closed_and_every_plot_has_words() {
    let page = render(Form::Html, &samples::report()).unwrap();
    let mut open = Vec::new();
    for tag in tags(&page) {
        let name = tag.trim_start_matches('/').split([' ', '\n']).next().unwrap();
        match (tag.starts_with('/'), tag.ends_with('/') || ["!DOCTYPE", "meta"].contains(&name)) {
            (true, _) => assert_eq!(open.pop(), Some(name)),
            (false, true) => {}
            (false, false) => open.push(name),
        }
    }
    assert_eq!(open, [""; 0]);
    let plots: Vec<_> = page.split("<figure>").skip(1).collect();
    assert_eq!(plots.len(), 7);
    for plot in plots {
        let words = plot.split("<desc").nth(1).and_then(|rest| rest.split("</desc>").next()).unwrap();
        assert!(
            plot.contains("role=\"img\"") && plot.contains("<title id=") && words.contains("write-behind: "),
            "{words}"
        );
    }
    let mut ids: Vec<_> = page.split(" id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    ids.retain(|id| *id != "hatch");
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
    assert!(!page.contains("NaN") && !page.contains("inf"));
}

#[test]
fn reports_with_little_in_them_are_written_as_well() {
    let mut bare = samples::report();
    for outcome in &mut bare.outcomes {
        (outcome.all, outcome.reads, outcome.updates, outcome.lookups, outcome.lag) = (None, None, None, None, None);
        (outcome.operations, outcome.throughput) = (0, f64::NAN);
        outcome.timeline.slices.clear();
    }
    let mut empty = samples::report();
    (empty.complete, empty.outcomes, empty.reading) = (false, Vec::new(), Vec::new());
    for report in [bare, empty] {
        for form in [Form::Csv, Form::Markdown, Form::Html] {
            let text = render(form, &report).unwrap();
            assert!(!text.contains("NaN"), "{form:?}: {text}");
        }
    }
}

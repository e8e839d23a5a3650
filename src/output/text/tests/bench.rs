//! A bench at the widths that terminals have: what stands where, and that nothing leaves its line.

use super::*;
use crate::bench::{self, Failure};

fn at(width: usize, event: &Event) -> String {
    both(Settings { width, ..settings() }, std::slice::from_ref(event)).0
}

fn report() -> bench::Report {
    bench::samples::report()
}

fn bench_at(width: usize, report: bench::Report) -> String {
    at(width, &Event::Bench(Box::new(report)))
}

/// The lines from the one that begins so, to the next blank one.
fn part(text: &str, begin: &str) -> String {
    let lines = text.lines().skip_while(|line| !line.starts_with(begin)).take_while(|line| !line.is_empty());
    lines.map(|line| line.to_owned() + "\n").collect()
}

#[test]
fn a_bench_is_narrow_tables_with_the_best_of_each_column_marked() {
    let text = bench_at(80, report());
    let expected = "Updates
┌───────────────┬─────────┬─────────┬─────────┬─────────┬──────────┐
│ subject       ┆     p50 ┆     p95 ┆     p99 ┆   p99.9 ┆      max │
╞═══════════════╪═════════╪═════════╪═════════╪═════════╪══════════╡
";
    assert!(part(&text, "Updates").starts_with(expected), "{text}");
    let marked = |line: &str| line.matches('*').count();
    let updates = part(&text, "Updates");
    let marks: Vec<_> = updates.lines().filter(|line| line.contains("write-") || line.contains("aside")).collect();
    for line in &marks {
        assert_eq!(marked(line), if line.contains("write-behind") { 5 } else { 0 }, "{line}");
    }
    assert!(text.contains("\n* the best of its column\n"));
    assert!(part(&text, "From an acknowledgement").lines().filter(|line| line.contains("write-")).count() == 1);
}

#[test]
fn plots_stand_under_the_tables_and_the_reading_under_the_plots() {
    let text = bench_at(80, report());
    let places = [
        "All operations",
        "Reads\n",
        "Updates\n",
        "How long reads took",
        "How long updates took",
        "Throughput over",
        "WHAT THIS SAYS",
    ];
    let places = places.map(|title| text.find(title).unwrap_or_else(|| panic!("{title}: {text}")));
    assert!(places.is_sorted(), "{text}");
    let reads = part(&text, "How long reads took");
    assert!(reads.lines().last().unwrap().trim_start().starts_with("|10 µs"), "{reads}");
    // Two heights: hits, and misses behind them; the database alone has one.
    let line = |name: &str| reads.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(line("none").find('█') > line("cache-aside").find('█'), "{reads}");
    let over_time = part(&text, "Throughput over time");
    assert!(over_time.lines().skip(1).all(|line| line.contains('█')), "each has its own peak: {over_time}");
    assert!(text.contains("• write-behind is the fastest for this mix"));
}

#[test]
fn failures_are_listed_and_what_is_not_whole_is_marked() {
    let mut failing = report();
    (failing.complete, failing.configuration.faults) = (false, vec!["cache:down".into()]);
    failing.outcomes[1].errors = (1..=5).map(|count| Failure { what: format!("way {count}"), count }).collect();
    let text = bench_at(80, failing);
    assert!(text.contains("⚠ simulated: faults on purpose: cache:down\n⚠ interrupted: "), "{text}");
    assert!(text.contains("✗ cache-aside, 1 time: way 1\n✗ cache-aside, 2 times: way 2\n"));
    assert!(text.contains("  and in 2 other ways\n") && !text.contains("way 4"));
    let clean = bench_at(80, report());
    assert!(!clean.contains("simulated") && !clean.contains("WHAT FAILED"));
}

#[test]
fn a_comparison_warns_first_and_then_says_what_is_more_than_noise() {
    let text = at(80, &Event::BenchCompared(Box::new(samples::compared())));
    assert!(text.contains(
        "⚠ Not the same in both, so that figures may differ for that alone:\n  cache version: 8.0.2 → 8.2.0\n"
    ));
    assert!(text.contains("⚠ Only in the old one: none\n"));
    let row = |metric: &str| text.lines().find(|line| line.starts_with(&format!("│ {metric} "))).unwrap().to_owned();
    assert!(row("updates.p99").contains("+50.0 % ┆ ✗ worse (p = 0.008)"), "{text}");
    assert!(row("throughput").contains("noise (p = 1.000)") && row("stale").contains("✗ worse"), "{text}");
    assert!(row("database-reads").contains("the same") && !text.contains("│ cache-commands"));
    assert!(text.contains("0 are better and 2 worse"), "{text}");
}

#[test]
fn limits_are_listed_with_what_broke_them() {
    let text = at(80, &Event::Limits(samples::checked()));
    assert!(
        text.contains("✓ not so: errors > 1%\n✗ write-through.updates.p99 > 5ms, by write-through: it was "),
        "{text}"
    );
}

#[test]
fn nothing_is_wider_than_the_terminal() {
    // A word that is wider than the page stays whole: no such word is in a report of ours.
    for (width, event) in [60, 72, 80, 100, 120]
        .into_iter()
        .flat_map(|width| samples::benches().into_iter().map(move |event| (width, event)))
    {
        for line in at(width, &event).lines() {
            assert!(line.width() <= width, "{line:?} has {} columns, not {width}", line.width());
        }
    }
    let widest = |width| bench_at(width, report()).lines().map(UnicodeWidthStr::width).max().unwrap();
    assert!(widest(120) > 100, "the plots use the room that there is");
}

#[test]
fn a_bench_without_anything_in_it_is_shown_as_well() {
    let mut empty = report();
    empty.outcomes.clear();
    empty.reading = bench::read(&empty);
    let text = bench_at(80, empty);
    assert!(text.contains("• Nothing was measured.") && !text.contains("subject"), "{text}");
    let mut odd = report();
    for outcome in &mut odd.outcomes {
        (outcome.throughput, outcome.timeline.slice_s) = (f64::NAN, 0.0);
        outcome.reads.as_mut().unwrap().histogram.clear();
    }
    assert!(bench_at(40, odd).contains("Reads"));
}

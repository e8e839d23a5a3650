//! Claims, as they are shown.

use super::*;

#[test]
fn a_claim_is_told_with_what_it_would_take() {
    let shown = shown(&[Event::Claims(samples::claims())]);
    let lines: Vec<String> = shown.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    let joined = lines.join(" ");
    assert!(shown.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 80), "{shown}");
    for expected in [
        "10× – 100×",
        "1.29×",
        "✗ does not hold",
        "≤ 1 ms",
        "58 µs",
        "✓ holds",
        "not measured",
        "3 claims: 1 hold, 0 more by what stands in for them, 1 do not hold here, 1 not measured",
        "hit-speed: a hit 58 µs, a read of the database alone 75 µs; it would take at least 1.83 ms.",
        "It would hold where the database is a network away.",
        "see: cachedemo claims hit-speed --fault 'database.*:delay=3ms'",
        "Interrupted",
    ] {
        assert!(joined.contains(expected), "{expected:?} is missing:\n{shown}");
    }
}

#[test]
fn under_faults_it_says_that_these_are_simulated() {
    let mut start = samples::start();
    start.faults = vec!["database.*:delay=10ms".into()];
    let shown = shown(&[Event::Start(start), Event::Claims(samples::claims())]);
    let (_, below) = shown.split_once("CLAIMED AND MEASURED").unwrap();
    assert!(below.contains("database.*:delay=10ms"), "{shown}");
}

#[test]
fn the_list_says_who_claims_it() {
    let shown = shown(&[Event::ClaimsListed(samples::claims_listed())]);
    assert!(shown.contains("hit-speed · reads from the cache are 10–100 times"), "{shown}");
    assert!(shown.contains("\"Distributed Cache and Caching Strategies\", What is Caching?"), "{shown}");
    assert!(shown.contains("measured in its place: the processor of a server"), "{shown}");
}

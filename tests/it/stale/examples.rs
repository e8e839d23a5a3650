//! The checkers on histories that are made by hand, each with one thing in it that is wrong, or only looks so.
//!
//! Both are asked, and what they see of a stale read is the same. The letters are versions, `o` is the original.

use super::chain::Chain;
use super::check::{Finding, check};
use super::history::{Answer, History, Read, Update};
use super::linear::Opinion;
use super::notes::{Met, Moment};
use super::version::Version;

fn version(letter: char) -> Version {
    if letter == 'o' { Version::ORIGINAL } else { Version::new(0, u32::from(letter)) }
}

fn read(begin: Moment, end: Moment, letter: char) -> Read {
    Read { begin, end, version: version(letter), met: Met::Hit }
}

/// An update that was acknowledged as the one from the first of these versions to the second.
fn update(begin: Moment, end: Moment, versions: &str) -> Update {
    let versions: Vec<Version> = versions.chars().map(version).collect();
    Update { begin, version: versions[1], answer: Some(Answer { at: end, old: versions[0] }) }
}

fn unknown(begin: Moment, letter: char) -> Update {
    Update { begin, version: version(letter), answer: None }
}

/// A chain of these versions, from the original on.
fn chain(letters: &str) -> Chain {
    let all: Vec<Version> = "o".chars().chain(letters.chars()).map(version).collect();
    Chain::of(&all.windows(2).map(|pair| (pair[0], pair[1])).collect::<Vec<_>>()).unwrap()
}

/// What both checkers make of it: the findings, and whether there is an order.
fn judged(letters: &str, updates: &[Update], reads: &[Read]) -> (Vec<Finding>, bool) {
    let history = History { reads: reads.to_vec(), updates: updates.to_vec() };
    let opinion = Opinion::of(&history);
    assert_eq!((opinion.linearizable + opinion.contradictory, opinion.crowded), (1, 0), "it is one small window");
    (check(&history, &chain(letters)), opinion.linearizable == 1)
}

fn is_fine(letters: &str, updates: &[Update], reads: &[Read]) {
    let (findings, is_linearizable) = judged(letters, updates, reads);
    assert!(findings.is_empty() && is_linearizable, "{findings:?}");
}

#[test]
fn a_read_after_an_acknowledgement_that_is_older_is_stale() {
    let (findings, is_linearizable) = judged("ab", &[update(10, 20, "oa"), update(30, 40, "ab")], &[read(41, 50, 'o')]);
    assert!(matches!(findings[..], [Finding::Stale { behind: 2, .. }]), "{findings:?}");
    assert!(!is_linearizable);
    assert!(findings[0].to_string().contains("had been acknowledged for 0.000 ms"), "{}", findings[0]);
}

#[test]
fn a_read_after_another_that_is_older_than_it_is_stale() {
    let reads = [read(11, 12, 'a'), read(13, 14, 'o')];
    let (findings, is_linearizable) = judged("a", &[update(10, 90, "oa")], &reads);
    assert!(matches!(findings[..], [Finding::Stale { behind: 1, .. }]), "{findings:?}");
    assert!(!is_linearizable);
}

#[test]
fn what_happens_at_the_same_time_may_come_in_any_order() {
    // The read begins before the acknowledgement, and at the very moment of it.
    for begin in [15, 20] {
        is_fine("a", &[update(10, 20, "oa")], &[read(begin, 50, 'o')]);
        is_fine("a", &[update(10, 20, "oa")], &[read(begin, 50, 'a')]);
    }
    // Two reads beside each other see the update in another order than they began in.
    is_fine("a", &[update(10, 90, "oa")], &[read(11, 30, 'a'), read(12, 31, 'o')]);
    // Updates beside each other: which was first, they were told.
    is_fine("ba", &[update(10, 20, "ba"), update(11, 19, "ob")], &[read(21, 22, 'a')]);
}

#[test]
fn updates_beside_each_other_have_one_order_for_everybody() {
    let updates = [update(10, 20, "oa"), update(11, 19, "ab")];
    let (findings, is_linearizable) = judged("ab", &updates, &[read(21, 22, 'a')]);
    assert!(matches!(findings[..], [Finding::Stale { behind: 1, .. }]), "{findings:?}");
    assert!(!is_linearizable);
}

#[test]
fn an_update_of_unknown_outcome_may_have_happened_or_not() {
    is_fine("", &[unknown(10, 'a')], &[read(20, 30, 'o')]);
    is_fine("a", &[unknown(10, 'a')], &[read(20, 30, 'a')]);
    // At any time after it began.
    is_fine("a", &[unknown(10, 'a')], &[read(20, 30, 'o'), read(40, 50, 'a')]);
    // Having been seen, it has happened.
    let (findings, is_linearizable) = judged("a", &[unknown(10, 'a')], &[read(20, 30, 'a'), read(40, 50, 'o')]);
    assert!(matches!(findings[..], [Finding::Stale { .. }]), "{findings:?}");
    assert!(!is_linearizable);
}

#[test]
fn an_acknowledged_update_that_the_database_does_not_have_is_lost() {
    let history = History { reads: Vec::new(), updates: vec![update(10, 20, "oa"), update(30, 40, "ob")] };
    let findings = check(&history, &chain("b"));
    assert!(matches!(&findings[..], [Finding::Lost { update }] if update.version == version('a')), "{findings:?}");
}

#[test]
fn an_update_that_was_acknowledged_in_another_place_is_told() {
    let (findings, is_linearizable) = judged("ab", &[update(10, 20, "oa"), update(30, 40, "ob")], &[]);
    assert!(matches!(&findings[..], [Finding::Misplaced { update }] if update.version == version('b')), "{findings:?}");
    assert!(!is_linearizable);
}

#[test]
fn nobody_reads_what_was_never_committed_or_not_yet_begun() {
    let (findings, is_linearizable) = judged("", &[unknown(10, 'a')], &[read(20, 30, 'a')]);
    assert!(matches!(findings[..], [Finding::Unheard { .. }]), "{findings:?}");
    // Who has not seen the database cannot know.
    assert!(is_linearizable);
    let (findings, is_linearizable) = judged("a", &[update(10, 20, "oa")], &[read(5, 9, 'a')]);
    assert!(matches!(findings[..], [Finding::Early { .. }]), "{findings:?}");
    assert!(!is_linearizable);
}

#[test]
fn a_log_that_is_no_chain_is_told() {
    let row = |old, new| (version(old), version(new));
    let is_refused = |rows: &[(Version, Version)], part: &str| {
        let why = Chain::of(rows).unwrap_err();
        assert!(why.contains(part), "{why}");
    };
    assert_eq!(Chain::of(&[row('a', 'b'), row('o', 'a')]).unwrap().place(version('b')), Some(2));
    is_refused(&[row('o', 'a'), row('o', 'b')], "both follow on the original");
    is_refused(&[row('o', 'a'), row('b', 'c')], "it breaks after 0/97, 1 of 2 rows in");
    is_refused(&[row('o', 'a'), row('a', 'b'), row('b', 'a')], "0/97 was applied twice");
}

/// Two hundred times an update and then a read that sees it, a hundred moments each, so that every cut goes beside one of them.
fn turns() -> (History, Chain) {
    let letters: Vec<char> = ('\u{4e00}'..).take(200).collect();
    let mut history = History::default();
    let mut old = 'o';
    for (begin, letter) in (0..).step_by(100).zip(&letters) {
        history.updates.push(update(begin + 10, begin + 20, &format!("{old}{letter}")));
        history.reads.push(read(begin + 30, begin + 40, *letter));
        old = *letter;
    }
    (history, chain(&letters.iter().collect::<String>()))
}

#[test]
fn a_stale_read_late_in_a_long_history_is_in_some_window() {
    let (mut history, chain) = turns();
    let opinion = Opinion::of(&history);
    assert_eq!((opinion.contradictory, opinion.crowded), (0, 0));
    assert!(opinion.linearizable > 3, "{opinion:?}");
    history.reads[170].version = history.updates[169].version;
    assert_eq!(check(&history, &chain).len(), 1);
    assert!(Opinion::of(&history).contradictory > 0);
}

#[test]
fn an_update_that_is_longer_than_any_window_accuses_nobody_who_saw_it() {
    let (mut history, chain) = turns();
    let long = &mut history.updates[100];
    long.begin = 5_000;
    long.answer = long.answer.map(|answer| Answer { at: 15_000, ..answer });
    assert!(check(&history, &chain).is_empty());
    let opinion = Opinion::of(&history);
    assert_eq!((opinion.contradictory, opinion.crowded), (0, 0));
}

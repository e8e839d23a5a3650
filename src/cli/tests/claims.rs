//! The claims that are measured.

use std::time::Duration;

use super::*;

fn claims(line: &str) -> Claims {
    match parsed(line).command {
        Some(Command::Claims(claims)) => claims,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn all_claims_are_measured_unless_some_are_named() {
    let all = claims("cachedemo claims");
    assert_eq!((all.keys, all.clients, all.duration, all.yes), (1000, 64, Duration::from_secs(3), false));
    assert_eq!(all.claims().len(), crate::claims::ALL.len());
    assert!(!all.wants_list() && claims("cachedemo claims list").wants_list());
    // As they are listed, each once, however they are typed.
    let some = claims("cachedemo claims coalescing hit-speed coalescing --yes --keys 200 --clients 8 --duration 300ms");
    assert_eq!(some.claims().iter().map(|claim| claim.name).collect::<Vec<_>>(), ["hit-speed", "coalescing"]);
    assert_eq!((some.keys, some.clients, some.duration, some.yes), (200, 8, Duration::from_millis(300), true));
}

#[test]
fn what_cannot_be_measured_is_refused_with_an_example() {
    assert!(refused("cachedemo claims hit-sped").contains("hit-speed"));
    assert!(refused("cachedemo claims --keys 99").contains("write it like 1000"));
    assert!(refused("cachedemo claims --clients 0").contains("write it like 64"));
    assert!(refused("cachedemo claims --duration soon").contains("10s"));
}

/// A claim says which command shows the conditions under which it would hold: that must be one.
#[test]
fn faults_go_with_claims() {
    let cli = parsed("cachedemo claims hit-speed --fault database.*:delay=10ms");
    assert_eq!(cli.faults.faults.len(), 1);
}

//! What is to go wrong, as it is typed: faults, the textbook protocol, anomalies.

use super::*;
use crate::anomaly::AnomalyKind;

#[test]
fn faults_are_taken_by_every_command_and_several_at_once() {
    for line in [
        "cachedemo --fault cache.get:delay=5ms --fault database.commit:fail=0.1 --seed 7 cache-aside get",
        "cachedemo cache-aside get --fault cache.get:delay=5ms --fault database.commit:fail=0.1 --seed 7",
        "cachedemo write-behind drain --fault=cache.get:delay=5ms --fault=database.commit:fail=0.1 --seed=7",
    ] {
        let faults = parsed(line).faults;
        let texts: Vec<&str> = faults.faults.iter().map(crate::lab::fault::Fault::text).collect();
        assert_eq!(texts, ["cache.get:delay=5ms", "database.commit:fail=0.1"], "{line}");
        assert_eq!(faults.seed, 7, "{line}");
    }
    assert!(parsed("cachedemo doctor").faults.faults.is_empty());
    let message = refused("cachedemo cache-aside --fault cache.gte:down");
    assert!(message.contains("--fault") && message.contains("cache has no \"gte\"; it has ping, get"), "{message}");
    assert!(refused("cachedemo cache-aside --seed many").contains("--seed"));
}

#[test]
fn the_textbook_is_asked_for_by_name() {
    assert!(!run("cachedemo write-through").naive && run("cachedemo write-through run --naive").naive);
    assert!(run("cachedemo write-behind --naive").naive);
    assert!(matches!(action("cachedemo cache-aside get --naive"), Action::Get(Get { naive: true, .. })));
    assert!(update("cachedemo cache-aside update --delay 1h --naive").naive);
    // A comparison needs no protocol.
    assert!(refused("cachedemo cache-aside verify --naive").contains("--naive"));
}

#[test]
fn every_anomaly_is_known_by_its_name() {
    let anomaly = |line: &str| match parsed(line).command {
        Some(Command::Anomaly(anomaly)) => anomaly,
        other => panic!("{line}: {other:?}"),
    };
    assert_eq!(anomaly("cachedemo anomaly").name, Chosen::List);
    assert_eq!(anomaly("cachedemo anomaly list").name, Chosen::List);
    for kind in AnomalyKind::ALL {
        let line = format!("cachedemo anomaly {} --flight-id 115", kind.about().name);
        let typed = anomaly(&line);
        assert_eq!((typed.name, typed.flight_id.number()), (Chosen::One(kind), 115), "{line}");
    }
    let message = refused("cachedemo anomaly stampde");
    assert!(message.contains("'stampede'"), "{message}");
}

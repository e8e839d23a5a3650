//! The commands around an outage of the cache.

use std::time::Duration;

use super::*;

fn outage(line: &str) -> Outage {
    match parsed(line).command {
        Some(Command::Outage(outage)) => outage,
        other => panic!("{line}: {other:?}"),
    }
}

fn since(line: &str) -> Option<Since> {
    match parsed(line).command {
        Some(Command::Reconcile(reconcile)) => reconcile.since,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn an_outage_takes_the_flags_of_every_walk_through() {
    let plain = outage("cachedemo outage");
    assert_eq!((plain.run.flight_id.number(), plain.run.delay), (1, TimeDelta::hours(2)));
    assert_eq!((plain.simulate, plain.wait), (false, Duration::from_secs(300)));
    let long = "cachedemo outage -i -v -f --naive --flight-id 115 --delay -30m --pause 2s --simulate";
    let typed = outage(long);
    assert!(typed.run.flush && typed.run.naive && typed.simulate);
    assert_eq!((typed.run.flight_id.number(), typed.run.delay), (115, TimeDelta::minutes(-30)));
    let manner = Manner { verbose: true, interactive: true, pause: Some(Duration::from_secs(2)) };
    assert_eq!(parsed(long).manner(), manner);
    assert_eq!(outage("cachedemo outage --wait 90s").wait, Duration::from_secs(90));
    // Nobody is waited for then.
    assert!(refused("cachedemo outage --simulate --wait 90s").contains("--wait"));
    assert!(refused("cachedemo outage --wait soon").contains("--wait 30s"));
}

#[test]
fn a_moment_is_a_duration_or_a_time_in_utc() {
    let noon = NaiveDate::from_ymd_opt(2025, 11, 20).unwrap().and_hms_opt(12, 0, 0).unwrap();
    assert_eq!(since("cachedemo reconcile"), None);
    for (text, meant) in [
        ("1h", Since::Ago(Duration::from_secs(3600))),
        ("1h30m", Since::Ago(Duration::from_secs(5400))),
        ("0s", Since::Ago(Duration::ZERO)),
        ("2025-11-20T12:00", Since::Moment(noon)),
        ("2025-11-20T12:00:00Z", Since::Moment(noon)),
        ("2025-11-20_12:00:00", Since::Moment(noon)),
    ] {
        assert_eq!(since(&format!("cachedemo reconcile --since {text}")), Some(meant), "{text}");
    }
    for wrong in ["soon", "-1h", "1", "2025-11-20", "2025-11-20T25:00", "2025-11-20T12:00+02:00"] {
        let told = refused(&format!("cachedemo reconcile --since {wrong}"));
        assert!(told.contains("--since") && told.contains("1h, 30m or 2025-11-20T12:00"), "{told}");
    }
    assert_eq!(parsed("cachedemo reconcile -v").manner(), Manner { verbose: true, ..Manner::default() });
}

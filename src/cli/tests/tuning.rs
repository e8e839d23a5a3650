//! The flags that choose a variant of a pattern.

use super::*;
use crate::pattern::{Around, Policy, Refreshing, Tuning};

fn tuning(line: &str) -> Tuning {
    match parsed(line).command {
        Some(Command::WriteAround(typed)) => typed.variant.tuning(),
        Some(Command::RefreshAhead(typed)) => typed.variant.tuning(),
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn write_around_invalidates_unless_it_is_pure() {
    for action in ["", "run", "get", "update --delay 1h"] {
        let around = |flag: &str| tuning(&format!("cachedemo write-around {action} {flag}")).around;
        assert_eq!([around(""), around("--invalidate")], [Around::Invalidate; 2], "{action}");
        assert_eq!(around("--pure"), Around::Pure, "{action}");
    }
    assert_eq!(tuning("cachedemo write-around --pure update --delay 1h").around, Around::Pure);
    let said = refused("cachedemo write-around --pure --invalidate");
    assert!(said.contains("--pure") && said.contains("--invalidate"), "{said}");
}

#[test]
fn refresh_ahead_refreshes_by_a_threshold_or_by_chance() {
    for action in ["", "run", "get"] {
        let refreshing = |flags: &str| tuning(&format!("cachedemo refresh-ahead {action} {flags}")).refreshing;
        assert_eq!(refreshing(""), Refreshing::default(), "{action}");
        assert_eq!(refreshing("--refresh-threshold 0.25").threshold, 0.25, "{action}");
        assert_eq!(refreshing("--refresh-threshold 1 --policy threshold").threshold, 1.0, "{action}");
        assert_eq!(refreshing("--policy xfetch").policy, Policy::Xfetch, "{action}");
    }
    for wrong in ["0", "-0.5", "1.01", "NaN", "half", "50%"] {
        let said = refused(&format!("cachedemo refresh-ahead --refresh-threshold {wrong}"));
        assert!(said.contains("--refresh-threshold") && said.contains("0.5"), "{said}");
    }
    assert!(refused("cachedemo refresh-ahead --policy sometimes").contains("xfetch"));
}

#[test]
fn a_flag_that_would_make_no_difference_is_refused() {
    for (line, flag) in [
        ("write-around verify --pure", "--pure"),
        ("write-around --pure verify", "--pure"),
        ("refresh-ahead update --delay 1h --policy xfetch", "--policy"),
        ("refresh-ahead verify --refresh-threshold 0.5", "--refresh-threshold"),
    ] {
        let said = refused(&format!("cachedemo {line}"));
        assert!(said.contains(flag) && said.contains("no difference"), "{line}: {said}");
    }
    for line in ["read-through --pure", "cache-aside get --policy xfetch", "write-behind --pure"] {
        refused(&format!("cachedemo {line}"));
    }
}

#[test]
fn the_new_patterns_take_what_every_pattern_takes() {
    for pattern in ["read-through", "write-around", "refresh-ahead"] {
        assert!(run(&format!("cachedemo {pattern} run -i -v -f --flight-id 115")).interactive);
        assert_eq!(update(&format!("cachedemo {pattern} update --delay 1h --user x")).user, "x");
        assert!(verify(&format!("cachedemo {pattern} verify --all")).all);
        assert!(refused(&format!("cachedemo {pattern} --flush get")).contains("--flush"));
        assert!(refused(&format!("cachedemo {pattern} verify --from 3 --to 2")).contains("--from"));
    }
}

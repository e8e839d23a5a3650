//! How a fault is typed: `WHERE:WHAT`, such as `cache.get:delay=5ms`.

use std::str::FromStr;
use std::time::Duration;

use super::{Effect, Fault};
use crate::hop::Target;

/// Every hop that there is, under the names by which `--verbose` shows them. A test holds this list against the layer.
const CACHE: [&str; 13] = [
    "ping",
    "get",
    "look",
    "lease",
    "settle",
    "set",
    "delete",
    "remaining",
    "ids",
    "facts",
    "statistics",
    "inventory",
    "incarnation",
];
const DATABASE: [&str; 16] = [
    "ping",
    "find",
    "find_range",
    "search",
    "begin",
    "commit",
    "rollback",
    "log",
    "changed_since",
    "tracking",
    "offset",
    "alone",
    "apply",
    "facts",
    "tables",
    "init",
];
const QUEUE: [&str; 16] = [
    "enqueue",
    "pending",
    "whereabouts",
    "sequence",
    "give_up",
    "after",
    "forget",
    "bury",
    "arrival",
    "attend",
    "leave",
    "dead_letters",
    "replay",
    "purge",
    "backlog",
    "clear",
];

/// The longest delay: what takes longer than an hour is down.
const LONGEST: Duration = Duration::from_secs(3600);

fn operations(target: Target) -> &'static [&'static str] {
    match target {
        Target::Cache => &CACHE,
        Target::Database => &DATABASE,
        Target::Queue => &QUEUE,
    }
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let example = "write it like cache.get:delay=5ms, database.commit:fail=0.1 or cache.*:down";
        let (place, what) = text.split_once(':').ok_or_else(|| format!("it does not say what happens: {example}"))?;
        let (target, operation) = place_of(place)?;
        let (what, number) = match what.split_once('@') {
            Some((what, number)) => {
                let number = number.parse().ok().filter(|number| *number > 0);
                (what, Some(number.ok_or("behind @ stands which of these hops it is, from 1, such as fail@3")?))
            }
            None => (what, None),
        };
        Ok(Self { text: text.to_owned(), target, operation, effect: effect_of(what)?, number })
    }
}

fn place_of(place: &str) -> Result<(Option<Target>, Option<&'static str>), String> {
    let (party, operation) = place.split_once('.').unwrap_or((place, "*"));
    let target = match party {
        "cache" => Some(Target::Cache),
        "database" => Some(Target::Database),
        "queue" => Some(Target::Queue),
        "*" => None,
        _ => return Err(format!("{party:?} is none of cache, database, queue and *")),
    };
    match (target, operation) {
        (_, "*") => Ok((target, None)),
        (None, _) => Err("behind * comes every hop: write *, or name the cache, the database or the queue".into()),
        (Some(target), operation) => {
            let known = operations(target);
            let found = known.iter().find(|known| **known == operation);
            let found =
                found.ok_or_else(|| format!("{party} has no {operation:?}; it has {}, or *", known.join(", ")))?;
            Ok((Some(target), Some(*found)))
        }
    }
}

fn effect_of(what: &str) -> Result<Effect, String> {
    let (kind, value) = match what.split_once('=') {
        Some((kind, value)) => (kind, Some(value)),
        None => (what, None),
    };
    match (kind, value) {
        ("delay", Some(value)) => {
            let delay = humantime::parse_duration(value).map_err(|error| format!("delay={value}: {error}"))?;
            if delay > LONGEST {
                return Err("a delay is at most an hour; for longer there is down".into());
            }
            Ok(Effect::Delay(delay))
        }
        ("delay", None) => Err("a delay says how long, such as delay=5ms".into()),
        ("fail", value) => Ok(Effect::Fail(share(value)?)),
        ("lose", value) => Ok(Effect::Lose(share(value)?)),
        ("down", None) => Ok(Effect::Fail(1.0)),
        ("die", None) => Ok(Effect::Die),
        _ => Err(format!("{what:?} is none of delay=TIME, fail[=SHARE], lose[=SHARE], down and die")),
    }
}

fn share(value: Option<&str>) -> Result<f64, String> {
    let Some(value) = value else { return Ok(1.0) };
    let share = value.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| format!("{value:?} is no share: from 0 to 1, such as 0.1 for every tenth"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        text.parse::<Fault>().unwrap_err()
    }

    #[test]
    fn a_fault_says_where_and_what() {
        let fault = |text: &str| text.parse::<Fault>().unwrap();
        let delay = fault("cache.get:delay=5ms");
        assert_eq!((delay.target, delay.operation), (Some(Target::Cache), Some("get")));
        assert_eq!(delay.effect, Effect::Delay(Duration::from_millis(5)));
        assert_eq!(fault("database.commit:fail=0.1").effect, Effect::Fail(0.1));
        assert_eq!((fault("cache.*:down").operation, fault("cache:down").effect), (None, Effect::Fail(1.0)));
        assert_eq!((fault("*:die@3").target, fault("*:die@3").number), (None, Some(3)));
        assert_eq!(fault("queue.enqueue:lose").effect, Effect::Lose(1.0));
    }

    #[test]
    fn what_is_no_fault_is_explained() {
        assert!(error("cache.get").contains("cache.get:delay=5ms"));
        assert!(error("cach.get:down").contains("cache, database, queue"));
        assert!(error("cache.commit:down").contains("settle"));
        assert!(error("*.get:down").contains("name the cache"));
        assert!(error("cache.get:delay").contains("delay=5ms"));
        assert!(error("cache.get:delay=2h").contains("an hour"));
        assert!(error("cache.get:fail=2").contains("0 to 1"));
        assert!(error("cache.get:fail=NaN").contains("0 to 1"));
        assert!(error("cache.get:down@0").contains("from 1"));
        assert!(error("cache.get:explode").contains("none of"));
    }

    #[test]
    fn every_hop_of_the_layer_can_be_named() {
        let source = |text: &str| -> Vec<String> {
            // A long call stands on several lines.
            let text: String = text.split_whitespace().collect();
            let calls = text.split("self.door.").filter(|call| call.starts_with("hop") || call.starts_with("late_hop"));
            calls.map(|call| call.split('"').nth(1).unwrap().to_owned()).collect()
        };
        let sorted = |mut names: Vec<String>| {
            names.sort_unstable();
            // A cache is asked whether it is there as a whole, and in parts.
            names.dedup();
            names
        };
        for (target, text) in [
            (Target::Cache, include_str!("../layer.rs")),
            (Target::Database, include_str!("../layer/database.rs")),
            (Target::Queue, include_str!("../layer/queue.rs")),
        ] {
            let known = operations(target).iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(sorted(source(text)), sorted(known), "{target:?}");
        }
    }
}

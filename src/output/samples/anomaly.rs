//! Runs of anomalies: a small one, one with every kind of column, one of load.

use super::*;
use crate::pattern::Protocol;

pub(in crate::output) fn anomalies() -> AnomaliesSeen {
    let stale_fill = AnomalySeen {
        name: "stale-fill",
        title: "A slow reader fills the cache with an old state",
        wrong: "a reader stores what it read before an update that has invalidated the entry meanwhile",
    };
    let stampede = AnomalySeen {
        name: "stampede",
        title: "Everybody misses at once",
        wrong: "100 readers miss one expired key, and each of them reads the database",
    };
    AnomaliesSeen { anomalies: vec![stale_fill, stampede] }
}

/// A hop that carries no flight.
pub(in crate::output) fn goes(actor: usize, target: Target, name: &'static str, outcome: &str) -> Moment {
    let act = Act::Hop { target, name, outcome: outcome.into(), ok: true, departure: None };
    Moment { actor, act, times: 1, harmful: false }
}

/// A hop with a flight.
pub(in crate::output) fn carries(actor: usize, target: Target, name: &'static str, outcome: &str, at: &str) -> Moment {
    let departure = Some(at.parse().unwrap());
    let act = Act::Hop { target, name, outcome: outcome.into(), ok: true, departure };
    Moment { actor, act, times: 1, harmful: false }
}

pub(in crate::output) fn remarks(actor: usize, text: &str) -> Moment {
    Moment { actor, act: Act::Remark(text.into()), times: 1, harmful: false }
}

pub(in crate::output) const TEN: &str = "2025-11-20T10:00:00";
pub(in crate::output) const TWELVE: &str = "2025-11-20T12:00:00";

/// A slow reader fills the cache with an old state.
pub(in crate::output) fn stale_fill() -> Diagram {
    use Target::{Cache, Database};
    let set = Moment { harmful: true, ..carries(0, Cache, "set", "stored", TEN) };
    Diagram {
        anomaly: "stale-fill",
        variant: None,
        protocol: Protocol::Naive,
        actors: vec!["reader".into(), "writer".into()],
        moments: vec![
            goes(0, Cache, "get", "MISS"),
            carries(0, Database, "find", "found", TEN),
            carries(1, Database, "begin", "locked", TWELVE),
            goes(1, Database, "commit", "committed"),
            goes(1, Cache, "delete", "nothing stood there"),
            set,
            carries(0, Cache, "get", "HIT", TEN),
            remarks(0, "returns 10:00, and the database has 12:00"),
        ],
        figures: Vec::new(),
        plots: Vec::new(),
        went_wrong: true,
        finding: "the cache holds 10:00 and the database 12:00: every read is stale until the TTL ends".into(),
    }
}

/// Six columns, several days, a hop that failed, an outcome that is long, and one that is wide.
pub(in crate::output) fn crowded() -> Diagram {
    use Target::{Cache, Database, Queue};
    let refused = "cannot reach the cache Redis at 127.0.0.1:6379: Connection refused (os error 111)";
    let mut failed = goes(1, Cache, "settle", refused);
    if let Act::Hop { ok, .. } = &mut failed.act {
        *ok = false;
    }
    Diagram {
        anomaly: "crowd",
        variant: Some("xfetch"),
        protocol: Protocol::Protected,
        actors: vec!["98 other readers".into(), "writer A".into(), "worker".into()],
        moments: vec![
            Moment { times: 98, ..goes(0, Cache, "get", "leased by a reader") },
            goes(1, Database, "begin", "row locked, changed and logged"),
            goes(1, Cache, "lease", "placed"),
            Moment { harmful: true, ..failed },
            carries(1, Queue, "enqueue", "全日本空輸全日本空輸全日本空輸", "2025-11-21T00:30:00"),
            carries(2, Queue, "pending", "found", TEN),
            Moment { times: 98, ..remarks(0, "waits a little for the value of the reader that holds the lease") },
            remarks(2, "dies"),
        ],
        figures: Vec::new(),
        plots: Vec::new(),
        went_wrong: false,
        finding: "nothing is stale".into(),
    }
}

/// Keys that expire together.
pub(in crate::output) fn avalanche() -> Diagram {
    let values = vec![0.0, 0.0, 0.0, 0.0, 0.0, 1_000.0, 4.0, 0.0, 500.0, 250.0];
    Diagram {
        anomaly: "avalanche",
        moments: Vec::new(),
        figures: vec![CountSeen { what: "reads of the database".into(), count: 1_754 }],
        plots: vec![Plot { title: "reads of the database".into(), unit: "reads/s".into(), step_ms: 1_000, values }],
        finding: "1,000 keys expired in one second".into(),
        ..stale_fill()
    }
}

pub(in crate::output) fn lesson() -> Lesson {
    Lesson {
        anomaly: "stale-fill",
        wrong: "A reader stored what it had read before an update, after the update had invalidated the entry.",
        remedy: "Who means to fill an entry places a lease first, and stores only while that lease still stands.",
        source: SourceSeen {
            title: "Scaling Memcache at Facebook (NSDI 2013)",
            url: "https://www.usenix.org/conference/nsdi13/technical-sessions/presentation/nishtala",
        },
        naive_went_wrong: true,
        protected_held: true,
    }
}

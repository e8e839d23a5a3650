//! What a cache counts: a busy server, of which a sample is measured, and one that tells nothing.

use super::*;
use crate::cache::MemoryLimit;

/// A server that tells everything.
pub(in crate::output) fn stats() -> StatsSeen {
    StatsSeen {
        cache_engine: CacheKind::Redis,
        cache: start().cache,
        servers: 1,
        unreached: Vec::new(),
        server: ServerSeen {
            uptime_s: Some(7_503),
            hits: Some(1_234_567),
            misses: Some(89),
            hit_rate: Some(1_234_567.0 / 1_234_656.0),
            evicted: Some(0),
            expired: Some(4_321),
            entries: Some(12_345),
            memory_used_bytes: Some(1_300_000),
            memory_limit: Some(MemoryLimit::Bytes(104_857_600)),
        },
        own: OwnSeen {
            entries: 10_000,
            sizes: Some(SizesSeen { measured: 100, bytes: 35_200 }),
            lifetimes: Some(LifetimesSeen { shortest_ms: 12_400, median_ms: 1_800_000, longest_ms: 3_900_900 }),
            queue_keys: Some(4_931),
        },
        queue: Some(QueueStatsSeen {
            queue: Peer { role: "queue", product: "Redis", address: "127.0.0.1:6379".into() },
            length: 4_812,
            flights: 115,
            oldest_age_ms: Some(1_200),
            dead_letters: 2,
        }),
    }
}

/// A server whose account may ask nothing, and a queue that cannot be read.
pub(in crate::output) fn untold_stats() -> StatsSeen {
    StatsSeen {
        server: crate::cache::Statistics::default().into(),
        own: OwnSeen { entries: 3, sizes: None, lifetimes: None, queue_keys: None },
        queue: None,
        ..stats()
    }
}

/// Three servers, one of which does not answer.
pub(in crate::output) fn stats_of_several() -> StatsSeen {
    let unreached = vec!["cannot reach the Redis cache at 127.0.0.1:7002".to_owned()];
    StatsSeen { servers: 2, unreached, ..stats() }
}

//! What each anomaly is called, what it teaches, and who wrote about it first or best.

use super::AnomalyKind;
use crate::demo::SourceSeen;

/// What is said of an anomaly.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// What is typed to choose it.
    pub name: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// What goes wrong, in a line.
    pub wrong: &'static str,
    /// What went wrong, a sentence.
    pub lesson: &'static str,
    /// What removes it, a sentence.
    pub remedy: &'static str,
    /// Where more of it stands.
    pub source: SourceSeen,
}

const MEMCACHE_AT_FACEBOOK: SourceSeen = SourceSeen {
    title: "Scaling Memcache at Facebook (Nishtala et al., NSDI 2013), section 3.2.1: leases",
    url: "https://www.usenix.org/conference/nsdi13/technical-sessions/presentation/nishtala",
};

const MADE_CONSISTENT: SourceSeen = SourceSeen {
    title: "Cache made consistent (Lu Pan, Meta, 2022)",
    url: "https://engineering.fb.com/2022/06/08/core-infra/cache-made-consistent/",
};

const STALE_FILL: About = About {
    name: "stale-fill",
    title: "Stale fill",
    wrong: "a slow reader fills the cache with what it read before an invalidation",
    lesson: "The reader looked before the update and stored after it, so what it stored was old when it came, and stays until \
             its TTL ends.",
    remedy: "Whoever fills a key first puts a lease there; the writer's lease takes its place, and the late fill is refused.",
    source: MEMCACHE_AT_FACEBOOK,
};

const WRITE_INVERSION: About = About {
    name: "write-inversion",
    title: "Write inversion",
    wrong: "two writers commit in one order and set the cache in the other",
    lesson: "The row lock orders the commits and nothing orders the cache writes, so the older of two values came last.",
    remedy: "Each writer puts its lease into the key while it holds the row lock, so the leases stand in the order of the \
             commits, and only the last one may store.",
    source: MADE_CONSISTENT,
};

const LOST_INVALIDATION: About = About {
    name: "lost-invalidation",
    title: "Lost invalidation",
    wrong: "a writer dies between COMMIT and the cache",
    lesson: "The database had the update and nobody was left to tell the cache, which served the old entry until its TTL.",
    remedy: "The lease is placed before the COMMIT: from then on readers go to the database, and if the writer dies the lease \
             expires.",
    source: MADE_CONSISTENT,
};

const LATE_WRITE: About = About {
    name: "late-write",
    title: "Late write",
    wrong: "a cache write that timed out at its sender lands after a later one",
    lesson: "A time-out ends the waiting and not the command: the write of the first writer was still on its way, and landed \
             over the second one's.",
    remedy: "A write finishes only while its own token stands in the key; a late one finds something else there and stores \
             nothing: at most it deletes what it cannot judge.",
    source: SourceSeen {
        title: "How to do distributed locking (Martin Kleppmann, 2016): fencing tokens",
        url: "https://martin.kleppmann.com/2016/02/08/how-to-do-distributed-locking.html",
    },
};

const OUTAGE: About = About {
    name: "outage",
    title: "Outage",
    wrong: "the cache goes away, flights change, and it comes back with its old values",
    lesson: "The update was committed while the cache could not be told, and when it was back it served what it had before.",
    remedy: "The breaker stays open until whatever flight_log says has changed is dropped from the cache; only then is it read.",
    source: SourceSeen {
        title: "Scaling Memcache at Facebook (Nishtala et al., NSDI 2013), section 4.1: invalidation from the database's log",
        url: MEMCACHE_AT_FACEBOOK.url,
    },
};

const DIRTY_EXPIRY: About = About {
    name: "dirty-expiry",
    title: "Dirty expiry",
    wrong: "a write-behind entry expires or is evicted before the database has its update",
    lesson: "The only place where readers saw the update was an entry that the cache was free to drop, and the database was \
             behind.",
    remedy: "A miss looks among the pending updates before it reads the database, so an entry may go at any moment.",
    source: SourceSeen {
        title: "Key eviction (Redis documentation)",
        url: "https://redis.io/docs/latest/develop/reference/eviction/",
    },
};

const LOST_UPDATE: About = About {
    name: "lost-update",
    title: "Lost update",
    wrong: "a worker dies between taking an update and applying it",
    lesson: "Taking an update off the queue before it was applied left it nowhere but in the memory of a worker that died.",
    remedy: "An update leaves the queue only once the database has committed it.",
    source: SourceSeen {
        title: "LMOVE (Redis documentation), pattern: reliable queue",
        url: "https://redis.io/docs/latest/commands/lmove/",
    },
};

const DOUBLE_APPLY: About = About {
    name: "double-apply",
    title: "Double apply",
    wrong: "a worker dies between applying an update and acknowledging it",
    lesson: "The database had the update, the queue did not know, and the next worker applied it again.",
    remedy: "The offset of the queue is committed in the same transaction as the updates, so the database itself knows what it \
             has and skips it.",
    source: SourceSeen {
        title: "Idempotence Is Not a Medical Condition (Pat Helland, ACM Queue 2012)",
        url: "https://queue.acm.org/detail.cfm?id=2187821",
    },
};

const STAMPEDE: About = About {
    name: "stampede",
    title: "Stampede",
    wrong: "100 readers miss one expired key, and all of them read the database",
    lesson: "Every reader that missed went to the database for the same flight, since none could know of the others.",
    remedy: "The lease lets one reader load and the others wait a moment for its value; XFetch refreshes the entry before it \
             expires, so that nobody misses.",
    source: SourceSeen {
        title: "Optimal Probabilistic Cache Stampede Prevention (Vattani, Chierichetti, Lowenstein, VLDB 2015)",
        url: "https://www.vldb.org/pvldb/vol8/p886-vattani.pdf",
    },
};

const PENETRATION: About = About {
    name: "penetration",
    title: "Penetration",
    wrong: "reads of flights that do not exist reach the database every time",
    lesson: "A cache that stores only what exists has no answer for what does not, so each such read went to the database.",
    remedy: "That there is no such flight is stored as well, for 30 seconds.",
    source: SourceSeen {
        title: "Negative Caching of DNS Queries (Andrews, RFC 2308, 1998)",
        url: "https://www.rfc-editor.org/rfc/rfc2308",
    },
};

const AVALANCHE: About = About {
    name: "avalanche",
    title: "Avalanche",
    wrong: "1,000 keys filled together expire together",
    lesson: "Keys that were filled within a moment, with the same TTL, expire within a moment, and the database has to answer \
             for all of them at once.",
    remedy: "Every TTL is spread by up to a tenth, so that what was filled together expires apart.",
    source: SourceSeen {
        title: "Database Caching Strategies Using Redis (AWS whitepaper), cache validity: TTL jitter",
        url: "https://docs.aws.amazon.com/whitepapers/latest/database-caching-strategies-using-redis/cache-validity.html",
    },
};

impl AnomalyKind {
    /// What is said of it.
    #[must_use]
    pub fn about(self) -> About {
        match self {
            Self::StaleFill => STALE_FILL,
            Self::WriteInversion => WRITE_INVERSION,
            Self::LostInvalidation => LOST_INVALIDATION,
            Self::LateWrite => LATE_WRITE,
            Self::Outage => OUTAGE,
            Self::DirtyExpiry => DIRTY_EXPIRY,
            Self::LostUpdate => LOST_UPDATE,
            Self::DoubleApply => DOUBLE_APPLY,
            Self::Stampede => STAMPEDE,
            Self::Penetration => PENETRATION,
            Self::Avalanche => AVALANCHE,
        }
    }
}

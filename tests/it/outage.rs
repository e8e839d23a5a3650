//! The cache is killed or falls silent while several processes' worth of tasks read and update, and comes back (P2).
//!
//! While it is away every read is answered by the database, marked; updates of cache-aside and write-through are committed, those
//! of write-behind are refused or said to be untold. Once every breaker has closed no read is older than what was acknowledged
//! before it began, during the outage too. No request takes longer than its timeouts, and after the first one nobody pays for
//! them.
//!
//! A known limit: a process that needs nothing of a cache while it is silent does not know that anything happened, and may get an
//! old flight until the process that has committed without the cache has healed it (`docs/models/outage_model.py freeze`). Here
//! every laboratory reads all the time, and the cache goes on only when all of them have noticed.

mod fault;
mod history;
mod load;
mod note;
mod phase;
mod snapshot;
mod told;

use cachedemo::pattern::PatternKind;

use self::fault::Fault;
use self::phase::Scene;
use crate::support::server::Kind;

fn goes_away(database: Option<Kind>, cache: Kind, pattern: PatternKind) {
    let Some(mut scene) = Scene::new(database, cache, pattern) else { return };
    for fault in Fault::of(cache) {
        scene.play(fault);
    }
}

macro_rules! outages {
    ($($name:ident: $database:expr, $cache:expr;)+) => {$(
        mod $name {
            use super::*;

            #[test]
            fn cache_aside() {
                goes_away($database, $cache, PatternKind::CacheAside);
            }

            #[test]
            fn write_through() {
                goes_away($database, $cache, PatternKind::WriteThrough);
            }

            #[test]
            fn write_behind() {
                goes_away($database, $cache, PatternKind::WriteBehind);
            }
        }
    )+};
}

outages! {
    redis: None, Kind::Redis;
    valkey: Some(Kind::Postgres), Kind::Valkey;
    memcached: Some(Kind::MariaDb), Kind::Memcached;
}

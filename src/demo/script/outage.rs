//! The walk-through of an outage: the cache goes away, an update is made without it, and it comes back with its old entry.

use super::{Action, Expected, Step, step};
use crate::lab::Verdict;

/// Its steps.
pub(in crate::demo) const OUTAGE: [Step; 12] = [
    step("Health - Both sides answer", "Before anything goes wrong: one round trip to each.", Action::Health),
    step(
        "Initial read - The cache is filled",
        "Nothing is cached yet, unless an earlier run left it: the flight comes from the database and is stored.",
        Action::Read(Expected::Anything, Some("Initial Flight Data")),
    ),
    step(
        "Second read - Should hit cache",
        "The same flight again: now from the cache. This is the entry that the outage will make old.",
        Action::Read(Expected::Hit, None),
    ),
    step(
        "The cache goes away",
        "From here on nothing reaches it. What it holds it may still have when it comes back.",
        Action::TakeCacheAway,
    ),
    step(
        "Read without the cache - Degraded",
        "This read finds out: it waits for the cache as long as it must, and is answered by the database.",
        Action::Read(Expected::Degraded, None),
    ),
    step(
        "Read again - The circuit is open",
        "Nobody asks the cache any more, so nobody waits for it: straight to the database.",
        Action::Read(Expected::Unasked, None),
    ),
    step(
        "Update flight times - Without the cache",
        "The database is updated and the change is logged. The cache cannot be told, and that is said.",
        Action::Update,
    ),
    step(
        "The cache comes back - And is healed first",
        "Its entry is older than the update. Before anybody reads there, what flight_log says has changed is dropped.",
        Action::BringCacheBack,
    ),
    step(
        "Read after the outage - Should miss, and be fresh",
        "The old entry is gone: the flight comes from the database with its new times and is stored again.",
        Action::Read(Expected::FreshMiss, Some("Updated Flight Data")),
    ),
    step("Verify data consistency", "Both sides are read and compared.", Action::Verify(Verdict::Consistent)),
    step(
        "Restore original flight times",
        "An update with the cache there again, back to the times that the flight had.",
        Action::Restore,
    ),
    step("Summary - What the outage cost", "Each figure is one operation of this run.", Action::Summary),
];

/// What to take from it.
pub(in crate::demo) const TAKEAWAYS: [&str; 3] = [
    "Promise: no value from before an outage is served after it for a flight that changed during it.",
    "Cost: one command waits for the timeout, then every read is the database's: it must bear the load of both.",
    "Programs that know nothing of this leave old entries behind: `cachedemo reconcile --since 1h` drops them.",
];

//! The walk-through of refresh-ahead: an entry that would have expired, and did not.

use super::{Action, Expected, RESTORE, Step, VERIFY, step};

/// Its steps.
pub(super) const REFRESH_AHEAD: [Step; 9] = [
    step(
        "Initial read - Stored for a few seconds only",
        "Nothing is cached: the flight comes from the database and is stored, briefly, so that its end can be waited for.",
        Action::Read(Expected::Anything, Some("Initial Flight Data")),
    ),
    step(
        "Second read - Should hit cache",
        "The same flight again, from the cache. The same trip tells how much longer it stands, and so whether to refresh it.",
        Action::Read(Expected::Hit, None),
    ),
    step(
        "Read shortly before its end - Should hit, and refresh it",
        "The answer comes from the cache at once. In the background the flight is read again and stored for another TTL.",
        Action::RefreshAhead,
    ),
    step(
        "Read after the end of the first entry - Should hit",
        "Without the refresh, the first read after that end would have to wait for the database. Somebody read in time: it hits.",
        Action::Outlive,
    ),
    VERIFY,
    step(
        "Update flight times - Refresh-Ahead Pattern",
        "As write-through: what everybody reads stays in the cache, with its new times.",
        Action::Update,
    ),
    step(
        "Read updated flight data",
        "A hit, with the new times.",
        Action::Read(Expected::Hit, Some("Updated Flight Data")),
    ),
    RESTORE,
    step(
        "Summary - a hit that refreshes against a miss",
        "What readers wait for, and what happens without them, measured here and now.",
        Action::Summary,
    ),
];

//! The walk-throughs of write-around: invalidating, where the cache never holds what nobody read; and pure, where it holds what is
//! no longer so, and that is what is shown.

use super::{Action, Expected, INITIAL_READ, RESTORE, SECOND_READ, Step, VERIFY, step};
use crate::lab::Verdict;

/// The steps of the invalidating one.
pub(super) const INVALIDATE: [Step; 9] = [
    INITIAL_READ,
    SECOND_READ,
    step(
        "Update flight times - Write-Around Pattern",
        "The database is updated and the change is logged. Nothing is written to the cache; the entry that stood there goes.",
        Action::Update,
    ),
    step(
        "Look into the cache - Nothing was put there",
        "An update that nobody reads again takes up no room: that is what this pattern is for.",
        Action::Inspect,
    ),
    step(
        "Read after the update - Should miss, and be fresh",
        "Only now that somebody reads it does the flight take its place in the cache, with its new times.",
        Action::Read(Expected::FreshMiss, Some("Updated Flight Data")),
    ),
    step("Read once more - Should hit cache", "The new times, from the cache.", Action::Read(Expected::Hit, None)),
    VERIFY,
    RESTORE,
    step("Summary - hit against miss", "Both kinds of read, measured here and now.", Action::Summary),
];

/// The steps of the pure one.
pub(super) const PURE: [Step; 9] = [
    INITIAL_READ,
    SECOND_READ,
    step(
        "Update flight times - Pure Write-Around",
        "The database is updated and the change is logged. The cache is not asked and not told.",
        Action::Update,
    ),
    step(
        "Read after the update - Will hit, and be STALE",
        "The entry still stands, with the old times, though the update was acknowledged: what --pure does, and what to see here.",
        Action::Read(Expected::Stale, Some("Flight Data as readers see it")),
    ),
    step(
        "Compare database and cache - Will differ",
        "Inconsistent, and nothing will mend it before the entry's TTL ends.",
        Action::Verify(Verdict::Inconsistent),
    ),
    step(
        "Drop the entry - As the end of its TTL would",
        "Nobody wants to wait for that: the entry is dropped by hand.",
        Action::Evict,
    ),
    step(
        "Read again - Should miss, and be fresh",
        "The entry is gone: the flight comes from the database with its new times and is stored again.",
        Action::Read(Expected::FreshMiss, Some("Updated Flight Data")),
    ),
    step(
        "Restore original flight times",
        "The same kind of update, back to the times that the flight had: the entry is old once more, and is dropped.",
        Action::Restore,
    ),
    step("Summary - hit against miss", "Both kinds of read, measured here and now.", Action::Summary),
];

//! The walk-through of read-through: cache-aside's steps, which the reader no longer takes.

use super::{Action, Expected, RESTORE, SECOND_READ, Step, VERIFY, step};

/// Its steps.
pub(super) const READ_THROUGH: [Step; 8] = [
    step(
        "Initial read - Read-Through Pattern",
        "The cache handle is asked, and nobody else. Unless an earlier run left the flight there, the handle loads and stores it.",
        Action::Read(Expected::Anything, Some("Initial Flight Data")),
    ),
    SECOND_READ,
    step(
        "Update flight times and invalidate - Read-Through Pattern",
        "The database is updated, the change is logged, and the handle throws the entry away.",
        Action::Update,
    ),
    step(
        "Read after the update - The handle loads again",
        "The same call as before: that the flight now comes from the database with its new times, the caller does not see.",
        Action::Read(Expected::FreshMiss, Some("Updated Flight Data")),
    ),
    step("Read once more - Should hit cache", "The new times, from the cache.", Action::Read(Expected::Hit, None)),
    VERIFY,
    RESTORE,
    step("Summary - hit against load", "Both kinds of read, measured here and now.", Action::Summary),
];

//! The walk-throughs as data: which steps, in which order, and what each must show.

mod ahead;
mod around;
mod outage;
mod through;

use crate::lab::Verdict;
use crate::pattern::{Around, PatternKind, Tuning};
pub(super) use outage::{OUTAGE, TAKEAWAYS};

/// What a read must find.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// The flight, wherever it is.
    Anything,
    /// The flight, in the cache.
    Hit,
    /// The flight as it was just updated, not in the cache.
    FreshMiss,
    /// The flight as it was before the update, in the cache.
    Stale,
    /// The flight, in the database, after the cache did not answer.
    Degraded,
    /// The flight, in the database, without a question to the cache.
    Unasked,
}

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// Reads the flight; a title asks for the whole flight to be shown.
    Read(Expected, Option<&'static str>),
    /// Moves the flight's times.
    Update,
    /// Looks at what stands in the cache: nothing.
    Inspect,
    /// Drops the entry.
    Evict,
    /// Reads the flight when little of its entry's life is left.
    RefreshAhead,
    /// Reads on until the entry of before would have ended.
    Outlive,
    /// Compares database and cache.
    Verify(Verdict),
    /// Applies what is queued.
    Drain,
    /// Moves the flight's times there and back so many times, and applies what is queued.
    Coalesce(u32),
    /// Asks both sides whether they are there.
    Health,
    /// The cache goes away.
    TakeCacheAway,
    /// The cache comes back, and is healed.
    BringCacheBack,
    /// Puts the flight back.
    Restore,
    /// Measures, and says what to take from it.
    Summary,
}

/// One step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) title: &'static str,
    pub(super) expects: &'static str,
    pub(super) action: Action,
}

const fn step(title: &'static str, expects: &'static str, action: Action) -> Step {
    Step { title, expects, action }
}

const INITIAL_READ: Step = step(
    "Initial read - Cache-Aside Pattern",
    "Nothing is cached yet, unless an earlier run left it: the flight comes from the database and is stored.",
    Action::Read(Expected::Anything, Some("Initial Flight Data")),
);

const SECOND_READ: Step = step(
    "Second read - Should hit cache",
    "The same flight again: now from the cache, without the database.",
    Action::Read(Expected::Hit, None),
);

const VERIFY: Step =
    step("Verify data consistency", "Both sides are read and compared.", Action::Verify(Verdict::Consistent));

const RESTORE: Step = step(
    "Restore original flight times",
    "The same kind of update, back to the times that the flight had.",
    Action::Restore,
);

const CACHE_ASIDE: [Step; 8] = [
    INITIAL_READ,
    SECOND_READ,
    step(
        "Update flight times and invalidate - Cache-Aside Pattern",
        "The database is updated, the change is logged, and the cache entry is thrown away.",
        Action::Update,
    ),
    step(
        "Read after the update - Should miss, and be fresh",
        "The entry is gone: the flight comes from the database with its new times and is stored again.",
        Action::Read(Expected::FreshMiss, Some("Updated Flight Data")),
    ),
    step("Read once more - Should hit cache", "The new times, from the cache.", Action::Read(Expected::Hit, None)),
    VERIFY,
    RESTORE,
    step("Summary - hit against miss", "Both kinds of read, measured here and now.", Action::Summary),
];

const WRITE_THROUGH: [Step; 6] = [
    INITIAL_READ,
    SECOND_READ,
    step(
        "Update flight departure time - Write-Through Pattern",
        "The database is updated, the change is logged, and the cache gets the new flight before anybody is told.",
        Action::Update,
    ),
    VERIFY,
    step(
        "Read updated flight data",
        "A hit, with the new times: nobody had to read the database again.",
        Action::Read(Expected::Hit, Some("Updated Flight Data")),
    ),
    RESTORE,
];

const WRITE_BEHIND: [Step; 10] = [
    INITIAL_READ,
    SECOND_READ,
    step(
        "Update flight times - Write-Behind Pattern",
        "The update is acknowledged as soon as it is queued; the database has not seen it.",
        Action::Update,
    ),
    step(
        "Verify consistency before the queue is processed",
        "The two sides differ, and that is expected: readers already see the new times.",
        Action::Verify(Verdict::Pending),
    ),
    step(
        "Process queue - what a background worker does",
        "The queued updates reach the database in one transaction, each logged once.",
        Action::Drain,
    ),
    step(
        "Verify consistency after the queue is processed",
        "The database has caught up.",
        Action::Verify(Verdict::Consistent),
    ),
    step(
        "Read updated flight data",
        "The new times, as every reader has seen them since the acknowledgement.",
        Action::Read(Expected::Anything, Some("Updated Flight Data")),
    ),
    step(
        "Ten updates of one flight - Coalescing",
        "The flight is moved back and forth: ten updates are queued, the row is changed once, and the audit has all ten.",
        Action::Coalesce(10),
    ),
    step(
        "Restore original flight times",
        "One more queued update, back to the times that the flight had, and the queue is processed.",
        Action::Restore,
    ),
    step(
        "Summary - acknowledgement against write-through",
        "Both kinds of update of this flight, measured here and now, in turns.",
        Action::Summary,
    ),
];

/// The steps of a pattern's walk-through.
pub(super) fn steps(kind: PatternKind, tuning: Tuning) -> &'static [Step] {
    match kind {
        PatternKind::ReadThrough => &through::READ_THROUGH,
        PatternKind::WriteAround if tuning.around == Around::Pure => &around::PURE,
        PatternKind::WriteAround => &around::INVALIDATE,
        PatternKind::RefreshAhead => &ahead::REFRESH_AHEAD,
        PatternKind::CacheAside => &CACHE_ASIDE,
        PatternKind::WriteThrough => &WRITE_THROUGH,
        PatternKind::WriteBehind => &WRITE_BEHIND,
    }
}

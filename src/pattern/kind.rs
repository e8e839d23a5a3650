//! The six patterns by name, and what is to be said of each in a sentence or two.

use schemars::JsonSchema;
use serde::Serialize;

/// Which pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PatternKind {
    /// Reads fill the cache, updates invalidate it.
    CacheAside,
    /// The cache itself loads what it does not hold; updates invalidate it.
    ReadThrough,
    /// Updates go to the database and the cache before they are acknowledged.
    WriteThrough,
    /// Updates go to the database, past the cache.
    WriteAround,
    /// Updates go to the cache and a queue; the database follows.
    WriteBehind,
    /// Entries that are read are refreshed before they expire.
    RefreshAhead,
}

impl PatternKind {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Self; 6] = [
        Self::CacheAside,
        Self::ReadThrough,
        Self::WriteThrough,
        Self::WriteAround,
        Self::WriteBehind,
        Self::RefreshAhead,
    ];

    /// What is typed to choose it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CacheAside => "cache-aside",
            Self::ReadThrough => "read-through",
            Self::WriteThrough => "write-through",
            Self::WriteAround => "write-around",
            Self::WriteBehind => "write-behind",
            Self::RefreshAhead => "refresh-ahead",
        }
    }

    /// What it is called in a title.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::CacheAside => "Cache-Aside",
            Self::ReadThrough => "Read-Through",
            Self::WriteThrough => "Write-Through",
            Self::WriteAround => "Write-Around",
            Self::WriteBehind => "Write-Behind",
            Self::RefreshAhead => "Refresh-Ahead",
        }
    }

    /// What it promises, what it costs, and when to use it: a sentence each.
    #[must_use]
    pub fn takeaways(self) -> [&'static str; 3] {
        match self {
            Self::CacheAside => [
                "Promise: an update is acknowledged when the database has it, and no later read is older.",
                "Cost: the first read after every update goes to the database.",
                "Use it when flights are read far more often than changed, or few of the changed ones are read again.",
            ],
            Self::ReadThrough => [
                "Promise: who reads names no database, and no read is older than what was acknowledged before it.",
                "Cost: as cache-aside, hop for hop; whoever owns the cache handle must know the database.",
                "Use it when many callers read the same things: how they are loaded is then written in one place.",
            ],
            Self::WriteThrough => [
                "Promise: an update is acknowledged when the database and the cache have it; the next read is a hit.",
                "Cost: every update pays for the database and for the cache, read again or not.",
                "Use it when what was changed is read soon after, and an old answer is not acceptable.",
            ],
            Self::WriteAround => [
                "Promise: an update puts nothing into the cache, and no read is older than what was acknowledged before it.",
                "Cost: the first read after every update goes to the database.",
                "Use it when most of what is written is not read again soon: imports, logs, archives.",
            ],
            Self::WriteBehind => [
                "Promise: an update is visible to every reader of this pattern at once; the database follows, in order.",
                "Cost: until the queue is drained the database is behind, and the queue is what must not be lost.",
                "Use it when updates come faster than the database can commit them one by one.",
            ],
            Self::RefreshAhead => [
                "Promise: an entry that is read often enough never expires, and no read is older than what was acknowledged.",
                "Cost: refreshes that nobody needed, of entries that are not read again.",
                "Use it for the few entries that everybody reads, where one slow read in an hour is one too many.",
            ],
        }
    }
}

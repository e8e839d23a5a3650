//! What is claimed of sessions, the example that write-through is recommended with.
//!
//! A session is a flight that is read and written again and again; nobody else touches it.

use super::STRATEGIES;
use crate::claims::Claim;
use crate::claims::claim::Formula::{Itself, Quotient};
use crate::claims::claim::Remedy::{Delay, Flags, Nothing};
use crate::claims::quantity::Quantity::{
    SessionHits, SessionRead, SessionReadWithout, SessionWrite, SessionWriteAside,
};
use crate::demo::Sense::{Cost, Gain, Size};

pub(super) const SESSIONS: [Claim; 7] = [
    Claim {
        name: "session-hits",
        text: "every read of a session is a hit",
        source: (STRATEGIES, "Write-Through: Why Write-Through for Sessions?"),
        sense: Gain,
        low: Some(1.0),
        high: None,
        formula: Itself(SessionHits),
        stands_for: None,
        holds_where: "no entry expires or is evicted between a write and the next read",
        remedy: Nothing,
    },
    Claim {
        name: "session-read",
        text: "a read of a session takes less than 1 ms with write-through",
        source: (STRATEGIES, "Write-Through: Performance Comparison"),
        sense: Cost,
        low: None,
        high: Some(1000.0),
        formula: Itself(SessionRead),
        stands_for: None,
        holds_where: "the cache is within the same data centre",
        remedy: Nothing,
    },
    Claim {
        name: "session-read-without",
        text: "a read of a session takes 10–20 ms without a cache",
        source: (STRATEGIES, "Write-Through: Performance Comparison"),
        sense: Size,
        low: Some(10_000.0),
        high: Some(20_000.0),
        formula: Itself(SessionReadWithout),
        stands_for: None,
        holds_where: "the database is a network away, on a slow disk, or joins many rows for a read",
        remedy: Delay,
    },
    Claim {
        name: "session-read-gain",
        text: "reads of a session are 10–20 times as fast with write-through",
        source: (STRATEGIES, "Write-Through: Performance Comparison"),
        sense: Gain,
        low: Some(10.0),
        high: Some(20.0),
        formula: Quotient(SessionReadWithout, SessionRead),
        stands_for: None,
        holds_where: "the database is a network away, or has more to do for a read than to look up a row",
        remedy: Delay,
    },
    Claim {
        name: "session-write",
        text: "a write of a session takes 15–25 ms with write-through",
        source: (STRATEGIES, "Write-Through: Performance Comparison"),
        sense: Size,
        low: Some(15_000.0),
        high: Some(25_000.0),
        formula: Itself(SessionWrite),
        stands_for: None,
        holds_where: "the database is a network away, or its commits wait for a slow disk or a replica",
        remedy: Delay,
    },
    Claim {
        name: "session-write-aside",
        text: "a write of a session takes 10–20 ms with cache-aside",
        source: (STRATEGIES, "Write-Through: Performance Comparison"),
        sense: Size,
        low: Some(10_000.0),
        high: Some(20_000.0),
        formula: Itself(SessionWriteAside),
        stands_for: None,
        holds_where: "the database is a network away, or its commits wait for a slow disk or a replica",
        remedy: Delay,
    },
    Claim {
        name: "session-write-cost",
        text: "write-through makes such writes a quarter to a half slower",
        source: (STRATEGIES, "Write-Through: Performance Comparison"),
        sense: Cost,
        low: Some(1.25),
        high: Some(1.5),
        formula: Quotient(SessionWrite, SessionWriteAside),
        stands_for: None,
        holds_where: "both patterns pay for the database, and cache-aside for an invalidation too",
        remedy: Flags("--fault 'database.*:delay=10ms'"),
    },
];

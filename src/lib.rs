//! cachedemo shows, step by step, what each caching pattern does to reads, writes and data.
//!
//! # A reading order
//!
//! 1. [`flight`]: the values that move about; [`hop`]: how a trip to a server is written down; [`error`]: what can go wrong.
//! 2. [`cache`], [`database`], [`queue`]: three traits, each with its implementations beside it.
//! 3. [`pattern`]: the patterns themselves, a page each, over the traits. Start with [`pattern::lease`].
//! 4. [`lab`]: one database, one cache, one queue and one pattern stacked, with every hop written down; the check that both
//!    sides agree.
//! 5. [`mod@bench`]: the same workload through each pattern, measured side by side; [`claims`]: what texts on caching claim, measured
//!    the same way.
//! 6. [`demo`]: walk-throughs as data, and their player, which puts the flight back however it ends; all that can be shown.
//! 7. [`anomaly`]: the races and faults that make caches lie, as choreographies.
//! 8. [`config`], [`cli`], [`command`], [`output`]: what was typed, what it means, what is run, what is shown; [`threads`]: on what.
//!
//! Arrows only go back up this list: a pattern knows no vendor, and nothing but [`output`] prints.

pub mod anomaly;
pub mod bench;
pub mod cache;
pub mod claims;
pub mod cli;
pub mod clock;
pub mod command;
pub mod config;
pub mod database;
pub mod demo;
pub mod error;
pub mod flight;
pub mod hop;
pub mod interrupt;
pub mod lab;
pub mod output;
pub mod pattern;
mod quantity;
pub mod queue;
pub mod record;
mod spelling;
pub mod threads;

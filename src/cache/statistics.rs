//! What a cache counts of itself, and what of it is ours.
//!
//! A figure that a server does not tell is `None`, never a guess: servers count different things, and an account may be refused
//! an answer. Taking these figures changes none of them.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::error::{Error, Result};

/// What a server has counted since it started, or since somebody set its counters back: for every program that uses it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// For how long it has run.
    pub uptime: Option<Duration>,
    /// Reads that found something.
    pub hits: Option<u64>,
    /// Reads that found nothing.
    pub misses: Option<u64>,
    /// Entries that were dropped to make room.
    pub evicted: Option<u64>,
    /// Entries whose time was up.
    pub expired: Option<u64>,
    /// Entries that it holds now.
    pub entries: Option<u64>,
    /// How many bytes it uses now, as it counts them.
    pub memory_used: Option<u64>,
    /// How many it may use.
    pub memory_limit: Option<MemoryLimit>,
}

/// What the servers of a cache have counted.
#[derive(Debug, Default)]
pub struct Counted {
    /// How many answered.
    pub servers: usize,
    /// What those have counted, together.
    pub all: Statistics,
    /// Why the others did not.
    pub unreached: Vec<Error>,
}

/// How much memory a cache may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemoryLimit {
    /// It sets itself none.
    Unlimited,
    /// So many bytes.
    Bytes(u64),
}

impl Statistics {
    /// Which part of the reads found something; `None` where there was no read yet, or where that is not told.
    #[must_use]
    pub fn hit_rate(&self) -> Option<f64> {
        let (hits, misses) = (self.hits? as f64, self.misses? as f64);
        (hits + misses > 0.0).then(|| hits / (hits + misses))
    }

    /// What two servers have counted that share the flights: a figure that one of them does not tell is not told.
    #[must_use]
    pub(super) fn together(self, other: Self) -> Self {
        let sum = |one: Option<u64>, other: Option<u64>| Some(one?.saturating_add(other?));
        Self {
            // Since then both have counted.
            uptime: self.uptime.min(other.uptime),
            hits: sum(self.hits, other.hits),
            misses: sum(self.misses, other.misses),
            evicted: sum(self.evicted, other.evicted),
            expired: sum(self.expired, other.expired),
            entries: sum(self.entries, other.entries),
            memory_used: sum(self.memory_used, other.memory_used),
            memory_limit: match (self.memory_limit, other.memory_limit) {
                (Some(MemoryLimit::Bytes(one)), Some(MemoryLimit::Bytes(other))) => {
                    Some(MemoryLimit::Bytes(one.saturating_add(other)))
                }
                (Some(_), Some(_)) => Some(MemoryLimit::Unlimited),
                _ => None,
            },
        }
    }
}

impl Counted {
    /// What several servers have counted that share the flights.
    ///
    /// # Errors
    /// If none of them answers.
    pub(super) fn together(servers: impl IntoIterator<Item = Result<Statistics>>) -> Result<Self> {
        let (mut counted, mut unreached) = (Vec::new(), Vec::new());
        for server in servers {
            match server {
                Ok(there) => counted.push(there),
                Err(error) => unreached.push(error),
            }
        }
        let servers = counted.len();
        match counted.into_iter().reduce(Statistics::together) {
            Some(all) => Ok(Self { servers, all, unreached }),
            None => unreached.into_iter().next().map_or_else(|| Ok(Self::default()), Err),
        }
    }
}

impl From<Statistics> for Counted {
    fn from(all: Statistics) -> Self {
        Self { servers: 1, all, unreached: Vec::new() }
    }
}

/// The flights that have an entry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// How many there are.
    pub entries: u64,
    /// How large they are.
    pub sizes: Option<Sizes>,
    /// How much longer they will stand, where that can be seen without counting as a read.
    pub lifetimes: Option<Lifetimes>,
    /// How many keys beside them are the queue's, where it is in the same server.
    pub queue_keys: Option<u64>,
}

impl Inventory {
    /// The entries of two servers that share the flights.
    pub(super) fn together(self, other: Self) -> Self {
        let sizes = self.sizes.zip(other.sizes).map(|(one, other)| Sizes {
            measured: one.measured + other.measured,
            bytes: one.bytes.saturating_add(other.bytes),
        });
        Self {
            entries: self.entries + other.entries,
            sizes,
            // The median of two medians is none of all.
            lifetimes: None,
            queue_keys: None,
        }
    }
}

/// How large entries are, with all that the server needs for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// How many were measured: all of them, or a sample.
    pub measured: u64,
    /// How many bytes those take together.
    pub bytes: u64,
}

/// How much longer entries will stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifetimes {
    /// The one that ends first.
    pub shortest: Duration,
    /// Half of them stand longer.
    pub median: Duration,
    /// The one that ends last.
    pub longest: Duration,
}

impl Lifetimes {
    /// What these lifetimes are together; `None` where there is none.
    pub(super) fn of(mut each: Vec<Duration>) -> Option<Self> {
        each.sort_unstable();
        let (shortest, longest) = (*each.first()?, *each.last()?);
        Some(Self { shortest, median: each[each.len() / 2], longest })
    }
}

/// Up to `limit` of these, spread evenly over them.
pub(super) fn sample<T>(all: &[T], limit: usize) -> impl Iterator<Item = &T> {
    let count = all.len().min(limit);
    (0..count).map(move |index| &all[index * all.len() / count])
}

/// All of these together, as far as the number goes: a server may say anything.
pub(in crate::cache) fn total(each: &[u64]) -> u64 {
    each.iter().fold(0, |sum, one| sum.saturating_add(*one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hit_rate_needs_reads() {
        let of = |hits, misses| Statistics { hits, misses, ..Statistics::default() }.hit_rate();
        assert_eq!(of(Some(3), Some(1)), Some(0.75));
        assert_eq!(of(Some(0), Some(2)), Some(0.0));
        assert_eq!(of(Some(0), Some(0)), None);
        assert_eq!(of(None, Some(2)), None);
        assert_eq!(of(Some(2), None), None);
        assert_eq!(of(Some(u64::MAX), Some(u64::MAX)), Some(0.5));
    }

    #[test]
    fn of_two_servers_a_figure_is_the_sum_where_both_tell_it() {
        let one = Statistics {
            uptime: Some(Duration::from_secs(9)),
            hits: Some(2),
            misses: Some(u64::MAX),
            evicted: Some(1),
            memory_limit: Some(MemoryLimit::Bytes(10)),
            ..Statistics::default()
        };
        let other = Statistics {
            uptime: Some(Duration::from_secs(5)),
            hits: Some(3),
            misses: Some(1),
            memory_limit: Some(MemoryLimit::Bytes(20)),
            ..Statistics::default()
        };
        let both = one.together(other);
        assert_eq!((both.hits, both.misses, both.evicted), (Some(5), Some(u64::MAX), None));
        assert_eq!((both.uptime, both.memory_limit), (Some(Duration::from_secs(5)), Some(MemoryLimit::Bytes(30))));
        let unlimited = Statistics { memory_limit: Some(MemoryLimit::Unlimited), ..Statistics::default() };
        assert_eq!(both.together(unlimited).memory_limit, Some(MemoryLimit::Unlimited));
    }

    #[test]
    fn a_sample_is_spread_over_all() {
        let sampled = |count: usize, limit| sample(&(0..count).collect::<Vec<_>>(), limit).copied().collect::<Vec<_>>();
        assert_eq!(sampled(0, 3), Vec::<usize>::new());
        assert_eq!(sampled(3, 3), [0, 1, 2]);
        assert_eq!(sampled(10, 3), [0, 3, 6]);
    }

    #[test]
    fn lifetimes_are_told_from_the_first_to_the_last() {
        let seconds = |each: &[u64]| Lifetimes::of(each.iter().map(|each| Duration::from_secs(*each)).collect());
        assert_eq!(seconds(&[]), None);
        let told = seconds(&[30, 10, 20]).unwrap();
        assert_eq!([told.shortest, told.median, told.longest].map(|each| each.as_secs()), [10, 20, 30]);
    }
}

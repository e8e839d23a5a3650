//! What was asked, when, and what was answered; and what must not be in it.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use cachedemo::flight::FlightId;
use cachedemo::hop::{Hop, Target};
use cachedemo::pattern::{CacheEffect, Lookup, PatternKind};
use chrono::NaiveDateTime;

/// What came of an operation.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// A read had this departure.
    Read { departure: NaiveDateTime, lookup: Lookup },
    /// An update to this departure was acknowledged.
    Acknowledged { departure: NaiveDateTime, cache: CacheEffect },
    /// It failed, and its caller knows.
    Failed,
}

/// One operation. A departure says which update it is from: no two have the same.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    pub(super) flight: FlightId,
    pub(super) began: Instant,
    pub(super) ended: Instant,
    pub(super) answer: Answer,
    pub(super) hops: Vec<Hop>,
}

impl Operation {
    /// How long it took, without what the database took of that.
    pub(super) fn waited(&self) -> Duration {
        let at_database = self.hops.iter().filter(|hop| hop.target == Target::Database).map(|hop| hop.latency).sum();
        (self.ended - self.began).saturating_sub(at_database)
    }

    /// How often it asked somebody.
    pub(super) fn asked(&self, target: Target) -> usize {
        self.hops.iter().filter(|hop| hop.target == target).count()
    }
}

/// The order of a flight's departures, as `flight_log` has it, from the first.
pub(super) struct Order {
    places: HashMap<NaiveDateTime, usize>,
    /// What the flight departs at in the end.
    pub(super) last: NaiveDateTime,
}

impl Order {
    /// Follows the rows of old and new departures; panics where they make no chain.
    pub(super) fn of(first: NaiveDateTime, rows: &[(NaiveDateTime, NaiveDateTime)]) -> Self {
        let next: HashMap<_, _> = rows.iter().copied().collect();
        let (mut places, mut last) = (HashMap::from([(first, 0)]), first);
        while let Some(departure) = next.get(&last) {
            assert!(places.insert(*departure, places.len()).is_none(), "{departure} was applied twice");
            last = *departure;
        }
        assert_eq!(places.len(), rows.len() + 1, "flight_log is no chain after {last}");
        Self { places, last }
    }
}

/// What is wrong with the reads and updates of one flight: reads older than what was acknowledged before they began, and what was
/// acknowledged and is lost.
pub(super) fn wrong(operations: &[Operation], order: &Order, pattern: PatternKind) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut known: Vec<(Instant, usize)> = Vec::new();
    for operation in operations {
        if let Answer::Acknowledged { departure, .. } = operation.answer {
            match order.places.get(&departure) {
                Some(place) => known.push((operation.ended, *place)),
                None => wrong.push(format!("flight {}: {departure} was acknowledged and is lost", operation.flight)),
            }
        }
    }
    for operation in operations {
        let Answer::Read { departure, lookup } = operation.answer else { continue };
        // What is queued is not seen while the queue is away with the cache, and the read says so.
        if pattern == PatternKind::WriteBehind && lookup == Lookup::Unavailable {
            continue;
        }
        let newest = known.iter().filter(|(since, _)| *since < operation.began).map(|(_, place)| *place).max();
        let place = order.places.get(&departure);
        if place.copied() < newest {
            let flight = operation.flight;
            wrong.push(format!("flight {flight}: a read ({lookup:?}) is {place:?}, and {newest:?} was acknowledged"));
        }
    }
    wrong
}

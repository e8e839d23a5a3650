//! What was acknowledged when: by this a read is judged stale, and an update's way to the database is timed.
//!
//! Every update gives its flight a departure that no other update gives, so a departure says which update it is from. A read is
//! stale if it gave the state of an update (or the original) that was *over* before another began which in turn was acknowledged
//! before the read began: that one had certainly taken its place by then. Of two updates that ran at once either may be the later,
//! so neither is held against the other: no read is called stale that could be right.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use chrono::TimeDelta;

use crate::clock;
use crate::flight::{Flight, Times};

/// How far the departures of a bench lie after the real ones: nobody else's update comes there by chance.
const AWAY: TimeDelta = TimeDelta::days(36_525);

/// An update of a flight, counted from 1.
pub(super) type Version = u32;

/// What happened to all flights of a bench.
#[derive(Debug)]
pub(super) struct Ledger {
    began: Instant,
    accounts: Vec<Account>,
}

/// What happened to one flight.
#[derive(Debug, Default)]
struct Account {
    /// When the latest of the acknowledged updates began; 0 without any.
    newest: AtomicU64,
    updates: Mutex<Vec<Entry>>,
}

/// An update, in nanoseconds of the bench.
#[derive(Clone, Copy, Debug)]
struct Entry {
    began: u64,
    /// `u64::MAX` until it is.
    acknowledged: u64,
}

/// An update that is under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begun {
    pub(super) flight: usize,
    pub(super) version: Version,
}

/// A read that is under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reading {
    flight: usize,
    began: u64,
    /// When the latest update began that was acknowledged by then.
    newest: u64,
}

/// The times that a version has, of a flight with these.
#[must_use]
pub(super) fn times_of(original: Times, version: Version) -> Times {
    let moved = AWAY + TimeDelta::seconds(version.into());
    Times { departure: original.departure + moved, arrival: original.arrival + moved }
}

/// Which version of a flight these times are; 0 is the original, `None` is somebody else's.
#[must_use]
pub(super) fn version_of(original: Times, seen: Times) -> Option<Version> {
    if seen == original {
        return Some(0);
    }
    let moved = seen.departure - original.departure;
    if moved != seen.arrival - original.arrival {
        return None;
    }
    u32::try_from((moved - AWAY).num_seconds()).ok().filter(|version| *version > 0)
}

impl Ledger {
    /// A ledger of so many flights.
    pub(super) fn new(flights: usize) -> Self {
        Self { began: clock::instant(), accounts: (0..flights).map(|_| Account::default()).collect() }
    }

    /// An update of this flight begins.
    pub(super) fn begin(&self, flight: usize) -> Begun {
        let mut updates = self.accounts[flight].lock();
        updates.push(Entry { began: self.now(), acknowledged: u64::MAX });
        Begun { flight, version: u32::try_from(updates.len()).unwrap_or(u32::MAX) }
    }

    /// It is acknowledged.
    pub(super) fn acknowledge(&self, Begun { flight, version }: Begun) {
        let account = &self.accounts[flight];
        let mut updates = account.lock();
        let Some(update) = updates.get_mut(version as usize - 1) else { return };
        update.acknowledged = self.now();
        account.newest.fetch_max(update.began, Ordering::AcqRel);
    }

    /// A read of this flight begins, or began at this moment, which has not been long ago.
    pub(super) fn read(&self, flight: usize, began: Instant) -> Reading {
        let newest = self.accounts[flight].newest.load(Ordering::Acquire);
        Reading { flight, began: self.at(began), newest }
    }

    /// How long before the read began the state that it should have seen was acknowledged, if what it saw was older than that.
    pub(super) fn staleness(&self, reading: Reading, original: &Flight, seen: Times) -> Option<Duration> {
        if reading.newest == 0 {
            return None;
        }
        let version = version_of(original.times(), seen)?;
        let updates = self.accounts[reading.flight].lock();
        let over = match version.checked_sub(1) {
            None => 0,
            Some(index) => updates.get(index as usize)?.acknowledged,
        };
        if over >= reading.newest {
            return None;
        }
        // They stand in the order in which they began.
        let later = &updates[updates.partition_point(|update| update.began <= over)..];
        let mut missed = u64::MAX;
        for update in later.iter() {
            if update.began >= missed {
                break;
            }
            missed = missed.min(update.acknowledged);
        }
        Some(Duration::from_nanos(reading.began.saturating_sub(missed)))
    }

    /// How long ago an update was acknowledged, if it was: nothing, where its acknowledgement is still on the way.
    pub(super) fn since(&self, Begun { flight, version }: Begun) -> Option<Duration> {
        let update = *self.accounts.get(flight)?.lock().get(version.checked_sub(1)? as usize)?;
        Some(Duration::from_nanos(self.now().saturating_sub(update.acknowledged)))
    }

    fn now(&self) -> u64 {
        self.at(clock::instant())
    }

    fn at(&self, moment: Instant) -> u64 {
        u64::try_from(moment.duration_since(self.began).as_nanos()).unwrap_or(u64::MAX).max(1)
    }
}

impl Account {
    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        // What is written there is whole at every moment.
        self.updates.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flight() -> Flight {
        serde_json::from_str(
            r#"{"flight_id":1,"flightno":"LH400","from_airport":"FRA","to_airport":"JFK","airlinename":"Lufthansa",
                "airline_id":1,"airplane_id":1,"departure":"2025-11-20T10:00:00","arrival":"2025-11-20T18:30:00"}"#,
        )
        .unwrap()
    }

    fn times(version: Version) -> Times {
        if version == 0 { flight().times() } else { times_of(flight().times(), version) }
    }

    /// A ledger whose first flight has these updates.
    fn ledger(updates: &[(u64, u64)]) -> Ledger {
        let ledger = Ledger::new(1);
        let account = &ledger.accounts[0];
        for (began, acknowledged) in updates.iter().copied() {
            account.lock().push(Entry { began, acknowledged });
        }
        ledger
    }

    /// How stale a read is that begins at `began` and gives `version`, in nanoseconds.
    fn staleness(updates: &[(u64, u64)], began: u64, version: Version) -> Option<u64> {
        let ledger = ledger(updates);
        let newest = updates.iter().filter(|(_, acknowledged)| *acknowledged < began).map(|(began, _)| *began).max();
        let reading = Reading { flight: 0, began, newest: newest.unwrap_or(0) };
        let age = ledger.staleness(reading, &flight(), times(version))?;
        Some(u64::try_from(age.as_nanos()).unwrap())
    }

    #[test]
    fn a_state_that_was_replaced_before_the_read_began_is_stale_by_its_age() {
        let updates = [(10, 20), (30, 40)];
        assert_eq!(staleness(&updates, 15, 0), None, "nothing was acknowledged yet");
        assert_eq!(staleness(&updates, 25, 0), Some(5));
        assert_eq!(staleness(&updates, 25, 1), None);
        assert_eq!(staleness(&updates, 35, 1), None, "the second is not acknowledged yet");
        assert_eq!(staleness(&updates, 35, 2), None, "and may be seen already");
        assert_eq!(staleness(&updates, 100, 1), Some(60));
        assert_eq!(staleness(&updates, 100, 0), Some(80), "the age is that of the first that was missed");
        assert_eq!(staleness(&updates, 100, 2), None);
    }

    #[test]
    fn of_two_updates_at_once_either_may_be_the_later() {
        let updates = [(10, 30), (20, 25)];
        assert_eq!(staleness(&updates, 100, 1), None);
        assert_eq!(staleness(&updates, 100, 2), None);
        assert_eq!(staleness(&updates, 100, 0), Some(75));
    }

    #[test]
    fn an_update_without_an_answer_is_held_against_nobody() {
        let updates = [(10, u64::MAX), (20, 25)];
        assert_eq!(staleness(&updates, 100, 1), None, "it may have been done at any time");
        assert_eq!(staleness(&[(10, u64::MAX)], 100, 0), None, "or not at all");
    }

    #[test]
    fn a_real_sequence_is_dated_as_it_happens() {
        let ledger = Ledger::new(1);
        let before = ledger.read(0, clock::instant());
        let update = ledger.begin(0);
        let during = ledger.read(0, clock::instant());
        ledger.acknowledge(update);
        let after = ledger.read(0, clock::instant());
        assert_eq!(ledger.staleness(before, &flight(), times(0)), None);
        assert_eq!(ledger.staleness(during, &flight(), times(0)), None);
        assert!(ledger.staleness(after, &flight(), times(0)).is_some());
        assert_eq!(ledger.staleness(after, &flight(), times(1)), None);
        assert!(ledger.since(update).is_some_and(|since| since < Duration::from_secs(60)));
        let unanswered = ledger.begin(0);
        assert_eq!(ledger.since(unanswered), Some(Duration::ZERO));
        assert_eq!(ledger.since(Begun { flight: 0, version: 9 }), None);
    }

    #[test]
    fn the_times_of_a_version_are_nobody_elses() {
        let original = flight().times();
        for version in [1, 2, 1_000_000] {
            assert_eq!(version_of(original, times_of(original, version)), Some(version));
        }
        assert_eq!(version_of(original, original), Some(0));
        let delayed = original.delayed(TimeDelta::hours(2)).unwrap();
        assert_eq!(version_of(original, delayed), None);
        let torn = Times { arrival: original.arrival, ..times_of(original, 1) };
        assert_eq!(version_of(original, torn), None);
    }
}

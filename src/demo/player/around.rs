//! The steps that only write-around has: a look at what an update did not put into the cache, and at what it left there.

use super::super::record::Saved;
use super::super::{EntrySeen, Event, Level};
use super::Walkthrough;
use super::steps::not_as_expected;
use crate::cache::Entry;
use crate::error::Result;
use crate::pattern::Lookup;

impl Walkthrough<'_> {
    /// Nothing may stand under the flight's key.
    pub(super) async fn inspect(&mut self, number: usize) -> Result<()> {
        let id = self.plan.flight_id;
        let observed = self.lab.entry(id).await;
        self.sent(&observed)?;
        let entry = observed.value?;
        let is_absent = entry == Entry::Absent;
        self.audience.show(&Event::Entry(EntrySeen::of(id, entry, observed.latency)))?;
        if is_absent { Ok(()) } else { Err(not_as_expected(number, "something stands in the cache")) }
    }

    /// The flight is read as it was before the update, and that is said.
    pub(super) async fn read_stale(&mut self, number: usize, card: Option<&'static str>, saved: &Saved) -> Result<()> {
        let (lookup, flight) = self.show_read(card).await?;
        self.undisturbed(&format!("step {number}"), saved).await?;
        let is_old = flight.is_some_and(|flight| flight.times() == saved.original);
        if !(is_old && lookup == Lookup::Hit) {
            return Err(not_as_expected(
                number,
                "the read was not stale: the entry is gone, or somebody has renewed it",
            ));
        }
        let text = format!(
            "STALE, as expected of --pure: the update to {} was acknowledged before this read began",
            saved.changed.departure
        );
        self.note(Level::Warning, text)
    }

    /// Leaves nothing under the flight's key.
    pub(super) async fn evict(&mut self) -> Result<()> {
        let observed = self.lab.evict(self.plan.flight_id).await;
        self.sent(&observed)?;
        observed.value?;
        self.note(Level::Good, "the entry is dropped".to_owned())
    }
}

//! Single operations, one client, in turns: reads, updates, and a session.
//!
//! Whatever prepares an operation (an eviction, a drain) is done past the faults and is not timed.

use super::quantity::{Experiment, Quantity, Readings};
use super::run::Measurement;
use super::turns::{Samples, Turns};
use crate::error::Result;
use crate::lab::Lab;
use crate::pattern::{Lookup, PatternKind};

/// How many sessions there are.
const SESSIONS: usize = 10;

impl Measurement<'_> {
    /// A read of the database alone, a miss and a hit, of the same flight.
    pub(super) async fn reads(&self, readings: &mut Readings) -> Result<()> {
        let aside = self.lab.under(PatternKind::CacheAside);
        let mut samples = Samples::default();
        let mut turns = Turns::new(self, Experiment::Reads);
        while let Some(turn) = turns.next() {
            let id = self.flight(turn);
            self.apart.evict(id).await.value?;
            // So that no kind of read is the one that brings the row into the database's memory.
            self.apart.row(id).await.value?;
            samples.take(Quantity::DatabaseRead, async { self.lab.database().find(id).await.is_ok() }).await;
            samples.take(Quantity::Miss, met(&aside, id, Lookup::Miss)).await;
            samples.take(Quantity::Hit, met(&aside, id, Lookup::Hit)).await;
        }
        samples.read(readings);
        Ok(())
    }

    /// An update of the database alone and one through each pattern, each of a flight of its own.
    pub(super) async fn updates(&self, readings: &mut Readings) -> Result<()> {
        let under = |kind| self.lab.under(kind);
        let aside = under(PatternKind::CacheAside);
        let (through, behind) = (under(PatternKind::WriteThrough), under(PatternKind::WriteBehind));
        let mut samples = Samples::default();
        let mut turns = Turns::new(self, Experiment::Updates);
        while let Some(turn) = turns.next() {
            let first = turn * 4;
            samples.take(Quantity::DatabaseUpdate, self.updated_alone(first)).await;
            samples.take(Quantity::AsideUpdate, self.updated(&aside, first + 1)).await;
            samples.take(Quantity::ThroughUpdate, self.updated(&through, first + 2)).await;
            samples.take(Quantity::BehindUpdate, self.updated(&behind, first + 3)).await;
            self.drain().await?;
        }
        samples.read(readings);
        if let Some(update) = readings.of(Quantity::DatabaseUpdate) {
            readings.add(Quantity::DatabaseUpdateRate, 1e6 / update.value, update.samples);
        }
        Ok(())
    }

    /// Sessions that are read and written again and again through write-through, and the same without.
    pub(super) async fn session(&self, readings: &mut Readings) -> Result<()> {
        let (through, aside) = (self.lab.under(PatternKind::WriteThrough), self.lab.under(PatternKind::CacheAside));
        let (mut hits, mut reads) = (0_u64, 0_u64);
        let mut samples = Samples::default();
        let mut turns = Turns::new(self, Experiment::Session);
        while let Some(turn) = turns.next() {
            let session = turn % SESSIONS;
            if turn < SESSIONS {
                self.updated(&through, session).await;
                self.updated(&aside, session + SESSIONS).await;
            }
            let id = self.flight(session);
            reads += 1;
            hits += u64::from(samples.take(Quantity::SessionRead, met(&through, id, Lookup::Hit)).await);
            let alone = async { self.lab.database().find(id).await.is_ok() };
            samples.take(Quantity::SessionReadWithout, alone).await;
            samples.take(Quantity::SessionWrite, self.updated(&through, session)).await;
            samples.take(Quantity::SessionWriteAside, self.updated(&aside, session + SESSIONS)).await;
        }
        samples.read(readings);
        readings.add(Quantity::SessionHits, hits as f64 / reads as f64, reads);
        Ok(())
    }

    /// Whether an update went through this pattern.
    pub(super) async fn updated(&self, lab: &Lab, flight: usize) -> bool {
        lab.pattern().update(&self.next_update(flight)).await.is_ok()
    }

    async fn updated_alone(&self, flight: usize) -> bool {
        let update = self.next_update(flight);
        match self.lab.database().begin(&update).await {
            Ok(pending) => pending.commit().await.is_ok(),
            Err(_) => false,
        }
    }
}

/// Whether a read met this in the cache.
async fn met(lab: &Lab, id: crate::flight::FlightId, expected: Lookup) -> bool {
    lab.pattern().read(id).await.is_ok_and(|read| read.lookup == expected)
}

//! What is counted rather than timed: what a drain makes of queued updates, and what updates leave in the cache.

use futures_util::{StreamExt, stream};

use super::quantity::{Experiment, Quantity, Readings};
use super::run::Measurement;
use crate::cache::Entry;
use crate::demo::Witness;
use crate::error::Result;
use crate::hop::{Hop, Target};
use crate::pattern::PatternKind;

/// How many updates are queued, and of how many flights: as the claim has it.
const QUEUED: usize = 1_000;
const OF: usize = 100;
/// How many updates through write-through are looked at.
const LOOKED_AT: usize = 5;
/// How many flights are updated to fill the cache, and one of how many is read then.
const WRITTEN: usize = 1_000;
const ONE_IS_READ: usize = 1_000;
/// How many of them at once.
const AT_ONCE: usize = 16;

impl Measurement<'_> {
    /// A thousand updates of a hundred flights, one flight after the other, ten times over; then what the drain does.
    pub(super) async fn coalescing(&self, readings: &mut Readings) -> Result<()> {
        let (behind, through) = (self.lab.under(PatternKind::WriteBehind), self.lab.under(PatternKind::WriteThrough));
        let mut queued = 0;
        for number in 0..QUEUED {
            if self.interrupt.is_raised() {
                return Ok(());
            }
            queued += u64::from(self.updated(&behind, number % OF).await);
            self.watch.progress(Experiment::Coalescing, number as f64 / QUEUED as f64);
        }
        let witness = Witness::new(true);
        self.lab.drain(&witness, &|| self.interrupt.is_raised()).await?;
        let (tally, _, seen) = witness.take();
        // Where another worker has taken some of them, what ours did says nothing.
        if tally.updates != queued || queued == 0 {
            return Ok(());
        }
        let applied: Vec<&Hop> = seen.iter().map(|it| &it.hop).filter(|hop| hop.name == "apply" && hop.ok).collect();
        let updates = queued as f64;
        readings.add(Quantity::Queued, updates, queued);
        readings.add(Quantity::RowsChanged, tally.flights as f64, queued);
        readings.add(Quantity::DrainTransactions, tally.batches as f64 / updates, queued);
        if applied.len() as u64 == tally.batches {
            readings.add(Quantity::DrainStatements, statements(applied) as f64 / updates, queued);
        }
        let (mut looked_at, mut all, mut commits) = (0, 0, 0);
        for flight in 0..LOOKED_AT {
            let observed = through.update(&self.next_update(flight)).await;
            if observed.value.is_ok() {
                looked_at += 1;
                all += statements(observed.hops.iter().collect());
                commits += observed.hops.iter().filter(|hop| hop.name == "commit").count();
            }
        }
        readings.add(Quantity::ThroughTransactions, commits as f64 / looked_at as f64, looked_at);
        readings.add(Quantity::ThroughStatements, all as f64 / looked_at as f64, looked_at);
        self.watch.progress(Experiment::Coalescing, 1.0);
        Ok(())
    }

    /// A log: many flights are updated once, one in a thousand is read, and then the entries are counted, after each pattern.
    pub(super) async fn entries(&self, readings: &mut Readings) -> Result<()> {
        let written = WRITTEN.min(self.plan.keys as usize);
        // An update through cache-aside leaves nothing in the cache: so does write-around, which is the same but for its name.
        for (index, kind) in [PatternKind::WriteThrough, PatternKind::CacheAside].into_iter().enumerate() {
            self.flights.evict(self.apart).await?;
            let lab = &self.apart.under(kind);
            let mut updates =
                stream::iter(0..written).map(|flight| self.updated(lab, flight)).buffer_unordered(AT_ONCE);
            let mut done = 0;
            while updates.next().await.is_some() {
                done += 1;
                let part = (index as f64 + done as f64 / written as f64) / 2.0;
                self.watch.progress(Experiment::Entries, part);
                if self.interrupt.is_raised() {
                    return Ok(());
                }
            }
            let mut read = 0_u64;
            for flight in (0..written).step_by(ONE_IS_READ) {
                read += u64::from(lab.pattern().read(self.flight(flight)).await.is_ok());
            }
            let entries = stream::iter(0..written).map(|flight| async move {
                matches!(self.apart.cache().get(self.flight(flight)).await, Ok(Entry::Value(_)))
            });
            let entries: Vec<bool> = entries.buffer_unordered(AT_ONCE).collect().await;
            let cached = entries.iter().filter(|is_cached| **is_cached).count() as f64;
            match kind {
                PatternKind::WriteThrough => {
                    readings.add(Quantity::UnreadEntries, (cached - read as f64) / cached, written as u64);
                }
                _ => readings.add(Quantity::ReadEntries, read as f64 / cached, written as u64),
            }
        }
        Ok(())
    }
}

/// How many statements these hops sent to the database.
fn statements(hops: Vec<&Hop>) -> usize {
    hops.iter().filter(|hop| hop.target == Target::Database).map(|hop| hop.sent.len()).sum()
}

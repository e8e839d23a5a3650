//! What a process finds when it begins: outages that earlier ones have written down, and a cache that was started again since.
//!
//! Either way the cache may hold what has been changed since, and this process has no dead connection that would tell it. So the
//! cache is healed before it is read for the first time.

use std::sync::atomic::Ordering;

use chrono::{DateTime, Utc};

use super::healing::lock;
use super::{Breaker, Circuit};
use crate::clock;
use crate::error::{Error, Result};
use crate::lab::outage::{Meeting, Outage};

impl Breaker {
    /// The cache did not answer when it was first asked.
    pub(in crate::lab) fn distrust(&self, failure: &Error) {
        Circuit::open(&self.0, failure);
    }

    /// Heals the cache if an earlier process has written down that it was away, or if it was started again since the last
    /// command on this machine met it.
    ///
    /// # Errors
    /// [`crate::error::Error::File`] where what is written down cannot be read or written; what a cache that answers refuses.
    pub(in crate::lab) async fn catch_up(&self) -> Result<()> {
        let circuit = &self.0;
        // Before the healing: a start that comes after this is found by the next command.
        let incarnation = circuit.incarnation().await?;
        let found = clock::utc();
        let Some(outage) = circuit.earlier(incarnation.as_deref(), found) else {
            circuit.remember(incarnation.as_deref());
            return Ok(());
        };
        let since = outage.since;
        circuit.is_open.store(true, Ordering::Release);
        *lock(&circuit.outage) = Some(outage);
        let failures = circuit.failures.load(Ordering::Acquire);
        let Err(failure) = circuit.recover(failures).await else {
            *lock(&circuit.outage) = None;
            circuit.notes.healed(found, circuit.longest_update)?;
            circuit.remember(incarnation.as_deref());
            return Ok(());
        };
        Circuit::probe(circuit);
        lock(&circuit.outage).insert(Outage::new(since, &failure)).write_down(&circuit.notes)
    }
}

impl Circuit {
    /// Which run of the server this is, where there is something to compare it with.
    async fn incarnation(&self) -> Result<Option<String>> {
        if !self.notes.are_kept() {
            return Ok(None);
        }
        match self.cache.incarnation().await {
            // Whoever needs it finds that out, and what then becomes of it is healed.
            Err(error) if error.is_outage() => Ok(None),
            answer => answer,
        }
    }

    /// The outage that has to be healed before the cache is read, if there was one. What is dropped is decided by how long
    /// entries live, and by when it began.
    fn earlier(&self, incarnation: Option<&str>, found: DateTime<Utc>) -> Option<Outage> {
        if let Some(since) = self.notes.earliest() {
            return Some(Outage::new(since, &"an earlier command found it away"));
        }
        let is_another = self.notes.compare(incarnation?) == Meeting::Another;
        is_another.then(|| Outage::new(found, &"it was started again since the last command"))
    }

    /// The next command compares with this run.
    fn remember(&self, incarnation: Option<&str>) {
        if let Some(incarnation) = incarnation {
            // Where that fails, the next command compares with an older run, and heals once more.
            _ = self.notes.remember(incarnation);
        }
    }
}

//! What a process finds when it begins: outages that earlier ones have written down, and a cache that was started again since.
//!
//! Either way the cache may hold what has been changed since, and this process has no dead connection that would tell it. So the
//! cache is healed before it is read for the first time.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use chrono::{DateTime, Utc};
use futures_util::future::join_all;

use super::healing::lock;
use super::shard::Shard;
use super::{Breaker, Circuit};
use crate::clock;
use crate::error::{Error, Result};
use crate::hop::{self, Hop};
use crate::lab::outage::{Meeting, Outage};

impl Breaker {
    /// A shard of the cache did not answer when it was first asked.
    pub(in crate::lab) fn distrust(&self, shard: usize, failure: &Error) {
        Circuit::open(&self.0, shard, failure);
    }

    /// Heals what is there of the cache if an earlier process has written down that it was away, or if it was started again since
    /// the last command on this machine met it.
    ///
    /// # Errors
    /// [`crate::error::Error::File`] where what is written down cannot be read or written; what a cache that answers refuses.
    pub(in crate::lab) async fn catch_up(&self) -> Result<()> {
        let circuit = &self.0;
        // Before the healing: a start that comes after this is found by the next command.
        let incarnation = circuit.incarnation().await?;
        let found = clock::utc();
        let Some((since, why, noted)) = circuit.earlier(incarnation.as_deref(), found) else {
            circuit.remember(incarnation.as_deref());
            return Ok(());
        };
        let all = circuit.shards.len();
        // Of another layout, nobody knows where its shards are.
        let noted = noted.filter(|noted| noted.iter().all(|shard| *shard < all));
        let is_noted = |shard: &usize| noted.as_ref().is_none_or(|noted| noted.contains(shard));
        // Those that are open have somebody who asks them already.
        let asked: Vec<usize> = (0..all).filter(|shard| is_noted(shard) && !circuit.shards[*shard].is_open()).collect();
        for shard in &asked {
            circuit.shards[*shard].is_open.store(true, Ordering::Release);
            *lock(&circuit.shards[*shard].outage) = Some(Outage::new(since, &why));
        }
        let mut doubtful = asked.clone();
        let recovered = circuit.recover_all(since, &mut doubtful).await;
        let is_healed = |shard: usize| asked.contains(&shard) && !doubtful.contains(&shard);
        let of_note = |shard: Option<usize>| match shard {
            Some(shard) if shard < all => is_healed(shard),
            _ => (0..all).all(is_healed),
        };
        circuit.notes.healed(found, circuit.longest_update, of_note)?;
        match recovered {
            Ok(()) => {
                if !circuit.shards.iter().any(Shard::is_open) {
                    circuit.remember(incarnation.as_deref());
                }
                Ok(())
            }
            Err(failure) => doubtful.into_iter().try_for_each(|shard| {
                Circuit::probe(circuit, shard);
                let mut outage = lock(&circuit.shards[shard].outage);
                outage.insert(Outage::new(since, &failure)).write_down(&circuit.notes, shard)
            }),
        }
    }
}

/// When an outage began that is to be healed, how it is known, and which shards were away; `None` for all.
type Earlier = (DateTime<Utc>, &'static str, Option<BTreeSet<usize>>);

impl Circuit {
    /// Which run of the server this is, where there is something to compare it with.
    async fn incarnation(&self) -> Result<Option<String>> {
        // Where a part is away it cannot be compared; and the outage of that is written down, so that it is healed.
        if !self.notes.are_kept() || self.shards.iter().any(Shard::is_open) {
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
    fn earlier(&self, incarnation: Option<&str>, found: DateTime<Utc>) -> Option<Earlier> {
        match (incarnation.map(|incarnation| self.notes.compare(incarnation)), self.notes.earliest()) {
            (Some(Meeting::Another), noted) => {
                let since = noted.map_or(found, |(since, _)| since.min(found));
                Some((since, "it was started again since the last command", None))
            }
            (_, Some((since, shards))) => Some((since, "an earlier command found it away", shards)),
            _ => None,
        }
    }

    /// Heals these shards with one look at `flight_log`. Those that are left in the list are not healed.
    async fn recover_all(&self, since: DateTime<Utc>, shards: &mut Vec<usize>) -> Result<()> {
        let failures: Vec<u64> =
            shards.iter().map(|shard| self.shards[*shard].failures.load(Ordering::Acquire)).collect();
        // All at once, so that those that are silent are waited for once.
        let answered = join_all(shards.iter().map(|shard| hop::apart(self.ask(*shard)))).await;
        let (answers, hops): (Vec<Result<()>>, Vec<Vec<Hop>>) = answered.into_iter().unzip();
        hops.into_iter().for_each(hop::adopt);
        let there: Vec<(usize, u64)> = shards
            .iter()
            .zip(failures)
            .zip(&answers)
            .filter_map(|((shard, failures), answer)| answer.is_ok().then_some((*shard, failures)))
            .collect();
        let numbers: Vec<usize> = there.iter().map(|(shard, _)| *shard).collect();
        if !there.is_empty() {
            let healed = self.heal_all(since, &numbers).await?;
            for (shard, failures) in there {
                if self.close(shard, failures) {
                    *lock(&self.shards[shard].outage) = None;
                    shards.retain(|left| *left != shard);
                }
            }
            self.tell(healed);
        }
        match (answers.into_iter().find_map(Result::err), shards.first()) {
            (Some(error), _) => Err(error),
            (None, Some(shard)) => Err(self.refusal(*shard, self.cache.peer())),
            (None, None) => Ok(()),
        }
    }

    /// The next command compares with this run.
    fn remember(&self, incarnation: Option<&str>) {
        if let Some(incarnation) = incarnation {
            // Where that fails, the next command compares with an older run, and heals once more.
            _ = self.notes.remember(incarnation);
        }
    }
}

//! How an outage of a shard begins and ends: the breaker opens, somebody probes, the shard is healed, the breaker closes.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDateTime, Utc};

use super::Circuit;
use crate::clock;
use crate::error::{Error, Peer, Result, causes};
use crate::lab::outage::Outage;
use crate::lab::reconcile::{self, Parties, Reconciled};
use crate::queue::Partition;

/// How long after a failure the cache is asked again whether it is there.
const PROBE: Duration = Duration::from_millis(250);

impl Circuit {
    /// What is said in place of asking a shard of the cache, or the queue that lives with it.
    pub(super) fn refusal(&self, shard: usize, peer: &Arc<Peer>) -> Error {
        let why = lock(&self.shards[shard].outage).as_ref().map(|outage| outage.why.clone()).unwrap_or_default();
        let cause = format!("it is not asked until it is back and healed: {why}").into();
        Error::Unreachable { peer: Arc::clone(peer), cause }
    }

    /// From now on no reader of the shard is let through, until it is healed. The outage is on the disk when this returns.
    pub(super) fn open(circuit: &Arc<Self>, number: usize, failure: &Error) {
        let shard = &circuit.shards[number];
        let mut outage = lock(&shard.outage);
        shard.failures.fetch_add(1, Ordering::AcqRel);
        shard.is_silent.store(is_silence(failure), Ordering::Release);
        if shard.is_open() {
            return;
        }
        shard.is_open.store(true, Ordering::Release);
        let since = DateTime::from_timestamp_micros(shard.last_answer.load(Ordering::Acquire)).unwrap_or_default();
        let outage = outage.insert(Outage::new(since, failure));
        Self::probe(circuit, number);
        // That it cannot be written down is no reason to trust the cache; whoever ends in this outage is told.
        outage.unwritten = outage.write_down(&circuit.notes, number).err().map(|error| {
            let causes = causes(&error);
            std::iter::once(error.to_string()).chain(causes).collect::<Vec<_>>().join(": ")
        });
    }

    /// Asks a shard again and again whether it is there, until it is and is healed, or nobody needs it any more.
    ///
    /// A silent one is asked without a pause: the question that is under way when it goes on is answered at once. Until then
    /// writers of this process tell it nothing, and other processes may trust it already.
    pub(super) fn probe(circuit: &Arc<Self>, number: usize) {
        if !circuit.probes {
            return;
        }
        let circuit: Weak<Self> = Arc::downgrade(circuit);
        tokio::spawn(async move {
            let mut asked = None;
            loop {
                let silence = |circuit: Arc<Self>| circuit.shards[number].is_silent.load(Ordering::Acquire);
                let Some(is_silent) = circuit.upgrade().map(silence) else { return };
                let over = asked.map_or(PROBE, |asked: Instant| asked.elapsed());
                tokio::time::sleep(if is_silent { PROBE.saturating_sub(over) } else { PROBE }).await;
                let Some(strong) = circuit.upgrade() else { return };
                asked = Some(clock::instant());
                let failures = strong.shards[number].failures.load(Ordering::Acquire);
                let longest_update = strong.longest_update;
                let recovered = strong.recover(number, failures).await;
                // Whoever waits for the next look keeps nothing alive.
                drop(strong);
                if recovered.is_ok() {
                    tokio::time::sleep(longest_update).await;
                    return Self::look_again(&circuit, number, failures).await;
                }
            }
        });
    }

    /// Heals a shard if it is there, and closes.
    ///
    /// # Errors
    /// Where it is not there, cannot be healed, or more than these commands have failed by then.
    pub(super) async fn recover(&self, number: usize, failures: u64) -> Result<()> {
        self.ask(number).await?;
        let healed = self.heal(number).await?;
        if !self.close(number, failures) {
            return Err(self.refusal(number, self.cache.peer()));
        }
        self.tell(healed);
        Ok(())
    }

    /// Whether a shard is there.
    pub(super) async fn ask(&self, number: usize) -> Result<()> {
        let answer = self.cache.reach(number).await;
        // Before the look at `flight_log`: whoever is refused until now has committed, and is seen there.
        let is_silent = answer.as_ref().is_err_and(is_silence);
        self.shards[number].is_silent.store(is_silent, Ordering::Release);
        answer?;
        if self.queue.stores_entry() {
            // It is on the same server, with a connection of its own, which may have died as well: the first command there finds
            // that out. Better this one than a reader's.
            _ = self.queue.sequence(Partition::try_from(number).unwrap_or_default()).await;
        }
        Ok(())
    }

    /// What a healing did is told once, with those of other shards that were not told yet.
    pub(super) fn tell(&self, healed: Reconciled) {
        let mut last = lock(&self.last_healing);
        let before = last.take().filter(|_| self.shards.len() > 1);
        *last = Some(before.map_or(healed, |before| before.and(healed)));
    }

    /// Closes, unless something has failed since: that may be a writer's command, and what it was to tell was not looked for.
    pub(super) fn close(&self, number: usize, failures: u64) -> bool {
        let shard = &self.shards[number];
        // Every failure takes this lock.
        let _outage = lock(&shard.outage);
        let is_healed = shard.failures.load(Ordering::Acquire) == failures;
        if is_healed {
            shard.is_open.store(false, Ordering::Release);
        }
        is_healed
    }

    async fn heal(&self, number: usize) -> Result<Reconciled> {
        let since = lock(&self.shards[number].outage).as_ref().map_or_else(clock::utc, |outage| outage.since);
        self.heal_all(since, &[number]).await
    }

    /// Drops from these shards whatever has changed since.
    pub(super) async fn heal_all(&self, since: DateTime<Utc>, shards: &[usize]) -> Result<Reconciled> {
        let now = clock::utc();
        let Self { cache, chance, longest_update, .. } = self;
        let (database, queue) = (self.database.as_ref(), self.queue.as_ref());
        let parties = Parties { database, queue, cache, chance, longest_update: *longest_update };
        parties.reconcile(self.from(since, now), &|id| shards.contains(&cache.shard(id))).await
    }

    /// From when on changes count.
    fn from(&self, since: DateTime<Utc>, now: DateTime<Utc>) -> NaiveDateTime {
        reconcile::reaching_back(since.min(now - self.reach))
    }

    /// An update that found the cache away may have been committed after the look at `flight_log`. Its own settle tells the
    /// cache; if its process was killed before that, this does, or whoever finds the outage written down.
    async fn look_again(circuit: &Weak<Self>, number: usize, failures: u64) {
        let Some(circuit) = circuit.upgrade() else { return };
        let shard = &circuit.shards[number];
        // Another outage has begun meanwhile: that one is looked at again in its turn, and stays written down.
        let is_over = || shard.failures.load(Ordering::Acquire) == failures;
        if !is_over() || circuit.heal(number).await.is_err() {
            return;
        }
        let mut outage = lock(&shard.outage);
        if is_over()
            && let Some(over) = outage.take()
        {
            // What stays written down is healed once more by the next process, which does no harm.
            _ = over.forget();
        }
    }
}

/// Whether no answer came, rather than a refusal: whoever asks next would wait as long.
fn is_silence(failure: &Error) -> bool {
    matches!(failure, Error::TimedOut { .. } | Error::OutcomeUnknown { .. })
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A poisoned lock means a panic between two assignments; what is there is still sound.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! One partition being worked off, batch by batch.
//!
//! ```text
//!   queue.after(oldest …)  ──▶ database.apply(batch + offset, one transaction) ──▶ queue.forget(batch)
//! ```
//!
//! While the database applies a full batch, the next one is read already and the last one forgotten. That changes nothing: after a
//! failure everything is read again from the oldest entry, and the offset skips what is applied and not forgotten yet.
//!
//! A batch that the database refuses because of one update is split until that update is alone: what stands before it is applied,
//! then it becomes a dead letter, then what stands behind it is applied. In that order, always: an update may be taken off the
//! queue only when everything before it has reached the database, or a reader could see its flight go back.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::remedy::Remedy;
use super::{Report, Settings, Step, Watch};
use crate::clock;
use crate::database::{Alone, Applied, Database, Tracking};
use crate::error::{Error, Result, causes};
use crate::flight::{Position, Queued};
use crate::queue::{Partition, Queue, Sentence, Sequence};

/// For how long an empty partition is waited for before it is looked at in other ways as well.
const PATIENCE: Duration = Duration::from_secs(1);

/// One partition, and how far its worker has got to know it.
pub(super) struct Lane<'a> {
    queue: &'a dyn Queue,
    database: &'a dyn Database,
    partition: Partition,
    settings: Settings,
    watch: &'a dyn Watch,
    /// What was last worked off.
    sequence: Option<Sequence>,
    /// Whether the database keeps the offset, once that was asked.
    tracked: Option<bool>,
    /// How many updates the next batch has at most: fewer than the settings say after the database was too slow for one.
    limit: usize,
    /// The last batch, where it is applied and not forgotten yet.
    behind: Vec<Queued>,
    /// The next batch, where it was read already.
    ahead: Option<Vec<Queued>>,
    /// How often in a row the database refused for a reason that may pass.
    unclear: u32,
    /// Why no offset is kept, once that was told.
    told: Option<String>,
    /// How many updates waited at the last look, as far as they are not done since.
    waiting: u64,
}

impl<'a> Lane<'a> {
    /// A lane that knows nothing yet.
    pub(super) fn new(
        queue: &'a dyn Queue,
        database: &'a dyn Database,
        partition: Partition,
        settings: Settings,
        watch: &'a dyn Watch,
    ) -> Self {
        let limit = settings.batch;
        Self {
            queue,
            database,
            partition,
            settings,
            watch,
            sequence: None,
            tracked: None,
            limit,
            behind: Vec::new(),
            ahead: None,
            unclear: 0,
            told: None,
            waiting: 0,
        }
    }

    /// Whether another full batch is known to wait.
    pub(super) fn has_more(&self) -> bool {
        self.ahead.is_some()
    }

    /// Waits for work: `true` when a batch is full, or has waited long enough for more. Comes back now and then without any.
    pub(super) async fn due(&mut self) -> Result<bool> {
        self.queue.arrival(self.partition, PATIENCE).await?;
        if self.look().await? == 0 {
            return Ok(false);
        }
        // By our own clock, from when we noticed: the queue's may stand anywhere.
        let noticed = clock::instant();
        let pause = (self.settings.interval / 10).clamp(Duration::from_millis(1), Duration::from_millis(50));
        while self.waiting < self.limit as u64 {
            let left = self.settings.interval.saturating_sub(noticed.elapsed());
            if left.is_zero() {
                break;
            }
            tokio::time::sleep(pause.min(left)).await;
            self.look().await?;
        }
        Ok(true)
    }

    /// How many updates wait, and in which sequence.
    async fn look(&mut self) -> Result<u64> {
        self.renew().await?;
        self.waiting = self.queue.backlog(self.partition).await?.length;
        Ok(self.waiting)
    }

    /// Finds out which sequence the partition is in. Another one than before: the queue was lost.
    async fn renew(&mut self) -> Result<()> {
        let found = self.queue.sequence(self.partition).await?;
        // What still stands as pending without a queue tells of updates that are lost, also to who was not there.
        let given_up = if found.is_none() { self.queue.give_up(self.partition).await? } else { 0 };
        let was_lost = self.sequence.is_some() && found != self.sequence;
        let waited = given_up.max(if was_lost { self.waiting } else { 0 });
        if waited > 0 {
            self.watch.report(Report::Lost { partition: self.partition, waited });
            self.waiting = 0;
        }
        if found != self.sequence {
            (self.ahead, self.behind) = (None, Vec::new());
        }
        self.sequence = found;
        Ok(())
    }

    /// Takes the next batch off the queue.
    pub(super) async fn step(&mut self) -> Result<Step> {
        if self.sequence.is_none() {
            self.renew().await?;
        }
        let Some(sequence) = self.sequence.clone() else { return Ok(Step::Empty) };
        let tracked = self.is_tracked().await?;
        let alone = if tracked { None } else { Some(self.database.alone(&sequence.name).await?) };
        let stepped = self.step_in(&sequence).await;
        let_go(alone).await?;
        match &stepped {
            Ok(Step::Empty) => self.renew().await?,
            Ok(Step::Done) => {
                self.unclear = 0;
                self.limit = (self.limit * 2).min(self.settings.batch);
            }
            Err(error) => {
                // The table of the offset may have come or gone with whatever it was, and so may the queue.
                self.tracked = None;
                (self.ahead, self.behind) = (None, Vec::new());
                match Remedy::of(error) {
                    Remedy::WaitSmaller => self.limit = (self.limit / 2).max(1),
                    // Counted by themselves: an outage, however long, is nobody's fault.
                    Remedy::WaitThenIsolate => self.unclear += 1,
                    _ => {}
                }
            }
        }
        stepped
    }

    async fn step_in(&mut self, sequence: &Sequence) -> Result<Step> {
        let tried = self.unclear + 1;
        // One update at most is given up for a reason that may yet pass: if it was not to blame, the next one fails as well,
        // and is tried as often.
        let mut doubtful = u32::from(tried >= self.settings.retry.attempts);
        let read = match self.ahead.take() {
            Some(batch) => Ok(batch),
            None => self.queue.after(sequence, Position::START, self.limit).await,
        };
        let batch = match read {
            Ok(batch) if batch.is_empty() => return Ok(Step::Empty),
            Ok(batch) => batch,
            Err(Error::Poisoned { position, reason }) => {
                // Nothing may be left that was applied and is not forgotten: see `bury`.
                self.bury(sequence, position, None, reason, tried).await?;
                return Ok(Step::Done);
            }
            Err(error) => return Err(error),
        };
        let done = std::mem::take(&mut self.behind);
        let began = clock::instant();
        let (applied, forgotten, ahead) = tokio::join!(
            self.database.apply(&sequence.name, &batch, self.tracked == Some(true)),
            self.forget(sequence, &done),
            self.read_ahead(sequence, &batch),
        );
        forgotten?;
        match applied {
            Ok(applied) => {
                self.tell(applied, batch.len(), began.elapsed());
                (self.ahead, self.behind) = (ahead, batch);
                if self.ahead.is_none() {
                    self.finish().await?;
                }
            }
            Err(refused) => self.isolate(sequence, &batch, refused, tried, &mut doubtful).await?,
        }
        Ok(Step::Done)
    }

    /// Takes the last batch away, where that is left for the next step.
    pub(super) async fn finish(&mut self) -> Result<()> {
        let done = std::mem::take(&mut self.behind);
        match &self.sequence {
            Some(sequence) => self.forget(sequence, &done).await,
            None => Ok(()),
        }
    }

    fn tell(&mut self, applied: Applied, entries: usize, took: Duration) {
        self.waiting = self.waiting.saturating_sub(entries as u64);
        self.watch.report(Report::Applied { partition: self.partition, applied, took });
    }

    /// Takes away what the database has.
    async fn forget(&self, sequence: &Sequence, applied: &[Queued]) -> Result<()> {
        match applied.last() {
            Some(last) => self.queue.forget(sequence, applied, last.position).await,
            None => Ok(()),
        }
    }

    /// Reads what follows a full batch. Where workers wait for each other, nothing is read before it is one's turn; what cannot
    /// be read now is told when it is its turn; and whoever wants to see the hops sees one after the other.
    async fn read_ahead(&self, sequence: &Sequence, batch: &[Queued]) -> Option<Vec<Queued>> {
        let is_wanted = batch.len() >= self.limit && self.tracked == Some(true) && !self.watch.wants_hops();
        let last = batch.last().filter(|_| is_wanted)?.position;
        let next = self.queue.after(sequence, last, self.limit).await.ok()?;
        // A batch that is not full may be by then.
        (next.len() >= self.limit).then_some(next)
    }

    /// Applies a part of a batch, and splits it where one of its updates is to blame that it cannot be applied as a whole.
    fn apply<'f>(
        &'f mut self,
        sequence: &'f Sequence,
        batch: &'f [Queued],
        tried: u32,
        doubtful: &'f mut u32,
    ) -> Pin<Box<dyn Future<Output = Result<()>> + Send + 'f>> {
        Box::pin(async move {
            if batch.is_empty() {
                return Ok(());
            }
            let began = clock::instant();
            match self.database.apply(&sequence.name, batch, self.tracked == Some(true)).await {
                Ok(applied) => {
                    self.forget(sequence, batch).await?;
                    self.tell(applied, batch.len(), began.elapsed());
                    Ok(())
                }
                Err(refused) => self.isolate(sequence, batch, refused, tried, doubtful).await,
            }
        })
    }

    /// Makes the update a dead letter that a refusal is about, and applies the others.
    async fn isolate(
        &mut self,
        sequence: &Sequence,
        batch: &[Queued],
        refused: Error,
        tried: u32,
        doubtful: &mut u32,
    ) -> Result<()> {
        match Remedy::of(&refused) {
            Remedy::Isolate => {}
            Remedy::WaitThenIsolate if *doubtful > 0 => {}
            _ => return Err(refused),
        }
        if let [only] = batch {
            if Remedy::of(&refused) == Remedy::WaitThenIsolate {
                *doubtful -= 1;
            }
            return self.bury(sequence, only.position, Some(only), reason(&refused), tried).await;
        }
        // The database may say itself which one it is.
        let named = match &refused {
            Error::Poisoned { position, .. } => batch.iter().position(|queued| queued.position == *position),
            _ => None,
        };
        let middle = match named {
            Some(0) => 1,
            Some(place) => place,
            None => batch.len() / 2,
        };
        let (before, behind) = batch.split_at(middle);
        self.apply(sequence, before, tried, doubtful).await?;
        self.apply(sequence, behind, tried, doubtful).await
    }

    async fn bury(
        &mut self,
        sequence: &Sequence,
        position: Position,
        queued: Option<&Queued>,
        reason: String,
        attempts: u32,
    ) -> Result<()> {
        self.queue.bury(sequence, position, &Sentence { reason: reason.clone(), attempts }).await?;
        self.waiting = self.waiting.saturating_sub(1);
        let flight_id = queued.map(|queued| queued.update.flight_id());
        self.watch.report(Report::Buried { partition: self.partition, position, flight_id, reason });
        Ok(())
    }

    async fn is_tracked(&mut self) -> Result<bool> {
        if let Some(known) = self.tracked {
            return Ok(known);
        }
        let tracked = match self.database.tracking().await? {
            Tracking::Kept => true,
            Tracking::Unavailable(reason) => {
                if self.told.as_ref() != Some(&reason) {
                    self.told = Some(reason.clone());
                    self.watch.report(Report::AtLeastOnce { reason });
                }
                false
            }
        };
        self.tracked = Some(tracked);
        Ok(tracked)
    }
}

async fn let_go(alone: Option<Box<dyn Alone>>) -> Result<()> {
    match alone {
        Some(alone) => alone.release().await,
        None => Ok(()),
    }
}

/// What the dead letter says of why it is one.
fn reason(error: &Error) -> String {
    match (error, causes(error)) {
        (Error::Poisoned { reason, .. }, _) => reason.clone(),
        (Error::Unacceptable { cause, .. }, _) => cause.to_string(),
        (_, causes) if causes.is_empty() => error.to_string(),
        (_, causes) => causes.join(": "),
    }
}

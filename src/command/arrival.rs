//! `update --wait`: until the database has what was queued.

use std::time::Duration;

use super::Context;
use crate::clock;
use crate::demo::{Event, Level, Note};
use crate::error::{Error, Result};
use crate::flight::FlightId;
use crate::lab::Lab;
use crate::queue::{Place, Sequence, Whereabouts};

/// How long to wait before the next look, at first and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(2), Duration::from_millis(100));

/// Somebody who waits for an update to arrive.
pub(super) struct Arrival {
    limit: Duration,
    /// What the queue was before the update: if it is another one afterwards, it was lost in between.
    sequence: Option<Sequence>,
}

impl Arrival {
    /// Looks at the queue before the update goes there.
    pub(super) async fn watch(lab: &Lab, id: FlightId, limit: Duration) -> Result<Self> {
        let partition = lab.queue().settings().partition_of(id);
        Ok(Self { limit, sequence: lab.queue().sequence(partition).await? })
    }

    /// Waits until the update has arrived.
    pub(super) async fn wait(self, context: &mut Context, lab: &Lab, place: Place) -> Result<()> {
        let began = clock::instant();
        let (mut pause, longest) = PAUSES;
        let mut sequence = self.sequence.clone();
        loop {
            if sequence.is_none() {
                // This update was the first: it has made the queue.
                sequence = lab.queue().sequence(place.partition).await?;
            }
            let found = match &sequence {
                Some(sequence) => lab.queue().whereabouts(sequence, place.position).await,
                None => Ok(Whereabouts::Lost),
            };
            let waited = began.elapsed();
            match found {
                Ok(Whereabouts::Gone) if self.has_passed(lab, sequence.as_ref(), place).await => {
                    let text = format!("the database has it, {waited:.1?} after the acknowledgement");
                    return context.audience.show(&Event::Note(Note { level: Level::Good, text }));
                }
                Ok(Whereabouts::Dead(reason)) => {
                    return Err(Error::NotHeld {
                        message: format!("the database does not take the update: {reason}"),
                        hint: "it is a dead letter now: `cachedemo write-behind queue dead-letters list`".into(),
                    });
                }
                Ok(Whereabouts::Gone | Whereabouts::Lost) => {
                    return Err(Error::NotHeld {
                        message: "the queue was lost, and the update with it unless the database had it by then".into(),
                        hint: "look with `cachedemo write-behind verify`, and see that the queue is kept: `cachedemo doctor`"
                            .into(),
                    });
                }
                Ok(Whereabouts::Queued) if waited >= self.limit => return Err(Error::NotYet { waited: self.limit }),
                Err(error) if !error.is_outage() => return Err(error),
                Err(error) if waited >= self.limit => {
                    return Err(Error::NotHeld {
                        message: format!(
                            "the update was acknowledged, and whether the database has it cannot be seen: {error}"
                        ),
                        hint:
                            "look with `cachedemo write-behind queue status` and `verify` once the queue answers again"
                                .into(),
                    });
                }
                Ok(Whereabouts::Queued) | Err(_) => {}
            }
            tokio::select! {
                () = context.interrupt.raised() => {
                    let text = "no longer waiting: the update stays acknowledged, and queued until a worker applies it".to_owned();
                    context.audience.show(&Event::Note(Note { level: Level::Warning, text }))?;
                    return Err(Error::Interrupted);
                }
                () = tokio::time::sleep(pause.min(self.limit.saturating_sub(waited))) => {}
            }
            pause = (pause * 2).min(longest);
        }
    }

    /// Whether the database says so as well, where it can: what is gone from a queue that was lost and made anew is not there.
    async fn has_passed(&self, lab: &Lab, sequence: Option<&Sequence>, place: Place) -> bool {
        let Some(sequence) = sequence else { return false };
        match lab.database().offset(&sequence.name).await {
            Ok(Some(offset)) => offset >= place.position,
            // It keeps no offset, or does not answer now: the queue says that it was taken off.
            Ok(None) | Err(_) => true,
        }
    }
}

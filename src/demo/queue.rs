//! What is shown of the queue: what waits in it, and what working it off did.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Audience, DrainSeen, Event, HopSeen, QueueSeen, seen, show_hops};
use crate::clock;
use crate::error::Result;
use crate::hop::Observed;
use crate::lab::{Lab, Waiting};
use crate::queue::worker::{Report, Tally, Watch};

/// Shows what waits in the queue.
///
/// # Errors
/// Those of the queue and the audience.
pub async fn show_backlog(lab: &Lab, audience: &mut dyn Audience) -> Result<()> {
    let observed = lab.backlog().await;
    show_hops(audience, &observed)?;
    audience.show(&Event::Queue(queue_seen(&observed.value?, None)))
}

/// Applies everything that is queued, and shows every hop, what waited before, what was done, and what waits after.
///
/// # Errors
/// Those of the queue, the database and the audience.
pub async fn show_drain(lab: &Lab, audience: &mut dyn Audience) -> Result<()> {
    let witness = Witness::new(true);
    let ended = drain(lab, &witness, &|| false).await?;
    ended.show(lab, audience, &witness).await.map(drop)
}

/// A drain that has ended, before anything of it is shown.
pub struct Ended {
    before: u64,
    latency: Duration,
    drained: Result<()>,
}

/// Applies everything that is queued, told to a witness, and ending between two batches when `stop` says so.
///
/// # Errors
/// Those of the queue before it begins; how it ended is told by [`Ended::show`].
pub async fn drain(lab: &Lab, witness: &Witness<'_>, stop: &(dyn Fn() -> bool + Send + Sync)) -> Result<Ended> {
    let before = lab.backlog().await.value?.length();
    let began = clock::instant();
    let drained = lab.drain(witness, stop).await;
    Ok(Ended { before, latency: began.elapsed(), drained })
}

impl Ended {
    /// Shows what the witness kept, what was done, and what waits now.
    ///
    /// # Errors
    /// What the drain ended with; those of the queue and the audience.
    pub async fn show(self, lab: &Lab, audience: &mut dyn Audience, witness: &Witness<'_>) -> Result<Tally> {
        let (tally, notable, hops) = witness.take();
        hops.into_iter().try_for_each(|hop| audience.show(&Event::Hop(hop)))?;
        notable.into_iter().try_for_each(|report| audience.show(&Event::Report(report.into())))?;
        let after = match self.drained {
            Ok(()) => lab.backlog().await.value?,
            // A part of the queue is away: what was done with the rest is shown all the same.
            Err(error) if error.is_outage_of("queue") => match lab.backlog().await.value {
                Ok(after) if !after.unreached.is_empty() => after,
                _ => return Err(error),
            },
            Err(error) => return Err(error),
        };
        let drain = DrainSeen {
            before: self.before,
            updates: tally.updates,
            flights: tally.flights,
            skipped: tally.skipped,
            batches: tally.batches,
            dead: tally.dead,
            latency: self.latency,
            at_least_once: tally.at_least_once.clone(),
        };
        audience.show(&Event::Queue(queue_seen(&after, Some(drain))))?;
        after.whole().map(|()| tally)
    }
}

/// What is shown of all partitions together.
#[must_use]
pub fn queue_seen(waiting: &Waiting, drained: Option<DrainSeen>) -> QueueSeen {
    let backlogs = || waiting.reached.iter().map(|(_, backlog)| backlog);
    QueueSeen {
        length: waiting.length(),
        flights: backlogs().map(|backlog| backlog.flights).sum(),
        oldest_age_ms: backlogs().filter_map(|backlog| backlog.oldest).max().map(milliseconds),
        dead_letters: backlogs().map(|backlog| backlog.dead).sum(),
        partitions: Vec::new(),
        unreached: waiting.unreached.iter().map(|(partition, _)| *partition).collect(),
        drained,
    }
}

/// An age as it is told.
#[must_use]
pub fn milliseconds(age: Duration) -> u64 {
    u64::try_from(age.as_millis()).unwrap_or(u64::MAX)
}

/// Keeps what a worker reports until somebody looks.
pub struct Witness<'a> {
    wants_hops: bool,
    progress: &'a (dyn Fn(u64) + Send + Sync),
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    tally: Tally,
    notable: Vec<Report>,
    hops: Vec<HopSeen>,
}

/// The most reports that are kept for somebody who does not look: what comes then is counted only.
const KEPT: usize = 1_000;

impl Witness<'_> {
    /// Somebody who keeps hops, or does not.
    #[must_use]
    pub fn new(wants_hops: bool) -> Self {
        Self { wants_hops, progress: &|_| {}, kept: Mutex::default() }
    }
}

impl<'a> Witness<'a> {
    /// The same, who also tells how many updates are done.
    #[must_use]
    pub fn telling(self, progress: &'a (dyn Fn(u64) + Send + Sync)) -> Self {
        Self { progress, ..self }
    }

    /// What was done so far, and what was notable since the last look.
    pub fn take(&self) -> (Tally, Vec<Report>, Vec<HopSeen>) {
        let mut kept = self.kept();
        (kept.tally.clone(), std::mem::take(&mut kept.notable), std::mem::take(&mut kept.hops))
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // What was counted before a panic is still counted.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch for Witness<'_> {
    fn report(&self, report: Report) {
        let mut kept = self.kept();
        kept.tally.add(&report);
        (self.progress)(kept.tally.updates + kept.tally.skipped + kept.tally.dead);
        let is_notable = !matches!(report, Report::Applied { .. } | Report::Retrying);
        if is_notable && kept.notable.len() < KEPT {
            kept.notable.push(report);
        }
    }

    fn observed(&self, step: &Observed<()>) {
        let mut kept = self.kept();
        if kept.hops.len() < KEPT {
            kept.hops.extend(seen(step));
        }
    }

    fn wants_hops(&self) -> bool {
        self.wants_hops
    }
}

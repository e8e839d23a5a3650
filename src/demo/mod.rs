//! Walk-throughs: their steps as data (`script`), and their player.
//!
//! The player runs one step after the other, shows what each found, and holds it against what the step must show. However it
//! ends, the flight is put back first.

mod audience;
mod event;
mod measure;
mod player;
mod record;
mod restore;
mod script;

pub use audience::{Audience, Choice};
use audience::{Silent, Steadfast};
pub use event::*;
pub use player::{Plan, Walkthrough};

use crate::error::Result;
use crate::hop::Observed;
use crate::lab::Lab;
use crate::queue::Backlog;
use crate::{clock, queue};

/// The hops of an operation, as they are shown.
#[must_use]
pub fn seen<T>(observed: &Observed<T>) -> Vec<HopSeen> {
    observed.hops.iter().map(|hop| HopSeen { hop: hop.clone(), of: observed.latency }).collect()
}

/// Shows the hops of an operation.
///
/// # Errors
/// Those of the audience.
pub fn show_hops<T>(audience: &mut dyn Audience, observed: &Observed<T>) -> Result<()> {
    seen(observed).into_iter().try_for_each(|hop| audience.show(&Event::Hop(hop)))
}

/// Shows what waits in the queue.
///
/// # Errors
/// Those of the queue and the audience.
pub async fn show_backlog(lab: &Lab, audience: &mut dyn Audience) -> Result<()> {
    let observed = lab.backlog().await;
    show_hops(audience, &observed)?;
    audience.show(&Event::Queue(queue_seen(&observed.value?, None)))
}

/// Applies everything that is queued, and shows what waited before, what was done, and what waits after.
///
/// # Errors
/// Those of the queue, the database and the audience.
pub async fn show_drain(lab: &Lab, audience: &mut dyn Audience) -> Result<queue::worker::Drained> {
    show_drain_until(lab, audience, &|_| false).await
}

/// As [`show_drain`], ending between two batches when `stop` says so.
///
/// # Errors
/// As [`show_drain`].
pub async fn show_drain_until(
    lab: &Lab,
    audience: &mut dyn Audience,
    stop: &(dyn Fn(&queue::worker::Drained) -> bool + Send + Sync),
) -> Result<queue::worker::Drained> {
    let before = lab.queue().backlog().await?.length;
    let observed = lab.drain(stop).await;
    show_hops(audience, &observed)?;
    let latency = observed.latency;
    let drained = observed.value?;
    let after = lab.queue().backlog().await?;
    let seen = DrainSeen {
        before,
        updates: drained.updates,
        flights: drained.flights,
        skipped: drained.skipped,
        batches: drained.batches,
        latency,
        at_least_once: drained.at_least_once.clone(),
    };
    audience.show(&Event::Queue(queue_seen(&after, Some(seen))))?;
    Ok(drained)
}

fn queue_seen(backlog: &Backlog, drained: Option<DrainSeen>) -> QueueSeen {
    let oldest_age_ms = backlog.oldest.map(|oldest| (clock::utc() - oldest).num_milliseconds().max(0).unsigned_abs());
    QueueSeen { length: backlog.length, flights: backlog.flights, oldest_age_ms, drained }
}

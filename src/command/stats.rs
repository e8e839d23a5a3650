//! `stats`: what the cache counts for everybody who uses it, what in it is ours, and what waits in the queue.
//!
//! It needs no database, and asks nothing that the cache would count as a read; the queue on Redis and Valkey cannot be looked
//! at without, so the counters are read before it is.

use super::Context;
use super::connect;
use crate::cache::{Counted, Inventory};
use crate::cli::Stats;
use crate::demo::{self, Event, Level, Note, QueueStatsSeen, StatsSeen, queue_seen};
use crate::error::{Error, Result};
use crate::hop::{Observed, observe};
use crate::lab::{Lab, Waiting};

/// Shows what is counted.
pub(super) async fn run(context: &mut Context, Stats { verbose }: Stats) -> Result<()> {
    let lab = connect::onlooker(context)?;
    let interrupt = context.interrupt.clone();
    let (counted, queue) = tokio::select! {
        biased;
        () = interrupt.raised() => return Err(Error::Interrupted),
        looked = look(&lab) => looked,
    };
    if verbose {
        demo::show_hops(context.audience.as_mut(), &counted)?;
        queue.iter().try_for_each(|queue| demo::show_hops(context.audience.as_mut(), queue))?;
    }
    let (Counted { servers, all, unreached }, inventory) = counted.value?;
    let (queue, unread) = match queue.map(|queue| queue.value).transpose() {
        // What cannot be reached of it is said once the rest is shown.
        Ok(Some(waiting)) => (Some(queue_seen(&waiting, None)), waiting.whole().err()),
        Ok(None) => (None, None),
        Err(error) => (None, Some(error)),
    };
    context.audience.show(&Event::Stats(StatsSeen {
        cache_engine: context.config.cache.kind,
        cache: lab.cache().peer().as_ref().clone(),
        servers,
        server: all.into(),
        unreached: unreached.iter().map(ToString::to_string).collect(),
        own: inventory.into(),
        queue: queue.map(|seen| QueueStatsSeen::of(lab.queue().peer().as_ref().clone(), &seen)),
    }))?;
    if connect::is_private(context) {
        let text = "the memory cache belongs to its process, and this one has just begun: name the cache that others use, such as --cache-engine redis";
        context.audience.show(&Event::Note(Note { level: Level::Plain, text: text.into() }))?;
    }
    // What is not counted is no part of the figures: who relies on them is told by the exit code.
    unreached.into_iter().next().or(unread).map_or(Ok(()), Err)
}

/// The counters, then the queue. Without the cache there is nothing to be shown beside the queue: `queue status` is for that.
async fn look(lab: &Lab) -> (Observed<Result<(Counted, Inventory)>>, Option<Observed<Result<Waiting>>>) {
    let counted = observe(async {
        let statistics = lab.cache().statistics().await?;
        Ok((statistics, lab.cache().inventory().await?))
    });
    let counted = counted.await;
    let queue = if counted.value.is_ok() { Some(lab.backlog().await) } else { None };
    (counted, queue)
}

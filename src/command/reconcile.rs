//! `reconcile`: drops from the cache whatever `flight_log` says has changed since a moment.
//!
//! A process that meets an outage does this by itself when the cache is back. This is for everybody else's leavings: a program
//! that keeps to no protocol, a process whose machine is gone with the note that it left.

use chrono::{NaiveDateTime, TimeDelta};

use super::Context;
use super::connect::{self, About};
use crate::cli::{Reconcile, Since};
use crate::clock;
use crate::demo::{Event, show_hops};
use crate::error::{Error, Result};
use crate::flight::is_storable;
use crate::lab::Lab;
use crate::pattern::PatternKind;

/// Reconciles the cache with what has changed.
pub(super) async fn run(context: &mut Context, typed: Reconcile) -> Result<()> {
    let since = typed.since.map(moment).transpose()?;
    if connect::is_private(context) {
        return Err(Error::usage(
            "there is no cache to reconcile: the memory cache belongs to its process, and this one has just begun",
            "name the cache that others read, such as CACHE_URL=redis://127.0.0.1 or --cache-engine memcached",
        ));
    }
    let lab = connect::lab(context, PatternKind::CacheAside, About::new("reconcile")).await?;
    let interrupt = context.interrupt.clone();
    tokio::select! {
        biased;
        // What was dropped until then is dropped, which does no harm.
        () = interrupt.raised() => Err(Error::Interrupted),
        reconciled = reconcile(context, &lab, since, typed.verbose) => reconciled,
    }
}

async fn reconcile(context: &mut Context, lab: &Lab, since: Option<NaiveDateTime>, verbose: bool) -> Result<()> {
    // Where nothing has changed nothing is dropped: a cache that is away would not be noticed.
    lab.cache().ping().await?;
    let observed = lab.reconcile(since.unwrap_or_else(|| lab.oldest_entry())).await;
    if verbose {
        show_hops(context.audience.as_mut(), &observed)?;
    }
    context.audience.show(&Event::Reconciled(observed.value?.into()))
}

/// The moment that was typed.
fn moment(since: Since) -> Result<NaiveDateTime> {
    // Cut to the second, as changes are dated: one of this very second counts.
    let now = clock::now();
    let moment = match since {
        Since::Moment(moment) => Some(moment),
        Since::Ago(ago) => TimeDelta::from_std(ago).ok().and_then(|ago| now.checked_sub_signed(ago)),
    };
    match moment.filter(is_storable) {
        None => Err(Error::usage("--since reaches back too far", "nothing is cached for long: such as --since 1h")),
        Some(moment) if moment > now => Err(Error::usage(
            format!("--since {moment} is in the future: it is {now} in UTC"),
            "give the moment in UTC, or how long ago it was, such as --since 1h",
        )),
        Some(moment) => Ok(moment),
    }
}

//! Losses: the cache drops an entry that it was to keep, or keeps one that it was to drop.

use std::sync::Arc;

use super::play::{Found, Play};
use crate::error::Result;
use crate::lab::Lab;
use crate::lab::fault::Faults;

/// A write-behind entry expires or is evicted before the database has its update.
pub(super) async fn dirty_expiry(play: &mut Play) -> Result<Found> {
    play.evict().await?;
    let mut writer = play.enter("writer");
    play.moves(&mut writer, 0)?;
    writer.finish(&mut play.moments).await?;
    let mut time = play.enter("expiry");
    let id = play.flight.flight_id;
    time.begin(move |lab| async move {
        // Whatever comes of it, there is nothing under the key afterwards, or the read shows it.
        _ = lab.cache().delete(id).await;
        "the entry is gone".to_owned()
    });
    time.finish(&mut play.moments).await?;
    let must = play.moved(0)?.departure;
    play.judge(must, &["find"]).await
}

/// The cache goes away, the flight changes, and the cache comes back with what it had.
pub(super) async fn outage(play: &mut Play) -> Result<Found> {
    play.cache_it().await?;
    let faults = Arc::new(Faults::default().with_a_switch());
    play.lab = play.lab.with_faults(Arc::clone(&faults));
    let mut process = play.enter("application");
    let cache = play.enter("cache server");
    faults.switch_cache(true);
    play.moments.remark(cache.column, "goes away");
    play.moves(&mut process, 0)?;
    process.finish(&mut play.moments).await?;
    faults.switch_cache(false);
    play.moments.remark(cache.column, "is back, with its old entries");
    if !play.is_naive() {
        process.begin(heals);
        process.finish(&mut play.moments).await?;
    }
    let must = play.truth().await?;
    let read = play.read_with(&mut process).await?;
    Ok(play.verdict(read, must, &["get"]))
}

/// What the breaker does by itself where hops are not held: it asks, and drops what has changed before it lets reads through.
async fn heals(lab: Lab) -> String {
    match lab.recover().await.value {
        Ok(Some(healed)) => format!("is healed: {} dropped", healed.dropped),
        Ok(None) => "had noticed nothing".to_owned(),
        Err(error) => format!("fails: {error}"),
    }
}

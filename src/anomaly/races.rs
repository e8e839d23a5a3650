//! Races: two of which each does the right thing, and together they do not.

use super::play::{Found, Play};
use crate::error::Result;

/// A slow reader fills the cache with what it read before an invalidation.
pub(super) async fn stale_fill(play: &mut Play) -> Result<Found> {
    play.evict().await?;
    let (mut reader, mut writer) = (play.enter("slow reader"), play.enter("writer"));
    play.reads(&mut reader);
    reader.until_after("find", &mut play.moments).await?;
    play.moves(&mut writer, 0)?;
    writer.finish(&mut play.moments).await?;
    reader.finish(&mut play.moments).await?;
    let must = play.truth().await?;
    play.judge(must, &["set", "settle"]).await
}

/// Two writers commit in one order and set the cache in the other.
pub(super) async fn write_inversion(play: &mut Play) -> Result<Found> {
    play.cache_it().await?;
    let (mut first, mut second) = (play.enter("writer A"), play.enter("writer B"));
    play.moves(&mut first, 0)?;
    first.until_after("commit", &mut play.moments).await?;
    play.moves(&mut second, 1)?;
    second.finish(&mut play.moments).await?;
    first.finish(&mut play.moments).await?;
    let must = play.truth().await?;
    play.judge(must, &["set", "settle"]).await
}

/// A cache write that timed out at its sender lands after a later one.
pub(super) async fn late_write(play: &mut Play) -> Result<Found> {
    play.cache_it().await?;
    let (mut first, mut second) = (play.enter("writer A"), play.enter("writer B"));
    let write = if play.is_naive() { "set" } else { "settle" };
    play.moves(&mut first, 0)?;
    first.until_before(write, &mut play.moments).await?;
    first.send_late(&mut play.moments).await?;
    first.finish(&mut play.moments).await?;
    play.moves(&mut second, 1)?;
    second.finish(&mut play.moments).await?;
    first.land(&mut play.moments).await?;
    let landed = play.moments.len();
    let must = play.truth().await?;
    let found = play.judge(must, &[]).await?;
    if found.went_wrong {
        play.moments.blame_number(landed - 1);
    }
    Ok(found)
}

//! Deaths: a writer or a worker is killed between two steps that belong together.

use super::play::{Found, Play, at};
use super::stage::Actor;
use crate::demo::Witness;
use crate::error::Result;
use crate::flight::Position;
use crate::lab::Lab;

/// A writer dies between COMMIT and the cache.
pub(super) async fn lost_invalidation(play: &mut Play) -> Result<Found> {
    play.cache_it().await?;
    let mut writer = play.enter("writer");
    play.moves(&mut writer, 0)?;
    writer.until_after("commit", &mut play.moments).await?;
    writer.die(&mut play.moments).await;
    let died = play.moments.len();
    let must = play.truth().await?;
    let found = play.judge(must, &[]).await?;
    if found.went_wrong {
        play.moments.blame_number(died - 1);
    }
    Ok(found)
}

/// A worker dies between taking an update and applying it.
pub(super) async fn lost_update(play: &mut Play) -> Result<Found> {
    play.evict().await?;
    let (mut writer, mut first) = (play.enter("writer"), play.enter("worker"));
    play.moves(&mut writer, 0)?;
    writer.finish(&mut play.moments).await?;
    works(play, &mut first, Order::ForgetFirst);
    first.until_before("apply", &mut play.moments).await?;
    first.die(&mut play.moments).await;
    let mut second = play.enter("next worker");
    works(play, &mut second, Order::ForgetFirst);
    second.finish(&mut play.moments).await?;
    let (truth, must) = (play.truth().await?, play.moved(0)?.departure);
    if truth == must {
        return Ok(Found::new(false, format!("the database has {}, as was acknowledged", at(truth))));
    }
    play.moments.blame(&["forget"]);
    let finding = format!("lost: {} was acknowledged, nothing waits, and the database has {}", at(must), at(truth));
    Ok(Found::new(true, finding))
}

/// A worker dies between applying an update and acknowledging it to the queue.
pub(super) async fn double_apply(play: &mut Play) -> Result<Found> {
    play.evict().await?;
    let (mut writer, mut first) = (play.enter("writer"), play.enter("worker"));
    let comment = play.moves(&mut writer, 0)?;
    writer.finish(&mut play.moments).await?;
    works(play, &mut first, Order::ApplyFirst);
    first.until_before("forget", &mut play.moments).await?;
    first.die(&mut play.moments).await;
    let mut second = play.enter("next worker");
    works(play, &mut second, Order::ApplyFirst);
    second.finish(&mut play.moments).await?;
    let log = play.lab.log(play.flight.flight_id, 100).await.value?;
    let times = log.iter().filter(|entry| entry.comment.as_deref() == Some(comment.as_str())).count() as u64;
    if times > 1 {
        play.moments.blame(&["apply"]);
    }
    let finding = match times {
        1 => "flight_log has the update once".to_owned(),
        times => format!("flight_log has the one update {times} times"),
    };
    Ok(Found::new(times != 1, finding).counting("rows of flight_log for one update", times))
}

/// In which order a textbook worker does its two steps.
#[derive(Clone, Copy)]
enum Order {
    /// Off the queue, then into the database: at most once.
    ForgetFirst,
    /// Into the database, then off the queue: at least once.
    ApplyFirst,
}

/// The worker begins to apply what is queued: as the textbook does, or as ours does.
fn works(play: &Play, worker: &mut Actor, order: Order) {
    let is_naive = play.is_naive();
    worker.begin(move |lab| async move {
        let worked =
            if is_naive { by_the_book(&lab, order).await } else { lab.drain(&Witness::new(false), &|| false).await };
        match worked {
            Ok(()) => "has nothing left to do".to_owned(),
            Err(error) => format!("fails: {error}"),
        }
    });
}

/// A worker as most code has it: no offset in the database, so one of the two steps comes first, and a death comes between.
async fn by_the_book(lab: &Lab, order: Order) -> Result<()> {
    let Some(sequence) = lab.queue().sequence(0).await? else { return Ok(()) };
    let batch = lab.queue().after(&sequence, Position::START, 10).await?;
    let Some(last) = batch.last() else { return Ok(()) };
    match order {
        Order::ForgetFirst => {
            lab.queue().forget(&sequence, &batch, last.position).await?;
            lab.database().apply(&sequence.name, &batch, false).await?;
        }
        Order::ApplyFirst => {
            lab.database().apply(&sequence.name, &batch, false).await?;
            lab.queue().forget(&sequence, &batch, last.position).await?;
        }
    }
    Ok(())
}

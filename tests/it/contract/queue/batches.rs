//! What the worker needs of a queue: to read in order, and to forget exactly what the database has.

use cachedemo::error::Error;
use cachedemo::flight::{Position, Queued};
use cachedemo::queue::Sequence;

use super::stage::{Stage, TTL, flight, id, update};

/// One update each of flights 1 to `count`, and the sequence in which they stand.
async fn filled(stage: &Stage, count: i64) -> (Sequence, Vec<Queued>) {
    for number in 1..=count {
        stage.queue.enqueue(&update(number, 1), TTL).await.unwrap();
    }
    (stage.sequence().await, stage.all().await)
}

pub(super) async fn pages(stage: Stage) {
    let (sequence, all) = filled(&stage, 5).await;
    let ids: Vec<_> = all.iter().map(|queued| queued.update.flight_id()).collect();
    assert_eq!(ids, [1, 2, 3, 4, 5].map(id));
    let first = stage.queue.after(&sequence, Position::START, 2).await.unwrap();
    let second = stage.queue.after(&sequence, first[1].position, 2).await.unwrap();
    let third = stage.queue.after(&sequence, second[1].position, 2).await.unwrap();
    assert_eq!((first.len(), second.len(), third.len()), (2, 2, 1));
    assert_eq!([first, second, third].concat(), all);
    assert_eq!(stage.queue.after(&sequence, all[4].position, 2).await.unwrap(), []);
}

pub(super) async fn forgetting(stage: Stage) {
    let (sequence, _) = filled(&stage, 2).await;
    for number in [1, 2] {
        stage.queue.enqueue(&update(number, 2), TTL).await.unwrap();
    }
    let batch = stage.all().await;
    // After the batch was read: flight 1 changes once more, and flight 3 for the first time.
    stage.queue.enqueue(&update(1, 3), TTL).await.unwrap();
    stage.queue.enqueue(&update(3, 1), TTL).await.unwrap();
    stage.queue.forget(&sequence, &batch, batch[3].position).await.unwrap();
    assert_eq!(stage.queue.pending(id(1)).await.unwrap(), Some(flight(1, 3)));
    assert_eq!(stage.queue.pending(id(2)).await.unwrap(), None);
    assert_eq!(stage.queue.pending(id(3)).await.unwrap(), Some(flight(3, 1)));
    assert_eq!(stage.updates().await, [update(1, 3), update(3, 1)]);
    assert_eq!(stage.queue.backlog(0).await.unwrap().flights, 2);
}

/// A worker was stopped after its batch was applied; another forgot the batch; then the first goes on.
pub(super) async fn forgetting_twice(stage: Stage) {
    let (sequence, batch) = filled(&stage, 2).await;
    stage.queue.forget(&sequence, &batch, batch[1].position).await.unwrap();
    stage.queue.enqueue(&update(1, 2), TTL).await.unwrap();
    stage.queue.forget(&sequence, &batch, batch[1].position).await.unwrap();
    assert_eq!(stage.queue.pending(id(1)).await.unwrap(), Some(flight(1, 2)));
    assert_eq!(stage.all().await.len(), 1);
}

/// Two workers met the queue before and after it was made anew. The first must not apply the new updates under the old
/// name, or the second applies them again, and must not trim them.
pub(super) async fn another_sequence(stage: Stage) {
    let (old, batch) = filled(&stage, 3).await;
    stage.wipe().await;
    let (new, _) = filled(&stage, 1).await;
    assert_eq!(stage.queue.after(&old, Position::START, 10).await.unwrap(), []);
    let far = Position { major: u64::MAX >> 1, minor: 0 };
    stage.queue.forget(&old, &batch, far).await.unwrap();
    assert_eq!(stage.queue.after(&new, Position::START, 10).await.unwrap().len(), 1);
    assert_eq!(stage.queue.pending(id(1)).await.unwrap(), Some(flight(1, 1)));
}

pub(super) async fn unreadable(stage: Stage) {
    let (sequence, good) = filled(&stage, 2).await;
    stage.enqueue_nonsense().await;
    stage.queue.enqueue(&update(9, 1), TTL).await.unwrap();
    assert_eq!(stage.queue.after(&sequence, Position::START, 10).await.unwrap(), good);
    let refused = stage.queue.after(&sequence, good[1].position, 10).await.unwrap_err();
    let Error::Poisoned { position, reason } = &refused else { panic!("{refused:?}") };
    assert!(reason.contains("not an update"), "{reason}");
    // What it says is what the worker needs to go on behind it.
    let next = stage.queue.after(&sequence, *position, 10).await.unwrap();
    assert_eq!(next.iter().map(|queued| &queued.update).collect::<Vec<_>>(), [&update(9, 1)]);
}

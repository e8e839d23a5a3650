//! A queue that holds as much as it may: it refuses, and nothing is dropped.

use cachedemo::cache::Entry;
use cachedemo::error::Error;
use cachedemo::queue::{Sentence, Settings};

use super::stage::{Stage, TTL, flight, id, update};

/// A queue for two updates, and both are there.
async fn filled(stage: Stage) -> Stage {
    let settings = Settings { max_length: 2, ..stage.settings };
    let stage = stage.with(settings);
    for number in [1, 2] {
        stage.queue.enqueue(&update(number, 1), TTL).await.unwrap();
    }
    stage
}

async fn is_refused(stage: &Stage, number: i64) {
    let refused = stage.queue.enqueue(&update(number, 2), TTL).await.unwrap_err();
    assert!(matches!(refused, Error::QueueFull { limit: 2, .. }), "{refused:?}");
}

pub(super) async fn changes_nothing(stage: Stage) {
    let stage = filled(stage).await;
    for (number, hour) in [(1, 1), (3, 0)] {
        stage.put(flight(number, hour)).await;
    }
    for number in [1, 3] {
        is_refused(&stage, number).await;
    }
    assert_eq!(stage.updates().await, [update(1, 1), update(2, 1)]);
    assert_eq!(stage.queue.pending(id(1)).await.unwrap(), Some(flight(1, 1)));
    assert_eq!(stage.queue.pending(id(3)).await.unwrap(), None);
    assert_eq!(stage.cache.get(id(1)).await.unwrap(), Entry::Value(flight(1, 1)));
    assert_eq!(stage.cache.get(id(3)).await.unwrap(), Entry::Value(flight(3, 0)));
}

pub(super) async fn room_after_a_trim(stage: Stage) {
    let stage = filled(stage).await;
    is_refused(&stage, 3).await;
    let batch = stage.all().await;
    stage.queue.forget(&stage.sequence().await, &batch[..1], batch[0].position).await.unwrap();
    // The very update that was refused: it was not taken over, so it is not known.
    assert!(!stage.queue.enqueue(&update(3, 2), TTL).await.unwrap().is_known);
    is_refused(&stage, 4).await;
    assert_eq!(stage.updates().await, [update(2, 1), update(3, 2)]);
}

pub(super) async fn room_after_a_burial(stage: Stage) {
    let stage = filled(stage).await;
    let first = stage.all().await[0].position;
    let sentence = Sentence { reason: "no".into(), attempts: 1 };
    stage.queue.bury(&stage.sequence().await, first, &sentence).await.unwrap();
    stage.queue.enqueue(&update(3, 2), TTL).await.unwrap();
    is_refused(&stage, 4).await;
}

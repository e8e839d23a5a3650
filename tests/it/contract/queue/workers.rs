//! Workers: who is there, and how they wait for work.

use std::time::Duration;

use super::stage::{SOON, Stage, TTL, eventually, update};

pub(super) async fn names(stage: Stage) {
    stage.queue.enqueue(&update(1, 1), TTL).await.unwrap();
    assert_eq!(stage.queue.attend("b", TTL).await.unwrap(), ["b"]);
    let other = stage.connect();
    assert_eq!(other.attend("c", TTL).await.unwrap(), ["b", "c"]);
    assert_eq!(stage.queue.attend("a", TTL).await.unwrap(), ["a", "b", "c"]);
    assert_eq!(other.attend("c", TTL).await.unwrap(), ["a", "b", "c"]);
    stage.queue.leave("b").await.unwrap();
    stage.queue.leave("nobody").await.unwrap();
    assert_eq!(other.attend("c", TTL).await.unwrap(), ["a", "c"]);
}

pub(super) async fn expiry(stage: Stage) {
    stage.queue.enqueue(&update(1, 1), TTL).await.unwrap();
    stage.queue.attend("renewed", SOON).await.unwrap();
    stage.queue.attend("renewed", TTL).await.unwrap();
    stage.connect().attend("killed", SOON).await.unwrap();
    let left = eventually(|| async {
        let workers = stage.queue.attend("alive", TTL).await.unwrap();
        (!workers.contains(&"killed".to_owned())).then_some(workers)
    });
    assert_eq!(left, ["alive", "renewed"]);
}

/// It would wait far longer than a test may take.
pub(super) async fn something_waits(stage: Stage) {
    stage.queue.enqueue(&update(1, 1), TTL).await.unwrap();
    stage.queue.arrival(0, TTL).await.unwrap();
    // It looked, and took nothing.
    assert_eq!(stage.updates().await, [update(1, 1)]);
}

/// Before there is a queue, and where it was emptied.
pub(super) async fn something_comes(stage: Stage) {
    let writer = stage.connect();
    for hour in 1..=2 {
        let update = update(1, hour);
        // The first of the two is begun first.
        let (arrival, place) = tokio::join!(stage.queue.arrival(0, TTL), writer.enqueue(&update, TTL));
        arrival.unwrap();
        place.unwrap();
        stage.forget_all().await;
    }
}

pub(super) async fn something_comes_to_a_partition(stage: Stage) {
    let stage = stage.divided(3);
    let writer = stage.connect();
    writer.enqueue(&update(1, 1), TTL).await.unwrap();
    let update = update(2, 1);
    let (arrival, place) = tokio::join!(stage.queue.arrival(2, TTL), writer.enqueue(&update, TTL));
    arrival.unwrap();
    assert_eq!(place.unwrap().partition, 2);
}

pub(super) async fn nothing_comes(stage: Stage) {
    for limit in [Duration::ZERO, SOON] {
        stage.queue.arrival(0, limit).await.unwrap();
    }
    stage.queue.enqueue(&update(1, 1), TTL).await.unwrap();
    stage.forget_all().await;
    for limit in [Duration::ZERO, SOON] {
        stage.queue.arrival(0, limit).await.unwrap();
    }
}

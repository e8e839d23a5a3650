//! An update that is sent again, because its writer did not hear the answer: it is taken over once.

use std::sync::Arc;
use std::time::Duration;

use cachedemo::cache::Entry;
use cachedemo::flight::Update;
use cachedemo::queue::{Place, Settings};

use super::stage::{SOON, Stage, TTL, eventually, flight, id, update};

fn known(place: Place) -> Place {
    Place { is_known: true, ..place }
}

pub(super) async fn at_once(stage: Stage) {
    let first = stage.queue.enqueue(&update(1, 1), TTL).await.unwrap();
    assert!(!first.is_known);
    stage.queue.enqueue(&update(2, 1), TTL).await.unwrap();
    assert_eq!(stage.queue.enqueue(&update(1, 1), TTL).await.unwrap(), known(first));
    // The first attempt, which was long under way.
    assert_eq!(stage.connect().enqueue(&update(1, 1), TTL).await.unwrap(), known(first));
    assert_eq!(stage.updates().await, [update(1, 1), update(2, 1)]);
    assert_eq!(stage.queue.pending(id(1)).await.unwrap(), Some(flight(1, 1)));
}

/// Whoever heard no answer may ask when the worker was there already: it must not be applied twice.
pub(super) async fn once_applied(stage: Stage) {
    let first = stage.queue.enqueue(&update(1, 1), TTL).await.unwrap();
    stage.forget_all().await;
    assert_eq!(stage.queue.enqueue(&update(1, 1), TTL).await.unwrap(), known(first));
    assert_eq!(stage.connect().enqueue(&update(1, 1), TTL).await.unwrap(), known(first));
    assert_eq!(stage.all().await, []);
    assert_eq!(stage.queue.pending(id(1)).await.unwrap(), None);
}

/// Another update of the flight came in between. No reader may see the flight go back.
pub(super) async fn after_a_later_one(stage: Stage) {
    let first = stage.queue.enqueue(&update(1, 1), TTL).await.unwrap();
    stage.queue.enqueue(&update(1, 2), TTL).await.unwrap();
    for queue in [Arc::clone(&stage.queue), stage.connect()] {
        assert_eq!(queue.enqueue(&update(1, 1), TTL).await.unwrap(), known(first));
        assert_eq!(queue.pending(id(1)).await.unwrap(), Some(flight(1, 2)));
        let seen = stage.cache.get(id(1)).await.unwrap();
        assert_eq!(seen, if stage.is_journal() { Entry::Absent } else { Entry::Value(flight(1, 2)) });
    }
    assert_eq!(stage.updates().await, [update(1, 1), update(1, 2)]);
}

/// What makes it the same update is its id, and nothing else.
pub(super) async fn under_another_id(stage: Stage) {
    let twin = Update { id: "another".into(), ..update(1, 1) };
    stage.queue.enqueue(&update(1, 1), TTL).await.unwrap();
    assert!(!stage.queue.enqueue(&twin, TTL).await.unwrap().is_known);
    assert_eq!(stage.updates().await, [update(1, 1), twin]);
}

/// A writer sends it on one connection after the other, and all arrive at once.
pub(super) async fn by_many_at_once(stage: Stage) {
    stage.queue.enqueue(&update(2, 1), TTL).await.unwrap();
    let start = Arc::new(tokio::sync::Barrier::new(8));
    let senders = (0..8).map(|_| {
        let (queue, start) = (stage.connect(), Arc::clone(&start));
        tokio::spawn(async move {
            start.wait().await;
            queue.enqueue(&update(1, 1), TTL).await
        })
    });
    let mut places = Vec::new();
    for sender in senders.collect::<Vec<_>>() {
        places.push(sender.await.unwrap().unwrap());
    }
    assert_eq!(places.iter().filter(|place| !place.is_known).count(), 1);
    assert!(places.iter().all(|place| known(*place) == known(places[0])), "{places:?}");
    assert_eq!(stage.updates().await, [update(2, 1), update(1, 1)]);
}

/// There is no room, but it needs none.
pub(super) async fn to_a_full_queue(stage: Stage) {
    let settings = Settings { max_length: 1, ..stage.settings };
    let stage = stage.with(settings);
    let first = stage.queue.enqueue(&update(1, 1), TTL).await.unwrap();
    assert_eq!(stage.queue.enqueue(&update(1, 1), TTL).await.unwrap(), known(first));
    assert_eq!(stage.updates().await, [update(1, 1)]);
}

/// What was dropped is not to be applied by itself, but whoever sends it again means it.
pub(super) async fn after_a_clear(stage: Stage) {
    stage.queue.enqueue(&update(1, 1), TTL).await.unwrap();
    stage.queue.clear().await.unwrap();
    assert!(!stage.queue.enqueue(&update(1, 1), TTL).await.unwrap().is_known);
    assert_eq!(stage.updates().await, [update(1, 1)]);
}

pub(super) async fn when_it_is_forgotten(stage: Stage) {
    let settings = Settings { memory: SOON, ..stage.settings };
    let stage = stage.with(settings);
    let first = stage.queue.enqueue(&update(1, 1), TTL).await.unwrap();
    stage.forget_all().await;
    let second = eventually(|| async {
        let place = stage.queue.enqueue(&update(1, 1), TTL).await.unwrap();
        (!place.is_known).then_some(place)
    });
    assert!(second.position > first.position);
    assert_eq!(stage.updates().await, [update(1, 1)]);
}

pub(super) async fn without_a_memory(stage: Stage) {
    let settings = Settings { memory: Duration::ZERO, ..stage.settings };
    let stage = stage.with(settings);
    for _ in 0..2 {
        assert!(!stage.queue.enqueue(&update(1, 1), TTL).await.unwrap().is_known);
    }
    assert_eq!(stage.updates().await, [update(1, 1), update(1, 1)]);
}

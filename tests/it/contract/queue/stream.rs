//! What only the stream can meet: keys on a server that its owner changes by hand.

use cachedemo::cache::{CacheKind, Entry};
use cachedemo::error::Error;
use cachedemo::flight::Position;
use cachedemo::queue::Sentence;

use super::stage::{Stage, TTL, flight, id, update};

macro_rules! on_both {
    ($($body:ident),+ $(,)?) => {
        mod redis { $( #[tokio::test] async fn $body() { super::play(super::CacheKind::Redis, super::$body).await } )+ }
        mod valkey { $( #[tokio::test] async fn $body() { super::play(super::CacheKind::Valkey, super::$body).await } )+ }
    };
}

on_both! {
    a_stream_made_by_hand_gets_one_incarnation,
    a_group_of_somebody_else_is_not_the_incarnation,
    an_entry_of_another_type_is_replaced,
    an_update_that_is_refused_halfway_leaves_nothing,
    what_a_lost_stream_left_pending_is_dropped,
    the_keys_are_readable_by_hand,
    with_several_partitions_the_keys_end_in_the_number,
    an_unreadable_pending_update_is_an_error,
    a_large_batch_is_forgotten_whole,
}

async fn play<Playing: Future<Output = ()>>(kind: CacheKind, body: impl FnOnce(Stage) -> Playing) {
    let Some(stage) = Stage::start(kind) else { return };
    body(stage).await;
}

async fn a_stream_made_by_hand_gets_one_incarnation(stage: Stage) {
    stage.enqueue_nonsense().await;
    let sequence = stage.sequence().await;
    assert!(sequence.name.starts_with("incarnation-"), "{sequence:?}");
    assert_eq!(stage.connect().sequence(0).await.unwrap(), Some(sequence));
}

async fn a_group_of_somebody_else_is_not_the_incarnation(stage: Stage) {
    stage.queue.enqueue(&update(1, 1), TTL).await.unwrap();
    let sequence = stage.sequence().await;
    // Groups are listed in the order of their names: this one comes first.
    stage.by_hand::<()>(&["XGROUP", "CREATE", "flight:updates", "analytics", "$"]).await;
    assert_eq!(stage.sequence().await, sequence);
    assert_eq!(stage.all().await.len(), 1);
}

async fn an_entry_of_another_type_is_replaced(stage: Stage) {
    let _: u64 = stage.by_hand(&["RPUSH", "flight:1", "not a flight"]).await;
    stage.queue.enqueue(&update(1, 1), TTL).await.unwrap();
    assert_eq!(stage.cache.get(id(1)).await.unwrap(), Entry::Value(flight(1, 1)));
}

async fn an_update_that_is_refused_halfway_leaves_nothing(stage: Stage) {
    stage.queue.enqueue(&update(1, 1), TTL).await.unwrap();
    // The hash is something else now: the server refuses the last command of the script.
    stage.by_hand::<()>(&["SET", "flight:pending", "not a hash"]).await;
    let refused = stage.queue.enqueue(&update(2, 1), TTL).await.unwrap_err();
    assert!(matches!(refused, Error::Rejected { .. }), "{refused:?}");
    assert_eq!(stage.all().await.len(), 1, "the refused update stayed in the queue");
    assert_eq!(stage.cache.get(id(2)).await.unwrap(), Entry::Absent, "the refused update is visible");
}

/// The stream was deleted or evicted, the hash was not: what it holds will never reach the database.
async fn what_a_lost_stream_left_pending_is_dropped(stage: Stage) {
    stage.queue.enqueue(&update(1, 1), TTL).await.unwrap();
    let _: u64 = stage.by_hand(&["DEL", "flight:updates"]).await;
    stage.queue.enqueue(&update(2, 1), TTL).await.unwrap();
    assert_eq!(stage.queue.pending(id(1)).await.unwrap(), None);
    assert_eq!(stage.cache.get(id(1)).await.unwrap(), Entry::Absent);
    assert_eq!(stage.queue.pending(id(2)).await.unwrap(), Some(flight(2, 1)));
}

async fn the_keys_are_readable_by_hand(stage: Stage) {
    let position = stage.queue.enqueue(&update(1, 1), TTL).await.unwrap().position;
    let pending: String = stage.by_hand(&["HGET", "flight:pending", "1"]).await;
    assert_eq!(pending, position.to_string());
    let entry: String = stage.by_hand(&["GET", "flight:1"]).await;
    let queued: Vec<(String, Vec<String>)> = stage.by_hand(&["XRANGE", "flight:updates", "-", "+"]).await;
    let (at, fields) = &queued[0];
    assert_eq!((at, fields[2].as_str(), &fields[3]), (&pending, "flight", &entry));
    assert_eq!(fields[0], "update");
    assert!(fields[1].contains("\"user\":\"o'neill\""), "{}", fields[1]);
    let ttl: i64 = stage.by_hand(&["PTTL", "flight:1"]).await;
    assert!(ttl > 0 && u128::from(ttl.unsigned_abs()) <= TTL.as_millis(), "{ttl}");
    let mut keys: Vec<String> = stage.by_hand(&["KEYS", "*"]).await;
    keys.sort();
    assert_eq!(keys, ["flight:1", "flight:partitions", "flight:pending", "flight:taken:1-1", "flight:updates"]);
    let (taken, partitions): (String, String) =
        (stage.by_hand(&["GET", "flight:taken:1-1"]).await, stage.by_hand(&["GET", "flight:partitions"]).await);
    assert_eq!((taken, partitions.as_str()), (pending, "1"));
    let ttl: i64 = stage.by_hand(&["PTTL", "flight:taken:1-1"]).await;
    assert!(ttl > 0 && u128::from(ttl.unsigned_abs()) <= stage.settings.memory.as_millis(), "{ttl}");
}

async fn with_several_partitions_the_keys_end_in_the_number(stage: Stage) {
    let stage = stage.divided(3);
    stage.queue.enqueue(&update(5, 1), TTL).await.unwrap();
    let position = stage.queue.enqueue(&update(8, 1), TTL).await.unwrap().position;
    let sequence = stage.queue.sequence(2).await.unwrap().unwrap();
    let first = stage.queue.after(&sequence, Position::START, 1).await.unwrap()[0].position;
    let sentence = Sentence { reason: "no such flight".into(), attempts: 1 };
    stage.queue.bury(&sequence, first, &sentence).await.unwrap();
    stage.queue.attend("worker", TTL).await.unwrap();
    let mut keys: Vec<String> = stage.by_hand(&["KEYS", "flight:[pduw]*"]).await;
    keys.sort();
    let all = ["flight:dead:2/3", "flight:partitions", "flight:pending:2/3", "flight:updates:2/3", "flight:workers"];
    assert_eq!(keys, all);
    let pending: Vec<String> = stage.by_hand(&["HGETALL", "flight:pending:2/3"]).await;
    assert_eq!(pending, ["8".to_owned(), position.to_string()]);
}

/// What is pending cannot be read: that is not the same as nothing pending, or the reader would show the database's older
/// state. What is not in the queue any more will never be applied: that is nothing pending.
async fn an_unreadable_pending_update_is_an_error(stage: Stage) {
    stage.enqueue_nonsense().await;
    let queued: Vec<(String, Vec<String>)> = stage.by_hand(&["XRANGE", "flight:updates", "-", "+"]).await;
    let position = &queued[0].0;
    stage.by_hand::<()>(&["HSET", "flight:pending", "1", position]).await;
    let refused = stage.queue.pending(id(1)).await.unwrap_err();
    assert!(matches!(&refused, Error::Poisoned { position: at, .. } if at.to_string() == *position), "{refused:?}");
    stage.by_hand::<()>(&["XDEL", "flight:updates", position]).await;
    assert_eq!(stage.queue.pending(id(1)).await.unwrap(), None);
}

/// More flights than a Lua call takes arguments, several times over.
async fn a_large_batch_is_forgotten_whole(stage: Stage) {
    const FLIGHTS: i64 = 9001;
    // Some hundreds at once: quick, and none waits long for its answer.
    for first in (1..=FLIGHTS).step_by(300) {
        let updates: Vec<_> = (first..=FLIGHTS.min(first + 299)).map(|number| update(number, 1)).collect();
        let writes = updates.iter().map(|update| stage.queue.enqueue(update, TTL));
        futures_util::future::try_join_all(writes).await.unwrap();
    }
    let batch = stage.all().await;
    stage.forget_all().await;
    let backlog = stage.queue.backlog(0).await.unwrap();
    assert_eq!((batch.len(), backlog.length, backlog.flights), (9001, 0, 0));
}

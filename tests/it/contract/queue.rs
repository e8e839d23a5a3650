//! What every queue must do: one test for each sentence of `trait Queue`, stamped for every queue that there is.
//!
//! The stream on Redis and on Valkey, and the journal beside each cache that needs one.

mod batches;
mod journal;
mod outages;
mod stage;
mod stream;

use std::sync::Arc;

use cachedemo::cache;
use cachedemo::cache::{CacheKind, Entry, Lease, LeaseKind, Over, Settle, Settled};
use cachedemo::clock::{self, Chance};
use cachedemo::error::Error;
use cachedemo::flight::Position;
use cachedemo::queue::NO_INCARNATION;

use self::stage::{Stage, TTL, flight, id, update};

/// Stamps tests for every queue: each runs one body on a stage of its own.
macro_rules! stamp {
    ($($body:path as $name:ident),+ $(,)?) => {
        stamp!(@queue redis Redis; $($body as $name),+);
        stamp!(@queue valkey Valkey; $($body as $name),+);
        stamp!(@queue journal_beside_memory Memory; $($body as $name),+);
        stamp!(@queue journal_beside_memcached Memcached; $($body as $name),+);
    };
    (@queue $queue:ident $kind:ident; $($body:path as $name:ident),+) => {
        mod $queue {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    let Some(stage) = Stage::start(CacheKind::$kind) else { return };
                    $body(stage).await;
                }
            )+
        }
    };
}

stamp! {
    an_update_is_last_pending_and_visible as an_enqueued_update_is_last_pending_and_visible,
    the_latest_is_pending as of_several_updates_the_latest_is_pending,
    a_fill_is_voided as a_fill_lease_does_not_survive_an_enqueue,
    a_restart_keeps_the_incarnation as the_incarnation_survives_a_full_trim_and_a_new_connection,
    a_wipe_changes_the_incarnation as the_incarnation_changes_when_the_queue_is_wiped,
    writers_at_once as writers_at_once_lose_nothing,
    the_backlog as the_backlog_counts_updates_and_flights,
    a_clear as a_clear_drops_updates_pending_flights_and_entries,
    nothing_there as a_queue_that_does_not_exist_is_empty,
    batches::pages as updates_are_read_in_pages_and_in_order,
    batches::forgetting as forgetting_leaves_what_is_newer_pending,
    batches::forgetting_twice as forgetting_twice_does_no_harm,
    batches::another_incarnation as another_incarnation_is_neither_read_nor_forgotten,
    batches::unreadable as an_unreadable_entry_stops_only_what_follows,
    outages::cache_down as an_outage_is_told_as_what_it_did,
    outages::cache_stopped as a_server_that_is_stopped_leaves_the_outcome_unknown,
    outages::restart as the_queue_survives_a_restart,
}

async fn an_update_is_last_pending_and_visible(stage: Stage) {
    let queue = &stage.queue;
    stage.put(flight(1, 0)).await;
    let before = queue.enqueue(&update(2, 1), TTL).await.unwrap();
    let position = queue.enqueue(&update(1, 1), TTL).await.unwrap();
    assert!(position > before && before > Position::START);
    assert_eq!(queue.pending(id(1)).await.unwrap(), Some(flight(1, 1)));
    let queued = stage.all().await;
    assert_eq!(queued.last().map(|queued| (queued.position, &queued.update)), Some((position, &update(1, 1))));
    let seen = stage.cache.get(id(1)).await.unwrap();
    assert_eq!(seen, if stage.is_journal() { Entry::Absent } else { Entry::Value(flight(1, 1)) });
}

async fn the_latest_is_pending(stage: Stage) {
    for hour in 1..=3 {
        stage.queue.enqueue(&update(1, hour), TTL).await.unwrap();
    }
    stage.queue.enqueue(&update(2, 9), TTL).await.unwrap();
    assert_eq!(stage.queue.pending(id(1)).await.unwrap(), Some(flight(1, 3)));
    assert_eq!(stage.queue.pending(id(3)).await.unwrap(), None);
}

/// A reader leased the key, found nothing pending, and read the database; then an update was acknowledged. What the reader
/// brings is older than the update, and must not get into the key.
async fn a_fill_is_voided(stage: Stage) {
    let lease = Lease::new(LeaseKind::Fill, &Chance::seeded(1));
    assert!(stage.cache.lease(id(1), &lease, Over::Nothing, TTL).await.unwrap());
    stage.queue.enqueue(&update(1, 1), TTL).await.unwrap();
    let settle = Settle::Put(cache::Content::Value(flight(1, 0)), TTL);
    let settled = stage.cache.settle(id(1), &lease, &settle).await.unwrap();
    assert!(matches!(settled, Settled::Left | Settled::Vacant), "{settled:?}");
    assert_ne!(stage.cache.get(id(1)).await.unwrap(), Entry::Value(flight(1, 0)));
}

async fn a_restart_keeps_the_incarnation(stage: Stage) {
    let first = stage.queue.enqueue(&update(1, 1), TTL).await.unwrap();
    let name = stage.queue.incarnation().await.unwrap();
    assert_ne!(name, NO_INCARNATION);
    stage.queue.forget(&name, &stage.all().await, first).await.unwrap();
    assert_eq!(stage.all().await, []);
    let reopened = stage.connect();
    assert_eq!(reopened.incarnation().await.unwrap(), name);
    let second = reopened.enqueue(&update(1, 2), TTL).await.unwrap();
    assert!(second > first, "{second} was given after {first}");
    assert_eq!(stage.queue.incarnation().await.unwrap(), name);
}

async fn a_wipe_changes_the_incarnation(stage: Stage) {
    stage.queue.enqueue(&update(1, 1), TTL).await.unwrap();
    let name = stage.queue.incarnation().await.unwrap();
    stage.wipe().await;
    assert_eq!(stage.queue.incarnation().await.unwrap(), NO_INCARNATION);
    stage.queue.enqueue(&update(1, 2), TTL).await.unwrap();
    let next = stage.queue.incarnation().await.unwrap();
    assert!(next != name && next != NO_INCARNATION);
    // Whoever opens the queue anew sees what was queued after the wipe.
    assert_eq!(stage.connect().incarnation().await.unwrap(), next);
    assert_eq!(stage.connect().pending(id(1)).await.unwrap(), Some(flight(1, 2)));
}

/// All begin at once, before there is a queue: they also race to make it.
async fn writers_at_once(stage: Stage) {
    const EACH: i64 = 40;
    let start = Arc::new(tokio::sync::Barrier::new(8));
    let writers = (1..=8).map(|number| {
        let (queue, start) = (stage.connect(), Arc::clone(&start));
        tokio::spawn(async move {
            start.wait().await;
            let mut positions = Vec::new();
            for hour in 1..=EACH {
                positions.push(queue.enqueue(&update(number, hour), TTL).await?);
            }
            Ok::<_, Error>((queue.incarnation().await?, positions))
        })
    });
    let mut acknowledged = Vec::new();
    for writer in writers.collect::<Vec<_>>() {
        let (name, positions) = writer.await.unwrap().unwrap();
        assert_eq!(name, stage.queue.incarnation().await.unwrap());
        assert!(positions.is_sorted());
        acknowledged.extend(positions);
    }
    acknowledged.sort_unstable();
    let queued: Vec<Position> = stage.all().await.iter().map(|queued| queued.position).collect();
    assert_eq!(queued, acknowledged);
    assert_eq!(stage.queue.pending(id(8)).await.unwrap(), Some(flight(8, EACH)));
}

async fn the_backlog(stage: Stage) {
    let before = clock::now().and_utc();
    stage.queue.enqueue(&update(1, 1), TTL).await.unwrap();
    let oldest = stage.queue.backlog().await.unwrap().oldest.unwrap();
    for (number, hour) in [(2, 1), (1, 2)] {
        stage.queue.enqueue(&update(number, hour), TTL).await.unwrap();
    }
    let backlog = stage.queue.backlog().await.unwrap();
    assert_eq!((backlog.length, backlog.flights, backlog.oldest), (3, 2, Some(oldest)));
    assert!(before <= oldest && oldest <= clock::utc(), "{before} {oldest}");
}

async fn a_clear(stage: Stage) {
    for (number, hour) in [(2, 1), (1, 1), (2, 2)] {
        stage.queue.enqueue(&update(number, hour), TTL).await.unwrap();
        // As a reader would: what is pending stands in the cache.
        stage.put(flight(number, hour)).await;
    }
    stage.put(flight(3, 0)).await;
    assert_eq!(stage.queue.clear().await.unwrap(), [id(1), id(2)]);
    assert_eq!(stage.all().await, []);
    let backlog = stage.queue.backlog().await.unwrap();
    assert_eq!((backlog.length, backlog.flights, backlog.oldest), (0, 0, None));
    for number in [1, 2] {
        assert_eq!(stage.queue.pending(id(number)).await.unwrap(), None);
        assert_eq!(stage.cache.get(id(number)).await.unwrap(), Entry::Absent);
    }
    assert_eq!(stage.cache.get(id(3)).await.unwrap(), Entry::Value(flight(3, 0)), "no other flight is touched");
    stage.queue.enqueue(&update(1, 3), TTL).await.unwrap();
    assert_eq!(stage.all().await.len(), 1);
}

async fn nothing_there(stage: Stage) {
    let queue = &stage.queue;
    assert_eq!(queue.incarnation().await.unwrap(), NO_INCARNATION);
    assert_eq!(queue.pending(id(1)).await.unwrap(), None);
    assert_eq!(queue.after(NO_INCARNATION, Position::START, 10).await.unwrap(), []);
    queue.forget(NO_INCARNATION, &[], Position { major: 5, minor: 0 }).await.unwrap();
    assert_eq!(queue.backlog().await.unwrap().length, 0);
    assert_eq!(queue.clear().await.unwrap(), []);
    assert_eq!(queue.incarnation().await.unwrap(), NO_INCARNATION, "asking made a queue");
}

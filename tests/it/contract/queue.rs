//! What every queue must do: one test for each sentence of its traits, stamped for every queue that there is.
//!
//! The stream on Redis and on Valkey, by itself and on a cluster, and the journal beside each cache that needs one.

mod again;
mod batches;
mod dead_letters;
mod full;
mod journal;
mod outages;
mod partitions;
mod stage;
mod stream;
mod workers;

use std::sync::Arc;
use std::time::Duration;

use cachedemo::cache;
use cachedemo::cache::{CacheKind, Entry, Lease, LeaseKind, Over, Settle, Settled};
use cachedemo::clock::Chance;
use cachedemo::error::Error;
use cachedemo::flight::Position;
use cachedemo::queue::Sequence;

use self::stage::{Stage, TTL, eventually, flight, id, update};

/// Stamps tests for every queue: each runs one body on a stage of its own.
macro_rules! stamp {
    ($($body:path as $name:ident),+ $(,)?) => {
        stamp!(@queue redis start(CacheKind::Redis); $($body as $name),+);
        stamp!(@queue valkey start(CacheKind::Valkey); $($body as $name),+);
        stamp!(@queue redis_cluster on_cluster(CacheKind::Redis); $($body as $name),+);
        stamp!(@queue valkey_cluster on_cluster(CacheKind::Valkey); $($body as $name),+);
        stamp!(@queue journal_beside_memory start(CacheKind::Memory); $($body as $name),+);
        stamp!(@queue journal_beside_memcached start(CacheKind::Memcached); $($body as $name),+);
        stamp!(@queue journal_beside_several_memcached on_several(); $($body as $name),+);
    };
    (@queue $queue:ident $start:ident $arguments:tt; $($body:path as $name:ident),+) => {
        mod $queue {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    let Some(stage) = Stage::$start $arguments else { return };
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
    a_restart_keeps_the_sequence as the_sequence_survives_a_full_trim_and_a_new_connection,
    a_wipe_changes_the_sequence as the_sequence_changes_when_the_queue_is_wiped,
    writers_at_once as writers_at_once_lose_nothing,
    the_backlog as the_backlog_counts_updates_and_flights,
    a_clear as a_clear_drops_updates_pending_flights_and_entries,
    nothing_there as a_queue_that_does_not_exist_is_empty,
    batches::pages as updates_are_read_in_pages_and_in_order,
    batches::forgetting as forgetting_leaves_what_is_newer_pending,
    batches::forgetting_twice as forgetting_twice_does_no_harm,
    batches::another_sequence as another_sequence_is_neither_read_nor_forgotten,
    batches::unreadable as an_unreadable_entry_stops_only_what_follows,
    outages::cache_down as an_outage_is_told_as_what_it_did,
    outages::cache_stopped as a_server_that_is_stopped_leaves_the_outcome_unknown,
    outages::restart as the_queue_survives_a_restart,
    partitions::order as each_flight_is_in_its_own_partition_and_each_partition_in_order,
    partitions::forgetting_one as forgetting_one_partition_leaves_the_others,
    partitions::backlogs as each_partition_has_its_own_backlog,
    partitions::refused_while_something_waits as another_layout_is_refused_while_something_waits,
    partitions::refused_to_an_operator as another_layout_is_not_an_empty_queue,
    partitions::refused_while_something_is_dead as another_layout_is_refused_while_something_is_dead,
    partitions::adopted_where_empty as another_layout_is_adopted_where_nothing_waits_and_the_old_one_is_told,
    partitions::adopted_by_a_worker as a_worker_adopts_another_layout_where_nothing_waits,
    full::changes_nothing as a_full_queue_refuses_and_nothing_changes,
    full::room_after_a_trim as a_full_queue_has_room_again_once_something_is_forgotten,
    full::room_after_a_burial as a_full_queue_has_room_again_once_something_is_buried,
    again::at_once as an_update_that_is_sent_again_is_queued_once,
    again::once_applied as an_update_that_is_sent_again_is_not_queued_once_it_was_applied,
    again::after_a_later_one as an_update_that_is_sent_again_hides_no_later_one,
    again::under_another_id as an_update_is_known_by_its_id,
    again::by_many_at_once as an_update_that_is_sent_many_times_at_once_is_queued_once,
    again::to_a_full_queue as an_update_that_is_sent_again_needs_no_room,
    again::after_a_clear as a_dropped_update_may_be_sent_again,
    again::when_it_is_forgotten as an_update_is_known_for_a_while,
    again::without_a_memory as without_a_memory_nothing_is_known,
    dead_letters::the_latest as a_buried_update_is_neither_queued_nor_pending_nor_visible,
    dead_letters::an_earlier_one as a_buried_update_hides_no_later_one,
    dead_letters::twice as burying_twice_does_no_harm,
    dead_letters::in_another_sequence as nothing_is_buried_in_another_sequence,
    dead_letters::what_is_gone as nothing_is_buried_that_is_gone,
    dead_letters::unreadable as an_unreadable_entry_can_be_buried,
    dead_letters::pages as dead_letters_are_listed_in_pages_and_in_order,
    dead_letters::replayed as a_replayed_update_is_last_pending_and_visible,
    dead_letters::sent_again as a_dead_update_that_is_sent_again_stays_dead,
    dead_letters::replayed_into_a_full_queue as a_full_queue_leaves_the_letter,
    dead_letters::purged as a_purged_letter_is_gone,
    dead_letters::of_another_partition as each_partition_has_its_own_dead_letters,
    dead_letters::after_a_clear as a_clear_leaves_the_dead_letters,
    dead_letters::whereabouts as an_update_is_queued_gone_or_dead,
    dead_letters::whereabouts_of_the_lost as a_lost_update_is_not_taken_for_an_applied_one,
    dead_letters::nothing_there as a_queue_that_does_not_exist_has_no_dead_letters,
    workers::names as workers_are_told_who_is_there,
    workers::expiry as a_worker_that_says_nothing_is_gone_after_a_while,
    workers::something_waits as who_waits_for_work_returns_at_once_where_there_is_some,
    workers::something_comes as who_waits_for_work_returns_when_it_comes,
    workers::something_comes_to_a_partition as who_waits_for_work_returns_when_it_comes_to_the_partition,
    workers::nothing_comes as who_waits_for_work_waits_no_longer_than_it_wants,
}

async fn an_update_is_last_pending_and_visible(stage: Stage) {
    let queue = &stage.queue;
    stage.put(flight(1, 0)).await;
    let before = queue.enqueue(&update(2, 1), TTL).await.unwrap().position;
    let place = queue.enqueue(&update(1, 1), TTL).await.unwrap();
    let position = place.position;
    assert!(position > before && before > Position::START);
    assert!(place.partition == 0 && !place.is_known);
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

async fn a_restart_keeps_the_sequence(stage: Stage) {
    let first = stage.queue.enqueue(&update(1, 1), TTL).await.unwrap().position;
    let sequence = stage.sequence().await;
    stage.queue.forget(&sequence, &stage.all().await, first).await.unwrap();
    assert_eq!(stage.all().await, []);
    let reopened = stage.connect();
    assert_eq!(reopened.sequence(0).await.unwrap(), Some(sequence.clone()));
    let second = reopened.enqueue(&update(1, 2), TTL).await.unwrap().position;
    assert!(second > first, "{second} was given after {first}");
    assert_eq!(stage.sequence().await, sequence);
}

async fn a_wipe_changes_the_sequence(stage: Stage) {
    stage.queue.enqueue(&update(1, 1), TTL).await.unwrap();
    let sequence = stage.sequence().await;
    stage.wipe().await;
    assert_eq!(stage.queue.sequence(0).await.unwrap(), None);
    stage.queue.enqueue(&update(1, 2), TTL).await.unwrap();
    let next = stage.sequence().await;
    assert_ne!(next, sequence);
    // Whoever opens the queue anew sees what was queued after the wipe.
    assert_eq!(stage.connect().sequence(0).await.unwrap(), Some(next));
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
                positions.push(queue.enqueue(&update(number, hour), TTL).await?.position);
            }
            Ok::<_, Error>((queue.sequence(0).await?, positions))
        })
    });
    let mut acknowledged = Vec::new();
    for writer in writers.collect::<Vec<_>>() {
        let (sequence, positions) = writer.await.unwrap().unwrap();
        assert_eq!(sequence, Some(stage.sequence().await));
        assert!(positions.is_sorted());
        acknowledged.extend(positions);
    }
    acknowledged.sort_unstable();
    let queued: Vec<Position> = stage.all().await.iter().map(|queued| queued.position).collect();
    assert_eq!(queued, acknowledged);
    assert_eq!(stage.queue.pending(id(8)).await.unwrap(), Some(flight(8, EACH)));
}

async fn the_backlog(stage: Stage) {
    stage.queue.enqueue(&update(1, 1), TTL).await.unwrap();
    let age = eventually(|| async {
        let age = stage.queue.backlog(0).await.unwrap().oldest.unwrap();
        (age >= Duration::from_millis(20)).then_some(age)
    });
    for (number, hour) in [(2, 1), (1, 2)] {
        stage.queue.enqueue(&update(number, hour), TTL).await.unwrap();
    }
    let backlog = stage.queue.backlog(0).await.unwrap();
    assert_eq!((backlog.length, backlog.flights, backlog.dead), (3, 2, 0));
    assert!(backlog.oldest.is_some_and(|oldest| oldest >= age), "{backlog:?}");
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
    let backlog = stage.queue.backlog(0).await.unwrap();
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
    let imagined = Sequence { partition: 0, name: "imagined".into() };
    assert_eq!(queue.sequence(0).await.unwrap(), None);
    assert_eq!(queue.pending(id(1)).await.unwrap(), None);
    assert_eq!(queue.after(&imagined, Position::START, 10).await.unwrap(), []);
    queue.forget(&imagined, &[], Position { major: 5, minor: 0 }).await.unwrap();
    let backlog = queue.backlog(0).await.unwrap();
    assert_eq!((backlog.length, backlog.flights, backlog.oldest, backlog.dead), (0, 0, None, 0));
    assert_eq!(queue.clear().await.unwrap(), []);
    assert_eq!(queue.attend("worker", TTL).await.unwrap(), ["worker"]);
    queue.leave("worker").await.unwrap();
    assert_eq!(queue.sequence(0).await.unwrap(), None, "asking made a queue");
}

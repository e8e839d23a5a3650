//! Batches of queued updates: each applied exactly once, whoever applies it and however often, or not at all.

use std::sync::Arc;

use cachedemo::database::{Applied, Database, Tracking};
use cachedemo::error::Error;
use cachedemo::flight::{Flight, Update};
use cachedemo::flight::{Position, Queued};

use super::fixture::{Fixture, chain, find, id, moved, queued};
use super::updates::{awkward, expected_bytes, logged_bytes, whole_log};

const QUEUE: &str = "incarnation-1";

fn known(place: u64) -> Option<Position> {
    Some(Position { major: place, minor: 0 })
}

fn applied(updates: u64, flights: u64, skipped: u64) -> Applied {
    Applied { updates, flights, skipped }
}

/// The database and its first flights, with the table that a tracked batch needs.
async fn tracked(fixture: &Fixture) -> (Arc<dyn Database>, Vec<Flight>) {
    let database = fixture.connect().await;
    assert_eq!(database.tracking().await.unwrap(), Tracking::Kept);
    let flights = database.find_range(id(1), id(5), 5).await.unwrap();
    (database, flights)
}

pub(super) async fn the_first_offset(fixture: Fixture) {
    let database = fixture.connect().await;
    assert!(!fixture.table_names().contains("cachedemo_offset"));
    assert_eq!(database.offset(QUEUE).await.unwrap(), None, "looking made a table or an offset");
    assert!(!fixture.table_names().contains("cachedemo_offset"));
    assert_eq!(database.tracking().await.unwrap(), Tracking::Kept);
    assert!(fixture.table_names().contains("cachedemo_offset"));
    assert_eq!(database.tracking().await.unwrap(), Tracking::Kept);
    assert_eq!(database.offset(QUEUE).await.unwrap(), None);
    assert_eq!(database.apply(QUEUE, &[], true).await.unwrap(), applied(0, 0, 0));
}

/// Several workers start at once, and none of them may believe that it has no offset.
pub(super) async fn first_offsets_at_once(fixture: Fixture) {
    let database = fixture.connect().await;
    for _ in 0..10 {
        let all = futures_util::future::join_all((0..8).map(|_| database.tracking())).await;
        for tracking in all {
            assert_eq!(tracking.unwrap(), Tracking::Kept);
        }
        fixture.sql("DROP TABLE cachedemo_offset");
    }
}

pub(super) async fn twice(fixture: Fixture) {
    let (database, flights) = tracked(&fixture).await;
    let batch = [queued(1, moved(&flights[0], 1)), queued(2, moved(&flights[1], 2))];
    assert_eq!(database.apply(QUEUE, &batch, true).await.unwrap(), applied(2, 2, 0));
    let log = whole_log(&fixture);
    assert_eq!(log.lines().count(), 2);
    assert_eq!(database.apply(QUEUE, &batch, true).await.unwrap(), applied(0, 0, 2));
    assert_eq!(fixture.connect().await.apply(QUEUE, &batch, true).await.unwrap(), applied(0, 0, 2));
    assert_eq!(whole_log(&fixture), log);
    assert_eq!(database.offset(QUEUE).await.unwrap(), known(2));
    assert_eq!(find(&database, 1).await, batch[0].update.flight);
    assert_eq!(find(&database, 2).await, batch[1].update.flight);
    assert_eq!(find(&database, 3).await, flights[2]);
}

pub(super) async fn partly_known(fixture: Fixture) {
    let (database, flights) = tracked(&fixture).await;
    let batch: Vec<Queued> = (1..=4).map(|place| queued(place, moved(&flights[0], place as i64))).collect();
    assert_eq!(database.apply(QUEUE, &batch[..2], true).await.unwrap(), applied(2, 1, 0));
    assert_eq!(database.apply(QUEUE, &batch, true).await.unwrap(), applied(2, 1, 2));
    assert_eq!(chain(&database, &flights[0]).await.0, ["moved by 1", "moved by 2", "moved by 3", "moved by 4"]);
    // Positions of a stream have two parts, and neither is compared as text.
    let place = |major, minor| Queued { position: Position { major, minor }, update: moved(&flights[1], 1) };
    assert_eq!(database.apply(QUEUE, &[place(9, 10)], true).await.unwrap(), applied(1, 1, 0));
    assert_eq!(database.apply(QUEUE, &[place(9, 9)], true).await.unwrap(), applied(0, 0, 1));
    assert_eq!(database.apply(QUEUE, &[place(10, 0)], true).await.unwrap(), applied(1, 1, 0));
    assert_eq!(database.offset(QUEUE).await.unwrap(), known(10));
    let last = Queued { position: Position { major: u64::MAX, minor: u64::MAX }, ..place(0, 0) };
    assert_eq!(database.apply(QUEUE, std::slice::from_ref(&last), true).await.unwrap(), applied(1, 1, 0));
    assert_eq!(database.offset(QUEUE).await.unwrap(), Some(last.position));
}

pub(super) async fn at_once(fixture: Fixture) {
    let (first, flights) = tracked(&fixture).await;
    let second = fixture.connect().await;
    for round in 0..10 {
        let place = |step: u64| 1 + round * 6 + step;
        let batch: Vec<Queued> =
            (0..6).map(|step| queued(place(step), moved(&flights[step as usize % 3], place(step) as i64))).collect();
        let (one, other) = tokio::join!(first.apply(QUEUE, &batch, true), second.apply(QUEUE, &batch, true));
        let mut results = [one.unwrap(), other.unwrap()];
        results.sort_by_key(|result| result.updates);
        assert_eq!(results, [applied(0, 0, 6), applied(6, 3, 0)]);
    }
    for flight in &flights[..3] {
        assert_eq!(chain(&first, flight).await.0.len(), 20);
    }
}

pub(super) async fn one_flight(fixture: Fixture) {
    let (database, flights) = tracked(&fixture).await;
    let (one, two) = (&flights[0], &flights[1]);
    let batch =
        [queued(1, moved(one, 30)), queued(2, moved(two, 5)), queued(3, moved(one, 10)), queued(4, moved(one, 20))];
    assert_eq!(database.apply(QUEUE, &batch, true).await.unwrap(), applied(4, 2, 0));
    assert_eq!(find(&database, 1).await, moved(one, 20).flight);
    assert_eq!(find(&database, 2).await, moved(two, 5).flight);
    assert_eq!(find(&database, 3).await, flights[2]);
    assert_eq!(chain(&database, one).await.0, ["moved by 30", "moved by 10", "moved by 20"]);
    let row = whole_log(&fixture).lines().find(|line| line.ends_with("moved by 10")).unwrap().to_owned();
    let expected = [
        "2025-11-19 08:07:16",
        "tester",
        "1",
        "LH400",
        "LH400",
        "1",
        "2",
        "1",
        "2",
        "2025-11-20 10:30:00",
        "2025-11-20 19:00:00",
        "2025-11-20 10:10:00",
        "2025-11-20 18:40:00",
        "1",
        "1",
        "1",
        "1",
        "moved by 10",
    ];
    assert_eq!(row, expected.join("\t"));
}

pub(super) async fn incarnations(fixture: Fixture) {
    let (database, flights) = tracked(&fixture).await;
    let batch = [queued(7, moved(&flights[0], 1))];
    assert_eq!(database.apply(QUEUE, &batch, true).await.unwrap(), applied(1, 1, 0));
    assert_eq!(database.offset("incarnation-2").await.unwrap(), None);
    let batch = [queued(1, moved(&flights[0], 2))];
    assert_eq!(database.apply("incarnation-2", &batch, true).await.unwrap(), applied(1, 1, 0));
    assert_eq!(database.offset(QUEUE).await.unwrap(), known(7));
    assert_eq!(database.offset("incarnation-2").await.unwrap(), known(1));
    // A name that a careless comparison takes for the same.
    assert_eq!(database.offset("INCARNATION-1").await.unwrap(), None);
}

pub(super) async fn untracked(fixture: Fixture) {
    let database = fixture.connect().await;
    let flight = find(&database, 1).await;
    let batch = [queued(1, moved(&flight, 1)), queued(2, moved(&flight, 2))];
    let tables = fixture.table_names();
    assert_eq!(database.apply(QUEUE, &batch, false).await.unwrap(), applied(2, 1, 0));
    assert_eq!(chain(&database, &flight).await.0, ["moved by 1", "moved by 2"]);
    // Nobody remembers: that is what at least once means.
    assert_eq!(database.apply(QUEUE, &batch, false).await.unwrap(), applied(2, 1, 0));
    assert_eq!(fixture.count("SELECT COUNT(*) FROM flight_log"), 4);
    assert_eq!(find(&database, 1).await, batch[1].update.flight);
    assert_eq!(fixture.table_names(), tables);
}

pub(super) async fn poisoned(fixture: Fixture) {
    let (database, flights) = tracked(&fixture).await;
    let mut absent = moved(&flights[0], 9);
    absent.flight.flight_id = id(70);
    let batch = [
        queued(1, moved(&flights[0], 1)),
        queued(2, moved(&flights[1], 2)),
        queued(3, absent.clone()),
        queued(4, moved(&flights[0], 4)),
        queued(5, absent),
    ];
    for batch in [&batch[..], &batch[2..3]] {
        for tracked in [true, false] {
            match database.apply(QUEUE, batch, tracked).await.unwrap_err() {
                Error::Poisoned { position, reason } => {
                    assert_eq!(position, Position { major: 3, minor: 0 });
                    assert!(reason.contains("70"), "{reason}");
                }
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(whole_log(&fixture), "");
    assert_eq!(database.find_range(id(1), id(5), 5).await.unwrap(), flights);
    assert_eq!(database.offset(QUEUE).await.unwrap(), None);
    assert_eq!(database.apply(QUEUE, &batch[..2], true).await.unwrap(), applied(2, 2, 0));
}

pub(super) async fn comments(fixture: Fixture) {
    let (database, flights) = tracked(&fixture).await;
    let mut expected = Vec::new();
    let mut batch = Vec::new();
    for (place, (user, comment)) in (1..).zip(awkward()) {
        expected.push(expected_bytes(&user, comment.as_ref()));
        batch.push(queued(place, Update { user, comment, ..moved(&flights[0], place as i64) }));
    }
    database.apply(QUEUE, &batch, true).await.unwrap();
    assert_eq!(logged_bytes(&fixture), expected);
}

/// A value that is cut, or left out, would be an audit that lies.
pub(super) async fn too_long(fixture: Fixture) {
    let (database, flights) = tracked(&fixture).await;
    for update in [
        Update { comment: Some("x".repeat(201)), ..moved(&flights[0], 1) },
        Update { user: "x".repeat(101), ..moved(&flights[0], 1) },
    ] {
        let refused = database.apply(QUEUE, &[queued(1, update)], true).await.unwrap_err();
        assert!(matches!(refused, Error::Unacceptable { .. }), "{refused:?}");
    }
    assert_eq!(whole_log(&fixture), "");
    assert_eq!(database.offset(QUEUE).await.unwrap(), None);
    assert_eq!(find(&database, 1).await, flights[0]);
}

pub(super) async fn beside_an_update(fixture: Fixture) {
    let (database, flights) = tracked(&fixture).await;
    let worker = fixture.connect().await;
    let batch = [queued(1, moved(&flights[1], 5)), queued(2, moved(&flights[0], 2))];
    let pending = database.begin(&moved(&flights[0], 1)).await.unwrap();
    let mut waiting = Box::pin(worker.apply(QUEUE, &batch, true));
    for _ in 0..100 {
        tokio::select! {
            biased;
            applied = &mut waiting => panic!("the batch did not wait: {applied:?}"),
            found = find(&database, 2) => assert_eq!(found, flights[1]),
        }
    }
    pending.commit().await.unwrap();
    assert_eq!(waiting.await.unwrap(), applied(2, 2, 0));
    assert_eq!(chain(&database, &flights[0]).await.0, ["moved by 1", "moved by 2"]);
}

pub(super) async fn a_thousand(fixture: Fixture) {
    let database = fixture.connect().await;
    database.init(400, &|_| ()).await.unwrap();
    database.tracking().await.unwrap();
    let before = database.find_range(id(1), id(400), 400).await.unwrap();
    let batch: Vec<Queued> = (0..1000u64)
        .map(|number| queued(number + 1, moved(&before[(number * 7 % 300) as usize], number as i64 + 1)))
        .collect();
    assert_eq!(database.apply(QUEUE, &batch, true).await.unwrap(), applied(1000, 300, 0));
    assert_eq!(fixture.count("SELECT COUNT(*) FROM flight_log"), 1000);
    let after = database.find_range(id(1), id(400), 400).await.unwrap();
    for (before, after) in before.iter().zip(&after) {
        let mut own = batch.iter().filter(|queued| queued.update.flight_id() == before.flight_id);
        let expected: Vec<_> = own.clone().map(|queued| queued.update.comment.clone().unwrap()).collect();
        assert_eq!(after, own.next_back().map_or(before, |queued| &queued.update.flight));
        let (comments, end) = chain(&database, before).await;
        assert_eq!((comments, end), (expected, after.times()));
    }
    assert_eq!(database.apply(QUEUE, &batch, true).await.unwrap(), applied(0, 0, 1000));
}

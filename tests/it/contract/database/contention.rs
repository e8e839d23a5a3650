//! Several at one flight: each waits for the one before, and nobody's update is lost.
//!
//! What waits cannot be seen by waiting for it. So the order is read off `flight_log`, where every row bears the state that it
//! found, or the server is asked who waits.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cachedemo::database::DatabaseKind;
use cachedemo::error::Error;

use super::fixture::{Fixture, SHORT, chain, find, id, moved, queued};
use super::updates::whole_log;
use crate::support::deadline;

pub(super) async fn a_second_waits(fixture: Fixture) {
    let (first, second) = (fixture.connect().await, fixture.connect().await);
    let flight = find(&first, 1).await;
    let pending = first.begin(&moved(&flight, 1)).await.unwrap();
    let update = moved(&flight, 2);
    let mut waiting = Box::pin(async { second.begin(&update).await.unwrap().commit().await.unwrap() });
    // A hundred reads beside it: enough for the second to go through, if it could.
    for _ in 0..100 {
        tokio::select! {
            biased;
            () = &mut waiting => panic!("the second did not wait"),
            found = find(&first, 1) => assert_eq!(found, flight),
        }
    }
    pending.commit().await.unwrap();
    waiting.await;
    let (comments, end) = chain(&first, &flight).await;
    assert_eq!(comments, ["moved by 1", "moved by 2"]);
    assert_eq!(end, moved(&flight, 2).flight.times());
}

/// Whether a transaction waits for the lock of a flight.
fn is_waiting(fixture: &Fixture) -> bool {
    let name = &fixture.settings.name;
    if fixture.settings.kind == DatabaseKind::Postgresql {
        let blocked = "SELECT COUNT(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname";
        return fixture.count(&format!("{blocked} = '{name}'")) > 0;
    }
    // The table `innodb_trx` would be simpler, and is a copy that is not renewed while somebody keeps asking for it. The client
    // writes a line's end as a backslash and a letter.
    let table = format!("`{name}`.`flight`");
    let status = fixture.sql("SHOW ENGINE INNODB STATUS");
    status.split("\\n").any(|line| line.contains(&table) && line.trim_end().ends_with("waiting"))
}

pub(super) async fn waiting_on_the_server(fixture: Fixture) {
    // Patient ones: asking the server who waits takes its time on a busy machine.
    let patience = Duration::from_secs(60);
    let (first, second) = (fixture.connect_within(patience).await, fixture.connect_within(patience).await);
    let flight = find(&first, 1).await;
    let pending = first.begin(&moved(&flight, 1)).await.unwrap();
    let update = moved(&flight, 2);
    let blocked = tokio::spawn(async move { second.begin(&update).await.unwrap().commit().await });
    let seen = deadline::poll(Duration::from_secs(30), || is_waiting(&fixture).then_some(()));
    assert!(seen.is_some(), "the second waits for nothing");
    pending.commit().await.unwrap();
    blocked.await.unwrap().unwrap();
    assert_eq!(chain(&first, &flight).await.0, ["moved by 1", "moved by 2"]);
}

pub(super) async fn writers_at_once(fixture: Fixture) {
    const WRITERS: i64 = 8;
    const UPDATES: i64 = 25;
    // Two processes, four writers in each.
    let processes = [fixture.connect().await, fixture.connect().await];
    let flight = find(&processes[0], 1).await;
    let order = Arc::new(Mutex::new(Vec::new()));
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let database = Arc::clone(&processes[usize::from(writer % 2 == 0)]);
            let (flight, order) = (flight.clone(), Arc::clone(&order));
            tokio::spawn(async move {
                for number in 0..UPDATES {
                    let update = moved(&flight, 1 + writer * UPDATES + number);
                    let pending = database.begin(&update).await.unwrap();
                    // Under the row lock: nobody else is here.
                    order.lock().unwrap().push(update.comment.unwrap());
                    pending.commit().await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let (comments, end) = chain(&processes[0], &flight).await;
    assert_eq!(comments.len(), 200);
    assert_eq!(comments, *order.lock().unwrap());
    assert_eq!(find(&processes[1], 1).await.times(), end);
}

/// Its process is stopped in the middle of a transaction: the server ends it, and with it the locks that others wait for.
pub(super) async fn left_alone(fixture: Fixture) {
    let stopped = fixture.connect_within(std::time::Duration::from_secs(1)).await;
    let other = fixture.connect().await;
    let flight = find(&other, 1).await;
    let pending = stopped.begin(&moved(&flight, 1)).await.unwrap();
    other.begin(&moved(&flight, 2)).await.unwrap().commit().await.unwrap();
    assert!(pending.commit().await.is_err(), "what the server has ended was committed");
    assert_eq!(chain(&other, &flight).await.0, ["moved by 2"]);
    // Whoever was stopped goes on with another connection.
    stopped.begin(&moved(&flight, 3)).await.unwrap().commit().await.unwrap();
}

pub(super) async fn held_too_long(fixture: Fixture) {
    let (holder, impatient) = (fixture.connect().await, fixture.connect_within(SHORT).await);
    let flight = find(&holder, 1).await;
    let pending = holder.begin(&moved(&flight, 1)).await.unwrap();
    let refused = impatient.begin(&moved(&flight, 2)).await.err().expect("the lock is held");
    assert!(matches!(refused, Error::TimedOut { .. }), "{refused:?}");
    assert_eq!(find(&impatient, 1).await, flight);
    assert_eq!(whole_log(&fixture), "");
    pending.commit().await.unwrap();
    // Whatever the server made of the one that gave up, it is neither done nor in the way.
    holder.begin(&moved(&flight, 3)).await.unwrap().commit().await.unwrap();
    assert_eq!(chain(&holder, &flight).await.0, ["moved by 1", "moved by 3"]);
}

/// A lock is a row's, not a table's, an airport's or an airline's: others go on beside it.
pub(super) async fn neighbours(fixture: Fixture) {
    // In a table this small a careless plan reads, and so locks, all of it.
    fixture.sql("DELETE FROM flight WHERE flight_id > 3");
    fixture.sql("UPDATE flight SET airline_id = 1, airplane_id = 1");
    for airport in ["from", "to"] {
        fixture.sql(&format!("UPDATE flight SET {} = 1", fixture.quoted(airport)));
    }
    if fixture.settings.kind != DatabaseKind::Postgresql {
        fixture.sql("ANALYZE TABLE flight");
    }
    let (holder, other) = (fixture.connect().await, fixture.connect().await);
    other.tracking().await.unwrap();
    let flights = other.find_range(id(1), id(3), 3).await.unwrap();
    let pending = holder.begin(&moved(&flights[0], 1)).await.unwrap();
    other.begin(&moved(&flights[1], 2)).await.unwrap().commit().await.unwrap();
    let batch = [queued(1, moved(&flights[1], 3)), queued(2, moved(&flights[2], 4))];
    assert_eq!(other.apply("queue", &batch, true).await.unwrap().updates, 2);
    pending.commit().await.unwrap();
    // Likewise the other way round, and for two queues.
    let pending = holder.begin(&moved(&flights[2], 5)).await.unwrap();
    let batch = [queued(1, moved(&flights[0], 6))];
    assert_eq!(other.apply("another queue", &batch, true).await.unwrap().updates, 1);
    pending.rollback().await.unwrap();
}

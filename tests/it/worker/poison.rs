//! P6: what can never be applied goes to the dead letters, and nothing else does.

use serde_json::Value;

use super::depot::{Depot, comment, planned};
use crate::scene::of;

/// A flight that is not there.
const MISSING: i64 = 999;
/// How many updates are queued, and after how many of them the poison comes.
const UPDATES: i64 = 1_000;
const MIDDLE: i64 = 500;

/// Queues a thousand updates of forty flights, with three that cannot be applied in the middle.
fn poisoned(depot: Depot) -> Depot {
    let depot = depot.set("QUEUE_BATCH_SIZE", "1000");
    if depot.stack.database.is_none() {
        // No column of SQLite has a limit.
        depot.stack.sql(
            "CREATE TRIGGER refusal BEFORE INSERT ON flight_log WHEN length(NEW.comment) > 200
             BEGIN SELECT RAISE(ABORT, 'too long'); END",
        );
    }
    let healthy: Vec<(i64, i64)> = (0..UPDATES).map(|number| (number % 40 + 1, number + 1)).collect();
    depot.enqueue(&healthy[..MIDDLE as usize]);
    depot.with_lab(async |lab| {
        for update in [
            planned(&lab, MISSING, 1, "of a flight that is not there").await,
            planned(&lab, 1, 5_000, &"too long ".repeat(23)).await,
        ] {
            lab.pattern().update(&update).await.unwrap();
        }
    });
    if !depot.redis(&["XADD", "flight:updates", "*", "update", "{"]) {
        depot.journal(
            "INSERT INTO updates (partition, flight_id, update_id, body, acknowledged) VALUES (0, 7, 'x', '{', 0)",
        );
    }
    depot.enqueue(&healthy[MIDDLE as usize..]);
    depot
}

/// What is in `flight_log` of the healthy updates: all, once, each flight's in order.
fn assert_healthy(depot: &Depot) {
    for flight in 1..=40 {
        let numbers = (0..UPDATES).filter(|number| number % 40 + 1 == flight);
        let expected: Vec<String> = numbers.map(|number| comment(flight, number + 1)).collect();
        let found: Vec<String> =
            depot.chain(flight).into_iter().filter(|comment| comment.starts_with("flight ")).collect();
        assert_eq!(found, expected);
    }
}

fn letters(depot: &Depot) -> Vec<Value> {
    let events = depot.events("write-behind queue dead-letters list", 0);
    of(&events, "dead_letter").cloned().collect()
}

pub(super) fn among_a_thousand(depot: Depot) {
    let depot = poisoned(depot);
    let events = depot.events("write-behind drain", 1);
    assert_eq!(of(&events, "report").filter(|report| report["report"] == "buried").count(), 3, "{events:?}");
    assert_healthy(&depot);
    assert_eq!(depot.comments().len(), UPDATES as usize);
    let status = depot.status();
    assert_eq!((&status["length"], &status["flights"], &status["dead_letters"]), (&0.into(), &0.into(), &3.into()));
    let letters = letters(&depot);
    let flights: Vec<&Value> = letters.iter().map(|letter| &letter["flight_id"]).collect();
    assert_eq!(flights, [&Value::from(MISSING), &Value::from(1), &Value::Null]);
    assert!(letters[0]["reason"].as_str().unwrap().contains("there is no flight 999"), "{letters:?}");
    assert!(letters[1]["reason"].as_str().unwrap().to_lowercase().contains("too long"), "{letters:?}");
    assert!(letters[2]["unreadable"].as_str().unwrap().contains("not an update"), "{letters:?}");
    for letter in &letters {
        assert_eq!(letter["attempts"], 1, "{letter}");
        assert!(letter["buried_at"].as_str().unwrap().starts_with("20"), "{letter}");
    }
    // Neither reader sees what the database will never have.
    let read = of(&depot.events("write-behind get --flight-id 1", 0), "read").next().unwrap().clone();
    assert!(
        depot.stack.times(1).starts_with(&read["flight"]["departure"].as_str().unwrap().replace('T', " ")),
        "{read}"
    );
    assert_eq!(depot.run("write-behind verify --flight-id 1").code, Some(0));
    depot.events("write-behind get --flight-id 999", 4);
}

pub(super) fn replayed_and_purged(depot: Depot) {
    let depot = poisoned(depot);
    depot.events("write-behind drain", 1);
    let ids: Vec<String> = letters(&depot).iter().map(|letter| letter["id"].as_str().unwrap().to_owned()).collect();
    // What was wrong is put right: only the unreadable one cannot be.
    let quote = if depot.stack.database.as_ref().is_some_and(|server| server.user() == "root") { '`' } else { '"' };
    depot.stack.sql(&format!(
        "INSERT INTO flight (flight_id, flightno, {quote}from{quote}, {quote}to{quote}, departure, arrival, airline_id, airplane_id)
         SELECT {MISSING}, flightno, {quote}from{quote}, {quote}to{quote}, departure, arrival, airline_id, airplane_id
         FROM flight WHERE flight_id = 1"
    ));
    depot.stack.sql(match (&depot.stack.database, quote) {
        (None, _) => "DROP TRIGGER refusal",
        (_, '`') => "ALTER TABLE flight_log MODIFY comment varchar(300)",
        _ => "ALTER TABLE flight_log ALTER COLUMN comment TYPE varchar(300)",
    });
    depot.events(&format!("write-behind queue dead-letters replay {}", ids[0]), 0);
    let told = depot.run("write-behind queue dead-letters replay --all");
    assert_eq!(told.code, Some(1), "{told:?}");
    assert!(told.stdout.contains("queued 1 dead letter again") && told.stderr.contains("1 dead letter cannot be read"));
    assert_eq!(depot.status()["length"], 2);
    depot.events("write-behind drain", 0);
    assert_healthy(&depot);
    assert_eq!(depot.chain(MISSING), ["of a flight that is not there"]);
    assert_eq!(depot.comments().len(), UPDATES as usize + 2);
    assert_eq!(depot.chain(1).last().unwrap(), &"too long ".repeat(23), "a replayed update is the last one");
    // Once: there is nothing left to be replayed.
    for id in &ids[..2] {
        let again = depot.run(&format!("write-behind queue dead-letters replay {id}"));
        assert_eq!(again.code, Some(1), "{again:?}");
        assert!(again.stderr.contains(&format!("there is no dead letter {id}")), "{again:?}");
    }
    assert_eq!(depot.status()["length"], 0);
    // Nobody is asked where nobody can answer, and nothing is dropped then.
    let unasked = depot.run("write-behind queue dead-letters purge --all");
    assert_eq!(unasked.code, Some(2), "{unasked:?}");
    assert!(unasked.stderr.contains("--yes"), "{unasked:?}");
    assert_eq!(letters(&depot).len(), 1);
    depot.events("write-behind queue dead-letters purge --all --yes", 0);
    assert_eq!(letters(&depot).len(), 0);
}

//! A server that dies or stops: what is known of an update then, and that the next call works once it is back.

use std::time::Duration;

use cachedemo::database::{self, DatabaseKind};
use cachedemo::error::Error;

use super::fixture::{Fixture, chain, find, id, moved};
use super::updates::whole_log;

/// Short enough to wait for, and long enough for whatever has to be done once the server is back.
const PATIENT_ENOUGH: Duration = Duration::from_secs(4);

pub(super) async fn killed_before_commit(mut fixture: Fixture) {
    let database = fixture.connect_within(PATIENT_ENOUGH).await;
    let flight = find(&database, 1).await;
    let pending = database.begin(&moved(&flight, 1)).await.unwrap();
    fixture.server().kill();
    let unknown = pending.commit().await.unwrap_err();
    assert!(matches!(unknown, Error::OutcomeUnknown { .. }), "{unknown:?}");
    fixture.server().restart();
    // It was killed before it heard of the commit.
    let database = fixture.connect().await;
    assert_eq!(find(&database, 1).await, flight);
    assert_eq!(whole_log(&fixture), "");
    database.begin(&moved(&flight, 2)).await.unwrap().commit().await.unwrap();
    assert_eq!(chain(&database, &flight).await.0, ["moved by 2"]);
}

pub(super) async fn killed_while_idle(mut fixture: Fixture) {
    let witness = fixture.connect_within(PATIENT_ENOUGH).await;
    let sleeper = fixture.connect().await;
    for database in [&witness, &sleeper] {
        // Several connections, all of which are broken afterwards.
        let all = (1..=6).map(|number| find(database, number));
        let flights = futures_util::future::join_all(all).await;
        database.begin(&moved(&flights[0], 0)).await.unwrap().rollback().await.unwrap();
    }
    let flight = find(&sleeper, 1).await;
    fixture.server().kill();
    for _ in 0..2 {
        let gone = witness.find(id(1)).await.unwrap_err();
        assert!(matches!(gone, Error::Unreachable { .. }), "{gone:?}");
        let gone = witness.begin(&moved(&flight, 1)).await.err().expect("nobody is there");
        assert!(matches!(gone, Error::Unreachable { .. }), "{gone:?}");
        let gone = witness.ping().await.unwrap_err();
        assert!(matches!(gone, Error::Unreachable { .. }), "{gone:?}");
    }
    fixture.server().restart();
    // One that saw the outage, and one that slept through it.
    assert_eq!(find(&witness, 1).await, flight);
    assert_eq!(find(&sleeper, 1).await, flight);
    sleeper.begin(&moved(&flight, 1)).await.unwrap().commit().await.unwrap();
    assert_eq!(chain(&witness, &flight).await.0, ["moved by 1"]);
}

pub(super) async fn stopped(mut fixture: Fixture) {
    let database = fixture.connect_within(PATIENT_ENOUGH).await;
    let flight = find(&database, 1).await;
    let settings = database::Settings { timeout: PATIENT_ENOUGH, ..fixture.settings.clone() };
    fixture.server().stop();
    let update = moved(&flight, 1);
    let silent = tokio::join!(
        async { database.find(id(1)).await.map(drop) },
        async { database.begin(&update).await.map(drop) },
        async { database.facts().await.map(drop) },
        async { database.offset("queue").await.map(drop) },
        async { database::connect(&settings).await.map(drop) },
    );
    for silent in [silent.0, silent.1, silent.2, silent.3, silent.4, database.ping().await] {
        assert!(matches!(silent, Err(Error::TimedOut { .. })), "{silent:?}");
    }
    fixture.server().resume();
    assert_eq!(find(&database, 1).await, flight);
    let patient = fixture.connect().await;
    patient.begin(&moved(&flight, 2)).await.unwrap().commit().await.unwrap();
    assert_eq!(chain(&patient, &flight).await.0, ["moved by 2"]);
}

/// The commit was sent, and is carried out or not when the server goes on: both are right, half of it is not.
pub(super) async fn stopped_before_commit(mut fixture: Fixture) {
    let database = fixture.connect_within(PATIENT_ENOUGH).await;
    let flight = find(&database, 1).await;
    let pending = database.begin(&moved(&flight, 1)).await.unwrap();
    fixture.server().stop();
    let unknown = pending.commit().await.unwrap_err();
    assert!(matches!(unknown, Error::OutcomeUnknown { .. }), "{unknown:?}");
    fixture.server().resume();
    let patient = fixture.connect().await;
    // This waits until the other has ended in one way or the other.
    let pending = patient.begin(&moved(&flight, 2)).await.unwrap();
    let found = pending.before().times();
    pending.rollback().await.unwrap();
    let (comments, end) = chain(&patient, &flight).await;
    assert_eq!(end, found);
    assert!(comments.is_empty() || comments == ["moved by 1"], "{comments:?}");
}

/// An administrator's `KILL`, an idle limit of the server, a proxy in between: the server lives, its connections do not.
pub(super) async fn connections_ended(fixture: Fixture) {
    let database = fixture.connect().await;
    let flight = find(&database, 1).await;
    let pending = database.begin(&moved(&flight, 1)).await.unwrap();
    let name = &fixture.settings.name;
    if fixture.settings.kind == DatabaseKind::Postgresql {
        fixture.sql(&format!(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()"
        ));
    } else {
        let kills = fixture.sql(&format!(
            "SELECT CONCAT('KILL ', id, ';') FROM information_schema.processlist WHERE db = '{name}' AND id <> CONNECTION_ID()"
        ));
        fixture.sql(&kills);
    }
    let unknown = pending.commit().await.unwrap_err();
    assert!(matches!(unknown, Error::OutcomeUnknown { .. }), "{unknown:?}");
    // The next call finds its connection ended, and takes another.
    assert_eq!(find(&database, 1).await, flight);
    assert_eq!(whole_log(&fixture), "");
    database.begin(&moved(&flight, 2)).await.unwrap().commit().await.unwrap();
    assert_eq!(chain(&database, &flight).await.0, ["moved by 2"]);
}

//! An account that may only read and write rows, on tables that somebody else made: what most users have.

use cachedemo::database::{self, DatabaseKind, Settings, Tracking};
use cachedemo::error::Error;

use super::fixture::{Fixture, find, id, moved, queued};

/// The settings of a new account that has these privileges on every table.
fn account(fixture: &Fixture, privileges: &str) -> Settings {
    let everything = match fixture.settings.kind {
        DatabaseKind::Postgresql => "ALL TABLES IN SCHEMA public".to_owned(),
        _ => format!("{}.*", fixture.settings.name),
    };
    account_with(fixture, &[(privileges, &everything)])
}

/// The settings of a new account that has these privileges, each on its tables.
fn account_with(fixture: &Fixture, grants: &[(&str, &str)]) -> Settings {
    let user = format!("account_{}", fixture.settings.name);
    let (make, account) = match fixture.settings.kind {
        DatabaseKind::Postgresql => (format!("CREATE ROLE {user} LOGIN PASSWORD 'secret'"), user.clone()),
        _ => (format!("CREATE USER {user}@'%' IDENTIFIED BY 'secret'"), format!("{user}@'%'")),
    };
    fixture.sql(&make);
    for (privileges, tables) in grants {
        fixture.sql(&format!("GRANT {privileges} ON {tables} TO {account}"));
    }
    Settings { user, password: Some("secret".into()), ..fixture.settings.clone() }
}

pub(super) async fn works(fixture: Fixture) {
    let before = fixture.table_names();
    let database = database::connect(&account(&fixture, "SELECT, INSERT, UPDATE")).await.unwrap();
    database.warm().await.unwrap();
    let flight = find(&database, 1).await;
    database.begin(&moved(&flight, 1)).await.unwrap().commit().await.unwrap();
    assert_eq!(find(&database, 1).await, moved(&flight, 1).flight);
    assert_eq!(database.log(id(1), 10).await.unwrap().len(), 1);
    match database.tracking().await.unwrap() {
        Tracking::Unavailable(reason) => assert!(reason.to_lowercase().contains("denied"), "{reason}"),
        Tracking::Kept => panic!("it may not keep an offset, and says that it does"),
    }
    let applied = database.apply("queue", &[queued(1, moved(&flight, 2))], false).await.unwrap();
    assert_eq!((applied.updates, applied.flights), (1, 1));
    assert_eq!(find(&database, 1).await, moved(&flight, 2).flight);
    assert_eq!(fixture.table_names(), before);
    // Once an administrator has made the table, nothing more is needed.
    let owner = fixture.connect().await;
    owner.tracking().await.unwrap();
    if fixture.settings.kind == DatabaseKind::Postgresql {
        fixture.sql(&format!("GRANT SELECT, INSERT, UPDATE ON cachedemo_offset TO account_{}", fixture.settings.name));
    }
    assert_eq!(database.tracking().await.unwrap(), Tracking::Kept);
    let applied = database.apply("queue", &[queued(1, moved(&flight, 3))], true).await.unwrap();
    assert_eq!(applied.updates, 1);
    assert!(database.facts().await.unwrap().checks.iter().all(|check| check.problem.is_none()));
}

/// What the checks of an account complain of.
async fn problems(settings: &Settings) -> Vec<&'static str> {
    let facts = database::connect(settings).await.unwrap().facts().await.unwrap();
    assert_eq!(facts.flights.map(|flights| flights.count), Some(60));
    facts.checks.iter().filter(|check| check.problem.is_some()).map(|check| check.what).collect()
}

pub(super) async fn facts(fixture: Fixture) {
    let before = fixture.table_names();
    assert_eq!(problems(&account(&fixture, "SELECT, INSERT, UPDATE")).await, ["cachedemo_offset"]);
    assert_eq!(fixture.table_names(), before);
    assert_eq!(fixture.count("SELECT COUNT(*) FROM flight_log"), 0);
}

pub(super) async fn no_update(fixture: Fixture) {
    let settings = account(&fixture, "SELECT, INSERT");
    assert_eq!(problems(&settings).await, ["UPDATE on flight", "cachedemo_offset"]);
    let database = database::connect(&settings).await.unwrap();
    let flight = find(&database, 1).await;
    let refused = database.begin(&moved(&flight, 1)).await.err().expect("it may not update");
    assert!(matches!(refused, Error::Denied { .. }), "{refused:?}");
    let refused = database.apply("queue", &[queued(1, moved(&flight, 1))], false).await.unwrap_err();
    assert!(matches!(refused, Error::Denied { .. }), "{refused:?}");
    assert_eq!(find(&database, 1).await, flight);
    assert_eq!(fixture.count("SELECT COUNT(*) FROM flight_log"), 0);
}

/// The narrowest account that can make an update, where the audit is not for everybody's eyes.
pub(super) async fn blind_to_the_log(fixture: Fixture) {
    let grants = [("SELECT, UPDATE", "flight"), ("SELECT", "airport"), ("SELECT", "airline"), ("INSERT", "flight_log")];
    let settings = account_with(&fixture, &grants);
    let database = database::connect(&settings).await.unwrap();
    let flight = find(&database, 1).await;
    database.begin(&moved(&flight, 1)).await.unwrap().commit().await.unwrap();
    database.apply("queue", &[queued(1, moved(&flight, 2))], false).await.unwrap();
    let refused = database.log(id(1), 1).await.unwrap_err();
    assert!(matches!(refused, Error::Denied { .. }), "{refused:?}");
    assert_eq!(problems(&settings).await, ["SELECT on flight_log", "cachedemo_offset"]);
    let counts = database.tables().await.unwrap();
    assert_eq!(counts.iter().find(|count| count.table == "flight_log").and_then(|count| count.rows), None);
}

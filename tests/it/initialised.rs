//! A database that is made: whole or not at all, only where nothing is, and what `doctor` says of it.

mod doctor;

use std::fs;
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::scene::{Scene, of};
use crate::support::deadline;
use crate::support::server::{Kind, Server};

const DATABASES: [Kind; 3] = [Kind::MySql, Kind::MariaDb, Kind::Postgres];

/// A scene on each engine that is installed, embedded first. Its database is empty.
fn scenes() -> impl Iterator<Item = (Scene, Option<Server>)> {
    let servers = DATABASES.into_iter().filter_map(|kind| {
        let server = Server::start(kind)?;
        Some((Scene::embedded().on(&server), Some(server)))
    });
    std::iter::once((Scene::embedded(), None)).chain(servers)
}

/// What `db status` counts of a table.
fn rows(scene: &Scene, table: &str) -> Option<u64> {
    let (code, events) = scene.events("db status");
    assert_eq!(code, Some(0), "{events:?}");
    let tables = of(&events, "tables").next().unwrap()["tables"].as_array().unwrap();
    let found = tables.iter().find(|found| found["table"] == table).unwrap_or_else(|| panic!("{tables:?}"));
    found["rows"].as_u64()
}

#[test]
fn every_engine_is_filled_once_and_never_over_data() {
    for (scene, server) in scenes() {
        if server.is_some() {
            assert_eq!(rows(&scene, "flight"), None, "an empty database has no such table");
        }
        // One more than goes into one statement.
        let shown = scene.succeed("db init --flights 5001");
        assert!(shown.contains("created the schema and 5001 sample flights"), "{shown}");
        assert_eq!((rows(&scene, "flight"), rows(&scene, "flight_log")), (Some(5001), Some(0)));
        let (_, events) = scene.events("db status");
        let flights = &of(&events, "tables").next().unwrap()["flights"];
        assert_eq!((&flights["count"], &flights["first"], &flights["last"]), (&5001.into(), &1.into(), &5001.into()));
        let shown = scene.succeed("db status");
        assert!(shown.contains("flight_log") && shown.contains("5001"), "{shown}");

        scene.succeed("cache-aside update --flight-id 5001 --delay 1h");
        scene.fails("db init --flights 7", 1, &["is not empty", "holds rows"], "nothing was changed");
        assert_eq!((rows(&scene, "flight"), rows(&scene, "flight_log")), (Some(5001), Some(1)));
        scene.succeed("write-behind --flight-id 5001");
    }
}

#[test]
fn one_flight_is_enough() {
    for (scene, _server) in scenes() {
        scene.succeed("db init --flights 1");
        assert_eq!(rows(&scene, "flight"), Some(1));
        scene.succeed("write-through");
        scene.fails("cache-aside get --flight-id 2", 4, &["there is no flight 2"], "cachedemo db status");
    }
}

#[test]
fn a_database_whose_making_was_killed_is_made_again() {
    for (scene, server) in scenes() {
        let running = scene.command(&["db", "init", "--flights", "300000"]).limit(Duration::from_secs(120)).spawn();
        // Killed once something of it is on its way: a draft file, or a transaction that has written.
        let begun = deadline::poll(Duration::from_secs(60), || {
            let begun = match &server {
                None => fs::read_dir(scene.home.path().join(".local/share/cachedemo"))
                    .is_ok_and(|mut files| files.any(|file| file.unwrap().metadata().is_ok_and(|file| file.len() > 0))),
                Some(server) if server.kind() == Kind::Postgres => {
                    let writing = "SELECT COUNT(*) FROM pg_stat_activity WHERE backend_xid IS NOT NULL";
                    server.sql(writing).trim() != "0"
                }
                Some(server) => {
                    // The transaction's own count of rows is not kept while MariaDB fills an empty table.
                    let writing = "SELECT COUNT(*) FROM information_schema.processlist \
                                   WHERE command = 'Execute' AND info LIKE '%INSERT INTO flight (%'";
                    server.sql(writing).trim() != "0"
                }
            };
            begun.then_some(())
        });
        assert!(
            begun.is_some(),
            "nothing was begun on {:?}: {:?}",
            server.as_ref().map(|server| server.kind()),
            running.wait()
        );
        running.signal(Signal::SIGKILL);
        assert_eq!(running.wait().code, None);
        if let Some(server) = &server {
            // The server undoes what the dead client left, in its own time.
            let idle = match server.kind() {
                Kind::Postgres => "SELECT COUNT(*) FROM pg_stat_activity WHERE backend_xid IS NOT NULL",
                // Its thread undoes them before it leaves the list.
                _ => {
                    "SELECT COUNT(*) FROM information_schema.processlist WHERE db = 'flughafendb' AND id <> CONNECTION_ID()"
                }
            };
            let undone = deadline::poll(Duration::from_secs(60), || (server.sql(idle).trim() == "0").then_some(()));
            assert!(undone.is_some(), "the transaction of the dead client stays on {:?}", server.kind());
        }
        scene.succeed("db init --flights 10");
        assert_eq!((rows(&scene, "flight"), rows(&scene, "airline").is_some_and(|rows| rows > 0)), (Some(10), true));
        scene.succeed("cache-aside");
    }
}

#[test]
fn two_first_runs_at_once_both_pass() {
    let scene = Scene::embedded();
    let runs: Vec<_> =
        (1..=4).map(|id| scene.command(&["write-through", "--flight-id", &id.to_string()]).spawn()).collect();
    for run in runs {
        let output = run.wait();
        assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""), "{}", output.stdout);
    }
    assert_eq!(rows(&scene, "flight"), Some(1000));
    let folder = scene.home.path().join(".local/share/cachedemo");
    let drafts = fs::read_dir(folder).unwrap().filter(|file| {
        let name = file.as_ref().unwrap().file_name();
        name.to_string_lossy().contains("draft")
    });
    assert_eq!(drafts.count(), 0, "a draft was left behind");
}

//! A database that is away, silent, or lets nobody in: every command says so and ends with 3.

use super::COMMANDS;
use crate::scene::{Scene, WRONG_PASSWORD, of, on_one_line, product};
use crate::support::port::Port;
use crate::support::server::{Kind, Server};
use crate::support::terminal::Terminal;

/// What every command says, `doctor` and `db status` too.
fn all_fail(scene: &Scene, says: &[&str], hints: &str) {
    for line in COMMANDS.iter().chain(&["doctor", "db status", "write-behind worker"]) {
        scene.fails(line, 3, says, hints);
    }
}

/// The same where nobody answers: but the queue can be looked at without the database.
fn all_fail_without(scene: &Scene, says: &[&str], hints: &str) {
    for line in COMMANDS.iter().filter(|line| !line.contains("queue status")).chain(&["doctor", "write-behind worker"])
    {
        scene.fails(line, 3, says, hints);
    }
    let shown = on_one_line(&scene.succeed("write-behind queue status"));
    assert!(shown.contains("The queue is empty") && shown.contains("only what"), "{shown}");
}

fn everything_that_can_be_wrong(kind: Kind, other: Kind) {
    let (Some(server), Some(other), Some(redis)) =
        (Server::start(kind), Server::start(other), Server::start(Kind::Redis))
    else {
        return;
    };
    let scene = Scene::embedded().on(&server);
    let name = product(kind);
    let at = format!("database {name} at 127.0.0.1:{}/flughafendb", server.port());

    // The database is there and empty.
    for line in COMMANDS {
        scene.fails(line, 3, &[&format!("the {at} does not hold the flughafendb tables")], "cachedemo db init");
    }
    scene.fails("doctor", 1, &["the database lacks what every pattern needs", "SELECT on flight"], "load the tables");
    scene.succeed("db init --flights 3");

    let port = Port::reserve();
    let nobody = scene.set("DB_PORT", port.number());
    let there = format!("cannot reach the database {name} at 127.0.0.1:{}/flughafendb", port.number());
    all_fail_without(&nobody, &[&there, "Connection refused"], "DB_HOST and DB_PORT");

    let unknown = scene.set("DB_HOST", "no-such-host.invalid");
    let there = format!("the database {name} at no-such-host.invalid:{}/", server.port());
    all_fail_without(&unknown, &[&there], "DB_HOST and DB_PORT");

    for stranger in [&other, &redis] {
        let elsewhere = scene.set("DB_PORT", stranger.port()).set("DB_TIMEOUT", "1s");
        let there = format!("the database {name} at 127.0.0.1:{}/flughafendb", stranger.port());
        elsewhere.fails("cache-aside get", 3, &[&there], "DB_HOST and DB_PORT");
        elsewhere.fails("doctor", 3, &[&there], "DB_HOST and DB_PORT");
    }

    let refused = format!("the {at} refuses the log-in");
    all_fail(&scene.set("DB_PASSWORD", WRONG_PASSWORD), &[&refused], "DB_USER and DB_PASSWORD");
    scene.set("DB_USER", "stranger").fails("cache-aside get", 3, &[&refused], "DB_USER and DB_PASSWORD");

    let missing = format!("the database {name} at 127.0.0.1:{}/nowhere does not exist", server.port());
    all_fail(&scene.set("DB_NAME", "nowhere"), &[&missing], "set DB_NAME");

    server.stop();
    let silent = format!("the {at} did not answer within 300ms");
    all_fail_without(&scene.set("DB_TIMEOUT", "300ms"), &[&silent], "DB_TIMEOUT");
    server.resume();

    // None of these has changed anything.
    assert_eq!(server.sql("SELECT COUNT(*) FROM flight_log").trim(), "0");
    scene.succeed("write-through");
}

#[test]
fn mysql_that_fails_is_named() {
    everything_that_can_be_wrong(Kind::MySql, Kind::Postgres);
}

#[test]
fn mariadb_that_fails_is_named() {
    everything_that_can_be_wrong(Kind::MariaDb, Kind::Postgres);
}

#[test]
fn postgres_that_fails_is_named() {
    everything_that_can_be_wrong(Kind::Postgres, Kind::MariaDb);
}

/// Stops the database after the update of a walk-through: the next run puts the flight back.
fn stopped_in_the_middle(kind: Kind) {
    let (Some(server), Some(redis)) = (Server::start(kind), Server::start(Kind::Redis)) else { return };
    let scene = Scene::embedded().on(&server).on(&redis);
    scene.succeed("db init --flights 3");
    let row = "SELECT departure FROM flight WHERE flight_id = 1";
    let original = server.sql(row);

    let command = scene.set("DB_TIMEOUT", "300ms").command(&["write-through", "--interactive"]);
    let mut terminal = Terminal::open(&command, 200, 40);
    for step in ["[STEP 1]", "[STEP 2]", "[STEP 3]", "[STEP 4]"] {
        terminal.expect(step);
        if step != "[STEP 4]" {
            terminal.send_line("");
        }
    }
    assert_ne!(server.sql(row), original, "{}", terminal.transcript());
    server.stop();
    terminal.send_line("");
    assert_eq!(terminal.wait(), 3, "{}", terminal.transcript());
    let shown = terminal.transcript();
    assert!(shown.contains("did not answer within 300ms") && shown.contains("hint: "), "{shown}");
    assert!(shown.contains("the next walk-through"), "{shown}");
    server.resume();

    let (code, events) = scene.events("write-through");
    assert_eq!(code, Some(0), "{events:?}");
    assert!(of(&events, "update").any(|update| update["restores"] == true), "{events:?}");
    assert_eq!(server.sql(row), original);
}

#[test]
fn mysql_stopped_in_the_middle_of_a_walk_through() {
    stopped_in_the_middle(Kind::MySql);
}

#[test]
fn mariadb_stopped_in_the_middle_of_a_walk_through() {
    stopped_in_the_middle(Kind::MariaDb);
}

#[test]
fn postgres_stopped_in_the_middle_of_a_walk_through() {
    stopped_in_the_middle(Kind::Postgres);
}

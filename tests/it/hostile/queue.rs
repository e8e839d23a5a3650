//! Entries of the queue that cannot be applied: named, kept as dead letters, and what stands around them is applied once.

use super::redis;
use crate::scene::{Scene, of};
use crate::support::server::{Kind, Server};

fn length(scene: &Scene) -> u64 {
    let (code, events) = scene.events("write-behind queue status");
    assert_eq!(code, Some(0), "{events:?}");
    of(&events, "queue").next().unwrap()["length"].as_u64().unwrap()
}

/// The dead letters, which a drain that made one has told of.
fn letters(scene: &Scene) -> Vec<serde_json::Value> {
    let (code, events) = scene.events("write-behind queue dead-letters list");
    assert_eq!(code, Some(0), "{events:?}");
    of(&events, "dead_letter").cloned().collect()
}

#[test]
fn a_corrupt_entry_is_a_dead_letter_and_loses_nothing() {
    for kind in [Kind::Redis, Kind::Valkey] {
        let (Some(server), Some(database)) = (Server::start(kind), Server::start(Kind::Postgres)) else { continue };
        let scene = Scene::embedded().on(&database).on(&server);
        scene.succeed("db init --flights 5");
        let garbage: [&[&str]; 5] = [
            &["update", "garbage"],
            &["other", "field"],
            &["update", "{\"flight\":\u{1b}[2J"],
            &["update", "{}"],
            // Names that a dead letter has itself.
            &["reason", "mine", "position", "0-0", "attempts", "-1"],
        ];
        for (round, fields) in garbage.into_iter().enumerate() {
            scene.succeed("write-behind update --flight-id 1 --delay 1h");
            scene.succeed("write-behind update --flight-id 2 --delay 1h");
            let position: String = redis(&server, &[&["XADD", "flight:updates", "*"], fields].concat());
            scene.succeed("write-behind update --flight-id 3 --delay 1h");
            assert_eq!(length(&scene), 4);
            let drained = scene.run("write-behind drain");
            assert_eq!(drained.code, Some(1), "{drained:?}");
            let says = format!("the update at {position} is a dead letter now");
            assert!(drained.stdout.contains(&says) && !drained.stdout.contains("\u{1b}[2J"), "{drained:?}");
            assert!(drained.stderr.contains("1 update of the queue could not be applied"), "{drained:?}");
            assert!(drained.stderr.contains("nothing is lost"), "{drained:?}");
            assert_eq!(length(&scene), 0);
            let logged = database.sql("SELECT COUNT(*) FROM flight_log").trim().parse::<usize>().unwrap();
            assert_eq!(logged, 3 * round + 3, "what stands before it and behind it is applied once");
            scene.succeed("write-behind verify --flight-id 3");
            let letter = letters(&scene).pop().unwrap();
            assert_eq!(letter["position"], position.as_str(), "{letter}");
            assert_eq!(letter["attempts"], 1, "{letter}");
        }
        assert_eq!(letters(&scene).len(), garbage.len());
    }
}

#[test]
fn an_update_of_a_flight_that_is_gone_is_a_dead_letter() {
    let (Some(server), Some(database)) = (Server::start(Kind::Redis), Server::start(Kind::MariaDb)) else { return };
    let scene = Scene::embedded().on(&database).on(&server);
    scene.succeed("db init --flights 5");
    scene.succeed("write-behind update --flight-id 1 --delay 1h");
    scene.succeed("write-behind update --flight-id 5 --delay 1h");
    database.sql("DELETE FROM flight WHERE flight_id = 5");
    let drained = scene.run("write-behind drain");
    assert_eq!(drained.code, Some(1), "{drained:?}");
    assert!(drained.stdout.contains("there is no flight 5"), "{drained:?}");
    assert_eq!(length(&scene), 0);
    assert_eq!(database.sql("SELECT COUNT(*) FROM flight_log").trim(), "1");
    assert_eq!(letters(&scene)[0]["flight_id"], 5);
}

#[test]
fn a_stream_that_is_something_else_is_named() {
    let Some(server) = Server::start(Kind::Redis) else { return };
    let scene = Scene::embedded().on(&server);
    scene.succeed("cache-aside");
    let () = redis(&server, &["SET", "flight:updates", "somebody else's"]);
    for line in ["update --delay 1h", "drain", "queue status", "run"] {
        scene.fails(&format!("write-behind {line}"), 1, &["the queue Redis"], "");
    }
    let kept: String = redis(&server, &["GET", "flight:updates"]);
    assert_eq!(kept, "somebody else's");
}

#[test]
fn a_pending_flight_that_cannot_be_read_is_named() {
    let Some(server) = Server::start(Kind::Redis) else { return };
    let scene = Scene::embedded().on(&server);
    scene.succeed("cache-aside");
    let () = redis(&server, &["HSET", "flight:pending", "1", "garbage \u{1b}[2J"]);
    let () = redis(&server, &["DEL", "flight:1"]);
    for line in ["write-behind get", "write-behind update --delay 1h", "cache-aside update --delay 1h"] {
        scene.fails(line, 1, &["look-up of a pending update", "Invalid stream ID"], "");
    }
    scene.succeed("write-behind --flush");
}

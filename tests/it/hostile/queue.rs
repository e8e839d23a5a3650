//! Entries of the queue that cannot be applied: named, kept, and what stands before them is applied once.

use super::redis;
use crate::scene::{Scene, of};
use crate::support::server::{Kind, Server};

fn length(scene: &Scene) -> u64 {
    let (code, events) = scene.events("write-behind queue status");
    assert_eq!(code, Some(0), "{events:?}");
    of(&events, "queue").next().unwrap()["length"].as_u64().unwrap()
}

#[test]
fn a_corrupt_entry_is_named_and_loses_nothing() {
    for kind in [Kind::Redis, Kind::Valkey] {
        let (Some(server), Some(database)) = (Server::start(kind), Server::start(Kind::Postgres)) else { continue };
        let scene = Scene::embedded().on(&database).on(&server);
        scene.succeed("db init --flights 5");
        let garbage: [&[&str]; 4] =
            [&["update", "garbage"], &["other", "field"], &["update", "{\"flight\":\u{1b}[2J"], &["update", "{}"]];
        for (round, fields) in garbage.into_iter().enumerate() {
            scene.succeed("write-behind update --flight-id 1 --delay 1h");
            scene.succeed("write-behind update --flight-id 2 --delay 1h");
            let position: String = redis(&server, &[&["XADD", "flight:updates", "*"], fields].concat());
            scene.succeed("write-behind update --flight-id 3 --delay 1h");
            assert_eq!(length(&scene), 4);
            let says = format!("entry {position} of the queue cannot be applied");
            // Twice, as text and as JSON: the good ones before it are applied by the first.
            scene.fails("write-behind drain", 1, &[&says], "nothing was lost");
            assert_eq!(length(&scene), 2);
            let logged = database.sql("SELECT COUNT(*) FROM flight_log").trim().parse::<usize>().unwrap();
            assert_eq!(logged, 3 * round + 2, "applied once, and not what stands behind it");
            let (code, events) = scene.events("write-behind get --flight-id 3");
            assert_eq!(code, Some(0), "{events:?}");

            // Taken out by hand, the rest goes on.
            let () = redis(&server, &["XDEL", "flight:updates", &position]);
            scene.succeed("write-behind drain");
            assert_eq!(length(&scene), 0);
            scene.succeed("write-behind verify --flight-id 3");
        }
    }
}

#[test]
fn an_update_of_a_flight_that_is_gone_is_named() {
    let (Some(server), Some(database)) = (Server::start(Kind::Redis), Server::start(Kind::MariaDb)) else { return };
    let scene = Scene::embedded().on(&database).on(&server);
    scene.succeed("db init --flights 5");
    scene.succeed("write-behind update --flight-id 1 --delay 1h");
    scene.succeed("write-behind update --flight-id 5 --delay 1h");
    database.sql("DELETE FROM flight WHERE flight_id = 5");
    scene.fails("write-behind drain", 1, &["cannot be applied", "there is no flight 5"], "nothing was lost");
    assert_eq!(length(&scene), 2, "the batch is applied whole or not at all");
    assert_eq!(database.sql("SELECT COUNT(*) FROM flight_log").trim(), "0");
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

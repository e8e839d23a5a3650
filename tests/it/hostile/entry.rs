//! What stands under a flight's key and is not what the program wrote there: reported, overwritten, and the run goes on.

use super::{is_harmless, plant, redis};
use crate::scene::{Scene, of, on_one_line};
use crate::support::server::{Kind, Server};
use crate::support::stack::PATTERNS;

const FLIGHT_2: &str = r#"{"flight_id":2,"flightno":"LH401","from_airport":"JFK","to_airport":"FRA","airlinename":"Lufthansa","airline_id":1,"airplane_id":1,"departure":"2025-11-20T10:00:00","arrival":"2025-11-20T18:30:00"}"#;

/// A scene with the embedded database, made already.
fn scene(server: &Server) -> Scene {
    let scene = Scene::embedded();
    scene.succeed("db init --flights 3");
    scene.on(server)
}

/// Reads over what stands there: reported, overwritten, and a hit afterwards.
fn is_overwritten(scene: &Scene, pattern: &str, what: &str) {
    let what = &format!("{pattern}: {what}");
    let verdict = scene.run("cache-aside verify");
    assert_eq!(verdict.code, Some(1), "{what}: {}", verdict.stdout);
    assert!(is_harmless(&verdict.stdout) && is_harmless(&verdict.stderr), "{what}: {}", verdict.stdout);
    assert!(verdict.stdout.len() < 10_000, "{what}: the whole entry is shown");
    let shown = scene.succeed(&format!("{pattern} get --verbose"));
    assert!(is_harmless(&shown) && shown.len() < 10_000, "{what}: {shown:?}");
    assert!(on_one_line(&shown).contains("cannot be read and is overwritten"), "{what}: {shown}");
    let (code, events) = scene.events(&format!("{pattern} get"));
    let read = of(&events, "read").next().unwrap();
    assert_eq!((code, &read["lookup"]), (Some(0), &"hit".into()), "{what}: {read}");
    scene.succeed("cache-aside verify");
}

#[test]
fn what_cannot_be_read_is_reported_and_overwritten() {
    for kind in [Kind::Redis, Kind::Valkey, Kind::Memcached] {
        let Some(server) = Server::start(kind) else { continue };
        let scene = scene(&server);
        // Memcached takes up to 1 MiB with its own overhead.
        let large = vec![b'x'; 1_000_000];
        let spoiled: [&[u8]; 8] = [
            b"",
            b"garbage",
            &FLIGHT_2.as_bytes()[..60],
            FLIGHT_2.as_bytes(),
            b"\xff\xfe\x00\x1b[2J",
            "\u{1b}[2J\u{202e}\n'; DROP TABLE flight; --".as_bytes(),
            br#"{"lease":"write-"}"#,
            &large,
        ];
        for bytes in spoiled {
            let what = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned();
            // Refresh-ahead asks in a way of its own.
            for pattern in ["cache-aside", "refresh-ahead"] {
                plant(&server, "flight:1", bytes);
                is_overwritten(&scene, pattern, &what);
            }
            for pattern in ["cache-aside", "write-through", "write-behind"] {
                plant(&server, "flight:1", bytes);
                scene.succeed(&format!("{pattern} update --delay 1h"));
                scene.succeed("write-behind drain");
                scene.succeed("write-through verify");
            }
        }
        for pattern in PATTERNS {
            plant(&server, "flight:1", b"garbage");
            is_overwritten(&scene, pattern, "garbage");
            plant(&server, "flight:1", b"garbage");
            scene.succeed(pattern);
        }
    }
}

#[test]
fn other_types_under_a_flight_s_key_are_overwritten() {
    for kind in [Kind::Redis, Kind::Valkey] {
        let Some(server) = Server::start(kind) else { continue };
        let scene = scene(&server);
        let types: [&[&str]; 4] = [
            &["RPUSH", "flight:1", "a", "b"],
            &["HSET", "flight:1", "flight_id", "1"],
            &["SADD", "flight:1", "x"],
            &["XADD", "flight:1", "*", "a", "b"],
        ];
        for words in types {
            let () = redis(&server, &["DEL", "flight:1"]);
            let _: redis::Value = redis(&server, words);
            is_overwritten(&scene, "cache-aside", words[0]);
            let () = redis(&server, &["DEL", "flight:1"]);
            let _: redis::Value = redis(&server, words);
            is_overwritten(&scene, "refresh-ahead", words[0]);
            for pattern in ["cache-aside", "write-through", "write-behind"] {
                let () = redis(&server, &["DEL", "flight:1"]);
                let _: redis::Value = redis(&server, words);
                scene.succeed(pattern);
            }
        }
    }
}

#[test]
fn a_missing_mark_of_a_flight_that_exists_is_put_right() {
    for kind in [Kind::Redis, Kind::Valkey, Kind::Memcached] {
        let Some(server) = Server::start(kind) else { continue };
        let scene = scene(&server);
        let mark = || plant(&server, "flight:1", br#"{"missing":true}"#);
        mark();
        scene.fails("cache-aside verify", 1, &["database and cache differ about flight 1"], "");
        for pattern in PATTERNS {
            mark();
            let shown = scene.succeed(pattern);
            assert!(on_one_line(&shown).contains("says that flight 1 does not exist"), "{pattern}: {shown}");
            scene.succeed("cache-aside verify");
            mark();
            scene.succeed(&format!("{pattern} update --delay 1h"));
            scene.succeed("write-behind drain");
            scene.succeed("cache-aside verify");
        }
    }
}

#[test]
fn readers_go_past_the_lease_of_a_dead_writer() {
    for kind in [Kind::Redis, Kind::Valkey, Kind::Memcached] {
        let Some(server) = Server::start(kind) else { continue };
        let scene = scene(&server);
        for lease in ["write-00c0ffee00c0ffee", "fill-00c0ffee00c0ffee"] {
            let place = || plant(&server, "flight:1", format!("{{\"lease\":\"{lease}\"}}").as_bytes());
            for pattern in PATTERNS {
                place();
                let (code, events) = scene.events(&format!("{pattern} get"));
                let read = of(&events, "read").next().unwrap();
                let expected = (Some(0), &"leased".into(), &"database".into());
                assert_eq!((code, &read["lookup"], &read["source"]), expected, "{pattern}: {read}");
            }
            scene.succeed("cache-aside verify");
            let says = "a lease stands under flight:1";
            scene.fails("cache-aside", 1, &[says], "--flush");
            scene.succeed("cache-aside --flush");
            place();
            scene.succeed("write-through update --delay 1h");
            scene.succeed("write-through verify");
            place();
            scene.succeed("write-behind --flush");
        }
    }
}

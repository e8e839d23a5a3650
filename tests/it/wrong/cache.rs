//! A cache that is away or silent costs speed and no data; one that lets nobody in ends every command.

use super::COMMANDS;
use crate::scene::{Scene, WRONG_PASSWORD, engine, of, product};
use crate::support::port::Port;
use crate::support::server::{Kind, Server};
use crate::support::stack::PATTERNS;
use crate::support::terminal::Terminal;

fn departure(scene: &Scene) -> String {
    let (code, events) = scene.set("CACHE_ENGINE", "memory").events("cache-aside get");
    assert_eq!(code, Some(0), "{events:?}");
    of(&events, "read").next().unwrap()["flight"]["departure"].as_str().unwrap().to_owned()
}

/// A scene with only the embedded database in it, made already.
fn embedded() -> Scene {
    let scene = Scene::embedded();
    scene.succeed("db init --flights 3");
    scene
}

/// The patterns where every command waits: the others come to the same lines.
const FEW: [&str; 3] = ["cache-aside", "write-through", "write-behind"];

/// What is promised while a cache is down.
fn degrades(kind: Kind, scene: &Scene, patterns: &[&str], said: &str) {
    let queue_is_there = kind == Kind::Memcached;
    for pattern in patterns {
        let (code, events) = scene.events(&format!("{pattern} get"));
        let read = of(&events, "read").next().unwrap_or_else(|| panic!("{events:?}"));
        assert_eq!((code, &read["degraded"], &read["source"]), (Some(0), &true.into(), &"database".into()), "{read}");
        let shown = scene.succeed(&format!("{pattern} get"));
        assert!(shown.contains("UNAVAILABLE") && shown.contains("degraded"), "{shown}");
    }
    for pattern in patterns.iter().filter(|pattern| **pattern != "write-behind") {
        let before = departure(&memory(scene));
        let line = format!("{pattern} update --delay 1h");
        scene.fails(&line, 1, &["the update is in the database, and the cache could not be told"], "cachedemo doctor");
        assert_ne!(departure(&memory(scene)), before, "{pattern}: not committed");
        let line = format!("{pattern} --flight-id 2");
        scene.fails(&line, 1, &["step 2 needs the cache"], "cachedemo doctor");
    }
    for pattern in patterns {
        scene.fails(&format!("{pattern} verify"), 3, &[said], "CACHE_HOST and CACHE_PORT");
    }
    scene.fails("doctor", 3, &[said], "CACHE_HOST and CACHE_PORT");
    if queue_is_there {
        scene.succeed("write-behind queue status");
        return;
    }
    let before = departure(&memory(scene));
    // Whether it was asked itself, or the cache beside it had not answered before.
    let queue = said.replace("cannot reach ", "").replace("cache ", "queue ");
    let queue = queue.split(" did not answer").next().unwrap();
    for line in ["update --delay 1h", "drain", "queue status"] {
        scene.fails(&format!("write-behind {line}"), 3, &[queue], "CACHE_HOST and CACHE_PORT");
    }
    scene.fails("write-behind run --flight-id 3", 1, &["step 2 needs the cache"], "cachedemo doctor");
    assert_eq!(departure(&memory(scene)), before, "something was half done");
}

fn memory(scene: &Scene) -> Scene {
    let mut bare = Scene::embedded();
    bare.home = scene.home.clone();
    bare
}

fn everything_that_can_be_wrong(kind: Kind) {
    let (Some(server), Some(postgres)) = (Server::start(kind), Server::start(Kind::Postgres)) else { return };
    let scene = embedded().on(&server);
    let name = product(kind);

    let port = Port::reserve();
    let nobody = scene.set("CACHE_PORT", port.number());
    degrades(kind, &nobody, &PATTERNS, &format!("cannot reach the cache {name} at 127.0.0.1:{}", port.number()));

    let unknown = scene.set("CACHE_HOST", "no-such-host.invalid").set("CACHE_TIMEOUT", "1s");
    degrades(kind, &unknown, &FEW, &format!("the cache {name} at no-such-host.invalid:{}", server.port()));

    server.stop();
    let silent = scene.set("CACHE_TIMEOUT", "100ms");
    degrades(kind, &silent, &FEW, &format!("the cache {name} at 127.0.0.1:{} did not answer within", server.port()));
    server.resume();

    let strangers = if kind == Kind::Memcached { Kind::Redis } else { Kind::Memcached };
    let Some(stranger) = Server::start(strangers) else { return };
    for other in [&stranger, &postgres] {
        let elsewhere = scene.set("CACHE_PORT", other.port()).set("CACHE_TIMEOUT", "300ms");
        let there = format!("the cache {name} at 127.0.0.1:{}", other.port());
        elsewhere.fails("cache-aside verify", 3, &[&there], "CACHE_HOST and CACHE_PORT");
        elsewhere.fails("doctor", 3, &[&there], "CACHE_HOST and CACHE_PORT");
    }
    // A lease that was on its way when the server stopped is placed when it goes on, and nobody settles it.
    scene.succeed("write-behind --flush");
    scene.succeed("cache-aside --flush --flight-id 2");
}

#[test]
fn redis_that_fails_costs_no_data() {
    everything_that_can_be_wrong(Kind::Redis);
}

#[test]
fn valkey_that_fails_costs_no_data() {
    everything_that_can_be_wrong(Kind::Valkey);
}

#[test]
fn memcached_that_fails_costs_no_data() {
    everything_that_can_be_wrong(Kind::Memcached);
}

#[test]
fn a_cache_that_refuses_the_log_in_ends_every_command() {
    for kind in [Kind::Redis, Kind::Valkey] {
        let Some(server) = Server::builder(kind).password("s3cret-of-the-cache").start() else { continue };
        let scene = embedded().on(&server);
        let says = format!("the cache {} at 127.0.0.1:{} refuses the log-in", product(kind), server.port());
        let wrong = scene.set("CACHE_PASSWORD", WRONG_PASSWORD);
        let mut none = memory(&scene).set("CACHE_ENGINE", engine(kind)).set("CACHE_PORT", server.port());
        none = none.set("CACHE_TIMEOUT", "10s");
        for line in COMMANDS.iter().chain(&["doctor", "write-behind update --delay 1h"]) {
            wrong.fails(line, 3, &[&says], "CACHE_USER and CACHE_PASSWORD");
            none.fails(line, 3, &[&says], "CACHE_USER and CACHE_PASSWORD");
        }
        assert!(departure(&memory(&scene)).ends_with("10:00:00"), "an update went through");
        scene.succeed("write-behind");
    }
}

/// Stops the cache after the update of a walk-through: the next run finishes what this one could not.
fn stopped_in_the_middle(kind: Kind, pattern: &str) {
    let Some(server) = Server::start(kind) else { return };
    let scene = embedded().on(&server);
    let original = departure(&memory(&scene));
    let command = scene.set("CACHE_TIMEOUT", "1s").command(&[pattern, "--interactive"]);
    let mut terminal = Terminal::open(&command, 200, 40);
    for step in ["[STEP 1]", "[STEP 2]", "[STEP 3]", "[STEP 4]"] {
        terminal.expect(step);
        if step != "[STEP 4]" {
            terminal.send_line("");
        }
    }
    server.stop();
    terminal.send_line("");
    let code = terminal.wait();
    let shown = terminal.transcript();
    assert!(matches!(code, 1 | 3), "{code}: {shown}");
    assert!(shown.contains("hint: ") && shown.contains("did not answer"), "{shown}");
    server.resume();
    // A lease that was on its way when the server stopped is placed when it goes on, and nobody settles it.
    scene.succeed(&format!("{pattern} --flush"));
    assert_eq!(departure(&memory(&scene)), original, "{shown}");
    scene.succeed("cache-aside verify");
}

#[test]
fn caches_stopped_in_the_middle_of_a_walk_through() {
    for kind in [Kind::Redis, Kind::Valkey, Kind::Memcached] {
        for pattern in ["cache-aside", "read-through", "write-through", "write-around", "write-behind"] {
            stopped_in_the_middle(kind, pattern);
        }
    }
}

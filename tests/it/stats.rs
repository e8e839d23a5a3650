//! `stats` tells what the servers count, to the read; what is ours in it; and what waits in the queue.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};

use nix::sys::signal::Signal;
use serde_json::Value;

use crate::hostile::{plant, redis};
use crate::scene::{Scene, of, on_one_line, product};
use crate::support::server::{Kind, Server};

const CACHES: [Kind; 3] = [Kind::Redis, Kind::Valkey, Kind::Memcached];

/// What `stats` shows; it must succeed.
fn stats(scene: &Scene) -> Value {
    let (code, events) = scene.events("stats");
    assert_eq!(code, Some(0), "{events:?}");
    of(&events, "stats").next().unwrap().clone()
}

/// Hits and misses.
fn reads(scene: &Scene) -> (u64, u64) {
    let server = &stats(scene)["server"];
    (server["hits"].as_u64().unwrap(), server["misses"].as_u64().unwrap())
}

/// Reads a key past the program; whether something stood there.
fn read(server: &Server, key: &str) -> bool {
    if server.kind() != Kind::Memcached {
        return redis::<Option<Vec<u8>>>(server, &["GET", key]).is_some();
    }
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    stream.write_all(format!("get {key}\r\n").as_bytes()).unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).unwrap();
    line.starts_with("VALUE ")
}

#[test]
fn three_hits_and_a_miss_are_three_hits_and_a_miss() {
    for kind in CACHES {
        let Some(server) = Server::start(kind) else { continue };
        let scene = Scene::embedded().on(&server);
        let fresh = stats(&scene);
        assert_eq!((&fresh["server"]["hits"], &fresh["server"]["hit_rate"]), (&0.into(), &Value::Null), "{fresh}");
        plant(&server, "flight:1", b"{\"missing\":true}");
        let (first, second) = (reads(&scene), reads(&scene));
        // What a look at the queue costs, where it lives in the same server: the same each time.
        let look = (second.0 - first.0, second.1 - first.1);
        assert_eq!(look == (0, 0), kind == Kind::Memcached, "{look:?}");
        for (key, stands) in [("flight:1", true), ("flight:1", true), ("flight:2", false), ("flight:1", true)] {
            assert_eq!(read(&server, key), stands);
        }
        let third = reads(&scene);
        let counted = (third.0 - second.0 - look.0, third.1 - second.1 - look.1);
        assert_eq!(counted, (3, 1), "{kind}");
        let shown = scene.succeed("stats");
        assert!(shown.contains(product(kind)) && shown.contains("hit rate") && shown.contains(" %"), "{shown}");
        assert!(!scene.home.path().join(".local").exists(), "nothing is made by looking");
    }
}

#[test]
fn what_was_evicted_is_what_was_written_and_is_not_there() {
    const WRITTEN: u64 = 300;
    for kind in CACHES {
        let Some(server) = Server::builder(kind).memory(8).start() else { continue };
        let scene = Scene::embedded().on(&server);
        for number in 1..=WRITTEN {
            plant(&server, &format!("flight:{number}"), &[b'x'; 100_000]);
        }
        let seen = stats(&scene);
        let (evicted, entries) =
            (seen["server"]["evicted"].as_u64().unwrap(), seen["server"]["entries"].as_u64().unwrap());
        assert!(evicted > 0 && entries > 0, "{seen}");
        assert_eq!(evicted + entries, WRITTEN, "{seen}");
        assert_eq!(seen["own"]["entries"], entries, "{seen}");
        assert_eq!(seen["server"]["memory_limit"]["bytes"], 8 << 20, "{seen}");
        let used = seen["server"]["memory_used_bytes"].as_u64().unwrap();
        assert!((4 << 20..=8 << 20).contains(&used), "{seen}");
        let sizes = &seen["own"]["sizes"];
        assert!(sizes["bytes"].as_u64().unwrap() >= sizes["measured"].as_u64().unwrap() * 100_000, "{seen}");
    }
}

#[test]
fn the_queue_is_told_wherever_it_is() {
    let servers = CACHES.into_iter().filter_map(Server::start).map(Some);
    for server in std::iter::once(None).chain(servers) {
        let scene = Scene::embedded();
        let scene = server.as_ref().map_or(scene.clone(), |server| scene.on(server));
        let empty = &stats(&scene)["queue"];
        assert_eq!((&empty["length"], &empty["oldest_age_ms"]), (&0.into(), &Value::Null), "{empty}");
        for flight in ["1", "2", "1", "3", "1"] {
            scene.succeed(&format!("write-behind update --delay 1h --flight-id {flight}"));
        }
        let seen = stats(&scene);
        let (queue, own) = (&seen["queue"], &seen["own"]);
        // Nobody else's keys are there: every one is an entry or the queue's.
        let is_beside = server.as_ref().is_some_and(|server| server.kind() != Kind::Memcached);
        assert_eq!(own["queue_keys"].is_u64(), is_beside, "{seen}");
        if is_beside {
            let ours = own["entries"].as_u64().unwrap() + own["queue_keys"].as_u64().unwrap();
            assert_eq!(seen["server"]["entries"], ours, "{seen}");
            assert!(own["queue_keys"].as_u64().unwrap() >= 5, "a note of each update: {seen}");
        }
        assert_eq!((&queue["length"], &queue["flights"], &queue["dead_letters"]), (&5.into(), &3.into(), &0.into()));
        assert!(queue["oldest_age_ms"].is_u64(), "{queue}");
        assert!(scene.succeed("stats").contains("updates queued"));
        let shown = scene.succeed("stats --verbose");
        assert!(shown.contains("cache statistics") && shown.contains("queue backlog"), "{shown}");
        scene.succeed("write-behind drain");
        assert_eq!(stats(&scene)["queue"]["length"], 0);
    }
}

#[test]
fn entries_are_those_that_the_program_made() {
    for kind in CACHES {
        let Some(server) = Server::start(kind) else { continue };
        let scene = Scene::embedded().on(&server);
        for flight in 1..=4 {
            scene.succeed(&format!("cache-aside get --flight-id {flight}"));
        }
        plant(&server, "other:1", b"x");
        let seen = stats(&scene);
        assert_eq!((&seen["own"]["entries"], &seen["server"]["entries"]), (&4.into(), &5.into()), "{seen}");
        assert_eq!(seen["own"]["sizes"]["measured"], 4);
    }
}

#[test]
fn no_database_is_needed_and_a_cache_is() {
    let away = |scene: &Scene| scene.set("DB_ENGINE", "postgresql").set("DB_PORT", 1);
    let seen = stats(&away(&Scene::embedded()));
    assert_eq!((&seen["cache_engine"], &seen["server"]["entries"]), (&"memory".into(), &0.into()));
    for kind in CACHES {
        let Some(mut server) = Server::start(kind) else { continue };
        let scene = away(&Scene::embedded().on(&server));
        assert_eq!(stats(&scene)["server"]["evicted"], 0);
        server.kill();
        scene.fails("stats", 3, &[&format!("cannot reach the cache {}", product(kind))], "CACHE_PORT");
        scene.fails(
            "--fault cache.*:down stats",
            2,
            &["--fault cache.*:down does not go with this command"],
            "leave it out",
        );
    }
}

#[test]
fn a_queue_that_cannot_be_read_is_told_after_the_rest() {
    for kind in [Kind::Redis, Kind::Memcached] {
        let Some(server) = Server::start(kind) else { continue };
        let scene = Scene::embedded().on(&server);
        scene.succeed("write-behind update --delay 1h");
        let (code, events) = scene.events("--queue-partitions 3 stats");
        assert_eq!(code, Some(2), "{events:?}");
        let seen = of(&events, "stats").next().unwrap();
        assert!(seen["queue"].is_null() && seen["server"]["hits"].is_u64(), "{seen}");
        let hint = of(&events, "error").next().unwrap()["hint"].as_str().unwrap();
        assert!(hint.contains("QUEUE_PARTITIONS=1"), "{hint}");
        let text = scene.run("--queue-partitions 3 stats");
        assert!(on_one_line(&text.stdout).contains("queue ┆ cannot be read"), "{}", text.stdout);
    }
}

#[test]
fn an_account_that_may_not_ask_is_told_nothing_and_nothing_is_made_up() {
    for kind in [Kind::Redis, Kind::Valkey] {
        let Some(server) = Server::start(kind) else { continue };
        let () =
            redis(&server, &["ACL", "SETUSER", "plain", "on", ">test-password", "~*", "+@all", "-info", "-memory"]);
        plant(&server, "flight:1", b"{\"missing\":true}");
        let scene = Scene::embedded().on(&server).set("CACHE_USER", "plain").set("CACHE_PASSWORD", "test-password");
        let seen = stats(&scene);
        for figure in ["uptime_s", "hits", "misses", "hit_rate", "evicted", "expired", "entries", "memory_used_bytes"] {
            assert!(seen["server"][figure].is_null(), "{figure}: {seen}");
        }
        assert_eq!((&seen["own"]["entries"], &seen["own"]["sizes"]), (&1.into(), &Value::Null), "{seen}");
    }
}

#[test]
fn a_server_that_says_anything_does_no_harm() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // It ends with the tests: nobody waits for it.
    std::thread::spawn(move || {
        for stream in listener.incoming().map(Result::unwrap) {
            std::thread::spawn(move || {
                let mut answers = stream.try_clone().unwrap();
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    let answer = match line.as_str() {
                        "stats" => {
                            "STAT get_hits 1\u{1b}[2J\r\nSTAT get_misses 99999999999999999999\r\nSTAT bytes 18446744073709551615\r\nEND\r\n"
                        }
                        "mn" => "MN\r\n",
                        _ => {
                            "key=flight%3A1 exp=9223372036854775807 size=18446744073709551615\r\nkey=flight%3A2 exp=\u{1b}[2J size=18446744073709551615\r\nEND\r\n"
                        }
                    };
                    if answers.write_all(answer.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    let scene = Scene::embedded().set("CACHE_ENGINE", "memcached").set("CACHE_PORT", port).set("CACHE_TIMEOUT", "10s");
    let seen = stats(&scene);
    assert!(seen["server"]["hits"].is_null() && seen["server"]["misses"].is_null(), "{seen}");
    assert_eq!(seen["own"]["entries"], 2);
    let shown = scene.succeed("stats");
    assert!(!shown.contains('\u{1b}') && shown.contains("not told"), "{shown}");
}

#[test]
fn a_signal_ends_the_wait_for_a_silent_server() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let scene = Scene::embedded().set("CACHE_ENGINE", "redis").set("CACHE_PORT", port).set("CACHE_TIMEOUT", "10s");
    let running = scene.command(&["stats"]).spawn();
    // Once it has called, it listens to signals.
    let _kept = silent.accept().unwrap();
    running.signal(Signal::SIGINT);
    let ended = running.wait();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(130), ""), "{}", ended.stderr);
}

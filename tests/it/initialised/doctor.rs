//! `doctor` names what the environment lacks, what that costs, and what to type.

use serde_json::Value;

use super::DATABASES;
use crate::scene::{Scene, of, product};
use crate::support::server::{Kind, Server};

fn findings(scene: &Scene, code: i32) -> Vec<Value> {
    let (ended, events) = scene.events("doctor");
    assert_eq!(ended, Some(code), "{events:?}");
    of(&events, "finding").cloned().collect()
}

/// The level of the finding that says this, and its hint.
fn find<'a>(findings: &'a [Value], says: &str) -> (&'a str, &'a str) {
    let found = findings.iter().find(|found| found["text"].as_str().unwrap().contains(says));
    let found = found.unwrap_or_else(|| panic!("no {says:?}: {findings:#?}"));
    (found["level"].as_str().unwrap(), found["hint"].as_str().unwrap_or_default())
}

#[test]
fn every_engine_is_fit_and_a_wrong_product_is_told() {
    let fresh = findings(&Scene::embedded(), 0);
    assert_eq!(find(&fresh, "does not exist yet").0, "plain");
    for kind in DATABASES {
        let Some(server) = Server::start(kind) else { continue };
        let scene = Scene::embedded().on(&server);
        scene.succeed("db init --flights 3");
        let found = findings(&scene, 0);
        assert_eq!(find(&found, product(kind)).0, "good");
        assert_eq!(find(&found, "3 flights, ids 1 to 3").0, "good");
        assert!(found.iter().all(|found| found["level"] == "good"), "{found:#?}");
        let other = match kind {
            Kind::MySql => "mariadb",
            Kind::MariaDb => "mysql",
            _ => continue,
        };
        let found = findings(&scene.set("DB_ENGINE", other), 0);
        let (level, hint) = find(&found, "is not what DB_ENGINE says");
        assert_eq!(level, "warning");
        assert!(hint.contains(&format!("DB_ENGINE={}", kind.name())), "{hint}");
    }
}

#[test]
fn missing_privileges_are_named() {
    for kind in [Kind::MySql, Kind::MariaDb] {
        let Some(server) = Server::start(kind) else { continue };
        let scene = Scene::embedded().on(&server);
        scene.succeed("db init --flights 3");
        server.sql(
            "CREATE USER reader@'%' IDENTIFIED BY 'test-password'; GRANT SELECT ON flughafendb.* TO reader@'%'; \
             CREATE USER writer@'%' IDENTIFIED BY 'test-password'; \
             GRANT SELECT, INSERT, UPDATE ON flughafendb.* TO writer@'%'",
        );
        let reader = findings(&scene.set("DB_USER", "reader"), 1);
        assert_eq!(find(&reader, "UPDATE on flight"), ("bad", "grant UPDATE ON flight"));
        let writer = findings(&scene.set("DB_USER", "writer"), 0);
        assert_eq!(find(&writer, "cachedemo_offset").0, "warning");
        scene.set("DB_USER", "reader").fails("cache-aside update --delay 1h", 1, &["does not permit"], "doctor");
    }
}

#[test]
fn the_queue_s_persistence_and_eviction_are_judged() {
    for kind in [Kind::Redis, Kind::Valkey] {
        let Some(plain) = Server::start(kind) else { continue };
        let scene = Scene::embedded().on(&plain);
        let found = findings(&scene, 0);
        let (level, hint) = find(&found, "every queued update is lost");
        assert!(level == "warning" && hint.contains("CONFIG SET appendonly yes"), "{found:#?}");

        let set = |name: &str, value: &str| {
            let () = crate::hostile::redis(&plain, &["CONFIG", "SET", name, value]);
        };
        set("maxmemory", "104857600");
        set("maxmemory-policy", "allkeys-lru");
        let found = findings(&scene, 0);
        let (level, hint) = find(&found, "the queue itself may be evicted");
        assert!(level == "warning" && hint.contains("volatile-lru"), "{found:#?}");
        set("maxmemory-policy", "volatile-lru");
        assert_eq!(find(&findings(&scene, 0), "the queue is not evicted").0, "good");

        let () = crate::hostile::redis(
            &plain,
            &["ACL", "SETUSER", "plain", "on", ">test-password", "~*", "+@all", "-config", "-@dangerous", "+info"],
        );
        let limited = scene.set("CACHE_USER", "plain").set("CACHE_PASSWORD", "test-password");
        findings(&limited, 0);
        limited.succeed("write-behind");

        let Some(durable) = Server::builder(kind).append_only().start() else { continue };
        let found = findings(&Scene::embedded().on(&durable), 0);
        assert_eq!(find(&found, "the queue survives the server: append-only").0, "good");
        let () = crate::hostile::redis(
            &durable,
            &["ACL", "SETUSER", "plain", "on", ">test-password", "~*", "+@all", "-config"],
        );
        let limited = Scene::embedded().on(&durable).set("CACHE_USER", "plain").set("CACHE_PASSWORD", "test-password");
        assert_eq!(find(&findings(&limited, 0), "cannot be seen with this account").0, "warning");
    }
}

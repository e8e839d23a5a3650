//! Encrypted connections: whom the program trusts, whom it refuses, and what it says when encryption is the problem.

use std::path::Path;
use std::sync::Arc;

use crate::support::command::{Cachedemo, Output};
use crate::support::events::Events;
use crate::support::server::{Kind, Server};
use crate::support::settings::{self, Settings, Way};
use crate::support::tls::Authority;

fn run(settings: &Settings, line: &str) -> Output {
    Way::Environment.give(Cachedemo::new().args(line.split(' ')), settings).run()
}

fn with(settings: &Settings, more: &[(&'static str, &str)]) -> Settings {
    let more = more.iter().map(|(name, value)| (*name, (*value).to_owned()));
    settings.iter().cloned().chain(more).collect()
}

fn path(file: &Path) -> String {
    file.display().to_string()
}

/// The run is refused as unreachable, and the message and the hint name what a user can do about it.
fn assert_refused(output: &Output, about: &str, message: &str, hint: &str) {
    assert_eq!(output.code, Some(3), "{about}: {output:?}");
    let events = Events::of(output);
    let error = events.one("error");
    let said = |name: &str| error[name].as_str().unwrap().to_owned();
    let (what, next) = (said("message"), said("hint"));
    assert!(what.contains(message), "{about}: {what}: {output:?}");
    assert!(next.contains(hint), "{about}: {next}: {output:?}");
}

fn database(kind: Kind) {
    let (authority, stranger) = (Arc::new(Authority::new()), Authority::new());
    let Some(server) = Server::builder(kind).tls_only(&authority).start() else { return };
    let own = path(&authority.certificate_authority());
    let wrong = path(&stranger.certificate_authority());
    let plain = settings::of(&server);
    let filled = run(&with(&plain, &[("DB_SSL_MODE", "verify-full"), ("DB_SSL_CA", &own)]), "db init --flights 10");
    assert_eq!(filled.code, Some(0), "{filled:?}");

    let trusted: [&[(&'static str, &str)]; 5] = [
        &[],
        &[("DB_SSL_MODE", "require")],
        &[("DB_SSL_CA", &own)],
        &[("DB_SSL_MODE", "verify-ca"), ("DB_SSL_CA", &own)],
        &[("DB_SSL_MODE", "verify-full"), ("DB_SSL_CA", &own)],
    ];
    for tls in trusted {
        let output = run(&with(&plain, tls), "write-through get --format json");
        assert_eq!(output.code, Some(0), "{kind} {tls:?}: {output:?}");
        assert_eq!(Events::of(&output).one("read")["source"], "database");
    }
    // A walk-through over an encrypted connection, told by a URL.
    let settings = with(&plain, &[("DB_SSL_MODE", "verify-full"), ("DB_SSL_CA", &own)]);
    let output = Way::Urls.give(Cachedemo::new().args(["write-behind"]), &settings).run();
    assert_eq!(output.code, Some(0), "{kind}: {output:?}");

    let refused: [&[(&'static str, &str)]; 4] = [
        &[("DB_SSL_MODE", "verify-ca"), ("DB_SSL_CA", &wrong)],
        &[("DB_SSL_MODE", "verify-full"), ("DB_SSL_CA", &wrong)],
        &[("DB_SSL_CA", &wrong)],
        &[("DB_SSL_MODE", "verify-full")],
    ];
    for tls in refused {
        for line in ["write-through get --format json", "doctor --format json"] {
            let output = run(&with(&plain, tls), line);
            assert_refused(&output, &format!("{kind} {tls:?} {line}"), "no encrypted connection", "DB_SSL_CA");
            assert!(output.stdout.contains("invalid peer certificate"), "{kind} {tls:?}: {output:?}");
        }
    }
    let output = run(&with(&plain, &[("DB_SSL_MODE", "disable")]), "write-through get --format json");
    // MariaDB says no more than that the access is denied.
    let message = if kind == Kind::MariaDb { "refuses the log-in" } else { "takes encrypted connections only" };
    assert_refused(&output, &format!("{kind} without encryption"), message, "DB_SSL_MODE=require");
}

#[test]
fn mysql_over_tls() {
    database(Kind::MySql);
}

#[test]
fn mariadb_over_tls() {
    database(Kind::MariaDb);
}

#[test]
fn postgres_over_tls() {
    database(Kind::Postgres);
}

fn cache(kind: Kind) {
    let (authority, stranger) = (Arc::new(Authority::new()), Authority::new());
    let secret = "p@ss:w/o%rd";
    let builder = Server::builder(kind).password(secret).tls_only(&authority);
    let Some(server) = builder.start() else { return };
    let own = path(&authority.certificate_authority());
    let wrong = path(&stranger.certificate_authority());
    let plain = settings::of(&server);
    let home = Cachedemo::new().home();
    let run = |way: Way, tls: &[(&'static str, &str)], line: &str| {
        let command = Cachedemo::new().with_home(&home).args(line.split(' '));
        way.give(command, &with(&plain, tls)).run()
    };
    let encrypted = [("CACHE_TLS", "yes"), ("CACHE_TLS_CA", own.as_str())];
    for (way, tls) in [(Way::Environment, &encrypted[1..]), (Way::Flags, &encrypted[..]), (Way::Urls, &encrypted[..])] {
        for pattern in ["cache-aside", "write-through", "write-behind"] {
            let output = run(way, tls, &format!("{pattern} --format json"));
            assert_eq!(output.code, Some(0), "{kind} {way:?} {pattern}: {output:?}");
            assert_eq!(Events::of(&output).named("read")[1]["lookup"], "hit");
        }
    }
    for tls in [&[("CACHE_TLS", "yes"), ("CACHE_TLS_CA", wrong.as_str())][..], &[("CACHE_TLS", "yes")]] {
        for line in ["write-through get --format json", "write-behind --format json", "doctor --format json"] {
            let output = run(Way::Urls, tls, line);
            assert_refused(&output, &format!("{kind} {tls:?} {line}"), "no encrypted connection", "CACHE_TLS_CA");
            assert!(output.stdout.contains("invalid peer certificate"), "{kind} {tls:?}: {output:?}");
        }
    }
    let output = run(Way::Environment, &[], "doctor --format json");
    assert_refused(&output, &format!("{kind} without encryption"), "cannot reach the cache", "CACHE_TLS");

    let Some(plain_server) = Server::start(kind) else { return };
    let settings = with(&settings::of(&plain_server), &encrypted);
    let output = Way::Environment.give(Cachedemo::new().args(["doctor", "--format", "json"]), &settings).run();
    assert_refused(&output, &format!("{kind} that does not encrypt"), "did not answer", "that port");
}

#[test]
fn redis_over_tls() {
    cache(Kind::Redis);
}

#[test]
fn valkey_over_tls() {
    cache(Kind::Valkey);
}

/// The server keeps a digest of a password that was used once; a fresh account has none, so the whole exchange happens.
#[test]
fn mysql_accounts_with_caching_sha2_password() {
    let Some(server) = Server::start(Kind::MySql) else { return };
    let filled = run(&settings::of(&server), "db init --flights 10");
    assert_eq!(filled.code, Some(0), "{filled:?}");
    let secret = "p@:/%#?s 'w\"";
    for (user, mode, requirement) in
        [("plain", "disable", "NONE"), ("covered", "require", "SSL"), ("any", "prefer", "NONE")]
    {
        let quoted = secret.replace('\'', "''");
        server.sql(&format!(
            "CREATE USER {user}@'%' IDENTIFIED WITH caching_sha2_password BY '{quoted}' REQUIRE {requirement}; \
             GRANT SELECT, INSERT, UPDATE ON flughafendb.* TO {user}@'%'"
        ));
        let account = with(&settings::of_account(&server, user, secret), &[("DB_SSL_MODE", mode)]);
        // Twice: the whole exchange, then the short one.
        for _ in 0..2 {
            let output = run(&account, "cache-aside get --format json");
            assert_eq!(output.code, Some(0), "{user}: {output:?}");
        }
        let mistaken = with(&settings::of_account(&server, user, "something else"), &[("DB_SSL_MODE", mode)]);
        let output = run(&mistaken, "cache-aside get --format json");
        assert_refused(&output, user, "refuses the log-in", "DB_PASSWORD");
    }
}

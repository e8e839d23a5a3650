//! Tests of the harness itself, because every other test trusts it.

use std::path::Path;
use std::sync::Arc;

use crate::support::command::Cachedemo;
use crate::support::server::{Kind, Server};
use crate::support::terminal::Terminal;
use crate::support::tls::Authority;

fn survives_everything(kind: Kind) {
    let Some(mut server) = Server::start(kind) else {
        return;
    };
    assert!(server.answer().is_some(), "{}", server.log());
    if kind.is_database() {
        server.sql("CREATE TABLE kept (number INT); INSERT INTO kept VALUES (42)");
    }
    server.stop();
    assert_eq!(server.answer(), None, "a stopped server answered");
    server.resume();
    assert!(server.answer().is_some(), "{}", server.log());
    server.kill();
    assert_eq!(server.answer(), None, "a killed server answered");
    server.restart();
    assert!(server.answer().is_some(), "{}", server.log());
    if kind.is_database() {
        assert_eq!(server.sql("SELECT number FROM kept").trim(), "42", "{}", server.log());
    }
}

#[test]
fn mariadb_survives_everything() {
    survives_everything(Kind::MariaDb);
}

#[test]
fn mysql_survives_everything() {
    survives_everything(Kind::MySql);
}

#[test]
fn postgres_survives_everything() {
    survives_everything(Kind::Postgres);
}

#[test]
fn redis_survives_everything() {
    survives_everything(Kind::Redis);
}

#[test]
fn valkey_survives_everything() {
    survives_everything(Kind::Valkey);
}

#[test]
fn memcached_survives_everything() {
    survives_everything(Kind::Memcached);
}

#[test]
fn databases_speak_verified_tls() {
    let authority = Arc::new(Authority::new());
    for (kind, question) in [
        (Kind::MariaDb, "SHOW STATUS LIKE 'Ssl_cipher'"),
        (Kind::MySql, "SHOW STATUS LIKE 'Ssl_cipher'"),
        (Kind::Postgres, "SELECT cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid()"),
    ] {
        let Some(server) = Server::builder(kind).tls_only(&authority).start() else {
            continue;
        };
        let answer = server.sql(question);
        assert!(answer.contains("TLS_"), "{kind}: {answer}\n{}", server.log());
    }
}

#[test]
fn caches_speak_verified_tls() {
    let authority = Arc::new(Authority::new());
    for kind in [Kind::Redis, Kind::Valkey] {
        let Some(server) = Server::builder(kind).tls(&authority).start() else {
            continue;
        };
        assert_ne!(server.port(), server.tls_port());
        let Some(server) = Server::builder(kind).tls_only(&authority).start() else {
            continue;
        };
        assert_eq!(server.url(), format!("rediss://127.0.0.1:{}", server.port()));
    }
}

#[test]
fn caches_demand_their_password() {
    for kind in [Kind::Redis, Kind::Valkey] {
        let Some(server) = Server::builder(kind).password("secret").append_only().start() else {
            continue;
        };
        let answer = server.answer().expect("it was ready a moment ago");
        assert!(answer.starts_with("-NOAUTH"), "{answer}");
        assert_eq!(server.url(), format!("redis://:secret@127.0.0.1:{}", server.port()));
    }
}

#[test]
fn commands_run_in_an_empty_environment() {
    let output = Cachedemo::program(Path::new("/bin/sh"))
        .args(["-c", "env | cut -d= -f1 | grep -v -e PWD -e _ | sort; exit 3"])
        .run();
    assert_eq!(output.code, Some(3));
    assert_eq!(output.stdout, "HOME\nPATH\n");
}

#[test]
fn terminals_have_a_size_and_take_keys() {
    let command = Cachedemo::program(Path::new("/bin/sh"))
        .args(["-c", "stty size; read -r name; echo \"hello $name\"; exec cat"]);
    let mut terminal = Terminal::open(&command, 100, 30);
    terminal.expect("30 100");
    terminal.send_line("you");
    terminal.expect("hello you");
    terminal.interrupt();
    assert_eq!(terminal.wait(), 130, "{}", terminal.transcript());
}

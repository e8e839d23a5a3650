//! What is wrong is told as what it is: each kind of error has its own way out.

use std::sync::Arc;

use cachedemo::database::{self, DatabaseKind, Settings, TlsMode};
use cachedemo::error::Error;

use super::fixture::{Fixture, SHORT, find, id, moved, queued, server_kind};
use crate::support::port::Port;
use crate::support::server::{DATABASE, Kind, Server};
use crate::support::tls::Authority;

/// Why no connection came about.
async fn refused(settings: &Settings) -> Error {
    database::connect(settings).await.err().expect("nobody can connect there")
}

pub(super) async fn wrong_password(fixture: Fixture) {
    for password in [Some("wrong".into()), None] {
        let error = refused(&Settings { password, ..fixture.settings.clone() }).await;
        assert!(matches!(error, Error::LoginRefused { .. }), "{error:?}");
    }
    let error = refused(&Settings { user: "nobody".into(), ..fixture.settings.clone() }).await;
    assert!(matches!(error, Error::LoginRefused { .. }), "{error:?}");
    let shown = format!("{error:?} {error}");
    assert!(!shown.contains("test-password"), "{shown}");
}

pub(super) async fn no_database(fixture: Fixture) {
    let error = refused(&Settings { name: "nothing_of_that_name".into(), ..fixture.settings.clone() }).await;
    assert!(matches!(error, Error::NoDatabase { .. }), "{error:?}");
}

pub(super) async fn no_tables(fixture: Fixture) {
    let other = Fixture::filled(fixture.settings.kind, 1).await.expect("the server is there");
    let flight = find(&other.connect().await, 1).await;
    let database = fixture.connect().await;
    let errors = [
        database.find(id(1)).await.map(drop),
        database.find_range(id(1), id(2), 2).await.map(drop),
        database.search("LH", 2).await.map(drop),
        database.begin(&moved(&flight, 1)).await.map(drop),
        database.log(id(1), 1).await.map(drop),
        database.apply("queue", &[queued(1, moved(&flight, 1))], false).await.map(drop),
        database.apply("queue", &[queued(1, moved(&flight, 1))], true).await.map(drop),
    ];
    for error in errors {
        assert!(matches!(error, Err(Error::NoTable { .. })), "{error:?}");
    }
    let facts = database.facts().await.unwrap();
    let problems: Vec<_> =
        facts.checks.iter().filter(|check| check.problem.is_some()).map(|check| check.what).collect();
    assert_eq!(problems.len(), 4, "{problems:?}");
    assert_eq!(facts.flights, None);
}

/// The password's way to the server differs without TLS, for MySQL's newer accounts above all.
pub(super) async fn without_encryption(fixture: Fixture) {
    for tls in [TlsMode::Disable, TlsMode::Prefer] {
        let database = database::connect(&Settings { tls, ..fixture.settings.clone() }).await.unwrap();
        find(&database, 1).await;
    }
}

pub(super) async fn closed_port(fixture: Fixture) {
    let port = Port::reserve();
    let error = refused(&Settings { port: port.number(), ..fixture.settings.clone() }).await;
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
}

pub(super) async fn unknown_host(fixture: Fixture) {
    let settings = Settings { host: "no-such-host.invalid".into(), timeout: SHORT, ..fixture.settings.clone() };
    let error = refused(&settings).await;
    assert!(error.is_outage(), "{error:?}");
}

pub(super) async fn foreign_ports(fixture: Fixture) {
    let database = match fixture.settings.kind {
        DatabaseKind::Postgresql => DatabaseKind::Mysql,
        _ => DatabaseKind::Postgresql,
    };
    let database = Fixture::empty(database);
    let cache = Server::start(Kind::Redis);
    let ports = [database.map(|fixture| fixture.settings.port), cache.as_ref().map(Server::port)];
    for port in ports.into_iter().flatten() {
        for tls in [TlsMode::Disable, TlsMode::Prefer, TlsMode::Require] {
            let error = refused(&Settings { port, tls, timeout: SHORT, ..fixture.settings.clone() }).await;
            assert!(error.is_outage(), "{tls:?}: {error:?}");
        }
    }
}

pub(super) async fn no_file(fixture: Fixture) {
    let text = fixture.folder().join("text");
    std::fs::write(&text, "This is a text, and it is long enough to be taken for the header of a database. ".repeat(9))
        .unwrap();
    let folder = fixture.folder().to_owned();
    let absent = fixture.folder().join("absent.sqlite");
    for path in [&text, &folder, &absent] {
        let error = refused(&Settings { name: path.display().to_string(), ..fixture.settings.clone() }).await;
        let is_told = match path == &text {
            true => matches!(error, Error::NotADatabase { .. }),
            false => matches!(error, Error::NoDatabase { .. }),
        };
        assert!(is_told, "{path:?}: {error:?}");
    }
    assert!(!absent.exists(), "looking for it made it");
}

pub(super) async fn encryption(fixture: Fixture) {
    let authority = Arc::new(Authority::new());
    let server = Server::builder(server_kind(fixture.settings.kind)).tls_only(&authority).start();
    let server = server.expect("the same server runs already");
    let certificate = Some(authority.certificate_authority());
    let settings = Settings {
        port: server.port(),
        name: DATABASE.into(),
        authority: certificate.clone(),
        ..fixture.settings.clone()
    };
    for tls in [TlsMode::Prefer, TlsMode::Require, TlsMode::VerifyAuthority, TlsMode::VerifyFull] {
        let database = database::connect(&Settings { tls, ..settings.clone() }).await.unwrap();
        database.ping().await.unwrap();
    }
    let stranger = Authority::new();
    for (tls, authority) in [
        (TlsMode::Disable, certificate),
        (TlsMode::VerifyAuthority, Some(stranger.certificate_authority())),
        (TlsMode::VerifyFull, None),
    ] {
        let error = refused(&Settings { tls, authority, ..settings.clone() }).await;
        assert!(!matches!(error, Error::TimedOut { .. }), "{tls:?}: {error:?}");
    }
}

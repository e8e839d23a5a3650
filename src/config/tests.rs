//! What settings mean, which of them counts, and how a wrong one is told.

mod example;
mod precedence;
mod queue;
mod secrets;
mod servers;
mod wrong;

use std::path::Path;
use std::time::Duration;

use secrecy::ExposeSecret;

use super::*;
use crate::cache::CacheKind;
use crate::database::{DatabaseKind, TlsMode};

/// An environment in which programs keep their files in `/data`.
fn environment(variables: &[(&str, &str)]) -> Environment {
    Environment::of(variables.iter().copied()).with_data_directory("/data")
}

fn resolve(variables: &[(&str, &str)]) -> Result<Config> {
    Config::resolve(&ConnectionFlags::default(), &environment(variables))
}

fn resolved(variables: &[(&str, &str)]) -> Config {
    resolve(variables).unwrap_or_else(|error| panic!("{variables:?}: {error}"))
}

fn password(secret: Option<&secrecy::SecretString>) -> Option<&str> {
    secret.map(ExposeSecret::expose_secret)
}

#[test]
fn with_nothing_set_everything_is_embedded() {
    assert_eq!(resolved(&[]).on_cache_failure, OnCacheFailure::Degrade);
    let config = resolved(&[]);
    assert!(config.embedded);
    assert_eq!(config.home, Path::new("/data/cachedemo"));
    assert_eq!(config.database.kind, DatabaseKind::Sqlite);
    assert_eq!(config.database.name, "/data/cachedemo/flughafendb.sqlite3");
    assert_eq!(config.database.timeout, Duration::from_secs(5));
    assert_eq!(config.cache.kind, CacheKind::Memory);
    assert_eq!(config.cache.timeout, Duration::from_millis(250));
    assert_eq!((config.ttl, config.worker.batch), (Duration::from_secs(3600), 100));
}

#[test]
fn a_choice_of_either_side_is_no_longer_embedded() {
    for set in [("DB_ENGINE", "sqlite"), ("DB_NAME", "x"), ("CACHE_URL", "memory://"), ("DATABASE_URL", "sqlite:x")] {
        assert!(!resolved(&[set]).embedded, "{set:?}");
    }
    for set in [("CACHE_TTL", "60"), ("CACHEDEMO_HOME", "/h"), ("DB_ENGINE", ""), ("DB_PASSWORD", "")] {
        assert!(resolved(&[set]).embedded, "{set:?}");
    }
}

#[test]
fn every_database_has_its_own_defaults() {
    for (engine, kind, port, user) in [
        ("mysql", DatabaseKind::Mysql, 3306, "root"),
        ("MariaDB", DatabaseKind::Mariadb, 3306, "root"),
        ("postgresql", DatabaseKind::Postgresql, 5432, "postgres"),
        ("postgres", DatabaseKind::Postgresql, 5432, "postgres"),
        ("pg", DatabaseKind::Postgresql, 5432, "postgres"),
    ] {
        let database = resolved(&[("DB_ENGINE", engine)]).database;
        assert_eq!((database.kind, database.port, database.user.as_str()), (kind, port, user));
        assert_eq!((database.host.as_str(), database.name.as_str()), ("127.0.0.1", "flughafendb"));
        assert_eq!((database.tls, database.password.is_none()), (TlsMode::Prefer, true));
    }
}

#[test]
fn every_cache_has_its_own_defaults() {
    for (engine, kind, port) in [
        ("redis", CacheKind::Redis, 6379),
        ("valkey", CacheKind::Valkey, 6379),
        ("memcached", CacheKind::Memcached, 11211),
    ] {
        let cache = resolved(&[("CACHE_ENGINE", engine)]).cache;
        assert_eq!((cache.kind, cache.host.as_str(), cache.port), (kind, "127.0.0.1", port));
        assert_eq!((cache.user, cache.password.is_none(), cache.index, cache.tls), (None, true, 0, false));
    }
}

#[test]
fn every_part_of_a_database_is_heard() {
    let authority = tempfile::NamedTempFile::new().unwrap();
    let path = authority.path().to_str().unwrap();
    let database = resolved(&[
        ("DB_ENGINE", " mysql "),
        ("DB_HOST", "db.example.com"),
        ("DB_PORT", "3307"),
        ("DB_USER", "app"),
        ("DB_PASSWORD", " p@ss "),
        ("DB_NAME", "flughafendb_large"),
        ("DB_SSL_MODE", "VERIFY_IDENTITY"),
        ("DB_SSL_CA", path),
        ("DB_TIMEOUT", "1500ms"),
    ])
    .database;
    assert_eq!((database.kind, database.host.as_str(), database.port), (DatabaseKind::Mysql, "db.example.com", 3307));
    assert_eq!((database.user.as_str(), password(database.password.as_ref())), ("app", Some(" p@ss ")));
    assert_eq!((database.name.as_str(), database.tls), ("flughafendb_large", TlsMode::VerifyFull));
    assert_eq!(
        (database.authority.as_deref(), database.timeout),
        (Some(authority.path()), Duration::from_millis(1500))
    );
    // Who names an authority and no mode wants it to be asked.
    let database = resolved(&[("DB_ENGINE", "mysql"), ("DB_SSL_CA", path)]).database;
    assert_eq!(database.tls, TlsMode::VerifyAuthority);
}

#[test]
fn every_part_of_a_cache_is_heard() {
    let authority = tempfile::NamedTempFile::new().unwrap();
    let path = authority.path().to_str().unwrap();
    let redis = ("CACHE_ENGINE", "redis");
    let config = resolved(&[
        redis,
        ("CACHE_HOST", "::1"),
        ("CACHE_PORT", "6380"),
        ("CACHE_USER", "app"),
        ("CACHE_PASSWORD", "p"),
        ("CACHE_DB", "3"),
        ("CACHE_TLS", "On"),
        ("CACHE_TLS_CA", path),
        ("CACHE_TTL", "1h30m"),
        ("CACHE_TIMEOUT", "100"),
        ("QUEUE_BATCH_SIZE", "100000"),
    ]);
    let cache = config.cache;
    assert_eq!((cache.host.as_str(), cache.port, cache.index, cache.tls), ("::1", 6380, 3, true));
    assert_eq!((cache.user.as_deref(), password(cache.password.as_ref())), (Some("app"), Some("p")));
    assert_eq!((cache.authority.as_deref(), cache.timeout), (Some(authority.path()), Duration::from_millis(100)));
    assert_eq!((config.ttl, config.worker.batch), (Duration::from_secs(5400), 100_000));
    for (word, tls) in
        [("true", true), ("1", true), ("yes", true), ("false", false), ("0", false), ("no", false), ("off", false)]
    {
        assert_eq!(resolved(&[redis, ("CACHE_TLS", word)]).cache.tls, tls, "{word}");
    }
    assert!(resolved(&[redis, ("CACHE_TLS_CA", path)]).cache.tls);
    assert!(!resolved(&[redis, ("CACHE_TLS_CA", path), ("CACHE_TLS", "no")]).cache.tls);
}

#[test]
fn bare_numbers_count_in_the_unit_of_their_setting() {
    assert_eq!(resolved(&[("DB_TIMEOUT", "7")]).database.timeout, Duration::from_secs(7));
    assert_eq!(resolved(&[("CACHE_TIMEOUT", "7")]).cache.timeout, Duration::from_millis(7));
    assert_eq!(resolved(&[("CACHE_TTL", "31536000")]).ttl, Duration::from_secs(31_536_000));
}

#[test]
fn a_database_url_is_taken_apart() {
    let authority = tempfile::NamedTempFile::new().unwrap();
    let path = authority.path().to_str().unwrap();
    let database = |url: &str| resolved(&[("DATABASE_URL", url)]).database;
    let full = database(&format!(
        "mysql://a%40b:p@s%3As%2F+@db.example.com:3307/flug%20hafen?ssl-mode=REQUIRED&ssl-ca={path}"
    ));
    assert_eq!((full.kind, full.host.as_str(), full.port), (DatabaseKind::Mysql, "db.example.com", 3307));
    assert_eq!((full.user.as_str(), password(full.password.as_ref())), ("a@b", Some("p@s:s/+")));
    assert_eq!((full.name.as_str(), full.tls), ("flug hafen", TlsMode::Require));
    assert_eq!(full.authority.as_deref(), Some(authority.path()));
    let short = database("Postgres://db");
    assert_eq!((short.kind, short.host.as_str(), short.port), (DatabaseKind::Postgresql, "db", 5432));
    assert_eq!((short.user.as_str(), short.password.is_none(), short.name.as_str()), ("postgres", true, "flughafendb"));
    let other = database(&format!("postgresql://u:100%@[::1]:5433/d?sslmode=verify-full&sslrootcert={path}"));
    assert_eq!((other.host.as_str(), other.port, other.tls), ("::1", 5433, TlsMode::VerifyFull));
    assert_eq!(password(other.password.as_ref()), Some("100%"));
    assert_eq!(database("mariadb:///flug").host, "127.0.0.1");
    for (url, name) in [
        ("sqlite:flug.db", "flug.db"),
        ("sqlite://a/flug.db", "a/flug.db"),
        ("sqlite:///a/f%20g.db", "/a/f g.db"),
        ("sqlite:/a/flug.db", "/a/flug.db"),
        ("sqlite:", "/data/cachedemo/flughafendb.sqlite3"),
    ] {
        let database = database(url);
        assert_eq!((database.kind, database.name.as_str()), (DatabaseKind::Sqlite, name), "{url}");
    }
}

#[test]
fn a_cache_url_is_taken_apart() {
    let cache = |url: &str| resolved(&[("CACHE_URL", url)]).cache;
    for (url, kind, tls) in [
        ("redis://:p%40@h:7000/2", CacheKind::Redis, false),
        ("rediss://:p@@h:7000/2", CacheKind::Redis, true),
        ("valkey://:p@@h:7000/2/", CacheKind::Valkey, false),
        ("VALKEYS://:p@@h:7000/2", CacheKind::Valkey, true),
    ] {
        let cache = cache(url.trim_end_matches('/'));
        assert_eq!((cache.kind, cache.tls, cache.host.as_str(), cache.port), (kind, tls, "h", 7000), "{url}");
        assert_eq!((cache.user, password(cache.password.as_ref()), cache.index), (None, Some("p@"), 2), "{url}");
    }
    assert_eq!(cache("redis://u:p@h").user.as_deref(), Some("u"));
    let memcached = cache("memcached://h");
    assert_eq!((memcached.kind, memcached.host.as_str(), memcached.port), (CacheKind::Memcached, "h", 11211));
    for url in ["memory://", "memory:"] {
        assert_eq!(cache(url).kind, CacheKind::Memory);
    }
}

//! Each wrong value: the message names the setting and its place, the hint says what to write.

use super::*;
use crate::cli::QueueFlags;
use crate::error::ExitCode;

/// Settings that are wrong together, the message, and something that the hint must say.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a str, &'a str);

fn check(cases: &[Case<'_>]) {
    for (variables, message, hint) in cases {
        let error = resolve(variables).map(|config| format!("{config:?}")).expect_err(message);
        assert_eq!(error.exit_code(), ExitCode::Usage, "{variables:?}");
        assert_eq!(error.to_string(), message.replace("(…)", "(from the environment)"), "{variables:?}");
        let told = error.hint().unwrap_or_default();
        assert!(told.contains(hint), "{variables:?}: {told}");
    }
}

#[test]
fn engines_and_modes() {
    check(&[
        (
            &[("DB_ENGINE", "oracle")],
            "DB_ENGINE=oracle (…) is not a database engine",
            "it is one of: sqlite, mysql, mariadb, postgresql",
        ),
        (&[("DB_ENGINE", "mysq")], "DB_ENGINE=mysq (…) is not a database engine", "did you mean mysql?"),
        (&[("DB_ENGINE", "postgers")], "DB_ENGINE=postgers (…) is not a database engine", "did you mean postgres?"),
        (
            &[("ON_CACHE_FAILURE", "rejekt")],
            "ON_CACHE_FAILURE=rejekt (…) is not what an update can do",
            "did you mean reject? it is one of: degrade, reject",
        ),
        (&[("CACHE_ENGINE", "reddis")], "CACHE_ENGINE=reddis (…) is not a cache", "did you mean redis?"),
        (
            &[("CACHE_ENGINE", "hazelcast")],
            "CACHE_ENGINE=hazelcast (…) is not a cache",
            "memory, redis, valkey, memcached",
        ),
        (
            &[("DB_ENGINE", "pg"), ("DB_SSL_MODE", "on")],
            "DB_SSL_MODE=on (…) is not a TLS mode",
            "disable, prefer, require, verify-ca, verify-full",
        ),
        (
            &[("CACHE_ENGINE", "redis"), ("CACHE_TLS", "maybe")],
            "CACHE_TLS=maybe (…) is neither yes nor no",
            "true, false",
        ),
        (&[("DB_ENGINE", "a\u{1b}[31m\n")], "DB_ENGINE=a\\u{1b}[31m (…) is not a database engine", "sqlite"),
    ]);
}

#[test]
fn places() {
    let mysql = ("DB_ENGINE", "mysql");
    let redis = ("CACHE_ENGINE", "redis");
    check(&[
        (&[mysql, ("DB_PORT", "0")], "DB_PORT=0 (…) is not a whole number from 1 to 65535", "DB_PORT=3306"),
        (&[mysql, ("DB_PORT", "65536")], "DB_PORT=65536 (…) is not a whole number from 1 to 65535", "DB_PORT=3306"),
        (&[redis, ("CACHE_PORT", "x")], "CACHE_PORT=x (…) is not a whole number from 1 to 65535", "CACHE_PORT=6379"),
        (&[redis, ("CACHE_DB", "-1")], "CACHE_DB=-1 (…) is not a whole number from 0 to 65535", "CACHE_DB=0"),
        (&[mysql, ("DB_HOST", "db:3306")], "DB_HOST=db:3306 (…) is a host with a port", "DB_PORT"),
        (&[mysql, ("DB_HOST", "u:p@db")], "DB_HOST (…) is not the name or address of a machine", "DB_HOST=127.0.0.1"),
        (&[redis, ("CACHE_HOST", "/run/redis")], "CACHE_HOST (…) is not the name or address of a machine", "127.0.0.1"),
        (&[mysql, ("DB_SSL_CA", "/no/ca")], "DB_SSL_CA=/no/ca (…) is not a file that is there", "PEM"),
        (&[redis, ("CACHE_TLS_CA", "/no/ca")], "CACHE_TLS_CA=/no/ca (…) is not a file that is there", "PEM"),
        (&[("DB_NAME", ":memory:")], "DB_NAME=:memory: (…) is not a file", "name a file"),
    ]);
}

#[test]
fn amounts() {
    check(&[
        (&[("CACHE_TTL", "0")], "CACHE_TTL=0 (…) is not between 1s and 365 days", "bare number is seconds"),
        (&[("CACHE_TTL", "31536001")], "CACHE_TTL=31536001 (…) is not between 1s and 365 days", "1h30m"),
        (&[("CACHE_TTL", "soon")], "CACHE_TTL=soon (…) is not an amount of time", "CACHE_TTL like"),
        (&[("CACHE_TTL", "-5")], "CACHE_TTL=-5 (…) is not an amount of time", "CACHE_TTL like"),
        (&[("CACHE_TIMEOUT", "0")], "CACHE_TIMEOUT=0 (…) is not between 1ms and 1h", "bare number is milliseconds"),
        (&[("DB_TIMEOUT", "0s")], "DB_TIMEOUT=0s (…) is not between 1ms and 1h", "5s"),
        (
            &[("DB_TIMEOUT", "99999999999999999999")],
            "DB_TIMEOUT=99999999999999999999 (…) is not between 1ms and 1h",
            "5s",
        ),
        (
            &[("QUEUE_BATCH_SIZE", "0")],
            "QUEUE_BATCH_SIZE=0 (…) is not a whole number from 1 to 100000",
            "QUEUE_BATCH_SIZE=100",
        ),
        (
            &[("QUEUE_BATCH_SIZE", "100001")],
            "QUEUE_BATCH_SIZE=100001 (…) is not a whole number from 1 to 100000",
            "=100",
        ),
    ]);
}

#[test]
fn what_an_engine_does_not_have() {
    let memcached = ("CACHE_ENGINE", "memcached");
    let authority = tempfile::NamedTempFile::new().unwrap();
    let path = authority.path().to_str().unwrap();
    let why = "Memcached is spoken to without accounts and without encryption";
    let refused = |subject: &str| format!("{subject} is set, but {why}");
    check(&[
        (&[memcached, ("CACHE_TLS", "yes")], &refused("CACHE_TLS (…)"), "memcached://"),
        (&[memcached, ("CACHE_TLS_CA", path)], &refused("CACHE_TLS_CA (…)"), "memcached://"),
        (&[memcached, ("CACHE_USER", "u")], &refused("CACHE_USER (…)"), "memcached://"),
        (&[memcached, ("CACHE_PASSWORD", "p")], &refused("CACHE_PASSWORD (…)"), "memcached://"),
        (&[("CACHE_URL", "memcached://u@h")], &refused("the user in CACHE_URL (…)"), "memcached://"),
        (
            &[("DB_ENGINE", "sqlite"), ("DB_PASSWORD", "p")],
            "DB_PASSWORD (…) is set, but SQLite has no passwords",
            "sqlite:",
        ),
    ]);
    for harmless in [("CACHE_TLS", "no"), ("CACHE_PASSWORD", "")] {
        assert!(resolve(&[memcached, harmless]).is_ok(), "{harmless:?}");
    }
    assert!(resolve(&[("DB_ENGINE", "sqlite"), ("DB_PASSWORD", ""), ("DB_HOST", "h"), ("DB_PORT", "1")]).is_ok());
}

#[test]
fn a_server_without_its_engine() {
    let database =
        |name: &str| format!("{name} (…) is set, but DB_ENGINE is not: without it, an embedded SQLite file is used");
    let cache =
        |name: &str| format!("{name} (…) is set, but CACHE_ENGINE is not: without it, a cache in this process is used");
    for (name, value) in
        [("DB_HOST", "h"), ("DB_PORT", "1"), ("DB_USER", "u"), ("DB_PASSWORD", "p"), ("DB_SSL_MODE", "require")]
    {
        check(&[(&[(name, value)], &database(name), "DB_ENGINE=mysql")]);
    }
    for (name, value) in
        [("CACHE_HOST", "h"), ("CACHE_PORT", "1"), ("CACHE_USER", "u"), ("CACHE_PASSWORD", "p"), ("CACHE_TLS", "yes")]
    {
        check(&[(&[(name, value)], &cache(name), "CACHE_ENGINE=redis")]);
    }
}

#[test]
fn urls() {
    check(&[
        (&[("DATABASE_URL", "flughafendb")], "DATABASE_URL (…) is not a URL", "mysql://user"),
        (
            &[("DATABASE_URL", "mysql:h/db")],
            "DATABASE_URL (…) is not a URL: // is missing after the scheme",
            "mysql://user",
        ),
        (
            &[("DATABASE_URL", "oracle://h/db")],
            "DATABASE_URL (…) is not the URL of a database that cachedemo speaks to",
            "postgresql://",
        ),
        (&[("DATABASE_URL", "mysql://u:p/w@h/db")], "DATABASE_URL (…) is not a URL", "%2F"),
        (&[("DATABASE_URL", "mysql://u:p#w@h/db")], "DATABASE_URL (…) is not a URL", "%23"),
        (&[("DATABASE_URL", "mysql://h/db#x")], "DATABASE_URL (…) holds a #", "%23"),
        (&[("DATABASE_URL", "mysql://u:%ff@h/db")], "DATABASE_URL (…) holds a %-escape that is not UTF-8 text", "%25"),
        (&[("DATABASE_URL", "mysql://h/a/b")], "DATABASE_URL (…) has a second / after the host", "flughafendb"),
        (
            &[("DATABASE_URL", "mysql://h:0/a")],
            "the port in DATABASE_URL (…) is not a whole number from 1 to 65535",
            "%40",
        ),
        (&[("DATABASE_URL", "mysql://h/a?charset=x")], "DATABASE_URL (…) has an unknown parameter", "ssl-mode"),
        (
            &[("DATABASE_URL", "mysql://h/a?sslmode=on")],
            "the TLS mode in DATABASE_URL (…) is not a TLS mode",
            "verify-full",
        ),
        (
            &[("DATABASE_URL", "sqlite:f?mode=rwc")],
            "DATABASE_URL (…) has something after the name of the file, or a ? or # in it",
            "sqlite:file",
        ),
        (
            &[("CACHE_URL", "redis://h/x")],
            "the database number in CACHE_URL (…) is not a whole number from 0 to 65535",
            "%2F",
        ),
        (&[("CACHE_URL", "redis://h?protocol=3")], "CACHE_URL (…) has an unknown parameter", "?"),
        (
            &[("CACHE_URL", "memcached://h/1")],
            "CACHE_URL (…) has something after the port, which Memcached does not know",
            "11211",
        ),
        (
            &[("CACHE_URL", "memory://h")],
            "CACHE_URL (…) has something after memory://, which has no address",
            "memory://",
        ),
        (&[("CACHE_URL", "http://h")], "CACHE_URL (…) is not the URL of a cache that cachedemo speaks to", "redis://"),
    ]);
}

#[test]
fn the_place_is_named() {
    let file = environment(&[]).with_file("/above/.env", "DB_ENGINE=oracle").unwrap();
    let error = Config::resolve(&ConnectionFlags::default(), &file).unwrap_err();
    assert_eq!(error.to_string(), "DB_ENGINE=oracle (from /above/.env) is not a database engine");
    let queue = QueueFlags { queue_batch_size: Some("x".repeat(100)), ..QueueFlags::default() };
    let flags = ConnectionFlags { queue, ..ConnectionFlags::default() };
    let error = Config::resolve(&flags, &environment(&[])).unwrap_err();
    let start = format!("QUEUE_BATCH_SIZE={}… (from --queue-batch-size) is not", "x".repeat(60));
    assert!(error.to_string().starts_with(&start), "{error}");
}

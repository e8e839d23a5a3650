//! Which of several settings counts: flag, environment, `.env`, default; and URLs among them.

use super::*;
use crate::cli::QueueFlags;

fn layered(flags: &ConnectionFlags, variables: &[(&str, &str)], file: &str) -> Result<Config> {
    Config::resolve(flags, &environment(variables).with_file(".env", file).unwrap())
}

#[test]
fn a_flag_beats_the_environment_beats_the_file_beats_the_default() {
    let flags = ConnectionFlags { db_host: Some("flag".into()), ..ConnectionFlags::default() };
    let file = "DB_ENGINE=mysql\nDB_HOST=file\nDB_USER=file\nDB_NAME=file\n";
    let config = layered(&flags, &[("DB_HOST", "environment"), ("DB_USER", "environment")], file).unwrap();
    let database = config.database;
    assert_eq!((database.host.as_str(), database.user.as_str()), ("flag", "environment"));
    assert_eq!((database.name.as_str(), database.port), ("file", 3306));
}

#[test]
fn every_flag_is_heard() {
    let text = |text: &str| Some(text.to_owned());
    let flags = ConnectionFlags {
        db_engine: text("postgresql"),
        db_host: text("a"),
        db_port: text("1"),
        db_user: text("b"),
        db_password: Some("c".into()),
        db_name: text("d"),
        db_ssl_mode: text("disable"),
        db_timeout: text("1"),
        cache_engine: text("valkey"),
        cache_host: text("e"),
        cache_port: text("2"),
        cache_user: text("f"),
        cache_password: Some("g".into()),
        cache_db: text("3"),
        cache_tls: text("yes"),
        cache_ttl: text("4"),
        cache_timeout: text("5"),
        on_cache_failure: text("reject"),
        queue: QueueFlags { queue_batch_size: text("6"), ..QueueFlags::default() },
        ..ConnectionFlags::default()
    };
    let config = Config::resolve(&flags, &environment(&[])).unwrap();
    let (database, cache) = (config.database, config.cache);
    assert_eq!((database.kind, database.host.as_str(), database.port), (DatabaseKind::Postgresql, "a", 1));
    assert_eq!((database.user.as_str(), password(database.password.as_ref())), ("b", Some("c")));
    assert_eq!((database.name.as_str(), database.tls), ("d", TlsMode::Disable));
    assert_eq!(database.timeout, Duration::from_secs(1));
    assert_eq!((cache.kind, cache.host.as_str(), cache.port), (CacheKind::Valkey, "e", 2));
    assert_eq!((cache.user.as_deref(), password(cache.password.as_ref())), (Some("f"), Some("g")));
    assert_eq!((cache.index, cache.tls, cache.timeout), (3, true, Duration::from_millis(5)));
    assert_eq!((config.ttl, config.worker.batch), (Duration::from_secs(4), 6));
    assert_eq!(config.on_cache_failure, OnCacheFailure::Reject);
    for (flags, part) in [
        (ConnectionFlags { db_ssl_ca: text("/nowhere"), ..ConnectionFlags::default() }, "--db-ssl-ca"),
        (ConnectionFlags { cache_tls_ca: text("/nowhere"), ..ConnectionFlags::default() }, "--cache-tls-ca"),
        (ConnectionFlags { database_url: Some("x".into()), ..ConnectionFlags::default() }, "--database-url"),
        (ConnectionFlags { cache_url: Some("x".into()), ..ConnectionFlags::default() }, "--cache-url"),
    ] {
        let message = Config::resolve(&flags, &environment(&[])).unwrap_err().to_string();
        assert!(message.contains(part), "{message}");
    }
}

#[test]
fn what_is_empty_is_not_set_but_an_empty_password_is_none() {
    let file = "DB_ENGINE=mysql\nDB_PORT=3307\nDB_PASSWORD=old\nCACHE_ENGINE=redis\nCACHE_PASSWORD=old\n";
    let empty =
        [("DB_ENGINE", ""), ("DB_PORT", " "), ("DB_PASSWORD", ""), ("CACHE_PASSWORD", ""), ("DATABASE_URL", "")];
    let config = layered(&ConnectionFlags::default(), &empty, file).unwrap();
    assert_eq!((config.database.kind, config.database.port), (DatabaseKind::Mysql, 3307));
    assert!(config.database.password.is_none() && config.cache.password.is_none());
}

#[test]
fn a_url_hides_the_parts_beside_it_and_below_it() {
    let below = "DB_ENGINE=mysql\nDB_PASSWORD=old\nDB_USER=old\nDB_PORT=1\nDB_NAME=old\nDB_TIMEOUT=9s\nDATABASE_URL=mysql://old\n";
    let flags = ConnectionFlags { database_url: Some("postgresql://new/flug".into()), ..ConnectionFlags::default() };
    let database = layered(&flags, &[("DB_HOST", "old")], below).unwrap().database;
    assert_eq!((database.kind, database.host.as_str(), database.port), (DatabaseKind::Postgresql, "new", 5432));
    assert_eq!((database.user.as_str(), database.password.is_none()), ("postgres", true));
    assert_eq!((database.name.as_str(), database.timeout), ("flug", Duration::from_secs(9)));
    let beside = [("CACHE_URL", "redis://new"), ("CACHE_PASSWORD", "old"), ("CACHE_DB", "3"), ("CACHE_TTL", "7")];
    let config = layered(&ConnectionFlags::default(), &beside, "CACHE_TLS=yes\nCACHE_ENGINE=memcached").unwrap();
    let cache = config.cache;
    assert_eq!((cache.kind, cache.host.as_str(), cache.tls, cache.index), (CacheKind::Redis, "new", false, 0));
    assert_eq!((cache.password.is_none(), config.ttl), (true, Duration::from_secs(7)));
}

#[test]
fn parts_above_a_url_are_added_to_it() {
    let flags = ConnectionFlags {
        db_name: Some("flag".into()),
        db_engine: Some("mariadb".into()),
        cache_db: Some("5".into()),
        ..ConnectionFlags::default()
    };
    let file = "DATABASE_URL=mysql://u:p@h:1/file\nCACHE_URL=valkey://h/1\nDB_HOST=hidden\n";
    let config = layered(&flags, &[("DB_PASSWORD", "environment")], file).unwrap();
    let database = config.database;
    assert_eq!((database.kind, database.name.as_str()), (DatabaseKind::Mariadb, "flag"));
    assert_eq!((database.host.as_str(), database.port, database.user.as_str()), ("h", 1, "u"));
    assert_eq!(password(database.password.as_ref()), Some("environment"));
    assert_eq!((config.cache.host.as_str(), config.cache.index), ("h", 5));
}

#[test]
fn an_engine_above_a_url_for_another_is_told_and_not_mixed() {
    let file = "DATABASE_URL=mysql://u:hunter2@h:1/file\nCACHE_URL=redis://:hunter2@h/1\n";
    let database = ConnectionFlags { db_engine: Some("sqlite".into()), ..ConnectionFlags::default() };
    let cache = ConnectionFlags { cache_engine: Some("memory".into()), ..ConnectionFlags::default() };
    for (flags, expected) in [
        (
            database,
            "DB_ENGINE=sqlite (from --db-engine) contradicts DATABASE_URL (from .env), which is for another engine",
        ),
        (
            cache,
            "CACHE_ENGINE=memory (from --cache-engine) contradicts CACHE_URL (from .env), which is for another engine",
        ),
    ] {
        assert_eq!(layered(&flags, &[], file).unwrap_err().to_string(), expected);
    }
}

#[test]
fn a_url_and_a_part_in_flags_are_told_and_neither_is_dropped() {
    let flags = ConnectionFlags {
        database_url: Some("mysql://h".into()),
        db_password: Some("hunter2".into()),
        ..ConnectionFlags::default()
    };
    let error = layered(&flags, &[], "").unwrap_err();
    let expected =
        "DB_PASSWORD (from --db-password) describes what DATABASE_URL (from --database-url) describes already";
    assert_eq!(error.to_string(), expected);
    let flags = ConnectionFlags {
        database_url: Some("mysql://h".into()),
        db_timeout: Some("1s".into()),
        cache_url: Some("redis://h".into()),
        cache_ttl: Some("1s".into()),
        ..ConnectionFlags::default()
    };
    assert!(layered(&flags, &[], "").is_ok());
}

#[test]
fn own_files_stand_where_they_are_told_to() {
    let config = layered(&ConnectionFlags::default(), &[], "CACHEDEMO_HOME=/own").unwrap();
    assert_eq!((config.home.as_path(), config.database.name.as_str()), (Path::new("/own"), "/own/flughafendb.sqlite3"));
    let nowhere = Config::resolve(&ConnectionFlags::default(), &Environment::of([])).unwrap_err();
    assert!(nowhere.hint().is_some_and(|hint| hint.contains("CACHEDEMO_HOME=")), "{nowhere}");
}

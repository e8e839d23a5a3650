//! Passwords with the characters that URLs and shells trip over: they log in, and no output repeats them.

use crate::support::command::{Cachedemo, Output};
use crate::support::server::{DATABASE, Kind, Server};
use crate::support::settings::{self, Settings, Way, escaped};

const SECRET: &str = "hun@ter:2/50%rd#x";
const CACHE_SECRET: &str = "sea@gull:7/99%zz#y";

/// Pieces by which a password is known even when it was cut or escaped on the way.
const PIECES: [&str; 8] = ["hun@", "ter:2", "50%rd", "sea@", "gull:7", "99%zz", "hun%40", "sea%40"];

fn assert_kept(output: &Output, about: &str) {
    let shown = format!("{}{}", output.stdout, output.stderr);
    let secrets = [SECRET.to_owned(), CACHE_SECRET.to_owned(), escaped(SECRET), escaped(CACHE_SECRET)];
    for secret in secrets.iter().map(String::as_str).chain(PIECES) {
        assert!(!shown.to_lowercase().contains(&secret.to_lowercase()), "{about} shows {secret}:\n{shown}");
    }
}

fn run(way: Way, settings: &Settings, line: &str) -> Output {
    let output = way.give(Cachedemo::new().args(line.split(' ')), settings).run();
    assert_kept(&output, &format!("{way:?} {line}"));
    output
}

fn account(kind: Kind) -> Option<(Server, Settings)> {
    let server = Server::start(kind)?;
    let filled =
        Way::Environment.give(Cachedemo::new().args(["db", "init", "--flights", "10"]), &settings::of(&server));
    assert_eq!(filled.run().code, Some(0));
    server.sql(&match kind {
        Kind::Postgres => format!(
            "CREATE ROLE guarded LOGIN PASSWORD '{SECRET}'; \
             GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO guarded"
        ),
        _ => format!(
            "CREATE USER guarded@'%' IDENTIFIED BY '{SECRET}'; GRANT SELECT, INSERT, UPDATE ON {DATABASE}.* TO guarded@'%'"
        ),
    });
    let settings = settings::of_account(&server, "guarded", SECRET);
    Some((server, settings))
}

fn replaced(settings: &Settings, name: &str, value: &str) -> Settings {
    let change =
        |(found, old): &(&'static str, String)| (*found, if *found == name { value.into() } else { old.clone() });
    settings.iter().map(change).collect()
}

fn passwords_are_kept(database: Kind, cache: Kind) {
    let Some((database, account)) = account(database) else { return };
    let Some(cache) = Server::builder(cache).password(CACHE_SECRET).start() else { return };
    let both: Settings = account.iter().cloned().chain(settings::of(&cache)).collect();
    for way in Way::ALL {
        for line in ["write-through --verbose", "write-behind --format json", "cache-aside get --verbose", "doctor"] {
            let output = run(way, &both, line);
            assert_eq!(output.code, Some(0), "{way:?} {line}: {output:?}");
        }
        // Nobody there, a log-in that is refused, no such database: each message is about the connection.
        let elsewhere = settings::of(&database)[2].1.clone();
        let wrong: [(&str, String, i32); 5] = [
            ("DB_PORT", "1".to_owned(), 3),
            // Another kind of server: it answers, and not as a cache does.
            ("CACHE_PORT", elsewhere, 3),
            ("DB_USER", "nobody".to_owned(), 3),
            ("DB_PASSWORD", format!("{SECRET}x"), 3),
            ("CACHE_PASSWORD", format!("{CACHE_SECRET}x"), 3),
        ];
        for (name, value, code) in wrong {
            for line in ["doctor --format json", "doctor"] {
                let output = run(way, &replaced(&both, name, &value), line);
                assert_eq!(output.code, Some(code), "{way:?} {name}: {output:?}");
            }
        }
    }
}

#[test]
fn passwords_are_kept_with_mysql_and_redis() {
    passwords_are_kept(Kind::MySql, Kind::Redis);
}

#[test]
fn passwords_are_kept_with_postgres_and_valkey() {
    passwords_are_kept(Kind::Postgres, Kind::Valkey);
}

#[test]
fn passwords_are_kept_with_mariadb_and_redis() {
    passwords_are_kept(Kind::MariaDb, Kind::Redis);
}

/// Settings that cannot be understood are not quoted where a password may be among them.
#[test]
fn malformed_settings_are_not_repeated() {
    let (raw, cache) = (SECRET, CACHE_SECRET);
    let cases: Vec<Settings> = vec![
        vec![("DATABASE_URL", format!("mysql://guarded:{raw}@127.0.0.1:1/flughafendb"))],
        vec![("DATABASE_URL", format!("oracle://guarded:{raw}@127.0.0.1/flughafendb"))],
        vec![("DATABASE_URL", format!("postgresql://guarded:{}@127.0.0.1:x1/f", escaped(raw)))],
        vec![("DATABASE_URL", format!("guarded {raw}"))],
        vec![("DATABASE_URL", format!("mysql://127.0.0.1/f?password={raw}"))],
        vec![("CACHE_URL", format!("redis://:{cache}@127.0.0.1:1"))],
        vec![("CACHE_URL", format!("rediz://:{}@127.0.0.1", escaped(cache)))],
        vec![("CACHE_URL", format!("redis://:{}@127.0.0.1:1/x", escaped(cache)))],
        vec![("DB_ENGINE", "mysql".into()), ("DB_PORT", "x".into()), ("DB_PASSWORD", raw.into())],
        vec![("DB_PASSWORD", raw.into())],
        vec![("CACHE_PASSWORD", cache.into())],
        vec![("CACHE_ENGINE", "memcached".into()), ("CACHE_PASSWORD", cache.into())],
        vec![("DB_ENGINE", "mysql".into()), ("DB_HOST", format!("guarded:{raw}@127.0.0.1"))],
    ];
    for settings in cases {
        for way in [Way::Flags, Way::Environment, Way::File] {
            for line in ["doctor", "doctor --format json", "write-through --verbose"] {
                let output = run(way, &settings, line);
                assert!(matches!(output.code, Some(2 | 3)), "{way:?} {settings:?}: {output:?}");
            }
        }
    }
    // A password where a command is expected.
    let output = Cachedemo::new().args(["--db-passwort", SECRET]).run();
    assert_eq!(output.code, Some(2));
}

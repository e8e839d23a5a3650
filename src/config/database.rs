//! The `DB_*` settings and `DATABASE_URL` → how to reach the database.

use std::path::Path;
use std::time::Duration;

use super::layers::{DATABASE_PARTS, Layers};
use super::setting::Setting;
use super::target::{Target, refuse, require_agreement, require_engine};
use super::value::{Bare, choice, duration, file, host, port};
use super::{LOCALHOST, TIMEOUTS, url};
use crate::database::{DatabaseKind, Settings, TlsMode};
use crate::error::{Error, Result};

const NAME: &str = "flughafendb";

const ENGINES: [(&str, DatabaseKind); 7] = [
    ("sqlite", DatabaseKind::Sqlite),
    ("mysql", DatabaseKind::Mysql),
    ("mariadb", DatabaseKind::Mariadb),
    ("postgresql", DatabaseKind::Postgresql),
    ("postgres", DatabaseKind::Postgresql),
    ("pg", DatabaseKind::Postgresql),
    ("sqlite3", DatabaseKind::Sqlite),
];

/// The spellings of PostgreSQL, then those of MySQL.
const TLS_MODES: [(&str, TlsMode); 12] = [
    ("disable", TlsMode::Disable),
    ("prefer", TlsMode::Prefer),
    ("require", TlsMode::Require),
    ("verify-ca", TlsMode::VerifyAuthority),
    ("verify-full", TlsMode::VerifyFull),
    ("disabled", TlsMode::Disable),
    ("preferred", TlsMode::Prefer),
    ("required", TlsMode::Require),
    ("verify_ca", TlsMode::VerifyAuthority),
    ("verify_full", TlsMode::VerifyFull),
    ("verify_identity", TlsMode::VerifyFull),
    ("verify-identity", TlsMode::VerifyFull),
];

/// Decides how to reach the database; `home` is where its file stands if it is embedded.
pub(super) fn resolve(layers: &Layers, home: &Path) -> Result<Target<Settings>> {
    let parts = layers.gather("DATABASE_URL", &DATABASE_PARTS, url::database)?;
    let part = |name: &str| parts.find(name);
    require_engine(&parts, "DB_ENGINE", "an embedded SQLite file", "mysql, mariadb or postgresql")?;
    let kind = part("DB_ENGINE").map_or(Ok(DatabaseKind::Sqlite), engine)?;
    let hint = "give a whole URL in its place, such as --database-url sqlite:file";
    require_agreement(&parts, "DB_ENGINE", |named| is_same_protocol(named, kind), hint)?;
    if kind == DatabaseKind::Sqlite {
        let hint = "leave it out for this run: --database-url sqlite:file";
        refuse(part("DB_PASSWORD"), "SQLite", "has no passwords", hint)?;
    }
    let user = match kind {
        DatabaseKind::Sqlite => "",
        DatabaseKind::Mysql | DatabaseKind::Mariadb => "root",
        DatabaseKind::Postgresql => "postgres",
    };
    let authority = part("DB_SSL_CA").map(file).transpose()?;
    // Who names an authority wants it to be asked; MySQL's own client does the same.
    let tls = if authority.is_some() { TlsMode::VerifyAuthority } else { TlsMode::Prefer };
    let settings = Settings {
        kind,
        host: part("DB_HOST").map_or(Ok(LOCALHOST.to_owned()), host)?,
        port: part("DB_PORT").map_or(Ok(kind.port()), |setting| port(setting, 3306))?,
        user: part("DB_USER").map_or(user, |setting| &setting.value).to_owned(),
        password: part("DB_PASSWORD").filter(|setting| !setting.value.is_empty()).map(|it| it.value.as_str().into()),
        name: name(kind, part("DB_NAME"), home)?,
        tls: part("DB_SSL_MODE").map_or(Ok(tls), |setting| choice(setting, "a TLS mode", &TLS_MODES))?,
        authority,
        timeout: match layers.find("DB_TIMEOUT") {
            Some(setting) => duration(&setting, Bare::Seconds, &TIMEOUTS)?,
            None => Duration::from_secs(5),
        },
    };
    Ok(Target { settings, is_chosen: part("DB_ENGINE").is_some() || part("DB_NAME").is_some() })
}

fn engine(setting: &Setting) -> Result<DatabaseKind> {
    choice(setting, "a database engine", &ENGINES)
}

/// A MariaDB server answers under a `mysql://` URL too, and the other way round.
fn is_same_protocol(named: &str, kind: DatabaseKind) -> bool {
    match kind {
        DatabaseKind::Mysql | DatabaseKind::Mariadb => ["mysql", "mariadb"].contains(&named),
        DatabaseKind::Sqlite | DatabaseKind::Postgresql => named == kind.name(),
    }
}

fn name(kind: DatabaseKind, setting: Option<&Setting>, home: &Path) -> Result<String> {
    match setting {
        Some(setting) if kind == DatabaseKind::Sqlite && setting.value.contains(":memory:") => {
            Err(setting.wrong("is not a file", "several connections must see one database: name a file"))
        }
        Some(setting) => Ok(setting.value.clone()),
        None if kind == DatabaseKind::Sqlite => {
            let file = home.join(format!("{NAME}.sqlite3"));
            file.into_os_string().into_string().map_err(|_| {
                Error::usage("the directory for cachedemo's files is not UTF-8 text", "set CACHEDEMO_HOME to another")
            })
        }
        None => Ok(NAME.to_owned()),
    }
}

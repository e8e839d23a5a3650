//! Hands settings to the program in each of the ways that it takes them, so that no test depends on one of them.

use std::fs;
use std::path::Path;

use super::command::Cachedemo;
use super::server::{DATABASE, Kind, Server};

/// Names as they stand in the environment, with their values.
pub type Settings = Vec<(&'static str, String)>;

/// Where settings stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Flags,
    Environment,
    File,
    Urls,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Flags, Self::Environment, Self::File, Self::Urls];

    /// The command with these settings, given in this way.
    pub fn give(self, command: Cachedemo, settings: &Settings) -> Cachedemo {
        match self {
            Self::Flags => settings.iter().fold(command, |command, (name, value)| {
                command.args([format!("--{}", name.to_lowercase().replace('_', "-")), value.clone()])
            }),
            Self::Environment => settings.iter().fold(command, |command, (name, value)| command.env(name, value)),
            Self::File => {
                let lines: String = settings.iter().map(|(name, value)| format!("{name}='{value}'\n")).collect();
                fs::write(command.home_path().join(".env"), lines).expect("the home folder is ours");
                command
            }
            Self::Urls => Self::Environment.give(command, &urls(settings)),
        }
    }
}

/// How to reach a server as its superuser.
pub fn of(server: &Server) -> Settings {
    let password = server.password().to_owned();
    if server.kind().is_database() {
        return of_account(server, server.user(), &password);
    }
    let mut settings = vec![
        ("CACHE_ENGINE", server.kind().name().to_owned()),
        ("CACHE_HOST", server.host().to_owned()),
        ("CACHE_PORT", server.port().to_string()),
    ];
    if !password.is_empty() {
        settings.push(("CACHE_PASSWORD", password));
    }
    settings
}

/// How to reach a database server with this account.
pub fn of_account(server: &Server, user: &str, password: &str) -> Settings {
    let engine = if server.kind() == Kind::Postgres { "postgresql" } else { server.kind().name() };
    vec![
        ("DB_ENGINE", engine.to_owned()),
        ("DB_HOST", server.host().to_owned()),
        ("DB_PORT", server.port().to_string()),
        ("DB_USER", user.to_owned()),
        ("DB_PASSWORD", password.to_owned()),
        ("DB_NAME", DATABASE.to_owned()),
    ]
}

/// An embedded database.
pub fn of_file(file: &Path) -> Settings {
    vec![("DB_ENGINE", "sqlite".to_owned()), ("DB_NAME", file.display().to_string())]
}

/// The cache in the process.
pub fn memory() -> Settings {
    vec![("CACHE_ENGINE", "memory".to_owned())]
}

/// The text as it stands in the user or the password of a URL.
pub fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(escape).collect()
}

/// The same settings with everything that a URL can say said by one.
fn urls(settings: &Settings) -> Settings {
    let find = |name: &str| settings.iter().find(|setting| setting.0 == name).map(|setting| setting.1.as_str());
    let login = |user: Option<&str>, password: Option<&str>| match (user, password) {
        (None, None) => String::new(),
        (user, password) => {
            format!("{}:{}@", escaped(user.unwrap_or_default()), escaped(password.unwrap_or_default()))
        }
    };
    let mut said = Settings::new();
    if let Some(engine) = find("DB_ENGINE") {
        let name = find("DB_NAME").unwrap_or_default();
        said.push((
            "DATABASE_URL",
            match find("DB_HOST").zip(find("DB_PORT")) {
                None => format!("{engine}:{name}"),
                Some((host, port)) => {
                    let login = login(find("DB_USER"), find("DB_PASSWORD"));
                    let mode = find("DB_SSL_MODE").map(|mode| format!("ssl-mode={mode}"));
                    let authority = find("DB_SSL_CA").map(|file| format!("ssl-ca={file}"));
                    let query: Vec<String> = mode.into_iter().chain(authority).collect();
                    let mark = if query.is_empty() { "" } else { "?" };
                    format!("{engine}://{login}{host}:{port}/{name}{mark}{}", query.join("&"))
                }
            },
        ));
    }
    if let Some(engine) = find("CACHE_ENGINE") {
        let encrypted = if find("CACHE_TLS").is_some() { "s" } else { "" };
        let engine = match engine.split_once('-') {
            Some((product, cluster)) => format!("{product}{encrypted}-{cluster}"),
            None => format!("{engine}{encrypted}"),
        };
        let login = login(find("CACHE_USER"), find("CACHE_PASSWORD"));
        let host = find("CACHE_HOST").unwrap_or_default();
        let port = find("CACHE_PORT").map(|port| format!(":{port}")).unwrap_or_default();
        said.push(("CACHE_URL", format!("{engine}://{login}{host}{port}")));
    }
    let beside = ["CACHE_TLS_CA", "CACHE_TTL", "DB_TIMEOUT", "CACHE_TIMEOUT"];
    said.extend(settings.iter().filter(|setting| beside.contains(&setting.0)).cloned());
    said
}

//! `DATABASE_URL` and `CACHE_URL`, taken apart into the settings that they stand for.
//!
//! No message repeats a URL or a part of one: where it is malformed, nobody knows which part is the password.

use url::Url;

use super::layers::Described;
use super::setting::Setting;
use crate::error::{Error, Result};

const DATABASE_HINT: &str = "write it like mysql://user:password@host:3306/flughafendb, postgresql://…, mariadb://… or \
    sqlite:file; in a user or password, @ : / ? # and % are written %40 %3A %2F %3F %23 and %25";

const CACHE_HINT: &str = "write it like redis://user:password@host:6379/0, rediss:// (encrypted), valkey://, valkeys://, \
    memcached://host:11211[,host:port] or memory://; a cluster like redis-cluster://user:password@host:port,host:port, with \
    rediss-cluster://, valkey-cluster:// and valkeys-cluster:// likewise; in a user or password, @ : / ? # and % are written %40 %3A %2F %3F %23 and %25";

/// The `DB_*` settings that a `DATABASE_URL` stands for.
pub(super) fn database(setting: &Setting) -> Result<Described> {
    let wrong = |what: &str| setting.wrong(what, DATABASE_HINT);
    let (scheme, rest) = scheme(setting, DATABASE_HINT)?;
    let engine = match scheme.as_str() {
        "sqlite" => return sqlite(rest).map_err(wrong),
        "mysql" | "mariadb" => scheme.as_str(),
        "postgresql" | "postgres" => "postgresql",
        _ => return Err(wrong("is not the URL of a database that cachedemo speaks to")),
    };
    let url = server(rest).map_err(wrong)?;
    let mut parts = vec![("DB_ENGINE", engine.to_owned())];
    parts.extend(address(&url, ["DB_HOST", "DB_PORT", "DB_USER", "DB_PASSWORD"]).map_err(wrong)?);
    parts.extend(path(&url).map_err(wrong)?.map(|name| ("DB_NAME", name)));
    for (name, value) in url.query_pairs() {
        match &*name {
            "ssl-mode" | "sslmode" => parts.push(("DB_SSL_MODE", value.into_owned())),
            "ssl-ca" | "sslrootcert" => parts.push(("DB_SSL_CA", value.into_owned())),
            _ => return Err(setting.wrong("has an unknown parameter", "after ? may stand ssl-mode and ssl-ca")),
        }
    }
    Ok(parts)
}

/// The `CACHE_*` settings that a `CACHE_URL` stands for.
pub(super) fn cache(setting: &Setting) -> Result<Described> {
    let wrong = |what: &str| setting.wrong(what, CACHE_HINT);
    let (scheme, rest) = scheme(setting, CACHE_HINT)?;
    let (engine, is_encrypted) = match scheme.as_str() {
        "memory" if rest.trim_matches('/').is_empty() => return Ok(vec![("CACHE_ENGINE", scheme)]),
        "memory" => return Err(wrong("has something after memory://, which has no address")),
        "redis" => ("redis", false),
        "rediss" => ("redis", true),
        "valkey" => ("valkey", false),
        "valkeys" => ("valkey", true),
        "redis-cluster" => ("redis-cluster", false),
        "rediss-cluster" => ("redis-cluster", true),
        "valkey-cluster" => ("valkey-cluster", false),
        "valkeys-cluster" => ("valkey-cluster", true),
        "memcached" => ("memcached", false),
        _ => return Err(wrong("is not the URL of a cache that cachedemo speaks to")),
    };
    let (rest, others) = match first_host(rest) {
        Some((rest, others)) => (rest, Some(others)),
        None => (rest.to_owned(), None),
    };
    let url = server(&rest).map_err(wrong)?;
    let mut parts = vec![("CACHE_ENGINE", engine.to_owned())];
    if is_encrypted {
        parts.push(("CACHE_TLS", "true".to_owned()));
    }
    parts.extend(address(&url, ["CACHE_HOST", "CACHE_PORT", "CACHE_USER", "CACHE_PASSWORD"]).map_err(wrong)?);
    if let Some(others) = others {
        together(&mut parts, others);
    }
    if url.query().is_some() {
        return Err(
            setting.wrong("has an unknown parameter", "nothing may stand after ?; CACHE_TLS_CA is set beside it")
        );
    }
    match path(&url).map_err(wrong)? {
        Some(_) if engine == "memcached" => Err(wrong("has something after the port, which Memcached does not know")),
        index => {
            parts.extend(index.map(|index| ("CACHE_DB", index)));
            Ok(parts)
        }
    }
}

/// What follows the scheme with the first of several hosts alone, and the others: they stand between the account and the path.
fn first_host(rest: &str) -> Option<(String, &str)> {
    let start = if rest.starts_with("//") { 2 } else { 0 };
    let end = rest[start..].find(['/', '?', '#']).map_or(rest.len(), |length| start + length);
    // A comma before the @ is one of the password.
    let hosts = rest[..end].rfind('@').map_or(start, |at| at + 1);
    let comma = hosts + rest[hosts..end].find(',')?;
    Some((format!("{}{}", &rest[..comma], &rest[end..]), &rest[comma + 1..end]))
}

/// Makes the first host and its port, which a URL has said, and the others one list.
fn together(parts: &mut Described, others: &str) {
    let take = |parts: &mut Described, name| {
        let place = parts.iter().position(|(part, _)| *part == name);
        place.map(|place| parts.remove(place).1)
    };
    let first = take(parts, "CACHE_HOST").unwrap_or_default();
    let port = take(parts, "CACHE_PORT").map(|port| format!(":{port}")).unwrap_or_default();
    parts.push(("CACHE_HOST", format!("{first}{port},{others}")));
}

fn scheme<'a>(setting: &'a Setting, hint: &str) -> Result<(String, &'a str), Error> {
    match setting.value.split_once(':') {
        Some((scheme, rest)) => Ok((scheme.to_lowercase(), rest)),
        None => Err(setting.wrong("is not a URL", hint)),
    }
}

/// `sqlite:file`, `sqlite://file` and `sqlite:///absolute/file`.
fn sqlite(rest: &str) -> Result<Described, &'static str> {
    let file = rest.strip_prefix("//").unwrap_or(rest);
    if file.contains(['?', '#']) {
        return Err("has something after the name of the file, or a ? or # in it");
    }
    let mut parts = vec![("DB_ENGINE", "sqlite".to_owned())];
    if !file.is_empty() {
        parts.push(("DB_NAME", decoded(file)?));
    }
    Ok(parts)
}

/// The URL of a server, from what follows the scheme.
fn server(rest: &str) -> Result<Url, &'static str> {
    if !rest.starts_with("//") {
        return Err("is not a URL: // is missing after the scheme");
    }
    // The schemes that the crate knows have rules of their own (a default port, no empty host); ours have none.
    let url = Url::parse(&format!("server:{rest}")).map_err(|_| "is not a URL")?;
    if url.fragment().is_some() { Err("holds a #") } else { Ok(url) }
}

/// Host, port, user and password, under these names.
fn address(url: &Url, names: [&'static str; 4]) -> Result<Described, &'static str> {
    let [host, port, user, password] = names;
    let mut parts = Described::new();
    if let Some(name) = url.host_str().filter(|name| !name.is_empty()) {
        parts.push((host, decoded(name)?));
    }
    parts.extend(url.port().map(|number| (port, number.to_string())));
    if !url.username().is_empty() {
        parts.push((user, decoded(url.username())?));
    }
    if let Some(secret) = url.password() {
        parts.push((password, decoded(secret)?));
    }
    Ok(parts)
}

/// What stands behind the first / after the host.
fn path(url: &Url) -> Result<Option<String>, &'static str> {
    match url.path().trim_start_matches('/') {
        "" => Ok(None),
        name if name.contains('/') => Err("has a second / after the host"),
        name => decoded(name).map(Some),
    }
}

/// The text without its percent-escapes. A % before anything else than two digits stands for itself.
fn decoded(text: &str) -> Result<String, &'static str> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digit = |index: usize| after.get(index).and_then(|digit| char::from(*digit).to_digit(16));
        match (byte, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.extend(u8::try_from(high * 16 + low));
                rest = &after[2..];
            }
            _ => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).map_err(|_| "holds a %-escape that is not UTF-8 text")
}

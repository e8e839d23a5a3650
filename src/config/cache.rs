//! The `CACHE_*` settings and `CACHE_URL` → how to reach the cache.

use std::time::Duration;

use super::layers::{CACHE_PARTS, Layers};
use super::setting::Setting;
use super::target::{Target, refuse, require_agreement, require_engine};
use super::value::{Bare, boolean, choice, duration, file, host, number, port};
use super::{LOCALHOST, TIMEOUTS, url};
use crate::cache::{CacheKind, Settings};
use crate::error::Result;
use crate::pattern::OnCacheFailure;

const ENGINES: [(&str, CacheKind); 4] = [
    ("memory", CacheKind::Memory),
    ("redis", CacheKind::Redis),
    ("valkey", CacheKind::Valkey),
    ("memcached", CacheKind::Memcached),
];

/// Decides how to reach the cache.
pub(super) fn resolve(layers: &Layers) -> Result<Target<Settings>> {
    let parts = layers.gather("CACHE_URL", &CACHE_PARTS, url::cache)?;
    let part = |name: &str| parts.find(name);
    require_engine(&parts, "CACHE_ENGINE", "a cache in this process", "redis, valkey or memcached")?;
    let kind = part("CACHE_ENGINE").map_or(Ok(CacheKind::Memory), engine)?;
    let hint = "give a whole URL in its place, such as --cache-url memory://";
    require_agreement(&parts, "CACHE_ENGINE", |named| is_same_protocol(named, kind), hint)?;
    let authority = part("CACHE_TLS_CA").map(file).transpose()?;
    let tls = part("CACHE_TLS").map(boolean).transpose()?;
    if kind == CacheKind::Memcached {
        let why = "is spoken to without accounts and without encryption";
        let hint = "leave it out for this run: --cache-url memcached://host:11211";
        for name in ["CACHE_USER", "CACHE_PASSWORD", "CACHE_TLS_CA"] {
            refuse(part(name), kind.product(), why, hint)?;
        }
        refuse(part("CACHE_TLS").filter(|_| tls == Some(true)), kind.product(), why, hint)?;
    }
    let settings = Settings {
        kind,
        host: part("CACHE_HOST").map_or(Ok(LOCALHOST.to_owned()), host)?,
        port: part("CACHE_PORT").map_or(Ok(kind.port()), |setting| port(setting, 6379))?,
        user: part("CACHE_USER").map(|setting| setting.value.clone()),
        password: part("CACHE_PASSWORD").filter(|setting| !setting.value.is_empty()).map(|it| it.value.as_str().into()),
        index: part("CACHE_DB").map_or(Ok(0), |setting| number(setting, &(0..=u64::from(u16::MAX)), "0"))?,
        // Who names an authority wants it to be asked.
        tls: tls.unwrap_or(authority.is_some()),
        authority,
        timeout: match layers.find("CACHE_TIMEOUT") {
            Some(setting) => duration(&setting, Bare::Milliseconds, &TIMEOUTS)?,
            None => Duration::from_millis(250),
        },
    };
    Ok(Target { settings, is_chosen: part("CACHE_ENGINE").is_some() })
}

/// Decides what an update does when the cache does not take its lease.
pub(super) fn on_failure(layers: &Layers) -> Result<OnCacheFailure> {
    let words = [("degrade", OnCacheFailure::Degrade), ("reject", OnCacheFailure::Reject)];
    let setting = layers.find("ON_CACHE_FAILURE");
    setting.map_or(Ok(OnCacheFailure::default()), |setting| choice(&setting, "what an update can do", &words))
}

fn engine(setting: &Setting) -> Result<CacheKind> {
    choice(setting, "a cache", &ENGINES)
}

/// Redis and Valkey answer under each other's URLs.
fn is_same_protocol(named: &str, kind: CacheKind) -> bool {
    match kind {
        CacheKind::Redis | CacheKind::Valkey => ["redis", "valkey"].contains(&named),
        CacheKind::Memory | CacheKind::Memcached => named == kind.name(),
    }
}

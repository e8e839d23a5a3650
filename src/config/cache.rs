//! The `CACHE_*` settings and `CACHE_URL` → how to reach the cache.

use std::time::Duration;

use super::layers::{CACHE_PARTS, Layers};
use super::setting::Setting;
use super::target::{Target, refuse, require_agreement, require_engine};
use super::value::{Bare, boolean, choice, duration, file, number, port};
use super::{LOCALHOST, TIMEOUTS, servers, url};
use crate::cache::{Address, CacheKind, Settings};
use crate::error::Result;
use crate::pattern::OnCacheFailure;

/// What is typed, and what it means: the cache, and whether it is a cluster.
const ENGINES: [(&str, (CacheKind, bool)); 6] = [
    ("memory", (CacheKind::Memory, false)),
    ("redis", (CacheKind::Redis, false)),
    ("valkey", (CacheKind::Valkey, false)),
    ("memcached", (CacheKind::Memcached, false)),
    ("redis-cluster", (CacheKind::Redis, true)),
    ("valkey-cluster", (CacheKind::Valkey, true)),
];

/// Into how many partitions a cluster's keys are divided where nobody says: each of up to five nodes gets three.
const PARTITIONS: u32 = 16;

/// Decides how to reach the cache.
pub(super) fn resolve(layers: &Layers) -> Result<Target<Settings>> {
    let parts = layers.gather("CACHE_URL", &CACHE_PARTS, url::cache)?;
    let part = |name: &str| parts.find(name);
    require_engine(&parts, "CACHE_ENGINE", "a cache in this process", "redis, valkey or memcached")?;
    let (kind, is_cluster) = part("CACHE_ENGINE").map_or(Ok((CacheKind::Memory, false)), engine)?;
    let hint = "give a whole URL in its place, such as --cache-url memory://";
    require_agreement(&parts, "CACHE_ENGINE", |named| is_same_protocol(named, kind, is_cluster), hint)?;
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
    let usual = part("CACHE_PORT").map_or(Ok(kind.port()), |setting| port(setting, 6379))?;
    let mut servers = match part("CACHE_HOST") {
        Some(setting) if is_cluster || kind == CacheKind::Memcached => servers::several(setting, usual)?,
        Some(setting) => vec![servers::one(setting, usual, kind)?],
        None => vec![Address { host: LOCALHOST.to_owned(), port: usual }],
    };
    let Address { host, port } = servers.remove(0);
    let index = part("CACHE_DB").map_or(Ok(0), |setting| number(setting, &(0..=u64::from(u16::MAX)), "0"))?;
    if is_cluster && index != 0 {
        let hint = "leave it out: CACHE_URL=redis-cluster://host:6379";
        refuse(part("CACHE_DB"), "a cluster", "has no logical databases", hint)?;
    }
    let settings = Settings {
        kind,
        host,
        port,
        others: servers,
        cluster: is_cluster.then_some(PARTITIONS),
        user: part("CACHE_USER").map(|setting| setting.value.clone()),
        password: part("CACHE_PASSWORD").filter(|setting| !setting.value.is_empty()).map(|it| it.value.as_str().into()),
        index,
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

fn engine(setting: &Setting) -> Result<(CacheKind, bool)> {
    choice(setting, "a cache", &ENGINES)
}

/// Redis and Valkey answer under each other's URLs.
fn is_same_protocol(named: &str, kind: CacheKind, is_cluster: bool) -> bool {
    match kind {
        CacheKind::Redis | CacheKind::Valkey if is_cluster => ["redis-cluster", "valkey-cluster"].contains(&named),
        CacheKind::Redis | CacheKind::Valkey => ["redis", "valkey"].contains(&named),
        CacheKind::Memory | CacheKind::Memcached => named == kind.name(),
    }
}

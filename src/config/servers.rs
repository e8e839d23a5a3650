//! Where the cache's servers are: one host, or several with commas between them, each with a port of its own where it has one.

use super::setting::Setting;
use super::value::{host, port};
use crate::cache::{Address, CacheKind};
use crate::error::{Error, Result};

const LIST_HINT: &str = "write them like CACHE_HOST=10.0.0.1:6379,10.0.0.2:6379, with no blanks and nothing twice";

/// The only server.
pub(super) fn one(setting: &Setting, usual: u16, kind: CacheKind) -> Result<Address> {
    if setting.value.contains(',') {
        let cluster = format!("{}-cluster", kind.name());
        let hint = format!(
            "if they are a cluster, say so: CACHE_ENGINE={cluster}, or CACHE_URL={cluster}://…; several servers that know nothing \
             of each other can only be Memcached's"
        );
        return Err(Error::usage(format!("{} names several servers", setting.cited()), hint));
    }
    Ok(Address { host: host(setting)?, port: usual })
}

/// One or several.
pub(super) fn several(setting: &Setting, usual: u16) -> Result<Vec<Address>> {
    let is_list = setting.value.contains(',');
    let mut servers: Vec<Address> = Vec::new();
    for text in setting.value.split(',') {
        let (name, number) = if is_list { with_port(text) } else { (text, None) };
        let part = |value: &str| Setting { value: value.to_owned(), ..setting.clone() };
        if name.is_empty() {
            return Err(Error::usage(format!("{} has an empty place between commas", setting.cited()), LIST_HINT));
        }
        let port = number.map_or(Ok(usual), |number| port(&Setting { name: "CACHE_PORT", ..part(number) }, usual))?;
        let server = Address { host: host(&part(name))?, port };
        if servers.contains(&server) {
            return Err(Error::usage(format!("{} names {server} twice", setting.cited()), LIST_HINT));
        }
        servers.push(server);
    }
    Ok(servers)
}

/// The name and the port, where there is one. An IPv6 address with a port stands in brackets.
fn with_port(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((name, port)) if name.ends_with(']') || !name.contains(':') => (name, Some(port)),
        _ => (text, None),
    }
}

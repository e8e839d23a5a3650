//! What the database and the cache have in common: a choice of engine, and parts that some engines do not have.

use super::layers::Parts;
use super::setting::Setting;
use crate::error::{Error, Result};

/// The settings of one server, and whether anybody chose it.
pub(super) struct Target<T> {
    /// How to reach it.
    pub(super) settings: T,
    /// Whether an engine or a place was set, rather than all of it left to the defaults.
    pub(super) is_chosen: bool,
}

/// A part that only a server has, while no engine was chosen: the embedded one would be used in silence.
pub(super) fn require_engine(parts: &Parts, engine: &str, embedded: &str, example: &str) -> Result<()> {
    let is_of_server = |part: &&Setting| {
        let kinds = ["_HOST", "_PORT", "_USER", "_PASSWORD", "_TLS", "_TLS_CA", "_SSL_MODE", "_SSL_CA"];
        kinds.iter().any(|kind| part.name.ends_with(kind)) && !part.value.is_empty()
    };
    match parts.settings.values().find(is_of_server) {
        Some(part) if parts.find(engine).is_none() => Err(Error::usage(
            format!("{} is set, but {engine} is not: without it, {embedded} is used", part.cited()),
            format!("choose the server as well, such as {engine}={example}"),
        )),
        _ => Ok(()),
    }
}

/// A part that this engine does not have.
pub(super) fn refuse(part: Option<&Setting>, product: &str, why: &str, hint: &str) -> Result<()> {
    match part.filter(|part| !part.value.is_empty()) {
        Some(part) => Err(Error::usage(format!("{} is set, but {product} {why}", part.cited()), hint)),
        None => Ok(()),
    }
}

/// An engine from a layer above a URL for another: the rest of that URL describes a server that was not meant.
pub(super) fn require_agreement(
    parts: &Parts,
    engine: &str,
    is_same_protocol: impl Fn(&str) -> bool,
    hint: &str,
) -> Result<()> {
    match (parts.find(engine), &parts.url) {
        (Some(chosen), Some((url, named))) if !is_same_protocol(named) => {
            let what = format!("contradicts {}, which is for another engine", url.cited());
            Err(chosen.wrong(what, hint))
        }
        _ => Ok(()),
    }
}

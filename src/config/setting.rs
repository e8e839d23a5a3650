//! One setting as it was found: its value, and from where, so that a message can send its reader to the right place.

use std::fmt;

use crate::error::Error;

/// The longest value that a message repeats, in characters.
const SHOWN: usize = 60;

/// Where a value stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// In a flag.
    Flag,
    /// In the environment.
    Environment,
    /// In a file of this name.
    File(String),
}

/// A value that was set. It may be a secret: there is no `Debug`, and messages take it from [`Setting::wrong`] only.
#[derive(Clone)]
pub(super) struct Setting {
    /// Its name in the environment.
    pub(super) name: &'static str,
    /// What was written, without blanks around it.
    pub(super) value: String,
    /// Where.
    pub(super) origin: Origin,
    /// The setting whose URL it is a part of, if it was not written by itself.
    pub(super) url: Option<&'static str>,
}

impl Setting {
    /// Says that the value is wrong: `what` continues the sentence "DB_PORT=x (from .env) …".
    pub(super) fn wrong(&self, what: impl fmt::Display, hint: impl Into<String>) -> Error {
        let place = self.place();
        // A URL that is split in the wrong place has its password anywhere.
        let message = if self.is_secret() {
            format!("{} ({place}) {what}", self.subject())
        } else {
            let escaped: String = self.value.escape_debug().collect();
            let dots = if escaped.chars().count() > SHOWN { "…" } else { "" };
            let shown: String = escaped.chars().take(SHOWN).collect();
            format!("{}={shown}{dots} ({place}) {what}", self.name)
        };
        Error::usage(message, hint)
    }

    /// The setting and its place, without its value: `DB_PASSWORD (from .env)`.
    pub(super) fn cited(&self) -> String {
        format!("{} ({})", self.subject(), self.place())
    }

    fn subject(&self) -> String {
        match self.url {
            Some(url) => format!("the {} in {url}", self.part()),
            None => self.name.to_owned(),
        }
    }

    /// What a part of a URL is called.
    fn part(&self) -> &'static str {
        match self.name {
            "DB_ENGINE" | "CACHE_ENGINE" => "engine",
            "DB_HOST" | "CACHE_HOST" => "host",
            "DB_PORT" | "CACHE_PORT" => "port",
            "DB_USER" | "CACHE_USER" => "user",
            "DB_PASSWORD" | "CACHE_PASSWORD" => "password",
            "DB_SSL_MODE" => "TLS mode",
            "DB_SSL_CA" => "certificate file",
            "CACHE_DB" => "database number",
            "CACHE_TLS" => "encryption",
            _ => "name",
        }
    }

    fn place(&self) -> String {
        // The name of the flag is that of the variable; a part of a URL stands where its URL does.
        let flag = self.url.unwrap_or(self.name).to_lowercase().replace('_', "-");
        match &self.origin {
            Origin::Flag => format!("from --{flag}"),
            Origin::Environment => "from the environment".to_owned(),
            Origin::File(name) => format!("from {name}"),
        }
    }

    fn is_secret(&self) -> bool {
        self.url.is_some() || self.name.ends_with("_URL") || self.name.ends_with("_PASSWORD")
    }
}

//! The places where a setting can stand, the strongest first: flags, environment, `.env`.

use std::collections::BTreeMap;

use secrecy::{ExposeSecret, SecretString};

use super::environment::{Environment, Values};
use super::setting::{Origin, Setting};
use crate::cli::ConnectionFlags;
use crate::error::{Error, Result};

/// Settings by their names.
pub(super) type Settings = BTreeMap<&'static str, Setting>;

/// The settings that describe one server.
pub(super) struct Parts {
    /// Each by its name.
    pub(super) settings: Settings,
    /// The URL that some of them come from, and the engine that it names.
    pub(super) url: Option<(Setting, String)>,
}

impl Parts {
    /// The setting of this name.
    pub(super) fn find(&self, name: &str) -> Option<&Setting> {
        self.settings.get(name)
    }
}

/// What a URL stands for: settings by their names, the engine first.
pub(super) type Described = Vec<(&'static str, String)>;

/// What a URL can say as well. How long to wait is no part of an address.
pub(super) const DATABASE_PARTS: [&str; 8] =
    ["DB_ENGINE", "DB_HOST", "DB_PORT", "DB_USER", "DB_PASSWORD", "DB_NAME", "DB_SSL_MODE", "DB_SSL_CA"];

/// What a URL can say as well. How long to wait, and how long an entry lives, are no parts of an address.
pub(super) const CACHE_PARTS: [&str; 8] = [
    "CACHE_ENGINE",
    "CACHE_HOST",
    "CACHE_PORT",
    "CACHE_USER",
    "CACHE_PASSWORD",
    "CACHE_DB",
    "CACHE_TLS",
    "CACHE_TLS_CA",
];

/// The only part that no URL can say, and that therefore stands beside it.
const BESIDE_URL: &str = "CACHE_TLS_CA";

/// All settings that were typed or set.
pub(super) struct Layers([Settings; 3]);

impl Layers {
    pub(super) fn new(flags: &ConnectionFlags, environment: &Environment) -> Result<Self> {
        let (file, file_name) = environment.file();
        let layers = [
            layer(&typed(flags), &Origin::Flag),
            layer(environment.process(), &Origin::Environment),
            layer(file, &Origin::File(file_name.to_owned())),
        ];
        // What somebody types is never dropped in silence.
        exclusive(&layers[0], "DATABASE_URL", &DATABASE_PARTS)?;
        exclusive(&layers[0], "CACHE_URL", &CACHE_PARTS)?;
        Ok(Self(layers))
    }

    /// The setting of this name.
    pub(super) fn find(&self, name: &str) -> Option<Setting> {
        self.0.iter().find_map(|layer| layer.get(name)).cloned()
    }

    /// The parts that describe one server.
    ///
    /// A URL is one whole: it stands in place of the parts of its own layer, and hides those of the layers below, for they
    /// describe another server. Parts of the layers above are added to it.
    pub(super) fn gather(
        &self,
        url: &'static str,
        parts: &[&'static str],
        read: fn(&Setting) -> Result<Described>,
    ) -> Result<Parts> {
        let mut settings = Settings::new();
        for layer in &self.0 {
            if let Some(whole) = layer.get(url) {
                let described = read(whole)?;
                let engine = described.first().map(|(_, engine)| engine.clone()).unwrap_or_default();
                for (name, value) in described {
                    let part = Setting { name, value, origin: whole.origin.clone(), url: Some(url) };
                    settings.entry(name).or_insert(part);
                }
                if let Some(part) = layer.get(BESIDE_URL).filter(|_| parts.contains(&BESIDE_URL)) {
                    settings.entry(BESIDE_URL).or_insert_with(|| part.clone());
                }
                return Ok(Parts { settings, url: Some((whole.clone(), engine)) });
            }
            for name in parts {
                if let Some(part) = layer.get(name) {
                    settings.entry(name).or_insert_with(|| part.clone());
                }
            }
        }
        Ok(Parts { settings, url: None })
    }
}

/// An empty password is one that was said to be empty; anything else that is empty was not set.
fn layer(values: &Values, origin: &Origin) -> Settings {
    let settings = values.iter().filter_map(|(&name, value)| {
        let is_password = name.ends_with("_PASSWORD");
        let value = if is_password { value } else { value.trim() };
        let setting = Setting { name, value: value.to_owned(), origin: origin.clone(), url: None };
        (is_password || !value.is_empty()).then_some((name, setting))
    });
    settings.collect()
}

fn exclusive(typed: &Settings, url: &str, parts: &[&'static str]) -> Result<()> {
    let mut parts = parts.iter().filter(|part| **part != BESIDE_URL);
    match (parts.find_map(|part| typed.get(part)), typed.get(url)) {
        (Some(part), Some(whole)) => Err(Error::usage(
            format!("{} describes what {} describes already", part.cited(), whole.cited()),
            "give the URL, with everything in it, or the single flags",
        )),
        _ => Ok(()),
    }
}

fn typed(flags: &ConnectionFlags) -> Values {
    let open = [
        ("DB_ENGINE", &flags.db_engine),
        ("DB_HOST", &flags.db_host),
        ("DB_PORT", &flags.db_port),
        ("DB_USER", &flags.db_user),
        ("DB_NAME", &flags.db_name),
        ("DB_SSL_MODE", &flags.db_ssl_mode),
        ("DB_SSL_CA", &flags.db_ssl_ca),
        ("DB_TIMEOUT", &flags.db_timeout),
        ("CACHE_ENGINE", &flags.cache_engine),
        ("CACHE_HOST", &flags.cache_host),
        ("CACHE_PORT", &flags.cache_port),
        ("CACHE_USER", &flags.cache_user),
        ("CACHE_DB", &flags.cache_db),
        ("CACHE_TLS", &flags.cache_tls),
        ("CACHE_TLS_CA", &flags.cache_tls_ca),
        ("CACHE_TTL", &flags.cache_ttl),
        ("CACHE_TIMEOUT", &flags.cache_timeout),
        ("ON_CACHE_FAILURE", &flags.on_cache_failure),
        ("QUEUE_BATCH_SIZE", &flags.queue.queue_batch_size),
        ("QUEUE_PROCESS_INTERVAL", &flags.queue.queue_process_interval),
        ("QUEUE_PARTITIONS", &flags.queue.queue_partitions),
        ("QUEUE_MAX_LENGTH", &flags.queue.queue_max_length),
        ("QUEUE_FULL_TIMEOUT", &flags.queue.queue_full_timeout),
        ("QUEUE_RESEND_WINDOW", &flags.queue.queue_resend_window),
        ("QUEUE_RETRY_DELAY", &flags.queue.queue_retry_delay),
        ("QUEUE_RETRY_MAX_DELAY", &flags.queue.queue_retry_max_delay),
        ("QUEUE_RETRY_ATTEMPTS", &flags.queue.queue_retry_attempts),
    ];
    let secret = [
        ("DB_PASSWORD", &flags.db_password),
        ("DATABASE_URL", &flags.database_url),
        ("CACHE_PASSWORD", &flags.cache_password),
        ("CACHE_URL", &flags.cache_url),
    ];
    let exposed = |secret: &SecretString| secret.expose_secret().to_owned();
    let open = open.into_iter().filter_map(|(name, value)| Some((name, value.clone()?)));
    open.chain(secret.into_iter().filter_map(|(name, value)| Some((name, exposed(value.as_ref()?))))).collect()
}

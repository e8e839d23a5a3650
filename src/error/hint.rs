//! What to do next after each failure: the sentence that ends every error message.

use std::io;
use std::path::Path;

use super::{Error, Peer, STANDARD_OUTPUT};

impl Error {
    /// What to do next, with a command that can be pasted where there is one.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Usage { hint, .. } | Self::NotHeld { hint, .. } => Some(hint.clone()),
            Self::Unreachable { peer, .. } => {
                let encryption = match peer.product {
                    "Redis" | "Valkey" => ", CACHE_TLS=yes if it takes encrypted connections only,",
                    _ => "",
                };
                let address = address_settings(peer);
                Some(format!("is it running there? set {address}{encryption} or check with `cachedemo doctor`"))
            }
            Self::TimedOut { peer, .. } if peer.product == "journal" => {
                Some("nothing was changed: another process holds its lock; see that none of cachedemo's is stopped".into())
            }
            Self::TimedOut { peer, .. } => Some(format!(
                "it may be stopped, overloaded, or another program may listen on that port; set {} or {}",
                address_settings(peer),
                if peer.role == "database" { "DB_TIMEOUT" } else { "CACHE_TIMEOUT" }
            )),
            Self::Untrusted { peer, .. } => Some(if peer.role == "database" {
                "set DB_SSL_CA to the certificate of the authority that signed the server's, and DB_HOST to a name in it"
                    .into()
            } else {
                "set CACHE_TLS_CA to the certificate of the authority that signed the server's, and CACHE_HOST to a name in it; CACHE_TLS=no if it does not encrypt"
                    .into()
            }),
            Self::EncryptedOnly { .. } => {
                Some("set DB_SSL_MODE=require, or verify-full with DB_SSL_CA to be sure who answers".into())
            }
            Self::LoginRefused { peer, .. } => Some(if peer.role == "database" {
                // Some servers tell an account that must come encrypted no more than that it is denied.
                "set DB_USER and DB_PASSWORD (or DATABASE_URL) to an account that may log in there; some may only with DB_SSL_MODE=require"
                    .into()
            } else {
                "set CACHE_USER and CACHE_PASSWORD (or CACHE_URL) to an account that may log in there".into()
            }),
            Self::NoDatabase { .. } => Some(
                "set DB_NAME to a database that exists, or create it there and fill it with `cachedemo db init`".into(),
            ),
            Self::NotADatabase { .. } => {
                Some("the file was left as it is: set DB_NAME to another, or move it away and run `cachedemo db init`".into())
            }
            Self::NoTable { .. } => {
                Some("load flughafendb there, or create the tables and sample flights with `cachedemo db init`".into())
            }
            Self::ReadOnly { .. } => {
                Some("it is read-only, as a replica is: set DB_HOST (or DATABASE_URL) to the server that takes changes".into())
            }
            Self::Denied { .. } => {
                Some("the account needs SELECT, INSERT and UPDATE; `cachedemo doctor` lists what is missing".into())
            }
            Self::Rejected { peer, .. } => Some(format!("`cachedemo doctor` shows the state of the {}", peer.role)),
            Self::OutcomeUnknown { update: Some(id), .. } => Some(format!(
                "send it again under its own id, and it is queued once: the same command with `--id {id}`"
            )),
            Self::OutcomeUnknown { .. } => {
                Some("look with `cachedemo <pattern> verify --flight-id <id>` once it answers again".into())
            }
            Self::NoSuchFlight(_) => Some("`cachedemo db status` shows which flights there are".into()),
            Self::PendingUpdates(_) => Some("apply them first: `cachedemo write-behind drain`".into()),
            Self::Poisoned { .. } => Some("nothing was lost: `cachedemo write-behind drain` moves it to the dead letters".into()),
            Self::QueueFull { .. } => Some(
                "nothing was queued and nothing dropped: see that a worker runs (`cachedemo write-behind worker`), or drain"
                    .into(),
            ),
            Self::OtherPartitions { there, .. } => Some(format!(
                "set QUEUE_PARTITIONS={there}; to change it, drain first and settle the dead letters: `cachedemo write-behind drain --queue-partitions {there}`"
            )),
            Self::Unacceptable { .. } => Some("nothing was changed: give a value that the table can hold".into()),
            Self::Deadlocked { .. } => Some("nothing was changed: try again".into()),
            Self::NotYet { .. } => {
                Some("it stays queued: see that a worker runs (`cachedemo write-behind worker`), or drain".into())
            }
            Self::NotLeased { .. } => Some(
                "`--on-cache-failure reject` asks for this; without it the update goes on, and the cache is put right when it is back"
                    .into(),
            ),
            Self::CacheNotTold { .. } => Some(
                "it will be applied; what the cache still shows of the flight ends with its TTL, or with the next update of it"
                    .into(),
            ),
            Self::File { path, .. } if path == STANDARD_OUTPUT => Some("see that there is room where it is written to".into()),
            Self::File { .. } => Some("set CACHEDEMO_HOME to a directory that can be written and has room".into()),
            Self::NotExported { path, cause } => Some(match cause.kind() {
                io::ErrorKind::NotFound => format!("its directory is not there: make it with `mkdir -p {}`", directory(path)),
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    "there is no room; name a file on another disk with --export".into()
                }
                _ => "name a file in a directory that can be written, such as --export report.html".into(),
            }),
            Self::OutputClosed | Self::Interrupted => None,
        }
    }
}

fn directory(path: &str) -> String {
    Path::new(path).parent().unwrap_or(Path::new("")).display().to_string()
}

fn address_settings(peer: &Peer) -> &'static str {
    match peer.role {
        "database" => "DB_HOST and DB_PORT (or DATABASE_URL)",
        _ => "CACHE_HOST and CACHE_PORT (or CACHE_URL)",
    }
}

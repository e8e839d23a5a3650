//! Everything that can go wrong for a user, with what to do next and the exit code that says it to a script.
//!
//! One variant for each thing that a user can do something about. [`Error::hint`] and [`Error::exit_code`] are exhaustive
//! matches, so that a new variant cannot forget either.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::flight::FlightId;

/// The result of everything that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What messages call the place that results go to.
pub const STANDARD_OUTPUT: &str = "the standard output";

/// What a driver said, kept for the chain of causes.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// How the process ends. The numbers are part of the interface: scripts read them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum ExitCode {
    /// Everything shown held.
    Held = 0,
    /// A step or a check did not hold.
    Failed = 1,
    /// Wrong command line or configuration.
    Usage = 2,
    /// The database or the cache cannot be reached.
    Unreachable = 3,
    /// No such flight.
    NoSuchFlight = 4,
    /// Interrupted, after the flight was put back.
    Interrupted = 130,
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}

/// A server or file that we speak to, named so that a message can be shown to anybody: never with a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Peer {
    /// What it is to us: `database`, `cache` or `queue`.
    pub role: &'static str,
    /// What it is: `PostgreSQL`, `Redis`, …
    pub product: &'static str,
    /// Where it is: `127.0.0.1:5432/flughafendb`, a path, or `in this process`.
    pub address: String,
}

impl Peer {
    /// A host and a port as they are written together: an IPv6 address stands in brackets.
    #[must_use]
    pub fn at(host: &str, port: u16) -> String {
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let preposition = if self.address.starts_with("in ") { "" } else { "at " };
        write!(formatter, "{} {} {preposition}{}", self.role, self.product, self.address)
    }
}

/// A failure, told so that its reader knows which thing failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something was typed or set wrongly.
    #[error("{message}")]
    Usage {
        /// What is wrong, naming the flag or the variable.
        message: String,
        /// What to type instead.
        hint: String,
    },
    /// Nobody answers there.
    #[error("cannot reach the {peer}")]
    Unreachable {
        /// Who was called.
        peer: Arc<Peer>,
        /// What the driver said.
        #[source]
        cause: Cause,
    },
    /// Somebody is there and says nothing.
    #[error("the {peer} did not answer within {}", humantime::format_duration(*limit))]
    TimedOut {
        /// Who was called.
        peer: Arc<Peer>,
        /// How long we waited.
        limit: Duration,
    },
    /// Encryption is wanted, and the two sides cannot agree on it: mostly, the certificate is not trusted.
    #[error("there is no encrypted connection with the {peer} that can be trusted")]
    Untrusted {
        /// Who was called.
        peer: Arc<Peer>,
        /// What was wrong.
        #[source]
        cause: Cause,
    },
    /// The server wants encryption, and we came without.
    #[error("the {peer} takes encrypted connections only")]
    EncryptedOnly {
        /// Who refused.
        peer: Arc<Peer>,
        /// What it said.
        #[source]
        cause: Cause,
    },
    /// The account or its password was refused.
    #[error("the {peer} refuses the log-in")]
    LoginRefused {
        /// Who refused.
        peer: Arc<Peer>,
        /// What it said.
        #[source]
        cause: Cause,
    },
    /// The server is there, the database in it is not.
    #[error("the {peer} does not exist")]
    NoDatabase {
        /// Who said so.
        peer: Arc<Peer>,
        /// What it said.
        #[source]
        cause: Cause,
    },
    /// There is a file, and it is something else.
    #[error("the file of the {peer} is not a database, or not a whole one")]
    NotADatabase {
        /// Which database was looked for.
        peer: Arc<Peer>,
        /// What the driver said.
        #[source]
        cause: Cause,
    },
    /// The database is there, the tables in it are not.
    #[error("the {peer} does not hold the flughafendb tables")]
    NoTable {
        /// Who said so.
        peer: Arc<Peer>,
        /// What it said.
        #[source]
        cause: Cause,
    },
    /// The account may not do this.
    #[error("the {peer} does not permit the {operation}")]
    Denied {
        /// Who refused.
        peer: Arc<Peer>,
        /// What was tried.
        operation: &'static str,
        /// What it said.
        #[source]
        cause: Cause,
    },
    /// It answered, with an error.
    #[error("the {peer} refused the {operation}")]
    Rejected {
        /// Who refused.
        peer: Arc<Peer>,
        /// What was tried.
        operation: &'static str,
        /// What it said.
        #[source]
        cause: Cause,
    },
    /// The connection ended between a request that changes something and its answer.
    #[error("it is not known whether the {operation} reached the {peer}: the answer did not come")]
    OutcomeUnknown {
        /// Who was asked.
        peer: Arc<Peer>,
        /// What was asked.
        operation: &'static str,
        /// Why no answer came.
        #[source]
        cause: Cause,
    },
    /// No flight has this id.
    #[error("there is no flight {0}")]
    NoSuchFlight(FlightId),
    /// Another pattern's updates of this flight have not reached the database yet.
    #[error("flight {0} has a write-behind update that the database has not seen yet")]
    PendingUpdates(FlightId),
    /// The queue holds something that cannot be applied.
    #[error("entry {position} of the queue cannot be applied: {reason}")]
    Poisoned {
        /// Where it stands.
        position: String,
        /// Why.
        reason: String,
    },
    /// Something was done that the cache had to be told of, and it could not be told.
    #[error("{done}, but the cache could not be told")]
    CacheNotTold {
        /// What was done, and stays done.
        done: String,
        /// Why the cache could not be told.
        #[source]
        cause: Box<Self>,
    },
    /// A step or a check of ours did not hold.
    #[error("{message}")]
    NotHeld {
        /// What did not hold.
        message: String,
        /// What to do next.
        hint: String,
    },
    /// A file of ours cannot be read or written.
    #[error("cannot {action} {path}")]
    File {
        /// What was tried, such as `create`.
        action: &'static str,
        /// Which file.
        path: String,
        /// Why not.
        #[source]
        cause: std::io::Error,
    },
    /// The reader of our output went away.
    #[error("the reader of the output went away")]
    OutputClosed,
    /// A signal ended the run.
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    /// A usage error: what is wrong and what to do instead.
    pub fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), hint: hint.into() }
    }

    /// The exit code of a run that ends with this error.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage { .. } => ExitCode::Usage,
            Self::Unreachable { .. }
            | Self::TimedOut { .. }
            | Self::Untrusted { .. }
            | Self::EncryptedOnly { .. }
            | Self::LoginRefused { .. }
            | Self::NoDatabase { .. }
            | Self::NotADatabase { .. }
            | Self::NoTable { .. } => ExitCode::Unreachable,
            Self::NoSuchFlight(_) => ExitCode::NoSuchFlight,
            Self::Denied { .. }
            | Self::Rejected { .. }
            | Self::OutcomeUnknown { .. }
            | Self::PendingUpdates(_)
            | Self::Poisoned { .. }
            | Self::CacheNotTold { .. }
            | Self::NotHeld { .. }
            | Self::File { .. } => ExitCode::Failed,
            Self::OutputClosed => ExitCode::Held,
            Self::Interrupted => ExitCode::Interrupted,
        }
    }

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
            Self::Denied { .. } => {
                Some("the account needs SELECT, INSERT and UPDATE; `cachedemo doctor` lists what is missing".into())
            }
            Self::Rejected { peer, .. } => Some(format!("`cachedemo doctor` shows the state of the {}", peer.role)),
            Self::OutcomeUnknown { .. } => {
                Some("look with `cachedemo <pattern> verify --flight-id <id>` once it answers again".into())
            }
            Self::NoSuchFlight(_) => Some("`cachedemo db status` shows which flights there are".into()),
            Self::PendingUpdates(_) => Some("apply them first: `cachedemo write-behind drain`".into()),
            Self::Poisoned { .. } => Some("nothing was lost: the queue stays as it is behind that entry".into()),
            Self::CacheNotTold { .. } => Some(
                "once the cache answers: `cachedemo write-behind drain`, then `cachedemo reconcile` drops what it still shows"
                    .into(),
            ),
            Self::File { path, .. } if path == STANDARD_OUTPUT => Some("see that there is room where it is written to".into()),
            Self::File { .. } => Some("set CACHEDEMO_HOME to a directory that can be written and has room".into()),
            Self::OutputClosed | Self::Interrupted => None,
        }
    }

    /// Whether it is this party that was silent or absent: `database`, `cache` or `queue`.
    #[must_use]
    pub fn is_outage_of(&self, role: &str) -> bool {
        matches!(self, Self::Unreachable { peer, .. } | Self::TimedOut { peer, .. } if peer.role == role)
    }

    /// Whether the other side was silent or absent, rather than of another opinion.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::TimedOut { .. })
    }
}

fn address_settings(peer: &Peer) -> &'static str {
    match peer.role {
        "database" => "DB_HOST and DB_PORT (or DATABASE_URL)",
        _ => "CACHE_HOST and CACHE_PORT (or CACHE_URL)",
    }
}

/// The chain of causes behind an error, outermost first, without repeating what was said already.
#[must_use]
pub fn causes(error: &Error) -> Vec<String> {
    let mut chain: Vec<String> = Vec::new();
    let mut cause = std::error::Error::source(error);
    while let Some(next) = cause {
        let text = next.to_string();
        if !chain.iter().any(|said| said.contains(&text)) {
            chain.push(text);
        }
        cause = next.source();
    }
    chain
}

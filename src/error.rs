//! Everything that can go wrong for a user, with what to do next and the exit code that says it to a script.
//!
//! One variant for each thing that a user can do something about. [`Error::hint`] and [`Error::exit_code`] are exhaustive
//! matches, so that a new variant cannot forget either.

mod hint;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use crate::flight::{FlightId, Position};

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
    /// Nobody may change anything there at the moment: a replica, or a server that is being taken over.
    #[error("the {peer} takes no changes at the moment")]
    ReadOnly {
        /// Who refused.
        peer: Arc<Peer>,
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
        /// The id under which an update may be sent again.
        update: Option<String>,
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
        position: Position,
        /// Why.
        reason: String,
    },
    /// As many updates wait as may.
    #[error("the {peer} is full: {limit} updates wait, which is QUEUE_MAX_LENGTH")]
    QueueFull {
        /// Which queue.
        peer: Arc<Peer>,
        /// How many may wait.
        limit: u64,
    },
    /// The queue is laid out in another way than our settings say.
    #[error("the {peer} was made with QUEUE_PARTITIONS={there}, and now it is {here}")]
    OtherPartitions {
        /// Which queue.
        peer: Arc<Peer>,
        /// How many it has.
        there: u32,
        /// How many it would have by our settings.
        here: u32,
    },
    /// The database can never take a value that it was given.
    #[error("the {peer} does not take a value: {cause}")]
    Unacceptable {
        /// Who refused.
        peer: Arc<Peer>,
        /// What it said.
        cause: Cause,
    },
    /// The server ended a transaction because it and another waited for each other.
    #[error("the {peer} ended the {operation}, because it and another transaction waited for each other")]
    Deadlocked {
        /// Who ended it.
        peer: Arc<Peer>,
        /// What was ended.
        operation: &'static str,
        /// What it said.
        #[source]
        cause: Cause,
    },
    /// An update is queued, and has not come to the database within the time that somebody wanted to wait.
    #[error("the update is queued, and is not yet in the database after {}", humantime::format_duration(*waited))]
    NotYet {
        /// How long we waited.
        waited: Duration,
    },
    /// An update was refused, because the cache could not be told that it was coming.
    #[error("flight {id} was not changed, because the cache could not be told that it would be")]
    NotLeased {
        /// Which flight.
        id: FlightId,
        /// What the cache said, or did not say.
        #[source]
        cause: Box<Self>,
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
    /// A report was made, and cannot be written where it was to go.
    #[error("cannot write the report {path}")]
    NotExported {
        /// Where it was to go.
        path: String,
        /// Why it cannot.
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
            Self::Usage { .. } | Self::OtherPartitions { .. } => ExitCode::Usage,
            Self::Unreachable { .. }
            | Self::TimedOut { .. }
            | Self::Untrusted { .. }
            | Self::EncryptedOnly { .. }
            | Self::LoginRefused { .. }
            | Self::NoDatabase { .. }
            | Self::NotADatabase { .. }
            | Self::NoTable { .. }
            | Self::ReadOnly { .. } => ExitCode::Unreachable,
            Self::NoSuchFlight(_) => ExitCode::NoSuchFlight,
            Self::NotLeased { cause, .. } => cause.exit_code(),
            Self::Denied { .. }
            | Self::Rejected { .. }
            | Self::OutcomeUnknown { .. }
            | Self::PendingUpdates(_)
            | Self::Poisoned { .. }
            | Self::QueueFull { .. }
            | Self::Unacceptable { .. }
            | Self::Deadlocked { .. }
            | Self::NotYet { .. }
            | Self::CacheNotTold { .. }
            | Self::NotHeld { .. }
            | Self::File { .. }
            | Self::NotExported { .. } => ExitCode::Failed,
            Self::OutputClosed => ExitCode::Held,
            Self::Interrupted => ExitCode::Interrupted,
        }
    }

    /// Whether it is this party that was silent or absent: `database`, `cache` or `queue`.
    #[must_use]
    pub fn is_outage_of(&self, role: &str) -> bool {
        matches!(self, Self::Unreachable { peer, .. } | Self::TimedOut { peer, .. } if peer.role == role)
    }

    /// Whether the database answered, and has done nothing.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Rejected { .. }
                | Self::Denied { .. }
                | Self::File { .. }
                | Self::NoTable { .. }
                | Self::ReadOnly { .. }
                | Self::Unacceptable { .. }
                | Self::Deadlocked { .. }
        )
    }

    /// Whether the other side was silent or absent, rather than of another opinion.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::TimedOut { .. })
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

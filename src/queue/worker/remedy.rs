//! What to do about a failure: wait for it to pass, or find the update that it is about.
//!
//! The two must not be mixed up. An outage that is taken for poison moves every update to the dead letters; poison that is
//! taken for an outage stops the queue for ever.

use std::time::Duration;

use crate::clock::Chance;
use crate::error::Error;

/// How what fails is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// The first pause; each one after it is twice as long.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
    /// How often an update is tried that is refused for a reason which may or may not pass.
    pub attempts: u32,
}

/// What helps against a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remedy {
    /// It passes by itself, or an operator ends it: the update is not to blame, however long it takes.
    Wait,
    /// The same, and a smaller batch may get through.
    WaitSmaller,
    /// One of the updates is to blame, and always will be.
    Isolate,
    /// It is not known which: tried a few times, then one of the updates is to blame.
    WaitThenIsolate,
    /// Nothing: the settings are wrong.
    None,
}

impl Remedy {
    /// What helps against this.
    pub(super) fn of(error: &Error) -> Self {
        match error {
            Error::Poisoned { .. } | Error::Unacceptable { .. } => Self::Isolate,
            Error::Rejected { peer, .. } if peer.role == "database" => Self::WaitThenIsolate,
            Error::TimedOut { peer, .. } | Error::OutcomeUnknown { peer, .. } if peer.role == "database" => {
                Self::WaitSmaller
            }
            Error::Usage { .. } | Error::OtherPartitions { .. } => Self::None,
            Error::Unreachable { .. }
            | Error::TimedOut { .. }
            | Error::OutcomeUnknown { .. }
            | Error::Rejected { .. }
            | Error::Deadlocked { .. }
            | Error::Denied { .. }
            | Error::ReadOnly { .. }
            | Error::LoginRefused { .. }
            | Error::EncryptedOnly { .. }
            | Error::Untrusted { .. }
            | Error::NoDatabase { .. }
            | Error::NotADatabase { .. }
            | Error::NoTable { .. }
            | Error::File { .. }
            | Error::CacheNotTold { .. }
            | Error::NotLeased { .. }
            | Error::QueueFull { .. }
            | Error::NoSuchFlight(_)
            | Error::PendingUpdates(_)
            | Error::NotYet { .. }
            | Error::NotHeld { .. }
            | Error::NotExported { .. }
            | Error::OutputClosed
            | Error::Interrupted => Self::Wait,
        }
    }
}

/// The pause after so many failures in a row: exponential, up to a limit, and spread over its second half, so that workers
/// which were stopped by the same outage do not come back at the same moment.
pub(super) fn backoff(retry: &Retry, failures: u32, chance: &Chance) -> Duration {
    let doubled = retry.first.saturating_mul(1u32.checked_shl(failures.min(20)).unwrap_or(u32::MAX));
    chance.between(doubled.min(retry.longest) / 2, doubled.min(retry.longest))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::error::{Cause, Peer};
    use crate::flight::{FlightId, Position};

    fn peer(role: &'static str) -> Arc<Peer> {
        Arc::new(Peer { role, product: "Redis", address: "h:1".into() })
    }

    fn cause() -> Cause {
        "it was so".into()
    }

    /// Everything that can go wrong with this party.
    fn of_party(role: &'static str) -> [(Error, Remedy); 12] {
        let is_database = role == "database";
        let smaller = if is_database { Remedy::WaitSmaller } else { Remedy::Wait };
        let doubtful = if is_database { Remedy::WaitThenIsolate } else { Remedy::Wait };
        let (operation, limit) = ("apply", Duration::from_secs(1));
        let peer = || peer(role);
        [
            (Error::Unreachable { peer: peer(), cause: cause() }, Remedy::Wait),
            (Error::TimedOut { peer: peer(), limit }, smaller),
            (Error::OutcomeUnknown { peer: peer(), operation, update: None, cause: cause() }, smaller),
            (Error::Rejected { peer: peer(), operation, cause: cause() }, doubtful),
            (Error::Untrusted { peer: peer(), cause: cause() }, Remedy::Wait),
            (Error::EncryptedOnly { peer: peer(), cause: cause() }, Remedy::Wait),
            (Error::LoginRefused { peer: peer(), cause: cause() }, Remedy::Wait),
            (Error::NoDatabase { peer: peer(), cause: cause() }, Remedy::Wait),
            (Error::NotADatabase { peer: peer(), cause: cause() }, Remedy::Wait),
            (Error::NoTable { peer: peer(), cause: cause() }, Remedy::Wait),
            (Error::Denied { peer: peer(), operation, cause: cause() }, Remedy::Wait),
            (Error::Deadlocked { peer: peer(), operation, cause: cause() }, Remedy::Wait),
        ]
    }

    /// What does not depend on the party.
    fn of_whatever() -> [(Error, Remedy); 15] {
        let id = FlightId::FIRST;
        let (message, hint) = (String::new(), String::new());
        let full = Error::QueueFull { peer: peer("queue"), limit: 1 };
        [
            (Error::Poisoned { position: Position::START, reason: "no JSON".into() }, Remedy::Isolate),
            (Error::Unacceptable { peer: peer("database"), cause: cause() }, Remedy::Isolate),
            (Error::usage("", ""), Remedy::None),
            (Error::OtherPartitions { peer: peer("queue"), there: 1, here: 2 }, Remedy::None),
            (full, Remedy::Wait),
            (Error::NoSuchFlight(id), Remedy::Wait),
            (Error::PendingUpdates(id), Remedy::Wait),
            (Error::NotYet { waited: Duration::ZERO }, Remedy::Wait),
            (Error::CacheNotTold { done: String::new(), cause: Box::new(Error::Interrupted) }, Remedy::Wait),
            (Error::NotLeased { id, cause: Box::new(Error::Interrupted) }, Remedy::Wait),
            (Error::NotHeld { message, hint }, Remedy::Wait),
            (
                Error::File { action: "write", path: "x".into(), cause: std::io::ErrorKind::StorageFull.into() },
                Remedy::Wait,
            ),
            (Error::OutputClosed, Remedy::Wait),
            (Error::Interrupted, Remedy::Wait),
            // A cause does not count: it may be told of any of them.
            (
                Error::CacheNotTold {
                    done: String::new(),
                    cause: Box::new(Error::Unacceptable { peer: peer("cache"), cause: cause() }),
                },
                Remedy::Wait,
            ),
        ]
    }

    #[test]
    fn only_an_update_that_is_to_blame_becomes_a_dead_letter() {
        let parties = ["database", "cache", "queue"];
        for (error, remedy) in parties.into_iter().flat_map(of_party).chain(of_whatever()) {
            assert_eq!(Remedy::of(&error), remedy, "{error:?}");
        }
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_differ() {
        let retry = Retry { first: Duration::from_millis(100), longest: Duration::from_secs(5), attempts: 3 };
        let chance = Chance::seeded(1);
        for (failures, longest) in [(0, 100), (1, 200), (3, 800), (6, 5000), (40, 5000), (u32::MAX, 5000)] {
            let pauses: Vec<_> = (0..100).map(|_| backoff(&retry, failures, &chance).as_millis()).collect();
            assert!(pauses.iter().all(|pause| (longest / 2..=longest).contains(pause)), "{failures}: {pauses:?}");
            assert!(pauses.iter().any(|pause| *pause != pauses[0]), "{failures}: they do not differ");
        }
    }
}

//! What a lease may be put over, and what a settle does with what it finds: the rules of the protocol, as pure functions.
//!
//! The memory cache runs them under a lock and Memcached between a read and a compare-and-swap; on Redis and Valkey they are
//! written a second time, as the scripts in `redis/`, because there the decision is made in the server. The contract suite
//! holds all of them to the same behaviour.

use super::{Lease, LeaseKind, Over, Settle, Settled};

/// Whether a lease may take the place of what stands in the key.
pub(super) fn permits(over: Over<'_>, standing: Option<&[u8]>) -> bool {
    match over {
        Over::Nothing => standing.is_none(),
        // What has changed since it was seen may be a value, or somebody's lease: no longer as good as nothing.
        Over::Exactly(seen) => standing.is_some() && standing == seen,
        Over::Anything => true,
    }
}

/// What settling `mine` does, given what stands in the key: put the content, delete what stands there, or neither.
pub(super) fn decide(standing: Option<&[u8]>, mine: &Lease, settle: &Settle) -> Settled {
    match standing {
        None => Settled::Vacant,
        Some(bytes) if bytes == mine.encode().as_bytes() => match settle {
            Settle::Put(..) => Settled::Put,
            Settle::Delete => Settled::Deleted,
        },
        // Whoever replaced a reader's lease knows at least as much as that reader.
        Some(_) if mine.kind == LeaseKind::Fill => Settled::Left,
        // A later writer answers for the key.
        Some(bytes) if is_write_lease(bytes) => Settled::Left,
        // A value, or what a fill is about to put there, may have been read before our commit.
        Some(_) => Settled::Voided,
    }
}

fn is_write_lease(bytes: &[u8]) -> bool {
    let lease = std::str::from_utf8(bytes).ok().and_then(Lease::decode);
    lease.is_some_and(|lease| lease.kind == LeaseKind::Write)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::cache::Content;
    use crate::clock::Chance;

    const STRANGE: [&str; 5] =
        [r#"{"flight_id":1}"#, r#"{"missing":true}"#, "hello", "", r#"{"lease":"write-not hexadecimal"}"#];

    #[test]
    fn the_whole_table_of_settling() {
        let chance = Chance::seeded(1);
        let fill = Lease::new(LeaseKind::Fill, &chance);
        let write = Lease::new(LeaseKind::Write, &chance);
        let other_fill = Lease::new(LeaseKind::Fill, &chance).encode();
        let other_write = Lease::new(LeaseKind::Write, &chance).encode();
        let put = Settle::Put(Content::Missing, Duration::from_secs(1));
        for (settle, finished) in [(put, Settled::Put), (Settle::Delete, Settled::Deleted)] {
            let of = |standing: &str, mine: &Lease| decide(Some(standing.as_bytes()), mine, &settle);
            for mine in [&fill, &write] {
                assert_eq!(of(&mine.encode(), mine), finished);
                assert_eq!(decide(None, mine, &settle), Settled::Vacant);
                assert_eq!(of(&other_write, mine), Settled::Left);
            }
            assert_eq!(of(&other_fill, &fill), Settled::Left);
            assert_eq!(of(&other_fill, &write), Settled::Voided);
            for strange in STRANGE {
                assert_eq!(of(strange, &fill), Settled::Left, "{strange}");
                assert_eq!(of(strange, &write), Settled::Voided, "{strange}");
            }
        }
    }

    #[test]
    fn the_whole_table_of_leasing() {
        for standing in [None, Some(b"".as_slice()), Some(b"hello")] {
            assert_eq!(permits(Over::Nothing, standing), standing.is_none());
            assert_eq!(permits(Over::Exactly(Some(b"hello")), standing), standing == Some(b"hello"));
            assert_eq!(permits(Over::Exactly(Some(b"")), standing), standing == Some(b""));
            assert!(!permits(Over::Exactly(None), standing));
            assert!(permits(Over::Anything, standing));
        }
    }
}

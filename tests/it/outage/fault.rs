//! The ways in which a cache goes away and comes back.

use crate::support::server::{Kind, Server};

/// How it goes and how it comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It says nothing, and goes on with everything that it had and was sent.
    Silent,
    /// It is killed, and starts again with everything that it had.
    Kept,
    /// It is killed, and starts again with nothing.
    Empty,
}

impl Fault {
    /// Those that can happen to this cache; the one that loses a queue comes last.
    pub(super) fn of(cache: Kind) -> Vec<Self> {
        match cache {
            Kind::Memcached => vec![Self::Silent, Self::Empty],
            _ => vec![Self::Silent, Self::Kept, Self::Empty],
        }
    }

    /// It goes away.
    pub(super) fn strike(self, cache: &mut Server) {
        match self {
            Self::Silent => cache.stop(),
            Self::Kept | Self::Empty => cache.kill(),
        }
    }

    /// It is back when this returns.
    pub(super) fn mend(self, cache: &mut Server) {
        match self {
            Self::Silent => cache.resume(),
            Self::Kept => cache.restart(),
            Self::Empty => cache.restart_empty(),
        }
    }
}

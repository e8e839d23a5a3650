//! Where the servers of a cache are: one, or several that share the flights.

use std::fmt;

use super::Settings;
use crate::error::Peer;
use crate::flight::names::Names;

/// The host and port of a server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    /// The name or address of its machine.
    pub host: String,
    /// Its port.
    pub port: u16,
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&Peer::at(&self.host, self.port))
    }
}

impl Settings {
    /// The first server, which mostly is the only one.
    #[must_use]
    pub fn first(&self) -> Address {
        Address { host: self.host.clone(), port: self.port }
    }

    /// Every server that is named.
    pub fn servers(&self) -> impl Iterator<Item = Address> {
        std::iter::once(self.first()).chain(self.others.iter().cloned())
    }

    /// What the servers are to us, together. `role` is `cache` or `queue`.
    #[must_use]
    pub fn peer(&self, role: &'static str) -> Peer {
        let address = self.servers().map(|server| server.to_string()).collect::<Vec<_>>().join(",");
        Peer { role, product: self.kind.product(), address }
    }

    /// How keys are named there.
    #[must_use]
    pub fn names(&self) -> Names {
        self.cluster.map_or(Names::plain(1), Names::tagged)
    }
}

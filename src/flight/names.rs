//! How the keys of flights and of the queue are named: said here and nowhere else.
//!
//! On one server a name is what a person would type, `flight:115`. A cluster runs a script only on keys that are on one node, and
//! decides by what stands between the first braces of a name, its *hash tag*. There every key of a partition carries the
//! partition's number as tag: the entry `flight:115:{3}/16`, the stream `flight:updates:{3}/16`, so that an acknowledgement stays
//! one step. How many partitions there are stands behind the tag: it tells two layouts apart and moves no key to another node.

use super::FlightId;

/// The most partitions that flights are divided into.
pub const MOST: u32 = 64;

/// A cluster divides its keys into this many slots.
const SLOTS: u16 = 16_384;

/// What the names of the queue's keys begin with.
const QUEUE: [&str; 6] =
    ["flight:updates", "flight:pending", "flight:dead", "flight:partitions", "flight:workers", "flight:taken"];

/// Into how many partitions the flights are divided, and whether the names of keys say so to a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Names {
    partitions: u32,
    is_tagged: bool,
}

impl Names {
    /// Names on a server by itself.
    #[must_use]
    pub fn plain(partitions: u32) -> Self {
        Self { partitions, is_tagged: false }
    }

    /// Names on a cluster.
    #[must_use]
    pub fn tagged(partitions: u32) -> Self {
        Self { partitions, is_tagged: true }
    }

    /// Whether each partition has a hash tag.
    #[must_use]
    pub fn are_tagged(self) -> bool {
        self.is_tagged
    }

    /// How many partitions there are.
    #[must_use]
    pub fn partitions(self) -> u32 {
        self.partitions
    }

    /// The partition of a flight.
    #[must_use]
    pub fn partition_of(self, id: FlightId) -> u32 {
        id.number().unsigned_abs() % self.partitions
    }

    /// How many shards the keys are in: a cluster may lose each partition by itself, a server only all of them.
    #[must_use]
    pub fn shards(self) -> u32 {
        if self.is_tagged { self.partitions } else { 1 }
    }

    /// The shard of a partition.
    #[must_use]
    pub fn shard(self, partition: u32) -> u32 {
        if self.is_tagged { partition } else { 0 }
    }

    /// The key of a flight's entry.
    #[must_use]
    pub fn entry(self, id: FlightId) -> String {
        id.key() + &self.ending(self.partition_of(id))
    }

    /// What stands behind the id in the keys of a partition's entries.
    #[must_use]
    pub fn ending(self, partition: u32) -> String {
        if self.is_tagged { format!(":{{{partition}}}/{}", self.partitions) } else { String::new() }
    }

    /// The flight whose entry stands under `key`, if it is such a key.
    #[must_use]
    pub fn flight(self, key: &str) -> Option<FlightId> {
        if !self.is_tagged {
            return FlightId::from_key(key);
        }
        let (plain, _) = key.rsplit_once(":{")?;
        FlightId::from_key(plain).filter(|id| self.entry(*id) == key)
    }

    /// Whether a key is one of the queue's, in whatever layout.
    #[must_use]
    pub fn is_of_queue(key: &str) -> bool {
        let mut rests = QUEUE.iter().filter_map(|base| key.strip_prefix(base));
        rests.any(|rest| rest.is_empty() || rest.starts_with(':'))
    }

    /// A key of the queue that each partition has. With several of them each name ends in its number and in how many there are, so
    /// that two layouts never share a key.
    #[must_use]
    pub fn of_partition(self, base: &str, partition: u32) -> String {
        match (self.is_tagged, self.partitions) {
            (true, _) => base.to_owned() + &self.ending(partition),
            (false, 1) => base.to_owned(),
            (false, several) => format!("{base}:{partition}/{several}"),
        }
    }

    /// A key that all layouts share: one for the queue, or on a cluster one on each node, for each partition.
    #[must_use]
    pub fn shared(self, base: &str, partition: u32) -> String {
        if self.is_tagged { format!("{base}:{{{partition}}}") } else { base.to_owned() }
    }

    /// The slot of a cluster in which the keys of a partition are.
    #[must_use]
    pub fn slot(partition: u32) -> u16 {
        crc16(partition.to_string().as_bytes()) % SLOTS
    }
}

/// The checksum by which a cluster divides its keys: CRC-16/XMODEM.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |sum, byte| {
        (0..8)
            .fold(sum ^ (u16::from(*byte) << 8), |sum, _| if sum & 0x8000 == 0 { sum << 1 } else { sum << 1 ^ 0x1021 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: i64) -> FlightId {
        FlightId::try_from(number).unwrap()
    }

    #[test]
    fn on_one_server_a_key_is_what_a_person_would_type() {
        let (one, four) = (Names::plain(1), Names::plain(4));
        assert_eq!([one.entry(id(115)), four.entry(id(115))], ["flight:115", "flight:115"]);
        assert_eq!(one.of_partition("flight:updates", 0), "flight:updates");
        assert_eq!(four.of_partition("flight:updates", 3), "flight:updates:3/4");
        assert_eq!(four.shared("flight:partitions", 3), "flight:partitions");
        assert_eq!(four.flight("flight:115"), Some(id(115)));
        assert_eq!(four.flight("flight:115:{3}/4"), None);
    }

    #[test]
    fn on_a_cluster_every_key_carries_its_partition_as_tag() {
        let names = Names::tagged(16);
        assert_eq!(names.entry(id(115)), "flight:115:{3}/16");
        assert_eq!(names.of_partition("flight:updates", 3), "flight:updates:{3}/16");
        assert_eq!(names.shared("flight:partitions", 3), "flight:partitions:{3}");
        assert_eq!(names.flight("flight:115:{3}/16"), Some(id(115)));
        for foreign in
            ["flight:115", "flight:115:{4}/16", "flight:115:{3}/8", "flight:0115:{3}/16", "flight:updates:{3}/16"]
        {
            assert_eq!(names.flight(foreign), None, "{foreign}");
        }
    }

    #[test]
    fn slots_are_those_of_the_cluster_specification() {
        // The check value of the specification, and what `CLUSTER KEYSLOT` says.
        assert_eq!(crc16(b"123456789"), 0x31c3);
        assert_eq!([0, 1, 2, 10].map(Names::slot), [13907, 9842, 5649, crc16(b"10") % 16_384]);
    }
}

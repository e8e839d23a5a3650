//! What is measured: each quantity with its unit and the experiment that it comes from.
//!
//! Claims name quantities, never experiments: a new claim about something that is measured already is a line of data.

use std::collections::BTreeMap;

use crate::demo::UnitSeen as Unit;

/// Something that is done to measure several quantities under the same conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Experiment {
    /// Single reads, in turns: the database alone, a miss, a hit.
    Reads,
    /// Single updates, in turns: the database alone and the patterns.
    Updates,
    /// A session: read and written again and again.
    Session,
    /// Many clients, mostly reads: with and without a cache.
    ReadLoad,
    /// Many clients, updates only: write-through and write-behind.
    UpdateLoad,
    /// A thousand queued updates of a hundred flights.
    Coalescing,
    /// Many flights updated, few of them read: what the cache is filled with.
    Entries,
}

impl Experiment {
    /// All of them, in the order in which they are done.
    pub const ALL: [Self; 7] =
        [Self::Reads, Self::Updates, Self::Session, Self::ReadLoad, Self::UpdateLoad, Self::Coalescing, Self::Entries];

    /// Its name, for a progress bar.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reads => "single reads",
            Self::Updates => "single updates",
            Self::Session => "a session",
            Self::ReadLoad => "many readers",
            Self::UpdateLoad => "many writers",
            Self::Coalescing => "coalescing",
            Self::Entries => "entries",
        }
    }
}

/// Something that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Quantity {
    Hit,
    DatabaseRead,
    Miss,
    DatabaseUpdate,
    AsideUpdate,
    ThroughUpdate,
    BehindUpdate,
    DatabaseUpdateRate,
    SessionRead,
    SessionReadWithout,
    SessionHits,
    SessionWrite,
    SessionWriteAside,
    RateWithout,
    RateWith,
    HitRatio,
    TripsWithout,
    TripsWith,
    ThroughRate,
    BehindRate,
    OnlyQueued,
    Queued,
    RowsChanged,
    ThroughTransactions,
    DrainTransactions,
    ThroughStatements,
    DrainStatements,
    UnreadEntries,
    ReadEntries,
}

impl Quantity {
    /// What it is, as the subject of a sentence.
    pub(super) fn what(self) -> &'static str {
        self.about().0
    }

    /// In which unit it is given.
    pub(super) fn unit(self) -> Unit {
        self.about().1
    }

    /// What measures it.
    pub(super) fn experiment(self) -> Experiment {
        self.about().2
    }

    /// How often it goes to the database, where a delay of the database lengthens it so many times.
    pub(super) fn trips(self) -> u32 {
        self.about().3
    }

    fn about(self) -> (&'static str, Unit, Experiment, u32) {
        use Experiment::{Coalescing, Entries, ReadLoad, Reads, Session, UpdateLoad, Updates};
        use Unit::{Count, Microseconds, PerSecond, Share};
        match self {
            Self::Hit => ("a hit", Microseconds, Reads, 0),
            Self::DatabaseRead => ("a read of the database alone", Microseconds, Reads, 1),
            Self::Miss => ("a miss", Microseconds, Reads, 1),
            Self::DatabaseUpdate => ("an update of the database alone", Microseconds, Updates, 2),
            Self::AsideUpdate => ("an update through cache-aside", Microseconds, Updates, 2),
            Self::ThroughUpdate => ("an update through write-through", Microseconds, Updates, 2),
            Self::BehindUpdate => ("an acknowledgement of write-behind", Microseconds, Updates, 0),
            Self::DatabaseUpdateRate => ("updates of the database over one connection", PerSecond, Updates, 0),
            Self::SessionRead => ("a read of the session", Microseconds, Session, 0),
            Self::SessionReadWithout => ("the same read of the database alone", Microseconds, Session, 1),
            Self::SessionHits => ("reads of the session that are hits", Share, Session, 0),
            Self::SessionWrite => ("a write of the session (write-through)", Microseconds, Session, 2),
            Self::SessionWriteAside => ("the same write through cache-aside", Microseconds, Session, 2),
            Self::RateWithout => ("requests to the database alone", PerSecond, ReadLoad, 0),
            Self::RateWith => ("requests through cache-aside", PerSecond, ReadLoad, 0),
            Self::HitRatio => ("reads that are hits, after warm-up", Share, ReadLoad, 0),
            Self::TripsWithout => {
                ("reads and transactions of the database an operation, without cache", Count, ReadLoad, 0)
            }
            Self::TripsWith => ("reads and transactions of the database an operation, with cache", Count, ReadLoad, 0),
            Self::ThroughRate => ("updates through write-through", PerSecond, UpdateLoad, 0),
            Self::BehindRate => ("updates that write-behind acknowledges", PerSecond, UpdateLoad, 0),
            Self::OnlyQueued => ("the time that 99 of 100 updates are in the queue only", Microseconds, UpdateLoad, 0),
            Self::Queued => ("updates in the queue", Count, Coalescing, 0),
            Self::RowsChanged => ("rows of flight changed by the drain", Count, Coalescing, 0),
            Self::ThroughTransactions => ("transactions an update, write-through", Count, Coalescing, 0),
            Self::DrainTransactions => ("transactions an update, drained", Count, Coalescing, 0),
            Self::ThroughStatements => ("statements an update, write-through", Count, Coalescing, 0),
            Self::DrainStatements => ("statements an update, drained", Count, Coalescing, 0),
            Self::UnreadEntries => ("entries that nobody reads, after write-through", Share, Entries, 0),
            Self::ReadEntries => ("entries that somebody reads, after write-around", Share, Entries, 0),
        }
    }
}

/// A measured quantity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Reading {
    pub(super) value: f64,
    pub(super) samples: u64,
}

/// All that was measured.
#[derive(Clone, Debug, Default)]
pub(super) struct Readings(BTreeMap<Quantity, Reading>);

impl Readings {
    /// Adds one; what is not a number was not measured.
    pub(super) fn add(&mut self, quantity: Quantity, value: f64, samples: u64) {
        if value.is_finite() && samples > 0 {
            self.0.insert(quantity, Reading { value, samples });
        }
    }

    /// What was measured of it.
    pub(super) fn of(&self, quantity: Quantity) -> Option<Reading> {
        self.0.get(&quantity).copied()
    }
}

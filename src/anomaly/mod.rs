//! The anomaly lab: the races and faults that make caches lie, reproduced on purpose, every time.
//!
//! Each is a choreography: actors that are let go hop by hop (`stage.rs`), first under the textbook protocol, then under ours.
//! Read `races.rs` first: a choreography is a few lines. What an anomaly is called, what it teaches and who wrote about it
//! stands in `about.rs`.

mod about;
mod crowds;
mod deaths;
mod losses;
mod moments;
mod play;
mod races;
mod stage;

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

pub use about::About;

use crate::demo::{AnomaliesSeen, AnomalySeen, Audience, Diagram, Event, Lesson, Level, Loan, Note};
use crate::error::{Error, Result};
use crate::flight::{Flight, FlightId};
use crate::interrupt::Interrupt;
use crate::lab::Lab;
use crate::pattern::{PatternKind, Protocol};
use play::{Found, MOVES, Play};

/// Which anomaly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AnomalyKind {
    /// A slow reader fills the cache with what it read before an invalidation.
    StaleFill,
    /// Two writers commit in one order and set the cache in the other.
    WriteInversion,
    /// A writer dies between COMMIT and the cache.
    LostInvalidation,
    /// A write-behind entry is gone before the database has its update.
    DirtyExpiry,
    /// A worker dies between taking an update and applying it.
    LostUpdate,
    /// A worker dies between applying and acknowledging.
    DoubleApply,
    /// Many readers miss one expired key.
    Stampede,
    /// Reads of flights that do not exist reach the database every time.
    Penetration,
    /// Keys that were filled together expire together.
    Avalanche,
    /// The cache goes away, and comes back with its old values.
    Outage,
    /// A cache write that timed out lands afterwards.
    LateWrite,
}

impl AnomalyKind {
    /// All of them, in the order in which they are best read.
    pub const ALL: [Self; 11] = [
        Self::StaleFill,
        Self::WriteInversion,
        Self::LostInvalidation,
        Self::LateWrite,
        Self::Outage,
        Self::DirtyExpiry,
        Self::LostUpdate,
        Self::DoubleApply,
        Self::Stampede,
        Self::Penetration,
        Self::Avalanche,
    ];

    /// Through which pattern it is played.
    #[must_use]
    pub fn pattern(self) -> PatternKind {
        match self {
            Self::WriteInversion | Self::LateWrite => PatternKind::WriteThrough,
            Self::DirtyExpiry | Self::LostUpdate | Self::DoubleApply => PatternKind::WriteBehind,
            Self::StaleFill
            | Self::LostInvalidation
            | Self::Outage
            | Self::Stampede
            | Self::Penetration
            | Self::Avalanche => PatternKind::CacheAside,
        }
    }

    async fn perform(self, play: &mut Play) -> Result<Found> {
        match self {
            Self::StaleFill => races::stale_fill(play).await,
            Self::WriteInversion => races::write_inversion(play).await,
            Self::LateWrite => races::late_write(play).await,
            Self::LostInvalidation => deaths::lost_invalidation(play).await,
            Self::LostUpdate => deaths::lost_update(play).await,
            Self::DoubleApply => deaths::double_apply(play).await,
            Self::DirtyExpiry => losses::dirty_expiry(play).await,
            Self::Outage => losses::outage(play).await,
            Self::Stampede => crowds::stampede(play).await,
            Self::Penetration => crowds::penetration(play).await,
            Self::Avalanche => crowds::avalanche(play).await,
        }
    }
}

/// All anomalies, as they are listed.
#[must_use]
pub fn listed() -> AnomaliesSeen {
    let seen = |kind: AnomalyKind| {
        let About { name, title, wrong, .. } = kind.about();
        AnomalySeen { name, title, wrong }
    };
    AnomaliesSeen { anomalies: AnomalyKind::ALL.map(seen).to_vec() }
}

/// Where an anomaly is played.
pub struct Theatre<'a> {
    /// Database and cache.
    pub lab: &'a Lab,
    /// The flight that is moved, and put back.
    pub flight_id: FlightId,
    /// The directory of the program's own files.
    pub home: &'a Path,
    /// Whom it is shown.
    pub audience: &'a mut dyn Audience,
    /// What ends it early, with the flight put back.
    pub interrupt: &'a Interrupt,
}

impl Theatre<'_> {
    /// Plays it under both protocols and says what it teaches. The flight is as it was, however this ends.
    ///
    /// # Errors
    /// [`Error::NotHeld`] when the textbook did not go wrong or ours did; what database and cache fail with.
    pub async fn play(&mut self, kind: AnomalyKind) -> Result<()> {
        self.announce(kind)?;
        let naive = self.run(kind, None, Protocol::Naive).await?;
        let mut held = !self.run(kind, None, Protocol::Protected).await?;
        if kind == AnomalyKind::Stampede {
            held &= !self.run(kind, Some("xfetch"), Protocol::Protected).await?;
        }
        let About { name, lesson, remedy, source, .. } = kind.about();
        self.audience.show(&Event::Lesson(Lesson {
            anomaly: name,
            wrong: lesson,
            remedy,
            source,
            naive_went_wrong: naive,
            protected_held: held,
        }))?;
        match (naive, held) {
            (true, true) => Ok(()),
            (false, _) => Err(Error::NotHeld {
                message: format!("{name} did not come about under the textbook protocol"),
                hint: "something else kept the cache right: another program that changes this flight, or a server that fails"
                    .into(),
            }),
            (true, false) => Err(Error::NotHeld {
                message: format!("{name} came about under protection as well"),
                hint: "`cachedemo doctor` shows what this environment lacks; the finding above says what went wrong".into(),
            }),
        }
    }

    /// Says what is about to happen to whose data.
    fn announce(&mut self, kind: AnomalyKind) -> Result<()> {
        let text = match kind {
            AnomalyKind::Avalanche => "fills keys in which nothing stands, and drops them again".to_owned(),
            AnomalyKind::Penetration => "asks for a flight that does not exist; nothing is changed".to_owned(),
            _ => format!(
                "moves flight {} and puts it back after each play; flight_log keeps the rows. Whoever reads this flight \
                 through this cache meanwhile may get what goes wrong",
                self.flight_id
            ),
        };
        self.audience.show(&Event::Note(Note { level: Level::Plain, text }))
    }

    /// Plays it once; whether it went wrong.
    async fn run(&mut self, kind: AnomalyKind, variant: Option<&'static str>, protocol: Protocol) -> Result<bool> {
        // What puts the flight back is never the textbook.
        let keeper = self.lab.under(PatternKind::CacheAside);
        let records = self.home.join("walk-throughs");
        let moved = |times: crate::flight::Times| Ok((times.delayed(MOVES[0])?, vec![times.delayed(MOVES[1])?]));
        let loan = Loan::take(&keeper, &records, self.flight_id, moved).await?;
        let journal = tempfile::tempdir().map_err(|cause| Error::File {
            action: "make",
            path: "a temporary directory".to_owned(),
            cause,
        })?;
        let lab = self.lab.under(kind.pattern()).apart(journal.path().join("queue.sqlite3"));
        let lab = if protocol == Protocol::Naive { lab.textbook() } else { lab };
        let played = tokio::select! {
            played = perform(kind, variant, lab, loan.flight().clone()) => played,
            () = self.interrupt.raised() => Err(Error::Interrupted),
        };
        let back = loan.give_back(&keeper).await;
        let diagram = played?;
        back?;
        let went_wrong = diagram.went_wrong;
        self.audience.show(&Event::Diagram(diagram))?;
        Ok(went_wrong)
    }
}

async fn perform(kind: AnomalyKind, variant: Option<&'static str>, lab: Lab, flight: Flight) -> Result<Diagram> {
    let protocol = lab.protocol();
    let mut play = Play::new(lab, flight);
    let found = match variant {
        Some(_) => crowds::early_refresh(&mut play).await?,
        None => kind.perform(&mut play).await?,
    };
    let (actors, moments) = play.into_parts();
    let Found { went_wrong, finding, figures, plots } = found;
    let anomaly = kind.about().name;
    let moments = moments.into_moments();
    Ok(Diagram { anomaly, variant, protocol, actors, moments, figures, plots, went_wrong, finding })
}

//! Plays a walk-through: step by step, to an audience, and back to where it began.

mod ahead;
mod around;
mod cost;
mod outage;
mod prepare;
mod steps;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use super::record::{Claim, Saved, claim};
use super::restore::{is_back, put_back};
use super::script::{self, Action, Step};
use super::{
    Audience, Choice, EntrySeen, Event, HopSeen, Level, LogSeen, Note, RowSeen, Steadfast, StepStart, seen, show_hops,
};
use crate::error::{Error, Result};
use crate::flight::{Flight, FlightId};
use crate::hop::Observed;
use crate::interrupt::Interrupt;
use crate::lab::Lab;
use crate::lab::fault::Faults;
use crate::pattern::{PatternKind, Tuning};
use ahead::Outlived;
use outage::Outage;
use steps::needs_cache;

/// How many rows of `flight_log` are shown on request.
const LOG_ROWS: u32 = 5;

/// What a walk-through is to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Which flight.
    pub flight_id: FlightId,
    /// By how much it is moved.
    pub delay: TimeDelta,
    /// Whether to drop this tool's own entry and queue first.
    pub flush: bool,
    /// Where walk-throughs under way are written down.
    pub records: PathBuf,
}

/// A walk-through under way.
pub struct Walkthrough<'a> {
    lab: Lab,
    plan: Plan,
    audience: &'a mut dyn Audience,
    interrupt: Interrupt,
    last_sent: Vec<HopSeen>,
    touched: bool,
    steps: &'static [Step],
    /// Where it is the walk-through of one.
    outage: Option<Outage>,
    outlived: Outlived,
}

impl<'a> Walkthrough<'a> {
    /// Prepares a walk-through of the lab's pattern.
    pub fn new(lab: Lab, plan: Plan, audience: &'a mut dyn Audience, interrupt: Interrupt) -> Self {
        let steps = script::steps(lab.kind(), lab.tuning());
        let lab = if lab.kind() == PatternKind::RefreshAhead { ahead::hurried(&lab) } else { lab };
        let last_sent = Vec::new();
        Self { lab, plan, audience, interrupt, last_sent, touched: false, steps, outage: None, outlived: None }
    }

    /// Prepares a walk-through of an outage in place of it: of one that `switch` makes, or, where there is a time to wait for
    /// it, the user.
    #[must_use]
    pub fn of_an_outage(self, switch: Arc<Faults>, by_hand: Option<Duration>) -> Self {
        Self { steps: &script::OUTAGE, outage: Some(Outage::new(switch, by_hand)), ..self }
    }

    /// How many steps a pattern's walk-through has.
    #[must_use]
    pub fn steps(kind: PatternKind, tuning: Tuning) -> usize {
        script::steps(kind, tuning).len()
    }

    /// How many steps that of an outage has.
    #[must_use]
    pub fn steps_of_an_outage() -> usize {
        script::OUTAGE.len()
    }

    /// Plays it. However it ends, the flight is as it was, or the next run will put it back.
    ///
    /// # Errors
    /// What a step fails with, [`Error::NotHeld`] when it shows something else than it must, [`Error::Interrupted`].
    pub async fn play(mut self) -> Result<()> {
        let id = self.plan.flight_id;
        self.recover().await?;
        let database = self.lab.database().peer().clone();
        let Some(mut claim) = claim(&self.plan.records, &database, id)? else {
            return Err(Error::NotHeld {
                message: format!("another walk-through is changing flight {id} just now"),
                hint: "wait until it ends, or choose another --flight-id".into(),
            });
        };
        self.lab.refuse_if_pending(id).await?;
        self.flush().await?;
        let (original, behind) = self.original().await?;
        self.drop_false_mark().await?;
        if self.lab.kind() == PatternKind::RefreshAhead {
            self.drop_long_lived().await?;
        }
        let changed = original.times().delayed(self.plan.delay).map_err(|reason| {
            Error::usage(format!("--delay moves flight {id} too far: {reason}"), "a shorter one, such as --delay 2h")
        })?;
        let cache = self.lab.cache().peer().to_string();
        let saved = Saved { flight_id: id, cache, original: original.times(), changed, others: Vec::new(), behind };

        let played = self.play_steps(&original, &saved, &mut claim).await;
        if !self.touched {
            return played;
        }
        self.switch_back().await;
        // The last steps have put the flight back, unless one failed, a signal came, or the audience left.
        match self.end(&saved).await {
            Ok(true) => {
                claim.clear()?;
                played
            }
            // Whoever finds the outage written down drops the entry.
            Ok(false) if self.outage.is_some() && !self.lab.trusts_cache() => {
                claim.clear()?;
                let text = format!(
                    "flight {id} is back in the database; the cache is away, and when it is back the entry is dropped before anybody reads it"
                );
                played.and(self.note(Level::Warning, text))
            }
            incomplete => {
                let text = format!(
                    "flight {id} could not be put back whole; the next walk-through with this database and cache does it"
                );
                let shown = self.note(Level::Warning, text);
                // What failed first is what the user must hear of.
                played.and(shown)?;
                incomplete?;
                Err(Error::NotHeld {
                    message: format!("flight {id} is not back as it was"),
                    hint: "run the walk-through again once everything answers".into(),
                })
            }
        }
    }

    /// Plays the steps, until the last one or until the audience leaves.
    async fn play_steps(&mut self, original: &Flight, saved: &Saved, claim: &mut Claim) -> Result<()> {
        let mut current = original.clone();
        for (index, step) in self.steps.iter().enumerate() {
            let number = index + 1;
            if !self.wait_for(&format!("[STEP {number}] {}", step.title)).await? {
                return Ok(());
            }
            let title = step.title.to_owned();
            self.audience.show(&Event::Step(StepStart { number, title, expects: step.expects }))?;
            let performed = self.perform(step, number, &mut current, saved, claim).await;
            performed.map_err(|error| needs_cache(&format!("step {number}"), error))?;
        }
        if !self.steps.iter().any(|step| step.action == Action::Summary) {
            let summarized = self.summarize("the summary", &current, saved).await;
            summarized.map_err(|error| needs_cache("the summary", error))?;
        }
        Ok(())
    }

    /// Waits for the audience, showing what it asks for; `false` when it wants to leave.
    async fn wait_for(&mut self, next: &str) -> Result<bool> {
        loop {
            let choice = tokio::select! {
                biased;
                () = self.interrupt.raised() => return Err(Error::Interrupted),
                choice = self.audience.pause(next) => choice?,
            };
            match choice {
                Choice::Next => return Ok(true),
                Choice::Quit => return Ok(false),
                // What cannot be shown is said, and the walk-through stays where it is.
                asked => match self.show_asked(asked).await {
                    Err(error @ (Error::OutputClosed | Error::Interrupted)) => return Err(error),
                    Err(error) => self.note(Level::Warning, error.to_string())?,
                    Ok(()) => {}
                },
            }
        }
    }

    async fn show_asked(&mut self, asked: Choice) -> Result<()> {
        let id = self.plan.flight_id;
        match asked {
            Choice::ShowEntry => {
                let observed = self.lab.entry(id).await;
                let entry = observed.value?;
                self.audience.show(&Event::Entry(EntrySeen::of(id, entry, observed.latency)))
            }
            Choice::ShowRow => {
                let observed = self.lab.row(id).await;
                let row = RowSeen { flight_id: id, flight: observed.value?, latency: observed.latency };
                self.audience.show(&Event::Row(row))
            }
            Choice::ShowLog => {
                let entries = self.lab.log(id, LOG_ROWS).await.value?;
                self.audience.show(&Event::Log(LogSeen { flight_id: id, entries }))
            }
            Choice::ShowSent => self.audience.show_sent(&self.last_sent),
            Choice::Next | Choice::Quit => Ok(()),
        }
    }

    /// Sees that the flight is back, whatever came before, and whether or not anybody still reads how.
    async fn end(&mut self, saved: &Saved) -> Result<bool> {
        let mut audience = Steadfast(&mut *self.audience);
        // What is said first is said before anything that may take long.
        let is_quiet = matches!(is_back(&self.lab, saved).await, Ok(true));
        if !is_quiet {
            let lost = if self.interrupt.is_raised() { "interrupted: " } else { "" };
            let text = format!("{lost}putting flight {} back", saved.flight_id);
            audience.show(&Event::Note(Note { level: Level::Plain, text }))?;
        }
        put_back(&self.lab, saved, &mut audience).await
    }

    fn note(&mut self, level: Level, text: String) -> Result<()> {
        self.audience.show(&Event::Note(Note { level, text }))
    }

    fn sent<T>(&mut self, observed: &Observed<T>) -> Result<()> {
        self.last_sent = seen(observed);
        show_hops(self.audience, observed)
    }
}

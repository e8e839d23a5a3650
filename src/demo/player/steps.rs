//! What each kind of step does, and what it must show.

use super::super::measure;
use super::super::record::{Claim, Saved};
use super::super::restore::{USER, moved_by_others, put_back};
use super::super::script::{Action, Expected, Step};
use super::super::{
    ConsistencySeen, Event, Level, ReadSeen, Silent, UpdateSeen, show_backlog, show_drain, show_refreshes,
};
use super::Walkthrough;
use super::outage::came_back;
use crate::cache::Entry;
use crate::error::{Error, Result};
use crate::flight::Flight;
use crate::lab::Verdict;
use crate::pattern::{CacheEffect, Durability, Lookup, PatternKind};

impl Walkthrough<'_> {
    pub(super) async fn perform(
        &mut self,
        step: &Step,
        number: usize,
        current: &mut Flight,
        saved: &Saved,
        claim: &mut Claim,
    ) -> Result<()> {
        match step.action {
            Action::Read(expected, card) => self.read(number, expected, card, current, saved).await,
            Action::Update => {
                self.undisturbed(&format!("step {number}"), saved).await?;
                // On the disk before the flight is touched: from here on a kill leaves something to be put back.
                claim.write(saved)?;
                self.touched = true;
                *current = self.update(number, current, saved).await?;
                Ok(())
            }
            Action::Inspect => self.inspect(number).await,
            Action::Evict => self.evict().await,
            Action::RefreshAhead => self.refresh_ahead(number).await,
            Action::Outlive => self.outlive(number).await,
            Action::Verify(verdict) => self.verify(number, verdict, saved).await,
            Action::Drain => {
                self.undisturbed(&format!("step {number}"), saved).await?;
                show_drain(&self.lab, self.audience).await
            }
            Action::Coalesce(times) => {
                self.undisturbed(&format!("step {number}"), saved).await?;
                *current = self.coalesce(times, current, saved).await?;
                Ok(())
            }
            Action::Health => self.health().await,
            Action::TakeCacheAway => self.take_cache_away().await,
            Action::BringCacheBack => self.bring_cache_back(current).await,
            Action::Restore => {
                if !put_back(&self.lab, saved, self.audience).await? {
                    return Err(not_told(&format!("step {number} did not hold: the flight")));
                }
                *current = current.at(saved.original);
                self.undisturbed(&format!("step {number}"), saved).await
            }
            Action::Summary => self.summarize(&format!("step {number}"), current, saved).await,
        }
    }

    async fn read(
        &mut self,
        number: usize,
        expected: Expected,
        card: Option<&'static str>,
        current: &Flight,
        saved: &Saved,
    ) -> Result<()> {
        if expected == Expected::Stale {
            return self.read_stale(number, card, saved).await;
        }
        if expected == Expected::Hit && self.lab.kind() == PatternKind::RefreshAhead {
            self.refill_if_gone().await?;
        }
        let (mut lookup, mut flight) = self.show_read(card).await?;
        self.weigh_read(expected);
        if (expected, lookup) == (Expected::Hit, Lookup::Unreadable) {
            // That read has put the flight in its place: the next one must find it there.
            (lookup, flight) = self.show_read(None).await?;
        }
        let found = match (expected, lookup) {
            (Expected::Hit, Lookup::Hit | Lookup::Joined)
            | (Expected::FreshMiss, Lookup::Miss | Lookup::Joined | Lookup::Unreadable)
            | (Expected::Degraded, Lookup::Unavailable)
            | (Expected::Anything, _) => true,
            (Expected::Unasked, Lookup::Unavailable) => !self.last_asked_cache() || self.is_naive(),
            (Expected::Degraded | Expected::Unasked, _) => return Err(came_back(number)),
            // Nobody heals the textbook: what counts is which times were read.
            (Expected::FreshMiss, Lookup::Hit) if self.outage.is_some() && self.is_naive() => true,
            (_, Lookup::Unavailable) => {
                return Err(Error::NotHeld {
                    message: format!("step {number} needs the cache, and the cache does not answer"),
                    hint: "the flight was read from the database; `cachedemo doctor` shows the state of the cache"
                        .into(),
                });
            }
            (_, Lookup::Leased) => {
                return Err(Error::NotHeld {
                    message: format!(
                        "step {number} did not hold: a lease stands under {}, so the read went past the cache",
                        self.plan.flight_id.key()
                    ),
                    hint: "somebody is changing this flight, or died doing so: run again when the lease has expired \
                           (within twice DB_TIMEOUT), or drop it now with --flush"
                        .into(),
                });
            }
            _ => false,
        };
        self.say_what_the_outage_cost(expected)?;
        if flight.as_ref() != Some(current) {
            self.undisturbed(&format!("step {number}"), saved).await?;
        }
        if !found {
            return Err(not_as_expected(number, "the read did not find the flight where it must be"));
        }
        if flight.as_ref() != Some(current) {
            if self.outage.is_some() && self.is_naive() {
                return Err(self.stale(number).await?);
            }
            return Err(not_as_expected(number, "the read did not give the flight as it was left"));
        }
        Ok(())
    }

    pub(super) async fn show_read(&mut self, card: Option<&'static str>) -> Result<(Lookup, Option<Flight>)> {
        let observed = self.lab.read(self.plan.flight_id).await;
        self.sent(&observed)?;
        let latency = observed.latency;
        let read = observed.value?;
        let found = (read.lookup, read.flight.clone());
        self.audience.show(&Event::Read(ReadSeen::of(self.plan.flight_id, read, latency, card)))?;
        show_refreshes(self.audience, self.lab.rest().await)?;
        Ok(found)
    }

    /// Ends the walk-through where somebody else has moved the flight: what follows would overwrite that.
    pub(super) async fn undisturbed(&mut self, what: &str, saved: &Saved) -> Result<()> {
        match moved_by_others(&self.lab, saved, &mut Silent).await {
            Ok(None) => Ok(()),
            Ok(Some(times)) => Err(Error::NotHeld {
                message: format!(
                    "{what} did not hold: somebody else has moved flight {} to {}",
                    saved.flight_id, times.departure
                ),
                hint: "it is left as it is; run the walk-through again, or choose another --flight-id".into(),
            }),
            // Whether the step needs the database, it says itself.
            Err(error) if error.is_outage() => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn update(&mut self, number: usize, current: &Flight, saved: &Saved) -> Result<Flight> {
        let update = self.lab.plan(current, saved.changed, USER, Some("walk-through"));
        let observed = self.lab.update(&update).await;
        self.sent(&observed)?;
        let latency = observed.latency;
        let acknowledgement = observed.value?;
        let (flight, cache, durability) =
            (acknowledgement.flight.clone(), acknowledgement.cache, acknowledgement.durability);
        let seen = UpdateSeen::of(self.lab.kind(), current.times(), acknowledgement, latency, false);
        self.audience.show(&Event::Update(seen))?;
        if durability == Durability::Queued {
            show_backlog(&self.lab, self.audience).await?;
        }
        self.weigh("update during the outage");
        if self.is_cache_away() {
            return if cache == CacheEffect::NotUpdated { Ok(flight) } else { Err(came_back(number)) };
        }
        if cache == CacheEffect::NotUpdated {
            return Err(not_told(&format!("step {number} did not hold: the update")));
        }
        Ok(flight)
    }

    /// Ends where it begins: at the changed times. Everything between is one of the two that a later run would put back.
    async fn coalesce(&mut self, times: u32, current: &Flight, saved: &Saved) -> Result<Flight> {
        let mut flight = current.clone();
        let mut latencies = Vec::new();
        for number in 1..=times {
            let to = if number % 2 == times % 2 { saved.changed } else { saved.original };
            let update = self.lab.plan(&flight, to, USER, Some("walk-through: one of many at once"));
            let observed = self.lab.update(&update).await;
            self.sent(&observed)?;
            latencies.push(observed.latency);
            flight = observed.value?.flight;
        }
        latencies.sort_unstable();
        let text = format!(
            "{times} updates of flight {} queued, each acknowledged in {:.1?} (median)",
            flight.flight_id,
            latencies[latencies.len() / 2]
        );
        self.note(Level::Good, text)?;
        show_backlog(&self.lab, self.audience).await?;
        show_drain(&self.lab, self.audience).await?;
        Ok(flight)
    }

    async fn verify(&mut self, number: usize, verdict: Verdict, saved: &Saved) -> Result<()> {
        self.undisturbed(&format!("step {number}"), saved).await?;
        // An entry that an update only removed, or that expired, is filled again first: then there is something to compare.
        // One that cannot be read is overwritten by that read.
        if matches!(self.lab.entry(self.plan.flight_id).await.value?, Entry::Absent | Entry::Foreign(_)) {
            self.show_read(None).await?;
        }
        let observed = self.lab.verify(self.plan.flight_id).await;
        self.sent(&observed)?;
        let latency = observed.latency;
        let consistency = observed.value?;
        // A cache entry may have expired or been evicted since: then there is nothing that could disagree.
        let expected =
            consistency.verdict == verdict || (verdict == Verdict::Consistent && consistency.verdict.holds());
        self.audience.show(&Event::Consistency(ConsistencySeen { consistency, expected, latency }))?;
        if expected { Ok(()) } else { Err(not_as_expected(number, "database and cache are not as they must be")) }
    }

    pub(super) async fn summarize(&mut self, what: &str, current: &Flight, saved: &Saved) -> Result<()> {
        // What is measured are updates that leave the flight as it is.
        self.undisturbed(what, saved).await?;
        let summary = match (&self.outage, self.lab.kind()) {
            (Some(outage), kind) => outage.summary(kind),
            (None, PatternKind::WriteBehind) => measure::updates(&self.lab, current).await?,
            (None, PatternKind::RefreshAhead) => measure::refreshes(&self.lab, current).await?,
            (None, _) => measure::reads(&self.lab, current).await?,
        };
        self.audience.show(&Event::Summary(summary))
    }
}

pub(super) fn not_as_expected(number: usize, what: &str) -> Error {
    Error::NotHeld {
        message: format!("step {number} did not hold: {what}"),
        hint: "another program may be changing this flight; `--verbose` shows every statement and command".into(),
    }
}

/// What the cache's absence means to a step: it did not hold. Only without the database there is nothing to show.
pub(super) fn needs_cache(what: &str, error: Error) -> Error {
    match &error {
        Error::Unreachable { peer, .. } | Error::TimedOut { peer, .. } if peer.role != "database" => Error::NotHeld {
            message: format!("{what} needs the {}: {error}", peer.role),
            hint: "`cachedemo doctor` shows the state of the cache".into(),
        },
        _ => error,
    }
}

fn not_told(what: &str) -> Error {
    Error::NotHeld {
        message: format!("{what} is in the database, and the cache could not be told"),
        hint: "`cachedemo doctor` shows the state of the cache".into(),
    }
}

//! What comes before the first step: flights that killed walk-throughs left behind, what is to be flushed, and the flight as it
//! is found.

use super::super::Level;
use super::super::record::Claim;
use super::super::restore::{is_back, put_back};
use super::Walkthrough;
use crate::cache::Entry;
use crate::error::{Error, Result};
use crate::flight::{Flight, Times};
use crate::pattern::PatternKind;
use crate::record::prefix;

impl Walkthrough<'_> {
    /// Puts back what walk-throughs that were killed have left behind.
    pub(super) async fn recover(&mut self) -> Result<()> {
        let database = self.lab.database().peer().clone();
        for (mut claim, saved) in Claim::abandoned(&self.plan.records, &prefix(&database))? {
            let id = saved.flight_id;
            let here = self.lab.cache().peer().to_string();
            // It was killed before it changed anything, or after it had put everything back.
            if saved.cache == here && matches!(is_back(&self.lab, &saved).await, Ok(true)) {
                claim.clear()?;
                continue;
            }
            let outcome = if saved.cache == here || saved.cache.ends_with("in this process") {
                let text =
                    format!("an earlier walk-through of flight {id} was cut short: putting the flight back first");
                self.note(Level::Warning, text)?;
                put_back(&self.lab, &saved, self.audience).await
            } else {
                Ok(false)
            };
            let left = match outcome {
                Ok(true) => {
                    claim.clear()?;
                    continue;
                }
                Ok(false) => Error::NotHeld {
                    message: format!("flight {id} is still as an earlier walk-through, cut short, left it"),
                    hint: format!("run a walk-through of it with the {}: that puts it back first", saved.cache),
                },
                Err(error) => error,
            };
            // This run would take what was left behind for the flight's own times.
            if id == self.plan.flight_id {
                return Err(left);
            }
            self.note(Level::Warning, left.to_string())?;
        }
        Ok(())
    }

    pub(super) async fn flush(&mut self) -> Result<()> {
        if !self.plan.flush {
            return Ok(());
        }
        let id = self.plan.flight_id;
        match self.lab.evict(id).await.value {
            Ok(true) => self.note(Level::Plain, format!("dropped the cache entry of flight {id}"))?,
            Ok(false) => self.note(Level::Plain, format!("flight {id} had no cache entry to drop"))?,
            Err(error) => return self.note(Level::Warning, format!("the cache entry could not be dropped: {error}")),
        }
        if self.lab.kind() == PatternKind::WriteBehind {
            let waiting = self.lab.backlog().await.value?.length();
            let flights = self.lab.queue().clear().await?;
            if waiting > 0 {
                let text = format!(
                    "dropped what was queued: updates {waiting}, flights {}; the database will not see them",
                    flights.len()
                );
                self.note(Level::Warning, text)?;
            }
        }
        Ok(())
    }

    /// The flight as every reader of the pattern sees it now: what is queued counts. Then also what the database has yet.
    pub(super) async fn original(&self) -> Result<(Flight, Option<Times>)> {
        let id = self.plan.flight_id;
        let row = self.lab.row(id).await.value?.ok_or(Error::NoSuchFlight(id))?;
        if self.lab.kind() != PatternKind::WriteBehind {
            return Ok((row, None));
        }
        match self.lab.queue().pending(id).await {
            Ok(Some(pending)) => Ok((pending, Some(row.times()))),
            Ok(None) => Ok((row, None)),
            Err(error) if error.is_outage() => Ok((row, None)),
            Err(error) => Err(error),
        }
    }

    /// The database has the flight. A mark in the cache that says otherwise is older than the flight, or somebody else's: the
    /// steps would only ever show that mark.
    pub(super) async fn drop_false_mark(&mut self) -> Result<()> {
        let id = self.plan.flight_id;
        if !matches!(self.lab.entry(id).await.value, Ok(Entry::Missing)) {
            return Ok(());
        }
        self.lab.evict(id).await.value?;
        let text =
            format!("the cache says that flight {id} does not exist, and the database has it: the mark is dropped");
        self.note(Level::Warning, text)
    }
}

//! Whom a walk-through plays to.

use async_trait::async_trait;

use super::{Event, HopSeen};
use crate::error::Result;

/// What the audience wants at a stop of an interactive walk-through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Go on.
    Next,
    /// Show what stands in the cache.
    ShowEntry,
    /// Show the row in the database.
    ShowRow,
    /// Show the latest rows of `flight_log`.
    ShowLog,
    /// Show what was sent by the last operation.
    ShowSent,
    /// Put the flight back and end.
    Quit,
}

/// Whom a walk-through plays to.
#[async_trait]
pub trait Audience: Send + Sync {
    /// Shows one event.
    ///
    /// # Errors
    /// [`crate::error::Error::OutputClosed`] when nobody reads any more.
    fn show(&mut self, event: &Event) -> Result<()>;

    /// Shows hops again, in full, whatever the verbosity.
    ///
    /// # Errors
    /// As [`Audience::show`].
    fn show_sent(&mut self, hops: &[HopSeen]) -> Result<()>;

    /// Stops before the step named `next`, until the audience says how to go on. Non-interactive ones say [`Choice::Next`] at
    /// once or after their pause.
    async fn pause(&mut self, next: &str) -> Result<Choice>;
}

/// An audience that may leave without anybody minding.
pub(super) struct Steadfast<'a>(pub(super) &'a mut dyn Audience);

#[async_trait]
impl Audience for Steadfast<'_> {
    fn show(&mut self, event: &Event) -> Result<()> {
        // Putting the flight back must not end because it cannot be shown.
        _ = self.0.show(event);
        Ok(())
    }

    fn show_sent(&mut self, hops: &[HopSeen]) -> Result<()> {
        _ = self.0.show_sent(hops);
        Ok(())
    }

    async fn pause(&mut self, _next: &str) -> Result<Choice> {
        Ok(Choice::Next)
    }
}

/// An audience for what is only looked at.
pub(super) struct Silent;

#[async_trait]
impl Audience for Silent {
    fn show(&mut self, _event: &Event) -> Result<()> {
        Ok(())
    }

    fn show_sent(&mut self, _hops: &[HopSeen]) -> Result<()> {
        Ok(())
    }

    async fn pause(&mut self, _next: &str) -> Result<Choice> {
        Ok(Choice::Next)
    }
}

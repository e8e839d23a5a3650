//! What happens to every hop on its way: it is written down, and where somebody asked for it, it is held, or a fault happens
//! to it; a bench counts it.
//!
//! ```text
//!   pattern ─▶ held? ─▶ written down, counted ─▶ fault? ─▶ the database, the cache, the queue
//! ```
//!
//! A fault counts as the server's: the time that a delay takes and the error that it makes are the hop's.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use super::circuit::{Breaker, Spot};
use super::fault::Faults;
use super::gate::{Gate, Landing, Passage, Trip};
use super::meter::Meter;
use crate::error::{Error, Peer, Result};
use crate::flight::Queued;
use crate::hop::{self, Outcome, Target, trip};

/// What is done to the hops of a laboratory.
#[derive(Clone, Default)]
pub(super) struct Hooks {
    /// What goes wrong on purpose.
    pub(super) faults: Arc<Faults>,
    /// Who holds hops.
    pub(super) gate: Option<Arc<dyn Gate>>,
    /// Who counts them.
    pub(super) meter: Option<Arc<dyn Meter>>,
}

/// The way to one party.
#[derive(Clone)]
pub(super) struct Door {
    target: Target,
    peer: Arc<Peer>,
    /// How long its client waits for an answer.
    limit: Duration,
    hooks: Hooks,
    /// What knows whether the cache is away, where the queue is of no use without it.
    breaker: Option<Breaker>,
}

impl Door {
    pub(super) fn new(target: Target, peer: &Arc<Peer>, limit: Duration, hooks: &Hooks) -> Self {
        Self { target, peer: Arc::clone(peer), limit, hooks: hooks.clone(), breaker: None }
    }

    /// The same, refused while this breaker knows better.
    pub(super) fn behind(self, breaker: &Breaker) -> Self {
        Self { breaker: Some(breaker.clone()), ..self }
    }

    /// One hop: `work` is the trip itself, `outcome` says in a word or two what came of it.
    pub(super) async fn hop<T, O: Into<Outcome>>(
        &self,
        name: &'static str,
        outcome: impl FnOnce(&T) -> O,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        self.hop_about(Spot::All, name, outcome, work).await
    }

    /// A hop about a part of the flights, which is refused while the breaker knows better of that part.
    pub(super) async fn hop_about<T, O: Into<Outcome>>(
        &self,
        spot: Spot,
        name: &'static str,
        outcome: impl FnOnce(&T) -> O,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        if let Some(breaker) = &self.breaker {
            breaker.permit(name, spot)?;
        }
        if let Some(gate) = self.gate() {
            gate.before(self.target, name).await;
        }
        let result = self.pass(name, outcome, work).await;
        if let (Some(breaker), Err(failure)) = (&self.breaker, &result) {
            breaker.notice(failure, spot);
        }
        result
    }

    /// A hop that may be late: `trip` is the same once more, for when its sender has given up.
    pub(super) async fn late_hop<T, O: Into<Outcome>>(
        &self,
        name: &'static str,
        outcome: impl FnOnce(&T) -> O,
        work: impl Future<Output = Result<T>>,
        trip: impl FnOnce() -> Trip,
    ) -> Result<T> {
        match self.gate() {
            Some(gate) if gate.before(self.target, name).await == Passage::Late => {
                gate.keep(Landing { name, trip: trip() });
                let unanswered = Error::TimedOut { peer: Arc::clone(&self.peer), limit: self.limit };
                self.pass(name, outcome, async { Err(unanswered) }).await
            }
            _ => self.pass(name, outcome, work).await,
        }
    }

    /// Who holds this hop. What runs by itself, and is written down by nobody, is not held.
    fn gate(&self) -> Option<&Arc<dyn Gate>> {
        self.hooks.gate.as_ref().filter(|_| hop::is_observed())
    }

    /// Tells whoever counts that the database has these updates.
    pub(super) fn applied(&self, batch: &[Queued]) {
        if let Some(meter) = &self.hooks.meter {
            meter.applied(batch);
        }
    }

    async fn pass<T, O: Into<Outcome>>(
        &self,
        name: &'static str,
        outcome: impl FnOnce(&T) -> O,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let faults = &self.hooks.faults;
        let result = if faults.is_empty() {
            trip(self.target, name, outcome, work).await
        } else {
            trip(self.target, name, outcome, faults.strike((&self.peer, self.limit), self.target, name, work)).await
        };
        if let Some(meter) = &self.hooks.meter {
            meter.hop(self.target, name);
        }
        if let (Some(gate), Some(hop)) = (self.gate(), hop::last()) {
            gate.after(hop).await;
        }
        result
    }
}

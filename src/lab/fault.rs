//! Faults on purpose: what `--fault` asks for happens to hops here, and what is simulated is always said to be.
//!
//! ```text
//!   cache.get:delay=5ms        every look into the cache takes 5 ms longer
//!   database.commit:fail=0.1   every tenth COMMIT, by chance, is not sent; --seed repeats the chance
//!   cache.settle:lose@1        the first settle is done, and its answer is lost
//!   cache.*:down               nothing reaches the cache
//!   database.commit:die        the process ends, as by kill -9, when it is about to commit
//! ```

mod parse;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::Chance;
use crate::error::{Error, Peer, Result};
use crate::hop::Target;

/// What happens to a hop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effect {
    /// It takes longer by this much.
    Delay(Duration),
    /// It is not sent, and fails, with this probability.
    Fail(f64),
    /// It is sent, and its answer is lost, with this probability.
    Lose(f64),
    /// The process ends instead.
    Die,
}

/// One thing that is to go wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// As it was typed.
    text: String,
    /// Whose hops; `None`: everybody's.
    target: Option<Target>,
    /// Which hops; `None`: all of that party.
    operation: Option<&'static str>,
    effect: Effect,
    /// Which of the hops that it is about, counted from 1; `None`: all of them.
    number: Option<u64>,
}

impl Fault {
    /// As it was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it happens by chance: then the seed belongs to it.
    #[must_use]
    pub fn is_by_chance(&self) -> bool {
        matches!(self.effect, Effect::Fail(share) | Effect::Lose(share) if share < 1.0)
    }

    fn is_about(&self, target: Target, name: &str) -> bool {
        self.target.is_none_or(|own| own == target) && self.operation.is_none_or(|own| own == name)
    }
}

/// All that is to go wrong, with how often it was looked at.
#[derive(Debug)]
pub struct Faults {
    faults: Vec<(Fault, AtomicU64)>,
    chance: Chance,
    /// The cache, when it is away because a demonstration says so.
    is_cache_away: Option<AtomicBool>,
}

impl Default for Faults {
    fn default() -> Self {
        Self::new(Vec::new(), 0)
    }
}

impl Faults {
    /// These faults, with chance from this seed.
    #[must_use]
    pub fn new(faults: Vec<Fault>, seed: u64) -> Self {
        let faults = faults.into_iter().map(|fault| (fault, AtomicU64::new(0))).collect();
        Self { faults, chance: Chance::seeded(seed), is_cache_away: None }
    }

    /// The same, with a cache that can be taken away and brought back.
    #[must_use]
    pub fn with_a_switch(self) -> Self {
        Self { is_cache_away: Some(AtomicBool::new(false)), ..self }
    }

    /// Takes the cache away, or brings it back as it was.
    pub fn switch_cache(&self, is_away: bool) {
        if let Some(switch) = &self.is_cache_away {
            switch.store(is_away, Ordering::SeqCst);
        }
    }

    /// Whether nothing is to go wrong.
    pub(super) fn is_empty(&self) -> bool {
        self.faults.is_empty() && self.is_cache_away.is_none()
    }

    /// Makes one trip, or what the faults leave of it.
    pub(super) async fn strike<T>(
        &self,
        peer: &Arc<Peer>,
        target: Target,
        name: &'static str,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        if target == Target::Cache && self.is_cache_away.as_ref().is_some_and(|away| away.load(Ordering::SeqCst)) {
            return Err(failed(peer, "it is away, as this demonstration asks"));
        }
        let mut lost = None;
        for (fault, count) in &self.faults {
            if !fault.is_about(target, name) {
                continue;
            }
            let number = count.fetch_add(1, Ordering::Relaxed) + 1;
            if fault.number.is_some_and(|own| own != number) {
                continue;
            }
            match fault.effect {
                Effect::Delay(delay) => tokio::time::sleep(delay).await,
                Effect::Fail(share) if self.chance.happens(share) => return Err(failed(peer, &asked(fault))),
                Effect::Lose(share) if self.chance.happens(share) => lost = Some(fault),
                Effect::Fail(_) | Effect::Lose(_) => {}
                Effect::Die => std::process::abort(),
            }
        }
        let result = work.await;
        match lost {
            Some(fault) if result.is_ok() => Err(unanswered(peer, name, &asked(fault))),
            _ => result,
        }
    }
}

fn asked(fault: &Fault) -> String {
    format!("a fault on purpose: {}", fault.text)
}

fn failed(peer: &Arc<Peer>, why: &str) -> Error {
    Error::Unreachable { peer: Arc::clone(peer), cause: why.into() }
}

/// What changes something for good may have done so; everything else may be asked again.
fn unanswered(peer: &Arc<Peer>, name: &'static str, why: &str) -> Error {
    match name {
        "commit" | "apply" | "enqueue" => {
            Error::OutcomeUnknown { peer: Arc::clone(peer), operation: name, update: None, cause: why.into() }
        }
        _ => failed(peer, why),
    }
}

//! Faults on purpose: what `--fault` asks for happens to hops here, and what is simulated is always said to be.
//!
//! ```text
//!   cache.get:delay=5ms        every look into the cache takes 5 ms longer; CACHE_TIMEOUT or more, and no answer comes in time
//!   cache.get:fail             no look reaches the cache
//!   database.commit:fail=0.1   every tenth COMMIT, by chance, is refused by a server that is there; --seed repeats the chance
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
    /// With this probability it is not sent, and fails: a part of the hops as if the server refused them, all of them as if nobody
    /// were there.
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
        (peer, limit): (&Arc<Peer>, Duration),
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
                // Whoever waits for an answer gives up at its limit, whoever makes it wait.
                Effect::Delay(delay) if delay >= limit => {
                    tokio::time::sleep(limit).await;
                    return Err(Error::TimedOut { peer: Arc::clone(peer), limit });
                }
                Effect::Delay(delay) => tokio::time::sleep(delay).await,
                Effect::Fail(share) if self.chance.happens(share) => {
                    let is_refusal = fault.is_by_chance();
                    return Err(if is_refusal {
                        refused(peer, name, &asked(fault))
                    } else {
                        failed(peer, &asked(fault))
                    });
                }
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

/// A server that answers some and refuses others is no outage: nobody stops asking it.
fn refused(peer: &Arc<Peer>, name: &'static str, why: &str) -> Error {
    Error::Rejected { peer: Arc::clone(peer), operation: name, cause: why.into() }
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

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_millis(50);

    /// What a hop comes to under these faults, and whether it was sent.
    async fn hop(faults: &Faults, target: Target, name: &'static str) -> (Result<u8>, bool) {
        let peer = Arc::new(Peer { role: target.name(), product: "Test", address: "in this process".into() });
        let sent = AtomicBool::new(false);
        let work = async {
            sent.store(true, Ordering::SeqCst);
            Ok(7)
        };
        let result = faults.strike((&peer, LIMIT), target, name, work).await;
        (result, sent.into_inner())
    }

    fn faults(texts: &[&str], seed: u64) -> Faults {
        Faults::new(texts.iter().map(|text| text.parse().unwrap()).collect(), seed)
    }

    #[tokio::test]
    async fn what_fails_is_not_sent_and_what_is_lost_is() {
        let faults = faults(&["cache.get:fail", "cache.settle:lose"], 1);
        let (failed, sent) = hop(&faults, Target::Cache, "get").await;
        assert!(failed.unwrap_err().is_outage_of("cache") && !sent);
        let (lost, sent) = hop(&faults, Target::Cache, "settle").await;
        assert!(lost.unwrap_err().is_outage_of("cache") && sent);
        for (target, name) in [(Target::Cache, "lease"), (Target::Database, "find"), (Target::Queue, "pending")] {
            assert_eq!(hop(&faults, target, name).await.0.unwrap(), 7, "{name}");
        }
    }

    #[tokio::test]
    async fn who_refuses_a_part_is_there() {
        let faults = faults(&["cache.get:fail=0.5"], 1);
        let mut refused = 0;
        for _ in 0..100 {
            match hop(&faults, Target::Cache, "get").await {
                (Ok(_), true) => {}
                (Err(Error::Rejected { operation: "get", .. }), false) => refused += 1,
                other => panic!("{other:?}"),
            }
        }
        assert!((30..70).contains(&refused), "{refused}");
    }

    #[tokio::test]
    async fn a_delay_is_waited_for_no_longer_than_an_answer_would_be() {
        let faults = faults(&["cache.get:delay=1ms", "cache.settle:delay=1h"], 1);
        assert_eq!(hop(&faults, Target::Cache, "get").await.0.unwrap(), 7);
        let (silent, sent) = hop(&faults, Target::Cache, "settle").await;
        assert!(matches!(silent, Err(Error::TimedOut { limit: LIMIT, .. })) && !sent, "{silent:?}");
    }

    #[tokio::test]
    async fn a_lost_answer_leaves_the_outcome_unknown_of_what_changes_something_for_good() {
        let faults = faults(&["*:lose"], 1);
        for (target, name) in [(Target::Database, "commit"), (Target::Database, "apply"), (Target::Queue, "enqueue")] {
            let (lost, sent) = hop(&faults, target, name).await;
            assert!(sent && matches!(lost, Err(Error::OutcomeUnknown { .. })), "{name}: {lost:?}");
        }
    }

    #[tokio::test]
    async fn a_number_means_that_hop_alone_of_those_that_the_fault_is_about() {
        let faults = faults(&["cache.get:fail@2"], 1);
        let mut failed = Vec::new();
        for _ in 0..4 {
            hop(&faults, Target::Cache, "settle").await.0.unwrap();
            failed.push(hop(&faults, Target::Cache, "get").await.0.is_err());
        }
        assert_eq!(failed, [false, true, false, false]);
    }

    #[tokio::test]
    async fn the_same_seed_repeats_the_chance() {
        let run = async |seed| {
            let faults = faults(&["cache.get:fail=0.5"], seed);
            let mut failed = Vec::new();
            for _ in 0..64 {
                failed.push(hop(&faults, Target::Cache, "get").await.0.is_err());
            }
            failed
        };
        let once = run(3).await;
        assert_eq!(once, run(3).await);
        assert_ne!(once, run(4).await);
        assert!(once.contains(&true) && once.contains(&false));
    }

    #[tokio::test]
    async fn a_switch_takes_the_cache_away_and_brings_it_back() {
        let faults = Faults::default().with_a_switch();
        assert!(!faults.is_empty() && Faults::default().is_empty());
        for is_away in [false, true, false] {
            faults.switch_cache(is_away);
            assert_eq!(hop(&faults, Target::Cache, "get").await.0.is_err(), is_away);
            hop(&faults, Target::Database, "find").await.0.unwrap();
        }
    }
}

//! The steps of an outage: the cache is seen to go and to come back, whoever sees to that.
//!
//! By hand, the user is asked, and the cache is watched until it has happened: no key need be pressed for it. Simulated, a
//! fault on purpose does it, and the server knows nothing of it.

use std::sync::Arc;
use std::time::Duration;

use super::super::{ConsistencySeen, EntrySeen, Event, Figure, Finding, Level};
use super::Walkthrough;
use crate::cache::Entry;
use crate::clock;
use crate::error::{Error, Peer, Result};
use crate::flight::Flight;
use crate::hop::{Observed, Target, observe};
use crate::lab::Lab;
use crate::lab::fault::Faults;
use crate::pattern::Protocol;

/// How long after an answer, or none, the cache is asked again.
const BETWEEN: Duration = Duration::from_millis(100);

/// How many questions in a row are not answered by a cache that is gone; one may be lost to a busy machine.
const UNANSWERED: u32 = 2;

/// How long the cache may take to be healed once it answers.
const HEALING: Duration = Duration::from_secs(30);

/// How an outage comes about, and what was seen of it.
pub(super) struct Outage {
    /// What keeps everybody from the cache, whether or not its server is there.
    switch: Arc<Faults>,
    /// How long to wait for the user who stops and starts the server; `None`: only the switch does.
    by_hand: Option<Duration>,
    is_away: bool,
    /// What each operation cost.
    pub(super) figures: Vec<Figure>,
}

impl Outage {
    pub(super) fn new(switch: Arc<Faults>, by_hand: Option<Duration>) -> Self {
        Self { switch, by_hand, is_away: false, figures: Vec::new() }
    }
}

/// What the cache is watched for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Awaited {
    Gone,
    Back,
}

impl Walkthrough<'_> {
    pub(super) async fn health(&mut self) -> Result<()> {
        let database = observe(self.lab.database().ping()).await;
        self.answered(Target::Database, database)?;
        let cache = observe(self.lab.cache().ping()).await;
        self.answered(Target::Cache, cache)
    }

    fn answered(&mut self, about: Target, ping: Observed<Result<()>>) -> Result<()> {
        self.sent(&ping)?;
        ping.value?;
        let peer = if about == Target::Database { self.lab.database().peer() } else { self.lab.cache().peer() };
        let text = format!("{} answers: round trip {:.1?}", peer.product, ping.latency);
        self.audience.show(&Event::Finding(Finding { level: Level::Good, about, text, hint: None }))
    }

    pub(super) async fn take_cache_away(&mut self) -> Result<()> {
        match self.by_hand() {
            Some(patience) => self.ask_for(Awaited::Gone, patience)?,
            None => self.switch_cache(true),
        }
        let failure = self.watch(self.lab.clone(), Awaited::Gone).await?;
        if let Some(outage) = &mut self.outage {
            outage.is_away = true;
        }
        self.note(Level::Good, format!("it is gone: {failure}"))
    }

    pub(super) async fn bring_cache_back(&mut self, current: &Flight) -> Result<()> {
        if let Some(patience) = self.by_hand() {
            // It would be healed the moment it is back: nobody could see what it has kept.
            self.switch_cache(true);
            self.ask_for(Awaited::Back, patience)?;
            self.watch(self.beneath(), Awaited::Back).await?;
        }
        self.show_what_it_kept(current).await?;
        self.switch_cache(false);
        self.heal().await?;
        if let Some(outage) = &mut self.outage {
            outage.is_away = false;
        }
        Ok(())
    }

    /// The server itself, past the switch and the circuit breaker.
    fn beneath(&self) -> Lab {
        self.lab.textbook().with_faults(Arc::default())
    }

    /// Asks the user to see to it.
    fn ask_for(&mut self, awaited: Awaited, patience: Duration) -> Result<()> {
        let patience = humantime::format_duration(patience);
        let peer = self.lab.cache().peer();
        let (asked, then) = match awaited {
            Awaited::Gone => {
                (format!("stop {} at {} now: {}", peer.product, peer.address, how_to_stop(peer)), "is gone")
            }
            Awaited::Back => {
                let how = "as you did before, or kill -CONT its process";
                (format!("start {} at {} again: {how}", peer.product, peer.address), "answers")
            }
        };
        self.note(Level::Warning, asked)?;
        let text =
            format!("this goes on by itself as soon as it {then}, within {patience}; Ctrl-C puts the flight back");
        self.note(Level::Plain, text)
    }

    /// Asks the cache until it is gone or back; gives the last answer, as it is shown.
    async fn watch(&self, lab: Lab, awaited: Awaited) -> Result<String> {
        let patience = self.by_hand().unwrap_or(HEALING);
        let began = clock::instant();
        let mut unanswered = 0;
        loop {
            let answer = tokio::select! {
                biased;
                () = self.interrupt.raised() => return Err(Error::Interrupted),
                answer = lab.cache().ping() => answer,
            };
            match (awaited, answer) {
                (Awaited::Back, Ok(())) => return Ok("it answers".into()),
                (Awaited::Gone, Err(error)) if error.is_outage() => {
                    unanswered += 1;
                    if unanswered == UNANSWERED {
                        return Ok(error.to_string());
                    }
                }
                _ => unanswered = 0,
            }
            if began.elapsed() > patience {
                return Err(too_late(awaited, lab.cache().peer(), patience));
            }
            self.sleep(BETWEEN).await?;
        }
    }

    /// Shows what the cache has kept, which no reader gets to see.
    async fn show_what_it_kept(&mut self, current: &Flight) -> Result<()> {
        let id = self.plan.flight_id;
        let observed = self.beneath().entry(id).await;
        self.sent(&observed)?;
        let latency = observed.latency;
        let (level, text) = match &observed.value {
            Ok(Entry::Value(kept)) if kept != current => {
                (Level::Warning, "it has kept the entry from before the update")
            }
            Ok(Entry::Value(_)) => (Level::Plain, "its entry is as the update left the flight"),
            Ok(_) => (Level::Plain, "it has no entry of this flight: it began anew, or the entry has expired"),
            Err(_) => (Level::Warning, "what it has kept cannot be seen"),
        };
        if let Ok(entry) = observed.value {
            self.audience.show(&Event::Entry(EntrySeen::of(id, entry, latency)))?;
        }
        self.note(level, text.into())
    }

    /// Waits until the cache may be read again, and shows what was done to that end.
    async fn heal(&mut self) -> Result<()> {
        if self.is_naive() {
            return self.note(Level::Warning, "nothing heals it: the textbook knows of no outage".into());
        }
        let began = clock::instant();
        while !self.lab.trusts_cache() {
            if began.elapsed() > HEALING {
                return Err(Error::NotHeld {
                    message: format!("the cache answers, and was not healed within {HEALING:?}"),
                    hint: "`cachedemo doctor` shows the state of both; until it is healed nobody reads it".into(),
                });
            }
            self.sleep(Duration::from_millis(10)).await?;
        }
        match self.lab.take_healing() {
            Some(reconciled) => self.audience.show(&Event::Reconciled(reconciled.into())),
            None => Ok(()),
        }
    }

    async fn sleep(&self, duration: Duration) -> Result<()> {
        tokio::select! {
            biased;
            () = self.interrupt.raised() => Err(Error::Interrupted),
            () = tokio::time::sleep(duration) => Ok(()),
        }
    }

    /// A simulated outage ends with its walk-through, however that ends: what follows needs the cache.
    pub(super) async fn switch_back(&mut self) {
        self.switch_cache(false);
        if !self.is_cache_away() || self.by_hand().is_some() {
            return;
        }
        let began = clock::instant();
        while !self.lab.trusts_cache() && began.elapsed() < HEALING {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// What the textbook does after an outage: the old value is served.
    pub(super) async fn stale(&mut self, number: usize) -> Result<Error> {
        let observed = self.lab.verify(self.plan.flight_id).await;
        self.sent(&observed)?;
        let latency = observed.latency;
        let consistency = observed.value?;
        self.audience.show(&Event::Consistency(ConsistencySeen { consistency, expected: false, latency }))?;
        Ok(Error::NotHeld {
            message: format!("step {number} did not hold: every reader gets the flight as it was before the outage"),
            hint: "this is the textbook protocol, where that lasts until the entry's TTL ends; without --naive the cache is \
                   healed before it is read"
                .into(),
        })
    }

    pub(super) fn is_naive(&self) -> bool {
        self.lab.protocol() == Protocol::Naive
    }

    pub(super) fn is_cache_away(&self) -> bool {
        self.outage.as_ref().is_some_and(|outage| outage.is_away)
    }

    fn by_hand(&self) -> Option<Duration> {
        self.outage.as_ref().and_then(|outage| outage.by_hand)
    }

    fn switch_cache(&self, is_away: bool) {
        if let Some(outage) = &self.outage {
            outage.switch.switch_cache(is_away);
        }
    }
}

/// How somebody stops a cache.
fn how_to_stop(peer: &Peer) -> String {
    let port = peer.address.rsplit(':').next().unwrap_or_default();
    match peer.product {
        "Redis" => format!("`redis-cli -p {port} shutdown`, or kill -STOP its process"),
        "Valkey" => format!("`valkey-cli -p {port} shutdown`, or kill -STOP its process"),
        _ => "kill its process, or kill -STOP it".to_owned(),
    }
}

fn too_late(awaited: Awaited, peer: &Peer, patience: Duration) -> Error {
    let patience = humantime::format_duration(patience);
    let (message, hint) = match awaited {
        Awaited::Gone => (format!("the {peer} still answers after {patience}"), "stop it when you are asked"),
        Awaited::Back => (format!("the {peer} does not answer after {patience}"), "start it again when you are asked"),
    };
    Error::NotHeld { message, hint: format!("{hint}, wait longer with --wait, or let --simulate do it") }
}

/// Somebody has brought the cache back before it was asked for.
pub(super) fn came_back(number: usize) -> Error {
    Error::NotHeld {
        message: format!("step {number} did not hold: the cache is back already"),
        hint: "leave it stopped until you are asked to start it, or let --simulate do it".into(),
    }
}

//! One run of a choreography: its actors, what they do, and what a later reader finds.

use std::future::Future;

use chrono::{NaiveDateTime, TimeDelta};
use tokio::sync::oneshot;

use super::moments::Moments;
use super::stage::Actor;
use crate::demo::{CountSeen, Plot};
use crate::error::{Error, Result};
use crate::flight::{Flight, FlightId, Times};
use crate::lab::Lab;
use crate::pattern::{CacheEffect, Durability, Protocol};

/// By how much the writers of a play move the flight.
pub(super) const MOVES: [TimeDelta; 2] = [TimeDelta::hours(2), TimeDelta::hours(4)];

/// Who is named in `flight_log` for what an actor does.
const USER: &str = "cachedemo";

/// One run of a choreography.
pub(super) struct Play {
    /// Database, cache and queue, where nothing is held.
    pub(super) lab: Lab,
    /// The flight as it was found.
    pub(super) flight: Flight,
    /// What has happened.
    pub(super) moments: Moments,
    actors: Vec<String>,
}

/// What a run showed.
pub(super) struct Found {
    /// Whether the anomaly came about.
    pub(super) went_wrong: bool,
    /// What was seen, a sentence.
    pub(super) finding: String,
    /// What was counted.
    pub(super) figures: Vec<CountSeen>,
    /// What is drawn.
    pub(super) plots: Vec<Plot>,
}

impl Found {
    pub(super) fn new(went_wrong: bool, finding: String) -> Self {
        Self { went_wrong, finding, figures: Vec::new(), plots: Vec::new() }
    }

    /// The same with a count.
    pub(super) fn counting(mut self, what: &str, count: u64) -> Self {
        self.figures.push(CountSeen { what: what.to_owned(), count });
        self
    }
}

impl Play {
    /// A stage on which nobody is yet.
    pub(super) fn new(lab: Lab, flight: Flight) -> Self {
        Self { lab, flight, moments: Moments::default(), actors: Vec::new() }
    }

    pub(super) fn is_naive(&self) -> bool {
        self.lab.protocol() == Protocol::Naive
    }

    /// Somebody enters, in a column of their own.
    pub(super) fn enter(&mut self, name: &str) -> Actor {
        self.actors.push(name.to_owned());
        Actor::new(&self.lab, self.actors.len() - 1)
    }

    /// Somebody enters in the column of who entered last.
    pub(super) fn join(&self) -> Actor {
        Actor::new(&self.lab, self.actors.len() - 1)
    }

    /// Who takes part, and what they did.
    pub(super) fn into_parts(self) -> (Vec<String>, Moments) {
        (self.actors, self.moments)
    }

    /// Leaves nothing in the cache for the flight, before it begins.
    pub(super) async fn evict(&self) -> Result<()> {
        self.lab.evict(self.flight.flight_id).await.value.map(drop)
    }

    /// Has the flight cached, before it begins.
    pub(super) async fn cache_it(&self) -> Result<()> {
        self.evict().await?;
        self.lab.read(self.flight.flight_id).await.value.map(drop)
    }

    /// The times that the n-th writer gives the flight.
    pub(super) fn moved(&self, writer: usize) -> Result<Times> {
        let moved = self.flight.times().delayed(MOVES[writer % MOVES.len()]);
        moved.map_err(|reason| {
            Error::usage(format!("the flight cannot be moved: {reason}"), "choose another --flight-id")
        })
    }

    /// The actor begins to read the flight.
    pub(super) fn reads(&self, actor: &mut Actor) {
        actor.begin(reading(self.flight.flight_id));
    }

    /// The actor begins to move the flight, as the n-th writer does; the id of its update.
    pub(super) fn moves(&self, actor: &mut Actor, writer: usize) -> Result<String> {
        let update = self.lab.plan(&self.flight, self.moved(writer)?, USER, None);
        let comment = format!("anomaly: {}", update.id);
        let update = crate::flight::Update { comment: Some(comment.clone()), ..update };
        actor.begin(|lab| async move {
            match lab.pattern().update(&update).await {
                Ok(acknowledged) => match (acknowledged.cache, acknowledged.durability) {
                    (CacheEffect::NotUpdated, _) => "is told: the cache was not updated".to_owned(),
                    (_, Durability::Committed) => "is told: committed".to_owned(),
                    (_, Durability::Queued) => "is told: queued".to_owned(),
                },
                Err(error) => format!("fails: {error}"),
            }
        });
        Ok(comment)
    }

    /// Somebody reads once everything is over: the time at which the flight departs, as far as they are told.
    pub(super) async fn later_read(&mut self) -> Result<Option<NaiveDateTime>> {
        let mut reader = self.enter("later reader");
        self.read_with(&mut reader).await
    }

    /// The actor reads to the end: what it is told.
    pub(super) async fn read_with(&mut self, reader: &mut Actor) -> Result<Option<NaiveDateTime>> {
        let (tell, told) = oneshot::channel();
        let id = self.flight.flight_id;
        reader.begin(move |lab| async move {
            let read = lab.pattern().read(id).await;
            let departure = read.as_ref().ok().and_then(|read| Some(read.flight.as_ref()?.departure));
            _ = tell.send(departure);
            said(read.map(|read| read.flight))
        });
        reader.finish(&mut self.moments).await?;
        Ok(told.await.ok().flatten())
    }

    /// What the database has.
    pub(super) async fn truth(&self) -> Result<NaiveDateTime> {
        let id = self.flight.flight_id;
        self.lab.row(id).await.value?.map(|flight| flight.departure).ok_or(Error::NoSuchFlight(id))
    }

    /// A later read, held against what it must at least find; `blamed` are the hops of which the last one did the harm.
    pub(super) async fn judge(&mut self, must: NaiveDateTime, blamed: &[&str]) -> Result<Found> {
        let read = self.later_read().await?;
        Ok(self.verdict(read, must, blamed))
    }

    /// What was read, held against what it must be.
    pub(super) fn verdict(&mut self, read: Option<NaiveDateTime>, must: NaiveDateTime, blamed: &[&str]) -> Found {
        let read_at = read.map_or("nothing".to_owned(), at);
        if read == Some(must) {
            return Found::new(false, format!("the later read returns {read_at}, the latest acknowledged state"));
        }
        self.moments.blame(blamed);
        let finding = format!("stale: the later read returns {read_at}, long after {} was acknowledged", at(must));
        Found::new(true, finding)
    }
}

/// Reads a flight, and says what came of it.
pub(super) fn reading(id: FlightId) -> impl FnOnce(Lab) -> std::pin::Pin<Box<dyn Future<Output = String> + Send>> {
    move |lab| Box::pin(async move { said(lab.pattern().read(id).await.map(|read| read.flight)) })
}

fn said(read: Result<Option<Flight>>) -> String {
    match read {
        Ok(Some(flight)) => format!("returns {}", at(flight.departure)),
        Ok(None) => "returns: no such flight".to_owned(),
        Err(error) => format!("fails: {error}"),
    }
}

/// A departure as it is told.
pub(super) fn at(departure: NaiveDateTime) -> String {
    departure.format("%H:%M").to_string()
}

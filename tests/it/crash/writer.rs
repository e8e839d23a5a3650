//! A writer: sends updates of flights that others change as well, and sends again whatever it was not told the end of.

use std::sync::Arc;
use std::time::Duration;

use cachedemo::config::Config;
use cachedemo::error::Error;
use cachedemo::flight::{Flight, FlightId, Times, Update};
use cachedemo::lab::Lab;
use chrono::{NaiveDate, TimeDelta};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::ledger::{Answer, Ledger};
use super::size::Size;
use crate::support::lab;

/// How long a writer waits before it sends again: what any client would do, so that an outage is not a busy loop.
const PAUSE: Duration = Duration::from_millis(20);
/// How long all writers may take once nothing is killed any more.
const LIMIT: Duration = Duration::from_secs(120);
/// One of so many acknowledged updates is sent once more all the same.
const AGAIN: u32 = 20;
/// After one of so many the flight is read, without its cache entry.
const READ: u32 = 4;

/// Starts all writers, each with connections of its own.
pub(super) async fn start(config: &Config, size: Size, gate: &Arc<Semaphore>, ledger: &Arc<Ledger>) -> JoinSet<()> {
    let mut writers = JoinSet::new();
    for number in 0..size.writers {
        let lab = lab::lab(config).await;
        let flights = flights(&lab, size).await;
        let (gate, ledger) = (Arc::clone(gate), Arc::clone(ledger));
        let chance = StdRng::seed_from_u64(size.seed ^ (u64::from(number) + 1) << 32);
        writers.spawn(Writer { number, size, lab, flights, chance, ledger }.run(gate));
    }
    writers
}

/// Waits until all of them are done.
pub(super) async fn finish(mut writers: JoinSet<()>) {
    let all = async {
        while let Some(ended) = writers.join_next().await {
            ended.unwrap();
        }
    };
    tokio::time::timeout(LIMIT, all).await.expect("everything runs, so every update is acknowledged");
}

async fn flights(lab: &Lab, size: Size) -> Vec<Flight> {
    let mut flights = Vec::new();
    for id in 1..=i64::from(size.flights) {
        let row = lab.row(FlightId::try_from(id).unwrap()).await.value.unwrap();
        flights.push(row.unwrap_or_else(|| panic!("there is no flight {id}")));
    }
    flights
}

struct Writer {
    number: u32,
    size: Size,
    lab: Lab,
    flights: Vec<Flight>,
    chance: StdRng,
    ledger: Arc<Ledger>,
}

impl Writer {
    async fn run(mut self, gate: Arc<Semaphore>) {
        let count = self.size.updates / self.size.writers;
        for turn in 0..count {
            gate.acquire().await.expect("nobody closes it").forget();
            let flight = &self.flights[self.chance.random_range(0..self.flights.len())];
            // A second of its own in the whole run.
            let second = i64::from(turn * self.size.writers + self.number);
            let first = NaiveDate::from_ymd_opt(2030, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0)).unwrap();
            let departure = first + TimeDelta::seconds(second);
            let times = Times { departure, arrival: departure + TimeDelta::hours(1) };
            let comment = format!("w{}-{turn:06}", self.number);
            let update = self.lab.plan(flight, times, "crash", Some(&comment));
            self.ledger.send(&comment, flight.flight_id.number(), departure);
            self.deliver(&update, &comment).await;
            if self.chance.random_ratio(1, AGAIN) {
                self.deliver(&update, &comment).await;
            }
            if self.chance.random_ratio(1, READ) {
                self.read_back(&update, &comment).await;
            }
        }
    }

    /// Evicts the entry and reads: what comes from the queue or the database may be newer than our update, never older.
    async fn read_back(&self, update: &Update, comment: &str) {
        let id = update.flight_id();
        let (Ok(_), Ok(read)) = (self.lab.evict(id).await.value, self.lab.read(id).await.value) else { return };
        // A read that did without cache or queue says so, and promises nothing.
        if let (Some(flight), true) = (read.flight, read.notes.is_empty()) {
            self.ledger.see(comment, flight.departure);
        }
    }

    /// Sends an update, under its own id, until it is acknowledged.
    async fn deliver(&self, update: &Update, comment: &str) {
        loop {
            let answer = match self.lab.pattern().update(update).await {
                Ok(acknowledged) => Answer::Acknowledged(acknowledged.place.expect("write-behind names the place")),
                Err(Error::OutcomeUnknown { .. }) => Answer::Unknown,
                Err(Error::CacheNotTold { .. }) => Answer::Untold,
                Err(error) if error.is_outage() => Answer::Unreached,
                Err(error) => panic!("{comment}: {error}: {:?}", cachedemo::error::causes(&error)),
            };
            self.ledger.hear(comment, answer);
            if matches!(answer, Answer::Acknowledged(_)) {
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

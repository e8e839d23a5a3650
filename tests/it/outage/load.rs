//! The load: laboratories as processes have them, each with connections and a breaker of its own, and tasks that read and update
//! the same few flights without a pause.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cachedemo::clock;
use cachedemo::error::Error;
use cachedemo::flight::{Flight, Times};
use cachedemo::lab::Lab;
use cachedemo::pattern::{Lookup, PatternKind};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use tokio::runtime::Runtime;
use tokio::task::JoinHandle;

use super::history::{Answer, Operation};
use crate::support::deadline::poll;

/// How long anything may take until it happens.
const PATIENCE: Duration = Duration::from_secs(60);

/// Every so many operations of a task one is an update.
const UPDATES: usize = 4;

/// Tasks in each laboratory.
const TASKS: usize = 3;

/// Laboratories under load, until it is stopped.
pub(super) struct Load {
    labs: Vec<Lab>,
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

struct Shared {
    flights: Vec<Flight>,
    next: Arc<AtomicUsize>,
    is_over: AtomicBool,
    /// Whether the first flight is updated too: that is for while the cache is away, so that nobody puts it right by chance.
    is_away: AtomicBool,
    done: Vec<AtomicUsize>,
    operations: Mutex<Vec<Operation>>,
}

impl Load {
    /// Begins. `next` is what departures are numbered with.
    pub(super) fn begin(runtime: &Runtime, labs: &[Lab], flights: Vec<Flight>, next: &Arc<AtomicUsize>) -> Self {
        let shared = Arc::new(Shared {
            flights,
            next: Arc::clone(next),
            is_over: AtomicBool::new(false),
            is_away: AtomicBool::new(false),
            done: labs.iter().map(|_| AtomicUsize::new(0)).collect(),
            operations: Mutex::default(),
        });
        let tasks = (0..labs.len()).flat_map(|lab| (0..TASKS).map(move |_| lab));
        let tasks = tasks.map(|lab| runtime.spawn(Arc::clone(&shared).work(labs[lab].clone(), lab))).collect();
        Self { labs: labs.to_vec(), shared, tasks }
    }

    /// Waits until every laboratory has done this much more.
    pub(super) fn go_on(&self, operations: usize) {
        let done = || self.shared.done.iter().map(|done| done.load(Ordering::Relaxed));
        let goals: Vec<usize> = done().map(|done| done + operations).collect();
        let arrived = poll(PATIENCE, || done().zip(&goals).all(|(done, goal)| done >= *goal).then_some(()));
        assert!(arrived.is_some(), "a laboratory does not go on");
    }

    /// Waits until every laboratory trusts the cache, or none does.
    pub(super) fn wait_for_trust(&self, trusts: bool) {
        let agree = || self.labs.iter().all(|lab| lab.trusts_cache() == trusts).then_some(());
        assert!(poll(PATIENCE, agree).is_some(), "not every laboratory has noticed: trusts {trusts}");
    }

    /// Says whether the cache is away, as everybody knows by now.
    pub(super) fn is_away(&self, is_away: bool) {
        self.shared.is_away.store(is_away, Ordering::Relaxed);
    }

    /// Ends it; everything that was done.
    pub(super) fn end(self, runtime: &Runtime) -> Vec<Operation> {
        self.shared.is_over.store(true, Ordering::Relaxed);
        for task in self.tasks {
            runtime.block_on(task).unwrap();
        }
        std::mem::take(&mut *self.shared.operations.lock().unwrap())
    }
}

impl Shared {
    async fn work(self: Arc<Self>, lab: Lab, number: usize) {
        let mut turn = 0;
        while !self.is_over.load(Ordering::Relaxed) {
            turn += 1;
            let index = turn % self.flights.len();
            let updates = turn % UPDATES == 0 && (index > 0 || self.is_away.load(Ordering::Relaxed));
            let flight = &self.flights[index];
            let operation = if updates { self.update(&lab, flight).await } else { read(&lab, flight).await };
            self.operations.lock().unwrap().push(operation);
            self.done[number].fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    async fn update(&self, lab: &Lab, flight: &Flight) -> Operation {
        let departure = departure(self.next.fetch_add(1, Ordering::Relaxed));
        let times = Times { departure, arrival: departure + TimeDelta::hours(1) };
        let update = lab.plan(flight, times, "outage", None);
        let began = clock::instant();
        let observed = lab.update(&update).await;
        let answer = match observed.value {
            Ok(acknowledged) => Answer::Acknowledged { departure, cache: acknowledged.cache },
            Err(error) => failed(false, lab.kind(), &error),
        };
        Operation { flight: flight.flight_id, began, ended: clock::instant(), answer, hops: observed.hops }
    }
}

async fn read(lab: &Lab, flight: &Flight) -> Operation {
    let began = clock::instant();
    let observed = lab.read(flight.flight_id).await;
    let answer = match observed.value {
        Ok(read) => {
            assert!(read.lookup != Lookup::Unavailable || !read.notes.is_empty(), "a degraded read says why");
            Answer::Read { departure: read.flight.unwrap().departure, lookup: read.lookup }
        }
        Err(error) => failed(true, lab.kind(), &error),
    };
    Operation { flight: flight.flight_id, began, ended: clock::instant(), answer, hops: observed.hops }
}

/// Only write-behind has updates that fail for want of the cache, and only in these ways.
fn failed(is_read: bool, pattern: PatternKind, error: &Error) -> Answer {
    let is_told = !is_read && pattern == PatternKind::WriteBehind;
    let is_known = error.is_outage_of("queue")
        || error.is_outage_of("cache")
        || matches!(error, Error::OutcomeUnknown { operation: "enqueue", .. } | Error::CacheNotTold { .. });
    assert!(is_told && is_known, "{pattern:?}: {error:?}");
    Answer::Failed
}

/// Later than any departure of the sample flights.
fn departure(number: usize) -> NaiveDateTime {
    let first = NaiveDate::from_ymd_opt(2100, 1, 1).and_then(|day| day.and_hms_opt(0, 0, 0)).unwrap();
    first + TimeDelta::seconds(i64::try_from(number).unwrap())
}

//! How queued updates reach the database: in batches, in order, each exactly once.
//!
//! The queue is read from its oldest entry; the database skips what lies at or before the offset that it committed together
//! with an earlier batch ([`crate::database::Database::apply`]). So a worker may die anywhere, and another may overlap it: what
//! was applied is not applied again, and what was not is still in the queue. Nothing here ever fills a cache entry.
//!
//! Read `worker/lane.rs` first: a lane is one partition being worked off, batch by batch. A [`Worker`] runs one for each
//! partition that is its to serve; a drain runs all of them, once, to the end.

mod attendance;
mod lane;
mod remedy;
mod report;
mod tally;

use std::time::Duration;

use futures_util::future::{join_all, try_join_all};
use tokio::sync::watch;

pub use self::remedy::Retry;
pub use self::report::Report;
pub use self::tally::Tally;

use self::attendance::{HEARTBEAT, share};
use self::lane::Lane;
use self::remedy::{Remedy, backoff};
use super::{Partition, Queue};
use crate::clock::{self, Chance};
use crate::database::Database;
use crate::error::{Error, Result, causes};
use crate::hop::{Observed, observe};
use crate::interrupt::Interrupt;

/// How a queue is worked off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How many updates are applied in one transaction at most.
    pub batch: usize,
    /// For how long fewer than that wait for more.
    pub interval: Duration,
    /// How what fails is tried again.
    pub retry: Retry,
}

/// Whoever is told what a worker does. Called from several tasks; what it does must be quick.
pub trait Watch: Send + Sync {
    /// Takes a report.
    fn report(&self, report: Report);

    /// Takes what a step took, hop by hop. Steps are recorded only where this says that they are wanted.
    fn observed(&self, _step: &Observed<()>) {}

    /// Whether hops are wanted.
    fn wants_hops(&self) -> bool {
        false
    }
}

/// What one step of a lane came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// Nothing waits.
    Empty,
    /// A batch, or what could not be part of one, is done.
    Done,
}

/// Works a queue off.
pub struct Worker<'a> {
    queue: &'a dyn Queue,
    database: &'a dyn Database,
    settings: Settings,
    watch: &'a dyn Watch,
    chance: Chance,
    name: String,
}

impl<'a> Worker<'a> {
    /// A worker that has done nothing yet.
    pub fn new(queue: &'a dyn Queue, database: &'a dyn Database, settings: Settings, watch: &'a dyn Watch) -> Self {
        let chance = Chance::unpredictable();
        Self { queue, database, settings, watch, name: chance.token(), chance }
    }

    fn lane(&self, partition: Partition) -> Lane<'_> {
        Lane::new(self.queue, self.database, partition, self.settings, self.watch)
    }

    fn partitions(&self) -> impl Iterator<Item = Partition> {
        0..self.queue.settings().partitions
    }

    /// Applies everything that is queued, until the queue is empty or `stop` says so between two batches.
    ///
    /// # Errors
    /// What the queue and the database fail with. What was applied stays applied; the rest stays queued.
    pub async fn drain(&self, stop: &(dyn Fn() -> bool + Send + Sync)) -> Result<()> {
        let lanes = self.partitions().map(|partition| async move {
            let mut lane = self.lane(partition);
            let mut failures = 0;
            while !stop() {
                match self.step(&mut lane).await {
                    Ok(Step::Empty) => break,
                    Ok(Step::Done) => failures = 0,
                    // What passes by itself within moments, or is found out by looking again: the offset says whether a batch was
                    // committed. Whoever waits for a drain is told of everything else.
                    Err(Error::Deadlocked { .. } | Error::Rejected { .. } | Error::OutcomeUnknown { .. })
                        if failures < self.settings.retry.attempts =>
                    {
                        tokio::time::sleep(backoff(&self.settings.retry, failures, &self.chance)).await;
                        failures += 1;
                        self.watch.report(Report::Retrying);
                    }
                    Err(error) => return Err(error),
                }
            }
            lane.finish().await
        });
        // Each to its own end: what is wrong with one partition is no reason to leave the others.
        join_all(lanes).await.into_iter().collect()
    }

    /// Works until it is interrupted: then it finishes the batch in hand and leaves the rest queued.
    ///
    /// # Errors
    /// Only what no waiting heals, such as a queue that is laid out in another way.
    pub async fn run(&self, interrupt: &Interrupt) -> Result<()> {
        let (serving, served) = watch::channel(Vec::new());
        let lanes = self.partitions().map(|partition| self.serve(partition, served.clone(), interrupt));
        let ended = tokio::select! {
            ended = try_join_all(lanes) => ended.map(drop),
            () = self.attend(&serving) => Ok(()),
        };
        // Whoever takes over need not wait until we are missed. If that cannot be told, they will miss us.
        _ = self.queue.leave(&self.name).await;
        ended
    }

    /// Says that this worker is there, again and again, and finds out which partitions are its to serve.
    async fn attend(&self, serving: &watch::Sender<Vec<Partition>>) {
        let mut told = None;
        loop {
            // Who cannot be counted goes on as before: at worst two serve the same partition, and the database sorts that out.
            if let Ok(workers) = self.queue.attend(&self.name, HEARTBEAT * 3).await {
                let partitions = share(&workers, &self.name, self.queue.settings().partitions);
                let now = (workers.len(), partitions);
                if told.as_ref() != Some(&now) {
                    self.watch.report(Report::Serving { workers: now.0, partitions: now.1.clone() });
                    serving.send_replace(now.1.clone());
                    told = Some(now);
                }
            }
            tokio::time::sleep(HEARTBEAT).await;
        }
    }

    /// Works one partition off for as long as it is ours.
    async fn serve(
        &self,
        partition: Partition,
        mut served: watch::Receiver<Vec<Partition>>,
        interrupt: &Interrupt,
    ) -> Result<()> {
        let mut lane = self.lane(partition);
        let mut trouble = Trouble::default();
        loop {
            tokio::select! {
                biased;
                () = interrupt.raised() => return Ok(()),
                ours = served.wait_for(|served| served.contains(&partition)) => if ours.is_err() { return Ok(()) },
            }
            let due = tokio::select! {
                biased;
                () = interrupt.raised() => return Ok(()),
                due = lane.due() => due,
            };
            let worked = match due {
                Ok(true) => self.work_off(&mut lane, interrupt).await,
                Ok(false) => Ok(()),
                Err(error) => Err(error),
            };
            match worked {
                Ok(()) => self.recovered(partition, &mut trouble),
                Err(error) if Remedy::of(&error) == Remedy::None => return Err(error),
                Err(error) => {
                    let pause = self.failed(partition, &mut trouble, &error);
                    tokio::select! {
                        () = interrupt.raised() => return Ok(()),
                        () = tokio::time::sleep(pause) => {}
                    }
                }
            }
        }
    }

    /// Applies what is due, and further batches while there are full ones.
    async fn work_off(&self, lane: &mut Lane<'_>, interrupt: &Interrupt) -> Result<()> {
        while !interrupt.is_raised() {
            match self.step(lane).await? {
                Step::Done if lane.has_more() => {}
                // What is left waits for more, or for its time.
                Step::Done | Step::Empty => break,
            }
        }
        lane.finish().await
    }

    async fn step(&self, lane: &mut Lane<'_>) -> Result<Step> {
        if !self.watch.wants_hops() {
            return lane.step().await;
        }
        let Observed { value, hops, latency } = observe(lane.step()).await;
        self.watch.observed(&Observed { value: (), hops, latency });
        value
    }

    fn failed(&self, partition: Partition, trouble: &mut Trouble, error: &Error) -> Duration {
        let pause = backoff(&self.settings.retry, trouble.failures, &self.chance);
        trouble.since.get_or_insert_with(clock::instant);
        trouble.failures += 1;
        self.watch.report(Report::Retrying);
        if trouble.failures.is_power_of_two() {
            let causes = causes(error);
            let error = if causes.is_empty() { error.to_string() } else { format!("{error}: {}", causes.join(": ")) };
            self.watch.report(Report::Failing { partition, failures: trouble.failures, error, again_in: pause });
        }
        pause
    }

    fn recovered(&self, partition: Partition, trouble: &mut Trouble) {
        let Trouble { failures, since } = std::mem::take(trouble);
        if let Some(since) = since {
            self.watch.report(Report::Recovered { partition, failures, lasted: since.elapsed() });
        }
    }
}

/// Failures in a row.
#[derive(Default)]
struct Trouble {
    failures: u32,
    since: Option<std::time::Instant>,
}

//! The running of a bench: rounds in which every subject has its turn, so that what the machine does beside hurts all alike.
//!
//! A turn begins with nothing of the flights in the cache. Those that will be asked for most are read once, ten thousand at most; the
//! workload then runs unmeasured for a while, and then measured. (Without a warm-up it is measured from an empty cache.) What write-behind has queued is worked off by a worker of this process, as in production,
//! and the turn ends when nothing waits any more: the next subject finds the database to itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::client::{Crew, Until};
use super::count::{Counters, Hops, Tallies, Tally};
use super::flights::{Flights, Unwatched, waiting};
use super::gathered::{Gathered, Gathering};
use super::hand::Hand;
use super::ledger::Ledger;
use super::pace::Pace;
use super::report::{Configuration, FORM, Host, Outcome, Report, Server, Slice};
use super::slices::Slices;
use super::subject::Subject;
use super::workload::Workload;
use crate::clock;
use crate::error::{Error, Peer, Result};
use crate::interrupt::Interrupt;
use crate::lab::Lab;
use crate::lab::meter::Meter;
use crate::pattern::PatternKind;

/// How often it is looked whether the queue is empty.
const LOOK: Duration = Duration::from_millis(5);
/// For how long the queue may not get shorter, before its worker is no longer waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many flights are read once before the workload runs.
const FILLED: usize = 10_000;
/// How many slices a subject's time is divided into, where it is measured by time.
const SLICES: f64 = 100.0;
/// How long a slice is elsewhere.
const SLICE: Duration = Duration::from_millis(100);
const SHORTEST_SLICE: Duration = Duration::from_millis(20);
const LONGEST_SLICE: Duration = Duration::from_secs(1);

/// Whoever looks on.
pub trait Watch: Send + Sync {
    /// So much of a subject's whole measurement is done: 0 to 1.
    fn progress(&self, subject: Subject, done: f64);
}

/// A bench that is ready to run.
pub struct Bench<'a> {
    /// Where it is measured, faults and all.
    pub lab: &'a Lab,
    /// The same without faults: for what is not measured.
    pub apart: &'a Lab,
    /// What is asked for.
    pub plan: &'a Configuration,
    /// The flights.
    pub flights: &'a Flights,
    /// Who looks on.
    pub watch: &'a dyn Watch,
    /// What ends it before its time.
    pub interrupt: &'a Interrupt,
}

impl Bench<'_> {
    /// Runs it: what was found, and what ended it before its time. An operation that fails ends nothing: it is counted.
    pub async fn run(&self) -> (Report, Result<()>) {
        let Configuration { mix, distribution, keys, seed, .. } = *self.plan;
        let shared = Shared {
            workload: Arc::new(Workload::new(mix, distribution, keys, seed)),
            ledger: Arc::new(Ledger::new(self.flights.all().len())),
        };
        let mut gathered: Vec<_> = self.plan.subjects.iter().copied().map(Gathered::new).collect();
        let ended = self.rounds(&shared, &mut gathered).await;
        let outcomes = gathered.into_iter().map(|subject| subject.outcome(self.slice())).collect();
        (self.report(outcomes, ended.is_ok()).await, ended)
    }

    async fn rounds(&self, shared: &Shared, gathered: &mut [Gathered]) -> Result<()> {
        for round in 0..self.plan.rounds {
            for subject in gathered.iter_mut() {
                if let Some(gathering) = self.turn(shared, subject.subject(), round).await? {
                    subject.add(gathering);
                }
                if self.interrupt.is_raised() {
                    return Err(Error::Interrupted);
                }
            }
        }
        Ok(())
    }

    /// One subject's turn in one round; `None` where it was interrupted before anything was measured.
    async fn turn(&self, shared: &Shared, subject: Subject, round: u32) -> Result<Option<Gathering>> {
        let counters = Arc::new(Counters::default());
        let hops = Arc::new(Hops::new(&counters, &shared.ledger, self.flights.all()));
        let lab = self
            .lab
            .under(subject.pattern().unwrap_or(self.lab.kind()))
            .counted_by(Arc::clone(&hops) as Arc<dyn Meter>);
        if subject != Subject::None
            && let Err(failure) = self.flights.evict(self.apart).await
        {
            // What an earlier turn has left there must not be read, should it come back: it is healed first.
            (0..lab.cache().shards()).for_each(|shard| lab.distrust(shard, &failure));
        }
        let worker = (subject.pattern() == Some(PatternKind::WriteBehind)).then(|| Hand::hire(&lab));
        let stage = Stage { shared, subject, lab: &lab, counters: &counters };
        let measured = self.measured(&stage, worker.as_ref(), &hops, round).await;
        // Whatever went wrong: nobody works on behind our back.
        if let Some(worker) = worker {
            worker.dismiss().await?;
            self.nothing_is_left().await?;
        }
        measured
    }

    /// Runs the workload, unmeasured and measured, and waits until the database has all of it.
    async fn measured(
        &self,
        stage: &Stage<'_>,
        worker: Option<&Hand>,
        hops: &Hops,
        round: u32,
    ) -> Result<Option<Gathering>> {
        stage.shared.workload.begin();
        let warmup = Duration::from_secs_f64(self.plan.warmup_s);
        if !warmup.is_zero() {
            self.fill(stage).await;
            // Other operations than those that are measured.
            let until = Until::Moment(clock::instant() + warmup);
            self.clients(stage, self.plan.rounds + round, until, false).await;
            // What these have queued is not counted with what is measured.
            self.drained(worker).await;
        }
        if self.interrupt.is_raised() {
            return Ok(None);
        }
        hops.take_durable();
        let load = stage.counters.load();
        let Measured { mut tally, took, slices } = self.clients(stage, round, self.until(round), true).await;
        // What reads have begun in the background belongs to them.
        stage.lab.rest().await;
        let ended = clock::instant();
        let left = self.drained(worker).await;
        if left > 0 && !self.interrupt.is_raised() {
            tally.failed_often(
                format!("queued, and not in the database when that had not got on for {PATIENCE:?}"),
                left,
            );
        }
        Ok(Some(Gathering {
            measured: took,
            tally,
            load: stage.counters.load().since(load),
            slices,
            until_durable: hops.take_durable(),
            drained_after: if worker.is_some() { ended.elapsed() } else { Duration::ZERO },
        }))
    }

    /// Reads the flights once that will be asked for most: how full the cache is when it is measured must not depend on how many
    /// operations a subject gets done meanwhile.
    async fn fill(&self, stage: &Stage<'_>) {
        if stage.subject == Subject::None {
            return;
        }
        let flights = self.flights.all();
        let first =
            stage.shared.workload.most_asked(FILLED).map(|index| stage.lab.pattern().read(flights[index].flight_id));
        let mut reads = stream::iter(first).buffer_unordered(self.plan.clients as usize);
        // One that fails is seen in the figures of the operations.
        while reads.next().await.is_some() && !self.interrupt.is_raised() {}
    }

    /// Lets all clients work until the end, and looks on.
    async fn clients(&self, stage: &Stage<'_>, round: u32, until: Until, is_watched: bool) -> Measured {
        let crew = Arc::new(Crew {
            subject: stage.subject,
            lab: stage.lab.clone(),
            workload: Arc::clone(&stage.shared.workload),
            flights: Arc::clone(self.flights.all()),
            ledger: Arc::clone(&stage.shared.ledger),
            tallies: Tallies::new(),
            pace: self.plan.rate.map(Pace::start),
            until,
            is_over: AtomicBool::new(false),
        });
        let mut slices = Slices::new(crew.tallies.slice(stage.counters.load(), 0));
        let began = clock::instant();
        let mut clients = JoinSet::new();
        for client in 0..self.plan.clients {
            let crew = Arc::clone(&crew);
            clients.spawn(async move {
                crew.work(round, client).await;
                clock::instant()
            });
        }
        // Asked beside: what a queue takes to answer is not to hold up who cuts time into slices.
        let waiting = AtomicU64::new(0);
        let look = self.look_at_queue(stage.subject, &waiting);
        tokio::pin!(look);
        let mut last = began;
        let come = crew.until.come();
        tokio::pin!(come);
        let mut cut = tokio::time::interval_at((began + self.slice()).into(), self.slice());
        cut.set_missed_tick_behavior(MissedTickBehavior::Skip);
        while !clients.is_empty() {
            tokio::select! {
                ended = clients.join_next() => match ended {
                    Some(Ok(moment)) => last = last.max(moment),
                    Some(Err(died)) if died.is_panic() => std::panic::resume_unwind(died.into_panic()),
                    _ => {}
                },
                () = &mut look => {}
                () = self.interrupt.raised(), if !crew.is_ending() => crew.end(),
                () = &mut come, if !crew.is_ending() => crew.end(),
                _ = cut.tick() => {
                    if is_watched {
                        slices.cut(crew.tallies.slice(stage.counters.load(), waiting.load(Relaxed)));
                        let done = crew.until.done(began, self.share(round)) + f64::from(round);
                        self.watch.progress(stage.subject, done / f64::from(self.plan.rounds));
                    }
                }
            }
        }
        let took = last.duration_since(began);
        crew.end();
        if slices.cuts.is_empty() {
            slices.cut(crew.tallies.slice(stage.counters.load(), 0));
        }
        Measured { tally: crew.tallies.total(), took, slices: slices.cuts }
    }

    /// When a round ends.
    fn until(&self, round: u32) -> Until {
        match self.plan.duration_s {
            Some(seconds) => {
                Until::Moment(clock::instant() + Duration::from_secs_f64(seconds / f64::from(self.plan.rounds)))
            }
            None => Until::Operations(AtomicU64::new(self.share(round))),
        }
    }

    /// How many operations belong to a round: the remainder goes to the first ones.
    fn share(&self, round: u32) -> u64 {
        let (operations, rounds) = (self.plan.operations.unwrap_or(0), u64::from(self.plan.rounds));
        operations / rounds + u64::from(u64::from(round) < operations % rounds)
    }

    fn slice(&self) -> Duration {
        let of_time = |seconds: f64| Duration::from_secs_f64(seconds / SLICES);
        self.plan.duration_s.map_or(SLICE, of_time).clamp(SHORTEST_SLICE, LONGEST_SLICE)
    }

    /// Looks again and again at how many updates wait in the queue.
    async fn look_at_queue(&self, subject: Subject, length: &AtomicU64) {
        if subject.pattern() != Some(PatternKind::WriteBehind) {
            return std::future::pending().await;
        }
        loop {
            // A queue that does not answer just now is seen in the figures of the operations.
            length.store(waiting(self.apart).await.unwrap_or(0), Relaxed);
            tokio::time::sleep(self.slice()).await;
        }
    }

    /// Waits until nothing is queued any more, as long as that gets on and nobody asks for the end; how many updates are left.
    async fn drained(&self, worker: Option<&Hand>) -> u64 {
        let Some(worker) = worker else { return 0 };
        let (mut least, mut since) = (u64::MAX, clock::instant());
        loop {
            let left = match waiting(self.apart).await {
                Ok(0) => return 0,
                Ok(left) => left,
                // A queue that does not answer may do so again.
                Err(_) => least,
            };
            if left < least {
                (least, since) = (left, clock::instant());
            }
            if worker.has_ended() || self.interrupt.is_raised() || since.elapsed() >= PATIENCE {
                return left;
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Sees that the next subject finds the database to itself, also where something on purpose has kept the worker from its work.
    async fn nothing_is_left(&self) -> Result<()> {
        if self.interrupt.is_raised() {
            // Who puts the flights back does it.
            return Ok(());
        }
        if waiting(self.apart).await? > 0 {
            self.apart.drain(&Unwatched, &|| self.interrupt.is_raised()).await?;
        }
        Ok(())
    }

    async fn report(&self, outcomes: Vec<Outcome>, complete: bool) -> Report {
        let database = self.apart.database();
        let cache = self.apart.cache();
        let server =
            |peer: &Peer, version| Server { product: peer.product.into(), address: peer.address.clone(), version };
        Report {
            form: FORM,
            version: env!("CARGO_PKG_VERSION").into(),
            made_at: clock::now(),
            complete,
            configuration: self.plan.clone(),
            host: Host::here(),
            // One that has gone away meanwhile does not take the figures with it.
            database: server(database.peer(), database.facts().await.ok().map(|facts| facts.version)),
            cache: server(cache.peer(), cache.facts().await.ok().map(|facts| facts.version)),
            outcomes,
            reading: Vec::new(),
        }
    }
}

/// What all turns share.
struct Shared {
    workload: Arc<Workload>,
    ledger: Arc<Ledger>,
}

/// What the clients of a turn work with.
struct Stage<'a> {
    shared: &'a Shared,
    subject: Subject,
    lab: &'a Lab,
    counters: &'a Arc<Counters>,
}

/// What came of it.
struct Measured {
    tally: Tally,
    took: Duration,
    slices: Vec<Slice>,
}

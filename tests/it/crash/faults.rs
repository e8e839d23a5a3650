//! What goes wrong, and when: every fault of a run in an order that the seed decides.

use std::fmt;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use tokio::sync::Semaphore;

use super::crew::Crew;
use super::site::Site;
use super::size::Size;

#[derive(Clone, Copy, Debug)]
enum Fault {
    /// A worker is killed.
    Worker,
    /// A worker is held still for longer than its attendance lasts, and goes on beside the one that has its partition then.
    Held,
    /// Nobody knows any more who works, so that for a moment everybody believes to be alone.
    Attendance,
    /// A drain runs beside the workers, to its end.
    Drain,
    /// Likewise, and is killed.
    KilledDrain,
    /// The database is killed, and started again.
    Database,
    /// The cache is killed, and started again.
    Cache,
    /// The cache says nothing for longer than anybody waits; then it does all that it was asked meanwhile.
    Silence,
}

/// The faults of one run, and how many of them there were.
pub(super) struct Faults {
    size: Size,
    chance: StdRng,
    workers: u32,
    drains: u32,
    held: u32,
    databases: u32,
    caches: u32,
    silences: u32,
}

impl Faults {
    /// None yet.
    pub(super) fn new(size: Size) -> Self {
        let chance = StdRng::seed_from_u64(size.seed);
        Self { size, chance, workers: 0, drains: 0, held: 0, databases: 0, caches: 0, silences: 0 }
    }

    /// Strikes with all of them, one after the other, and lets the updates through meanwhile, a few with each.
    pub(super) fn strike(&mut self, site: &mut Site, crew: &mut Crew, gate: &Semaphore) {
        let plan = self.plan(site);
        // Two portions with every fault: one before it, and one while it lasts.
        let portion = self.size.updates as usize / (2 * plan.len() + 1);
        let mut meanwhile = Meanwhile { gate, portion, chance: StdRng::seed_from_u64(self.size.seed) };
        for fault in plan {
            crew.keep(site);
            meanwhile.pass(20, 250);
            self.strike_with(fault, site, crew, &mut meanwhile);
        }
        crew.keep(site);
        gate.add_permits(self.size.updates as usize);
    }

    fn plan(&mut self, site: &Site) -> Vec<Fault> {
        // Where nothing else can be killed, workers are killed twice as often.
        let workers = if site.has_servers() { self.size.workers } else { 2 * self.size.workers };
        let tenth = workers.div_ceil(10);
        let mut counts = vec![(Fault::Worker, workers), (Fault::Held, tenth), (Fault::Attendance, 4 * tenth)];
        counts.extend([(Fault::Drain, tenth), (Fault::KilledDrain, 2 * tenth)]);
        if site.has_servers() {
            counts.extend([Fault::Database, Fault::Cache, Fault::Silence].map(|fault| (fault, self.size.servers)));
        }
        let mut plan: Vec<Fault> =
            counts.into_iter().flat_map(|(fault, count)| std::iter::repeat_n(fault, count as usize)).collect();
        plan.shuffle(&mut self.chance);
        plan
    }

    fn strike_with(&mut self, fault: Fault, site: &mut Site, crew: &mut Crew, meanwhile: &mut Meanwhile<'_>) {
        match fault {
            Fault::Worker => {
                crew.kill(&mut self.chance);
                self.workers += 1;
            }
            Fault::Held => {
                crew.hold(&mut self.chance);
                self.held += 1;
            }
            Fault::Attendance => site.forget_attendance(),
            Fault::Drain => crew.drain(site),
            Fault::KilledDrain => {
                crew.drain(site);
                meanwhile.pass(20, 150);
                self.drains += u32::from(crew.kill_drain());
            }
            Fault::Database => {
                site.database().kill();
                meanwhile.pass(50, 500);
                site.database().restart();
                self.databases += 1;
            }
            Fault::Cache => {
                site.cache().kill();
                meanwhile.pass(50, 500);
                site.cache().restart();
                self.caches += 1;
            }
            Fault::Silence => {
                site.cache().stop();
                meanwhile.pass(300, 600);
                site.cache().resume();
                self.silences += 1;
            }
        }
    }
}

/// Time that passes, in which the writers go on.
struct Meanwhile<'a> {
    gate: &'a Semaphore,
    portion: usize,
    chance: StdRng,
}

impl Meanwhile<'_> {
    /// Lets a portion of the updates through, spread over so many milliseconds: whatever comes next meets work being done.
    fn pass(&mut self, shortest: u64, longest: u64) {
        const SLICE: u64 = 10;
        let slices = (self.chance.random_range(shortest..=longest) / SLICE).max(1);
        for slice in 0..slices {
            let part = |slice: u64| self.portion as u64 * slice / slices;
            self.gate.add_permits((part(slice + 1) - part(slice)) as usize);
            // When a fault strikes is the fault itself: nothing is waited for here.
            std::thread::sleep(Duration::from_millis(SLICE));
        }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { workers, drains, held, databases, caches, silences, .. } = self;
        write!(
            formatter,
            "{workers} workers, {drains} drains, {databases} times the database, {caches} the cache; \
             held {held} workers, {silences} times the cache"
        )
    }
}

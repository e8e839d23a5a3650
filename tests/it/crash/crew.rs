//! The processes that work the queue off: started, killed, held still, and started again.

use std::time::Duration;

use nix::sys::signal::Signal;
use rand::RngExt as _;
use rand::rngs::StdRng;

use super::site::Site;
use crate::support::command::{Output, Running};
use crate::support::deadline::Deadline;

/// How many workers run beside those that are held still: when one is killed, two overlap.
const CREW: usize = 3;
/// A worker says every second that it is there, and after three counts as gone.
const LONGER_THAN_ATTENDANCE: Duration = Duration::from_millis(3_500);

/// A worker, and how much it had worked when it was last looked at.
struct Worker {
    running: Running,
    ticks: u64,
}

impl Worker {
    /// How much it has worked since then, in clock ticks: one that serves no partition hardly works.
    fn effort(&self) -> u64 {
        ticks(&self.running).saturating_sub(self.ticks)
    }
}

/// The processor time of a process, as the system counts it; none where it has ended.
fn ticks(process: &Running) -> u64 {
    let line = std::fs::read_to_string(format!("/proc/{}/stat", process.id())).unwrap_or_default();
    // The name stands in brackets and may hold blanks; the times are the twelfth and thirteenth word behind it.
    let words = line.rsplit(')').next().unwrap_or_default().split_whitespace();
    words.skip(11).take(2).filter_map(|word| word.parse::<u64>().ok()).sum()
}

/// All processes that run.
pub(super) struct Crew {
    workers: Vec<Worker>,
    held: Vec<(Worker, Deadline)>,
    drains: Vec<Running>,
    said: Vec<Output>,
}

impl Crew {
    /// Nobody yet.
    pub(super) fn new() -> Self {
        Self { workers: Vec::new(), held: Vec::new(), drains: Vec::new(), said: Vec::new() }
    }

    /// Sees that enough workers run: some end by themselves, because the database is down when they start.
    pub(super) fn keep(&mut self, site: &Site) {
        self.said.extend(
            take_if(&mut self.workers, |worker| worker.running.has_ended()).map(|worker| worker.running.wait()),
        );
        self.said.extend(take_if(&mut self.drains, Running::has_ended).map(Running::wait));
        self.workers.extend(take_if(&mut self.held, |(_, until)| until.remaining().is_zero()).map(let_go));
        while self.workers.len() < CREW {
            let running = site.command(&["write-behind", "worker"]).spawn();
            self.workers.push(Worker { running, ticks: 0 });
        }
        for worker in &mut self.workers {
            worker.ticks = ticks(&worker.running);
        }
    }

    /// Kills one of the workers.
    pub(super) fn kill(&mut self, chance: &mut StdRng) {
        let worker = self.pick(chance);
        self.end(worker.running);
    }

    /// Holds a worker still until the others count it as gone; then it goes on in the middle of whatever it was doing.
    pub(super) fn hold(&mut self, chance: &mut StdRng) {
        let worker = self.pick(chance);
        worker.running.signal(Signal::SIGSTOP);
        self.held.push((worker, Deadline::after(LONGER_THAN_ATTENDANCE)));
    }

    /// Mostly the one that works hardest: of several workers on one partition all but one stand by.
    fn pick(&mut self, chance: &mut StdRng) -> Worker {
        let any = chance.random_range(0..self.workers.len());
        let busiest = (0..self.workers.len()).max_by_key(|index| self.workers[*index].effort()).unwrap();
        self.workers.swap_remove(if chance.random_ratio(3, 4) { busiest } else { any })
    }

    /// Starts a drain beside the workers.
    pub(super) fn drain(&mut self, site: &Site) {
        self.drains.push(site.command(&["write-behind", "drain"]).spawn());
    }

    /// Kills a drain, if one still runs; whether there was one.
    pub(super) fn kill_drain(&mut self) -> bool {
        self.said.extend(take_if(&mut self.drains, Running::has_ended).map(Running::wait));
        let Some(drain) = self.drains.pop() else { return false };
        self.end(drain);
        true
    }

    fn end(&mut self, process: Running) {
        process.signal(Signal::SIGKILL);
        self.said.push(process.wait());
    }

    /// Lets everybody go on who was held still, not before it was long enough.
    pub(super) fn resume_all(&mut self) {
        while let Some((worker, until)) = self.held.pop() {
            // The length of the stop is the fault itself.
            std::thread::sleep(until.remaining());
            self.workers.push(let_go((worker, until)));
        }
    }

    /// Ends everybody in an orderly way.
    pub(super) fn dismiss(&mut self) {
        for worker in &self.workers {
            worker.running.signal(Signal::SIGTERM);
        }
        self.said.extend(self.workers.drain(..).map(|worker| worker.running.wait()));
        self.said.extend(self.drains.drain(..).map(Running::wait));
    }

    /// Who ended in a way that nobody asked for: a signal ends it, we do, or a server is down when it starts.
    pub(super) fn unexpected(&self) -> Vec<String> {
        let is_expected = |output: &&Output| matches!(output.code, None | Some(0 | 3));
        let others = self.said.iter().filter(|output| !is_expected(output));
        others.map(|output| format!("a process ended with {:?}: {}", output.code, output.stderr)).collect()
    }

    /// What was said last, for who looks for the cause of a finding.
    pub(super) fn said(&self) -> String {
        let lines = self.said.iter().flat_map(|output| output.stdout.lines().chain(output.stderr.lines()));
        let notable: Vec<&str> = lines
            .filter(|line| line.contains("dead letter") || line.contains("again") || line.contains("error"))
            .collect();
        notable[notable.len().saturating_sub(60)..].join("\n")
    }
}

fn let_go((worker, _): (Worker, Deadline)) -> Worker {
    worker.running.signal(Signal::SIGCONT);
    worker
}

fn take_if<T>(from: &mut Vec<T>, mut is_one: impl FnMut(&mut T) -> bool) -> impl Iterator<Item = T> {
    from.extract_if(.., move |each| is_one(each)).collect::<Vec<_>>().into_iter()
}

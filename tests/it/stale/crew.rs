//! The clients of a run: started, killed, and started again, until all operations are done.
//!
//! When somebody is killed is a matter of how much was done, not of time: a slow machine kills as much as a fast one.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::signal::Signal;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tempfile::TempDir;

use super::client::{self, Orders};
use super::run::Run;
use crate::support::command::{Cachedemo, Output, Running};
use crate::support::deadline;

/// How long the clients may take until something is done.
const PATIENCE: Duration = Duration::from_secs(120);

/// A client's file, and how much of it was counted.
struct Noted {
    path: PathBuf,
    file: Option<File>,
    lines: u32,
}

/// The clients of a run.
pub(super) struct Crew<'a> {
    run: &'a Run<'a>,
    folder: TempDir,
    clients: Vec<Running>,
    started: u32,
    notes: Vec<Noted>,
    ended: Vec<Output>,
}

impl<'a> Crew<'a> {
    /// Nobody yet.
    pub(super) fn new(run: &'a Run<'a>) -> Self {
        let folder = TempDir::new().unwrap();
        Self { run, folder, clients: Vec::new(), started: 0, notes: Vec::new(), ended: Vec::new() }
    }

    /// How many there were.
    pub(super) fn started(&self) -> u32 {
        self.started
    }

    /// What they wrote, a file each.
    pub(super) fn notes(&self) -> impl Iterator<Item = &Path> {
        self.notes.iter().map(|notes| notes.path.as_path())
    }

    /// Lets them work until everything is done, and kills some of them meanwhile; how many.
    pub(super) fn work(&mut self) -> u32 {
        let size = self.run.size;
        // The cache in a process dies with it, and what another process has says nothing of it.
        let (processes, kills) = if self.run.cache.is_some() { (size.processes, size.kills) } else { (1, 0) };
        for _ in 0..processes {
            self.start();
        }
        let mut chance = StdRng::seed_from_u64(size.seed);
        let share = size.operations / (kills + 1);
        for kill in 0..kills {
            self.wait_for(share * kill + chance.random_range(0..=share));
            let victim = self.clients.swap_remove(chance.random_range(0..self.clients.len()));
            self.end(victim);
            self.start();
        }
        self.wait_for(size.operations);
        for client in std::mem::take(&mut self.clients) {
            self.end(client);
        }
        kills
    }

    fn start(&mut self) {
        let Run { pattern, protocol, size, .. } = *self.run;
        let path = self.folder.path().join(format!("client-{}", self.started));
        let is_alone = self.run.cache.is_none();
        let orders = Orders {
            number: self.started,
            pattern,
            protocol,
            operations: 2 * size.operations,
            tasks: if is_alone { size.tasks * size.processes } else { size.tasks },
            flights: self.run.flights.clone(),
            seed: size.seed,
            gives_up: is_alone,
            notes: path.clone(),
        };
        let program = std::env::current_exe().unwrap();
        let command = Cachedemo::program(&program)
            .args(["--exact", client::TEST, "--ignored", "--nocapture"])
            .env(client::VARIABLE, serde_json::to_string(&orders).unwrap());
        let command = self.run.settings().into_iter().fold(command, |command, (name, value)| command.env(name, value));
        self.clients.push(command.spawn());
        self.notes.push(Noted { path, file: None, lines: 0 });
        self.started += 1;
    }

    fn end(&mut self, client: Running) {
        client.signal(Signal::SIGKILL);
        self.ended.push(client.wait());
    }

    /// Waits until so many operations are done.
    fn wait_for(&mut self, operations: u32) {
        let done = deadline::poll(PATIENCE, || (self.done() >= operations).then_some(()));
        assert!(done.is_some(), "after {PATIENCE:?} the clients have done {} of {operations}", self.done());
    }

    /// How many operations are done: each has two notes.
    fn done(&mut self) -> u32 {
        self.notes.iter_mut().map(Noted::count).sum::<u32>() / 2
    }

    /// Who ended before we killed it.
    pub(super) fn unexpected(&self) -> Vec<String> {
        let by_themselves = self.ended.iter().filter(|output| output.code.is_some());
        by_themselves.map(|output| format!("a client ended: {}{}", output.stdout, output.stderr)).collect()
    }
}

impl Noted {
    fn count(&mut self) -> u32 {
        if self.file.is_none() {
            self.file = File::open(&self.path).ok();
        }
        let Some(file) = &mut self.file else { return 0 };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        self.lines += u32::try_from(bytes.iter().filter(|byte| **byte == b'\n').count()).unwrap();
        self.lines
    }
}

//! How much processor time this process, its servers and its helpers took: which of them is saturated is told by nothing else.
//!
//! `/proc/<pid>/stat` counts in ticks of a hundredth of a second, so a measurement must last for some tenths at least.

use std::fs;
use std::time::{Duration, Instant};

/// What `/proc` counts in: `USER_HZ`, a hundredth of a second on every Linux that we meet.
const TICK: Duration = Duration::from_millis(10);

/// A moment, and what had been used until then.
pub(crate) struct Usage {
    at: Instant,
    client: Duration,
    server: Duration,
    program: &'static str,
}

/// What was used in all measurements of one side: seconds of a clock, and of the processors.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Used {
    took: f64,
    client: f64,
    server: f64,
}

impl Usage {
    /// Begins a measurement; the server is whatever this process has started that runs `program`, with all of its children.
    pub(crate) fn of(program: &'static str) -> Self {
        Self { at: Instant::now(), client: own(), server: of_children(program), program }
    }

    /// Ends it. The client is this process and what it has started and waited for meanwhile, such as `pgbench`.
    pub(crate) fn add_to(&self, used: &mut Used) {
        used.took += self.at.elapsed().as_secs_f64();
        used.client += own().saturating_sub(self.client).as_secs_f64();
        used.server += of_children(self.program).saturating_sub(self.server).as_secs_f64();
    }
}

impl Used {
    /// Which part of one processor each side used, and how much of it an operation took, of which there were so many a second.
    pub(crate) fn tell(&self, what: &str, program: &str, per_second: f64) {
        let Self { took, client, server } = self;
        let each = |used: &f64| used / took / per_second * 1e6;
        println!(
            "  {what}: client {:.2} processors, {:.1} µs each; {program} {:.2} processors, {:.1} µs each",
            client / took,
            each(client),
            server / took,
            each(server)
        );
    }
}

/// Processor time of this process and of those that it has waited for.
fn own() -> Duration {
    stat("self").map_or(Duration::ZERO, |stat| stat.alone + stat.waited_for)
}

/// Processor time of every process that descends from this one and runs this program. A worker that ends while nobody looks
/// is counted by its parent.
fn of_children(program: &str) -> Duration {
    let processes: Vec<Stat> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| stat(entry.file_name().to_str().filter(|name| name.parse::<u32>().is_ok())?))
        .collect();
    let me = std::process::id();
    let descends = |mut parent: u32| loop {
        if parent == me {
            break true;
        }
        match processes.iter().find(|process| process.id == parent) {
            Some(process) => parent = process.parent,
            None => break false,
        }
    };
    let ours = processes.iter().filter(|process| process.program == program && descends(process.parent));
    ours.map(|process| process.alone + process.waited_for).sum()
}

/// What `/proc/<pid>/stat` says.
struct Stat {
    id: u32,
    program: String,
    parent: u32,
    alone: Duration,
    waited_for: Duration,
}

fn stat(process: &str) -> Option<Stat> {
    let line = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name is in brackets and may hold anything; the state comes after it.
    let (id, rest) = line.split_once(" (")?;
    let (program, rest) = rest.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    // Counted from the state, which is the third of all fields: the 14th to 17th are times.
    let ticks = |at: usize| Some(TICK * fields.get(at)?.parse().ok()?);
    Some(Stat {
        id: id.parse().ok()?,
        program: program.to_owned(),
        parent: fields.get(1)?.parse().ok()?,
        alone: ticks(11)? + ticks(12)?,
        waited_for: ticks(13)? + ticks(14)?,
    })
}

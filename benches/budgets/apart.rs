//! Servers on one half of the processors and clients on the other, as on two machines.
//!
//! One operation at a time is a chain of wake-ups. On an idle machine one of them takes longer on another processor than a whole
//! command does on the same one, and where the kernel puts a server is a chance that lasts: left to itself, one side of a ratio may
//! have all its trips within a processor and the other side none.

use std::fs;

use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;

use crate::support::kinds::Kind;
use crate::support::server::Server;
use crate::{Failure, start};

/// The two halves, for as long as it lives; whatever is started meanwhile by other means belongs to the clients.
pub(crate) struct Apart {
    all: CpuSet,
    clients: CpuSet,
    servers: CpuSet,
}

impl Apart {
    /// Puts this process on the clients' half.
    pub(crate) fn new() -> Result<Self, Failure> {
        let all = sched_getaffinity(Pid::from_raw(0))?;
        let mut processors = Vec::new();
        for number in 0..CpuSet::count() {
            if all.is_set(number)? {
                processors.push(number);
            }
        }
        let (first, second) = processors.split_at(processors.len() / 2);
        // Where there is but one processor it is everybody's.
        let apart = Self { all, clients: set(if first.is_empty() { second } else { first })?, servers: set(second)? };
        pin(&apart.clients)?;
        Ok(apart)
    }

    /// Starts a server on its half.
    pub(crate) fn start(&self, kind: Kind) -> Result<Server, Failure> {
        pin(&self.servers)?;
        let server = start(kind);
        pin(&self.clients)?;
        server
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        // Who cannot be moved back is slower, and nothing is wrong.
        _ = pin(&self.all);
    }
}

fn set(processors: &[usize]) -> Result<CpuSet, Failure> {
    let mut set = CpuSet::new();
    for number in processors {
        set.set(*number)?;
    }
    Ok(set)
}

/// Keeps every thread of this process, and what they start from now on, on these processors.
fn pin(set: &CpuSet) -> Result<(), Failure> {
    for thread in fs::read_dir("/proc/self/task")? {
        let number = thread?.file_name().to_string_lossy().parse()?;
        sched_setaffinity(Pid::from_raw(number), set)?;
    }
    Ok(())
}

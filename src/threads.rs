//! The threads that the program runs on: as many as half of the processors, and the other half is left to the servers.
//!
//! Where one thread is left, whoever waits for an answer takes it where it arrives. With a second one, who sends, who receives and
//! who waits wake each other up, which on an idle machine takes more time than all else that a hit does.

use std::num::NonZero;
use std::thread::available_parallelism;

use tokio::runtime::{Builder, Runtime};

use crate::error::{Error, Result};

/// Threads that are ready to run something.
pub struct Threads(Runtime);

impl Threads {
    /// Starts them.
    ///
    /// # Errors
    /// If the system gives none.
    pub fn start() -> Result<Self> {
        let processors = available_parallelism().map_or(1, NonZero::get);
        let runtime = Builder::new_multi_thread().worker_threads((processors / 2).max(1)).enable_all().build();
        runtime.map(Self).map_err(|cause| Error::File { action: "start", path: "the program's threads".into(), cause })
    }

    /// Runs something to its end, on these threads rather than beside them.
    ///
    /// # Panics
    /// Where that panics.
    pub fn run<T: Send + 'static>(self, work: impl Future<Output = T> + Send + 'static) -> T {
        let done = self.0.block_on(self.0.spawn(work));
        // A thread that waits at a prompt would never end by itself.
        self.0.shutdown_background();
        done.unwrap_or_else(|died| std::panic::resume_unwind(died.into_panic()))
    }
}

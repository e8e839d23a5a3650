//! Runs the program under test away from the developer's settings, so that results do not depend on them.
#![expect(
    clippy::disallowed_methods,
    reason = "the search path is the one thing the child keeps from its surroundings"
)]

use std::env;
use std::ffi::OsStr;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use super::deadline;

/// The longest a command may take before it counts as hanging.
const LIMIT: Duration = Duration::from_secs(30);

/// What a finished command left.
#[derive(Debug)]
pub struct Output {
    /// The exit code, `None` when a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// A command about to run: empty environment but for `PATH`, and a home folder of its own.
pub struct Cachedemo {
    pub(super) command: Command,
    pub(super) home: Arc<TempDir>,
    limit: Duration,
}

impl Cachedemo {
    /// The program under test without arguments.
    pub fn new() -> Self {
        Self::program(Path::new(env!("CARGO_BIN_EXE_cachedemo")))
    }

    /// Any program, under the same conditions.
    pub fn program(program: &Path) -> Self {
        let home = Arc::new(TempDir::new().expect("the temporary folder is writable"));
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("HOME", home.path())
            // A settings file in the working folder would be read too.
            .current_dir(home.path());
        Self { command, home, limit: LIMIT }
    }

    /// Adds arguments.
    pub fn args<I: IntoIterator<Item: AsRef<OsStr>>>(mut self, arguments: I) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Uses the home folder of an earlier command, to see what that one left.
    pub fn with_home(mut self, home: &Arc<TempDir>) -> Self {
        self.command.env("HOME", home.path()).current_dir(home.path());
        self.home = Arc::clone(home);
        self
    }

    /// The home folder; keep it to look inside after the command.
    pub fn home(&self) -> Arc<TempDir> {
        Arc::clone(&self.home)
    }

    /// The path of the home folder.
    pub fn home_path(&self) -> PathBuf {
        self.home.path().to_owned()
    }

    /// Allows more or less time than thirty seconds.
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs it to its end; panics with its output when it hangs.
    pub fn run(self) -> Output {
        self.spawn().wait()
    }

    /// Starts it, for tests that send signals.
    pub fn spawn(mut self) -> Running {
        let mut child = self
            .command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("cargo built the program for this test");
        Running {
            stdout: Some(collect(child.stdout.take().expect("it is a pipe"))),
            stderr: Some(collect(child.stderr.take().expect("it is a pipe"))),
            child,
            limit: self.limit,
            _home: self.home,
        }
    }
}

/// Reads on a thread of its own, so that a full pipe never blocks the command.
fn collect(mut source: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        source.read_to_end(&mut bytes).expect("a pipe can be read");
        String::from_utf8(bytes).expect("the program writes UTF-8")
    })
}

/// A started command. Dropping it kills it.
pub struct Running {
    child: Child,
    stdout: Option<JoinHandle<String>>,
    stderr: Option<JoinHandle<String>>,
    limit: Duration,
    _home: Arc<TempDir>,
}

impl Running {
    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        let number = i32::try_from(self.child.id()).expect("process numbers fit");
        kill(Pid::from_raw(number), signal).expect("the child has not been waited for");
    }

    /// Whether it has ended, by itself or by a signal.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("it is our child").is_some()
    }

    /// Waits for its end; panics with its output when it hangs.
    pub fn wait(mut self) -> Output {
        let status = deadline::poll(self.limit, || self.child.try_wait().expect("it is our child"));
        if status.is_none() {
            self.child.kill().expect("it still runs");
        }
        let [stdout, stderr] = [self.stdout.take(), self.stderr.take()].map(|reader| {
            reader.expect("it is taken only here").join().expect("the reader only panics on output that is not UTF-8")
        });
        let Some(status) = status else {
            panic!("the command hangs\nstdout:\n{stdout}\nstderr:\n{stderr}");
        };
        Output { code: status.code(), stdout, stderr }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has usually ended already, which is not an error here.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

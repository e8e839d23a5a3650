//! Drives a command in a pseudo-terminal, because menus and progress only exist there.

use std::io::{Read as _, Write as _};
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use expectrl::process::Process as _;
use expectrl::process::unix::{UnixProcess, WaitStatus};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tempfile::TempDir;

use super::command::Cachedemo;
use super::deadline::{self, Deadline};

const LIMIT: Duration = Duration::from_secs(30);

/// A command in a terminal of its own.
pub struct Terminal {
    process: UnixProcess,
    keyboard: std::fs::File,
    /// Filled by a thread: reading here would need either spinning or no deadline.
    screen: Receiver<Vec<u8>>,
    transcript: Vec<u8>,
    /// How much of the transcript earlier expectations have used up.
    seen: usize,
    _home: Arc<TempDir>,
}

impl Terminal {
    /// Starts the command in a terminal with this many columns and rows.
    pub fn open(cachedemo: &Cachedemo, columns: u16, rows: u16) -> Self {
        // The size can only be set once the child runs, so the shell waits for a line first.
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", "read -r _; stty echo; exec \"$@\"", "terminal"])
            .arg(cachedemo.command.get_program())
            .args(cachedemo.command.get_args())
            .env_clear()
            .env("TERM", "xterm-256color")
            .current_dir(cachedemo.home_path());
        for (name, value) in cachedemo.command.get_envs() {
            if let Some(value) = value {
                command.env(name, value);
            }
        }
        let mut process = UnixProcess::spawn_command(command).expect("a terminal can be opened");
        process.set_window_size(columns, rows).expect("the terminal is open");
        let keyboard = process.get_raw_handle().expect("the terminal is open");
        let mut output = process.get_raw_handle().expect("the terminal is open");
        let (sender, screen) = mpsc::channel();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            // Linux ends a terminal with an error rather than an empty read.
            while let Ok(length @ 1..) = output.read(&mut bytes) {
                if sender.send(bytes[..length].to_vec()).is_err() {
                    break;
                }
            }
        });
        let mut terminal = Self { process, keyboard, screen, transcript: Vec::new(), seen: 0, _home: cachedemo.home() };
        terminal.send("\n");
        terminal
    }

    /// Waits until `text` appears after what was expected before; panics with the transcript if not.
    pub fn expect(&mut self, text: &str) {
        let deadline = Deadline::after(LIMIT);
        loop {
            let unseen = String::from_utf8_lossy(&self.transcript[self.seen..]).into_owned();
            if let Some(start) = unseen.find(text) {
                self.seen += unseen[..start].len() + text.len();
                self.seen = self.seen.min(self.transcript.len());
                return;
            }
            match self.screen.recv_timeout(deadline.remaining()) {
                Ok(bytes) => self.transcript.extend(bytes),
                Err(reason) => panic!(
                    "no {text:?} in the terminal ({reason}); it shows:\n{}",
                    String::from_utf8_lossy(&self.transcript)
                ),
            }
        }
    }

    /// Types text.
    pub fn send(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).expect("the terminal is open");
    }

    /// Types text and the Enter key, which sends a carriage return.
    pub fn send_line(&mut self, text: &str) {
        self.send(&format!("{text}\r"));
    }

    /// Presses Ctrl-C.
    pub fn interrupt(&mut self) {
        self.send("\u{3}");
    }

    /// Sends a signal from outside.
    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.process.pid().as_raw()), signal).expect("the child has not been waited for");
    }

    /// The modes of the terminal, as `stty` writes them for itself.
    pub fn modes(&self) -> String {
        let terminal = self.keyboard.try_clone().expect("a file handle can be duplicated");
        let output = Command::new("stty").arg("-g").stdin(terminal).output().expect("every Unix system has stty");
        String::from_utf8(output.stdout).expect("modes are plain text")
    }

    /// Waits for the end; gives the exit code, or 128 plus the signal's number as shells do.
    pub fn wait(&mut self) -> i32 {
        let status = deadline::poll(LIMIT, || match self.process.status() {
            Ok(WaitStatus::Exited(_, code)) => Some(code),
            Ok(WaitStatus::Signaled(_, signal, _)) => Some(128 + signal as i32),
            _ => None,
        });
        while let Ok(bytes) = self.screen.recv_timeout(Duration::from_millis(200)) {
            self.transcript.extend(bytes);
        }
        status.unwrap_or_else(|| panic!("the command hangs; it shows:\n{}", self.transcript()))
    }

    /// Everything shown so far, control sequences included.
    pub fn transcript(&self) -> String {
        String::from_utf8_lossy(&self.transcript).into_owned()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It has usually ended already; without this the library waits between gentler signals.
        let _ = self.process.kill(expectrl::process::unix::Signal::SIGKILL);
    }
}

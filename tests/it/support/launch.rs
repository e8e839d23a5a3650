//! Starts programs as an unprivileged account, because database servers refuse to run as root.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use nix::unistd::{User, geteuid};

/// The account servers run as when the tests run as root.
fn account() -> Option<User> {
    geteuid().is_root().then(|| {
        User::from_name("nobody")
            .expect("the account list can be read")
            .expect("every Unix system has the account nobody")
    })
}

/// A command that runs without root's rights.
pub fn unprivileged(program: &Path) -> Command {
    let mut command = Command::new(program);
    if let Some(user) = account() {
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
    }
    command
}

/// Hands a file or folder to the account servers run as.
pub fn give(path: &Path) {
    if let Some(user) = account() {
        chown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw()))
            .unwrap_or_else(|error| panic!("root may change the owner of {path:?}: {error}"));
    }
}

/// Runs a preparing command to its end, and shows its output when it fails.
pub fn complete(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} did not start: {error}"));
    assert!(
        output.status.success(),
        "{command:?} failed with {}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

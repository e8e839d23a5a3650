//! Finds the servers' programs and decides whether a missing one may be skipped.
#![expect(
    clippy::disallowed_methods,
    reason = "where programs are is the machine's own setting, not one of cachedemo's"
)]

use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::kinds::Kind;

/// A program by its name, also where distributions keep programs off the search path.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/local/sbin", "/usr/sbin"].map(PathBuf::from))
        .chain(postgres_folders())
        .map(|folder| folder.join(name))
        .find(|file| is_program(file))
}

/// Debian keeps each major version's programs in a folder of its own; the newest comes first.
fn postgres_folders() -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    versions.sort();
    versions.into_iter().rev().map(|(_, folder)| folder).collect()
}

fn is_program(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// The real MySQL server: MariaDB ships a `mysqld` too, so only these places count.
pub fn mysqld() -> Option<PathBuf> {
    if let Some(named) = env::var_os("CACHEDEMO_MYSQLD") {
        return Some(PathBuf::from(named));
    }
    let home = env::var_os("HOME").map_or_else(|| PathBuf::from("/root"), PathBuf::from);
    let cache = env::var_os("XDG_CACHE_HOME").map_or_else(|| home.join(".cache"), PathBuf::from);
    [PathBuf::from("/var/cache"), cache]
        .map(|folder| folder.join("cachedemo/mysql/mysqld"))
        .into_iter()
        .chain(find("mysqld").filter(|file| is_mysql(file)))
        .find(|file| is_program(file))
}

fn is_mysql(file: &Path) -> bool {
    std::process::Command::new(file)
        .arg("--version")
        .output()
        .is_ok_and(|output| !String::from_utf8_lossy(&output.stdout).contains("MariaDB"))
}

/// The command-line client that came with this MySQL server.
pub fn mysql_client(mysqld: &Path) -> PathBuf {
    let folder = mysqld.parent().expect("a program is in a folder");
    [folder.join("mysql"), folder.join("../bin/mysql")]
        .into_iter()
        .find(|file| is_program(file))
        .or_else(|| find("mysql"))
        .expect("MySQL is installed together with its client by scripts/install-servers")
}

/// Says that a kind of server is missing, and panics where the run demands it.
pub fn skip(kind: Kind) {
    let required = env::var("CACHEDEMO_REQUIRE").unwrap_or_default();
    let is_required =
        required.split(',').map(str::trim).any(|name| name == "all" || name.eq_ignore_ascii_case(kind.name()));
    assert!(
        !is_required,
        "{kind} is required by CACHEDEMO_REQUIRE={required} but is not installed: run scripts/install-servers"
    );
    // Written directly: the test runner would hide the output of a passing test.
    let line = format!("SKIPPED: {kind} is not installed, run scripts/install-servers\n");
    io::stderr().write_all(line.as_bytes()).expect("standard error is open while tests run");
}

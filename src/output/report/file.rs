//! Puts a file in its place as a whole: written under another name beside it, and then renamed.
//!
//! A full disk or a killed process leaves the old file, or none, and never half a report.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// Sees that the file can be put there, and leaves nothing behind.
pub(super) fn check(path: &Path) -> io::Result<()> {
    beside(&target(path)?).map(drop)
}

/// Puts this file there, in place of what was.
pub(super) fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let path = target(path)?;
    let mut file = beside(&path)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(&path).map(drop).map_err(|failed| failed.error)
}

/// Where it is in truth: a link is followed, not replaced. A device or a pipe must not become a file.
fn target(path: &Path) -> io::Result<PathBuf> {
    match path.canonicalize() {
        Ok(there) if there.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(there) if !there.is_file() => Err(io::Error::new(io::ErrorKind::InvalidInput, "what is there is no file")),
        Ok(there) => Ok(there),
        Err(_) => Ok(path.to_owned()),
    }
}

fn beside(path: &Path) -> io::Result<NamedTempFile> {
    let directory = path.parent().filter(|directory| !directory.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Said of the directory, not of a name that nobody has typed.
    if !directory.metadata()?.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    let mut builder = Builder::new();
    builder.prefix(".cachedemo-report-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any file that a program makes: others may read it where the umask lets them.
        let mode = path.metadata().map_or(0o666, |old| old.permissions().mode() & 0o777);
        builder.permissions(std::fs::Permissions::from_mode(mode));
    }
    builder.tempfile_in(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(directory).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn a_file_is_replaced_as_a_whole_and_nothing_stays_beside_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("report.md");
        check(&path).unwrap();
        assert_eq!(names(directory.path()), [""; 0], "to look leaves nothing");
        replace(&path, b"a long first one").unwrap();
        check(&path).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"a long first one", "to look changes nothing");
        let mut reading = std::fs::File::open(&path).unwrap();
        replace(&path, b"second").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"second");
        assert_eq!(
            io::read_to_string(&mut reading).unwrap(),
            "a long first one",
            "who reads the old one has all of it"
        );
        assert_eq!(names(directory.path()), ["report.md"]);
    }

    #[test]
    fn what_cannot_be_written_is_found_out_before() {
        let directory = tempfile::tempdir().unwrap();
        let kind = |path: &Path| check(path).unwrap_err().kind();
        assert_eq!(kind(&directory.path().join("missing/report.md")), io::ErrorKind::NotFound);
        assert_eq!(kind(directory.path()), io::ErrorKind::IsADirectory);
        std::fs::write(directory.path().join("file"), "").unwrap();
        assert_eq!(kind(&directory.path().join("file/report.md")), io::ErrorKind::NotADirectory);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_and_permissions_are_usual() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        let [path, link] = ["report.md", "link.md"].map(|name| directory.path().join(name));
        replace(&path, b"first").unwrap();
        std::fs::write(directory.path().join("any"), "").unwrap();
        let mode = |name: &str| directory.path().join(name).metadata().unwrap().permissions().mode();
        assert_eq!(mode("report.md"), mode("any"));
        std::os::unix::fs::symlink(&path, &link).unwrap();
        replace(&link, b"second").unwrap();
        assert!(link.is_symlink());
        assert_eq!(std::fs::read(&path).unwrap(), b"second");
        let device = directory.path().join("device.md");
        std::os::unix::fs::symlink("/dev/null", &device).unwrap();
        assert_eq!(check(&device).unwrap_err().kind(), io::ErrorKind::InvalidInput);
    }
}

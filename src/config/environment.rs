//! The environment of the process and the file `.env`, taken once.
//!
//! Only names that are settings are kept. A test builds its own and never touches the process.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use super::{NAMES, dotenv};
use crate::error::{Error, Result};

/// Names with their values, as they were written.
pub(super) type Values = BTreeMap<&'static str, String>;

/// What stood in the environment and in the file `.env`.
#[derive(Clone, Default)]
pub struct Environment {
    process: Values,
    file: Values,
    file_name: String,
    data_directory: Option<PathBuf>,
}

impl Environment {
    /// Takes both: the process's environment, and the nearest file `.env` in the current directory or above it.
    ///
    /// # Errors
    /// When the file cannot be read or understood, or a setting is not text.
    pub fn capture() -> Result<Self> {
        let mut process = Values::new();
        for name in NAMES {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
            let value = std::env::var_os(name);
            if let Some(value) = value {
                let text = value.into_string().map_err(|_| {
                    Error::usage(
                        format!("{name} (from the environment) is not UTF-8 text"),
                        format!("set it again, or unset it: unset {name}"),
                    )
                })?;
                process.insert(name, text);
            }
        }
        let data_directory = directories::BaseDirs::new().map(|directories| directories.data_dir().to_path_buf());
        let taken = Self { process, data_directory, ..Self::default() };
        // Without a current directory (it was removed) there is no file to find.
        match std::env::current_dir() {
            Ok(directory) => taken.with_nearest_file(&directory),
            Err(_) => Ok(taken),
        }
    }

    /// An environment of these variables; names that are no settings are left out.
    pub fn of<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self { process: settings_among(variables), ..Self::default() }
    }

    /// The same, where programs keep their files in `directory`.
    #[must_use]
    pub fn with_data_directory(self, directory: impl Into<PathBuf>) -> Self {
        Self { data_directory: Some(directory.into()), ..self }
    }

    /// The same with the text of a file `.env`, which messages call `name`.
    ///
    /// # Errors
    /// When the text cannot be understood, naming the line.
    pub fn with_file(self, name: &str, text: &str) -> Result<Self> {
        let file = settings_among(dotenv::parse(name, text)?);
        Ok(Self { file, file_name: name.to_owned(), ..self })
    }

    fn with_nearest_file(self, directory: &Path) -> Result<Self> {
        let Some(path) = directory.ancestors().map(|above| above.join(".env")).find(|path| path.is_file()) else {
            return Ok(self);
        };
        let is_here = path.parent() == Some(directory);
        let name = if is_here { ".env".to_owned() } else { path.display().to_string() };
        let text = std::fs::read_to_string(&path).map_err(|cause| {
            Error::usage(format!("cannot read {name}: {cause}"), "make it a readable UTF-8 text file, or remove it")
        })?;
        self.with_file(&name, &text)
    }

    /// What the process was started with.
    pub(super) fn process(&self) -> &Values {
        &self.process
    }

    /// What stood in the file, and what messages call it.
    pub(super) fn file(&self) -> (&Values, &str) {
        (&self.file, &self.file_name)
    }

    /// Where programs keep their files.
    pub(super) fn data_directory(&self) -> Option<&Path> {
        self.data_directory.as_deref()
    }
}

/// What the environment says about the terminal: the values of `NO_COLOR` and `TERM`. They are no settings of ours.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
pub fn terminal() -> (Option<OsString>, Option<OsString>) {
    (std::env::var_os("NO_COLOR"), std::env::var_os("TERM"))
}

/// Names only: a value may be a password.
impl fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Environment")
            .field("process", &self.process.keys())
            .field("file", &self.file.keys())
            .field("file_name", &self.file_name)
            .field("data_directory", &self.data_directory)
            .finish()
    }
}

fn settings_among(variables: impl IntoIterator<Item = (String, String)>) -> Values {
    let known = |name: &str| NAMES.into_iter().find(|known| *known == name);
    variables.into_iter().filter_map(|(name, value)| known(&name).map(|name| (name, value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_file_counts_and_messages_say_which_it_was() {
        let above = tempfile::tempdir().unwrap();
        let here = above.path().join("a/b");
        std::fs::create_dir_all(&here).unwrap();
        let taken = || Environment::default().with_nearest_file(&here).unwrap();
        assert!(taken().file.is_empty());
        // A directory of that name is not the file.
        std::fs::create_dir(here.join(".env")).unwrap();
        std::fs::write(above.path().join(".env"), "DB_ENGINE=mysql\nPATH=/x\n").unwrap();
        assert_eq!(taken().file, Values::from([("DB_ENGINE", "mysql".to_owned())]));
        assert_eq!(taken().file_name, above.path().join(".env").display().to_string());
        std::fs::remove_dir(here.join(".env")).unwrap();
        std::fs::write(here.join(".env"), "DB_ENGINE=mariadb\n").unwrap();
        assert_eq!(taken().file["DB_ENGINE"], "mariadb");
        assert_eq!(taken().file_name, ".env");
    }

    #[test]
    fn a_file_that_is_not_text_is_said_to_be_so() {
        let here = tempfile::tempdir().unwrap();
        std::fs::write(here.path().join(".env"), [b'D', 0xff]).unwrap();
        let error = Environment::default().with_nearest_file(here.path()).unwrap_err();
        assert!(error.to_string().starts_with("cannot read .env:"), "{error}");
    }

    #[test]
    fn debug_shows_no_value() {
        let environment = Environment::of([("DB_PASSWORD", "hunter2")]).with_file(".env", "CACHE_URL=hunter2").unwrap();
        let shown = format!("{environment:?}");
        assert!(shown.contains("DB_PASSWORD") && shown.contains("CACHE_URL") && !shown.contains("hunter2"), "{shown}");
    }
}

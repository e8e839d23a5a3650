//! A bench's report as a file: JSON to be compared, CSV for a spreadsheet, Markdown for a pull request, HTML for a reader.
//!
//! The file's ending chooses. A report that took minutes must not be lost to a mistyped path, so that it is looked at before
//! the bench begins; and a file that is there is replaced as a whole or not at all.

mod csv;
mod file;
mod html;
mod markdown;
pub(super) mod sheet;
mod svg;

use std::path::PathBuf;
use std::str::FromStr;

use super::json;
use crate::bench::Report;
use crate::error::{Error, Result};

/// As what a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// All of it, as `schema/report.json` describes it.
    Json,
    /// A line for each subject.
    Csv,
    /// Tables and what they say.
    Markdown,
    /// One page with plots.
    Html,
}

/// Where a report is to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// As what.
    pub form: Form,
    /// Where to.
    pub path: PathBuf,
}

impl FromStr for Export {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let path = PathBuf::from(text);
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
        let form = match ending.as_deref() {
            Some("json") => Form::Json,
            Some("csv") => Form::Csv,
            Some("md") => Form::Markdown,
            Some("html") => Form::Html,
            _ => {
                let stem = path.file_stem().filter(|stem| !stem.is_empty());
                let stem = stem.map_or_else(|| "report".into(), |stem| stem.to_string_lossy().into_owned());
                return Err(format!(
                    "the ending says what to write, and is one of .json, .csv, .md and .html; write it like {stem}.html"
                ));
            }
        };
        Ok(Self { form, path })
    }
}

impl Export {
    /// Sees that the file can be written, without writing it: before a bench begins.
    ///
    /// # Errors
    /// [`Error::Usage`] where it cannot.
    pub fn check(&self) -> Result<()> {
        let shown = self.path.display().to_string();
        file::check(&self.path).map_err(|cause| {
            let message = format!("--export {shown} cannot be written: {cause}");
            Error::usage(message, Error::NotExported { path: shown, cause }.hint().unwrap_or_default())
        })
    }

    /// Whether each has a file of its own.
    ///
    /// # Errors
    /// Which one is named twice.
    pub fn check_apart(exports: &[Self]) -> Result<()> {
        let twice =
            |(number, export): (usize, &Self)| exports[..number].iter().any(|earlier| earlier.path == export.path);
        match exports.iter().enumerate().find(|(number, export)| twice((*number, export))) {
            None => Ok(()),
            Some((_, export)) => {
                let message = format!("--export {} is there twice", export.path.display());
                Err(Error::usage(message, "name another file for each"))
            }
        }
    }

    /// Writes the report: the whole of it, or nothing.
    ///
    /// # Errors
    /// [`Error::NotExported`] where it cannot be written.
    pub fn write(&self, report: &Report) -> Result<()> {
        let failed = |cause| Error::NotExported { path: self.path.display().to_string(), cause };
        let text = render(self.form, report).map_err(|cause| failed(cause.into()))?;
        file::replace(&self.path, text.as_bytes()).map_err(failed)
    }
}

fn render(form: Form, report: &Report) -> serde_json::Result<String> {
    Ok(match form {
        Form::Json => {
            let lines = serde_json::to_string_pretty(report)?;
            lines.split('\n').map(|line| json::escaped(line) + "\n").collect()
        }
        Form::Csv => csv::render(report),
        Form::Markdown => markdown::render(report),
        Form::Html => html::render(report),
    })
}

#[cfg(test)]
mod tests;

//! The only place that prints or prompts: two renderings of the same events, and the questions that are asked.
//!
//! Results go to the standard output, everything else (errors, prompts, progress) to the standard error. What is written
//! to is passed in, so that a test reads what a person would have seen.

mod axis;
mod harmless;
mod json;
mod lines;
mod page;
mod progress;
mod prompt;
pub mod report;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod schema;
mod text;

use std::ffi::OsStr;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use dialoguer::console::Term;

use crate::demo::Audience;
use crate::error::{Error, Result, STANDARD_OUTPUT};
use crate::quantity;

pub use lines::ReadLine;
pub use progress::{Bars, Progress};
pub use prompt::{choose, confirm, search};

/// How events are rendered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Text,
    /// For programs: one event a line.
    Json,
}

/// The columns that are assumed where nothing tells how many there are.
const USUAL_WIDTH: usize = 80;
/// Lines longer than this are hard to read, however wide the terminal is.
const GREATEST_WIDTH: usize = 120;
/// Narrower than this, tables fall apart: let the terminal wrap them.
const LEAST_WIDTH: usize = 40;

/// Where the program runs, as far as it matters to what is printed.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Whether somebody can answer at the standard input.
    pub input_is_terminal: bool,
    /// Whether the standard output is a terminal.
    pub output_is_terminal: bool,
    /// Whether the standard error is a terminal.
    pub error_is_terminal: bool,
    /// How many columns the terminal has, where it says so.
    pub columns: Option<usize>,
    /// Whether the environment asks for no colours.
    pub is_plain: bool,
}

impl Surroundings {
    /// Those of this process, with the values of the environment variables `NO_COLOR` and `TERM`.
    #[must_use]
    pub fn of_process(no_color: Option<&OsStr>, term: Option<&OsStr>) -> Self {
        Self {
            input_is_terminal: io::stdin().is_terminal(),
            output_is_terminal: io::stdout().is_terminal(),
            error_is_terminal: io::stderr().is_terminal(),
            columns: Term::stdout().size_checked().map(|(_, columns)| columns.into()),
            is_plain: no_color.is_some_and(|value| !value.is_empty()) || term.is_some_and(|term| term == "dumb"),
        }
    }
}

impl Surroundings {
    /// Whether a line may be written anew in its place: the terminal must be able to, and the line must not wrap.
    #[must_use]
    pub fn is_live(&self, format: Format) -> bool {
        let is_wide = self.columns.is_none_or(|columns| columns >= LEAST_WIDTH);
        format == Format::Text && self.output_is_terminal && !self.is_plain && is_wide
    }
}

/// How to show what happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// For people or for programs.
    pub format: Format,
    /// Whether every hop is shown in text.
    pub verbose: bool,
    /// Whether the standard output gets colours.
    pub colours: bool,
    /// Whether the standard error gets colours.
    pub error_colours: bool,
    /// Whether a line may be written anew in its place.
    pub live: bool,
    /// How many columns a line may have.
    pub width: usize,
    /// Whether somebody is asked before each step.
    pub interactive: bool,
    /// How long to wait before each step when nobody is asked.
    pub pause: Option<Duration>,
}

impl Settings {
    /// What was asked for, as far as the surroundings allow it.
    #[must_use]
    pub fn new(
        format: Format,
        verbose: bool,
        interactive: bool,
        pause: Option<Duration>,
        surroundings: &Surroundings,
    ) -> Self {
        let is_text = format == Format::Text;
        let columns = surroundings.columns.filter(|_| surroundings.output_is_terminal);
        Self {
            format,
            verbose,
            colours: is_text && surroundings.output_is_terminal && !surroundings.is_plain,
            error_colours: is_text && surroundings.error_is_terminal && !surroundings.is_plain,
            live: surroundings.is_live(format),
            width: columns.unwrap_or(USUAL_WIDTH).clamp(LEAST_WIDTH, GREATEST_WIDTH),
            interactive: is_text && interactive && surroundings.input_is_terminal,
            pause,
        }
    }
}

/// What an audience writes to and reads from.
pub struct Streams {
    /// Where results go.
    pub output: Box<dyn Write + Send + Sync>,
    /// Where errors and prompts go.
    pub errors: Box<dyn Write + Send + Sync>,
    /// Where answers come from.
    pub input: ReadLine,
}

impl Streams {
    /// Those of this process. Each write locks its stream.
    #[must_use]
    pub fn of_process() -> Self {
        Self {
            output: Box::new(io::stdout()),
            errors: Box::new(io::stderr()),
            input: Box::new(|line| io::stdin().read_line(line)),
        }
    }
}

/// Opens the rendering that was asked for.
#[must_use]
pub fn open(settings: Settings, streams: Streams) -> Box<dyn Audience> {
    match settings.format {
        Format::Text => Box::new(text::Text::new(settings, streams)),
        Format::Json => Box::new(json::Json::new(streams.output, settings.pause)),
    }
}

/// Writes a text that is no event, such as a script, to the standard output.
///
/// # Errors
/// [`Error::OutputClosed`] when its reader went away; otherwise when it cannot be written.
pub fn write_document(text: &[u8]) -> Result<()> {
    write_bytes(&mut io::stdout().lock(), text)
}

/// Writes a whole text at once, and through to its reader.
fn write_out(output: &mut dyn Write, text: &str) -> Result<()> {
    write_bytes(output, text.as_bytes())
}

fn write_bytes(output: &mut dyn Write, bytes: &[u8]) -> Result<()> {
    output.write_all(bytes).and_then(|()| output.flush()).map_err(|cause| match cause.kind() {
        io::ErrorKind::BrokenPipe => Error::OutputClosed,
        _ => Error::File { action: "write to", path: STANDARD_OUTPUT.into(), cause },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terminal() -> Surroundings {
        Surroundings {
            input_is_terminal: true,
            output_is_terminal: true,
            error_is_terminal: true,
            columns: Some(100),
            is_plain: false,
        }
    }

    fn text_in(surroundings: &Surroundings) -> Settings {
        Settings::new(Format::Text, false, true, None, surroundings)
    }

    #[test]
    fn colours_are_for_terminals_that_want_them() {
        assert!(text_in(&terminal()).colours);
        let plain = text_in(&Surroundings { is_plain: true, ..terminal() });
        assert!(!plain.colours && !plain.error_colours);
        let piped = text_in(&Surroundings { output_is_terminal: false, ..terminal() });
        assert!(!piped.colours && piped.error_colours);
        assert!(!Settings::new(Format::Json, false, true, None, &terminal()).colours);
    }

    #[test]
    fn a_line_is_written_anew_only_where_that_can_be_seen() {
        assert!(text_in(&terminal()).live);
        assert!(!text_in(&Surroundings { is_plain: true, ..terminal() }).live, "NO_COLOR, TERM=dumb");
        assert!(!text_in(&Surroundings { output_is_terminal: false, ..terminal() }).live, "a pipe");
        assert!(!Settings::new(Format::Json, false, true, None, &terminal()).live);
        // It would wrap, and only its last part would be written anew.
        assert!(!text_in(&Surroundings { columns: Some(LEAST_WIDTH - 1), ..terminal() }).live);
        assert!(text_in(&Surroundings { columns: Some(LEAST_WIDTH), ..terminal() }).live);
        assert!(text_in(&Surroundings { columns: None, ..terminal() }).live);
    }

    #[test]
    fn no_color_and_a_dumb_terminal_ask_for_no_colours() {
        let plain = |no_color: Option<&str>, term: Option<&str>| {
            Surroundings::of_process(no_color.map(OsStr::new), term.map(OsStr::new)).is_plain
        };
        assert!(plain(Some("1"), None) && plain(None, Some("dumb")));
        assert!(!plain(Some(""), Some("xterm-256color")) && !plain(None, None));
    }

    #[test]
    fn the_width_is_the_terminal_s_within_reason_and_else_80() {
        let width =
            |columns, output_is_terminal| text_in(&Surroundings { columns, output_is_terminal, ..terminal() }).width;
        assert_eq!(width(Some(100), true), 100);
        assert_eq!(width(Some(400), true), GREATEST_WIDTH);
        assert_eq!(width(Some(7), true), LEAST_WIDTH);
        assert_eq!(width(None, true), USUAL_WIDTH);
        assert_eq!(width(Some(100), false), USUAL_WIDTH);
    }

    #[test]
    fn nobody_is_asked_who_cannot_answer() {
        assert!(text_in(&terminal()).interactive);
        assert!(!text_in(&Surroundings { input_is_terminal: false, ..terminal() }).interactive);
        assert!(!Settings::new(Format::Json, false, true, None, &terminal()).interactive);
    }
}

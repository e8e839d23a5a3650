//! The questions that are asked: before each step of an interactive walk-through, and in the menu.
//!
//! A stop is a line in cooked mode, so that Ctrl-C is a signal and the terminal is never left in another state. The menu's
//! prompts read single keys; if a signal takes their future away, the terminal is put back as it was. All of this is on the
//! standard error, and none of it is asked where nobody can answer.

use std::io::{self, IsTerminal, Write};
use std::process::{Command, Stdio};
use std::thread;

use dialoguer::console::{Term, truncate_str};
use dialoguer::{Confirm, Input, Select};
use tokio::sync::oneshot;

use super::harmless::harmless;
use super::lines::Lines;
use crate::demo::Choice;
use crate::error::{Error, Result};

const OFFER: &str = "[Enter] next  [c] cache  [d] database  [l] flight_log  [s] sent  [q] quit > ";

/// Says what comes next and asks how to go on. The end of the input means to quit: nobody is there any more.
pub(super) async fn stop(next: &str, errors: &mut (dyn Write + Send), lines: &mut Lines) -> Choice {
    let mut question = Question { errors, is_open: false };
    question.ask(&format!("\nnext: {}\n{OFFER}", harmless(next)));
    while let Some(answer) = lines.next().await {
        question.is_open = false;
        match understand(&answer) {
            Some(choice) => return choice,
            None => question.ask(OFFER),
        }
    }
    Choice::Quit
}

/// A question that ends its line when nobody answered it: after Ctrl-D, or when a signal takes the stop away.
struct Question<'a> {
    errors: &'a mut (dyn Write + Send),
    is_open: bool,
}

impl Question<'_> {
    fn ask(&mut self, text: &str) {
        self.is_open = true;
        // A prompt that cannot be shown is no failure: whoever is there may still press Enter.
        _ = self.errors.write_all(text.as_bytes()).and_then(|()| self.errors.flush());
    }
}

impl Drop for Question<'_> {
    fn drop(&mut self) {
        if self.is_open {
            self.ask("\n");
        }
    }
}

fn understand(answer: &str) -> Option<Choice> {
    match answer.trim().to_ascii_lowercase().as_str() {
        "" | "n" | "next" => Some(Choice::Next),
        "c" | "cache" => Some(Choice::ShowEntry),
        "d" | "database" => Some(Choice::ShowRow),
        "l" | "log" | "flight_log" => Some(Choice::ShowLog),
        "s" | "sent" => Some(Choice::ShowSent),
        "q" | "quit" => Some(Choice::Quit),
        _ => None,
    }
}

/// Lets a person choose one of the items with the arrow keys. `None`: with Esc or `q`, or nobody can answer.
///
/// # Errors
/// [`Error::Interrupted`] after Ctrl-C; [`Error::File`] when the terminal fails.
pub async fn choose(title: &str, items: &[String]) -> Result<Option<usize>> {
    if items.is_empty() {
        return Ok(None);
    }
    let title = harmless(title).into_owned();
    // An item that wraps would not be erased when the selection moves.
    let columns = usize::from(Term::stderr().size().1).saturating_sub(4);
    let items: Vec<_> = items.iter().map(|item| truncate_str(&harmless(item), columns, "…").into_owned()).collect();
    prompt(move |term| Select::new().with_prompt(title).items(items).default(0).interact_on_opt(term)).await
}

/// Asks for a line. `None`: nothing was typed, or nobody can answer.
///
/// # Errors
/// As [`choose`].
pub async fn search(question: &str) -> Result<Option<String>> {
    let question = harmless(question).into_owned();
    let ask = move |term: &Term| {
        Input::<String>::new().with_prompt(question).allow_empty(true).interact_text_on(term).map(Some)
    };
    Ok(prompt(ask).await?.map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()))
}

/// Asks yes or no; Enter, Esc and nobody mean no.
///
/// # Errors
/// As [`choose`].
pub async fn confirm(question: &str) -> Result<bool> {
    let question = harmless(question).into_owned();
    let ask = move |term: &Term| Confirm::new().with_prompt(question).default(false).interact_on_opt(term);
    Ok(prompt(ask).await?.unwrap_or(false))
}

/// Runs a prompt on a thread of its own: it waits for keys, and the runtime's shutdown is not to wait with it.
async fn prompt<T, F>(ask: F) -> Result<Option<T>>
where
    T: Send + 'static,
    F: FnOnce(&Term) -> dialoguer::Result<Option<T>> + Send + 'static,
{
    let term = Term::stderr();
    if !io::stdin().is_terminal() || !term.is_term() {
        return Ok(None);
    }
    let mut guard = TerminalGuard { term: term.clone(), modes: terminal_modes(), is_asking: true };
    let (give, answer) = oneshot::channel();
    let failed = |cause| Error::File { action: "read from", path: "the terminal".into(), cause };
    // Nobody waits any more when a signal came.
    let asking = thread::Builder::new().name("prompt".into()).spawn(move || _ = give.send(ask(&term)));
    asking.map_err(failed)?;
    let answered = answer.await;
    guard.is_asking = false;
    match answered {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(dialoguer::Error::IO(error))) => {
            guard.show_cursor();
            match error.kind() {
                io::ErrorKind::Interrupted => Err(Error::Interrupted),
                io::ErrorKind::NotConnected | io::ErrorKind::UnexpectedEof => Ok(None),
                _ => Err(failed(error)),
            }
        }
        Err(_) => Err(failed(io::Error::other("the prompt ended without an answer"))),
    }
}

/// Puts the terminal back when a prompt is taken away: its thread still waits for a key, with the cursor hidden and the
/// terminal giving it every key as it is pressed.
struct TerminalGuard {
    term: Term,
    modes: Option<String>,
    is_asking: bool,
}

impl TerminalGuard {
    fn show_cursor(&self) {
        _ = self.term.show_cursor();
        _ = self.term.flush();
    }
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        if self.is_asking {
            if let Some(modes) = &self.modes {
                _ = Command::new("stty").arg(modes).stdin(Stdio::inherit()).stderr(Stdio::null()).status();
            }
            self.show_cursor();
            _ = self.term.write_line("");
        }
    }
}

/// The modes of the terminal, as `stty` writes them for itself; `None` where there is no `stty`.
fn terminal_modes() -> Option<String> {
    let output = Command::new("stty").arg("-g").stdin(Stdio::inherit()).stderr(Stdio::null()).output().ok()?;
    let modes = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !modes.is_empty()).then_some(modes)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use unicode_width::UnicodeWidthStr;

    use super::*;
    use crate::output::samples::Shared;

    fn typed(lines: &'static [&'static str]) -> Lines {
        let mut lines = lines.iter();
        Lines::new(Box::new(move |line| {
            line.push_str(lines.next().copied().unwrap_or_default());
            Ok(line.len())
        }))
    }

    #[tokio::test]
    async fn a_stop_names_the_next_step_and_takes_the_answer() {
        for (answer, choice) in [
            (&["\n"], Choice::Next),
            (&["c\n"], Choice::ShowEntry),
            (&["D\r\n"], Choice::ShowRow),
            (&[" l \n"], Choice::ShowLog),
            (&["sent\n"], Choice::ShowSent),
            (&["q\n"], Choice::Quit),
        ] {
            let mut shown = Shared::default();
            assert_eq!(stop("[STEP 3] Update", &mut shown, &mut typed(answer)).await, choice);
            assert_eq!(shown.text(), format!("\nnext: [STEP 3] Update\n{OFFER}"));
        }
        assert!(OFFER.width() < 80);
    }

    #[tokio::test]
    async fn an_unknown_answer_is_offered_again_and_the_end_quits() {
        let mut shown = Shared::default();
        assert_eq!(stop("x\u{1b}[2J", &mut shown, &mut typed(&["what?\n"])).await, Choice::Quit);
        assert_eq!(shown.text(), format!("\nnext: x\\x1b[2J\n{OFFER}{OFFER}\n"));
    }

    #[tokio::test]
    async fn a_stop_can_be_taken_away_and_loses_nothing() {
        let (feed, mut fed) = tokio::sync::mpsc::unbounded_channel::<&str>();
        let mut lines = Lines::new(Box::new(move |line| {
            line.push_str(fed.blocking_recv().unwrap_or_default());
            Ok(line.len())
        }));
        let mut shown = Shared::default();
        let stopped = stop("one", &mut shown, &mut lines);
        assert!(tokio::time::timeout(Duration::from_millis(1), stopped).await.is_err());
        assert!(shown.text().ends_with("> \n"), "what comes next does not stand behind the offer");
        feed.send("l\n").unwrap();
        assert_eq!(stop("two", &mut shown, &mut lines).await, Choice::ShowLog);
    }
}

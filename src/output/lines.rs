//! Lines from the standard input, awaited without holding up the program when nobody types.
//!
//! A blocking read cannot be taken back. It therefore runs on a thread of its own rather than on one of the runtime's, whose
//! shutdown would wait for it: after a signal the program ends at once, though nobody has pressed Enter. A line that was
//! asked for and then not waited for is kept for the next who asks.

use std::io;
use std::thread;

use tokio::sync::oneshot;

/// Reads one line, with its end, into the text; nothing read is the end of the input.
pub type ReadLine = Box<dyn FnMut(&mut String) -> io::Result<usize> + Send + Sync>;

/// What a reading thread hands back: the reader, for the next line, and what it read.
type Answer = (ReadLine, io::Result<Option<String>>);

enum State {
    Idle(ReadLine),
    Reading(oneshot::Receiver<Answer>),
    Ended,
}

/// The lines of an input.
pub(super) struct Lines(State);

impl Lines {
    /// The lines that `read` gives. Nothing is read yet.
    pub(super) fn new(read: ReadLine) -> Self {
        Self(State::Idle(read))
    }

    /// The next line without its end; `None` at the end of the input. Dropping the future loses no line.
    pub(super) async fn next(&mut self) -> Option<String> {
        if let State::Idle(_) = self.0 {
            self.0 = match std::mem::replace(&mut self.0, State::Ended) {
                State::Idle(read) => start(read),
                other => other,
            };
        }
        let State::Reading(answer) = &mut self.0 else { return None };
        let answer = answer.await;
        self.0 = State::Ended;
        match answer {
            Ok((read, Ok(Some(line)))) => {
                self.0 = State::Idle(read);
                Some(line)
            }
            // Not text: an answer that nobody understands, rather than the end.
            Ok((read, Err(error))) if error.kind() == io::ErrorKind::InvalidData => {
                self.0 = State::Idle(read);
                Some("\u{fffd}".to_owned())
            }
            Ok((_, Ok(None) | Err(_))) | Err(_) => None,
        }
    }
}

fn start(mut read: ReadLine) -> State {
    let (give, answer) = oneshot::channel();
    let reading = thread::Builder::new().name("input".into()).spawn(move || {
        let mut line = String::new();
        let result = read(&mut line).map(|length| {
            let text = line.trim_end_matches(['\r', '\n']).to_owned();
            (length > 0).then_some(text)
        });
        // Nobody waits any more when the program ends.
        _ = give.send((read, result));
    });
    match reading {
        Ok(_) => State::Reading(answer),
        Err(_) => State::Ended,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::mpsc;

    use super::*;

    fn fed() -> (mpsc::UnboundedSender<&'static str>, Lines) {
        let (feed, mut lines) = mpsc::unbounded_channel::<&'static str>();
        let read = move |line: &mut String| {
            line.push_str(lines.blocking_recv().unwrap_or_default());
            Ok(line.len())
        };
        (feed, Lines::new(Box::new(read)))
    }

    #[tokio::test]
    async fn lines_come_one_by_one_and_end() {
        let (feed, mut lines) = fed();
        feed.send("one\r\n").unwrap();
        feed.send("\n").unwrap();
        drop(feed);
        assert_eq!(lines.next().await.as_deref(), Some("one"));
        assert_eq!(lines.next().await.as_deref(), Some(""));
        assert_eq!(lines.next().await, None);
        assert_eq!(lines.next().await, None);
    }

    #[tokio::test]
    async fn a_line_that_was_not_waited_for_is_kept() {
        let (feed, mut lines) = fed();
        assert!(tokio::time::timeout(Duration::from_millis(1), lines.next()).await.is_err());
        feed.send("kept\n").unwrap();
        assert_eq!(lines.next().await.as_deref(), Some("kept"));
    }

    #[tokio::test]
    async fn what_is_not_text_is_an_answer_and_a_failure_is_the_end() {
        let mut kinds = vec![io::ErrorKind::Other, io::ErrorKind::InvalidData];
        let mut lines =
            Lines::new(Box::new(move |_| Err(kinds.pop().map_or(io::ErrorKind::Other, |kind| kind).into())));
        assert!(lines.next().await.is_some());
        assert_eq!(lines.next().await, None);
    }
}

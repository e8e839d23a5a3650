//! One event a line, for programs; `schema/events.json` says what to expect of each.
//!
//! A line is written through at once: who reads it may act on it while the program still runs.

use std::io::Write;
use std::time::Duration;

use async_trait::async_trait;

use super::harmless::is_harmful;
use super::write_out;
use crate::demo::{Audience, Choice, Event, HopSeen};
use crate::error::{Error, Result, STANDARD_OUTPUT};

/// The rendering for programs.
pub(super) struct Json {
    output: Box<dyn Write + Send + Sync>,
    pause: Option<Duration>,
}

impl Json {
    /// Writes to `output`, and waits for `pause` before each step.
    pub(super) fn new(output: Box<dyn Write + Send + Sync>, pause: Option<Duration>) -> Self {
        Self { output, pause }
    }
}

#[async_trait]
impl Audience for Json {
    fn show(&mut self, event: &Event) -> Result<()> {
        write_out(self.output.as_mut(), &line(event)?)
    }

    fn show_sent(&mut self, _hops: &[HopSeen]) -> Result<()> {
        // Every hop was an event of its own already, in full.
        Ok(())
    }

    async fn pause(&mut self, _next: &str) -> Result<Choice> {
        if let Some(pause) = self.pause {
            tokio::time::sleep(pause).await;
        }
        Ok(Choice::Next)
    }
}

/// The event as a line.
pub(super) fn line(event: &Event) -> Result<String> {
    let encoded = serde_json::to_string(event).map_err(|cause| Error::File {
        action: "encode an event for",
        path: STANDARD_OUTPUT.into(),
        cause: cause.into(),
    })?;
    Ok(escaped(&encoded) + "\n")
}

/// JSON without a character that would act on a terminal: only strings hold such, where an escape means the same to a parser.
pub(super) fn escaped(encoded: &str) -> String {
    let mut line = String::with_capacity(encoded.len() + 1);
    for character in encoded.chars() {
        if is_harmful(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                line.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            line.push(character);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::samples;
    use crate::output::samples::{Closed, Shared};

    #[test]
    fn an_event_is_one_line_and_harmless() {
        for event in samples::hostile() {
            let line = line(&event).unwrap();
            assert_eq!(line.find('\n'), Some(line.len() - 1));
            assert!(!line.trim_end().chars().any(is_harmful), "{line}");
            let parsed: serde_json::Value = serde_json::from_str(&line).unwrap();
            assert_eq!(parsed, serde_json::to_value(&event).unwrap(), "escaping changed the meaning");
        }
    }

    #[tokio::test]
    async fn hops_are_events_and_nobody_is_asked() {
        let shared = Shared::default();
        let mut json = Json::new(Box::new(shared.clone()), None);
        json.show(&Event::Hop(samples::hop())).unwrap();
        json.show_sent(&[samples::hop()]).unwrap();
        assert_eq!(json.pause("[STEP 2] Second read").await.unwrap(), Choice::Next);
        let text = shared.text();
        assert_eq!(text.lines().count(), 1);
        let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&parsed["event"], &parsed["of_us"]), (&"hop".into(), &1240.0.into()));
    }

    #[test]
    fn a_reader_who_went_away_is_told_apart() {
        let mut json = Json::new(Box::new(Closed), None);
        assert!(matches!(json.show(&samples::events()[0]), Err(Error::OutputClosed)));
    }
}

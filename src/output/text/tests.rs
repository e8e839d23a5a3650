//! Events rendered at 80 columns, held against what a person is to see.

mod anomaly;
mod bench;
mod claims;
mod kinds;
mod outcomes;
mod plot;
mod stats;
mod walk_through;
mod worker;

use unicode_width::UnicodeWidthStr;

use super::super::harmless::is_harmful;
use super::super::samples::{self, Closed, Shared, micros};
use super::super::{Format, ReadLine, open};
use super::*;
use crate::error::Error;

fn settings() -> Settings {
    Settings {
        format: Format::Text,
        verbose: true,
        colours: false,
        error_colours: false,
        live: false,
        width: 80,
        interactive: false,
        pause: None,
    }
}

fn nobody() -> ReadLine {
    Box::new(|_| Ok(0))
}

/// What stands on both streams after these events.
fn both(settings: Settings, events: &[Event]) -> (String, String) {
    let (output, errors) = (Shared::default(), Shared::default());
    let streams = Streams { output: Box::new(output.clone()), errors: Box::new(errors.clone()), input: nobody() };
    let mut audience = open(settings, streams);
    for event in events {
        audience.show(event).unwrap();
    }
    (output.text(), errors.text())
}

fn shown(events: &[Event]) -> String {
    both(settings(), events).0
}

#[test]
fn no_line_is_longer_than_80_columns() {
    let is_log = |event: &Event| matches!(event, Event::Worker(_) | Event::Report(_));
    let (logged, events): (Vec<_>, Vec<_>) = samples::events().into_iter().partition(is_log);
    let (output, errors) = both(settings(), &events);
    let (drawn, _) = both(Settings { live: true, ..settings() }, &logged);
    let drawn: String = drawn.replace("\r\u{1b}[2K", "\n");
    for line in drawn.lines() {
        assert!(line.width() <= 80, "{line:?} has {} columns", line.width());
    }
    // An address is kept whole, so that it can be copied.
    let is_address = |line: &str| line.trim_start().starts_with("https://");
    for line in output.lines().chain(errors.lines()).filter(|line| !is_address(line)) {
        assert!(line.width() <= 80, "{line:?} has {} columns", line.width());
    }
}

#[test]
fn nothing_that_comes_from_outside_acts_on_the_terminal() {
    let settings = [settings(), Settings { live: true, ..settings() }];
    for (event, settings) in samples::hostile().iter().flat_map(|event| settings.clone().map(|how| (event, how))) {
        let (output, errors) = both(settings, std::slice::from_ref(event));
        let text = output + &errors;
        let acting: Vec<_> = text.chars().filter(|character| is_harmful(*character) && *character != '\n').collect();
        assert!(acting.is_empty(), "{acting:?} in {text}");
        // It is shown, not swallowed. A table may break it between any two characters.
        let joined: String = text.chars().filter(|character| !" \n│┆".contains(*character)).collect();
        assert!(joined.contains("x\\x1b[2J"), "{text}");
    }
}

#[test]
fn colours_are_used_and_say_nothing_that_words_do_not() {
    let coloured = Settings { colours: true, error_colours: true, ..settings() };
    let (output, errors) = both(coloured, &samples::events());
    let (plain_output, plain_errors) = both(settings(), &samples::events());
    assert!(output.contains("\u{1b}[32mHIT\u{1b}[0m") && errors.contains("\u{1b}[31merror:\u{1b}[0m"));
    let stripped = |text: &str| dialoguer::console::strip_ansi_codes(text).into_owned();
    assert_eq!((stripped(&output), stripped(&errors)), (plain_output.clone(), plain_errors.clone()));
    assert!(!plain_output.contains('\u{1b}') && !plain_errors.contains('\u{1b}'));
}

#[test]
fn a_closed_pipe_is_told_apart_and_a_closed_error_stream_changes_nothing() {
    let streams = Streams { output: Box::new(Closed), errors: Box::new(Closed), input: nobody() };
    let mut audience = open(settings(), streams);
    assert!(matches!(audience.show(&Event::Start(samples::start())), Err(Error::OutputClosed)));
    assert!(matches!(audience.show_sent(&[samples::hop()]), Err(Error::OutputClosed)));
    assert!(audience.show(&Event::Error(samples::error())).is_ok());
}

#[test]
fn hops_are_for_the_verbose_and_for_those_who_ask() {
    let quiet = Settings { verbose: false, ..settings() };
    let output = Shared::default();
    let streams = Streams { output: Box::new(output.clone()), errors: Box::new(Closed), input: nobody() };
    let mut audience = open(quiet, streams);
    audience.show(&Event::Hop(samples::hop())).unwrap();
    assert_eq!(output.text(), "");
    audience.show_sent(&[samples::hop()]).unwrap();
    assert_eq!(output.text(), shown(&[Event::Hop(samples::hop())]));
}

#[tokio::test]
async fn nobody_is_asked_unless_interactive() {
    let streams = |errors: &Shared| Streams {
        output: Box::new(Shared::default()),
        errors: Box::new(errors.clone()),
        input: Box::new(|line| {
            line.push_str("d\n");
            Ok(2)
        }),
    };
    let errors = Shared::default();
    let paced = Settings { pause: Some(micros(1)), ..settings() };
    let mut audience = open(paced, streams(&errors));
    assert_eq!(audience.pause("[STEP 2] Second read").await.unwrap(), Choice::Next);
    assert_eq!(errors.text(), "");
    let mut audience = open(Settings { interactive: true, ..settings() }, streams(&errors));
    assert_eq!(audience.pause("[STEP 2] Second read").await.unwrap(), Choice::ShowRow);
    assert!(errors.text().starts_with("\nnext: [STEP 2] Second read\n[Enter] next"));
}

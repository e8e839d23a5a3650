//! What a person sees and types: the stops of a walk-through, the menu, colours and widths.
//!
//! Each is read from a pseudo-terminal, because none of it exists anywhere else.

use nix::sys::signal::Signal;
use unicode_width::UnicodeWidthStr as _;

use crate::support::server::Kind;
use crate::support::stack::{OFFER, SCRIPTS, Stack, stop};
use crate::support::terminal::Terminal;

const ESC: &str = "\u{1b}";
const DOWN: &str = "\u{1b}[B";

/// Text without the sequences that colour it and move the cursor.
fn plain(shown: &str) -> String {
    let mut text = String::new();
    let mut characters = shown.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            characters.find(char::is_ascii_alphabetic);
        } else {
            text.push(character);
        }
    }
    text
}

/// Answers a stop, waits for the offer to come again, and gives what was shown in between.
fn answered(terminal: &mut Terminal, answer: &str) -> String {
    let before = terminal.transcript().len();
    terminal.send_line(answer);
    terminal.expect(OFFER);
    plain(&terminal.transcript()[before..])
}

#[test]
fn each_offer_of_a_stop_shows_what_it_names() {
    let Some(stack) = Stack::with_cache(Kind::Redis) else { return };
    let mut terminal = stack.at_stop("write-through", 1);
    let shown = answered(&mut terminal, "s");
    assert!(shown.contains("nothing was sent"), "{shown}");
    let shown = answered(&mut terminal, "c");
    assert!(shown.contains("Cache entry flight:1 · MISS"), "{shown}");
    let shown = answered(&mut terminal, "l");
    assert!(shown.contains("flight_log has no row of flight 1"), "{shown}");
    // Every answer asks for the same step again.
    assert!(shown.contains("next: [STEP 1]"), "{shown}");

    terminal.send_line("");
    stop(&mut terminal, 2);
    let shown = answered(&mut terminal, "c");
    assert!(
        shown.contains("Cache entry flight:1 · HIT") && shown.contains("Departure:    2025-11-20T10:00"),
        "{shown}"
    );
    let shown = answered(&mut terminal, "s");
    assert!(shown.contains("SET flight:1") || shown.contains("GET flight:1"), "{shown}");
    assert!(shown.contains("FROM flight f"), "{shown}");

    terminal.send_line("");
    stop(&mut terminal, 3);
    terminal.send_line("");
    stop(&mut terminal, 4);
    let shown = answered(&mut terminal, "d");
    assert!(shown.contains("Database row of flight 1") && shown.contains("Departure:    2025-11-20T12:00"), "{shown}");
    let shown = answered(&mut terminal, "c");
    assert!(shown.contains("Departure:    2025-11-20T12:00"), "{shown}");
    let shown = answered(&mut terminal, "l");
    assert!(shown.contains("by cachedemo") && shown.contains("→ 2025-11-20 12:00"), "{shown}");
    let shown = answered(&mut terminal, "s");
    assert!(shown.contains("UPDATE flight") && shown.contains("COMMIT"), "{shown}");

    // What nobody understands changes nothing, and the offer stands again.
    terminal.send_line("what?");
    terminal.expect(OFFER);
    terminal.send_line("q");
    assert_eq!(terminal.wait(), 0, "{}", terminal.transcript());
    assert!(!terminal.transcript().contains("[STEP 5] "), "{}", terminal.transcript());
}

#[test]
fn the_end_of_the_input_quits_and_puts_the_flight_back() {
    let stack = Stack::embedded();
    let original = stack.times(1);
    let mut terminal = stack.at_stop("write-through", 4);
    terminal.send("\u{4}");
    assert_eq!(terminal.wait(), 0, "{}", terminal.transcript());
    stack.assert_unharmed(&original, "after Ctrl-D");
}

fn menu(stack: &Stack) -> Terminal {
    let mut terminal = Terminal::open(&stack.command(&[]), 100, 30);
    terminal.expect("Which pattern?");
    terminal.expect("write-behind");
    terminal
}

#[test]
fn the_menu_takes_a_pattern_and_a_flight_that_was_searched_for() {
    let stack = Stack::embedded();
    let airport = stack.sql(
        "SELECT airport.iata FROM flight JOIN airport ON airport.airport_id = flight.\"from\" WHERE flight_id = 7",
    );
    let mut terminal = menu(&stack);
    // Behind cache-aside and read-through.
    terminal.send(DOWN);
    terminal.send(DOWN);
    terminal.send("\r");
    terminal.expect("Which flight?");
    terminal.send_line(&airport);
    terminal.expect("Which of these?");
    terminal.expect(airport.as_str());
    terminal.expect("search again");
    terminal.send("\r");
    stop(&mut terminal, 1);
    assert!(plain(&terminal.transcript()).contains("WRITE-THROUGH CACHE PATTERN DEMO"), "{}", terminal.transcript());
    terminal.send_line("");
    stop(&mut terminal, 2);
    let shown = plain(&terminal.transcript());
    assert!(shown.contains(&format!("Route:        {airport} →")), "{shown}");
    terminal.send_line("q");
    assert_eq!(terminal.wait(), 0);
}

#[test]
fn enter_in_the_menu_takes_flight_1() {
    let stack = Stack::embedded();
    let mut terminal = menu(&stack);
    terminal.send("\r");
    terminal.expect("Which flight?");
    terminal.send("\r");
    stop(&mut terminal, 1);
    terminal.send_line("");
    stop(&mut terminal, 2);
    let shown = plain(&terminal.transcript());
    assert!(shown.contains("CACHE-ASIDE CACHE PATTERN DEMO") && shown.contains("Flight ID:    1\r"), "{shown}");
    terminal.send_line("q");
    assert_eq!(terminal.wait(), 0);
}

#[test]
fn the_menu_is_left_with_escape_with_ctrl_c_and_with_a_signal() {
    let stack = Stack::embedded();
    let mut terminal = menu(&stack);
    terminal.send(ESC);
    assert_eq!(terminal.wait(), 0, "{}", terminal.transcript());

    // In the list, and in the line that is typed.
    for (is_typing, is_pressed) in [(false, true), (true, true), (false, false), (true, false)] {
        let mut probe = Terminal::open(&stack.shell("echo ready; read -r _; exec \"$0\""), 100, 30);
        probe.expect("ready");
        let modes = probe.modes();
        probe.send("\r");
        probe.expect("Which pattern?");
        probe.expect("write-behind");
        if is_typing {
            probe.send("\r");
            probe.expect("Which flight?");
        }
        if is_pressed {
            probe.interrupt();
        } else {
            probe.signal(Signal::SIGTERM);
        }
        assert_eq!(probe.wait(), 130, "{}", probe.transcript());
        let transcript = probe.transcript();
        let (hidden, shown) = (transcript.rfind("\u{1b}[?25l"), transcript.rfind("\u{1b}[?25h"));
        assert!(hidden <= shown, "the cursor stays hidden: {transcript:?}");
        assert_eq!(probe.modes(), modes, "the terminal is not as it was");
    }
}

#[test]
fn without_a_terminal_there_is_no_menu_and_nobody_is_asked() {
    let stack = Stack::embedded();
    let output = stack.run(&[]);
    assert_eq!(output.code, Some(2), "{output:?}");
    assert!(output.stderr.contains("no command was given") && output.stderr.contains("hint:"), "{}", output.stderr);
    let output = stack.run(&["write-through", "-i"]);
    assert_eq!(output.code, Some(0), "{output:?}");
    assert!(!output.stderr.contains("[Enter]") && output.stdout.contains("[STEP 6]"), "{output:?}");
}

#[test]
fn colours_are_for_terminals_that_want_them() {
    let stack = Stack::embedded();
    let shown = |variable: Option<(&str, &str)>| {
        let mut command = stack.command(&["write-through", "--verbose"]);
        if let Some((name, value)) = variable {
            command = command.env(name, value);
        }
        let mut terminal = Terminal::open(&command, 100, 30);
        assert_eq!(terminal.wait(), 0, "{}", terminal.transcript());
        terminal.transcript()
    };
    assert!(shown(None).contains("\u{1b}[32m"), "there is no green in a terminal");
    assert!(!shown(Some(("NO_COLOR", "1"))).contains(ESC));
    assert!(!shown(Some(("TERM", "dumb"))).contains(ESC));
    let piped = stack.run(&["write-through", "--verbose"]);
    assert!(!piped.stdout.contains(ESC) && !piped.stderr.contains(ESC), "{}", piped.stdout);
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    let stack = Stack::embedded();
    for script in SCRIPTS {
        for verbose in [false, true] {
            let arguments: &[&str] = if verbose { &[script.pattern, "-i", "-v"] } else { &[script.pattern, "-i"] };
            let mut terminal = Terminal::open(&stack.command(arguments), 80, 24);
            for step in 1..=script.steps {
                stop(&mut terminal, step);
                for answer in ["c", "d", "l", "s"] {
                    answered(&mut terminal, answer);
                }
                terminal.send_line("");
            }
            assert_eq!(terminal.wait(), 0, "{}", terminal.transcript());
            for line in plain(&terminal.transcript()).split(['\n', '\r']) {
                // The home of this test is no longer than somebody's own.
                assert!(line.width() <= 80 || line.contains(".sqlite3"), "{} columns: {line}", line.width());
            }
        }
    }
}

#[test]
fn a_pause_goes_on_by_itself() {
    let stack = Stack::embedded();
    let mut terminal = Terminal::open(&stack.command(&["write-behind", "--pause", "10ms"]), 100, 30);
    assert_eq!(terminal.wait(), 0, "{}", terminal.transcript());
    let shown = plain(&terminal.transcript());
    assert!(shown.contains("[STEP 9]") && !shown.contains("[Enter]"), "{shown}");
}

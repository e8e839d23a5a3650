//! In a terminal: purging asks and drops nothing without an answer, and a drain's bar is gone before anything else is written.

use super::depot::Depot;
use crate::scene::of;
use crate::support::terminal::Terminal;

const QUESTION: &str = "Drop 1 dead letter for good?";

fn letters(depot: &Depot) -> usize {
    of(&depot.events("write-behind queue dead-letters list", 0), "dead_letter").count()
}

pub(super) fn before_a_purge() {
    let Some(depot) = Depot::start(None, None) else { return };
    depot.enqueue(&[(50, 1)]);
    depot.stack.sql("DELETE FROM flight WHERE flight_id = 50");
    depot.events("write-behind drain", 1);
    let purge = || {
        let mut terminal = Terminal::open(&depot.command("write-behind queue dead-letters purge --all"), 80, 24);
        terminal.expect(QUESTION);
        terminal
    };
    for (answer, code) in [("n", 0), ("\u{3}", 130), ("y", 0)] {
        let mut terminal = purge();
        terminal.send(answer);
        assert_eq!(terminal.wait(), code, "{answer:?}");
        assert_eq!(letters(&depot), usize::from(answer != "y"), "{answer:?}");
    }
}

pub(super) fn below_a_bar() {
    let Some(depot) = Depot::start(None, None) else { return };
    depot.enqueue(&[(49, 1), (50, 1)]);
    depot.stack.sql("DELETE FROM flight WHERE flight_id = 50");
    let mut terminal = Terminal::open(&depot.command("write-behind drain"), 80, 24);
    assert_eq!(terminal.wait(), 1);
    let transcript = terminal.transcript();
    let (bar, rest) = transcript.rsplit_once(" of 2, ").unwrap_or_else(|| panic!("there was no bar: {transcript:?}"));
    let shown = rest.find("the update of flight 50").unwrap_or_else(|| panic!("{transcript:?}"));
    assert!(
        bar.contains("updates [") && rest[..shown].contains("\u{1b}[2K"),
        "it is written behind the bar: {transcript:?}"
    );
}

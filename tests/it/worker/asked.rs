//! Purging asks where somebody can answer, and drops nothing without an answer.

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

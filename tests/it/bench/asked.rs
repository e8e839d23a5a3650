//! The question before flights are moved, and what is shown meanwhile, on a terminal.

use cachedemo::bench::Subject;

use super::ground::flights;
use super::put_back::unharmed;
use crate::support::stack::Stack;
use crate::support::terminal::Terminal;

const LINE: [&str; 9] = ["bench", "--workload", "a", "--keys", "20", "--operations", "200", "--warmup", "0s"];

#[test]
fn whoever_says_no_has_changed_nothing() {
    let stack = Stack::embedded();
    let before = flights(&stack);
    let rows = stack.sql("SELECT concat('', COUNT(*)) FROM flight_log");
    for (answer, code) in [("n", 0), ("\r", 0), ("\u{3}", 130)] {
        let mut terminal = Terminal::open(&stack.command(&LINE), 100, 40);
        terminal.expect("it moves the first 20 flights by a century and puts them back");
        terminal.expect("Go on?");
        terminal.send(answer);
        assert_eq!(terminal.wait(), code, "{answer:?}: {}", terminal.transcript());
        assert_eq!(stack.sql("SELECT concat('', COUNT(*)) FROM flight_log"), rows, "{answer:?}");
        assert_eq!(flights(&stack), before, "{answer:?}");
    }
}

#[test]
fn whoever_says_yes_sees_a_bar_for_each_subject() {
    let stack = Stack::embedded();
    let before = flights(&stack);
    for colours in [true, false] {
        let mut command = stack.command(&LINE);
        if !colours {
            command = command.env("NO_COLOR", "1");
        }
        let mut terminal = Terminal::open(&command, 80, 30);
        terminal.expect("Go on?");
        terminal.send("y");
        for subject in Subject::all() {
            terminal.expect(&format!("{:14} [", subject.name()));
        }
        terminal.expect("flights are back as they were");
        assert_eq!(terminal.wait(), 0, "{}", terminal.transcript());
        unharmed(&stack, &before, "after yes");
    }
}

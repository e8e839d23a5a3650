//! The commands of write-behind: an update that is waited for or sent again, and the dead letters.

use super::*;
use crate::queue::LetterId;

pub(super) fn write_behind(line: &str) -> WriteBehindAction {
    match parsed(&format!("cachedemo write-behind {line}")).command {
        Some(Command::WriteBehind(pattern)) => pattern.action(),
        other => panic!("{line}: {other:?}"),
    }
}

fn queued(flags: &str) -> QueuedUpdate {
    match write_behind(&format!("update {flags}")) {
        WriteBehindAction::Every(Action::Update(queued)) => queued,
        other => panic!("{flags}: {other:?}"),
    }
}

#[test]
fn a_queued_update_can_be_waited_for() {
    let wait = |flags: &str| queued(flags).wait.map(|wait| wait.as_millis());
    assert_eq!(wait("--delay 2h"), None);
    for (flags, milliseconds) in [
        ("--wait", 30_000),
        ("--wait=2m", 120_000),
        ("--wait 2m", 120_000),
        ("--wait=500ms", 500),
        ("--wait 0s", 0),
        // A flag behind it is not taken for how long.
        ("--wait --flight-id 7", 30_000),
        ("--wait -v", 30_000),
        ("--wait --delay -30m --flight-id 7", 30_000),
    ] {
        let delay = if flags.contains("--delay") { "" } else { "--delay 2h" };
        assert_eq!(wait(&format!("{delay} {flags}")), Some(milliseconds), "{flags}");
        assert_eq!(wait(&format!("{flags} {delay}")), Some(milliseconds), "{flags}");
    }
    let update = queued("--wait --delay 2h --flight-id 7 --user Ada_Lovelace").update;
    assert_eq!((update.flight_id.number(), update.user.as_str()), (7, "Ada Lovelace"));
    for wrong in ["=soon", " soon", "=30", " 30", "=-5s", "=", "=1s1", "=99999999999999999999y"] {
        let message = refused(&format!("cachedemo write-behind update --delay 2h --wait{wrong}"));
        assert!(message.contains("--wait") && message.contains("--wait 30s"), "{wrong}: {message}");
    }
    refused("cachedemo write-behind update --delay 2h --wait -5s");
    refused("cachedemo write-behind update --wait");
}

#[test]
fn a_queued_update_can_be_sent_again_under_its_id() {
    assert_eq!(queued("--delay 2h").id, None);
    let longest = "x".repeat(64);
    for id in ["4f1c09", "a-b.C", "0", &longest] {
        assert_eq!(queued(&format!("--delay 2h --id {id}")).id.as_deref(), Some(id));
    }
    let long = "x".repeat(65);
    // The id becomes part of a key, and part of what an operator types.
    for wrong in ["_", "a_b", "a/b", "a:b", "a*", "ä", "a\u{1b}[2J", &long] {
        let message = refused(&format!("cachedemo write-behind update --delay 2h --id {wrong}"));
        assert!(message.contains("--id") && message.contains("1 to 64 letters"), "{wrong}: {message}");
    }
    assert!(super::super::value::update_id("").is_err() && super::super::value::update_id("a_b").is_ok());
}

#[test]
fn only_a_queued_update_has_an_id_and_is_waited_for() {
    for pattern in ["cache-aside", "write-through"] {
        for flag in ["--wait", "--wait=2m", "--id x"] {
            let message = refused(&format!("cachedemo {pattern} update --delay 2h {flag}"));
            assert!(message.contains("unexpected argument"), "{pattern} {flag}: {message}");
        }
        for command in ["worker", "drain", "queue status"] {
            refused(&format!("cachedemo {pattern} {command}"));
        }
    }
    refused("cachedemo write-behind get --wait");
    refused("cachedemo write-behind run --id x");
}

fn dead_letters(line: &str) -> DeadLetters {
    match write_behind(&format!("queue dead-letters {line}")) {
        WriteBehindAction::Queue(Queue::DeadLetters(command)) => command,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn the_queue_and_its_dead_letters_have_commands() {
    assert!(matches!(write_behind("queue status"), WriteBehindAction::Queue(Queue::Status)));
    for (flags, expected) in [("", 100), ("--limit 5", 5), ("--limit=1", 1), ("--limit 1000000", 1_000_000)] {
        let DeadLetters::List { limit } = dead_letters(&format!("list {flags}")) else { panic!("{flags}") };
        assert_eq!(limit, expected, "{flags}");
    }
    for wrong in ["0", "-1", "x", "1000001", "1.5", "_"] {
        let message = refused(&format!("cachedemo write-behind queue dead-letters list --limit {wrong}"));
        assert!(message.contains("--limit") && message.contains("write it like 20"), "{wrong}: {message}");
    }
}

#[test]
fn dead_letters_are_named_or_all_are_meant() {
    let id = |text: &str| text.parse::<LetterId>().unwrap();
    let which = |line: &str| match dead_letters(line) {
        DeadLetters::Replay { which } => (which, None),
        DeadLetters::Purge { which, yes } => (which, Some(yes)),
        DeadLetters::List { .. } => panic!("{line}"),
    };
    let (letters, _) = which("replay 1763640000000-0 3/7-0");
    assert_eq!((letters.ids, letters.all), (vec![id("1763640000000-0"), id("3/7-0")], false));
    let (letters, _) = which("replay --all");
    assert_eq!((letters.ids, letters.all), (vec![], true));
    for (line, all, expected) in [
        ("purge --all --yes", true, true),
        ("purge -y --all", true, true),
        ("purge --all", true, false),
        ("purge 7-0 --yes", false, true),
        ("purge 7-0", false, false),
    ] {
        let (letters, yes) = which(line);
        assert_eq!((letters.all, letters.ids.is_empty(), yes), (all, all, Some(expected)), "{line}");
    }
    for command in ["replay", "purge", "purge --yes"] {
        // Nobody drops or replays everything by leaving something out.
        let message = refused(&format!("cachedemo write-behind queue dead-letters {command}"));
        assert!(message.contains("<ID|--all>") && message.contains(&format!("dead-letters {command}")), "{message}");
        let message = refused(&format!("cachedemo write-behind queue dead-letters {command} 7-0 --all"));
        assert!(message.contains("--all") && message.contains("cannot be used with"), "{message}");
        for wrong in ["x", "7", "7-", "-7", "7-0-0", "x/7-0", "3/", "7-0,8-0", "18446744073709551616-0", "_"] {
            let line = format!("cachedemo write-behind queue dead-letters {command} {wrong}");
            let message = refused(&line);
            // What begins with a hyphen is taken for a flag.
            let told = if wrong.starts_with('-') { "unexpected argument" } else { "such as 1763640000000-0" };
            assert!(message.contains(told), "{line}: {message}");
        }
    }
    refused("cachedemo write-behind queue dead-letters list --all");
    refused("cachedemo write-behind queue dead-letters replay --all --yes");
}

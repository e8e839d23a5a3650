//! What the command line accepts, what it refuses, and how it says so.
//!
//! Everything refused here must end with exit code 2, name its flag and show a right example.

mod bench;
mod claims;
mod faults;
mod outage;
mod queue;
mod tuning;

use chrono::{NaiveDate, TimeDelta};
use secrecy::ExposeSecret;

use self::queue::write_behind;
use super::*;
use crate::flight::FlightId;

fn parsed(line: &str) -> Cli {
    parse(words(line)).unwrap_or_else(|error| panic!("{line}: {error}"))
}

fn refused(line: &str) -> String {
    let error = parse(words(line)).map(|cli| format!("{cli:?}")).expect_err(line);
    assert_eq!(error.exit_code(), 2, "{line}");
    error.to_string()
}

/// The words of a line; `_` stands for a blank within a word.
fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(|word| word.replace('_', " ")).collect()
}

fn action(line: &str) -> Action {
    match parsed(line).command {
        Some(command) if command.pattern().is_some() => command.pattern().unwrap().clone().action(),
        Some(Command::WriteBehind(pattern)) => match pattern.action() {
            WriteBehindAction::Every(Action::Run(run)) => Action::Run(run),
            WriteBehindAction::Every(Action::Get(get)) => Action::Get(get),
            WriteBehindAction::Every(Action::Update(queued)) => Action::Update(queued.update),
            WriteBehindAction::Every(Action::Verify(verify)) => Action::Verify(verify),
            other => panic!("{line}: {other:?}"),
        },
        other => panic!("{line}: {other:?}"),
    }
}

fn run(line: &str) -> Run {
    match action(line) {
        Action::Run(run) => run,
        other => panic!("{line}: {other:?}"),
    }
}

fn update(line: &str) -> Update {
    match action(line) {
        Action::Update(update) => update,
        other => panic!("{line}: {other:?}"),
    }
}

fn verify(line: &str) -> Verify {
    match action(line) {
        Action::Verify(verify) => verify,
        other => panic!("{line}: {other:?}"),
    }
}

#[test]
fn the_description_is_consistent() {
    <Cli as clap::CommandFactory>::command().debug_assert();
    command().debug_assert();
}

#[test]
fn a_walk_through_is_the_default_action() {
    for line in ["cachedemo write-through --flight-id 1", "cachedemo cache-aside", "cachedemo write-behind run"] {
        let run = run(line);
        assert_eq!((run.flight_id.number(), run.delay, run.pause), (1, TimeDelta::hours(2), None), "{line}");
        assert!(!run.interactive && !run.verbose && !run.flush, "{line}");
    }
    let long = run("cachedemo write-behind run --interactive --verbose --flush --pause 500ms");
    assert!(long.interactive && long.verbose && long.flush);
    assert_eq!(long.pause, Some(std::time::Duration::from_millis(500)));
    let short = run("cachedemo write-behind run -i -v -f --flight-id 115");
    assert!(short.interactive && short.verbose && short.flush);
    assert_eq!(short.flight_id.number(), 115);
    assert!(run("cachedemo write-behind -ivf").interactive);
}

#[test]
fn the_other_commands_are_understood() {
    assert!(parsed("cachedemo").command.is_none());
    assert!(matches!(action("cachedemo cache-aside get --flight-id 7 -v"), Action::Get(Get { verbose: true, .. })));
    assert!(matches!(parsed("cachedemo doctor").command, Some(Command::Doctor)));
    let db = |line| match parsed(line).command {
        Some(Command::Db(db)) => db,
        other => panic!("{other:?}"),
    };
    assert_eq!(db("cachedemo db init"), Db::Init { flights: 1000 });
    assert_eq!(db("cachedemo db init --flights 10000000"), Db::Init { flights: 10_000_000 });
    assert_eq!(db("cachedemo db status"), Db::Status);
    for (line, is_worker, is_verbose) in [
        ("worker", true, false),
        ("worker --verbose", true, true),
        ("worker --queue-batch-size 500 -v", true, true),
        ("drain", false, false),
        ("drain -v", false, true),
    ] {
        let cli = parsed(&format!("cachedemo write-behind {line}"));
        assert_eq!(cli.manner(), Manner { verbose: is_verbose, ..Manner::default() }, "{line}");
        match write_behind(line) {
            WriteBehindAction::Worker(work) if is_worker => assert_eq!(work.verbose, is_verbose),
            WriteBehindAction::Drain(work) if !is_worker => assert_eq!(work.verbose, is_verbose),
            other => panic!("{line}: {other:?}"),
        }
    }
}

#[test]
fn a_command_that_wants_another_behind_it_names_them() {
    for (line, usage, names) in [
        ("db", "cachedemo db [OPTIONS] <COMMAND>", "init, status"),
        ("write-behind queue", "cachedemo write-behind queue [OPTIONS] <COMMAND>", "status, dead-letters"),
        (
            "write-behind queue dead-letters",
            "cachedemo write-behind queue dead-letters [OPTIONS] <COMMAND>",
            "list, replay, purge",
        ),
    ] {
        let error = parse(words(&format!("cachedemo {line}"))).map(|_| ()).expect_err(line);
        let (message, hint) = explain(&error);
        assert_eq!(message, format!("a command is missing: {usage}"));
        assert_eq!(hint, format!("<COMMAND> is one of: {names}; '--help' describes each"));
        assert_eq!(error.exit_code(), 2);
    }
}

#[test]
fn an_update_has_a_delay_or_times() {
    let at = |hour, second| NaiveDate::from_ymd_opt(2025, 11, 20).unwrap().and_hms_opt(hour, 0, second).unwrap();
    let change = |flags: &str| update(&format!("cachedemo write-through update {flags}")).change();
    for (text, delay) in [
        ("2h", TimeDelta::hours(2)),
        ("+90m", TimeDelta::minutes(90)),
        ("1h30m", TimeDelta::minutes(90)),
        ("-30m", TimeDelta::minutes(-30)),
    ] {
        assert_eq!(change(&format!("--delay {text}")), Change::Delay(delay));
        assert_eq!(change(&format!("--delay={text}")), Change::Delay(delay));
    }
    let (departure, arrival) = (Some(at(12, 0)), Some(at(20, 1)));
    let both = change("--departure 2025-11-20T12:00 --arrival 2025-11-20_20:00:01");
    assert_eq!(both, Change::Times { departure, arrival });
    assert_eq!(change("--departure 2025-11-20_12:00"), Change::Times { departure, arrival: None });
    assert_eq!(change("--arrival 2025-11-20T20:00:01"), Change::Times { departure: None, arrival });
    let update = update("cachedemo cache-aside update --delay 2h --comment -2h_for_fog");
    assert_eq!((update.user.as_str(), update.comment.as_deref()), ("cachedemo", Some("-2h for fog")));
    let message = refused("cachedemo cache-aside update --flight-id 1");
    assert!(message.contains("--delay") && message.contains("--departure"), "{message}");
    refused("cachedemo cache-aside update --delay 2h --arrival 2025-11-20T12:00");
    refused("cachedemo cache-aside update --departure 2025-11-20T12:00 --delay 2h");
}

#[test]
fn a_comparison_has_one_scope() {
    let id = |number: i64| FlightId::try_from(number).unwrap();
    let scope = |flags: &str| verify(&format!("cachedemo write-behind verify {flags}")).scope();
    assert_eq!(scope(""), Scope::One(id(1)));
    assert_eq!(scope("--flight-id 5"), Scope::One(id(5)));
    assert_eq!(scope("--from 2 --to 2"), Scope::Range { first: id(2), last: id(2) });
    assert_eq!(scope("--all"), Scope::Cached);
    for flags in ["--from 1", "--to 1", "--all --from 1 --to 2", "--flight-id 1 --all", "--flight-id 1 --from 1 --to 2"]
    {
        refused(&format!("cachedemo write-behind verify {flags}"));
    }
    for pattern in ["cache-aside", "write-through", "write-behind"] {
        let message = refused(&format!("cachedemo {pattern} verify --from 9 --to 3"));
        assert!(message.contains("--from 3 --to 9"), "{message}");
    }
}

#[test]
fn a_wrong_value_is_refused_with_its_flag_and_an_example() {
    let long = "x".repeat(201);
    let user = format!("cache-aside update --delay 2h --user {}", "ü".repeat(101));
    let comment = format!("cache-aside update --delay 2h --comment {long}");
    let update = "cache-aside update";
    for (line, flag, example) in [
        ("write-through --flight-id 0", "--flight-id", "115"),
        ("write-through --flight-id -5", "--flight-id", "not -5; write it like 115"),
        ("write-through run --flight-id 2147483648", "--flight-id", "115"),
        ("write-through get --flight-id one", "--flight-id", "115"),
        ("write-through verify --from -1 --to 2", "--from", "115"),
        ("write-through --delay -1x", "--delay", "-30m"),
        ("write-through --delay 2", "--delay", "1h30m"),
        ("write-through --delay 300000000000y", "--delay", "1h30m"),
        ("write-through --pause soon", "--pause", "500ms"),
        ("write-through --pause -1s", "--pause", "500ms"),
        (&format!("{update} --departure tomorrow"), "--departure", "2025-11-20T12:00"),
        (&format!("{update} --departure 2025-02-30T12:00"), "--departure", "2025-11-20T12:00"),
        (&format!("{update} --departure 0999-12-31T12:00"), "--departure", "year"),
        (&format!("{update} --arrival 2025-11-20T23:59:60"), "--arrival", "2025-11-20T12:00"),
        (&format!("{update} --delay 2h --user _"), "--user", "--user 'Ada Lovelace'"),
        (&user, "--user", "at most 100 characters, not 101"),
        (&comment, "--comment", "at most 200 characters, not 201"),
        ("db init --flights 0", "--flights", "5000"),
        ("db init --flights -1", "--flights", "5000"),
        ("db init --flights 10000001", "--flights", "5000"),
    ] {
        let message = refused(&format!("cachedemo {line}"));
        assert!(message.contains(flag) && message.contains(example), "{line}: {message}");
    }
    // Characters, not bytes.
    assert_eq!(super::value::user(&"ü".repeat(100)).unwrap().len(), 200);
    assert!(super::value::comment(&"ü".repeat(200)).is_ok());
}

#[test]
fn flags_before_another_action_are_not_lost_in_silence() {
    let message = refused("cachedemo write-through --flight-id 5 verify");
    assert!(message.contains("cachedemo write-through verify --flight-id"), "{message}");
    refused("cachedemo write-behind -v drain");
    refused("cachedemo cache-aside --interactive run");
    // Those that every command takes may stand anywhere.
    let cli = parsed("cachedemo --db-host a write-through --format json --cache-engine redis get --db-port 1");
    assert_eq!(cli.format, Format::Json);
    let flags = cli.connection;
    let given = [flags.db_host, flags.cache_engine, flags.db_port].map(Option::unwrap);
    assert_eq!(given, ["a", "redis", "1"]);
}

#[test]
fn unknown_words_and_missing_values_are_refused() {
    for line in [
        "fly",
        "write-through fly",
        "db",
        "write-behind queue",
        "cache-aside drain",
        "--format xml doctor",
        "--db-port",
    ] {
        refused(&format!("cachedemo {line}"));
    }
}

#[test]
fn a_secret_is_in_no_debug_and_in_no_message() {
    let line =
        "cachedemo --db-password -hunter2 --cache-password hunter2 --database-url hunter2 --cache-url hunter2 doctor";
    let cli = parsed(line);
    assert!(!format!("{cli:?}").contains("hunter2"));
    assert_eq!(cli.connection.db_password.unwrap().expose_secret(), "-hunter2");
    for line in ["cachedemo --db-pasword=hunter2 doctor", "cachedemo --db-password hunter2 fly"] {
        assert!(!refused(line).contains("hunter2"), "{}", refused(line));
    }
}

#[test]
fn every_command_has_examples_of_its_own() {
    fn visit(command: &clap::Command, path: &str) {
        let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let lines: Vec<&str> = examples.lines().filter(|line| line.starts_with("  cachedemo ")).collect();
        assert!((1..=3).contains(&lines.len()), "{path}: {examples:?}");
        for line in lines {
            let line = line.split("   ").find(|part| part.contains("cachedemo")).unwrap();
            // As a shell does it: what stands in quotes is one word.
            let parts = line.split('\'').enumerate();
            let quoted: String = parts
                .map(|(index, part)| if index % 2 == 1 { part.replace(' ', "_") } else { part.to_owned() })
                .collect();
            let parsed = parse(words(&quoted));
            assert!(parsed.is_ok(), "{path}: {line}: {parsed:?}");
            let belongs = path == "cachedemo" || line.trim().starts_with(path);
            assert!(belongs, "{path}: {line}");
        }
        for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
            visit(below, &format!("{path} {}", below.get_name()));
        }
    }
    visit(&command(), "cachedemo");
}

#[test]
fn short_help_stays_short_and_long_help_is_complete() {
    let help = |line: &str| parse(words(line)).map(|_| ()).expect_err(line);
    let short = help("cachedemo write-through -h").to_string();
    assert!(!short.contains("--db-host") && short.contains("--flight-id"), "{short}");
    let long = help("cachedemo write-through --help").to_string();
    // It is wrapped to the width of whatever terminal the test runs in.
    let long = long.split_whitespace().collect::<Vec<_>>().join(" ");
    for name in crate::config::NAMES.into_iter().filter(|name| *name != "CACHEDEMO_HOME") {
        let flag = format!("--{} ", name.to_lowercase().replace('_', "-"));
        assert!(long.contains(&flag) && long.contains(&format!("[env: {name}]")), "{name}: {long}");
    }
    let top = help("cachedemo --help");
    assert_eq!(top.exit_code(), 0);
    let described = command().get_after_long_help().map(ToString::to_string).unwrap_or_default();
    // Where clap must wrap a line, its indentation is lost.
    assert!(described.lines().all(|line| line.len() <= 80), "{described}");
    let top = top.to_string();
    for part in ["Exit codes:", "  130  ", "CACHEDEMO_HOME", "Database:", "Cache:", "Queue:", "Examples:"] {
        assert!(top.contains(part), "{part}: {top}");
    }
}

//! From the words of a command line to [`Cli`], with the checks that derive cannot express.
//!
//! Everything that is wrong with a command line is found here, before anything is connected.

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches};

use super::{
    Action, AroundFlags, Cli, Command, Pattern, RefreshFlags, Run, Scope, Variant, WriteBehind, WriteBehindAction,
};

/// Stands for the pattern's own name in the examples of the actions that all patterns have.
const PATTERN: &str = "<pattern>";

/// The whole command line, described: for parsing, help, completions and the manual.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command().mut_subcommands(|pattern| {
        let name = pattern.get_name().to_owned();
        pattern.mut_subcommands(|action| match action.get_after_help().map(ToString::to_string) {
            Some(text) if text.contains(PATTERN) => action.after_help(text.replace(PATTERN, &name)),
            _ => action,
        })
    })
}

/// Reads a command line, of which the first word is the program's name.
///
/// # Errors
/// When it is wrong (its exit code is 2), or when it asks for help or the version (its exit code is 0).
pub fn parse(words: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Result<Cli, clap::Error> {
    let mut command = command();
    let matches = command.try_get_matches_from_mut(words)?;
    let cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))?;
    match misplaced(&matches)
        .or_else(|| idle(&matches))
        .or_else(|| backwards(&cli).map(|text| (ErrorKind::ValueValidation, text)))
    {
        Some((kind, text)) => Err(command.error(kind, text)),
        None => Ok(cli),
    }
}

/// What is wrong with a command line, and what to do about it: clap's paragraphs, as a message and its hint.
#[must_use]
pub fn explain(error: &clap::Error) -> (String, String) {
    let rendered = error.render().to_string();
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return incomplete(&rendered);
    }
    let on_one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut paragraphs = rendered.split("\n\n").map(on_one_line).filter(|text| !text.is_empty());
    let first = paragraphs.next().unwrap_or_default();
    let message = shortened(first.strip_prefix("error: ").unwrap_or(&first));
    (message, paragraphs.collect::<Vec<_>>().join("; "))
}

/// What is wrong with a command that wants another behind it: clap says it with the whole help.
fn incomplete(help: &str) -> (String, String) {
    let usage = help.lines().find_map(|line| line.strip_prefix("Usage: ")).unwrap_or_default();
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // Where a description is wrapped, its second line stands further to the right.
    let names: Vec<&str> = listed
        .filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let message = format!("a command is missing: {usage}");
    (message, format!("<COMMAND> is one of: {}; '--help' describes each", names.join(", ")))
}

/// A message that repeats a long value, without the middle of it: what is wrong stands at the end.
fn shortened(message: &str) -> String {
    const KEPT: usize = 200;
    let length = message.chars().count();
    if length <= 2 * KEPT {
        return message.to_owned();
    }
    let (first, last): (String, String) =
        (message.chars().take(KEPT).collect(), message.chars().skip(length - KEPT).collect());
    format!("{first} … {last}")
}

/// Whether words that are no command line ask for JSON all the same: then what is wrong with them is told in it.
#[must_use]
pub fn asks_for_json(words: &[OsString]) -> bool {
    words.iter().any(|word| word == "--format=json")
        || words.windows(2).any(|pair| pair[0] == "--format" && pair[1] == "json")
}

/// Flags of a walk-through before another action's name would be ignored: that is said instead. (clap's own check would also
/// refuse the flags that every command takes.)
fn misplaced(matches: &ArgMatches) -> Option<(ErrorKind, String)> {
    let (pattern, typed) = matches.subcommand()?;
    let (action, _) = typed.subcommand()?;
    let walk_through = Run::augment_args(clap::Command::new(PATTERN));
    let flag = walk_through.get_arguments().find(|flag| {
        let id = flag.get_id().as_str();
        typed.try_contains_id(id).is_ok() && typed.value_source(id) == Some(ValueSource::CommandLine)
    })?;
    let long = flag.get_long().unwrap_or_default();
    let text = format!("--{long} stands before '{action}'; write it after: cachedemo {pattern} {action} --{long} …");
    Some((ErrorKind::ArgumentConflict, text))
}

/// A flag that chooses a variant of the pattern, before or behind an action for which it makes no difference: it would be ignored.
fn idle(matches: &ArgMatches) -> Option<(ErrorKind, String)> {
    let (pattern, typed) = matches.subcommand()?;
    let (action, flags) = typed.subcommand()?;
    let (variants, actions) = match pattern {
        "write-around" => (AroundFlags::augment_args(clap::Command::new(PATTERN)), AroundFlags::ACTIONS),
        "refresh-ahead" => (RefreshFlags::augment_args(clap::Command::new(PATTERN)), RefreshFlags::ACTIONS),
        _ => return None,
    };
    if actions.contains(&action) {
        return None;
    }
    let is_typed = |flag: &&clap::Arg| flags.value_source(flag.get_id().as_str()) == Some(ValueSource::CommandLine);
    let flag = variants.get_arguments().find(is_typed)?;
    let long = flag.get_long().unwrap_or_default();
    let text = format!("--{long} makes no difference to '{action}'; leave it out");
    Some((ErrorKind::ArgumentConflict, text))
}

/// A range that ends before it begins would be empty, and everything in it would hold.
fn backwards(cli: &Cli) -> Option<String> {
    let command = cli.command.as_ref()?;
    let verify = match (command, command.pattern()) {
        (_, Some(Pattern { typed: Some(Action::Verify(verify)), .. })) => verify,
        (
            Command::WriteBehind(WriteBehind { typed: Some(WriteBehindAction::Every(Action::Verify(verify))), .. }),
            _,
        ) => verify,
        _ => return None,
    };
    match verify.scope() {
        Scope::Range { first, last } if first > last => {
            Some(format!("--from {first} is after --to {last}; write it like --from {last} --to {first}"))
        }
        _ => None,
    }
}

//! `completions` and `man`: the program described to a shell and as manual pages, from the same words as its help.
//!
//! They read no settings and call nobody: a shell that starts with a broken `.env` in its directory still completes.

use std::io;
use std::path::Path;

use clap_complete::Shell;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::cli::{self, Cli, Command, Completions};
use crate::demo::{Audience, Event, Level, Note};
use crate::error::{Error, Result};
use crate::output;

/// Runs the command if it is one of these.
pub(super) fn run(cli: &Cli, audience: &mut dyn Audience) -> Option<Result<()>> {
    let described = match &cli.command {
        Some(Command::Completions(typed)) => refuse(cli, true).and_then(|()| completions(*typed)),
        Some(Command::Man(cli::Man { dir: Some(dir) })) => refuse(cli, false).and_then(|()| pages(dir, audience)),
        Some(Command::Man(cli::Man { dir: None })) => refuse(cli, true).and_then(|()| page()),
        _ => return None,
    };
    Some(described)
}

/// A flag that does nothing would be a lie.
fn refuse(cli: &Cli, writes_text: bool) -> Result<()> {
    if let Some(fault) = cli.faults.faults.first() {
        let message = format!("--fault {} does not go with this command", fault.text());
        return Err(Error::usage(message, "it calls no server; leave it out"));
    }
    match cli.format {
        cli::Format::Json if writes_text => {
            Err(Error::usage("--format json does not go with this command", "its text is no event; leave it out"))
        }
        cli::Format::Json | cli::Format::Text => Ok(()),
    }
}

fn completions(Completions { shell }: Completions) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut cli::command(), "cachedemo", &mut script);
    if shell == Shell::Fish {
        script.extend(below_the_third(&cli::command(), &mut Vec::new()).into_bytes());
    }
    output::write_document(&script)
}

/// The names of commands that stand behind three others, such as `write-behind queue dead-letters list`: what is generated for
/// fish ends above them.
fn below_the_third<'a>(command: &'a clap::Command, before: &mut Vec<&'a str>) -> String {
    let mut lines = String::new();
    for below in command.get_subcommands() {
        if let [first, others @ ..] = before.as_slice()
            && others.len() >= 2
        {
            let seen: String = others.iter().map(|name| format!("; and __fish_seen_subcommand_from {name}")).collect();
            let about = below.get_about().map(ToString::to_string).unwrap_or_default().replace('\'', "\\'");
            let (when, name) = (format!("__fish_cachedemo_using_subcommand {first}{seen}"), below.get_name());
            lines.push_str(&format!("complete -c cachedemo -n \"{when}\" -f -a \"{name}\" -d '{about}'\n"));
        }
        before.push(below.get_name());
        lines.push_str(&below_the_third(below, before));
        before.pop();
    }
    lines
}

fn page() -> Result<()> {
    output::write_document(&rendered(&whole())?)
}

/// A page for each command, under the names by which `man` finds them: `cachedemo-db-init.1`.
fn pages(directory: &Path, audience: &mut dyn Audience) -> Result<()> {
    let failed = |path: &Path, cause: io::Error| Error::NotHeld {
        message: format!("cannot write {}: {cause}", path.display()),
        hint: "name a directory that can be written, such as --dir ~/.local/share/man/man1".into(),
    };
    std::fs::create_dir_all(directory).map_err(|cause| failed(directory, cause))?;
    let whole = whole();
    let (mut written, mut commands) = (0_u64, vec![&whole]);
    while let Some(command) = commands.pop() {
        commands.extend(command.get_subcommands());
        let path = directory.join(format!("{}.1", page_name(command)));
        std::fs::write(&path, rendered(command)?).map_err(|cause| failed(&path, cause))?;
        written += 1;
    }
    let text = format!("wrote {written} pages to {}", directory.display());
    audience.show(&Event::Note(Note { level: Level::Good, text }))
}

/// Every command with all that it takes. `help` is none of them: it repeats what the pages say.
fn whole() -> clap::Command {
    // What `-h` leaves out belongs into a manual.
    let mut whole = cli::command().disable_help_subcommand(true).mut_args(|flag| flag.hide_short_help(false));
    whole.build();
    whole
}

fn page_name(command: &clap::Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

fn rendered(command: &clap::Command) -> Result<Vec<u8>> {
    let mut page = Vec::new();
    let rendered = render(command, &mut page);
    rendered.map_err(|cause| Error::File { action: "render", path: "the manual page".into(), cause })?;
    Ok(page)
}

/// A page. What is laid out in lines already stays so: the usage, which is shorter than a list of all flags, and the examples.
fn render(command: &clap::Command, page: &mut Vec<u8>) -> io::Result<()> {
    let man = Man::new(command.clone()).source(concat!("cachedemo ", env!("CARGO_PKG_VERSION"))).manual("cachedemo");
    let usage = command.clone().render_usage().to_string();
    let lines = usage.trim_start_matches("Usage:").lines().map(str::trim);
    man.render_title(page)?;
    man.render_name_section(page)?;
    as_it_is("SYNOPSIS", lines, page)?;
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(page)?;
    }
    match command.get_after_long_help().or_else(|| command.get_after_help()) {
        Some(notes) => as_it_is("NOTES", notes.to_string().lines(), page),
        None => Ok(()),
    }
}

fn as_it_is<'a>(section: &str, lines: impl Iterator<Item = &'a str>, page: &mut Vec<u8>) -> io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", [section]).control("nf", []);
    for line in lines {
        roff.text([roman(line)]);
    }
    roff.control("fi", []);
    roff.to_writer(page)
}

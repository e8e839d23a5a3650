//! What describes the program: a completion script for each shell, and the manual pages.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use clap::CommandFactory;

use crate::scene::Scene;
use crate::support::command::{Cachedemo, Output};
use crate::support::programs;

const SHELLS: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];

/// Every command, as the words that are typed for it.
fn commands() -> Vec<Vec<String>> {
    fn below(command: &clap::Command, path: &[String], all: &mut Vec<Vec<String>>) {
        for below_it in command.get_subcommands() {
            let path = [path, &[below_it.get_name().to_owned()]].concat();
            all.push(path.clone());
            below(below_it, &path, all);
        }
    }
    let mut all = Vec::new();
    below(&cachedemo::cli::Cli::command(), &[], &mut all);
    assert!(all.len() > 25, "{all:?}");
    all
}

fn is_of_a_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '-'
}

/// Runs a program that is installed; `None` where it is not.
fn run(program: &str, arguments: &[&str]) -> Option<Output> {
    let program = programs::find(program)?;
    Some(Cachedemo::program(&program).args(arguments).run())
}

#[test]
fn every_shell_gets_a_script_with_every_command() {
    let scene = Scene::embedded();
    for shell in SHELLS {
        let script = scene.succeed(&format!("completions {shell}"));
        let words: HashSet<&str> = script.split(|character: char| !is_of_a_name(character)).collect();
        for name in commands().iter().flatten() {
            assert!(words.contains(name.as_str()), "{shell} does not know {name}");
        }
        assert!(script.contains("cache-engine") && script.contains("flight-id"), "{shell}");
        let file = scene.home.path().join(shell);
        fs::write(&file, script).unwrap();
        // Elvish and PowerShell read no script without running it.
        if matches!(shell, "bash" | "fish" | "zsh")
            && let Some(read) = run(shell, &["-n", file.to_str().unwrap()])
        {
            assert_eq!((read.code, read.stderr.as_str()), (Some(0), ""), "{shell}");
        }
    }
    assert!(fs::read_dir(scene.home.path()).unwrap().count() == SHELLS.len(), "nothing else is made");
}

#[test]
fn bash_completes_commands_and_flags() {
    let scene = Scene::embedded();
    let file = scene.home.path().join("script");
    fs::write(&file, scene.succeed("completions bash")).unwrap();
    let offered = |typed: &str| {
        let words: Vec<_> = typed.split(' ').collect();
        let (last, before) = (words[words.len() - 1], words[words.len() - 2]);
        let ask = format!(
            "source '{}'; COMP_WORDS=({typed}); COMP_CWORD={}; _cachedemo cachedemo '{last}' '{before}'; echo \"${{COMPREPLY[*]}}\"",
            file.display(),
            words.len() - 1
        );
        let output = run("bash", &["--norc", "-c", &ask]).expect("the scripts of this project need bash as well");
        assert_eq!((output.code, output.stderr.as_str()), (Some(0), ""), "{typed}");
        output.stdout.trim().to_owned()
    };
    assert_eq!(offered("cachedemo sta"), "stats");
    assert_eq!(offered("cachedemo write-behind queue st"), "status");
    assert_eq!(offered("cachedemo completions f"), "fish");
    assert_eq!(offered("cachedemo db init --fli"), "--flights");
    assert_eq!(offered("cachedemo anomaly write-inv"), "write-inversion");
}

/// The text of a page as a person reads it, without what roff adds to print it so.
fn unmarked(page: &str) -> String {
    page.replace("\\-", "-").replace("\\fB", "").replace("\\fI", "").replace("\\fR", "").replace("\\*(Aq", "'")
}

#[test]
fn every_command_has_a_page_with_its_flags() {
    let scene = Scene::embedded();
    let shown = scene.succeed("man --dir pages/man1");
    let pages = scene.home.path().join("pages/man1");
    assert!(shown.contains(&format!("wrote {} pages", commands().len() + 1)), "{shown}");
    assert_eq!(fs::read_dir(&pages).unwrap().count(), commands().len() + 1);
    let mut command = cachedemo::cli::command();
    command.build();
    for path in std::iter::once(Vec::new()).chain(commands()) {
        let name = std::iter::once("cachedemo".to_owned()).chain(path.clone()).collect::<Vec<_>>().join("-");
        let file = pages.join(format!("{name}.1"));
        let page = unmarked(&fs::read_to_string(&file).unwrap_or_else(|error| panic!("{name}: {error}")));
        for section in [".SH NAME", ".SH SYNOPSIS", ".SH OPTIONS", ".SH DATABASE", ".SH NOTES"] {
            assert!(page.contains(section), "{name}: no {section}");
        }
        assert!(page.contains(&format!("\n{name} - ")), "{name} has another name");
        let usage = std::iter::once("cachedemo").chain(path.iter().map(String::as_str)).collect::<Vec<_>>().join(" ");
        assert!(page.contains(&format!("\n{usage} [")), "{name}: no usage\n{page}");
        let described = path.iter().fold(&command, |command, word| command.find_subcommand(word).unwrap());
        for flag in described.get_arguments().filter(|flag| !flag.is_hide_set()) {
            let typed = match (flag.get_long(), flag.get_value_names()) {
                (Some(long), _) => format!("--{long}"),
                (None, Some([name, ..])) => name.to_string(),
                _ => flag.get_id().to_string(),
            };
            let found = page.lines().position(|line| line.to_lowercase().contains(&typed.to_lowercase()));
            let next = found.and_then(|line| page.lines().nth(line + 1));
            assert!(next.is_some_and(|help| !help.is_empty()), "{name}: {typed} is not explained");
        }
        assert_reads_well(&file);
    }
}

/// What the programs that print pages say of one, where they are installed.
fn assert_reads_well(page: &Path) {
    let page = page.to_str().unwrap();
    if let Some(printed) = run("groff", &["-man", "-Kutf8", "-Tutf8", "-ww", page]) {
        assert_eq!((printed.code, printed.stderr.as_str()), (Some(0), ""), "{page}");
        assert!(printed.stdout.contains("cachedemo"));
    }
    if let Some(checked) = run("mandoc", &["-Tlint", "-Werror", page]) {
        assert_eq!(checked.code, Some(0), "{page}: {}", checked.stdout);
    }
}

#[test]
fn one_page_goes_to_the_standard_output() {
    let page = unmarked(&Scene::embedded().succeed("man"));
    assert!(page.contains(".TH cachedemo 1") && page.contains("cachedemo-stats(1)"), "{page}");
    assert!(page.contains("Exit codes:") && page.contains("--cache-engine") && !page.contains("cachedemo-help"));
}

#[test]
fn a_directory_that_cannot_be_written_is_told() {
    let scene = Scene::embedded();
    fs::write(scene.home.path().join("file"), "").unwrap();
    scene.fails("man --dir file", 1, &["cannot write file: "], "--dir ~/.local/share/man/man1");
    scene.fails("man --dir file/man1", 1, &["cannot write file/man1: "], "a directory that can be written");
    fs::create_dir_all(scene.home.path().join("pages/cachedemo-stats.1")).unwrap();
    scene.fails("man --dir pages", 1, &["cannot write pages/cachedemo-stats.1: "], "a directory that can be written");
}

#[test]
fn neither_settings_nor_a_reader_are_needed() {
    let broken = Scene::embedded().set("DB_PORT", "many");
    broken.fails("stats", 2, &["DB_PORT"], "");
    broken.succeed("completions zsh");
    broken.succeed("man");
    broken.succeed("man --dir pages");
    for line in ["completions bash", "man"] {
        // Longer than what a pipe takes in advance.
        let script = format!("set -o pipefail; '{}' {line} | head -c 1", env!("CARGO_BIN_EXE_cachedemo"));
        let closed = run("bash", &["-c", &script]).expect("the scripts of this project need bash as well");
        assert_eq!((closed.code, closed.stderr.as_str()), (Some(0), ""), "{line}");
    }
}

#[test]
fn a_flag_that_would_do_nothing_is_refused() {
    let scene = Scene::embedded();
    for line in ["completions bash", "man", "man --dir pages"] {
        scene.fails(&format!("--fault cache.*:down {line}"), 2, &["--fault cache.*:down does not go"], "leave it out");
    }
    for line in ["completions bash", "man"] {
        let (code, events) = scene.events(line);
        assert_eq!((code, events[0]["event"].as_str()), (Some(2), Some("error")), "{events:?}");
    }
    let (code, events) = scene.events("man --dir pages");
    assert_eq!((code, events[0]["event"].as_str()), (Some(0), Some("note")), "{events:?}");
}

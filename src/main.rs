//! Parse, run, exit code; nothing else.

use std::process::ExitCode;

use cachedemo::{cli, command};

fn main() -> ExitCode {
    let words: Vec<_> = std::env::args_os().collect();
    match cli::parse(&words) {
        Ok(cli) => command::block_on(cli).into(),
        Err(answer) => command::answer(&words, &answer).into(),
    }
}

//! The flags of the commands that describe the program itself: to a shell, and as manual pages.

use std::path::PathBuf;

use clap::{Args, ValueHint};
use clap_complete::Shell;

/// What the help of the completions says besides.
pub(super) const COMPLETIONS_HELP: &str = "\
It is written to the standard output. Where the shells look for it:
  bash        ~/.local/share/bash-completion/completions/cachedemo
  zsh         _cachedemo in a directory of $fpath, such as ~/.zfunc/_cachedemo
  fish        ~/.config/fish/completions/cachedemo.fish
  elvish      ~/.config/elvish/lib/cachedemo.elv, with 'use cachedemo' in rc.elv
  powershell  append it to the file that $PROFILE names

Examples:
  cachedemo completions bash
  cachedemo completions zsh";

/// What the help of the manual says besides.
pub(super) const MAN_HELP: &str = "\
One page is written to the standard output; 'man -l' shows a file. With --dir,
'man cachedemo-db-init' finds its page where the directory is a man1 below one
that man searches, such as ~/.local/share/man.

Examples:
  cachedemo man
  cachedemo man --dir ~/.local/share/man/man1";

/// For which shell.
#[derive(Clone, Copy, Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// Which pages, and where they go.
#[derive(Clone, Debug, Args)]
pub struct Man {
    /// Write one page for each command there, such as ~/.local/share/man/man1; it is made if need be
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub dir: Option<PathBuf>,
}

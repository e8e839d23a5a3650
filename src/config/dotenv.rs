//! Reads the text of a file `.env`, and says on which line it is wrong.
//!
//! The parser's own error quotes the line, which may hold a password, and does not number it. So it is fed one line at a
//! time by a reader that counts.

use std::cell::Cell;
use std::io::{self, Read};

use crate::error::{Error, Result};

const HINT: &str = "a line is NAME=value; a value with blanks or one of $ # \\ \" stands in single quotes: NAME='a $b'";

/// The names and values of `text`, in order. A name that stands twice is given twice.
pub(super) fn parse(name: &str, text: &str) -> Result<Vec<(String, String)>> {
    // Editors of one platform begin a file with this invisible mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let count = Cell::new(0);
    dotenvy::from_read_iter(Lines { rest: text.as_bytes(), count: &count })
        .map(|entry| {
            entry.map_err(|error| match error {
                dotenvy::Error::LineParse(entry, _) => {
                    // A quoted value may go over several lines; what is wrong began on the first of them.
                    let further = entry.trim_end_matches(['\r', '\n']).matches('\n').count();
                    let line = count.get() - further;
                    Error::usage(format!("{name} cannot be understood at line {line}"), HINT)
                }
                _ => Error::usage(format!("{name} cannot be understood"), HINT),
            })
        })
        .collect()
}

/// Gives at most one line a read.
struct Lines<'a> {
    rest: &'a [u8],
    count: &'a Cell<usize>,
}

impl Read for Lines<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let end = self.rest.iter().position(|byte| *byte == b'\n').map_or(self.rest.len(), |newline| newline + 1);
        let length = end.min(buffer.len());
        let (given, rest) = self.rest.split_at(length);
        buffer[..length].copy_from_slice(given);
        self.rest = rest;
        // A line longer than the buffer is given in pieces and counts with its last.
        if length > 0 && length == end {
            self.count.set(self.count.get() + 1);
        }
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_by_its_line_and_never_quoted() {
        let long = format!("A={}\nDB_PASSWORD=hunter2 x\n", "x".repeat(100_000));
        for (text, line) in [
            ("DB_PASSWORD=hunter2 x", 1),
            ("# a comment\n\nA=1\nDB_PASSWORD=hunter2 x\nB=2\n", 4),
            ("A='1\n2\n3'\nhunter2\n", 4),
            ("A=1\r\nB=2\r\nhunter2\r\n", 3),
            ("A=1\n\nB='hunter2\nC=3\nD=4\n", 3),
            ("\u{feff}A=1\nB=\"hunter2\\q\"\n", 2),
            (long.as_str(), 2),
        ] {
            let error = parse(".env", text).unwrap_err();
            assert_eq!(error.to_string(), format!(".env cannot be understood at line {line}"));
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
    }

    #[test]
    fn quotes_comments_and_the_invisible_mark_are_understood() {
        let text = "\u{feff}A='p$a#s s'\nexport B=2 # two\nC=\nD=\"x y\"";
        let expected = [("A", "p$a#s s"), ("B", "2"), ("C", ""), ("D", "x y")];
        assert_eq!(parse(".env", text).unwrap(), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}

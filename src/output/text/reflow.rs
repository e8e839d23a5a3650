//! SQL and cache commands as they were sent, laid out to be read.
//!
//! Not one word is changed: only blanks outside quotes are. What is too long for any screen is cut in the middle, and the cut
//! says how much is missing; `--format json` has all of it.

use std::borrow::Cow;

use crate::hop::Target;

/// The longest single value that is shown whole, in characters.
const LONGEST_VALUE: usize = 300;
/// The longest statement or command that is shown whole, in characters.
const LONGEST_TEXT: usize = 4_000;
/// The deepest indentation that is kept: the statement counts, not the margin.
const DEEPEST: usize = 12;

/// Whether what was sent is a statement, whose line ends are layout, rather than a command, where they would be content.
pub(super) fn is_sql(target: Target, text: &str) -> bool {
    // A statement may begin with its comment.
    const VERBS: [&str; 10] =
        ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "CREATE", "REPLACE", "COMMIT", "ROLLBACK", "--"];
    match target {
        Target::Database => true,
        Target::Cache => false,
        Target::Queue => text.split_whitespace().next().is_some_and(|verb| VERBS.contains(&verb)),
    }
}

/// The lines of a statement, each with its depth: the indentation of its author, blanks collapsed outside quotes.
pub(super) fn sql(text: &str) -> Vec<(usize, String)> {
    let text = cut(text, LONGEST_TEXT);
    let mut lines = Vec::new();
    let mut quote = None;
    for line in text.split('\n') {
        // Within quotes a line end is part of the value, and so are the blanks at its sides.
        let begins_in_quotes = quote.is_some();
        let depth = if begins_in_quotes { 0 } else { line.len() - line.trim_start().len() };
        let line = collapsed(&line[depth..], &mut quote);
        if begins_in_quotes || !line.is_empty() {
            lines.push((depth.min(DEEPEST), line));
        }
    }
    let margin = lines.iter().map(|(depth, _)| *depth).min().unwrap_or(0);
    lines.iter_mut().for_each(|(depth, _)| *depth -= margin);
    lines
}

/// The line with its blanks collapsed, except within quotes; `quote` is the one that is open, across lines.
fn collapsed(line: &str, quote: &mut Option<char>) -> String {
    let mut result = String::with_capacity(line.len());
    for character in line.chars() {
        match *quote {
            Some(open) if character == open => *quote = None,
            None if matches!(character, '\'' | '"' | '`') => *quote = Some(character),
            None if character.is_whitespace() => {
                if !result.ends_with(' ') {
                    result.push(' ');
                }
                continue;
            }
            _ => {}
        }
        result.push(character);
    }
    if quote.is_none() {
        result.truncate(result.trim_end().len());
    }
    result
}

/// A command, with values that are too long cut in the middle.
pub(super) fn command(text: &str) -> String {
    let text = cut(text, LONGEST_TEXT);
    text.split(' ').map(value).collect::<Vec<_>>().join(" ")
}

/// A value, cut in the middle if it is too long.
pub(super) fn value(text: &str) -> Cow<'_, str> {
    cut(text, LONGEST_VALUE)
}

fn cut(text: &str, longest: usize) -> Cow<'_, str> {
    let length = text.chars().count();
    if length <= longest {
        return Cow::Borrowed(text);
    }
    let head: String = text.chars().take(longest / 2).collect();
    let tail: String = text.chars().skip(length - longest / 2).collect();
    Cow::Owned(format!("{head}…({} characters left out)…{tail}", length - longest / 2 * 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_keeps_its_lines_and_loses_only_blanks() {
        let text = "  SELECT  f.x,\tf.y\n    FROM flight  f\n\n  WHERE f.note = 'two  blanks'   \n";
        let lines = sql(text);
        let expected = [(0, "SELECT f.x, f.y"), (2, "FROM flight f"), (0, "WHERE f.note = 'two  blanks'")];
        assert_eq!(lines, expected.map(|(depth, line)| (depth, line.to_owned())));
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let shown: Vec<_> = lines.iter().flat_map(|(_, line)| words(line)).collect();
        assert_eq!(shown, words(text));
    }

    #[test]
    fn a_quote_that_spans_lines_is_kept_as_it_is() {
        let lines = sql("SELECT 'a \r\n   b'  AS x");
        assert_eq!(lines, [(0, "SELECT 'a \r".to_owned()), (0, "   b' AS x".to_owned())]);
    }

    #[test]
    fn what_is_too_long_is_cut_in_the_middle_and_says_so() {
        let whole = "x".repeat(300);
        assert_eq!(command(&format!("SET flight:1 {whole} PX 1")), format!("SET flight:1 {whole} PX 1"));
        let long = format!("{}{}{}", "a".repeat(150), "b".repeat(1_000), "c".repeat(150));
        let shown = command(&format!("SET flight:1 {long} PX 1"));
        let expected = format!("SET flight:1 {}…(1000 characters left out)…{} PX 1", "a".repeat(150), "c".repeat(150));
        assert_eq!(shown, expected);
        assert_eq!(cut(&"ü".repeat(301), 300).chars().filter(|character| *character == 'ü').count(), 300);
    }

    #[test]
    fn only_statements_have_layout() {
        assert!(is_sql(Target::Database, "COMMIT") && is_sql(Target::Queue, "INSERT INTO queue VALUES (?)"));
        assert!(!is_sql(Target::Cache, "SELECT 1") && !is_sql(Target::Queue, "EVALSHA 01234567… enqueue 2 a b"));
    }
}

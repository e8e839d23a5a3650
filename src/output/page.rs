//! A page of text in the making: lines that are wrapped to a width, in tones that become colours or nothing.
//!
//! A [`Span`] makes its text harmless when it is made, and a page takes nothing but spans and grids. So no renderer can
//! forget it, and the only escape sequences on a page are those of its own tones.

use std::borrow::Cow;

use owo_colors::{OwoColorize, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::harmless::harmless;
use crate::demo::Level;

/// How many columns a rule has, where there is room.
const RULE: usize = 60;

/// How a text is meant: with colours it is seen as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Strong,
    Dim,
    Good,
    Caution,
    Bad,
}

impl Tone {
    fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Strong => Style::new().bold(),
            Self::Dim => Style::new().dimmed(),
            Self::Good => Style::new().green(),
            Self::Caution => Style::new().yellow(),
            Self::Bad => Style::new().red(),
        }
    }
}

/// A text in one tone; what it was made of is harmless.
#[derive(Clone, Debug)]
pub(super) struct Span {
    tone: Tone,
    text: String,
}

impl Span {
    /// This text in this tone.
    pub(super) fn new(tone: Tone, text: impl AsRef<str>) -> Self {
        Self { tone, text: harmless(text.as_ref()).into_owned() }
    }

    /// How many columns it takes.
    pub(super) fn width(&self) -> usize {
        self.text.width()
    }
}

/// Text without a tone.
pub(super) fn plain(text: impl AsRef<str>) -> Span {
    Span::new(Tone::Plain, text)
}

/// Text of less importance.
pub(super) fn dim(text: impl AsRef<str>) -> Span {
    Span::new(Tone::Dim, text)
}

/// The mark of a level, and its tone.
pub(super) fn mark(level: Level) -> Span {
    match level {
        Level::Good => Span::new(Tone::Good, "✓"),
        Level::Plain => Span::new(Tone::Dim, "•"),
        Level::Warning => Span::new(Tone::Caution, "⚠"),
        Level::Bad => Span::new(Tone::Bad, "✗"),
    }
}

/// Lines of text, and how they are to look.
#[derive(Debug)]
pub(super) struct Page {
    text: String,
    width: usize,
    colours: bool,
}

impl Page {
    /// An empty page of this many columns.
    pub(super) fn new(width: usize, colours: bool) -> Self {
        Self { text: String::new(), width, colours }
    }

    /// How many columns it has.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// What stands on it.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// An empty line.
    pub(super) fn blank(&mut self) {
        self.text.push('\n');
    }

    /// A line of one character, from side to side.
    pub(super) fn rule(&mut self, character: char) {
        let rule = character.to_string().repeat(RULE.min(self.width));
        self.line(0, &[dim(rule)]);
    }

    /// A line that begins with the mark of a level.
    pub(super) fn marked(&mut self, indent: usize, level: Level, spans: &[Span]) {
        let mut all = vec![mark(level), plain(" ")];
        all.extend_from_slice(spans);
        self.line(indent, &all);
    }

    /// A line, wrapped between words where it is too long; what is wrapped stands two columns further to the right.
    pub(super) fn line(&mut self, indent: usize, spans: &[Span]) {
        let mut column = 0;
        let mut gap: Vec<Fragment<'_>> = Vec::new();
        self.indent(indent, &mut column);
        let mut begins = true;
        for word in words(spans, self.width.saturating_sub(indent + 2)) {
            if word.iter().all(|fragment| fragment.text.trim().is_empty()) {
                gap.extend(word);
                continue;
            }
            if !begins && column + width(&gap) + width(&word) > self.width {
                self.text.push('\n');
                column = 0;
                self.indent(indent + 2, &mut column);
                gap.clear();
            }
            for fragment in gap.drain(..).chain(word) {
                self.paint(&fragment);
                column += fragment.text.width();
            }
            begins = false;
        }
        let written = self.text.trim_end_matches(' ').len();
        self.text.truncate(written);
        self.text.push('\n');
    }

    /// A line that is not wrapped, however long it is: one of a log.
    pub(super) fn unbroken(&mut self, spans: &[Span]) {
        let width = std::mem::replace(&mut self.width, usize::MAX);
        self.line(0, spans);
        self.width = width;
    }

    /// A line that is cut off where it is too long: a line that is written anew must not become two.
    pub(super) fn clipped(&mut self, text: &str) {
        let mut column = 0;
        for character in harmless(text).chars() {
            column += character.width().unwrap_or(0);
            if column >= self.width {
                break;
            }
            self.text.push(character);
        }
        self.text.push('\n');
    }

    /// A line of a table, which was drawn to fit and is harmless already.
    pub(super) fn drawn(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn indent(&mut self, indent: usize, column: &mut usize) {
        self.text.extend(std::iter::repeat_n(' ', indent));
        *column += indent;
    }

    fn paint(&mut self, fragment: &Fragment<'_>) {
        if self.colours && fragment.tone != Tone::Plain {
            self.text.push_str(&fragment.text.style(fragment.tone.style()).to_string());
        } else {
            self.text.push_str(&fragment.text);
        }
    }
}

/// A part of a span that is not broken.
#[derive(Clone, Debug)]
struct Fragment<'a> {
    tone: Tone,
    text: Cow<'a, str>,
}

fn width(fragments: &[Fragment<'_>]) -> usize {
    fragments.iter().map(|fragment| fragment.text.width()).sum()
}

/// The spans as words and the gaps between them. A word wider than `room` may be broken after a comma, as JSON is, and
/// else stays whole, so that it can be copied.
fn words<'a>(spans: &'a [Span], room: usize) -> Vec<Vec<Fragment<'a>>> {
    let mut words: Vec<Vec<Fragment<'a>>> = Vec::new();
    let mut was_blank = None;
    for span in spans {
        for part in span.text.split_inclusive(' ').flat_map(at_blank) {
            let is_blank = part == " ";
            let fragments = if part.width() > room { part.split_inclusive(',').collect() } else { vec![part] };
            for (index, text) in fragments.into_iter().enumerate() {
                let fragment = Fragment { tone: span.tone, text: Cow::Borrowed(text) };
                match words.last_mut() {
                    Some(word) if index == 0 && was_blank == Some(is_blank) => word.push(fragment),
                    _ => words.push(vec![fragment]),
                }
            }
            was_blank = Some(is_blank);
        }
    }
    words
}

/// A word and the blank behind it, apart.
fn at_blank(part: &str) -> impl Iterator<Item = &str> {
    let word = part.strip_suffix(' ');
    let blank = word.map(|_| " ");
    [Some(word.unwrap_or(part)).filter(|word| !word.is_empty()), blank].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(width: usize, spans: &[Span]) -> String {
        let mut page = Page::new(width, false);
        page.line(3, spans);
        page.into_text()
    }

    #[test]
    fn a_line_is_wrapped_between_words_and_hangs() {
        assert_eq!(page(20, &[plain("one two three four five")]), "   one two three\n     four five\n");
        assert_eq!(page(20, &[plain("Old:   x")]), "   Old:   x\n", "blanks within a line are kept");
        assert_eq!(
            page(10, &[plain("abc"), dim("def"), plain(" x")]),
            "   abcdef\n     x\n",
            "a word of two spans is one"
        );
    }

    #[test]
    fn a_long_word_is_broken_after_commas_and_else_kept_whole() {
        assert_eq!(page(20, &[plain("{\"a\":1,\"bb\":22,\"cc\":33}")]), "   {\"a\":1,\"bb\":22,\n     \"cc\":33}\n");
        let whole = "x".repeat(40);
        assert_eq!(page(20, &[plain(format!("a {whole} b"))]), format!("   a\n     {whole}\n     b\n"));
    }

    #[test]
    fn a_line_that_is_written_anew_is_cut_off_and_one_of_a_log_is_not_broken() {
        let mut page = Page::new(10, false);
        page.clipped("全日本空輸 x");
        page.clipped("a\nb\u{1b}[2J");
        page.unbroken(&[plain("one two three"), dim(" four\r")]);
        page.line(0, &[plain("one two three")]);
        // The last column stays free: a terminal may go to the next line once it is written.
        assert_eq!(page.into_text(), "全日本空\na\\nb\\x1b[\none two three four\\r\none two\n  three\n");
    }

    #[test]
    fn width_is_counted_in_columns() {
        assert_eq!(page(13, &[plain("全日本空輸 x")]), "   全日本空輸\n     x\n");
    }

    #[test]
    fn tones_are_colours_only_where_colours_are() {
        let mut page = Page::new(80, true);
        page.line(0, &[Span::new(Tone::Good, "yes"), plain(" \u{1b}[31mno")]);
        assert_eq!(page.into_text(), "\u{1b}[32myes\u{1b}[0m \\x1b[31mno\n");
    }
}

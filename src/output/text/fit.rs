//! Text in a room of so many columns: shortened, or spread over several lines.
//!
//! For what must not leave its place in a drawing; everything else is wrapped by its page, which keeps long words whole.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The text, shortened where it is too wide: then it ends in `…`.
pub(super) fn shortened(text: &str, room: usize) -> String {
    match text.width() {
        width if width <= room => text.to_owned(),
        _ if room == 0 => String::new(),
        _ => format!("{}…", split(text, room - 1).0.trim_end()),
    }
}

/// The text in lines of at most `room` columns, broken between words, and within a word only where it is wider than that.
pub(super) fn lines(text: &str, room: usize) -> Vec<String> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for mut word in text.split(' ').filter(|word| !word.is_empty()) {
        if !line.is_empty() && line.width() + 1 + word.width() <= room {
            line.push(' ');
        } else if !line.is_empty() {
            lines.push(std::mem::take(&mut line));
        }
        while line.is_empty() && word.width() > room {
            let (head, rest) = split(word, room);
            // Not even one character has room.
            if head.is_empty() {
                break;
            }
            lines.push(head.to_owned());
            word = rest;
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// As much of the beginning as fits, and the rest.
fn split(text: &str, room: usize) -> (&str, &str) {
    let mut column = 0;
    let end = text.char_indices().find(|(_, character)| {
        column += match character {
            // Makes the character before it an emoji, which is wider.
            '\u{fe0f}' => 1,
            character => character.width().unwrap_or(0),
        };
        column > room
    });
    text.split_at(end.map_or(text.len(), |(index, _)| index))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_stays_and_what_does_not_is_shortened() {
        for (text, room, shown) in [
            ("12:00, locked", 13, "12:00, locked"),
            ("12:00, locked", 12, "12:00, lock…"),
            ("12:00, locked", 8, "12:00,…"),
            ("全日本空輸", 10, "全日本空輸"),
            ("全日本空輸", 9, "全日本空…"),
            ("全日本空輸", 8, "全日本…"),
            ("x", 0, ""),
            ("xy", 1, "…"),
            ("", 0, ""),
        ] {
            assert_eq!(shortened(text, room), shown);
        }
    }

    #[test]
    fn lines_are_broken_between_words_and_within_only_where_they_must() {
        assert_eq!(lines("waits for the row lock", 10), ["waits for", "the row", "lock"]);
        assert_eq!(lines("a redis://127.0.0.1 b", 8), ["a", "redis://", "127.0.0.", "1 b"]);
        assert_eq!(lines("全日本空輸", 4), ["全日", "本空", "輸"]);
        assert_eq!(lines("", 4), [""]);
        assert_eq!(lines("全 x", 1), ["全", "x"], "a room for nothing ends as well");
    }
}

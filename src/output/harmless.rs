//! Makes text that somebody else wrote harmless: what would act on the terminal, or hide, is shown instead.
//!
//! Names and comments come from a database, values from a cache that anybody may write to, causes from servers. One escape
//! sequence in any of them could rewrite the screen; a direction override could show a text that is not the one sent.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character acts on the terminal, changes the direction of the text, or takes part without being seen.
pub(super) fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// The text with every harmful character spelled out, such as `\n`, `\x1b` or `\u{202e}`; all others as they are.
pub(super) fn harmless(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_harmful) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            // Writing to a string cannot fail.
            _ if is_harmful(character) && u32::from(character) < 0x100 => {
                _ = write!(shown, "\\x{:02x}", u32::from(character));
            }
            _ if is_harmful(character) => _ = write!(shown, "\\u{{{:x}}}", u32::from(character)),
            _ => shown.push(character),
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_on_a_terminal_is_spelled_out() {
        for (hostile, shown) in [
            ("\u{1b}[2Jgone", "\\x1b[2Jgone"),
            ("\u{1b}]0;title\u{7}", "\\x1b]0;title\\x07"),
            ("\u{9b}31mred", "\\x9b31mred"),
            ("a\r\nb\tc\u{0}d\u{7f}", "a\\r\\nb\\tc\\x00d\\x7f"),
            ("\u{202e}gnp.exe\u{202c}", "\\u{202e}gnp.exe\\u{202c}"),
            ("\u{2066}x\u{2069}\u{200f}", "\\u{2066}x\\u{2069}\\u{200f}"),
            ("zero\u{200b}width\u{feff}", "zero\\u{200b}width\\u{feff}"),
            ("line\u{2028}paragraph\u{2029}", "line\\u{2028}paragraph\\u{2029}"),
            ("tag\u{e0041}", "tag\\u{e0041}"),
        ] {
            assert_eq!(harmless(hostile), shown);
        }
    }

    #[test]
    fn what_is_harmless_stays_as_it_is() {
        for text in ["Lufthansa", "Zürich → Genève", "全日本空輸", "Ελλάδα", "{\"lease\":\"fill-1\"}", "C:\\path", ""]
        {
            assert!(matches!(harmless(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }
}

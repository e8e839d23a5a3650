//! Times inside a flight and an update: always `2025-11-20T10:00:00`, and read as nothing else.
//!
//! Every hit reads two of them, every acknowledgement writes three, and every update that is applied five. For the one form there
//! is, reading and writing take a tenth of the time that they take for all forms.

use std::fmt;

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserializer, Serializer};

pub(crate) fn serialize<S: Serializer>(time: &NaiveDateTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&written(time, 'T'))
}

/// The time, to the second, with this between the day and the hour.
pub(crate) fn written(time: &NaiveDateTime, between: char) -> String {
    let mut text = String::with_capacity(19);
    let mut put = |number: u32, digits: u32, behind: char| {
        for place in (0..digits).rev() {
            let digit = number / 10u32.pow(place) % 10;
            text.push(char::from_digit(digit, 10).unwrap_or('0'));
        }
        text.push(behind);
    };
    // No database that we speak to holds other years than those of four digits.
    put(u32::try_from(time.year()).unwrap_or(0), 4, '-');
    put(time.month(), 2, '-');
    put(time.day(), 2, between);
    put(time.hour(), 2, ':');
    put(time.minute(), 2, ':');
    put(time.second(), 2, ' ');
    text.pop();
    text
}

pub(crate) fn deserialize<'text, D: Deserializer<'text>>(deserializer: D) -> Result<NaiveDateTime, D::Error> {
    deserializer.deserialize_str(WallClock)
}

/// Reads the text where it lies, without a copy of it.
struct WallClock;

impl Visitor<'_> for WallClock {
    type Value = NaiveDateTime;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a time such as 2025-11-20T10:00:00")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<NaiveDateTime, E> {
        parse(text.as_bytes()).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
}

fn parse(text: &[u8]) -> Option<NaiveDateTime> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', i1, i2, b':', s1, s2] = text else {
        return None;
    };
    let number = |digits: &[&u8]| {
        digits
            .iter()
            .try_fold(0, |number: u32, digit| digit.is_ascii_digit().then(|| number * 10 + u32::from(**digit - b'0')))
    };
    let year = i32::try_from(number(&[y1, y2, y3, y4])?).ok()?;
    NaiveDate::from_ymd_opt(year, number(&[m1, m2])?, number(&[d1, d2])?)?.and_hms_opt(
        number(&[h1, h2])?,
        number(&[i1, i2])?,
        number(&[s1, s2])?,
    )
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDateTime;

    use super::{parse, written};

    #[test]
    fn what_is_written_is_what_chrono_writes_and_is_read_again() {
        for text in ["1000-01-01T00:00:00", "2025-11-20T10:05:09", "9999-12-31T23:59:59"] {
            let time: NaiveDateTime = text.parse().unwrap();
            assert_eq!(written(&time, 'T'), text);
            assert_eq!(written(&time, ' '), time.format("%Y-%m-%d %H:%M:%S").to_string());
            assert_eq!(parse(text.as_bytes()), Some(time));
        }
    }

    #[test]
    fn the_one_form_is_read_and_nothing_else() {
        let time = parse(b"2025-11-20T10:05:09").unwrap();
        assert_eq!(time.to_string(), "2025-11-20 10:05:09");
        for wrong in [
            "",
            "2025-11-20",
            "2025-11-20 10:05:09",
            "2025-11-20T10:05:09.5",
            "2025-11-20T10:05:09Z",
            "2025-13-20T10:05:09",
            "2025-02-30T10:05:09",
            "2025-11-20T24:00:00",
            "2025-11-20T10:60:00",
            "+025-11-20T10:05:09",
            "2025-11-20T1x:05:09",
        ] {
            assert_eq!(parse(wrong.as_bytes()), None, "{wrong}");
        }
    }
}

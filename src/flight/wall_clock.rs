//! Times inside a cached flight: always `2025-11-20T10:00:00`, and read as nothing else.
//!
//! Every hit reads two of them. A parser for the one form that is written takes a tenth of the time of one for all forms.

use std::fmt;

use chrono::{NaiveDate, NaiveDateTime};
use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserializer, Serializer};

pub(super) fn serialize<S: Serializer>(time: &NaiveDateTime, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&time.format("%Y-%m-%dT%H:%M:%S"))
}

pub(super) fn deserialize<'text, D: Deserializer<'text>>(deserializer: D) -> Result<NaiveDateTime, D::Error> {
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
    use super::parse;

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

//! The values of flags: what may be written, and the sentence that says so when something else was.
//!
//! clap puts the flag and the value before each sentence.

use std::time::Duration;

use chrono::{NaiveDateTime, TimeDelta, Timelike};

use super::Since;
use crate::flight::{COMMENT_LIMIT, FlightId, USER_LIMIT, is_storable};

/// The most flights that `db init` makes.
const FLIGHTS_LIMIT: u32 = 10_000_000;

pub(super) fn flight_id(text: &str) -> Result<FlightId, String> {
    text.parse().map_err(|reason| format!("{reason}; write it like 115"))
}

/// An amount of time with an optional sign.
pub(super) fn delay(text: &str) -> Result<TimeDelta, String> {
    const EXAMPLES: &str = "a delay is written like 2h, 90m, 1h30m or -30m";
    let text = text.trim();
    let (sign, amount) = match text.strip_prefix('-') {
        Some(amount) => (-1, amount),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let amount = humantime::parse_duration(amount).map_err(|_| EXAMPLES.to_owned())?;
    let amount = TimeDelta::from_std(amount).map_err(|_| format!("that is too long; {EXAMPLES}"))?;
    Ok(amount * sign)
}

/// A part of a whole, and not none of it.
pub(super) fn part(text: &str) -> Result<f64, String> {
    let part = text.trim().parse().ok().filter(|part| *part > 0.0 && *part <= 1.0);
    part.ok_or_else(|| "a part is above 0 and at most 1; write it like 0.5".to_owned())
}

pub(super) fn pause(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text.trim()).map_err(|_| "a pause is written like 2s or 500ms".to_owned())
}

/// A time by the clock on the wall, to the second.
pub(super) fn time(text: &str) -> Result<NaiveDateTime, String> {
    const EXAMPLES: &str = "a time is written like 2025-11-20T12:00 or '2025-11-20 12:00:00'";
    let text = text.trim().replacen(' ', "T", 1);
    let time = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(&text, format).ok())
        // Second 60 is read as a fraction, which no database holds.
        .filter(|time| time.nanosecond() == 0)
        .ok_or_else(|| EXAMPLES.to_owned())?;
    if is_storable(&time) { Ok(time) } else { Err(format!("the year must be 1000 to 9999; {EXAMPLES}")) }
}

/// A moment in UTC, or how long ago it was. Whether it has come yet is seen when it is needed.
pub(super) fn since(text: &str) -> Result<Since, String> {
    const EXAMPLES: &str = "write it like 1h, 30m or 2025-11-20T12:00";
    if let Ok(ago) = humantime::parse_duration(text.trim()) {
        return Ok(Since::Ago(ago));
    }
    time(text.trim().trim_end_matches('Z'))
        .map(Since::Moment)
        .map_err(|_| format!("it is a duration or a moment in UTC; {EXAMPLES}"))
}

pub(super) fn user(text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("a user has a name; write it like --user 'Ada Lovelace'".to_owned());
    }
    limited(text, USER_LIMIT, "--user 'Ada Lovelace'")
}

pub(super) fn comment(text: &str) -> Result<String, String> {
    limited(text, COMMENT_LIMIT, "--comment 'fog in Vienna'")
}

pub(super) fn flights(text: &str) -> Result<u32, String> {
    match text.trim().parse() {
        Ok(number @ 1..=FLIGHTS_LIMIT) => Ok(number),
        _ => Err(format!("it is a whole number from 1 to {FLIGHTS_LIMIT}; write it like 5000")),
    }
}

/// The id of an update: it becomes part of a key.
pub(super) fn update_id(text: &str) -> Result<String, String> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if (1..=64).contains(&text.len()) && text.bytes().all(is_plain) {
        Ok(text.to_owned())
    } else {
        Err("it has 1 to 64 letters, digits, - _ or . and no others; write it as the error named it, like --id 4f1c09"
            .to_owned())
    }
}

pub(super) fn wait(text: &str) -> Result<Duration, String> {
    humantime::parse_duration(text.trim()).map_err(|_| "a wait is written like --wait 30s or --wait 2m".to_owned())
}

pub(super) fn letters(text: &str) -> Result<u32, String> {
    match text.trim().parse() {
        Ok(number @ 1..=1_000_000) => Ok(number),
        _ => Err("it is a whole number from 1 to 1000000; write it like 20".to_owned()),
    }
}

/// Text of at most `limit` characters: the columns count characters, not bytes.
fn limited(text: &str, limit: usize, example: &str) -> Result<String, String> {
    let length = text.chars().count();
    if length <= limit {
        Ok(text.to_owned())
    } else {
        Err(format!("at most {limit} characters, not {length}; write it like {example}"))
    }
}

pub(super) fn share(text: &str) -> Result<f64, String> {
    let share = text.trim().parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "a share is a number from 0 to 1; write it like 0.95".to_owned())
}

pub(super) fn rate(text: &str) -> Result<f64, String> {
    let rate = text.trim().parse().ok().filter(|rate| (0.1..=10_000_000.0).contains(rate));
    rate.ok_or_else(|| "it is a number of operations a second, 0.1 to 10000000; write it like 5000".to_owned())
}

pub(super) fn clients(text: &str) -> Result<u32, String> {
    whole(text, 1, 10_000, "64")
}

/// As many as the claim of coalescing is about, at least.
pub(super) fn claimed_keys(text: &str) -> Result<u32, String> {
    whole(text, 100, FLIGHTS_LIMIT, "1000")
}

pub(super) fn rounds(text: &str) -> Result<u32, String> {
    whole(text, 1, 1_000, "5")
}

pub(super) fn operations(text: &str) -> Result<u64, String> {
    whole(text, 1, 1_000_000_000_000, "100000")
}

pub(super) fn measured(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text.trim()).ok();
    let duration = duration.filter(|it| (Duration::from_millis(10)..=Duration::from_secs(24 * 3600)).contains(it));
    duration.ok_or_else(|| "it is 10ms to 24h; write it like 10s or 5m".to_owned())
}

pub(super) fn warmup(text: &str) -> Result<Duration, String> {
    let duration = humantime::parse_duration(text.trim()).ok().filter(|it| *it <= Duration::from_secs(3600));
    duration.ok_or_else(|| "it is 0s to 1h; write it like 500ms or 2s".to_owned())
}

fn whole<T: std::str::FromStr + PartialOrd + std::fmt::Display>(
    text: &str,
    least: T,
    greatest: T,
    example: &str,
) -> Result<T, String> {
    let number = text.trim().parse().ok().filter(|number| *number >= least && *number <= greatest);
    number.ok_or_else(|| format!("it is a whole number from {least} to {greatest}; write it like {example}"))
}

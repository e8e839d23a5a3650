//! Single values: what each may be, and the hint that lists it when it is something else.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use super::setting::Setting;
use crate::error::{Error, Result};
use crate::spelling::distance;

/// What a number without a unit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bare {
    Seconds,
    Milliseconds,
}

/// One of several words. Of words that mean the same, the first is the one that the hint lists.
pub(super) fn choice<T: Copy + PartialEq>(setting: &Setting, what: &str, words: &[(&str, T)]) -> Result<T> {
    let written = setting.value.to_lowercase();
    if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == written) {
        return Ok(*meaning);
    }
    let mut listed: Vec<&(&str, T)> = Vec::new();
    for entry in words {
        if !listed.iter().any(|(_, meaning)| *meaning == entry.1) {
            listed.push(entry);
        }
    }
    let accepted = listed.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
    let nearest = words.iter().map(|(word, _)| (distance(&written, word), *word)).min();
    let hint = match nearest {
        // A part of a URL is not repeated, and neither is what it resembles.
        Some((1..=2, word)) if setting.url.is_none() => format!("did you mean {word}? it is one of: {accepted}"),
        _ => format!("it is one of: {accepted}"),
    };
    Err(setting.wrong(format!("is not {what}"), hint))
}

/// Yes or no.
pub(super) fn boolean(setting: &Setting) -> Result<bool> {
    let words = [
        ("true", true),
        ("false", false),
        ("yes", true),
        ("no", false),
        ("on", true),
        ("off", false),
        ("1", true),
        ("0", false),
    ];
    let meaning = words.iter().find(|(word, _)| *word == setting.value.to_lowercase()).map(|(_, meaning)| *meaning);
    meaning.ok_or_else(|| setting.wrong("is neither yes nor no", "it is one of: true, false, yes, no, on, off, 1, 0"))
}

/// A whole number.
pub(super) fn number<T: TryFrom<u64>>(setting: &Setting, range: &RangeInclusive<u64>, example: &str) -> Result<T> {
    let written = setting.value.parse().ok().filter(|number| range.contains(number));
    written.and_then(|number| T::try_from(number).ok()).ok_or_else(|| {
        let what = format!("is not a whole number from {} to {}", range.start(), range.end());
        setting.wrong(what, example_hint(setting, example))
    })
}

/// An amount of time.
pub(super) fn duration(setting: &Setting, bare: Bare, range: &RangeInclusive<Duration>) -> Result<Duration> {
    let (unit, example) = match bare {
        Bare::Seconds => ("seconds", "5s, 1h30m or 5"),
        Bare::Milliseconds => ("milliseconds", "250ms, 1s or 250"),
    };
    let hint = || match fraction(&setting.value, bare).filter(|amount| range.contains(amount)) {
        Some(amount) => format!("write it in whole units: {}={}", setting.name, unspaced(amount)),
        None => format!("write {} like {example}; a bare number is {unit}", setting.name),
    };
    let is_bare = setting.value.bytes().all(|byte| byte.is_ascii_digit());
    let amount = if is_bare {
        setting.value.parse().ok().map(match bare {
            Bare::Seconds => Duration::from_secs,
            Bare::Milliseconds => Duration::from_millis,
        })
    } else {
        humantime::parse_duration(&setting.value).ok()
    };
    match amount {
        // More digits than a number can have.
        None if !is_bare => Err(setting.wrong("is not an amount of time", hint())),
        Some(amount) if range.contains(&amount) => Ok(amount),
        _ => {
            let [least, most] = [range.start(), range.end()].map(|limit| spelled(*limit));
            Err(setting.wrong(format!("is not between {least} and {most}"), hint()))
        }
    }
}

/// An amount of time that needs no quotes in a shell.
fn unspaced(amount: Duration) -> String {
    humantime::format_duration(amount).to_string().replace(' ', "")
}

/// What a number with is in whole units, as far as there are any.
fn fraction(text: &str, bare: Bare) -> Option<Duration> {
    let number: f64 = text.parse().ok().filter(|_| text.contains('.'))?;
    let seconds = match bare {
        Bare::Seconds => number,
        Bare::Milliseconds => number / 1000.0,
    };
    Duration::try_from_secs_f64(seconds).ok().filter(|amount| !amount.is_zero())
}

/// A limit, in days where it is days: the years and months of humantime are averages.
fn spelled(limit: Duration) -> String {
    const DAY: u64 = 24 * 3600;
    match limit.as_secs() {
        DAY => "1 day".to_owned(),
        seconds if seconds > 0 && seconds.is_multiple_of(DAY) => format!("{} days", seconds / DAY),
        _ => humantime::format_duration(limit).to_string(),
    }
}

/// The name or address of a machine.
pub(super) fn host(setting: &Setting) -> Result<String> {
    let text = setting.value.as_str();
    let text = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let is_address = text.parse::<std::net::Ipv6Addr>().is_ok();
    if !is_address && text.split_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok()) {
        let hint = format!("the port is a setting of its own: {}", setting.name.replace("HOST", "PORT"));
        return Err(setting.wrong("is a host with a port", hint));
    }
    let is_name = |character: char| character.is_alphanumeric() || ['.', '-', '_'].contains(&character);
    if is_address || text.chars().all(is_name) {
        return Ok(text.to_owned());
    }
    // Whatever holds an @ may hold a password before it.
    let hint = example_hint(setting, "127.0.0.1");
    Err(Error::usage(format!("{} is not the name or address of a machine", setting.cited()), hint))
}

/// The port of a machine.
pub(super) fn port(setting: &Setting, example: u16) -> Result<u16> {
    number(setting, &(1..=u64::from(u16::MAX)), &example.to_string())
}

/// A file that is there.
pub(super) fn file(setting: &Setting) -> Result<PathBuf> {
    let path = PathBuf::from(&setting.value);
    if path.is_file() {
        return Ok(path);
    }
    Err(setting.wrong("is not a file that is there", "name a PEM file with the certificate of the authority"))
}

fn example_hint(setting: &Setting, example: impl Display) -> String {
    match setting.url {
        Some(url) => format!("in {url}, write @ : / ? # and % in a user or password as %40 %3A %2F %3F %23 and %25"),
        None => format!("write it like {}={example}", setting.name),
    }
}

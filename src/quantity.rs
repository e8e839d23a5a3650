//! Durations and counts as a person reads them: the unit that suits, three significant digits, grouped thousands.
//!
//! One place, so that a latency looks the same in a sentence, in a waterfall and in a table.

use std::time::Duration;

/// A latency in the unit that suits it: `850 ns`, `42.1 µs`, `1.24 ms`, `2.3 s`.
pub(crate) fn latency(duration: Duration) -> String {
    let nanoseconds = duration.as_nanos() as f64;
    // A figure that rounds up to a thousand belongs to the next unit: 999.6 µs is 1 ms.
    for (size, unit) in [(1.0, "ns"), (1e3, "µs"), (1e6, "ms")] {
        let digits = significant(nanoseconds / size);
        if digits != "1000" {
            return format!("{digits} {unit}");
        }
    }
    match duration.as_secs() {
        seconds @ 1000.. => format!("{} s", count(seconds)),
        _ => format!("{} s", significant(nanoseconds / 1e9)),
    }
}

/// Three significant digits, without trailing zeros; `1000` for everything from there on that has to change its unit.
pub(crate) fn significant(value: f64) -> String {
    let decimals = if value < 9.995 {
        2
    } else if value < 99.95 {
        1
    } else {
        0
    };
    let digits = format!("{value:.decimals$}");
    if value >= 999.5 {
        return "1000".to_owned();
    }
    match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => digits,
    }
}

/// For how long something has waited: a latency below a minute, `2h 5m 3s` above, `9days 23h` from a day on.
pub(crate) fn age(duration: Duration) -> String {
    const HOUR: u64 = 3600;
    let seconds = match duration.as_secs() {
        0..60 => return latency(duration),
        seconds if seconds < 24 * HOUR => seconds,
        seconds => seconds - seconds % HOUR,
    };
    humantime::format_duration(Duration::from_secs(seconds)).to_string()
}

/// How many in a second: `0.3`, `12.5`, `12,345`.
pub(crate) fn rate(per_second: f64) -> String {
    if per_second < 999.5 { significant(per_second) } else { count(per_second.round() as u64) }
}

/// A number with its thousands grouped: `1,000`.
pub(crate) fn count(number: impl Into<i128>) -> String {
    let number = number.into();
    let digits = number.unsigned_abs().to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        grouped.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number of bytes in the unit that suits it: `850 bytes`, `1.24 MiB`.
pub(super) fn bytes(number: u64) -> String {
    const STEP: f64 = 1024.0;
    if number < 1024 {
        return counted(number, "byte");
    }
    let (mut amount, mut units) = (number as f64 / STEP, ["KiB", "MiB", "GiB"].iter());
    let mut unit = units.next().unwrap_or(&"KiB");
    // What would be shown as 1000 or more belongs to the next unit.
    while amount >= 999.5
        && let Some(next) = units.next()
    {
        (amount, unit) = (amount / STEP, next);
    }
    let amount = if amount < 999.5 { significant(amount) } else { count(amount.round() as u64) };
    format!("{amount} {unit}")
}

/// A number of things: `1 update`, `1,000 updates`.
pub(crate) fn counted(number: u64, thing: &str) -> String {
    let plural = match (number, thing) {
        (1, _) => "",
        (_, "batch") => "es",
        _ => "s",
    };
    format!("{} {thing}{plural}", count(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latency_has_three_digits_and_the_unit_that_suits() {
        for (nanoseconds, shown) in [
            (0, "0 ns"),
            (850, "850 ns"),
            (999, "999 ns"),
            (1_000, "1 µs"),
            (10_140, "10.1 µs"),
            (42_100, "42.1 µs"),
            (42_000, "42 µs"),
            (999_499, "999 µs"),
            (999_500, "1 ms"),
            (1_236_000, "1.24 ms"),
            (9_996_000, "10 ms"),
            (100_000_000, "100 ms"),
            (999_999_999, "1 s"),
            (2_300_000_000, "2.3 s"),
            (75_200_000_000, "75.2 s"),
            (600_000_000_000, "600 s"),
            (3_600_000_000_000, "3,600 s"),
        ] {
            assert_eq!(latency(Duration::from_nanos(nanoseconds)), shown);
        }
    }

    #[test]
    fn an_age_of_minutes_is_told_in_minutes() {
        assert_eq!(age(Duration::from_millis(1_200)), "1.2 s");
        assert_eq!(age(Duration::from_millis(7_503_900)), "2h 5m 3s");
        assert_eq!(age(Duration::from_secs(86_399)), "23h 59m 59s");
        assert_eq!(age(Duration::from_secs(863_999)), "9days 23h");
    }

    #[test]
    fn a_slow_rate_is_not_none() {
        for (per_second, shown) in
            [(0.0, "0"), (0.3, "0.3"), (12.54, "12.5"), (999.4, "999"), (999.5, "1,000"), (12_345.6, "12,346")]
        {
            assert_eq!(rate(per_second), shown);
        }
    }

    #[test]
    fn bytes_have_the_unit_that_suits() {
        for (number, shown) in [
            (0, "0 bytes"),
            (1, "1 byte"),
            (1_023, "1,023 bytes"),
            (1_024, "1 KiB"),
            (1_300_000, "1.24 MiB"),
            (1_023 * 1_024, "1 MiB"),
            (104_857_600, "100 MiB"),
            (8 << 30, "8 GiB"),
            (5_000 << 30, "5,000 GiB"),
        ] {
            assert_eq!(bytes(number), shown);
        }
    }

    #[test]
    fn thousands_are_grouped() {
        for (number, shown) in
            [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567"), (-1_000, "-1,000"), (-100, "-100")]
        {
            assert_eq!(count(number), shown);
        }
        assert_eq!(counted(1, "update"), "1 update");
        assert_eq!(counted(1_000, "update"), "1,000 updates");
        assert_eq!(counted(0, "batch"), "0 batches");
    }
}

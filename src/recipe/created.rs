//! The time an image says it was made.

/// The last second of the year 9999: what RFC 3339 can write.
pub(super) const MAX: u64 = 253_402_300_799;

/// Seconds since 1970 of a time in RFC 3339, or of a plain number; a fraction of a second is left out.
pub(super) fn parse(text: &str) -> Option<u64> {
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(seconds);
    }
    let (date, time) = text.split_once(['T', 't'])?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let (time, offset) = split_offset(time)?;
    let time = match time.split_once('.') {
        Some((time, fraction)) if is_digits(fraction) => time,
        Some(_) => return None,
        None => time,
    };
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let index = usize::try_from(month.checked_sub(1)?).ok()?;
    let length = *lengths.get(index)?;
    if year < 1969 || !(1..=length).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // From 1969 on, since the last hours of that year are in 1970 elsewhere.
    let years_before = (1969..year)
        .map(|year| if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) { 366 } else { 365 });
    let months_before: u64 = lengths.iter().take(index).sum();
    let days = years_before.sum::<u64>() + months_before + day - 1;
    let seconds = days * DAY + hour * 3600 + minute * 60 + second;
    seconds.checked_add_signed(-offset)?.checked_sub(365 * DAY)
}

const DAY: u64 = 86_400;

/// A time, and how many seconds its clock is ahead of UTC.
fn split_offset(time: &str) -> Option<(&str, i64)> {
    if let Some(time) = time.strip_suffix(['Z', 'z']) {
        return Some((time, 0));
    }
    let (time, offset) = time.split_at_checked(time.len().checked_sub(6)?)?;
    let (sign, offset) = match offset.split_at_checked(1)? {
        ("+", offset) => (1, offset),
        ("-", offset) => (-1, offset),
        _ => return None,
    };
    let [hours, minutes] = numbers(offset, ':', [2, 2])?;
    let seconds = i64::try_from(hours * 3600 + minutes * 60).ok()?;
    (hours <= 23 && minutes <= 59).then_some((time, sign * seconds))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn numbers<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[u64; N]> {
    let mut numbers = [0; N];
    let mut parts = text.split(separator);
    for (number, width) in numbers.iter_mut().zip(widths) {
        let part = parts.next()?;
        if part.len() != width || !is_digits(part) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-02-29T23:59:59Z", Some(951_868_799)),
            ("2026-01-31T12:00:00Z", Some(1_769_860_800)),
            ("9999-12-31T23:59:59Z", Some(MAX)),
            ("1700000000", Some(1_700_000_000)),
            // Fractions, as docker and Go write them.
            ("2026-01-31T12:00:00.5Z", Some(1_769_860_800)),
            ("2026-01-31T12:00:00.123456789Z", Some(1_769_860_800)),
            ("2026-01-31T12:00:00.999999999999999999999Z", Some(1_769_860_800)),
            ("9999-12-31T23:59:59.999Z", Some(MAX)),
            ("2026-01-31T12:00:00.Z", None),
            ("2026-01-31T12:00:00.5", None),
            ("2026-01-31T12:00:00,5Z", None),
            ("2026-01-31T12:00:00.-5Z", None),
            ("2026-01-31T12:00.5Z", None),
            // Letters of either case, and other clocks, as `git log --format=%cI` shows them.
            ("2026-01-31t12:00:00z", Some(1_769_860_800)),
            ("2026-01-31T12:00:00+00:00", Some(1_769_860_800)),
            ("2026-01-31T12:00:00-00:00", Some(1_769_860_800)),
            ("2026-01-31T13:30:00.25+01:30", Some(1_769_860_800)),
            ("2026-01-31T00:00:00-12:00", Some(1_769_860_800)),
            ("1969-12-31T23:00:00-01:00", Some(0)),
            ("1970-01-01T00:59:59+01:00", None),
            ("1969-12-31T23:59:59Z", None),
            ("1968-12-31T23:59:59Z", None),
            ("2026-01-01T00:00:00+24:00", None),
            ("2026-01-01T00:00:00+01:60", None),
            ("2026-01-01T00:00:00+0100", None),
            ("2026-01-01T00:00:00+1:00", None),
            ("2026-01-01T00:00:00é1:00", None),
            ("2026-01-01T00:00:00", None),
            ("2026-02-29T00:00:00Z", None),
            ("2026-01-01", None),
            ("2026-01-01T", None),
            ("now", None),
            ("", None),
        ] {
            assert_eq!(parse(text), seconds, "{text}");
        }
        assert!(parse("9999-12-31T23:59:59-00:01").is_some_and(|seconds| seconds > MAX));
    }
}

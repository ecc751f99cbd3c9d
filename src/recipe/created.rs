//! The time an image says it was made.

/// The last second of the year 9999: what RFC 3339 can write.
pub(super) const MAX: u64 = 253_402_300_799;

/// Seconds since 1970 of a time in RFC 3339, in UTC and without fractions; or of a plain number.
pub(super) fn parse(text: &str) -> Option<u64> {
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(seconds);
    }
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let index = usize::try_from(month.checked_sub(1)?).ok()?;
    let length = *lengths.get(index)?;
    if year < 1970 || !(1..=length).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let years_before = (1970..year)
        .map(|year| if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) { 366 } else { 365 });
    let months_before: u64 = lengths.iter().take(index).sum();
    let days = years_before.sum::<u64>() + months_before + day - 1;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

fn numbers(text: &str, separator: char, widths: [usize; 3]) -> Option<[u64; 3]> {
    let mut numbers = [0; 3];
    let mut parts = text.split(separator);
    for (number, width) in numbers.iter_mut().zip(widths) {
        let part = parts.next()?;
        if part.len() != width || !part.bytes().all(|byte| byte.is_ascii_digit()) {
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
            ("2026-02-29T00:00:00Z", None),
            ("2026-01-01", None),
            ("2026-01-01T00:00:00+01:00", None),
            ("1969-12-31T23:59:59Z", None),
            ("now", None),
        ] {
            assert_eq!(parse(text), seconds, "{text}");
        }
    }
}

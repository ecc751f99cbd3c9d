//! The words of LABEL, ENV and ARG (`parseWords` of BuildKit's `frontend/dockerfile/parser/line_parsers.go`).

use std::ops::Range;

/// A name and its value, as they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pair {
    /// The name.
    pub name: Range<usize>,
    /// The value.
    pub value: Range<usize>,
}

/// Why a text is no list of pairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PairFault {
    /// A single word without `=`.
    Alone(Range<usize>),
    /// A word without `=` behind one that has it.
    NoEqualSign(Range<usize>),
    /// Nothing in front of `=`.
    NoName(Range<usize>),
}

/// Splits at blanks outside of quotes; quotes and escape characters stay in the words.
pub(super) fn split(text: &str, escape: char) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start: Option<usize> = None;
    let mut quote: Option<char> = None;
    let mut characters = text.char_indices();
    let mut end = text.len();
    while let Some((at, character)) = characters.next() {
        match (start, quote) {
            (None, _) if character.is_whitespace() => continue,
            (Some(from), None) if character.is_whitespace() => {
                words.push(from..at);
                start = None;
                continue;
            }
            _ => {}
        }
        start.get_or_insert(at);
        match quote {
            None if matches!(character, '\'' | '"') => quote = Some(character),
            Some(open) if open == character => quote = None,
            _ => {}
        }
        if character == escape && quote != Some('\'') && characters.next().is_none() {
            // One at the very end escapes nothing and is left out.
            end = at;
        }
    }
    words.extend(start.filter(|&from| from < end).map(|from| from..end));
    words
}

/// The pairs of `NAME=value …`, or the one of the old form `NAME rest of the line`.
pub(super) fn pairs(text: &str, escape: char) -> Result<Vec<Pair>, PairFault> {
    let words = split(text, escape);
    let written = |range: &Range<usize>| text.get(range.clone()).unwrap_or("");
    let Some(first) = words.first() else { return Ok(Vec::new()) };
    if !written(first).contains('=') {
        let blank = [' ', '\t', '\r', '\u{b}', '\u{c}'];
        let Some(end) = text.find(blank) else { return Err(PairFault::Alone(first.clone())) };
        let rest = text.get(end..).unwrap_or("").trim_start_matches(blank);
        return Ok(vec![Pair {
            name: 0..end,
            value: text.len().saturating_sub(rest.len())..text.len(),
        }]);
    }
    let pair = |word: Range<usize>| match written(&word).find('=') {
        None => Err(PairFault::NoEqualSign(word)),
        Some(0) => Err(PairFault::NoName(word)),
        Some(sign) => {
            let sign = word.start.saturating_add(sign);
            Ok(Pair { name: word.start..sign, value: sign.saturating_add(1)..word.end })
        }
    };
    words.into_iter().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        let table: &[(&str, &[&str])] = &[
            ("", &[]),
            ("  a b\t c ", &["a", "b", "c"]),
            ("a=\"b c\" d='e f'", &["a=\"b c\"", "d='e f'"]),
            ("a=b\\ c d", &["a=b\\ c", "d"]),
            ("\"a b\"=c", &["\"a b\"=c"]),
            ("a=\"b\\\" c\" d", &["a=\"b\\\" c\"", "d"]),
            ("a='b\\' c", &["a='b\\'", "c"]),
            ("a=\"b c", &["a=\"b c"]),
            ("a=b\\", &["a=b"]),
            ("a \\", &["a"]),
            ("a=\"\" b=''", &["a=\"\"", "b=''"]),
            ("é=ü\u{a0}x", &["é=ü", "x"]),
        ];
        for (text, expected) in table {
            let words: Vec<&str> =
                split(text, '\\').into_iter().map(|word| text.get(word).unwrap()).collect();
            assert_eq!(words, *expected, "{text}");
        }
        assert_eq!(split("a=b` c", '`').len(), 1);
        assert_eq!(split("a=b` c", '\\').len(), 2);
    }

    #[test]
    fn names_and_values() {
        #[allow(clippy::type_complexity, reason = "given text and expected pairs")]
        let table: &[(&str, Result<&[(&str, &str)], PairFault>)] = &[
            ("a=b", Ok(&[("a", "b")])),
            ("a=b=c \"d e\"=f", Ok(&[("a", "b=c"), ("\"d e\"", "f")])),
            ("a b c  d", Ok(&[("a", "b c  d")])),
            ("a   b=c", Ok(&[("a", "b=c")])),
            ("a=", Ok(&[("a", "")])),
            ("a", Err(PairFault::Alone(0..1))),
            ("a=b c", Err(PairFault::NoEqualSign(4..5))),
            ("=b", Err(PairFault::NoName(0..2))),
        ];
        for (text, expected) in table {
            let found = pairs(text, '\\');
            let found = found.as_ref().map(|pairs| {
                let part = |range: &Range<usize>| text.get(range.clone()).unwrap();
                let one = |pair: &Pair| (part(&pair.name), part(&pair.value));
                pairs.iter().map(one).collect::<Vec<_>>()
            });
            let expected = expected.as_ref().map(|pairs| pairs.to_vec());
            assert_eq!(found, expected, "{text}");
        }
    }
}

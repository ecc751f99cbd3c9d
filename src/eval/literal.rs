//! The text of string literals: escapes and the indentation of `''…''`.
//!
//! Works on the raw text between the delimiters, since rnix's own normalisation differs from Nix: there
//! an escape counts as text when the smallest indentation is found, and blanks after the opening `''`
//! belong to the stripped first line.

/// A segment of a literal: text, or something interpolated.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Segment<T> {
    /// Raw text as it stands in the file, or unescaped text on the way out.
    Text(Vec<u8>),
    /// What stood between `${` and `}`.
    Interpolation(T),
}

/// Resolves the escapes of a `"…"` literal; CR and CR LF count as LF.
pub(super) fn unescape(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => out.extend(bytes.next().map(escaped)),
            b'\r' => {
                bytes.next_if_eq(&b'\n');
                out.push(b'\n');
            }
            other => out.push(other),
        }
    }
    out
}

fn escaped(byte: u8) -> u8 {
    match byte {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        other => other,
    }
}

/// A token of an indented string, as Nix's scanner cuts it.
enum Token<T> {
    /// Plain text; its blanks count as indentation.
    Plain(Vec<u8>),
    /// The result of an escape; never indentation.
    Escape(Vec<u8>),
    Interpolation(T),
}

/// Resolves the escapes of a `''…''` literal and strips its common indentation.
pub(super) fn indented<T>(raw: Vec<Segment<T>>) -> Vec<Segment<T>> {
    let mut tokens = Vec::new();
    let mut first = true;
    for segment in raw {
        match segment {
            Segment::Text(text) => {
                let text = if first { without_first_line(&text) } else { &text };
                scan(text, &mut tokens);
            }
            Segment::Interpolation(value) => tokens.push(Token::Interpolation(value)),
        }
        first = false;
    }
    let indentation = smallest_indentation(&tokens);
    strip(tokens, indentation)
}

/// Blanks and the newline right after the opening `''` are not part of the string.
fn without_first_line(text: &[u8]) -> &[u8] {
    let blanks = text.iter().take_while(|&&byte| byte == b' ').count();
    match text.get(blanks) {
        Some(b'\n') => text.get(blanks + 1..).unwrap_or(&[]),
        _ => text,
    }
}

fn scan<T>(text: &[u8], tokens: &mut Vec<Token<T>>) {
    let mut plain = Vec::new();
    let mut rest = text;
    let mut flush = |plain: &mut Vec<u8>, next: Option<Vec<u8>>| {
        if !plain.is_empty() {
            tokens.push(Token::Plain(std::mem::take(plain)));
        }
        tokens.extend(next.map(Token::Escape));
    };
    while let Some((&byte, after)) = rest.split_first() {
        rest = match (byte, after) {
            (b'\'', [b'\'', b'$', after @ ..]) => {
                flush(&mut plain, Some(b"$".to_vec()));
                after
            }
            (b'\'', [b'\'', b'\'', after @ ..]) => {
                flush(&mut plain, Some(b"''".to_vec()));
                after
            }
            (b'\'', [b'\'', b'\\', character, after @ ..]) => {
                flush(&mut plain, Some(vec![escaped(*character)]));
                after
            }
            (b'$', [next, after @ ..]) if !matches!(next, b'{' | b'\'') => {
                plain.extend([b'$', *next]);
                after
            }
            (b'\'', [next, after @ ..]) if !matches!(next, b'\'' | b'$') => {
                plain.extend([b'\'', *next]);
                after
            }
            (b'$' | b'\'', after) => {
                flush(&mut plain, Some(vec![byte]));
                after
            }
            (_, after) => {
                plain.push(byte);
                after
            }
        };
    }
    flush(&mut plain, None);
}

fn smallest_indentation<T>(tokens: &[Token<T>]) -> usize {
    let mut at_line_start = true;
    let mut smallest = usize::MAX;
    let mut current = 0;
    for token in tokens {
        let Token::Plain(text) = token else {
            if at_line_start {
                at_line_start = false;
                smallest = smallest.min(current);
            }
            continue;
        };
        for &byte in text {
            match byte {
                b'\n' => {
                    at_line_start = true;
                    current = 0;
                }
                b' ' if at_line_start => current += 1,
                _ if at_line_start => {
                    at_line_start = false;
                    smallest = smallest.min(current);
                }
                _ => {}
            }
        }
    }
    smallest
}

fn strip<T>(tokens: Vec<Token<T>>, indentation: usize) -> Vec<Segment<T>> {
    let mut at_line_start = true;
    let mut dropped = 0;
    let count = tokens.len();
    let mut segments = Vec::with_capacity(count);
    for (index, token) in tokens.into_iter().enumerate() {
        let text = match token {
            Token::Interpolation(value) => {
                at_line_start = false;
                dropped = 0;
                segments.push(Segment::Interpolation(value));
                continue;
            }
            Token::Plain(text) | Token::Escape(text) => text,
        };
        let mut kept = Vec::with_capacity(text.len());
        for byte in text {
            if at_line_start && byte == b' ' {
                dropped += 1;
                if dropped > indentation {
                    kept.push(byte);
                }
                continue;
            }
            if at_line_start {
                dropped = 0;
            }
            at_line_start = byte == b'\n';
            kept.push(byte);
        }
        if index + 1 == count {
            let last_line = kept.iter().rposition(|&byte| byte == b'\n').map(|at| at + 1);
            if let Some(start) = last_line
                && kept.iter().skip(start).all(|&byte| byte == b' ')
            {
                kept.truncate(start);
            }
        }
        if !kept.is_empty() {
            segments.push(Segment::Text(kept));
        }
    }
    segments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strip_text(raw: &str) -> String {
        let segments = indented::<()>(vec![Segment::Text(raw.as_bytes().to_vec())]);
        let bytes = segments.into_iter().flat_map(|segment| match segment {
            Segment::Text(text) => text,
            Segment::Interpolation(()) => Vec::new(),
        });
        String::from_utf8(bytes.collect()).unwrap()
    }

    #[test]
    fn strips_as_nix_does() {
        for (raw, expected) in [
            ("\n  a\n   b\n  ", "a\n b\n"),
            ("  \n  a\n", "a\n"),
            ("a\n  b", "a\n  b"),
            ("\n    ''\\n\n  x", "  \n\nx"),
            ("\n  ''${x}\n    y\n", "${x}\n  y\n"),
            ("'''", "''"),
            ("$$ $a 'b", "$$ $a 'b"),
            ("\n\n  a\n\n  b\n", "\na\n\nb\n"),
            ("   ", ""),
        ] {
            assert_eq!(strip_text(raw), expected, "{raw:?}");
        }
    }

    #[test]
    fn unescapes() {
        assert_eq!(unescape(b"a\\n\\\"\\${x}\\q\r\n\r"), b"a\n\"${x}q\n\n");
    }
}

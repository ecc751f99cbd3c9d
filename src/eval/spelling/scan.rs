//! A text cut into tokens as Nix's lexer cuts it: by the longest match at each place.
//!
//! The rules are those of `src/libexpr/lexer.l`. Only the classes that [`super`] tells apart have names;
//! words and signs are one each.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Blanks, tabs and line ends.
    Blank,
    Comment,
    Integer,
    Float,
    /// A name or keyword.
    Word,
    /// A path up to its first interpolation.
    Path,
    /// What follows an interpolation in a path.
    PathPart,
    /// `<name>`
    Search,
    Uri,
    /// What a string holds besides interpolations.
    Text,
    /// Operators and brackets, those of strings as well.
    Sign,
    /// A byte that begins no token.
    Other,
}

/// A token: its class and the place of its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) class: Class,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Where the scanner is.
#[derive(Clone, Copy)]
enum State {
    Code,
    /// `"…"`
    Text,
    /// `''…''`
    Indented,
    Path,
}

/// The tokens of a text, one after the other.
pub(super) struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
    states: Vec<State>,
    /// Where the run of path characters around `at` ends, as far as is known.
    run_end: usize,
    /// The last `_` of that run: a scheme of a URI has none.
    underscore: Option<usize>,
}

const SIGNS: [&[u8]; 12] =
    [b"...", b"==", b"!=", b"<=", b">=", b"&&", b"||", b"->", b"//", b"++", b"<|", b"|>"];

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Self { text, at: 0, states: vec![State::Code], run_end: 0, underscore: None }
    }

    /// Whether a string has not ended.
    #[cfg(test)]
    pub(super) fn is_inside(&self) -> bool {
        self.states.iter().any(|state| matches!(state, State::Text | State::Indented))
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.get(at).copied()
    }

    fn rest(&self, at: usize) -> &'t [u8] {
        self.text.get(at..).unwrap_or(&[])
    }

    /// The end of what follows `at` and is of a kind.
    fn end_of(&self, at: usize, of_kind: impl Fn(u8) -> bool) -> usize {
        at + self.rest(at).iter().take_while(|&&byte| of_kind(byte)).count()
    }

    fn code(&mut self) -> (Class, usize) {
        let at = self.at;
        let rest = self.rest(at);
        match rest {
            [b' ' | b'\t' | b'\r' | b'\n', ..] => {
                return (Class::Blank, self.end_of(at, |byte| b" \t\r\n".contains(&byte)));
            }
            [b'#', ..] => {
                return (Class::Comment, self.end_of(at, |byte| !b"\r\n".contains(&byte)));
            }
            [b'/', b'*', inside @ ..] => {
                if let Some(length) = inside.windows(2).position(|pair| pair == b"*/") {
                    return (Class::Comment, at + length + 4);
                }
            }
            [b'"', ..] => return self.opens(State::Text, 1),
            [b'\'', b'\'', ..] => return self.opens(State::Indented, 2),
            [b'$', b'{', ..] => return self.opens(State::Code, 2),
            [b'{', ..] => return self.opens(State::Code, 1),
            [b'}', ..] => {
                if self.states.len() > 1 {
                    self.states.pop();
                }
                return (Class::Sign, at + 1);
            }
            _ => {}
        }
        if let Some(end) = self.path() {
            self.states.push(State::Path);
            return (Class::Path, end);
        }
        self.short(rest)
    }

    /// A token of code that is neither a path nor changes the state.
    fn short(&self, rest: &[u8]) -> (Class, usize) {
        let at = self.at;
        let sign = |length| (Class::Sign, at + length);
        match rest {
            [b'<', ..] => {
                if let Some(end) = self.search() {
                    return (Class::Search, end);
                }
            }
            [b'0'..=b'9' | b'.', ..] => {
                if let Some(end) = self.float() {
                    return (Class::Float, end);
                }
                let end = self.end_of(at, |byte| byte.is_ascii_digit());
                if end > at {
                    return (Class::Integer, end);
                }
            }
            [b'a'..=b'z' | b'A'..=b'Z' | b'_', ..] => {
                if let Some(end) = self.uri() {
                    return (Class::Uri, end);
                }
                let of_word = |byte: u8| byte.is_ascii_alphanumeric() || b"_'-".contains(&byte);
                return (Class::Word, self.end_of(at, of_word));
            }
            _ => {}
        }
        if let Some(found) = SIGNS.iter().find(|found| rest.starts_with(found)) {
            return sign(found.len());
        }
        match rest.first() {
            Some(byte) if b"[](){}:;,.=?@!<>+-*/".contains(byte) => sign(1),
            _ => (Class::Other, at + 1),
        }
    }

    fn opens(&mut self, state: State, length: usize) -> (Class, usize) {
        self.states.push(state);
        (Class::Sign, self.at + length)
    }

    /// The end of the path characters from here on.
    fn run(&mut self) -> usize {
        if self.at >= self.run_end {
            self.run_end = self.end_of(self.at, is_path);
            let run = self.text.get(self.at..self.run_end).unwrap_or(&[]);
            self.underscore =
                run.iter().rposition(|&byte| byte == b'_').map(|found| self.at + found);
        }
        self.run_end.max(self.at)
    }

    /// The end of a path, or of its part before `${`.
    fn path(&mut self) -> Option<usize> {
        let slash = match self.rest(self.at) {
            [b'~', b'/', ..] => self.at + 1,
            _ => self.run(),
        };
        match self.rest(slash) {
            [b'/', b'$', b'{', ..] => Some(slash + 1),
            [b'/', next, ..] if is_path(*next) => {
                Some(self.end_of(slash, |byte| is_path(byte) || byte == b'/'))
            }
            _ => None,
        }
    }

    /// The end of `<name>`.
    fn search(&self) -> Option<usize> {
        let start = self.at + 1;
        let end = self.end_of(start, |byte| is_path(byte) || byte == b'/');
        let name = self.text.get(start..end)?;
        let whole = name.split(|&byte| byte == b'/').all(|part| !part.is_empty());
        (whole && self.byte(end) == Some(b'>')).then_some(end + 1)
    }

    /// The end of `([1-9][0-9]*\.[0-9]*|0?\.[0-9]+)([eE][+-]?[0-9]+)?`.
    fn float(&self) -> Option<usize> {
        let digits = |at| self.end_of(at, |byte| byte.is_ascii_digit());
        let whole = self.rest(self.at);
        let dot = match whole {
            [b'.', ..] => self.at,
            [b'0', b'.', ..] => self.at + 1,
            [b'1'..=b'9', ..] => digits(self.at),
            _ => return None,
        };
        if self.byte(dot) != Some(b'.') {
            return None;
        }
        let end = digits(dot + 1);
        if end == dot + 1 && !matches!(whole, [b'1'..=b'9', ..]) {
            return None;
        }
        let exponent = match self.rest(end) {
            [b'e' | b'E', b'+' | b'-', ..] => end + 2,
            [b'e' | b'E', ..] => end + 1,
            _ => return Some(end),
        };
        let after = digits(exponent);
        Some(if after > exponent { after } else { end })
    }

    /// The end of a URI; the scheme is all of the run of path characters.
    fn uri(&self) -> Option<usize> {
        let is_uri = |byte: u8| is_path(byte) || b"%/?:@&=$,!~*'".contains(&byte);
        let colon = self.run_end;
        let scheme = self.underscore.is_none_or(|found| found < self.at);
        let starts = self.byte(self.at).is_some_and(|byte| byte.is_ascii_alphabetic());
        match self.rest(colon) {
            [b':', next, ..] if scheme && starts && is_uri(*next) => {
                Some(self.end_of(colon + 1, is_uri))
            }
            _ => None,
        }
    }

    /// What a string holds up to an interpolation or the end, or one of these two.
    fn inside(&mut self, indented: bool) -> (Class, usize) {
        let mut at = self.at;
        let ends = loop {
            at += match (self.rest(at), indented) {
                ([], _) => break None,
                ([b'$', b'{', ..], _) => break Some((State::Code, 2)),
                ([b'"', ..], false) => break Some((State::Text, 1)),
                ([b'\'', b'\'', b'\\', _, ..], true) => 4,
                ([b'\'', b'\'', b'\'' | b'$', ..], true) => 3,
                ([b'\'', b'\'', ..], true) => break Some((State::Indented, 2)),
                ([b'$', b'$', ..], _) | ([b'\\', _, ..], false) => 2,
                _ => 1,
            }
        };
        match ends {
            Some((state, length)) if at == self.at => {
                match state {
                    State::Code => self.states.push(State::Code),
                    _ => {
                        self.states.pop();
                    }
                }
                (Class::Sign, at + length)
            }
            _ => (Class::Text, at),
        }
    }

    /// What follows in a path; none when it has ended.
    fn path_part(&mut self) -> Option<(Class, usize)> {
        match self.rest(self.at) {
            [b'$', b'{', ..] => Some(self.opens(State::Code, 2)),
            [byte, ..] if is_path(*byte) || *byte == b'/' => {
                let end = self.end_of(self.at, |byte| is_path(byte) || byte == b'/');
                Some((Class::PathPart, end))
            }
            _ => None,
        }
    }
}

impl Iterator for Scanner<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let start = self.at;
        if start >= self.text.len() {
            return None;
        }
        let found = match self.states.last() {
            Some(State::Text) => Some(self.inside(false)),
            Some(State::Indented) => Some(self.inside(true)),
            Some(State::Path) => self.path_part(),
            Some(State::Code) | None => Some(self.code()),
        };
        let Some((class, end)) = found else {
            self.states.pop();
            return self.next();
        };
        self.at = end;
        Some(Token { class, start, end })
    }
}

/// Whether a byte may be part of a path, besides `/`.
pub(super) fn is_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"._-+".contains(&byte)
}

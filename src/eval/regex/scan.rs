//! Cuts a pattern into tokens, as libstdc++'s `regex_scanner.tcc` does in its `extended` mode.
//!
//! Three states: outside, within `[…]` and within `{…}`. Outside, only `.[\()*+?{|^$` are special,
//! so that `]` and `}` stand for themselves there; a newline is a character like any other.

use super::RegexError;

/// One token; names and numbers are still the bytes of the pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'p> {
    /// A character that stands for itself.
    Byte(u8),
    /// `.`
    Any,
    /// `^` outside of brackets.
    LineStart,
    /// `$`
    LineEnd,
    /// `*`
    Star,
    /// `+`
    Plus,
    /// `?`
    Optional,
    /// `|`
    Or,
    /// `(`
    Open,
    /// `)`
    Close,
    /// `[` or `[^`.
    Bracket {
        /// Whether it was `[^`.
        negated: bool,
    },
    /// The `]` that ends a bracket expression.
    BracketEnd,
    /// `-` within a bracket expression.
    Dash,
    /// `[:name:]`
    Class(&'p [u8]),
    /// `[.name.]`
    Collating(&'p [u8]),
    /// `[=name=]`
    Equivalent(&'p [u8]),
    /// `{`
    Brace,
    /// The `}` that ends a count.
    BraceEnd,
    /// `,` within a count.
    Comma,
    /// The digits of a count.
    Count(&'p [u8]),
    /// The end of the pattern.
    Eof,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Outside,
    Bracket { at_start: bool },
    Brace,
}

/// Hands out the tokens of a pattern.
#[derive(Debug)]
pub(super) struct Scanner<'p> {
    rest: &'p [u8],
    state: State,
}

const fn refuse<T>(why: &'static str) -> Result<T, RegexError> {
    Err(RegexError::Syntax { why })
}

impl<'p> Scanner<'p> {
    /// Starts at the beginning of a pattern.
    pub(super) const fn new(pattern: &'p [u8]) -> Self {
        Self { rest: pattern, state: State::Outside }
    }

    /// Gives the next token; at the end of the pattern, wherever that is, [`Token::Eof`].
    pub(super) fn next(&mut self) -> Result<Token<'p>, RegexError> {
        let before = self.rest;
        let Some(byte) = self.bump() else { return Ok(Token::Eof) };
        match self.state {
            State::Outside => self.outside(byte),
            State::Bracket { at_start } => {
                self.state = State::Bracket { at_start: false };
                self.in_bracket(byte, at_start)
            }
            State::Brace => self.in_brace(byte, before),
        }
    }

    fn bump(&mut self) -> Option<u8> {
        let (&byte, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(byte)
    }

    fn outside(&mut self, byte: u8) -> Result<Token<'p>, RegexError> {
        Ok(match byte {
            b'\\' => match self.bump() {
                None => return refuse("a `\\` stands at the end of the pattern"),
                Some(
                    escaped @ (b'.' | b'[' | b'\\' | b'(' | b')' | b'*' | b'+' | b'?' | b'{' | b'|'
                    | b'^' | b'$'),
                ) => Token::Byte(escaped),
                Some(_) => {
                    return refuse(
                        "a `\\` may only stand before one of `. [ \\ ( ) * + ? { | ^ $`",
                    );
                }
            },
            b'(' => Token::Open,
            b')' => Token::Close,
            b'[' => {
                self.state = State::Bracket { at_start: true };
                let negated = self.rest.first() == Some(&b'^');
                if negated {
                    self.bump();
                }
                Token::Bracket { negated }
            }
            b'{' => {
                self.state = State::Brace;
                Token::Brace
            }
            b'^' => Token::LineStart,
            b'$' => Token::LineEnd,
            b'.' => Token::Any,
            b'*' => Token::Star,
            b'+' => Token::Plus,
            b'?' => Token::Optional,
            b'|' => Token::Or,
            0 => return refuse("a pattern may not hold a NUL byte"),
            other => Token::Byte(other),
        })
    }

    /// A backslash is an ordinary character here; so are `]` as the first one and a `[` that opens
    /// no name.
    fn in_bracket(&mut self, byte: u8, at_start: bool) -> Result<Token<'p>, RegexError> {
        Ok(match byte {
            b'-' => Token::Dash,
            b'[' => match self.rest.first() {
                None => return refuse("a `[` is not closed by a `]`"),
                Some(b'.') => Token::Collating(self.name(b'.')?),
                Some(b':') => Token::Class(self.name(b':')?),
                Some(b'=') => Token::Equivalent(self.name(b'=')?),
                Some(_) => Token::Byte(b'['),
            },
            b']' if !at_start => {
                self.state = State::Outside;
                Token::BracketEnd
            }
            other => Token::Byte(other),
        })
    }

    /// The name ends at the first byte equal to its opening mark, whatever follows.
    fn name(&mut self, mark: u8) -> Result<&'p [u8], RegexError> {
        self.bump();
        let rest = self.rest;
        let end = rest.iter().position(|&byte| byte == mark);
        match end.and_then(|end| rest.split_at_checked(end)) {
            Some((name, [_, b']', after @ ..])) => {
                self.rest = after;
                Ok(name)
            }
            _ => refuse("a `[:`, `[.` or `[=` is not closed by its `:]`, `.]` or `=]`"),
        }
    }

    fn in_brace(&mut self, byte: u8, before: &'p [u8]) -> Result<Token<'p>, RegexError> {
        match byte {
            b'0'..=b'9' => {
                let end = before.iter().position(|byte| !byte.is_ascii_digit());
                let (digits, rest) = before.split_at(end.unwrap_or(before.len()));
                self.rest = rest;
                Ok(Token::Count(digits))
            }
            b',' => Ok(Token::Comma),
            b'}' => {
                self.state = State::Outside;
                Ok(Token::BraceEnd)
            }
            _ => refuse("a count is written `{2}`, `{2,}` or `{2,3}`"),
        }
    }
}

//! Bracket expressions: `[a-z]`, `[^[:space:]]`, `[[.hyphen.]]`.
//!
//! The rules are those of libstdc++'s `_M_expression_term` in its POSIX form and of its
//! `regex_traits` in the `C` locale: ranges compare signed characters, names of classes may be
//! written in any case, collating elements are known by their POSIX names only (`[[.hyphen.]]`, not
//! `[[.-.]]`), and an equivalence class ignores case.

use super::RegexError;
use super::scan::Token;

/// A set of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Set([u64; 4]);

impl Set {
    /// Whether the byte is in the set.
    pub(super) fn has(&self, byte: u8) -> bool {
        let word = self.0.get(usize::from(byte >> 6)).copied().unwrap_or(0);
        word >> (byte & 63) & 1 == 1
    }

    /// Puts a byte into the set.
    pub(super) fn insert(&mut self, byte: u8) {
        if let Some(word) = self.0.get_mut(usize::from(byte >> 6)) {
            *word |= 1 << (byte & 63);
        }
    }

    fn insert_all(&mut self, wanted: impl Fn(u8) -> bool) {
        for byte in 0..=u8::MAX {
            if wanted(byte) {
                self.insert(byte);
            }
        }
    }
}

/// What the last item was, which decides what a `-` after it means.
#[derive(Clone, Copy, Debug)]
enum Last {
    Nothing,
    /// A character that may begin a range; already in the set.
    Byte(u8),
    /// A character and a `-`.
    Range(u8),
    Class,
}

/// Collects the items of one bracket expression.
#[derive(Debug)]
pub(super) struct Reader {
    set: Set,
    last: Last,
    at_start: bool,
}

const fn refuse<T>(why: &'static str) -> Result<T, RegexError> {
    Err(RegexError::Syntax { why })
}

impl Reader {
    /// Starts after the `[` or `[^`.
    pub(super) const fn new() -> Self {
        Self { set: Set([0; 4]), last: Last::Nothing, at_start: true }
    }

    /// Takes one token and tells whether it was the closing one; `before_end` says that the next
    /// one is.
    pub(super) fn take(&mut self, token: Token<'_>, before_end: bool) -> Result<bool, RegexError> {
        let at_start = std::mem::replace(&mut self.at_start, false);
        match (token, self.last) {
            (Token::Byte(last), Last::Range(first)) => self.range(first, last)?,
            (Token::Dash, Last::Range(first)) => self.range(first, b'-')?,
            (_, Last::Range(_)) => return refuse("a range ends in something that is no character"),
            (Token::BracketEnd, _) => return Ok(true),
            (Token::Byte(byte), _) => self.byte(byte),
            (Token::Dash, _) if at_start || before_end => self.byte(b'-'),
            (Token::Dash, Last::Byte(first)) => self.last = Last::Range(first),
            (Token::Dash, Last::Class) => return refuse("a range begins with a class"),
            (Token::Dash, Last::Nothing) => {
                return refuse("a `-` stands where no range can begin; put it first or last");
            }
            (Token::Class(name), _) => {
                let Some(class) = class(name) else {
                    return refuse("a class `[:name:]` has an unknown name");
                };
                self.set.insert_all(class);
                self.last = Last::Class;
            }
            (Token::Collating(name), _) => {
                let Some(byte) = collating_element(name) else {
                    return refuse("a collating element `[.name.]` has an unknown name");
                };
                self.byte(byte);
            }
            (Token::Equivalent(name), _) => {
                let Some(byte) = collating_element(name) else {
                    return refuse("an equivalence class `[=name=]` has an unknown name");
                };
                self.set.insert_all(|other| other.eq_ignore_ascii_case(&byte));
                self.last = Last::Class;
            }
            _ => return refuse("a `[` is not closed by a `]`"),
        }
        Ok(false)
    }

    /// Gives what the expression matches.
    pub(super) fn finish(self, negated: bool) -> Set {
        let Set(words) = self.set;
        Set(if negated { words.map(|word| !word) } else { words })
    }

    fn byte(&mut self, byte: u8) {
        self.set.insert(byte);
        self.last = Last::Byte(byte);
    }

    fn range(&mut self, first: u8, last: u8) -> Result<(), RegexError> {
        let (first, last) = (first.cast_signed(), last.cast_signed());
        if first > last {
            return refuse("a range begins after its end");
        }
        self.set.insert_all(|byte| (first..=last).contains(&byte.cast_signed()));
        self.last = Last::Nothing;
        Ok(())
    }
}

fn class(name: &[u8]) -> Option<fn(u8) -> bool> {
    Some(match name.to_ascii_lowercase().as_slice() {
        b"alnum" => |byte| byte.is_ascii_alphanumeric(),
        b"alpha" => |byte| byte.is_ascii_alphabetic(),
        b"blank" => |byte| matches!(byte, b' ' | b'\t'),
        b"cntrl" => |byte| byte.is_ascii_control(),
        b"d" | b"digit" => |byte| byte.is_ascii_digit(),
        b"graph" => |byte| byte.is_ascii_graphic(),
        b"lower" => |byte| byte.is_ascii_lowercase(),
        b"print" => |byte| matches!(byte, b' '..=b'~'),
        b"punct" => |byte| byte.is_ascii_punctuation(),
        b"s" | b"space" => |byte| matches!(byte, b' ' | b'\t'..=b'\r'),
        b"upper" => |byte| byte.is_ascii_uppercase(),
        b"w" => |byte| byte.is_ascii_alphanumeric() || byte == b'_',
        b"xdigit" => |byte| byte.is_ascii_hexdigit(),
        _ => return None,
    })
}

/// The POSIX names of the characters, which start at NUL.
const CONTROLS: &str = "NUL SOH STX ETX EOT ENQ ACK alert backspace tab newline vertical-tab form-feed carriage-return \
    SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC IS4 IS3 IS2 IS1 space exclamation-mark quotation-mark \
    number-sign dollar-sign percent-sign ampersand apostrophe left-parenthesis right-parenthesis asterisk plus-sign \
    comma hyphen period slash zero one two three four five six seven eight nine colon semicolon less-than-sign \
    equals-sign greater-than-sign question-mark commercial-at";

/// The names after those and the letters they are followed by.
const LATER: [(u8, &str); 10] = [
    (b'[', "left-square-bracket"),
    (b'\\', "backslash"),
    (b']', "right-square-bracket"),
    (b'^', "circumflex"),
    (b'_', "underscore"),
    (b'`', "grave-accent"),
    (b'{', "left-curly-bracket"),
    (b'|', "vertical-line"),
    (b'}', "right-curly-bracket"),
    (b'~', "tilde"),
];

fn collating_element(name: &[u8]) -> Option<u8> {
    if let [letter] = name
        && letter.is_ascii_alphabetic()
    {
        return Some(*letter);
    }
    if name == b"DEL" {
        return Some(0x7f);
    }
    let early = CONTROLS.split(' ').position(|known| known.as_bytes() == name);
    let late = || LATER.iter().find(|(_, known)| known.as_bytes() == name).map(|(byte, _)| *byte);
    early.and_then(|position| u8::try_from(position).ok()).or_else(late)
}

//! A word, character by character.

use super::{Fault, FaultKind};
use crate::front::containerfile::glob;
use std::ops::Range;

/// How deep `${a:-${b:-…}}` may be nested.
const MAX_DEPTH: usize = 64;
/// The longest value that `${x/…/…}` searches, in characters.
const MAX_SEARCH: usize = 4096;

/// Variables without a value, and where they are.
pub(super) type Unset = Vec<(String, Range<usize>)>;

/// A piece of the result; only a plain one is split at its blanks.
pub(super) struct Piece {
    pub text: String,
    pub is_plain: bool,
}

/// The text of pieces.
pub(super) fn joined(pieces: &[Piece]) -> String {
    pieces.iter().map(|piece| piece.text.as_str()).collect()
}

/// A word while it is read.
pub(super) struct Scan<'t, 'l, 'v> {
    text: &'t str,
    at: usize,
    escape: char,
    has_quotes: bool,
    lookup: &'l dyn Fn(&str) -> Option<&'v str>,
    /// The bytes that variables may still make.
    left: usize,
    depth: usize,
    unset: Unset,
}

impl<'t, 'l, 'v> Scan<'t, 'l, 'v> {
    /// The word from its beginning; its variables may make `left` bytes.
    pub(super) fn new(
        text: &'t str,
        escape: char,
        has_quotes: bool,
        lookup: &'l dyn Fn(&str) -> Option<&'v str>,
        left: usize,
    ) -> Self {
        Self { text, at: 0, escape, has_quotes, lookup, left, depth: 0, unset: Vec::new() }
    }

    /// The pieces of the word, the variables without a value, and the bytes that are left.
    pub(super) fn whole(mut self) -> Result<(Vec<Piece>, Unset, usize), Fault> {
        let pieces = self.until(None, false)?;
        Ok((pieces, self.unset, self.left))
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at = self.at.saturating_add(character.len_utf8());
        Some(character)
    }

    fn fault<T>(&self, start: usize, kind: FaultKind) -> Result<T, Fault> {
        Err(Fault { at: start..self.at, kind })
    }

    /// Everything up to a character, which is taken as well, or to the end.
    fn until(&mut self, stop: Option<char>, keeps_escapes: bool) -> Result<Vec<Piece>, Fault> {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut push = |text: &str, is_plain| match pieces.last_mut() {
            Some(piece) if piece.is_plain == is_plain => piece.text.push_str(text),
            _ => pieces.push(Piece { text: text.to_owned(), is_plain }),
        };
        let mut buffer = [0; 4];
        while let Some(character) = self.peek() {
            match character {
                _ if stop == Some(character) => {
                    self.next();
                    return Ok(pieces);
                }
                '$' => push(&self.dollar()?, true),
                '\'' if self.has_quotes => push(&self.single()?, false),
                '"' if self.has_quotes => push(&self.double(keeps_escapes)?, false),
                _ => {
                    self.next();
                    if character != self.escape {
                        push(character.encode_utf8(&mut buffer), true);
                        continue;
                    }
                    if keeps_escapes {
                        push(character.encode_utf8(&mut buffer), false);
                    }
                    if let Some(next) = self.next() {
                        push(next.encode_utf8(&mut buffer), false);
                    }
                }
            }
        }
        match stop {
            Some(stop) => self.fault(self.at, FaultKind::Open(stop)),
            None => Ok(pieces),
        }
    }

    fn single(&mut self) -> Result<String, Fault> {
        let start = self.at;
        self.next();
        let mut text = String::new();
        loop {
            match self.next() {
                Some('\'') => return Ok(text),
                Some(other) => text.push(other),
                None => return self.fault(start, FaultKind::Quote('\'')),
            }
        }
    }

    fn double(&mut self, keeps_escapes: bool) -> Result<String, Fault> {
        let start = self.at;
        self.next();
        let mut text = String::new();
        loop {
            match self.peek() {
                None => return self.fault(start, FaultKind::Quote('"')),
                Some('"') => {
                    self.next();
                    return Ok(text);
                }
                Some('$') => text.push_str(&self.dollar()?),
                Some(character) => {
                    self.next();
                    if character != self.escape {
                        text.push(character);
                        continue;
                    }
                    if keeps_escapes {
                        text.push(character);
                    }
                    match self.peek() {
                        None => {}
                        Some(next) if next == '"' || next == '$' || next == self.escape => {
                            self.next();
                            text.push(next);
                        }
                        Some(_) => text.push(character),
                    }
                }
            }
        }
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(character) = self.peek() {
            let is_first = name.is_empty();
            let is_number = name.starts_with(|c: char| c.is_numeric());
            let belongs = match character {
                '@' | '*' | '#' | '?' | '-' | '$' | '!' if is_first => {
                    self.next();
                    return character.to_string();
                }
                _ if is_number => character.is_numeric(),
                _ => character == '_' || character.is_alphanumeric(),
            };
            if !belongs {
                break;
            }
            self.next();
            name.push(character);
        }
        name
    }

    /// The value of a variable, if it has one.
    fn value(&mut self, name: &str, start: usize) -> Result<Option<String>, Fault> {
        let Some(value) = (self.lookup)(name) else { return Ok(None) };
        match self.left.checked_sub(value.len()) {
            Some(left) => {
                self.left = left;
                Ok(Some(value.to_owned()))
            }
            None => self.fault(start, FaultKind::TooLong),
        }
    }

    fn value_or_nothing(&mut self, name: String, start: usize) -> Result<String, Fault> {
        match self.value(&name, start)? {
            Some(value) => Ok(value),
            None => {
                self.unset.push((name, start..self.at));
                Ok(String::new())
            }
        }
    }

    fn dollar(&mut self) -> Result<String, Fault> {
        let start = self.at;
        self.next();
        if self.peek() != Some('{') {
            let name = self.name();
            if name.is_empty() {
                return Ok("$".to_owned());
            }
            return self.value_or_nothing(name, start);
        }
        if self.depth >= MAX_DEPTH {
            return self.fault(start, FaultKind::TooDeep);
        }
        self.depth = self.depth.saturating_add(1);
        let text = self.braces(start);
        self.depth = self.depth.saturating_sub(1);
        text
    }

    fn braces(&mut self, start: usize) -> Result<String, Fault> {
        self.next();
        match self.peek() {
            None => return self.fault(start, FaultKind::Open('}')),
            Some('{' | '}' | ':') => {
                self.next();
                return self.fault(start, FaultKind::Substitution);
            }
            Some(_) => {}
        }
        let name = self.name();
        let Some(operator) = self.next() else { return self.fault(start, FaultKind::Open('}')) };
        match operator {
            '}' if name.is_empty() => self.fault(start, FaultKind::Substitution),
            '}' => self.value_or_nothing(name, start),
            '/' => self.replace(&name, start),
            ':' | '-' | '+' | '?' | '#' | '%' => {
                let null_is_unset = operator == ':';
                let operator = if null_is_unset { self.next() } else { Some(operator) };
                let operator = match operator {
                    None => return self.fault(start, FaultKind::Open('}')),
                    Some(plain @ ('-' | '+' | '?')) => plain,
                    Some(pattern @ ('#' | '%')) if !null_is_unset => pattern,
                    Some(other) => {
                        return self.fault(start, FaultKind::Modifier(format!(":{other}")));
                    }
                };
                let word = self.part('}', matches!(operator, '#' | '%'), start)?;
                self.operate(&name, operator, null_is_unset, word, start)
            }
            other => self.fault(start, FaultKind::Modifier(other.to_string())),
        }
    }

    /// A part of `${…}`, up to a character.
    fn part(&mut self, stop: char, keeps_escapes: bool, start: usize) -> Result<String, Fault> {
        match self.until(Some(stop), keeps_escapes) {
            Ok(pieces) => Ok(joined(&pieces)),
            // The place to mend is where it begins.
            Err(Fault { kind: kind @ FaultKind::Open(_), .. }) => self.fault(start, kind),
            Err(fault) => Err(fault),
        }
    }

    fn operate(
        &mut self,
        name: &str,
        operator: char,
        null_is_unset: bool,
        word: String,
        start: usize,
    ) -> Result<String, Fault> {
        let value = self.value(name, start)?;
        let is_unset = value.as_ref().is_none_or(|value| null_is_unset && value.is_empty());
        match operator {
            '-' if is_unset => Ok(word),
            '+' if is_unset => Ok(String::new()),
            '+' => Ok(word),
            '?' if is_unset => {
                let why = if value.is_none() { "it has no value" } else { "it is empty" };
                let message = if word.is_empty() { why.to_owned() } else { word };
                self.fault(start, FaultKind::Required { name: name.to_owned(), message })
            }
            '#' | '%' => {
                let value = value.unwrap_or_default();
                let (pattern, is_greedy) = match word.strip_prefix(operator) {
                    Some(rest) => (rest, true),
                    None => (word.as_str(), false),
                };
                match glob::trim(pattern, &value, operator == '%', is_greedy) {
                    Ok(rest) => Ok(rest),
                    Err(character) => self.fault(start, FaultKind::Escape(character)),
                }
            }
            _ => Ok(value.unwrap_or_default()),
        }
    }

    fn replace(&mut self, name: &str, start: usize) -> Result<String, Fault> {
        let replaces_all = self.peek() == Some('/');
        if replaces_all {
            self.next();
        }
        let pattern = self.part('/', true, start)?;
        let replacement = self.part('}', true, start)?;
        let value = self.value(name, start)?.unwrap_or_default();
        if value.chars().count() > MAX_SEARCH {
            return self.fault(start, FaultKind::TooLong);
        }
        let text = match glob::replace(&pattern, &value, &replacement, replaces_all) {
            Ok(text) => text,
            Err(character) => return self.fault(start, FaultKind::Escape(character)),
        };
        match self.left.checked_sub(text.len()) {
            Some(left) => self.left = left,
            None => return self.fault(start, FaultKind::TooLong),
        }
        Ok(text)
    }
}

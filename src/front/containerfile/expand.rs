//! Quotes, escape characters and variables of a word, as BuildKit's `frontend/dockerfile/shell/lex.go` has them.

use super::glob;
use std::ops::Range;

/// How deep `${a:-${b:-…}}` may be nested.
const MAX_DEPTH: usize = 64;
/// The bytes that the variables of one word may make.
const MAX_WORD: usize = 1024 * 1024;
/// The bytes that all variables of a file may make.
const MAX_ALL: usize = 64 * 1024 * 1024;
/// The longest value that `${x/…/…}` searches, in characters.
const MAX_SEARCH: usize = 4096;

/// What is known of a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variable<'v> {
    /// It has this value.
    Set(&'v str),
    /// It has none.
    Unset,
    /// Whether it has one is up to an image that has not been looked at.
    Unknown,
}

/// What is wrong with a word, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// The bytes of the word.
    pub at: Range<usize>,
    /// What is wrong.
    pub what: What,
}

/// What can be wrong with a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// A quote that does not end.
    Quote(char),
    /// `${` without `}`, or `${x/` without the second `/`.
    Open(char),
    /// `${}` and the like.
    Substitution,
    /// `${x^}` and the like.
    Modifier(String),
    /// `\x` in the pattern of `${x#…}`.
    Escape(char),
    /// `${x:?message}` of a variable without a value.
    Required {
        /// The variable.
        name: String,
        /// What the file says about it.
        message: String,
    },
    /// A variable that may be one of the base image.
    OfBase(String),
    /// The variables make too much text.
    TooLong,
    /// `${a:-${b:-…}}` goes too deep.
    TooDeep,
}

/// A word without quotes, with the values of its variables.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Expanded {
    /// The word.
    pub text: String,
    /// The same, split at blanks that neither are quoted nor escaped.
    pub words: Vec<String>,
    /// Variables without a value that were taken for nothing.
    pub unset: Vec<(String, Range<usize>)>,
}

/// Expands words by the rules of one file.
#[derive(Debug)]
pub(super) struct Expander {
    escape: char,
    left: usize,
}

impl Expander {
    /// For a file with this escape character.
    pub fn new(escape: char) -> Self {
        Self { escape, left: MAX_ALL }
    }

    /// Expands a word.
    pub fn word<'v>(
        &mut self,
        text: &str,
        lookup: &dyn Fn(&str) -> Variable<'v>,
    ) -> Result<Expanded, Fault> {
        self.expand(text, self.escape, true, lookup)
    }

    /// Expands the body of a here-document: quotes are characters like others, and `\` is the escape character.
    pub fn document<'v>(
        &mut self,
        text: &str,
        lookup: &dyn Fn(&str) -> Variable<'v>,
    ) -> Result<Expanded, Fault> {
        self.expand(text, '\\', false, lookup)
    }

    fn expand<'v>(
        &mut self,
        text: &str,
        escape: char,
        has_quotes: bool,
        lookup: &dyn Fn(&str) -> Variable<'v>,
    ) -> Result<Expanded, Fault> {
        let before = self.left.min(MAX_WORD);
        let mut scan = Scan {
            text,
            at: 0,
            escape,
            has_quotes,
            lookup,
            left: before,
            depth: 0,
            unset: Vec::new(),
        };
        let pieces = scan.until(None, false)?;
        let unset = scan.unset;
        self.left = self.left.saturating_sub(before.saturating_sub(scan.left));
        Ok(Expanded { words: words(&pieces), text: joined(&pieces), unset })
    }
}

/// A piece of the result; only a plain one is split at its blanks.
struct Piece {
    text: String,
    is_plain: bool,
}

fn joined(pieces: &[Piece]) -> String {
    pieces.iter().map(|piece| piece.text.as_str()).collect()
}

fn words(pieces: &[Piece]) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for piece in pieces {
        if !piece.is_plain {
            word.push_str(&piece.text);
            continue;
        }
        for character in piece.text.chars() {
            if !character.is_whitespace() {
                word.push(character);
            } else if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

struct Scan<'t, 'l, 'v> {
    text: &'t str,
    at: usize,
    escape: char,
    has_quotes: bool,
    lookup: &'l dyn Fn(&str) -> Variable<'v>,
    /// The bytes that variables may still make.
    left: usize,
    depth: usize,
    unset: Vec<(String, Range<usize>)>,
}

impl Scan<'_, '_, '_> {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at = self.at.saturating_add(character.len_utf8());
        Some(character)
    }

    fn fault<T>(&self, start: usize, what: What) -> Result<T, Fault> {
        Err(Fault { at: start..self.at, what })
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
            Some(stop) => self.fault(self.at, What::Open(stop)),
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
                None => return self.fault(start, What::Quote('\'')),
            }
        }
    }

    fn double(&mut self, keeps_escapes: bool) -> Result<String, Fault> {
        let start = self.at;
        self.next();
        let mut text = String::new();
        loop {
            match self.peek() {
                None => return self.fault(start, What::Quote('"')),
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

    /// The value of a variable; `None` has been asked for, and there is none.
    fn value(&mut self, name: &str, start: usize) -> Result<Option<String>, Fault> {
        match (self.lookup)(name) {
            Variable::Set(value) => match self.left.checked_sub(value.len()) {
                Some(left) => {
                    self.left = left;
                    Ok(Some(value.to_owned()))
                }
                None => self.fault(start, What::TooLong),
            },
            Variable::Unset => Ok(None),
            Variable::Unknown => self.fault(start, What::OfBase(name.to_owned())),
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
            return self.fault(start, What::TooDeep);
        }
        self.depth = self.depth.saturating_add(1);
        let text = self.braces(start);
        self.depth = self.depth.saturating_sub(1);
        text
    }

    fn braces(&mut self, start: usize) -> Result<String, Fault> {
        self.next();
        match self.peek() {
            None => return self.fault(start, What::Open('}')),
            Some('{' | '}' | ':') => {
                self.next();
                return self.fault(start, What::Substitution);
            }
            Some(_) => {}
        }
        let name = self.name();
        let Some(operator) = self.next() else { return self.fault(start, What::Open('}')) };
        match operator {
            '}' if name.is_empty() => self.fault(start, What::Substitution),
            '}' => self.value_or_nothing(name, start),
            '/' => self.replace(&name, start),
            ':' | '-' | '+' | '?' | '#' | '%' => {
                let null_is_unset = operator == ':';
                let operator = if null_is_unset { self.next() } else { Some(operator) };
                let operator = match operator {
                    None => return self.fault(start, What::Open('}')),
                    Some(plain @ ('-' | '+' | '?')) => plain,
                    Some(pattern @ ('#' | '%')) if !null_is_unset => pattern,
                    Some(other) => {
                        return self.fault(start, What::Modifier(format!(":{other}")));
                    }
                };
                let word = self.part('}', matches!(operator, '#' | '%'), start)?;
                self.operate(&name, operator, null_is_unset, word, start)
            }
            other => self.fault(start, What::Modifier(other.to_string())),
        }
    }

    /// A part of `${…}`, up to a character.
    fn part(&mut self, stop: char, keeps_escapes: bool, start: usize) -> Result<String, Fault> {
        match self.until(Some(stop), keeps_escapes) {
            Ok(pieces) => Ok(joined(&pieces)),
            // The place to mend is where it begins.
            Err(Fault { what: what @ What::Open(_), .. }) => self.fault(start, what),
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
                self.fault(start, What::Required { name: name.to_owned(), message })
            }
            '#' | '%' => {
                let value = value.unwrap_or_default();
                let (pattern, is_greedy) = match word.strip_prefix(operator) {
                    Some(rest) => (rest, true),
                    None => (word.as_str(), false),
                };
                match glob::trim(pattern, &value, operator == '%', is_greedy) {
                    Ok(rest) => Ok(rest),
                    Err(character) => self.fault(start, What::Escape(character)),
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
            return self.fault(start, What::TooLong);
        }
        let text = match glob::replace(&pattern, &value, &replacement, replaces_all) {
            Ok(text) => text,
            Err(character) => return self.fault(start, What::Escape(character)),
        };
        match self.left.checked_sub(text.len()) {
            Some(left) => self.left = left,
            None => return self.fault(start, What::TooLong),
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(name: &str) -> Variable<'static> {
        match name {
            "PWD" => Variable::Set("/home"),
            "SHELL" => Variable::Set("bash"),
            "KOREAN" => Variable::Set("한국어"),
            "NULL" => Variable::Set(""),
            "SPACE" => Variable::Set("abc  def"),
            "PATHS" => Variable::Set("/a/b/c.tar.gz"),
            "BASE" => Variable::Unknown,
            _ => Variable::Unset,
        }
    }

    fn expand(text: &str) -> Result<String, What> {
        Expander::new('\\').word(text, &lookup).map(|done| done.text).map_err(|fault| fault.what)
    }

    /// BuildKit's table (`frontend/dockerfile/shell/envVarTest`), and more.
    #[test]
    fn words_are_expanded() {
        for (text, expected) in [
            ("hello", "hello"),
            ("he'll'o", "hello"),
            ("he\\'llo", "he'llo"),
            ("abc\\tdef", "abctdef"),
            ("\"abc\\tdef\"", "abc\\tdef"),
            ("\"abc\\\\tdef\"", "abc\\tdef"),
            ("'abc\\tdef'", "abc\\tdef"),
            ("hello\\", "hello"),
            ("hello\\\\", "hello\\"),
            ("\"hel'lo\"", "hel'lo"),
            ("'hello\\'", "hello\\"),
            ("'hello\\\\there'", "hello\\\\there"),
            ("\"''\"", "''"),
            ("$.", "$."),
            ("he$1x", "hex"),
            ("he$12x", "hex"),
            ("he$.x", "he$.x"),
            ("he$pwd.", "he."),
            ("he$PWD", "he/home"),
            ("he\\$PWD", "he$PWD"),
            ("he\\\\$PWD", "he\\/home"),
            ("\"he\\$PWD\"", "he$PWD"),
            ("\"he\\\\$PWD\"", "he\\/home"),
            ("\\${}", "${}"),
            ("he\\${}xx", "he${}xx"),
            ("he${hi}xx", "hexx"),
            ("he${PWD}", "he/home"),
            ("'he$PWD'", "he$PWD"),
            ("he${XXX:-000}xx", "he000xx"),
            ("he${PWD:-000}xx", "he/homexx"),
            ("he${XXX:-$PWD}xx", "he/homexx"),
            ("he${XXX:-${YYY:-yyy}}xx", "heyyyxx"),
            ("he${PWD?}", "he/home"),
            ("he${NULL?}", "he"),
            ("he${XXX:+${PWD}}xx", "hexx"),
            ("he${PWD:+${SHELL}}xx", "hebashxx"),
            ("he${NULL:-x}", "hex"),
            ("he${NULL-x}", "he"),
            ("he${NULL+x}", "hex"),
            ("he${NULL:+x}", "he"),
            ("he${XXX-x}", "hex"),
            ("${XXX:-\"a b\"}", "a b"),
            ("${XXX:-'a}b'}", "a}b"),
            ("${XXX:-a\\}b}", "a}b"),
            ("'he${XX}'", "he${XX}"),
            ("안녕$PWD", "안녕/home"),
            ("안${KOREAN}녕", "안한국어녕"),
            ("$KOREAN한", ""),
            ("${PATHS#*/}", "a/b/c.tar.gz"),
            ("${PATHS##*/}", "c.tar.gz"),
            ("${PATHS%.*}", "/a/b/c.tar"),
            ("${PATHS%%.*}", "/a/b/c"),
            ("${PATHS%nothing}", "/a/b/c.tar.gz"),
            ("${PATHS/a/x}", "/x/b/c.tar.gz"),
            ("${PATHS//a/x}", "/x/b/c.txr.gz"),
            ("${PATHS//\\//-}", "-a-b-c.tar.gz"),
            ("${PATHS/?b/x}", "/ax/c.tar.gz"),
            ("", ""),
            ("<<x", "<<x"),
        ] {
            assert_eq!(expand(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn faults() {
        let required = |name: &str, message: &str| What::Required {
            name: name.to_owned(),
            message: message.to_owned(),
        };
        for (text, expected) in [
            ("he'llo", What::Quote('\'')),
            ("he\\\\'llo", What::Quote('\'')),
            ("\"hello", What::Quote('"')),
            ("\"hello\\\"", What::Quote('"')),
            ("${}", What::Substitution),
            ("${{x}", What::Substitution),
            ("${:}", What::Substitution),
            ("${.}", What::Modifier(".".to_owned())),
            ("${", What::Open('}')),
            ("${x", What::Open('}')),
            ("${x:", What::Open('}')),
            ("${x:-", What::Open('}')),
            ("${x:-${y}", What::Open('}')),
            ("${x/a", What::Open('/')),
            ("${x/a/b", What::Open('}')),
            ("${XXX:YYY}", What::Modifier(":Y".to_owned())),
            ("${XXX:#a}", What::Modifier(":#".to_owned())),
            ("${XXX^}", What::Modifier("^".to_owned())),
            ("${XXX?}", required("XXX", "it has no value")),
            ("${NULL:?}", required("NULL", "it is empty")),
            ("${XXX:?give a version}", required("XXX", "give a version")),
            ("${PWD#\\a}", What::Escape('a')),
            ("a$BASE", What::OfBase("BASE".to_owned())),
            ("${BASE:-x}", What::OfBase("BASE".to_owned())),
        ] {
            assert_eq!(expand(text), Err(expected), "{text}");
        }
        let deep = "${x:-".repeat(100_000);
        assert_eq!(expand(&deep), Err(What::TooDeep));
        let fault = Expander::new('\\').word("ab${x?}cd", &lookup).unwrap_err();
        assert_eq!(fault.at, 2..7);
    }

    #[test]
    fn other_escape_characters() {
        let expand = |text: &str| Expander::new('`').word(text, &lookup).unwrap().text;
        assert_eq!(expand("a`$PWD"), "a$PWD");
        assert_eq!(expand("c:\\$PWD"), "c:\\/home");
        assert_eq!(expand("\"a`\"b\""), "a\"b");
    }

    #[test]
    fn documents_keep_their_quotes() {
        let expand = |text: &str| Expander::new('`').document(text, &lookup).unwrap().text;
        assert_eq!(expand("it's \"$PWD\"\n"), "it's \"/home\"\n");
        assert_eq!(expand("a\\$PWD \\\\ `$PWD"), "a$PWD \\ `/home");
    }

    /// BuildKit's table (`frontend/dockerfile/shell/wordsTest`).
    #[test]
    fn words_are_split_behind_expansion() {
        for (text, expected) in [
            ("hello${hi}bye", &["hellobye"][..]),
            ("hello${SPACE}bye", &["helloabc", "defbye"]),
            ("hello\"${SPACE}\"bye", &["helloabc  defbye"]),
            ("hello \"${SPACE}\"bye", &["hello", "abc  defbye"]),
            ("hello\" there  \"", &["hello there  "]),
            ("hello there     ", &["hello", "there"]),
            ("hello\\ there", &["hello there"]),
            ("hello'$there'", &["hello$there"]),
            ("$NULL", &[]),
        ] {
            let words = Expander::new('\\').word(text, &lookup).unwrap().words;
            assert_eq!(words, expected, "{text}");
        }
    }

    #[test]
    fn variables_make_no_bomb() {
        let big = "x".repeat(MAX_WORD / 2);
        let lookup = |_: &str| Variable::Set(&big);
        let mut expander = Expander::new('\\');
        let mut word = |text: &str| expander.word(text, &lookup).map(|done| done.text.len());
        assert_eq!(word("$a$a"), Ok(MAX_WORD));
        assert_eq!(word("$a$a$a").unwrap_err().what, What::TooLong);
        let whole = (0..1000).map(|_| word("$a")).take_while(Result::is_ok).count();
        assert!(whole < 130, "{whole}");
    }
}

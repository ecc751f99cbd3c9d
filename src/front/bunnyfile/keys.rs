//! The keys of a mapping, each taken once by the one who knows what it means.

use super::yaml::{Content, Entry, Node};
use crate::diag::{Diagnostic, Report, Span, nearest};
use crate::explain::code;
use crate::front::text::short;
use crate::recipe::{Place, Placed};

/// The keys of a mapping.
pub(super) struct Keys<'n, 'r> {
    /// The path of the mapping, such as `platforms`; empty for the whole file.
    path: String,
    /// Where the mapping stands: its key, or the whole of it.
    at: Span,
    entries: &'n [Entry],
    /// The keys that it may have.
    known: &'static [&'static str],
    pub report: &'r mut Report,
}

/// A value of a key that is there.
#[derive(Debug)]
pub(super) enum Value<T> {
    /// It is as it should be.
    Given(T),
    /// There is none.
    Missing,
    /// It cannot be used; why has been reported.
    Unusable,
}

impl<T> Value<T> {
    /// The value, if it can be used.
    pub fn given(self) -> Option<T> {
        match self {
            Value::Given(value) => Some(value),
            Value::Missing | Value::Unusable => None,
        }
    }

    /// Whether there is one, good or bad.
    pub fn is_there(&self) -> bool {
        !matches!(self, Value::Missing)
    }
}

impl<'n, 'r> Keys<'n, 'r> {
    /// The keys of a node, which must be a mapping; unknown keys are reported.
    pub fn of_map(
        node: &'n Node,
        path: &str,
        known: &'static [&'static str],
        report: &'r mut Report,
    ) -> Option<Self> {
        let Content::Map(entries) = &*node.content else {
            if !matches!(*node.content, Content::Unusable) {
                report.push(wrong_type(path, "a mapping", node));
            }
            return None;
        };
        for entry in entries.iter().filter(|entry| !known.contains(&entry.key.as_str())) {
            report.push(unknown(entry, path, known));
        }
        Some(Keys { path: path.to_owned(), at: node.at, entries, known, report })
    }

    /// The mapping at a key; an unknown key in it is reported.
    pub fn map(&mut self, key: &str, known: &'static [&'static str]) -> Value<Keys<'n, '_>> {
        let Some(entry) = self.entry(key) else { return Value::Missing };
        let path = self.path_of(key);
        match Keys::of_map(&entry.value, &path, known, self.report) {
            Some(keys) => Value::Given(Keys { at: entry.at, ..keys }),
            None => Value::Unusable,
        }
    }

    /// Where the mapping is named.
    pub fn place(&self) -> Place {
        Place { spans: Some((self.at, self.at)), path: self.path.clone() }
    }

    /// What a key is called in messages.
    pub fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// The entry of a key that has a value.
    pub fn entry(&self, key: &str) -> Option<&'n Entry> {
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        (!matches!(*entry.value.content, Content::Nothing)).then_some(entry)
    }

    /// The string at a key.
    pub fn text(&mut self, key: &str) -> Value<Placed<String>> {
        let Some(entry) = self.entry(key) else { return Value::Missing };
        let path = self.path_of(key);
        match &*entry.value.content {
            Content::Text(text) if text.is_empty() => {
                let title = format!("`{path}` is empty");
                let diagnostic = Diagnostic::error(code::BUNNYFILE_EMPTY, title);
                self.report.push(
                    diagnostic
                        .with_label(entry.value.at, "")
                        .with_help("give it a value, or remove the key"),
                );
                Value::Unusable
            }
            Content::Text(text) => {
                let place = Place { spans: Some((entry.at, entry.value.at)), path };
                Value::Given(Placed { value: text.clone(), place })
            }
            Content::Unusable => Value::Unusable,
            _ => {
                self.report.push(wrong_type(&path, "a string", &entry.value));
                Value::Unusable
            }
        }
    }

    /// The string at a key that must be there, for the reason given.
    pub fn required(&mut self, key: &str, example: &str, why: &str) -> Option<Placed<String>> {
        match self.text(key) {
            Value::Missing => {
                self.missing(key, example, why);
                None
            }
            value => value.given(),
        }
    }

    /// Says that a key is missing, unless it is misspelled, which has been said.
    pub fn missing(&mut self, key: &str, example: &str, why: &str) {
        let is_meant = |entry: &Entry| near(&entry.key, self.known) == Some(key);
        let mut unknown = self.entries.iter().filter(|entry| !self.known.contains(&&*entry.key));
        if unknown.any(is_meant) {
            return;
        }
        let title = format!("`{}` is missing", self.path_of(key));
        // Marks the key of the mapping, or the first one of the file.
        let at = match self.entries.first() {
            Some(first) if self.path.is_empty() => first.at,
            _ => self.at,
        };
        let diagnostic = Diagnostic::error(code::BUNNYFILE_MISSING_KEY, title).with_label(at, "");
        self.report.push(diagnostic.with_why(why).with_help(format!("add `{example}`")));
    }

    /// The items of the list at a key.
    pub fn list(&mut self, key: &str) -> Value<(&'n Entry, &'n [Node])> {
        let Some(entry) = self.entry(key) else { return Value::Missing };
        match &*entry.value.content {
            Content::List(items) => Value::Given((entry, items)),
            Content::Unusable => Value::Unusable,
            other => {
                let path = self.path_of(key);
                let diagnostic = wrong_type(&path, "a list", &entry.value);
                let help = match other {
                    Content::Text(text) => Some(as_list(text)),
                    _ => None,
                };
                self.report.push(diagnostic.with_help_if(help));
                Value::Unusable
            }
        }
    }

    /// The list of strings at a key, which may be empty.
    pub fn texts(&mut self, key: &str) -> Value<(&'n Entry, Vec<Placed<String>>)> {
        let (entry, items) = match self.list(key) {
            Value::Given(given) => given,
            Value::Missing => return Value::Missing,
            Value::Unusable => return Value::Unusable,
        };
        let mut texts = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let path = format!("{}[{index}]", self.path_of(key));
            match &*item.content {
                Content::Text(text) => {
                    let place = Place { spans: Some((item.at, item.at)), path };
                    texts.push(Placed { value: text.clone(), place });
                }
                Content::Unusable => {}
                _ => drop(self.report.push(wrong_type(&path, "a string", item))),
            }
        }
        if texts.len() == items.len() { Value::Given((entry, texts)) } else { Value::Unusable }
    }
}

/// A string that should be a list, as one.
fn as_list(text: &str) -> String {
    const MOST: usize = 8;
    let words: Vec<String> =
        text.split_whitespace().take(MOST).map(|word| format!("{word:?}")).collect();
    let more = if text.split_whitespace().count() > MOST { ", …" } else { "" };
    format!("write `[{}{more}]`", words.join(", "))
}

/// Says that a value has another type than its key wants.
pub(super) fn wrong_type(path: &str, wanted: &str, found: &Node) -> Diagnostic {
    let title = format!("`{path}` must be {wanted}, not {}", found.content.words());
    let diagnostic = Diagnostic::error(code::BUNNYFILE_TYPE, title).with_label(found.at, "");
    match (&*found.content, wanted) {
        (Content::Nothing, "a string") => {
            diagnostic.with_help("for an empty string write `\"\"`, and for the word `\"null\"`")
        }
        _ => diagnostic,
    }
}

/// Says that nobody knows a key.
fn unknown(entry: &Entry, path: &str, known: &[&str]) -> Diagnostic {
    let key = short(&entry.key);
    let title = if path.is_empty() {
        format!("a bunnyfile has no key `{key}`")
    } else {
        format!("`{path}` has no key `{key}`")
    };
    let help = match near(&entry.key, known) {
        _ if entry.key == "<<" => "YAML 1.2 has no merge keys; write the keys out".to_owned(),
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("the keys are {}", known.join(", ")),
    };
    Diagnostic::error(code::BUNNYFILE_UNKNOWN_KEY, title).with_label(entry.at, "").with_help(help)
}

/// The key that a word is probably meant for: one that is spelled almost so, or that it is short for, as `arch`.
fn near<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let is_part = |key: &&&str| key.starts_with(word) || word.starts_with(**key);
    let part = || known.iter().filter(|_| word.len() > 2).find(is_part).copied();
    nearest(word, known.iter().copied()).or_else(part)
}

//! Quotes, escape characters and variables of a word, as BuildKit's `frontend/dockerfile/shell/lex.go` has them.

mod scan;

use scan::{Piece, Scan};
use std::ops::Range;

/// The bytes that the variables of one word may make.
const MAX_WORD: usize = 1024 * 1024;
/// The bytes that all variables of a file may make.
const MAX_ALL: usize = 64 * 1024 * 1024;

/// What is wrong with a word, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// The bytes of the word.
    pub at: Range<usize>,
    /// What is wrong.
    pub kind: FaultKind,
}

/// What can be wrong with a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FaultKind {
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
        lookup: &dyn Fn(&str) -> Option<&'v str>,
    ) -> Result<Expanded, Fault> {
        self.expand(text, self.escape, true, lookup)
    }

    /// Expands the body of a here-document: quotes are characters like others, and `\` is the escape character.
    pub fn document<'v>(
        &mut self,
        text: &str,
        lookup: &dyn Fn(&str) -> Option<&'v str>,
    ) -> Result<Expanded, Fault> {
        self.expand(text, '\\', false, lookup)
    }

    fn expand<'v>(
        &mut self,
        text: &str,
        escape: char,
        has_quotes: bool,
        lookup: &dyn Fn(&str) -> Option<&'v str>,
    ) -> Result<Expanded, Fault> {
        let before = self.left.min(MAX_WORD);
        let scan = Scan::new(text, escape, has_quotes, lookup, before);
        let (pieces, unset, left) = scan.whole()?;
        self.left = self.left.saturating_sub(before.saturating_sub(left));
        Ok(Expanded { words: words(&pieces), text: scan::joined(&pieces), unset })
    }
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

#[cfg(test)]
mod tests;

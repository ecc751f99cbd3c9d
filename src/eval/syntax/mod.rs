//! What is wrong with a text that rnix refuses, in words that say what to do.
//!
//! rnix tells where it stopped and which tokens it wanted there. That is right and of little help where
//! the cause is earlier: a bracket that is not closed, a `;` left out on the line before. So the tokens
//! are looked at again: [`structure`] finds what does not match, [`words`] explains the place itself.
//! The first problem of the text is told; what follows it is most often its echo.

mod bindings;
mod characters;
mod structure;
mod words;

use super::spelling::{Offsets, Spelling};
use crate::diag::{Diagnostic, FileId, Span};
use crate::explain::code;
use rnix::{ParseError, SyntaxKind};

/// The diagnostic for the first error of a text.
pub(super) fn describe(
    error: &ParseError,
    bytes: &[u8],
    spelling: &Spelling<'_>,
    file: FileId,
) -> Diagnostic {
    let tokens = Tokens::new(bytes, spelling, file);
    let at = match error {
        ParseError::Unexpected(range)
        | ParseError::UnexpectedExtra(range)
        | ParseError::UnexpectedWanted(_, range, _)
        | ParseError::UnexpectedDoubleBind(range)
        | ParseError::DuplicatedArgs(range, _) => {
            tokens.at(spelling.offsets.original(range.start().into()))
        }
        _ => tokens.list.len(),
    };
    match structure::first_problem(&tokens) {
        Some((found, diagnostic)) if found <= at => diagnostic,
        _ => words::explain(&tokens, error, at),
    }
}

/// An error of the syntax.
fn syntax(title: impl Into<String>) -> Diagnostic {
    Diagnostic::error(code::EVAL_SYNTAX, title)
}

/// Something is missing behind the token before this one.
fn missing_behind(tokens: &Tokens<'_>, at: usize, what: &str) -> Diagnostic {
    match at.checked_sub(1) {
        Some(before) => syntax(format!("{what} is missing"))
            .with_label(tokens.behind(before), format!("{what} is missing here")),
        None => syntax(format!("{what} is missing")).with_label(tokens.span(at), "before this"),
    }
}

#[derive(Debug, Clone, Copy)]
struct Token {
    kind: SyntaxKind,
    start: u32,
    end: u32,
    /// Whether it is the first of its line.
    first_of_line: bool,
}

/// The tokens of a text without blanks and comments, at their places in the text.
struct Tokens<'t> {
    bytes: &'t [u8],
    /// The same, with another character for each byte that is not UTF-8.
    text: &'t str,
    file: FileId,
    list: Vec<Token>,
}

impl<'t> Tokens<'t> {
    fn new(bytes: &'t [u8], spelling: &'t Spelling<'_>, file: FileId) -> Self {
        let offsets: &Offsets = &spelling.offsets;
        let mut list = Vec::new();
        let mut start = 0_usize;
        let mut first_of_line = true;
        for (kind, token) in rnix::tokenize(spelling.for_rnix()) {
            let end = start + token.len();
            let blank = matches!(kind, SyntaxKind::TOKEN_WHITESPACE | SyntaxKind::TOKEN_COMMENT);
            if blank {
                first_of_line |= token.contains('\n');
            } else {
                let offset = |at: usize| offsets.original(u32::try_from(at).unwrap_or(u32::MAX));
                list.push(Token { kind, start: offset(start), end: offset(end), first_of_line });
                first_of_line = false;
            }
            start = end;
        }
        Self { bytes, text: spelling.plain(), file, list }
    }

    /// The token at an offset, or the next one.
    fn at(&self, offset: u32) -> usize {
        self.list.partition_point(|token| token.end <= offset)
    }

    fn get(&self, index: usize) -> Option<Token> {
        self.list.get(index).copied()
    }

    fn kind(&self, index: usize) -> Option<SyntaxKind> {
        self.get(index).map(|token| token.kind)
    }

    fn before(&self, index: usize) -> Option<Token> {
        self.get(index.checked_sub(1)?)
    }

    /// The place of a token; behind the last one, the end of the text.
    fn span(&self, index: usize) -> Span {
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        let token = self.get(index);
        let (start, end) = token.map_or((end, end), |token| (token.start, token.end));
        Span { file: self.file, start, end }
    }

    /// The place right behind a token, where something is missing.
    fn behind(&self, index: usize) -> Span {
        let end = self.span(index).end;
        Span { file: self.file, start: end, end }
    }

    fn text(&self, index: usize) -> &'t str {
        let span = self.span(index);
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// A token in words.
    fn name(&self, index: usize) -> String {
        match self.kind(index) {
            None => "the end of the file".into(),
            Some(SyntaxKind::TOKEN_STRING_START) => "a string".into(),
            Some(SyntaxKind::TOKEN_STRING_END) => "the end of a string".into(),
            Some(_) => format!("`{}`", self.text(index)),
        }
    }

    /// Where the bracket or string that ends at this token begins; the token itself for others.
    fn opening(&self, index: usize) -> usize {
        let mut depth = 0_usize;
        for at in (0..=index).rev() {
            match self.kind(at) {
                Some(kind) if is_closing(kind) => depth += 1,
                Some(kind) if is_opening(kind) => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return at;
                    }
                }
                _ if depth == 0 => return index,
                _ => {}
            }
        }
        index
    }
}

fn is_opening(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        SyntaxKind::TOKEN_L_PAREN
            | SyntaxKind::TOKEN_L_BRACK
            | SyntaxKind::TOKEN_L_BRACE
            | SyntaxKind::TOKEN_INTERPOL_START
            | SyntaxKind::TOKEN_STRING_START
    )
}

fn is_closing(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        SyntaxKind::TOKEN_R_PAREN
            | SyntaxKind::TOKEN_R_BRACK
            | SyntaxKind::TOKEN_R_BRACE
            | SyntaxKind::TOKEN_INTERPOL_END
            | SyntaxKind::TOKEN_STRING_END
    )
}

/// Words that are no names. `or` is one where a name is expected.
fn is_keyword(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        SyntaxKind::TOKEN_IF
            | SyntaxKind::TOKEN_THEN
            | SyntaxKind::TOKEN_ELSE
            | SyntaxKind::TOKEN_LET
            | SyntaxKind::TOKEN_IN
            | SyntaxKind::TOKEN_WITH
            | SyntaxKind::TOKEN_ASSERT
            | SyntaxKind::TOKEN_INHERIT
            | SyntaxKind::TOKEN_REC
    )
}

/// Operators that stand between two values.
pub(super) fn is_operator(kind: SyntaxKind) -> bool {
    is_comparison(kind)
        || matches!(
            kind,
            SyntaxKind::TOKEN_ADD
                | SyntaxKind::TOKEN_SUB
                | SyntaxKind::TOKEN_MUL
                | SyntaxKind::TOKEN_DIV
                | SyntaxKind::TOKEN_CONCAT
                | SyntaxKind::TOKEN_UPDATE
                | SyntaxKind::TOKEN_AND_AND
                | SyntaxKind::TOKEN_OR_OR
                | SyntaxKind::TOKEN_IMPLICATION
                | SyntaxKind::TOKEN_PIPE_LEFT
                | SyntaxKind::TOKEN_PIPE_RIGHT
        )
}

fn is_comparison(kind: SyntaxKind) -> bool {
    is_equality(kind)
        || matches!(
            kind,
            SyntaxKind::TOKEN_LESS
                | SyntaxKind::TOKEN_LESS_OR_EQ
                | SyntaxKind::TOKEN_MORE
                | SyntaxKind::TOKEN_MORE_OR_EQ
        )
}

fn is_equality(kind: SyntaxKind) -> bool {
    matches!(kind, SyntaxKind::TOKEN_EQUAL | SyntaxKind::TOKEN_NOT_EQUAL)
}

/// Whether a value may begin with this token.
pub(super) fn starts_value(kind: SyntaxKind) -> bool {
    is_opening(kind) && kind != SyntaxKind::TOKEN_INTERPOL_START
        || is_literal(kind)
        || matches!(kind, SyntaxKind::TOKEN_IDENT | SyntaxKind::TOKEN_REC)
}

/// Whether a value may end with this token.
pub(super) fn ends_value(kind: SyntaxKind) -> bool {
    is_closing(kind)
        || is_literal(kind)
        || matches!(kind, SyntaxKind::TOKEN_IDENT | SyntaxKind::TOKEN_OR)
}

fn is_literal(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        SyntaxKind::TOKEN_INTEGER
            | SyntaxKind::TOKEN_FLOAT
            | SyntaxKind::TOKEN_URI
            | SyntaxKind::TOKEN_PATH_ABS
            | SyntaxKind::TOKEN_PATH_REL
            | SyntaxKind::TOKEN_PATH_HOME
            | SyntaxKind::TOKEN_PATH_SEARCH
    )
}

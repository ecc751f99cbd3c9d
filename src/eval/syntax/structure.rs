//! What does not match in a text: brackets, strings, comments, `let … in`, `if … then … else`, and
//! comparisons one after the other.

use super::{Tokens, is_closing, is_comparison, is_equality, is_opening, syntax};
use crate::diag::Diagnostic;
use rnix::SyntaxKind;

/// Something that is open: a bracket, a string, `let`, `if`, or the whole text.
struct Level {
    /// The token that opened it; none for the text.
    opener: Option<usize>,
    kind: Option<SyntaxKind>,
    /// How many `with` and `assert` wait for their `;`.
    statements: usize,
    /// Whether the `then` of an `if` has come.
    then: bool,
    /// What has been compared since the last `&&` and the like.
    equality: bool,
    order: bool,
}

impl Level {
    fn new(opener: Option<usize>, kind: Option<SyntaxKind>) -> Self {
        Self { opener, kind, statements: 0, then: false, equality: false, order: false }
    }

    /// What ends it.
    fn closer(&self) -> Option<SyntaxKind> {
        Some(match self.kind? {
            SyntaxKind::TOKEN_L_PAREN => SyntaxKind::TOKEN_R_PAREN,
            SyntaxKind::TOKEN_L_BRACK => SyntaxKind::TOKEN_R_BRACK,
            SyntaxKind::TOKEN_L_BRACE => SyntaxKind::TOKEN_R_BRACE,
            SyntaxKind::TOKEN_INTERPOL_START => SyntaxKind::TOKEN_INTERPOL_END,
            SyntaxKind::TOKEN_STRING_START => SyntaxKind::TOKEN_STRING_END,
            _ => return None,
        })
    }

    /// The title of the error when it does not end, and what to say about its beginning.
    fn missing(&self) -> (&'static str, &'static str) {
        match self.kind {
            Some(SyntaxKind::TOKEN_L_PAREN) => ("`)` is missing", "opened here"),
            Some(SyntaxKind::TOKEN_L_BRACK) => ("`]` is missing", "opened here"),
            Some(SyntaxKind::TOKEN_L_BRACE) => ("`}` is missing", "opened here"),
            Some(SyntaxKind::TOKEN_INTERPOL_START) => {
                ("`}` is missing: the interpolation does not end", "opened here")
            }
            Some(SyntaxKind::TOKEN_STRING_START) => ("the string does not end", "opened here"),
            Some(SyntaxKind::TOKEN_LET) => ("`in` is missing", "of this `let`"),
            _ if self.then => ("`else` is missing", "of this `if`"),
            _ => ("`then` is missing", "of this `if`"),
        }
    }

    fn compares(&mut self, kind: SyntaxKind) -> bool {
        let again = if is_equality(kind) { self.equality } else { self.order };
        // `a < b == c < d` compares two orders.
        self.order = !is_equality(kind);
        self.equality |= is_equality(kind);
        again
    }
}

/// The first thing that does not match: the token where that shows, and what to say.
pub(super) fn first_problem(tokens: &Tokens<'_>) -> Option<(usize, Diagnostic)> {
    let mut levels = vec![Level::new(None, None)];
    for (at, token) in tokens.list.iter().enumerate() {
        let kind = token.kind;
        let level = levels.last_mut()?;
        if is_comparison(kind) {
            if level.compares(kind) {
                return Some((at, chained(tokens, at)));
            }
            continue;
        }
        let names = matches!(kind, SyntaxKind::TOKEN_IDENT | SyntaxKind::TOKEN_DOT);
        if separates(kind) {
            (level.equality, level.order) = (false, false);
        } else if names {
            continue;
        }
        match kind {
            kind if is_opening(kind) => levels.push(Level::new(Some(at), Some(kind))),
            SyntaxKind::TOKEN_LET if tokens.kind(at + 1) != Some(SyntaxKind::TOKEN_L_BRACE) => {
                levels.push(Level::new(Some(at), Some(kind)));
            }
            SyntaxKind::TOKEN_IF => levels.push(Level::new(Some(at), Some(kind))),
            SyntaxKind::TOKEN_THEN if level.kind == Some(SyntaxKind::TOKEN_IF) => level.then = true,
            SyntaxKind::TOKEN_ELSE if level.kind == Some(SyntaxKind::TOKEN_IF) && level.then => {
                levels.pop();
            }
            SyntaxKind::TOKEN_IN if level.kind == Some(SyntaxKind::TOKEN_LET) => {
                levels.pop();
            }
            SyntaxKind::TOKEN_WITH | SyntaxKind::TOKEN_ASSERT => level.statements += 1,
            SyntaxKind::TOKEN_SEMICOLON => {
                if level.statements > 0 {
                    level.statements -= 1;
                } else if !matches!(
                    level.kind,
                    None | Some(SyntaxKind::TOKEN_L_BRACE | SyntaxKind::TOKEN_LET)
                ) {
                    return Some((at, missing_before(tokens, level, at)));
                }
            }
            kind if is_closing(kind) => {
                if level.closer() == Some(kind) {
                    levels.pop();
                } else if level.opener.is_some() {
                    return Some((at, missing_before(tokens, level, at)));
                } else {
                    return None;
                }
            }
            SyntaxKind::TOKEN_ERROR if level.kind == Some(SyntaxKind::TOKEN_STRING_START) => {
                return Some((at, never_ends(tokens, level)));
            }
            SyntaxKind::TOKEN_ERROR if tokens.text(at).starts_with("/*") => {
                let mut span = tokens.span(at);
                span.end = span.start.saturating_add(2);
                let diagnostic = syntax("the comment does not end").with_label(span, "opened here");
                return Some((at, diagnostic.with_help("end it with `*/`")));
            }
            _ => {}
        }
    }
    let open = levels.last().filter(|level| level.opener.is_some())?;
    Some((tokens.list.len(), never_ends(tokens, open)))
}

/// What ends an operand of a comparison.
fn separates(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        SyntaxKind::TOKEN_AND_AND
            | SyntaxKind::TOKEN_OR_OR
            | SyntaxKind::TOKEN_IMPLICATION
            | SyntaxKind::TOKEN_PIPE_LEFT
            | SyntaxKind::TOKEN_PIPE_RIGHT
            | SyntaxKind::TOKEN_SEMICOLON
            | SyntaxKind::TOKEN_COMMA
            | SyntaxKind::TOKEN_COLON
            | SyntaxKind::TOKEN_ASSIGN
            | SyntaxKind::TOKEN_QUESTION
            | SyntaxKind::TOKEN_IN
            | SyntaxKind::TOKEN_THEN
            | SyntaxKind::TOKEN_ELSE
            | SyntaxKind::TOKEN_WITH
            | SyntaxKind::TOKEN_ASSERT
    )
}

fn chained(tokens: &Tokens<'_>, at: usize) -> Diagnostic {
    syntax("comparisons cannot be chained")
        .with_label(tokens.span(at), "the second comparison")
        .with_help("join two comparisons with `&&`, or put one in parentheses")
}

/// A level that should have ended before a token.
fn missing_before(tokens: &Tokens<'_>, level: &Level, at: usize) -> Diagnostic {
    let (title, beginning) = level.missing();
    let diagnostic = syntax(title).with_label(tokens.span(at), "it is missing before this");
    match level.opener {
        Some(opener) => diagnostic.with_label(tokens.span(opener), beginning),
        None => diagnostic,
    }
}

/// A level that is open at the end of the text.
fn never_ends(tokens: &Tokens<'_>, level: &Level) -> Diagnostic {
    let (title, beginning) = level.missing();
    let opener = level.opener.unwrap_or(0);
    let diagnostic = syntax(title).with_label(tokens.span(opener), beginning);
    match tokens.text(opener) {
        "\"" => match string_over_lines(tokens, opener) {
            Some(earlier) => diagnostic.with_label(
                tokens.span(earlier),
                "this one goes over lines: does it end too late?",
            ),
            None => diagnostic.with_help("end it with `\"`"),
        },
        "''" => diagnostic.with_help("end it with `''`"),
        _ => diagnostic,
    }
}

/// The first `"…"` with a line end before a token. A quote left out turns all strings behind it inside
/// out, and shows only at the last one.
fn string_over_lines(tokens: &Tokens<'_>, before: usize) -> Option<usize> {
    let mut open = None;
    for (at, token) in tokens.list.iter().enumerate().take(before) {
        match token.kind {
            SyntaxKind::TOKEN_STRING_START if tokens.text(at) == "\"" => open = Some(at),
            SyntaxKind::TOKEN_STRING_CONTENT
                if tokens.text(at).contains('\n') && open.is_some() =>
            {
                return open;
            }
            SyntaxKind::TOKEN_STRING_START | SyntaxKind::TOKEN_STRING_END => open = None,
            _ => {}
        }
    }
    None
}

//! An error of rnix at its place: what stands there, what should, and what to do.

use super::bindings::{argument, assign, name, semicolon};
use super::characters::odd_token;
use super::{Tokens, is_closing, is_comparison, is_opening, is_operator, missing_behind, syntax};
use crate::diag::Diagnostic;
use rnix::{ParseError, SyntaxKind};

/// Explains an error at a token.
pub(super) fn explain(tokens: &Tokens<'_>, error: &ParseError, at: usize) -> Diagnostic {
    if tokens.list.is_empty() {
        return syntax("the file holds no expression").with_label(tokens.span(at), "");
    }
    if let Some(diagnostic) = odd_token(tokens, at) {
        return diagnostic;
    }
    match error {
        ParseError::UnexpectedWanted(_, _, wanted) | ParseError::UnexpectedEOFWanted(wanted) => {
            match **wanted {
                [SyntaxKind::TOKEN_SEMICOLON] => semicolon(tokens, at),
                [SyntaxKind::TOKEN_ASSIGN] => assign(tokens, at),
                [SyntaxKind::TOKEN_COLON] => missing_behind(tokens, at, "`:`")
                    .with_help("a function is written `{ a, b }: body`"),
                [SyntaxKind::TOKEN_IDENT, SyntaxKind::TOKEN_OR, ..] => name(tokens, at),
                [SyntaxKind::TOKEN_R_BRACE] | [SyntaxKind::TOKEN_R_BRACE, ..] => {
                    argument(tokens, at)
                }
                [single] => missing_behind(tokens, at, spelling(single)),
                _ => expression(tokens, at),
            }
        }
        ParseError::Unexpected(_) | ParseError::UnexpectedExtra(_) => extra(tokens, at),
        ParseError::UnexpectedDoubleBind(_) => {
            syntax("the argument set is given two names").with_label(tokens.span(at), "again here")
        }
        ParseError::DuplicatedArgs(_, name) => {
            syntax(format!("duplicate formal function argument `{name}`"))
                .with_label(tokens.span(at), "")
        }
        _ => expression(tokens, at),
    }
}

/// An expression is wanted.
fn expression(tokens: &Tokens<'_>, at: usize) -> Diagnostic {
    let span = tokens.span(at);
    let before = tokens.before(at).map(|token| token.kind);
    let in_list = around(tokens, at) == Some(SyntaxKind::TOKEN_L_BRACK);
    let ends = tokens.kind(at).is_none_or(|kind| {
        is_closing(kind)
            || matches!(
                kind,
                SyntaxKind::TOKEN_SEMICOLON
                    | SyntaxKind::TOKEN_IN
                    | SyntaxKind::TOKEN_THEN
                    | SyntaxKind::TOKEN_ELSE
            )
    });
    let keyword = matches!(tokens.kind(at), Some(SyntaxKind::TOKEN_THEN | SyntaxKind::TOKEN_ELSE))
        && before == Some(SyntaxKind::TOKEN_ASSIGN);
    if ends
        && !keyword
        && let Some(kind) = before
    {
        let last = tokens.span(at.saturating_sub(1));
        let title = match kind {
            SyntaxKind::TOKEN_ASSIGN => "the attribute has no value",
            SyntaxKind::TOKEN_COLON => "the function has no body",
            SyntaxKind::TOKEN_INTERPOL_START => "the interpolation is empty",
            SyntaxKind::TOKEN_L_PAREN => "the parentheses are empty",
            _ => "an expression is missing",
        };
        return syntax(title).with_label(last, "an expression must follow this");
    }
    let Some(kind) = tokens.kind(at) else {
        return syntax("an expression is missing").with_label(span, "");
    };
    let word = tokens.text(at);
    match kind {
        SyntaxKind::TOKEN_COMMA if in_list => syntax("items of a list are separated by blanks")
            .with_label(span, "")
            .with_help("leave the `,` out"),
        SyntaxKind::TOKEN_ASSIGN if in_list => syntax("a list holds values, not bindings")
            .with_label(span, "")
            .with_help("write a set, `{ name = value; }`, or compare with `==` in parentheses"),
        SyntaxKind::TOKEN_SUB | SyntaxKind::TOKEN_INVERT if in_list => {
            syntax(format!("`{word}` needs parentheses in a list"))
                .with_label(span, "")
                .with_help(format!("write `({word}…)`"))
        }
        kind if in_list && is_operator(kind) => {
            syntax(format!("`{word}` needs parentheses in a list"))
                .with_label(span, "")
                .with_help(format!("write `(a {word} b)`"))
        }
        kind if is_operator(kind) => {
            syntax(format!("nothing stands before `{word}`")).with_label(span, "")
        }
        SyntaxKind::TOKEN_LET
        | SyntaxKind::TOKEN_IF
        | SyntaxKind::TOKEN_WITH
        | SyntaxKind::TOKEN_ASSERT => needs_parentheses(tokens, at),
        _ => syntax(format!("expected an expression, found {}", tokens.name(at)))
            .with_label(span, ""),
    }
}

/// The innermost bracket around a token.
fn around(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxKind> {
    let mut next = at;
    while let Some(before) = next.checked_sub(1) {
        next = tokens.opening(before);
        let kind = tokens.kind(next)?;
        if next == before && is_opening(kind) {
            return Some(kind);
        }
    }
    None
}

fn needs_parentheses(tokens: &Tokens<'_>, at: usize) -> Diagnostic {
    let form = match tokens.kind(at) {
        Some(SyntaxKind::TOKEN_LET) => "let … in …",
        Some(SyntaxKind::TOKEN_IF) => "if … then … else …",
        Some(SyntaxKind::TOKEN_WITH) => "with …; …",
        _ => "assert …; …",
    };
    syntax(format!("`{}` needs parentheses here", tokens.text(at)))
        .with_label(tokens.span(at), "")
        .with_help(format!("write `({form})`"))
}

/// Something follows an expression that is complete.
fn extra(tokens: &Tokens<'_>, at: usize) -> Diagnostic {
    let span = tokens.span(at);
    let word = tokens.text(at);
    match tokens.kind(at) {
        Some(SyntaxKind::TOKEN_SEMICOLON) => syntax("unexpected `;`")
            .with_label(span, "the expression before this is complete")
            .with_help("leave it out: only bindings, `with` and `assert` end in `;`"),
        Some(SyntaxKind::TOKEN_ASSIGN) => syntax("a binding stands in braces")
            .with_label(span, "")
            .with_help("write `{ name = value; }`"),
        Some(SyntaxKind::TOKEN_COLON) => syntax("an argument of a function is a plain name")
            .with_label(span, "")
            .with_help("write `name: body`, or `{ a, b }: body`"),
        Some(kind) if is_closing(kind) => syntax(format!("unexpected `{word}`"))
            .with_label(span, "nothing is open that this could close"),
        Some(
            SyntaxKind::TOKEN_LET
            | SyntaxKind::TOKEN_IF
            | SyntaxKind::TOKEN_WITH
            | SyntaxKind::TOKEN_ASSERT,
        ) => needs_parentheses(tokens, at),
        Some(kind) if is_comparison(kind) => syntax("comparisons cannot be chained")
            .with_label(span, "")
            .with_help("join two comparisons with `&&`, or put one in parentheses"),
        _ => syntax(format!("unexpected {}", tokens.name(at)))
            .with_label(span, "the expression before this is complete"),
    }
}

/// A token as the user writes it.
fn spelling(kind: SyntaxKind) -> &'static str {
    match kind {
        SyntaxKind::TOKEN_AT => "`@`",
        SyntaxKind::TOKEN_L_BRACE => "`{`",
        SyntaxKind::TOKEN_INTERPOL_END => "`}`",
        SyntaxKind::TOKEN_R_PAREN => "`)`",
        SyntaxKind::TOKEN_THEN => "`then`",
        SyntaxKind::TOKEN_ELSE => "`else`",
        SyntaxKind::TOKEN_IDENT => "a name",
        _ => "an expression",
    }
}

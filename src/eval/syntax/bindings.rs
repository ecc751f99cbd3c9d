//! Errors in bindings, in their names, and in the arguments of functions.

use super::{
    Tokens, ends_value, is_closing, is_keyword, is_opening, missing_behind, starts_value, syntax,
};
use crate::diag::{Diagnostic, Span};
use rnix::SyntaxKind;

/// A binding, or what `with` and `assert` begin with, wants its `;`.
pub(super) fn semicolon(tokens: &Tokens<'_>, at: usize) -> Diagnostic {
    const MISSING: &str = "`;` is missing";
    let here =
        |before: usize| syntax(MISSING).with_label(tokens.behind(before), "`;` is missing here");
    let statement = [SyntaxKind::TOKEN_WITH, SyntaxKind::TOKEN_ASSERT];
    match tokens.kind(at) {
        Some(SyntaxKind::TOKEN_COMMA) => {
            let what = match last_of(tokens, at, &statement) {
                Some(_) => "`with` and `assert` end",
                None => "bindings end",
            };
            return syntax(format!("{what} in `;`, not in `,`"))
                .with_label(tokens.span(at), "")
                .with_help("write `;`");
        }
        Some(SyntaxKind::TOKEN_ASSIGN) => {
            // The name before it has been taken for a part of the value before.
            let start = path_start(tokens, at);
            let before = start.and_then(|start| Some((start, start.checked_sub(1)?)));
            if let Some((start, before)) = before
                && tokens.kind(before).is_some_and(ends_value)
                && tokens.get(start).is_some_and(|token| token.first_of_line)
            {
                return here(before);
            }
            return syntax("a value cannot hold `=`")
                .with_label(tokens.span(at), "")
                .with_help("end the binding before it with `;`, or compare with `==`");
        }
        _ => {}
    }
    if let Some(start) = last_of(tokens, at, &statement)
        && let Some(cut) = cut_between(tokens, start, at)
    {
        return here(cut.saturating_sub(1));
    }
    let Some(before) = at.checked_sub(1) else { return missing_behind(tokens, at, "`;`") };
    let diagnostic = here(before);
    // A quote left out on a line before makes a string of what should be none.
    let start = tokens.opening(before);
    let text = tokens.text.get(tokens.span(start).start as usize..tokens.span(before).end as usize);
    if tokens.text(start) == "\"" && text.is_some_and(|text| text.contains('\n')) {
        return diagnostic.with_label(tokens.span(start), "the string before it begins here");
    }
    diagnostic
}

/// An attribute name wants its `=`.
pub(super) fn assign(tokens: &Tokens<'_>, at: usize) -> Diagnostic {
    let span = tokens.span(at);
    if is_pattern(tokens, at) {
        let plain = tokens.before(at).is_some_and(|token| token.kind == SyntaxKind::TOKEN_IDENT)
            && path_start(tokens, at).is_none_or(|start| start + 1 >= at);
        let another =
            matches!(tokens.kind(at), Some(SyntaxKind::TOKEN_IDENT | SyntaxKind::TOKEN_ELLIPSIS));
        if plain && another {
            return missing_behind(tokens, at, "`,`");
        }
        let start = path_start(tokens, at).unwrap_or(at);
        let span = Span { end: tokens.span(at.saturating_sub(1)).end, ..tokens.span(start) };
        return syntax("an argument of a function is a plain name")
            .with_label(span, "")
            .with_help("a function is written `{ a, b ? 1, ... }: body`");
    }
    match tokens.kind(at) {
        Some(SyntaxKind::TOKEN_EQUAL) => {
            syntax("a binding takes `=`, not `==`").with_label(span, "").with_help("write `=`")
        }
        Some(SyntaxKind::TOKEN_COLON) => syntax("a binding takes `=`, not `:`")
            .with_label(span, "")
            .with_help("write `name = value;`"),
        Some(SyntaxKind::TOKEN_SEMICOLON | SyntaxKind::TOKEN_R_BRACE | SyntaxKind::TOKEN_COMMA) => {
            syntax("the attribute has no value")
                .with_label(tokens.span(at.saturating_sub(1)), "")
                .with_help("write `name = value;`, or `inherit name;` for a variable")
        }
        _ => missing_behind(tokens, at, "`=`"),
    }
}

/// Whether the braces around a token are followed by `:` or `@`, so that they are arguments.
fn is_pattern(tokens: &Tokens<'_>, at: usize) -> bool {
    let mut depth = 0_usize;
    for index in at..tokens.list.len() {
        match tokens.kind(index) {
            Some(kind) if is_opening(kind) => depth += 1,
            Some(kind) if is_closing(kind) => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => {
                    let next = tokens.kind(index + 1);
                    return kind == SyntaxKind::TOKEN_R_BRACE
                        && matches!(next, Some(SyntaxKind::TOKEN_COLON | SyntaxKind::TOKEN_AT));
                }
            },
            Some(SyntaxKind::TOKEN_SEMICOLON | SyntaxKind::TOKEN_ASSIGN) if depth == 0 => {
                return false;
            }
            _ => {}
        }
    }
    false
}

/// An attribute name is wanted.
pub(super) fn name(tokens: &Tokens<'_>, at: usize) -> Diagnostic {
    let span = tokens.span(at);
    let inherit = last_of(tokens, at, &[SyntaxKind::TOKEN_INHERIT]);
    let Some(kind) = tokens.kind(at) else {
        let before = tokens.span(at.saturating_sub(1));
        return syntax("an attribute name is missing").with_label(before, "nothing follows this");
    };
    if inherit.is_some() {
        return match kind {
            SyntaxKind::TOKEN_DOT => syntax("`inherit` takes plain names")
                .with_label(span, "")
                .with_help("write `inherit (a) b;` for `b = a.b;`"),
            SyntaxKind::TOKEN_ASSIGN => match path_start(tokens, at) {
                Some(start) if tokens.get(start).is_some_and(|token| token.first_of_line) => {
                    missing_behind(tokens, start, "`;`")
                }
                _ => syntax("`inherit` takes names without values")
                    .with_label(span, "")
                    .with_help("write `name = value;` without `inherit`"),
            },
            SyntaxKind::TOKEN_COMMA => syntax("names after `inherit` are separated by blanks")
                .with_label(span, "")
                .with_help("leave the `,` out"),
            kind if is_keyword(kind) || is_closing(kind) => missing_behind(tokens, at, "`;`"),
            _ => syntax(format!("`inherit` takes names, not {}", tokens.name(at)))
                .with_label(span, ""),
        };
    }
    let before = tokens.before(at).map(|token| token.kind);
    match kind {
        SyntaxKind::TOKEN_SEMICOLON if before == Some(SyntaxKind::TOKEN_SEMICOLON) => {
            syntax("one `;` too many").with_label(span, "").with_help("leave it out")
        }
        SyntaxKind::TOKEN_ELLIPSIS => syntax("`...` stands behind the last argument")
            .with_label(span, "")
            .with_help("a function is written `{ a, b, ... }: body`"),
        kind if is_keyword(kind) => {
            let word = tokens.text(at);
            syntax(format!("`{word}` is a keyword, not a name"))
                .with_label(span, "")
                .with_help(format!("write it in quotes: `\"{word}\"`"))
        }
        _ => syntax(format!("expected an attribute name, found {}", tokens.name(at)))
            .with_label(span, ""),
    }
}

/// An argument in `{ a, b }:`, or the brace that ends them, is wanted.
pub(super) fn argument(tokens: &Tokens<'_>, at: usize) -> Diagnostic {
    let before = tokens.before(at).map(|token| token.kind);
    match tokens.kind(at) {
        Some(SyntaxKind::TOKEN_IDENT | SyntaxKind::TOKEN_ELLIPSIS)
            if before.is_some_and(ends_value) =>
        {
            missing_behind(tokens, at, "`,`")
        }
        _ if before == Some(SyntaxKind::TOKEN_ELLIPSIS) => {
            syntax("`...` stands behind the last argument")
                .with_label(tokens.span(at.saturating_sub(1)), "")
                .with_help("a function is written `{ a, b, ... }: body`")
        }
        _ => syntax(format!("expected an argument's name, found {}", tokens.name(at)))
            .with_label(tokens.span(at), "")
            .with_help("a function is written `{ a, b ? 1, ... }: body`"),
    }
}

/// Where a path of attribute names begins that ends right before a token.
fn path_start(tokens: &Tokens<'_>, at: usize) -> Option<usize> {
    let mut last = at.checked_sub(1)?;
    loop {
        let start = tokens.opening(last);
        let is_name = match tokens.kind(start)? {
            SyntaxKind::TOKEN_IDENT | SyntaxKind::TOKEN_OR => true,
            SyntaxKind::TOKEN_STRING_START | SyntaxKind::TOKEN_INTERPOL_START => start < last,
            _ => false,
        };
        if !is_name {
            return None;
        }
        match start.checked_sub(1).map(|before| (before, tokens.kind(before))) {
            Some((dot, Some(SyntaxKind::TOKEN_DOT))) => last = dot.checked_sub(1)?,
            _ => return Some(start),
        }
    }
}

/// The last token of these kinds before another, in the same bracket.
fn last_of(tokens: &Tokens<'_>, at: usize, kinds: &[SyntaxKind]) -> Option<usize> {
    let mut next = at;
    while let Some(before) = next.checked_sub(1) {
        next = tokens.opening(before);
        let kind = tokens.kind(next)?;
        if kinds.contains(&kind) {
            return Some(next);
        }
        if is_opening(kind) && next == before || kind == SyntaxKind::TOKEN_SEMICOLON {
            return None;
        }
    }
    None
}

/// The first line end between two tokens that cuts a value from another.
fn cut_between(tokens: &Tokens<'_>, from: usize, to: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for at in from.saturating_add(1)..to {
        let token = tokens.get(at)?;
        if is_closing(token.kind) {
            depth = depth.saturating_sub(1);
        }
        let cut = token.first_of_line
            && starts_value(token.kind)
            && tokens.before(at).is_some_and(|before| ends_value(before.kind));
        if depth == 0 && cut {
            return Some(at);
        }
        if is_opening(token.kind) {
            depth += 1;
        }
    }
    None
}

//! An error of rnix at its place: what stands there, what should, and what to do.

use super::{Tokens, ends_value, is_closing, is_comparison, is_keyword, is_operator};
use super::{starts_value, syntax};
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

/// A character or text that is no token of the language.
fn odd_token(tokens: &Tokens<'_>, at: usize) -> Option<Diagnostic> {
    if tokens.kind(at) != Some(SyntaxKind::TOKEN_ERROR) {
        return None;
    }
    let text = tokens.text(at);
    let mut span = tokens.span(at);
    if text.len() > 1 && text.contains('/') {
        let doubled =
            tokens.text.get(span.end as usize..).is_some_and(|rest| rest.starts_with('/'));
        let (title, mended) = if text.ends_with('/') && !doubled {
            ("a path cannot end in `/`", text.trim_end_matches('/').to_owned())
        } else {
            let parts: Vec<&str> = text.split('/').collect();
            let parts = parts.iter().enumerate().filter(|(n, part)| *n == 0 || !part.is_empty());
            let parts: Vec<&str> = parts.map(|(_, part)| *part).collect();
            ("a path cannot hold `//`", parts.join("/"))
        };
        let diagnostic = syntax(title).with_label(span, "");
        return Some(if mended.contains('/') {
            diagnostic.with_help(format!("write `{mended}`"))
        } else {
            diagnostic.with_help("write the path without it")
        });
    }
    let character = tokens.text.get(span.start as usize..)?.chars().next()?;
    span.end = span.start.saturating_add(u32::try_from(character.len_utf8()).unwrap_or(1));
    let rest = tokens.text.get(span.end as usize..).unwrap_or("");
    let byte = tokens.bytes.get(span.start as usize).copied().unwrap_or(0);
    if !byte.is_ascii() && character.is_ascii() {
        let diagnostic = syntax(format!("the byte {byte:#04x} begins no token"));
        return Some(
            diagnostic
                .with_label(span, "it is not UTF-8")
                .with_why("only strings and comments take any bytes")
                .with_help("save the file as UTF-8"),
        );
    }
    let (title, help) = match character {
        '\u{feff}' => (
            "the file begins with a byte order mark".to_owned(),
            Some("save the file as UTF-8 without one".to_owned()),
        ),
        blank if blank.is_whitespace() => (
            format!("the character U+{:04X} is no blank in Nix", u32::from(blank)),
            Some("write a space".to_owned()),
        ),
        '\'' => {
            let line = rest.lines().next().unwrap_or("");
            let quoted = match line.split_once('\'') {
                Some((quoted, _)) => {
                    let length = u32::try_from(quoted.len()).unwrap_or(0);
                    span.end = span.end.saturating_add(length).saturating_add(1);
                    quoted
                }
                None => "text",
            };
            ("strings stand in double quotes".to_owned(), Some(format!("write `\"{quoted}\"`")))
        }
        '&' => ("`&` is no operator".to_owned(), Some("write `&&` for \"and\"".to_owned())),
        '|' => ("`|` is no operator".to_owned(), Some("write `||` for \"or\"".to_owned())),
        '$' => (
            "`$` has a meaning only as `${…}`".to_owned(),
            Some(
                "write the name alone; `${…}` stands in strings, paths and attribute names".into(),
            ),
        ),
        '~' => ("`~` only begins a path".to_owned(), Some("write `~/…`".to_owned())),
        _ => ("unexpected character".to_owned(), None),
    };
    let label = if help.is_none() { "no token begins with it" } else { "" };
    Some(syntax(title).with_label(span, label).with_help_if(help))
}

/// Something is missing behind the token before this one.
fn missing_behind(tokens: &Tokens<'_>, at: usize, what: &str) -> Diagnostic {
    match at.checked_sub(1) {
        Some(before) => syntax(format!("{what} is missing"))
            .with_label(tokens.behind(before), format!("{what} is missing here")),
        None => syntax(format!("{what} is missing")).with_label(tokens.span(at), "before this"),
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
        if super::is_opening(kind) && next == before || kind == SyntaxKind::TOKEN_SEMICOLON {
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
        if super::is_opening(token.kind) {
            depth += 1;
        }
    }
    None
}

fn semicolon(tokens: &Tokens<'_>, at: usize) -> Diagnostic {
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

fn assign(tokens: &Tokens<'_>, at: usize) -> Diagnostic {
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
        let span =
            crate::diag::Span { end: tokens.span(at.saturating_sub(1)).end, ..tokens.span(start) };
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
            Some(kind) if super::is_opening(kind) => depth += 1,
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
fn name(tokens: &Tokens<'_>, at: usize) -> Diagnostic {
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
fn argument(tokens: &Tokens<'_>, at: usize) -> Diagnostic {
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

/// The innermost bracket around a token.
fn around(tokens: &Tokens<'_>, at: usize) -> Option<SyntaxKind> {
    let mut next = at;
    while let Some(before) = next.checked_sub(1) {
        next = tokens.opening(before);
        let kind = tokens.kind(next)?;
        if next == before && super::is_opening(kind) {
            return Some(kind);
        }
    }
    None
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

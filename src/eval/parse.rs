//! Text to syntax tree: rnix, and the rules it leaves to its user.
//!
//! rnix accepts more than Nix does; what it lets pass is refused here or in [`super::lower`]. Its
//! errors become diagnostics, the ones without a place point at the end of the file.

use crate::diag::{Diagnostic, FileId, Span};
use rnix::ast::Expr;
use rnix::{ParseError, SyntaxKind, TextRange};
use std::borrow::Cow;

/// How deep brackets may be nested. rnix recurses on them, and refuses more than 512 itself.
const MAX_NESTING: usize = 10_000;

/// How many comments that end in a lone CR are mended.
const MAX_CR_COMMENTS: usize = 1000;

/// Parses a text.
///
/// # Errors
/// Every syntax error of the text, in its order.
pub(super) fn parse(text: &str, file: FileId) -> Result<Expr, Vec<Diagnostic>> {
    let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
    if text.len() > u32::MAX as usize / 2 {
        return Err(vec![
            Diagnostic::error("eval/syntax", "the file is too large to be parsed")
                .with_label(Span { file, start: 0, end: 0 }, ""),
        ]);
    }
    refuse_nul(text, file)?;
    refuse_deep_nesting(text, file)?;
    let text = &*end_comments_at_cr(text);
    let parsed = rnix::Root::parse(text);
    let mut errors: Vec<Diagnostic> =
        parsed.errors().iter().map(|error| describe(error, text, file, end)).collect();
    if errors.is_empty() {
        match parsed.tree().expr() {
            Some(expr) => return Ok(expr),
            None => errors.push(
                Diagnostic::error("eval/syntax", "the file holds no expression")
                    .with_label(Span { file, start: end, end }, "an expression is expected here"),
            ),
        }
    }
    // What follows the first error is most often its echo.
    errors.truncate(1);
    Err(errors)
}

/// A lone CR ends a `#` comment in Nix, and not in rnix: there it becomes an LF, which moves nothing.
fn end_comments_at_cr(text: &str) -> Cow<'_, str> {
    let lone_cr = |text: &str| {
        let mut bytes = text.bytes().enumerate().peekable();
        while let Some((at, byte)) = bytes.next() {
            if byte == b'\r' && bytes.peek().is_none_or(|&(_, next)| next != b'\n') {
                return Some(at);
            }
        }
        None
    };
    let mut text = Cow::Borrowed(text);
    if lone_cr(&text).is_none() {
        return text;
    }
    // What follows a mended comment is read anew, since it was no comment. Files with CR alone are
    // decades old and small; the bound is for what is made up.
    for _ in 0..MAX_CR_COMMENTS {
        let mut offset = 0;
        let mut found = None;
        for (kind, token) in rnix::tokenize(&text) {
            if kind == SyntaxKind::TOKEN_COMMENT && token.starts_with('#') {
                // A CR at the end of the token belongs to a CR LF.
                if let Some(at) = lone_cr(token).filter(|at| at + 1 < token.len()) {
                    found = Some(offset + at);
                    break;
                }
            }
            offset += token.len();
        }
        let Some(at) = found else { break };
        text.to_mut().replace_range(at..=at, "\n");
    }
    text
}

fn refuse_nul(text: &str, file: FileId) -> Result<(), Vec<Diagnostic>> {
    let Some(at) = text.find('\0') else { return Ok(()) };
    let at = u32::try_from(at).unwrap_or(u32::MAX);
    Err(vec![
        Diagnostic::error("eval/syntax", "the file holds a NUL byte")
            .with_label(Span { file, start: at, end: at.saturating_add(1) }, "here")
            .with_why("Nix strings cannot hold NUL bytes"),
    ])
}

fn refuse_deep_nesting(text: &str, file: FileId) -> Result<(), Vec<Diagnostic>> {
    // Most files have fewer bytes that could open anything than the limit.
    let openers = text.bytes().filter(|byte| b"([{-!\"'".contains(byte)).count();
    if openers <= MAX_NESTING {
        return Ok(());
    }
    let mut depth = 0_usize;
    let mut run = 0_usize;
    let mut offset = 0_usize;
    for (kind, token) in rnix::tokenize(text) {
        match kind {
            SyntaxKind::TOKEN_L_PAREN
            | SyntaxKind::TOKEN_L_BRACK
            | SyntaxKind::TOKEN_L_BRACE
            | SyntaxKind::TOKEN_INTERPOL_START
            | SyntaxKind::TOKEN_STRING_START => {
                depth += 1;
                run = 0;
            }
            SyntaxKind::TOKEN_R_PAREN
            | SyntaxKind::TOKEN_R_BRACK
            | SyntaxKind::TOKEN_R_BRACE
            | SyntaxKind::TOKEN_INTERPOL_END
            | SyntaxKind::TOKEN_STRING_END => {
                depth = depth.saturating_sub(1);
                run = 0;
            }
            // `- - - x` and `! ! ! x` nest without brackets.
            SyntaxKind::TOKEN_SUB | SyntaxKind::TOKEN_INVERT => run += 1,
            SyntaxKind::TOKEN_WHITESPACE | SyntaxKind::TOKEN_COMMENT => {}
            _ => run = 0,
        }
        if depth + run > MAX_NESTING {
            let start = u32::try_from(offset).unwrap_or(u32::MAX);
            let end = u32::try_from(offset + token.len()).unwrap_or(u32::MAX);
            return Err(vec![too_deep(Span { file, start, end })]);
        }
        offset += token.len();
    }
    Ok(())
}

fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::error("eval/syntax", "expressions are nested too deeply")
        .with_label(span, "at this depth")
        .with_why("the parser stops at 512 nested expressions")
        .with_help("give the inner parts names with `let`")
}

fn describe(error: &ParseError, text: &str, file: FileId, end: u32) -> Diagnostic {
    let span = |range: &TextRange| {
        let whole = Span { file, start: range.start().into(), end: range.end().into() };
        trimmed(whole, text)
    };
    let at_end = Span { file, start: end, end };
    let wanted = |kinds: &[SyntaxKind]| {
        let mut names: Vec<&str> = kinds.iter().map(|&kind| spelling(kind)).collect();
        names.dedup();
        names.join(" or ")
    };
    let syntax = |title: String| Diagnostic::error("eval/syntax", title);
    match error {
        ParseError::Unexpected(range) | ParseError::UnexpectedExtra(range) => {
            let span = span(range);
            syntax("syntax error: unexpected text".into())
                .with_label(span, "the expression before this is complete")
        }
        ParseError::UnexpectedWanted(_, range, kinds) => {
            syntax(format!("syntax error: expected {}", wanted(kinds)))
                .with_label(span(range), "found this")
        }
        ParseError::UnexpectedDoubleBind(range) => {
            syntax("the argument set is given two names".into())
                .with_label(span(range), "again here")
        }
        ParseError::UnexpectedEOF => {
            syntax("syntax error: unexpected end of file".into()).with_label(at_end, "")
        }
        ParseError::UnexpectedEOFWanted(kinds) => {
            syntax(format!("syntax error: unexpected end of file, expected {}", wanted(kinds)))
                .with_label(at_end, "")
        }
        ParseError::DuplicatedArgs(range, name) => {
            syntax(format!("duplicate formal function argument `{name}`"))
                .with_label(span(range), "")
        }
        ParseError::RecursionLimitExceeded => too_deep(at_end),
        other => syntax(format!("syntax error: {other}")).with_label(at_end, ""),
    }
}

/// The first line of a range, without blanks around it: what can be marked.
fn trimmed(span: Span, text: &str) -> Span {
    let covered = text.get(span.start as usize..span.end as usize).unwrap_or("");
    let blank = covered.len() - covered.trim_start().len();
    let line = covered.trim_start().lines().next().unwrap_or("").trim_end();
    let start = span.start.saturating_add(u32::try_from(blank).unwrap_or(0));
    let end = start.saturating_add(u32::try_from(line.len()).unwrap_or(0));
    Span { start, end: end.max(start), ..span }
}

/// A token as the user writes it.
fn spelling(kind: SyntaxKind) -> &'static str {
    match kind {
        SyntaxKind::TOKEN_SEMICOLON => "`;`",
        SyntaxKind::TOKEN_COLON => "`:`",
        SyntaxKind::TOKEN_COMMA => "`,`",
        SyntaxKind::TOKEN_DOT => "`.`",
        SyntaxKind::TOKEN_ASSIGN => "`=`",
        SyntaxKind::TOKEN_AT => "`@`",
        SyntaxKind::TOKEN_ELLIPSIS => "`...`",
        SyntaxKind::TOKEN_L_BRACE => "`{`",
        SyntaxKind::TOKEN_R_BRACE | SyntaxKind::TOKEN_INTERPOL_END => "`}`",
        SyntaxKind::TOKEN_L_BRACK => "`[`",
        SyntaxKind::TOKEN_R_BRACK => "`]`",
        SyntaxKind::TOKEN_L_PAREN => "`(`",
        SyntaxKind::TOKEN_R_PAREN => "`)`",
        SyntaxKind::TOKEN_INTERPOL_START => "`${`",
        SyntaxKind::TOKEN_IN => "`in`",
        SyntaxKind::TOKEN_THEN => "`then`",
        SyntaxKind::TOKEN_ELSE => "`else`",
        SyntaxKind::TOKEN_REC => "`rec`",
        SyntaxKind::TOKEN_IDENT => "a name",
        SyntaxKind::TOKEN_OR => "`or`",
        SyntaxKind::TOKEN_STRING_START => "a string",
        SyntaxKind::TOKEN_STRING_END => "the end of the string",
        SyntaxKind::TOKEN_STRING_CONTENT => "text",
        _ => "an expression",
    }
}

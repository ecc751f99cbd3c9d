//! Characters that begin no token of the language.

use super::{Tokens, syntax};
use crate::diag::Diagnostic;
use rnix::SyntaxKind;

/// A character or text that is no token of the language.
pub(super) fn odd_token(tokens: &Tokens<'_>, at: usize) -> Option<Diagnostic> {
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

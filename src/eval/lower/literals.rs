//! Numbers, strings and paths.

use super::super::expr::{Kind, Part};
use super::super::literal::{self, Segment};
use super::super::path::{as_bytes, as_path, normalize};
use super::super::value::{NixString, Value};
use super::Lowering;
use super::names::Component;
use crate::diag::{Diagnostic, Span};
use crate::explain::code;
use rnix::ast::{self, AstToken as _, LiteralKind};
use rnix::{NodeOrToken, SyntaxKind};
use rowan::ast::AstNode as _;

impl Lowering<'_, '_> {
    pub(super) fn literal(&mut self, literal: &ast::Literal, span: Span) -> Kind {
        match literal.kind() {
            LiteralKind::Integer(token) => match token.syntax().text().parse::<i64>() {
                Ok(value) => return Kind::Constant(Value::Int(value)),
                Err(_) => self.report(
                    Diagnostic::error(code::EVAL_SYNTAX, "the integer is too large")
                        .with_label(span, "")
                        .with_why("integers have 64 bits, so the largest is 9223372036854775807"),
                ),
            },
            LiteralKind::Float(token) => match token.syntax().text().parse::<f64>() {
                Ok(value) if value.is_finite() && !is_underflow(value, token.syntax().text()) => {
                    return Kind::Constant(Value::Float(value));
                }
                _ => self.syntax_error("the number is out of range", span, ""),
            },
            LiteralKind::Uri(token) => {
                return Kind::Constant(Value::string(token.syntax().text()));
            }
        }
        Kind::Refused
    }

    /// The raw segments between the delimiters of a string.
    pub(super) fn segments(&mut self, string: &ast::Str) -> (bool, Vec<Segment<ast::Expr>>) {
        let mut multiline = false;
        let mut segments = Vec::new();
        for child in string.syntax().children_with_tokens() {
            match child {
                NodeOrToken::Token(token) => match token.kind() {
                    SyntaxKind::TOKEN_STRING_START => multiline = token.text() == "''",
                    SyntaxKind::TOKEN_STRING_CONTENT => {
                        segments.push(Segment::Text(self.source(&token).to_vec()));
                    }
                    _ => {}
                },
                NodeOrToken::Node(node) => {
                    if let Some(expr) = ast::Interpol::cast(node.clone()).and_then(|i| i.expr()) {
                        segments.push(Segment::Interpolation(expr));
                    } else {
                        let span = self.span(&node);
                        self.syntax_error("empty interpolation", span, "");
                    }
                }
            }
        }
        if multiline {
            return (true, literal::indented(segments));
        }
        let unescaped = segments.into_iter().map(|segment| match segment {
            Segment::Text(raw) => Segment::Text(literal::unescape(&raw)),
            Segment::Interpolation(expr) => Segment::Interpolation(expr),
        });
        (false, unescaped.collect())
    }

    pub(super) fn string(&mut self, string: &ast::Str) -> Kind {
        let (_, segments) = self.segments(string);
        let mut parts: Vec<Part> = Vec::with_capacity(segments.len());
        for segment in segments {
            match segment {
                Segment::Text(text) => parts.push(Part::Text(text.into())),
                Segment::Interpolation(expr) => parts.push(Part::Expr(self.expr(&expr, None))),
            }
        }
        let only_text = parts.iter().all(|part| matches!(part, Part::Text(_)));
        if only_text {
            let mut bytes = Vec::new();
            for part in &parts {
                if let Part::Text(text) = part {
                    bytes.extend_from_slice(text);
                }
            }
            return Kind::Constant(Value::string(bytes));
        }
        Kind::Text(parts.into())
    }

    pub(super) fn path(&mut self, node: &ast::Expr, span: Span) -> Kind {
        let mut parts = Vec::new();
        for child in node.syntax().children_with_tokens() {
            match child {
                NodeOrToken::Token(token) if !token.kind().is_trivia() => {
                    let text = self.source(&token).to_vec();
                    let bytes =
                        if parts.is_empty() { self.first_path_part(&text, span) } else { text };
                    parts.push(Part::Text(bytes.into()));
                }
                NodeOrToken::Token(_) => {}
                NodeOrToken::Node(node) => {
                    let expr = ast::Interpol::cast(node.clone()).and_then(|i| i.expr());
                    parts.push(Part::Expr(self.required(expr, &node)));
                }
            }
        }
        if let [Part::Text(only)] = parts.as_slice() {
            return Kind::Constant(Value::Path(NixString::new(only.to_vec())));
        }
        Kind::PathText(parts.into())
    }

    /// The first segment of a path literal, made absolute; a trailing `/` before `${` is kept. As in Nix,
    /// `.` and `..` below `~` stay.
    fn first_path_part(&mut self, text: &[u8], span: Span) -> Vec<u8> {
        if let Some(below_home) = text.strip_prefix(b"~") {
            if let Some(home) = &self.evaluator.home {
                return [as_bytes(home), below_home].concat();
            }
            self.syntax_error("`~` has no meaning: no home folder is known", span, "");
        }
        let mut bytes = normalize(as_bytes(&self.origin.folder.join(as_path(text))));
        if text.ends_with(b"/") && bytes != b"/" {
            bytes.push(b'/');
        }
        bytes
    }

    pub(super) fn text_component(&mut self, string: &ast::Str, span: Span) -> Component {
        let (_, segments) = self.segments(string);
        let mut name = Vec::new();
        for segment in segments {
            match segment {
                Segment::Text(text) => name.extend(text),
                Segment::Interpolation(_) => {
                    return Component::Dynamic(ast::Expr::Str(string.clone()), span);
                }
            }
        }
        Component::Static(self.evaluator.symbols.intern(&name), span)
    }
}

/// Whether a number is too small for a double to hold in full, which C's `strtod` reports as an error.
fn is_underflow(value: f64, text: &str) -> bool {
    let digits = text.split(['e', 'E']).next().unwrap_or(text);
    !value.is_normal() && digits.contains(|digit: char| ('1'..='9').contains(&digit))
}

//! Syntax tree to expressions: variables become slots, and what rnix lets pass is refused.
//!
//! In: a tree of [`super::parse`]. Out: an [`Expr`], or every static error of the text: undefined
//! variables, duplicate attributes and arguments, numbers out of range, lambdas where Nix's grammar
//! has none. What always holds: a [`Kind::Variable`] names a slot that exists when it is read.

mod functions;
mod literals;
mod names;
mod operators;
mod sets;

use super::Evaluator;
use super::expr::{Expr, Kind, Name};
use super::spelling::Offsets;
use super::symbol::Symbol;
use super::value::{Attrs, Place};
use crate::diag::{Diagnostic, FileId, Span};
use crate::explain::code;
use rnix::ast::{self, UnaryOpKind};
use rnix::{SyntaxNode, SyntaxToken, TextRange, TextSize};
use rowan::ast::AstNode as _;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

/// Lowers the tree of one file, and gives every static error of it. The innermost expression around an
/// error becomes [`Kind::Refused`].
pub(super) fn lower(
    evaluator: &mut Evaluator<'_>,
    tree: &ast::Expr,
    origin: Origin<'_>,
    extra: Option<&Attrs>,
) -> (Expr, Vec<Diagnostic>) {
    let mut lowering = Lowering {
        evaluator,
        origin,
        scopes: Vec::new(),
        errors: Vec::new(),
        hidden: 0,
        refused: false,
        too_deep: false,
        extra,
    };
    let expr = lowering.expr(tree, None);
    let Lowering { mut errors, hidden, .. } = lowering;
    if let (Some(last), 1..) = (errors.last(), hidden) {
        let title = format!("{hidden} more errors of this file are not shown");
        errors.push(Diagnostic::error(last.code, title).with_help("mend the others first"));
    }
    (expr, errors)
}

/// How many errors of one file are shown. A text with more than this is most often no Nix at all.
const MAX_ERRORS: usize = 100;

/// How many names an attribute path may have: each makes a set in a set.
const MAX_PATH: usize = 10_000;

/// A level of the environment, as lowering sees it.
enum Scope {
    /// Names and their slots.
    Names(BTreeMap<Symbol, u32>),
    /// A level whose slots have no names: sources of `inherit (x)`.
    Nameless,
    /// `with`.
    With,
}

/// Where a tree comes from.
pub(super) struct Origin<'e> {
    pub(super) file: FileId,
    pub(super) text: &'e [u8],
    /// How places of the tree lead to the text.
    pub(super) offsets: Offsets,
    /// Where its relative paths start.
    pub(super) folder: &'e Path,
}

struct Lowering<'e, 'w> {
    evaluator: &'e mut Evaluator<'w>,
    origin: Origin<'e>,
    scopes: Vec<Scope>,
    errors: Vec<Diagnostic>,
    /// How many there are besides.
    hidden: usize,
    /// Whether the expression that is being lowered has an error of its own.
    refused: bool,
    /// Whether nesting has been refused.
    too_deep: bool,
    /// The names `builtins.scopedImport` adds.
    extra: Option<&'e Attrs>,
}

impl Lowering<'_, '_> {
    /// The place of a node. rnix keeps blanks and comments outside of nodes.
    fn span(&self, node: &SyntaxNode) -> Span {
        self.place(node.text_range())
    }

    fn place(&self, range: TextRange) -> Span {
        let original = |offset: TextSize| self.origin.offsets.original(offset.into());
        Span { file: self.origin.file, start: original(range.start()), end: original(range.end()) }
    }

    /// What the text has for a token, which rnix may have got in another spelling.
    fn source(&self, token: &SyntaxToken) -> &[u8] {
        let Span { start, end, .. } = self.place(token.text_range());
        self.origin.text.get(start as usize..end as usize).unwrap_or(&[])
    }

    /// An error of the expression that is being lowered.
    fn report(&mut self, diagnostic: Diagnostic) {
        self.refused = true;
        self.report_error(diagnostic);
    }

    /// An error of what is refused by other means.
    fn report_error(&mut self, diagnostic: Diagnostic) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(diagnostic);
        } else {
            self.hidden += 1;
        }
    }

    fn syntax_error(&mut self, title: impl Into<String>, span: Span, label: &str) {
        self.report(Diagnostic::error(code::EVAL_SYNTAX, title).with_label(span, label));
    }

    /// Whether lowering may recurse; says once where it could not.
    fn has_room(&mut self, span: Span) -> bool {
        if self.too_deep || !self.evaluator.stack.has_room() {
            if !self.too_deep {
                self.too_deep = true;
                self.report_error(
                    Diagnostic::error(code::EVAL_SYNTAX, "expressions are nested too deeply")
                        .with_label(span, "at this depth")
                        .with_help("give the inner parts names with `let`"),
                );
            }
            return false;
        }
        true
    }

    /// An expression that has been refused.
    fn refused(span: Span) -> Expr {
        Expr { kind: Kind::Refused, span }
    }

    /// An expression, refused when an error is reported while it is lowered. Those inside of it keep their
    /// errors to themselves.
    fn lower_or_refuse(&mut self, span: Span, lower: impl FnOnce(&mut Self) -> Kind) -> Expr {
        let around = std::mem::take(&mut self.refused);
        let kind = lower(self);
        let refused = std::mem::replace(&mut self.refused, around);
        if refused { Self::refused(span) } else { Expr { kind, span } }
    }

    fn required(&mut self, node: Option<ast::Expr>, parent: &SyntaxNode) -> Expr {
        if let Some(node) = node {
            self.expr(&node, None)
        } else {
            let span = self.span(parent);
            self.syntax_error("an expression is missing", span, "in here");
            Self::refused(span)
        }
    }

    fn boxed(&mut self, node: Option<ast::Expr>, parent: &SyntaxNode) -> Box<Expr> {
        Box::new(self.required(node, parent))
    }

    /// An operand, where the grammar of Nix has no bare function.
    fn operand(&mut self, node: Option<ast::Expr>, parent: &SyntaxNode) -> Expr {
        if let Some(ast::Expr::Lambda(lambda)) = &node {
            let span = self.span(lambda.syntax());
            self.report(
                Diagnostic::error(code::EVAL_SYNTAX, "a function needs parentheses here")
                    .with_label(span, "")
                    .with_help("write `(x: …)`"),
            );
        }
        self.required(node, parent)
    }

    fn expr(&mut self, node: &ast::Expr, name: Option<Symbol>) -> Expr {
        let span = self.span(node.syntax());
        if !self.has_room(span) {
            return Self::refused(span);
        }
        self.lower_or_refuse(span, |lowering| lowering.kind(node, span, name))
    }

    fn kind(&mut self, node: &ast::Expr, span: Span, name: Option<Symbol>) -> Kind {
        let syntax = node.syntax();
        match node {
            ast::Expr::Paren(paren) => {
                if paren.r_paren_token().is_none() {
                    let opener = Span { end: span.start.saturating_add(1), ..span };
                    self.syntax_error("`)` is missing", opener, "opened here");
                }
                match paren.expr() {
                    Some(inner) => self.expr(&inner, name).kind,
                    None => self.required(None, syntax).kind,
                }
            }
            ast::Expr::Root(root) => self.required(root.expr(), syntax).kind,
            ast::Expr::Literal(literal) => self.literal(literal, span),
            ast::Expr::Str(string) => self.string(string),
            ast::Expr::PathAbs(_) | ast::Expr::PathRel(_) | ast::Expr::PathHome(_) => {
                self.path(node, span)
            }
            ast::Expr::PathSearch(path) => {
                let text = path.syntax().text().to_string();
                self.search_path(text.trim_matches(['<', '>']), span)
            }
            ast::Expr::Ident(ident) => {
                let symbol = self.ident(ident);
                self.variable(symbol, span)
            }
            ast::Expr::CurPos(_) => Kind::CurrentPosition,
            ast::Expr::List(list) => {
                if list.r_brack_token().is_none() {
                    let opener = Span { end: span.start.saturating_add(1), ..span };
                    self.syntax_error("`]` is missing", opener, "opened here");
                }
                let items: Vec<_> =
                    list.items().map(|item| Rc::new(self.operand(Some(item), syntax))).collect();
                Kind::List(items.into())
            }
            ast::Expr::AttrSet(set) => {
                let draft = self.draft(set, set.rec_token().is_some(), false);
                Kind::Set(Box::new(self.set(draft)))
            }
            ast::Expr::LegacyLet(set) => {
                let draft = self.draft(set, true, false);
                let set = Expr { kind: Kind::Set(Box::new(self.set(draft))), span };
                Kind::Select {
                    subject: Box::new(set),
                    path: Box::new([Name::Static(Symbol::BODY, span)]),
                    default: None,
                }
            }
            ast::Expr::LetIn(let_in) => self.let_in(let_in),
            ast::Expr::Select(select) => self.select(select),
            ast::Expr::HasAttr(has) => {
                let subject = Box::new(self.operand(has.expr(), syntax));
                let path = self.names(has.attrpath());
                Kind::Has { subject, path }
            }
            ast::Expr::Lambda(lambda) => Kind::Lambda(Rc::new(self.lambda(lambda, span, name))),
            ast::Expr::Apply(apply) => self.call(apply),
            ast::Expr::IfElse(if_else) => Kind::If {
                condition: self.boxed(if_else.condition(), syntax),
                yes: self.boxed(if_else.body(), syntax),
                no: self.boxed(if_else.else_body(), syntax),
            },
            ast::Expr::Assert(assert) => Kind::Assert {
                condition: self.boxed(assert.condition(), syntax),
                body: self.boxed(assert.body(), syntax),
            },
            ast::Expr::With(with) => {
                let scope = Rc::new(self.required(with.namespace(), syntax));
                self.scopes.push(Scope::With);
                let body = self.boxed(with.body(), syntax);
                self.scopes.pop();
                Kind::With { scope, body }
            }
            ast::Expr::UnaryOp(operation) => {
                let operand = self.operand(operation.expr(), syntax);
                match operation.operator() {
                    Some(UnaryOpKind::Negate) => self.negation(operand, span),
                    _ => Kind::Not(Box::new(operand)),
                }
            }
            ast::Expr::BinOp(operation) => self.binary(operation, span),
            ast::Expr::Error(_) => {
                self.syntax_error("this is no expression", span, "");
                Kind::Refused
            }
        }
    }
}

/// Where an attribute stands: its name and its value.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlaceSpans {
    pub(super) key: Span,
    pub(super) value: Span,
}

impl Evaluator<'_> {
    pub(super) fn add_place(&mut self, key: Span, value: Span) -> Place {
        self.places.push(PlaceSpans { key, value });
        // Number 0 is `Place::NOWHERE`.
        Place(u32::try_from(self.places.len()).unwrap_or(0))
    }
}

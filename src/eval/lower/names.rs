//! Variables to slots, and paths of attribute names.

use super::super::expr::{Expr, Kind, Name};
use super::super::symbol::Symbol;
use super::super::value::Value;
use super::{Lowering, MAX_ERRORS, MAX_PATH, Scope};
use crate::diag::{Diagnostic, Span, nearest};
use crate::explain::code;
use rnix::ast;
use rowan::ast::AstNode as _;

/// A component of an attribute path before lowering.
pub(super) enum Component {
    Static(Symbol, Span),
    Dynamic(ast::Expr, Span),
}

impl Component {
    pub(super) fn span(&self) -> Span {
        match self {
            Component::Static(_, span) | Component::Dynamic(_, span) => *span,
        }
    }

    /// The same name, standing where the whole path begins.
    pub(super) fn from(self, start: u32) -> Self {
        match self {
            Component::Static(symbol, span) => Component::Static(symbol, Span { start, ..span }),
            Component::Dynamic(expr, span) => Component::Dynamic(expr, Span { start, ..span }),
        }
    }
}

impl Lowering<'_, '_> {
    pub(super) fn ident(&mut self, ident: &ast::Ident) -> Symbol {
        let text = ident.syntax().text().to_string();
        self.evaluator.symbols.intern(text.trim().as_bytes())
    }

    pub(super) fn variable(&mut self, name: Symbol, span: Span) -> Kind {
        let mut withs = Vec::new();
        for (up, scope) in (0_u32..).zip(self.scopes.iter().rev()) {
            match scope {
                Scope::Names(names) => {
                    if let Some(&slot) = names.get(&name) {
                        return Kind::Variable { up, slot };
                    }
                }
                Scope::Nameless => {}
                Scope::With => withs.push(up),
            }
        }
        if let Some(attr) = self.extra.and_then(|extra| extra.get(name)) {
            return Kind::Constant(attr.value.clone());
        }
        if let Some(value) = self.evaluator.global(name) {
            return Kind::Constant(value);
        }
        if withs.is_empty() {
            self.undefined(name, span);
            return Kind::Refused;
        }
        Kind::FromWith { name, scopes: withs.into() }
    }

    fn undefined(&mut self, name: Symbol, span: Span) {
        let text = self.evaluator.symbols.text(name);
        let mut known: Vec<String> = self
            .scopes
            .iter()
            .filter_map(|scope| match scope {
                Scope::Names(names) => Some(names.keys()),
                Scope::Nameless | Scope::With => None,
            })
            .flatten()
            .map(|&symbol| self.evaluator.symbols.text(symbol))
            .collect();
        known.extend(self.evaluator.global_names());
        // Looking for a name takes its time.
        let shown = self.errors.len() < MAX_ERRORS;
        let near = shown.then(|| nearest(&text, known.iter().map(String::as_str))).flatten();
        self.report(
            Diagnostic::error(
                code::EVAL_UNDEFINED_VARIABLE,
                format!("undefined variable `{text}`"),
            )
            .with_label(span, "")
            .with_help_if(near.map(|name| format!("did you mean `{name}`?"))),
        );
    }

    pub(super) fn select(&mut self, select: &ast::Select) -> Kind {
        let subject = Box::new(self.operand(select.expr(), select.syntax()));
        let path = self.names(select.attrpath());
        let default =
            select.default_expr().map(|expr| Box::new(self.operand(Some(expr), select.syntax())));
        match known_member(&subject, &path) {
            Some(value) => Kind::Constant(value),
            None => Kind::Select { subject, path, default },
        }
    }

    pub(super) fn names(&mut self, path: Option<ast::Attrpath>) -> Box<[Name]> {
        let components = self.components(path);
        let names = components.into_iter().map(|component| match component {
            Component::Static(symbol, span) => Name::Static(symbol, span),
            Component::Dynamic(expr, _) => Name::Dynamic(self.expr(&expr, None)),
        });
        names.collect()
    }

    pub(super) fn components(&mut self, path: Option<ast::Attrpath>) -> Vec<Component> {
        if let Some(path) = &path
            && path.attrs().nth(MAX_PATH).is_some()
        {
            let span = self.span(path.syntax());
            self.syntax_error("the attribute path is too long", span, "");
            return Vec::new();
        }
        let attrs = path.into_iter().flat_map(|path| path.attrs());
        attrs.filter_map(|attr| self.component(&attr)).collect()
    }

    pub(super) fn component(&mut self, attr: &ast::Attr) -> Option<Component> {
        let span = self.span(attr.syntax());
        match attr {
            ast::Attr::Ident(ident) => Some(Component::Static(self.ident(ident), span)),
            ast::Attr::Str(string) => Some(self.text_component(string, span)),
            ast::Attr::Dynamic(dynamic) => match dynamic.expr() {
                Some(ast::Expr::Str(string)) => Some(self.text_component(&string, span)),
                Some(expr) => Some(Component::Dynamic(expr, span)),
                None => {
                    self.syntax_error("empty attribute name", span, "");
                    None
                }
            },
        }
    }
}

/// What `builtins.name` means, when nobody has hidden `builtins`.
fn known_member(subject: &Expr, path: &[Name]) -> Option<Value> {
    let (Kind::Constant(Value::Attrs(members)), [Name::Static(name, _)]) = (&subject.kind, path)
    else {
        return None;
    };
    let attr = members.get(*name)?;
    if matches!(attr.value, Value::Thunk(_)) { None } else { Some(attr.value.clone()) }
}

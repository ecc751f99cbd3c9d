//! Functions and their arguments.

use super::super::expr::{Formal, Lambda, Parameter};
use super::super::symbol::Symbol;
use super::{Lowering, Scope};
use crate::diag::Span;
use rnix::ast;
use rowan::ast::AstNode as _;
use std::collections::BTreeMap;
use std::rc::Rc;

impl Lowering<'_, '_> {
    pub(super) fn lambda(
        &mut self,
        lambda: &ast::Lambda,
        span: Span,
        name: Option<Symbol>,
    ) -> Lambda {
        let mut bound = None;
        let (parameter, names) = match lambda.param() {
            Some(ast::Param::IdentParam(parameter)) => {
                let mut names = BTreeMap::new();
                if let Some(ident) = parameter.ident() {
                    let symbol = self.ident(&ident);
                    bound = Some(symbol);
                    names.insert(symbol, 0);
                }
                (None, names)
            }
            Some(ast::Param::Pattern(pattern)) => {
                let names = self.pattern_names(&pattern);
                let bind = pattern.pat_bind().and_then(|bind| bind.ident());
                bound = bind.map(|ident| self.ident(&ident));
                (Some(pattern), names)
            }
            None => {
                self.syntax_error("the function has no argument", span, "");
                (None, BTreeMap::new())
            }
        };
        self.scopes.push(Scope::Names(names));
        let parameter = match parameter {
            None => Parameter::Single,
            Some(pattern) => self.pattern(&pattern),
        };
        let body = self.required(lambda.body(), lambda.syntax());
        self.scopes.pop();
        Lambda { parameter, body, span, bound, name }
    }

    fn pattern_names(&mut self, pattern: &ast::Pattern) -> BTreeMap<Symbol, u32> {
        let mut names = BTreeMap::new();
        for (slot, entry) in (1_u32..).zip(pattern.pat_entries()) {
            let Some(ident) = entry.ident() else { continue };
            let symbol = self.ident(&ident);
            if names.insert(symbol, slot).is_some() {
                self.duplicate_argument(symbol, &ident);
            }
        }
        if let Some(ident) = pattern.pat_bind().and_then(|bind| bind.ident()) {
            let symbol = self.ident(&ident);
            if names.insert(symbol, 0).is_some() {
                self.duplicate_argument(symbol, &ident);
            }
        }
        names
    }

    fn duplicate_argument(&mut self, symbol: Symbol, ident: &ast::Ident) {
        let title =
            format!("duplicate formal function argument `{}`", self.evaluator.symbols.text(symbol));
        let span = self.span(ident.syntax());
        self.syntax_error(title, span, "given twice");
    }

    fn pattern(&mut self, pattern: &ast::Pattern) -> Parameter {
        let mut formals = Vec::new();
        for entry in pattern.pat_entries() {
            let Some(ident) = entry.ident() else { continue };
            let name = self.ident(&ident);
            let span = self.span(ident.syntax());
            let default = entry.default().map(|expr| Rc::new(self.expr(&expr, None)));
            let place = self.evaluator.add_place(span, span);
            formals.push(Formal { name, place, default });
        }
        Parameter::Pattern { formals: formals.into(), open: pattern.ellipsis_token().is_some() }
    }
}

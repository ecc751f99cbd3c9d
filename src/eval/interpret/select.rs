//! Names to attributes: `a.b`, `a ? b`, `${name}`, and what `with` brings in.

use super::super::Evaluator;
use super::super::error::{ErrorKind, EvalError, Result};
use super::super::expr::{Expr, Name};
use super::super::symbol::Symbol;
use super::super::value::{Attrs, Env, Place, Value};
use crate::diag::{Span, nearest};
use std::rc::Rc;

impl Evaluator<'_> {
    /// Follows an attribute path; none when it ends early and that is allowed. As in Nix, a name is
    /// evaluated before the value that it is looked up in.
    pub(super) fn select(
        &mut self,
        subject: &Expr,
        path: &[Name],
        env: &Rc<Env>,
        optional: bool,
    ) -> Result<Option<Value>> {
        let mut value = self.eval(subject, env)?;
        let mut before: Option<(Symbol, Place, Span)> = None;
        for name in path {
            let symbol = self.resolve(name, env)?;
            if let Some(selected) = before {
                value = self.force_selected(&value, selected)?;
            }
            let attrs = match &value {
                Value::Attrs(attrs) => attrs,
                _ if optional => return Ok(None),
                other => return Err(self.type_error("a set", other).at(name.span())),
            };
            match attrs.get(symbol) {
                Some(attr) => {
                    before = Some((symbol, attr.place, name.span()));
                    value = attr.value.clone();
                }
                None if optional => return Ok(None),
                None => return Err(self.missing_attribute(attrs, symbol).at(name.span())),
            }
        }
        match before {
            Some(selected) => self.force_selected(&value, selected).map(Some),
            None => Ok(Some(value)),
        }
    }

    /// The value of an attribute: its name, where it was written, and where it was asked for.
    fn force_selected(
        &mut self,
        value: &Value,
        (name, place, span): (Symbol, Place, Span),
    ) -> Result<Value> {
        self.force(value).map_err(|error| {
            let error = error.at(span);
            match self.binding(place) {
                Some((key, _)) => {
                    error.via(key, || format!("while evaluating `{}`", self.symbols.text(name)))
                }
                None => error,
            }
        })
    }

    pub(super) fn has(&mut self, subject: &Expr, path: &[Name], env: &Rc<Env>) -> Result<bool> {
        let mut value = self.eval(subject, env)?;
        for name in path {
            let subject = self.force(&value)?;
            // As in Nix, the name is evaluated whatever it is looked up in.
            let symbol = self.resolve(name, env)?;
            let Value::Attrs(attrs) = subject else { return Ok(false) };
            match attrs.get(symbol) {
                Some(attr) => value = attr.value.clone(),
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    fn resolve(&mut self, name: &Name, env: &Rc<Env>) -> Result<Symbol> {
        match name {
            Name::Static(symbol, _) => Ok(*symbol),
            Name::Dynamic(expr) => {
                let value = self.eval(expr, env)?;
                self.attribute_name(&value).map_err(|error| error.at(expr.span))
            }
        }
    }

    /// A name computed in an attribute path.
    pub(in super::super) fn attribute_name(&mut self, value: &Value) -> Result<Symbol> {
        let name = match self.force(value)? {
            Value::String(name) => name,
            other => return Err(self.type_error("a string", &other)),
        };
        if name.context().is_some() {
            return Err(ErrorKind::Argument {
                message: format!(
                    "the attribute name `{}` may not refer to a store path",
                    name.to_text()
                ),
                help: Some("wrap it in `builtins.unsafeDiscardStringContext`"),
            }
            .into());
        }
        Ok(self.symbols.intern_string(&name))
    }

    pub(in super::super) fn missing_attribute(
        &self,
        attrs: &Attrs,
        name: Symbol,
    ) -> Box<EvalError> {
        let name = self.symbols.text(name);
        let known: Vec<String> = attrs.iter().map(|attr| self.symbols.text(attr.name)).collect();
        let near = nearest(&name, known.iter().map(String::as_str)).map(str::to_owned);
        ErrorKind::MissingAttribute { name, nearest: near }.into()
    }

    pub(super) fn with_attribute(
        &mut self,
        name: Symbol,
        scopes: &[u32],
        env: &Rc<Env>,
    ) -> Result<Value> {
        for &up in scopes {
            // The slot of a `with` is set as its scope is made.
            let scope = env.get(up, 0).cloned().unwrap_or(Value::Null);
            match self.force(&scope)? {
                Value::Attrs(attrs) => {
                    if let Some(attr) = attrs.get(name) {
                        return self.force(&attr.value.clone());
                    }
                }
                other => return Err(self.type_error("a set", &other)),
            }
        }
        Err(self.undefined(name, scopes, env))
    }

    #[cold]
    fn undefined(&mut self, name: Symbol, scopes: &[u32], env: &Rc<Env>) -> Box<EvalError> {
        let name = self.symbols.text(name);
        let mut known = self.global_names();
        for &up in scopes {
            let scope = env.get(up, 0).cloned().unwrap_or(Value::Null);
            // They have been evaluated before, so this costs nothing.
            if let Ok(Value::Attrs(attrs)) = self.force(&scope) {
                known.extend(attrs.iter().map(|attr| self.symbols.text(attr.name)));
            }
        }
        let near = nearest(&name, known.iter().map(String::as_str)).map(str::to_owned);
        ErrorKind::Undefined { name, nearest: near }.into()
    }
}

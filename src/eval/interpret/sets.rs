//! Sets and the scopes of `let` and `rec`.

use super::super::Evaluator;
use super::super::error::{ErrorKind, EvalError, Result};
use super::super::expr::{Expr, Field, LetExpr, SetExpr};
use super::super::symbol::Symbol;
use super::super::value::{Attr, Attrs, Env, Value};
use std::collections::BTreeSet;
use std::rc::Rc;

impl Evaluator<'_> {
    pub(super) fn let_scope(&mut self, let_expr: &LetExpr, env: &Rc<Env>) -> Rc<Env> {
        let slots = let_expr.fields.len() + let_expr.sources.len();
        let scope = Env::new(Some(Rc::clone(env)), slots);
        self.fill_scope(&scope, env, &let_expr.fields, &let_expr.sources);
        scope
    }

    /// Fills the slots of a recursive scope: the fields, then the sources of `inherit (x)`.
    fn fill_scope(
        &mut self,
        scope: &Rc<Env>,
        outer: &Rc<Env>,
        fields: &[Field],
        sources: &[Rc<Expr>],
    ) {
        let first_source = u32::try_from(fields.len()).unwrap_or(u32::MAX);
        for (slot, source) in (first_source..).zip(sources) {
            scope.set(slot, self.delay(source, scope));
        }
        for (slot, field) in (0..).zip(fields) {
            let env = if field.outside { outer } else { scope };
            scope.set(slot, self.delay(&field.value, env));
        }
    }

    pub(super) fn eval_set(&mut self, set: &SetExpr, env: &Rc<Env>) -> Result<Attrs> {
        let mut attrs = Vec::with_capacity(set.fields.len() + set.dynamic.len());
        let inner;
        let scope = if set.recursive {
            inner = Env::new(Some(Rc::clone(env)), set.fields.len() + set.sources.len());
            self.fill_scope(&inner, env, &set.fields, &set.sources);
            for (slot, field) in (0..).zip(&set.fields) {
                // `fill_scope` has set every slot.
                let value = inner.get(0, slot).cloned().unwrap_or(Value::Null);
                attrs.push(Attr { name: field.name, place: field.place, value });
            }
            &inner
        } else if set.sources.is_empty() {
            for field in &set.fields {
                let value = self.delay(&field.value, env);
                attrs.push(Attr { name: field.name, place: field.place, value });
            }
            env
        } else {
            inner = Env::new(Some(Rc::clone(env)), set.sources.len());
            for (slot, source) in (0..).zip(&set.sources) {
                inner.set(slot, self.delay(source, &inner));
            }
            for field in &set.fields {
                let value = self.delay(&field.value, if field.outside { env } else { &inner });
                attrs.push(Attr { name: field.name, place: field.place, value });
            }
            &inner
        };
        if set.recursive && set.fields.iter().any(|field| field.name == Symbol::OVERRIDES) {
            return self.override_set(set, env, scope);
        }
        if !set.dynamic.is_empty() {
            self.add_dynamic(set, scope, &mut attrs)?;
        }
        Ok(Attrs::from_unsorted(attrs))
    }

    fn add_dynamic(&mut self, set: &SetExpr, scope: &Rc<Env>, attrs: &mut Vec<Attr>) -> Result<()> {
        let mut known: BTreeSet<Symbol> = attrs.iter().map(|attr| attr.name).collect();
        for field in &set.dynamic {
            let name = match self.eval(&field.name, scope)? {
                // `${null}` leaves the attribute out.
                Value::Null => continue,
                other => self.attribute_name(&other).map_err(|error| error.at(field.name.span))?,
            };
            if !known.insert(name) {
                let message = format!("attribute `{}` is defined twice", self.symbols.text(name));
                let error: Box<EvalError> = ErrorKind::Argument { message, help: None }.into();
                return Err(error.at(field.name.span));
            }
            let value = self.delay(&field.value, scope);
            attrs.push(Attr { name, place: field.place, value });
        }
        Ok(())
    }

    /// `__overrides`: its attributes replace those of the recursive set, for the set's own parts too.
    /// `plain` is the scope without them, in which `__overrides` itself is evaluated.
    fn override_set(&mut self, set: &SetExpr, env: &Rc<Env>, plain: &Rc<Env>) -> Result<Attrs> {
        let at = set.fields.iter().position(|field| field.name == Symbol::OVERRIDES);
        let at = u32::try_from(at.unwrap_or(0)).unwrap_or(0);
        let own = plain.get(0, at).cloned().unwrap_or(Value::Null);
        let overrides = match self.force(&own)? {
            Value::Attrs(overrides) => overrides,
            other => return Err(self.type_error("a set", &other)),
        };
        let scope = Env::new(Some(Rc::clone(env)), set.fields.len() + set.sources.len());
        scope.set(at, own);
        for (slot, field) in (0..).zip(&set.fields) {
            if let Some(over) = overrides.get(field.name) {
                scope.set(slot, over.value.clone());
            }
        }
        // Slots that are set stay as they are.
        self.fill_scope(&scope, env, &set.fields, &set.sources);
        let fields = (0..).zip(&set.fields).map(|(slot, field)| Attr {
            name: field.name,
            place: field.place,
            value: scope.get(0, slot).cloned().unwrap_or(Value::Null),
        });
        let mut attrs: Vec<Attr> = fields.collect();
        self.add_dynamic(set, &scope, &mut attrs)?;
        Ok(Attrs::from_unsorted(attrs).update(&overrides))
    }
}

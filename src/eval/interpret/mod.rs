//! Evaluation: expressions and their variables to values. Calls are in [`super::call`].
//!
//! [`Evaluator::eval`] gives weak head normal form. A call in tail position does not recurse: a step
//! ends in [`Step::Tail`] and the loop in `eval` goes on with the body. Everything else recurses on
//! the Rust stack, which [`super::Stack`] guards. An error gets its place from the innermost expression
//! that knows it and collects the way in as it passes outwards.

mod lazy;
mod operators;
mod select;
mod sets;

use super::Evaluator;
use super::error::{ErrorKind, EvalError, Result};
use super::expr::{Expr, Kind, Lambda, Part};
use super::string::Builder;
use super::symbol::Symbol;
use super::value::{Attr, Attrs, Closure, Env, NixString, Place, Value};
use crate::diag::Span;
use lazy::evaluated;
use operators::known_result;
use std::rc::Rc;

/// What one step of an evaluation ends in.
pub(super) enum Step {
    Value(Value),
    /// Go on with the body of a function.
    Tail(Rc<Lambda>, Rc<Env>, Span),
}

impl Evaluator<'_> {
    /// Evaluates an expression to weak head normal form.
    #[inline]
    pub(super) fn eval(&mut self, expr: &Expr, env: &Rc<Env>) -> Result<Value> {
        match evaluated(expr, env) {
            Some(value) => Ok(value),
            None => self.eval_unknown(expr, env),
        }
    }

    fn eval_unknown(&mut self, expr: &Expr, env: &Rc<Env>) -> Result<Value> {
        if !self.stack.has_room() {
            return Err(Box::<EvalError>::from(ErrorKind::TooDeep).at(expr.span));
        }
        match self.step(expr, env) {
            Ok(Step::Value(value)) => Ok(value),
            Ok(Step::Tail(lambda, env, span)) => self.run(lambda, env, span),
            Err(error) => Err(error.at(expr.span)),
        }
    }

    pub(super) fn step(&mut self, expr: &Expr, env: &Rc<Env>) -> Result<Step> {
        let mut expr = expr;
        let mut scope: Rc<Env>;
        let mut env = env;
        loop {
            let result = match &expr.kind {
                Kind::Constant(value) => self.forced(value, expr.span).map(Step::Value),
                Kind::Variable { up, slot } => match env.get(*up, *slot) {
                    Some(Value::Thunk(thunk)) => {
                        let thunk = Rc::clone(thunk);
                        let value = self.force_thunk(&thunk);
                        value.map(Step::Value).map_err(|error| error.at(expr.span))
                    }
                    Some(value) => Ok(Step::Value(value.clone())),
                    None => Err(ErrorKind::InfiniteRecursion.into()),
                },
                Kind::If { condition, yes, no } => {
                    expr = if self.eval_bool(condition, env)? { yes } else { no };
                    continue;
                }
                Kind::Let(let_expr) => {
                    scope = self.let_scope(let_expr, env);
                    env = &scope;
                    expr = &let_expr.body;
                    continue;
                }
                Kind::With { scope: source, body } => {
                    let next = Env::new(Some(Rc::clone(env)), 1);
                    next.set(0, self.delay(source, env));
                    scope = next;
                    env = &scope;
                    expr = body;
                    continue;
                }
                Kind::Assert { condition, body } => {
                    if !self.eval_bool(condition, env)? {
                        return Err(Box::<EvalError>::from(ErrorKind::Assertion).at(condition.span));
                    }
                    expr = body;
                    continue;
                }
                Kind::Call { function, arguments } => {
                    self.step_call(function, arguments, env, expr.span)
                }
                Kind::Lambda(lambda) => {
                    let closure = Closure { lambda: Rc::clone(lambda), env: Rc::clone(env) };
                    Ok(Step::Value(Value::Lambda(Rc::new(closure))))
                }
                Kind::Select { subject, path, default } => {
                    match (self.select(subject, path, env, default.is_some()), default) {
                        (Ok(Some(value)), _) => Ok(Step::Value(value)),
                        (Ok(None), Some(default)) => {
                            expr = default;
                            continue;
                        }
                        (Ok(None), None) => Ok(Step::Value(Value::Null)),
                        (Err(error), _) => Err(error),
                    }
                }
                Kind::Binary { operator, left, right } => {
                    self.binary(*operator, left, right, env).map(Step::Value)
                }
                _ => self.eval_data(expr, env).map(Step::Value),
            };
            // What `let`, `if` and the like end in is where the failure is, not where they begin.
            return result.map_err(|error| error.at(expr.span));
        }
    }

    /// The expressions that build a value and call nothing in tail position.
    #[inline(never)]
    fn eval_data(&mut self, expr: &Expr, env: &Rc<Env>) -> Result<Value> {
        match &expr.kind {
            Kind::Text(parts) => self.eval_text_parts(parts, env, true).map(Value::String),
            Kind::PathText(parts) => self.eval_path_parts(parts, env),
            Kind::List(items) => {
                Ok(Value::list(items.iter().map(|item| self.delay(item, env)).collect()))
            }
            Kind::Set(set) => self.eval_set(set, env).map(Value::Attrs),
            Kind::FromWith { name, scopes } => self.with_attribute(*name, scopes, env),
            Kind::Has { subject, path } => self.has(subject, path, env).map(Value::Bool),
            Kind::Not(operand) => Ok(Value::Bool(!self.eval_bool(operand, env)?)),
            Kind::Negate(operand) => {
                let value = self.eval(operand, env)?;
                self.negate(&value)
            }
            Kind::CurrentPosition => Ok(self.position_value(expr.span)),
            Kind::Refused => Err(ErrorKind::Refused.into()),
            // `step` has dealt with the others.
            _ => Ok(Value::Null),
        }
    }

    fn eval_bool(&mut self, expr: &Expr, env: &Rc<Env>) -> Result<bool> {
        if let Kind::Binary { operator, left, right } = &expr.kind
            && let Some(Value::Bool(value)) = known_result(*operator, left, right, env)
        {
            return Ok(value);
        }
        match self.eval(expr, env)? {
            Value::Bool(value) => Ok(value),
            other => Err(self.type_error("a Boolean", &other).at(expr.span)),
        }
    }

    /// The text of parts one after the other. Paths in a string must exist, see
    /// [`Evaluator::copied_string`].
    fn eval_text_parts(
        &mut self,
        parts: &[Part],
        env: &Rc<Env>,
        copied: bool,
    ) -> Result<NixString> {
        let mut text = Builder::default();
        for part in parts {
            match part {
                Part::Text(bytes) => text.push_bytes(bytes),
                Part::Expr(expr) => {
                    let value = self.eval(expr, env)?;
                    let string = if copied {
                        self.copied_string(&value)
                    } else {
                        self.coerce_string(&value)
                    };
                    text.push(&string.map_err(|error| error.at(expr.span))?);
                }
            }
        }
        let text = text.finish();
        self.meter.announce_text(&text)?;
        Ok(text)
    }

    fn eval_path_parts(&mut self, parts: &[Part], env: &Rc<Env>) -> Result<Value> {
        let text = self.eval_text_parts(parts, env, false)?;
        if text.context().is_some() {
            return Err(ErrorKind::Argument {
                message: "a string that refers to a store path cannot be appended to a path".into(),
                help: None,
            }
            .into());
        }
        Ok(Value::Path(NixString::new(super::path::normalize(text.as_bytes()))))
    }

    /// `{ file; line; column; }`, or `null` for a text that is no file.
    pub(super) fn position_value(&mut self, span: Span) -> Value {
        let position = self.sources.position(span);
        let Some(source) = self.sources.get(span.file) else { return Value::Null };
        let file = match &source.path {
            Some(path) => super::path::as_bytes(path).to_vec(),
            None => source.name.clone().into_bytes(),
        };
        let attr = |name, value| Attr { name, place: Place::NOWHERE, value };
        Value::Attrs(Attrs::from_unsorted(vec![
            attr(Symbol::FILE, Value::string(file)),
            attr(Symbol::LINE, Value::Int(position.line.into())),
            attr(Symbol::COLUMN, Value::Int(position.column.into())),
        ]))
    }
}

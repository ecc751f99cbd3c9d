//! Values that are not evaluated yet, and how they become values.

use super::super::Evaluator;
use super::super::error::{ErrorKind, Result};
use super::super::expr::{Expr, Kind};
use super::super::value::{Attr, Closure, Env, State, Thunk, Value};
use super::operators::known_result;
use crate::diag::Span;
use std::collections::BTreeSet;
use std::rc::Rc;

impl Evaluator<'_> {
    /// A value for an expression that may never be needed.
    ///
    /// What is known already, or follows from it by one sum or comparison of integers, is no promise
    /// but the value: no program can tell, and a thunk costs more than the sum.
    pub(in super::super) fn delay(&mut self, expr: &Rc<Expr>, env: &Rc<Env>) -> Value {
        match &expr.kind {
            Kind::Constant(value) => value.clone(),
            Kind::Variable { up, slot } => match env.get(*up, *slot) {
                Some(value) => value.clone(),
                None => Thunk::code(Rc::clone(expr), Rc::clone(env)),
            },
            Kind::Binary { operator, left, right }
                if matches!(left.kind, Kind::Variable { .. }) =>
            {
                match known_result(*operator, left, right, env) {
                    Some(value) => value,
                    None => Thunk::code(Rc::clone(expr), Rc::clone(env)),
                }
            }
            Kind::Lambda(lambda) => {
                let closure = Closure { lambda: Rc::clone(lambda), env: Rc::clone(env) };
                Value::Lambda(Rc::new(closure))
            }
            _ => Thunk::code(Rc::clone(expr), Rc::clone(env)),
        }
    }

    /// A value to weak head normal form.
    pub fn force(&mut self, value: &Value) -> Result<Value> {
        match value {
            Value::Thunk(thunk) => {
                let thunk = Rc::clone(thunk);
                self.force_thunk(&thunk)
            }
            other => Ok(other.clone()),
        }
    }

    pub(super) fn forced(&mut self, value: &Value, span: Span) -> Result<Value> {
        match value {
            Value::Thunk(_) => self.force(value).map_err(|error| error.at(span)),
            other => Ok(other.clone()),
        }
    }

    pub(in super::super) fn force_thunk(&mut self, thunk: &Rc<Thunk>) -> Result<Value> {
        match thunk.take() {
            State::Done(value) => {
                thunk.put(State::Done(value.clone()));
                Ok(value)
            }
            // `take` has left the thunk running.
            State::Running => Err(ErrorKind::InfiniteRecursion.into()),
            State::Code(code, env) => match self.eval(&code, &env) {
                Ok(value) => {
                    thunk.put(State::Done(value.clone()));
                    Ok(value)
                }
                Err(error) => {
                    // Whoever comes again gets the same failure.
                    thunk.put(State::Code(code, env));
                    Err(error)
                }
            },
            State::Call(function, argument) => match self.call(&function, argument.clone()) {
                Ok(value) => {
                    thunk.put(State::Done(value.clone()));
                    Ok(value)
                }
                Err(error) => {
                    thunk.put(State::Call(function, argument));
                    Err(error)
                }
            },
            State::Call2(function, arguments) => {
                let (first, second) = arguments.as_ref();
                match self.call2(&function, first.clone(), second.clone()) {
                    Ok(value) => {
                        thunk.put(State::Done(value.clone()));
                        Ok(value)
                    }
                    Err(error) => {
                        thunk.put(State::Call2(function, arguments));
                        Err(error)
                    }
                }
            }
        }
    }

    /// Evaluates everything inside a value in weak head normal form. `seen` holds what has been walked:
    /// what is shared is walked once, and a value that contains itself ends.
    pub(in super::super) fn deep(
        &mut self,
        value: &Value,
        seen: &mut BTreeSet<usize>,
    ) -> Result<()> {
        if !self.stack.has_room_to_walk() {
            return Err(ErrorKind::TooDeep.into());
        }
        match value {
            Value::List(list) => {
                if !seen.insert(list.address()) {
                    return Ok(());
                }
                for item in list.items() {
                    let item = self.force(item)?;
                    self.deep(&item, seen)?;
                }
            }
            Value::Attrs(attrs) => {
                if !seen.insert(attrs.address()) {
                    return Ok(());
                }
                let sorted: Vec<Attr> = self.sorted(attrs).into_iter().cloned().collect();
                for attr in sorted {
                    let result = match self.force(&attr.value) {
                        Ok(value) => self.deep(&value, seen),
                        Err(error) => Err(error),
                    };
                    result.map_err(|error| match self.binding(attr.place) {
                        Some((key, _)) => error.via(key, || {
                            format!("while evaluating `{}`", self.symbols.text(attr.name))
                        }),
                        None => error,
                    })?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// The value of an expression that needs no evaluation (any more).
#[inline]
pub(super) fn evaluated(expr: &Expr, env: &Env) -> Option<Value> {
    match &expr.kind {
        Kind::Constant(Value::Thunk(_)) => None,
        Kind::Constant(value) => Some(value.clone()),
        Kind::Variable { up, slot } => match env.get(*up, *slot)? {
            Value::Thunk(thunk) => thunk.done(),
            value => Some(value.clone()),
        },
        _ => None,
    }
}

//! Operators: which operand is evaluated when, and the shortcut for integers that are known.

use super::super::Evaluator;
use super::super::error::Result;
use super::super::expr::{Expr, Kind, Operator};
use super::super::list;
use super::super::value::{Env, List, Value};
use std::rc::Rc;

impl Evaluator<'_> {
    pub(super) fn binary(
        &mut self,
        operator: Operator,
        left: &Expr,
        right: &Expr,
        env: &Rc<Env>,
    ) -> Result<Value> {
        match operator {
            Operator::And => {
                return Ok(Value::Bool(self.eval_bool(left, env)? && self.eval_bool(right, env)?));
            }
            Operator::Or => {
                return Ok(Value::Bool(self.eval_bool(left, env)? || self.eval_bool(right, env)?));
            }
            Operator::Implies => {
                return Ok(Value::Bool(!self.eval_bool(left, env)? || self.eval_bool(right, env)?));
            }
            Operator::Concat => return self.concat(left, right, env),
            _ => {}
        }
        if let Some(value) = known_result(operator, left, right, env) {
            return Ok(value);
        }
        let (a, b) = match operator {
            // `a > b` is `b < a`, down to which of the two is evaluated first.
            Operator::Greater | Operator::LessEqual => {
                let b = self.eval(right, env)?;
                (self.eval(left, env)?, b)
            }
            _ => (self.eval(left, env)?, self.eval(right, env)?),
        };
        match operator {
            Operator::Add => self.add(&a, &b),
            Operator::Subtract | Operator::Multiply | Operator::Divide => {
                self.arithmetic(operator, &a, &b)
            }
            Operator::Equal => self.equal(&a, &b).map(Value::Bool),
            Operator::NotEqual => self.equal(&a, &b).map(|equal| Value::Bool(!equal)),
            Operator::Less => self.less(&a, &b).map(Value::Bool),
            Operator::Greater => self.less(&b, &a).map(Value::Bool),
            Operator::LessEqual => self.less(&b, &a).map(|less| Value::Bool(!less)),
            Operator::GreaterEqual => self.less(&a, &b).map(|less| Value::Bool(!less)),
            Operator::Update => match (&a, &b) {
                (Value::Attrs(under), Value::Attrs(over)) => Ok(Value::Attrs(under.update(over))),
                (Value::Attrs(_), other) => Err(self.type_error("a set", other).at(right.span)),
                (other, _) => Err(self.type_error("a set", other).at(left.span)),
            },
            // Dealt with above.
            Operator::And | Operator::Or | Operator::Implies | Operator::Concat => Ok(Value::Null),
        }
    }

    /// `a ++ b ++ c`: all lists at once, since `++` groups to the right and each on its own would copy
    /// what is behind it again.
    fn concat(&mut self, left: &Expr, right: &Expr, env: &Rc<Env>) -> Result<Value> {
        let mut operands = vec![(self.eval(left, env)?, left.span)];
        let mut last = right;
        while let Kind::Binary { operator: Operator::Concat, left, right } = &last.kind {
            operands.push((self.eval(left, env)?, left.span));
            last = right;
        }
        let last = (self.eval(last, env)?, last.span);
        // As in Nix, the innermost pair comes first, and of a pair the left one.
        let pair = operands.pop();
        let mut checked: Vec<List> = Vec::with_capacity(operands.len() + 2);
        for (value, span) in pair.into_iter().chain([last]).chain(operands.into_iter().rev()) {
            match value {
                Value::List(items) => checked.push(items),
                other => return Err(self.type_error("a list", &other).at(span)),
            }
        }
        // Back to the order of the text: all but the first pair stand the other way round.
        checked.get_mut(..2).unwrap_or_default().reverse();
        checked.reverse();
        // `[ ]` adds nothing, not even another list.
        checked.retain(|list| !list.is_empty());
        if let [only] = checked.as_slice() {
            return Ok(Value::List(only.clone()));
        }
        // Short ones are copied once, however many there are; a long one is shared.
        let mut joined = List::new(Vec::new());
        let mut short: Vec<Value> = Vec::new();
        for list in &checked {
            if list.len() < list::LONG {
                short.extend_from_slice(list.items());
                continue;
            }
            joined = joined.concat(&List::new(std::mem::take(&mut short))).concat(list);
        }
        joined = joined.concat(&List::new(short));
        self.meter.announce_list(&joined)?;
        Ok(Value::List(joined))
    }
}

/// The integer of an expression that needs no evaluation.
#[inline]
fn known_int(expr: &Expr, env: &Env) -> Option<i64> {
    match &expr.kind {
        Kind::Constant(Value::Int(value)) => Some(*value),
        Kind::Variable { up, slot } => match env.get(*up, *slot)? {
            Value::Int(value) => Some(*value),
            Value::Thunk(thunk) => match thunk.done()? {
                Value::Int(value) => Some(value),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

/// The result of an operator on two integers that are known, unless it is an error.
#[inline]
pub(super) fn known_result(
    operator: Operator,
    left: &Expr,
    right: &Expr,
    env: &Env,
) -> Option<Value> {
    let a = known_int(left, env)?;
    let b = known_int(right, env)?;
    match operator {
        Operator::Add => a.checked_add(b).map(Value::Int),
        Operator::Subtract => a.checked_sub(b).map(Value::Int),
        Operator::Multiply => a.checked_mul(b).map(Value::Int),
        Operator::Equal => Some(Value::Bool(a == b)),
        Operator::NotEqual => Some(Value::Bool(a != b)),
        Operator::Less => Some(Value::Bool(a < b)),
        Operator::LessEqual => Some(Value::Bool(a <= b)),
        Operator::Greater => Some(Value::Bool(a > b)),
        Operator::GreaterEqual => Some(Value::Bool(a >= b)),
        _ => None,
    }
}

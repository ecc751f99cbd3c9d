//! What operators do with values: sums, equality, order, and how values become text.
//!
//! Nothing here knows a place; the expression that called adds it.

use super::Evaluator;
use super::error::{ErrorKind, EvalError, Result};
use super::expr::Operator;
use super::symbol::Symbol;
use super::text;
use super::value::{Attrs, Context, NixString, Value};
use std::cmp::Ordering;
use std::rc::Rc;

impl Evaluator<'_> {
    pub(super) fn type_error(&self, expected: &'static str, found: &Value) -> Box<EvalError> {
        ErrorKind::Type { expected, found: self.describe_value(found) }.into()
    }

    /// A value in a few words: its kind, and itself where that is short.
    fn describe_value(&self, value: &Value) -> String {
        match value {
            Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
                format!("{} ({value:?})", value.kind())
            }
            Value::String(string) | Value::Path(string) => {
                let shown: String = string.to_text().chars().take(40).collect();
                format!("{} ({shown:?})", value.kind())
            }
            Value::Lambda(closure) => self.describe(&closure.lambda),
            Value::Builtin(builtin) => format!("the built-in function `{}`", builtin.name),
            other => other.kind().to_owned(),
        }
    }

    /// `a + b`
    pub(super) fn add(&mut self, a: &Value, b: &Value) -> Result<Value> {
        match (a, b) {
            (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
                self.arithmetic(Operator::Add, a, b)
            }
            (Value::Int(_) | Value::Float(_), other) | (other, Value::Int(_) | Value::Float(_)) => {
                let _ = other;
                Err(ErrorKind::Operands { operation: "add", left: a.kind(), right: b.kind() }
                    .into())
            }
            (Value::Path(left), _) => {
                let right = self.coerce_string(b)?;
                if right.context().is_some() {
                    return Err(ErrorKind::Argument {
                        message:
                            "a string that refers to a store path cannot be appended to a path"
                                .into(),
                        help: None,
                    }
                    .into());
                }
                let joined = [left.as_bytes(), right.as_bytes()].concat();
                Ok(Value::Path(NixString::new(super::path::normalize(&joined))))
            }
            // As in Nix, what is behind a string is copied, and what is behind a set is not.
            (Value::String(left), _) => {
                let right = self.copied_string(b)?;
                self.joined(left, &right)
            }
            _ => {
                let left = self.coerce_string(a)?;
                let right = self.coerce_string(b)?;
                self.joined(&left, &right)
            }
        }
    }

    fn joined(&mut self, left: &NixString, right: &NixString) -> Result<Value> {
        let sum = left.concat(right);
        self.meter.announce_text(&sum)?;
        Ok(Value::String(sum))
    }

    /// `a - b`, `a * b`, `a / b`, and the sum of numbers.
    pub(super) fn arithmetic(&mut self, operator: Operator, a: &Value, b: &Value) -> Result<Value> {
        let word = match operator {
            Operator::Subtract => "subtract",
            Operator::Multiply => "multiply",
            Operator::Divide => "divide",
            _ => "add",
        };
        match (a, b) {
            (&Value::Int(a), &Value::Int(b)) => {
                let result = match operator {
                    Operator::Subtract => a.checked_sub(b),
                    Operator::Multiply => a.checked_mul(b),
                    Operator::Divide if b == 0 => return Err(ErrorKind::DivisionByZero.into()),
                    Operator::Divide => a.checked_div(b),
                    _ => a.checked_add(b),
                };
                let operation = match operator {
                    Operator::Subtract => "the subtraction",
                    Operator::Multiply => "the multiplication",
                    Operator::Divide => "the division",
                    _ => "the addition",
                };
                result.map(Value::Int).ok_or_else(|| ErrorKind::Overflow { operation }.into())
            }
            (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
                let (x, y) = (number(a), number(b));
                Ok(Value::Float(match operator {
                    Operator::Subtract => x - y,
                    Operator::Multiply => x * y,
                    Operator::Divide if y == 0.0 => return Err(ErrorKind::DivisionByZero.into()),
                    Operator::Divide => x / y,
                    _ => x + y,
                }))
            }
            _ => {
                Err(ErrorKind::Operands { operation: word, left: a.kind(), right: b.kind() }.into())
            }
        }
    }

    /// `-a`, which is `0 - a`: `-0.0` is `0`.
    pub(super) fn negate(&mut self, value: &Value) -> Result<Value> {
        match value {
            Value::Int(i64::MIN) => Err(ErrorKind::Overflow { operation: "the negation" }.into()),
            Value::Int(_) | Value::Float(_) => {
                self.arithmetic(Operator::Subtract, &Value::Int(0), value)
            }
            other => Err(ErrorKind::Operand { operation: "negate", operand: other.kind() }.into()),
        }
    }

    /// `a == b` for values in weak head normal form. Functions equal nothing.
    pub(super) fn equal(&mut self, a: &Value, b: &Value) -> Result<bool> {
        Ok(match (a, b) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            #[allow(clippy::float_cmp, reason = "Nix compares exactly")]
            (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
                number(a) == number(b)
            }
            (Value::String(a), Value::String(b)) | (Value::Path(a), Value::Path(b)) => a == b,
            (Value::List(a), Value::List(b)) => {
                if a.len() != b.len() {
                    return Ok(false);
                }
                for (a, b) in a.items().iter().zip(b.items()) {
                    if !self.equal_inside(a, b)? {
                        return Ok(false);
                    }
                }
                true
            }
            (Value::Attrs(a), Value::Attrs(b)) => self.equal_attrs(a, b)?,
            _ => false,
        })
    }

    /// Two values inside of lists or sets: the same value in memory is equal to itself, functions too,
    /// as in Nix.
    pub(super) fn equal_inside(&mut self, a: &Value, b: &Value) -> Result<bool> {
        if !self.stack.has_room() {
            return Err(ErrorKind::TooDeep.into());
        }
        let identical = match (a, b) {
            (Value::Thunk(a), Value::Thunk(b)) => Rc::ptr_eq(a, b),
            (Value::Lambda(a), Value::Lambda(b)) => Rc::ptr_eq(a, b),
            (&Value::Builtin(a), &Value::Builtin(b)) => std::ptr::eq(a, b),
            (Value::List(a), Value::List(b)) => a.same(b),
            (Value::Attrs(a), Value::Attrs(b)) => a.same(b),
            _ => false,
        };
        if identical {
            return Ok(true);
        }
        let (a, b) = (self.force(a)?, self.force(b)?);
        self.equal(&a, &b)
    }

    fn equal_attrs(&mut self, a: &Attrs, b: &Attrs) -> Result<bool> {
        if self.is_derivation(a)?
            && self.is_derivation(b)?
            && let (Some(a), Some(b)) = (a.get(Symbol::OUT_PATH), b.get(Symbol::OUT_PATH))
        {
            let (a, b) = (a.value.clone(), b.value.clone());
            return self.equal_inside(&a, &b);
        }
        if a.len() != b.len() {
            return Ok(false);
        }
        for (a, b) in a.iter().zip(b) {
            if a.name != b.name || !self.equal_inside(&a.value, &b.value)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn is_derivation(&mut self, attrs: &Attrs) -> Result<bool> {
        let Some(attr) = attrs.get(Symbol::TYPE) else { return Ok(false) };
        Ok(match self.force(&attr.value.clone())? {
            Value::String(kind) => kind.as_bytes() == b"derivation",
            _ => false,
        })
    }

    /// `a < b`
    pub(super) fn less(&mut self, a: &Value, b: &Value) -> Result<bool> {
        Ok(match (a, b) {
            (Value::Int(a), Value::Int(b)) => a < b,
            (Value::Int(_) | Value::Float(_), Value::Int(_) | Value::Float(_)) => {
                number(a) < number(b)
            }
            (Value::String(a), Value::String(b)) | (Value::Path(a), Value::Path(b)) => {
                a.as_bytes() < b.as_bytes()
            }
            (Value::List(a), Value::List(b)) => {
                if !self.stack.has_room() {
                    return Err(ErrorKind::TooDeep.into());
                }
                for pair in a.items().iter().zip(b.items()) {
                    if !self.equal_inside(pair.0, pair.1)? {
                        let (a, b) = (self.force(pair.0)?, self.force(pair.1)?);
                        return self.less(&a, &b);
                    }
                }
                a.items().len() < b.items().len()
            }
            _ => {
                return Err(ErrorKind::Operands {
                    operation: "compare",
                    left: a.kind(),
                    right: b.kind(),
                }
                .into());
            }
        })
    }

    /// The order of two values for `sort` and `genericClosure`.
    pub(super) fn compare(&mut self, a: &Value, b: &Value) -> Result<Ordering> {
        if self.less(a, b)? {
            Ok(Ordering::Less)
        } else if self.less(b, a)? {
            Ok(Ordering::Greater)
        } else {
            Ok(Ordering::Equal)
        }
    }

    /// The text of a value where a text or path is meant. A path is its own name.
    pub(super) fn coerce_string(&mut self, value: &Value) -> Result<NixString> {
        self.coerce(value, false)
    }

    /// The text of a value where Nix copies a path into its store: `"${x}"`, `"a" + x` and the like. Here
    /// nothing is copied and a path is its own name, but what cannot be copied is refused.
    pub(super) fn copied_string(&mut self, value: &Value) -> Result<NixString> {
        self.coerce(value, true)
    }

    fn coerce(&mut self, value: &Value, copied: bool) -> Result<NixString> {
        match value {
            Value::String(string) => Ok(string.clone()),
            Value::Path(path) => {
                if copied {
                    self.must_exist(path)?;
                }
                Ok(path.clone())
            }
            Value::Thunk(_) => {
                let value = self.force(value)?;
                self.coerce(&value, copied)
            }
            Value::Attrs(attrs) => match self.text_of_set(attrs, value)? {
                Some(inner) => self.coerce(&inner, copied),
                None => Err(ErrorKind::NotText { found: value.kind() }.into()),
            },
            other => Err(ErrorKind::NotText { found: other.kind() }.into()),
        }
    }

    /// What a set says its text is: `__toString self`, or `outPath`.
    fn text_of_set(&mut self, attrs: &Attrs, value: &Value) -> Result<Option<Value>> {
        if !self.stack.has_room() {
            return Err(ErrorKind::TooDeep.into());
        }
        if let Some(attr) = attrs.get(Symbol::TO_STRING) {
            // A builtin may stand here, whose result has a text of the same kind.
            self.meter.call()?;
            let function = self.force(&attr.value.clone())?;
            return self.call(&function, value.clone()).map(Some);
        }
        match attrs.get(Symbol::OUT_PATH) {
            Some(attr) => self.force(&attr.value.clone()).map(Some),
            None => Ok(None),
        }
    }

    /// The text of a value as `toString` makes it: numbers, Booleans, `null` and lists have one too.
    pub(super) fn text_of(&mut self, value: &Value) -> Result<NixString> {
        let mut bytes = Vec::new();
        let mut context = Context::new();
        self.write_text(value, &mut bytes, &mut context)?;
        Ok(NixString::with_context(bytes, context))
    }

    fn write_text(
        &mut self,
        value: &Value,
        bytes: &mut Vec<u8>,
        context: &mut Context,
    ) -> Result<()> {
        if !self.stack.has_room() {
            return Err(ErrorKind::TooDeep.into());
        }
        match value {
            Value::String(string) | Value::Path(string) => {
                self.meter.announce(string.len() as u64 + 8)?;
                bytes.extend_from_slice(string.as_bytes());
                if let Some(own) = string.context() {
                    context.extend(own.iter().cloned());
                }
            }
            Value::Null | Value::Bool(false) => {}
            Value::Bool(true) => bytes.push(b'1'),
            Value::Int(value) => bytes.extend(value.to_string().bytes()),
            Value::Float(value) => bytes.extend(text::float_to_string(*value).bytes()),
            Value::List(list) => {
                let list = list.clone();
                let count = list.items().len();
                for (index, item) in list.items().iter().enumerate() {
                    let item = self.force(item)?;
                    self.write_text(&item, bytes, context)?;
                    // An empty list adds no blank, as in Nix.
                    let empty = matches!(&item, Value::List(inner) if inner.items().is_empty());
                    if index + 1 < count && !empty {
                        bytes.push(b' ');
                    }
                }
            }
            Value::Attrs(attrs) => match self.text_of_set(attrs, value)? {
                Some(inner) => self.write_text(&inner, bytes, context)?,
                None => return Err(ErrorKind::NotText { found: value.kind() }.into()),
            },
            Value::Thunk(_) => {
                let value = self.force(value)?;
                self.write_text(&value, bytes, context)?;
            }
            other => return Err(ErrorKind::NotText { found: other.kind() }.into()),
        }
        Ok(())
    }
}

/// A number as a double, as Nix widens it.
#[allow(clippy::cast_precision_loss, reason = "Nix loses it too")]
pub(super) fn number(value: &Value) -> f64 {
    match value {
        Value::Int(value) => *value as f64,
        Value::Float(value) => *value,
        _ => f64::NAN,
    }
}

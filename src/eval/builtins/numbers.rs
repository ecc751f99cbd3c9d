//! Numbers, bits and order.

use super::super::Evaluator;
use super::super::error::{ErrorKind, Result};
use super::super::expr::Operator;
use super::super::operations::number;
use super::super::text;
use super::super::value::Value;
use super::{Builtin, Run, builtin};
use std::cmp::Ordering;

pub(super) const BUILTINS: &[Builtin] = &[
    builtin("add", Run::Two(|ev, a, b| arithmetic(ev, Operator::Add, a, b))),
    builtin("bitAnd", Run::Two(|ev, a, b| bits(ev, a, b, |a, b| a & b))),
    builtin("bitOr", Run::Two(|ev, a, b| bits(ev, a, b, |a, b| a | b))),
    builtin("bitXor", Run::Two(|ev, a, b| bits(ev, a, b, |a, b| a ^ b))),
    builtin("ceil", Run::One(|ev, value| round(ev, value, "ceil", f64::ceil))),
    builtin("compareVersions", Run::Two(compare_versions)),
    builtin("div", Run::Two(|ev, a, b| arithmetic(ev, Operator::Divide, a, b))),
    builtin("floor", Run::One(|ev, value| round(ev, value, "floor", f64::floor))),
    builtin("isBool", Run::One(|ev, v| Ok(Value::Bool(matches!(ev.force(v)?, Value::Bool(_)))))),
    builtin("isFloat", Run::One(|ev, v| Ok(Value::Bool(matches!(ev.force(v)?, Value::Float(_)))))),
    builtin("isInt", Run::One(|ev, v| Ok(Value::Bool(matches!(ev.force(v)?, Value::Int(_)))))),
    builtin("lessThan", Run::Two(less_than)),
    builtin("mul", Run::Two(|ev, a, b| arithmetic(ev, Operator::Multiply, a, b))),
    builtin("sub", Run::Two(|ev, a, b| arithmetic(ev, Operator::Subtract, a, b))),
];

fn arithmetic(ev: &mut Evaluator<'_>, operator: Operator, a: &Value, b: &Value) -> Result<Value> {
    let (a, b) = (ev.force(a)?, ev.force(b)?);
    ev.arithmetic(operator, &a, &b)
}

fn bits(ev: &mut Evaluator<'_>, a: &Value, b: &Value, f: fn(i64, i64) -> i64) -> Result<Value> {
    Ok(Value::Int(f(ev.int(a)?, ev.int(b)?)))
}

fn round(
    ev: &mut Evaluator<'_>,
    value: &Value,
    name: &'static str,
    f: fn(f64) -> f64,
) -> Result<Value> {
    let value = ev.force(value)?;
    let rounded = match &value {
        // Nix goes through a double here, and refuses the integers that no double holds.
        Value::Int(_) | Value::Float(_) => f(number(&value)),
        other => return Err(ev.type_error("a number", other)),
    };
    // 2^63 is the first double that does not fit.
    #[allow(clippy::cast_possible_truncation, reason = "checked")]
    let result = (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0)
        .contains(&rounded)
        .then_some(rounded as i64);
    match (value, result) {
        (Value::Int(value), result) if result != Some(value) => Err(ErrorKind::Argument {
            message: format!(
                "`builtins.{name}` cannot take {value}, an integer that no double holds"
            ),
            help: Some("use the integer itself: rounding it changes nothing"),
        }
        .into()),
        (_, Some(result)) => Ok(Value::Int(result)),
        (_, None) => Err(ErrorKind::Overflow { operation: name }.into()),
    }
}

fn compare_versions(ev: &mut Evaluator<'_>, a: &Value, b: &Value) -> Result<Value> {
    let (a, b) = (ev.string(a)?, ev.string(b)?);
    Ok(Value::Int(match text::compare_versions(a.as_bytes(), b.as_bytes()) {
        Ordering::Less => -1,
        Ordering::Equal => 0,
        Ordering::Greater => 1,
    }))
}

fn less_than(ev: &mut Evaluator<'_>, a: &Value, b: &Value) -> Result<Value> {
    let (a, b) = (ev.force(a)?, ev.force(b)?);
    ev.less(&a, &b).map(Value::Bool)
}

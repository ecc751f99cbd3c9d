//! Failing, catching, tracing, forcing, importing; and the types of values.

use super::super::Evaluator;
use super::super::error::{ErrorKind, Result};
use super::super::symbol::Symbol;
use super::super::value::{Attrs, Value};
use super::{Builtin, Run, attr, builtin, global};
use std::collections::BTreeSet;

pub(super) const BUILTINS: &[Builtin] = &[
    global("abort", Run::One(abort)),
    builtin("addErrorContext", Run::Two(add_error_context)),
    global("break", Run::One(break_here)),
    builtin("deepSeq", Run::Two(deep_seq)),
    builtin("getEnv", Run::One(get_env)),
    builtin("isFunction", Run::One(is_function)),
    global("isNull", Run::One(|ev, v| Ok(Value::Bool(matches!(ev.force(v)?, Value::Null))))),
    builtin("seq", Run::Two(seq)),
    global("throw", Run::One(throw)),
    builtin("trace", Run::Two(trace)),
    builtin("traceVerbose", Run::Two(|ev, _, value| ev.force(value))),
    builtin("tryEval", Run::One(try_eval)),
    builtin("typeOf", Run::One(type_of)),
    builtin("unsafeDiscardOutputDependency", Run::One(|ev, v| ev.string(v).map(Value::String))),
    builtin("warn", Run::Two(warn)),
];

fn abort(ev: &mut Evaluator<'_>, message: &Value) -> Result<Value> {
    let message = ev.copied_string(message)?;
    Err(ErrorKind::Abort(message.to_text()).into())
}

fn throw(ev: &mut Evaluator<'_>, message: &Value) -> Result<Value> {
    let message = ev.copied_string(message)?;
    Err(ErrorKind::Throw(message.to_text()).into())
}

/// There is no debugger to enter.
fn break_here(ev: &mut Evaluator<'_>, value: &Value) -> Result<Value> {
    ev.force(value)
}

fn add_error_context(ev: &mut Evaluator<'_>, context: &Value, value: &Value) -> Result<Value> {
    match ev.force(value) {
        Ok(value) => Ok(value),
        Err(error) => {
            let context = ev.coerce_string(context)?.to_text();
            Err(error.with_context(context))
        }
    }
}

fn seq(ev: &mut Evaluator<'_>, first: &Value, value: &Value) -> Result<Value> {
    ev.force(first)?;
    ev.force(value)
}

fn deep_seq(ev: &mut Evaluator<'_>, first: &Value, value: &Value) -> Result<Value> {
    let first = ev.force(first)?;
    ev.deep(&first, &mut BTreeSet::new())?;
    ev.force(value)
}

/// The result may not depend on the environment; as in Nix's pure evaluation, no variable is set.
fn get_env(ev: &mut Evaluator<'_>, name: &Value) -> Result<Value> {
    ev.string(name)?;
    Ok(Value::string(""))
}

fn is_function(ev: &mut Evaluator<'_>, value: &Value) -> Result<Value> {
    let value = ev.force(value)?;
    Ok(Value::Bool(matches!(value, Value::Lambda(_) | Value::Builtin(_) | Value::Partial(_))))
}

fn trace(ev: &mut Evaluator<'_>, message: &Value, value: &Value) -> Result<Value> {
    let message = match ev.force(message)? {
        Value::String(text) => text.to_text(),
        other => {
            String::from_utf8_lossy(&ev.print(&other, super::super::Style::Lazy)?).into_owned()
        }
    };
    ev.messages.push(format!("trace: {message}"));
    ev.force(value)
}

fn warn(ev: &mut Evaluator<'_>, message: &Value, value: &Value) -> Result<Value> {
    let message = ev.string(message)?.to_text();
    if ev.abort_on_warn {
        return Err(ErrorKind::Warning(message).into());
    }
    ev.messages.push(format!("evaluation warning: {message}"));
    ev.force(value)
}

fn try_eval(ev: &mut Evaluator<'_>, value: &Value) -> Result<Value> {
    let (success, value) = match ev.force(value) {
        Ok(value) => (true, value),
        Err(error) if error.is_catchable() => (false, Value::Bool(false)),
        Err(error) => return Err(error),
    };
    Ok(Value::Attrs(Attrs::from_unsorted(vec![
        attr(Symbol::SUCCESS, Value::Bool(success)),
        attr(Symbol::VALUE, value),
    ])))
}

fn type_of(ev: &mut Evaluator<'_>, value: &Value) -> Result<Value> {
    Ok(Value::string(match ev.force(value)? {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Int(_) => "int",
        Value::Float(_) => "float",
        Value::String(_) => "string",
        Value::Path(_) => "path",
        Value::List(_) => "list",
        Value::Attrs(_) => "set",
        Value::Lambda(_) | Value::Builtin(_) | Value::Partial(_) | Value::Thunk(_) => "lambda",
    }))
}

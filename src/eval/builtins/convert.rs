//! JSON, TOML and XML.

use super::super::Evaluator;
use super::super::error::Result;
use super::super::value::{NixString, Value};
use super::{Builtin, Run, builtin, global};

pub(super) const BUILTINS: &[Builtin] = &[
    builtin("fromJSON", Run::One(from_json)),
    global("fromTOML", Run::One(from_toml)),
    builtin("toJSON", Run::One(to_json)),
    builtin("toXML", Run::One(to_xml)),
];

fn from_json(ev: &mut Evaluator<'_>, text: &Value) -> Result<Value> {
    let text = ev.string(text)?;
    ev.parse_json(text.as_bytes())
}

fn to_json(ev: &mut Evaluator<'_>, value: &Value) -> Result<Value> {
    let (bytes, context) = ev.json_copied(value)?;
    Ok(Value::String(NixString::with_context(bytes, context)))
}

fn from_toml(ev: &mut Evaluator<'_>, text: &Value) -> Result<Value> {
    let text = ev.string(text)?;
    ev.parse_toml(text.as_bytes())
}

fn to_xml(ev: &mut Evaluator<'_>, value: &Value) -> Result<Value> {
    let (bytes, context) = ev.xml(value)?;
    Ok(Value::String(NixString::with_context(bytes, context)))
}

//! Sets.

use super::super::Evaluator;
use super::super::error::Result;
use super::super::expr::Parameter;
use super::super::symbol::Symbol;
use super::super::value::{Attr, Attrs, Thunk, Value};
use super::{Builtin, Run, attr, builtin, global};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

pub(super) const BUILTINS: &[Builtin] = &[
    builtin("attrNames", Run::One(attr_names)),
    builtin("attrValues", Run::One(attr_values)),
    builtin("catAttrs", Run::Two(cat_attrs)),
    builtin("functionArgs", Run::One(function_args)),
    builtin("getAttr", Run::Two(get_attr)),
    builtin("groupBy", Run::Two(group_by)),
    builtin("hasAttr", Run::Two(has_attr)),
    builtin("intersectAttrs", Run::Two(intersect_attrs)),
    builtin("isAttrs", Run::One(is_attrs)),
    builtin("listToAttrs", Run::One(list_to_attrs)),
    builtin("mapAttrs", Run::Two(map_attrs)),
    global("removeAttrs", Run::Two(remove_attrs)),
    builtin("unsafeGetAttrPos", Run::Two(unsafe_get_attr_pos)),
    builtin("zipAttrsWith", Run::Two(zip_attrs_with)),
];

fn attr_names(ev: &mut Evaluator<'_>, set: &Value) -> Result<Value> {
    let set = ev.counted_attrs(set)?;
    let names = ev.sorted(&set).into_iter().map(|attr| ev.symbols.string(attr.name));
    Ok(Value::list(names.map(Value::String).collect()))
}

fn attr_values(ev: &mut Evaluator<'_>, set: &Value) -> Result<Value> {
    let set = ev.counted_attrs(set)?;
    Ok(Value::list(ev.sorted(&set).into_iter().map(|attr| attr.value.clone()).collect()))
}

fn cat_attrs(ev: &mut Evaluator<'_>, name: &Value, list: &Value) -> Result<Value> {
    let name = ev.name_argument(name)?;
    let list = ev.counted_list(list)?;
    let mut found = Vec::new();
    for item in list.items() {
        let set = ev.attrs(item)?;
        found.extend(set.get(name).map(|attr| attr.value.clone()));
    }
    Ok(Value::list(found))
}

fn function_args(ev: &mut Evaluator<'_>, function: &Value) -> Result<Value> {
    let function = match ev.force(function)? {
        Value::Lambda(closure) => closure,
        Value::Builtin(_) | Value::Partial(_) => return Ok(Value::Attrs(Attrs::default())),
        other => return Err(ev.type_error("a function", &other)),
    };
    let Parameter::Pattern { formals, .. } = &function.lambda.parameter else {
        return Ok(Value::Attrs(Attrs::default()));
    };
    let attrs = formals.iter().map(|formal| Attr {
        name: formal.name,
        place: formal.place,
        value: Value::Bool(formal.default.is_some()),
    });
    Ok(Value::Attrs(Attrs::from_unsorted(attrs.collect())))
}

fn get_attr(ev: &mut Evaluator<'_>, name: &Value, set: &Value) -> Result<Value> {
    let name = ev.name_argument(name)?;
    let set = ev.attrs(set)?;
    let value = ev.member(&set, name)?;
    ev.force(&value)
}

fn group_by(ev: &mut Evaluator<'_>, function: &Value, list: &Value) -> Result<Value> {
    let function = ev.function(function)?;
    let list = ev.counted_list(list)?;
    let mut groups: BTreeMap<Symbol, Vec<Value>> = BTreeMap::new();
    for item in list.items() {
        let name = ev.call(&function, item.clone())?;
        let name = ev.name_argument(&name)?;
        groups.entry(name).or_default().push(item.clone());
    }
    let attrs = groups.into_iter().map(|(name, items)| attr(name, Value::list(items)));
    Ok(Value::Attrs(Attrs::from_unsorted(attrs.collect())))
}

fn has_attr(ev: &mut Evaluator<'_>, name: &Value, set: &Value) -> Result<Value> {
    let name = ev.name_argument(name)?;
    Ok(Value::Bool(ev.attrs(set)?.get(name).is_some()))
}

fn intersect_attrs(ev: &mut Evaluator<'_>, left: &Value, right: &Value) -> Result<Value> {
    let left = ev.attrs(left)?;
    let right = ev.attrs(right)?;
    ev.meter.steps(left.len().min(right.len()))?;
    if left.len() < right.len() {
        let common = left.iter().filter_map(|attr| right.get(attr.name).cloned());
        return Ok(Value::Attrs(Attrs::from_unsorted(common.collect())));
    }
    Ok(Value::Attrs(right.filtered(|attr| left.get(attr.name).is_some())))
}

fn is_attrs(ev: &mut Evaluator<'_>, value: &Value) -> Result<Value> {
    Ok(Value::Bool(matches!(ev.force(value)?, Value::Attrs(_))))
}

fn list_to_attrs(ev: &mut Evaluator<'_>, list: &Value) -> Result<Value> {
    let list = ev.counted_list(list)?;
    let mut attrs = Vec::with_capacity(list.items().len());
    let mut seen = BTreeSet::new();
    for item in list.items() {
        let set = ev.attrs(item)?;
        let name = ev.member(&set, Symbol::NAME)?;
        let name = ev.name_argument(&name)?;
        // The first of several wins; the others need no value.
        if seen.insert(name) {
            let Some(attr) = set.get(Symbol::VALUE) else {
                return Err(ev.missing_attribute(&set, Symbol::VALUE));
            };
            attrs.push(Attr { name, place: attr.place, value: attr.value.clone() });
        }
    }
    Ok(Value::Attrs(Attrs::from_unsorted(attrs)))
}

fn map_attrs(ev: &mut Evaluator<'_>, function: &Value, set: &Value) -> Result<Value> {
    let set = ev.counted_attrs(set)?;
    let function = Rc::new(function.clone());
    let mapped = set.iter().map(|attr| {
        let name = Value::String(ev.symbols.string(attr.name));
        super::attr(attr.name, Thunk::call2(&function, name, attr.value.clone()))
    });
    Ok(Value::Attrs(Attrs::from_unsorted(mapped.collect())))
}

fn remove_attrs(ev: &mut Evaluator<'_>, set: &Value, names: &Value) -> Result<Value> {
    let set = ev.counted_attrs(set)?;
    let names = ev.counted_list(names)?;
    let mut removed = BTreeSet::new();
    for name in names.items() {
        removed.insert(ev.name_argument(name)?);
    }
    Ok(Value::Attrs(set.filtered(|attr| !removed.contains(&attr.name))))
}

fn unsafe_get_attr_pos(ev: &mut Evaluator<'_>, name: &Value, set: &Value) -> Result<Value> {
    let name = ev.name_argument(name)?;
    let set = ev.attrs(set)?;
    let place = set.get(name).and_then(|attr| ev.binding(attr.place));
    Ok(place.map_or(Value::Null, |(key, _)| ev.position_value(key)))
}

fn zip_attrs_with(ev: &mut Evaluator<'_>, function: &Value, list: &Value) -> Result<Value> {
    let function = ev.function(function)?;
    let list = ev.counted_list(list)?;
    let mut zipped: BTreeMap<Symbol, Vec<Value>> = BTreeMap::new();
    for item in list.items() {
        for attr in &ev.counted_attrs(item)? {
            zipped.entry(attr.name).or_default().push(attr.value.clone());
        }
    }
    let function = Rc::new(function);
    let attrs = zipped.into_iter().map(|(name, values)| {
        let shown = Value::String(ev.symbols.string(name));
        attr(name, Thunk::call2(&function, shown, Value::list(values)))
    });
    Ok(Value::Attrs(Attrs::from_unsorted(attrs.collect())))
}

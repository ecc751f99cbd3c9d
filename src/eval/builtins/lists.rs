//! Lists.

use super::super::Evaluator;
use super::super::error::{ErrorKind, EvalError, Result};
use super::super::symbol::Symbol;
use super::super::value::{Attrs, Thunk, Value};
use super::{Builtin, Run, argument, attr, builtin, global};
use std::cmp::Ordering;
use std::collections::VecDeque;
use std::rc::Rc;

pub(super) const BUILTINS: &[Builtin] = &[
    builtin("all", Run::Two(all)),
    builtin("any", Run::Two(any)),
    builtin("concatLists", Run::One(concat_lists)),
    builtin("concatMap", Run::Two(concat_map)),
    builtin("elem", Run::Two(elem)),
    builtin("elemAt", Run::Two(elem_at)),
    builtin("filter", Run::Two(filter)),
    builtin("foldl'", Run::Three(foldl)),
    builtin("genList", Run::Two(gen_list)),
    builtin("genericClosure", Run::One(generic_closure)),
    builtin("head", Run::One(head)),
    builtin("isList", Run::One(is_list)),
    builtin("length", Run::One(length)),
    global("map", Run::Two(map)),
    builtin("partition", Run::Two(partition)),
    builtin("sort", Run::Two(sort)),
    builtin("tail", Run::One(tail)),
];

fn all(ev: &mut Evaluator<'_>, function: &Value, list: &Value) -> Result<Value> {
    let function = ev.function(function)?;
    for item in ev.list(list)?.items() {
        ev.meter.steps(1)?;
        let holds = ev.call(&function, item.clone())?;
        if !ev.bool(&holds)? {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(true))
}

fn any(ev: &mut Evaluator<'_>, function: &Value, list: &Value) -> Result<Value> {
    let function = ev.function(function)?;
    for item in ev.list(list)?.items() {
        ev.meter.steps(1)?;
        let holds = ev.call(&function, item.clone())?;
        if ev.bool(&holds)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn concat_lists(ev: &mut Evaluator<'_>, lists: &Value) -> Result<Value> {
    let mut joined = Vec::new();
    for list in ev.counted_list(lists)?.items() {
        let list = ev.counted_list(list)?;
        ev.meter.announce_values(list.len() as u64)?;
        joined.extend_from_slice(list.items());
    }
    Ok(Value::list(joined))
}

fn concat_map(ev: &mut Evaluator<'_>, function: &Value, list: &Value) -> Result<Value> {
    let function = ev.function(function)?;
    let mut joined = Vec::new();
    for item in ev.counted_list(list)?.items() {
        let mapped = ev.call(&function, item.clone())?;
        let list = ev.counted_list(&mapped)?;
        ev.meter.announce_values(list.len() as u64)?;
        joined.extend_from_slice(list.items());
    }
    Ok(Value::list(joined))
}

fn elem(ev: &mut Evaluator<'_>, wanted: &Value, list: &Value) -> Result<Value> {
    for item in ev.list(list)?.items() {
        ev.meter.steps(1)?;
        if ev.equal_inside(wanted, item)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn elem_at(ev: &mut Evaluator<'_>, list: &Value, index: &Value) -> Result<Value> {
    let list = ev.list(list)?;
    let index = ev.int(index)?;
    let item = usize::try_from(index).ok().and_then(|index| list.items().get(index));
    match item {
        Some(item) => ev.force(item),
        None => Err(argument(format!(
            "index {index} is out of bounds: the list has {} elements",
            list.items().len()
        ))),
    }
}

fn filter(ev: &mut Evaluator<'_>, function: &Value, list: &Value) -> Result<Value> {
    let list = ev.counted_list(list)?;
    if list.items().is_empty() {
        return Ok(Value::List(list));
    }
    let function = ev.function(function)?;
    let mut kept = Vec::new();
    for item in list.items() {
        let holds = ev.call(&function, item.clone())?;
        if ev.bool(&holds)? {
            kept.push(item.clone());
        }
    }
    Ok(Value::list(kept))
}

fn foldl(ev: &mut Evaluator<'_>, function: &Value, start: &Value, list: &Value) -> Result<Value> {
    let function = ev.function(function)?;
    let list = ev.counted_list(list)?;
    let mut accumulated = start.clone();
    for item in list.items() {
        accumulated = ev.call2(&function, accumulated, item.clone())?;
    }
    ev.force(&accumulated)
}

fn gen_list(ev: &mut Evaluator<'_>, function: &Value, length: &Value) -> Result<Value> {
    let length = ev.int(length)?;
    if length < 0 {
        return Err(argument(format!("cannot make a list of {length} elements")));
    }
    let function = ev.function(function)?;
    // Each is a thunk besides, of three values more.
    ev.meter.announce_values(length.unsigned_abs().saturating_mul(4))?;
    ev.meter.steps(usize::try_from(length).unwrap_or(usize::MAX))?;
    let function = Rc::new(function);
    let items = (0..length).map(|index| Thunk::call(&function, Value::Int(index)));
    Ok(Value::list(items.collect()))
}

fn generic_closure(ev: &mut Evaluator<'_>, set: &Value) -> Result<Value> {
    let set = ev.attrs(set)?;
    let start = ev.member(&set, Symbol::START_SET)?;
    let start = ev.list(&start)?;
    let mut waiting: VecDeque<Value> = start.items().iter().cloned().collect();
    if waiting.is_empty() {
        return Ok(Value::list(Vec::new()));
    }
    let operator = ev.member(&set, Symbol::OPERATOR)?;
    let operator = ev.function(&operator)?;
    let mut done = Vec::new();
    // Sorted, so that a key is found by comparing, as keys need not be strings.
    let mut keys: Vec<Value> = Vec::new();
    while let Some(item) = waiting.pop_front() {
        let attrs = ev.attrs(&item)?;
        let key = ev.member(&attrs, Symbol::KEY)?;
        let key = ev.force(&key)?;
        let Some(at) = position(ev, &keys, &key)? else { continue };
        keys.insert(at, key);
        done.push(Value::Attrs(attrs));
        let more = ev.call(&operator, item)?;
        waiting.extend(ev.list(&more)?.items().iter().cloned());
    }
    Ok(Value::list(done))
}

/// Where a new key belongs among sorted ones; none when it is there.
fn position(ev: &mut Evaluator<'_>, keys: &[Value], key: &Value) -> Result<Option<usize>> {
    let (mut low, mut high) = (0, keys.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        let Some(known) = keys.get(middle) else { break };
        match ev.compare(known, key)? {
            Ordering::Less => low = middle + 1,
            Ordering::Greater => high = middle,
            Ordering::Equal => return Ok(None),
        }
    }
    Ok(Some(low))
}

fn head(ev: &mut Evaluator<'_>, list: &Value) -> Result<Value> {
    let list = ev.list(list)?;
    match list.items().first() {
        Some(item) => ev.force(item),
        None => Err(argument("`builtins.head` is called on an empty list")),
    }
}

fn is_list(ev: &mut Evaluator<'_>, value: &Value) -> Result<Value> {
    Ok(Value::Bool(matches!(ev.force(value)?, Value::List(_))))
}

fn length(ev: &mut Evaluator<'_>, list: &Value) -> Result<Value> {
    let length = match ev.force(list)? {
        Value::List(list) => list.len(),
        other => return Err(ev.type_error("a list", &other)),
    };
    Ok(Value::Int(i64::try_from(length).unwrap_or(i64::MAX)))
}

fn map(ev: &mut Evaluator<'_>, function: &Value, list: &Value) -> Result<Value> {
    let list = ev.counted_list(list)?;
    if list.items().is_empty() {
        return Ok(Value::List(list));
    }
    let function = ev.function(function)?;
    let function = Rc::new(function);
    let mapped = list.items().iter().map(|item| Thunk::call(&function, item.clone()));
    Ok(Value::list(mapped.collect()))
}

fn partition(ev: &mut Evaluator<'_>, function: &Value, list: &Value) -> Result<Value> {
    let function = ev.function(function)?;
    let (mut right, mut wrong) = (Vec::new(), Vec::new());
    for item in ev.counted_list(list)?.items() {
        // Nix evaluates every element, whatever the function looks at.
        let item = ev.force(item)?;
        let holds = ev.call(&function, item.clone())?;
        if ev.bool(&holds)? { &mut right } else { &mut wrong }.push(item);
    }
    Ok(Value::Attrs(Attrs::from_unsorted(vec![
        attr(Symbol::RIGHT, Value::list(right)),
        attr(Symbol::WRONG, Value::list(wrong)),
    ])))
}

fn sort(ev: &mut Evaluator<'_>, function: &Value, list: &Value) -> Result<Value> {
    let list = ev.counted_list(list)?;
    if list.items().is_empty() {
        return Ok(Value::List(list));
    }
    let function = ev.function(function)?;
    let plain = matches!(&function, Value::Builtin(builtin) if builtin.name == "lessThan");
    let mut items = Vec::with_capacity(list.items().len());
    for item in list.items() {
        items.push(ev.force(item)?);
    }
    let mut failure: Option<Box<EvalError>> = None;
    merge_sort(&mut items, &mut |a, b| {
        if failure.is_some() {
            return false;
        }
        let less = if plain {
            ev.less(a, b)
        } else {
            ev.call2(&function, a.clone(), b.clone()).and_then(|less| ev.bool(&less))
        };
        less.unwrap_or_else(|error| {
            failure = Some(error);
            false
        })
    });
    match failure {
        Some(error) => Err(error),
        None => Ok(Value::list(items)),
    }
}

/// A stable sort that asks only `less(a, b)`, and stays a sort of the same items when the answers
/// contradict each other; the standard library's may panic then.
fn merge_sort(items: &mut Vec<Value>, less: &mut impl FnMut(&Value, &Value) -> bool) {
    let mut width = 1;
    let mut from = std::mem::take(items);
    while width < from.len() {
        let mut merged = Vec::with_capacity(from.len());
        for pair in from.chunks(2 * width) {
            let (left, right) = pair.split_at(width.min(pair.len()));
            let (mut left, mut right) = (left.iter().peekable(), right.iter().peekable());
            while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
                let next = if less(b, a) { right.next() } else { left.next() };
                merged.extend(next.cloned());
            }
            merged.extend(left.cloned());
            merged.extend(right.cloned());
        }
        from = merged;
        width *= 2;
    }
    *items = from;
}

fn tail(ev: &mut Evaluator<'_>, list: &Value) -> Result<Value> {
    let list = ev.counted_list(list)?;
    match list.items().split_first() {
        Some((_, rest)) => Ok(Value::list(rest.to_vec())),
        None => Err(ErrorKind::Argument {
            message: "`builtins.tail` is called on an empty list".into(),
            help: None,
        }
        .into()),
    }
}

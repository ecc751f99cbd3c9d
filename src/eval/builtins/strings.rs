//! Strings and regular expressions.

use super::super::Evaluator;
use super::super::error::{ErrorKind, Result};
use super::super::regex::{Regex, RegexError};
use super::super::symbol::Symbol;
use super::super::text;
use super::super::value::{Attrs, Context, NixString, Value};
use super::{Builtin, Run, argument, attr, builtin, global};
use std::collections::BTreeMap;
use std::rc::Rc;

pub(super) const BUILTINS: &[Builtin] = &[
    builtin("addDrvOutputDependencies", Run::One(add_drv_output_dependencies)),
    builtin("appendContext", Run::Two(append_context)),
    builtin("concatStringsSep", Run::Two(concat_strings_sep)),
    builtin("getContext", Run::One(get_context)),
    builtin("hasContext", Run::One(has_context)),
    builtin("isString", Run::One(is_string)),
    builtin("match", Run::Two(match_regex)),
    builtin("parseDrvName", Run::One(parse_drv_name)),
    builtin("replaceStrings", Run::Three(replace_strings)),
    builtin("split", Run::Two(split)),
    builtin("splitVersion", Run::One(split_version)),
    builtin("stringLength", Run::One(string_length)),
    builtin("substring", Run::Three(substring)),
    global("toString", Run::One(to_string)),
    builtin("unsafeDiscardStringContext", Run::One(discard_context)),
];

fn is_string(ev: &mut Evaluator<'_>, value: &Value) -> Result<Value> {
    Ok(Value::Bool(matches!(ev.force(value)?, Value::String(_))))
}

fn to_string(ev: &mut Evaluator<'_>, value: &Value) -> Result<Value> {
    let value = ev.force(value)?;
    ev.text_of(&value).map(Value::String)
}

fn string_length(ev: &mut Evaluator<'_>, value: &Value) -> Result<Value> {
    let text = ev.copied_string(value)?;
    Ok(Value::Int(i64::try_from(text.as_bytes().len()).unwrap_or(i64::MAX)))
}

fn substring(ev: &mut Evaluator<'_>, start: &Value, length: &Value, text: &Value) -> Result<Value> {
    let start = ev.int(start)?;
    let Ok(start) = usize::try_from(start) else {
        return Err(argument(format!("substring cannot start at the negative position {start}")));
    };
    let length = ev.int(length)?;
    let text = ev.copied_string(text)?;
    let rest = text.as_bytes().get(start..).unwrap_or(&[]);
    // A negative length means the rest.
    let taken = usize::try_from(length).unwrap_or(usize::MAX).min(rest.len());
    let bytes = rest.get(..taken).unwrap_or(rest).to_vec();
    let context = text.context().map(|context| (**context).clone()).unwrap_or_default();
    Ok(Value::String(NixString::with_context(bytes, context)))
}

fn concat_strings_sep(ev: &mut Evaluator<'_>, separator: &Value, list: &Value) -> Result<Value> {
    let separator = ev.string(separator)?;
    let list = ev.list(list)?;
    let mut bytes = Vec::new();
    let mut context = Context::new();
    context.extend(separator.context().into_iter().flat_map(|own| own.iter().cloned()));
    for (index, item) in list.items().iter().enumerate() {
        if index > 0 {
            bytes.extend_from_slice(separator.as_bytes());
        }
        let text = ev.copied_string(item)?;
        ev.meter.announce(text.len() as u64)?;
        bytes.extend_from_slice(text.as_bytes());
        context.extend(text.context().into_iter().flat_map(|own| own.iter().cloned()));
    }
    Ok(Value::String(NixString::with_context(bytes, context)))
}

fn replace_strings(
    ev: &mut Evaluator<'_>,
    from: &Value,
    to: &Value,
    text: &Value,
) -> Result<Value> {
    let from = ev.list(from)?;
    let to = ev.list(to)?;
    if from.items().len() != to.items().len() {
        return Err(argument(
            "`from` and `to` arguments passed to builtins.replaceStrings have different lengths",
        ));
    }
    let mut patterns = Vec::with_capacity(from.items().len());
    for item in from.items() {
        patterns.push(ev.string(item)?);
    }
    let text = ev.string(text)?;
    let mut context = text.context().map(|own| (**own).clone()).unwrap_or_default();
    // A replacement is only evaluated when its pattern occurs.
    let mut replacements: BTreeMap<usize, NixString> = BTreeMap::new();
    let mut out = Vec::with_capacity(text.as_bytes().len());
    let mut rest = text.as_bytes();
    loop {
        let found = patterns
            .iter()
            .zip(to.items())
            .enumerate()
            .find(|(_, (pattern, _))| rest.starts_with(pattern.as_bytes()));
        let Some((index, (pattern, replacement))) = found else {
            let Some((&byte, after)) = rest.split_first() else { break };
            out.push(byte);
            rest = after;
            continue;
        };
        let replacement = match replacements.get(&index) {
            Some(known) => known.clone(),
            None => {
                let value = ev.string(replacement)?;
                context.extend(value.context().into_iter().flat_map(|own| own.iter().cloned()));
                replacements.insert(index, value.clone());
                value
            }
        };
        ev.meter.announce(replacement.len() as u64)?;
        out.extend_from_slice(replacement.as_bytes());
        if pattern.as_bytes().is_empty() {
            // The empty pattern matches between all characters and at both ends.
            let Some((&byte, after)) = rest.split_first() else { break };
            out.push(byte);
            rest = after;
        } else {
            rest = rest.get(pattern.as_bytes().len()..).unwrap_or(&[]);
        }
    }
    Ok(Value::String(NixString::with_context(out, context)))
}

impl Evaluator<'_> {
    /// A compiled expression; compiling again for each of many texts would dominate.
    fn regex(&mut self, pattern: &NixString) -> Result<Rc<Regex>> {
        if let Some(regex) = self.regexes.get(pattern.as_bytes()) {
            return Ok(Rc::clone(regex));
        }
        let regex = Regex::new(pattern.as_bytes()).map_err(|error| ErrorKind::Malformed {
            language: "regular expression",
            message: match error {
                RegexError::Syntax { why } => format!("`{}`: {why}", pattern.to_text()),
                RegexError::TooBig => format!("`{}` is too large", pattern.to_text()),
            },
        })?;
        let regex = Rc::new(regex);
        self.regexes.insert(pattern.as_bytes().to_vec(), Rc::clone(&regex));
        Ok(regex)
    }
}

fn match_regex(ev: &mut Evaluator<'_>, pattern: &Value, text: &Value) -> Result<Value> {
    let pattern = ev.string(pattern)?;
    let regex = ev.regex(&pattern)?;
    let text = ev.string(text)?;
    let text = text.as_bytes();
    Ok(match regex.full_match(text) {
        None => Value::Null,
        Some(captures) => Value::list(groups(text, &captures)),
    })
}

/// The text of each group; `null` for one that took no part.
fn groups(text: &[u8], captures: &[Option<std::ops::Range<usize>>]) -> Vec<Value> {
    captures
        .iter()
        .map(|range| match range.clone().and_then(|range| text.get(range)) {
            Some(part) => Value::string(part.to_vec()),
            None => Value::Null,
        })
        .collect()
}

fn split(ev: &mut Evaluator<'_>, pattern: &Value, text: &Value) -> Result<Value> {
    let pattern = ev.string(pattern)?;
    let regex = ev.regex(&pattern)?;
    let text = ev.string(text)?;
    let bytes = text.as_bytes();
    let mut parts = Vec::new();
    let mut end = 0;
    for (range, captures) in regex.find_all(bytes) {
        parts.push(Value::string(bytes.get(end..range.start).unwrap_or(&[]).to_vec()));
        parts.push(Value::list(groups(bytes, &captures)));
        end = range.end;
    }
    if parts.is_empty() {
        return Ok(Value::list(vec![Value::String(text)]));
    }
    parts.push(Value::string(bytes.get(end..).unwrap_or(&[]).to_vec()));
    Ok(Value::list(parts))
}

fn split_version(ev: &mut Evaluator<'_>, version: &Value) -> Result<Value> {
    let version = ev.string(version)?;
    let parts = text::split_version(version.as_bytes()).into_iter();
    Ok(Value::list(parts.map(|part| Value::string(part.to_vec())).collect()))
}

fn parse_drv_name(ev: &mut Evaluator<'_>, name: &Value) -> Result<Value> {
    let name = ev.string(name)?;
    let (name, version) = text::parse_drv_name(name.as_bytes());
    Ok(Value::Attrs(Attrs::from_unsorted(vec![
        attr(Symbol::NAME, Value::string(name.to_vec())),
        attr(Symbol::VERSION, Value::string(version.to_vec())),
    ])))
}

fn discard_context(ev: &mut Evaluator<'_>, text: &Value) -> Result<Value> {
    let text = ev.copied_string(text)?;
    Ok(match text.context() {
        None => Value::String(text),
        Some(_) => Value::string(text.as_bytes().to_vec()),
    })
}

fn has_context(ev: &mut Evaluator<'_>, text: &Value) -> Result<Value> {
    Ok(Value::Bool(ev.string(text)?.context().is_some()))
}

/// One context element, in the spelling of [`Context`], taken apart: the path and what of it is meant.
fn get_context(ev: &mut Evaluator<'_>, text: &Value) -> Result<Value> {
    let text = ev.string(text)?;
    let mut paths: BTreeMap<Vec<u8>, (bool, bool, Vec<Value>)> = BTreeMap::new();
    for element in text.context().into_iter().flat_map(|own| own.iter()) {
        match element.split_first() {
            Some((b'=', drv)) => paths.entry(drv.to_vec()).or_default().1 = true,
            Some((b'!', output)) => {
                let mut halves = output.splitn(2, |&byte| byte == b'!');
                let name = halves.next().unwrap_or(&[]).to_vec();
                let drv = halves.next().unwrap_or(&[]).to_vec();
                paths.entry(drv).or_default().2.push(Value::string(name));
            }
            _ => paths.entry(element.to_vec()).or_default().0 = true,
        }
    }
    let mut attrs = Vec::with_capacity(paths.len());
    for (path, (plain, all, outputs)) in paths {
        let mut kinds = Vec::new();
        if all {
            kinds.push(attr(Symbol::ALL_OUTPUTS, Value::Bool(true)));
        }
        if !outputs.is_empty() {
            kinds.push(attr(Symbol::OUTPUTS, Value::list(outputs)));
        }
        if plain {
            kinds.push(attr(Symbol::PATH, Value::Bool(true)));
        }
        let name = ev.symbols.intern(&path);
        attrs.push(attr(name, Value::Attrs(Attrs::from_unsorted(kinds))));
    }
    Ok(Value::Attrs(Attrs::from_unsorted(attrs)))
}

fn append_context(ev: &mut Evaluator<'_>, text: &Value, context: &Value) -> Result<Value> {
    let text = ev.string(text)?;
    let mut all = text.context().map(|own| (**own).clone()).unwrap_or_default();
    for attr in &ev.attrs(context)? {
        let path = ev.symbols.bytes(attr.name).to_vec();
        if !path.starts_with(b"/nix/store/") {
            return Err(argument(format!(
                "context key `{}` is not a store path",
                String::from_utf8_lossy(&path)
            )));
        }
        let kinds = ev.attrs(&attr.value)?;
        if let Some(plain) = kinds.get(Symbol::PATH)
            && ev.bool(&plain.value.clone())?
        {
            all.insert(path.as_slice().into());
        }
        if let Some(every) = kinds.get(Symbol::ALL_OUTPUTS)
            && ev.bool(&every.value.clone())?
        {
            derivation_only(&path)?;
            all.insert([b"=".as_slice(), path.as_slice()].concat().into());
        }
        if let Some(outputs) = kinds.get(Symbol::OUTPUTS) {
            for output in ev.list(&outputs.value.clone())?.items() {
                derivation_only(&path)?;
                let output = ev.string(output)?;
                let element = [b"!".as_slice(), output.as_bytes(), b"!", path.as_slice()].concat();
                all.insert(element.into());
            }
        }
    }
    Ok(Value::String(NixString::with_context(text.as_bytes().to_vec(), all)))
}

fn add_drv_output_dependencies(ev: &mut Evaluator<'_>, text: &Value) -> Result<Value> {
    let text = ev.string(text)?;
    let count = text.context().map_or(0, |context| context.len());
    let [element] = text.context().into_iter().flat_map(|own| own.iter()).collect::<Vec<_>>()[..]
    else {
        return Err(argument(format!(
            "context of string `{}` must have exactly one element, but has {count}",
            text.to_text()
        )));
    };
    let element = match element.first() {
        Some(b'=') => element.to_vec(),
        Some(b'!') => {
            return Err(argument(
                "the output of a derivation has no derivation outputs of its own",
            ));
        }
        _ => {
            derivation_only(element)?;
            [b"=".as_slice(), element].concat()
        }
    };
    let context = Context::from([element.as_slice().into()]);
    Ok(Value::String(NixString::with_context(text.as_bytes().to_vec(), context)))
}

fn derivation_only(path: &[u8]) -> Result<()> {
    if path.ends_with(b".drv") {
        return Ok(());
    }
    Err(argument(format!(
        "tried to add derivation output context to `{}`, which is not a derivation",
        String::from_utf8_lossy(path)
    )))
}

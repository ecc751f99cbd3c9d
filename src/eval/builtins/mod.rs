//! The functions every program has.
//!
//! One file a subject. A builtin takes its arguments unevaluated and forces what it needs; errors get
//! their place from the call. What needs a store or the network is there and refuses
//! ([`unavailable`]).

mod attrs;
mod control;
mod convert;
mod files;
mod hash;
mod lists;
mod numbers;
mod strings;
mod unavailable;

use super::Evaluator;
use super::error::{ErrorKind, EvalError, Result};
use super::symbol::{Symbol, Symbols};
use super::value::{Attr, Attrs, List, NixString, Place, State, Thunk, Value};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A function of the evaluator.
#[derive(Debug)]
pub struct Builtin {
    /// Its name below `builtins`.
    pub(super) name: &'static str,
    /// What runs it.
    pub(super) run: Run,
    /// Whether it is also known without `builtins.`.
    global: bool,
}

/// The code of a builtin, by the number of its arguments.
#[derive(Debug, Clone, Copy)]
pub(super) enum Run {
    One(fn(&mut Evaluator<'_>, &Value) -> Result<Value>),
    Two(fn(&mut Evaluator<'_>, &Value, &Value) -> Result<Value>),
    Three(fn(&mut Evaluator<'_>, &Value, &Value, &Value) -> Result<Value>),
}

/// Known as `builtins.name` only.
const fn builtin(name: &'static str, run: Run) -> Builtin {
    Builtin { name, run, global: false }
}

/// Known as `name` too.
const fn global(name: &'static str, run: Run) -> Builtin {
    Builtin { name, run, global: true }
}

/// Every table of builtins.
const TABLES: [&[Builtin]; 9] = [
    attrs::BUILTINS,
    control::BUILTINS,
    convert::BUILTINS,
    files::BUILTINS,
    hash::BUILTINS,
    lists::BUILTINS,
    numbers::BUILTINS,
    strings::BUILTINS,
    unavailable::BUILTINS,
];

/// The version of the language that `builtins.nixVersion` reports: the newest this evaluator follows.
const NIX_VERSION: &str = "2.33.0";

/// The names known everywhere, `builtins` among them.
pub(super) fn globals(
    symbols: &mut Symbols,
    system: Option<&str>,
    search_path: &[(Vec<u8>, PathBuf)],
) -> BTreeMap<Symbol, Value> {
    let mut globals = BTreeMap::new();
    let mut members = Vec::new();
    let mut member = |symbols: &mut Symbols, name: &str, value: Value| {
        members.push(Attr { name: symbols.intern(name.as_bytes()), place: Place::NOWHERE, value });
    };
    for builtin in TABLES.into_iter().flatten() {
        let value = Value::Builtin(builtin);
        if builtin.global {
            globals.insert(symbols.intern(builtin.name.as_bytes()), value.clone());
        }
        // Nix also knows every builtin as `__name`.
        globals.insert(symbols.intern(format!("__{}", builtin.name).as_bytes()), value.clone());
        member(symbols, builtin.name, value);
    }
    for (name, value) in
        [("true", Value::Bool(true)), ("false", Value::Bool(false)), ("null", Value::Null)]
    {
        globals.insert(symbols.intern(name.as_bytes()), value.clone());
        member(symbols, name, value);
    }
    let constants = [
        ("nixVersion", Value::string(NIX_VERSION)),
        ("langVersion", Value::Int(6)),
        ("storeDir", Value::string("/nix/store")),
        ("nixPath", files::search_path_value(search_path)),
    ];
    let system = system.map(|system| ("currentSystem", Value::string(system)));
    for (name, value) in constants.into_iter().chain(system) {
        globals.insert(symbols.intern(format!("__{name}").as_bytes()), value.clone());
        member(symbols, name, value);
    }
    // `builtins` holds itself.
    let name = symbols.intern(b"builtins");
    let (itself, value) = Thunk::unset();
    members.push(Attr { name, place: Place::NOWHERE, value });
    let builtins = Value::Attrs(Attrs::from_unsorted(members));
    itself.put(State::Done(builtins.clone()));
    globals.insert(name, builtins);
    globals
}

/// Arguments by the type a builtin wants, forced.
impl Evaluator<'_> {
    fn int(&mut self, value: &Value) -> Result<i64> {
        match self.force(value)? {
            Value::Int(value) => Ok(value),
            other => Err(self.type_error("an integer", &other)),
        }
    }

    fn bool(&mut self, value: &Value) -> Result<bool> {
        match self.force(value)? {
            Value::Bool(value) => Ok(value),
            other => Err(self.type_error("a Boolean", &other)),
        }
    }

    fn string(&mut self, value: &Value) -> Result<NixString> {
        match self.force(value)? {
            Value::String(value) => {
                self.meter.announce_reading(&value)?;
                Ok(value)
            }
            other => Err(self.type_error("a string", &other)),
        }
    }

    fn list(&mut self, value: &Value) -> Result<List> {
        match self.force(value)? {
            Value::List(value) => {
                self.meter.announce_elements(&value)?;
                Ok(value)
            }
            other => Err(self.type_error("a list", &other)),
        }
    }

    /// A list of which every element is gone through.
    fn counted_list(&mut self, value: &Value) -> Result<List> {
        let list = self.list(value)?;
        self.meter.steps(list.len())?;
        Ok(list)
    }

    /// A set of which every attribute is gone through.
    fn counted_attrs(&mut self, value: &Value) -> Result<Attrs> {
        let attrs = self.attrs(value)?;
        self.meter.steps(attrs.len())?;
        Ok(attrs)
    }

    fn attrs(&mut self, value: &Value) -> Result<Attrs> {
        match self.force(value)? {
            Value::Attrs(value) => Ok(value),
            other => Err(self.type_error("a set", &other)),
        }
    }

    /// A function, or a set that can be called.
    fn function(&mut self, value: &Value) -> Result<Value> {
        match self.force(value)? {
            function @ (Value::Lambda(_) | Value::Builtin(_) | Value::Partial(_)) => Ok(function),
            Value::Attrs(attrs) if attrs.get(Symbol::FUNCTOR).is_some() => Ok(Value::Attrs(attrs)),
            other => Err(self.type_error("a function", &other)),
        }
    }

    /// A string used as an attribute name.
    fn name_argument(&mut self, value: &Value) -> Result<Symbol> {
        let name = self.string(value)?;
        if name.context().is_some() {
            return Err(argument(format!(
                "the attribute name `{}` may not refer to a store path",
                name.to_text()
            )));
        }
        Ok(self.symbols.intern_string(&name))
    }

    /// A required attribute of a builtin's argument set, not forced.
    fn member(&mut self, attrs: &Attrs, name: Symbol) -> Result<Value> {
        match attrs.get(name) {
            Some(attr) => Ok(attr.value.clone()),
            None => Err(self.missing_attribute(attrs, name)),
        }
    }
}

/// An argument that a builtin cannot take.
fn argument(message: impl Into<String>) -> Box<EvalError> {
    ErrorKind::Argument { message: message.into(), help: None }.into()
}

/// An attribute that no text defines.
fn attr(name: Symbol, value: Value) -> Attr {
    Attr { name, place: Place::NOWHERE, value }
}

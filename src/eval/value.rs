//! Values, and what keeps them lazy.
//!
//! A [`Value`] is 16 bytes: numbers lie in it, everything else is shared behind one pointer. What is
//! not evaluated yet is a [`Value::Thunk`]; its four states are in [`State`]. Strings are bytes, as in
//! Nix, where `builtins.substring` may cut a character in two.

use super::builtins::Builtin;
use super::expr::{Expr, Lambda};
use super::symbol::Symbol;
use std::cell::{Cell, OnceCell};
use std::collections::BTreeSet;
use std::fmt;
use std::rc::Rc;

/// A value of the language, or a promise of one.
#[derive(Clone)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A 64-bit integer.
    Int(i64),
    /// A double.
    Float(f64),
    /// A string.
    String(NixString),
    /// An absolute path without `.`, `..` or doubled slashes.
    Path(NixString),
    /// A list.
    List(List),
    /// A set.
    Attrs(Attrs),
    /// A function written in the language.
    Lambda(Rc<Closure>),
    /// A function of the evaluator.
    Builtin(&'static Builtin),
    /// A function of the evaluator that still waits for arguments.
    Partial(Rc<Partial>),
    /// Not evaluated yet, or evaluated since.
    Thunk(Rc<Thunk>),
}

impl Value {
    /// A string without context.
    pub fn string(text: impl Into<Vec<u8>>) -> Value {
        Value::String(NixString::new(text.into()))
    }

    /// A list.
    pub fn list(items: Vec<Value>) -> Value {
        Value::List(List(Rc::new(Items(items))))
    }

    /// What kind of value this is, with its article, as messages say it.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Null => "null",
            Value::Bool(_) => "a Boolean",
            Value::Int(_) => "an integer",
            Value::Float(_) => "a float",
            Value::String(_) => "a string",
            Value::Path(_) => "a path",
            Value::List(_) => "a list",
            Value::Attrs(_) => "a set",
            Value::Lambda(_) => "a function",
            Value::Builtin(_) => "a built-in function",
            Value::Partial(_) => "a partially applied built-in function",
            Value::Thunk(_) => "a value that is not evaluated yet",
        }
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bool(value) => write!(f, "{value}"),
            Value::Int(value) => write!(f, "{value}"),
            Value::Float(value) => write!(f, "{value}"),
            Value::String(value) | Value::Path(value) => write!(f, "{value:?}"),
            other => f.write_str(other.kind()),
        }
    }
}

/// A string: bytes, and the store objects its text came from.
#[derive(Clone)]
pub struct NixString(Rc<StringData>);

struct StringData {
    bytes: Box<[u8]>,
    context: Option<Rc<Context>>,
}

/// The store objects a string refers to, each in the spelling of Nix (`path`, `!output!drv`, `=drv`).
/// No store is ever asked: a context only arises from `builtins.appendContext`.
pub type Context = BTreeSet<Rc<[u8]>>;

impl NixString {
    /// A string without context.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Rc::new(StringData { bytes: bytes.into_boxed_slice(), context: None }))
    }

    /// A string that refers to store objects.
    pub fn with_context(bytes: Vec<u8>, context: Context) -> Self {
        let context = if context.is_empty() { None } else { Some(Rc::new(context)) };
        Self(Rc::new(StringData { bytes: bytes.into_boxed_slice(), context }))
    }

    /// The text.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0.bytes
    }

    /// The store objects it refers to.
    pub fn context(&self) -> Option<&Rc<Context>> {
        self.0.context.as_ref()
    }

    /// The text for messages; invalid UTF-8 is shown replaced.
    pub fn to_text(&self) -> String {
        String::from_utf8_lossy(self.as_bytes()).into_owned()
    }
}

impl fmt::Debug for NixString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_text())
    }
}

/// A list; sharing it costs nothing.
#[derive(Clone, Debug)]
pub struct List(Rc<Items>);

/// The elements of a list.
#[derive(Debug)]
struct Items(Vec<Value>);

impl Drop for Items {
    fn drop(&mut self) {
        release_all(self.0.drain(..));
    }
}

impl List {
    /// The elements.
    pub fn items(&self) -> &[Value] {
        &self.0.0
    }

    /// Whether both are the same list in memory.
    pub fn same(&self, other: &List) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    pub(super) fn address(&self) -> usize {
        Rc::as_ptr(&self.0).addr()
    }
}

/// Where an attribute was written; [`super::Evaluator::binding`] turns it into spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place(pub(super) u32);

impl Place {
    /// Made by a function, not written anywhere.
    pub const NOWHERE: Place = Place(0);
}

/// One attribute of a set.
#[derive(Debug, Clone)]
pub struct Attr {
    /// Its name.
    pub name: Symbol,
    /// Where it was written.
    pub place: Place,
    /// Its value.
    pub value: Value,
}

/// A set: attributes sorted by symbol, each name once.
#[derive(Clone, Debug, Default)]
pub struct Attrs(Rc<Members>);

/// The attributes of a set.
#[derive(Debug, Default)]
struct Members(Vec<Attr>);

impl Drop for Members {
    fn drop(&mut self) {
        release_all(self.0.drain(..).map(|attr| attr.value));
    }
}

impl Attrs {
    /// A set of these attributes; of several with the same name the last one counts.
    pub fn from_unsorted(mut attrs: Vec<Attr>) -> Self {
        attrs.sort_by_key(|attr| attr.name);
        let duplicates = attrs.windows(2).any(|pair| matches!(pair, [a, b] if a.name == b.name));
        if duplicates {
            attrs.reverse();
            attrs.dedup_by_key(|attr| attr.name);
            attrs.reverse();
        }
        Self(Rc::new(Members(attrs)))
    }

    /// The attribute with this name.
    pub fn get(&self, name: Symbol) -> Option<&Attr> {
        let attrs = self.0.0.as_slice();
        attrs.binary_search_by_key(&name, |attr| attr.name).ok().and_then(|at| attrs.get(at))
    }

    /// The attributes in the order of their symbols, which is stable within a run and has no other
    /// meaning; what shows must be sorted by name.
    pub fn iter(&self) -> std::slice::Iter<'_, Attr> {
        self.0.0.iter()
    }

    /// How many attributes there are.
    pub fn len(&self) -> usize {
        self.0.0.len()
    }

    /// Whether it is `{ }`.
    pub fn is_empty(&self) -> bool {
        self.0.0.is_empty()
    }

    /// Whether both are the same set in memory.
    pub fn same(&self, other: &Attrs) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// `self // over`: one merge of two sorted runs.
    #[must_use]
    pub fn update(&self, over: &Attrs) -> Attrs {
        if over.is_empty() {
            return self.clone();
        }
        if self.is_empty() {
            return over.clone();
        }
        let mut merged = Vec::with_capacity(self.len() + over.len());
        let mut under = self.0.0.iter().peekable();
        for attr in over {
            while let Some(below) = under.next_if(|below| below.name < attr.name) {
                merged.push(below.clone());
            }
            under.next_if(|below| below.name == attr.name);
            merged.push(attr.clone());
        }
        merged.extend(under.cloned());
        Attrs(Rc::new(Members(merged)))
    }

    /// The attributes for which `keep` holds.
    #[must_use]
    pub fn filtered(&self, mut keep: impl FnMut(&Attr) -> bool) -> Attrs {
        Attrs(Rc::new(Members(self.0.0.iter().filter(|attr| keep(attr)).cloned().collect())))
    }

    pub(super) fn address(&self) -> usize {
        Rc::as_ptr(&self.0).addr()
    }
}

impl<'a> IntoIterator for &'a Attrs {
    type Item = &'a Attr;
    type IntoIter = std::slice::Iter<'a, Attr>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// A function with the variables around it.
pub struct Closure {
    pub(super) lambda: Rc<Lambda>,
    pub(super) env: Rc<Env>,
}

impl fmt::Debug for Closure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Closure")
    }
}

/// A built-in function and the arguments it has so far.
#[derive(Debug)]
pub struct Partial {
    pub(super) builtin: &'static Builtin,
    pub(super) arguments: Vec<Value>,
}

/// The variables of one scope, and the scope around it. Slots are filled once, in a recursive scope
/// after the values that refer to it are made.
pub(super) struct Env {
    up: Option<Rc<Env>>,
    first: OnceCell<Value>,
    rest: Box<[OnceCell<Value>]>,
}

impl Env {
    /// A scope with empty slots.
    pub(super) fn new(up: Option<Rc<Env>>, slots: usize) -> Rc<Env> {
        let rest = (1..slots).map(|_| OnceCell::new()).collect();
        Rc::new(Env { up, first: OnceCell::new(), rest })
    }

    /// A scope with one variable, as most functions make.
    pub(super) fn single(up: Rc<Env>, value: Value) -> Rc<Env> {
        Rc::new(Env { up: Some(up), first: OnceCell::from(value), rest: Box::default() })
    }

    pub(super) fn set(&self, slot: u32, value: Value) {
        let cell = match slot.checked_sub(1) {
            None => Some(&self.first),
            Some(index) => self.rest.get(index as usize),
        };
        if let Some(cell) = cell {
            // A slot is set once: `set` is only called by the code that has just made the scope.
            cell.set(value).unwrap_or_default();
        }
    }

    /// The variable `slot` of the scope `up` levels out; none while that slot is still empty.
    pub(super) fn get(&self, up: u32, slot: u32) -> Option<&Value> {
        let mut env = self;
        for _ in 0..up {
            env = env.up.as_deref()?;
        }
        match slot.checked_sub(1) {
            None => env.first.get(),
            Some(index) => env.rest.get(index as usize)?.get(),
        }
    }
}

/// A value to be evaluated at most once.
pub struct Thunk(Cell<State>);

/// What a thunk holds.
#[derive(Default)]
pub(super) enum State {
    /// Code and its variables.
    Code(Rc<Expr>, Rc<Env>),
    /// A function and its argument.
    Call(Box<(Value, Value)>),
    /// Being evaluated: meeting it again is infinite recursion.
    #[default]
    Running,
    /// The value; never itself a thunk.
    Done(Value),
}

impl Thunk {
    pub(super) fn code(code: Rc<Expr>, env: Rc<Env>) -> Value {
        Value::Thunk(Rc::new(Thunk(Cell::new(State::Code(code, env)))))
    }

    pub(super) fn call(function: Value, argument: Value) -> Value {
        Value::Thunk(Rc::new(Thunk(Cell::new(State::Call(Box::new((function, argument)))))))
    }

    /// A thunk that gets its value later, and the value that stands for it.
    pub(super) fn unset() -> (Rc<Thunk>, Value) {
        let thunk = Rc::new(Thunk(Cell::new(State::Running)));
        (Rc::clone(&thunk), Value::Thunk(thunk))
    }

    /// Takes the state out and leaves `Running`.
    pub(super) fn take(&self) -> State {
        self.0.take()
    }

    pub(super) fn put(&self, state: State) {
        self.0.set(state);
    }

    /// The value, when it has been evaluated.
    pub(super) fn done(&self) -> Option<Value> {
        match self.0.take() {
            State::Done(value) => {
                self.0.set(State::Done(value.clone()));
                Some(value)
            }
            state => {
                self.0.set(state);
                None
            }
        }
    }
}

impl Drop for Thunk {
    fn drop(&mut self) {
        match self.0.take() {
            State::Code(code, env) => release(Garbage::Code(code, env)),
            State::Call(call) => release(Garbage::Call(call)),
            State::Done(value) => release_all(std::iter::once(value)),
            State::Running => {}
        }
    }
}

impl Drop for Env {
    fn drop(&mut self) {
        release_all(self.first.take());
        release_all(self.rest.iter_mut().filter_map(OnceCell::take));
    }
}

/// What is freed when the last reference to it goes.
#[allow(dead_code, reason = "held to be dropped")]
enum Garbage {
    Value(Value),
    Code(Rc<Expr>, Rc<Env>),
    Call(Box<(Value, Value)>),
}

/// How deep freeing recurses. A program can build chains of millions of values without recursing
/// itself, so what is deeper waits until the stack is free again.
const MAX_RELEASE_DEPTH: u32 = 500;

thread_local! {
    static RELEASE_DEPTH: Cell<u32> = const { Cell::new(0) };
    static WAITING: std::cell::RefCell<Vec<Garbage>> = const { std::cell::RefCell::new(Vec::new()) };
}

fn release_all(values: impl IntoIterator<Item = Value>) {
    for value in values {
        // Everything else owns nothing that could be deep.
        if matches!(
            value,
            Value::List(_)
                | Value::Attrs(_)
                | Value::Lambda(_)
                | Value::Partial(_)
                | Value::Thunk(_)
        ) {
            release(Garbage::Value(value));
        }
    }
}

fn release(garbage: Garbage) {
    let depth = RELEASE_DEPTH.get();
    if depth >= MAX_RELEASE_DEPTH {
        let mut kept = Some(garbage);
        // The queue is gone only when the thread ends; then the rest is dropped as it comes.
        WAITING.try_with(|waiting| waiting.borrow_mut().extend(kept.take())).unwrap_or_default();
        return;
    }
    RELEASE_DEPTH.set(depth + 1);
    drop(garbage);
    if depth == 0 {
        let next = || WAITING.try_with(|waiting| waiting.borrow_mut().pop()).unwrap_or_default();
        while let Some(garbage) = next() {
            drop(garbage);
        }
    }
    RELEASE_DEPTH.set(depth);
}

impl fmt::Debug for Thunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Thunk")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_two_words() {
        assert_eq!(size_of::<Value>(), 16);
        assert_eq!(size_of::<State>(), 24);
    }
}

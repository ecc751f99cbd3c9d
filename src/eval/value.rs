//! Values, and what keeps them lazy.
//!
//! A [`Value`] is 16 bytes: numbers lie in it, everything else is shared behind one pointer. What is
//! not evaluated yet is a [`Value::Thunk`]; its four states are in [`State`]. Strings are bytes, as in
//! Nix, where `builtins.substring` may cut a character in two.

use super::builtins::Builtin;
use super::expr::{Expr, Lambda};
use std::cell::{Cell, OnceCell};
use std::fmt;
use std::rc::Rc;

pub use super::attrs::{Attr, Attrs, Place};
pub use super::list::List;
pub use super::string::{Context, NixString};

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
    /// An absolute path without doubled slashes; only below `~` may it hold `.` and `..`.
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
        Value::List(List::new(items))
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
    /// A function, which the elements of a list share, and its argument.
    Call(Rc<Value>, Value),
    /// A function and two arguments.
    Call2(Rc<Value>, Box<(Value, Value)>),
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

    pub(super) fn call(function: &Rc<Value>, argument: Value) -> Value {
        Value::Thunk(Rc::new(Thunk(Cell::new(State::Call(Rc::clone(function), argument)))))
    }

    pub(super) fn call2(function: &Rc<Value>, first: Value, second: Value) -> Value {
        let arguments = Box::new((first, second));
        Value::Thunk(Rc::new(Thunk(Cell::new(State::Call2(Rc::clone(function), arguments)))))
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
            State::Call(function, argument) => {
                release_all(std::iter::once(argument));
                release(Garbage::Function(function));
            }
            State::Call2(function, arguments) => {
                release_all(<[Value; 2]>::from(*arguments));
                release(Garbage::Function(function));
            }
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
pub(super) enum Garbage {
    Value(Value),
    Code(Rc<Expr>, Rc<Env>),
    Function(Rc<Value>),
    Text(Box<(NixString, NixString)>),
    Lists(Box<(List, List)>),
}

/// How deep freeing recurses. A program can build chains of millions of values without recursing
/// itself, so what is deeper waits until the stack is free again.
const MAX_RELEASE_DEPTH: u32 = 500;

thread_local! {
    static RELEASE_DEPTH: Cell<u32> = const { Cell::new(0) };
    static PENDING_RELEASES: std::cell::RefCell<Vec<Garbage>> = const { std::cell::RefCell::new(Vec::new()) };
}

pub(super) fn release_all(values: impl IntoIterator<Item = Value>) {
    for value in values {
        // Everything else owns nothing that could be deep; strings see to their own halves.
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

pub(super) fn release(garbage: Garbage) {
    let depth = RELEASE_DEPTH.get();
    if depth >= MAX_RELEASE_DEPTH {
        let mut kept = Some(garbage);
        // The queue is gone only when the thread ends; then the rest is dropped as it comes.
        PENDING_RELEASES
            .try_with(|waiting| waiting.borrow_mut().extend(kept.take()))
            .unwrap_or_default();
        return;
    }
    RELEASE_DEPTH.set(depth + 1);
    drop(garbage);
    if depth == 0 {
        let next =
            || PENDING_RELEASES.try_with(|waiting| waiting.borrow_mut().pop()).unwrap_or_default();
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

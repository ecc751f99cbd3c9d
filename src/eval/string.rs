//! Strings: bytes, and the store objects their text came from.
//!
//! Programs build long strings by adding to them again and again. A long sum is therefore kept as its
//! two halves until somebody reads the bytes; then it is put together once, and the halves are let go.

use super::value::{Garbage, release};
use std::borrow::Borrow;
use std::cell::{Cell, OnceCell};
use std::collections::BTreeSet;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

/// From which length on a sum is kept as its halves. Below, copying is cheaper than remembering.
const LONG: usize = 512;

/// A string: bytes, and the store objects its text came from.
#[derive(Clone)]
pub struct NixString(Rc<StringData>);

struct StringData {
    length: usize,
    /// Empty while `halves` holds the text.
    bytes: OnceCell<Box<[u8]>>,
    halves: Cell<Option<Box<(NixString, NixString)>>>,
    context: Option<Rc<Context>>,
}

/// The store objects a string refers to, each in the spelling of Nix (`path`, `!output!drv`, `=drv`).
/// No store is ever asked: a context only arises from `builtins.appendContext`.
pub type Context = BTreeSet<Rc<[u8]>>;

impl Drop for StringData {
    fn drop(&mut self) {
        if let Some(halves) = self.halves.take() {
            release(Garbage::Text(halves));
        }
    }
}

impl NixString {
    /// A string without context.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self::flat(bytes, None)
    }

    /// A string that refers to store objects.
    pub fn with_context(bytes: Vec<u8>, context: Context) -> Self {
        Self::flat(bytes, if context.is_empty() { None } else { Some(Rc::new(context)) })
    }

    fn flat(bytes: Vec<u8>, context: Option<Rc<Context>>) -> Self {
        Self(Rc::new(StringData {
            length: bytes.len(),
            bytes: OnceCell::from(bytes.into_boxed_slice()),
            halves: Cell::new(None),
            context,
        }))
    }

    /// Two strings one after the other.
    #[must_use]
    pub fn concat(&self, right: &NixString) -> NixString {
        let context = match (self.context(), right.context()) {
            (None, None) => None,
            (Some(one), None) | (None, Some(one)) => Some(Rc::clone(one)),
            (Some(a), Some(b)) => Some(Rc::new(a.union(b).cloned().collect())),
        };
        // No machine holds two strings whose lengths do not fit their sum.
        let length = self.len().saturating_add(right.len());
        if length < LONG {
            return Self::flat([self.as_bytes(), right.as_bytes()].concat(), context);
        }
        if right.is_empty() && right.context().is_none() {
            return self.clone();
        }
        Self(Rc::new(StringData {
            length,
            bytes: OnceCell::new(),
            halves: Cell::new(Some(Box::new((self.clone(), right.clone())))),
            context,
        }))
    }

    /// The text.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.bytes.get_or_init(|| {
            let mut bytes = Vec::with_capacity(self.0.length);
            let mut waiting = Vec::new();
            if let Some(halves) = self.0.halves.take() {
                let (left, right) = *halves;
                waiting.extend([right, left]);
            }
            while let Some(next) = waiting.pop() {
                if let Some(own) = next.0.bytes.get() {
                    bytes.extend_from_slice(own);
                } else if let Some(halves) = next.0.halves.take() {
                    waiting.extend([halves.1.clone(), halves.0.clone()]);
                    next.0.halves.set(Some(halves));
                }
            }
            bytes.into_boxed_slice()
        })
    }

    /// How many bytes the text has.
    pub fn len(&self) -> usize {
        self.0.length
    }

    /// Whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.0.length == 0
    }

    /// How many bytes reading the text will take, when it is not put together yet.
    pub(super) fn pending_len(&self) -> usize {
        if self.0.bytes.get().is_some() { 0 } else { self.0.length }
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

/// By text alone, as names are looked up.
impl Borrow<[u8]> for NixString {
    fn borrow(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl PartialEq for NixString {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.as_bytes() == other.as_bytes()
    }
}

impl Eq for NixString {}

impl Hash for NixString {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

/// A string that is put together from pieces.
#[derive(Debug, Default)]
pub(super) struct Builder {
    /// What is before `bytes`.
    before: Option<NixString>,
    bytes: Vec<u8>,
    context: Context,
}

impl Builder {
    pub(super) fn push_bytes(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub(super) fn push(&mut self, string: &NixString) {
        if let Some(context) = string.context() {
            self.context.extend(context.iter().cloned());
        }
        if string.len() < LONG {
            self.bytes.extend_from_slice(string.as_bytes());
        } else {
            self.flush();
            self.before = Some(match self.before.take() {
                Some(before) => before.concat(string),
                None => string.clone(),
            });
        }
    }

    fn flush(&mut self) {
        if self.bytes.is_empty() {
            return;
        }
        let next = NixString::new(std::mem::take(&mut self.bytes));
        self.before = Some(match self.before.take() {
            Some(before) => before.concat(&next),
            None => next,
        });
    }

    pub(super) fn finish(mut self) -> NixString {
        if self.before.is_none() {
            return NixString::with_context(self.bytes, self.context);
        }
        self.flush();
        let whole = self.before.unwrap_or_else(|| NixString::new(Vec::new()));
        let known = whole.context().map_or(0, |context| context.len());
        if known == self.context.len() {
            return whole;
        }
        NixString::with_context(whole.as_bytes().to_vec(), self.context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_reads_like_its_halves() {
        let piece = |byte: u8, length| NixString::new(vec![byte; length]);
        let mut left = piece(b'a', 1);
        let mut right = piece(b'b', 1);
        let mut expected = (vec![b'a'], vec![b'b']);
        for (index, byte) in (b'c'..=b'z').enumerate() {
            let length = index * index;
            left = left.concat(&piece(byte, length));
            right = piece(byte, length).concat(&right);
            expected.0.extend(std::iter::repeat_n(byte, length));
            expected.1.splice(0..0, std::iter::repeat_n(byte, length));
        }
        let both = left.concat(&right);
        assert_eq!(both.len(), expected.0.len() + expected.1.len());
        assert_eq!(both.as_bytes(), [expected.0.clone(), expected.1].concat());
        assert_eq!(left.as_bytes(), expected.0);
        assert_eq!(both.pending_len(), 0);
    }

    #[test]
    fn a_long_chain_is_read_and_freed_without_recursion() {
        let mut chain = NixString::new(vec![b'x'; LONG]);
        for _ in 0..1_000_000 {
            chain = chain.concat(&NixString::new(b"y".to_vec()));
        }
        assert_eq!(chain.clone().as_bytes().len(), LONG + 1_000_000);
        let mut unread = NixString::new(vec![b'x'; LONG]);
        for _ in 0..1_000_000 {
            unread = NixString::new(b"y".to_vec()).concat(&unread);
        }
        drop(unread);
    }

    #[test]
    fn a_sum_refers_to_what_its_halves_refer_to() {
        let named = |name: &str, length| {
            let context = Context::from([Rc::from(name.as_bytes())]);
            NixString::with_context(vec![b'x'; length], context)
        };
        let refers = |string: &NixString| string.context().map_or(0, |context| context.len());
        for length in [0, 1, LONG] {
            let plain = NixString::new(vec![b'x'; length]);
            for other in [0, 1, LONG] {
                assert_eq!(refers(&named("a", other).concat(&plain)), 1, "{other} + {length}");
                assert_eq!(refers(&plain.concat(&named("a", other))), 1, "{length} + {other}");
                assert_eq!(refers(&named("b", length).concat(&named("a", other))), 2);
            }
        }
    }

    #[test]
    fn a_builder_keeps_contexts() {
        let context = |name: &str| Context::from([Rc::from(name.as_bytes())]);
        for (first, second) in [(1, 1), (LONG, 1), (1, LONG), (LONG, LONG)] {
            let mut builder = Builder::default();
            builder.push(&NixString::with_context(vec![b'a'; first], context("a")));
            builder.push_bytes(b"-");
            builder.push(&NixString::with_context(vec![b'b'; second], context("b")));
            let whole = builder.finish();
            assert_eq!(whole.len(), first + 1 + second);
            assert_eq!(whole.context().map(|context| context.len()), Some(2));
        }
    }
}

//! Sets: attributes sorted by symbol.
//!
//! Programs build large sets by adding an attribute or two to a large one, again and again. Such a sum
//! shares the large set and holds only what differs, until the difference is worth a copy.

use super::symbol::Symbol;
use super::value::{Garbage, Value, release, release_all};
use std::iter::Peekable;
use std::rc::Rc;
use std::slice;

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

/// The attributes of a set: its own, which win, and those of another set, which has none below it.
#[derive(Debug, Default)]
struct Members {
    own: Vec<Attr>,
    below: Option<Attrs>,
    length: usize,
}

impl Drop for Members {
    fn drop(&mut self) {
        release_all(self.own.drain(..).map(|attr| attr.value));
        if let Some(below) = self.below.take() {
            release(Garbage::Value(Value::Attrs(below)));
        }
    }
}

/// From how many attributes on a set may be shared by a sum instead of copied.
const LARGE: usize = 64;

impl Attrs {
    fn flat(own: Vec<Attr>) -> Self {
        let length = own.len();
        Self(Rc::new(Members { own, below: None, length }))
    }

    /// A set of these attributes; of several with the same name the last one counts.
    pub fn from_unsorted(mut attrs: Vec<Attr>) -> Self {
        attrs.sort_by_key(|attr| attr.name);
        let duplicates = attrs.windows(2).any(|pair| matches!(pair, [a, b] if a.name == b.name));
        if duplicates {
            attrs.reverse();
            attrs.dedup_by_key(|attr| attr.name);
            attrs.reverse();
        }
        Self::flat(attrs)
    }

    /// The attribute with this name.
    pub fn get(&self, name: Symbol) -> Option<&Attr> {
        find(&self.0.own, name).or_else(|| find(&self.0.below.as_ref()?.0.own, name))
    }

    /// The attributes in the order of their symbols, which is stable within a run and has no other
    /// meaning; what shows must be sorted by name.
    pub fn iter(&self) -> Iter<'_> {
        let below = self.0.below.as_ref().map_or(&[][..], |below| below.0.own.as_slice());
        Iter { own: self.0.own.iter().peekable(), below: below.iter().peekable() }
    }

    /// How many attributes there are.
    pub fn len(&self) -> usize {
        self.0.length
    }

    /// Whether it is `{ }`.
    pub fn is_empty(&self) -> bool {
        self.0.length == 0
    }

    /// Whether both are the same set in memory.
    pub fn same(&self, other: &Attrs) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// `self // over`
    #[must_use]
    pub fn update(&self, over: &Attrs) -> Attrs {
        if over.is_empty() {
            return self.clone();
        }
        if self.is_empty() {
            return over.clone();
        }
        let layered = if over.len() * 8 <= self.len() {
            self.with(over.iter().cloned().collect())
        } else if self.len() * 8 <= over.len() {
            over.with(self.iter().filter(|attr| over.get(attr.name).is_none()).cloned().collect())
        } else {
            None
        };
        layered.unwrap_or_else(|| {
            let mut merged = Vec::with_capacity(self.len() + over.len());
            merged.extend(merge(over.iter(), self.iter()).cloned());
            Attrs::flat(merged)
        })
    }

    /// This set with a few attributes over it; none when a copy is better.
    fn with(&self, over: Vec<Attr>) -> Option<Attrs> {
        if self.len() < LARGE {
            return None;
        }
        let (below, own) = match &self.0.below {
            Some(below) => (below, self.0.own.as_slice()),
            None => (self, &[][..]),
        };
        // A difference of about the root of the whole balances copying the one at each sum against
        // copying the other now and then.
        let difference = over.len() + own.len();
        if difference.saturating_mul(difference) > below.len().saturating_mul(4) {
            return None;
        }
        let added = over.iter().filter(|attr| self.get(attr.name).is_none()).count();
        let length = self.len() + added;
        let own =
            if own.is_empty() { over } else { merge(over.iter(), own.iter()).cloned().collect() };
        Some(Attrs(Rc::new(Members { own, below: Some(below.clone()), length })))
    }

    /// The attributes for which `keep` holds.
    #[must_use]
    pub fn filtered(&self, mut keep: impl FnMut(&Attr) -> bool) -> Attrs {
        Attrs::flat(self.iter().filter(|attr| keep(attr)).cloned().collect())
    }

    pub(super) fn address(&self) -> usize {
        Rc::as_ptr(&self.0).addr()
    }
}

fn find(attrs: &[Attr], name: Symbol) -> Option<&Attr> {
    attrs.binary_search_by_key(&name, |attr| attr.name).ok().and_then(|at| attrs.get(at))
}

/// Two sorted runs in one; of the same name the first run's.
fn merge<'a>(
    first: impl Iterator<Item = &'a Attr>,
    second: impl Iterator<Item = &'a Attr>,
) -> impl Iterator<Item = &'a Attr> {
    let (mut first, mut second) = (first.peekable(), second.peekable());
    std::iter::from_fn(move || next_of(&mut first, &mut second))
}

fn next_of<'a>(
    first: &mut Peekable<impl Iterator<Item = &'a Attr>>,
    second: &mut Peekable<impl Iterator<Item = &'a Attr>>,
) -> Option<&'a Attr> {
    let (Some(a), Some(b)) = (first.peek(), second.peek()) else {
        return first.next().or_else(|| second.next());
    };
    if b.name < a.name {
        return second.next();
    }
    if b.name == a.name {
        second.next();
    }
    first.next()
}

/// The attributes of a set in the order of their symbols.
#[derive(Debug, Clone)]
pub struct Iter<'a> {
    own: Peekable<slice::Iter<'a, Attr>>,
    below: Peekable<slice::Iter<'a, Attr>>,
}

impl<'a> Iterator for Iter<'a> {
    type Item = &'a Attr;

    fn next(&mut self) -> Option<&'a Attr> {
        next_of(&mut self.own, &mut self.below)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let (own, below) = (self.own.len(), self.below.len());
        (own.max(below), Some(own + below))
    }
}

impl<'a> IntoIterator for &'a Attrs {
    type Item = &'a Attr;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::super::symbol::Symbols;
    use super::*;
    use std::collections::BTreeMap;

    /// Sums of random sets of all sizes, against a map.
    #[test]
    fn sums_are_those_of_a_map() {
        let mut symbols = Symbols::default();
        let names: Vec<Symbol> =
            (0..400).map(|index| symbols.intern(format!("n{index}").as_bytes())).collect();
        let mut state = 1_u64;
        let mut random = move |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            usize::try_from(state >> 33).unwrap() % below
        };
        let mut made: Vec<(Attrs, BTreeMap<Symbol, i64>)> = vec![Default::default()];
        for step in 0..3000 {
            let size = [1, 1, 1, 2, 5, 80, 300][random(7)];
            let attrs: Vec<Attr> = (0..size)
                .map(|_| Attr {
                    name: names[random(400)],
                    place: Place::NOWHERE,
                    value: Value::Int(step),
                })
                .collect();
            let map = attrs.iter().map(|attr| (attr.name, step)).collect::<BTreeMap<_, _>>();
            let new = (Attrs::from_unsorted(attrs), map);
            let old = made[random(made.len())].clone();
            let (under, over) = if random(2) == 0 { (old, new) } else { (new, old) };
            let sum = under.0.update(&over.0);
            let mut map = under.1;
            map.extend(over.1);
            let shown: Vec<(Symbol, i64)> = sum
                .iter()
                .map(|attr| match attr.value {
                    Value::Int(value) => (attr.name, value),
                    _ => (attr.name, -1),
                })
                .collect();
            assert_eq!(shown, map.iter().map(|(a, b)| (*a, *b)).collect::<Vec<_>>());
            assert_eq!(sum.len(), map.len());
            for name in &names {
                assert_eq!(sum.get(*name).is_some(), map.contains_key(name));
            }
            made.push((sum, map));
        }
    }
}

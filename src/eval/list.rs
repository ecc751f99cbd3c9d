//! Lists.
//!
//! Programs build long lists by adding to them again and again. A long sum is therefore kept as its two
//! halves until somebody asks for the elements, as a string is.

use super::value::{Garbage, Value, release, release_all};
use std::cell::{Cell, OnceCell};
use std::fmt;
use std::rc::Rc;

/// From which length on a sum is kept as its halves.
pub(super) const LONG: usize = 64;

/// A list; sharing it costs nothing.
#[derive(Clone)]
pub struct List(Rc<Elements>);

struct Elements {
    length: usize,
    /// Empty while `halves` holds the elements.
    items: OnceCell<Vec<Value>>,
    halves: Cell<Option<Box<(List, List)>>>,
}

impl Drop for Elements {
    fn drop(&mut self) {
        if let Some(mut items) = self.items.take() {
            release_all(items.drain(..));
        }
        if let Some(halves) = self.halves.take() {
            release(Garbage::Lists(halves));
        }
    }
}

impl List {
    /// A list of these elements.
    pub fn new(items: Vec<Value>) -> Self {
        let length = items.len();
        Self(Rc::new(Elements { length, items: OnceCell::from(items), halves: Cell::new(None) }))
    }

    /// `self ++ right`
    #[must_use]
    pub fn concat(&self, right: &List) -> List {
        if right.is_empty() {
            return self.clone();
        }
        if self.is_empty() {
            return right.clone();
        }
        // No machine holds two lists whose lengths do not fit their sum.
        let length = self.len().saturating_add(right.len());
        if length < LONG {
            return Self::new([self.items(), right.items()].concat());
        }
        Self(Rc::new(Elements {
            length,
            items: OnceCell::new(),
            halves: Cell::new(Some(Box::new((self.clone(), right.clone())))),
        }))
    }

    /// The elements.
    pub fn items(&self) -> &[Value] {
        self.0.items.get_or_init(|| {
            let mut items = Vec::with_capacity(self.0.length);
            let mut waiting = Vec::new();
            if let Some(halves) = self.0.halves.take() {
                let (left, right) = *halves;
                waiting.extend([right, left]);
            }
            while let Some(next) = waiting.pop() {
                if let Some(own) = next.0.items.get() {
                    items.extend_from_slice(own);
                } else if let Some(halves) = next.0.halves.take() {
                    waiting.extend([halves.1.clone(), halves.0.clone()]);
                    next.0.halves.set(Some(halves));
                }
            }
            items
        })
    }

    /// How many elements there are.
    pub fn len(&self) -> usize {
        self.0.length
    }

    /// Whether it is `[ ]`.
    pub fn is_empty(&self) -> bool {
        self.0.length == 0
    }

    /// How many elements asking for them will put together.
    pub(super) fn pending_len(&self) -> usize {
        if self.0.items.get().is_some() { 0 } else { self.0.length }
    }

    /// Whether both are the same list in memory.
    pub fn same(&self, other: &List) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    pub(super) fn address(&self) -> usize {
        Rc::as_ptr(&self.0).addr()
    }
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.items()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_has_the_elements_of_its_halves() {
        let mut state = 1_u64;
        let mut random = move |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            usize::try_from(state >> 33).unwrap() % below
        };
        let mut made: Vec<(List, Vec<i64>)> = vec![(List::new(Vec::new()), Vec::new())];
        for step in 0..500 {
            let size = [0, 1, 2, 30, 100][random(5)];
            let new = (List::new(vec![Value::Int(step); size]), vec![step; size]);
            let old = made[random(made.len())].clone();
            let (left, right) = if random(2) == 0 { (old, new) } else { (new, old) };
            let sum = left.0.concat(&right.0);
            let expected = [left.1, right.1].concat();
            assert_eq!(sum.len(), expected.len());
            if random(3) == 0 {
                assert_eq!(format!("{sum:?}"), format!("{expected:?}"));
            }
            made.push((sum, expected));
        }
        for (sum, expected) in made {
            assert_eq!(format!("{sum:?}"), format!("{expected:?}"));
        }
    }

    #[test]
    fn a_long_chain_is_read_and_freed_without_recursion() {
        let mut chain = List::new(vec![Value::Null; LONG]);
        let one = List::new(vec![Value::Null]);
        for _ in 0..1_000_000 {
            chain = chain.concat(&one);
        }
        assert_eq!(chain.clone().items().len(), LONG + 1_000_000);
        let mut unread = List::new(vec![Value::Null; LONG]);
        for _ in 0..1_000_000 {
            unread = one.concat(&unread);
        }
        drop(unread);
    }
}

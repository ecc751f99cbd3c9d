//! Runs a [`Program`] on a text in three passes, none of which goes back.
//!
//! 1. Forward: for each position the nodes that can take the byte there, as a set without order.
//! 2. Backward, from the last position that accepts: for each of these, where the match ends that
//!    libstdc++ would settle on if it were at this node. A `|` takes the later end, the left side
//!    when both are equal; a repetition takes one more pass if any match comes of it, however
//!    short.
//! 3. Forward along the one path those ends describe, noting groups.
//!
//! That is the outcome of libstdc++'s search with backtracking (`regex_executor.tcc`), which tries
//! both sides of every `|` but never looks for a longer match by repeating less: on `aab` the
//! pattern `a*(ab)?` finds `aa`. The usual simulation with an ordered list of threads cannot give
//! it: which thread may be dropped depends on what is still to come.
//!
//! libstdc++ lets a repetition pass its body twice at one position, so `(a*)*` leaves its group
//! empty at the end. These passes are part of the state, as a number in base 3: the key. It is 0
//! again after each byte.

use super::Captures;
use super::parse::{Node, Op, Repeat};
use super::program::Program;

/// What counts as a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// The whole text.
    Whole,
    /// Anything from the given position on.
    Prefix,
    /// The same, but not nothing.
    NonEmptyPrefix,
}

/// Where a match ends, plus one; 0: there is none.
type End = usize;

/// What is left to do while the end at a node is being found.
#[derive(Clone, Copy, Debug)]
enum Frame {
    /// The left side was tried; the right one is next.
    Left { at: u32, key: u32 },
    /// Both sides are done; the left one ends here.
    Right { at: u32, key: u32, left: End },
    /// One more pass was tried.
    More { at: u32, key: u32 },
    /// The way past the repetition was tried.
    Past { at: u32, key: u32 },
}

/// A program on a text, with the memory the passes share.
#[derive(Debug)]
pub(super) struct Machine<'r, 't> {
    program: &'r Program,
    text: &'t [u8],
    goal: Goal,
    begin: usize,
    /// Grows with each position looked at, so that nothing below need be cleared.
    round: u64,
    seen: Vec<u64>,
    memory: Vec<(u64, End)>,
    /// The ends of the nodes in the current column.
    ends_here: Vec<(u64, End)>,
    column: u64,
    todo: Vec<u32>,
    frames: Vec<Frame>,
    /// The columns of the first pass, one after the other.
    found: Vec<u32>,
    ends: Vec<End>,
    /// Where each column begins in `found`.
    columns: Vec<usize>,
    search: [Vec<(u32, usize)>; 2],
}

impl<'r, 't> Machine<'r, 't> {
    /// Prepares to run.
    pub(super) fn new(program: &'r Program, text: &'t [u8]) -> Self {
        Self {
            program,
            text,
            goal: Goal::Prefix,
            begin: 0,
            round: 0,
            seen: vec![0; program.len()],
            memory: vec![(0, 0); program.remembered],
            ends_here: vec![(0, 0); program.len()],
            column: 0,
            todo: Vec::new(),
            frames: Vec::new(),
            found: Vec::new(),
            ends: Vec::new(),
            columns: Vec::new(),
            search: [Vec::new(), Vec::new()],
        }
    }

    /// Matches from one position; gives the end of the match and its groups.
    pub(super) fn run(&mut self, begin: usize, goal: Goal) -> Option<(usize, Captures)> {
        (self.begin, self.goal) = (begin, goal);
        let last = self.forward()?;
        self.backward(last);
        self.walk()
    }

    /// Gives the first position from `from` on at which some match begins.
    ///
    /// One pass for all beginnings: the threads stay sorted by theirs, and the earliest one keeps a
    /// node for itself.
    pub(super) fn leftmost(&mut self, from: usize) -> Option<usize> {
        if self.program.empty {
            return (from <= self.text.len()).then_some(from);
        }
        self.goal = Goal::Prefix;
        let [mut here, mut next] = std::mem::take(&mut self.search);
        here.clear();
        let mut best = None;
        let mut at = from;
        self.next_round();
        loop {
            if here.is_empty() && (best.is_some() || !self.skip(&mut at)) {
                break;
            }
            if best.is_none() && self.may_begin(at) {
                self.found.clear();
                if self.reach(self.program.start, at) {
                    best = Some(at);
                }
                here.extend(self.found.iter().map(|&node| (node, at)));
            }
            if at >= self.text.len() {
                break;
            }
            at = at.saturating_add(1);
            self.next_round();
            next.clear();
            for &(node, begin) in &here {
                if best.is_some_and(|best| begin >= best) {
                    break;
                }
                self.found.clear();
                if self.reach(self.program.node(node).next, at) {
                    best = Some(begin);
                    break;
                }
                next.extend(self.found.iter().map(|&node| (node, begin)));
            }
            std::mem::swap(&mut here, &mut next);
        }
        self.search = [here, next];
        best
    }

    /// Moves on to where a match can begin; false: nowhere.
    fn skip(&mut self, at: &mut usize) -> bool {
        let Some(first) = self.program.first else { return *at <= self.text.len() };
        let rest = self.text.get(*at..).unwrap_or_default();
        let Some(distance) = rest.iter().position(|&byte| first.has(byte)) else { return false };
        *at = at.saturating_add(distance);
        self.next_round();
        true
    }

    fn may_begin(&self, at: usize) -> bool {
        let Some(first) = self.program.first else { return true };
        self.text.get(at).is_some_and(|&byte| first.has(byte))
    }

    fn next_round(&mut self) {
        self.round = self.round.wrapping_add(1);
    }

    fn accepts(&self, at: usize) -> bool {
        match self.goal {
            Goal::Whole => at == self.text.len(),
            Goal::Prefix => true,
            Goal::NonEmptyPrefix => at != self.begin,
        }
    }

    /// Adds the nodes that take the byte at a position and can be reached from one node; tells
    /// whether a match ends here.
    fn reach(&mut self, from: u32, at: usize) -> bool {
        let byte = self.text.get(at).copied();
        let mut accepted = false;
        self.todo.push(from);
        while let Some(current) = self.todo.pop() {
            match self.seen.get_mut(current as usize) {
                Some(seen) if *seen != self.round => *seen = self.round,
                _ => continue,
            }
            let node = self.program.node(current);
            match node.op {
                Op::Byte(_) | Op::Any | Op::Set(_) => {
                    if byte.is_some_and(|byte| self.program.takes(node.op, byte)) {
                        self.found.push(current);
                    }
                }
                Op::Split | Op::Repeat(_) => self.todo.extend([node.next, node.alt]),
                Op::Accept => accepted |= self.accepts(at),
                _ => self.todo.extend(self.pass(node, at)),
            }
        }
        accepted
    }

    /// Where a node that neither takes a byte nor branches leads, if it lets one pass.
    fn pass(&self, node: Node, at: usize) -> Option<u32> {
        match node.op {
            Op::Open(_) | Op::Close(_) => Some(node.next),
            Op::TextStart if at == 0 => Some(node.next),
            Op::TextEnd if at == self.text.len() => Some(node.next),
            _ => None,
        }
    }

    /// The first pass; gives the last position at which a match ends.
    fn forward(&mut self) -> Option<usize> {
        self.found.clear();
        self.columns.clear();
        let mut at = self.begin;
        let mut last = None;
        self.next_round();
        self.columns.push(0);
        let mut accepted = self.reach(self.program.start, at);
        let mut done = 0;
        loop {
            if accepted {
                last = Some(at);
            }
            let end = self.found.len();
            self.columns.push(end);
            if done == end {
                break;
            }
            at = at.saturating_add(1);
            accepted = false;
            self.next_round();
            while done < end {
                if let Some(&node) = self.found.get(done) {
                    accepted |= self.reach(self.program.node(node).next, at);
                }
                done = done.saturating_add(1);
            }
        }
        last
    }

    /// The second pass.
    fn backward(&mut self, last: usize) {
        self.ends.clear();
        self.ends.resize(self.found.len(), 0);
        let mut at = last;
        while let Some(before) = at.checked_sub(1)
            && before >= self.begin
        {
            self.load(at);
            let (first, end) = self.bounds(before);
            for place in first..end {
                let Some(&node) = self.found.get(place) else { continue };
                let end = self.end(self.program.node(node).next, 0, at);
                if let Some(slot) = self.ends.get_mut(place) {
                    *slot = end;
                }
            }
            at = before;
        }
    }

    fn bounds(&self, at: usize) -> (usize, usize) {
        let column = at.saturating_sub(self.begin);
        let bound = |column| self.columns.get(column).copied().unwrap_or(self.found.len());
        (bound(column), bound(column.saturating_add(1)))
    }

    /// Makes the ends known for a position the current ones.
    fn load(&mut self, at: usize) {
        self.next_round();
        self.column = self.round;
        let (first, end) = self.bounds(at);
        let nodes = self.found.get(first..end).unwrap_or_default();
        let ends = self.ends.get(first..end).unwrap_or_default();
        for (&node, &end) in nodes.iter().zip(ends) {
            if let Some(slot) = self.ends_here.get_mut(node as usize) {
                *slot = (self.column, end);
            }
        }
    }

    /// Where the match ends that is found from a node, at the position loaded last.
    fn end(&mut self, node: u32, key: u32, at: usize) -> End {
        self.frames.clear();
        let mut end = self.descend(node, key, at);
        while let Some(frame) = self.frames.pop() {
            end = match frame {
                Frame::Left { at: split, key } => {
                    self.frames.push(Frame::Right { at: split, key, left: end });
                    self.descend(self.program.node(split).next, key, at)
                }
                Frame::Right { at, key, left } => self.remember(at, key, left.max(end)),
                Frame::More { at: repeat, key } if end == 0 => {
                    self.frames.push(Frame::Past { at: repeat, key });
                    let (next, key) = past(self.program.node(repeat), key);
                    self.descend(next, key, at)
                }
                Frame::More { at, key } | Frame::Past { at, key } => self.remember(at, key, end),
            };
        }
        end
    }

    fn remember(&mut self, node: u32, key: u32, end: End) -> End {
        if let Some(slot) = self.memory.get_mut(self.program.memory(node, key)) {
            *slot = (self.round, end);
        }
        end
    }

    /// Follows first choices to a node whose end is known.
    fn descend(&mut self, mut current: u32, mut key: u32, at: usize) -> End {
        loop {
            let node = self.program.node(current);
            match node.op {
                Op::Byte(_) | Op::Any | Op::Set(_) => {
                    return match self.ends_here.get(current as usize) {
                        Some(&(column, end)) if column == self.column => end,
                        _ => 0,
                    };
                }
                Op::Accept if self.accepts(at) => return at.saturating_add(1),
                Op::Split | Op::Repeat(_) => {
                    match self.memory.get(self.program.memory(current, key)) {
                        Some(&(round, end)) if round == self.round => return end,
                        _ => {}
                    }
                    if let Op::Repeat(repeat) = node.op {
                        if let Some(more) = once_more(repeat, key) {
                            self.frames.push(Frame::More { at: current, key });
                            (current, key) = (node.alt, more);
                        } else {
                            (current, key) = past(node, key);
                        }
                    } else {
                        self.frames.push(Frame::Left { at: current, key });
                        current = node.alt;
                    }
                }
                _ => match self.pass(node, at) {
                    Some(next) => current = next,
                    None => return 0,
                },
            }
        }
    }

    /// The third pass.
    fn walk(&mut self) -> Option<(usize, Captures)> {
        let mut captures = vec![None; self.program.groups];
        let mut opened = vec![0; self.program.groups];
        let (mut current, mut key) = (self.program.start, 0);
        let mut at = self.begin;
        self.load(at);
        loop {
            let node = self.program.node(current);
            match node.op {
                Op::Byte(_) | Op::Any | Op::Set(_) => {
                    at = at.saturating_add(1);
                    (current, key) = (node.next, 0);
                    self.load(at);
                    continue;
                }
                Op::Accept => return Some((at, captures)),
                Op::Split => {
                    let left = self.end(node.alt, key, at);
                    let right = self.end(node.next, key, at);
                    current = if left >= right { node.alt } else { node.next };
                    continue;
                }
                Op::Repeat(repeat) => {
                    let more = once_more(repeat, key);
                    (current, key) = match more {
                        Some(more) if self.end(node.alt, more, at) != 0 => (node.alt, more),
                        _ => past(node, key),
                    };
                    continue;
                }
                Op::Open(group) => {
                    if let Some(slot) = opened.get_mut(group as usize) {
                        *slot = at;
                    }
                }
                Op::Close(group) => {
                    let begin = opened.get(group as usize).copied().unwrap_or(at);
                    if let Some(slot) = captures.get_mut(group as usize) {
                        *slot = Some(begin..at);
                    }
                }
                _ => {}
            }
            current = self.pass(node, at)?;
        }
    }
}

/// The key within the body, unless it was passed twice already.
const fn once_more(repeat: Repeat, key: u32) -> Option<u32> {
    match key.checked_div(repeat.weight) {
        None => Some(key),
        Some(passes) if passes % 3 < 2 => Some(key.saturating_add(repeat.weight)),
        Some(_) => None,
    }
}

/// Where a repetition leads once it is left. Nothing outside the outermost one asks how often it
/// was passed.
const fn past(node: Node, key: u32) -> (u32, u32) {
    match node.op {
        Op::Repeat(Repeat { outermost: true, .. }) => (node.next, 0),
        _ => (node.next, key),
    }
}

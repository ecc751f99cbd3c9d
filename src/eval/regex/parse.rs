//! Turns a pattern into a graph of nodes, as libstdc++'s `regex_compiler.tcc` does.
//!
//! The nodes are inserted in the same order and number as there, so that the limit on their number,
//! which Nix reports as "memory limit exceeded by regular expression", is met by the same patterns.
//! The fragments of one expression lie next to one another in the list, which is how the extent of a
//! repetition's body is known. Open groups are kept on a stack of our own: the depth of a pattern
//! costs no stack of the machine.

use super::RegexError;
use super::bracket::{self, Set};
use super::scan::{Scanner, Token};

/// How many nodes a pattern may have once its counts are written out: libstdc++'s
/// `_GLIBCXX_REGEX_STATE_LIMIT`.
pub(super) const NODE_LIMIT: usize = 100_000;

/// The link of a node that has no successor yet.
pub(super) const NOWHERE: u32 = u32::MAX;

/// What a node does before it goes on to [`Node::next`].
#[derive(Clone, Copy, Debug)]
pub(super) enum Op {
    /// Takes this byte.
    Byte(u8),
    /// Takes any byte but NUL.
    Any,
    /// Takes a byte of the set with this number.
    Set(u32),
    /// Tries [`Node::alt`], the left side of a `|`, and `next`, the right one.
    Split,
    /// Tries `alt`, the body once more, and when nothing comes of it `next`.
    Repeat(Repeat),
    /// Begins a group.
    Open(u32),
    /// Ends a group.
    Close(u32),
    /// Passes at the beginning of the text.
    TextStart,
    /// Passes at the end of the text.
    TextEnd,
    /// Does nothing; gone once the graph is finished.
    Join,
    /// A match.
    Accept,
}

/// The facts about a repetition.
#[derive(Clone, Copy, Debug)]
pub(super) struct Repeat {
    /// Whether the body leads back here, as with `*`, `+` and `{2,}`, but not `?`.
    pub(super) endless: bool,
    /// Whether the body can match nothing.
    pub(super) empty: bool,
    /// The first node of the body in the list.
    pub(super) body: u32,
    /// What one pass through the body adds to the key of the [engine](super::run); 0: passes are
    /// not counted.
    pub(super) weight: u32,
    /// Whether no other counted repetition contains this one.
    pub(super) outermost: bool,
}

/// A node of the graph.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    /// What it does.
    pub(super) op: Op,
    /// Where it goes on.
    pub(super) next: u32,
    /// Where [`Op::Split`] and [`Op::Repeat`] go first.
    pub(super) alt: u32,
}

/// What a pattern says.
#[derive(Debug)]
pub(super) struct Graph {
    /// All nodes, also those that nothing leads to.
    pub(super) nodes: Vec<Node>,
    /// The bracket expressions.
    pub(super) sets: Vec<Set>,
    /// Where to begin.
    pub(super) start: u32,
    /// The number of groups.
    pub(super) groups: u32,
}

/// A fragment of the graph with one way in and one way out.
#[derive(Clone, Copy, Debug)]
struct Fragment {
    start: u32,
    end: u32,
    /// The first of its nodes in the list.
    first: u32,
    /// Whether it can match nothing.
    empty: bool,
}

/// A group, or the whole pattern, whose end has not been seen.
#[derive(Debug)]
struct Pending {
    open: Fragment,
    group: u32,
    /// What stands left of the last `|`.
    left: Option<Fragment>,
    /// What stands right of it, so far.
    sequence: Option<Fragment>,
}

struct Parser<'p> {
    scanner: Scanner<'p>,
    token: Token<'p>,
    nodes: Vec<Node>,
    sets: Vec<Set>,
    groups: u32,
}

/// Reads a pattern.
pub(super) fn parse(pattern: &[u8]) -> Result<Graph, RegexError> {
    let mut scanner = Scanner::new(pattern);
    let token = scanner.next()?;
    let nodes = Vec::with_capacity(pattern.len().saturating_add(4).min(NODE_LIMIT));
    let mut parser = Parser { scanner, token, nodes, sets: Vec::new(), groups: 0 };
    let start = parser.whole()?;
    let Parser { nodes, sets, groups, .. } = parser;
    Ok(Graph { nodes, sets, start, groups })
}

const fn refuse<T>(why: &'static str) -> Result<T, RegexError> {
    Err(RegexError::Syntax { why })
}

impl Parser<'_> {
    fn advance(&mut self) -> Result<(), RegexError> {
        self.token = self.scanner.next()?;
        Ok(())
    }

    fn whole(&mut self) -> Result<u32, RegexError> {
        // The whole match is group 0 of libstdc++; here it needs no nodes, but they count.
        let open = self.fragment(Op::Join, true)?;
        let mut outer: Vec<Pending> = Vec::new();
        let mut here = Pending { open, group: 0, left: None, sequence: None };
        loop {
            let token = self.token;
            let fragment = match token {
                Token::Eof if outer.is_empty() => break,
                Token::Eof => return refuse("a `(` is not closed by a `)`"),
                Token::Or => {
                    self.advance()?;
                    here.left = Some(self.alternatives(here.left, here.sequence)?);
                    here.sequence = None;
                    continue;
                }
                Token::Open => {
                    self.advance()?;
                    let group = self.groups;
                    self.groups = self.groups.saturating_add(1);
                    let open = self.fragment(Op::Open(group), true)?;
                    outer.push(here);
                    here = Pending { open, group, left: None, sequence: None };
                    continue;
                }
                Token::Close => {
                    let Some(parent) = outer.pop() else {
                        return refuse("a `)` has no `(` before it");
                    };
                    let body = self.alternatives(here.left, here.sequence)?;
                    self.advance()?;
                    let close = self.fragment(Op::Close(here.group), true)?;
                    let group = self.join(here.open, body);
                    let group = self.join(group, close);
                    here = parent;
                    self.repetitions(group)?
                }
                Token::LineStart => {
                    self.advance()?;
                    self.fragment(Op::TextStart, true)?
                }
                Token::LineEnd => {
                    self.advance()?;
                    self.fragment(Op::TextEnd, true)?
                }
                Token::Any => self.character(Op::Any)?,
                Token::Byte(byte) => self.character(Op::Byte(byte))?,
                Token::Bracket { negated } => {
                    self.advance()?;
                    let set = self.bracket(negated)?;
                    let number = u32::try_from(self.sets.len()).unwrap_or(NOWHERE);
                    self.sets.push(set);
                    let fragment = self.fragment(Op::Set(number), false)?;
                    self.repetitions(fragment)?
                }
                _ => {
                    return refuse(
                        "there is nothing to repeat before a `*`, `+`, `?` or `{`; write `\\*` for the character",
                    );
                }
            };
            here.sequence = Some(match here.sequence {
                Some(before) => self.join(before, fragment),
                None => fragment,
            });
        }
        let body = self.alternatives(here.left, here.sequence)?;
        let whole = self.join(here.open, body);
        let end = self.fragment(Op::Join, true)?;
        let whole = self.join(whole, end);
        let accept = self.fragment(Op::Accept, true)?;
        Ok(self.join(whole, accept).start)
    }

    fn character(&mut self, op: Op) -> Result<Fragment, RegexError> {
        self.advance()?;
        let fragment = self.fragment(op, false)?;
        self.repetitions(fragment)
    }

    /// Finishes one side of a `|`, or what has none, and joins it with what stands left of it.
    fn alternatives(
        &mut self,
        left: Option<Fragment>,
        sequence: Option<Fragment>,
    ) -> Result<Fragment, RegexError> {
        let end = self.fragment(Op::Join, true)?;
        let right = match sequence {
            Some(sequence) => self.join(sequence, end),
            None => end,
        };
        let Some(left) = left else { return Ok(right) };
        let end = self.fragment(Op::Join, true)?.start;
        self.link(left.end, end);
        self.link(right.end, end);
        let start = self.insert(Node { op: Op::Split, next: right.start, alt: left.start })?;
        Ok(Fragment { start, end, first: left.first, empty: left.empty || right.empty })
    }

    fn repetitions(&mut self, mut fragment: Fragment) -> Result<Fragment, RegexError> {
        loop {
            fragment = match self.token {
                Token::Star => {
                    self.advance()?;
                    let repeat = self.repeat(fragment, true, NOWHERE)?;
                    self.link(fragment.end, repeat);
                    Fragment { start: repeat, end: repeat, first: fragment.first, empty: true }
                }
                Token::Plus => {
                    self.advance()?;
                    let repeat = self.repeat(fragment, true, NOWHERE)?;
                    self.link(fragment.end, repeat);
                    Fragment { end: repeat, ..fragment }
                }
                Token::Optional => {
                    self.advance()?;
                    let end = self.fragment(Op::Join, true)?.start;
                    let repeat = self.repeat(fragment, false, end)?;
                    self.link(fragment.end, end);
                    Fragment { start: repeat, end, first: fragment.first, empty: true }
                }
                Token::Brace => {
                    self.advance()?;
                    self.counted(fragment)?
                }
                _ => return Ok(fragment),
            };
        }
    }

    fn repeat(&mut self, body: Fragment, endless: bool, next: u32) -> Result<u32, RegexError> {
        let op = Op::Repeat(Repeat {
            endless,
            empty: body.empty,
            body: body.first,
            weight: 0,
            outermost: false,
        });
        self.insert(Node { op, next, alt: body.start })
    }

    fn counted(&mut self, fragment: Fragment) -> Result<Fragment, RegexError> {
        let malformed = "a count is written `{2}`, `{2,}` or `{2,3}`";
        let Token::Count(digits) = self.token else { return refuse(malformed) };
        self.advance()?;
        let mut whole = self.fragment(Op::Join, true)?;
        let least = number(digits);
        let mut most = Some(least);
        if self.token == Token::Comma {
            self.advance()?;
            most = None;
            if let Token::Count(digits) = self.token {
                self.advance()?;
                most = Some(number(digits));
            }
        }
        if self.token != Token::BraceEnd {
            return refuse(malformed);
        }
        self.advance()?;
        let empty = fragment.empty || least == 0;
        let copied = Copied::of(&self.nodes, fragment);
        for _ in 0..least {
            let copy = self.copy(&copied, fragment)?;
            whole = self.join(whole, copy);
        }
        if let Some(most) = most {
            let Some(optional) = most.checked_sub(least) else {
                return refuse("the first number of a count is larger than the second");
            };
            let end = self.fragment(Op::Join, true)?;
            for _ in 0..optional {
                let copy = self.copy(&copied, fragment)?;
                let repeat = self.repeat(copy, false, end.start)?;
                whole = self.join(whole, Fragment { start: repeat, ..copy });
            }
            whole = self.join(whole, end);
        } else {
            let copy = self.copy(&copied, fragment)?;
            let repeat = self.repeat(copy, true, NOWHERE)?;
            self.link(copy.end, repeat);
            let tail = Fragment { start: repeat, end: repeat, ..copy };
            whole = self.join(whole, tail);
        }
        Ok(Fragment { first: fragment.first, empty, ..whole })
    }

    fn copy(&mut self, copied: &Copied, fragment: Fragment) -> Result<Fragment, RegexError> {
        let base = self.position();
        let moved = |link: u32| match copied.rank(link) {
            Some(rank) if link != NOWHERE => base.saturating_add(rank),
            _ => NOWHERE,
        };
        for node in &copied.nodes {
            let mut node = Node { op: node.op, next: moved(node.next), alt: moved(node.alt) };
            if let Op::Repeat(repeat) = &mut node.op {
                repeat.body = moved(repeat.body);
            }
            self.insert(node)?;
        }
        let (start, end) = (moved(fragment.start), moved(fragment.end));
        Ok(Fragment { start, end, first: base, empty: fragment.empty })
    }

    fn bracket(&mut self, negated: bool) -> Result<Set, RegexError> {
        let mut reader = bracket::Reader::new();
        loop {
            let token = self.token;
            if token == Token::Eof {
                return refuse("a `[` is not closed by a `]`");
            }
            self.advance()?;
            if reader.take(token, self.token == Token::BracketEnd)? {
                return Ok(reader.finish(negated));
            }
        }
    }

    fn position(&self) -> u32 {
        u32::try_from(self.nodes.len()).unwrap_or(NOWHERE)
    }

    fn insert(&mut self, node: Node) -> Result<u32, RegexError> {
        let position = self.position();
        self.nodes.push(node);
        if self.nodes.len() > NODE_LIMIT { Err(RegexError::TooBig) } else { Ok(position) }
    }

    fn fragment(&mut self, op: Op, empty: bool) -> Result<Fragment, RegexError> {
        let at = self.insert(Node { op, next: NOWHERE, alt: NOWHERE })?;
        Ok(Fragment { start: at, end: at, first: at, empty })
    }

    fn link(&mut self, from: u32, to: u32) {
        if let Some(node) = self.nodes.get_mut(from as usize) {
            node.next = to;
        }
    }

    fn join(&mut self, before: Fragment, after: Fragment) -> Fragment {
        self.link(before.end, after.start);
        Fragment { end: after.end, empty: before.empty && after.empty, ..before }
    }
}

/// The nodes of a fragment that something leads to, which is what `_StateSeq::_M_clone` copies.
struct Copied {
    nodes: Vec<Node>,
    first: u32,
    /// For each node from `first` on, how many nodes before it are copied.
    ranks: Vec<u32>,
}

impl Copied {
    fn of(nodes: &[Node], fragment: Fragment) -> Self {
        let range = nodes.get(fragment.first as usize..).unwrap_or_default();
        let mut reached = vec![false; range.len()];
        let mut todo = vec![fragment.start];
        while let Some(at) = todo.pop() {
            let offset = at.wrapping_sub(fragment.first) as usize;
            let (Some(node), Some(seen)) = (range.get(offset), reached.get_mut(offset)) else {
                continue;
            };
            if !std::mem::replace(seen, true) {
                todo.push(node.alt);
                if at != fragment.end {
                    todo.push(node.next);
                }
            }
        }
        let mut copied = Vec::new();
        let mut ranks = Vec::with_capacity(range.len());
        for (node, reached) in range.iter().zip(reached) {
            ranks.push(u32::try_from(copied.len()).unwrap_or(NOWHERE));
            if reached {
                copied.push(*node);
            }
        }
        Self { nodes: copied, first: fragment.first, ranks }
    }

    fn rank(&self, at: u32) -> Option<u32> {
        self.ranks.get(at.checked_sub(self.first)? as usize).copied()
    }
}

/// Reads the digits of a count. One that no pattern can afford is cut off at the limit, where
/// libstdc++ overflows.
fn number(digits: &[u8]) -> usize {
    digits.iter().fold(0_usize, |value, digit| {
        value.saturating_mul(10).saturating_add(usize::from(digit.wrapping_sub(b'0')))
    })
}

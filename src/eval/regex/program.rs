//! Makes a [`Graph`] ready to run: drops what nothing leads to and numbers what the
//! [engine](super::run) remembers.

use super::RegexError;
use super::bracket::Set;
use super::parse::{Graph, NOWHERE, Node, Op, Repeat};

/// How many repetitions whose body can match nothing may stand within one another, or side by side
/// within one.
///
/// libstdc++ lets each of them pass twice at one position, so that `n` of them give 3ⁿ situations
/// to tell apart.
const COUNTED_LIMIT: usize = 6;

/// How many values the engine may have to remember for one position of the text.
const MEMORY_LIMIT: usize = 1_000_000;

/// A finished pattern.
#[derive(Debug)]
pub(super) struct Program {
    nodes: Vec<Node>,
    /// For each node, where its remembered values begin.
    memory: Vec<u32>,
    sets: Vec<Set>,
    /// Where to begin.
    pub(super) start: u32,
    /// The number of groups.
    pub(super) groups: usize,
    /// How many values there are to remember in all.
    pub(super) remembered: usize,
    /// The bytes a match can begin with; none when it may be empty.
    pub(super) first: Option<Set>,
    /// Whether the empty string matches anywhere.
    pub(super) empty: bool,
}

impl Program {
    /// Finishes a graph.
    pub(super) fn new(graph: Graph) -> Result<Self, RegexError> {
        let Graph { mut nodes, sets, start, groups } = graph;
        skip_joins(&mut nodes);
        let start = target(&nodes, start);
        let (mut nodes, start) = compact(&nodes, start);
        let keys = count(&mut nodes)?;
        let mut memory = Vec::with_capacity(nodes.len());
        let mut remembered: usize = 0;
        for (node, keys) in nodes.iter().zip(keys) {
            memory.push(u32::try_from(remembered).unwrap_or(NOWHERE));
            if matches!(node.op, Op::Split | Op::Repeat(_)) {
                remembered = remembered.saturating_add(keys);
            }
        }
        if remembered > MEMORY_LIMIT {
            return Err(RegexError::TooBig);
        }
        let groups = groups as usize;
        let mut program =
            Self { nodes, memory, sets, start, groups, remembered, first: None, empty: false };
        (program.first, program.empty) = program.beginnings();
        Ok(program)
    }

    /// Gives a node; one that does not exist leads nowhere.
    pub(super) fn node(&self, at: u32) -> Node {
        const NONE: Node = Node { op: Op::Join, next: NOWHERE, alt: NOWHERE };
        self.nodes.get(at as usize).copied().unwrap_or(NONE)
    }

    /// The number of nodes.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Where the value of a node under a key is remembered.
    pub(super) fn memory(&self, at: u32, key: u32) -> usize {
        let base = self.memory.get(at as usize).copied().unwrap_or(NOWHERE);
        base.saturating_add(key) as usize
    }

    /// Whether a node takes a byte.
    pub(super) fn takes(&self, op: Op, byte: u8) -> bool {
        match op {
            Op::Byte(wanted) => wanted == byte,
            Op::Any => byte != 0,
            Op::Set(set) => self.sets.get(set as usize).is_some_and(|set| set.has(byte)),
            _ => false,
        }
    }

    /// The only text the pattern matches, when it is that simple.
    pub(super) fn literal(&self) -> Option<Vec<u8>> {
        let mut literal = Vec::new();
        let mut at = self.start;
        loop {
            let node = self.node(at);
            match node.op {
                Op::Byte(byte) => literal.push(byte),
                Op::Accept => return Some(literal),
                _ => return None,
            }
            at = node.next;
        }
    }

    fn beginnings(&self) -> (Option<Set>, bool) {
        let mut first = Set::default();
        let (mut accepts, mut plainly) = (false, false);
        // Anchors are passed in the second round only: what the first one reaches needs none.
        for anchors in [false, true] {
            let mut seen = vec![false; self.nodes.len()];
            let mut todo = vec![self.start];
            while let Some(at) = todo.pop() {
                match seen.get_mut(at as usize) {
                    Some(seen) if !*seen => *seen = true,
                    _ => continue,
                }
                let node = self.node(at);
                match node.op {
                    Op::Byte(_) | Op::Any | Op::Set(_) => {
                        for byte in 0..=u8::MAX {
                            if self.takes(node.op, byte) {
                                first.insert(byte);
                            }
                        }
                    }
                    Op::Split | Op::Repeat(_) => todo.extend([node.next, node.alt]),
                    Op::TextStart | Op::TextEnd if !anchors => {}
                    Op::Accept => (accepts, plainly) = (true, plainly || !anchors),
                    _ => todo.push(node.next),
                }
            }
        }
        ((!accepts).then_some(first), plainly)
    }
}

fn target(nodes: &[Node], mut at: u32) -> u32 {
    while let Some(node) = nodes.get(at as usize)
        && matches!(node.op, Op::Join)
    {
        at = node.next;
    }
    at
}

/// Leads every link past the joins, which otherwise form chains as long as a pattern has empty
/// alternatives.
fn skip_joins(nodes: &mut [Node]) {
    for at in (0..nodes.len()).rev() {
        let Some(node) = nodes.get(at).copied() else { continue };
        let next = target(nodes, node.next);
        let alt = target(nodes, node.alt);
        if let Some(node) = nodes.get_mut(at) {
            (node.next, node.alt) = (next, alt);
        }
    }
}

/// Keeps what something leads to, in its order.
fn compact(nodes: &[Node], start: u32) -> (Vec<Node>, u32) {
    let mut reached = vec![false; nodes.len()];
    let mut todo = vec![start];
    while let Some(at) = todo.pop() {
        if let (Some(node), Some(seen)) = (nodes.get(at as usize), reached.get_mut(at as usize))
            && !std::mem::replace(seen, true)
        {
            todo.extend([node.next, node.alt]);
        }
    }
    let mut ranks = Vec::with_capacity(nodes.len());
    let mut kept: u32 = 0;
    for reached in &reached {
        ranks.push(kept);
        kept = kept.saturating_add(u32::from(*reached));
    }
    let moved = |at: u32| ranks.get(at as usize).copied().unwrap_or(NOWHERE);
    let moved_node = |node: &Node| {
        let op = match node.op {
            Op::Repeat(repeat) => Op::Repeat(Repeat { body: moved(repeat.body), ..repeat }),
            op => op,
        };
        Node { op, next: moved(node.next), alt: moved(node.alt) }
    };
    let kept = nodes.iter().zip(&reached).filter(|(_, reached)| **reached);
    (kept.map(|(node, _)| moved_node(node)).collect(), moved(start))
}

/// Gives each repetition that can pass its body without taking a byte, and do so again, its weight,
/// and tells how many keys each node can meet.
///
/// Only within an endless repetition of something that may be empty is a node met twice at one
/// position. Inside the outermost one the passes are counted in base 3; outside of it the key is 0.
fn count(nodes: &mut [Node]) -> Result<Vec<usize>, RegexError> {
    let mut keys = vec![1; nodes.len()];
    let mut end = nodes.len();
    while let Some(at) = end.checked_sub(1) {
        end = at;
        let Some(Node { op: Op::Repeat(Repeat { endless: true, empty: true, body, .. }), .. }) =
            nodes.get(at)
        else {
            continue;
        };
        let body = *body as usize;
        let cluster = nodes.get_mut(body..=at).unwrap_or_default();
        let mut weight: u32 = 1;
        let mut counted: usize = 0;
        // The endless ones need a count, or nothing would stop them; the others get one as long as
        // there is room.
        for endless in [true, false] {
            for node in cluster.iter_mut().rev() {
                if let Op::Repeat(repeat) = &mut node.op
                    && repeat.empty
                    && repeat.endless == endless
                {
                    if counted < COUNTED_LIMIT {
                        repeat.weight = weight;
                        weight = weight.saturating_mul(3);
                        counted = counted.saturating_add(1);
                    } else if endless {
                        return Err(RegexError::TooBig);
                    }
                }
            }
        }
        if let Some(Node { op: Op::Repeat(repeat), .. }) = cluster.last_mut() {
            repeat.outermost = true;
        }
        keys.get_mut(body..=at).unwrap_or_default().fill(weight as usize);
        end = body;
    }
    Ok(keys)
}

//! Definitions: graphs of operations that BuildKit carries out, each named by the digest of its bytes.

use super::messages::{
    Action, Definition, FileAction, FileOp, Input, Kind, Op, OpMetadata, Owner, Platform, SourceOp,
    User, UserKind,
};
use crate::image::Digest;
use prost::Message as _;
use std::collections::BTreeMap;

/// The number of an input or output that is not there.
pub(super) const NONE: i64 = -1;

/// An operation of a [`Graph`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    digest: String,
}

/// What BuildKit is to do, in the order in which it can be done.
#[derive(Debug, Default)]
pub(super) struct Graph {
    ops: Vec<Vec<u8>>,
    metadata: BTreeMap<String, OpMetadata>,
    /// Whether everything is made anew.
    ignore_cache: bool,
}

impl Graph {
    /// A graph without operations; with `ignore_cache` all of them are carried out, known or not.
    pub(super) fn new(ignore_cache: bool) -> Self {
        Graph { ignore_cache, ..Graph::default() }
    }

    /// Adds an operation, which progress calls `name`.
    fn add(&mut self, op: &Op, name: &str, caps: &[&str]) -> Node {
        let bytes = op.encode_to_vec();
        let digest = Digest::of(&bytes).to_string();
        if !self.metadata.contains_key(&digest) {
            let description = BTreeMap::from([("llb.customname".to_owned(), name.to_owned())]);
            let caps = caps.iter().map(|cap| ((*cap).to_owned(), true)).collect();
            self.metadata.insert(
                digest.clone(),
                OpMetadata { ignore_cache: self.ignore_cache, description, caps },
            );
            self.ops.push(bytes);
        }
        Node { digest }
    }

    /// Files from elsewhere: of the client, or of an image.
    pub(super) fn source(
        &mut self,
        identifier: &str,
        attrs: BTreeMap<String, String>,
        platform: Option<Platform>,
        name: &str,
    ) -> Node {
        let source = SourceOp { identifier: identifier.to_owned(), attrs };
        let op = Op { kind: Some(Kind::Source(source)), platform, ..Op::default() };
        self.add(&op, name, &[])
    }

    /// Files made by some steps, which become one layer.
    pub(super) fn files(&mut self, steps: Steps, name: &str) -> Node {
        let inputs = steps.inputs.into_iter().map(|node| Input { digest: node.digest, index: 0 });
        let actions = steps.actions;
        let op = Op {
            inputs: inputs.collect(),
            kind: Some(Kind::File(FileOp { actions })),
            ..Op::default()
        };
        self.add(&op, name, &["file.base"])
    }

    /// The definition of what a node makes.
    pub(super) fn definition(mut self, node: &Node) -> Definition {
        let input = Input { digest: node.digest.clone(), index: 0 };
        let last = Op { inputs: vec![input], ..Op::default() };
        self.ops.push(last.encode_to_vec());
        Definition { def: self.ops, metadata: self.metadata }
    }
}

/// Steps that change files one after another. The numbers of steps come after those of inputs, so they are given when all
/// inputs are known.
#[derive(Debug, Default)]
pub(super) struct Steps {
    inputs: Vec<Node>,
    /// What the first step starts with: its number among the inputs.
    start: Option<usize>,
    actions: Vec<FileAction>,
    /// The number of the input that each step copies from.
    sources: Vec<Option<usize>>,
}

impl Steps {
    /// Steps that begin with the files of a node, or with none.
    pub(super) fn on(node: Option<&Node>) -> Self {
        let mut steps = Steps::default();
        steps.start = node.map(|node| steps.input(node));
        steps
    }

    fn input(&mut self, node: &Node) -> usize {
        match self.inputs.iter().position(|known| known == node) {
            Some(known) => known,
            None => {
                self.inputs.push(node.clone());
                self.inputs.len() - 1
            }
        }
    }

    /// Adds a step; what it copies comes from `source`.
    pub(super) fn then(&mut self, source: Option<&Node>, action: Action) {
        let source = source.map(|node| self.input(node));
        self.sources.push(source);
        let action = Some(action);
        self.actions.push(FileAction { input: NONE, secondary_input: NONE, output: NONE, action });
    }

    /// Whether there is no step.
    pub(super) fn is_empty(&self) -> bool {
        self.actions.is_empty()
    }

    /// The same with every step numbered: each changes what the one before it has made, and the last one is the result.
    pub(super) fn done(mut self) -> Self {
        let number = |index: usize| i64::try_from(index).unwrap_or(NONE);
        let (first, count) = (self.inputs.len(), self.actions.len());
        for (index, (action, source)) in self.actions.iter_mut().zip(&self.sources).enumerate() {
            action.input = match index.checked_sub(1) {
                None => self.start.map_or(NONE, number),
                Some(before) => number(first + before),
            };
            action.secondary_input = source.map_or(NONE, number);
            action.output = if index + 1 == count { 0 } else { NONE };
        }
        self
    }
}

/// The owner of a file. That it is root has to be said: what is not said is as in the source.
pub(super) fn owner(uid: u64, gid: u64) -> Owner {
    let user = |id: u64| {
        let id = u32::try_from(id).unwrap_or(u32::MAX);
        Some(User { user: Some(UserKind::ById(id)) })
    };
    Owner { user: user(uid), group: user(gid) }
}

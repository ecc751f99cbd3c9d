//! Which names of a tree are one file: hard links.

use super::{Content, Node, Origin};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What makes two names one file: the bytes in an archive, and whose they are.
///
/// Names of one file of this machine are files of their own: whether two files of a folder are linked is an accident of
/// the machine, as in a Nix store that is optimised.
type Identity = (usize, u64, u32, u64, u64);

fn identity(node: &Node) -> Option<Identity> {
    match &node.content {
        Content::File { source: Origin::Part(part), .. } => {
            let file = Arc::as_ptr(&part.file) as usize;
            Some((file, part.start, node.mode, node.uid, node.gid))
        }
        _ => None,
    }
}

/// The files of a tree that have several names.
#[derive(Debug, Default)]
pub(super) struct Links<T> {
    /// By identity, of which only equality counts: where the file is, and how many of its names have been seen.
    known: BTreeMap<Identity, (T, u32)>,
}

impl<T: Copy> Links<T> {
    pub(super) fn new() -> Self {
        Links { known: BTreeMap::new() }
    }

    /// Counts a name of a file: gives what the first name was noted with, if there was one before, else notes this one.
    pub(super) fn note(&mut self, node: &Node, first: T) -> Option<T> {
        let (known, count) = self.known.entry(identity(node)?).or_insert((first, 0));
        *count += 1;
        (*count > 1).then_some(*known)
    }

    /// How many names of a file have been counted.
    pub(super) fn count(&self, node: &Node) -> u32 {
        identity(node).and_then(|identity| self.known.get(&identity)).map_or(1, |(_, count)| *count)
    }
}

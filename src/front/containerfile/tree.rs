//! The files of a stage: what is put into it, in order, over the image that it is built on.

use super::context::{Context, is_absent};
use super::paths::{Names, below, path};
use crate::recipe::Place;
use crate::recipe::draft::{FileDraft, SourceDraft};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::rc::Rc;

/// What something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symlink.
    Symlink,
}

/// Something that is at a path, and can be put at another one.
#[derive(Debug, Clone)]
pub(super) struct Item<'w> {
    pub shape: Shape,
    pub source: Source<'w>,
    /// The mode that the file gives it.
    pub mode: Option<u32>,
    /// The owner that the file gives it.
    pub owner: Option<(u64, u64)>,
}

/// What an item is made of.
#[derive(Debug, Clone)]
pub(super) enum Source<'w> {
    /// What a context has at a path, with everything below it.
    At(Rc<Context<'w>>, Names),
    /// A file with these bytes.
    Bytes(Vec<u8>),
    /// A symlink with this target.
    Symlink(Vec<u8>),
    /// A folder alone.
    Folder,
}

/// An item in its place.
#[derive(Debug, Clone)]
pub(super) struct Entry<'w> {
    pub item: Item<'w>,
    pub at: Names,
    pub place: Place,
}

/// The files of a stage, or of a context.
#[derive(Debug, Clone)]
pub(super) struct Tree<'w> {
    /// What is there before anything is put into it.
    base: Option<Rc<Context<'w>>>,
    entries: Vec<Entry<'w>>,
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, Default)]
struct Node {
    children: BTreeMap<Vec<u8>, usize>,
    /// What is put at exactly this path.
    entries: Vec<usize>,
}

/// A node on the way to a path, and the names that are left from there.
type Step<'t, 'n> = (&'t Node, &'n [Vec<u8>]);

/// The number of an item, the item, and the names below it.
type Candidate<'t, 'w, 'n> = (usize, &'t Item<'w>, &'n [Vec<u8>]);

/// Why a path cannot be looked up.
#[derive(Debug)]
pub(super) enum Lost {
    /// This symlink leads out of the folder of the context.
    Outside(Names),
    /// Symlinks lead in a circle.
    Loop,
    /// This is a file, and the path goes on behind it.
    NotAFolder(Names),
    /// This cannot be looked at.
    Io(PathBuf, io::Error),
}

impl<'w> Item<'w> {
    /// Something without a mode and an owner of its own.
    pub fn new(shape: Shape, source: Source<'w>) -> Self {
        Self { shape, source, mode: None, owner: None }
    }

    /// A folder with nothing in it.
    pub fn folder() -> Self {
        Self::new(Shape::Folder, Source::Folder)
    }

    /// Whether it is of a folder of this machine, whose owners and modes do not count.
    pub fn is_of_machine(&self) -> bool {
        matches!(&self.source, Source::At(context, _) if context.is_of_machine())
    }

    /// Whether nothing is left of an earlier item at the same path.
    fn replaces(&self, earlier: &Self) -> bool {
        match (&self.source, &earlier.source) {
            _ if self.shape != Shape::Folder => true,
            (Source::At(own, at), Source::At(context, names)) => {
                Rc::ptr_eq(own, context) && at == names
            }
            (_, Source::At(..)) => false,
            _ => true,
        }
    }

    /// The target of a symlink.
    pub fn target(&self) -> Result<Vec<u8>, Lost> {
        match &self.source {
            Source::Symlink(target) => Ok(target.clone()),
            Source::At(context, names) => {
                context.target(names).map_err(|error| Lost::Io(context.path(names), error))
            }
            Source::Bytes(_) | Source::Folder => Ok(Vec::new()),
        }
    }

    /// What is at a path below, by this item alone.
    fn below(&self, rest: &[Vec<u8>]) -> Result<Option<Self>, Lost> {
        if rest.is_empty() {
            return Ok(Some(self.clone()));
        }
        let (Source::At(context, names), Shape::Folder) = (&self.source, self.shape) else {
            return Ok(None);
        };
        let names = below(names, rest);
        let shape = context.look(&names).map_err(|error| Lost::Io(context.path(&names), error))?;
        let source = Source::At(Rc::clone(context), names);
        Ok(shape.map(|shape| Self { shape, source, ..self.clone() }))
    }
}

impl Entry<'_> {
    fn draft(self) -> FileDraft {
        let Item { shape, source, mode, owner } = self.item;
        let source = match source {
            Source::At(context, names) => context.draft(&names),
            Source::Bytes(bytes) => SourceDraft::Bytes(bytes),
            Source::Symlink(target) => SourceDraft::Symlink(target),
            Source::Folder => SourceDraft::Folder,
        };
        let mut destination = path(&self.at);
        // What is in a folder goes to the root, as args.nix has it.
        if self.at.is_empty() && shape == Shape::Folder {
            destination.push(b'.');
        }
        FileDraft { source, destination, mode, owner, replaces: true, place: self.place }
    }
}

impl Default for Tree<'_> {
    fn default() -> Self {
        Self { base: None, entries: Vec::new(), nodes: vec![Node::default()] }
    }
}

impl<'w> Tree<'w> {
    /// The files of a context.
    pub fn of(context: Rc<Context<'w>>) -> Self {
        Self { base: Some(context), ..Self::default() }
    }

    /// What is put into it, in order.
    pub fn files(self) -> Vec<FileDraft> {
        self.entries.into_iter().map(Entry::draft).collect()
    }

    /// How much is put into it.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether symlinks can lead out of it.
    pub fn is_of_machine(&self) -> bool {
        self.base.as_ref().is_some_and(|context| context.is_of_machine())
    }

    /// Says that a path will be asked for.
    pub fn announce(&self, path: &Names) {
        if let Some(context) = &self.base {
            context.announce(path);
        }
    }

    /// Puts something at its place.
    pub fn add(&mut self, entry: Entry<'w>) {
        let mut at = 0;
        for name in &entry.at {
            let fresh = self.nodes.len();
            let Some(node) = self.nodes.get_mut(at) else { return };
            at = *node.children.entry(name.clone()).or_insert(fresh);
            if at == fresh {
                self.nodes.push(Node::default());
            }
        }
        let index = self.entries.len();
        let (entries, Some(node)) = (&mut self.entries, self.nodes.get_mut(at)) else { return };
        // What is replaced as a whole need not be looked at any more.
        node.entries.retain(|&earlier| {
            entries.get(earlier).is_some_and(|earlier| !entry.item.replaces(&earlier.item))
        });
        node.entries.push(index);
        entries.push(entry);
    }

    /// The base as an item of the root.
    fn base(&self) -> Option<Item<'w>> {
        let context = self.base.clone()?;
        Some(Item::new(Shape::Folder, Source::At(context, Names::new())))
    }

    /// The nodes on the way to a path, the root first, each with the names that are left; and the node of the path.
    fn way<'t, 'n>(&'t self, names: &'n [Vec<u8>]) -> (Vec<Step<'t, 'n>>, Option<&'t Node>) {
        let mut way = Vec::new();
        let mut node = self.nodes.first();
        let mut rest = names;
        while let Some(here) = node {
            way.push((here, rest));
            let Some((name, left)) = rest.split_first() else { return (way, Some(here)) };
            rest = left;
            node = here.children.get(name).and_then(|&child| self.nodes.get(child));
        }
        (way, None)
    }

    /// The items that may have something at the end of a way, the last one first, each with the names below it.
    fn candidates<'t, 'n>(&'t self, way: &[Step<'t, 'n>]) -> Vec<Candidate<'t, 'w, 'n>> {
        let of = |&(node, rest): &Step<'_, 'n>| {
            let items = node
                .entries
                .iter()
                .filter_map(|&index| Some((index, &self.entries.get(index)?.item, rest)));
            items.collect::<Vec<_>>()
        };
        let mut candidates: Vec<_> = way.iter().flat_map(of).collect();
        candidates.sort_by_key(|&(index, ..)| std::cmp::Reverse(index));
        candidates
    }

    /// What is at a path; symlinks are not followed.
    pub fn look(&self, names: &[Vec<u8>]) -> Result<Option<Item<'w>>, Lost> {
        let (way, node) = self.way(names);
        for (_, item, rest) in self.candidates(&way) {
            if let Some(found) = item.below(rest)? {
                return Ok(Some(found));
            }
        }
        if let Some(base) = self.base()
            && let Some(found) = base.below(names)?
        {
            return Ok(Some(found));
        }
        // The root is there, even when nothing is in it.
        let is_folder = names.is_empty() || node.is_some_and(|node| !node.children.is_empty());
        Ok(is_folder.then(Item::folder))
    }

    /// The names in a folder.
    pub fn list(&self, names: &[Vec<u8>]) -> Result<BTreeSet<Vec<u8>>, Lost> {
        let mut listed = BTreeSet::new();
        let (way, node) = self.way(names);
        listed.extend(node.into_iter().flat_map(|node| node.children.keys().cloned()));
        let base = self.base();
        let items = self.candidates(&way).into_iter().map(|(_, item, rest)| (item, rest));
        for (item, rest) in items.chain(base.iter().map(|base| (base, names))) {
            let (Source::At(context, top), Shape::Folder) = (&item.source, item.shape) else {
                continue;
            };
            let folder = below(top, rest);
            match context.names(&folder) {
                Ok(names) => listed.extend(names),
                Err(error) if is_absent(&error) => {}
                Err(error) => return Err(Lost::Io(context.path(&folder), error)),
            }
        }
        Ok(listed)
    }

    /// What a folder is made of, in order, each with its names below the folder.
    pub fn content(&self, names: &[Vec<u8>]) -> Result<Vec<(Names, Item<'w>)>, Lost> {
        let mut found: Vec<(Option<usize>, Names, Item<'w>)> = Vec::new();
        let base = self.base();
        let (way, node) = self.way(names);
        let candidates = self.candidates(&way);
        let above = candidates.iter().map(|&(index, item, rest)| (Some(index), item, rest));
        for (index, item, rest) in above.chain(base.iter().map(|base| (None, base, names))) {
            if let Some(item) = item.below(rest)?
                && item.shape == Shape::Folder
            {
                found.push((index, Names::new(), item));
            }
        }
        let mut waiting: Vec<(&Node, Names)> = Vec::new();
        waiting.extend(node.map(|node| (node, Names::new())));
        while let Some((node, folder)) = waiting.pop() {
            for (name, &child) in &node.children {
                let Some(child) = self.nodes.get(child) else { continue };
                let names = below(&folder, std::slice::from_ref(name));
                for &index in &child.entries {
                    let Some(entry) = self.entries.get(index) else { continue };
                    found.push((Some(index), names.clone(), entry.item.clone()));
                }
                waiting.push((child, names));
            }
        }
        found.sort_by_key(|&(index, ..)| index);
        Ok(found.into_iter().map(|(_, names, item)| (names, item)).collect())
    }
}

//! File trees: what will be in an image before it is written, and what is in one that is read.
//!
//! In: [`Request`]s, each a source on this machine and a destination in the image. Out: a [`Tree`],
//! sorted by path, in which every name has one meaning; or every [`Problem`] at once, each with the
//! request it belongs to. What always holds: parents come before what they hold, no path leaves the
//! image, no name is a whiteout, and of this machine come only regular files, folders and symlinks. File contents
//! are not read here. Of a tree for a guest [`cpio()`] makes an initrd and [`ext`](mod@ext) or [`fat`](mod@fat) a block image: [`Pieces`], which say where
//! the bytes are.

mod collect;
mod cpio;
mod fault;
mod links;
mod origin;
mod path;
mod pieces;
mod problem;
mod window;

pub mod ext;
pub mod fat;

pub use collect::collect;
pub use cpio::cpio;
pub use fault::{Fault, NameFault};
pub use origin::{Extent, Origin};
pub use path::{ImagePath, PathFault};
pub use pieces::{Piece, Pieces, Reader, numbers};
pub use problem::{Problem, words};
pub use window::Window;

use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::PathBuf;

/// What a file of the image is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file or folder on this machine. A symlink here is followed; below it, symlinks are kept.
    Path(PathBuf),
    /// A regular file with these bytes.
    Bytes(Vec<u8>),
    /// A symlink to this target.
    Symlink(Vec<u8>),
    /// A folder with nothing in it.
    Folder,
    /// What another image has at a path: the node there, and those below it, by their paths from there.
    Nodes(Node, Vec<(ImagePath, Node)>),
}

/// A source and where it goes.
#[derive(Debug, Clone)]
pub struct Request {
    /// What is put there.
    pub source: Source,
    /// The path in the image.
    pub destination: ImagePath,
    /// The mode of regular files, and of a folder that is made; absent, 0755 for folders and for what the owner may
    /// execute, and 0644 for the rest.
    pub mode: Option<u32>,
    /// The user and the group that everything from this source belongs to; absent, what comes from an image keeps
    /// its owner, and the rest belongs to root.
    pub owner: Option<(u64, u64)>,
    /// Whether it may replace what a request before it has put there. The folders below a source, and one that is made,
    /// give their owners and modes to those that are there in any case.
    pub replaces: bool,
}

/// What is at a path of the image. Files come from `S`: an [`Origin`] in a tree that is to be written, a place in a
/// layer in one that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content<S = Origin> {
    /// A folder.
    Directory,
    /// A regular file, and its size when it was looked at.
    File {
        /// Where it is read from.
        source: S,
        /// Its size in bytes.
        size: u64,
    },
    /// A regular file made here.
    Bytes(Vec<u8>),
    /// A symbolic link and its target, as it is written.
    Symlink(Vec<u8>),
    /// A device or FIFO.
    Special(Special),
}

/// A file that is a way to something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Special {
    /// A device of characters.
    Character(Device),
    /// A device of blocks.
    Block(Device),
    /// A FIFO.
    Fifo,
}

/// The number of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Device {
    /// Which driver.
    pub major: u32,
    /// Which device of its.
    pub minor: u32,
}

/// What is at a path of the image, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node<S = Origin> {
    /// What it is.
    pub content: Content<S>,
    /// Permission bits.
    pub mode: u32,
    /// Owner.
    pub uid: u64,
    /// Group.
    pub gid: u64,
}

impl<S> Content<S> {
    /// Whether it is a regular file.
    pub fn is_file(&self) -> bool {
        matches!(self, Content::File { .. } | Content::Bytes(_))
    }

    /// The same with a file from elsewhere.
    pub fn map<T>(&self, from: impl Fn(&S) -> T) -> Content<T> {
        match self {
            Content::Directory => Content::Directory,
            Content::File { source, size } => Content::File { source: from(source), size: *size },
            Content::Bytes(bytes) => Content::Bytes(bytes.clone()),
            Content::Symlink(target) => Content::Symlink(target.clone()),
            Content::Special(special) => Content::Special(*special),
        }
    }

    /// The mode of a file with these permissions: what it is, and who may do what, which a symlink does not say (inode(7)).
    pub fn mode_bits(&self, permissions: u32) -> u32 {
        let kind = match self {
            Content::Special(Special::Fifo) => 0o010_000,
            Content::Special(Special::Character(_)) => 0o020_000,
            Content::Directory => 0o040_000,
            Content::Special(Special::Block(_)) => 0o060_000,
            Content::File { .. } | Content::Bytes(_) => 0o100_000,
            Content::Symlink(_) => 0o120_000,
        };
        kind | if matches!(self, Content::Symlink(_)) { 0o777 } else { permissions }
    }
}

impl<S> Node<S> {
    /// A folder that only holds others.
    pub fn parent() -> Self {
        Node { content: Content::Directory, mode: 0o755, uid: 0, gid: 0 }
    }

    /// A regular file of root, made here.
    pub fn bytes(bytes: Vec<u8>) -> Self {
        Node { content: Content::Bytes(bytes), mode: 0o644, uid: 0, gid: 0 }
    }
}

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<'t, S> {
    /// Where it really is.
    pub path: ImagePath,
    /// What is there, which is never a symlink; none for a folder that is there only because of what is in it.
    pub node: Option<&'t Node<S>>,
}

/// Why a path leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lost {
    /// There is nothing of that name.
    Missing,
    /// A symlink on the way leads to nothing.
    Dangling,
    /// What it goes through, or asks to be a folder, is something else.
    NotAFolder(ImagePath),
    /// The symlinks never end.
    Loop,
    /// This symlink leads out of the image.
    Outside(ImagePath),
}

/// As many symlinks as Linux follows before it calls them a loop.
const MAX_LINKS: usize = 40;

/// The files of an image by path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree<S = Origin> {
    nodes: BTreeMap<ImagePath, Node<S>>,
}

impl<S> FromIterator<(ImagePath, Node<S>)> for Tree<S> {
    fn from_iter<I: IntoIterator<Item = (ImagePath, Node<S>)>>(nodes: I) -> Self {
        Tree { nodes: nodes.into_iter().collect() }
    }
}

impl<S> IntoIterator for Tree<S> {
    type Item = (ImagePath, Node<S>);
    type IntoIter = std::collections::btree_map::IntoIter<ImagePath, Node<S>>;

    fn into_iter(self) -> Self::IntoIter {
        self.nodes.into_iter()
    }
}

impl<S> Default for Tree<S> {
    fn default() -> Self {
        Tree { nodes: BTreeMap::new() }
    }
}

impl<S> Tree<S> {
    /// What stands at a path.
    pub fn get(&self, path: &ImagePath) -> Option<&Node<S>> {
        self.nodes.get(path)
    }

    /// What a path leads to, as the system looks it up: name by name from the root, symlinks followed inside
    /// of the image, `..` up to the root at most, and a slash at the end asks for a folder.
    ///
    /// # Errors
    /// Why it leads nowhere.
    pub fn walk(&self, path: &[u8]) -> Result<Found<'_, S>, Lost> {
        self.walk_by(path, true)
    }

    /// The same for somebody who is outside of the image, for whom absolute symlinks lead out of it.
    ///
    /// # Errors
    /// Why it leads nowhere in the image.
    pub fn walk_from_outside(&self, path: &[u8]) -> Result<Found<'_, S>, Lost> {
        self.walk_by(path, false)
    }

    fn walk_by(&self, path: &[u8], is_inside: bool) -> Result<Found<'_, S>, Lost> {
        let mut at = ImagePath::default();
        let mut names: Vec<&[u8]> = path.split(|&byte| byte == b'/').rev().collect();
        let mut links = 0;
        while let Some(name) = names.pop() {
            match self.get(&at) {
                Some(Node { content: Content::Directory, .. }) => {}
                Some(_) => return Err(Lost::NotAFolder(at)),
                None if self.has_below(&at) => {}
                None => return Err(if links == 0 { Lost::Missing } else { Lost::Dangling }),
            }
            match name {
                b"" | b"." => {}
                b".." => at = at.parent(),
                name => {
                    let Ok(next) = at.join(name) else { return Err(Lost::Missing) };
                    let Some(Node { content: Content::Symlink(target), .. }) = self.get(&next)
                    else {
                        at = next;
                        continue;
                    };
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(Lost::Loop);
                    }
                    if target.starts_with(b"/") {
                        if !is_inside {
                            return Err(Lost::Outside(next));
                        }
                        at = ImagePath::default();
                    }
                    names.extend(target.split(|&byte| byte == b'/').rev());
                }
            }
        }
        match self.get(&at) {
            Some(node) => Ok(Found { path: at, node: Some(node) }),
            None if self.has_below(&at) => Ok(Found { path: at, node: None }),
            None => Err(if links == 0 { Lost::Missing } else { Lost::Dangling }),
        }
    }

    /// Whether there is a folder at a path, be it only because something is in it.
    pub fn is_folder(&self, path: &ImagePath) -> bool {
        match self.get(path) {
            Some(node) => matches!(node.content, Content::Directory),
            None => self.has_below(path),
        }
    }

    /// Where a path really is for who writes there: the symlinks above it are followed, and not one at its end.
    #[must_use]
    pub fn follow_parents(&self, path: ImagePath) -> ImagePath {
        let mut path = path;
        for _ in 0..MAX_LINKS {
            let link = path.prefixes().find_map(|prefix| match &self.get(&prefix)?.content {
                Content::Symlink(target) if prefix != path => Some((prefix, target)),
                _ => None,
            });
            match link.and_then(|(prefix, target)| path.redirect(&prefix, target)) {
                Some(next) => path = next,
                None => break,
            }
        }
        path
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// What is below a folder, in the order of the paths.
    pub fn below<'t>(
        &'t self,
        folder: &ImagePath,
    ) -> impl Iterator<Item = (&'t ImagePath, &'t Node<S>)> {
        let folder = folder.clone();
        let start = (Bound::Included(folder.first_below()), Bound::Unbounded);
        self.nodes.range(start).take_while(move |(path, _)| path.is_below(&folder))
    }

    /// The same tree with its files from elsewhere.
    pub fn map<T>(&self, from: impl Fn(&S) -> T) -> Tree<T> {
        let node = |node: &Node<S>| Node {
            content: node.content.map(&from),
            mode: node.mode,
            uid: node.uid,
            gid: node.gid,
        };
        self.nodes.iter().map(|(path, found)| (path.clone(), node(found))).collect()
    }

    /// Whether a path is a folder because something is in it; the root always is.
    fn has_below(&self, path: &ImagePath) -> bool {
        let mut next = self.nodes.range((Bound::Included(path.first_below()), Bound::Unbounded));
        path.is_root() || next.next().is_some_and(|(other, _)| other.is_below(path))
    }

    /// Adds a node; the caller has made sure that the path is free.
    pub fn insert(&mut self, path: ImagePath, node: Node<S>) {
        self.nodes.insert(path, node);
    }

    /// Removes what stands at a path, and everything below it when it is a folder.
    pub fn remove(&mut self, path: &ImagePath) {
        self.nodes.remove(path);
        self.remove_below(path);
    }

    /// Empties a folder.
    pub fn remove_below(&mut self, path: &ImagePath) {
        let below: Vec<ImagePath> = self
            .nodes
            .range((Bound::Included(path.first_below()), Bound::Unbounded))
            .map(|(other, _)| other)
            .take_while(|other| other.is_below(path))
            .cloned()
            .collect();
        for other in below {
            self.nodes.remove(&other);
        }
    }

    /// Puts another tree over this one: its folders are filled up, all else is replaced.
    pub fn overlay(&mut self, upper: Tree<S>) {
        // Most images have no base.
        if self.nodes.is_empty() {
            self.nodes = upper.nodes;
            return;
        }
        for (path, node) in upper.nodes {
            if !matches!(node.content, Content::Directory) {
                self.remove_below(&path);
            }
            self.nodes.insert(path, node);
        }
    }

    /// Adds the folders above its nodes that it lacks, each as `folder` makes it.
    pub fn add_parents(&mut self, folder: impl Fn(&ImagePath) -> Node<S>) {
        let mut missing = Vec::new();
        let mut last: Option<&[u8]> = None;
        for path in self.nodes.keys() {
            let above = path.parent_bytes();
            // What follows is most often in the same folder.
            if last.replace(above) == Some(above) {
                continue;
            }
            missing.extend(
                path.prefixes().filter(|parent| parent != path && !self.nodes.contains_key(parent)),
            );
        }
        self.nodes.extend(missing.into_iter().map(|parent| {
            let node = folder(&parent);
            (parent, node)
        }));
    }

    /// The nodes in the order of their paths.
    pub fn iter(&self) -> impl Iterator<Item = (&ImagePath, &Node<S>)> {
        self.nodes.iter()
    }
}

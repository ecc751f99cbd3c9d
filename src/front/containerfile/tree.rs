//! The files of a stage, so that later instructions and stages can find them.

use super::ignore::Context;
use crate::recipe::draft::{FileDraft, SourceDraft};
use crate::world::Kind;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

/// As many symlinks as Linux follows before it calls them a loop.
const MAX_LINKS: usize = 40;

/// A path as its names. The first is `/` when it is absolute.
pub(super) type Names = Vec<Vec<u8>>;

/// What an entry is, which its source does not always say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A file.
    File,
    /// A folder with what is in it, or with nothing.
    Folder,
    /// A symlink.
    Symlink,
    /// A file or a folder of an image that has not been looked at.
    Unknown,
}

/// The files of a stage in the order in which they are put there.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    entries: Vec<(FileDraft, Shape)>,
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, Default)]
struct Node {
    children: BTreeMap<Vec<u8>, usize>,
    /// What is put at exactly this path.
    entries: Vec<usize>,
}

/// What is at a path.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// What it is.
    pub shape: Shape,
    /// The entry that makes it; none for a folder that something is in.
    pub file: Option<FileDraft>,
}

/// Why a path leads nowhere.
#[derive(Debug)]
pub(super) enum Lost {
    /// It leaves the root, by this symlink.
    Outside(PathBuf),
    /// Symlinks lead in a circle.
    Loop,
    /// Whether something is there is up to an image that has not been looked at.
    OfImage,
    /// It cannot be looked at.
    Io(PathBuf, io::Error),
}

/// The names of a path; `..` goes up and stops at the root, if there is one.
pub(super) fn names(path: &[u8]) -> Names {
    let mut names: Names = Vec::new();
    if path.starts_with(b"/") {
        names.push(b"/".to_vec());
    }
    for name in path.split(|&byte| byte == b'/') {
        match name {
            b"" | b"." => {}
            b".." if names.last().is_some_and(|last| last != b"..") => {
                if names.last().is_some_and(|last| last != b"/") {
                    names.pop();
                }
            }
            other => names.push(other.to_vec()),
        }
    }
    names
}

/// The path of names.
pub(super) fn path(names: &[Vec<u8>]) -> Vec<u8> {
    match names.split_first() {
        Some((first, rest)) if first == b"/" => [b"/", rest.join(&b'/').as_slice()].concat(),
        _ => names.join(&b'/'),
    }
}

/// Names as a path of this machine. Names that are not UTF-8 come from this machine and go back to it.
pub(super) fn local(names: &[Vec<u8>]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    names.iter().map(|name| std::ffi::OsStr::from_bytes(name)).collect()
}

impl Default for Tree {
    fn default() -> Self {
        Self { entries: Vec::new(), nodes: vec![Node::default()] }
    }
}

impl Tree {
    /// A tree that is a folder of this machine.
    pub fn of_folder(file: FileDraft) -> Self {
        let mut tree = Self::default();
        tree.add(file, Shape::Folder);
        tree
    }

    /// Everything, in order.
    pub fn files(self) -> Vec<FileDraft> {
        self.entries.into_iter().map(|(file, _)| file).collect()
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Puts something at its destination.
    pub fn add(&mut self, file: FileDraft, shape: Shape) {
        let mut at = 0;
        for name in names(&file.destination) {
            let fresh = self.nodes.len();
            let Some(node) = self.nodes.get_mut(at) else { return };
            at = *node.children.entry(name).or_insert(fresh);
            if at == fresh {
                self.nodes.push(Node::default());
            }
        }
        let index = self.entries.len();
        self.entries.push((file, shape));
        if let Some(node) = self.nodes.get_mut(at) {
            node.entries.push(index);
        }
    }

    fn entry(&self, index: usize) -> Option<&(FileDraft, Shape)> {
        self.entries.get(index)
    }

    /// The nodes on the way to a path, the root first, with the names that are left at each; and whether the path
    /// has a node of its own.
    #[allow(clippy::type_complexity, reason = "nodes, each with the names that are left")]
    fn way<'n>(&self, names: &'n [Vec<u8>]) -> (Vec<(&Node, &'n [Vec<u8>])>, bool) {
        let mut way = Vec::new();
        let mut node = self.nodes.first();
        let mut rest = names;
        while let Some(here) = node {
            way.push((here, rest));
            let Some((name, left)) = rest.split_first() else { return (way, true) };
            rest = left;
            node = here.children.get(name).and_then(|&child| self.nodes.get(child));
        }
        (way, false)
    }

    /// What is at a path; symlinks are not followed.
    pub fn look(&self, context: &Context<'_>, names: &[Vec<u8>]) -> Result<Option<Found>, Lost> {
        let (way, is_node) = self.way(names);
        let mut best: Option<(usize, Found)> = None;
        let mut is_folder = false;
        for (node, rest) in &way {
            if rest.is_empty() {
                is_folder = is_node && !node.children.is_empty();
            }
            for &index in node.entries.iter().rev() {
                if best.as_ref().is_some_and(|(known, _)| *known > index) {
                    break;
                }
                let Some((file, shape)) = self.entry(index) else { continue };
                if let Some(found) = inside(context, file, *shape, rest)? {
                    best = Some((index, found));
                    break;
                }
            }
        }
        Ok(match best {
            Some((_, found)) if found.shape == Shape::Folder || !is_folder => Some(found),
            _ if is_folder => Some(Found { shape: Shape::Folder, file: None }),
            other => other.map(|(_, found)| found),
        })
    }

    /// What is at a path, and the path with every symlink on it followed.
    pub fn follow(
        &self,
        context: &Context<'_>,
        names: &[Vec<u8>],
    ) -> Result<Option<(Names, Found)>, Lost> {
        let mut real: Names = Vec::new();
        let mut left: Names = names.iter().rev().cloned().collect();
        let mut links = 0_usize;
        let mut link: &[Vec<u8>] = names;
        let mut linked: Names;
        let mut found = Found { shape: Shape::Folder, file: None };
        while let Some(name) = left.pop() {
            if name == b".." {
                if real.len() <= 1 {
                    return Err(Lost::Outside(local(link.get(1..).unwrap_or_default())));
                }
                real.pop();
                continue;
            }
            real.push(name);
            let Some(here) = self.look(context, &real)? else {
                // The root is there, even when nothing is in it.
                if real.len() == 1 {
                    continue;
                }
                return Ok(None);
            };
            if here.shape != Shape::Symlink {
                found = here;
                continue;
            }
            links = links.saturating_add(1);
            if links > MAX_LINKS {
                return Err(Lost::Loop);
            }
            linked = real.clone();
            link = &linked;
            let target = target(context, &here)?;
            if target.starts_with(b"/") {
                return Err(Lost::Outside(local(link.get(1..).unwrap_or_default())));
            }
            real.pop();
            let parts = target.split(|&byte| byte == b'/');
            let parts = parts.filter(|part| !part.is_empty() && *part != b".");
            left.extend(parts.rev().map(<[u8]>::to_vec));
        }
        // What was found last may lie below, when `..` went up again.
        if let Some(here) = self.look(context, &real)? {
            found = here;
        }
        Ok(Some((real, found)))
    }

    /// The names in a folder.
    pub fn list(
        &self,
        context: &Context<'_>,
        names: &[Vec<u8>],
    ) -> Result<BTreeSet<Vec<u8>>, Lost> {
        let (way, is_node) = self.way(names);
        let mut listed = BTreeSet::new();
        for (node, rest) in &way {
            if rest.is_empty() && is_node {
                listed.extend(node.children.keys().cloned());
            }
            for &index in &node.entries {
                let Some((file, Shape::Folder)) = self.entry(index) else { continue };
                let Some(folder) = source(file, rest) else { continue };
                match context.names(&folder) {
                    Ok(names) => {
                        let bytes = names.into_iter().map(|name| name.as_encoded_bytes().to_vec());
                        listed.extend(bytes);
                    }
                    Err(error) if super::ignore::is_absent(&error) => {}
                    Err(error) => return Err(Lost::Io(folder, error)),
                }
            }
        }
        Ok(listed)
    }

    /// What is in a folder, in the order in which it was put there; destinations are those below the folder.
    pub fn content(
        &self,
        context: &Context<'_>,
        names: &[Vec<u8>],
    ) -> Result<Vec<(FileDraft, Shape)>, Lost> {
        let (way, is_node) = self.way(names);
        let mut found: Vec<(usize, FileDraft, Shape)> = Vec::new();
        for (node, rest) in &way {
            for &index in &node.entries {
                let Some((file, shape)) = self.entry(index) else { continue };
                let Some(here) = inside(context, file, *shape, rest)? else { continue };
                if let (Some(mut file), Shape::Folder | Shape::Unknown) = (here.file, here.shape) {
                    file.destination.clear();
                    found.push((index, file, here.shape));
                }
            }
        }
        let mut waiting: Vec<(&Node, Vec<u8>)> = Vec::new();
        if let Some((node, _)) = way.last().filter(|_| is_node) {
            waiting.push((node, Vec::new()));
        }
        while let Some((node, below)) = waiting.pop() {
            for (name, &child) in &node.children {
                let Some(child) = self.nodes.get(child) else { continue };
                let mut path = below.clone();
                if !path.is_empty() {
                    path.push(b'/');
                }
                path.extend_from_slice(name);
                for &index in &child.entries {
                    let Some((file, shape)) = self.entry(index) else { continue };
                    let file = FileDraft { destination: path.clone(), ..file.clone() };
                    found.push((index, file, *shape));
                }
                waiting.push((child, path));
            }
        }
        found.sort_by_key(|&(index, ..)| index);
        Ok(found.into_iter().map(|(_, file, shape)| (file, shape)).collect())
    }
}

/// The path of this machine that a path below an entry is.
fn source(file: &FileDraft, rest: &[Vec<u8>]) -> Option<PathBuf> {
    match &file.source {
        SourceDraft::Path { written, .. } => Some(written.join(local(rest))),
        _ => None,
    }
}

/// What an entry makes of a path at or below it.
fn inside(
    context: &Context<'_>,
    file: &FileDraft,
    shape: Shape,
    rest: &[Vec<u8>],
) -> Result<Option<Found>, Lost> {
    if rest.is_empty() {
        return Ok(Some(Found { shape, file: Some(file.clone()) }));
    }
    let (source, shape) = match (&file.source, shape) {
        // It is a file in this folder, or a folder whose content is here.
        (SourceDraft::Image { .. }, Shape::Unknown) if file.destination.ends_with(b"/") => {
            return Err(Lost::OfImage);
        }
        (SourceDraft::Image { image, path }, Shape::Unknown) => {
            let mut path = path.clone();
            for name in rest {
                path.push(b'/');
                path.extend_from_slice(name);
            }
            (SourceDraft::Image { image: image.clone(), path }, Shape::Unknown)
        }
        (SourceDraft::Path { written, .. }, Shape::Folder) => {
            let written = written.join(local(rest));
            let kind = match context.look(&written) {
                Ok(Some(kind)) => kind,
                Ok(None) => return Ok(None),
                Err(error) => return Err(Lost::Io(written, error)),
            };
            let shape = match kind {
                Kind::Folder => Shape::Folder,
                Kind::Symlink => Shape::Symlink,
                Kind::File | Kind::Other(_) => Shape::File,
            };
            (SourceDraft::Path { written, from: None }, shape)
        }
        _ => return Ok(None),
    };
    Ok(Some(Found { shape, file: Some(FileDraft { source, ..file.clone() }) }))
}

fn target(context: &Context<'_>, found: &Found) -> Result<Vec<u8>, Lost> {
    match found.file.as_ref().map(|file| &file.source) {
        Some(SourceDraft::Symlink(target)) => Ok(target.clone()),
        Some(SourceDraft::Path { written, .. }) => match context.target(written) {
            Ok(target) => Ok(target.as_os_str().as_encoded_bytes().to_vec()),
            Err(error) => Err(Lost::Io(written.clone(), error)),
        },
        _ => Ok(Vec::new()),
    }
}

/// A path in words, for messages.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}

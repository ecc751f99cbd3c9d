//! The files of a tree, with the numbers by which folders know them.

use super::MOST;
use super::{BLOCK, Version};
use crate::rootfs::links::Links;
use crate::rootfs::{Content, Fault, ImagePath, Node, Special, Tree};

/// The number of the root.
const ROOT: u32 = 2;
/// The number of the first file that is not reserved.
pub(super) const FIRST: u32 = 11;
/// Where `e2fsck` puts what it finds in no folder; a file system without it is mended.
const LOST_AND_FOUND: &[u8] = b"lost+found";
/// The longest target that is kept in the inode itself.
pub(super) const MAX_FAST: usize = 59;
/// The longest target that Linux takes.
const MAX_TARGET: usize = 4095;
/// How many units of 512 bytes a file may take.
const MAX_UNITS: u64 = u32::MAX as u64;
/// The largest number of folders in a folder that ext4 counts; with more it counts none.
const COUNTED: u64 = 64_998;

/// A file.
#[derive(Debug)]
pub(super) struct Inode {
    /// Type and permission bits.
    pub(super) mode: u32,
    pub(super) uid: u64,
    pub(super) gid: u64,
    pub(super) links: u64,
    pub(super) content: Content,
    /// Its size in bytes.
    pub(super) size: u64,
    /// What is in a folder.
    pub(super) names: Vec<Name>,
}

/// A name in a folder.
#[derive(Debug)]
pub(super) struct Name {
    pub(super) text: Vec<u8>,
    pub(super) inode: u32,
    /// What folders say of the file: its type, as they number it.
    pub(super) kind: u8,
}

/// All files: the root, and the others from the first number on that is not reserved.
#[derive(Debug)]
pub(super) struct Inodes {
    root: Inode,
    others: Vec<Inode>,
    version: Version,
}

impl Inodes {
    pub(super) fn new(mut tree: Tree, version: Version) -> Result<Self, Fault> {
        if let Ok(path) = ImagePath::default().join(LOST_AND_FOUND)
            && tree.get(&path).is_none()
        {
            let folder = Node { mode: 0o700, ..Node::parent() };
            tree.insert(path, folder);
        }
        let mut all =
            Inodes { root: inode(ROOT, ROOT, Node::parent()), others: Vec::new(), version };
        let mut links = Links::new();
        let mut too_many = None;
        // The folders that the path goes through, with how many folders each has.
        let mut open = vec![Open { path: ImagePath::default(), inode: ROOT, folders: 0 }];
        for (path, node) in tree {
            let folder = path.parent();
            while open.last().is_some_and(|last| last.path != folder) {
                all.close(open.pop())?;
            }
            let parent = open.last().map_or(ROOT, |last| last.inode);
            check(&path, &node)?;
            let next = FIRST
                + u32::try_from(all.others.len()).map_err(|_| Fault::TooLarge { most: MOST })?;
            let first = links.note(&node, next);
            let number = first.unwrap_or(next);
            let name =
                Name { text: path.name().to_vec(), inode: number, kind: kind(&node.content) };
            if let Some(parent) = all.get_mut(parent) {
                parent.names.push(name);
            }
            if first.is_some() {
                if all.link(number) {
                    too_many.get_or_insert((number, path));
                }
                continue;
            }
            if node.content == Content::Directory {
                if let Some(last) = open.last_mut() {
                    last.folders += 1;
                }
                open.push(Open { path, inode: number, folders: 0 });
            }
            all.others.push(inode(number, parent, node));
        }
        while let Some(last) = open.pop() {
            all.close(Some(last))?;
        }
        match too_many {
            None => Ok(all),
            Some((number, path)) => {
                let count = all.get_mut(number).map_or(0, |inode| inode.links);
                Err(Fault::Links { path, count, most: version.max_links() })
            }
        }
    }

    /// Counts another name of a file, and says whether it is one too many.
    fn link(&mut self, number: u32) -> bool {
        let most = self.version.max_links();
        let Some(inode) = self.get_mut(number) else { return false };
        inode.links += 1;
        inode.links > most
    }

    /// Counts the folders of a folder of which all is known: each has a name for it, as it has itself and its own folder.
    fn close(&mut self, folder: Option<Open>) -> Result<(), Fault> {
        let Some(Open { path, inode, folders }) = folder else { return Ok(()) };
        let version = self.version;
        let Some(inode) = self.get_mut(inode) else { return Ok(()) };
        inode.links = match version {
            Version::Ext4 if folders > COUNTED => 1,
            _ => 2 + folders,
        };
        inode.size = folder_size(&inode.names);
        let most = version.max_links();
        if inode.links > most {
            return Err(Fault::Folders { path, count: folders, most: most - 2 });
        }
        Ok(())
    }

    fn get_mut(&mut self, number: u32) -> Option<&mut Inode> {
        match number {
            ROOT => Some(&mut self.root),
            other => self.others.get_mut(usize::try_from(other.checked_sub(FIRST)?).ok()?),
        }
    }

    /// How many numbers are taken, with those that are reserved.
    pub(super) fn count(&self) -> u64 {
        u64::from(FIRST) - 1 + self.others.len() as u64
    }

    /// How many blocks the files take; in ext4 beside those of the trees of extents, which are few.
    pub(super) fn blocks(&self) -> u64 {
        let index = |blocks: u64| match self.version {
            Version::Ext2 => index_blocks(blocks),
            Version::Ext4 => 0,
        };
        self.iter().map(|(_, inode)| inode.blocks()).map(|blocks| blocks + index(blocks)).sum()
    }

    /// The files by their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, &Inode)> {
        std::iter::once((ROOT, &self.root)).chain((FIRST..).zip(&self.others))
    }

    /// The same, given away.
    pub(super) fn into_iter(self) -> impl Iterator<Item = (u32, Inode)> {
        std::iter::once((ROOT, self.root)).chain((FIRST..).zip(self.others))
    }
}

/// A folder whose names are still to come.
struct Open {
    path: ImagePath,
    inode: u32,
    folders: u64,
}

impl Inode {
    /// How many blocks its bytes take.
    pub(super) fn blocks(&self) -> u64 {
        match &self.content {
            Content::Special(_) => 0,
            Content::Symlink(target) if target.len() <= MAX_FAST => 0,
            _ => self.size.div_ceil(BLOCK),
        }
    }
}

/// How many blocks say where the blocks of a file are, in ext2, which takes the most.
pub(super) fn index_blocks(blocks: u64) -> u64 {
    let each = BLOCK / 4;
    let Some(rest) = blocks.checked_sub(12).filter(|rest| *rest > 0) else { return 0 };
    let Some(rest) = rest.checked_sub(each).filter(|rest| *rest > 0) else { return 1 };
    let second = rest.min(each * each);
    let third = rest - second;
    let thirds = if third > 0 { 1 + third.div_ceil(each * each) + third.div_ceil(each) } else { 0 };
    1 + 1 + second.div_ceil(each) + thirds
}

fn check(path: &ImagePath, node: &Node) -> Result<(), Fault> {
    Fault::of_owner(path, node)?;
    match &node.content {
        Content::Symlink(target) if target.len() > MAX_TARGET => {
            Err(Fault::Target { path: path.clone(), length: target.len() })
        }
        Content::File { size, .. } => {
            let blocks = size.div_ceil(BLOCK);
            let most = MAX_UNITS * 512 / 1025 * 1024;
            if (blocks + index_blocks(blocks)) * (BLOCK / 512) > MAX_UNITS {
                return Err(Fault::File { path: path.clone(), size: *size, most });
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn inode(number: u32, parent: u32, node: Node) -> Inode {
    let size = match &node.content {
        Content::File { size, .. } => *size,
        Content::Bytes(bytes) => bytes.len() as u64,
        Content::Symlink(target) => target.len() as u64,
        // That of a folder is known when its names are.
        Content::Directory | Content::Special(_) => 0,
    };
    let names = match &node.content {
        Content::Directory => {
            let name = |text: &[u8], inode| Name { text: text.to_vec(), inode, kind: 2 };
            vec![name(b".", number), name(b"..", parent)]
        }
        _ => Vec::new(),
    };
    let Node { mode, uid, gid, content } = node;
    let mode = content.mode_bits(mode);
    Inode { mode, uid, gid, links: 1, content, size, names }
}

fn kind(content: &Content) -> u8 {
    match content {
        Content::File { .. } | Content::Bytes(_) => 1,
        Content::Directory => 2,
        Content::Special(Special::Character(_)) => 3,
        Content::Special(Special::Block(_)) => 4,
        Content::Special(Special::Fifo) => 5,
        Content::Symlink(_) => 7,
    }
}

/// The bytes that a name takes in a folder.
pub(super) fn entry_size(name: &Name) -> u64 {
    (8 + name.text.len() as u64).next_multiple_of(4)
}

/// The bytes that a folder takes: no entry goes over the end of a block.
fn folder_size(names: &[Name]) -> u64 {
    let (mut blocks, mut used) = (1, 0);
    for name in names {
        let size = entry_size(name);
        if used + size > BLOCK {
            blocks += 1;
            used = 0;
        }
        used += size;
    }
    blocks * BLOCK
}

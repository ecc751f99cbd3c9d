//! The files that a build reads, wherever they are: on the disk, in memory, or at the other end of a gateway.
//!
//! In: a path. Out: what is there: its kind, its names, its bytes or a range of them. What always holds: a
//! folder is listed in the order of its names; nothing is written; a place answers four questions
//! ([`World::lstat`], [`World::read_link`], [`World::list`], [`World::open`]), and all others follow from them.

mod disk;
mod memory;

pub use disk::Disk;
pub use memory::Memory;

use crate::host::too_large;
pub use crate::host::{normalize, read_at};
use std::ffi::OsString;
use std::fmt::Debug;
use std::io::{self, Read, Seek};
use std::path::{Component, Path, PathBuf};

/// As many symlinks as Linux follows on the way to a file before it calls them a loop.
pub const MAX_LINKS: usize = 40;

/// The error of a path with more than [`MAX_LINKS`] symlinks on the way.
pub fn too_many_links() -> io::Error {
    io::Error::other("too many levels of symbolic links")
}

/// What is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A symlink.
    Symlink,
    /// What no image can hold, in words: `a FIFO`.
    Other(&'static str),
}

impl Kind {
    /// What it is, in words.
    pub fn words(self) -> &'static str {
        match self {
            Kind::File => "a file",
            Kind::Folder => "a folder",
            Kind::Symlink => "a symlink",
            Kind::Other(words) => words,
        }
    }
}

/// What is known of a file without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// What it is.
    pub kind: Kind,
    /// Its size in bytes.
    pub size: u64,
    /// Whether its owner may execute it.
    pub is_executable: bool,
    /// Whether everybody may read it, as far as its mode says.
    pub is_readable_by_all: bool,
}

/// A name in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name.
    pub name: OsString,
    /// What it is; symlinks are not followed.
    pub kind: Kind,
}

/// A file that can be read at any place.
pub trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

/// A place that files are read from.
///
/// Paths are absolute. A symlink on the way to a file is followed by every function; only one at the very end is not
/// by all. Every function fails with the system's error, or one that says the same.
pub trait World: Debug {
    /// What is at a path; a symlink there is not followed.
    ///
    /// # Errors
    /// Nothing is there, or it may not be looked at.
    fn lstat(&self, path: &Path) -> io::Result<Stat>;

    /// The target of a symlink, as it is written.
    ///
    /// # Errors
    /// It is no symlink.
    fn read_link(&self, path: &Path) -> io::Result<PathBuf>;

    /// The names in a folder, sorted by their bytes.
    ///
    /// # Errors
    /// It is no folder, or may not be listed.
    fn list(&self, path: &Path) -> io::Result<Vec<Entry>>;

    /// Opens a regular file; a symlink there is followed.
    ///
    /// # Errors
    /// It is none, or may not be read.
    fn open(&self, path: &Path) -> io::Result<Box<dyn ReadSeek>>;

    /// Says which paths will be asked for, so that what is far away can come at once.
    fn announce(&self, _paths: &[PathBuf]) {}

    /// The names in a folder, sorted by their bytes, with what is known of each; symlinks are not followed.
    ///
    /// # Errors
    /// It is no folder, or may not be listed.
    fn list_stats(&self, path: &Path) -> io::Result<Vec<(OsString, io::Result<Stat>)>> {
        let entries = self.list(path)?.into_iter();
        let stat = |entry: Entry| {
            let stat = self.lstat(&path.join(&entry.name));
            (entry.name, stat)
        };
        Ok(entries.map(stat).collect())
    }

    /// Whether a regular file may be read that not everybody may, without reading it.
    ///
    /// # Errors
    /// It may not.
    fn check_readable(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }

    /// What is at a path, symlinks followed.
    ///
    /// # Errors
    /// Nothing is there, or it may not be looked at.
    fn stat(&self, path: &Path) -> io::Result<Stat> {
        match self.lstat(path)? {
            Stat { kind: Kind::Symlink, .. } => self.lstat(&self.canonicalize(path)?),
            found => Ok(found),
        }
    }

    /// The path with every symlink on the way followed, as realpath(3) gives it.
    ///
    /// # Errors
    /// It leads nowhere.
    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        let mut real = PathBuf::new();
        let mut rest: Vec<PathBuf> = parts(path);
        let mut links = 0;
        while let Some(part) = rest.pop() {
            match part.components().next() {
                Some(Component::Normal(name)) => {
                    let next = real.join(name);
                    match self.lstat(&next)?.kind {
                        Kind::Symlink => {
                            links += 1;
                            if links > MAX_LINKS {
                                return Err(too_many_links());
                            }
                            rest.extend(parts(&self.read_link(&next)?));
                        }
                        Kind::File | Kind::Other(_) if !rest.is_empty() => {
                            return Err(io::ErrorKind::NotADirectory.into());
                        }
                        _ => real = next,
                    }
                }
                Some(Component::ParentDir) => {
                    real.pop();
                }
                Some(root @ (Component::RootDir | Component::Prefix(_))) => {
                    real.push(root);
                }
                Some(Component::CurDir) | None => {}
            }
        }
        Ok(real)
    }

    /// The bytes of a file of at most `limit` bytes.
    ///
    /// # Errors
    /// It cannot be read, or is larger.
    fn read(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit {
            return Err(too_large(limit));
        }
        Ok(bytes)
    }
}

/// The parts of a path, the last one first.
fn parts(path: &Path) -> Vec<PathBuf> {
    path.components().rev().map(|part| PathBuf::from(part.as_os_str())).collect()
}

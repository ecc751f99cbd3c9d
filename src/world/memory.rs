//! Files that are only in memory, for tests.

use super::{Entry, Kind, ReadSeek, Stat, World};
use crate::host;
use std::collections::BTreeMap;
use std::io::{self, Cursor};
use std::path::{Component, Path, PathBuf};

/// As many symlinks as Linux follows before it calls them a loop.
const MAX_LINKS: usize = 40;

/// Files that are only in memory.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    nodes: BTreeMap<PathBuf, Node>,
}

#[derive(Debug, Clone)]
enum Node {
    File { bytes: Vec<u8>, is_executable: bool },
    Folder,
    Symlink(PathBuf),
}

impl Memory {
    /// Puts a regular file at an absolute path, and the folders above it.
    #[must_use]
    pub fn file(self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.put(path, Node::File { bytes: bytes.into(), is_executable: false })
    }

    /// Puts a program at an absolute path.
    #[must_use]
    pub fn program(self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.put(path, Node::File { bytes: bytes.into(), is_executable: true })
    }

    /// Puts a folder at an absolute path.
    #[must_use]
    pub fn folder(self, path: &str) -> Self {
        self.put(path, Node::Folder)
    }

    /// Puts a symlink at an absolute path.
    #[must_use]
    pub fn symlink(self, path: &str, target: &str) -> Self {
        self.put(path, Node::Symlink(target.into()))
    }

    fn put(mut self, path: &str, node: Node) -> Self {
        let path = PathBuf::from(path);
        for above in path.ancestors().skip(1) {
            self.nodes.entry(above.to_owned()).or_insert(Node::Folder);
        }
        self.nodes.insert(path, node);
        self
    }

    fn node(&self, path: &Path) -> io::Result<&Node> {
        self.nodes.get(path).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// The real path of what is at a path, whose last symlink is followed or not.
    fn real(&self, path: &Path, follow: bool) -> io::Result<PathBuf> {
        let mut real = PathBuf::from("/");
        let mut names: Vec<PathBuf> =
            path.components().rev().map(|name| PathBuf::from(name.as_os_str())).collect();
        let mut links = 0;
        while let Some(name) = names.pop() {
            match name.components().next() {
                Some(Component::Normal(part)) => {
                    if !matches!(self.node(&real)?, Node::Folder) {
                        return Err(io::ErrorKind::NotADirectory.into());
                    }
                    let next = real.join(part);
                    match self.node(&next)? {
                        Node::Symlink(target) if follow || !names.is_empty() => {
                            links += 1;
                            if links > MAX_LINKS {
                                return Err(io::Error::other("too many levels of symbolic links"));
                            }
                            let parts = target.components().rev();
                            names.extend(parts.map(|part| PathBuf::from(part.as_os_str())));
                        }
                        _ => real = next,
                    }
                }
                Some(Component::ParentDir) => {
                    real.pop();
                }
                Some(Component::RootDir) => real = PathBuf::from("/"),
                _ => {}
            }
        }
        Ok(real)
    }

    fn look(&self, path: &Path, follow: bool) -> io::Result<Stat> {
        let stat = |kind, size, is_executable| Stat {
            kind,
            size,
            is_executable,
            is_readable_by_all: true,
        };
        Ok(match self.node(&self.real(path, follow)?)? {
            Node::File { bytes, is_executable } => {
                stat(Kind::File, bytes.len() as u64, *is_executable)
            }
            Node::Folder => stat(Kind::Folder, 0, true),
            Node::Symlink(_) => stat(Kind::Symlink, 0, false),
        })
    }
}

impl World for Memory {
    fn stat(&self, path: &Path) -> io::Result<Stat> {
        self.look(path, true)
    }

    fn lstat(&self, path: &Path) -> io::Result<Stat> {
        self.look(path, false)
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        match self.node(&self.real(path, false)?)? {
            Node::Symlink(target) => Ok(target.clone()),
            Node::File { .. } | Node::Folder => Err(io::ErrorKind::InvalidInput.into()),
        }
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let folder = self.real(path, true)?;
        if !matches!(self.node(&folder)?, Node::Folder) {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        let mut entries = Vec::new();
        for (path, node) in &self.nodes {
            if path.parent() != Some(&folder) {
                continue;
            }
            let Some(name) = path.file_name() else { continue };
            let kind = match node {
                Node::File { .. } => Kind::File,
                Node::Folder => Kind::Folder,
                Node::Symlink(_) => Kind::Symlink,
            };
            entries.push(Entry { name: name.to_owned(), kind });
        }
        entries.sort_by(|a, b| a.name.as_encoded_bytes().cmp(b.name.as_encoded_bytes()));
        Ok(entries)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn ReadSeek>> {
        match self.node(&self.real(path, true)?)? {
            Node::File { bytes, .. } => Ok(Box::new(Cursor::new(bytes.clone()))),
            Node::Folder | Node::Symlink(_) => Err(io::ErrorKind::IsADirectory.into()),
        }
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        self.real(&host::normalize(path), true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_like_a_disk() {
        let world = Memory::default()
            .file("/p/a", "12345")
            .program("/p/d/run", "x")
            .symlink("/p/l", "d")
            .symlink("/p/loop", "loop")
            .symlink("/p/up", "../p/a");
        let stat = |path: &str| world.stat(Path::new(path)).ok().map(|stat| (stat.kind, stat.size));
        assert_eq!(stat("/p/a"), Some((Kind::File, 5)));
        assert_eq!(stat("/p/l"), Some((Kind::Folder, 0)));
        assert_eq!(stat("/p/l/run"), Some((Kind::File, 1)));
        assert_eq!(stat("/p/up"), Some((Kind::File, 5)));
        assert_eq!(stat("/p/a/x"), None);
        assert_eq!(stat("/p/loop"), None);
        assert_eq!(world.lstat(Path::new("/p/l")).unwrap().kind, Kind::Symlink);
        let names: Vec<_> = world.list(Path::new("/p")).unwrap();
        let names: Vec<_> = names.iter().map(|entry| entry.name.to_str().unwrap()).collect();
        assert_eq!(names, ["a", "d", "l", "loop", "up"]);
        assert_eq!(world.canonicalize(Path::new("/p/l/run")).unwrap(), Path::new("/p/d/run"));
        assert_eq!(world.read(Path::new("/p/up"), 5).unwrap(), b"12345");
        assert!(world.read(Path::new("/p/up"), 4).is_err());
    }
}

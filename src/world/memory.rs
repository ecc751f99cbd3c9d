//! Files that are only in memory, for tests.

use super::{Entry, Kind, ReadSeek, Stat, World};
use std::collections::BTreeMap;
use std::io::{self, Cursor};
use std::path::{Path, PathBuf};

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

    /// What is at a path; a symlink there is not followed.
    fn find(&self, path: &Path) -> io::Result<&Node> {
        if let Some(node) = self.nodes.get(path) {
            return Ok(node);
        }
        let real = match (path.parent(), path.file_name()) {
            (Some(folder), Some(name)) => {
                let folder = self.canonicalize(folder)?;
                if !matches!(self.nodes.get(&folder), Some(Node::Folder)) {
                    return Err(io::ErrorKind::NotADirectory.into());
                }
                folder.join(name)
            }
            _ => self.canonicalize(path)?,
        };
        self.nodes.get(&real).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl World for Memory {
    fn lstat(&self, path: &Path) -> io::Result<Stat> {
        let stat = |kind, size, is_executable| Stat {
            kind,
            size,
            is_executable,
            is_readable_by_all: true,
        };
        Ok(match self.find(path)? {
            Node::File { bytes, is_executable } => {
                stat(Kind::File, bytes.len() as u64, *is_executable)
            }
            Node::Folder => stat(Kind::Folder, 0, true),
            Node::Symlink(_) => stat(Kind::Symlink, 0, false),
        })
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        match self.find(path)? {
            Node::Symlink(target) => Ok(target.clone()),
            Node::File { .. } | Node::Folder => Err(io::ErrorKind::InvalidInput.into()),
        }
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let folder = self.canonicalize(path)?;
        if !matches!(self.find(&folder)?, Node::Folder) {
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
        match self.find(&self.canonicalize(path)?)? {
            Node::File { bytes, .. } => Ok(Box::new(Cursor::new(bytes.clone()))),
            Node::Folder | Node::Symlink(_) => {
                Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a directory"))
            }
        }
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
            .symlink("/p/up", "../p/a")
            .symlink("/q/through", "/p/l/../d/run");
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
        let real = |path: &str| world.canonicalize(Path::new(path)).map_err(|error| error.kind());
        assert_eq!(real("/q/../q/./through"), Ok(PathBuf::from("/p/d/run")));
        assert_eq!(real("/../p"), Ok(PathBuf::from("/p")));
        assert_eq!(real("/p/a/.."), Err(io::ErrorKind::NotADirectory));
        assert_eq!(real("/p/l/none"), Err(io::ErrorKind::NotFound));
        assert_eq!(world.read(Path::new("/p/up"), 5).unwrap(), b"12345");
        let error = world.read(Path::new("/p/up"), 4).unwrap_err();
        assert_eq!(error.to_string(), "it is larger than 4 bytes");
    }
}

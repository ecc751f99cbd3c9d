//! The files of this machine.

use super::{Entry, Kind, ReadSeek, Stat, World};
use crate::host;
use std::io;
use std::path::{Path, PathBuf};

/// The files of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Disk;

fn kind(kind: host::Kind) -> Kind {
    match kind {
        host::Kind::File => Kind::File,
        host::Kind::Directory => Kind::Folder,
        host::Kind::Symlink => Kind::Symlink,
        host::Kind::Other(words) => Kind::Other(words),
    }
}

fn stat(found: host::Stat) -> Stat {
    Stat { kind: kind(found.kind), size: found.size, is_executable: found.executable }
}

impl World for Disk {
    fn stat(&self, path: &Path) -> io::Result<Stat> {
        host::stat(path).map(stat)
    }

    fn lstat(&self, path: &Path) -> io::Result<Stat> {
        host::lstat(path).map(stat)
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        host::read_link(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let entries = host::read_dir(path)?.into_iter();
        Ok(entries.map(|entry| Entry { name: entry.name, kind: kind(entry.kind) }).collect())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn ReadSeek>> {
        Ok(Box::new(host::open(path)?))
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        host::canonicalize(path)
    }
}

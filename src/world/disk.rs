//! The files of this machine.

use super::{Entry, Kind, ReadSeek, Stat, World};
use crate::host;
use std::ffi::OsString;
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
    Stat {
        kind: kind(found.kind),
        size: found.size,
        is_executable: found.executable,
        is_readable_by_all: found.readable_by_all,
    }
}

impl World for Disk {
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

    fn list_stats(&self, path: &Path) -> io::Result<Vec<(OsString, io::Result<Stat>)>> {
        // Relative to the opened folder a name is found faster.
        let (entries, folder) = (host::read_dir(path)?, host::Folder::open(path)?);
        let found = |entry: host::Entry| {
            let found = folder.lstat(&entry.name).map(stat);
            (entry.name, found)
        };
        Ok(entries.into_iter().map(found).collect())
    }

    fn check_readable(&self, path: &Path) -> io::Result<()> {
        host::check_readable(path)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn ReadSeek>> {
        Ok(Box::new(host::open(path)?))
    }

    fn stat(&self, path: &Path) -> io::Result<Stat> {
        host::stat(path).map(stat)
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        host::canonicalize(path)
    }
}

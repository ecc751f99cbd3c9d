//! The files of an image as a world that texts look at.

use super::FilePlace;
use super::Opened;
use crate::rootfs::{Content, ImagePath, Node};
use crate::world::{Entry, Kind, ReadSeek, Stat, World};
use std::ffi::OsString;
use std::io;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The files of an image, by their absolute paths in it.
#[derive(Debug, Clone)]
pub(super) struct ImageFiles(pub(super) Rc<Opened>);

fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_bytes()
}

fn kind(node: Option<&Node<FilePlace>>) -> Kind {
    match node.map(|node| &node.content) {
        None | Some(Content::Directory) => Kind::Folder,
        Some(Content::Symlink(_)) => Kind::Symlink,
        Some(Content::File { .. } | Content::Bytes(_)) => Kind::File,
        Some(Content::Special(_)) => Kind::Other("a device or FIFO"),
    }
}

fn stat(node: Option<&Node<FilePlace>>) -> Stat {
    let size = match node.map(|node| &node.content) {
        Some(Content::File { size, .. }) => *size,
        Some(Content::Bytes(bytes)) => bytes.len() as u64,
        _ => 0,
    };
    Stat {
        kind: kind(node),
        size,
        is_executable: node.is_none_or(|node| node.mode & 0o100 != 0),
        is_readable_by_all: true,
    }
}

fn missing() -> io::Error {
    io::ErrorKind::NotFound.into()
}

impl World for ImageFiles {
    fn lstat(&self, path: &Path) -> io::Result<Stat> {
        self.0.find_itself(bytes(path)).map(|(_, node)| stat(node)).ok_or_else(missing)
    }

    fn read_link(&self, path: &Path) -> io::Result<PathBuf> {
        let (_, node) = self.0.find_itself(bytes(path)).ok_or_else(missing)?;
        match node.map(|node| &node.content) {
            Some(Content::Symlink(target)) => Ok(OsString::from_vec(target.clone()).into()),
            _ => Err(io::ErrorKind::InvalidInput.into()),
        }
    }

    fn list(&self, path: &Path) -> io::Result<Vec<Entry>> {
        let (folder, node) = self.0.find(bytes(path)).ok_or_else(missing)?;
        if kind(node) != Kind::Folder {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        let entry = |name: Vec<u8>| {
            let path: Option<ImagePath> = folder.join(&name).ok();
            let found = path.and_then(|path| {
                self.0.find_itself(&[b"/", path.as_bytes()].concat()).map(|(_, node)| kind(node))
            });
            Entry { name: OsString::from_vec(name), kind: found.unwrap_or(Kind::Folder) }
        };
        Ok(self.0.names(&folder).into_iter().map(entry).collect())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn ReadSeek>> {
        let (_, node) = self.0.find(bytes(path)).ok_or_else(missing)?;
        match node.map(|node| &node.content) {
            Some(Content::File { source, size }) => self.0.file(source, *size),
            Some(Content::Bytes(bytes)) => Ok(Box::new(io::Cursor::new(bytes.clone()))),
            _ => Err(io::ErrorKind::IsADirectory.into()),
        }
    }

    fn stat(&self, path: &Path) -> io::Result<Stat> {
        self.0.find(bytes(path)).map(|(_, node)| stat(node)).ok_or_else(missing)
    }
}

//! What is at a path: its kind, its size, the names in a folder.

use std::ffi::{OsStr, OsString};
#[cfg(unix)]
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// What is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A FIFO, socket or device; the word names it.
    Other(&'static str),
}

impl Kind {
    /// The kind in words.
    pub fn words(self) -> &'static str {
        match self {
            Kind::File => "a regular file",
            Kind::Directory => "a directory",
            Kind::Symlink => "a symbolic link",
            Kind::Other(words) => words,
        }
    }

    pub(super) fn of(file_type: std::fs::FileType) -> Kind {
        if file_type.is_file() {
            Kind::File
        } else if file_type.is_dir() {
            Kind::Directory
        } else if file_type.is_symlink() {
            Kind::Symlink
        } else {
            other_kind(file_type)
        }
    }
}

#[cfg(unix)]
fn other_kind(file_type: std::fs::FileType) -> Kind {
    use std::os::unix::fs::FileTypeExt as _;
    Kind::Other(if file_type.is_fifo() {
        "a FIFO"
    } else if file_type.is_socket() {
        "a socket"
    } else if file_type.is_block_device() || file_type.is_char_device() {
        "a device"
    } else {
        "a special file"
    })
}

#[cfg(not(unix))]
fn other_kind(_: std::fs::FileType) -> Kind {
    Kind::Other("a special file")
}

/// What a path holds, as far as an image wants to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// File, directory, symlink or something else.
    pub kind: Kind,
    /// Size in bytes; meaningful for files.
    pub size: u64,
    /// Whether the owner may execute it.
    pub executable: bool,
    /// Whether everybody may read it, as far as its mode says.
    pub readable_by_all: bool,
}

/// A name in a folder and what it is; symlinks are not followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name.
    pub name: OsString,
    /// What it is.
    pub kind: Kind,
}

/// What is at a path, without following a symlink there.
pub fn lstat(path: &Path) -> io::Result<Stat> {
    std::fs::symlink_metadata(path).map(|metadata| stat_of(&metadata))
}

/// What is at a path, behind any symlinks.
pub fn stat(path: &Path) -> io::Result<Stat> {
    std::fs::metadata(path).map(|metadata| stat_of(&metadata))
}

fn stat_of(metadata: &std::fs::Metadata) -> Stat {
    #[cfg(unix)]
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions());
    #[cfg(not(unix))]
    let mode = 0;
    Stat {
        kind: Kind::of(metadata.file_type()),
        size: metadata.len(),
        executable: mode & 0o100 != 0,
        readable_by_all: mode & 0o444 == 0o444,
    }
}

/// A folder whose entries are looked at one after another, without the way to it for each.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    #[cfg(unix)]
    opened: File,
}

impl Folder {
    /// Opens a folder.
    ///
    /// # Errors
    /// The system's error.
    pub fn open(path: &Path) -> io::Result<Self> {
        #[cfg(unix)]
        let opened = {
            use rustix::fs::{Mode, OFlags, open};
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            File::from(open(path, flags, Mode::empty())?)
        };
        Ok(Folder {
            path: path.to_owned(),
            #[cfg(unix)]
            opened,
        })
    }

    /// What is at a name in it, without following a symlink there.
    ///
    /// # Errors
    /// The system's error.
    #[cfg(unix)]
    pub fn lstat(&self, name: &OsStr) -> io::Result<Stat> {
        use rustix::fs::{AtFlags, FileType, Mode, statat};
        let found = statat(&self.opened, name, AtFlags::SYMLINK_NOFOLLOW)?;
        if FileType::from_raw_mode(found.st_mode) != FileType::RegularFile {
            return lstat(&self.path.join(name));
        }
        let mode = Mode::from_raw_mode(found.st_mode);
        Ok(Stat {
            kind: Kind::File,
            size: u64::try_from(found.st_size).unwrap_or(0),
            executable: mode.contains(Mode::XUSR),
            readable_by_all: mode.contains(Mode::RUSR | Mode::RGRP | Mode::ROTH),
        })
    }

    /// What is at a name in it, without following a symlink there.
    ///
    /// # Errors
    /// The system's error.
    #[cfg(not(unix))]
    pub fn lstat(&self, name: &OsStr) -> io::Result<Stat> {
        lstat(&self.path.join(name))
    }
}

/// The target of a symlink, as it is written there.
pub fn read_link(path: &Path) -> io::Result<PathBuf> {
    std::fs::read_link(path)
}

/// The entries of a folder, sorted by the bytes of their names.
pub fn read_dir(path: &Path) -> io::Result<Vec<Entry>> {
    #[allow(clippy::disallowed_methods, reason = "the one place; sorted below")]
    let listing = std::fs::read_dir(path)?;
    let mut entries = listing
        .map(|entry| {
            let entry = entry?;
            Ok(Entry { name: entry.file_name(), kind: Kind::of(entry.file_type()?) })
        })
        .collect::<io::Result<Vec<_>>>()?;
    entries.sort_by(|a, b| a.name.as_encoded_bytes().cmp(b.name.as_encoded_bytes()));
    Ok(entries)
}

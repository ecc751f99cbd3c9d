//! The world outside: files, the environment, processes.
//!
//! In: paths. Out: bytes, kinds, names in sorted order, or the system's error. What always holds: no
//! other room calls `std::fs`, `std::env` or `std::process` to look at the machine, so this is the
//! only place where the order of a folder, a variable or the current folder can leak in. A leaf.

pub mod output;
pub mod partial;
mod process;
pub mod target;

pub use process::{Client, End, ask, run};

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

/// What stands at a path.
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

    fn of(file_type: std::fs::FileType) -> Kind {
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

/// What stands at a path, without following a symlink there.
pub fn lstat(path: &Path) -> io::Result<Stat> {
    std::fs::symlink_metadata(path).map(|metadata| stat_of(&metadata))
}

/// What stands at a path, behind any symlinks.
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

    /// What stands at a name in it, without following a symlink there.
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

    /// What stands at a name in it, without following a symlink there.
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

/// Opens a regular file for reading. Anything else is refused; opening does not wait, as for a FIFO
/// without a writer.
pub fn open(path: &Path) -> io::Result<File> {
    open_as(path).map(|(file, _)| file)
}

/// Whether this process may read a file, without opening it.
///
/// # Errors
/// The reason why not.
pub fn check_readable(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use rustix::fs::{Access, AtFlags, CWD, accessat};
        use rustix::io::Errno;
        match accessat(CWD, path, Access::READ_OK, AtFlags::EACCESS) {
            // Older kernels ask for the real user alone.
            Err(Errno::NOSYS | Errno::INVAL) => {}
            done => return Ok(done?),
        }
    }
    open(path).map(drop)
}

/// What an open file is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opened {
    /// Its size in bytes.
    pub size: u64,
    /// Whether parts of it are not on the disk, and read as zeros.
    pub is_sparse: bool,
    /// When its content, or what is known of it, was changed last: seconds and nanoseconds.
    changed: (i64, i64),
}

/// Opens what is there for reading, which does not wait, as it would for a FIFO without a writer.
///
/// # Errors
/// The system's error.
pub fn open_any(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
        let flags = i32::try_from(flags.bits()).unwrap_or(0);
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags);
    }
    options.open(path)
}

impl Opened {
    /// Whether it is what it was, as far as the system tells.
    pub fn is_still(self, before: Opened) -> bool {
        (self.size, self.changed) == (before.size, before.changed)
    }
}

/// Opens a regular file for reading, and says what it is like.
pub fn open_as(path: &Path) -> io::Result<(File, Opened)> {
    let refuse = |kind: Kind| {
        Err(io::Error::new(io::ErrorKind::InvalidInput, format!("it is {}", kind.words())))
    };
    let file = match open_any(path) {
        Ok(file) => file,
        // A socket cannot be opened at all.
        Err(error) => match stat(path) {
            Ok(Stat { kind: kind @ Kind::Other(_), .. }) => return refuse(kind),
            _ => return Err(error),
        },
    };
    let metadata = file.metadata()?;
    let kind = Kind::of(metadata.file_type());
    if kind != Kind::File {
        return refuse(kind);
    }
    Ok((file, opened(&metadata)))
}

/// What an open file is like.
///
/// # Errors
/// The system's error.
pub fn look_at(file: &File) -> io::Result<Opened> {
    file.metadata().map(|metadata| opened(&metadata))
}

fn opened(metadata: &std::fs::Metadata) -> Opened {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let is_sparse = metadata.blocks() < metadata.len() / 512;
        let changed = (metadata.ctime(), metadata.ctime_nsec());
        Opened { size: metadata.len(), is_sparse, changed }
    }
    #[cfg(not(unix))]
    Opened { size: metadata.len(), is_sparse: false, changed: (0, 0) }
}

/// Blocks have this size on the file systems that share them between files; multiples of it are shared.
pub const SHARED_BLOCK: u64 = 4096;

/// Lets `to` have at the offset `at` the blocks that `from` has from `start` on, instead of a copy of them; gives how
/// many bytes they are, of `size`. That is none where the file system cannot, or where the file is so young that it may
/// not be on the disk yet: to wait for that takes longer than to copy it.
///
/// Who shares blocks and then reads `from` has to [look at it](look_at) before and after, since the two are not
/// the same any more when it has changed.
#[cfg(target_os = "linux")]
pub fn share(from: &File, start: u64, to: &File, at: u64, size: u64) -> u64 {
    use rustix::fs::{copy_file_range, fstatfs};
    /// The numbers by which statfs(2) tells btrfs and XFS.
    const SHARING: [i64; 2] = [0x9123_683e, 0x5846_5342];
    /// Seconds until Linux has written what was changed: `dirty_expire_centisecs`, and as much again.
    const YOUNG: i64 = 60;
    let sharing = fstatfs(to).is_ok_and(|found| SHARING.contains(&found.f_type));
    let old = match (look_at(from), look_at(to)) {
        (Ok(from), Ok(to)) => to.changed.0.saturating_sub(from.changed.0) > YOUNG,
        _ => false,
    };
    if !sharing || !old || !at.is_multiple_of(SHARED_BLOCK) || !start.is_multiple_of(SHARED_BLOCK) {
        return 0;
    }
    let end = start + size / SHARED_BLOCK * SHARED_BLOCK;
    let (mut read, mut written) = (start, at);
    while read < end {
        let count = usize::try_from(end - read).unwrap_or(usize::MAX);
        match copy_file_range(from, Some(&mut read), to, Some(&mut written), count) {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
    }
    read - start
}

/// Only Linux is asked to share blocks.
#[cfg(not(target_os = "linux"))]
pub fn share(_: &File, _: u64, _: &File, _: u64, _: u64) -> u64 {
    0
}

/// A part of a file that is on the disk as a whole, or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// How many bytes it has.
    pub length: u64,
    /// Whether it is not on the disk, and reads as zeros.
    pub is_hole: bool,
}

/// What begins at `at`, in a file of `size` bytes; where the system does not tell, all is on the disk.
pub fn extent(file: &File, at: u64, size: u64) -> Extent {
    let whole = Extent { length: size.saturating_sub(at), is_hole: false };
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{SeekFrom, seek};
        match seek(file, SeekFrom::Data(at)) {
            Ok(data) if data > at => {
                return Extent { length: data.min(size) - at, is_hole: true };
            }
            Ok(_) => {
                if let Ok(hole) = seek(file, SeekFrom::Hole(at)) {
                    let length = hole.min(size).saturating_sub(at);
                    return if length == 0 { whole } else { Extent { length, is_hole: false } };
                }
            }
            Err(rustix::io::Errno::NXIO) => return Extent { is_hole: true, ..whole },
            Err(_) => {}
        }
    }
    whole
}

/// Reads at a place of a file.
#[cfg(unix)]
pub fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

/// Writes at a place of a file.
#[cfg(unix)]
pub fn write_at(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
}

/// Reads at a place of a file.
#[cfg(windows)]
pub fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

/// Writes at a place of a file.
#[cfg(windows)]
pub fn write_at(file: &File, mut bytes: &[u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let count = std::os::windows::fs::FileExt::seek_write(file, bytes, at)?;
        bytes = bytes.get(count..).unwrap_or_default();
        at += count as u64;
    }
    Ok(())
}

/// Opens anything that can be read once, such as a FIFO; that waits for a writer.
pub fn open_stream(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// A new file in the system's temporary folder, which is gone when it is closed.
///
/// # Errors
/// The system's error.
pub fn nameless_file() -> io::Result<File> {
    let folder = std::env::temp_dir();
    if let Some(file) = output::unnamed_file(&folder.join("x")) {
        return Ok(file);
    }
    let path = folder.join(format!("bimanix-{}", std::process::id()));
    let file = File::options().read(true).write(true).create_new(true).open(&path)?;
    std::fs::remove_file(&path)?;
    Ok(file)
}

/// The bytes of a regular file of at most `limit` bytes.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it is larger than {} MiB", limit >> 20),
        ));
    }
    Ok(bytes)
}

/// The bytes of standard input, at most `limit`.
pub fn read_stdin(limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin().lock().take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the input is too large"));
    }
    Ok(bytes)
}

/// The path with every symlink followed.
pub fn canonicalize(path: &Path) -> io::Result<PathBuf> {
    std::fs::canonicalize(path)
}

/// An absolute form of a path: the current folder in front, `.` and `..` resolved by name alone.
pub fn absolute(path: &Path) -> io::Result<PathBuf> {
    #[allow(clippy::disallowed_methods, reason = "the one place")]
    let base = if path.is_absolute() { PathBuf::new() } else { std::env::current_dir()? };
    Ok(normalize(&base.join(path)))
}

/// Resolves `.` and `..` by name alone; `..` at the root stays at the root.
pub fn normalize(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                if !out.pop() {
                    out.push("/");
                }
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => {
                out.push(component);
            }
        }
    }
    out
}

/// A folder for this process alone, removed with everything in it when dropped.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nothing is left to do about a folder that cannot be removed.
        std::fs::remove_dir_all(&self.0).unwrap_or_default();
    }
}

/// Makes a new folder below the system's temporary folder.
///
/// # Errors
/// The system's error, and a folder of that name that is there already.
pub fn scratch_folder(purpose: &str) -> io::Result<Scratch> {
    let path = std::env::temp_dir().join(format!("{purpose}-{}", std::process::id()));
    std::fs::create_dir(&path)?;
    Ok(Scratch(path))
}

/// How many bytes this process has in memory, where the system tells it (Linux).
pub fn memory_in_use() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

/// A variable of the environment, if it is set and UTF-8.
pub fn variable(name: &str) -> Option<String> {
    #[allow(clippy::disallowed_methods, reason = "the one place")]
    std::env::var(name).ok()
}

/// The number of the user that this process acts for, where users have one.
pub fn user_id() -> Option<u32> {
    #[cfg(unix)]
    return Some(rustix::process::geteuid().as_raw());
    #[cfg(not(unix))]
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalizes_by_name() {
        for (given, expected) in
            [("/a/./b/../c", "/a/c"), ("/..", "/"), ("/a//b/", "/a/b"), ("/../../a", "/a")]
        {
            assert_eq!(normalize(Path::new(given)), PathBuf::from(expected), "{given}");
        }
    }
}

//! Files that are opened for reading, and their bytes.

use super::metadata::{Kind, Stat, stat};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

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
    pub(super) changed: (i64, i64),
}

impl Opened {
    /// Whether it is what it was, as far as the system tells.
    pub fn is_still(self, before: Opened) -> bool {
        (self.size, self.changed) == (before.size, before.changed)
    }
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

/// Opens anything that can be read once, such as a FIFO; that waits for a writer.
pub fn open_stream(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// The bytes of a regular file of at most `limit` bytes.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(too_large(limit));
    }
    Ok(bytes)
}

/// The error of a file that has more than `limit` bytes.
pub fn too_large(limit: u64) -> io::Error {
    let why = match limit >> 20 {
        0 => format!("it is larger than {limit} bytes"),
        mebibytes => format!("it is larger than {mebibytes} MiB"),
    };
    io::Error::new(io::ErrorKind::FileTooLarge, why)
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

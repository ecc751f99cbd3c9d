//! The bytes of an open file by their places: reading, writing, sharing them with another file, and holes.

use super::read::look_at;
use std::fs::File;
use std::io;

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

/// Reads at a place of a file.
#[cfg(windows)]
pub fn read_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

/// Writes at a place of a file.
#[cfg(unix)]
pub fn write_at(file: &File, bytes: &[u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, at)
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

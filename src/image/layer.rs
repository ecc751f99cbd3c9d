//! One layer: entries to tar bytes, the contents copied in one pass.

use super::pass::{Pieces, Progress};
use super::tar::{END, Meta, header, header_size, padded, padding};
use super::{LayerPlan, WriteError};
use crate::host;
use crate::rootfs::{Content, ImagePath, Node};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use tar::EntryType;

impl LayerPlan {
    /// The exact size of the layer's tar, known before its contents are read.
    pub(super) fn size(&self, mtime: u64) -> u64 {
        let entries = self.entries.iter().map(|(path, node)| {
            let meta = meta(path, node, mtime);
            header_size(&meta) + padded(meta.size)
        });
        entries.sum::<u64>() + END.len() as u64
    }

    /// Where in the layer's tar the content of the first file begins that is worth sharing.
    pub(super) fn shareable_content(&self, mtime: u64) -> Option<u64> {
        let mut at = 0;
        for (path, node) in &self.entries {
            let meta = meta(path, node, mtime);
            at += header_size(&meta);
            if matches!(node.content, Content::File { size, .. } if size >= WORTH_SHARING) {
                return Some(at);
            }
            at += padded(meta.size);
        }
        None
    }

    /// Makes the layer's tar. `progress` is told how many bytes of contents have passed.
    ///
    /// # Errors
    /// The first source or output that fails, and a source whose size has changed.
    pub(super) fn write(
        &self,
        mtime: u64,
        out: &mut impl Pieces,
        progress: Progress<'_>,
    ) -> Result<(), WriteError> {
        for (path, node) in &self.entries {
            let meta = meta(path, node, mtime);
            out.put(&header(&meta))?;
            match &node.content {
                Content::Directory | Content::Symlink(_) => {}
                Content::Bytes(bytes) => out.put(bytes)?,
                Content::File { source, size } => copy(source, *size, out, progress)?,
            }
            out.put(padding(meta.size))?;
        }
        out.put(&END)
    }
}

fn meta<'m>(path: &'m ImagePath, node: &'m Node, mtime: u64) -> Meta<'m> {
    let (kind, size, link): (_, _, &[u8]) = match &node.content {
        Content::Directory => (EntryType::Directory, 0, &[]),
        Content::File { size, .. } => (EntryType::Regular, *size, &[]),
        Content::Bytes(bytes) => (EntryType::Regular, bytes.len() as u64, &[]),
        Content::Symlink(target) => (EntryType::Symlink, 0, target),
    };
    let (mode, uid, gid) = (node.mode, node.uid, node.gid);
    Meta { path: path.as_bytes(), kind, link, size, mode, uid, gid, mtime }
}

/// A smaller file is not asked what it is like: that takes as long as to read it, and if it is not what it
/// was, its size tells.
const WORTH_A_LOOK: u64 = 64 << 10;

/// How much of a hole is passed on at once.
const HOLE: u64 = 64 << 20;

/// A file from this size on is worth sharing its blocks with the output.
const WORTH_SHARING: u64 = 1 << 20;

/// Copies exactly `size` bytes, and makes sure that there are no more.
fn copy(
    source: &Path,
    size: u64,
    out: &mut impl Pieces,
    progress: Progress<'_>,
) -> Result<(), WriteError> {
    let failed = |error: io::Error| WriteError::Source { path: source.to_owned(), error };
    let changed = || WriteError::Changed { path: source.to_owned() };
    let mut at = 0;
    let mut shared = None;
    let mut file = if size < WORTH_A_LOOK {
        host::open_any(source).map_err(failed)?
    } else {
        let (mut file, opened) = host::open_as(source).map_err(failed)?;
        if opened.size != size {
            return Err(changed());
        }
        if opened.is_sparse {
            at = copy_extents(&file, size, out, progress, &failed)?;
            file.seek(SeekFrom::Start(at)).map_err(failed)?;
        } else if size >= WORTH_SHARING && out.share(&file, size)? {
            // What is hashed below has to be what is shared here.
            shared = Some(opened);
        }
        file
    };
    loop {
        let room = out.room()?;
        // More than is left, so that a file which grows is found out.
        let wanted = usize::try_from((size - at).saturating_add(1)).unwrap_or(room.len());
        let wanted = wanted.min(room.len());
        let count = match file.read(room.get_mut(..wanted).unwrap_or_default()) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(failed(error)),
        };
        at += count as u64;
        if at > size {
            return Err(changed());
        }
        out.filled(count);
        progress(count as u64);
        // A regular file gives less than is asked for at its end alone.
        if count == 0 || (count < wanted && at == size) {
            break;
        }
    }
    match shared {
        _ if at != size => Err(changed()),
        Some(opened) if !host::look_at(&file).map_err(failed)?.is_still(opened) => Err(changed()),
        _ => Ok(()),
    }
}

/// Copies the parts of a sparse file that are on the disk, and goes over its holes; gives how far it
/// came, which is before the end where the file has become shorter.
fn copy_extents(
    file: &File,
    size: u64,
    out: &mut impl Pieces,
    progress: Progress<'_>,
    failed: &dyn Fn(io::Error) -> WriteError,
) -> Result<u64, WriteError> {
    let mut at = 0;
    while at < size {
        let extent = host::extent(file, at, size);
        if extent.is_hole {
            // In parts, between which a build that has failed elsewhere is stopped.
            let count = extent.length.min(HOLE);
            out.zeros(count)?;
            progress(count);
            at += count;
            continue;
        }
        let end = at + extent.length;
        while at < end {
            let room = out.room()?;
            let wanted = usize::try_from(end - at).unwrap_or(room.len()).min(room.len());
            let count = match host::read_at(file, room.get_mut(..wanted).unwrap_or_default(), at) {
                Ok(0) => return Ok(at),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(failed(error)),
            };
            out.filled(count);
            progress(count as u64);
            at += count as u64;
        }
    }
    Ok(at)
}

//! One layer to its bytes: a tar made from entries, or the blob of a base as it is; contents are copied in one pass.

use super::pass::{Progress, TarSink};
use super::tar::{END, Meta, header, header_size, padded, padding};
use super::{Compression, Kept, Layer, Made, WriteError};
use crate::host;
use crate::rootfs::{
    Content, Device, Extent, ImagePath, Node, Origin, Piece, Pieces, Special, numbers,
};
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use tar::EntryType;

impl Layer {
    /// What it holds, in words.
    pub(super) fn title(&self) -> String {
        match self {
            Layer::Made(made) => made.title.clone(),
            Layer::Kept(kept) => kept.digest.to_string(),
        }
    }

    /// Its media type, given how layers that are made are compressed.
    pub(super) fn media_type(&self, compression: Compression) -> String {
        match self {
            Layer::Made(_) => compression.media_type().to_string(),
            Layer::Kept(kept) => kept.media_type.clone(),
        }
    }

    /// How it is compressed when it is written: what is kept stays as it is.
    pub(super) fn packing(&self, compression: Compression) -> Compression {
        match self {
            Layer::Made(_) => compression,
            Layer::Kept(_) => Compression::None,
        }
    }

    /// The bytes of file contents that are read for it.
    pub(super) fn content_size(&self) -> u64 {
        let size = |node: &Node| match node.content {
            Content::File { size, .. } => size,
            _ => 0,
        };
        match self {
            Layer::Made(made) => made.entries.iter().map(|(_, node)| size(node)).sum(),
            Layer::Kept(kept) => kept.size,
        }
    }

    /// The exact size of its bytes before they are compressed, known before its contents are read.
    pub(super) fn size(&self, mtime: u64) -> u64 {
        match self {
            Layer::Made(made) => made.size(mtime),
            Layer::Kept(kept) => kept.size,
        }
    }

    /// Where in its bytes the first content begins that is worth sharing.
    pub(super) fn shareable_content(&self, mtime: u64) -> Option<u64> {
        match self {
            Layer::Made(made) => made.shareable_content(mtime),
            Layer::Kept(kept) => (kept.size >= WORTH_SHARING).then(|| before_block(&kept.blob)),
        }
    }

    /// Makes its bytes. `progress` is told how many bytes of contents have passed.
    ///
    /// # Errors
    /// The first source or output that fails, and a source whose size has changed.
    pub(super) fn write(
        &self,
        mtime: u64,
        out: &mut impl TarSink,
        progress: Progress<'_>,
    ) -> Result<(), WriteError> {
        match self {
            Layer::Made(made) => made.write(mtime, out, progress),
            Layer::Kept(kept) => kept.copy(out, progress),
        }
    }
}

impl Kept {
    /// Copies exactly its bytes; whether they are the right ones is known by their digest.
    fn copy(&self, out: &mut impl TarSink, progress: Progress<'_>) -> Result<(), WriteError> {
        copy_part(&self.blob, self.size, out, progress)
    }
}

impl Made {
    fn size(&self, mtime: u64) -> u64 {
        let entries = self.entries.iter().map(|(path, node)| {
            let meta = meta(path, node, mtime);
            header_size(&meta) + padded(meta.size)
        });
        entries.sum::<u64>() + END.len() as u64
    }

    fn shareable_content(&self, mtime: u64) -> Option<u64> {
        let mut at = 0;
        for (path, node) in &self.entries {
            let meta = meta(path, node, mtime);
            at += header_size(&meta);
            if let Content::File { source, size } = &node.content
                && *size >= WORTH_SHARING
            {
                return Some(match source {
                    // Where in a file that is made the first large one begins, a block does.
                    Origin::Path(_) | Origin::Pieces(_) => at,
                    Origin::Part(part) => at + before_block(part),
                });
            }
            at += padded(meta.size);
        }
        None
    }

    fn write(
        &self,
        mtime: u64,
        out: &mut impl TarSink,
        progress: Progress<'_>,
    ) -> Result<(), WriteError> {
        for (path, node) in &self.entries {
            let meta = meta(path, node, mtime);
            out.put(&header(&meta))?;
            match &node.content {
                Content::Directory | Content::Symlink(_) | Content::Special(_) => {}
                Content::Bytes(bytes) => out.put(bytes)?,
                Content::File { source: Origin::Pieces(pieces), .. } => {
                    write_pieces(pieces, out, progress)?;
                }
                Content::File { source: Origin::Path(path), size } => {
                    copy(path, *size, out, progress)?;
                }
                Content::File { source: Origin::Part(part), size } => {
                    copy_part(part, *size, out, progress)?;
                }
            }
            out.put(padding(meta.size))?;
        }
        out.put(&END)
    }
}

/// What the tar of a layer is made of.
pub(super) enum Part<'p> {
    /// Bytes that are at hand.
    Bytes(Vec<u8>),
    /// So many bytes of a file.
    Content(&'p Origin, u64),
}

/// The parts of a layer's tar, in their order.
pub(super) fn parts(made: &Made, mtime: u64) -> impl Iterator<Item = Part<'_>> {
    made.entries.iter().flat_map(move |(path, node)| {
        let content = match &node.content {
            Content::File { source, size } => Some(Part::Content(source, *size)),
            Content::Bytes(bytes) => Some(Part::Bytes(bytes.clone())),
            Content::Directory | Content::Symlink(_) | Content::Special(_) => None,
        };
        std::iter::once(Part::Bytes(header(&meta(path, node, mtime)))).chain(content)
    })
}

fn meta<'m>(path: &'m ImagePath, node: &'m Node, mtime: u64) -> Meta<'m> {
    let (kind, size, link): (_, _, &[u8]) = match &node.content {
        Content::Directory => (EntryType::Directory, 0, &[]),
        Content::File { size, .. } => (EntryType::Regular, *size, &[]),
        Content::Bytes(bytes) => (EntryType::Regular, bytes.len() as u64, &[]),
        Content::Symlink(target) => (EntryType::Symlink, 0, target),
        Content::Special(Special::Character(_)) => (EntryType::Char, 0, &[]),
        Content::Special(Special::Block(_)) => (EntryType::Block, 0, &[]),
        Content::Special(Special::Fifo) => (EntryType::Fifo, 0, &[]),
    };
    let device = match &node.content {
        Content::Special(
            Special::Character(Device { major, minor }) | Special::Block(Device { major, minor }),
        ) => (*major, *minor),
        _ => (0, 0),
    };
    let (mode, uid, gid) = (node.mode, node.uid, node.gid);
    Meta { path: path.as_bytes(), kind, link, size, mode, uid, gid, mtime, device }
}

/// A smaller file is not asked what it is like: that takes as long as to read it, and if it is not what it
/// was, its size tells.
const WORTH_A_LOOK: u64 = 64 << 10;

/// How much of a hole is passed on at once.
const HOLE: u64 = 64 << 20;

/// A file from this size on is worth sharing its blocks with the output.
const WORTH_SHARING: u64 = 1 << 20;

/// Fewer zeros than these are written as bytes: a hole in the output would cost more.
const WORTH_A_HOLE: u64 = 256 << 10;

/// Writes a file that is made of pieces.
fn write_pieces(
    pieces: &Pieces,
    out: &mut impl TarSink,
    progress: Progress<'_>,
) -> Result<(), WriteError> {
    let mut at = 0;
    for (start, piece) in pieces.iter() {
        zeros(start - at, out, progress)?;
        at = start;
        match piece {
            Piece::Bytes(bytes) => {
                out.put(bytes)?;
                progress(bytes.len() as u64);
                at += bytes.len() as u64;
            }
            Piece::Numbers { first, count } => {
                let bytes = numbers(*first, *count);
                out.put(&bytes)?;
                progress(bytes.len() as u64);
                at += bytes.len() as u64;
            }
            Piece::File { origin, size, start, length } => {
                match origin {
                    Origin::Path(path) if length == size => copy(path, *size, out, progress)?,
                    Origin::Path(path) => {
                        copy_range(path, *size, *start, *length, out, progress)?;
                    }
                    Origin::Part(part) => {
                        let start = part.start + start;
                        copy_part(&Extent { start, ..part.clone() }, *length, out, progress)?;
                    }
                    Origin::Pieces(pieces) => write_pieces(pieces, out, progress)?,
                }
                at += length;
            }
        }
    }
    zeros(pieces.size() - at, out, progress)
}

fn zeros(mut count: u64, out: &mut impl TarSink, progress: Progress<'_>) -> Result<(), WriteError> {
    while count > 0 {
        let now = count.min(HOLE);
        if count < WORTH_A_HOLE {
            let room = out.room()?;
            let now = usize::try_from(count).unwrap_or(usize::MAX).min(room.len());
            room.get_mut(..now).unwrap_or_default().fill(0);
            out.filled(now);
            progress(now as u64);
            count -= now as u64;
        } else {
            out.zeros(now)?;
            progress(now);
            count -= now;
        }
    }
    Ok(())
}

/// Copies a part of a file of `size` bytes, which it still has to have.
fn copy_range(
    source: &Path,
    size: u64,
    start: u64,
    length: u64,
    out: &mut impl TarSink,
    progress: Progress<'_>,
) -> Result<(), WriteError> {
    let failed = |error: io::Error| WriteError::Source { path: source.to_owned(), error };
    let (file, opened) = host::open_as(source).map_err(failed)?;
    if opened.size != size {
        return Err(WriteError::Changed { path: source.to_owned() });
    }
    if opened.is_sparse {
        let end = start + length;
        return match copy_extents(&file, start, end, out, progress, &failed)? {
            reached if reached == end => Ok(()),
            _ => Err(WriteError::Changed { path: source.to_owned() }),
        };
    }
    let part = Extent { path: source.to_owned(), file: Arc::new(file), start };
    copy_part(&part, length, out, progress)
}

/// How many bytes of a part come before the first block of the file system in it.
fn before_block(part: &Extent) -> u64 {
    part.start.next_multiple_of(host::SHARED_BLOCK) - part.start
}

/// Copies exactly `size` bytes of an open file; whether they are the right ones is for others to see.
fn copy_part(
    part: &Extent,
    size: u64,
    out: &mut impl TarSink,
    progress: Progress<'_>,
) -> Result<(), WriteError> {
    let failed = |error: io::Error| WriteError::Source { path: part.path.clone(), error };
    let changed = || WriteError::Changed { path: part.path.clone() };
    let before = host::look_at(&part.file).map_err(failed)?;
    let block = if size >= WORTH_SHARING { before_block(part) } else { size };
    let (mut at, mut is_shared) = (0, false);
    while at < size {
        if at == block {
            is_shared = out.share(&part.file, part.start + at, size - at)?;
        }
        let end = if at < block { block } else { size };
        let room = out.room()?;
        let most = usize::try_from(end - at).unwrap_or(usize::MAX).min(room.len());
        let room = room.get_mut(..most).unwrap_or_default();
        match host::read_at(&part.file, room, part.start + at) {
            Ok(0) => return Err(changed()),
            Ok(count) => {
                out.filled(count);
                progress(count as u64);
                at += count as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(failed(error)),
        }
    }
    // What was hashed has to be what is shared.
    if is_shared && !host::look_at(&part.file).map_err(failed)?.is_still(before) {
        return Err(changed());
    }
    Ok(())
}

/// Copies exactly `size` bytes, and makes sure that there are no more.
fn copy(
    source: &Path,
    size: u64,
    out: &mut impl TarSink,
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
            at = copy_extents(&file, 0, size, out, progress, &failed)?;
            file.seek(SeekFrom::Start(at)).map_err(failed)?;
        } else if size >= WORTH_SHARING && out.share(&file, 0, size)? {
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

/// Copies the parts of a sparse file from `at` up to `size` that are on the disk, and goes over its holes; gives how far it
/// came, which is before the end where the file has become shorter.
fn copy_extents(
    file: &File,
    mut at: u64,
    size: u64,
    out: &mut impl TarSink,
    progress: Progress<'_>,
    failed: &dyn Fn(io::Error) -> WriteError,
) -> Result<u64, WriteError> {
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

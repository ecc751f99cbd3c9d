//! One layer: entries to tar bytes, the contents copied in one pass.

use super::tar::{END, Meta, header, padded, padding};
use super::{LayerPlan, WriteError};
use crate::host;
use crate::rootfs::{Content, ImagePath, Node};
use std::io::{self, Read as _, Write};
use std::path::Path;
use tar::EntryType;

/// How much of a file is in memory at once.
const CHUNK: usize = 256 << 10;

impl LayerPlan {
    /// The exact size of the layer's tar, known before its contents are read.
    pub(super) fn size(&self, mtime: u64) -> u64 {
        let entries = self.entries.iter().map(|(path, node)| {
            let meta = meta(path, node, mtime);
            header(&meta).len() as u64 + padded(meta.size)
        });
        entries.sum::<u64>() + END.len() as u64
    }

    /// Writes the layer's tar. `progress` is told how many bytes of contents have passed.
    ///
    /// # Errors
    /// The first source or output that fails, and a source whose size has changed.
    pub(super) fn write(
        &self,
        mtime: u64,
        out: &mut impl Write,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), WriteError> {
        let mut chunk = Vec::new();
        for (path, node) in &self.entries {
            let meta = meta(path, node, mtime);
            out.write_all(&header(&meta)).map_err(WriteError::Output)?;
            match &node.content {
                Content::Directory | Content::Symlink(_) => {}
                Content::Bytes(bytes) => out.write_all(bytes).map_err(WriteError::Output)?,
                Content::File { source, size } => {
                    chunk.resize(CHUNK, 0);
                    copy(source, *size, out, &mut chunk, progress)?;
                }
            }
            out.write_all(padding(meta.size)).map_err(WriteError::Output)?;
        }
        out.write_all(&END).map_err(WriteError::Output)
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

/// Copies exactly `size` bytes, and makes sure that there are no more.
fn copy(
    source: &Path,
    size: u64,
    out: &mut impl Write,
    chunk: &mut [u8],
    progress: &mut dyn FnMut(u64),
) -> Result<(), WriteError> {
    let failed = |error: io::Error| WriteError::Source { path: source.to_owned(), error };
    let changed = || WriteError::Changed { path: source.to_owned() };
    let mut file = host::open(source).map_err(failed)?;
    let mut left = size;
    loop {
        let count = match file.read(chunk) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(failed(error)),
        };
        if count == 0 {
            break;
        }
        left = left.checked_sub(count as u64).ok_or_else(changed)?;
        let read = chunk.get(..count).unwrap_or(&[]);
        out.write_all(read).map_err(WriteError::Output)?;
        progress(count as u64);
    }
    if left == 0 { Ok(()) } else { Err(changed()) }
}

//! Images as an archive: to a file, where layers have their places from the start, or to a stream.

use super::BUFFER;
use super::end::End;
use super::layers::{all_plain, one, repeated};
use super::prepared::{Part, prepare};
use crate::host;
use crate::image::config::{self, Blob, LAYOUT_FILE, blob_path};
use crate::image::pass::{Progress, Sink};
use crate::image::tar::{END, Meta, filler, header, header_size, padded, padding};
use crate::image::{Check, Compression, Digest, Image, Index, Known, Layer, Summaries, WriteError};
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use tar::EntryType;

/// Writes the archive to a file, which has nothing in it yet.
///
/// # Errors
/// The first source or output that fails.
pub fn to_file(
    index: &Index,
    file: &File,
    known: &Known,
    progress: Progress<'_>,
) -> Result<Summaries, WriteError> {
    let created = index.created();
    let mut start = Vec::new();
    archive_start(created, &mut start)?;
    let at =
        |bytes: &[u8], offset: u64| host::write_at(file, bytes, offset).map_err(WriteError::Output);
    at(&start, 0)?;
    let mut end = start.len() as u64;
    let all = index.layers();
    let layers = if index.compression() == Compression::None {
        let there = repeated(index)?;
        let mut places = Vec::with_capacity(all.len());
        for (&(image, layer), there) in all.iter().zip(&there) {
            if there.is_some() {
                places.push((0, 0));
                continue;
            }
            let size = layer.size(image.created);
            let filler = alignment(image, layer, size, end);
            let head = filler.len() as u64 + blob_header_size(size, created);
            at(&filler, end)?;
            places.push((end + filler.len() as u64, end + head));
            end += head + padded(size);
        }
        let sink =
            |number: usize| Ok(Sink::file(file, places.get(number).map_or(0, |place| place.1)));
        let layers = all_plain(index, &there, known, &sink, progress)?;
        for ((blob, (head, _)), there) in layers.iter().zip(&places).zip(&there) {
            if there.is_none() {
                at(&blob_header(*blob, created), *head)?;
            }
        }
        layers
    } else {
        let mut layers: Vec<Blob> = Vec::with_capacity(all.len());
        for &(image, layer) in &all {
            // The size is not known yet, but no layer is so large that its header differs.
            let head = blob_header_size(0, created);
            let sink = Sink::file(file, end + head);
            let blob = one(image, layer, known, sink, progress)?;
            let header = blob_header(blob, created);
            if header.len() as u64 != head {
                return Err(WriteError::Invalid("a layer is too large to be compressed".into()));
            }
            // One that is there already is written over by what comes next.
            if !layers.contains(&blob) {
                at(&header, end)?;
                end += head + padded(blob.size);
            }
            layers.push(blob);
        }
        layers
    };
    let mut rest = Vec::new();
    let tail = End::new(index, &layers)?;
    archive_end(created, &tail, &mut rest)?;
    at(&rest, end)?;
    file.set_len(end + rest.len() as u64).map_err(WriteError::Output)?;
    Ok(tail.summaries(index))
}

/// What stands in front of a layer, so that its first large file begins where a block of the file system does: there
/// its blocks can be shared instead of copied. It is the same on file systems that cannot.
pub(super) fn alignment(image: &Image, layer: &Layer, size: u64, at: u64) -> Vec<u8> {
    let head = blob_header_size(size, image.created);
    // Two pax headers in front of one entry are one too many for some readers.
    let Some(content) = layer.shareable_content(image.created).filter(|_| head == 512) else {
        return Vec::new();
    };
    let start = at + head + content;
    match start.next_multiple_of(host::SHARED_BLOCK) - start {
        0 => Vec::new(),
        // A filler has two blocks at least.
        512 => filler(512 + host::SHARED_BLOCK),
        missing => filler(missing),
    }
}

/// Writes the archive to something that cannot seek, reading every source twice, but for what is known.
///
/// # Errors
/// The first source or output that fails, and sources that change between the passes.
pub fn to_stream(
    index: &Index,
    out: &mut impl Write,
    known: &Known,
    progress: Progress<'_>,
) -> Result<Summaries, WriteError> {
    let prepared = prepare(index, Check::Now, known, &|_| ())?;
    let mut out = BufWriter::with_capacity(BUFFER, out);
    for part in prepared.parts()? {
        match part {
            Part::Bytes(bytes) => out.write_all(&bytes).map_err(WriteError::Output)?,
            Part::Layer(number) => prepared.write_layer(number, &mut out, progress)?,
        }
    }
    out.flush().map_err(WriteError::Output)?;
    Ok(prepared.summaries())
}

/// Copies all of `from`, which is at `path` or a part of what is there; gives how many bytes that were.
///
/// # Errors
/// A read or a write that fails, each as what it is.
pub fn pass_on(from: &mut dyn Read, out: &mut dyn Write, path: &Path) -> Result<u64, WriteError> {
    let mut buffer = vec![0; BUFFER];
    let mut count = 0;
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) => return Ok(count),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(WriteError::Source { path: path.to_owned(), error }),
        };
        out.write_all(buffer.get(..read).unwrap_or_default()).map_err(WriteError::Output)?;
        count += read as u64;
    }
}

/// An entry of the archive itself.
fn meta(name: &str, kind: EntryType, size: u64, created: u64) -> Meta<'_> {
    let mode = if kind == EntryType::Directory { 0o755 } else { 0o644 };
    Meta {
        path: name.as_bytes(),
        kind,
        link: b"",
        size,
        mode,
        uid: 0,
        gid: 0,
        mtime: created,
        device: (0, 0),
    }
}

/// How many bytes the header of a blob takes.
fn blob_header_size(size: u64, created: u64) -> u64 {
    header_size(&meta(&blob_path(Digest::of(&[])), EntryType::Regular, size, created))
}

pub(super) fn blob_header(blob: Blob, created: u64) -> Vec<u8> {
    header(&meta(&blob_path(blob.digest), EntryType::Regular, blob.size, created))
}

pub(super) fn put(
    name: &str,
    bytes: &[u8],
    created: u64,
    out: &mut impl Write,
) -> Result<(), WriteError> {
    let size = bytes.len() as u64;
    let header = header(&meta(name, EntryType::Regular, size, created));
    for part in [header.as_slice(), bytes, padding(size)] {
        out.write_all(part).map_err(WriteError::Output)?;
    }
    Ok(())
}

pub(super) fn archive_start(created: u64, out: &mut impl Write) -> Result<(), WriteError> {
    put(LAYOUT_FILE, &config::layout()?, created, out)?;
    for folder in ["blobs", "blobs/sha256"] {
        let header = header(&meta(folder, EntryType::Directory, 0, created));
        out.write_all(&header).map_err(WriteError::Output)?;
    }
    Ok(())
}

pub(super) fn archive_end(created: u64, end: &End, out: &mut impl Write) -> Result<(), WriteError> {
    for (blob, bytes) in end.blobs() {
        put(&blob_path(blob.digest), bytes, created, out)?;
    }
    put("index.json", &end.index, created, out)?;
    put("manifest.json", &end.docker, created, out)?;
    out.write_all(&END).map_err(WriteError::Output)
}

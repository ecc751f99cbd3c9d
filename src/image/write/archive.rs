//! An image as an archive: to a file, where layers have their places from the start, or to a stream.

use super::BUFFER;
use super::end::End;
use super::layers::{all_plain, one, repeated};
use super::prepared::{Part, prepare};
use crate::host;
use crate::image::config::{self, Blob, LAYOUT_FILE, blob_path};
use crate::image::pass::{Progress, Sink};
use crate::image::tar::{END, Meta, filler, header, header_size, padded, padding};
use crate::image::{Check, Compression, Digest, Image, Layer, Name, Summary, WriteError};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;
use tar::EntryType;

/// Writes the archive to a file, which has nothing in it yet.
///
/// # Errors
/// The first source or output that fails.
pub fn to_file(image: &Image, file: &File, progress: Progress<'_>) -> Result<Summary, WriteError> {
    let mut start = Vec::new();
    archive_start(image.created, &mut start)?;
    let at =
        |bytes: &[u8], offset: u64| host::write_at(file, bytes, offset).map_err(WriteError::Output);
    at(&start, 0)?;
    let mut end = start.len() as u64;
    let layers = if image.compression == Compression::None {
        let known = repeated(image)?;
        let mut places = Vec::with_capacity(image.layers.len());
        for (layer, known) in image.layers.iter().zip(&known) {
            if known.is_some() {
                places.push((0, 0));
                continue;
            }
            let size = layer.size(image.created);
            let filler = alignment(image, layer, size, end);
            let head = filler.len() as u64 + blob_header_size(size, image.created);
            at(&filler, end)?;
            places.push((end + filler.len() as u64, end + head));
            end += head + padded(size);
        }
        let sink =
            |number: usize| Ok(Sink::file(file, places.get(number).map_or(0, |place| place.1)));
        let layers = all_plain(image, &known, &sink, progress)?;
        for ((blob, (head, _)), known) in layers.iter().zip(&places).zip(&known) {
            if known.is_none() {
                at(&blob_header(*blob, image.created), *head)?;
            }
        }
        layers
    } else {
        let mut layers: Vec<Blob> = Vec::with_capacity(image.layers.len());
        for layer in &image.layers {
            // The size is not known yet, but no layer is so large that its header differs.
            let head = blob_header_size(0, image.created);
            let sink = Sink::file(file, end + head);
            let blob = one(image, layer, sink, progress)?;
            let header = blob_header(blob, image.created);
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
    let tail = End::new(image, &layers)?;
    archive_end(image, &layers, &tail, &mut rest)?;
    at(&rest, end)?;
    file.set_len(end + rest.len() as u64).map_err(WriteError::Output)?;
    Ok(tail.summary(image, &layers))
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

/// Writes the archive to something that cannot seek, reading every source twice.
///
/// # Errors
/// The first source or output that fails, and sources that change between the passes.
pub fn to_stream(
    image: &Image,
    out: &mut impl Write,
    progress: Progress<'_>,
) -> Result<Summary, WriteError> {
    let prepared = prepare(image, Check::Now, &|_| ())?;
    let mut out = BufWriter::with_capacity(BUFFER, out);
    for part in prepared.parts()? {
        match part {
            Part::Bytes(bytes) => out.write_all(&bytes).map_err(WriteError::Output)?,
            Part::Layer(number) => prepared.write_layer(number, &mut out, progress)?,
        }
    }
    out.flush().map_err(WriteError::Output)?;
    Ok(prepared.summary())
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

/// Writes the image at `path` as an archive: its blobs as they are, the configuration first in `blobs`.
/// For one that [`to_stream`] has written at the time 0 the bytes are the same, if no file in it is large.
///
/// # Errors
/// The first blob or output that fails.
pub fn gather<R: Read>(
    name: &Name,
    manifest: &[u8],
    blobs: &[(Digest, u64)],
    path: &Path,
    open: impl Fn(Digest) -> Result<R, WriteError>,
    out: &mut dyn Write,
) -> Result<(), WriteError> {
    let mut out = BufWriter::with_capacity(BUFFER, out);
    let blobs: Vec<Blob> =
        blobs.iter().map(|&(digest, size)| Blob { digest, size, diff_id: digest }).collect();
    let Some((&config, layers)) = blobs.split_first() else { return Err(WriteError::Stopped) };
    archive_start(0, &mut out)?;
    let mut written = BTreeSet::new();
    for &blob in layers.iter().chain([&config]) {
        if !written.insert(blob.digest) {
            continue;
        }
        out.write_all(&blob_header(blob, 0)).map_err(WriteError::Output)?;
        let mut bytes = open(blob.digest)?.take(blob.size);
        let count = pass_on(&mut bytes, &mut out, path)?;
        if count != blob.size {
            return Err(WriteError::LayerChanged { title: blob.digest.to_string() });
        }
        out.write_all(padding(blob.size)).map_err(WriteError::Output)?;
    }
    let (digest, media_type) = (Digest::of(manifest), config::manifest_type(manifest));
    put(&blob_path(digest), manifest, 0, &mut out)?;
    let manifest = Blob { digest, size: manifest.len() as u64, diff_id: digest };
    put("index.json", &config::index(name, manifest, media_type)?, 0, &mut out)?;
    put("manifest.json", &config::docker_manifest(name, config, layers)?, 0, &mut out)?;
    out.write_all(&END).map_err(WriteError::Output)?;
    out.flush().map_err(WriteError::Output)
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

fn put(name: &str, bytes: &[u8], created: u64, out: &mut impl Write) -> Result<(), WriteError> {
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

pub(super) fn archive_end(
    image: &Image,
    layers: &[Blob],
    end: &End,
    out: &mut impl Write,
) -> Result<(), WriteError> {
    for (blob, bytes) in [&end.config, &end.manifest] {
        put(&blob_path(blob.digest), bytes, image.created, out)?;
    }
    put("index.json", &end.index, image.created, out)?;
    let docker = config::docker_manifest(&image.name, end.config.0, layers)?;
    put("manifest.json", &docker, image.created, out)?;
    out.write_all(&END).map_err(WriteError::Output)
}

//! Images whose digests are known before anything of it is written.

use super::BUFFER;
use super::archive::{alignment, archive_end, archive_start, blob_header};
use super::end::{End, ImageEnd};
use super::layers::{hash, stream_blob};
use crate::host;
use crate::image::config::{self, Blob, LAYOUT_FILE, blob_path};
use crate::image::digest::Hashing;
use crate::image::pass::Progress;
use crate::image::tar::{padded, padding};
use crate::image::{Check, Compression, Digest, Index, Known, Summaries, WriteError};
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

/// A part of an archive, in the order in which they are written.
pub(super) enum Part {
    /// What is not in a layer.
    Bytes(Vec<u8>),
    /// The bytes of a layer, by its number.
    Layer(usize),
}

/// Images whose digests are known, and of which nothing has been written yet.
#[derive(Debug)]
pub struct Prepared<'p> {
    index: &'p Index,
    layers: Vec<Blob>,
    end: End,
    known: Known,
}

/// Reads every source that is not known and works the digests out. Those of a base are known; whether they are right is checked now, or
/// when its layers are written.
///
/// # Errors
/// The first source that fails.
pub fn prepare<'p>(
    index: &'p Index,
    check: Check,
    known: &Known,
    progress: Progress<'_>,
) -> Result<Prepared<'p>, WriteError> {
    let layers = hash(index, check, known, progress)?;
    let end = End::new(index, &layers)?;
    Ok(Prepared { index, layers, end, known: known.clone() })
}

/// One of the images, ready to be sent.
#[derive(Debug, Clone, Copy)]
pub struct PreparedImage<'p>(&'p ImageEnd);

impl<'p> PreparedImage<'p> {
    /// The digest and the bytes of the manifest.
    pub fn manifest(self) -> (Digest, &'p [u8]) {
        (self.0.manifest.0.digest, &self.0.manifest.1)
    }

    /// The digest and the bytes of the configuration.
    pub fn config(self) -> (Digest, &'p [u8]) {
        (self.0.config.0.digest, &self.0.config.1)
    }

    /// The digests and sizes of its layers.
    pub fn layers(self) -> impl Iterator<Item = (Digest, u64)> {
        self.0.layers.iter().map(|layer| (layer.digest, layer.size))
    }
}

impl Prepared<'_> {
    /// What the images are.
    pub fn summaries(&self) -> Summaries {
        self.end.summaries(self.index)
    }

    /// The archive, layers left out.
    pub(super) fn parts(&self) -> Result<Vec<Part>, WriteError> {
        let Prepared { index, layers, .. } = self;
        let created = index.created();
        let mut parts = Vec::new();
        let mut bytes = Vec::new();
        archive_start(created, &mut bytes)?;
        let mut at = bytes.len() as u64;
        for (number, ((image, layer), &blob)) in index.layers().into_iter().zip(layers).enumerate()
        {
            if layers.iter().take(number).any(|earlier| *earlier == blob) {
                continue;
            }
            let mut head = match image.compression {
                Compression::None => alignment(image, layer, blob.size, at),
                Compression::Gzip(_) | Compression::Zstd(_) => Vec::new(),
            };
            head.extend(blob_header(blob, created));
            at += head.len() as u64 + padded(blob.size);
            bytes.extend(head);
            parts.push(Part::Bytes(std::mem::take(&mut bytes)));
            parts.push(Part::Layer(number));
            bytes.extend_from_slice(padding(blob.size));
        }
        archive_end(created, &self.end, &mut bytes)?;
        parts.push(Part::Bytes(bytes));
        Ok(parts)
    }

    /// Whether the file at a path is the archive, byte for byte. Layers are known by their digests.
    pub fn is_archive_at(&self, path: &Path) -> bool {
        let Ok(file) = host::open(path) else { return false };
        let mut file = BufReader::with_capacity(BUFFER, file);
        let Ok(parts) = self.parts() else { return false };
        let is_same = |part: &Part| match part {
            Part::Bytes(bytes) => reads(&mut file, bytes),
            Part::Layer(number) => self.layers.get(*number).is_some_and(|blob| {
                let mut hashing = Hashing::new(io::sink());
                let copied = io::copy(&mut file.by_ref().take(blob.size), &mut hashing);
                copied.is_ok() && hashing.finish() == (blob.digest, blob.size)
            }),
        };
        parts.iter().all(is_same) && is_at_end(&mut file)
    }

    /// Whether the folder at a path is the image layout, byte for byte as far as it belongs to the image.
    pub fn is_layout_at(&self, path: &Path) -> bool {
        let is_same = |name: &str, bytes: &[u8]| {
            host::open(&path.join(name)).is_ok_and(|file| {
                let mut file = BufReader::new(file);
                reads(&mut file, bytes) && is_at_end(&mut file)
            })
        };
        let is_blob = |blob: &Blob| {
            host::open(&path.join(blob_path(blob.digest))).is_ok_and(|file| {
                let mut hashing = Hashing::new(io::sink());
                let copied = io::copy(&mut BufReader::with_capacity(BUFFER, file), &mut hashing);
                copied.is_ok() && hashing.finish() == (blob.digest, blob.size)
            })
        };
        config::layout().is_ok_and(|layout| is_same(LAYOUT_FILE, &layout))
            && is_same("index.json", &self.end.index)
            && self.end.blobs().all(|(blob, bytes)| is_same(&blob_path(blob.digest), bytes))
            && self.layers.iter().all(is_blob)
    }

    /// The images, each ready to be sent.
    pub fn images(&self) -> impl Iterator<Item = PreparedImage<'_>> {
        self.end.images.iter().map(PreparedImage)
    }

    /// The digest and the bytes of the index, where there are several images.
    pub fn index(&self) -> Option<(Digest, &[u8])> {
        self.end.several.as_ref().map(|(blob, bytes)| (blob.digest, bytes.as_slice()))
    }

    /// Writes the blob of a layer, by its number among the layers of all images.
    ///
    /// # Errors
    /// The first source or output that fails, and sources that have changed.
    pub fn write_layer(
        &self,
        number: usize,
        out: &mut dyn Write,
        progress: Progress<'_>,
    ) -> Result<(), WriteError> {
        match (self.index.layers().get(number), self.layers.get(number)) {
            (Some((image, layer)), Some(&blob)) => {
                stream_blob(image, layer, blob, &self.known, out, progress)
            }
            _ => Err(WriteError::Stopped),
        }
    }
}

/// Whether these bytes come next.
fn reads(from: &mut impl Read, bytes: &[u8]) -> bool {
    let mut found = vec![0; bytes.len()];
    from.read_exact(&mut found).is_ok() && found == bytes
}

fn is_at_end(from: &mut impl Read) -> bool {
    matches!(from.read(&mut [0]), Ok(0))
}

//! An image whose digests are known before anything of it is written.

use super::BUFFER;
use super::archive::{alignment, archive_end, archive_start, blob_header};
use super::end::End;
use super::layers::{hash, stream_blob};
use crate::host;
use crate::image::config::{self, Blob, LAYOUT_FILE, blob_path};
use crate::image::digest::Hashing;
use crate::image::pass::Progress;
use crate::image::tar::{padded, padding};
use crate::image::{Check, Compression, Digest, Image, Summary, WriteError};
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

/// A part of an archive, in the order in which they are written.
pub(super) enum Part {
    /// What is not in a layer.
    Bytes(Vec<u8>),
    /// The bytes of a layer, by its number.
    Layer(usize),
}

/// An image whose digests are known, and of which nothing has been written yet.
#[derive(Debug)]
pub struct Prepared<'p> {
    image: &'p Image,
    layers: Vec<Blob>,
    end: End,
}

/// Reads every source and works the digests out. Those of a base are known; whether they are right is checked now, or
/// when its layers are written.
///
/// # Errors
/// The first source that fails.
pub fn prepare<'p>(
    image: &'p Image,
    check: Check,
    progress: Progress<'_>,
) -> Result<Prepared<'p>, WriteError> {
    let layers = hash(image, check, progress)?;
    let end = End::new(image, &layers)?;
    Ok(Prepared { image, layers, end })
}

impl Prepared<'_> {
    /// What the image is.
    pub fn summary(&self) -> Summary {
        self.end.summary(self.image, &self.layers)
    }

    /// The archive, layers left out.
    pub(super) fn parts(&self) -> Result<Vec<Part>, WriteError> {
        let Prepared { image, layers, .. } = self;
        let mut parts = Vec::new();
        let mut bytes = Vec::new();
        archive_start(image.created, &mut bytes)?;
        let mut at = bytes.len() as u64;
        for (number, (layer, &blob)) in image.layers.iter().zip(layers).enumerate() {
            if layers.iter().take(number).any(|earlier| *earlier == blob) {
                continue;
            }
            let mut head = match image.compression {
                Compression::None => alignment(image, layer, blob.size, at),
                Compression::Gzip(_) | Compression::Zstd(_) => Vec::new(),
            };
            head.extend(blob_header(blob, image.created));
            at += head.len() as u64 + padded(blob.size);
            bytes.extend(head);
            parts.push(Part::Bytes(std::mem::take(&mut bytes)));
            parts.push(Part::Layer(number));
            bytes.extend_from_slice(padding(blob.size));
        }
        archive_end(image, layers, &self.end, &mut bytes)?;
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
        let End { config, manifest, index } = &self.end;
        config::layout().is_ok_and(|layout| is_same(LAYOUT_FILE, &layout))
            && is_same("index.json", index)
            && [config, manifest]
                .iter()
                .all(|(blob, bytes)| is_same(&blob_path(blob.digest), bytes))
            && self.layers.iter().all(is_blob)
    }

    /// The digest and the bytes of the manifest.
    pub fn manifest(&self) -> (Digest, &[u8]) {
        (self.end.manifest.0.digest, &self.end.manifest.1)
    }

    /// The digest and the bytes of the configuration.
    pub fn config(&self) -> (Digest, &[u8]) {
        (self.end.config.0.digest, &self.end.config.1)
    }

    /// Writes the blob of a layer, by its number.
    ///
    /// # Errors
    /// The first source or output that fails, and sources that have changed.
    pub fn write_layer(
        &self,
        number: usize,
        out: &mut dyn Write,
        progress: Progress<'_>,
    ) -> Result<(), WriteError> {
        match (self.image.layers.get(number), self.layers.get(number)) {
            (Some(layer), Some(&blob)) => stream_blob(self.image, layer, blob, out, progress),
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

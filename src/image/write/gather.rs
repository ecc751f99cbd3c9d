//! Images that are there already, written again with their blobs as they are.

use super::BUFFER;
use super::archive::{archive_start, blob_header, pass_on, put};
use crate::host::output::OutputFolder;
use crate::image::config::{self, Blob, LAYOUT_FILE, blob_path};
use crate::image::digest::Hashing;
use crate::image::platform::Platform;
use crate::image::read::{Blobs, Link};
use crate::image::tar::{END, padding};
use crate::image::{Digest, Name, WriteError};
use std::collections::BTreeSet;
use std::io::{BufWriter, Read, Write};
use std::path::Path;

/// Opens the blob that has a digest.
pub type Open<'o> = &'o dyn Fn(Digest) -> Result<Box<dyn Read>, WriteError>;

/// The index of images, each with the bytes of its manifest and its platform.
///
/// # Errors
/// It breaks a rule of OCI.
pub fn index_of(manifests: &[(&[u8], &Platform)]) -> Result<Vec<u8>, WriteError> {
    let entries = manifests.iter().map(|(manifest, platform)| {
        let platform = (platform.os(), platform.architecture(), platform.variant());
        (blob(manifest), config::manifest_type(manifest), platform)
    });
    config::image_index(entries)
}

/// Writes images as an archive. For those that [`to_stream`](super::to_stream) has written at the time 0 the bytes are the
/// same, if no file in them is large.
///
/// # Errors
/// The first blob or output that fails, and a blob that is not what its digest says.
pub fn gather(
    name: &Name,
    blobs: &Blobs,
    path: &Path,
    open: Open<'_>,
    out: &mut dyn Write,
) -> Result<(), WriteError> {
    let mut out = BufWriter::with_capacity(BUFFER, out);
    archive_start(0, &mut out)?;
    let mut written = BTreeSet::new();
    let layers = blobs.images.iter().flat_map(|(_, links)| &links.layers);
    for link in layers {
        if written.insert(link.digest) {
            gather_blob(*link, path, open, &mut out)?;
        }
    }
    for (manifest, links) in &blobs.images {
        if written.insert(links.config.digest) {
            gather_blob(links.config, path, open, &mut out)?;
        }
        put(&blob_path(Digest::of(manifest)), manifest, 0, &mut out)?;
    }
    for index in &blobs.indexes {
        put(&blob_path(Digest::of(index)), index, 0, &mut out)?;
    }
    put("index.json", &root(name, blobs)?, 0, &mut out)?;
    put("manifest.json", &docker(name, blobs, open)?, 0, &mut out)?;
    out.write_all(&END).map_err(WriteError::Output)?;
    out.flush().map_err(WriteError::Output)
}

/// Writes images as an OCI image layout.
///
/// # Errors
/// The first blob or output that fails, and a blob that is not what its digest says.
pub fn gather_folder(
    name: &Name,
    blobs: &Blobs,
    path: &Path,
    open: Open<'_>,
    folder: &OutputFolder,
) -> Result<(), WriteError> {
    let links = blobs
        .images
        .iter()
        .flat_map(|(_, links)| links.layers.iter().chain(std::iter::once(&links.config)));
    let mut written = BTreeSet::new();
    for (number, link) in links.enumerate() {
        if written.insert(link.digest) {
            let file = folder.start(number).map_err(WriteError::Output)?;
            copy_blob(*link, path, open, &mut file.file())?;
            folder.name(file, &blob_path(link.digest)).map_err(WriteError::Output)?;
        }
    }
    let put = |name: &str, bytes: &[u8]| folder.write(name, bytes).map_err(WriteError::Output);
    let manifests = blobs.images.iter().map(|(manifest, _)| manifest);
    for bytes in manifests.chain(&blobs.indexes) {
        put(&blob_path(Digest::of(bytes)), bytes)?;
    }
    put("index.json", &root(name, blobs)?)?;
    put(LAYOUT_FILE, &config::layout()?)
}

fn blob(bytes: &[u8]) -> Blob {
    let digest = Digest::of(bytes);
    Blob { digest, size: bytes.len() as u64, diff_id: digest }
}

fn of_link(link: Link) -> Blob {
    Blob { digest: link.digest, size: link.size, diff_id: link.digest }
}

/// `index.json`
fn root(name: &Name, blobs: &Blobs) -> Result<Vec<u8>, WriteError> {
    let only = blobs.images.first().map(|(manifest, _)| manifest);
    let Some(bytes) = blobs.indexes.last().or(only) else { return Err(WriteError::Stopped) };
    config::index(name, blob(bytes), config::manifest_type(bytes))
}

/// docker's `manifest.json`. Without the configurations nobody knows which image is for which platform.
fn docker(name: &Name, blobs: &Blobs, open: Open<'_>) -> Result<Vec<u8>, WriteError> {
    let layers: Vec<(Blob, Vec<Blob>)> = blobs
        .images
        .iter()
        .map(|(_, links)| {
            let layers = links.layers.iter().map(|link| of_link(*link)).collect();
            (of_link(links.config), layers)
        })
        .collect();
    let images: Vec<(Blob, &[Blob])> =
        layers.iter().map(|(config, layers)| (*config, layers.as_slice())).collect();
    let mut named = 0;
    if images.len() > 1 {
        for (number, (config, _)) in images.iter().enumerate() {
            let mut bytes = Vec::new();
            let read = open(config.digest)?.take(config.size).read_to_end(&mut bytes);
            let platform = read.ok().and_then(|_| crate::image::read::platform_of(&bytes).ok());
            if platform.is_some_and(|platform| platform.architecture() == "amd64") {
                named = number;
                break;
            }
        }
    }
    config::docker_manifest(name, &images, named)
}

fn gather_blob(
    link: Link,
    path: &Path,
    open: Open<'_>,
    out: &mut impl Write,
) -> Result<(), WriteError> {
    out.write_all(&blob_header(of_link(link), 0)).map_err(WriteError::Output)?;
    copy_blob(link, path, open, out)?;
    out.write_all(padding(link.size)).map_err(WriteError::Output)
}

/// Copies a blob, and makes sure that it is what its digest says.
fn copy_blob(
    link: Link,
    path: &Path,
    open: Open<'_>,
    out: &mut impl Write,
) -> Result<(), WriteError> {
    let mut hashing = Hashing::new(out);
    let mut bytes = open(link.digest)?.take(link.size);
    pass_on(&mut bytes, &mut hashing, path)?;
    if hashing.finish() == (link.digest, link.size) {
        Ok(())
    } else {
        Err(WriteError::WrongBlob { digest: link.digest, path: path.to_owned() })
    }
}

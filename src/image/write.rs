//! Writing an image: as an archive to a file or a stream, or as a layout folder.
//!
//! A blob's name is its digest, and the digest is known only after the bytes. In a file the header in
//! front of a layer is reserved and written once the layer is there, so sources are read once and no
//! layer is held anywhere. A stream cannot go back: there the layers are hashed in a first pass and
//! written in a second one, which must give the same digests. Both give the same bytes.

use super::config::{self, Blob, LAYOUT_FILE, blob_path};
use super::digest::Hashing;
use super::tar::{EMPTY, END, Meta, header, padding};
use super::{Digest, Layer, LayerPlan, Plan, Summary, WriteError};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;
use tar::EntryType;

/// The media type of a layer as this build writes it.
const LAYER_TYPE: &str = "application/vnd.oci.image.layer.v1.tar";
/// How many bytes are gathered before they go to the output.
const BUFFER: usize = 256 << 10;

/// The bytes of file contents that a build will read: what progress counts towards.
pub fn content_size(plan: &Plan) -> u64 {
    let nodes = plan.layers.iter().flat_map(|layer| &layer.entries).map(|(_, node)| node);
    nodes
        .map(|node| match node.content {
            crate::rootfs::Content::File { size, .. } => size,
            _ => 0,
        })
        .sum()
}

/// Writes the archive to a file.
///
/// # Errors
/// The first source or output that fails.
pub fn to_file(
    plan: &Plan,
    file: &mut (impl Write + Seek),
    progress: &mut dyn FnMut(u64),
) -> Result<Summary, WriteError> {
    let mut out = BufWriter::with_capacity(BUFFER, file);
    archive_start(plan, &mut out)?;
    let mut layers = Vec::with_capacity(plan.layers.len());
    for layer in &plan.layers {
        let start = out.stream_position().map_err(WriteError::Output)?;
        out.write_all(&EMPTY).map_err(WriteError::Output)?;
        let blob = hash(layer, plan.created, &mut out, progress)?;
        out.write_all(padding(blob.size)).map_err(WriteError::Output)?;
        out.seek(SeekFrom::Start(start)).map_err(WriteError::Output)?;
        out.write_all(&blob_header(blob, plan.created)).map_err(WriteError::Output)?;
        out.seek(SeekFrom::End(0)).map_err(WriteError::Output)?;
        layers.push(blob);
    }
    archive_end(plan, &layers, &mut out)
}

/// Writes the archive to something that cannot seek, reading every source twice.
///
/// # Errors
/// The first source or output that fails, and sources that change between the passes.
pub fn to_stream(
    plan: &Plan,
    out: &mut impl Write,
    progress: &mut dyn FnMut(u64),
) -> Result<Summary, WriteError> {
    let mut layers = Vec::with_capacity(plan.layers.len());
    for layer in &plan.layers {
        layers.push(hash(layer, plan.created, io::sink(), &mut |_| ())?);
    }
    let mut out = BufWriter::with_capacity(BUFFER, out);
    archive_start(plan, &mut out)?;
    for (layer, &expected) in plan.layers.iter().zip(&layers) {
        out.write_all(&blob_header(expected, plan.created)).map_err(WriteError::Output)?;
        let blob = hash(layer, plan.created, &mut out, progress)?;
        if blob != expected {
            return Err(WriteError::LayerChanged { title: layer.title.clone() });
        }
        out.write_all(padding(blob.size)).map_err(WriteError::Output)?;
    }
    archive_end(plan, &layers, &mut out)
}

/// Writes the image as an OCI image layout into a new, empty folder.
///
/// # Errors
/// The first source or output that fails.
pub fn to_folder(
    plan: &Plan,
    folder: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<Summary, WriteError> {
    let blobs = folder.join("blobs/sha256");
    std::fs::create_dir_all(&blobs).map_err(WriteError::Output)?;
    let put = |name: &str, bytes: &[u8]| {
        std::fs::write(folder.join(name), bytes).map_err(WriteError::Output)
    };
    let mut layers = Vec::with_capacity(plan.layers.len());
    for layer in &plan.layers {
        let unnamed = blobs.join("layer.partial");
        let file = std::fs::File::create(&unnamed).map_err(WriteError::Output)?;
        let mut out = BufWriter::with_capacity(BUFFER, file);
        let blob = hash(layer, plan.created, &mut out, progress)?;
        out.flush().map_err(WriteError::Output)?;
        std::fs::rename(&unnamed, folder.join(blob_path(blob.digest)))
            .map_err(WriteError::Output)?;
        layers.push(blob);
    }
    let end = End::new(plan, &layers)?;
    put(&blob_path(end.config.0.digest), &end.config.1)?;
    put(&blob_path(end.manifest.0.digest), &end.manifest.1)?;
    put("index.json", &end.index)?;
    put(LAYOUT_FILE, &config::layout()?)?;
    Ok(end.summary(plan, &layers))
}

fn hash(
    layer: &LayerPlan,
    created: u64,
    out: impl Write,
    progress: &mut dyn FnMut(u64),
) -> Result<Blob, WriteError> {
    let mut hashing = Hashing::new(out);
    layer.write(created, &mut hashing, progress)?;
    let (digest, size) = hashing.finish();
    debug_assert_eq!(size, layer.size(created));
    Ok(Blob { digest, size })
}

/// An entry of the archive itself.
fn entry(name: &str, kind: EntryType, size: u64, created: u64) -> Vec<u8> {
    let mode = if kind == EntryType::Directory { 0o755 } else { 0o644 };
    let (path, mtime) = (name.as_bytes(), created);
    header(&Meta { path, kind, link: b"", size, mode, uid: 0, gid: 0, mtime })
}

fn blob_header(blob: Blob, created: u64) -> Vec<u8> {
    entry(&blob_path(blob.digest), EntryType::Regular, blob.size, created)
}

fn put(name: &str, bytes: &[u8], created: u64, out: &mut impl Write) -> Result<(), WriteError> {
    let size = bytes.len() as u64;
    let header = entry(name, EntryType::Regular, size, created);
    for part in [header.as_slice(), bytes, padding(size)] {
        out.write_all(part).map_err(WriteError::Output)?;
    }
    Ok(())
}

fn archive_start(plan: &Plan, out: &mut impl Write) -> Result<(), WriteError> {
    put(LAYOUT_FILE, &config::layout()?, plan.created, out)?;
    for folder in ["blobs", "blobs/sha256"] {
        let header = entry(folder, EntryType::Directory, 0, plan.created);
        out.write_all(&header).map_err(WriteError::Output)?;
    }
    Ok(())
}

fn archive_end(plan: &Plan, layers: &[Blob], out: &mut impl Write) -> Result<Summary, WriteError> {
    let end = End::new(plan, layers)?;
    for (blob, bytes) in [&end.config, &end.manifest] {
        put(&blob_path(blob.digest), bytes, plan.created, out)?;
    }
    put("index.json", &end.index, plan.created, out)?;
    let docker = config::docker_manifest(&plan.name, end.config.0, layers)?;
    put("manifest.json", &docker, plan.created, out)?;
    out.write_all(&END).map_err(WriteError::Output)?;
    out.flush().map_err(WriteError::Output)?;
    Ok(end.summary(plan, layers))
}

/// What can only be made once every layer has its digest.
struct End {
    config: (Blob, Vec<u8>),
    manifest: (Blob, Vec<u8>),
    index: Vec<u8>,
}

impl End {
    fn new(plan: &Plan, layers: &[Blob]) -> Result<Self, WriteError> {
        let blob =
            |bytes: Vec<u8>| (Blob { digest: Digest::of(&bytes), size: bytes.len() as u64 }, bytes);
        let diff_ids: Vec<Digest> = layers.iter().map(|layer| layer.digest).collect();
        let config = blob(config::config(&plan.config, &plan.layers, &diff_ids, plan.created)?);
        let manifest = blob(config::manifest(plan, config.0, layers)?);
        let index = config::index(&plan.name, manifest.0)?;
        Ok(End { config, manifest, index })
    }

    fn summary(&self, plan: &Plan, layers: &[Blob]) -> Summary {
        let layers: Vec<Layer> = layers
            .iter()
            .zip(&plan.layers)
            .map(|(blob, planned)| Layer {
                digest: blob.digest,
                diff_id: Some(blob.digest),
                size: blob.size,
                media_type: LAYER_TYPE.to_owned(),
                title: Some(planned.title.clone()),
            })
            .collect();
        let mut summary = super::read::summarize_config(&self.config.1).unwrap_or_default();
        let blobs = [self.config.0.size, self.manifest.0.size];
        summary.size = blobs.iter().sum::<u64>() + layers.iter().map(|l| l.size).sum::<u64>();
        summary.names = vec![plan.name.full.clone()];
        summary.manifest = Some(self.manifest.0.digest);
        summary.config = Some(self.config.0.digest);
        summary.layers = layers;
        summary.annotations.clone_from(&plan.annotations);
        summary.urunc_json.clone_from(&plan.urunc_json);
        summary
    }
}

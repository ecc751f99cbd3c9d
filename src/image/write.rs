//! Writing an image: as an archive to a file or a stream, or as a layout folder.
//!
//! A blob's name is its digest, and the digest is known only after the bytes. The size of a layer that
//! is not compressed is known before, so each has its place in the file from the start: all cores work
//! on layers at once, and the header in front of each is written when its digest is there. Compressed
//! layers come one after another, each by all cores. A stream cannot go back: there the layers are
//! hashed in a first pass and written in a second one, which must give the same digests. All ways give
//! the same bytes.

use super::config::{self, Blob, LAYOUT_FILE, blob_path};
use super::digest::Hashing;
use super::pass::{self, Progress, Sink};
use super::tar::{END, Meta, filler, header, header_size, padded, padding};
use super::{Compression, Digest, Kept, Layer, LayerSummary, Name, Plan, Summary, WriteError};
use crate::host;
use crate::host::output::{OutputFile, OutputFolder};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use tar::EntryType;

/// How many bytes are gathered before they go to the output.
const BUFFER: usize = 256 << 10;
/// Layers up to this size are not worth a thread of their own.
const SMALL: u64 = 1 << 20;

/// The bytes of file contents that a build will read: what progress counts towards.
pub fn content_size(plan: &Plan) -> u64 {
    plan.layers.iter().map(Layer::content_size).sum()
}

/// Writes the archive to a file, which has nothing in it yet.
///
/// # Errors
/// The first source or output that fails.
pub fn to_file(plan: &Plan, file: &File, progress: Progress<'_>) -> Result<Summary, WriteError> {
    let mut start = Vec::new();
    archive_start(plan.created, &mut start)?;
    let at =
        |bytes: &[u8], offset: u64| host::write_at(file, bytes, offset).map_err(WriteError::Output);
    at(&start, 0)?;
    let mut end = start.len() as u64;
    let layers = if plan.compression == Compression::None {
        let known = repeated(plan)?;
        let mut places = Vec::with_capacity(plan.layers.len());
        for (layer, known) in plan.layers.iter().zip(&known) {
            if known.is_some() {
                places.push((0, 0));
                continue;
            }
            let size = layer.size(plan.created);
            let filler = alignment(plan, layer, size, end);
            let head = filler.len() as u64 + blob_header_size(size, plan.created);
            at(&filler, end)?;
            places.push((end + filler.len() as u64, end + head));
            end += head + padded(size);
        }
        let sink =
            |number: usize| Ok(Sink::file(file, places.get(number).map_or(0, |place| place.1)));
        let layers = all_plain(plan, &known, &sink, progress)?;
        for ((blob, (head, _)), known) in layers.iter().zip(&places).zip(&known) {
            if known.is_none() {
                at(&blob_header(*blob, plan.created), *head)?;
            }
        }
        layers
    } else {
        let mut layers: Vec<Blob> = Vec::with_capacity(plan.layers.len());
        for layer in &plan.layers {
            // The size is not known yet, but no layer is so large that its header differs.
            let head = blob_header_size(0, plan.created);
            let sink = Sink::file(file, end + head);
            let blob = one(plan, layer, sink, progress)?;
            let header = blob_header(blob, plan.created);
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
    let tail = End::new(plan, &layers)?;
    archive_end(plan, &layers, &tail, &mut rest)?;
    at(&rest, end)?;
    file.set_len(end + rest.len() as u64).map_err(WriteError::Output)?;
    Ok(tail.summary(plan, &layers))
}

/// The layers that are in the image already, since one below is the same: those of a base, and what is made of the same
/// files again. No blob is written twice.
fn repeated(plan: &Plan) -> Result<Vec<Option<Blob>>, WriteError> {
    let mut kept: Vec<Blob> = Vec::new();
    let mut known = Vec::with_capacity(plan.layers.len());
    for layer in &plan.layers {
        let same = match layer {
            Layer::Kept(Kept { digest, diff_id, size, .. }) => {
                let blob = Blob { digest: *digest, size: *size, diff_id: *diff_id };
                let same = kept.contains(&blob).then_some(blob);
                kept.push(blob);
                same
            }
            // Its digest is not known yet, but its size is.
            Layer::Made(_) if kept.iter().any(|blob| blob.size == layer.size(plan.created)) => {
                let stop = AtomicBool::new(false);
                let blob = pass::plain(layer, plan.created, Sink::Nowhere, true, &stop, &|_| ())?;
                kept.contains(&blob).then_some(blob)
            }
            Layer::Made(_) => None,
        };
        known.push(same);
    }
    Ok(known)
}

/// What stands in front of a layer, so that its first large file begins where a block of the file system does: there
/// its blocks can be shared instead of copied. It is the same on file systems that cannot.
fn alignment(plan: &Plan, layer: &Layer, size: u64, at: u64) -> Vec<u8> {
    let head = blob_header_size(size, plan.created);
    // Two pax headers in front of one entry are one too many for some readers.
    let Some(content) = layer.shareable_content(plan.created).filter(|_| head == 512) else {
        return Vec::new();
    };
    let start = at + head + content;
    match start.next_multiple_of(host::SHARED_BLOCK) - start {
        0 => Vec::new(),
        // A filler has two blocks at least.
        512 => filler(512 + host::SHARED_BLOCK, plan.created),
        missing => filler(missing, plan.created),
    }
}

/// Writes the archive to something that cannot seek, reading every source twice.
///
/// # Errors
/// The first source or output that fails, and sources that change between the passes.
pub fn to_stream(
    plan: &Plan,
    out: &mut impl Write,
    progress: Progress<'_>,
) -> Result<Summary, WriteError> {
    let prepared = prepare(plan, &|_| ())?;
    let mut out = BufWriter::with_capacity(BUFFER, out);
    for piece in prepared.pieces()? {
        match piece {
            Piece::Bytes(bytes) => out.write_all(&bytes).map_err(WriteError::Output)?,
            Piece::Layer(number) => prepared.write_layer(number, &mut out, progress)?,
        }
    }
    out.flush().map_err(WriteError::Output)?;
    Ok(prepared.summary())
}

/// A piece of an archive, in the order in which they are written.
enum Piece {
    /// What is not in a layer.
    Bytes(Vec<u8>),
    /// The bytes of a layer, by its number.
    Layer(usize),
}

/// An image whose digests are known, and of which nothing has been written yet.
#[derive(Debug)]
pub struct Prepared<'p> {
    plan: &'p Plan,
    layers: Vec<Blob>,
    end: End,
}

/// Reads every source and works the digests out.
///
/// # Errors
/// The first source that fails.
pub fn prepare<'p>(plan: &'p Plan, progress: Progress<'_>) -> Result<Prepared<'p>, WriteError> {
    let layers = hash(plan, progress)?;
    let end = End::new(plan, &layers)?;
    Ok(Prepared { plan, layers, end })
}

impl Prepared<'_> {
    /// What the image is.
    pub fn summary(&self) -> Summary {
        self.end.summary(self.plan, &self.layers)
    }

    /// The archive, layers left out.
    fn pieces(&self) -> Result<Vec<Piece>, WriteError> {
        let Prepared { plan, layers, .. } = self;
        let mut pieces = Vec::new();
        let mut bytes = Vec::new();
        archive_start(plan.created, &mut bytes)?;
        let mut at = bytes.len() as u64;
        for (number, (layer, &blob)) in plan.layers.iter().zip(layers).enumerate() {
            if layers.iter().take(number).any(|earlier| *earlier == blob) {
                continue;
            }
            let mut head = match plan.compression {
                Compression::None => alignment(plan, layer, blob.size, at),
                Compression::Gzip(_) | Compression::Zstd(_) => Vec::new(),
            };
            head.extend(blob_header(blob, plan.created));
            at += head.len() as u64 + padded(blob.size);
            bytes.extend(head);
            pieces.push(Piece::Bytes(std::mem::take(&mut bytes)));
            pieces.push(Piece::Layer(number));
            bytes.extend_from_slice(padding(blob.size));
        }
        archive_end(plan, layers, &self.end, &mut bytes)?;
        pieces.push(Piece::Bytes(bytes));
        Ok(pieces)
    }

    /// Whether the file at a path is the archive, byte for byte. Layers are known by their digests.
    pub fn is_archive_at(&self, path: &Path) -> bool {
        let Ok(file) = host::open(path) else { return false };
        let mut file = BufReader::with_capacity(BUFFER, file);
        let Ok(pieces) = self.pieces() else { return false };
        let is_same = |piece: &Piece| match piece {
            Piece::Bytes(bytes) => reads(&mut file, bytes),
            Piece::Layer(number) => self.layers.get(*number).is_some_and(|blob| {
                let mut hashing = Hashing::new(io::sink());
                let copied = io::copy(&mut file.by_ref().take(blob.size), &mut hashing);
                copied.is_ok() && hashing.finish() == (blob.digest, blob.size)
            }),
        };
        pieces.iter().all(is_same) && is_at_end(&mut file)
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
        match (self.plan.layers.get(number), self.layers.get(number)) {
            (Some(layer), Some(&blob)) => stream_blob(self.plan, layer, blob, out, progress),
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

/// The blobs of the layers, without writing them.
fn hash(plan: &Plan, progress: Progress<'_>) -> Result<Vec<Blob>, WriteError> {
    if plan.compression == Compression::None {
        let known = vec![None; plan.layers.len()];
        return all_plain(plan, &known, &|_| Ok(Sink::Nowhere), progress);
    }
    plan.layers.iter().map(|layer| one(plan, layer, Sink::Nowhere, progress)).collect()
}

/// Writes one layer by itself, as it is to be packed.
fn one(
    plan: &Plan,
    layer: &Layer,
    sink: Sink<'_>,
    progress: Progress<'_>,
) -> Result<Blob, WriteError> {
    let blob = match layer.packing(plan.compression) {
        Compression::None => {
            pass::plain(layer, plan.created, sink, true, &AtomicBool::new(false), progress)?
        }
        compression => pass::compressed(layer, plan.created, compression, sink, progress)?,
    };
    verified(layer, blob)
}

/// A layer that is kept has the digest that its image names, and its diff id is known from there.
fn verified(layer: &Layer, blob: Blob) -> Result<Blob, WriteError> {
    match layer {
        Layer::Made(_) => Ok(blob),
        Layer::Kept(kept) if kept.digest == blob.digest => {
            Ok(Blob { diff_id: kept.diff_id, ..blob })
        }
        Layer::Kept(kept) => {
            Err(WriteError::WrongBlob { digest: kept.digest, path: kept.blob.path.clone() })
        }
    }
}

/// Writes a layer that has been hashed, and makes sure that it is still the same.
fn stream_blob(
    plan: &Plan,
    layer: &Layer,
    expected: Blob,
    out: &mut dyn Write,
    progress: Progress<'_>,
) -> Result<(), WriteError> {
    if one(plan, layer, Sink::Stream(out), progress)? == expected {
        Ok(())
    } else {
        Err(WriteError::LayerChanged { title: layer.title() })
    }
}

/// Writes the image as an OCI image layout.
///
/// # Errors
/// The first source or output that fails.
pub fn to_folder(
    plan: &Plan,
    folder: &OutputFolder,
    progress: Progress<'_>,
) -> Result<Summary, WriteError> {
    let files: Vec<OutputFile> = (0..plan.layers.len())
        .map(|number| folder.start(number).map_err(WriteError::Output))
        .collect::<Result<_, _>>()?;
    let sink = |number: usize| match files.get(number) {
        Some(file) => Ok(Sink::file(file.file(), 0)),
        None => Err(WriteError::Stopped),
    };
    let layers = if plan.compression == Compression::None {
        let known = vec![None; plan.layers.len()];
        let layers = all_plain(plan, &known, &sink, progress)?;
        // What ends in a hole has not been written to its end.
        for (file, blob) in files.iter().zip(&layers) {
            file.file().set_len(blob.size).map_err(WriteError::Output)?;
        }
        layers
    } else {
        let written = |(number, layer)| one(plan, layer, sink(number)?, progress);
        plan.layers.iter().enumerate().map(written).collect::<Result<_, _>>()?
    };
    let end = End::new(plan, &layers)?;
    for (file, blob) in files.into_iter().zip(&layers) {
        folder.name(file, &blob_path(blob.digest)).map_err(WriteError::Output)?;
    }
    let put = |name: &str, bytes: &[u8]| folder.write(name, bytes).map_err(WriteError::Output);
    put(&blob_path(end.config.0.digest), &end.config.1)?;
    put(&blob_path(end.manifest.0.digest), &end.manifest.1)?;
    put("index.json", &end.index)?;
    put(LAYOUT_FILE, &config::layout()?)?;
    Ok(end.summary(plan, &layers))
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
    for &blob in layers.iter().chain([&config]) {
        out.write_all(&blob_header(blob, 0)).map_err(WriteError::Output)?;
        let mut bytes = open(blob.digest)?.take(blob.size);
        let count = pass_on(&mut bytes, &mut out, path)?;
        if count != blob.size {
            return Err(WriteError::LayerChanged { title: blob.digest.to_string() });
        }
        out.write_all(padding(blob.size)).map_err(WriteError::Output)?;
    }
    let digest = Digest::of(manifest);
    put(&blob_path(digest), manifest, 0, &mut out)?;
    let manifest = Blob { digest, size: manifest.len() as u64, diff_id: digest };
    put("index.json", &config::index(name, manifest)?, 0, &mut out)?;
    put("manifest.json", &config::docker_manifest(name, config, layers)?, 0, &mut out)?;
    out.write_all(&END).map_err(WriteError::Output)?;
    out.flush().map_err(WriteError::Output)
}

/// Writes every layer as it is, but for those that are known, the large ones on all cores, the largest first.
fn all_plain<'s>(
    plan: &Plan,
    known: &[Option<Blob>],
    sink: &(dyn Fn(usize) -> Result<Sink<'s>, WriteError> + Sync),
    progress: Progress<'_>,
) -> Result<Vec<Blob>, WriteError> {
    let mut order: Vec<(u64, usize)> = plan
        .layers
        .iter()
        .enumerate()
        .filter(|(number, _)| !known.get(*number).is_some_and(Option::is_some))
        .map(|(number, layer)| (layer.size(plan.created), number))
        .collect();
    order.sort_by_key(|&(size, number)| (std::cmp::Reverse(size), number));
    let large = order.iter().filter(|(size, _)| *size > SMALL).count();
    let (stop, next) = (AtomicBool::new(false), AtomicUsize::new(0));
    let threads = pass::threads();
    let unfinished = AtomicU64::new(order.iter().map(|(size, _)| size).sum());
    let done = Mutex::new(known.to_vec());
    let failures = Mutex::new(Vec::new());
    let work = || {
        while let Some(&(size, number)) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            let Some(layer) = plan.layers.get(number) else { return };
            // Where the other layers keep the other threads busy, a helper only moves bytes from core to core.
            let others = unfinished.load(Ordering::Relaxed).saturating_sub(size);
            let with_helper = others < size.saturating_mul(threads as u64 - 1);
            let written = sink(number).and_then(|sink| {
                pass::plain(layer, plan.created, sink, with_helper, &stop, progress)
                    .and_then(|blob| verified(layer, blob))
            });
            unfinished.fetch_sub(size, Ordering::Relaxed);
            match written {
                Ok(blob) => {
                    if let Ok(mut done) = done.lock()
                        && let Some(place) = done.get_mut(number)
                    {
                        *place = Some(blob);
                    }
                }
                Err(error) => {
                    stop.store(true, Ordering::Relaxed);
                    if let Ok(mut failures) = failures.lock() {
                        failures.push((number, error));
                    }
                    return;
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(large) {
            scope.spawn(work);
        }
        work();
    });
    let mut failures = failures.into_inner().unwrap_or_default();
    failures.sort_by_key(|(number, error)| (matches!(error, WriteError::Stopped), *number));
    if let Some((_, error)) = failures.into_iter().next() {
        return Err(error);
    }
    let done = done.into_inner().unwrap_or_default();
    done.into_iter().collect::<Option<Vec<Blob>>>().ok_or(WriteError::Stopped)
}

/// An entry of the archive itself.
fn meta(name: &str, kind: EntryType, size: u64, created: u64) -> Meta<'_> {
    let mode = if kind == EntryType::Directory { 0o755 } else { 0o644 };
    Meta { path: name.as_bytes(), kind, link: b"", size, mode, uid: 0, gid: 0, mtime: created }
}

/// How many bytes the header of a blob takes.
fn blob_header_size(size: u64, created: u64) -> u64 {
    header_size(&meta(&blob_path(Digest::of(&[])), EntryType::Regular, size, created))
}

fn blob_header(blob: Blob, created: u64) -> Vec<u8> {
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

fn archive_start(created: u64, out: &mut impl Write) -> Result<(), WriteError> {
    put(LAYOUT_FILE, &config::layout()?, created, out)?;
    for folder in ["blobs", "blobs/sha256"] {
        let header = header(&meta(folder, EntryType::Directory, 0, created));
        out.write_all(&header).map_err(WriteError::Output)?;
    }
    Ok(())
}

fn archive_end(
    plan: &Plan,
    layers: &[Blob],
    end: &End,
    out: &mut impl Write,
) -> Result<(), WriteError> {
    for (blob, bytes) in [&end.config, &end.manifest] {
        put(&blob_path(blob.digest), bytes, plan.created, out)?;
    }
    put("index.json", &end.index, plan.created, out)?;
    let docker = config::docker_manifest(&plan.name, end.config.0, layers)?;
    put("manifest.json", &docker, plan.created, out)?;
    out.write_all(&END).map_err(WriteError::Output)
}

/// What can only be made once every layer has its digest.
#[derive(Debug)]
struct End {
    config: (Blob, Vec<u8>),
    manifest: (Blob, Vec<u8>),
    index: Vec<u8>,
}

impl End {
    fn new(plan: &Plan, layers: &[Blob]) -> Result<Self, WriteError> {
        let blob = |bytes: Vec<u8>| {
            let digest = Digest::of(&bytes);
            (Blob { digest, size: bytes.len() as u64, diff_id: digest }, bytes)
        };
        let diff_ids: Vec<Digest> = layers.iter().map(|layer| layer.diff_id).collect();
        let config = blob(config::config(&plan.config, &plan.layers, &diff_ids, plan.created)?);
        let manifest = blob(config::manifest(plan, config.0, layers)?);
        let index = config::index(&plan.name, manifest.0)?;
        Ok(End { config, manifest, index })
    }

    fn summary(&self, plan: &Plan, layers: &[Blob]) -> Summary {
        let mut summary = super::read::summarize_config(&self.config.1).unwrap_or_default();
        let titles = summary.layers.iter().map(|layer| layer.title.clone());
        let layers: Vec<LayerSummary> = layers
            .iter()
            .zip(&plan.layers)
            .zip(titles)
            .map(|((blob, layer), title)| LayerSummary {
                digest: blob.digest,
                diff_id: Some(blob.diff_id),
                size: blob.size,
                media_type: layer.media_type(plan.compression),
                title,
            })
            .collect();
        let blobs = [self.config.0.size, self.manifest.0.size];
        let sizes: BTreeMap<Digest, u64> =
            layers.iter().map(|layer| (layer.digest, layer.size)).collect();
        summary.size = blobs.iter().chain(sizes.values()).sum();
        summary.names = vec![plan.name.full.clone()];
        summary.manifest = Some(self.manifest.0.digest);
        summary.config = Some(self.config.0.digest);
        summary.layers = layers;
        summary.annotations.clone_from(&plan.annotations);
        summary.urunc_json.clone_from(&plan.urunc_json);
        summary
    }
}

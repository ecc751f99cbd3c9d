//! Writing images: as an archive to a file or a stream, or as a layout folder.
//!
//! A blob's name is its digest, and the digest is known only after the bytes. The size of a layer that
//! is not compressed is known before, so each has its place in the file from the start: all cores work
//! on layers at once, and the header in front of each is written when its digest is there. Compressed
//! layers come one after another, each by all cores. A stream cannot go back: there the layers are
//! hashed in a first pass and written in a second one, which must give the same digests. All ways give
//! the same bytes.
//!
//! `layers` writes the layers, `end` what can only be made after them; `archive`, `folder` and `prepared` are the ways;
//! `gather` writes images that are there already.

mod archive;
mod end;
mod folder;
mod gather;
mod layers;
mod prepared;

pub use archive::{pass_on, to_file, to_stream};
pub use folder::to_folder;
pub use gather::{gather, gather_folder, index_of};
pub use prepared::{Prepared, PreparedImage, prepare};

#[cfg(doc)]
use super::Check;
use super::pass::{self, Sink};
use super::{Image, Index, Layer, Made, WriteError, config};
use std::sync::atomic::AtomicBool;

/// The configuration of an image, without its layers: for those who make the layers themselves.
///
/// # Errors
/// It breaks a rule of OCI.
pub fn configuration(image: &Image) -> Result<Vec<u8>, WriteError> {
    config::config(&image.config, &image.layers, &[], image.created)
}

/// The tar of a layer, in memory.
///
/// # Errors
/// A source cannot be read.
pub fn layer_tar(made: &Made, created: u64) -> Result<Vec<u8>, WriteError> {
    let mut bytes = Vec::new();
    let layer = Layer::Made(made.clone());
    let sink = Sink::Stream(&mut bytes);
    pass::plain(&layer, created, sink, false, &AtomicBool::new(false), &|_| {})?;
    Ok(bytes)
}

/// How many bytes are gathered before they go to the output.
const BUFFER: usize = 256 << 10;

/// The bytes of file contents that a build will read: what progress counts towards.
pub fn content_size(index: &Index) -> u64 {
    index.layers().into_iter().map(|(_, layer)| layer.content_size()).sum()
}

/// The same for one whose base is not read: what [`prepare`] reads with [`Check::Later`].
pub fn made_content_size(index: &Index) -> u64 {
    let layers = index.layers().into_iter().map(|(_, layer)| layer);
    layers.filter(|layer| matches!(layer, Layer::Made(_))).map(Layer::content_size).sum()
}

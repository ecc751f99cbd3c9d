//! Images as an OCI image layout in a folder.

use super::end::End;
use super::layers::{all_plain, one};
use crate::host::output::{OutputFile, OutputFolder};
use crate::image::config::{self, LAYOUT_FILE, blob_path};
use crate::image::pass::{Progress, Sink};
use crate::image::{Compression, Index, Known, Summaries, WriteError};

/// Writes the images as an OCI image layout.
///
/// # Errors
/// The first source or output that fails.
pub fn to_folder(
    index: &Index,
    folder: &OutputFolder,
    known: &Known,
    progress: Progress<'_>,
) -> Result<Summaries, WriteError> {
    let layers = index.layers();
    let files: Vec<OutputFile> = (0..layers.len())
        .map(|number| folder.start(number).map_err(WriteError::Output))
        .collect::<Result<_, _>>()?;
    let sink = |number: usize| match files.get(number) {
        Some(file) => Ok(Sink::file(file.file(), 0)),
        None => Err(WriteError::Stopped),
    };
    let layers = if index.compression() == Compression::None {
        let there = vec![None; layers.len()];
        let layers = all_plain(index, &there, known, &sink, progress)?;
        // What ends in a hole has not been written to its end.
        for (file, blob) in files.iter().zip(&layers) {
            file.file().set_len(blob.size).map_err(WriteError::Output)?;
        }
        layers
    } else {
        let written = |(number, &(image, layer))| one(image, layer, known, sink(number)?, progress);
        layers.iter().enumerate().map(written).collect::<Result<_, _>>()?
    };
    let end = End::new(index, &layers)?;
    for (file, blob) in files.into_iter().zip(&layers) {
        folder.name(file, &blob_path(blob.digest)).map_err(WriteError::Output)?;
    }
    let put = |name: &str, bytes: &[u8]| folder.write(name, bytes).map_err(WriteError::Output);
    for (blob, bytes) in end.blobs() {
        put(&blob_path(blob.digest), bytes)?;
    }
    put("index.json", &end.index)?;
    put(LAYOUT_FILE, &config::layout()?)?;
    Ok(end.summaries(index))
}

//! An image as an OCI image layout in a folder.

use super::end::End;
use super::layers::{all_plain, one};
use crate::host::output::{OutputFile, OutputFolder};
use crate::image::config::{self, LAYOUT_FILE, blob_path};
use crate::image::pass::{Progress, Sink};
use crate::image::{Compression, Image, Summary, WriteError};

/// Writes the image as an OCI image layout.
///
/// # Errors
/// The first source or output that fails.
pub fn to_folder(
    image: &Image,
    folder: &OutputFolder,
    progress: Progress<'_>,
) -> Result<Summary, WriteError> {
    let files: Vec<OutputFile> = (0..image.layers.len())
        .map(|number| folder.start(number).map_err(WriteError::Output))
        .collect::<Result<_, _>>()?;
    let sink = |number: usize| match files.get(number) {
        Some(file) => Ok(Sink::file(file.file(), 0)),
        None => Err(WriteError::Stopped),
    };
    let layers = if image.compression == Compression::None {
        let known = vec![None; image.layers.len()];
        let layers = all_plain(image, &known, &sink, progress)?;
        // What ends in a hole has not been written to its end.
        for (file, blob) in files.iter().zip(&layers) {
            file.file().set_len(blob.size).map_err(WriteError::Output)?;
        }
        layers
    } else {
        let written = |(number, layer)| one(image, layer, sink(number)?, progress);
        image.layers.iter().enumerate().map(written).collect::<Result<_, _>>()?
    };
    let end = End::new(image, &layers)?;
    for (file, blob) in files.into_iter().zip(&layers) {
        folder.name(file, &blob_path(blob.digest)).map_err(WriteError::Output)?;
    }
    let put = |name: &str, bytes: &[u8]| folder.write(name, bytes).map_err(WriteError::Output);
    put(&blob_path(end.config.0.digest), &end.config.1)?;
    put(&blob_path(end.manifest.0.digest), &end.manifest.1)?;
    put("index.json", &end.index)?;
    put(LAYOUT_FILE, &config::layout()?)?;
    Ok(end.summary(image, &layers))
}

//! An image that is there already, given to a command in place of an args.nix.

use crate::diag::Diagnostic;
use crate::host::{self, Kind};
use crate::image::read::{self, Archive, Blobs, Input, MAX_UNPACKED};
use std::path::Path;

/// Whether a path is an archive: any file but one of the language or of JSON.
pub(super) fn is_file(path: &Path) -> bool {
    let named = |name: &str| path.extension().is_some_and(|extension| extension == name);
    let is_file = host::stat(path).is_ok_and(|stat| stat.kind == Kind::File);
    is_file && !named("nix") && !named("json")
}

/// Whether a path is an OCI image layout.
pub(super) fn is_layout(path: &Path) -> bool {
    host::stat(&path.join("index.json")).is_ok_and(|stat| stat.kind == Kind::File)
}

/// Reads the one image of an archive or layout, with its manifest.
///
/// # Errors
/// It cannot be read, has several images, or has no manifest.
pub(super) fn read_one(path: &Path) -> Result<(Archive, Blobs), Box<Diagnostic>> {
    let archive =
        read::read(&Input::Path(path), MAX_UNPACKED).map_err(|error| Box::new(error.report()))?;
    let blobs = archive.blobs(0).map_err(|error| Box::new(error.report()))?;
    match blobs.filter(|_| archive.images.len() == 1) {
        Some(blobs) => Ok((archive, blobs)),
        None => {
            let title = format!("`{}` cannot be taken as it is", path.display());
            Err(Box::new(
                Diagnostic::error("image/not-one", title)
                    .with_why(
                        "it is a docker archive, which has no manifest, or holds several images",
                    )
                    .with_help("give the args.nix, or an OCI archive or layout of one image"),
            ))
        }
    }
}

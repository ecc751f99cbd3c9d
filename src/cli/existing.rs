//! An image that is there already, given to a command in place of an args.nix.

use super::source::{Source, Unpacking};
use crate::diag::Diagnostic;
use crate::explain::code;
use crate::host::{self, Kind};
use crate::image::read::{self, Archive, Blobs, Input};
use crate::image::{Digest, Name, WriteError};
use crate::recipe;
use std::io::{self, Read as _};
use std::path::Path;

/// What a command is given instead of a recipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Existing {
    /// An archive.
    Archive,
    /// A folder: an OCI image layout, or one of skopeo's `dir:`.
    Folder,
}

/// How much of a file tells whether it is text.
const START: u64 = 512;

impl Existing {
    /// Whether the source is an image: a folder with an `index.json` or a `manifest.json` and no args.nix, or a file
    /// that is not named as a recipe and is no text.
    ///
    /// # Errors
    /// It is one, and there are arguments, which only a recipe takes.
    pub(super) fn at(source: &Source) -> Result<Option<Self>, Box<Diagnostic>> {
        let path = &source.file;
        let is_file =
            |name: &str| host::stat(&path.join(name)).is_ok_and(|stat| stat.kind == Kind::File);
        let found = match host::stat(path).map(|stat| stat.kind) {
            Ok(Kind::Directory)
                if (is_file("index.json") || is_file("manifest.json")) && !is_file("args.nix") =>
            {
                Self::Folder
            }
            Ok(Kind::File) if !is_text(path) => Self::Archive,
            _ => return Ok(None),
        };
        let given = source.arguments.arg.iter().step_by(2);
        match given.chain(source.arguments.argstr.iter().step_by(2)).next() {
            None => Ok(Some(found)),
            Some(name) => {
                let (path, name) = (path.display(), name.display());
                let title = format!("`{path}` takes no argument `{name}`");
                let why = "it is an image, and only an args.nix that is a function takes any";
                Err(Box::new(Diagnostic::error(code::RECIPE_ARGUMENT, title).with_why(why)))
            }
        }
    }
}

/// Whether a file is named as a recipe, or begins as text does; one that cannot be read counts as text, whose
/// reader says why.
fn is_text(path: &Path) -> bool {
    if path.extension().is_some_and(|extension| extension == "nix" || extension == "json") {
        return true;
    }
    let mut start = Vec::new();
    let read = host::open(path).and_then(|file| file.take(START).read_to_end(&mut start));
    let is_utf8 = match std::str::from_utf8(&start) {
        Ok(_) => true,
        // A character may be cut off.
        Err(error) => error.error_len().is_none(),
    };
    read.is_err() || is_utf8 && !start.contains(&0)
}

/// Reads the one image of an archive or layout, or all images of one name, with what a registry keeps of them; unpacks no
/// more than `max_unpacked` bytes.
///
/// # Errors
/// It cannot be read, has images of several names, or has no manifest.
pub(super) fn read_one(
    path: &Path,
    unpacking: &Unpacking,
) -> Result<(Archive, Blobs), Box<Diagnostic>> {
    let archive = read::read(&Input::Path(path), unpacking.max_unpacked)
        .map_err(|error| Box::new(error.report()))?;
    match archive.blobs().map_err(|error| Box::new(error.report()))? {
        Some(blobs) => Ok((archive, blobs)),
        None => {
            let title = format!("`{}` cannot be taken as it is", path.display());
            Err(Box::new(
                Diagnostic::error(code::IMAGE_NOT_ONE, title)
                    .with_why(
                        "it is a docker archive, which has no manifest, or holds several images",
                    )
                    .with_help("give the args.nix, or an OCI archive or layout of one image"),
            ))
        }
    }
}

/// The first name of an image that is more than a tag, as `REGISTRY/NAME:TAG` or shorter. OCI tools write a tag alone.
pub(super) fn name(archive: &Archive) -> Option<&str> {
    let names = archive.images.iter().flat_map(|image| &image.summary.names);
    names.map(String::as_str).find(|name| name.contains(':'))
}

/// The name of the images, for engines and registries. A name without a colon is a tag alone, as OCI tools write it.
pub(super) fn full_name(archive: &Archive) -> Option<Name> {
    named(name(archive)?).ok()
}

/// A name, completed and shortened.
///
/// # Errors
/// The rule it breaks.
pub(super) fn named(text: &str) -> Result<Name, String> {
    let (host, repository, tag) = recipe::split_reference(text)?;
    let full = format!("{host}/{repository}:{tag}");
    let familiar = full.strip_prefix("docker.io/").unwrap_or(&full);
    let familiar = familiar.strip_prefix("library/").unwrap_or(familiar).to_owned();
    Ok(Name { familiar, full, tag })
}

/// Opens a blob of an archive.
pub(super) fn open(
    archive: &Archive,
    path: &Path,
    digest: Digest,
) -> Result<Box<dyn io::Read>, WriteError> {
    match archive.blob_bytes(digest) {
        Ok(window) => Ok(Box::new(window)),
        Err(error) => Err(WriteError::Source {
            path: path.to_owned(),
            error: io::Error::other(error.report().title),
        }),
    }
}

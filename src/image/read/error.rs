//! Why an image cannot be read.

use super::budget::Exceeded;
use crate::diag::{Diagnostic, describe_io};
use crate::explain::code;
use std::io;
use std::path::{Path, PathBuf};

/// The result of reading.
pub(super) type Result<T> = std::result::Result<T, ReadError>;

/// Why an image could not be read.
#[derive(Debug)]
pub enum ReadError {
    /// It cannot be opened or read.
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// It is none of the formats.
    NotAnImage {
        /// The file.
        path: PathBuf,
        /// What is missing.
        why: String,
    },
    /// A part that is named and not there.
    Missing {
        /// The image.
        path: PathBuf,
        /// The part.
        part: String,
    },
    /// A part that is not what its name says.
    Broken {
        /// The image.
        path: PathBuf,
        /// The part.
        part: String,
        /// What is wrong.
        why: String,
    },
    /// A layer that no OCI image can have as it is.
    Unkept {
        /// The image.
        path: PathBuf,
        /// The part.
        part: String,
        /// What is wrong.
        why: String,
        /// What to do.
        help: &'static str,
    },
    /// It takes more than reading an image may take.
    TooLarge {
        /// The image.
        path: PathBuf,
        /// The part with which it does.
        part: String,
        /// What it takes too much of.
        exceeded: Exceeded,
    },
}

/// What an archive is called among its parts.
pub(super) const ARCHIVE: &str = "the archive";
/// How many characters of a name are shown, which an image can make as long as it likes.
const MAX_SHOWN: usize = 200;
/// The same for the reason, which may hold several.
const MAX_WHY: usize = 1000;

/// A text of an image as far as it is shown.
pub(super) fn shown(text: &str) -> String {
    shortened(text, MAX_SHOWN)
}

fn shortened(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

impl ReadError {
    /// An error while a part was read.
    pub(super) fn part(path: PathBuf, part: &str, error: &io::Error) -> Self {
        let part = part.to_owned();
        match Exceeded::of(error) {
            Some(exceeded) => ReadError::TooLarge { path, part, exceeded },
            None => ReadError::Broken { path, part, why: describe_io(error) },
        }
    }

    /// The same failure of an image that is known by another path.
    #[must_use]
    pub fn shown_as(mut self, shown: &Path) -> Self {
        let (ReadError::Io { path, .. }
        | ReadError::NotAnImage { path, .. }
        | ReadError::Missing { path, .. }
        | ReadError::Broken { path, .. }
        | ReadError::Unkept { path, .. }
        | ReadError::TooLarge { path, .. }) = &mut self;
        shown.clone_into(path);
        self
    }

    /// The failure in words.
    pub fn report(&self) -> Diagnostic {
        match self {
            ReadError::Io { path, error } => Diagnostic::io(code::IMAGE_READ, "read", path, error),
            ReadError::NotAnImage { path, why } => Diagnostic::error(
                code::IMAGE_NOT_AN_IMAGE,
                format!("`{}` is not an image", path.display()),
            )
            .with_why(shortened(why, MAX_WHY))
            .with_help("give an OCI archive, a docker archive, an OCI image layout, or a folder of skopeo's `dir:`"),
            ReadError::Missing { path, part } => Diagnostic::error(
                code::IMAGE_MISSING_PART,
                format!("`{}` has no `{}`", path.display(), shown(part)),
            )
            .with_why("another part of the image names it"),
            ReadError::Broken { path, part, why } => Diagnostic::error(
                code::IMAGE_BROKEN_PART,
                match part.as_str() {
                    ARCHIVE => format!("the archive `{}` is broken", path.display()),
                    part => format!("`{}` in `{}` is broken", shown(part), path.display()),
                },
            )
            .with_why(shortened(why, MAX_WHY)),
            ReadError::Unkept { path, part, why, help } => {
                let title = format!("`{}` in `{}` cannot be kept as it is", shown(part), path.display());
                Diagnostic::error(code::IMAGE_UNKEPT_LAYER, title).with_why(why).with_help(*help)
            }
            ReadError::TooLarge { path, part, exceeded } => {
                let title = format!("`{}` is too large to be read", path.display());
                let diagnostic = Diagnostic::error(code::IMAGE_TOO_LARGE, title)
                    .with_why(match part.as_str() {
                        ARCHIVE => exceeded.to_string(),
                        part => format!("with `{}`, {exceeded}", shown(part)),
                    });
                match exceeded {
                    Exceeded::Unpacked(_) => {
                        diagnostic.with_help("allow more with `--max-unpacked SIZE`")
                    }
                    Exceeded::Memory(_) => diagnostic,
                }
            }
        }
    }
}

//! What cannot be put into a tree, and how that is said.

use super::{ImagePath, PathFault};
use crate::diag::describe_io;
use crate::explain::{Code, code};
use std::io;
use std::path::{Path, PathBuf};

/// What is wrong with a request, by its index.
#[derive(Debug)]
pub enum Problem {
    /// A source that cannot be looked at.
    Io {
        /// The request.
        request: usize,
        /// What was tried.
        operation: &'static str,
        /// Where.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// A FIFO, socket or device.
    Special {
        /// The request.
        request: usize,
        /// Where.
        path: PathBuf,
        /// What it is, in words.
        kind: &'static str,
    },
    /// A name in a source folder that cannot be in an image.
    Name {
        /// The request.
        request: usize,
        /// Where.
        path: PathBuf,
        /// The rule it breaks.
        fault: PathFault,
    },
    /// A file or symlink at the root of the image.
    Root {
        /// The request.
        request: usize,
    },
    /// Two sources for one path.
    Twice {
        /// The second request.
        request: usize,
        /// The first request.
        first: usize,
        /// The path.
        path: ImagePath,
    },
    /// A file or symlink where the base has a folder.
    OverFolder {
        /// The request.
        request: usize,
        /// The folder.
        path: ImagePath,
    },
    /// Something below what is not a folder in the base.
    BelowBaseFile {
        /// The request that goes below.
        request: usize,
        /// The file.
        parent: ImagePath,
    },
    /// Something behind a symlink of the base that goes in a circle.
    BelowBaseLink {
        /// The request that goes there.
        request: usize,
        /// The symlink.
        parent: ImagePath,
    },
    /// Something below what is not a folder.
    BelowFile {
        /// The request that goes below.
        request: usize,
        /// The request that made the file or symlink.
        first: usize,
        /// The file or symlink.
        parent: ImagePath,
    },
}

/// The rule a path breaks, in words.
pub fn words(fault: PathFault) -> &'static str {
    match fault {
        PathFault::Relative => "it does not begin with `/`",
        PathFault::Parent => "it holds `..`",
        PathFault::Whiteout => "a name that begins with `.wh.` deletes files of the layers below",
        PathFault::Nul => "it holds a NUL byte",
        PathFault::TooLong => "a name has at most 255 bytes, and a path 4096",
    }
}

impl Problem {
    /// The request to mend.
    pub fn request(&self) -> usize {
        match self {
            Problem::Io { request, .. }
            | Problem::Special { request, .. }
            | Problem::Name { request, .. }
            | Problem::Root { request }
            | Problem::Twice { request, .. }
            | Problem::OverFolder { request, .. }
            | Problem::BelowBaseFile { request, .. }
            | Problem::BelowBaseLink { request, .. }
            | Problem::BelowFile { request, .. } => *request,
        }
    }

    /// The other request it is about.
    pub fn other(&self) -> Option<usize> {
        match self {
            Problem::Twice { first, .. } | Problem::BelowFile { first, .. } => Some(*first),
            _ => None,
        }
    }

    /// Code, title, reason and advice; paths below `folder` are shown from there.
    pub fn report(&self, folder: &Path) -> (Code, String, Option<String>, Option<String>) {
        let shown = |path: &Path| path.strip_prefix(folder).unwrap_or(path).display().to_string();
        match self {
            Problem::Io { operation, path, error, .. } => {
                let missing = error.kind() == io::ErrorKind::NotFound;
                (
                    if missing { code::FILES_MISSING } else { code::FILES_UNREADABLE },
                    format!("cannot {operation} `{}`", shown(path)),
                    Some(describe_io(error)),
                    None,
                )
            }
            Problem::Special { path, kind, .. } => (
                code::FILES_SPECIAL,
                format!("`{}` is {kind}", shown(path)),
                Some("an image is made of regular files, folders and symlinks".into()),
                Some("leave it out of the folder, or name the files one by one".into()),
            ),
            Problem::Name { path, fault, .. } => (
                code::FILES_NAME,
                format!("`{}` cannot be in an image", shown(path)),
                Some(words(*fault).into()),
                Some("rename it".into()),
            ),
            Problem::Root { .. } => (
                code::FILES_ROOT,
                "a file cannot be the root of the image".into(),
                None,
                Some(
                    "write \"/NAME\", or end the destination in `/` to put it into a folder".into(),
                ),
            ),
            Problem::Twice { path, .. } => (
                code::FILES_TWICE,
                format!("two sources go to `{path}`"),
                None,
                Some("give one of them another destination".into()),
            ),
            Problem::OverFolder { path, .. } => (
                code::FILES_OVER_FOLDER,
                format!("`{path}` is a folder in the base, and a file cannot take its place"),
                None,
                Some(format!(
                    "write `{path}/` to put the file into the folder, or remove the folder first"
                )),
            ),
            Problem::BelowBaseFile { parent, .. } => (
                code::FILES_BELOW_FILE,
                format!("`{parent}` is a file in the base, so nothing can be below it"),
                None,
                Some("choose another destination, or remove the file of the base first".into()),
            ),
            Problem::BelowBaseLink { parent, .. } => (
                code::FILES_BELOW_FILE,
                format!(
                    "`{parent}` is a symlink in the base that goes in a circle, so nothing can be behind it"
                ),
                None,
                Some("choose another destination, or remove the symlink of the base first".into()),
            ),
            Problem::BelowFile { parent, .. } => (
                code::FILES_BELOW_FILE,
                format!("`{parent}` is no folder, so nothing can be below it"),
                None,
                Some("give one of them another destination".into()),
            ),
        }
    }
}

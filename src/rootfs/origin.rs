//! Where the bytes of a file are that goes into an image.

use super::Pieces;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

/// Where the bytes of a file are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In a file of this machine, which is opened when it is read.
    Path(PathBuf),
    /// In a part of an open file, such as a member of a layer.
    Part(Extent),
    /// In pieces, as those of a guest's root file system.
    Pieces(Arc<Pieces>),
}

/// A part of an open file.
#[derive(Debug, Clone)]
pub struct Extent {
    /// The file, for messages.
    pub path: PathBuf,
    /// The same file, opened.
    pub file: Arc<File>,
    /// Where in it the part begins, in bytes.
    pub start: u64,
}

impl PartialEq for Extent {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.file, &other.file) && self.start == other.start
    }
}

impl Eq for Extent {}

//! What the sources of a draft are: files, folders or symlinks, of the build context or of an image.

use crate::diag::Report;
use crate::front::{Hint, Images, OpenImage};
use crate::recipe::draft::{BaseDraft, SourceDraft};
use crate::recipe::{Place, Placed};
use crate::world::{Kind, World};
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// What is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    File,
    Folder,
    Symlink,
    /// Nothing.
    Absent,
    /// It cannot be looked at.
    Unknown,
}

/// The places where sources are.
pub(super) struct Look<'l> {
    pub world: &'l dyn World,
    /// Where paths start that are not absolute.
    pub context: &'l Path,
    pub images: &'l dyn Images,
}

/// A name or a path of bytes as a path.
pub(super) fn as_path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

impl Look<'_> {
    /// What a source is, a symlink followed.
    pub fn shape(&self, source: &SourceDraft) -> Shape {
        match source {
            SourceDraft::Bytes(_) => Shape::File,
            SourceDraft::Symlink(_) => Shape::Symlink,
            SourceDraft::Folder => Shape::Folder,
            SourceDraft::Path { .. } | SourceDraft::Image { .. } => {
                match self.at(source, |world, path| world.stat(path)) {
                    None => Shape::Unknown,
                    Some(Ok(stat)) => shape(stat.kind),
                    // Who builds it says that it is missing.
                    Some(Err(_)) => Shape::File,
                }
            }
        }
    }

    /// What is at the path of a source; symlinks are not followed.
    pub fn child(&self, source: &SourceDraft) -> Shape {
        match self.at(source, |world, path| world.lstat(path)) {
            None => Shape::Unknown,
            Some(Ok(stat)) => shape(stat.kind),
            Some(Err(_)) => Shape::Absent,
        }
    }

    /// What is in a folder; of one that cannot be listed nothing, which whoever builds it says.
    pub fn list(&self, source: &SourceDraft) -> Vec<(Vec<u8>, Shape)> {
        let entries = self.at(source, |world, path| world.list(path)).and_then(Result::ok);
        let entry =
            |entry: crate::world::Entry| (entry.name.as_bytes().to_vec(), shape(entry.kind));
        entries.unwrap_or_default().into_iter().map(entry).collect()
    }

    /// A source for a name in a folder: there a symlink stays one.
    pub fn as_source(&self, source: SourceDraft, shape: Shape) -> SourceDraft {
        if shape != Shape::Symlink {
            return source;
        }
        let target = self.at(&source, |world, path| world.read_link(path)).and_then(Result::ok);
        target.map_or(source, |target| SourceDraft::Symlink(target.as_os_str().as_bytes().to_vec()))
    }

    /// Asks the place where a source is; none for an image that cannot be opened.
    fn at<T>(
        &self,
        source: &SourceDraft,
        ask: impl FnOnce(&dyn World, &Path) -> io::Result<T>,
    ) -> Option<io::Result<T>> {
        match source {
            SourceDraft::Path { written, .. } => {
                Some(ask(self.world, &tidy(&self.context.join(written))))
            }
            SourceDraft::Image { image, path } => {
                let image = self.open(image)?;
                Some(ask(&*image.files, &tidy(&Path::new("/").join(as_path(path)))))
            }
            SourceDraft::Bytes(_) | SourceDraft::Symlink(_) | SourceDraft::Folder => None,
        }
    }

    fn open(&self, image: &BaseDraft) -> Option<OpenImage> {
        let place = Place { spans: None, path: String::new() };
        let placed = Placed { value: image.clone(), place };
        // Why it cannot be opened is said when it is built.
        self.images.open(&placed, Hint::default(), &mut Report::default())
    }
}

fn shape(kind: Kind) -> Shape {
    match kind {
        Kind::Folder => Shape::Folder,
        Kind::Symlink => Shape::Symlink,
        Kind::File | Kind::Other(_) => Shape::File,
    }
}

/// A path without `.` in it.
fn tidy(path: &Path) -> PathBuf {
    path.components().collect()
}

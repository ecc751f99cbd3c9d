//! What files are copied from: a folder, without those that its ignore file names, or an image.

use super::paths::{Names, below, local};
use super::patterns::{PATTERN_HELP, Patterns};
use super::tree::Shape;
use crate::diag::{Diagnostic, Report, SourceMap};
use crate::explain::code;
use crate::recipe::draft::{BaseDraft, SourceDraft};
use crate::world::{self, World};
use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The largest ignore file.
const MAX_IGNORE_FILE: u64 = 1024 * 1024;

/// A folder or an image that files are copied from.
#[derive(Debug)]
pub(super) struct Context<'w> {
    files: Files<'w>,
    /// Where in these files it begins.
    top: PathBuf,
    ignored: Patterns,
    kind: Kind,
}

#[derive(Debug)]
enum Files<'w> {
    OfMachine(&'w dyn World),
    OfImage(Rc<dyn World>),
}

#[derive(Debug)]
enum Kind {
    /// A folder, and its path in drafts: empty for the build context itself.
    Folder(PathBuf),
    /// An image.
    Image(BaseDraft),
}

/// A name in a folder of a context.
#[derive(Debug)]
pub(super) struct Listed {
    pub name: Vec<u8>,
    pub shape: Shape,
}

impl<'w> Context<'w> {
    /// A folder of this machine. The first of these ignore files that is there says what of it is left out.
    pub fn of_folder(
        world: &'w dyn World,
        top: PathBuf,
        written: PathBuf,
        ignore_files: &[PathBuf],
        sources: &mut SourceMap,
        report: &mut Report,
    ) -> Self {
        let ignored = read_ignore_file(world, ignore_files, sources, report);
        Self { files: Files::OfMachine(world), top, ignored, kind: Kind::Folder(written) }
    }

    /// An image.
    pub fn of_image(files: Rc<dyn World>, image: BaseDraft) -> Self {
        let (files, top) = (Files::OfImage(files), PathBuf::from("/"));
        Self { files, top, ignored: Patterns::default(), kind: Kind::Image(image) }
    }

    /// Whether it is a folder of this machine, which symlinks can lead out of.
    pub fn is_of_machine(&self) -> bool {
        matches!(self.kind, Kind::Folder(_))
    }

    fn world(&self) -> &dyn World {
        match &self.files {
            Files::OfMachine(world) => *world,
            Files::OfImage(world) => world.as_ref(),
        }
    }

    /// Where names are in its files.
    pub fn path(&self, names: &[Vec<u8>]) -> PathBuf {
        self.top.join(local(names))
    }

    /// A path of it in a draft.
    pub fn draft(&self, names: &[Vec<u8>]) -> SourceDraft {
        match &self.kind {
            Kind::Folder(folder) => {
                let mut written = folder.clone();
                written.extend(local(names).iter());
                if written.as_os_str().is_empty() {
                    written.push(".");
                }
                SourceDraft::Path { written, from: None }
            }
            Kind::Image(image) => {
                let path = super::paths::path(names);
                SourceDraft::Image { image: image.clone(), path }
            }
        }
    }

    /// Says that a path will be asked for: what is far away comes whole then, and not with all that is beside it.
    pub fn announce(&self, names: &[Vec<u8>]) {
        self.world().announce(&[self.path(names)]);
    }

    /// What is at a path, if anything is; symlinks are not followed. A file that is ignored is not there.
    pub fn look(&self, names: &[Vec<u8>]) -> io::Result<Option<Shape>> {
        match self.world().lstat(&self.path(names)) {
            Ok(stat) => {
                let shape = Shape::of(stat.kind);
                Ok((shape == Shape::Folder || !self.is_ignored(names)).then_some(shape))
            }
            Err(error) if is_absent(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the ignore file names a path.
    pub fn is_ignored(&self, names: &[Vec<u8>]) -> bool {
        !self.ignored.is_empty() && self.ignored.match_names(names).0
    }

    /// What the ignore file names.
    pub fn ignored(&self) -> &Patterns {
        &self.ignored
    }

    /// Everything in a folder, what is ignored as well.
    pub fn list(&self, names: &[Vec<u8>]) -> io::Result<Vec<Listed>> {
        let entries = self.world().list(&self.path(names))?.into_iter();
        let listed = entries.map(|entry| Listed {
            name: entry.name.into_encoded_bytes(),
            shape: Shape::of(entry.kind),
        });
        Ok(listed.collect())
    }

    /// The names in a folder that are not ignored.
    pub fn names(&self, folder: &[Vec<u8>]) -> io::Result<Vec<Vec<u8>>> {
        let is_kept = |listed: &Listed| {
            let names: Names = below(folder, std::slice::from_ref(&listed.name));
            listed.shape == Shape::Folder || !self.is_ignored(&names)
        };
        let listed = self.list(folder)?.into_iter();
        Ok(listed.filter(is_kept).map(|listed| listed.name).collect())
    }

    /// The target of a symlink.
    pub fn target(&self, names: &[Vec<u8>]) -> io::Result<Vec<u8>> {
        let target = self.world().read_link(&self.path(names))?;
        Ok(target.into_os_string().into_encoded_bytes())
    }

    /// The first bytes of a file.
    pub fn head(&self, names: &[Vec<u8>], size: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let file = self.world().open(&self.path(names))?;
        io::Read::read_to_end(&mut io::Read::take(file, size), &mut bytes)?;
        Ok(bytes)
    }

    /// A file of at most `limit` bytes.
    pub fn read(&self, names: &[Vec<u8>], limit: u64) -> io::Result<Vec<u8>> {
        self.world().read(&self.path(names), limit)
    }
}

impl Shape {
    /// The shape of what a world has; what no image can hold is refused when it is packed.
    fn of(kind: world::Kind) -> Self {
        match kind {
            world::Kind::Folder => Shape::Folder,
            world::Kind::Symlink => Shape::Symlink,
            world::Kind::File | world::Kind::Other(_) => Shape::File,
        }
    }
}

/// Whether an error says that nothing is there.
pub(super) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// The patterns of the first of these files that is there.
fn read_ignore_file(
    world: &dyn World,
    files: &[PathBuf],
    sources: &mut SourceMap,
    report: &mut Report,
) -> Patterns {
    for path in files {
        match world.read(path, MAX_IGNORE_FILE) {
            Ok(bytes) => return patterns(path, &bytes, sources, report),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => {
                report.push(
                    Diagnostic::io(code::CONTAINERFILE_IGNORE_FILE, "read", path, &error)
                        .with_help("make it readable, or remove it"),
                );
                break;
            }
        }
    }
    Patterns::default()
}

/// The patterns of an ignore file, a line each.
fn patterns(path: &Path, bytes: &[u8], sources: &mut SourceMap, report: &mut Report) -> Patterns {
    let text: Cow<'_, str> = String::from_utf8_lossy(bytes);
    let file = sources.add(path.display().to_string(), Some(path.to_owned()), bytes.into());
    let mut patterns = Patterns::default();
    let mut at = 0_usize;
    for line in text.split_inclusive('\n') {
        let start = at;
        at = at.saturating_add(line.len());
        let pattern = line.strip_prefix('\u{feff}').unwrap_or(line);
        if pattern.starts_with('#') {
            continue;
        }
        let pattern = pattern.trim();
        if patterns.add(pattern).is_err() {
            let from = start.saturating_add(line.find(pattern).unwrap_or(0));
            let place = crate::front::text::span(file, from..from.saturating_add(pattern.len()));
            report.push(
                Diagnostic::error(
                    code::CONTAINERFILE_PATTERN,
                    format!("`{pattern}` is not a pattern of file names"),
                )
                .with_label(place, "")
                .with_help(PATTERN_HELP),
            );
        }
    }
    patterns
}

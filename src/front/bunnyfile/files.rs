//! Files of the build context and of images, as a bunnyfile names them.

use crate::diag::{Diagnostic, Report};
use crate::explain::code;
use crate::front::text::short;
use crate::front::{Hint, Images};
use crate::recipe::draft::{BaseDraft, FileDraft, ImageDraft, SourceDraft};
use crate::recipe::{Place, Placed};
use crate::world::{Kind, World};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// Where the files of a bunnyfile are.
pub(super) struct Files<'w> {
    pub world: &'w dyn World,
    /// The absolute path of the build context.
    pub context: &'w Path,
    pub images: &'w dyn Images,
    /// By what the one of several platforms of an image is chosen.
    pub hint: Hint<'w>,
}

/// Where `from` says that something is.
#[derive(Debug, Clone)]
pub(super) enum From {
    /// In the build context.
    Local,
    /// Nowhere: it is made.
    Scratch,
    /// In an image.
    Image(Placed<BaseDraft>),
}

/// What `from` says. An image is a path when it begins with `./`, `../` or `/`, which bunny does not know.
pub(super) fn from(written: &Placed<String>) -> From {
    match written.value.as_str() {
        "local" => From::Local,
        "scratch" => From::Scratch,
        name => From::Image(Placed {
            value: BaseDraft { image: ImageDraft::written(name), platform: None },
            place: written.place.clone(),
        }),
    }
}

impl Files<'_> {
    /// The file or folder that a path of the build context names, as one that goes to `destination`.
    ///
    /// A `/` at its beginning is the build context, as in bunny. It has to stay there, behind symlinks too.
    pub fn local(&self, path: &Placed<String>, report: &mut Report) -> Option<SourceDraft> {
        let Some(written) = below(&path.value) else {
            report.push(outside(path, "only files of the build context can be packed"));
            return None;
        };
        let real = |path: &Path| self.world.canonicalize(path);
        if let (Ok(context), Ok(file)) = (real(self.context), real(&self.context.join(&written)))
            && !file.starts_with(&context)
        {
            report.push(outside(path, "a symlink points out of it"));
            return None;
        }
        Some(SourceDraft::Path { written, from: None })
    }

    /// Whether a source is a folder. One that is not there is none; that is reported by who packs it.
    pub fn is_folder(&self, source: &SourceDraft, place: &Place, report: &mut Report) -> bool {
        let stat = match source {
            SourceDraft::Path { written, .. } => self.world.stat(&self.context.join(written)),
            SourceDraft::Image { image, path } => {
                let image = Placed { value: image.clone(), place: place.clone() };
                let Some(image) = self.images.open(&image, self.hint, report) else { return false };
                image.files.stat(Path::new(OsStr::from_bytes(path)))
            }
            SourceDraft::Folder => return true,
            SourceDraft::Bytes(_) | SourceDraft::Symlink(_) => return false,
        };
        stat.is_ok_and(|stat| stat.kind == Kind::Folder)
    }
}

/// A path below the build context without `.` and `..`; none when it leaves it.
fn below(text: &str) -> Option<PathBuf> {
    let mut names: Vec<&str> = Vec::new();
    for name in text.split('/') {
        match name {
            "" | "." => {}
            ".." => drop(names.pop()?),
            name => names.push(name),
        }
    }
    Some(if names.is_empty() { PathBuf::from(".") } else { names.into_iter().collect() })
}

fn outside(path: &Placed<String>, why: &str) -> Diagnostic {
    let title = format!("`{}` is outside of the build context", short(&path.value));
    path.place
        .error(code::BUNNYFILE_OUTSIDE, title)
        .with_why(why)
        .with_help("copy the file into the build context, or build from a folder above it")
}

/// A path in an image, which bunny takes without its first `/` as well.
pub(super) fn absolute(path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
}

/// A file of the image. Nothing else may be put at the path of a boot file.
pub(super) fn file(source: SourceDraft, destination: &str, place: &Place) -> FileDraft {
    FileDraft {
        source,
        destination: destination.as_bytes().to_vec(),
        mode: None,
        owner: None,
        replaces: false,
        place: place.clone(),
    }
}

/// A file or folder of another image.
pub(super) fn of_image(image: &BaseDraft, path: &str) -> SourceDraft {
    SourceDraft::Image { image: image.clone(), path: absolute(path).into_bytes() }
}

/// What marks a path in messages about the file: the path itself, not its key.
pub(super) fn value_place(place: &Place) -> Place {
    Place { spans: place.spans.map(|(_, value)| (value, value)), path: place.path.clone() }
}

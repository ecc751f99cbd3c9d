//! From the entries of a recipe to the tree of its files.

use super::guest::{self, Made};
use super::images::{FilePlace, Images};
use super::{Input, overlap, urunc_json};
use crate::diag::{Diagnostic, Report, describe_io, nearest};
use crate::explain::code;
use crate::front::Hint;
use crate::recipe::draft::{BaseDraft, FileDraft, SourceDraft};
use crate::recipe::{Contents, Placed};
use crate::rootfs::{self, ImagePath, PathFault, Request, Source, Tree};
use crate::urunc::Key;
use crate::world;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

/// Removes from the base what the recipe removes, and gives its paths.
pub(super) fn removed(
    contents: &Contents,
    base: &mut Tree<FilePlace>,
    report: &mut Report,
) -> Vec<ImagePath> {
    let mut paths = Vec::with_capacity(contents.remove.len());
    for written in &contents.remove {
        match removed_path(written, base) {
            Ok(path) => paths.push(path),
            Err(diagnostic) => drop(report.push(*diagnostic)),
        }
    }
    let paths: BTreeSet<ImagePath> = paths.into_iter().collect();
    // What is in a folder that is removed needs no whiteout of its own.
    let is_inside =
        |path: &ImagePath| path.prefixes().any(|folder| folder != *path && paths.contains(&folder));
    let outermost: Vec<ImagePath> = paths.iter().filter(|path| !is_inside(path)).cloned().collect();
    for path in &outermost {
        base.remove(path);
    }
    outermost
}

fn removed_path(
    written: &Placed<Vec<u8>>,
    base: &Tree<FilePlace>,
) -> Result<ImagePath, Box<Diagnostic>> {
    let shown = String::from_utf8_lossy(&written.value);
    let refused = || {
        let title = format!("`{shown}` cannot be removed from the base");
        written.place.error(code::RECIPE_REMOVE, title)
    };
    let path = ImagePath::parse(&written.value).map_err(|fault| {
        let help = match fault {
            PathFault::Relative => Some(format!("write \"/{shown}\"")),
            _ => None,
        };
        refused().with_why(rootfs::words(fault)).with_help_if(help)
    })?;
    let path = base.follow_parents(path);
    if path.is_root() {
        let diagnostic = written.place.error(code::RECIPE_REMOVE, "the root cannot be removed");
        return Err(Box::new(diagnostic.with_help("name what is in it, or leave `base` out")));
    }
    if base.get(&path).is_some() || base.is_folder(&path) {
        path.whiteout().map_err(|_| {
            let why = "a layer removes a file by another one with `.wh.` in front of its name, so the name may have 251 bytes";
            let help = "remove the folder that it is in, and put the rest there again";
            refused().with_why(why).with_help(help)
        })?;
        return Ok(path);
    }
    let folder = path.parent();
    let is_like = |other: &ImagePath| other.is_in(&folder) || other.name() == path.name();
    let like = base.iter().map(|(other, _)| other).filter(|other| is_like(other));
    let known: Vec<String> = like.map(ToString::to_string).collect();
    let near = nearest(&shown, known.iter().map(String::as_str));
    let help = near.map_or_else(
        || "leave it out of `remove`".to_owned(),
        |near| format!("did you mean \"{near}\"?"),
    );
    let title = format!("the base has no `{shown}`");
    Err(Box::new(written.place.error(code::RECIPE_REMOVE, title).with_help(help)))
}

/// The files that the recipe puts into the image, over those of the base; none when one of them cannot be.
pub(super) fn tree(
    contents: &Contents,
    input: &Input,
    images: &Images<'_>,
    base: &Tree<FilePlace>,
    report: &mut Report,
) -> Option<Tree> {
    let finder = Finder { contents, input, images };
    let sources = Some(&input.sources);
    let mut wanted: Vec<Wanted<'_>> =
        contents.files.iter().map(|file| Wanted { file, sources, made: None }).collect();
    let made = contents.rootfs.as_ref().map(|rootfs| guest::rootfs(rootfs, &finder, report));
    wanted.extend(made.iter().flatten().map(Made::wanted));
    let tree = collected(&wanted, base, &finder, report)?;
    if matches!(made, Some(None)) {
        return None;
    }
    // Folders on the way to a file are not in the tree themselves.
    if let Ok(reserved) = ImagePath::parse(urunc_json::PATH.as_bytes())
        && tree.iter().any(|(path, _)| path.prefixes().next() == Some(reserved.clone()))
    {
        let diagnostic =
            Diagnostic::error(code::FILES_URUNC_JSON, "`/urunc.json` is written by bimanix")
                .with_why("urunc reads it, so it must say the same as the annotations")
                .with_help("leave it out; say what it should hold in `annotations`");
        let name = b"urunc.json";
        let is_it = |path: &[u8]| path.windows(name.len()).any(|part| part == name);
        let culprit = wanted.iter().find(|wanted| is_it(&wanted.file.destination));
        report.push(
            culprit.map_or(diagnostic.clone(), |found| mark_entry(found.file, diagnostic, "")),
        );
        return None;
    }
    Some(tree)
}

/// A file or folder that is to be found.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'w> {
    pub(super) file: &'w FileDraft,
    /// Sources that are somewhere else than their key says.
    pub(super) sources: Option<&'w BTreeMap<String, PathBuf>>,
    /// What is put there, when it has been made.
    pub(super) made: Option<&'w Source>,
}

/// What files are found with.
#[derive(Clone, Copy)]
pub(super) struct Finder<'f> {
    pub(super) contents: &'f Contents,
    pub(super) input: &'f Input,
    pub(super) images: &'f Images<'f>,
}

/// Finds files and puts them over those of a base; none when one of them cannot be.
pub(super) fn collected<S>(
    wanted: &[Wanted<'_>],
    base: &Tree<S>,
    finder: &Finder<'_>,
    report: &mut Report,
) -> Option<Tree> {
    let input = finder.input;
    let mut requests = Vec::with_capacity(wanted.len());
    let mut files = Vec::with_capacity(wanted.len());
    for one in wanted {
        match request(one, finder, report) {
            Ok(request) => {
                requests.push(request);
                files.push(one.file);
            }
            Err(diagnostic) => {
                if let Some(diagnostic) = diagnostic {
                    report.push(*diagnostic);
                }
            }
        }
    }
    let paths = requests.iter().filter_map(|request| match &request.source {
        Source::Path(path) => Some(path.clone()),
        _ => None,
    });
    input.world.announce(&paths.collect::<Vec<_>>());
    let tree = match rootfs::collect(&requests, base, &*input.world) {
        Ok(tree) => tree,
        Err(problems) => {
            for problem in problems {
                let (code, title, why, help) = problem.report(&input.folder);
                let mut diagnostic = Diagnostic::error(code, title).with_help_if(help);
                diagnostic.why = why;
                if let Some(file) = files.get(problem.request()) {
                    diagnostic = mark_entry(file, diagnostic, "");
                }
                let first = problem.other().filter(|&other| other != problem.request());
                if let Some(file) = first.and_then(|first| files.get(first)) {
                    diagnostic = mark_entry(file, diagnostic, "the first one");
                }
                report.push(diagnostic);
            }
            return None;
        }
    };
    (files.len() == wanted.len()).then_some(tree)
}

/// Marks a whole `source = destination` entry by its key, which is what most messages are about.
fn mark_entry(file: &FileDraft, diagnostic: Diagnostic, text: &str) -> Diagnostic {
    file.place.mark_name(diagnostic, text)
}

/// The request that a file makes; nothing comes back where why it cannot be met is in the report.
fn request(
    wanted: &Wanted<'_>,
    finder: &Finder<'_>,
    report: &mut Report,
) -> Result<Request, Option<Box<Diagnostic>>> {
    let Wanted { file, sources, made } = *wanted;
    let Finder { contents, input, images } = *finder;
    let destination = ImagePath::parse(&file.destination).map_err(|fault| {
        let shown = String::from_utf8_lossy(&file.destination);
        let title = format!("`{shown}` cannot be a path in the image");
        let help = match fault {
            PathFault::Relative => Some(format!("write \"/{shown}\"")),
            _ => None,
        };
        let diagnostic = file.place.error(code::FILES_DESTINATION, title);
        Some(Box::new(diagnostic.with_why(rootfs::words(fault)).with_help_if(help)))
    })?;
    if let Some(source) = made {
        let source = source.clone();
        return Ok(Request { source, destination, mode: None, owner: None, replaces: false });
    }
    let (source, written) = match &file.source {
        SourceDraft::Path { written, from } => {
            let path = from.as_deref().unwrap_or(written);
            let path = source(file, written, path, sources, input).map_err(Some)?;
            (Source::Path(path), written.as_path())
        }
        SourceDraft::Bytes(bytes) => (Source::Bytes(bytes.clone()), Path::new("")),
        SourceDraft::Symlink(target) => (Source::Symlink(target.clone()), Path::new("")),
        SourceDraft::Folder => (Source::Folder, Path::new("")),
        SourceDraft::Image { image, path } => {
            (of_image(file, image, path, contents, images, report)?, path_of(path))
        }
    };
    // Into a folder a file goes by the name the recipe gives it, since its place in a store has another.
    let name = written.file_name().unwrap_or_default().as_encoded_bytes();
    let destination = if file.destination.ends_with(b"/") && !name.is_empty() {
        destination.join(name).map_err(|fault| {
            let title = format!("`{}` cannot be a name in the image", written.display());
            let diagnostic = Diagnostic::error(code::FILES_NAME, title);
            Some(Box::new(mark_entry(file, diagnostic.with_why(rootfs::words(fault)), "")))
        })?
    } else {
        destination
    };
    let FileDraft { mode, owner, replaces, .. } = *file;
    Ok(Request { source, destination, mode, owner, replaces })
}

/// A path of an image as one that has a name.
fn path_of(bytes: &[u8]) -> &Path {
    use std::os::unix::ffi::OsStrExt as _;
    Path::new(std::ffi::OsStr::from_bytes(bytes))
}

/// A file or folder of another image.
fn of_image(
    file: &FileDraft,
    image: &BaseDraft,
    path: &[u8],
    contents: &Contents,
    images: &Images<'_>,
    report: &mut Report,
) -> Result<Source, Option<Box<Diagnostic>>> {
    let image = Placed { value: image.clone(), place: file.place.clone() };
    let architecture = contents.architecture.as_ref().map(|given| given.value.as_str());
    let hint = Hint { architecture, monitor: contents.urunc.get(Key::Hypervisor) };
    let opened = images.get(&image, hint, report).ok_or(None)?;
    let shown = String::from_utf8_lossy(path);
    let (node, below) = opened.nodes(path).map_err(|error| {
        let (code, why) = match error.kind() {
            io::ErrorKind::NotFound => {
                (code::FILES_MISSING, "the image has no such file".to_owned())
            }
            _ => (code::FILES_UNREADABLE, describe_io(&error)),
        };
        let title = format!("cannot take `{shown}` of the image");
        Some(Box::new(file.place.error(code, title).with_why(why)))
    })?;
    Ok(Source::Nodes(node, below))
}

fn source(
    file: &FileDraft,
    key: &Path,
    path: &Path,
    sources: Option<&BTreeMap<String, PathBuf>>,
    input: &Input,
) -> Result<PathBuf, Box<Diagnostic>> {
    if let Some(known) = key.to_str().and_then(|source| sources?.get(source)) {
        return Ok(known.clone());
    }
    let written = path.display();
    if path.as_os_str().is_empty() {
        let diagnostic = Diagnostic::error(code::FILES_EMPTY_SOURCE, "a source has no name")
            .with_help("write the path of the file, or \"./.\" for the whole folder");
        return Err(Box::new(mark_entry(file, diagnostic, "")));
    }
    let whole = world::normalize(&input.folder.join(path));
    if overlap::holds(&whole, input.output.as_deref()) {
        let title = format!("`{written}` holds the image that is being written");
        let diagnostic = Diagnostic::error(code::FILES_OUTPUT, title)
            .with_why("each build would pack the one before, so no two would be the same")
            .with_help("write the image elsewhere with `-o`, or name a folder without it");
        return Err(Box::new(mark_entry(file, diagnostic, "")));
    }
    if path.is_absolute() || stays_below(&whole, input) {
        return Ok(whole);
    }
    let diagnostic = Diagnostic::error(
        code::FILES_OUTSIDE,
        format!("`{written}` leaves the folder of args.nix"),
    )
    .with_why("an image is made of what its folder holds, so that it is the same everywhere")
    .with_help("move it into the folder, or give an absolute path");
    Err(Box::new(mark_entry(file, diagnostic, "")))
}

/// Whether a path is below the folder, by name and behind its symlinks. What is not there at all is
/// reported by whoever reads it.
fn stays_below(path: &Path, input: &Input) -> bool {
    let Input { world, folder, .. } = input;
    if !path.starts_with(folder) {
        return false;
    }
    match (world.canonicalize(path), world.canonicalize(folder)) {
        (Ok(path), Ok(folder)) => path.starts_with(folder),
        _ => true,
    }
}

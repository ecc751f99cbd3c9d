//! From the entries of a recipe to the tree of its files.

use super::{Input, URUNC_JSON};
use crate::diag::{Diagnostic, Report};
use crate::host;
use crate::recipe::Contents;
use crate::recipe::draft::{FileDraft, SourceDraft};
use crate::rootfs::{self, ImagePath, Request, Source, Tree};
use std::path::{Path, PathBuf};

/// The files that the recipe puts into the image; none when one of them cannot be.
pub(super) fn tree(contents: &Contents, input: &Input, report: &mut Report) -> Option<Tree> {
    let mut requests = Vec::with_capacity(contents.files.len());
    let mut files = Vec::with_capacity(contents.files.len());
    for file in &contents.files {
        match request(file, input) {
            Ok(request) => {
                requests.push(request);
                files.push(file);
            }
            Err(diagnostic) => drop(report.push(*diagnostic)),
        }
    }
    let tree = match rootfs::collect(&requests) {
        Ok(tree) => tree,
        Err(problems) => {
            for problem in problems {
                let (slug, title, why, help) = problem.report(&input.folder);
                let mut diagnostic = Diagnostic::error(slug, title).with_help_if(help);
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
    if files.len() < contents.files.len() {
        return None;
    }
    // Folders on the way to a file are not in the tree themselves.
    if let Ok(reserved) = ImagePath::parse(URUNC_JSON)
        && tree.iter().any(|(path, _)| path.prefixes().next() == Some(reserved.clone()))
    {
        let diagnostic =
            Diagnostic::error("files/urunc-json", "`/urunc.json` is written by bimanix")
                .with_why("urunc reads it, so it must say the same as the annotations")
                .with_help("leave it out; say what it should hold in `annotations`");
        let name = b"urunc.json";
        let is_it = |path: &[u8]| path.windows(name.len()).any(|part| part == name);
        let culprit = contents.files.iter().find(|file| is_it(&file.destination));
        report.push(culprit.map_or(diagnostic.clone(), |file| mark_entry(file, diagnostic, "")));
        return None;
    }
    Some(tree)
}

/// Marks a whole `source = destination` entry by its key, which is what most messages are about.
fn mark_entry(file: &FileDraft, diagnostic: Diagnostic, text: &str) -> Diagnostic {
    file.place.mark_name(diagnostic, text)
}

fn request(file: &FileDraft, input: &Input) -> Result<Request, Box<Diagnostic>> {
    let destination = ImagePath::parse(&file.destination).map_err(|fault| {
        let shown = String::from_utf8_lossy(&file.destination);
        let title = format!("`{shown}` cannot be a path in the image");
        let help = match fault {
            rootfs::PathFault::Relative => Some(format!("write \"/{shown}\"")),
            _ => None,
        };
        let diagnostic = file.place.error("files/destination", title);
        Box::new(diagnostic.with_why(rootfs::words(fault)).with_help_if(help))
    })?;
    let (source, written) = match &file.source {
        SourceDraft::Path { written, from } => {
            let path = from.as_deref().unwrap_or(written);
            (Source::Path(source(file, written, path, input)?), written.as_path())
        }
        SourceDraft::Bytes(bytes) => (Source::Bytes(bytes.clone()), Path::new("")),
        SourceDraft::Symlink(target) => (Source::Symlink(target.clone()), Path::new("")),
        SourceDraft::Folder => (Source::Folder, Path::new("")),
        SourceDraft::Image { .. } => {
            let title = "files of another image cannot be packed yet";
            let help = "copy the file out of the image first, and name it as a source";
            return Err(Box::new(file.place.error("files/from-image", title).with_help(help)));
        }
    };
    // Into a folder a file goes by the name the recipe gives it, since its place in a store has another.
    let name = written.file_name().unwrap_or_default().as_encoded_bytes();
    let destination = if file.destination.ends_with(b"/") && !name.is_empty() {
        destination.join(name).map_err(|fault| {
            let title = format!("`{}` cannot be a name in the image", written.display());
            Box::new(mark_entry(
                file,
                Diagnostic::error("files/name", title).with_why(rootfs::words(fault)),
                "",
            ))
        })?
    } else {
        destination
    };
    let FileDraft { mode, owner, replaces, .. } = *file;
    Ok(Request { source, destination, mode, owner, replaces })
}

fn source(
    file: &FileDraft,
    key: &Path,
    path: &Path,
    input: &Input,
) -> Result<PathBuf, Box<Diagnostic>> {
    if let Some(known) = key.to_str().and_then(|source| input.sources.get(source)) {
        return Ok(known.clone());
    }
    let written = path.display();
    if path.as_os_str().is_empty() {
        let diagnostic = Diagnostic::error("files/empty-source", "a source has no name")
            .with_help("write the path of the file, or \"./.\" for the whole folder");
        return Err(Box::new(mark_entry(file, diagnostic, "")));
    }
    let whole = host::normalize(&input.folder.join(path));
    if holds(&whole, input.output.as_deref()) {
        let title = format!("`{written}` holds the image that is being written");
        let diagnostic = Diagnostic::error("files/output", title)
            .with_why("each build would pack the one before, so no two would be the same")
            .with_help("write the image elsewhere with `-o`, or name a folder without it");
        return Err(Box::new(mark_entry(file, diagnostic, "")));
    }
    if path.is_absolute() || stays_below(&whole, &input.folder) {
        return Ok(whole);
    }
    let diagnostic =
        Diagnostic::error("files/outside", format!("`{written}` leaves the folder of args.nix"))
            .with_why(
                "an image is made of what its folder holds, so that it is the same everywhere",
            )
            .with_help("move it into the folder, or give an absolute path");
    Err(Box::new(mark_entry(file, diagnostic, "")))
}

/// Whether a source is a folder that holds the output, or the output itself.
fn holds(source: &Path, output: Option<&Path>) -> bool {
    let Some(output) = output else { return false };
    let parent = output.parent().and_then(|parent| host::canonicalize(parent).ok());
    let place = parent.zip(output.file_name()).map(|(parent, name)| parent.join(name));
    match (host::canonicalize(source), place) {
        (Ok(source), Some(place)) => place.starts_with(source),
        _ => false,
    }
}

/// Whether a path is below the folder, by name and behind its symlinks. What is not there at all is
/// reported by whoever reads it.
fn stays_below(path: &Path, folder: &Path) -> bool {
    if !path.starts_with(folder) {
        return false;
    }
    match (host::canonicalize(path), host::canonicalize(folder)) {
        (Ok(path), Ok(folder)) => path.starts_with(folder),
        _ => true,
    }
}

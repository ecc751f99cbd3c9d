//! From a text that is no args.nix to the args.nix that says the same.

use super::{Images, Input, rename};
use crate::diag::{Diagnostic, Report, SourceMap};
use crate::explain::code;
use crate::front::containerfile;
use crate::front::convert::{self, Note};
use crate::recipe::draft::{Draft, ImageDraft, Kind, SourceDraft};
use crate::recipe::{Place, Placed};
use std::path::Path;

/// What the command line says about a conversion.
#[derive(Debug, Clone, Copy)]
pub struct Conversion<'c> {
    /// What the text is called.
    pub shown: &'c str,
    /// The folder of the args.nix, an absolute path.
    pub folder: &'c Path,
    /// `--tag`, as `NAME` or `NAME:TAG`.
    pub name: Option<&'c str>,
    /// `--platform`
    pub platform: Option<&'c str>,
}

/// The args.nix that says what a draft does.
///
/// What it cannot say goes to `report`, and then nothing comes back.
pub fn convert(
    mut draft: Draft,
    input: &Input,
    images: &Images<'_>,
    conversion: &Conversion<'_>,
    sources: &SourceMap,
    report: &mut Report,
) -> Option<String> {
    let mut name_note = None;
    if let Some(reference) = conversion.name {
        rename(&mut draft, reference);
    } else if draft.name.is_none() {
        draft.name = name_of_folder(input, report);
        name_note = Some("The name of the folder; `bimanix convert -t NAME` takes another one.");
    }
    if let (Some(base), Some(platform)) = (&mut draft.base, conversion.platform) {
        let place = Place { spans: None, path: "--platform".to_owned() };
        let given = Placed { value: platform.to_owned(), place };
        base.value.platform.get_or_insert(given);
    }
    // From where the args.nix is, so that it is the same wherever it is made.
    let below = input.file.strip_prefix(conversion.folder).ok();
    let shown =
        below.map_or_else(|| conversion.shown.to_owned(), |file| file.display().to_string());
    pin(&mut draft, images, report);
    let request = convert::Request {
        shown: &shown,
        context: &input.folder,
        folder: conversion.folder,
        world: &*input.world,
        images,
        notes: &notes(&draft, sources),
        name_note,
    };
    let text = convert::args_nix(&draft, &request, report)?;
    (!report.has_errors()).then_some(text)
}

/// Gives images the digests that the lock of the text has of them, or their registries: an args.nix has no lock.
fn pin(draft: &mut Draft, images: &Images<'_>, report: &mut Report) {
    let base = draft.base.iter_mut().map(|base| (&mut base.value, &base.place));
    let (mut from, mut of_rootfs) = (None, [].as_mut_slice());
    if let Some(rootfs) = &mut draft.rootfs {
        from = rootfs.from.as_mut().map(|from| (&mut from.value, &from.place));
        of_rootfs = rootfs.files.as_mut_slice();
    }
    let files = draft.files.iter_mut().chain(of_rootfs);
    let files = files.filter_map(|file| match &mut file.source {
        SourceDraft::Image { image, .. } => Some((image, &file.place)),
        _ => None,
    });
    for (image, place) in base.chain(from).chain(files) {
        let ImageDraft::Reference(written) = &mut image.image else { continue };
        match images.pinned(written, place) {
            Ok(pinned) => *written = pinned,
            Err(diagnostic) => drop(report.push(*diagnostic)),
        }
    }
}

/// A name for the image after the folder that it is made of, as docker names projects.
fn name_of_folder(input: &Input, report: &mut Report) -> Option<Placed<String>> {
    let folder = &input.folder;
    let folder = input.world.canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    let name = folder.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    let words = name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name = words.collect::<Vec<_>>().join("-");
    if name.is_empty() {
        let title = format!("`{}` gives the image no name", folder.display());
        let diagnostic = Diagnostic::error(code::CONVERT_NAME, title);
        report.push(diagnostic.with_help("name the image: `-t NAME:TAG`"));
        return None;
    }
    let place = Place { spans: None, path: "name".to_owned() };
    Some(Placed { value: name, place })
}

/// The comments of the text that a draft comes from.
fn notes(draft: &Draft, sources: &SourceMap) -> Vec<Note> {
    let places = draft.annotations_place.iter().chain([&draft.place]);
    let files = draft.files.iter().map(|file| &file.place);
    let at = places.chain(files).find_map(|place| place.spans);
    let source = at.and_then(|(at, _)| sources.get(at.file));
    let text = source.map(|source| String::from_utf8_lossy(&source.text).into_owned());
    match (draft.kind, text) {
        (Kind::Containerfile, Some(text)) => containerfile::notes(&text),
        (Kind::Bunnyfile, Some(text)) => convert::of_lines(&text),
        _ => Vec::new(),
    }
}

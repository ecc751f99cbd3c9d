//! `rootfs.include`: files of the build context, and of images.

use super::files::{Files, From, absolute, file, from, of_image};
use super::keys::{Keys, Value, wrong_type};
use super::yaml::{Content, Node};
use crate::diag::Report;
use crate::explain::code;
use crate::recipe::draft::{FileDraft, SourceDraft};
use crate::recipe::{Place, Placed};

/// The files that `include` lists.
pub(super) fn include(items: &[Node], files: &Files<'_>, report: &mut Report) -> Vec<FileDraft> {
    let mut drafts = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        let path = format!("rootfs.include[{index}]");
        let place = Place { spans: Some((item.at, item.at)), path };
        let draft = match &*item.content {
            Content::Text(text) => pair(text, place, files, report),
            Content::Map(_) => mapping(item, place, files, report),
            Content::Unusable => None,
            _ => {
                report.push(
                    wrong_type(&place.path, "a string or a mapping", item)
                        .with_help("write `- SOURCE:DESTINATION`"),
                );
                None
            }
        };
        drafts.extend(draft);
    }
    drafts
}

/// `SOURCE:DESTINATION`, or `SOURCE` alone.
fn pair(text: &str, place: Place, files: &Files<'_>, report: &mut Report) -> Option<FileDraft> {
    let (source, destination) = text.split_once(':').unwrap_or((text, ""));
    if source.is_empty() {
        let diagnostic = place.error(code::BUNNYFILE_EMPTY, "this entry has no source");
        report.push(diagnostic.with_help("write `SOURCE:DESTINATION`, or `SOURCE` alone"));
        return None;
    }
    let destination = if destination.is_empty() { source } else { destination };
    let source = Placed { value: source.to_owned(), place };
    local(&source, destination, files, report)
}

/// `from`, `source` and `destination`.
fn mapping(item: &Node, place: Place, files: &Files<'_>, report: &mut Report) -> Option<FileDraft> {
    let mut keys = Keys::of_map(item, &place.path, &["from", "source", "destination"], report)?;
    let written = keys.text("from");
    let source = keys.required("source", "source: FILE", "it says what to put into the image");
    let destination = keys.required("destination", "destination: /FILE", "it says where to put it");
    if matches!(written, Value::Unusable) {
        return None;
    }
    let (source, destination) = (source?, destination?);
    let source = Placed { value: source.value, place };
    let Some(written) = written.given() else {
        return local(&source, &destination.value, files, keys.report);
    };
    match from(&written) {
        From::Local => local(&source, &destination.value, files, keys.report),
        From::Scratch => {
            let diagnostic = written.place.error(code::BUNNYFILE_SCRATCH, "`scratch` has no files");
            keys.report.push(
                diagnostic
                    .with_why("it is the empty image")
                    .with_help("remove `from` to take a file of the build context"),
            );
            None
        }
        From::Image(image) => {
            let draft = of_image(&image.value, &source.value);
            let destination = &destination.value;
            Some(included(draft, destination, files, &source.place, &image.place, keys.report))
        }
    }
}

/// A file or folder of the build context.
fn local(
    source: &Placed<String>,
    destination: &str,
    files: &Files<'_>,
    report: &mut Report,
) -> Option<FileDraft> {
    let draft = files.local(source, report)?;
    Some(included(draft, destination, files, &source.place, &source.place, report))
}

/// What an entry puts into the image.
///
/// bunny puts a folder into one that is there already, and its content at a destination that is not: here the
/// destination is always where the content goes, as with `COPY`.
fn included(
    source: SourceDraft,
    destination: &str,
    files: &Files<'_>,
    entry: &Place,
    image: &Place,
    report: &mut Report,
) -> FileDraft {
    let mut destination = absolute(destination);
    if files.is_folder(&source, image, report) {
        destination.truncate(destination.trim_end_matches('/').len());
        if destination.is_empty() {
            destination.push_str("/.");
        }
    }
    // As with `COPY`, the later one of two wins.
    FileDraft { replaces: true, ..file(source, &destination, entry) }
}

//! A bunnyfile, version 0.1: the YAML that bunny takes, by its documentation.
//!
//! In: the file and its build context. Out: a [`Draft`], or every mistake of its form. What always holds: no key is
//! ignored, and an alias never makes a tree larger than its text. What the guest, the monitor and the files come to
//! is judged later.
//!
//! What differs from bunny 0.0.5, where its documentation and its code disagree or its images do not start: a kernel
//! that is taken from an image keeps that image; without `rootfs` the guest is given none; a guest that cannot be
//! given the files of its image is not; `architecture` counts; `KEY:VALUE` is a variable.

mod boot;
mod files;
mod include;
mod keys;
mod platforms;
mod process;
mod rootfs;
mod wording;
mod yaml;

use super::{Hint, Images, OpenImage, text};
use crate::diag::{Diagnostic, Report, Severity, SourceMap};
use crate::explain::code;
use crate::recipe::draft::{BaseDraft, Draft, ImageDraft, Kind, Setting, SourceDraft};
use crate::recipe::{Place, Placed};
use crate::urunc::Key;
use crate::world::World;
use keys::Keys;
use std::path::Path;
use yaml::{Content, Node};

/// The largest bunnyfile, in bytes.
const MAX_FILE: u64 = 1024 * 1024;
/// As many findings as are reported, so that a file of something else is not answered line by line.
const MAX_FINDINGS: usize = 100;
/// The keys of a bunnyfile.
const KEYS: [&str; 8] =
    ["version", "platforms", "rootfs", "kernel", "cmdline", "cmd", "entrypoint", "envs"];

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Request<'r> {
    /// What the file is called in messages.
    pub shown: &'r str,
    /// Its absolute path.
    pub file: &'r Path,
    /// The absolute path of the build context.
    pub context: &'r Path,
    /// The images that the file may name.
    pub images: &'r dyn Images,
}

/// Reads a bunnyfile. Paths in the draft are relative to the build context.
///
/// Every mistake goes to `report`. What it leaves of the draft can still be judged, so that all of them show at once;
/// nothing comes back where the text is no mapping.
pub fn read(
    world: &dyn World,
    sources: &mut SourceMap,
    request: &Request<'_>,
    report: &mut Report,
) -> Option<Draft> {
    let before = report.findings.len();
    let draft = read_file(world, sources, request, report);
    let found = report.findings.len().saturating_sub(before);
    if found <= MAX_FINDINGS {
        return draft;
    }
    report.findings.truncate(before.saturating_add(MAX_FINDINGS));
    let title = format!("there are more problems than these {MAX_FINDINGS}");
    report.push(
        Diagnostic::error(code::BUNNYFILE_MORE, title)
            .with_subject(request.shown)
            .with_help("fix these first, then check again"),
    );
    None
}

/// The images of registries that a bunnyfile names; none of them is opened.
///
/// Every mistake goes to `report`; after one, nothing comes back.
pub fn references(
    world: &dyn World,
    sources: &mut SourceMap,
    request: &Request<'_>,
    report: &mut Report,
) -> Option<Vec<Placed<String>>> {
    let request = Request { images: &Unopened, ..*request };
    let draft = read(world, sources, &request, report)?;
    (!report.has_errors()).then_some(draft.references)
}

/// Images that nobody looks into.
#[derive(Debug)]
struct Unopened;

impl Images for Unopened {
    fn open(&self, _: &Placed<BaseDraft>, _: Hint<'_>, _: &mut Report) -> Option<OpenImage> {
        None
    }
}

fn read_file(
    world: &dyn World,
    sources: &mut SourceMap,
    request: &Request<'_>,
    report: &mut Report,
) -> Option<Draft> {
    let text = text::Reading {
        shown: request.shown,
        file: request.file,
        max: MAX_FILE,
        kind: "a bunnyfile",
        codes: [code::BUNNYFILE_INPUT, code::BUNNYFILE_NOT_UTF_8],
    };
    let (text, file) = text.text(world, sources, report)?;
    let root = yaml::parse(&text, file, report)?;
    draft(world, request, &text, root, report)
}

fn draft(
    world: &dyn World,
    request: &Request<'_>,
    text: &str,
    root: Node,
    report: &mut Report,
) -> Option<Draft> {
    if !matches!(*root.content, Content::Map(_) | Content::Nothing) {
        report.push(wording::not_a_bunnyfile(&root, text));
        return None;
    }
    let before = report.findings.len();
    let place = Place { spans: Some((root.at, root.at)), path: "the bunnyfile".to_owned() };
    let mut draft = Draft::new(Kind::Bunnyfile, place.clone());
    draft.annotations_place = Some(place);
    // An empty file is a mapping without keys.
    let root = match *root.content {
        Content::Nothing => Node::empty_map(root.at),
        _ => root,
    };
    let mut keys = Keys::of_map(&root, "", &KEYS, report)?;
    platforms::version(&mut keys);
    let platform = platforms::platform(&mut keys, &mut draft);
    let (architecture, monitor) = (draft.architecture.clone(), platform.monitor.clone());
    let hint = Hint {
        architecture: architecture.as_ref().map(|given| given.value.as_str()),
        monitor: monitor.as_deref(),
    };
    let sources = files::Files { world, context: request.context, images: request.images, hint };
    boot::boot(&mut keys, &mut draft, &platform, &sources);
    process::process(&mut keys, &mut draft);
    draft.references = named(&draft);
    let found = report.findings.get(before..).unwrap_or_default();
    if found.iter().any(|finding| finding.severity == Severity::Error) {
        // What a mistake has taken away is not missing.
        let paths = ["files", "annotations.initrd", "annotations.block", "annotations.mountRootfs"];
        draft.unusable.extend(paths.map(str::to_owned));
    }
    Some(draft)
}

/// The images of registries that a draft is made of.
fn named(draft: &Draft) -> Vec<Placed<String>> {
    let from = draft.rootfs.iter().filter_map(|rootfs| rootfs.from.as_ref());
    let base = draft.base.iter().chain(from).map(|base| (&base.value, &base.place));
    let of_rootfs = draft.rootfs.iter().flat_map(|rootfs| &rootfs.files);
    let files = draft.files.iter().chain(of_rootfs).filter_map(|file| match &file.source {
        SourceDraft::Image { image, .. } => Some((image, &file.place)),
        _ => None,
    });
    let reference = |(image, place): (&BaseDraft, &Place)| match &image.image {
        ImageDraft::Reference(name) => Some(Placed { value: name.clone(), place: place.clone() }),
        ImageDraft::Path(_) => None,
    };
    base.chain(files).filter_map(reference).collect()
}

/// Sets an annotation, or notes that it is not known.
fn annotate(draft: &mut Draft, key: Key, value: Option<Placed<String>>) {
    match value {
        Some(Placed { value, place }) => {
            let setting = Placed { value: Setting::Text(value), place };
            draft.annotations.push((key.short().to_owned(), setting));
        }
        None => {
            draft.unusable.insert(format!("annotations.{}", key.short()));
        }
    }
}

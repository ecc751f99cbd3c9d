//! A Containerfile, by the rules of Docker's reference and of BuildKit, where the reference says nothing.
//!
//! In: the file, its build context, and the other folders and images that it names. Out: a [`Draft`] of the last stage,
//! or of the one that is asked for. What always holds: every path has been looked up, destinations behind the symlinks
//! of the stage and of its base, so that the draft names files and folders as they are; nothing takes the place of
//! something of another kind. What needs a running container, or a server that is no registry, is refused. What a
//! base says of itself is used here, and handed on by `recipe`.
//!
//! The way of a file: `lines` joins and splits it, `syntax` makes an `instruction` of a line, and `reading` goes through
//! the stages, of which `from` finds the base and `stages` those that are needed. `apply` does what an instruction says
//! to the `state` of its stage; for COPY, `find` and `matching` look for sources in a `tree`, and `put` puts them into
//! another.
//!
//! What differs from docker is tested and stated in `tests/containerfile/docker/differences.txt`.

mod apply;
mod archive;
mod arguments;
mod command;
mod conflicts;
mod context;
mod contexts;
mod copy;
mod expand;
mod find;
mod flags;
mod follow;
mod from;
mod glob;
mod instruction;
mod left;
mod lines;
mod matching;
mod owner;
mod paths;
mod patterns;
mod ports;
mod put;
mod reading;
mod references;
mod stages;
mod state;
mod syntax;
mod tree;
mod wording;
mod words;

pub use contexts::{BuildContext, ContextValue};

use super::Images;
use super::text::{self, short};
use crate::diag::{Diagnostic, Report, Severity, SourceMap, Span};
use crate::explain::code;
use crate::front::convert::Note;
use crate::recipe::draft::{BaseDraft, Draft, ImageDraft, Kind, Setting};
use crate::recipe::{Place, Placed};
use crate::world::World;
use instruction::Instruction;
use reading::{Errors, Reading};
use state::State;
use std::path::Path;

/// What stands around the instructions of a Containerfile, by their starts.
pub fn notes(text: &str) -> Vec<Note> {
    let mut report = Report::default();
    let file = SourceMap::default().add(String::new(), None, [].into());
    let lines = lines::split(text, file, &mut report).lines;
    lines.iter().flat_map(|line| line.notes().collect::<Vec<_>>()).collect()
}

/// The largest Containerfile.
const MAX_FILE: u64 = 16 * 1024 * 1024;
/// As many findings as are reported, so that a file of something else is not answered line by line.
const MAX_FINDINGS: usize = 100;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Request<'r> {
    /// What the file is called in messages.
    pub shown: &'r str,
    /// Its absolute path. `FILE.dockerignore` beside it goes before the `.dockerignore` of the context.
    pub file: &'r Path,
    /// The absolute path of the build context.
    pub context: &'r Path,
    /// `--build-arg NAME=value`; one without a value is as if it were not given.
    pub build_args: &'r [(String, Option<String>)],
    /// `--target`: the name or the number of a stage.
    pub target: Option<&'r str>,
    /// `--platform`, as `os/architecture[/variant]`: the values of `TARGETPLATFORM` and the like.
    pub platform: Option<&'r str>,
    /// `--build-context`
    pub build_contexts: &'r [BuildContext],
    /// The images that the file may name.
    pub images: &'r dyn Images,
    /// The name of the image, from `--tag`.
    pub name: Option<&'r str>,
    /// The tag of the image, from `--tag`.
    pub tag: Option<&'r str>,
}

/// Reads a Containerfile. Paths in the draft are relative to the build context.
///
/// Every mistake goes to `report`; after one, nothing comes back.
pub fn read<'w>(
    world: &'w dyn World,
    sources: &mut SourceMap,
    request: &Request<'w>,
    report: &mut Report,
) -> Option<Draft> {
    let before = report.findings.len();
    let draft = read_file(world, sources, request, report);
    let found = report.findings.get(before..).unwrap_or_default();
    if !found.iter().any(is_error) {
        return draft;
    }
    if found.len() > MAX_FINDINGS {
        // Warnings hide no error.
        let (mut shown, others): (Vec<_>, Vec<_>) =
            report.findings.drain(before..).partition(is_error);
        shown.extend(others);
        shown.truncate(MAX_FINDINGS);
        report.findings.extend(shown);
        let title = format!("there are more problems than these {MAX_FINDINGS}");
        report.push(
            Diagnostic::error(code::CONTAINERFILE_MORE, title)
                .with_subject(request.shown)
                .with_help("fix these first, then check again"),
        );
    }
    None
}

fn is_error(finding: &Diagnostic) -> bool {
    finding.severity == Severity::Error
}

/// The images of registries that a Containerfile names, in all of its stages. None of them is opened.
///
/// Every mistake up to there goes to `report`; after one, nothing comes back.
pub fn references(
    world: &dyn World,
    sources: &mut SourceMap,
    request: &Request<'_>,
    report: &mut Report,
) -> Option<Vec<Placed<String>>> {
    let before = report.findings.len();
    let found = with_reading(world, sources, request, report, |reading, parsed, start| {
        reading.read_stages(request, parsed, start).map(|_| reading.references())
    });
    let said = report.findings.get(before..).unwrap_or_default();
    found.filter(|_| !said.iter().any(is_error))
}

fn read_file(
    world: &dyn World,
    sources: &mut SourceMap,
    request: &Request<'_>,
    report: &mut Report,
) -> Option<Draft> {
    with_reading(world, sources, request, report, |reading, parsed, start| {
        reading.whole(request, parsed, start)
    })
}

/// Parses the file, and lets `read` read its instructions.
fn with_reading<'w, T>(
    world: &'w dyn World,
    sources: &mut SourceMap,
    request: &Request<'w>,
    report: &mut Report,
    read: impl FnOnce(&mut Reading<'_, '_>, Vec<Instruction>, Span) -> Option<T>,
) -> Option<T> {
    let text = text::Reading {
        shown: request.shown,
        file: request.file,
        max: MAX_FILE,
        kind: "a Containerfile",
        codes: [code::CONTAINERFILE_INPUT, code::CONTAINERFILE_NOT_UTF_8],
    };
    let (text, file) = text.text(world, sources, report)?;
    let start = text::span(file, 0..0);
    let split = lines::split(&text, file, report);
    let mut parsed = Vec::with_capacity(split.lines.len());
    let mut errors = Errors::after(report);
    for line in &split.lines {
        if errors.are_many(report) {
            return None;
        }
        parsed.extend(syntax::parse(line, split.escape, report));
    }
    let mut reading = Reading::new(world, request, split.escape, sources, report);
    read(&mut reading, parsed, start)
}

/// An image as it is written: a path where it looks like one, which docker does not know, or a reference.
fn base_of(written: &str, platform: Option<Placed<String>>) -> BaseDraft {
    BaseDraft { image: ImageDraft::written(written), platform }
}

/// What a stage comes to, as a draft.
fn draft(state: State<'_>, request: &Request<'_>, place: Place) -> Draft {
    let given = |value: &str| Placed {
        value: value.to_owned(),
        place: Place { spans: None, path: format!("--tag {value}") },
    };
    let values = |named: state::Named<Placed<String>>| {
        named.into_items().into_iter().map(|(_, value)| value).collect::<Vec<_>>()
    };
    let setting = |(name, text): (String, Placed<String>)| {
        (name, Placed { value: Setting::Text(text.value), place: text.place })
    };
    Draft {
        name: request.name.map(given),
        tag: request.tag.map(given),
        base: state.base,
        files: state.tree.files(),
        annotations: state.annotations.into_items().into_iter().map(setting).collect(),
        annotations_place: Some(place.clone()),
        labels: state.labels.into_items(),
        entrypoint: state.entrypoint,
        cmd: state.cmd,
        env: values(state.env),
        working_dir: state.working_dir,
        user: state.user,
        ports: values(state.ports),
        volumes: values(state.volumes),
        stop_signal: state.stop_signal,
        architecture: state.architecture,
        ..Draft::new(Kind::Containerfile, place)
    }
}

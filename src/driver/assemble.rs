//! From a recipe to the files of its image, found, read and judged.

use super::files::tree;
use super::{Input, first_era, label_releases};
use crate::diag::{Diagnostic, Report, Severity};
use crate::host;
use crate::judge::{self, Open, ReadSeek, Subject};
use crate::recipe::{Contents, Place, mark_finding};
use crate::rootfs::{Content, ImagePath, Tree};
use crate::unikernel::Unikernel;
use crate::urunc::{self, Field, Key, Process};
use std::collections::BTreeSet;
use std::io::{self, Cursor};
use std::path::PathBuf;

/// A recipe with its files found and its kernel read.
#[derive(Debug)]
pub struct Assembled {
    /// The files of the image.
    pub tree: Tree,
    /// Where the kernel, the initrd and the block image really are, behind symlinks.
    pub boot_files: Vec<(Key, ImagePath)>,
    /// What the image runs on.
    pub architecture: String,
    /// For example `v7`.
    pub variant: Option<String>,
    /// The guest's arguments.
    pub cmd: Vec<String>,
}

/// Finds the files of an image and checks that what the annotations name is there.
pub fn assemble(contents: &Contents, input: &Input, report: &mut Report) -> Option<Assembled> {
    let assembled = try_assemble(contents, input, report);
    let first = first_era(&contents.urunc);
    label_releases(report, first);
    assembled
}

fn try_assemble(contents: &Contents, input: &Input, report: &mut Report) -> Option<Assembled> {
    let cmd = command(contents, report);
    let tree = tree(contents, input, report)?;
    let boot_keys = [Key::Binary, Key::Initrd, Key::Block];
    let is_refused = |key: &Key| is_refused(report, contents.places.get(&(*key).into()));
    let refused: BTreeSet<Key> = boot_keys.into_iter().filter(is_refused).collect();
    let named = boot_keys.iter().filter(|key| contents.urunc.get(**key).is_some()).count();
    let process = process(contents, cmd.as_deref());
    let subject = Subject {
        annotations: &contents.urunc,
        process: process.as_ref(),
        tree: &tree,
        refused,
        partial: contents.unknown.files,
    };
    let judged = judge::judge(&subject, &Disk);
    for finding in &judged.findings {
        report.push(mark_finding(finding, &contents.places));
    }
    let boot_files = judged.boot;
    let files = judged.files.filter(|_| boot_files.len() == named)?;
    let (architecture, variant) = architecture(contents, files.kernel, report)?;
    if let Some(finding) = urunc::files::check_architecture(&architecture) {
        report.push(mark_finding(&finding, &contents.places));
    }
    Some(Assembled { boot_files, architecture, variant, cmd: cmd?, tree })
}

/// The files of a tree that was collected from this machine.
struct Disk;

impl Open<PathBuf> for Disk {
    fn open(&self, content: &Content) -> io::Result<Box<dyn ReadSeek + '_>> {
        match content {
            Content::File { source, .. } => Ok(Box::new(host::open(source)?)),
            Content::Bytes(bytes) => Ok(Box::new(Cursor::new(bytes.clone()))),
            Content::Directory | Content::Symlink(_) => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn name(&self, path: &ImagePath, content: &Content) -> String {
        match content {
            Content::File { source, .. } => format!("`{}`", source.display()),
            _ => format!("`{path}` of the image"),
        }
    }
}

/// The process that the image asks for.
fn process(contents: &Contents, cmd: Option<&[String]>) -> Option<Process> {
    if contents.unknown.process {
        return None;
    }
    let entrypoint = contents.entrypoint.iter().flatten();
    let args_from =
        if contents.cmd.is_some() { Field::Cmd } else { Field::Annotation(Key::Cmdline) };
    Some(Process {
        args: entrypoint.chain(cmd?).cloned().collect(),
        args_from,
        env: contents.env.clone(),
        user: contents.user.clone(),
    })
}

/// Whether an error about this value is known already.
fn is_refused(report: &Report, place: Option<&Place>) -> bool {
    let Some((_, value)) = place.and_then(|place| place.spans) else { return false };
    report.findings.iter().any(|finding| {
        finding.severity == Severity::Error
            && finding.labels.first().is_some_and(|label| label.span == value)
    })
}

/// Marks an annotation's value, where it has a place.
fn mark_annotation(place: Option<&Place>, diagnostic: Diagnostic) -> Diagnostic {
    match place {
        Some(place) => place.mark(diagnostic, ""),
        None => diagnostic,
    }
}

fn command(contents: &Contents, report: &mut Report) -> Option<Vec<String>> {
    if contents.unknown.cmd {
        return None;
    }
    if let Some(cmd) = &contents.cmd {
        return Some(cmd.clone());
    }
    let line = contents.urunc.get(Key::Cmdline).unwrap_or("");
    match urunc::words::split(line) {
        Ok(words) => Some(words),
        Err(at) => {
            let diagnostic = Diagnostic::error(
                "recipe/cmdline-quote",
                format!("a quote at character {} of `cmdline` does not end", at + 1),
            )
            .with_why("newer urunc takes the guest's arguments as words, split as a shell does")
            .with_help("end the quote, or give the words as `cmd = [ \"…\" ];`");
            let place = contents.places.get(&Key::Cmdline.into());
            report.push(mark_annotation(place, diagnostic));
            None
        }
    }
}

fn architecture(
    contents: &Contents,
    kernel: Unikernel,
    report: &mut Report,
) -> Option<(String, Option<String>)> {
    let found = kernel.architecture;
    let place = contents.places.get(&Key::Binary.into());
    match (&contents.architecture, found) {
        (None, Some(known)) => {
            Some((known.value.oci().to_owned(), known.value.variant().map(str::to_owned)))
        }
        (Some(given), None) => Some((given.value.clone(), None)),
        (Some(given), Some(known)) if given.value == known.value.oci() => {
            Some((given.value.clone(), known.value.variant().map(str::to_owned)))
        }
        (Some(given), Some(known)) => {
            let title =
                format!("the kernel is built for {}, not for {}", known.value.oci(), given.value);
            let why = format!("its architecture is known by {}", known.by);
            let diagnostic =
                given.place.error("unikernel/architecture-mismatch", title).with_why(why);
            let diagnostic = match place {
                Some(place) => place.mark(diagnostic, "this kernel"),
                None => diagnostic,
            };
            let is_refused = report.push(diagnostic.with_help("leave `architecture` out"));
            (!is_refused).then(|| (given.value.clone(), None))
        }
        (None, None) if contents.unknown.architecture => None,
        // That it is no kernel has been said.
        (None, None) if is_refused(report, place) => None,
        (None, None) => {
            let diagnostic = Diagnostic::error(
                "unikernel/unknown-architecture",
                "the architecture of the kernel cannot be told from its bytes",
            )
            .with_why("it is no ELF or PE file, no bzImage, and no arm64 or riscv64 Image")
            .with_help("name the kernel itself as `binary`, or add `architecture = \"amd64\";`");
            report.push(mark_annotation(place, diagnostic));
            None
        }
    }
}

//! From a recipe to the files of its image, found, read and judged.

use super::files::{removed, tree};
use super::images::{FilePlace, Images, Opened};
use super::{Input, first_era, label_releases};
use crate::diag::{Diagnostic, Report, Severity};
use crate::explain::code;
use crate::judge::{self, Open, ReadSeek, Subject};
use crate::recipe::{Contents, Part, Place, mark_finding};
use crate::rootfs::{Content, ImagePath, Origin, Tree, Window};
use crate::unikernel::Unikernel;
use crate::urunc::{self, Field, Key, Process};
use crate::world::World;
use std::collections::BTreeSet;
use std::io::{self, Cursor};
use std::rc::Rc;

/// A recipe with its files found and its kernel read.
#[derive(Debug)]
pub struct Assembled {
    /// The files that are put into the image.
    pub tree: Tree,
    /// The image that it is built on.
    pub base: Option<Rc<Opened>>,
    /// The files of the base that are left.
    pub below: Tree<FilePlace>,
    /// What is removed from the base.
    pub removed: Vec<ImagePath>,
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
pub fn assemble(
    contents: &Contents,
    input: &Input,
    images: &Images<'_>,
    base: Option<Rc<Opened>>,
    report: &mut Report,
) -> Option<Assembled> {
    let assembled = try_assemble(contents, input, images, base, report);
    let first = first_era(&contents.urunc);
    label_releases(report, first);
    assembled
}

fn try_assemble(
    contents: &Contents,
    input: &Input,
    images: &Images<'_>,
    base: Option<Rc<Opened>>,
    report: &mut Report,
) -> Option<Assembled> {
    let cmd = command(contents, report);
    let mut below = base.as_ref().map(|base| base.tree().clone()).unwrap_or_default();
    let removed = match base {
        Some(_) => removed(contents, &mut below, report),
        None => Vec::new(),
    };
    let tree = tree(contents, input, images, &below, report)?;
    let mut all = below.map(|place| File::OfBase(place.clone()));
    all.overlay(tree.map(|origin| File::Put(origin.clone())));
    let boot_keys = [Key::Binary, Key::Initrd, Key::Block];
    let is_refused = |key: &Key| is_refused(report, contents.places.get(&(*key).into()));
    let refused: BTreeSet<Key> = boot_keys.into_iter().filter(is_refused).collect();
    let named = boot_keys.iter().filter(|key| contents.urunc.get(**key).is_some()).count();
    let process = process(contents, cmd.as_deref());
    let subject = Subject {
        annotations: &contents.urunc,
        process: process.as_ref(),
        tree: &all,
        refused,
        partial: contents.unknown.contains(&Part::Files),
    };
    let judged = judge::judge(&subject, &Files { world: &input.world, base: base.as_deref() });
    for finding in &judged.findings {
        report.push(mark_finding(finding, &contents.places));
    }
    let boot_files = judged.boot;
    let files = judged.files.filter(|_| boot_files.len() == named)?;
    let (architecture, variant) = architecture(contents, files.kernel, report)?;
    if let Some(finding) = urunc::files::check_architecture(&architecture) {
        report.push(mark_finding(&finding, &contents.places));
    }
    Some(Assembled { boot_files, architecture, variant, cmd: cmd?, tree, base, below, removed })
}

/// Where a file of the whole image comes from.
enum File {
    /// It is put there.
    Put(Origin),
    /// It is in the base.
    OfBase(FilePlace),
}

/// The files of the whole image.
struct Files<'b> {
    world: &'b Rc<dyn World>,
    base: Option<&'b Opened>,
}

impl Open<File> for Files<'_> {
    fn open(&self, content: &Content<File>) -> io::Result<Box<dyn ReadSeek + '_>> {
        match content {
            Content::File { source: File::Put(Origin::Path(path)), .. } => self.world.open(path),
            Content::File { source: File::Put(Origin::Part(part)), size } => {
                Ok(Box::new(Window::new(part.clone(), *size)))
            }
            Content::File { source: File::Put(Origin::Pieces(pieces)), .. } => {
                Ok(Box::new(pieces.open(Rc::clone(self.world))))
            }
            Content::File { source: File::OfBase(place), size } => match self.base {
                Some(base) => base.file(place, *size),
                None => Err(io::ErrorKind::NotFound.into()),
            },
            Content::Bytes(bytes) => Ok(Box::new(Cursor::new(bytes.clone()))),
            Content::Directory | Content::Symlink(_) | Content::Special(_) => {
                Err(io::ErrorKind::NotFound.into())
            }
        }
    }

    fn name(&self, path: &ImagePath, content: &Content<File>) -> String {
        match content {
            Content::File { source: File::Put(Origin::Path(path)), .. } => {
                format!("`{}`", path.display())
            }
            Content::File { source: File::OfBase(_), .. } => format!("`{path}` of the base"),
            _ => format!("`{path}` of the image"),
        }
    }
}

/// The process that the image asks for.
fn process(contents: &Contents, cmd: Option<&[String]>) -> Option<Process> {
    if contents.unknown.contains(&Part::Process) {
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
        working_dir: contents.working_dir.clone(),
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
    if contents.unknown.contains(&Part::Cmd) {
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
                code::RECIPE_CMDLINE_QUOTE,
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
    let mut given = contents.architecture.clone().map(|given| (given.value, None, given.place));
    if let Some(base) = &contents.base_architecture {
        let (architecture, variant) = &base.value;
        match &given {
            None => given = Some((architecture.clone(), variant.clone(), base.place.clone())),
            Some((own, _, place)) if own != architecture => {
                let title = format!("the base is for {architecture}, not for {own}");
                let diagnostic = place.error(code::UNIKERNEL_ARCHITECTURE_MISMATCH, title);
                let diagnostic = base.place.mark(diagnostic, "this base");
                report.push(diagnostic.with_help("take a base of the same architecture"));
            }
            Some(_) => {}
        }
    }
    match (given, found) {
        (None, Some(known)) => {
            Some((known.value.oci().to_owned(), known.value.variant().map(str::to_owned)))
        }
        (Some((given, variant, _)), None) => Some((given, variant)),
        (Some((given, _, _)), Some(known)) if given == known.value.oci() => {
            Some((given, known.value.variant().map(str::to_owned)))
        }
        (Some((given, variant, given_at)), Some(known)) => {
            let of_base = contents.architecture.is_none();
            let what = if of_base { ", but the base is for " } else { ", not for " };
            let title = format!("the kernel is built for {}{what}{given}", known.value.oci());
            let why = format!("its architecture is known by {}", known.by);
            let diagnostic =
                given_at.error(code::UNIKERNEL_ARCHITECTURE_MISMATCH, title).with_why(why);
            let diagnostic = match place {
                Some(place) => place.mark(diagnostic, "this kernel"),
                None => diagnostic,
            };
            let help = if of_base {
                "take a base of the kernel's architecture, or a kernel of the base's"
            } else if given_at.path != "architecture" {
                "name the kernel for this architecture"
            } else {
                "leave `architecture` out"
            };
            let is_refused = report.push(diagnostic.with_help(help));
            (!is_refused).then_some((given, variant))
        }
        (None, None) if contents.unknown.contains(&Part::Architecture) => None,
        // That it is no kernel has been said.
        (None, None) if is_refused(report, place) => None,
        (None, None) => {
            let diagnostic = Diagnostic::error(
                code::UNIKERNEL_UNKNOWN_ARCHITECTURE,
                "the architecture of the kernel cannot be told from its bytes",
            )
            .with_why("it is no ELF or PE file, no bzImage, and no arm64 or riscv64 Image")
            .with_help("name the kernel itself as `binary`, or add `architecture = \"amd64\";`");
            report.push(mark_annotation(place, diagnostic));
            None
        }
    }
}

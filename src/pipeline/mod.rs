//! The stages of a build, one function each: the only room that sees every other.
//!
//! [`load`] (text to value) → [`recipe::decode`] (value to recipe) → [`assemble`] (recipe to tree, and
//! what the kernel's bytes say) → [`plan`] (tree to image plan) → `image::write` (plan to bytes). Every
//! stage puts what it finds into the run's [`Report`]; a stage runs when those before it found no error.
//! [`inspect`] judges an image that is there by the same rules, and `page` shows it.

pub mod inspect;
mod layout;
mod page;

pub use layout::plan;

use crate::diag::{Diagnostic, Report, Severity, nearest};
use crate::eval::{self, Attr, Attrs, EvalError, Evaluator, Value};
use crate::front;
use crate::host;
use crate::judge::{self, BlockImage, BootFiles, Open, ReadSeek, Subject};
use crate::recipe::draft::{FileDraft, SourceDraft};
use crate::recipe::{self, Contents, Decoded, Place, mark_finding};
use crate::rootfs::{self, Content, ImagePath, Request, Source, Tree};
use crate::unikernel::{self, Unikernel, block, initrd};
use crate::urunc::{self, Annotations, Field, Guest, Key, Monitor, Process};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Cursor, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// The largest JSON form of a recipe that is read.
const MAX_RECIPE: u64 = 64 << 20;
/// Where the annotations lie in every image.
const URUNC_JSON: &[u8] = b"/urunc.json";

/// What to build, and where its files are.
#[derive(Debug, Default)]
pub struct Input {
    /// The args.nix, or the JSON form of a recipe.
    pub file: PathBuf,
    /// Where relative sources start.
    pub folder: PathBuf,
    /// Sources that are somewhere else than their key says, as in a Nix build.
    pub sources: BTreeMap<String, PathBuf>,
    /// Where the image is going, when that is a file or folder: no source may hold it.
    pub output: Option<PathBuf>,
}

impl Input {
    /// The input at a path as the user gives it; a folder means its `args.nix`.
    ///
    /// # Errors
    /// Nothing is there.
    pub fn at(path: &Path) -> Result<Self, Box<Diagnostic>> {
        let fault = |path: &Path, error: &io::Error| {
            let diagnostic = Diagnostic::io("recipe/input", "read", path, error);
            Box::new(if error.kind() == io::ErrorKind::NotFound {
                diagnostic.with_help("name the args.nix, or the folder it is in")
            } else {
                diagnostic
            })
        };
        let kind = host::stat(path).map_err(|error| fault(path, &error))?.kind;
        let given =
            if kind == host::Kind::Directory { path.join("args.nix") } else { path.to_owned() };
        let file = host::absolute(&given).map_err(|error| fault(&given, &error))?;
        match host::stat(&file) {
            Ok(stat) if stat.kind == host::Kind::File => {}
            Ok(stat) => {
                let why = format!("it is {}", stat.kind.words());
                return Err(fault(&given, &io::Error::other(why)));
            }
            Err(error) => return Err(fault(&given, &error)),
        }
        let folder = file.parent().unwrap_or(Path::new("/")).to_owned();
        Ok(Input { file, folder, ..Input::default() })
    }

    fn is_json(&self) -> bool {
        self.file.extension().is_some_and(|extension| extension == "json")
    }
}

/// Evaluates the file. A function is called with `arguments`.
///
/// # Errors
/// The failure of the evaluation, or arguments that the function does not take.
pub fn load(
    ev: &mut Evaluator<'_>,
    input: &Input,
    arguments: &Attrs,
) -> Result<Value, Vec<Diagnostic>> {
    let report = |error: Box<EvalError>| error.report();
    if input.is_json() {
        let bytes = host::read(&input.file, MAX_RECIPE)
            .map_err(|error| vec![Diagnostic::io("recipe/input", "read", &input.file, &error)])?;
        return ev.parse_json(&bytes).map_err(report);
    }
    let value = ev.eval_file(&input.file).map_err(report)?;
    refuse_unknown_arguments(ev, input, &value, arguments)?;
    ev.auto_call(&value, arguments).map_err(report)
}

/// `--arg` that nothing takes is a slip, most often of the name.
fn refuse_unknown_arguments(
    ev: &Evaluator<'_>,
    input: &Input,
    value: &Value,
    arguments: &Attrs,
) -> Result<(), Vec<Diagnostic>> {
    let formals = ev.formals(value);
    let file = input.file.file_name().unwrap_or_default().display();
    let mut faults = Vec::new();
    for argument in ev.sorted(arguments) {
        let name = ev.name(argument.name);
        let taken = formals.as_ref().is_some_and(|(names, open)| *open || names.contains(&name));
        if !taken {
            let known = formals.iter().flat_map(|(names, _)| names).map(String::as_str);
            let near = nearest(&name, known).map(|near| format!("did you mean `{near}`?"));
            faults.push(
                Diagnostic::error("recipe/argument", format!("{file} takes no argument `{name}`"))
                    .with_help_if(near.or_else(|| {
                        formals
                            .is_none()
                            .then(|| "make it a function: `{ tag ? \"dev\" }: { … }`".to_owned())
                    })),
            );
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// A set of arguments from names and values.
pub fn arguments(ev: &mut Evaluator<'_>, values: Vec<(String, Value)>) -> Attrs {
    let attrs = values.into_iter().map(|(name, value)| Attr {
        name: ev.symbol(&name),
        place: eval::Place::NOWHERE,
        value,
    });
    Attrs::from_unsorted(attrs.collect())
}

/// What an args.nix asks for, from its value.
///
/// Every mistake goes to `report`. Nothing comes back when the value is no set at all.
pub fn decode(ev: &mut Evaluator<'_>, value: &Value, report: &mut Report) -> Option<Decoded> {
    let before = report.findings.len();
    let draft = front::nix::draft(ev, value, report)?;
    let is_error = |finding: &Diagnostic| finding.severity == Severity::Error;
    let mistakes = report.findings.iter().skip(before).any(is_error);
    Some(recipe::resolve(&draft, mistakes, report))
}

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
    tell_eras(report, first);
    assembled
}

/// The first release that runs what these annotations ask for.
fn first_era(annotations: &Annotations) -> &'static str {
    let guest = annotations.get(Key::UnikernelType).and_then(Guest::from_name);
    let monitor = annotations.get(Key::Hypervisor).and_then(Monitor::from_name);
    urunc::eras::first_of(guest, monitor)
}

/// Says of each finding which releases of urunc it holds for, of those that run the guest.
fn tell_eras(report: &mut Report, first: &str) {
    for finding in &mut report.findings {
        if finding.eras.is_empty() {
            finding.eras = urunc::eras::of(finding.slug);
        }
        finding.eras = urunc::eras::since(finding.eras, first);
    }
}

fn try_assemble(contents: &Contents, input: &Input, report: &mut Report) -> Option<Assembled> {
    let cmd = command(contents, report);
    let tree = tree(contents, input, report)?;
    let boot_keys = [Key::Binary, Key::Initrd, Key::Block];
    let is_refused = |key: &Key| is_refused(report, contents.places.get(&(*key).into()));
    let refused: BTreeSet<Key> = boot_keys.into_iter().filter(is_refused).collect();
    let named = boot_keys.iter().filter(|key| contents.urunc.get(**key).is_some()).count();
    let process = process(contents, cmd.as_deref());
    let subject =
        Subject { annotations: &contents.urunc, process: process.as_ref(), tree: &tree, refused };
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

/// Says of each finding which releases of urunc it holds for, and brings all in the order of the text.
pub fn finish(report: &mut Report) {
    tell_eras(report, urunc::eras::E24);
    report.sort();
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

fn tree(contents: &Contents, input: &Input, report: &mut Report) -> Option<Tree> {
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
    let FileDraft { mode, uid, gid, replaces, .. } = *file;
    Ok(Request { source, destination, mode, uid, gid, replaces })
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

/// What the bytes of boot files on the disk say.
///
/// # Errors
/// Those that cannot be read.
pub fn boot_files(
    kernel: &Path,
    initrd: Option<&Path>,
    block: Option<&Path>,
) -> Result<BootFiles, Vec<Diagnostic>> {
    let mut faults = Vec::new();
    let kernel = read_file(kernel, &mut faults, unikernel::read);
    let initrd = initrd.and_then(|path| read_file(path, &mut faults, initrd::read));
    let block = block.and_then(|path| {
        read_file(path, &mut faults, |file| {
            let format = block::read(file)?;
            Ok(BlockImage { format, size: file.seek(SeekFrom::End(0))? })
        })
    });
    match kernel {
        Some(kernel) if faults.is_empty() => Ok(BootFiles { kernel, initrd, block }),
        _ => Err(faults),
    }
}

fn read_file<T>(
    path: &Path,
    faults: &mut Vec<Diagnostic>,
    read: impl FnOnce(&mut File) -> io::Result<T>,
) -> Option<T> {
    host::open(path)
        .and_then(|mut file| read(&mut file))
        .map_err(|error| faults.push(Diagnostic::io("init/input", "read", path, &error)))
        .ok()
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

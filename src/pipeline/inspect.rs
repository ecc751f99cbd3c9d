//! An image of anybody's: what its boot files are, what urunc will do with it, and what is wrong, in the
//! words of `check`.

use super::{Diagnostic, Report, boot_file, finish, first_era, judge};
use crate::boot::{self, BootFiles};
use crate::diag::{Severity, describe_io};
use crate::image::Summary;
use crate::image::read::{Archive, Image, UruncJson, Window};
use crate::rootfs::{Content, ImagePath};
use crate::unikernel::block::BlockFormat;
use crate::unikernel::initrd::Initrd;
use crate::unikernel::{self, Unikernel, block, initrd};
use crate::urunc::eras::{self, E24, E26};
use crate::urunc::launch::{self, Channels, Launch, Source};
use crate::urunc::{
    self, Annotations, Field, Finding, Guest, Key, Monitor, PREFIX, Process, RUNTIME_ONLY,
};
use std::collections::BTreeMap;
use std::io;

/// What is known of an image.
#[derive(Debug)]
pub struct Inspection {
    /// What manifest and configuration say.
    pub summary: Summary,
    /// The boot files that are there, with what their bytes say.
    pub boot: Vec<BootFile>,
    /// How many other files and links there are.
    pub others: usize,
    /// What each release of urunc does with it.
    pub launches: Vec<Launch>,
    /// What is wrong.
    pub report: Report,
}

/// A boot file, by its path in the image.
#[derive(Debug)]
pub struct BootFile {
    /// The annotation that names it.
    pub key: Key,
    /// Where it really is.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// What its bytes say: a name and a value, and how that is known.
    pub facts: Vec<Fact>,
}

/// Something that the bytes of a file say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is about.
    pub name: &'static str,
    /// What is said.
    pub value: String,
    /// How it is known, where there is more than one way.
    pub by: Option<String>,
}

/// One set of annotations that urunc may go by.
struct View {
    what: &'static str,
    source: Source,
    annotations: Annotations,
    /// The releases that do; all, when it is empty.
    eras: &'static [&'static str],
}

/// Looks at an image of an archive.
pub fn inspect(archive: &Archive, number: usize) -> Option<Inspection> {
    let image = archive.images.get(number)?;
    let summary = image.summary.clone();
    let mut report = Report::default();
    let process = process(&summary);
    let views = views(image, &mut report);
    let mut boot = Vec::new();
    let mut stops: Vec<Stop> = Vec::new();
    for view in &views {
        let before = report.findings.len();
        let known = check_view(archive, number, view, &process, &mut report);
        stops.extend(report.findings.iter().skip(before).filter_map(|found| stop(found, view)));
        if boot.is_empty() {
            boot = known;
        }
    }
    let image = archive.images.get(number)?;
    check_config(&summary, &process, &mut report);
    let decoded = decoded(image).map_err(|faults| faults.into_iter().next().unwrap_or_default());
    let channels = Channels {
        manifest: (!image.in_index && summary.manifest.is_some()).then_some(&summary.annotations),
        labels: &summary.labels,
        urunc_json: decoded.as_ref().map(|values| *values).map_err(String::as_str),
    };
    let stops = |source: Source, era: &str| {
        let first = stops.iter().find(|stop| stop.source == source && stop.eras.contains(&era));
        first.map(|stop| stop.title.clone())
    };
    let launches = launch::launches(&channels, &process, &summary.architecture, &stops);
    let files = image.tree.iter().filter(|(_, node)| node.content != Content::Directory).count();
    let others = files.saturating_sub(boot.len() + usize::from(image.urunc_json.is_some()));
    finish(&mut report);
    report.findings.dedup();
    Some(Inspection { summary, boot, others, launches, report })
}

/// What makes a release fail.
struct Stop {
    source: Source,
    eras: &'static [&'static str],
    title: String,
}

fn stop(found: &Diagnostic, view: &View) -> Option<Stop> {
    // A `useDMBlock` that is no Boolean counts as true.
    let is_old_flag = found.slug == "urunc/not-a-boolean" && !found.eras.contains(&E26);
    let stops = found.severity == Severity::Error
        && !launch::starts_in_spite_of(found.slug)
        && !is_old_flag;
    let eras = if found.eras.is_empty() { eras::ALL } else { found.eras };
    stops.then(|| Stop { source: view.source, eras, title: found.title.clone() })
}

/// `/urunc.json` as urunc reads it, or everything that keeps it from that.
fn decoded(image: &Image) -> Result<&BTreeMap<String, String>, Vec<String>> {
    match &image.urunc_json {
        None => Err(vec!["there is no /urunc.json".to_owned()]),
        Some(UruncJson::Other(what)) => Err(vec![format!("/urunc.json is {what}")]),
        Some(UruncJson::File(values, faults)) if faults.is_empty() => Ok(values),
        Some(UruncJson::File(_, faults)) => {
            Err(faults.iter().map(|fault| format!("/urunc.json is wrong: {fault}")).collect())
        }
    }
}

fn process(summary: &Summary) -> Process {
    Process {
        args: summary.entrypoint.iter().chain(&summary.cmd).cloned().collect(),
        args_from: Field::Cmd,
        env: summary.env.clone(),
        user: summary.user.clone(),
    }
}

/// The annotations to check: what `/urunc.json` says, and what the shim of 2026 reads where it differs.
fn views(image: &Image, report: &mut Report) -> Vec<View> {
    let mut views = Vec::new();
    match decoded(image) {
        Ok(values) => views.push(View {
            what: "/urunc.json",
            source: Source::File,
            annotations: launch::annotations(values),
            eras: &[],
        }),
        Err(faults) if image.urunc_json.is_none() => {
            for why in faults {
                report.push(
                    Diagnostic::error("urunc/no-urunc-json", why)
                        .with_why(
                            "docker hands over nothing else, and urunc before 2026 reads nothing else: \
                             plain runc is run in its place",
                        )
                        .with_help("package it again with bimanix, which always writes it"),
                );
            }
        }
        Err(faults) => {
            for why in faults {
                report.push(
                    Diagnostic::error("urunc/bad-urunc-json", why)
                        .with_why(
                            "it takes the image for an ordinary container, and runs plain runc",
                        )
                        .with_help("write an object of strings, each standard base64 with padding"),
                );
            }
        }
    }
    let summary = &image.summary;
    let shim = launch::handed_over(&Channels {
        manifest: (!image.in_index).then_some(&summary.annotations),
        labels: &summary.labels,
        urunc_json: Err(""),
    });
    for (what, values) in [("annotations", &summary.annotations), ("labels", &summary.labels)] {
        for key in RUNTIME_ONLY {
            if values.contains_key(&format!("{PREFIX}{key}")) {
                let title = format!("`{key}` does not belong in an image");
                report.push(
                    Diagnostic::error("urunc/runtime-annotation", title)
                        .with_why("it names things of the host, and urunc's shim hands it on all the same")
                        .with_help("leave it out, and give it as an annotation of the container")
                        .with_subject(what),
                );
            }
        }
    }
    let speaks =
        |values: &BTreeMap<String, String>| values.keys().any(|key| key.starts_with(PREFIX));
    if image.in_index && speaks(&summary.annotations) {
        report.push(
            Diagnostic::note("urunc/index", "the annotations of the manifest are not read")
                .with_why("the image's name leads to an index, which urunc's shim does not follow")
                .with_help("rely on labels and /urunc.json, or name the manifest itself"),
        );
    }
    // Where one of the three is missing, urunc goes by /urunc.json alone.
    let said = launch::is_whole(&shim);
    let same = views.iter().any(|view| view.annotations == shim);
    if said && !same {
        if !views.is_empty() {
            report.push(
                Diagnostic::warning(
                    "urunc/sources-differ",
                    "annotations and labels do not say what /urunc.json says",
                )
                .with_why("which of them urunc goes by depends on its release and on the engine")
                .with_help("write the same values everywhere"),
            );
        }
        let what = if summary.annotations.is_empty() { "labels" } else { "annotations and labels" };
        views.push(View { what, source: Source::Shim, annotations: shim, eras: &[E26] });
    }
    views
}

/// Checks an image by one set of annotations, and gives what its boot files are.
fn check_view(
    archive: &Archive,
    number: usize,
    view: &View,
    process: &Process,
    report: &mut Report,
) -> Vec<BootFile> {
    for key in Key::REQUIRED {
        if view.annotations.get(key).is_none()
            && (key != Key::Cmdline || view.source == Source::File)
        {
            report.push(missing(key, view));
        }
    }
    // urunc of 2026 does not know `useDMBlock`, and takes an absent `mountRootfs` for false.
    let mut known = view.annotations.clone();
    if known.get(Key::MountRootfs).is_none() {
        known.set(Key::MountRootfs, "false".to_owned());
    }
    for finding in urunc::check(&known) {
        push(&finding, view, report);
    }
    for finding in absent(view, process) {
        push(&finding, view, report);
    }
    let mut paths = Vec::new();
    for key in [Key::Binary, Key::Initrd, Key::Block] {
        let Some(image) = archive.images.get(number) else { break };
        let Some(value) = view.annotations.get(key) else { continue };
        match boot_file(&image.tree, key, value) {
            Ok(path) => paths.push((key, path)),
            Err(mut diagnostic) => {
                // What to do about an args.nix is no help here.
                diagnostic.help = diagnostic.help.filter(|help| help.starts_with("did you mean"));
                report.push(diagnostic.with_subject(subject(Field::Annotation(key), view)));
            }
        }
    }
    let Some(files) = read_files(archive, number, &paths, report) else { return Vec::new() };
    let Some(image) = archive.images.get(number) else { return Vec::new() };
    for finding in judge(&view.annotations, Some(process), &image.tree, &paths, &files) {
        push(&finding, view, report);
    }
    check_architecture(&image.summary, &files.kernel, report);
    let claimed = view.annotations.get(Key::UnikernelType).and_then(Guest::from_name);
    paths
        .into_iter()
        .map(|(key, path)| BootFile {
            key,
            path: path.to_string(),
            size: match image.tree.get(&path).map(|node| &node.content) {
                Some(Content::File { size, .. }) => *size,
                _ => 0,
            },
            facts: match key {
                Key::Initrd => files.initrd.as_ref().map(initrd_facts).unwrap_or_default(),
                Key::Block => block_facts(files.block),
                _ => kernel_facts(&files, claimed),
            },
        })
        .collect()
}

/// What bimanix always writes and others may not.
fn absent(view: &View, process: &Process) -> Vec<Finding> {
    let mut findings = Vec::new();
    // What is older than 2026 goes by the file alone.
    if view.source != Source::File {
        return findings;
    }
    let annotations = &view.annotations;
    if annotations.get(Key::UseDMBlock).is_none() {
        findings.push(
            Finding::warning("urunc/absent-block-switch", Key::UseDMBlock, "`useDMBlock` is not there, which counts as true")
                .why("the guest may run, and then the container cannot be deleted; a linux does not start")
                .help("write `useDMBlock = false`"),
        );
    }
    let line = annotations.get(Key::Cmdline).map(urunc::words::split);
    if let Some(Ok(words)) = line
        && words != process.args
        && !process.args.is_empty()
    {
        findings.push(
            Finding::warning(
                "urunc/cmdline-differs",
                Field::Cmd,
                "`Entrypoint` and `Cmd` do not say what `cmdline` says",
            )
            .because(Some(Key::Cmdline))
            .why("urunc up to v0.5 gives the guest the one, and later ones the other")
            .help("write the guest's arguments as `Cmd`"),
        );
    }
    findings
}

fn missing(key: Key, view: &View) -> Diagnostic {
    let name = key.short();
    let title = format!("the annotation `{name}` is missing");
    let diagnostic = match key {
        // Nobody else reads it.
        Key::Cmdline => Diagnostic {
            eras: &[E24],
            ..Diagnostic::warning("urunc/missing-annotation", title)
                .with_why("urunc up to v0.5 takes the guest's command line from there")
        },
        _ => Diagnostic::error("urunc/missing-annotation", title)
            .with_why("urunc does not recognise an image without it"),
    };
    diagnostic.with_subject(view.what)
}

fn subject(field: Field, view: &View) -> String {
    match field {
        Field::Annotation(key) => format!("`{}` in {}", key.short(), view.what),
        Field::Cmd => "`Cmd` of the configuration".to_owned(),
        Field::Env => "`Env` of the configuration".to_owned(),
        Field::User => "`User` of the configuration".to_owned(),
        Field::Files => "the files of the image".to_owned(),
    }
}

fn push(finding: &Finding, view: &View, report: &mut Report) {
    let mut diagnostic = finding.diagnostic().with_subject(subject(finding.field, view));
    diagnostic.eras = eras::since(diagnostic.eras, first_era(&view.annotations));
    if !view.eras.is_empty() && !diagnostic.eras.is_empty() {
        if !diagnostic.eras.iter().any(|era| view.eras.contains(era)) {
            return;
        }
        diagnostic.eras = view.eras;
    }
    report.push(diagnostic);
}

fn read_files(
    archive: &Archive,
    number: usize,
    paths: &[(Key, ImagePath)],
    report: &mut Report,
) -> Option<BootFiles> {
    let mut open = |key: Key| -> Option<Window> {
        let (_, path) = paths.iter().find(|(known, _)| *known == key)?;
        let node = archive.images.get(number)?.tree.get(path)?;
        let Content::File { source, size } = node.content else { return None };
        match archive.file(number, source, size) {
            Ok(window) => Some(window),
            Err(error) => {
                report.push(unreadable(path, &error));
                None
            }
        }
    };
    let (kernel, initrd, block) = (open(Key::Binary), open(Key::Initrd), open(Key::Block));
    let read = || -> io::Result<BootFiles> {
        Ok(BootFiles {
            kernel: match kernel {
                Some(mut kernel) => unikernel::read(&mut kernel)?,
                None => return Err(io::ErrorKind::NotFound.into()),
            },
            initrd: initrd.map(|mut file| initrd::read(&mut file)).transpose()?,
            block: match block {
                Some(mut file) => block::read(&mut file)?,
                None => None,
            },
        })
    };
    match read() {
        Ok(files) => Some(files),
        // That it is not there has been said.
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            if let Some((_, path)) = paths.first() {
                report.push(unreadable(path, &error));
            }
            None
        }
    }
}

fn unreadable(path: &ImagePath, error: &io::Error) -> Diagnostic {
    let title = format!("cannot read `{path}` of the image");
    // A sparse file is none the worse for it.
    match error.kind() {
        io::ErrorKind::Unsupported => Diagnostic::warning("files/unreadable", title),
        _ => Diagnostic::error("files/unreadable", title),
    }
    .with_why(describe_io(error))
}

fn check_architecture(summary: &Summary, kernel: &Unikernel, report: &mut Report) {
    let Some(known) = &kernel.architecture else { return };
    let claimed = summary.architecture.split('/').next().unwrap_or("");
    if claimed != known.value.oci() {
        let title = format!("the kernel is built for {}, not for `{claimed}`", known.value.oci());
        report.push(
            Diagnostic::error("unikernel/architecture-mismatch", title)
                .with_why(format!("its architecture is known by {}", known.by))
                .with_subject("`architecture` of the configuration"),
        );
    }
    if let Some(finding) = urunc::files::check_architecture(known.value.oci()) {
        report.push(finding.diagnostic());
    }
}

fn check_config(summary: &Summary, process: &Process, report: &mut Report) {
    if process.args.is_empty() {
        report.push(
            Diagnostic::warning("urunc/no-command", "the image has neither `Entrypoint` nor `Cmd`")
                .with_why(
                    "docker and containerd refuse to start it, unless the user gives a command",
                )
                .with_help("give it `Cmd`, with one empty word when the guest takes nothing"),
        );
    }
    if summary.os != "linux" {
        report.push(
            Diagnostic::warning(
                "urunc/os",
                format!("the image is for the system `{}`", summary.os),
            )
            .with_why("engines look for images for linux, whatever the guest is")
            .with_help("write `os = linux`"),
        );
    }
}

fn fact(name: &'static str, value: &impl ToString) -> Fact {
    Fact { name, value: value.to_string(), by: None }
}

/// What the bytes of a kernel say; `claimed` is the guest that the annotations name.
pub fn kernel_facts(files: &BootFiles, claimed: Option<Guest>) -> Vec<Fact> {
    let kernel = &files.kernel;
    let mut facts = vec![fact("format", &kernel.format)];
    let mut known = |name, value: Option<(String, String)>| {
        facts.extend(value.map(|(value, by)| Fact { name, value, by: Some(by) }));
    };
    let architecture = kernel.architecture.as_ref();
    known("architecture", architecture.map(|k| (k.value.oci().to_owned(), k.by.to_string())));
    known("guest", kernel.guest.as_ref().map(|k| (k.value.to_string(), k.by.to_string())));
    let unikraft = kernel.unikraft_version.as_ref();
    known("unikraftVersion", unikraft.map(|k| (k.value.clone(), k.by.to_string())));
    let linux = kernel.linux_version.as_ref();
    known("linuxVersion", linux.map(|k| (k.value.clone(), k.by.to_string())));
    if let Some(mark) = &kernel.program {
        facts.push(fact("program", mark));
    }
    if let Some(solo5) = &kernel.solo5 {
        if let Some(abi) = solo5.abi {
            facts.push(fact("solo5", &format!("{}, version {}", abi.target, abi.version)));
        }
        let devices: Vec<String> = solo5
            .devices
            .iter()
            .flatten()
            .map(|device| format!("{} ({})", device.name, device.kind))
            .collect();
        if !devices.is_empty() {
            facts.push(fact("devices", &devices.join(", ")));
        }
    }
    let boot: Vec<String> = kernel.boot.iter().map(ToString::to_string).collect();
    if !boot.is_empty() {
        facts.push(fact("boot", &boot.join(", ")));
    }
    if let Some(guest) = kernel.guest.as_ref().map(|known| known.value).or(claimed) {
        let monitors: Vec<&str> =
            boot::monitors(files, guest).into_iter().map(Monitor::name).collect();
        if !monitors.is_empty() {
            facts.push(fact("monitors", &monitors.join(", ")));
        }
    }
    facts.extend(kernel.problems.iter().map(|problem| fact("problem", problem)));
    facts
}

fn initrd_facts(initrd: &Initrd) -> Vec<Fact> {
    let formats: Vec<String> =
        initrd.archives.iter().map(|archive| archive.format.to_string()).collect();
    let format = if formats.is_empty() { "unknown".to_owned() } else { formats.join(", then ") };
    let problems = initrd.problems.iter().map(|problem| fact("problem", problem));
    std::iter::once(fact("format", &format)).chain(problems).collect()
}

fn block_facts(block: Option<BlockFormat>) -> Vec<Fact> {
    vec![fact("format", &block.map_or("unknown".to_owned(), |block| block.to_string()))]
}

//! An image of anybody's: what its boot files are, what urunc will do with it, and what is wrong, in the
//! words of `check`.

use super::urunc_json::UruncJson;
use super::{finish, first_era};
use crate::diag::{Diagnostic, Report, Severity};
use crate::explain::code;
use crate::image::Summary;
use crate::image::read::{Archive, Image, Place, ReadError};
use crate::judge::{self, BlockImage, BootFiles, Judged, Open, ReadSeek, Subject};
use crate::rootfs::{Content, ImagePath};
use crate::unikernel::initrd::Initrd;
use crate::unikernel::{DeviceKind, Unikernel};
use crate::urunc::eras::{self, E24, E26};
use crate::urunc::launch::{self, Channels, Facts, Launch, Source};
use crate::urunc::{
    self, Annotations, Engine, Field, Finding, Guest, Help, Key, Monitor, PREFIX, Process,
    RUNTIME_ONLY,
};
use std::collections::{BTreeMap, BTreeSet};
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

/// Looks at an image of an archive; none where there is no such image.
///
/// # Errors
/// Its `/urunc.json` cannot be read.
pub fn inspect(archive: &Archive, number: usize) -> Result<Option<Inspection>, ReadError> {
    let Some(image) = archive.images.get(number) else { return Ok(None) };
    let urunc_json = UruncJson::of(archive, number)?;
    let urunc_json = urunc_json.as_ref();
    let mut summary = image.summary.clone();
    summary.urunc_json = urunc_json.and_then(UruncJson::values).cloned();
    let mut report = Report::default();
    let process = process(&summary);
    let views = views(image, urunc_json, &mut report);
    let mut stops: Vec<Stop> = Vec::new();
    let mut known: Option<Judged> = None;
    for view in &views {
        let judged = check_view(archive, number, view, &process, &mut report, &mut stops);
        if known.as_ref().is_none_or(|known| known.boot.is_empty()) {
            known = Some(judged);
        }
    }
    let judged = known.unwrap_or_default();
    for finding in check_config(&summary, &process) {
        stops.extend(
            [Source::File, Source::Shim]
                .iter()
                .filter_map(|&source| stop(&finding, source, finding.releases())),
        );
        let subject = subject(finding.field, "");
        report.push(finding.diagnostic().with_subject(subject));
    }
    let kernel = judged.files.as_ref().map(|files| &files.kernel);
    if let Some(kernel) = kernel {
        check_architecture(&summary, kernel, &mut report);
    }
    let claimed = views.first().and_then(|view| view.annotations.get(Key::UnikernelType));
    let boot = boot_files(image, &judged, claimed.and_then(Guest::from_name));
    let decoded =
        decoded(urunc_json).map_err(|faults| faults.into_iter().next().unwrap_or_default());
    let channels = Channels {
        manifest: (!image.in_index && summary.manifest.is_some()).then_some(&summary.annotations),
        labels: &summary.labels,
        urunc_json: decoded.as_ref().map(|values| *values).map_err(String::as_str),
    };
    let by_bytes = kernel.and_then(|kernel| kernel.architecture.as_ref());
    let facts = Facts {
        process: &process,
        architecture: by_bytes.map_or(summary.architecture.as_str(), |known| known.value.oci()),
        declares_net: kernel.and_then(declares_net),
    };
    let launches = launch::launches(&channels, facts, &|source, era, engine| {
        let first = stops.iter().find(|stop| {
            stop.source == source
                && stop.eras.contains(&era)
                && stop.engine.is_none_or(|only| is_like(only, engine))
        });
        first.map(|stop| stop.title.clone())
    });
    let files = image.tree.iter().filter(|(_, node)| node.content != Content::Directory).count();
    let others = files.saturating_sub(boot.len() + usize::from(urunc_json.is_some()));
    finish(&mut report);
    report.findings.dedup();
    Ok(Some(Inspection { summary, boot, others, launches, report }))
}

/// Whether a kernel declares a network device to the tender of Solo5 that starts it.
fn declares_net(kernel: &Unikernel) -> Option<bool> {
    let devices = kernel.solo5.as_ref()?.devices.as_ref()?;
    Some(devices.iter().any(|device| device.kind == DeviceKind::Net))
}

/// What makes a release fail.
struct Stop {
    source: Source,
    eras: &'static [&'static str],
    engine: Option<Engine>,
    title: String,
}

fn stop(found: &Finding, source: Source, eras: &'static [&'static str]) -> Option<Stop> {
    let stops = found.severity == Severity::Error && !found.starts_anyway;
    let eras = if eras.is_empty() { eras::ALL } else { eras };
    let (engine, title) = (found.engine, found.title.clone());
    stops.then_some(Stop { source, eras, engine, title })
}

/// Whether what holds under one engine holds under the other: nerdctl drives containerd.
fn is_like(only: Engine, engine: Engine) -> bool {
    only == engine || (only == Engine::Containerd && engine == Engine::Nerdctl)
}

/// `/urunc.json` as urunc reads it, or everything that keeps it from that.
fn decoded(found: Option<&UruncJson>) -> Result<&BTreeMap<String, String>, Vec<String>> {
    match found {
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
        working_dir: summary.working_dir.clone(),
    }
}

/// The annotations to check: what `/urunc.json` says, and what the shim of 2026 reads where it differs.
fn views(image: &Image, urunc_json: Option<&UruncJson>, report: &mut Report) -> Vec<View> {
    let mut views = Vec::new();
    match decoded(urunc_json) {
        Ok(values) => views.push(View {
            what: "/urunc.json",
            source: Source::File,
            annotations: launch::annotations(values),
            eras: &[],
        }),
        Err(faults) if urunc_json.is_none() => {
            for why in faults {
                report.push(
                    Diagnostic::error(code::URUNC_NO_URUNC_JSON, why)
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
                    Diagnostic::error(code::URUNC_BAD_URUNC_JSON, why)
                        .with_why(
                            "it takes the image for an ordinary container, and runs plain runc",
                        )
                        .with_help("write an object of strings, each standard base64 with padding"),
                );
            }
        }
    }
    let summary = &image.summary;
    let shim = launch::from_shim(&Channels {
        manifest: (!image.in_index).then_some(&summary.annotations),
        labels: &summary.labels,
        urunc_json: Err(""),
    });
    for (what, values) in [("annotations", &summary.annotations), ("labels", &summary.labels)] {
        for key in RUNTIME_ONLY {
            if values.contains_key(&format!("{PREFIX}{key}")) {
                let title = format!("`{key}` does not belong in an image");
                report.push(
                    Diagnostic::error(code::URUNC_RUNTIME_ANNOTATION, title)
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
            Diagnostic::note(code::URUNC_INDEX, "the annotations of the manifest are not read")
                .with_why("the image's name leads to an index, which urunc's shim does not follow")
                .with_help("rely on labels and /urunc.json, or name the manifest itself"),
        );
    }
    // Where one of the three is missing, urunc goes by /urunc.json alone.
    let said = launch::is_complete(&shim);
    let same = views.iter().any(|view| view.annotations == shim);
    if said && !same {
        if !views.is_empty() {
            report.push(
                Diagnostic::warning(
                    code::URUNC_SOURCES_DIFFER,
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

/// Checks an image by one set of annotations.
fn check_view(
    archive: &Archive,
    number: usize,
    view: &View,
    process: &Process,
    report: &mut Report,
    stops: &mut Vec<Stop>,
) -> Judged {
    for key in Key::REQUIRED {
        if view.annotations.get(key).is_none()
            && (key != Key::Cmdline || view.source == Source::File)
        {
            report.push(missing(key, view));
        }
    }
    let Some(image) = archive.images.get(number) else { return Judged::default() };
    // urunc of 2026 does not know `useDMBlock`, and takes an absent `mountRootfs` for false.
    let mut known = view.annotations.clone();
    if known.get(Key::MountRootfs).is_none() {
        known.set(Key::MountRootfs, "false".to_owned());
    }
    let subject = Subject {
        annotations: &view.annotations,
        process: Some(process),
        tree: &image.tree,
        refused: BTreeSet::new(),
        partial: false,
    };
    let judged = judge::judge(&subject, &Files { archive, number });
    let said = urunc::check(&known).into_iter().chain(absent(view));
    for finding in said.chain(differs(view, process)).chain(judged.findings.iter().cloned()) {
        push(&finding, view, report, stops);
    }
    judged
}

/// The files of an image in an archive.
struct Files<'a> {
    archive: &'a Archive,
    number: usize,
}

impl Open<Place> for Files<'_> {
    fn open(&self, content: &Content<Place>) -> io::Result<Box<dyn ReadSeek + '_>> {
        match content {
            Content::File { source, size } => {
                Ok(Box::new(self.archive.file(self.number, *source, *size)?))
            }
            Content::Bytes(bytes) => Ok(Box::new(io::Cursor::new(bytes.clone()))),
            Content::Directory | Content::Symlink(_) | Content::Special(_) => {
                Err(io::ErrorKind::NotFound.into())
            }
        }
    }

    fn name(&self, path: &ImagePath, _: &Content<Place>) -> String {
        format!("`{path}` of the image")
    }
}

fn boot_files(image: &Image, judged: &Judged, claimed: Option<Guest>) -> Vec<BootFile> {
    let Some(files) = &judged.files else { return Vec::new() };
    let boot_file = |(key, path): &(Key, ImagePath)| BootFile {
        key: *key,
        path: path.to_string(),
        size: match image.tree.get(path).map(|node| &node.content) {
            Some(Content::File { size, .. }) => *size,
            _ => 0,
        },
        facts: match key {
            Key::Initrd => files.initrd.as_ref().map(initrd_facts).unwrap_or_default(),
            Key::Block => block_facts(files.block),
            _ => kernel_facts(files, claimed),
        },
    };
    judged.boot.iter().map(boot_file).collect()
}

/// The switch that bimanix always writes and others may not. What is older than 2026 goes by the file alone.
fn absent(view: &View) -> Vec<Finding> {
    let annotations = &view.annotations;
    let guest = annotations.get(Key::UnikernelType).and_then(Guest::from_name);
    match guest.filter(|_| view.source == Source::File) {
        Some(guest) => urunc::check_absent_switch(annotations, guest),
        None => Vec::new(),
    }
}

/// Whether `Cmd` says what `cmdline` says.
fn differs(view: &View, process: &Process) -> Option<Finding> {
    let line = view.annotations.get(Key::Cmdline).filter(|_| view.source == Source::File)?;
    let words = urunc::words::split(line).ok()?;
    if words == process.args || process.args.is_empty() {
        return None;
    }
    Some(
        Finding::warning(
            code::URUNC_CMDLINE_DIFFERS,
            Field::Cmd,
            "`Entrypoint` and `Cmd` do not say what `cmdline` says",
        )
        .because(Key::Cmdline)
        .why("urunc up to v0.5 gives the guest the one, and later ones the other")
        .help("write the guest's arguments as `Cmd`"),
    )
}

fn missing(key: Key, view: &View) -> Diagnostic {
    let name = key.short();
    let title = format!("the annotation `{name}` is missing");
    let diagnostic = match key {
        // Nobody else reads it.
        Key::Cmdline => Diagnostic {
            eras: &[E24],
            ..Diagnostic::warning(code::URUNC_MISSING_ANNOTATION, title)
                .with_why("urunc up to v0.5 takes the guest's command line from there")
        },
        _ => Diagnostic::error(code::URUNC_MISSING_ANNOTATION, title)
            .with_why("urunc does not recognise an image without it"),
    };
    diagnostic.with_subject(view.what)
}

fn subject(field: Field, what: &str) -> String {
    match field {
        Field::Annotation(key) => format!("`{}` in {what}", key.short()),
        Field::Cmd => "`Cmd` of the configuration".to_owned(),
        Field::Env => "`Env` of the configuration".to_owned(),
        Field::User => "`User` of the configuration".to_owned(),
        Field::WorkingDir => "`WorkingDir` of the configuration".to_owned(),
        Field::Labels => "`Labels` of the configuration".to_owned(),
        Field::Os => "`os` of the configuration".to_owned(),
        Field::Files => "the files of the image".to_owned(),
    }
}

fn push(finding: &Finding, view: &View, report: &mut Report, stops: &mut Vec<Stop>) {
    let mut eras = eras::since(finding.releases(), first_era(&view.annotations));
    if !view.eras.is_empty() && !eras.is_empty() {
        if !eras.iter().any(|era| view.eras.contains(era)) {
            return;
        }
        eras = view.eras;
    }
    let stopped = if eras.is_empty() { view.eras } else { eras };
    stops.extend(stop(finding, view.source, stopped));
    let subject = subject(finding.field, view.what);
    let mut diagnostic = Diagnostic { eras, ..finding.diagnostic() }.with_subject(subject);
    if let Some(Help::Files(_)) = finding.help {
        diagnostic.help = None;
    }
    report.push(diagnostic);
}

fn check_architecture(summary: &Summary, kernel: &Unikernel, report: &mut Report) {
    let Some(known) = &kernel.architecture else { return };
    let claimed = summary.architecture.split('/').next().unwrap_or("");
    if claimed != known.value.oci() {
        let title = format!("the kernel is built for {}, not for `{claimed}`", known.value.oci());
        report.push(
            Diagnostic::warning(code::UNIKERNEL_ARCHITECTURE_MISMATCH, title)
                .with_why(format!(
                    "its architecture is known by {}; engines choose an image by what the configuration says",
                    known.by
                ))
                .with_help("write the architecture of the kernel")
                .with_subject("`architecture` of the configuration"),
        );
    }
    if let Some(finding) = urunc::files::check_architecture(known.value.oci()) {
        report.push(finding.diagnostic());
    }
}

/// What engines make of the configuration.
fn check_config(summary: &Summary, process: &Process) -> Vec<Finding> {
    let mut findings = urunc::process::check_docker(&summary.os, !process.args.is_empty());
    for (name, value) in &summary.labels {
        findings.extend(urunc::check_label(Field::Labels, name, value));
    }
    findings
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
            judge::monitors(files, guest).into_iter().map(Monitor::name).collect();
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

fn block_facts(block: Option<BlockImage>) -> Vec<Fact> {
    let format = block.and_then(|block| block.format);
    vec![fact("format", &format.map_or("unknown".to_owned(), |format| format.to_string()))]
}

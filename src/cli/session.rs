//! What the commands share: an evaluator set up from the command line, and a recipe out of it.

use super::source::{Containerfile, FunctionArguments, Source};
use super::{Outcome, ui};
use crate::diag::{Diagnostic, Report, SourceMap};
use crate::driver::pull::{Lock, Registries};
use crate::driver::{self, BuildContext, ContainerfileOptions, ImageOptions, Images, Input, Text};
use crate::eval::{Attrs, EvalError, Evaluator, Limits, Options, Stack, Value, as_path};
use crate::explain::code;
use crate::host;
use crate::image::Check;
use crate::image::Index;
use crate::image::platform::Platform;
use crate::recipe::draft::Draft;
use crate::world::Disk;
use std::path::{Path, PathBuf};

/// The time of an image whose recipe says none.
///
/// # Errors
/// The variable is set to something that is no time.
pub(super) fn source_date_epoch() -> Result<u64, Outcome> {
    let Some(text) = host::variable(driver::SOURCE_DATE_EPOCH) else { return Ok(0) };
    driver::source_date_epoch(&text)
        .map_err(|diagnostic| ui::fail(&diagnostic, Outcome::Environment))
}

/// The options of an evaluator for these arguments.
pub(super) fn options(arguments: &FunctionArguments, system: Option<String>) -> Options {
    let here = host::absolute(Path::new(".")).ok();
    let search_path = arguments.include.iter().map(|entry| {
        let entry = entry.as_encoded_bytes();
        let (name, path) = match entry.iter().position(|&byte| byte == b'=') {
            Some(at) => entry.split_at(at),
            None => entry.split_at(0),
        };
        (name.to_vec(), as_path(path.strip_prefix(b"=").unwrap_or(path)))
    });
    Options {
        search_path: search_path.collect(),
        current_folder: here.clone(),
        home: host::variable("HOME").map(PathBuf::from).filter(|home| home.is_absolute()),
        shown_from: here.map(|here| host::canonicalize(&here).unwrap_or(here)),
        system,
        absent_files: None,
        abort_on_warn: arguments.abort_on_warn,
        partial: false,
        limits: Limits {
            calls: arguments.max_calls,
            memory: arguments.max_memory,
            memory_in_use: host::memory_in_use,
            depth: arguments.max_call_depth,
        },
    }
}

/// The values of `--arg` and `--argstr`.
///
/// # Errors
/// An expression that cannot be evaluated.
pub(super) fn function_arguments(
    ev: &mut Evaluator<'_>,
    given: &FunctionArguments,
) -> Result<Attrs, Vec<Diagnostic>> {
    let here = host::absolute(Path::new(".")).unwrap_or_else(|_| PathBuf::from("/"));
    let mut values = Vec::new();
    for pair in given.arg.chunks(2) {
        let [name, text] = pair else { continue };
        let name = name.to_string_lossy().into_owned();
        let value = ev
            .eval_text(&format!("«--arg {name}»"), text.as_encoded_bytes(), &here)
            .map_err(|error: Box<EvalError>| error.report())?;
        values.push((name, value));
    }
    for pair in given.argstr.chunks(2) {
        let [name, text] = pair else { continue };
        let name = name.to_string_lossy().into_owned();
        values.push((name, Value::string(text.as_encoded_bytes())));
    }
    Ok(driver::arguments(ev, values))
}

/// The image that a command is to make, once what was found has been printed.
///
/// # Errors
/// How the command ends: the recipe is refused, or the time of the environment is none.
pub(super) fn planned(
    source: &Source,
    output: Option<&Path>,
    stack: Stack,
) -> Result<Planned, Outcome> {
    let epoch = source_date_epoch()?;
    let mut sources = SourceMap::default();
    let mut report = Report::default();
    let registries = registries(source);
    let made = Making { output, epoch, check: Check::Later, registries: &registries };
    let image = image(source, made, stack, &mut sources, &mut report);
    report.drop_notes();
    ui::findings(&report, &sources);
    match image {
        Some(index) => Ok(Planned { index, registries }),
        None => Err(refused(&registries)),
    }
}

/// An image that can be made.
pub(super) struct Planned {
    pub(super) index: Index,
    registries: Registries,
}

impl Planned {
    /// The repositories of a registry that have blobs of the image's bases.
    pub(super) fn repositories_of(&self, host: &str) -> Vec<String> {
        self.registries.repositories_of(host)
    }

    /// How a command ends whose image has been made, or has not: the lock of its text is kept when it has.
    pub(super) fn after(&self, outcome: Outcome) -> Outcome {
        if outcome != Outcome::Done {
            return outcome;
        }
        match self.registries.keep_lock() {
            Ok(()) => Outcome::Done,
            Err(diagnostic) => ui::fail(&diagnostic, Outcome::Environment),
        }
    }
}

/// The registries that a command pulls from.
pub(super) fn registries(source: &Source) -> Registries {
    let max_size = source.unpacking.max_unpacked;
    Registries::new(source.access.settings(), max_size, Box::new(ui::Pulls::default()))
}

/// How a command ends that has no image.
pub(super) fn refused(registries: &Registries) -> Outcome {
    if registries.has_failed() { Outcome::Environment } else { Outcome::Refused }
}

/// How an image is to be made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Making<'p> {
    /// Where it goes, if that is a file or folder.
    pub(super) output: Option<&'p Path>,
    /// The time of an image whose recipe says none, in seconds since 1970.
    pub(super) epoch: u64,
    /// When the layers of its base are checked: now, where nobody writes it.
    pub(super) check: Check,
    /// Where images of registries come from.
    pub(super) registries: &'p Registries,
}

/// The image of a recipe, or none when it is refused; what was found is in the report.
pub(super) fn image(
    source: &Source,
    making: Making<'_>,
    stack: Stack,
    sources: &mut SourceMap,
    report: &mut Report,
) -> Option<Index> {
    let Making { output, epoch, check, registries } = making;
    let options = ImageOptions {
        platform: source.platform.clone(),
        max_unpacked: source.unpacking.max_unpacked,
        check,
    };
    report.allowed.extend(&source.allow);
    let mut text = match Text::at(&source.file, source.containerfile.path.as_deref()) {
        Ok(text) => text,
        Err(diagnostic) => {
            report.push(*diagnostic);
            return None;
        }
    };
    // A source may not hold the output; one that cannot be resolved cannot be written either.
    text.input().output = output.and_then(|output| host::absolute(output).ok());
    let image = match &text {
        Text::ArgsNix(input) => {
            let flags = containerfile_flags(&source.containerfile);
            warn_of_flags(text.what(), &flags, report);
            let images = Images::new(input, options).with_registries(registries);
            // What is refused is refused for all that is wrong with it.
            let options = Options { partial: true, ..self::options(&source.arguments, None) };
            let mut ev = Evaluator::new(sources, &Disk, stack, options);
            let image = plan_of(&mut ev, source, input, &images, epoch, report);
            for message in ev.take_messages() {
                ui::said(&message);
            }
            image
        }
        Text::Containerfile { input, .. } | Text::Bunnyfile { input, .. } => {
            warn_of_flags(text.what(), &args_nix_flags(&source.arguments), report);
            let images = Images::new(input, options).with_registries(registries);
            let reading = Reading {
                flags: &source.containerfile,
                platform: source.platform.as_ref(),
                locked: source.locked,
                registries,
            };
            draft(reading, &text, &images, sources, report).and_then(|draft| {
                planned_drafts(vec![draft], source, input, &images, epoch, report)
            })
        }
    };
    driver::finish(report);
    image
}

/// What the command line says about a Containerfile or a bunnyfile.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'r> {
    pub(super) flags: &'r Containerfile,
    pub(super) platform: Option<&'r Platform>,
    /// Whether its lock may not change.
    pub(super) locked: bool,
    /// Where images of registries come from.
    pub(super) registries: &'r Registries,
}

/// What a text asks for that is no args.nix. It may name images by tags, as its lock has them.
///
/// Every mistake goes to `report`; after one, nothing comes back.
pub(super) fn draft(
    reading: Reading<'_>,
    text: &Text,
    images: &Images<'_>,
    sources: &mut SourceMap,
    report: &mut Report,
) -> Option<Draft> {
    let (Text::Containerfile { input, shown } | Text::Bunnyfile { input, shown }) = text else {
        return None;
    };
    let Reading { flags, platform, locked, registries } = reading;
    match Lock::read(&input.file, shown, locked, sources) {
        Ok(lock) => registries.set_lock(lock),
        Err(diagnostic) => {
            report.push(*diagnostic);
            return None;
        }
    }
    if let Text::Bunnyfile { .. } = text {
        warn_of_flags(text.what(), &containerfile_flags(flags), report);
        let draft = driver::bunnyfile(input, shown, images, sources, report)?;
        registries.names(&draft.references);
        return Some(draft);
    }
    let build_args = build_args(&flags.build_args);
    let build_contexts = build_contexts(flags, report);
    let platform = platform.map(ToString::to_string);
    let options = ContainerfileOptions {
        build_args: &build_args,
        target: flags.target.as_deref(),
        platform: platform.as_deref(),
        build_contexts: &build_contexts,
    };
    let draft = driver::containerfile(input, shown, options, images, sources, report)
        .filter(|_| !report.has_errors())?;
    // With other values the text may name other images.
    if build_args.is_empty() && platform.is_none() && build_contexts.is_empty() {
        registries.names(&draft.references);
    }
    Some(draft)
}

/// The flags that are for Containerfiles, and whether they are given.
fn containerfile_flags(flags: &Containerfile) -> [(&'static str, bool); 3] {
    [
        ("--build-arg", !flags.build_args.is_empty()),
        ("--build-context", !flags.build_contexts.is_empty()),
        ("--target", flags.target.is_some()),
    ]
}

/// The flags that are for an args.nix, and whether they are given.
fn args_nix_flags(flags: &FunctionArguments) -> [(&'static str, bool); 2] {
    [("--arg", !flags.arg.is_empty()), ("--argstr", !flags.argstr.is_empty())]
}

/// Says which flags have no effect on a text, which messages call `text`.
fn warn_of_flags(text: &str, flags: &[(&str, bool)], report: &mut Report) {
    for (flag, _) in flags.iter().filter(|(_, is_given)| *is_given) {
        let diagnostic =
            Diagnostic::warning(code::CLI_FLAG, format!("`{flag}` has no effect on {text}"));
        report.push(diagnostic.with_help("remove it, or check which file is built"));
    }
}

/// The values of `--build-arg`. One without a value is that of the environment, as with docker.
pub(super) fn build_args(given: &[String]) -> Vec<(String, Option<String>)> {
    let pair = |text: &String| match text.split_once('=') {
        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
        None => (text.clone(), host::variable(text)),
    };
    given.iter().map(pair).collect()
}

/// The values of `--build-context`; what is wrong with one goes to the report.
fn build_contexts(given: &Containerfile, report: &mut Report) -> Vec<BuildContext> {
    let here = host::absolute(Path::new(".")).unwrap_or_else(|_| PathBuf::from("/"));
    let mut contexts = Vec::with_capacity(given.build_contexts.len());
    for text in &given.build_contexts {
        match BuildContext::parse(text, &here) {
            Ok(context) => contexts.push(context),
            Err(diagnostic) => drop(report.push(*diagnostic)),
        }
    }
    contexts
}

/// The images of drafts, under the name of the command line.
fn planned_drafts(
    mut drafts: Vec<Draft>,
    source: &Source,
    input: &Input,
    images: &Images<'_>,
    epoch: u64,
    report: &mut Report,
) -> Option<Index> {
    if let Some(reference) = &source.containerfile.tag {
        for draft in &mut drafts {
            driver::rename(draft, reference);
        }
    }
    driver::index(&drafts, input, images, epoch, report)
}

fn plan_of(
    ev: &mut Evaluator<'_>,
    source: &Source,
    input: &Input,
    images: &Images<'_>,
    epoch: u64,
    report: &mut Report,
) -> Option<Index> {
    let value = function_arguments(ev, &source.arguments)
        .and_then(|arguments| driver::load(ev, input, &arguments));
    let value = match value {
        Ok(value) => value,
        Err(diagnostics) => {
            report.findings.extend(diagnostics);
            driver::no_value(ev, input, report);
            return None;
        }
    };
    let drafts = driver::drafts(ev, &value, source.platform.as_ref(), report)?;
    planned_drafts(drafts, source, input, images, epoch, report)
}

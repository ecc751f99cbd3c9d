//! `bimanix pin`: the digest that a tag has now, to paste; or into the args.nix that names it, or into the lock of a
//! Containerfile.

use super::args::Pin as Arguments;
use super::{Outcome, session, ui};
use crate::diag::{Diagnostic, Report, SourceMap};
use crate::driver::pin::{self, Pin};
use crate::driver::pull::{self, Lock, PullError, Registries};
use crate::driver::{self, ContainerfileOptions, Input, Text};
use crate::eval::{Evaluator, Stack, Value};
use crate::explain::code;
use crate::host;
use crate::host::output::Output;
use crate::recipe::{self, ImageReference, Placed};
use crate::world::Disk;
use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The largest args.nix that is rewritten.
const MAX_FILE: u64 = 32 << 20;

pub(super) fn run(arguments: &Arguments, stack: Stack) -> Outcome {
    let observer = Box::new(ui::Pulls::default());
    let registries = Registries::new(arguments.access.settings(), 0, observer);
    if !arguments.update {
        return print(arguments, &registries);
    }
    let path = arguments.target.as_ref().map_or(driver::DEFAULT_FILE.into(), PathBuf::from);
    let mut sources = SourceMap::default();
    let mut report = Report::default();
    let pinned = match Text::at(&path, arguments.containerfile.as_deref()) {
        Ok(Text::ArgsNix(input)) => {
            args_nix(arguments, &input, &registries, stack, &mut sources, &mut report)
        }
        Ok(text) => refresh(arguments, &text, &registries, &mut sources, &mut report),
        Err(diagnostic) => {
            report.push(*diagnostic);
            None
        }
    };
    report.sort();
    ui::findings(&report, &sources);
    match pinned {
        Some(Ok(lines)) => ui::result(lines.as_bytes()),
        Some(Err(diagnostic)) => ui::fail(&diagnostic, Outcome::Environment),
        None => session::refused(&registries),
    }
}

/// Prints the reference of the command line with its digest.
fn print(arguments: &Arguments, registries: &Registries) -> Outcome {
    let written = arguments.target.clone().unwrap_or_default();
    let written = written.to_string_lossy();
    let is_file = host::stat(Path::new(&*written)).is_ok() && !recipe::names_registry(&written);
    if is_file {
        let title = format!("`{written}` is a file or a folder");
        let diagnostic = Diagnostic::error(code::PIN_FILE, title)
            .with_why("without `--update` it is the name of an image")
            .with_help(format!("run `bimanix pin --update {}`", ui::word(Path::new(&*written))));
        return ui::fail(&diagnostic, Outcome::Usage);
    }
    let resolved = pull::parse(&written).and_then(|reference| {
        if let (None, Some(_)) = (reference.tag(), reference.digest()) {
            return Ok(format!("{reference}\n"));
        }
        registries.resolve(&reference).map(|digest| reference.pinned(&digest.to_string()) + "\n")
    });
    match resolved {
        Ok(line) => ui::result(line.as_bytes()),
        Err(error) => ui::fail(&error.words(), session::refused(registries)),
    }
}

/// What was pinned, a line each; or why it could not be written.
type Pinned = Result<String, Box<Diagnostic>>;

/// Writes the digests into an args.nix. Nothing comes back when it is refused; why is in the report.
fn args_nix(
    arguments: &Arguments,
    input: &Input,
    registries: &Registries,
    stack: Stack,
    sources: &mut SourceMap,
    report: &mut Report,
) -> Option<Pinned> {
    let fault = |operation, error: &std::io::Error| {
        Diagnostic::io(code::PIN_FILE, operation, &input.file, error)
    };
    let text = match host::read(&input.file, MAX_FILE).map(String::from_utf8) {
        Ok(Ok(text)) => text,
        Ok(Err(error)) => {
            report.push(fault("read", &std::io::Error::other(error.utf8_error().to_string())));
            return None;
        }
        Err(error) => {
            report.push(fault("read", &error));
            return None;
        }
    };
    let options = || session::options(&arguments.arguments, None);
    let mut ev = Evaluator::new(sources, &Disk, stack, options());
    let found = evaluate(&mut ev, arguments, |ev, given| driver::load(ev, input, given));
    let found = taken(found, report)?;
    if found.is_empty() {
        ui::note(&format!("{} names no image of a registry", input.file.display()));
        return Some(Ok(String::new()));
    }
    let pins = resolved(&found, registries, report)?;
    let new = taken(pin::rewrite(&input.file, &text, &pins, sources), report)?;
    // The strings that were replaced may have been others, in a comment for instance.
    let name = input.file.display().to_string();
    let mut others = SourceMap::default();
    let mut ev = Evaluator::new(&mut others, &Disk, stack, options());
    let again = evaluate(&mut ev, arguments, |ev, given| {
        if input.is_json() {
            return ev.parse_json(new.as_bytes()).map_err(|error| error.report());
        }
        let value = ev.eval_text(&name, new.as_bytes(), &input.folder).map_err(|e| e.report())?;
        ev.auto_call(&value, given).map_err(|error| error.report())
    });
    let again = again.unwrap_or_default();
    let is_pinned = |(number, pin): (usize, &Pin)| {
        again.get(number).is_some_and(|again| again.value == pin.pinned)
    };
    let wrong: Vec<&Pin> =
        pins.iter().enumerate().filter(|pin| !is_pinned(*pin)).map(|(_, pin)| pin).collect();
    if !wrong.is_empty() {
        report.findings.extend(wrong.into_iter().map(pin::not_literal));
        return None;
    }
    let lines = pins.iter().map(|pin| format!("{}\n", pin.pinned)).collect();
    if new == text {
        return Some(Ok(lines));
    }
    let target = host::canonicalize(&input.file).unwrap_or_else(|_| input.file.clone());
    let written = Output::create(&target).and_then(|mut output| {
        output.file().write_all(new.as_bytes())?;
        output.commit()
    });
    Some(written.map(|()| lines).map_err(|error| Box::new(fault("write", &error))))
}

/// The references in the value that `load` comes to with the arguments of the command line.
fn evaluate(
    ev: &mut Evaluator<'_>,
    arguments: &Arguments,
    load: impl FnOnce(&mut Evaluator<'_>, &crate::eval::Attrs) -> Result<Value, Vec<Diagnostic>>,
) -> Result<Vec<Placed<String>>, Vec<Diagnostic>> {
    let given = session::function_arguments(ev, &arguments.arguments)?;
    let value = load(ev, &given)?;
    driver::references(ev, &value).map_err(|error| error.report())
}

/// What each reference is pinned to.
fn resolved(
    found: &[Placed<String>],
    registries: &Registries,
    report: &mut Report,
) -> Option<Vec<Pin>> {
    let before = report.findings.len();
    let mut pins = Vec::new();
    for written in found {
        let pinned =
            pull::parse(&written.value).and_then(|reference| latest(&reference, registries));
        match pinned {
            Ok(pinned) => pins.push(Pin { written: written.clone(), pinned }),
            Err(error) => {
                report.push(error.report(&written.place));
            }
        }
    }
    (report.findings.len() == before).then_some(pins)
}

/// A reference with the digest that its tag has now. One without a tag stays: nothing says what it was.
fn latest(reference: &ImageReference, registries: &Registries) -> Result<String, PullError> {
    if let (None, Some(_)) = (reference.tag(), reference.digest()) {
        return Ok(reference.to_string());
    }
    registries.resolve(reference).map(|digest| reference.pinned(&digest.to_string()))
}

/// Refreshes the lock of a Containerfile or a bunnyfile. Nothing comes back when it is refused; why is in the report.
fn refresh(
    arguments: &Arguments,
    text: &Text,
    registries: &Registries,
    sources: &mut SourceMap,
    report: &mut Report,
) -> Option<Pinned> {
    let (input, shown) = match text {
        Text::ArgsNix(_) => return None,
        Text::Containerfile { input, shown } | Text::Bunnyfile { input, shown } => (input, shown),
    };
    match Lock::read(&input.file, shown, false, sources) {
        Ok(lock) => registries.set_lock(lock),
        Err(diagnostic) => {
            report.push(*diagnostic);
            return None;
        }
    }
    let build_args = session::build_args(&arguments.build_args);
    let options =
        ContainerfileOptions { build_args: &build_args, ..ContainerfileOptions::default() };
    let references = match text {
        Text::Bunnyfile { .. } => driver::bunnyfile_references(input, shown, sources, report)?,
        _ => driver::containerfile_references(input, shown, options, sources, report)?,
    };
    if build_args.is_empty() {
        registries.names(&references);
    }
    let mut lines = String::new();
    let mut known = BTreeSet::new();
    for written in &references {
        if !known.insert(&written.value) {
            continue;
        }
        let pinned = pull::parse(&written.value).and_then(|reference| match reference.digest() {
            Some(_) => Ok(None),
            None => registries
                .refresh(&reference)
                .map(|digest| Some(reference.pinned(&digest.to_string()) + "\n")),
        });
        match pinned {
            Ok(line) => lines += &line.unwrap_or_default(),
            Err(error) => {
                report.push(error.report(&written.place));
            }
        }
    }
    if report.has_errors() {
        return None;
    }
    if lines.is_empty() {
        ui::note(&format!("{shown} names no image of a registry by a tag"));
    }
    Some(registries.keep_lock().map(|()| lines))
}

/// What there is, or nothing, and why in the report.
fn taken<T>(result: Result<T, Vec<Diagnostic>>, report: &mut Report) -> Option<T> {
    result.map_err(|found| report.findings.extend(found)).ok()
}

//! `bimanix bima`: the command line of bima, for those who know it and for scripts that call it. A program called `bima`
//! that is this one has it as its own.

use super::access::Access;
use super::bima_args::{Bima, Build, Command, Output};
use super::source::{Containerfile, FunctionArguments, Source, Unpacking};
use super::{Outcome, load, session, ui, writing};
use crate::diag::Diagnostic;
use crate::eval::Stack;
use crate::explain::code;
use crate::host;
use crate::image::Known;
use std::path::{Path, PathBuf};

/// What is built where no file is named, as in bima's documentation.
const CONTAINERFILES: [&str; 2] = ["./Containerfile", "./Dockerfile"];

pub(super) fn run(bima: Bima, stack: Stack) -> Outcome {
    let Command::Build(build) = bima.command;
    let Some(file) = build.file.clone().or_else(found) else {
        let diagnostic =
            Diagnostic::error(code::CONTAINERFILE_INPUT, "there is no Containerfile here")
                .with_why("without `--file`, it is ./Containerfile or ./Dockerfile")
                .with_help("name it with `--file`");
        return ui::fail(&diagnostic, Outcome::Refused);
    };
    let source = Source {
        file: build.context.clone(),
        containerfile: Containerfile::at(file, build.tag.clone()),
        arguments: FunctionArguments::default(),
        allow: build.allow.clone(),
        platform: None,
        locked: false,
        unpacking: Unpacking::default(),
        access: Access::default(),
    };
    if build.tar || build.output == Output::Tar {
        return into_tar(&build, &source, stack);
    }
    let planned = match session::planned(&source, None, stack) {
        Ok(planned) => planned,
        Err(outcome) => return outcome,
    };
    let option = |name, value: &Option<String>| value.clone().map(|value| (name, value));
    let client = load::ClientCommand::containerd(
        [option("--address", &build.address), option("--namespace", &build.namespace)],
        option("--snapshotter", &build.snapshotter),
        "install it, or write a tar with `--tar`",
    );
    planned.after(match client.give(&planned.index, &Known::nothing()) {
        Ok(summary) => {
            let digest = summary.digest().map(|digest| format!("{digest}\n"));
            ui::result(digest.unwrap_or_default().as_bytes())
        }
        Err(outcome) => outcome,
    })
}

/// The Containerfile of the current folder.
fn found() -> Option<PathBuf> {
    CONTAINERFILES.map(PathBuf::from).into_iter().find(|path| host::stat(path).is_ok())
}

/// Writes the image into the current folder.
fn into_tar(build: &Build, source: &Source, stack: Stack) -> Outcome {
    let name = build.tag.rsplit('/').next().unwrap_or_default();
    let output = Path::new(name);
    let planned = match session::planned(source, Some(output), stack) {
        Ok(planned) => planned,
        Err(outcome) => return outcome,
    };
    planned.after(match writing::archive(&planned.index, output, &Known::nothing()) {
        Ok(_) => {
            ui::note(&format!("wrote `{name}`"));
            Outcome::Done
        }
        Err(error) => writing::failed(&error, name),
    })
}

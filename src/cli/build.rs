//! `bimanix build`: the image of an args.nix.

use super::args::{Build, Format};
use super::{Outcome, session, store, ui};
use crate::diag::Diagnostic;
use crate::eval::Stack;
use crate::host::output::{Output, OutputFolder};
use crate::host::target::{OpenStream, Stream, Target};
use crate::host::{self, Kind};
use crate::image::{Plan, Summary, WriteError, read, write};
use std::io;
use std::path::Path;

pub(super) fn run(build: &Build, stack: Stack) -> Outcome {
    match Target::at(&build.output) {
        Target::Name(output) => into_place(build, &output, stack),
        Target::Stream(stream) => into_stream(build, &stream, stack),
    }
}

/// Builds into a stream, with the image and nothing else in it.
fn into_stream(build: &Build, stream: &Stream, stack: Stack) -> Outcome {
    let name = stream.name();
    if build.store {
        let title = format!("`{name}` cannot become a link to the Nix store");
        let diagnostic = Diagnostic::error("store/output", title)
            .with_why("it is written to as it is, and never replaced")
            .with_help("name the link with `-o`, or leave `--store` out");
        return ui::fail(&diagnostic, Outcome::Usage);
    }
    if build.format == Format::Layout {
        let title = format!("a folder cannot be written to `{name}`");
        let diagnostic = Diagnostic::error("cli/layout", title)
            .with_help("name a folder with `-o`, or leave `--format layout` out");
        return ui::fail(&diagnostic, Outcome::Usage);
    }
    // Who reads a FIFO waits for it to be opened, also where the recipe is refused.
    let OpenStream { mut file, is_terminal, is_standard_output } = match stream.open() {
        Ok(open) => open,
        Err(error) => {
            return ui::fail(&WriteError::Output(error).report(name), Outcome::Environment);
        }
    };
    if is_terminal {
        let title = format!("`{name}` is a terminal, which cannot show an image");
        let diagnostic = Diagnostic::error("cli/terminal", title)
            .with_help("write it to a file with `-o FILE`, or into a pipe");
        return ui::fail(&diagnostic, Outcome::Usage);
    }
    let plan = match planned(build, None, stack) {
        Ok(plan) => plan,
        Err(outcome) => return outcome,
    };
    match to_stream(&plan, &mut file) {
        Ok(summary) if !is_standard_output => show(build, &summary),
        Ok(summary) => {
            if build.json {
                ui::note(&text(build, &summary));
            }
            Outcome::Done
        }
        Err(error) => ui::fail(&error.report(name), Outcome::Environment),
    }
}

/// Builds a file, a folder or a link that gets the name `output`.
fn into_place(build: &Build, output: &Path, stack: Stack) -> Outcome {
    let plan = match planned(build, Some(output), stack) {
        Ok(plan) => plan,
        Err(outcome) => return outcome,
    };
    if build.store {
        return match store::add(&plan, output) {
            Ok(summary) => show(build, &summary),
            Err(diagnostic) => ui::fail(&diagnostic, Outcome::Environment),
        };
    }
    let kind = match build.format {
        Format::Archive => Kind::File,
        Format::Layout => Kind::Directory,
    };
    if build.if_changed && host::stat(output).is_ok_and(|stat| stat.kind == kind) {
        let progress = ui::Progress::new(write::content_size(&plan));
        match write::prepare(&plan, &|bytes| progress.add(bytes)) {
            Ok(prepared) if read::holds(output, &prepared.summary(), prepared.index()) => {
                drop(progress);
                return show(build, &prepared.summary());
            }
            // What fails here fails again below, and is reported there.
            Ok(_) | Err(_) => {}
        }
    }
    let written = match build.format {
        Format::Archive => archive(&plan, output),
        Format::Layout => layout(&plan, output),
    };
    match written {
        Ok(summary) => show(build, &summary),
        Err(error) => ui::fail(&error.report(&output.display().to_string()), Outcome::Environment),
    }
}

fn planned(build: &Build, output: Option<&Path>, stack: Stack) -> Result<Plan, Outcome> {
    let mut plan = session::planned(&build.source, output, stack)?;
    plan.compression = build.compression;
    Ok(plan)
}

fn show(build: &Build, summary: &Summary) -> Outcome {
    ui::result(format!("{}\n", text(build, summary)).as_bytes())
}

fn text(build: &Build, summary: &Summary) -> String {
    let text = if build.json { format!("{:#}", summary.to_json()) } else { summary.render() };
    text.trim_end().to_owned()
}

/// Writes the archive so that it is there whole or not at all.
pub(super) fn archive(plan: &Plan, output: &Path) -> Result<Summary, WriteError> {
    let mut out = Output::create(output).map_err(WriteError::Output)?;
    let progress = ui::Progress::new(write::content_size(plan));
    let summary = write::to_file(plan, out.file(), &|bytes| progress.add(bytes))?;
    drop(progress);
    out.commit().map_err(WriteError::Output)?;
    Ok(summary)
}

pub(super) fn to_stream(plan: &Plan, mut out: &mut dyn io::Write) -> Result<Summary, WriteError> {
    let progress = ui::Progress::new(write::content_size(plan));
    write::to_stream(plan, &mut out, &|bytes| progress.add(bytes))
}

fn layout(plan: &Plan, output: &Path) -> Result<Summary, WriteError> {
    let folder = OutputFolder::create(output, "oci-layout").map_err(WriteError::Output)?;
    let progress = ui::Progress::new(write::content_size(plan));
    let summary = write::to_folder(plan, &folder, &|bytes| progress.add(bytes))?;
    drop(progress);
    folder.commit().map_err(WriteError::Output)?;
    Ok(summary)
}

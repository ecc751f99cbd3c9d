//! `bimanix build`: the image of an args.nix.

use super::args::{Build, Format};
use super::{Outcome, session, store, ui};
use crate::diag::Diagnostic;
use crate::eval::Stack;
use crate::host::output::{Output, OutputFolder};
use crate::host::{self, Kind};
use crate::image::{Plan, Summary, WriteError, read, write};
use std::fs::OpenOptions;
use std::io;
use std::path::Path;

pub(super) fn run(build: &Build, stack: Stack) -> Outcome {
    let output = Some(build.output.as_path()).filter(|output| output.as_os_str() != "-");
    let mut plan = match session::planned(&build.source, output, stack) {
        Ok(plan) => plan,
        Err(outcome) => return outcome,
    };
    plan.compression = build.compression;
    if build.store {
        return match store::add(&plan, &build.output) {
            Ok(summary) => show(build, &summary, false),
            Err(diagnostic) => ui::fail(&diagnostic, Outcome::Environment),
        };
    }
    let streamed = build.output.as_os_str() == "-";
    let kind = match build.format {
        Format::Archive => Kind::File,
        Format::Layout => Kind::Directory,
    };
    if build.if_changed
        && !streamed
        && host::stat(&build.output).is_ok_and(|stat| stat.kind == kind)
    {
        let progress = ui::Progress::new(write::content_size(&plan));
        match write::prepare(&plan, &|bytes| progress.add(bytes)) {
            Ok(prepared) if read::holds(&build.output, &prepared.summary(), prepared.index()) => {
                drop(progress);
                return show(build, &prepared.summary(), false);
            }
            // What fails here fails again below, and is reported there.
            Ok(_) | Err(_) => {}
        }
    }
    let written = match build.format {
        Format::Archive if streamed => to_stream(&plan, &mut io::stdout().lock()),
        Format::Archive => archive(&plan, &build.output),
        Format::Layout if streamed => {
            let diagnostic = Diagnostic::error("cli/layout", "a folder cannot be written to `-`")
                .with_help("name a folder with `-o`, or leave `--format layout` out");
            return ui::fail(&diagnostic, Outcome::Refused);
        }
        Format::Layout => layout(&plan, &build.output),
    };
    match written {
        Ok(summary) => show(build, &summary, streamed),
        Err(WriteError::Output(error)) if streamed && error.kind() == io::ErrorKind::BrokenPipe => {
            Outcome::Environment
        }
        Err(error) => {
            ui::fail(&error.report(&build.output.display().to_string()), Outcome::Environment)
        }
    }
}

/// Prints the summary; beside a streamed image it may only go to standard error.
fn show(build: &Build, summary: &Summary, streamed: bool) -> Outcome {
    let text = if build.json { format!("{:#}\n", summary.to_json()) } else { summary.render() };
    if streamed {
        if build.json {
            ui::note(text.trim_end());
        }
        return Outcome::Done;
    }
    ui::result(text.as_bytes())
}

/// Writes the archive so that it is there whole or not at all.
pub(super) fn archive(plan: &Plan, output: &Path) -> Result<Summary, WriteError> {
    // A device or a FIFO is written to, never replaced.
    if let Ok(stat) = host::stat(output)
        && matches!(stat.kind, Kind::Other(_))
    {
        let file = OpenOptions::new().write(true).open(output).map_err(WriteError::Output)?;
        return to_stream(plan, &mut io::BufWriter::new(file));
    }
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

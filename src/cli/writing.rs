//! Images written where they are wanted, with its progress shown.

use super::{Outcome, ui};
use crate::diag::Diagnostic;
use crate::explain::code;
use crate::host::output::{Output, OutputFolder};
use crate::host::target::{OpenStream, Stream};
use crate::image::{Index, Known, Summaries, WriteError, write};
use std::io;
use std::path::Path;

/// Writes the archive so that it is there whole or not at all.
pub(super) fn archive(
    index: &Index,
    output: &Path,
    known: &Known,
) -> Result<Summaries, WriteError> {
    let mut out = Output::create(output).map_err(WriteError::Output)?;
    let progress = ui::Progress::new(write::content_size(index));
    let summaries = write::to_file(index, out.file(), known, &|bytes| progress.add(bytes))?;
    drop(progress);
    out.commit().map_err(WriteError::Output)?;
    Ok(summaries)
}

/// Opens a stream that is to become an archive.
///
/// # Errors
/// How the command ends where it cannot be one; why has been said.
pub(super) fn open_stream(stream: &Stream, is_folder: bool) -> Result<OpenStream, Outcome> {
    let name = stream.name();
    if is_folder {
        let title = format!("a folder cannot be written to `{name}`");
        let diagnostic = Diagnostic::error(code::CLI_LAYOUT, title)
            .with_help("name a folder with `-o`, or leave `--format layout` out");
        return Err(ui::fail(&diagnostic, Outcome::Usage));
    }
    let open = stream
        .open()
        .map_err(|error| ui::fail(&WriteError::Output(error).report(name), Outcome::Environment))?;
    if open.is_terminal {
        let title = format!("`{name}` is a terminal, which cannot show an image");
        let diagnostic = Diagnostic::error(code::CLI_TERMINAL, title)
            .with_help("write it to a file with `-o FILE`, or into a pipe");
        return Err(ui::fail(&diagnostic, Outcome::Usage));
    }
    Ok(open)
}

/// Writes the archive to a stream, which may be left with a part of it.
pub(super) fn to_stream(
    index: &Index,
    mut out: &mut dyn io::Write,
    known: &Known,
) -> Result<Summaries, WriteError> {
    let progress = ui::Progress::new(write::content_size(index));
    write::to_stream(index, &mut out, known, &|bytes| progress.add(bytes))
}

/// Writes the layout so that it is there whole or not at all.
pub(super) fn layout(index: &Index, output: &Path, known: &Known) -> Result<Summaries, WriteError> {
    let folder = OutputFolder::create(output, "oci-layout").map_err(WriteError::Output)?;
    let progress = ui::Progress::new(write::content_size(index));
    let summaries = write::to_folder(index, &folder, known, &|bytes| progress.add(bytes))?;
    drop(progress);
    folder.commit().map_err(WriteError::Output)?;
    Ok(summaries)
}

/// Ends where an image could not be written: for its base, which is input, or for what the machine does.
pub(super) fn failed(error: &WriteError, output: &str) -> Outcome {
    let outcome = match error {
        WriteError::WrongBlob { .. } => Outcome::Refused,
        _ => Outcome::Environment,
    };
    ui::fail(&error.report(output), outcome)
}

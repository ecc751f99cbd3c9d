//! An image written where it is wanted, with its progress shown.

use super::ui;
use crate::host::output::{Output, OutputFolder};
use crate::image::{Plan, Summary, WriteError, write};
use std::io;
use std::path::Path;

/// Writes the archive so that it is there whole or not at all.
pub(super) fn archive(plan: &Plan, output: &Path) -> Result<Summary, WriteError> {
    let mut out = Output::create(output).map_err(WriteError::Output)?;
    let progress = ui::Progress::new(write::content_size(plan));
    let summary = write::to_file(plan, out.file(), &|bytes| progress.add(bytes))?;
    drop(progress);
    out.commit().map_err(WriteError::Output)?;
    Ok(summary)
}

/// Writes the archive to a stream, which may be left with a part of it.
pub(super) fn to_stream(plan: &Plan, mut out: &mut dyn io::Write) -> Result<Summary, WriteError> {
    let progress = ui::Progress::new(write::content_size(plan));
    write::to_stream(plan, &mut out, &|bytes| progress.add(bytes))
}

/// Writes the layout so that it is there whole or not at all.
pub(super) fn layout(plan: &Plan, output: &Path) -> Result<Summary, WriteError> {
    let folder = OutputFolder::create(output, "oci-layout").map_err(WriteError::Output)?;
    let progress = ui::Progress::new(write::content_size(plan));
    let summary = write::to_folder(plan, &folder, &|bytes| progress.add(bytes))?;
    drop(progress);
    folder.commit().map_err(WriteError::Output)?;
    Ok(summary)
}

//! What a build reads and what it writes, where one holds the other.

use super::Input;
use super::images::Images;
use crate::diag::{Diagnostic, Report};
use crate::explain::code;
use crate::host;
use crate::recipe::draft::{Draft, FileDraft, SourceDraft};
use std::path::{Path, PathBuf};

/// Whether a source is a folder that holds the output, or the output itself.
pub(super) fn holds(source: &Path, output: Option<&Path>) -> bool {
    match (host::canonicalize(source), output.and_then(place)) {
        (Ok(source), Some(place)) => place.starts_with(source),
        _ => false,
    }
}

/// Where a name is, whether something is there or not: a symlink at its end is not followed.
fn place(path: &Path) -> Option<PathBuf> {
    let parent = path.parent().and_then(|parent| host::canonicalize(parent).ok());
    parent.zip(path.file_name()).map(|(parent, name)| parent.join(name))
}

/// Whether the output goes to this path, by name, or into the folder of a layout.
fn is_overwritten(path: &Path, output: Option<&Path>) -> bool {
    let is_itself = output.and_then(place).is_some_and(|output| place(path) == Some(output));
    is_itself || holds(path, output)
}

/// Says where the image would be written over its base, and where the base is among the files as well.
pub(super) fn check(draft: &Draft, input: &Input, images: &Images<'_>, report: &mut Report) {
    let from = draft.rootfs.as_ref().and_then(|rootfs| rootfs.from.as_ref());
    if let Some(from) = from
        && let Some(path) = images.file(&from.value)
        && is_overwritten(&path, input.output.as_deref())
    {
        let title = "the image would be written over what its root file system is made from";
        let diagnostic = from.place.error(code::FILES_OUTPUT, title);
        report.push(
            diagnostic
                .with_why("each build would pack the one before, so no two would be the same")
                .with_help("write the image elsewhere with `-o`"),
        );
    }
    let Some(base) = &draft.base else { return };
    let Some(path) = images.file(&base.value) else { return };
    let output = input.output.as_deref();
    if is_overwritten(&path, output) {
        let title = "the image would be written over its own base";
        let diagnostic = base.place.error(code::FILES_OUTPUT, title);
        report.push(
            diagnostic
                .with_why("each build would build on the one before, so no two would be the same")
                .with_help("write the image elsewhere with `-o`"),
        );
    }
    for file in &draft.files {
        if let Some(written) = source_that_holds(file, input, &path) {
            let title = format!(
                "`{}` holds the base, which becomes a file of the image",
                written.display()
            );
            let diagnostic = file.place.mark_name(Diagnostic::warning(code::FILES_BASE, title), "");
            report.push(
                diagnostic.with_why("the image has all that is in its base already").with_help(
                    "keep the base outside of the folder, or name what is needed one by one",
                ),
            );
        }
    }
}

/// The source of a file, where it is a folder with the base in it, or the base.
fn source_that_holds<'f>(file: &'f FileDraft, input: &Input, base: &Path) -> Option<&'f Path> {
    let SourceDraft::Path { written, from } = &file.source else { return None };
    // Elsewhere it holds what is named and nothing else.
    if written.to_str().is_some_and(|written| input.sources.contains_key(written)) {
        return None;
    }
    let source = host::canonicalize(&input.folder.join(from.as_ref().unwrap_or(written))).ok()?;
    let base = host::canonicalize(base).ok()?;
    base.starts_with(source).then_some(written.as_path())
}

//! What the fronts of whole files share: a file becomes a text among the sources that findings point into.

use crate::diag::{Diagnostic, FileId, Report, SourceMap, Span};
use crate::explain::Code;
use crate::world::World;
use std::ops::Range;
use std::path::Path;
use std::rc::Rc;

/// How one kind of file is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'r> {
    /// What the file is called in messages.
    pub(super) shown: &'r str,
    /// Its absolute path.
    pub(super) file: &'r Path,
    /// The largest one, in bytes.
    pub(super) max: u64,
    /// The kind, with its article: `a Containerfile`.
    pub(super) kind: &'static str,
    /// The code of a file that cannot be read, and of one that is not UTF-8.
    pub(super) codes: [Code; 2],
}

impl Reading<'_> {
    /// The text of the file. Why there is none goes to `report`.
    pub(super) fn text(
        &self,
        world: &dyn World,
        sources: &mut SourceMap,
        report: &mut Report,
    ) -> Option<(Rc<str>, FileId)> {
        let [unreadable, not_utf_8] = self.codes;
        let bytes = match world.read(self.file, self.max) {
            Ok(bytes) => bytes,
            Err(error) => {
                let diagnostic = Diagnostic::io(unreadable, "read", Path::new(self.shown), &error);
                report.push(diagnostic.with_help(format!("name {} with `-f`", self.kind)));
                return None;
            }
        };
        let mut add = |text: &str| {
            sources.add(self.shown.to_owned(), Some(self.file.to_owned()), text.as_bytes().into())
        };
        match String::from_utf8(bytes) {
            Ok(text) => {
                let file = add(&text);
                Some((text.into(), file))
            }
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let file = add(&String::from_utf8_lossy(error.as_bytes()));
                report.push(
                    Diagnostic::error(not_utf_8, "the file is not UTF-8")
                        .with_label(span(file, at..at.saturating_add(1)), "")
                        .with_why("its values become JSON in the image, and JSON is UTF-8")
                        .with_help("save it as UTF-8"),
                );
                None
            }
        }
    }
}

/// The span of a range of bytes.
pub(super) fn span(file: FileId, range: Range<usize>) -> Span {
    let number = |at| u32::try_from(at).unwrap_or(u32::MAX);
    Span { file, start: number(range.start), end: number(range.end) }
}

/// A text for a title: not more of it than fits a line.
pub(super) fn short(text: &str) -> String {
    const MOST: usize = 80;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or("")),
        None => text.to_owned(),
    }
}

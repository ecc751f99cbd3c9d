//! COPY and ADD: what they copy, and where to.

use super::find::{Found, Origin};
use super::instruction::{Flag, Instruction, Source, Word};
use super::paths::Names;
use super::patterns::Patterns;
use super::reading::Reading;
use super::state::State;
use super::wording;
use crate::diag::{Diagnostic, Span};
use crate::explain::code;

/// A COPY or an ADD.
pub(super) struct Copy<'i> {
    pub instruction: &'i Instruction,
    pub is_add: bool,
    /// The number of the stage it is in.
    pub index: usize,
    pub flags: &'i [Flag],
    pub sources: &'i [Source],
    pub destination: &'i Word,
}

/// What the flags say.
pub(super) struct Options<'w> {
    pub origin: Origin<'w>,
    /// `--chown`
    pub owner: Option<(u64, u64)>,
    /// `--chmod`
    pub mode: Option<u32>,
    /// `--parents`
    pub keeps_parents: bool,
    /// `--exclude`
    pub excluded: Patterns,
    /// Whether docker would unpack archives.
    pub unpacks: bool,
}

/// Where things go.
pub(super) struct Target<'c, 'w> {
    /// The path, symlinks followed.
    pub names: Names,
    /// Whether it is a folder: it is written as one, or there is one.
    pub is_folder: bool,
    pub copy: &'c Copy<'c>,
    pub options: &'c Options<'w>,
}

impl<'w> Reading<'w, '_> {
    /// Does what COPY or ADD says.
    pub fn copy(&mut self, state: &mut State<'w>, copy: &Copy<'_>) {
        let options = self.options(state, copy);
        let written = self.expand(state, copy.destination).map(|expanded| expanded.text);
        let Some(options) = options else { return };
        let mut found: Vec<(Found<'w>, Span)> = Vec::new();
        let mut is_whole = true;
        for source in copy.sources {
            let Source::Path(word) = source else { continue };
            let named = self.expand(state, word).and_then(|expanded| {
                let is_local = self.is_local(copy, &expanded.text, word.at);
                is_local.then(|| self.find(copy, &options, &expanded.text, word.at))?
            });
            match named {
                Some(named) => found.extend(named.into_iter().map(|named| (named, word.at))),
                None => is_whole = false,
            }
        }
        let Some(written) = written else { return };
        let documents = copy.sources.iter().filter(|source| !matches!(source, Source::Path(_)));
        let count = found.len().saturating_add(documents.clone().count());
        if is_whole && count == 0 {
            self.report.push(
                Diagnostic::error(code::CONTAINERFILE_NO_MATCH, "nothing matches these sources")
                    .with_label(copy.instruction.whole, "")
                    .with_why(
                        "a pattern may match nothing, but an instruction that copies nothing is a mistake",
                    )
                    .with_help("correct the patterns, or remove the instruction"),
            );
            return;
        }
        let Some(target) = self.destination(state, copy, &options, &written, count) else { return };
        for (found, at) in found {
            self.put_found(state, &target, found, at);
        }
        for document in documents {
            self.put_document(state, &target, document);
        }
    }

    /// Where `count` sources go.
    fn destination<'c>(
        &mut self,
        state: &State<'w>,
        copy: &'c Copy<'c>,
        options: &'c Options<'w>,
        written: &str,
        count: usize,
    ) -> Option<Target<'c, 'w>> {
        let at = copy.destination.at;
        let is_written_as_folder = matches!(written, "" | "." | "..")
            || ["/", "/.", "/.."].iter().any(|end| written.ends_with(end));
        if count > 1 && !is_written_as_folder {
            return self.refuse(
                Diagnostic::error(
                    code::CONTAINERFILE_SEVERAL_SOURCES,
                    "several sources go to one name",
                )
                .with_label(at, "")
                .with_why(format!("there are {count} of them, so this must be a folder"))
                .with_help("end it with `/`"),
            );
        }
        let path = state.resolve(written.as_bytes());
        if !self.is_path_short(&path, at) {
            return None;
        }
        let there = state.tree.destination(&path).and_then(|names| {
            let there = state.tree.look(&names)?;
            Ok((names, there))
        });
        let (names, there) = match there {
            Ok(there) => there,
            Err(lost) => return self.refuse(wording::lost(&lost, at)),
        };
        let is_there = there.is_some_and(|there| there.shape == super::tree::Shape::Folder);
        Some(Target { names, is_folder: is_written_as_folder || is_there, copy, options })
    }

    /// Whether a source is a path; a URL is refused.
    fn is_local(&mut self, copy: &Copy<'_>, text: &str, at: Span) -> bool {
        let starts = |start: &&str| text.starts_with(*start);
        let is_url = ["http://", "https://"].iter().any(starts);
        let is_git = ["git@", "git://", "ssh://", "github.com/"].iter().any(starts);
        if !is_url && !is_git {
            return true;
        }
        let url = text.split('#').next().unwrap_or(text);
        let what =
            if is_git || url.strip_suffix(".git").is_some() { "git repository" } else { "URL" };
        let title = format!("`{}` fetches no {what}", copy.instruction.keyword);
        self.report.push(super::flags::remote(at, title));
        false
    }

    /// Reports what is wrong.
    pub fn refuse<T>(&mut self, diagnostic: Diagnostic) -> Option<T> {
        self.report.push(diagnostic);
        None
    }
}

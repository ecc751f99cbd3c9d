//! What is wrong with a path or with a word, in words.

use super::expand::{Fault, FaultKind};
use super::instruction::Word;
use super::paths::{local, shown};
use super::short;
use super::tree::Lost;
use crate::diag::{Diagnostic, Span, describe_io};
use crate::explain::code;

/// Why nothing outside of the build context is copied.
pub(super) const WHY_INSIDE: &str =
    "an image is made of what its folder holds, so that it is the same everywhere";

/// Why a path cannot be looked up.
pub(super) fn lost(lost: &Lost, at: Span) -> Diagnostic {
    let error = |code, title: String| Diagnostic::error(code, title).with_label(at, "");
    match lost {
        Lost::Outside(link) => {
            let link = local(link);
            let title = format!("the symlink `{}` leads out of the build context", link.display());
            error(code::CONTAINERFILE_OUTSIDE, title)
                .with_why(WHY_INSIDE)
                .with_help("copy the file into the build context")
        }
        Lost::Loop => {
            error(code::CONTAINERFILE_UNREADABLE, "symlinks lead in a circle here".to_owned())
                .with_help("correct the symlinks")
        }
        Lost::NotAFolder(file) => {
            let title = format!("`{}` is a file, so nothing can be below it", shown(file));
            error(code::CONTAINERFILE_CONFLICT, title).with_help("choose another destination")
        }
        Lost::Io(path, failure) => {
            error(code::CONTAINERFILE_UNREADABLE, format!("cannot read `{}`", path.display()))
                .with_why(describe_io(failure))
                .with_help("make it readable")
        }
    }
}

/// What is wrong with a word; the part of it is marked.
pub(super) fn fault(fault: &Fault, word: &Word) -> Diagnostic {
    let at = within(word, fault.at.clone());
    let error = |code, title: String| Diagnostic::error(code, title).with_label(at, "");
    match &fault.kind {
        FaultKind::Quote(quote) => {
            error(code::CONTAINERFILE_QUOTE, format!("the quote `{quote}` is not closed"))
                .with_help(format!("add `{quote}`, or write `\\{quote}` for the character itself"))
        }
        FaultKind::Open(character) => {
            error(code::CONTAINERFILE_SUBSTITUTION, format!("`${{` has no `{character}`"))
                .with_help(format!("add `{character}`, or write `\\$` for a dollar sign"))
        }
        FaultKind::Substitution => {
            error(code::CONTAINERFILE_SUBSTITUTION, "there is no name after `${`".to_owned())
                .with_help("write `${name}`, or `\\$` for a dollar sign")
        }
        FaultKind::Modifier(modifier) => error(
            code::CONTAINERFILE_SUBSTITUTION,
            format!("`{modifier}` is not known in `${{…}}`"),
        )
        .with_help(
            "use one of `:-`, `-`, `:+`, `+`, `:?`, `?`, `#`, `##`, `%`, `%%`, `/` and `//`",
        ),
        FaultKind::Escape(character) => error(
            code::CONTAINERFILE_SUBSTITUTION,
            format!("`\\{character}` is not known in a pattern"),
        )
        .with_help("only `\\*`, `\\?`, `\\\\`, `\\/` and `\\}` are"),
        FaultKind::Required { name, message } => error(
            code::CONTAINERFILE_REQUIRED_VARIABLE,
            format!("`{}`: {}", short(name), short(message)),
        )
        .with_why("the `?` after the name says that a value is required")
        .with_help(format!("give it one: `ARG {name}=…`, or `--build-arg {name}=…`")),
        FaultKind::TooLong => {
            error(code::CONTAINERFILE_TOO_MUCH, "the variables make too much text".to_owned())
                .with_why("variables may add 1 MiB to a word, and 64 MiB to a file")
        }
        FaultKind::TooDeep => {
            error(code::CONTAINERFILE_TOO_MUCH, "`${…}` is nested too deeply".to_owned())
                .with_why("64 levels are more than anybody can read")
        }
    }
}

/// The place of a part of a word; of a word that goes on over several lines, all of it.
pub(super) fn within(word: &Word, range: std::ops::Range<usize>) -> Span {
    let length = usize::try_from(word.at.end.saturating_sub(word.at.start)).unwrap_or(0);
    if length != word.text.len() {
        return word.at;
    }
    let at = |offset: usize| {
        word.at.start.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX)).min(word.at.end)
    };
    Span { file: word.at.file, start: at(range.start), end: at(range.end) }
}

//! What is wrong with a text that is no YAML, in words of its own.

use super::yaml::{Content, Node};
use crate::diag::{Diagnostic, FileId, Span};
use crate::explain::code;
use crate::front::text::span;

/// Why the parser has stopped, and where.
pub(super) struct Fault<'t> {
    pub text: &'t str,
    pub file: FileId,
    /// The place in bytes.
    pub at: usize,
    /// The list or mapping that it is in.
    pub open: Option<Span>,
    /// The scalar before it.
    pub last: Span,
    /// The end of what the parser has given, in bytes: it looks ahead.
    pub given: usize,
}

/// Where the mark goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// Where the parser stopped.
    Here,
    /// The tab there.
    Tab,
    /// The line before, whose end the parser waited for.
    LineBefore,
}

/// A mistake: words of the parser for it, a title, and what to do.
struct Known {
    said: &'static [&'static str],
    mark: Mark,
    title: &'static str,
    help: &'static str,
}

/// Mistakes in a single value.
const VALUES: &[Known] = &[
    Known {
        said: &["a tab", "tabs ", "tab cannot"],
        mark: Mark::Tab,
        title: "YAML does not allow a tab as indentation",
        help: "use spaces instead",
    },
    Known {
        said: &["found unexpected end of stream"],
        mark: Mark::Here,
        title: "this string is not closed",
        help: "add the closing quote",
    },
    Known {
        said: &["found unexpected document indicator"],
        mark: Mark::Here,
        title: "a document begins or ends inside a string",
        help: "add the closing quote to the string above",
    },
    Known {
        said: &["found unknown escape character", "hexadecimal number", "character escape code"],
        mark: Mark::Here,
        title: "this string contains an unknown escape",
        help: "write `\\\\` for a backslash, or put the string in single quotes",
    },
    Known {
        said: &["found unprintable character"],
        mark: Mark::Here,
        title: "there is a NUL character in the file",
        help: "remove it, and save the file as UTF-8",
    },
    Known {
        said: &["found unknown anchor"],
        mark: Mark::Here,
        title: "there is no anchor with this name above",
        help: "put the value in quotes if it is not an alias",
    },
    Known {
        said: &["unexpected character", "did not find expected alphabetic or numeric character"],
        mark: Mark::Here,
        title: "a value cannot begin with this character",
        help: "put the value in quotes",
    },
];

/// Mistakes in how values stand to each other. An open bracket explains them all.
const ORDER: &[Known] = &[
    Known {
        said: &["invalid trailing content after double-quoted scalar"],
        mark: Mark::Here,
        title: "nothing can follow the closing quote",
        help: "put the whole value in quotes",
    },
    Known {
        said: &["mapping values are not allowed"],
        mark: Mark::Here,
        title: "this `:` is not expected here",
        help: "indent the line like its neighbours; a value that contains `: ` needs quotes",
    },
    Known {
        said: &["simple key expect"],
        mark: Mark::LineBefore,
        title: "this line is neither a key nor a list item",
        help: "write `key: value` or `- item`",
    },
    Known {
        said: &[
            "invalid indentation",
            "did not find expected key",
            "not find expected <document start>",
            "wrongly indented line",
            "did not find expected '-' indicator",
            "sequence entries are not allowed",
        ],
        mark: Mark::Here,
        title: "this line is not indented like the ones above",
        help: "indent it like the lines it belongs to",
    },
];

const CONTAINERFILE: &str = "this looks like a Containerfile: name it `Containerfile`";

impl Fault<'_> {
    /// The mistake, given the words of the parser.
    pub fn words(&self, said: &str) -> Diagnostic {
        if said.contains("recursion limit") {
            return too_deep(self.mark(Mark::Here));
        }
        let is_it = |known: &&Known| known.said.iter().any(|words| said.contains(words));
        let of_value = VALUES.iter().find(is_it);
        if of_value.is_none()
            && let Some(diagnostic) = self.bracket()
        {
            return diagnostic;
        }
        let known = of_value.or_else(|| ORDER.iter().find(is_it));
        let diagnostic = match known {
            Some(known) => {
                let mark = self.mark(known.mark);
                Diagnostic::error(code::BUNNYFILE_YAML, known.title).with_label(mark, "")
            }
            None => Diagnostic::error(code::BUNNYFILE_YAML, "the file is not valid YAML")
                .with_label(self.mark(Mark::Here), "")
                .with_why(said),
        };
        let diagnostic = diagnostic.with_help_if(known.map(|known| known.help.to_owned()));
        let diagnostic = self.with_long_value(diagnostic);
        if is_containerfile(self.text) {
            return diagnostic.with_help(CONTAINERFILE);
        }
        diagnostic
    }

    fn slice(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end).unwrap_or("")
    }

    fn mark(&self, mark: Mark) -> Span {
        let before = self.slice(0, self.at);
        let at = match mark {
            Mark::LineBefore => {
                let line = before.trim_end();
                let start = line.rfind('\n').map_or(0, |at| at.saturating_add(1));
                let indent =
                    line.get(start..).map_or(0, |line| line.len() - line.trim_start().len());
                return span(self.file, start.saturating_add(indent)..line.len());
            }
            Mark::Tab if before.ends_with('\t') => self.at.saturating_sub(1),
            Mark::Tab => {
                let tab = self.slice(self.at, self.text.len()).find('\t');
                self.at.saturating_add(tab.unwrap_or(0))
            }
            Mark::Here => self.at,
        };
        let character = self.slice(at, self.text.len()).chars().next();
        span(self.file, at..at.saturating_add(character.map_or(0, char::len_utf8)))
    }

    /// Says that a bracket is open, whatever the parser stumbled over behind it.
    fn bracket(&self) -> Option<Diagnostic> {
        let open = self.open.map(|open| open.start as usize);
        let is_bracket = |at: &usize| self.slice(*at, self.text.len()).starts_with(['[', '{']);
        let at = innermost(self.text, self.given, self.at).or(open.filter(is_bracket))?;
        let end = at.saturating_add(1);
        let closing = if self.slice(at, end) == "[" { ']' } else { '}' };
        let bracket = span(self.file, at..end);
        let help =
            "separate values with `,`, and quote a value that contains `,`, `:` or a bracket";
        if !self.slice(at, self.at).contains('\n') {
            let title = format!("a `,` or `{closing}` is missing");
            return Some(
                Diagnostic::error(code::BUNNYFILE_YAML, title)
                    .with_label(self.mark(Mark::Here), "before this")
                    .with_label(bracket, "in this bracket")
                    .with_help(help),
            );
        }
        let diagnostic = Diagnostic::error(code::BUNNYFILE_YAML, "this bracket is not closed")
            .with_label(bracket, "");
        if self.slice(self.at, self.text.len()).trim().is_empty() {
            return Some(diagnostic.with_help(format!("add `{closing}`")));
        }
        let text = format!("`,` or `{closing}` is missing before this");
        Some(diagnostic.with_label(self.mark(Mark::Here), text).with_help(help))
    }

    /// Marks a value that goes on over lines, where it led there.
    fn with_long_value(&self, diagnostic: Diagnostic) -> Diagnostic {
        let value = self.slice(self.last.start as usize, self.last.end as usize);
        let is_plain = !value.starts_with(['"', '\'', '|', '>']);
        if !is_plain || !value.contains('\n') {
            return diagnostic;
        }
        let first = value.lines().next().unwrap_or("");
        let diagnostic = diagnostic.with_label(self.last, "this value continues on the next line");
        if first.contains(':') {
            return diagnostic.with_help("put a space after the `:`");
        }
        diagnostic
    }
}

/// The innermost bracket that is open at `end`, of those between `start` and there.
fn innermost(text: &str, start: usize, end: usize) -> Option<usize> {
    let mut open: Vec<usize> = Vec::new();
    let mut quote = None;
    let mut before = ' ';
    let mut is_comment = false;
    let mut is_escaped = false;
    for (at, character) in text.get(start..end)?.char_indices() {
        // Outside of brackets, one in the middle of a word is part of it.
        let begins = before.is_whitespace() || !open.is_empty();
        let escapes = quote == Some('"') && character == '\\' && !is_escaped;
        match character {
            _ if is_comment => is_comment = character != '\n',
            _ if quote.is_some() => {
                quote = quote.filter(|quoted| *quoted != character || is_escaped);
            }
            '#' => is_comment = before.is_whitespace(),
            '"' | '\'' if begins => quote = Some(character),
            '[' | '{' if begins => open.push(start.saturating_add(at)),
            ']' | '}' => drop(open.pop()),
            _ => {}
        }
        is_escaped = escapes;
        before = character;
    }
    open.last().copied()
}

/// Whether a text begins like a Containerfile.
fn is_containerfile(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim_start);
    let first = lines.find(|line| !line.is_empty() && !line.starts_with('#'));
    let word = first.and_then(|line| line.split_whitespace().next()).unwrap_or("");
    word.eq_ignore_ascii_case("FROM") || word.eq_ignore_ascii_case("ARG")
}

/// A list or mapping that is nested too deeply.
pub(super) fn too_deep(at: Span) -> Diagnostic {
    Diagnostic::error(code::BUNNYFILE_DEPTH, "this is nested too deeply")
        .with_label(at, "")
        .with_why("a bunnyfile needs four levels; more than 32 are refused")
}

/// A text that is YAML and no mapping.
pub(super) fn not_a_bunnyfile(root: &Node, text: &str) -> Diagnostic {
    let title = format!("a bunnyfile is a mapping, not {}", root.content.words());
    let diagnostic = Diagnostic::error(code::BUNNYFILE_TYPE, title).with_label(root.at, "");
    let help = match &*root.content {
        Content::Text(_) if is_containerfile(text) => CONTAINERFILE,
        _ => "begin with `version: v0.1`",
    };
    diagnostic.with_help(help)
}

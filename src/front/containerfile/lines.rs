//! The lines of a Containerfile: continuations joined, comments left out, here-documents found.
//!
//! The rules are those of BuildKit's parser (`frontend/dockerfile/parser/parser.go`): a line goes on when it ends
//! in one escape character; comments and empty lines between its parts are nothing.

use super::words;
use crate::diag::{Diagnostic, FileId, Report, Span};
use crate::explain::code;
use crate::front::convert::Note;
use crate::front::text::span;
use std::borrow::Cow;
use std::ops::Range;

/// An instruction with everything that belongs to it.
#[derive(Debug)]
pub(super) struct Line<'t> {
    /// The parts of the line as one.
    pub text: Cow<'t, str>,
    /// The here-documents that the line announces, in order.
    pub documents: Vec<Document>,
    /// Their bodies with the lines that end them, as they are in the file.
    pub bodies: &'t str,
    /// Where each part begins: in `text`, and in the file.
    parts: Vec<(usize, usize)>,
    /// The comments above each part, without their `#`.
    comments: Vec<Vec<&'t str>>,
    file: FileId,
}

/// A here-document, as its line announces it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Document {
    /// The word that ends it.
    pub name: String,
    /// Whether it is written as `<<NAME` or `<<-NAME`: no number in front, no blank in between.
    pub is_plain: bool,
    /// Whether tabs in front of its lines are left out.
    is_indented: bool,
}

/// A file, split.
#[derive(Debug)]
pub(super) struct Lines<'t> {
    /// Every instruction, in order.
    pub lines: Vec<Line<'t>>,
    /// The escape character.
    pub escape: char,
}

impl Line<'_> {
    /// The place of a range of `text`.
    pub fn span(&self, range: Range<usize>) -> Span {
        let start = self.offset(range.start);
        let end = match range.end.checked_sub(1) {
            Some(last) if last >= range.start => self.offset(last).saturating_add(1),
            _ => start,
        };
        span(self.file, start..end)
    }

    /// The place of the whole line.
    pub fn whole(&self) -> Span {
        self.span(0..self.text.len())
    }

    /// What is above each part of the line, and the line itself at the first one.
    pub fn notes(&self) -> impl Iterator<Item = Note> + '_ {
        self.parts.iter().zip(&self.comments).enumerate().map(|(index, (part, comments))| Note {
            start: u32::try_from(part.1).unwrap_or(u32::MAX),
            comments: comments.iter().map(|line| (*line).to_owned()).collect(),
            instruction: if index == 0 { self.text.trim().to_owned() } else { String::new() },
        })
    }

    fn offset(&self, at: usize) -> usize {
        let part = self.parts.partition_point(|&(joined, _)| joined <= at).saturating_sub(1);
        let (joined, raw) = self.parts.get(part).copied().unwrap_or_default();
        raw.saturating_add(at.saturating_sub(joined))
    }
}

/// Splits a Containerfile into its instructions.
pub(super) fn split<'t>(text: &'t str, file: FileId, report: &mut Report) -> Lines<'t> {
    let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut splitter =
        Splitter { text, at, is_cut: false, file, escape: '\\', is_first: true, report };
    splitter.directives();
    let mut lines = Vec::new();
    while let Some(line) = splitter.line() {
        lines.push(line);
    }
    Lines { lines, escape: splitter.escape }
}

/// The longest line, in bytes: that of Go's `bufio.Scanner`, which BuildKit reads with.
const MAX_LINE: usize = 65_535;

struct Splitter<'t, 'r> {
    text: &'t str,
    at: usize,
    /// Whether a line was too long, so that nothing behind it is read.
    is_cut: bool,
    file: FileId,
    escape: char,
    /// Whether no instruction has been read yet.
    is_first: bool,
    report: &'r mut Report,
}

impl<'t> Splitter<'t, '_> {
    /// The next line of the file, without its end.
    fn next(&mut self) -> Option<Range<usize>> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let start = self.at;
        let length = rest.find('\n').unwrap_or(rest.len());
        self.at = start.saturating_add(length).saturating_add(1).min(self.text.len());
        let line = rest.get(..length).unwrap_or(rest).trim_end_matches('\r');
        let range = start..start.saturating_add(line.len());
        if line.len() > MAX_LINE {
            self.refuse_long(&range);
            return None;
        }
        Some(range)
    }

    /// Ends the file at a line that is too long.
    fn refuse_long(&mut self, line: &Range<usize>) {
        self.at = self.text.len();
        self.is_cut = true;
        let title = format!("this line has {} bytes", line.len());
        self.report.push(
            Diagnostic::error(code::CONTAINERFILE_LONG_LINE, title)
                .with_label(span(self.file, line.clone()), "")
                .with_why(format!("a line has at most {MAX_LINE}, as with docker; nothing after it has been read"))
                .with_help("break it with a backslash at the end of each part, or copy the text from a file"),
        );
    }

    fn get(&self, range: &Range<usize>) -> &'t str {
        self.text.get(range.clone()).unwrap_or("")
    }

    /// `# escape=` and the like, which only the first lines can be.
    fn directives(&mut self) {
        let mut seen: Vec<String> = Vec::new();
        loop {
            let before = self.at;
            let Some(range) = self.next() else { return };
            let line = self.get(&range);
            let Some((name, value)) = directive(line) else {
                self.at = before;
                return;
            };
            let place = span(self.file, range.clone());
            if seen.contains(&name) {
                let title = format!("the directive `{name}` is given twice");
                self.report.push(
                    Diagnostic::error(code::CONTAINERFILE_DIRECTIVE, title)
                        .with_label(place, "")
                        .with_help("remove one of them"),
                );
            } else if name == "escape" {
                match value {
                    "\\" | "`" => self.escape = value.chars().next().unwrap_or('\\'),
                    other => {
                        let title = format!("`{other}` is not an escape character");
                        self.report.push(
                            Diagnostic::error(code::CONTAINERFILE_DIRECTIVE, title)
                                .with_label(place, "")
                                .with_help("write `# escape=\\` or `` # escape=` ``"),
                        );
                    }
                }
            }
            seen.push(name);
        }
    }

    /// The next instruction.
    fn line(&mut self) -> Option<Line<'t>> {
        let mut above = Vec::new();
        let mut range = loop {
            let range = self.next()?;
            let line = self.get(&range).trim_start();
            if let Some(comment) = line.strip_prefix('#') {
                above.push(comment);
            } else if !line.is_empty() {
                break range.end.saturating_sub(line.len())..range.end;
            } else if !self.is_first {
                // What is further up is not about this instruction. The head of a file is about all of it.
                above.clear();
            }
        };
        self.is_first = false;
        let mut comments = Vec::new();
        let mut parts = Vec::new();
        let mut joined: Cow<'t, str> = Cow::Borrowed("");
        let mut empty = None;
        loop {
            let (part, goes_on) = self.without_escape(self.get(&range));
            parts.push((joined.len(), range.start));
            comments.push(std::mem::take(&mut above));
            if joined.is_empty() {
                joined = Cow::Borrowed(part);
            } else {
                joined.to_mut().push_str(part);
            }
            if !goes_on {
                break;
            }
            let next = loop {
                let Some(next) = self.next() else { break None };
                let line = self.get(&next).trim_start();
                if let Some(comment) = line.strip_prefix('#') {
                    above.push(comment);
                } else if line.is_empty() {
                    empty.get_or_insert(next);
                } else {
                    break Some(next);
                }
            };
            match next {
                Some(next) => range = next,
                None => break,
            }
        }
        if let Some(empty) = empty {
            let title = "there is an empty line inside an instruction";
            self.report.push(
                Diagnostic::warning(code::CONTAINERFILE_EMPTY_LINE, title)
                    .with_label(span(self.file, empty), "")
                    .with_why("the line above ends in an escape character, so the instruction goes on after it")
                    .with_help("remove the empty line, or the escape character"),
            );
        }
        let documents = documents(&joined);
        let mut line =
            Line { text: joined, documents, bodies: "", parts, comments, file: self.file };
        // One whose here-document does not end has everything up to the end of the file.
        self.bodies(&mut line).then_some(line)
    }

    /// A part of a line, and whether the line goes on behind it. Two escape characters at the end are none.
    fn without_escape(&self, line: &'t str) -> (&'t str, bool) {
        match line.trim_end_matches([' ', '\t']).strip_suffix(self.escape) {
            Some(part) if !part.ends_with(self.escape) => (part, true),
            _ => (line, false),
        }
    }

    /// Reads the here-documents that a line announces; false says that one does not end.
    fn bodies(&mut self, line: &mut Line<'t>) -> bool {
        let start = self.at;
        for document in &line.documents {
            let ends = loop {
                let Some(range) = self.next() else { break false };
                let body = self.get(&range);
                let body = if document.is_indented { body.trim_start_matches('\t') } else { body };
                if body == document.name {
                    break true;
                }
            };
            if !ends && self.is_cut {
                return false;
            }
            if !ends {
                let name = &document.name;
                self.report.push(
                    Diagnostic::error(
                        code::CONTAINERFILE_HERE_DOCUMENT,
                        format!("the here-document `{name}` is not closed"),
                    )
                    .with_label(line.whole(), "")
                    .with_why("everything up to the end of the file belongs to it")
                    .with_help(format!("write `{name}` alone on a line after its text")),
                );
                return false;
            }
        }
        line.bodies = self.text.get(start..self.at).unwrap_or("");
        true
    }
}

/// The name, in lower case, and the value of a directive.
fn directive(line: &str) -> Option<(String, &str)> {
    let (name, value) = line.trim_start().strip_prefix('#')?.split_once('=')?;
    let name = name.trim().to_ascii_lowercase();
    let value = value.trim();
    (matches!(name.as_str(), "syntax" | "escape" | "check") && !value.is_empty())
        .then_some((name, value))
}

/// The here-documents that a line announces, if its instruction can have some and is not in JSON form.
fn documents(text: &str) -> Vec<Document> {
    if !text.contains("<<") {
        return Vec::new();
    }
    let mut instruction = text.split_whitespace().map(str::to_ascii_uppercase);
    let keyword = match instruction.next() {
        Some(keyword) if keyword == "ONBUILD" => instruction.next(),
        keyword => keyword,
    };
    if !keyword.is_some_and(|keyword| ["COPY", "ADD", "RUN"].contains(&keyword.as_str())) {
        return Vec::new();
    }
    let words: Vec<&str> =
        words::split(text, '\\').into_iter().filter_map(|word| text.get(word)).collect();
    if words.iter().find(|word| !word.starts_with("--")).is_some_and(|word| word.starts_with('[')) {
        return Vec::new();
    }
    let mut documents = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let Some(rest) = word.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("<<")
        else {
            continue;
        };
        let (rest, is_indented) = match rest.strip_prefix('-') {
            Some(rest) => (rest, true),
            None => (rest, false),
        };
        // A blank may part `<<` from the word.
        let (rest, is_plain) = match rest {
            "" => (words.next().unwrap_or(""), false),
            rest => (rest, word.starts_with('<')),
        };
        let name = unquoted(rest);
        if !name.is_empty() && !rest.contains('<') {
            documents.push(Document { name, is_plain, is_indented });
        }
    }
    documents
}

/// A word without its quotes and escape characters.
fn unquoted(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    let mut quote = None;
    let mut characters = word.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), close) if open == close => quote = None,
            (None | Some('"'), '\\') => out.extend(characters.next()),
            (_, other) => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::SourceMap;

    fn lines(text: &str) -> (Vec<String>, Vec<String>) {
        let mut sources = SourceMap::default();
        let mut report = Report::default();
        let file = sources.add("Containerfile".into(), None, text.as_bytes().into());
        let lines = split(text, file, &mut report).lines;
        let shown = lines.iter().map(|line| {
            let names: Vec<&str> = line.documents.iter().map(|doc| doc.name.as_str()).collect();
            let more = if names.is_empty() {
                String::new()
            } else {
                format!(" {names:?}{:?}", line.bodies)
            };
            format!("{}{more}", line.text)
        });
        (shown.collect(), report.findings.iter().map(|finding| finding.title.clone()).collect())
    }

    #[test]
    fn lines_are_joined() {
        let table: &[(&str, &[&str])] = &[
            ("", &[]),
            ("\u{feff}FROM a", &["FROM a"]),
            ("\n  # x\n\tFROM a\r\n", &["FROM a"]),
            ("COPY a \\\n b", &["COPY a  b"]),
            ("COPY a \\  \r\n  # comment\n#x\n b\nUSER x", &["COPY a  b", "USER x"]),
            ("CO\\\nPY a b", &["COPY a b"]),
            ("COPY a \\\\\nUSER x", &["COPY a \\\\", "USER x"]),
            ("# escape=`\nCOPY a `\n b\\\nUSER x", &["COPY a  b\\", "USER x"]),
            ("#syntax=a\n# Escape = `\nCOPY a `\nb", &["COPY a b"]),
            ("\n# escape=`\nCOPY a `\nUSER b", &["COPY a `", "USER b"]),
            ("# a\n# escape=`\nCOPY a `\nUSER b", &["COPY a `", "USER b"]),
            ("COPY a \\", &["COPY a "]),
            ("\\\nUSER x", &["USER x"]),
            ("LABEL a=\"b\\\nc\"", &["LABEL a=\"bc\""]),
        ];
        for (text, expected) in table {
            assert_eq!(lines(text).0, *expected, "{text:?}");
        }
    }

    #[test]
    fn documents_are_found() {
        let table: &[(&str, &[&str])] = &[
            ("COPY <<A /a\nx\nA\nUSER x", &["COPY <<A /a [\"A\"]\"x\\nA\\n\"", "USER x"]),
            ("copy <<A <<B /a/\nx\nA\ny\nB", &["copy <<A <<B /a/ [\"A\", \"B\"]\"x\\nA\\ny\\nB\""]),
            (
                "RUN cat << EOF > x\ny\nEOF\nUSER z",
                &["RUN cat << EOF > x [\"EOF\"]\"y\\nEOF\\n\"", "USER z"],
            ),
            (
                "COPY <<-\"E\" /a\n\tx\n\tE\nUSER z",
                &["COPY <<-\"E\" /a [\"E\"]\"\\tx\\n\\tE\\n\"", "USER z"],
            ),
            ("COPY [\"<<A\", \"/a\"]\nUSER z", &["COPY [\"<<A\", \"/a\"]", "USER z"]),
            ("LABEL a=<<A\nUSER z", &["LABEL a=<<A", "USER z"]),
            ("RUN 3<<A x\nA\nUSER z", &["RUN 3<<A x [\"A\"]\"A\\n\"", "USER z"]),
        ];
        for (text, expected) in table {
            assert_eq!(lines(text).0, *expected, "{text:?}");
        }
        assert_eq!(lines("COPY <<A /a\nUSER z").1, ["the here-document `A` is not closed"]);
    }

    #[test]
    fn places_are_those_of_the_file() {
        let text = "FROM a\nCOPY one \\\n  # no\n  two\\\nthree";
        let mut sources = SourceMap::default();
        let file = sources.add("Containerfile".into(), None, text.as_bytes().into());
        let lines = split(text, file, &mut Report::default()).lines;
        let line = lines.last().unwrap();
        let marked = |span: Span| text.get(span.start as usize..span.end as usize).unwrap();
        for word in ["COPY", "one", "two", "three"] {
            let at = line.text.find(word).unwrap();
            let place = line.span(at..at + word.len());
            assert_eq!(marked(place), word);
        }
        let at = line.text.find("twothree").unwrap();
        assert_eq!(marked(line.span(at..at + 8)), "two\\\nthree");
    }
}

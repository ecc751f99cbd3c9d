//! Diagnostics: what is wrong, where, why, and what to do.
//!
//! In: [`Span`]s into the texts of a [`SourceMap`], and the facts a room found. Out: one [`Diagnostic`]
//! a problem, rendered for a person ([`Diagnostic::render`]) or for a program ([`Diagnostic::to_json`]). What
//! always holds: a diagnostic has a code that never changes its meaning, a title in one clause, and
//! a place: a span, or the name of the thing it is about.

mod escape;
mod nearest;
mod size;
mod text;

pub use escape::{Colours, message, printable};
pub use nearest::nearest;
pub use size::size;

use crate::explain::Code;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// The number of a text in a [`SourceMap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileId(u32);

/// A range of bytes in one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The text.
    pub file: FileId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

/// What a text is called in messages and where its relative paths start.
#[derive(Debug, Clone)]
pub struct Source {
    /// The name shown to the user: the path as given, or `«expression»`.
    pub name: String,
    /// The absolute path, when the text is a file.
    pub path: Option<PathBuf>,
    /// The bytes, most often UTF-8.
    pub text: Rc<[u8]>,
    line_starts: Vec<u32>,
}

/// A place for people: line and column start at 1, columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// Every text a run has read.
#[derive(Debug, Default)]
pub struct SourceMap {
    sources: Vec<Source>,
}

impl SourceMap {
    /// Adds a text and gives its number.
    pub fn add(&mut self, name: String, path: Option<PathBuf>, text: Rc<[u8]>) -> FileId {
        let id = FileId(u32::try_from(self.sources.len()).unwrap_or(u32::MAX));
        let newlines = text.iter().enumerate().filter(|&(_, &byte)| byte == b'\n');
        let line_starts = std::iter::once(0)
            .chain(newlines.map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX)))
            .collect();
        self.sources.push(Source { name, path, text, line_starts });
        id
    }

    /// The text with this number.
    pub fn get(&self, id: FileId) -> Option<&Source> {
        self.sources.get(id.0 as usize)
    }

    /// Line and column where a span starts.
    pub fn position(&self, span: Span) -> Position {
        self.get(span.file)
            .map_or(Position { line: 1, column: 1 }, |source| source.position(span.start))
    }
}

impl Source {
    /// Line and column of a byte offset.
    pub fn position(&self, offset: u32) -> Position {
        let line = self.line_starts.partition_point(|&start| start <= offset).max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0);
        let before = self.text.get(start as usize..offset as usize).unwrap_or(&[]);
        let before = String::from_utf8_lossy(before).chars().count();
        Position {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1),
        }
    }

    /// The text of a line (from 1) without its line end, and the offset where it starts.
    fn line(&self, line: u32) -> (&[u8], u32) {
        let index = line.saturating_sub(1) as usize;
        let start = self.line_starts.get(index).copied().unwrap_or(0);
        let end = self.line_starts.get(index + 1).map_or(self.text.len(), |&next| next as usize);
        let text = self.text.get(start as usize..end).unwrap_or(&[]);
        let blank = text.iter().rev().take_while(|byte| b"\r\n".contains(byte)).count();
        (text.get(..text.len() - blank).unwrap_or(&[]), start)
    }
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The input is refused.
    Error,
    /// The output is made, and may surprise.
    Warning,
    /// The output is made, and this is good to know.
    Note,
}

impl Severity {
    /// The word that heads a message.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// A marked piece of text with a few words about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// What is marked.
    pub span: Span,
    /// What to say beside the mark; may be empty.
    pub text: String,
}

/// A point of the way that led to a problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Where it is, when that is known.
    pub span: Option<Span>,
    /// What was being done there.
    pub text: String,
    /// Whether the program says so itself: then it is shown however long the way is.
    pub said: bool,
}

/// One problem: what, where, why, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// `room/kebab-case`: stable, easy to search for.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// The broken rule in one clause, lower case, without a stop.
    pub title: String,
    /// The places: the first is the one to mend, the others explain it.
    pub labels: Vec<Label>,
    /// What it is about when there is no text to mark: a file, an image, an attribute.
    pub subject: Option<String>,
    /// Who enforces the rule and why.
    pub why: Option<String>,
    /// What to do, as an imperative.
    pub help: Option<String>,
    /// The releases of urunc that the rule holds for; none when others enforce it.
    pub eras: &'static [&'static str],
    /// The engine that it happens under; none for all of them.
    pub engine: Option<&'static str>,
    /// The way in, innermost first.
    pub trace: Vec<Frame>,
}

impl Diagnostic {
    /// An error with a title; places and advice are added by the `with` functions.
    pub fn error(code: Code, title: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, title.into())
    }

    /// A warning with a title.
    pub fn warning(code: Code, title: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, title.into())
    }

    /// Something that is good to know, with a title.
    pub fn note(code: Code, title: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, title.into())
    }

    fn new(severity: Severity, code: Code, title: String) -> Self {
        Self {
            code,
            severity,
            title,
            labels: Vec::new(),
            subject: None,
            why: None,
            help: None,
            eras: &[],
            engine: None,
            trace: Vec::new(),
        }
    }

    /// Adds a marked place.
    #[must_use]
    pub fn with_label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Names what the message is about where there is no text to mark.
    #[must_use]
    pub fn with_subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Adds the reason for the rule.
    #[must_use]
    pub fn with_why(mut self, why: impl Into<String>) -> Self {
        self.why = Some(why.into());
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds what to do, when it is known.
    #[must_use]
    pub fn with_help_if(mut self, help: Option<String>) -> Self {
        self.help = help.or(self.help);
        self
    }

    /// An error of an operation on a file, with the reason of the system.
    pub fn io(code: Code, operation: &str, path: &Path, error: &std::io::Error) -> Self {
        Self::error(code, format!("cannot {operation} `{}`", path.display()))
            .with_why(describe_io(error))
    }

    /// The message for people, ending in a newline.
    pub fn render(&self, sources: &SourceMap, colours: Colours) -> String {
        text::render(self, sources, colours)
    }

    /// The message for programs: one JSON object.
    pub fn to_json(&self, sources: &SourceMap) -> Json {
        let text = |text: &str| json!(message(text, Colours::Dropped));
        let place = |span: Option<Span>, said: &str| {
            let mut object = Map::new();
            if let Some((span, source)) = span.and_then(|s| Some((s, sources.get(s.file)?))) {
                let start = source.position(span.start);
                let end = source.position(span.end);
                object.insert("file".into(), json!(source.name));
                object.insert("line".into(), json!(start.line));
                object.insert("column".into(), json!(start.column));
                object.insert("endLine".into(), json!(end.line));
                object.insert("endColumn".into(), json!(end.column));
            }
            if !said.is_empty() {
                object.insert("text".into(), text(said));
            }
            Json::Object(object)
        };
        let mut object = Map::new();
        object.insert("code".into(), json!(self.code.as_str()));
        object.insert("severity".into(), json!(self.severity.word()));
        object.insert("message".into(), text(&self.title));
        let mut labels = self.labels.iter().map(|label| place(Some(label.span), &label.text));
        if let Some(primary) = labels.next()
            && let Json::Object(fields) = primary
        {
            object.extend(fields.into_iter().filter(|(key, _)| key != "text"));
        }
        let related: Vec<Json> = labels.collect();
        if !related.is_empty() {
            object.insert("related".into(), Json::Array(related));
        }
        if let Some(subject) = &self.subject {
            object.insert("subject".into(), text(subject));
        }
        if let Some(why) = &self.why {
            object.insert("why".into(), text(why));
        }
        if let Some(help) = &self.help {
            object.insert("help".into(), text(help));
        }
        if !self.eras.is_empty() {
            object.insert("eras".into(), json!(self.eras));
        }
        if let Some(engine) = self.engine {
            object.insert("engine".into(), json!(engine));
        }
        if !self.trace.is_empty() {
            let trace = self.trace.iter().map(|frame| place(frame.span, &frame.text));
            object.insert("trace".into(), Json::Array(trace.collect()));
        }
        Json::Object(object)
    }
}

/// The system's reason in its own words, without the number that only C programs need.
pub fn describe_io(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => {
            let mut plain: String = text.get(..end).unwrap_or(&text).to_owned();
            if let Some(first) = plain.get(0..1) {
                let lower = first.to_lowercase();
                plain.replace_range(0..1, &lower);
            }
            plain
        }
        None => text,
    }
}

/// The findings of a run, errors and warnings together.
#[derive(Debug, Default)]
pub struct Report {
    /// In the order they were found; [`Report::sort`] brings them in the order of the text.
    pub findings: Vec<Diagnostic>,
    /// The codes that are turned down: their errors warn, and what else they find is not there.
    pub allowed: BTreeSet<Code>,
}

impl Report {
    /// Adds a finding, and says whether it refuses the input.
    pub fn push(&mut self, mut diagnostic: Diagnostic) -> bool {
        if self.allowed.contains(&diagnostic.code) {
            match diagnostic.severity {
                Severity::Error => diagnostic.severity = Severity::Warning,
                Severity::Warning | Severity::Note => return false,
            }
        }
        let refuses = diagnostic.severity == Severity::Error;
        self.findings.push(diagnostic);
        refuses
    }

    /// Forgets what is only good to know: who builds has no question.
    pub fn drop_notes(&mut self) {
        self.findings.retain(|finding| finding.severity != Severity::Note);
    }

    /// Whether one of the findings refuses the input.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// Sorts by place; findings without a place come last, in the order they were found.
    pub fn sort(&mut self) {
        self.findings.sort_by_key(|finding| {
            let span = finding.labels.first().map(|label| label.span);
            (span.is_none(), span, finding.severity)
        });
    }
}

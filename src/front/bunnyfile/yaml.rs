//! YAML to a tree whose nodes know where they are.
//!
//! The events of the parser become nodes one after the other, without recursion. An alias shares what its anchor
//! stands for, so a tree is never larger than its text, and whoever reads it goes only as deep as the keys of a
//! bunnyfile do.

use super::{MAX_FINDINGS, wording};
use crate::diag::{Diagnostic, FileId, Report, Span};
use crate::explain::code;
use crate::front::text::{short, span};
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::rc::Rc;

/// How deep lists and mappings may be nested. A bunnyfile needs four levels.
const MAX_DEPTH: usize = 32;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub at: Span,
    pub content: Rc<Content>,
}

/// A value.
#[derive(Debug)]
pub(super) enum Content {
    /// Nothing, or `null`.
    Nothing,
    /// A scalar as it is written, whatever type YAML would give it: `0.10` is a version.
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
    /// Something that cannot be used; why has been reported.
    Unusable,
}

/// A key and its value.
#[derive(Debug)]
pub(super) struct Entry {
    pub key: String,
    pub at: Span,
    pub value: Node,
}

impl Content {
    /// What it is, in words.
    pub fn words(&self) -> &'static str {
        match self {
            Content::Nothing | Content::Unusable => "null",
            Content::Text(_) => "a string",
            Content::List(_) => "a list",
            Content::Map(_) => "a mapping",
        }
    }
}

impl Node {
    fn new(at: Span, content: Content) -> Self {
        Node { at, content: Rc::new(content) }
    }

    /// A mapping without keys.
    pub fn empty_map(at: Span) -> Self {
        Node::new(at, Content::Map(Vec::new()))
    }
}

/// The tree of a text, or why it has none.
pub(super) fn parse(text: &str, file: FileId, report: &mut Report) -> Option<Node> {
    let composer = Composer {
        text,
        file,
        report,
        offsets: text.char_indices().map(|(at, _)| at).collect(),
        open: Vec::new(),
        anchors: BTreeMap::new(),
        root: None,
    };
    composer.run()
}

/// A list or mapping that has not ended yet.
struct Open {
    at: Span,
    anchor: usize,
    holds: Holds,
}

enum Holds {
    List(Vec<Node>),
    Map { entries: Vec<Entry>, known: BTreeMap<String, Span>, key: Option<Key> },
}

/// A key whose value has not come yet.
enum Key {
    Named(String, Span),
    Unusable,
}

/// Whether to go on.
enum Flow {
    On,
    Stop,
}

struct Composer<'t, 'r> {
    text: &'t str,
    file: FileId,
    report: &'r mut Report,
    /// The place in bytes of each character: the parser counts characters.
    offsets: Vec<usize>,
    open: Vec<Open>,
    anchors: BTreeMap<usize, Rc<Content>>,
    root: Option<Node>,
}

impl Composer<'_, '_> {
    fn run(mut self) -> Option<Node> {
        let before = self.report.findings.len();
        let mut parser = Parser::new_from_str(self.text);
        let mut last = span(self.file, 0..0);
        let mut given = 0;
        while let Some(event) = parser.next_event() {
            let (event, marks) = match event {
                Ok(event) => event,
                Err(error) => {
                    let at = self.offset(error.marker().index());
                    let open = self.open.last().map(|open| open.at);
                    let (text, file) = (self.text, self.file);
                    let fault = wording::Fault { text, file, at, open, last, given };
                    self.report.push(fault.words(error.info()));
                    return None;
                }
            };
            let at = self.span(marks);
            given = given.max(at.end as usize);
            if matches!(event, Event::Scalar(..)) {
                last = at;
            }
            let found = self.report.findings.len().saturating_sub(before);
            if matches!(self.take(event, at), Flow::Stop) || found > MAX_FINDINGS {
                return None;
            }
        }
        Some(self.root.unwrap_or_else(|| Node::new(last, Content::Nothing)))
    }

    fn offset(&self, character: usize) -> usize {
        self.offsets.get(character).copied().unwrap_or(self.text.len())
    }

    fn span(&self, marks: saphyr_parser::Span) -> Span {
        span(self.file, self.offset(marks.start.index())..self.offset(marks.end.index()))
    }

    fn take(&mut self, event: Event<'_>, at: Span) -> Flow {
        match event {
            Event::DocumentStart(_) if self.root.is_some() => {
                self.report.push(
                    Diagnostic::error(code::BUNNYFILE_DOCUMENTS, "a second document begins here")
                        .with_label(at, "")
                        .with_why("a bunnyfile is one YAML document")
                        .with_help("move it to a file of its own"),
                );
                return Flow::Stop;
            }
            Event::Scalar(text, style, anchor, tag) => {
                let content = self.scalar(text, style, tag.as_deref(), at);
                self.put(at, anchor, content);
            }
            Event::SequenceStart(anchor, tag) => {
                self.check_tag(tag.as_deref(), "seq", at);
                return self.begin(at, anchor, Holds::List(Vec::new()));
            }
            Event::MappingStart(anchor, tag) => {
                self.check_tag(tag.as_deref(), "map", at);
                let holds = Holds::Map { entries: Vec::new(), known: BTreeMap::new(), key: None };
                return self.begin(at, anchor, holds);
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(at),
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(content) => self.add(Node { at, content: content.clone() }),
                None => {
                    self.report.push(
                        Diagnostic::error(code::BUNNYFILE_ALIAS, "this alias contains itself")
                            .with_label(at, "")
                            .with_why("it is part of the value that it stands for")
                            .with_help("write the value out"),
                    );
                    self.add(Node::new(at, Content::Unusable));
                }
            },
            _ => {}
        }
        Flow::On
    }

    fn begin(&mut self, at: Span, anchor: usize, holds: Holds) -> Flow {
        if self.open.len() >= MAX_DEPTH {
            self.report.push(wording::too_deep(at));
            return Flow::Stop;
        }
        self.open.push(Open { at, anchor, holds });
        Flow::On
    }

    fn end(&mut self, end: Span) {
        let Some(Open { at, anchor, holds }) = self.open.pop() else { return };
        let content = match holds {
            Holds::List(items) => Content::List(items),
            Holds::Map { entries, .. } => Content::Map(entries),
        };
        // The end of what is indented is the next thing behind it.
        let whole = self.text.get(at.start as usize..end.end as usize).unwrap_or("");
        let length = u32::try_from(whole.trim_end().len()).unwrap_or(u32::MAX);
        self.put(Span { end: at.start.saturating_add(length), ..at }, anchor, content);
    }

    /// Adds a value that may have an anchor.
    fn put(&mut self, at: Span, anchor: usize, content: Content) {
        let node = Node::new(at, content);
        if anchor > 0 {
            self.anchors.insert(anchor, node.content.clone());
        }
        self.add(node);
    }

    /// Adds a value to what is open.
    fn add(&mut self, node: Node) {
        match self.open.last_mut().map(|open| &mut open.holds) {
            None => self.root = Some(node),
            Some(Holds::List(items)) => items.push(node),
            Some(Holds::Map { entries, known, key }) => match key.take() {
                None => *key = Some(new_key(&node, known, self.report)),
                Some(Key::Named(key, at)) => entries.push(Entry { key, at, value: node }),
                Some(Key::Unusable) => {}
            },
        }
    }

    fn scalar(
        &mut self,
        text: Cow<'_, str>,
        style: ScalarStyle,
        tag: Option<&Tag>,
        at: Span,
    ) -> Content {
        self.check_tag(tag, "str", at);
        let is_plain = style == ScalarStyle::Plain && tag.is_none();
        if is_plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL") {
            return Content::Nothing;
        }
        if text.contains('\0') {
            self.report.push(
                Diagnostic::error(code::BUNNYFILE_NUL, "this value contains a NUL character")
                    .with_label(at, "")
                    .with_why("paths, arguments and variables cannot contain one"),
            );
            return Content::Unusable;
        }
        Content::Text(text.into_owned())
    }

    /// Refuses tags, but for those that say what is there anyway.
    fn check_tag(&mut self, tag: Option<&Tag>, own: &str, at: Span) {
        let Some(tag) = tag else { return };
        if tag.is_yaml_core_schema() && tag.suffix == own {
            return;
        }
        self.report.push(
            Diagnostic::error(code::BUNNYFILE_TAG, "YAML tags are not allowed in a bunnyfile")
                .with_label(at, "")
                .with_why("the type of a value follows from its key")
                .with_help("remove the word that begins with `!`"),
        );
    }
}

/// A node as the key of its mapping.
fn new_key(node: &Node, known: &mut BTreeMap<String, Span>, report: &mut Report) -> Key {
    let Content::Text(name) = &*node.content else {
        if !matches!(*node.content, Content::Unusable) {
            let title = format!("a key must be a string, not {}", node.content.words());
            report.push(Diagnostic::error(code::BUNNYFILE_KEY, title).with_label(node.at, ""));
        }
        return Key::Unusable;
    };
    if let Some(first) = known.get(name) {
        let title = format!("`{}` is given twice", short(name));
        report.push(
            Diagnostic::error(code::BUNNYFILE_DUPLICATE_KEY, title)
                .with_label(node.at, "again here")
                .with_label(*first, "first here")
                .with_help("keep one of them"),
        );
        return Key::Unusable;
    }
    known.insert(name.clone(), node.at);
    Key::Named(name.clone(), node.at)
}

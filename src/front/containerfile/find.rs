//! What the sources of COPY and ADD name.

use super::copy::{Copy, Options};
use super::glob::{Pattern, has_wildcard};
use super::ignore::PATTERN_HELP;
use super::reading::Reading;
use super::short;
use super::stage::{State, place};
use super::tree::{self, Found, Lost, Names, Shape, Tree};
use crate::diag::{Diagnostic, Span, describe_io, nearest};
use crate::recipe::draft::{BaseDraft, FileDraft, SourceDraft};
use std::rc::Rc;

/// Where files come from.
pub(super) enum Origin {
    /// The build context.
    Context,
    /// A stage above.
    Stage(usize),
    /// An image that has not been looked at.
    Image(BaseDraft),
}

/// The files that a source is looked for in.
pub(super) enum Files {
    /// Those of the build context.
    Context(Rc<Tree>),
    /// Those of a stage.
    Stage(Rc<State>),
}

impl Files {
    /// The files.
    pub fn tree(&self) -> &Tree {
        match self {
            Files::Context(tree) => tree,
            Files::Stage(state) => &state.tree,
        }
    }
}

/// Something to copy.
pub(super) struct Item {
    /// The name that it has in a folder.
    pub name: Vec<u8>,
    /// The folders that `--parents` keeps, and the name.
    pub below: Names,
    /// Where it is, symlinks followed.
    pub real: Names,
    pub found: Found,
}

impl Reading<'_, '_> {
    /// The files of an origin; none for an image, and for a stage that cannot be begun.
    pub fn files(&self, origin: &Origin) -> Option<Files> {
        match origin {
            Origin::Context => Some(Files::Context(Rc::clone(&self.context_tree))),
            Origin::Stage(stage) => Some(Files::Stage(self.built.get(*stage)?.clone()?)),
            Origin::Image(_) => None,
        }
    }

    /// Finds what a source names. What is wrong with it goes to the report.
    pub fn find(
        &mut self,
        copy: &Copy<'_>,
        options: &Options,
        text: &str,
        at: Span,
    ) -> Option<Vec<Item>> {
        if climbs(text) {
            let title = format!("`{}` is outside of the build context", short(text));
            return self.refuse(
                Diagnostic::error("containerfile/outside", title)
                    .with_label(at, "")
                    .with_why(WHY_INSIDE)
                    .with_help("move the file into the build context"),
            );
        }
        if let Origin::Image(image) = &options.origin {
            return self.in_image(copy, image.clone(), text, at, options);
        }
        let files = self.files(&options.origin)?;
        let (base, is_broken) = match &files {
            Files::Stage(state) => (state.base.clone(), state.is_broken),
            Files::Context(_) => (None, false),
        };
        let (pivot, pattern) = match text.split_once("/./") {
            Some((pivot, pattern)) if options.keeps_parents => (pivot, pattern),
            _ => ("", text),
        };
        let start = tree::names(format!("/{pivot}").as_bytes());
        let whole = tree::names(format!("/{text}").as_bytes());
        let found = if has_wildcard(text) {
            self.matching(files.tree(), &start, pattern, at, options)?
        } else {
            match files.tree().follow(&self.context, &whole) {
                Ok(Some((real, found))) => vec![item(&whole, &start, real, found)],
                Ok(None) => Vec::new(),
                Err(lost) => return self.refuse(lost_words(lost, at)),
            }
        };
        match base {
            Some(base) if found.iter().any(|item| item.found.shape == Shape::Folder) => {
                let error = Diagnostic::error(
                    "containerfile/from",
                    "a folder of a stage with a base is not copied",
                )
                .with_label(at, "");
                let error = base.place.mark(error, "the base");
                self.refuse(
                    error
                        .with_why("what the base has in the folder is known only when everything is put together")
                        .with_help("copy the files one by one, or make the stage `FROM scratch`"),
                )
            }
            Some(base) if found.is_empty() => self.in_image(copy, base.value, text, at, options),
            _ if found.is_empty() && is_broken => None,
            // What matches nothing is nothing, as long as something else is copied.
            _ if found.is_empty() && !has_wildcard(text) => {
                self.missing(copy, &files, &whole, text, at)
            }
            _ => Some(found),
        }
    }

    /// A path of an image that has not been looked at.
    fn in_image(
        &mut self,
        copy: &Copy<'_>,
        image: BaseDraft,
        text: &str,
        at: Span,
        options: &Options,
    ) -> Option<Vec<Item>> {
        let refused = if has_wildcard(text) {
            Some(("a pattern", "name the files one by one"))
        } else if !options.excluded.is_empty() {
            Some(("`--exclude`", "name the files one by one"))
        } else if options.keeps_parents {
            Some(("`--parents`", "write the whole destination"))
        } else {
            None
        };
        if let Some((what, help)) = refused {
            let title = format!("{what} does not reach into an image");
            return self.refuse(
                Diagnostic::error("containerfile/from", title)
                    .with_label(at, "")
                    .with_why("the image is looked at only when everything is put together")
                    .with_help(help),
            );
        }
        let whole = tree::names(format!("/{text}").as_bytes());
        let file = FileDraft {
            source: SourceDraft::Image { image, path: tree::path(&whole) },
            destination: Vec::new(),
            mode: None,
            owner: None,
            replaces: true,
            place: place(copy.instruction, at),
        };
        let found = Found { shape: Shape::Unknown, file: Some(file) };
        let start = Names::new();
        Some(vec![item(&whole, &start, whole.clone(), found)])
    }

    /// What a pattern matches, in the order of the names.
    fn matching(
        &mut self,
        files: &Tree,
        start: &Names,
        pattern: &str,
        at: Span,
        options: &Options,
    ) -> Option<Vec<Item>> {
        let mut parts = Vec::new();
        for part in pattern.split('/').filter(|part| !part.is_empty() && *part != ".") {
            parts.push(match Pattern::of_name(part) {
                _ if part == "**" && options.keeps_parents => Part::AnyFolders,
                Ok(_) if !has_wildcard(part) => Part::Name(unescaped(part)),
                Ok(pattern) => Part::Pattern(pattern),
                Err(_) => {
                    let title = format!("`{}` is not a pattern of file names", short(part));
                    return self.refuse(
                        Diagnostic::error("containerfile/pattern", title)
                            .with_label(at, "")
                            .with_help(PATTERN_HELP),
                    );
                }
            });
        }
        let mut walk = Walk {
            reading: self,
            files,
            start,
            at,
            waiting: vec![(start.clone(), 0)],
            items: Vec::new(),
        };
        while let Some((folder, depth)) = walk.waiting.pop() {
            if let Err(lost) = walk.step(&parts, &folder, depth) {
                return lost.and_then(|lost| self.refuse(lost_words(lost, at)));
            }
        }
        let mut items = walk.items;
        items.sort_by(|a, b| a.below.cmp(&b.below));
        items.dedup_by(|a, b| a.below == b.below);
        if !options.excluded.is_empty() {
            items.retain(|item| !options.excluded.match_path(&tree::local(&item.below)).0);
        }
        Some(items)
    }

    /// Says that a source is not there, with the name that was probably meant.
    fn missing<T>(
        &mut self,
        copy: &Copy<'_>,
        files: &Files,
        names: &Names,
        text: &str,
        at: Span,
    ) -> Option<T> {
        let is_context = matches!(files, Files::Context(_));
        let path = tree::local(names.get(1..).unwrap_or_default());
        if is_context && self.context.is_ignored(&path) {
            let title = format!("`{}` is left out of the build context", short(text));
            return self.refuse(
                Diagnostic::error("containerfile/ignored", title)
                    .with_label(at, "")
                    .with_why("a pattern of the ignore file matches it")
                    .with_help(format!("add `!{}` to the ignore file", tree::shown(&path))),
            );
        }
        let missing =
            |title: String| Diagnostic::error("containerfile/missing", title).with_label(at, "");
        if files.tree().look(&self.context, names).ok().flatten().is_some() {
            return self.refuse(
                missing(format!("the symlink `{}` leads nowhere", short(text)))
                    .with_why("what it names is not there, or is ignored")
                    .with_help("make the file first, or correct the symlink"),
            );
        }
        let mut near = None;
        if let Some((last, above)) = names.split_last() {
            let listed = files.tree().list(&self.context, above).unwrap_or_default();
            let listed: Vec<String> =
                listed.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
            let last = String::from_utf8_lossy(last).into_owned();
            near = nearest(&last, listed.iter().map(String::as_str)).map(|found| {
                match text.rsplit_once('/') {
                    Some((folder, _)) => format!("{folder}/{found}"),
                    None => found.to_owned(),
                }
            });
        }
        let (place, why, help) = if is_context {
            let why = format!(
                "`{}` takes files below the folder that is built",
                copy.instruction.keyword
            );
            ("the build context", why, "make the file first, or correct the path")
        } else {
            let why = "only what the instructions of a stage copy is in it".to_owned();
            ("the stage", why, "copy it into the stage, or name another stage")
        };
        let help = near.map_or_else(|| help.to_owned(), |near| format!("did you mean `{near}`?"));
        self.refuse(
            missing(format!("{place} has no `{}`", short(text))).with_why(why).with_help(help),
        )
    }
}

const WHY_INSIDE: &str =
    "an image is made of what its folder holds, so that it is the same everywhere";

/// A name of a pattern.
enum Part {
    Name(Vec<u8>),
    Pattern(Pattern),
    /// `**`, which `--parents` knows.
    AnyFolders,
}

/// A walk along a pattern.
struct Walk<'k, 'w, 'r> {
    reading: &'k mut Reading<'w, 'r>,
    files: &'k Tree,
    start: &'k Names,
    at: Span,
    /// Folders, with the part of the pattern that the names in them must match.
    waiting: Vec<(Names, usize)>,
    items: Vec<Item>,
}

impl Walk<'_, '_, '_> {
    /// Looks at a folder. An error without words has been reported.
    fn step(&mut self, parts: &[Part], folder: &Names, depth: usize) -> Result<(), Option<Lost>> {
        let Some(part) = parts.get(depth) else { return Ok(()) };
        let next = depth.saturating_add(1);
        let is_last = next == parts.len();
        if let Part::Name(name) = part {
            let path = [folder.as_slice(), std::slice::from_ref(name)].concat();
            return self.matched(path, is_last, next);
        }
        if matches!(part, Part::AnyFolders) {
            self.waiting.push((folder.clone(), next));
        }
        let Some((real, _)) = self.files.follow(&self.reading.context, folder)? else {
            return Ok(());
        };
        let listed = self.files.list(&self.reading.context, &real)?;
        if !self.reading.spend(listed.len(), self.at) {
            return Err(None);
        }
        for name in listed {
            let text = String::from_utf8_lossy(&name).into_owned();
            let path = [folder.as_slice(), &[name]].concat();
            match part {
                Part::Pattern(pattern) if pattern.matches(&text) => {
                    self.matched(path, is_last, next)?;
                }
                // Every folder below, and in the end every file.
                Part::AnyFolders => match self.files.look(&self.reading.context, &path)? {
                    Some(found) if found.shape == Shape::Folder => self.waiting.push((path, depth)),
                    Some(_) if is_last => self.matched(path, true, next)?,
                    _ => {}
                },
                Part::Pattern(_) | Part::Name(_) => {}
            }
        }
        Ok(())
    }

    fn matched(&mut self, path: Names, is_last: bool, next: usize) -> Result<(), Option<Lost>> {
        if is_last {
            if let Some((real, found)) = self.files.follow(&self.reading.context, &path)? {
                self.items.push(item(&path, self.start, real, found));
            }
        } else if let Some(found) = self.files.look(&self.reading.context, &path)?
            && found.shape == Shape::Folder
        {
            self.waiting.push((path, next));
        }
        Ok(())
    }
}

fn item(written: &Names, start: &Names, real: Names, found: Found) -> Item {
    let name = written.last().filter(|_| written.len() > 1).cloned().unwrap_or_default();
    let below = written.get(start.len()..).unwrap_or_default().to_vec();
    Item { name, below, real, found }
}

/// A name of a pattern without its escape characters.
fn unescaped(part: &str) -> Vec<u8> {
    let mut out = String::with_capacity(part.len());
    let mut characters = part.chars();
    while let Some(character) = characters.next() {
        out.extend(if character == '\\' { characters.next() } else { Some(character) });
    }
    out.into_bytes()
}

/// Whether a path goes above where it starts.
fn climbs(text: &str) -> bool {
    let mut depth = 0_usize;
    for name in text.split('/') {
        match name {
            "" | "." => {}
            ".." => match depth.checked_sub(1) {
                Some(up) => depth = up,
                None => return true,
            },
            _ => depth = depth.saturating_add(1),
        }
    }
    false
}

/// Why a path leads nowhere, in words.
pub(super) fn lost_words(lost: Lost, at: Span) -> Diagnostic {
    let error = |slug, title: String| Diagnostic::error(slug, title).with_label(at, "");
    match lost {
        Lost::Outside(path) => {
            let title =
                format!("the symlink `{}` leads out of the build context", tree::shown(&path));
            error("containerfile/outside", title)
                .with_why(WHY_INSIDE)
                .with_help("copy the file into the build context")
        }
        Lost::Loop => {
            error("containerfile/unreadable", "symlinks lead in a circle here".to_owned())
                .with_help("correct the symlinks")
        }
        Lost::OfImage => {
            let title = "whether this is there is up to an image".to_owned();
            error("containerfile/from", title)
                .with_why(
                    "what an image was copied into a folder of may be a file or a folder, and that is known only when \
                     everything is put together",
                )
                .with_help("give it a whole destination there, without `/` at its end")
        }
        Lost::Io(path, failure) => {
            error("containerfile/unreadable", format!("cannot read `{}`", tree::shown(&path)))
                .with_why(describe_io(&failure))
                .with_help("make it readable")
        }
    }
}

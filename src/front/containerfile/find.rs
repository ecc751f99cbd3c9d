//! What the sources of COPY and ADD name.

use super::copy::{Copy, Options};
use super::glob::has_wildcard;
use super::paths::{Names, names};
use super::reading::Reading;
use super::short;
use super::state::State;
use super::tree::{Item, Lost, Tree};
use super::{paths, wording};
use crate::diag::{Diagnostic, Span, nearest};
use crate::explain::code;
use std::rc::Rc;

/// Where files are copied from.
#[derive(Debug, Clone)]
pub(super) enum Origin<'w> {
    /// The build context.
    BuildContext(Rc<Tree<'w>>),
    /// A folder that `--build-context` names.
    Folder(Rc<Tree<'w>>),
    /// An image.
    Image(Rc<Tree<'w>>),
    /// An earlier stage.
    Stage(Rc<State<'w>>),
}

impl<'w> Origin<'w> {
    /// Its files.
    pub fn tree(&self) -> &Tree<'w> {
        match self {
            Origin::BuildContext(tree) | Origin::Folder(tree) | Origin::Image(tree) => tree,
            Origin::Stage(state) => &state.tree,
        }
    }

    fn words(&self) -> &'static str {
        match self {
            Origin::BuildContext(_) => "the build context",
            Origin::Folder(_) => "the folder",
            Origin::Image(_) => "the image",
            Origin::Stage(_) => "the stage",
        }
    }
}

/// Something to copy.
#[derive(Debug)]
pub(super) struct Found<'w> {
    /// The name that it has in a folder.
    pub name: Vec<u8>,
    /// The folders that `--parents` keeps, and the name.
    pub below: Names,
    /// Where it is, symlinks followed.
    pub real: Names,
    pub item: Item<'w>,
}

impl<'w> Found<'w> {
    /// What is written as `path`, found at `real`; `start` is where `--parents` begins to keep folders.
    pub fn new(path: &Names, start: &Names, real: Names, item: Item<'w>) -> Self {
        let name = path.last().cloned().unwrap_or_default();
        let below = path.get(start.len()..).unwrap_or_default().to_vec();
        Self { name, below, real, item }
    }
}

impl<'w> Reading<'w, '_> {
    /// Finds what a source names. What is wrong with it goes to the report.
    pub fn find(
        &mut self,
        copy: &Copy<'_>,
        options: &Options<'w>,
        text: &str,
        at: Span,
    ) -> Option<Vec<Found<'w>>> {
        let origin = &options.origin;
        if origin.tree().is_of_machine() && climbs(text) {
            let title = format!("`{}` is outside {}", short(text), origin.words());
            return self.refuse(
                Diagnostic::error(code::CONTAINERFILE_OUTSIDE, title)
                    .with_label(at, "")
                    .with_why(wording::WHY_INSIDE)
                    .with_help("move the file into the folder that is built"),
            );
        }
        let (pivot, pattern) = match text.split_once("/./") {
            Some((pivot, pattern)) if options.keeps_parents => (pivot, pattern),
            _ => ("", text),
        };
        let start = names(pivot.as_bytes());
        if has_wildcard(text) {
            return self.matching(options, &start, pattern, at);
        }
        let path = names(text.as_bytes());
        origin.tree().announce(&path);
        match origin.tree().follow(&path) {
            Ok(Some((real, item))) => Some(vec![Found::new(&path, &start, real, item)]),
            Ok(None) => match origin {
                // What is missing there is missing because of what has been said of the stage.
                Origin::Stage(state) if state.is_broken => None,
                _ => self.missing(copy, origin, &path, text, at),
            },
            Err(lost) => self.refuse(wording::lost(&lost, at)),
        }
    }

    /// Says that a source is not there, with the name that was probably meant.
    fn missing<T>(
        &mut self,
        copy: &Copy<'_>,
        origin: &Origin<'w>,
        path: &Names,
        text: &str,
        at: Span,
    ) -> Option<T> {
        let is_build_context = matches!(origin, Origin::BuildContext(_));
        if is_build_context && self.context.is_ignored(path) {
            let title = format!("`{}` is left out of the build context", short(text));
            return self.refuse(
                Diagnostic::error(code::CONTAINERFILE_IGNORED, title)
                    .with_label(at, "")
                    .with_why("a pattern of the ignore file matches it")
                    .with_help(format!(
                        "add `!{}` to the ignore file",
                        paths::local(path).display()
                    )),
            );
        }
        let missing = |title: String| {
            Diagnostic::error(code::CONTAINERFILE_MISSING, title).with_label(at, "")
        };
        if origin.tree().look(path).ok().flatten().is_some() {
            return self.refuse(
                missing(format!("the symlink `{}` leads nowhere", short(text)))
                    .with_why("what it points to does not exist, or is ignored")
                    .with_help("create the file first, or correct the symlink"),
            );
        }
        let (why, help) = match origin {
            Origin::BuildContext(_) => {
                let keyword = copy.instruction.keyword;
                let why = format!("the sources of `{keyword}` are below the folder that is built");
                (why, "create the file first, or correct the path")
            }
            Origin::Folder(_) | Origin::Image(_) => {
                ("nothing of that name is in it".to_owned(), "correct the path")
            }
            Origin::Stage(_) => {
                let why = "a stage holds what it copies, and the files of its base".to_owned();
                (why, "copy it into the stage, or name another stage")
            }
        };
        let help = match near(origin.tree(), path, text) {
            Some(near) => format!("did you mean `{near}`?"),
            None => help.to_owned(),
        };
        let title = format!("{} has no `{}`", origin.words(), short(text));
        self.refuse(missing(title).with_why(why).with_help(help))
    }

    /// Says why a path cannot be looked up.
    pub fn report_lost(&mut self, lost: &Lost, at: Span) {
        self.report.push(wording::lost(lost, at));
    }
}

/// The path that was probably meant, written as `text` is.
fn near(tree: &Tree<'_>, path: &Names, text: &str) -> Option<String> {
    let (last, above) = path.split_last()?;
    let listed = tree.list(above).unwrap_or_default();
    let listed: Vec<String> =
        listed.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    let last = String::from_utf8_lossy(last).into_owned();
    let found = nearest(&last, listed.iter().map(String::as_str))?;
    Some(match text.rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/{found}"),
        None => found.to_owned(),
    })
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

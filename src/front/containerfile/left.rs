//! What is left of a folder without the files that `.dockerignore` and `--exclude` name.

use super::context::{Context, Listed};
use super::paths::{Names, below};
use super::patterns::{Above, Patterns};
use super::reading::Reading;
use super::tree::{Item, Lost, Shape, Source};
use crate::diag::Span;
use std::rc::Rc;

/// A part of a folder that is copied as a whole.
pub(super) struct Part<'w> {
    /// Where it is below the folder.
    pub below: Names,
    pub item: Item<'w>,
}

/// A walk through a folder with patterns.
struct Walk<'k, 'w, 'r> {
    reading: &'k mut Reading<'w, 'r>,
    context: &'k Rc<Context<'w>>,
    excluded: &'k Patterns,
    item: &'k Item<'w>,
    at: Span,
}

/// A folder of a walk, and what the patterns say of it.
struct Folder {
    /// Where it is in the context.
    names: Names,
    /// Where it is below the folder that is copied.
    inner: Names,
    /// Where it is below the part of that folder.
    below: Names,
    ignored: Above,
    excluded: Above,
}

impl<'w> Reading<'w, '_> {
    /// What is left of an item that is `inner` in the folder that is copied. An error without words has been reported.
    pub fn left(
        &mut self,
        item: &Item<'w>,
        inner: &Names,
        excluded: &Patterns,
        at: Span,
    ) -> Result<Vec<Part<'w>>, Option<Lost>> {
        let whole = || Part { below: Names::new(), item: item.clone() };
        let (is_excluded, excluded_above) = excluded.match_names(inner);
        let (Source::At(context, names), Shape::Folder) = (&item.source, item.shape) else {
            return Ok(if is_excluded { Vec::new() } else { vec![whole()] });
        };
        if context.ignored().is_empty() && excluded.is_empty() {
            return Ok(vec![whole()]);
        }
        let folder = Folder {
            names: names.clone(),
            inner: inner.clone(),
            below: Names::new(),
            ignored: context.ignored().match_names(names).1,
            excluded: excluded_above,
        };
        let mut walk = Walk { reading: self, context, excluded, item, at };
        let mut parts = Vec::new();
        if walk.folder(&folder, &mut parts)? && !is_excluded {
            return Ok(vec![whole()]);
        }
        if parts.is_empty() && !is_excluded {
            parts.push(walk.part(Names::new(), Shape::Folder, Source::Folder));
        }
        Ok(parts)
    }
}

impl<'w> Walk<'_, 'w, '_> {
    fn part(&self, below: Names, shape: Shape, source: Source<'w>) -> Part<'w> {
        Part { below, item: Item { shape, source, ..self.item.clone() } }
    }

    /// Adds what is left of a folder, and says whether that is everything. An error without words has been reported.
    fn folder(&mut self, folder: &Folder, parts: &mut Vec<Part<'w>>) -> Result<bool, Option<Lost>> {
        let path = || self.context.path(&folder.names);
        let listed = self.context.list(&folder.names).map_err(|error| Lost::Io(path(), error))?;
        if !self.reading.spend(listed.len(), self.at) {
            return Err(None);
        }
        let mut own = Vec::new();
        let mut is_whole = true;
        for Listed { name, shape } in listed {
            let join = |names: &Names| below(names, std::slice::from_ref(&name));
            let names = join(&folder.names);
            let inner = join(&folder.inner);
            let text = |names: &Names| String::from_utf8_lossy(&names.join(&b'/')).into_owned();
            let ignored = self.context.ignored();
            let (is_ignored, ignored) = ignored.matches(&text(&names), &folder.ignored);
            let (is_excluded, excluded) = self.excluded.matches(&text(&inner), &folder.excluded);
            let is_out = is_ignored || is_excluded;
            let source = Source::At(Rc::clone(self.context), names.clone());
            let below = join(&folder.below);
            if shape != Shape::Folder {
                is_whole &= !is_out;
                own.extend((!is_out).then(|| self.part(below, shape, source)));
                continue;
            }
            let may_return = (!is_ignored || self.context.ignored().has_exceptions())
                && (!is_excluded || self.excluded.has_exceptions());
            if !may_return {
                is_whole = false;
                continue;
            }
            let mut left = Vec::new();
            let next = Folder { names, inner, below: below.clone(), ignored, excluded };
            let is_left = self.folder(&next, &mut left)?;
            match (is_out, is_left) {
                (false, true) => own.push(self.part(below, shape, source)),
                (false, false) if left.is_empty() => {
                    is_whole = false;
                    own.push(self.part(below, shape, Source::Folder));
                }
                // Only what an exception brings back is left of one that is out.
                _ => {
                    is_whole = false;
                    own.append(&mut left);
                }
            }
        }
        parts.append(&mut own);
        Ok(is_whole)
    }
}

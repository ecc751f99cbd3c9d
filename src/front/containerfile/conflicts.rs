//! What cannot be put where it is to go: a folder over a file, or a file over a folder.
//!
//! A folder is merged with one that is there, and a file takes the place of a file or a symlink. Anything else is an
//! error, as with BuildKit; below what is copied, a symlink is no folder, even if it leads to one.

use super::paths::{Names, below, shown};
use super::reading::Reading;
use super::state::State;
use super::tree::{Entry, Item, Lost, Shape, Source};
use super::wording;
use crate::diag::{Diagnostic, Span};
use crate::explain::code;
use std::rc::Rc;

/// Why something does not fit where it is to go.
#[derive(Debug)]
pub(super) enum Misfit {
    /// A folder would take the place of this file.
    OverFile(Names),
    /// A folder would take the place of this symlink.
    OverSymlink(Names),
    /// A file or symlink would take the place of this folder.
    OverFolder(Names),
    /// It cannot be looked up.
    Lost(Lost),
    /// There are too many entries, as has been reported.
    TooMuch,
}

impl From<Lost> for Misfit {
    fn from(lost: Lost) -> Self {
        Misfit::Lost(lost)
    }
}

impl<'w> Reading<'w, '_> {
    /// Looks whether an entry can be put into a stage.
    pub fn fits(&mut self, state: &State<'w>, entry: &Entry<'w>, at: Span) -> Result<(), Misfit> {
        // Above the last folder that is there, there are only folders.
        for length in (1..entry.at.len()).rev() {
            let folder = entry.at.get(..length).unwrap_or_default();
            if let Some(there) = state.tree.look(folder)? {
                check(Shape::Folder, there.shape, folder)?;
                break;
            }
        }
        // Folders that are on both sides, each with what it is in the entry.
        let mut waiting: Vec<(Names, Item<'w>)> = vec![(entry.at.clone(), entry.item.clone())];
        while let Some((names, item)) = waiting.pop() {
            let Some(there) = state.tree.look(&names)? else { continue };
            check(item.shape, there.shape, &names)?;
            let (Source::At(context, inner), Shape::Folder) = (&item.source, item.shape) else {
                continue;
            };
            // The same folder once more fits as it did.
            if matches!(&there.source, Source::At(own, at) if Rc::ptr_eq(own, context) && at == inner)
            {
                continue;
            }
            let listed = state.tree.list(&names)?;
            if !self.spend(listed.len(), at) {
                return Err(Misfit::TooMuch);
            }
            for name in listed {
                let inner = below(inner, std::slice::from_ref(&name));
                let found = context.look(&inner);
                let found = found.map_err(|error| Lost::Io(context.path(&inner), error))?;
                if let Some(shape) = found {
                    let source = Source::At(Rc::clone(context), inner);
                    waiting.push((below(&names, &[name]), Item::new(shape, source)));
                }
            }
        }
        Ok(())
    }

    /// Says why something does not fit.
    pub fn report_misfit(&mut self, misfit: &Misfit, at: Span) {
        let already = |names: &Names, what: &str, new: &str| {
            let title = format!("`{}` is already {what}, and this makes it {new}", shown(names));
            Diagnostic::error(code::CONTAINERFILE_CONFLICT, title).with_label(at, "")
        };
        let why = "a file cannot take the place of a folder, nor a folder that of a file";
        let help = "choose another destination";
        let diagnostic = match misfit {
            Misfit::TooMuch => return,
            Misfit::Lost(lost) => wording::lost(lost, at),
            Misfit::OverFile(names) => {
                already(names, "a file", "a folder").with_why(why).with_help(help)
            }
            Misfit::OverFolder(names) => {
                already(names, "a folder", "a file").with_why(why).with_help(help)
            }
            Misfit::OverSymlink(names) => already(names, "a symlink", "a folder")
                .with_why("docker follows the symlinks of the destination itself, and none below it")
                .with_help(format!(
                    "copy what goes into the folder behind it with an instruction of its own: `COPY … {}/`",
                    shown(names)
                )),
        };
        self.report.push(diagnostic);
    }
}

/// Looks whether something can take the place of what is there.
fn check(new: Shape, there: Shape, names: &[Vec<u8>]) -> Result<(), Misfit> {
    match (new, there) {
        (Shape::Folder, Shape::File) => Err(Misfit::OverFile(names.to_vec())),
        (Shape::Folder, Shape::Symlink) => Err(Misfit::OverSymlink(names.to_vec())),
        (Shape::File | Shape::Symlink, Shape::Folder) => Err(Misfit::OverFolder(names.to_vec())),
        _ => Ok(()),
    }
}

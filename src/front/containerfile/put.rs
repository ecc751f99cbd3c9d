//! Where the files of COPY and ADD go (`Copy` of fsutil's `copy`, which BuildKit uses).

use super::archive;
use super::copy::{Options, Target};
use super::find::Found;
use super::instruction::{Source as Written, Word};
use super::left::Part;
use super::paths::{Names, below, path};
use super::reading::Reading;
use super::state::{State, place};
use super::tree::{Entry, Item, Lost, Shape, Source, Tree};
use crate::diag::{Diagnostic, Span};
use crate::explain::code;

/// The longest path and name that Linux takes.
const MAX_PATH: usize = 4096;
const MAX_NAME: usize = 255;

impl<'w> Reading<'w, '_> {
    /// Puts what a source has found into its place.
    pub fn put_found(
        &mut self,
        state: &mut State<'w>,
        target: &Target<'_, 'w>,
        found: Found<'w>,
        at: Span,
    ) {
        let mut names = target.names.clone();
        if target.options.keeps_parents {
            names.extend(found.below.iter().cloned());
        }
        if found.item.shape == Shape::Folder {
            return self.put_folder(state, target, &found, &names, at);
        }
        if target.options.unpacks && self.is_archive(&found.item, at) {
            return;
        }
        if !target.options.keeps_parents && target.is_folder {
            names.push(found.name);
        }
        self.put_copy(state, target, found.item, names, at);
    }

    /// Puts what is in a folder into another.
    fn put_folder(
        &mut self,
        state: &mut State<'w>,
        target: &Target<'_, 'w>,
        found: &Found<'w>,
        names: &Names,
        at: Span,
    ) {
        let options = target.options;
        let content = match options.origin.tree().content(&found.real) {
            Ok(content) => content,
            Err(lost) => return self.report_lost(&lost, at),
        };
        if !self.spend(content.len(), at) {
            return;
        }
        let is_new = state.tree.look(names).is_ok_and(|there| there.is_none());
        let mut top = content.iter().filter(|(inner, _)| inner.is_empty());
        // BuildKit makes the folder itself before anything is copied, so that it is not like its source.
        let brings_own = top.any(|(_, item)| !item.is_of_machine());
        if is_new && (content.is_empty() || brings_own || options.mode.is_some()) {
            let folder = parent(options);
            self.put_made(state, target, folder, names.clone(), at);
        }
        for (inner, item) in content {
            if inner.is_empty() && matches!(item.source, Source::Folder) {
                continue;
            }
            let own = below(names, &inner);
            let left = match self.left(&item, &inner, &options.excluded, at) {
                Ok(left) => left,
                Err(Some(lost)) => return self.report_lost(&lost, at),
                Err(None) => return,
            };
            for Part { below: inner, item } in left {
                self.put_copy(state, target, item, below(&own, &inner), at);
            }
        }
        if options.mode.is_some() {
            self.put_modes(state, target, found, names, at);
        }
    }

    /// Gives the folders below one that has been copied the mode of `--chmod`.
    fn put_modes(
        &mut self,
        state: &mut State<'w>,
        target: &Target<'_, 'w>,
        found: &Found<'w>,
        names: &Names,
        at: Span,
    ) {
        let options = target.options;
        let tree = options.origin.tree();
        let is_folder = |tree: &Tree<'w>, names: &Names| {
            let found = tree.look(names).ok().flatten();
            found.is_some_and(|item| item.shape == Shape::Folder)
        };
        let mut waiting = vec![Names::new()];
        while let Some(inner) = waiting.pop() {
            let listed = match tree.list(&below(&found.real, &inner)) {
                Ok(listed) => listed,
                Err(lost) => return self.report_lost(&lost, at),
            };
            if !self.spend(listed.len(), at) {
                return;
            }
            for name in listed {
                let inner = below(&inner, &[name]);
                let own = below(names, &inner);
                // What has been left out is not there.
                if is_folder(tree, &below(&found.real, &inner)) && is_folder(&state.tree, &own) {
                    let (mode, owner) = (options.mode, options.owner);
                    self.put_made(state, target, Item { mode, owner, ..Item::folder() }, own, at);
                    waiting.push(inner);
                }
            }
        }
    }

    /// Puts a here-document into its place.
    pub fn put_document(
        &mut self,
        state: &mut State<'w>,
        target: &Target<'_, 'w>,
        source: &Written,
    ) {
        let Written::Document { name, expands, text, at } = source else { return };
        let text = if *expands {
            let word = Word { text: text.clone(), at: *at };
            let expanded = self.expander.document(text, &|name| state.variable(name));
            match self.expanded(state, &word, expanded) {
                Some(expanded) => expanded.text,
                None => return,
            }
        } else {
            text.clone()
        };
        let mut names = target.names.clone();
        if target.is_folder {
            let name = name.rsplit('/').next().unwrap_or(name);
            names.push(name.as_bytes().to_vec());
        }
        let item = Item::new(Shape::File, Source::Bytes(text.into_bytes()));
        self.put_copy(state, target, item, names, *at);
    }

    /// Puts something into its place, with the mode and the owner of the flags.
    fn put_copy(
        &mut self,
        state: &mut State<'w>,
        target: &Target<'_, 'w>,
        item: Item<'w>,
        names: Names,
        at: Span,
    ) {
        let options = target.options;
        let item =
            Item { mode: options.mode.or(item.mode), owner: options.owner.or(item.owner), ..item };
        self.put_made(state, target, item, names, at);
    }

    /// Puts something into its place as it is.
    fn put_made(
        &mut self,
        state: &mut State<'w>,
        target: &Target<'_, 'w>,
        item: Item<'w>,
        names: Names,
        at: Span,
    ) {
        let place = place(target.copy.instruction, at);
        self.put(state, Entry { item, at: names, place }, &parent(target.options), at);
    }

    /// Puts something into a stage. Folders on the way to it that are not there yet are made like `parent`.
    pub fn put(
        &mut self,
        state: &mut State<'w>,
        mut entry: Entry<'w>,
        parent: &Item<'w>,
        at: Span,
    ) {
        if !self.is_path_short(&entry.at, at) || !self.spend(1, at) {
            return;
        }
        if let Err(misfit) = self.fits(state, &entry, at) {
            return self.report_misfit(&misfit, at);
        }
        // In a draft, a path of this machine is followed, and a symlink says its target.
        if entry.item.shape == Shape::Symlink {
            match entry.item.target() {
                Ok(target) => entry.item.source = Source::Symlink(target),
                Err(lost) => return self.report_lost(&lost, at),
            }
        }
        // Without any word of them, they are there like in any archive.
        if parent.mode.is_some() || parent.owner.is_some_and(|owner| owner != (0, 0)) {
            self.put_parents(state, &entry, parent, at);
        }
        state.tree.add(entry);
    }

    /// Makes the folders on the way to an entry that are not there yet.
    fn put_parents(
        &mut self,
        state: &mut State<'w>,
        entry: &Entry<'w>,
        parent: &Item<'w>,
        at: Span,
    ) {
        for length in 1..entry.at.len() {
            let names = entry.at.get(..length).unwrap_or_default();
            match state.tree.look(names) {
                Ok(Some(_)) => {}
                Ok(None) => {
                    if !self.spend(1, at) {
                        return;
                    }
                    let (item, place) = (parent.clone(), entry.place.clone());
                    state.tree.add(Entry { item, at: names.to_vec(), place });
                }
                Err(lost) => return self.report_lost(&lost, at),
            }
        }
    }

    /// Whether Linux takes a path.
    pub fn is_path_short(&mut self, names: &[Vec<u8>], at: Span) -> bool {
        let is_long = |name: &Vec<u8>| name.len() > MAX_NAME;
        if path(names).len() <= MAX_PATH && !names.iter().any(is_long) {
            return true;
        }
        self.report.push(
            Diagnostic::error(code::CONTAINERFILE_LONG_PATH, "the path in the image is too long")
                .with_label(at, "")
                .with_why(format!("a name has at most {MAX_NAME} bytes, and a path {MAX_PATH}"))
                .with_help("write a shorter one"),
        );
        false
    }

    /// Whether docker would unpack a file, which is refused.
    fn is_archive(&mut self, item: &Item<'w>, at: Span) -> bool {
        let Source::At(context, names) = &item.source else { return false };
        let head = match context.head(names, archive::HEAD) {
            Ok(head) => head,
            Err(error) => {
                self.report_lost(&Lost::Io(context.path(names), error), at);
                return true;
            }
        };
        let Some(what) = archive::kind(&head) else { return false };
        self.report.push(
            Diagnostic::error(code::CONTAINERFILE_ARCHIVE, format!("`ADD` would unpack {what}"))
                .with_label(at, "")
                .with_why("docker unpacks archives here, and bimanix packs files as they are")
                .with_help("use `COPY` to pack the archive itself, or unpack it first and copy what is in it"),
        );
        true
    }
}

/// A folder on the way to what is copied, if there is none yet. BuildKit gives it the mode as well, but for the bits
/// above those of access.
fn parent<'w>(options: &Options<'w>) -> Item<'w> {
    let mode = options.mode.map(|mode| mode & 0o777);
    Item { mode, owner: options.owner, ..Item::folder() }
}

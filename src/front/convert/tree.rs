//! Files that are put over one another, in order, as files of which none is in the way of another.
//!
//! A text that puts files into an image one after the other may replace what it has put there. args.nix says what is in
//! the image: every path once. Where an entry replaces a part of a folder, the folder is said by its parts.

use super::look::{Look, Shape, as_path};
use crate::diag::{Diagnostic, Report};
use crate::explain::code;
use crate::recipe::Place;
use crate::recipe::draft::{FileDraft, SourceDraft};
use std::collections::BTreeMap;

/// As many files as folders are parted into.
const MAX_PARTS: usize = 10_000;

/// A file that is to be put somewhere.
#[derive(Debug, Clone)]
struct Item {
    file: FileDraft,
    shape: Shape,
    /// Its place among the files of the text.
    order: usize,
    /// Whether it is a part of a source. A folder that is one gives its owner to the folder that is there.
    is_part: bool,
}

impl Item {
    /// The mode and the owner of the folder that it makes; that of an image looks as it does there.
    fn look(&self) -> Option<(u32, (u64, u64))> {
        let mode = self.file.mode.filter(|_| is_made_folder(self)).unwrap_or(0o755);
        (!self.is_of_image()).then(|| (mode, self.file.owner.unwrap_or((0, 0))))
    }

    fn is_of_image(&self) -> bool {
        matches!(self.file.source, SourceDraft::Image { .. })
    }
}

/// What is at a path of the image.
#[derive(Debug, Default)]
struct Node {
    /// A file or a symlink; several where one may not replace another, which whoever builds it says.
    leaves: Vec<Item>,
    /// The folder itself, where it is put there and does not come with its content.
    folder: Option<Item>,
    /// Folders whose content is here; none has a name that another one or `children` has.
    contents: Vec<Item>,
    /// What else is in it.
    children: BTreeMap<Vec<u8>, Node>,
}

impl Node {
    /// What says how the folder looks that is here, unless it is only on the way to what is in it.
    fn maker(&self) -> Option<&Item> {
        self.folder.as_ref().or(self.contents.first())
    }

    /// Takes away the files that an item replaces.
    fn replace(&mut self, item: &Item) {
        if item.file.replaces {
            self.leaves.clear();
        }
    }
}

/// The files as entries of which none replaces another, in the order of the text.
///
/// Why that cannot be said goes to `report`.
pub(super) fn apart(files: &[FileDraft], look: &Look<'_>, report: &mut Report) -> Vec<FileDraft> {
    let mut tree = Tree { look, report, left: MAX_PARTS };
    let mut root = Node::default();
    for (order, file) in files.iter().enumerate() {
        let shape = look.shape(&file.source);
        let item = Item { shape, file: file.clone(), order, is_part: false };
        let names = destination(file);
        // What went wrong has been said.
        let _: Option<()> = tree.put(&mut root, &names, item);
    }
    let mut entries = Vec::new();
    collect(root, &mut Vec::new(), &mut entries);
    entries.sort_by_key(|(order, _)| *order);
    entries.into_iter().map(|(_, file)| file).collect()
}

/// The names of the path to which a file goes. Into a folder, it goes by the name of its source.
fn destination(file: &FileDraft) -> Vec<Vec<u8>> {
    let mut all = names(&file.destination);
    let name = match &file.source {
        SourceDraft::Path { written, .. } => written.file_name(),
        SourceDraft::Image { path, .. } => as_path(path).file_name(),
        SourceDraft::Bytes(_) | SourceDraft::Symlink(_) | SourceDraft::Folder => None,
    };
    if file.destination.ends_with(b"/") {
        all.extend(name.map(|name| name.as_encoded_bytes().to_vec()));
    }
    all
}

/// The names of a path.
fn names(path: &[u8]) -> Vec<Vec<u8>> {
    let names = path.split(|&byte| byte == b'/');
    names.filter(|name| !matches!(*name, b"" | b".")).map(<[u8]>::to_vec).collect()
}

struct Tree<'t, 'l> {
    look: &'t Look<'l>,
    report: &'t mut Report,
    /// How many more parts folders may be parted into.
    left: usize,
}

impl Tree<'_, '_> {
    /// Puts an item at or below a node.
    fn put(&mut self, node: &mut Node, names: &[Vec<u8>], item: Item) -> Option<()> {
        let Some((name, rest)) = names.split_first() else { return self.put_here(node, item) };
        if let Some(unknown) = node.leaves.iter().find(|leaf| leaf.shape == Shape::Unknown) {
            return self.refuse(&item, Some(&unknown.file.place));
        }
        let mut is_there = false;
        for content in &node.contents {
            match self.reach(content, names, &item)? {
                // It says how the folder looks that comes with the content.
                Shape::Folder if is_made_folder(&item) => {}
                Shape::Absent => {}
                _ => is_there = true,
            }
        }
        if is_there {
            self.part(node, &item)?;
        }
        self.put(node.children.entry(name.clone()).or_default(), rest, item)
    }

    /// What a folder has at the path of an item, or in the way to it.
    fn reach(&mut self, content: &Item, names: &[Vec<u8>], item: &Item) -> Option<Shape> {
        let mut source = content.file.source.clone();
        let mut found = Shape::Folder;
        for name in names {
            if found != Shape::Folder {
                break;
            }
            source = below(&source, name);
            found = self.look.child(&source);
        }
        if found == Shape::Unknown {
            return self.refuse(item, Some(&content.file.place));
        }
        Some(found)
    }

    fn put_here(&mut self, node: &mut Node, item: Item) -> Option<()> {
        let is_unknown = |item: &Item| item.shape == Shape::Unknown;
        if let Some(other) = any(node)
            && (is_unknown(&item) || node.leaves.iter().any(is_unknown))
        {
            let other = other.file.place.clone();
            return self.refuse(&item, Some(&other));
        }
        if is_made_folder(&item) {
            node.replace(&item);
            node.folder = Some(item);
        } else if item.shape == Shape::Folder {
            return self.put_folder(node, item);
        } else {
            // It replaces a folder; one that is only on the way to other files stays, and it is in their way.
            if node.maker().is_some() && item.file.replaces {
                *node = Node::default();
            }
            node.replace(&item);
            node.leaves.push(item);
        }
        Some(())
    }

    /// Puts the content of a folder into the folder that may be here.
    fn put_folder(&mut self, node: &mut Node, item: Item) -> Option<()> {
        node.replace(&item);
        let entries = self.look.list(&item.file.source);
        let mut meets = false;
        for (name, _) in &entries {
            meets |= node.children.contains_key(name);
            for content in &node.contents {
                let there = self.look.child(&below(&content.file.source, name));
                meets |= there != Shape::Absent;
            }
        }
        let maker = node.maker().cloned();
        if let Some(maker) = maker.as_ref().filter(|maker| maker.is_of_image()) {
            return self.refuse(&item, Some(&maker.file.place));
        }
        if meets {
            self.part(node, &item)?;
        }
        // A folder that is there stays as it is, unless a part of a source is put over it.
        let maker = maker.filter(|_| !item.is_part).unwrap_or_else(|| item.clone());
        node.folder = Some(maker).filter(|maker| !maker.is_of_image()).as_ref().map(made_folder);
        if !meets {
            node.contents.push(item);
            return Some(());
        }
        for (name, part) in self.parts(&item, entries)? {
            self.put(node, &[name], part)?;
        }
        Some(())
    }

    /// Says the content of a node by its parts.
    fn part(&mut self, node: &mut Node, because_of: &Item) -> Option<()> {
        let contents = std::mem::take(&mut node.contents);
        for content in contents {
            if content.is_of_image() {
                let place = content.file.place.clone();
                node.contents.push(content);
                return self.refuse(because_of, Some(&place));
            }
            node.folder.get_or_insert_with(|| made_folder(&content));
            let entries = self.look.list(&content.file.source);
            for (name, part) in self.parts(&content, entries)? {
                // What is there already came later.
                let child = node.children.entry(name).or_default();
                let folder = child.folder.take();
                self.put_here(child, part)?;
                child.folder = folder.or(child.folder.take());
            }
        }
        Some(())
    }

    /// What is in a folder.
    fn parts(
        &mut self,
        item: &Item,
        entries: Vec<(Vec<u8>, Shape)>,
    ) -> Option<Vec<(Vec<u8>, Item)>> {
        if item.is_of_image() {
            return self.refuse(item, None);
        }
        match self.left.checked_sub(entries.len()) {
            Some(left) => self.left = left,
            None => {
                let title = "a folder is replaced in too many places";
                let diagnostic = item.file.place.error(code::CONVERT_TOO_MANY_FILES, title);
                self.report.push(
                    diagnostic
                        .with_why(format!(
                            "args.nix would name more than {MAX_PARTS} files one by one"
                        ))
                        .with_help("copy folders that are replaced as a whole"),
                );
                return None;
            }
        }
        let part = |(name, shape): (Vec<u8>, Shape)| {
            let source = self.look.as_source(below(&item.file.source, &name), shape);
            let file = FileDraft { source, ..item.file.clone() };
            (name, Item { file, shape, order: item.order, is_part: true })
        };
        Some(entries.into_iter().map(part).collect())
    }

    /// Says that an item may replace a part of what is copied from an image, or the reverse.
    fn refuse<T>(&mut self, item: &Item, other: Option<&Place>) -> Option<T> {
        let title = "a part of what is copied from an image is replaced";
        let diagnostic =
            item.file.place.mark(Diagnostic::error(code::CONVERT_IMAGE_REPLACED, title), "");
        let diagnostic = match other.filter(|other| **other != item.file.place) {
            Some(other) => other.mark(diagnostic, "this comes first"),
            None => diagnostic,
        };
        self.report.push(
            diagnostic
                .with_why("args.nix says each path once, and takes a folder of an image as a whole")
                .with_help("copy the parts that stay, one by one"),
        );
        None
    }
}

/// Whether it is a folder without any content of its own.
fn is_made_folder(item: &Item) -> bool {
    matches!(item.file.source, SourceDraft::Folder)
}

/// Something that is at or below a node.
fn any(node: &Node) -> Option<&Item> {
    let own = node.leaves.first().or(node.folder.as_ref()).or(node.contents.first());
    own.or_else(|| node.children.values().find_map(any))
}

/// The folder that comes with its content, without it.
fn made_folder(item: &Item) -> Item {
    if is_made_folder(item) {
        return item.clone();
    }
    let file = FileDraft { source: SourceDraft::Folder, mode: None, ..item.file.clone() };
    Item { file, shape: Shape::Folder, order: item.order, is_part: item.is_part }
}

/// The source of a name in a folder.
fn below(source: &SourceDraft, name: &[u8]) -> SourceDraft {
    match source {
        SourceDraft::Path { written, .. } => {
            SourceDraft::Path { written: written.join(as_path(name)), from: None }
        }
        SourceDraft::Image { image, path } => {
            let path = [path.as_slice(), b"/", name].concat();
            SourceDraft::Image { image: image.clone(), path }
        }
        other => other.clone(),
    }
}

/// The entries that a node comes to.
fn collect(node: Node, path: &mut Vec<u8>, entries: &mut Vec<(usize, FileDraft)>) {
    let mut add = |item: Item, is_content: bool| {
        let mut destination = if path.is_empty() { b"/".to_vec() } else { path.clone() };
        if path.is_empty() && is_content {
            destination.push(b'.');
        }
        entries.push((item.order, FileDraft { destination, ..item.file }));
    };
    let Node { leaves, folder, contents, children } = node;
    // A folder that looks as others is there when something is in it, and one that comes with its content.
    if let Some(folder) = folder
        && !path.is_empty()
        && if contents.is_empty() {
            children.is_empty() || folder.look() != Some((0o755, (0, 0)))
        } else {
            contents.iter().any(|content| content.look() != folder.look())
        }
    {
        add(folder, false);
    }
    for item in leaves {
        add(item, false);
    }
    for item in contents {
        add(item, true);
    }
    let length = path.len();
    for (name, child) in children {
        path.push(b'/');
        path.extend_from_slice(&name);
        collect(child, path, entries);
        path.truncate(length);
    }
}

//! Where the files of COPY and ADD go, and what is left of a folder without ignored files.

use super::copy::Target;
use super::find::{Item, lost_words};
use super::ignore::{Above, Patterns};
use super::reading::Reading;
use super::stage::{State, place};
use super::syntax::{Source, Word};
use super::tree::{self, Found, Lost, Names, Shape};
use crate::diag::{Diagnostic, Span};
use crate::recipe::draft::{FileDraft, SourceDraft};
use crate::world::Kind;
use std::path::{Path, PathBuf};

/// The longest path and name that Linux takes.
const MAX_PATH: usize = 4096;
const MAX_NAME: usize = 255;

/// A part of a folder that is not copied as a whole.
struct Part {
    below: Vec<u8>,
    path: PathBuf,
    shape: Shape,
    /// A folder of which nothing is left.
    is_empty: bool,
}

/// What is left of a folder without ignored and excluded files.
enum Left {
    Everything,
    Parts(Vec<Part>),
}

impl Reading<'_, '_> {
    /// Puts an item of a source into its place.
    pub fn put_item(&mut self, state: &mut State, target: &Target<'_>, item: Item, at: Span) {
        let options = target.options;
        let mut names = target.names.clone();
        if options.keeps_parents {
            names.extend(item.below.iter().cloned());
        }
        match item.found.shape {
            Shape::Folder => self.put_folder(state, target, &item, &tree::path(&names), at),
            Shape::Unknown => {
                let Some(file) = item.found.file else { return };
                let mut destination = tree::path(&names);
                // Whether it is a file, which goes into the folder, or a folder, whose content does, is known later.
                if target.is_folder && !destination.ends_with(b"/") {
                    destination.push(b'/');
                }
                self.put_file(state, target, file, Shape::Unknown, destination, at);
            }
            Shape::File | Shape::Symlink => {
                let unpacks = target.copy.is_add && options.unpacks;
                if unpacks && self.is_archive(&item.found, at) {
                    return;
                }
                if !options.keeps_parents {
                    match self.is_folder(state, target, &names) {
                        Some(true) => names.push(item.name),
                        Some(false) => {}
                        None => return,
                    }
                }
                let Some(file) = item.found.file else { return };
                self.put_file(state, target, file, item.found.shape, tree::path(&names), at);
            }
        }
    }

    /// Whether a file goes into a folder with this name, or is given the name.
    fn is_folder(&mut self, state: &State, target: &Target<'_>, names: &Names) -> Option<bool> {
        if target.is_folder {
            return Some(true);
        }
        match state.tree.look(&self.context, names) {
            Ok(there) => Some(there.is_some_and(|there| there.shape == Shape::Folder)),
            // An image may have a folder there, which whoever puts it together sees.
            Err(Lost::OfImage) => Some(false),
            Err(lost) => self.refuse(lost_words(lost, target.copy.destination.at)),
        }
    }

    /// Puts what is in a folder into another.
    fn put_folder(
        &mut self,
        state: &mut State,
        target: &Target<'_>,
        item: &Item,
        destination: &[u8],
        at: Span,
    ) {
        let excluded = &target.options.excluded;
        let Some(files) = self.files(&target.options.origin) else { return };
        let content = match files.tree().content(&self.context, &item.real) {
            Ok(content) => content,
            Err(lost) => return self.report_lost(lost, at),
        };
        if !self.spend(content.len(), at) {
            return;
        }
        if content.is_empty() {
            let file = made(target, SourceDraft::Folder, at);
            self.put_file(state, target, file, Shape::Folder, destination.to_vec(), at);
        }
        for (file, shape) in content {
            let name = String::from_utf8_lossy(&file.destination).into_owned();
            let own = join(destination, &file.destination);
            let left = match (&file.source, shape) {
                (SourceDraft::Path { written, .. }, Shape::Folder) => {
                    let written = written.clone();
                    match self.left(&written, &name, excluded, at) {
                        Ok(left) => left,
                        Err(Some(lost)) => return self.report_lost(lost, at),
                        Err(None) => return,
                    }
                }
                _ if !excluded.is_empty() && excluded.match_path(Path::new(&name)).0 => continue,
                _ => Left::Everything,
            };
            match left {
                Left::Everything => self.put_file(state, target, file, shape, own, at),
                Left::Parts(parts) => {
                    for part in parts {
                        let destination = join(&own, &part.below);
                        let shape = part.shape;
                        let Some(source) = self.part_source(part, at) else { continue };
                        let file = FileDraft { source, ..file.clone() };
                        self.put_file(state, target, file, shape, destination, at);
                    }
                }
            }
        }
    }

    fn part_source(&mut self, part: Part, at: Span) -> Option<SourceDraft> {
        match part.shape {
            Shape::Symlink => match self.context.target(&part.path) {
                Ok(target) => {
                    Some(SourceDraft::Symlink(target.as_os_str().as_encoded_bytes().to_vec()))
                }
                Err(error) => self.refuse(lost_words(Lost::Io(part.path, error), at)),
            },
            _ if part.is_empty => Some(SourceDraft::Folder),
            _ => Some(SourceDraft::Path { written: part.path, from: None }),
        }
    }

    /// Puts a here-document into its place.
    pub fn put_document(&mut self, state: &mut State, target: &Target<'_>, source: &Source) {
        let Source::Document { name, expands, text, at } = source else { return };
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
        match self.is_folder(state, target, &names) {
            Some(true) => {
                let name = name.rsplit('/').next().unwrap_or(name);
                names.push(name.as_bytes().to_vec());
            }
            Some(false) => {}
            None => return,
        }
        let file = made(target, SourceDraft::Bytes(text.into_bytes()), *at);
        self.put_file(state, target, file, Shape::File, tree::path(&names), *at);
    }

    fn put_file(
        &mut self,
        state: &mut State,
        target: &Target<'_>,
        file: FileDraft,
        shape: Shape,
        destination: Vec<u8>,
        at: Span,
    ) {
        if !self.is_path_short(&destination, at) {
            return;
        }
        let file = FileDraft {
            destination,
            mode: target.options.mode.or(file.mode),
            owner: target.options.owner.or(file.owner),
            replaces: true,
            place: place(target.copy.instruction, at),
            ..file
        };
        self.put(state, file, shape, at);
    }

    /// Puts a file into a stage.
    pub fn put(&mut self, state: &mut State, mut file: FileDraft, shape: Shape, at: Span) {
        if !self.spend(1, at) {
            return;
        }
        // The content of a folder at the root, as args.nix has it.
        if shape == Shape::Folder && file.destination == b"/" {
            file.destination = b"/.".to_vec();
        }
        state.tree.add(file, shape);
    }

    /// Whether Linux takes a path.
    pub fn is_path_short(&mut self, path: &[u8], at: Span) -> bool {
        let is_long = |name: &[u8]| name.len() > MAX_NAME;
        if path.len() <= MAX_PATH && !path.split(|&byte| byte == b'/').any(is_long) {
            return true;
        }
        self.report.push(
            Diagnostic::error("containerfile/long-path", "the path in the image is too long")
                .with_label(at, "")
                .with_why(format!("a name has at most {MAX_NAME} bytes, and a path {MAX_PATH}"))
                .with_help("write a shorter one"),
        );
        false
    }

    /// Says why a path leads nowhere.
    pub fn report_lost(&mut self, lost: Lost, at: Span) {
        self.report.push(lost_words(lost, at));
    }

    /// Whether docker would unpack a file, which is refused.
    fn is_archive(&mut self, found: &Found, at: Span) -> bool {
        let Some(SourceDraft::Path { written, .. }) = found.file.as_ref().map(|file| &file.source)
        else {
            return false;
        };
        let head = match self.context.head(written, 512) {
            Ok(head) => head,
            Err(error) => {
                self.report_lost(Lost::Io(written.clone(), error), at);
                return true;
            }
        };
        let Some(what) = archive(&head) else { return false };
        self.report.push(
            Diagnostic::error("containerfile/archive", format!("`ADD` would unpack {what}"))
                .with_label(at, "")
                .with_why("docker unpacks archives here, and bimanix packs files as they are")
                .with_help("write `COPY` to pack the archive itself, or unpack it before and `COPY` what is in it"),
        );
        true
    }

    /// What is left of a folder of the context. An error without words has been reported.
    fn left(
        &mut self,
        folder: &Path,
        under: &str,
        excluded: &Patterns,
        at: Span,
    ) -> Result<Left, Option<Lost>> {
        if self.context.ignored().is_empty() && excluded.is_empty() {
            return Ok(Left::Everything);
        }
        let (_, ignored_above) = self.context.ignored().match_path(folder);
        let (_, excluded_above) = excluded.match_path(Path::new(under));
        let mut walk = Walk { reading: self, excluded, at, start: folder, under };
        let mut parts = Vec::new();
        if walk.folder(folder, &[], &ignored_above, &excluded_above, &mut parts)? {
            return Ok(Left::Everything);
        }
        if parts.is_empty() {
            let path = folder.to_owned();
            parts.push(Part { below: Vec::new(), path, shape: Shape::Folder, is_empty: true });
        }
        Ok(Left::Parts(parts))
    }
}

/// A file that is made here.
fn made(target: &Target<'_>, source: SourceDraft, at: Span) -> FileDraft {
    FileDraft {
        source,
        destination: Vec::new(),
        mode: None,
        owner: None,
        replaces: true,
        place: place(target.copy.instruction, at),
    }
}

/// A walk through a folder with patterns.
struct Walk<'k, 'w, 'r> {
    reading: &'k mut Reading<'w, 'r>,
    excluded: &'k Patterns,
    at: Span,
    start: &'k Path,
    under: &'k str,
}

impl Walk<'_, '_, '_> {
    /// Adds what is left of a folder, and says whether everything is. An error without words has been reported.
    fn folder(
        &mut self,
        folder: &Path,
        below: &[u8],
        ignored_above: &Above,
        excluded_above: &Above,
        parts: &mut Vec<Part>,
    ) -> Result<bool, Option<Lost>> {
        let entries = self
            .reading
            .context
            .list(folder)
            .map_err(|error| Some(Lost::Io(folder.to_owned(), error)))?;
        if !self.reading.spend(entries.len(), self.at) {
            return Err(None);
        }
        let mut own = Vec::new();
        let mut is_whole = true;
        for entry in entries {
            let path = folder.join(&entry.name);
            let name = join(below, entry.name.as_encoded_bytes());
            let in_context = path.to_string_lossy().into_owned();
            let in_source = path.strip_prefix(self.start).unwrap_or(&path);
            let in_source = Path::new(self.under).join(in_source).to_string_lossy().into_owned();
            let ignored = self.reading.context.ignored();
            let (is_ignored, ignored) = ignored.matches(&in_context, ignored_above);
            let (is_excluded, excluded) = self.excluded.matches(&in_source, excluded_above);
            let is_out = is_ignored || is_excluded;
            let shape = match entry.kind {
                Kind::Folder => Shape::Folder,
                Kind::Symlink => Shape::Symlink,
                Kind::File | Kind::Other(_) => Shape::File,
            };
            if shape != Shape::Folder {
                if is_out {
                    is_whole = false;
                } else {
                    own.push(Part { below: name, path, shape, is_empty: false });
                }
                continue;
            }
            let may_return = (!is_ignored || self.reading.context.ignored().has_exceptions())
                && (!is_excluded || self.excluded.has_exceptions());
            if !may_return {
                is_whole = false;
                continue;
            }
            let mut inner = Vec::new();
            let inner_whole = self.folder(&path, &name, &ignored, &excluded, &mut inner)?;
            match (is_out, inner_whole) {
                (false, true) => own.push(Part { below: name, path, shape, is_empty: false }),
                (false, false) if inner.is_empty() => {
                    is_whole = false;
                    own.push(Part { below: name, path, shape, is_empty: true });
                }
                // Only what an exception brings back is left of one that is out.
                _ => {
                    is_whole = false;
                    own.append(&mut inner);
                }
            }
        }
        parts.append(&mut own);
        Ok(is_whole)
    }
}

/// A path below another.
fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    match (folder, name) {
        (_, b"") => folder.to_vec(),
        (b"", _) => name.to_vec(),
        _ if folder.ends_with(b"/") => [folder, name].concat(),
        _ => [folder, b"/", name].concat(),
    }
}

/// What docker would unpack, by its first bytes.
fn archive(head: &[u8]) -> Option<&'static str> {
    const COMPRESSED: [(&[u8], &str); 4] = [
        (b"\x1f\x8b", "this gzip file, if a tar is in it"),
        (b"BZh", "this bzip2 file, if a tar is in it"),
        (b"\xfd7zXZ\0", "this xz file, if a tar is in it"),
        (b"\x28\xb5\x2f\xfd", "this zstd file, if a tar is in it"),
    ];
    if let Some((_, what)) = COMPRESSED.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Some(what);
    }
    // The sum over a header of tar, its own field taken as blanks.
    let field = head.get(148..156).filter(|_| head.len() == 512)?;
    let digits =
        field.iter().skip_while(|&&byte| byte == b' ').take_while(|byte| byte.is_ascii_digit());
    let text: String = digits.map(|&byte| char::from(byte)).collect();
    let sum = u32::from_str_radix(&text, 8).ok()?;
    let others = head.iter().enumerate().filter(|(at, _)| !(148..156).contains(at));
    let real: u32 = others.map(|(_, &byte)| u32::from(byte)).sum::<u32>().saturating_add(8 * 32);
    (sum == real && head.first() != Some(&0)).then_some("this tar")
}

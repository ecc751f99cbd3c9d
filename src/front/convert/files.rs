//! `files`: each entry with its source, or with what is made in its place.

use super::Writer;
use super::write::{Binding, Value, quoted};
use crate::recipe::draft::{FileDraft, RootfsDraft, SourceDraft};
use std::collections::{BTreeMap, BTreeSet};

impl Writer<'_, '_> {
    /// The root file system that is made, with its files.
    pub(super) fn rootfs(&mut self, all: &mut Vec<Binding>, rootfs: &RootfsDraft) {
        let place = &rootfs.place;
        let mut set = Vec::new();
        self.text(&mut set, "type", rootfs.kind.as_ref());
        if let Some(from) = &rootfs.from {
            let value = self.image(&from.value, &from.place);
            set.push(self.binding("from", value, &from.place));
        }
        self.files(&mut set, rootfs.files.clone());
        all.push(self.binding("rootfs", Value::Set(set), place));
    }

    pub(super) fn files(&mut self, all: &mut Vec<Binding>, files: Vec<FileDraft>) {
        let mut entries: Vec<Binding> = Vec::with_capacity(files.len());
        let mut known = BTreeSet::new();
        let counts = self.counts(&files);
        for file in files {
            let at = file.place.spans.map(|(at, _)| at.start);
            let mut comments = at.map(|at| self.comments_at(at)).unwrap_or_default();
            if let Some(at) = at
                && let Some(instruction) = self.expanded(at, &counts)
            {
                comments.push(format!("{instruction}, file by file:"));
            }
            let Some(entry) = self.entry(&file, &mut known) else { continue };
            entries.push(Binding { comments, ..entry });
        }
        if entries.is_empty() {
            return;
        }
        let mut files = Binding::new("files", Value::Set(entries));
        files.comments.push("\"path from this folder\" = \"path in the image\"".to_owned());
        all.push(files);
    }

    /// How many files each instruction has made, by the start of it.
    fn counts(&self, files: &[FileDraft]) -> BTreeMap<u32, usize> {
        let mut counts = BTreeMap::new();
        for file in files.iter().filter(|file| file.source != SourceDraft::Folder) {
            let start = file.place.spans.and_then(|(at, _)| self.notes(at.start).next());
            if let Some(start) = start.map(|note| note.start) {
                let count: &mut usize = counts.entry(start).or_default();
                *count = count.saturating_add(1);
            }
        }
        counts
    }

    /// The instruction at a place, once, when it has made more files than it names.
    fn expanded(&mut self, at: u32, counts: &BTreeMap<u32, usize>) -> Option<String> {
        let note = self.notes(at).next()?;
        let (start, instruction) = (note.start, note.instruction.clone());
        let keyword = instruction.split_whitespace().next().unwrap_or("");
        let copies = ["COPY", "ADD"].iter().any(|copies| keyword.eq_ignore_ascii_case(copies));
        let words = instruction.split_whitespace().filter(|word| !word.starts_with("--")).count();
        let made = *counts.get(&start)?;
        let is_more =
            made > 1 && (made.saturating_add(2) > words || instruction.contains(['*', '?']));
        // Its end marks that this has been said.
        let mark = start.saturating_add(1);
        (copies && is_more && self.taken.insert(mark)).then_some(instruction)
    }

    fn entry(&mut self, file: &FileDraft, known: &mut BTreeSet<String>) -> Option<Binding> {
        let place = &file.place;
        let destination = self.string(&file.destination, place)?;
        let mut set = vec![Binding::new("path", Value::Text(destination.clone()))];
        let has_mode = !matches!(file.source, SourceDraft::Symlink(_));
        let written = match &file.source {
            SourceDraft::Path { written, from } => {
                let local = self.local(from.as_deref().unwrap_or(written));
                Some(self.string(local.as_os_str().as_encoded_bytes(), place)?)
            }
            SourceDraft::Image { path, .. } => Some(self.string(path, place)?),
            SourceDraft::Bytes(_) | SourceDraft::Symlink(_) | SourceDraft::Folder => None,
        };
        // A folder that is made is written as one.
        let folder = || destination.trim_end_matches('/').to_owned() + "/";
        let made = match &file.source {
            SourceDraft::Folder => folder(),
            _ => destination.clone(),
        };
        let key = unique(written.as_ref().unwrap_or(&made), &destination, known);
        if let Some(written) = written.filter(|written| *written != key) {
            set.push(Binding::new("source", Value::Text(written)));
        }
        match &file.source {
            SourceDraft::Path { .. } => {}
            SourceDraft::Image { image, .. } => {
                let image = self.image(image, place);
                set.push(Binding::new("image", image));
            }
            SourceDraft::Bytes(bytes) => {
                set.push(Binding::new("text", Value::Text(self.string(bytes, place)?)));
            }
            SourceDraft::Symlink(target) => {
                set.push(Binding::new("link", Value::Text(self.string(target, place)?)));
            }
            SourceDraft::Folder => {
                set.push(Binding::new("folder", Value::Plain("true".to_owned())));
            }
        }
        if let Some(mode) = file.mode.filter(|_| has_mode) {
            set.push(Binding::new("mode", Value::Text(format!("{mode:04o}"))));
        }
        // Only what comes from an image may belong to somebody without a word.
        let is_root = !matches!(file.source, SourceDraft::Image { .. });
        if let Some((uid, gid)) = file.owner.filter(|owner| !is_root || *owner != (0, 0)) {
            set.push(Binding::new("uid", Value::Plain(uid.to_string())));
            set.push(Binding::new("gid", Value::Plain(gid.to_string())));
        }
        let value = if set.len() == 1 { Value::Text(destination) } else { Value::Set(set) };
        Some(Binding::new(quoted(&key), value))
    }
}

/// A key for a file that no other has: its source, or else where it goes.
fn unique(source: &str, destination: &str, known: &mut BTreeSet<String>) -> String {
    let mut key = source.to_owned();
    let mut number = 1_usize;
    while !known.insert(key.clone()) {
        key = match number {
            1 => destination.to_owned(),
            more => format!("{destination} {more}"),
        };
        number = number.saturating_add(1);
    }
    key
}

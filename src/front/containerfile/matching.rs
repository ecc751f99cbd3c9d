//! What the patterns of COPY and ADD match (`ResolveWildcards` of fsutil's `copy`).
//!
//! The names in front of the first wildcard are a path like any other, symlinks followed. From there on, symlinks to
//! folders are not gone through; what is matched in the end is followed again.

use super::copy::Options;
use super::find::Found;
use super::glob::{Pattern, has_wildcard};
use super::paths::{Names, below, names};
use super::patterns::PATTERN_HELP;
use super::reading::Reading;
use super::short;
use super::tree::{Lost, Shape, Tree};
use super::wording;
use crate::diag::{Diagnostic, Span};
use crate::explain::code;

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
    files: &'k Tree<'w>,
    start: &'k Names,
    at: Span,
    /// Folders, each with the number of the part that the names in it must match.
    waiting: Vec<(Names, usize)>,
    found: Vec<Found<'w>>,
}

impl<'w> Reading<'w, '_> {
    /// What a pattern matches below `start`, in the order of the names.
    pub fn matching(
        &mut self,
        options: &Options<'w>,
        start: &Names,
        pattern: &str,
        at: Span,
    ) -> Option<Vec<Found<'w>>> {
        let mut parts = Vec::new();
        for part in pattern.split('/').filter(|part| !part.is_empty() && *part != ".") {
            parts.push(match Pattern::of_name(part) {
                _ if part == "**" && options.keeps_parents => Part::AnyFolders,
                Ok(_) if !has_wildcard(part) => Part::Name(unescaped(part)),
                Ok(pattern) => Part::Pattern(pattern),
                Err(_) => {
                    let title = format!("`{}` is not a pattern of file names", short(part));
                    return self.refuse(
                        Diagnostic::error(code::CONTAINERFILE_PATTERN, title)
                            .with_label(at, "")
                            .with_help(PATTERN_HELP),
                    );
                }
            });
        }
        let is_name = |part: &&Part| matches!(part, Part::Name(_));
        let literal = parts.iter().take_while(is_name).count();
        let mut folder = start.clone();
        for part in parts.drain(..literal) {
            match part {
                Part::Name(name) if name == b".." => drop(folder.pop()),
                Part::Name(name) => folder.push(name),
                Part::Pattern(_) | Part::AnyFolders => {}
            }
        }
        let origin = options.origin.clone();
        let waiting = vec![(folder, 0)];
        let mut walk =
            Walk { reading: self, files: origin.tree(), start, at, waiting, found: Vec::new() };
        while let Some((folder, depth)) = walk.waiting.pop() {
            if let Err(lost) = walk.step(&parts, &folder, depth) {
                return lost.and_then(|lost| self.refuse(wording::lost(&lost, at)));
            }
        }
        let mut found = walk.found;
        found.sort_by(|a, b| a.below.cmp(&b.below));
        found.dedup_by(|a, b| a.below == b.below);
        found.retain(|found| !options.excluded.match_names(&found.below).0);
        Some(found)
    }
}

impl Walk<'_, '_, '_> {
    /// Looks at a folder. An error without words has been reported.
    fn step(&mut self, parts: &[Part], folder: &Names, depth: usize) -> Result<(), Option<Lost>> {
        let Some(part) = parts.get(depth) else { return Ok(()) };
        let next = depth.saturating_add(1);
        let is_last = next == parts.len();
        if let Part::Name(name) = part {
            let path = names(&super::paths::path(&below(folder, std::slice::from_ref(name))));
            return self.matched(path, is_last, next);
        }
        if matches!(part, Part::AnyFolders) {
            self.waiting.push((folder.clone(), next));
        }
        let Some((real, _)) = self.files.follow(folder)? else { return Ok(()) };
        let listed = self.files.list(&real)?;
        if !self.reading.spend(listed.len(), self.at) {
            return Err(None);
        }
        for name in listed {
            let text = String::from_utf8_lossy(&name).into_owned();
            let path = below(folder, &[name]);
            match part {
                Part::Pattern(pattern) if pattern.matches(&text) => {
                    self.matched(path, is_last, next)?;
                }
                // Every folder below, and in the end every file.
                Part::AnyFolders => match self.files.look(&path)? {
                    Some(item) if item.shape == Shape::Folder => self.waiting.push((path, depth)),
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
            if let Some((real, item)) = self.files.follow(&path)? {
                self.found.push(Found::new(&path, self.start, real, item));
            }
        } else if let Some(item) = self.files.look(&path)?
            && item.shape == Shape::Folder
        {
            self.waiting.push((path, next));
        }
        Ok(())
    }
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

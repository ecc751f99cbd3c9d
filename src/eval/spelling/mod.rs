//! The spelling of a text that makes rnix cut it into the tokens that Nix cuts it into.
//!
//! In: the bytes of a text. Out: a [`Spelling`] for rnix, and how its offsets lead back to the text.
//! rnix reads text, where Nix reads bytes, and its tokenizer differs from Nix's lexer in corners: what a
//! float is, where a path begins and ends, what is blank, what ends a comment. [`scan`] cuts the text as
//! Nix does; where rnix would cut elsewhere, another spelling is put in its place, or a blank between.
//! What always holds: but for such blanks, each byte stays where it is, and the text of a token is always
//! taken from the original.

mod scan;
#[cfg(test)]
mod tests;

use scan::{Class, Scanner, Token};
use std::borrow::Cow;

/// What stands for a byte that is no text: a control character, which begins no token either.
const NO_TEXT: u8 = 0x01;

/// A text in the spelling for rnix.
pub(super) struct Spelling<'t> {
    /// The text, with another character for each byte that is not UTF-8.
    plain: Cow<'t, str>,
    /// What rnix reads; none when it is the same.
    changed: Option<String>,
    pub(super) offsets: Offsets,
}

/// How offsets in a spelling lead back to the text.
#[derive(Debug, Clone, Default)]
pub(super) struct Offsets {
    /// Where the blanks are, in the spelling, that the text has not.
    blanks: Vec<u32>,
}

impl Offsets {
    /// The offset in the text.
    pub(super) fn original(&self, spelled: u32) -> u32 {
        let before = self.blanks.partition_point(|&blank| blank < spelled);
        spelled.saturating_sub(u32::try_from(before).unwrap_or(u32::MAX))
    }
}

impl<'t> Spelling<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        let plain = as_text(text);
        let edits = edits(&plain);
        let mut offsets = Offsets::default();
        if edits.is_empty() {
            return Self { plain, changed: None, offsets };
        }
        let mut changed = Vec::with_capacity(plain.len() + edits.len());
        let mut done = 0;
        for edit in edits {
            changed.extend_from_slice(plain.as_bytes().get(done..edit.at).unwrap_or(&[]));
            done = edit.at;
            if let Some(byte) = edit.byte {
                changed.push(byte);
                done += 1;
            } else {
                offsets.blanks.push(u32::try_from(changed.len()).unwrap_or(u32::MAX));
                changed.push(b' ');
            }
        }
        changed.extend_from_slice(plain.as_bytes().get(done..).unwrap_or(&[]));
        // Only whole characters have been replaced.
        let changed = String::from_utf8(changed).ok();
        Self { plain, changed, offsets }
    }

    /// The text for rnix.
    pub(super) fn for_rnix(&self) -> &str {
        self.changed.as_deref().unwrap_or(&self.plain)
    }

    /// The text as it is, where it is text.
    pub(super) fn plain(&self) -> &str {
        &self.plain
    }
}

/// The text with a control character for each byte that is not UTF-8.
fn as_text(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::from(NO_TEXT)));
    }
    Cow::Owned(text)
}

/// One edit of the spelling.
struct Edit {
    at: usize,
    /// What stands there instead; none for a blank before it.
    byte: Option<u8>,
}

/// What rnix would read otherwise, in the order of the text.
fn edits(text: &str) -> Vec<Edit> {
    let bytes = text.as_bytes();
    let mut edits = Vec::new();
    for token in Scanner::new(bytes) {
        let Token { class, start, end } = token;
        let own = bytes.get(start..end).unwrap_or(&[]);
        let next = bytes.get(end).copied();
        let mut blank = |at| edits.push(Edit { at, byte: None });
        match class {
            // A float takes the `e` of what follows, an integer its dot.
            Class::Float if matches!(next, Some(b'e' | b'E')) => blank(end),
            Class::Integer if next == Some(b'.') => blank(end),
            // A slash behind these and before anything but a blank makes a path.
            Class::Sign if own == b"/" => {
                let before = start.checked_sub(1).and_then(|before| bytes.get(before));
                if before.is_some_and(|&byte| scan::is_path(byte)) {
                    blank(start);
                }
            }
            // Up to a `>`, however far, everything is a name.
            Class::Sign
                if own == b"<"
                    && next.is_some_and(|byte| scan::is_path(byte) || b"/<".contains(&byte)) =>
            {
                blank(end);
            }
            // Right behind an interpolated path it would be a part of it.
            Class::Path => {
                let before = start.checked_sub(1).and_then(|before| bytes.get(before));
                if own.starts_with(b"~") && before.is_some_and(|byte| !byte.is_ascii_whitespace()) {
                    blank(start);
                }
                // Three dots are a token at once.
                if own.starts_with(b"...") {
                    edits.push(Edit { at: start, byte: Some(b'_') });
                }
                // Before an interpolation Nix takes slashes doubled once.
                if let Some(again) = doubled(own).nth(1) {
                    edits.push(Edit { at: start + again + 1, byte: Some(NO_TEXT) });
                }
            }
            // Behind an interpolation, too, slashes may be doubled.
            Class::PathPart => {
                edits.extend(doubled(own).map(|at| Edit { at: start + at, byte: Some(b'_') }));
            }
            // A lone CR ends a comment; here an LF has to.
            Class::Comment
                if own.starts_with(b"#")
                    && next == Some(b'\r')
                    && bytes.get(end + 1) != Some(&b'\n') =>
            {
                edits.push(Edit { at: end, byte: Some(b'\n') });
            }
            // It begins a path here, whatever follows the slash.
            Class::Other if own == b"~" => edits.push(Edit { at: start, byte: Some(NO_TEXT) }),
            // Unicode has more blanks than Nix.
            Class::Other => {
                let character = text.get(start..).and_then(|rest| rest.chars().next());
                if let Some(blank) = character.filter(|found| found.is_whitespace()) {
                    let whole = start..start + blank.len_utf8();
                    edits.extend(whole.map(|at| Edit { at, byte: Some(NO_TEXT) }));
                }
            }
            _ => {}
        }
    }
    edits
}

/// Where slashes are doubled.
fn doubled(path: &[u8]) -> impl Iterator<Item = usize> {
    path.windows(2).enumerate().filter(|(_, pair)| pair == b"//").map(|(at, _)| at)
}

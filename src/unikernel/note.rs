//! ELF notes: who wrote them, their type, and where what they say is.

use std::io::{self, Read, Seek};

use super::malformed::{Fault, Faults, Part};
use super::source::{Fields, Source};

/// The most notes that are looked at; a kernel has some tens.
const MAX_NOTES: usize = 256;
/// The size of the header of a note.
pub(super) const HEADER: u64 = 12;

/// A segment of notes, within the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Segment {
    pub(super) start: u64,
    pub(super) end: u64,
    /// Whether the notes are 8 bytes apart, not 4.
    pub(super) wide: bool,
}

/// Who wrote a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Solo5,
    Xen,
    Hermit,
    Linux,
    Gnu,
    Other,
}

/// A note that lies wholly within its segment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Note {
    pub(super) owner: Owner,
    pub(super) kind: u32,
    /// Whether it is the first of its segment, the only place where Solo5 looks.
    pub(super) first: bool,
    /// Where what it says is in the file, and how many bytes that has.
    pub(super) offset: u64,
    pub(super) size: u32,
}

/// Adds the notes of a segment to `notes`.
pub(super) fn read(
    source: &mut Source<'_, impl Read + Seek>,
    big_endian: bool,
    segment: Segment,
    notes: &mut Vec<Note>,
    faults: &mut Faults,
) -> io::Result<()> {
    let Segment { start, end: limit, wide } = segment;
    let mut place = start;
    while place.saturating_add(HEADER) <= limit {
        if notes.len() > MAX_NOTES {
            let (count, most) = (notes.len() as u64, MAX_NOTES as u64);
            faults.add(place, Fault::Count { part: Part::Note, count, most });
            return Ok(());
        }
        let head = source.at(place, 24)?;
        let fields = Fields::new(head, big_endian);
        let (Some(name), Some(size), Some(kind)) = (fields.u32(0), fields.u32(4), fields.u32(8))
        else {
            return Ok(());
        };
        if (name, size, kind) == (0, 0, 0) {
            // Zeros that fill a segment up, not a note.
            return Ok(());
        }
        let owner = owner(fields, name);
        let offset = place.saturating_add(HEADER).saturating_add(padded(name.into(), 4));
        let end = offset.saturating_add(size.into());
        if end > limit {
            faults.add(place, Fault::PastEnd { part: Part::Note, end, limit });
            return Ok(());
        }
        notes.push(Note { owner, kind, first: place == start, offset, size });
        let length = padded(end.saturating_sub(start), if wide { 8 } else { 4 });
        place = start.saturating_add(length);
    }
    Ok(())
}

fn padded(length: u64, to: u64) -> u64 {
    length.checked_next_multiple_of(to).unwrap_or(u64::MAX)
}

fn owner(fields: Fields<'_>, length: u32) -> Owner {
    let is = |name: &[u8]| u32::try_from(name.len()) == Ok(length) && fields.has(12, name);
    match () {
        () if is(b"Solo5\0") => Owner::Solo5,
        () if is(b"Xen\0") => Owner::Xen,
        () if is(b"HERMIT\0") => Owner::Hermit,
        () if is(b"Linux\0") => Owner::Linux,
        () if is(b"GNU\0") => Owner::Gnu,
        () => Owner::Other,
    }
}

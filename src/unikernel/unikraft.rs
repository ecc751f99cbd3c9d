//! Unikraft: the section names it is known by, the ELF32 header that its build puts in front of
//! an x86-64 kernel for Multiboot, and the version in `.uk_libinfo`.

use std::io::{self, Read, Seek};

use super::elf::{EM_386, EM_X86_64, Elf, MAGIC};
use super::malformed::{Fault, Faults, Part};
use super::source::{Fields, Source, text};

const LIBINFO: &str = ".uk_libinfo";
const LAYOUT: u16 = 1;
const LIBRARY_NAME: u16 = 1;
const VERSION: u16 = 6;
const FULL_VERSION: u16 = 7;
/// The most blocks and records that are walked over; a kernel has some hundreds.
const MAX_RECORDS: u32 = 1 << 16;
/// More of a version is not needed.
const MAX_NAME: usize = 128;
const PART: Part = Part::Libinfo;

/// Whether a section of this name is only found in Unikraft.
pub(super) fn is_mark(name: &str) -> bool {
    matches!(name, ".uk_inittab" | ".uk_ctortab" | ".uk_thread_inittab" | ".uk_bootinfo" | LIBINFO)
        || name.ends_with("__param_arg")
        || name.starts_with("uk_lib_arg__lib_param")
        || name.ends_with("uk_lib_arg__lib_param")
}

/// The place of the original file in a wrapped one.
///
/// The wrapper is an ELF32 header, a Multiboot header (in newer versions of the script) and the
/// program headers; the original ELF64 file follows these at once.
pub(super) fn wrapped(
    source: &mut Source<'_, impl Read + Seek>,
    outer: &Elf,
) -> io::Result<Option<u64>> {
    if outer.shape.wide || outer.machine != EM_386 {
        return Ok(None);
    }
    let Some(place) = outer.headers_end else { return Ok(None) };
    let inner = source.at(place, 20)?;
    let fields = Fields::little(inner);
    let is_amd64 = inner.starts_with(MAGIC)
        && inner.get(4..6) == Some(&[2, 1])
        && fields.u16(18) == Some(EM_X86_64);
    Ok(is_amd64.then_some(place))
}

/// The version of Unikraft itself, out of the block without a library name.
pub(super) fn version(
    source: &mut Source<'_, impl Read + Seek>,
    elf: &Elf,
    faults: &mut Faults,
) -> io::Result<Option<String>> {
    let Some(section) = elf.sections.iter().find(|section| section.name == LIBINFO) else {
        return Ok(None);
    };
    let mut end = section.offset.saturating_add(section.size);
    if end > source.len() {
        faults.add(section.offset, Fault::PastEnd { part: PART, end, limit: source.len() });
        end = source.len();
    }
    let mut blocks = Walk { place: section.offset, end, left: MAX_RECORDS };
    while let Some(block) = blocks.next(source, elf.shape.big_endian, BLOCK, faults)? {
        if block.mark != LAYOUT {
            let (version, expected) = (block.mark.into(), LAYOUT.into());
            faults.add(block.start, Fault::Version { part: PART, version, expected });
            continue;
        }
        let mut records = Walk { place: block.inside, end: block.end, left: blocks.left };
        let (mut library, mut plain, mut full) = (false, None, None);
        while let Some(record) = records.next(source, elf.shape.big_endian, RECORD, faults)? {
            match record.mark {
                LIBRARY_NAME => library = true,
                VERSION => plain = Some(record.text(source)?),
                FULL_VERSION => full = Some(record.text(source)?),
                _ => {}
            }
        }
        blocks.left = records.left;
        let version = plain.or(full).filter(|version| !version.is_empty());
        if !library && version.is_some() {
            return Ok(version);
        }
    }
    Ok(None)
}

/// Where a block or a record has its length and its version or type; both headers have 6 bytes.
#[derive(Debug, Clone, Copy)]
struct HeaderFields {
    length: usize,
    mark: usize,
}

const BLOCK: HeaderFields = HeaderFields { length: 0, mark: 4 };
const RECORD: HeaderFields = HeaderFields { length: 2, mark: 0 };
const HEAD: u64 = 6;

/// A walk over blocks, or over the records of one.
#[derive(Debug)]
struct Walk {
    place: u64,
    end: u64,
    left: u32,
}

/// A block or a record.
#[derive(Debug)]
struct Record {
    mark: u16,
    start: u64,
    inside: u64,
    end: u64,
}

impl Walk {
    fn next(
        &mut self,
        source: &mut Source<'_, impl Read + Seek>,
        big_endian: bool,
        head: HeaderFields,
        faults: &mut Faults,
    ) -> io::Result<Option<Record>> {
        let start = self.place;
        let inside = start.saturating_add(HEAD);
        if inside > self.end {
            return Ok(None);
        }
        let Some(left) = self.left.checked_sub(1) else {
            let (count, most) = (u64::from(MAX_RECORDS).saturating_add(1), MAX_RECORDS.into());
            faults.add(start, Fault::Count { part: PART, count, most });
            return Ok(None);
        };
        self.left = left;
        let fields = Fields::new(source.at(start, 6)?, big_endian);
        let (Some(length), Some(mark)) = (fields.u32(head.length), fields.u16(head.mark)) else {
            return Ok(None);
        };
        let end = start.saturating_add(length.into());
        self.place = end;
        if u64::from(length) < HEAD {
            let (size, expected) = (length.into(), HEAD);
            faults.add(start, Fault::Size { part: PART, size, expected });
            return Ok(None);
        }
        if end > self.end {
            faults.add(start, Fault::PastEnd { part: PART, end, limit: self.end });
            return Ok(None);
        }
        Ok(Some(Record { mark, start, inside, end }))
    }
}

impl Record {
    fn text(&self, source: &mut Source<'_, impl Read + Seek>) -> io::Result<String> {
        let size = usize::try_from(self.end.saturating_sub(self.inside)).unwrap_or(MAX_NAME);
        Ok(text(source.at(self.inside, size.min(MAX_NAME))?))
    }
}

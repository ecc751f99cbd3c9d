//! ELF: the header, the program headers with their notes and interpreter, and the sections that
//! a guest is known by.
//!
//! A reader of our own, not the `object` crate: a few fields are needed, from files that lie about
//! their class and machine on purpose, and every fault is to be told with its byte offset.

use std::io::{self, Read, Seek};

use super::malformed::{Fault, Faults, Part};
use super::note::{self, Note};
use super::source::{Fields, Source, text};
use super::{Architecture, ObjectKind};

/// What every ELF file begins with.
pub(super) const MAGIC: &[u8] = b"\x7fELF";
pub(super) const EM_386: u16 = 3;
pub(super) const EM_X86_64: u16 = 62;

/// The most headers of a table that are looked at; a kernel has some tens.
const MAX_HEADERS: u16 = 4096;
/// The most sections that are kept; only those whose name is a mark are.
const MAX_SECTIONS: usize = 64;
/// More of a name is not needed.
const MAX_NAME: usize = 128;

const PT_LOAD: u32 = 1;
const PT_INTERP: u32 = 3;
const PT_NOTE: u32 = 4;
const SHT_NOBITS: u32 = 8;

/// An ELF file, as far as it matters here.
#[derive(Debug)]
pub(super) struct Elf {
    pub(super) shape: Shape,
    pub(super) kind: ObjectKind,
    pub(super) machine: u16,
    pub(super) os_abi: u8,
    pub(super) interpreter: Option<String>,
    pub(super) notes: Vec<Note>,
    /// The sections whose name is a mark.
    pub(super) sections: Vec<Section>,
    /// Where the program headers end: the original file begins here in a wrapped Unikraft.
    pub(super) headers_end: Option<u64>,
}

/// A section, with its place in the whole file.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) name: String,
    pub(super) offset: u64,
    pub(super) size: u64,
}

/// The class and the byte order, on which the place of every field depends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) wide: bool,
    pub(super) big_endian: bool,
}

impl Shape {
    fn of(ident: &[u8]) -> Option<Self> {
        let wide = match ident.get(4)? {
            1 => false,
            2 => true,
            _ => return None,
        };
        let big_endian = match ident.get(5)? {
            1 => false,
            2 => true,
            _ => return None,
        };
        Some(Self { wide, big_endian })
    }

    fn pick<T>(self, narrow: T, wide: T) -> T {
        if self.wide { wide } else { narrow }
    }

    /// A number as wide as an address.
    fn word(self, fields: Fields<'_>, narrow: usize, wide: usize) -> Option<u64> {
        if self.wide { fields.u64(wide) } else { fields.u32(narrow).map(u64::from) }
    }
}

/// A table of headers: where it is and how many there are.
#[derive(Debug, Clone, Copy)]
struct Table {
    part: Part,
    offset: u64,
    entry: u16,
    count: u16,
}

/// Reads the ELF file that begins at `base`; `None` when there is none. `is_mark` chooses the sections that are kept,
/// by their names.
pub(super) fn read(
    source: &mut Source<'_, impl Read + Seek>,
    base: u64,
    is_mark: fn(&str) -> bool,
    faults: &mut Faults,
) -> io::Result<Option<Elf>> {
    let header = source.at(base, 64)?.to_vec();
    if !header.starts_with(MAGIC) {
        return Ok(None);
    }
    let Some(shape) = Shape::of(&header) else {
        faults.add(base, Fault::Magic { part: Part::ElfHeader });
        return Ok(None);
    };
    let fields = Fields::new(&header, shape.big_endian);
    let size: u64 = shape.pick(52, 64);
    let end = base.saturating_add(size);
    if end > source.len() {
        faults.add(base, Fault::PastEnd { part: Part::ElfHeader, end, limit: source.len() });
    }
    let (Some(kind), Some(machine)) = (fields.u16(16), fields.u16(18)) else { return Ok(None) };
    let mut elf = Elf {
        shape,
        kind: ObjectKind::from_number(kind),
        machine,
        os_abi: fields.u8(7).unwrap_or_default(),
        interpreter: None,
        notes: Vec::new(),
        sections: Vec::new(),
        headers_end: None,
    };
    if let Some(table) = program_headers(shape, fields) {
        let bytes = u64::from(table.entry).saturating_mul(u64::from(table.count));
        elf.headers_end = Some(base.saturating_add(table.offset).saturating_add(bytes));
        elf.read_segments(source, base, table, faults)?;
    }
    if let (Some(table), Some(names)) =
        (section_headers(shape, fields), fields.u16(shape.pick(50, 62)))
    {
        elf.read_sections(source, base, table, names, is_mark, faults)?;
    }
    Ok(Some(elf))
}

fn program_headers(shape: Shape, fields: Fields<'_>) -> Option<Table> {
    Some(Table {
        part: Part::ProgramHeaders,
        offset: shape.word(fields, 28, 32)?,
        entry: fields.u16(shape.pick(42, 54))?,
        count: fields.u16(shape.pick(44, 56))?,
    })
}

fn section_headers(shape: Shape, fields: Fields<'_>) -> Option<Table> {
    Some(Table {
        part: Part::SectionHeaders,
        offset: shape.word(fields, 32, 40)?,
        entry: fields.u16(shape.pick(46, 58))?,
        count: fields.u16(shape.pick(48, 60))?,
    })
}

impl Table {
    /// The places of the entries to look at, after a look at the table itself.
    fn places(self, base: u64, expected: u16, limit: u64, faults: &mut Faults) -> Vec<u64> {
        if self.count == 0 {
            return Vec::new();
        }
        let start = base.saturating_add(self.offset);
        if self.entry != expected {
            let (size, expected) = (u64::from(self.entry), u64::from(expected));
            faults.add(start, Fault::Size { part: self.part, size, expected });
            return Vec::new();
        }
        let end = start.saturating_add(u64::from(self.entry).saturating_mul(self.count.into()));
        if end > limit {
            faults.add(start, Fault::PastEnd { part: self.part, end, limit });
        }
        if self.count > MAX_HEADERS {
            let (count, most) = (self.count.into(), MAX_HEADERS.into());
            faults.add(start, Fault::Count { part: self.part, count, most });
        }
        (0..self.count.min(MAX_HEADERS))
            .map(|index| start.saturating_add(u64::from(index).saturating_mul(expected.into())))
            .take_while(|&place| place.saturating_add(expected.into()) <= limit)
            .collect()
    }
}

impl Elf {
    fn read_segments(
        &mut self,
        source: &mut Source<'_, impl Read + Seek>,
        base: u64,
        table: Table,
        faults: &mut Faults,
    ) -> io::Result<()> {
        let shape = self.shape;
        let size = shape.pick(32, 56);
        let limit = source.len();
        for place in table.places(base, size, limit, faults) {
            let header = source.at(place, size.into())?.to_vec();
            let fields = Fields::new(&header, shape.big_endian);
            let (Some(kind), Some(offset), Some(bytes), Some(align)) = (
                fields.u32(0),
                shape.word(fields, 4, 8),
                shape.word(fields, 16, 32),
                shape.word(fields, 28, 48),
            ) else {
                continue;
            };
            let start = base.saturating_add(offset);
            let end = start.saturating_add(bytes);
            let part = match kind {
                PT_LOAD => Part::Segment,
                PT_INTERP => Part::Interpreter,
                PT_NOTE => Part::NoteSegment,
                _ => continue,
            };
            if bytes > 0 && end > limit {
                faults.add(place, Fault::PastEnd { part, end, limit });
            }
            match kind {
                PT_NOTE if bytes < note::HEADER => {
                    let (size, expected) = (bytes, note::HEADER);
                    faults.add(place, Fault::Size { part, size, expected });
                }
                PT_NOTE => {
                    let segment = note::Segment { start, end: end.min(limit), wide: align == 8 };
                    note::read(source, shape.big_endian, segment, &mut self.notes, faults)?;
                }
                PT_INTERP if end <= limit && self.interpreter.is_none() => {
                    let bytes = usize::try_from(bytes).unwrap_or(MAX_NAME).min(MAX_NAME);
                    self.interpreter = Some(text(source.at(start, bytes)?));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn read_sections(
        &mut self,
        source: &mut Source<'_, impl Read + Seek>,
        base: u64,
        table: Table,
        names: u16,
        is_mark: fn(&str) -> bool,
        faults: &mut Faults,
    ) -> io::Result<()> {
        let shape = self.shape;
        let size = shape.pick(40, 64);
        let mut all = Vec::new();
        for place in table.places(base, size, source.len(), faults) {
            let fields = Fields::new(source.at(place, size.into())?, shape.big_endian);
            let (Some(name), Some(kind), Some(offset), Some(size)) = (
                fields.u32(0),
                fields.u32(4),
                shape.word(fields, 16, 24),
                shape.word(fields, 20, 32),
            ) else {
                break;
            };
            let size = if kind == SHT_NOBITS { 0 } else { size };
            all.push((name, base.saturating_add(offset), size));
        }
        let Some(&(_, strings, strings_size)) = all.get(usize::from(names)) else { return Ok(()) };
        for (name, offset, size) in all {
            if u64::from(name) >= strings_size || self.sections.len() >= MAX_SECTIONS {
                continue;
            }
            let name = text(source.at(strings.saturating_add(name.into()), MAX_NAME)?);
            if is_mark(&name) {
                self.sections.push(Section { name, offset, size });
            }
        }
        Ok(())
    }

    /// The architecture that the machine field stands for.
    pub(super) fn architecture(&self) -> Option<Architecture> {
        match (self.machine, self.shape.wide, self.shape.big_endian) {
            (EM_X86_64, _, false) => Some(Architecture::Amd64),
            (EM_386, _, false) => Some(Architecture::I386),
            (183, true, false) => Some(Architecture::Arm64),
            (40, false, false) => Some(Architecture::Arm),
            (243, true, false) => Some(Architecture::Riscv64),
            (21, true, false) => Some(Architecture::Ppc64le),
            (22, true, true) => Some(Architecture::S390x),
            (258, true, false) => Some(Architecture::Loong64),
            _ => None,
        }
    }
}

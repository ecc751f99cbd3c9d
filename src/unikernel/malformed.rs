//! What is wrong with the bytes, as facts with the place in the file.

use std::fmt;

/// One thing that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// Where in the file, in bytes from its beginning.
    pub offset: u64,
    /// What is wrong there.
    pub fault: Fault,
}

/// A part of a file that something can be wrong with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The header at the beginning of an ELF file.
    ElfHeader,
    /// The table of program headers.
    ProgramHeaders,
    /// The table of section headers.
    SectionHeaders,
    /// A part of the file that is loaded into memory.
    Segment,
    /// The name of the interpreter.
    Interpreter,
    /// A segment that holds notes.
    NoteSegment,
    /// A note.
    Note,
    /// Solo5's note that names the target.
    Solo5Abi,
    /// Solo5's note that declares the devices.
    Solo5Manifest,
    /// Unikraft's section `.uk_libinfo`.
    Libinfo,
    /// The header of a PE file.
    PeHeader,
    /// The setup header of an x86 Linux kernel.
    SetupHeader,
    /// The kernel of a bzImage, behind its setup code.
    Kernel,
    /// The compressed kernel inside an EFI zboot image.
    Payload,
    /// A cpio archive of an initrd.
    Archive,
}

/// What is wrong with a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The file has no bytes at all.
    Empty,
    /// The part ends behind the end of what holds it.
    PastEnd {
        /// The part that ends too late.
        part: Part,
        /// Where it ends.
        end: u64,
        /// Where the file, or what else holds it, ends.
        limit: u64,
    },
    /// A part or an entry of it has another size than it must have.
    Size {
        /// The part.
        part: Part,
        /// The size in the file.
        size: u64,
        /// The size it must have.
        expected: u64,
    },
    /// A number of entries that no loader accepts, or more than are looked at here.
    Count {
        /// The part.
        part: Part,
        /// The number in the file.
        count: u64,
        /// The most that are looked at.
        most: u64,
    },
    /// A layout version other than the known one.
    Version {
        /// The part.
        part: Part,
        /// The version in the file.
        version: u32,
        /// The version that is known.
        expected: u32,
    },
    /// A part that may be there once is there again.
    Repeated {
        /// The part.
        part: Part,
    },
    /// A Solo5 note behind another note of the same segment, where no tender looks.
    Hidden {
        /// The part.
        part: Part,
    },
    /// A field that must have a fixed value does not have it.
    Magic {
        /// The part.
        part: Part,
    },
    /// The first entry of a Solo5 manifest is not the reserved one.
    FirstEntry,
    /// A Solo5 device name that is empty, too long, or not of letters and digits.
    DeviceName {
        /// The name, as far as it can be read.
        name: String,
    },
    /// A Solo5 device that is marked as attached, which only a tender may do.
    DeviceAttached {
        /// The name of the device.
        name: String,
    },
    /// A Solo5 device of a type that is not known.
    DeviceKind {
        /// The name of the device.
        name: String,
        /// The number of the type.
        kind: u32,
    },
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ElfHeader => "the ELF header",
            Self::ProgramHeaders => "the table of program headers",
            Self::SectionHeaders => "the table of section headers",
            Self::Segment => "a loadable segment",
            Self::Interpreter => "the interpreter's name",
            Self::NoteSegment => "a segment of notes",
            Self::Note => "a note",
            Self::Solo5Abi => "Solo5's ABI note",
            Self::Solo5Manifest => "Solo5's manifest",
            Self::Libinfo => "the section `.uk_libinfo`",
            Self::PeHeader => "the PE header",
            Self::SetupHeader => "the Linux setup header",
            Self::Kernel => "the kernel behind the setup code",
            Self::Payload => "the compressed kernel",
            Self::Archive => "a cpio archive",
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the file is empty"),
            Self::PastEnd { part, end, limit } => {
                write!(f, "{part} ends at byte {end}, behind the end at byte {limit}")
            }
            Self::Size { part, size, expected } => {
                write!(f, "{part} has {size} bytes where {expected} belong")
            }
            Self::Count { part, count, most } => {
                write!(f, "{part} claims {count} entries, of which at most {most} are read")
            }
            Self::Version { part, version, expected } => {
                write!(f, "{part} has version {version}, not {expected}")
            }
            Self::Repeated { part } => write!(f, "{part} is there twice; the first one counts"),
            Self::Hidden { part } => {
                write!(f, "{part} is not the first note of its segment, so no tender sees it")
            }
            Self::Magic { part } => write!(f, "{part} lacks a value that it must have"),
            Self::FirstEntry => {
                f.write_str("the first entry of Solo5's manifest is not the reserved one")
            }
            Self::DeviceName { name } => {
                write!(f, "the device name `{name}` is not 1 to 67 letters and digits")
            }
            Self::DeviceAttached { name } => {
                write!(f, "the device `{name}` is marked as attached before anything runs")
            }
            Self::DeviceKind { name, kind } => {
                write!(f, "the device `{name}` is of the unknown type {kind}")
            }
        }
    }
}

impl Malformed {
    /// Whether a tender of Solo5 refuses the file for it: it reads the ELF header, the program headers with
    /// what they load, and its own notes; sections and the interpreter are nothing to it.
    pub fn stops_a_tender(&self) -> bool {
        match &self.fault {
            Fault::Repeated { .. } => false,
            Fault::PastEnd { part, .. }
            | Fault::Size { part, .. }
            | Fault::Count { part, .. }
            | Fault::Version { part, .. }
            | Fault::Hidden { part }
            | Fault::Magic { part } => matches!(
                part,
                Part::ElfHeader
                    | Part::ProgramHeaders
                    | Part::Segment
                    | Part::NoteSegment
                    | Part::Note
                    | Part::Solo5Abi
                    | Part::Solo5Manifest
            ),
            Fault::Empty
            | Fault::FirstEntry
            | Fault::DeviceName { .. }
            | Fault::DeviceAttached { .. }
            | Fault::DeviceKind { .. } => true,
        }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at byte {}: {}", self.offset, self.fault)
    }
}

/// Where faults are gathered: a bounded number, so that a hostile file cannot fill the memory.
#[derive(Debug, Default)]
pub(super) struct Faults {
    list: Vec<Malformed>,
}

impl Faults {
    const MAX_KEPT: usize = 64;

    pub(super) fn add(&mut self, offset: u64, fault: Fault) {
        let new = Malformed { offset, fault };
        if self.list.len() < Self::MAX_KEPT && !self.list.contains(&new) {
            self.list.push(new);
        }
    }

    /// The faults in the order of their places.
    pub(super) fn finish(mut self) -> Vec<Malformed> {
        self.list.sort_by_key(|malformed| malformed.offset);
        self.list
    }
}

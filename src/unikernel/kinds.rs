//! The words of a description: formats, architectures, guests, boot protocols, and how a thing
//! is known.

use std::fmt;

use super::compression::Compression;

/// A fact together with how it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known<T> {
    /// The fact.
    pub value: T,
    /// How it is known.
    pub by: Evidence,
}

/// How a fact is known. Displayed in words that complete "known by …".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// The machine field of the ELF header.
    ElfMachine,
    /// The OS ABI field of the ELF header.
    ElfOsAbi,
    /// A class and a machine that do not go together, as only one build sets them.
    ElfClassAndMachine,
    /// An ELF32 header put in front of an ELF64 file.
    ElfWrapper,
    /// The interpreter that an ELF file names.
    Interpreter(String),
    /// An ELF note of this owner.
    Note(&'static str),
    /// An ELF section of this name.
    Section(String),
    /// The machine field of the PE header.
    PeMachine,
    /// The setup header of an x86 Linux kernel.
    SetupHeader,
    /// The header of a flat Image.
    ImageHeader,
    /// The name of a declared Solo5 device.
    DeviceName(String),
    /// A word among the bytes.
    Text(&'static str),
}

/// What kind of file a kernel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A 64-bit ELF file.
    Elf64,
    /// A 32-bit ELF file.
    Elf32,
    /// A 64-bit Unikraft behind the ELF32 header that Multiboot needs.
    UnikraftElf32 {
        /// Where the 64-bit file begins.
        inner: u64,
    },
    /// A PE file that is none of the boot images below.
    Pe,
    /// An x86 Linux kernel with setup code.
    BzImage,
    /// A flat arm64 Image.
    Arm64Image,
    /// A flat riscv64 Image.
    RiscvImage,
    /// An EFI program that unpacks the kernel it holds.
    EfiZboot(Option<Compression>),
    /// Something compressed, as kernels for arm64 often are; what it is cannot be seen.
    Compressed(Compression),
    /// None of these.
    Unknown,
}

/// What an ELF file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectKind {
    /// Input of a linker.
    Relocatable,
    /// A program at a fixed address.
    Executable,
    /// A library, or a program that runs at any address.
    Shared,
    /// The memory of a crashed program.
    Core,
    /// Another number.
    Other(u16),
}

/// An architecture, as OCI images name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Architecture {
    Amd64,
    I386,
    Arm64,
    Arm,
    Riscv64,
    Ppc64le,
    S390x,
    Loong64,
}

/// A way in which a monitor or firmware can start a kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BootProtocol {
    /// Multiboot 1.
    Multiboot1 {
        /// Where its header is.
        offset: u64,
        /// Whether the header says where to load the file, so that its ELF header does not count.
        address_fields: bool,
    },
    /// Multiboot 2.
    Multiboot2 {
        /// Where its header is.
        offset: u64,
    },
    /// Xen's direct entry in 32-bit mode.
    Pvh {
        /// The physical address of the entry point.
        entry: u64,
    },
    /// Linux on x86.
    LinuxX86 {
        /// The version of the protocol, high byte dot low byte.
        version: u16,
        /// Whether there is a 64-bit entry point; `None` when the protocol is too old to say.
        long_mode: Option<bool>,
    },
    /// Linux on arm64 and riscv64: jump to the first byte.
    LinuxImage,
    /// A program for EFI firmware.
    Efi,
}

impl Evidence {
    /// Whether the fact is a good guess, not a statement of the file about itself.
    pub fn is_guess(&self) -> bool {
        match self {
            Self::ElfClassAndMachine | Self::DeviceName(_) | Self::Text(_) => true,
            Self::ElfMachine
            | Self::ElfOsAbi
            | Self::ElfWrapper
            | Self::Interpreter(_)
            | Self::Note(_)
            | Self::Section(_)
            | Self::PeMachine
            | Self::SetupHeader
            | Self::ImageHeader => false,
        }
    }
}

impl ObjectKind {
    pub(super) fn from_number(number: u16) -> Self {
        match number {
            1 => Self::Relocatable,
            2 => Self::Executable,
            3 => Self::Shared,
            4 => Self::Core,
            other => Self::Other(other),
        }
    }
}

impl Architecture {
    /// The name in an OCI image configuration.
    pub fn oci(self) -> &'static str {
        match self {
            Self::Amd64 => "amd64",
            Self::I386 => "386",
            Self::Arm64 => "arm64",
            Self::Arm => "arm",
            Self::Riscv64 => "riscv64",
            Self::Ppc64le => "ppc64le",
            Self::S390x => "s390x",
            Self::Loong64 => "loong64",
        }
    }

    /// The variant in an OCI image configuration.
    pub fn variant(self) -> Option<&'static str> {
        (self == Self::Arm).then_some("v7")
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.oci())
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ElfMachine => f.write_str("the machine field of the ELF header"),
            Self::ElfOsAbi => f.write_str("the OS ABI field of the ELF header"),
            Self::ElfClassAndMachine => {
                f.write_str("the ELF header being 64-bit with an i386 machine field")
            }
            Self::ElfWrapper => f.write_str("the ELF32 header in front of an ELF64 file"),
            Self::Interpreter(path) => write!(f, "the interpreter `{path}`"),
            Self::Note(owner) => write!(f, "an ELF note of `{owner}`"),
            Self::Section(name) => write!(f, "the section `{name}`"),
            Self::PeMachine => f.write_str("the machine field of the PE header"),
            Self::SetupHeader => f.write_str("the Linux setup header"),
            Self::ImageHeader => f.write_str("the header of the Image"),
            Self::DeviceName(name) => write!(f, "the name of the Solo5 device `{name}`"),
            Self::Text(word) => write!(f, "the text `{word}` in the file"),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elf64 => f.write_str("64-bit ELF file"),
            Self::Elf32 => f.write_str("32-bit ELF file"),
            Self::UnikraftElf32 { .. } => {
                f.write_str("64-bit ELF file behind Unikraft's 32-bit ELF header")
            }
            Self::Pe => f.write_str("PE file"),
            Self::BzImage => f.write_str("x86 Linux bzImage"),
            Self::Arm64Image => f.write_str("flat arm64 Image"),
            Self::RiscvImage => f.write_str("flat riscv64 Image"),
            Self::EfiZboot(Some(compression)) => write!(f, "EFI zboot image ({compression})"),
            Self::EfiZboot(None) => f.write_str("EFI zboot image"),
            Self::Compressed(compression) => write!(f, "{compression}-compressed file"),
            Self::Unknown => f.write_str("file of an unknown format"),
        }
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Relocatable => f.write_str("relocatable object"),
            Self::Executable => f.write_str("executable"),
            Self::Shared => f.write_str("shared object or position-independent executable"),
            Self::Core => f.write_str("core dump"),
            Self::Other(number) => write!(f, "ELF type {number}"),
        }
    }
}

impl fmt::Display for BootProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Multiboot1 { .. } => f.write_str("Multiboot 1"),
            Self::Multiboot2 { .. } => f.write_str("Multiboot 2"),
            Self::Pvh { .. } => f.write_str("Xen PVH"),
            Self::LinuxX86 { version, .. } => {
                write!(f, "Linux/x86 boot protocol {}.{:02}", version >> 8, version & 0xff)
            }
            Self::LinuxImage => f.write_str("Linux Image"),
            Self::Efi => f.write_str("EFI"),
        }
    }
}

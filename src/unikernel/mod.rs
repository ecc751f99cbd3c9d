//! What the bytes of a kernel, an initrd or a block image say.
//!
//! In: anything that can be read and sought. Out: a [`Unikernel`], an [`initrd::Initrd`] or a
//! [`block::BlockFormat`]. A fact that is not written in one fixed place comes as a [`Known`], with
//! how it is known, so that a message can name the mark and tell a statement from a guess.
//!
//! Always: any bytes are described. What is wrong with them is part of the description, with its
//! byte offset, and an error is only ever one of the reader. Memory stays within a few hundred
//! KiB, and no more is read than a pass or two over the file, whatever sizes and counts it claims.
//! Nothing in a file is trusted as an offset, a size or a count: reads are clipped at the end,
//! arithmetic saturates, tables are cut at a fixed length.
//!
//! Guests have the names that urunc gives them, so those come from the room of urunc.
//!
//! Left to others: what urunc makes of it, whether it fits an args.nix, and any wording beyond
//! the one line of a `Display`.

#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects))]

pub mod block;
pub mod compression;
mod elf;
mod guest;
mod image;
pub mod initrd;
mod kinds;
mod malformed;
mod multiboot;
mod note;
mod pe;
mod scan;
mod solo5;
mod source;
#[cfg(test)]
mod synthetic;
#[cfg(test)]
mod tests;
mod unikraft;

use std::io::{self, Read, Seek};

pub use crate::urunc::Guest;
pub use kinds::{Architecture, BootProtocol, Evidence, Format, Known, ObjectKind};
pub use malformed::{Fault, Malformed, Part};
pub use solo5::{Device, DeviceKind, Solo5, Solo5Abi, Solo5Target};

use compression::Compression;
use elf::Elf;
use image::Flat;
use malformed::Faults;
use source::Source;

/// What the bytes of a kernel say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unikernel {
    /// The number of bytes.
    pub size: u64,
    /// The kind of file.
    pub format: Format,
    /// The number in the machine field of the ELF or PE header.
    pub machine: Option<u16>,
    /// The architecture, which differs from what `machine` says where a build patches that.
    pub architecture: Option<Known<Architecture>>,
    /// The guest.
    pub guest: Option<Known<Guest>>,
    /// What an ELF file is for.
    pub object: Option<ObjectKind>,
    /// The interpreter that an ELF file names.
    pub interpreter: Option<String>,
    /// The mark by which this is a program of an operating system and no kernel at all.
    pub program: Option<Evidence>,
    /// What a Solo5 guest says about itself.
    pub solo5: Option<Solo5>,
    /// The version of Unikraft.
    pub unikraft_version: Option<Known<String>>,
    /// The version of Linux.
    pub linux_version: Option<Known<String>>,
    /// The ways to start it that are marked in the file.
    pub boot: Vec<BootProtocol>,
    /// What is wrong with the file, in the order of the places.
    pub problems: Vec<Malformed>,
}

/// Describes the kernel in `file`, from its first byte, wherever the file stands now.
///
/// # Errors
/// Those of the reader alone.
pub fn read(file: &mut (impl Read + Seek)) -> io::Result<Unikernel> {
    let mut source = Source::new(file)?;
    let mut faults = Faults::default();
    let mut found = Unikernel {
        size: source.len(),
        format: Format::Unknown,
        machine: None,
        architecture: None,
        guest: None,
        object: None,
        interpreter: None,
        program: None,
        solo5: None,
        unikraft_version: None,
        linux_version: None,
        boot: Vec::new(),
        problems: Vec::new(),
    };
    if source.len() == 0 {
        faults.add(0, Fault::Empty);
    } else if let Some(elf) = elf::read(&mut source, 0, unikraft::is_mark, &mut faults)? {
        found.describe_elf(&mut source, elf, &mut faults)?;
    } else {
        found.describe_image(&mut source, &mut faults)?;
    }
    found.problems = faults.finish();
    Ok(found)
}

impl Unikernel {
    fn describe_elf(
        &mut self,
        source: &mut Source<'_, impl Read + Seek>,
        elf: Elf,
        faults: &mut Faults,
    ) -> io::Result<()> {
        let inner = unikraft::wrapped(source, &elf)?;
        let wrapped = match inner {
            Some(place) => elf::read(source, place, unikraft::is_mark, faults)?,
            None => None,
        };
        self.format = match inner {
            Some(inner) => Format::UnikraftElf32 { inner },
            None if elf.shape.wide => Format::Elf64,
            None => Format::Elf32,
        };
        self.machine = Some(elf.machine);
        self.object = Some(elf.kind);
        self.program = guest::program(&elf);
        self.boot = multiboot::read(source)?;
        if let Some(entry) = guest::pvh_entry(source, &elf)? {
            self.boot.push(BootProtocol::Pvh { entry });
        }
        let interpreter = elf.interpreter.as_deref();
        self.solo5 = solo5::read(source, elf.shape.big_endian, interpreter, &elf.notes, faults)?;
        self.guest = match &self.solo5 {
            Some(solo5) => guest::of_solo5(source, solo5)?,
            None => guest::of_elf(source, &elf, wrapped.as_ref())?,
        };
        let is_linux = self.is(Guest::Linux);
        let is_open = self.guest.is_none() && self.solo5.is_none() && self.program.is_none();
        if is_linux || (is_open && guest::is_loadable(&elf)) {
            let words = guest::of_text(source)?;
            self.guest = self.guest.take().or(words.guest);
            self.linux_version = words.linux_version;
        }
        self.architecture = self.elf_architecture(&elf);
        for elf in [Some(&elf), wrapped.as_ref()].into_iter().flatten() {
            if self.unikraft_version.is_none() {
                let by = Evidence::Section(".uk_libinfo".to_owned());
                let version = unikraft::version(source, elf, faults)?;
                self.unikraft_version = version.map(|value| Known { value, by });
            }
        }
        self.interpreter = elf.interpreter;
        Ok(())
    }

    /// Unikraft and Mewz call themselves i386 so that a Multiboot loader takes them; both are
    /// amd64, since neither exists for i386.
    fn elf_architecture(&self, elf: &Elf) -> Option<Known<Architecture>> {
        let disguised = elf.machine == elf::EM_386;
        if let Some(guest) = &self.guest
            && disguised
            && matches!(guest.value, Guest::Unikraft | Guest::Mewz)
        {
            return Some(Known { value: Architecture::Amd64, by: guest.by.clone() });
        }
        Some(Known { value: elf.architecture()?, by: Evidence::ElfMachine })
    }

    fn describe_image(
        &mut self,
        source: &mut Source<'_, impl Read + Seek>,
        faults: &mut Faults,
    ) -> io::Result<()> {
        let pe = pe::read(source, faults)?;
        if let Some(pe) = pe {
            self.format = Format::Pe;
            self.machine = Some(pe.machine);
            self.architecture =
                pe.architecture().map(|value| Known { value, by: Evidence::PeMachine });
            if pe.efi {
                self.boot.push(BootProtocol::Efi);
            }
        }
        let head = source.at(0, 64)?.to_vec();
        if let Some(bz) = image::bz_image(source, faults)? {
            self.describe_bz_image(bz);
        } else if let Some(flat) = image::flat(&head) {
            self.describe_flat(source, flat)?;
        } else if let Some(zboot) = image::zboot(source, faults)? {
            self.format = Format::EfiZboot(zboot.compression);
            self.guest = Some(Known { value: Guest::Linux, by: Evidence::ImageHeader });
        } else if pe.is_some() {
            self.describe_words(source)?;
        } else if let Some(compression) = Compression::of(&head) {
            self.format = Format::Compressed(compression);
        } else {
            self.boot = multiboot::read(source)?;
        }
        Ok(())
    }

    fn describe_bz_image(&mut self, bz: image::BzImage) {
        let by = Evidence::SetupHeader;
        self.format = Format::BzImage;
        self.guest = Some(Known { value: Guest::Linux, by: by.clone() });
        self.linux_version = bz.version.map(|value| Known { value, by: by.clone() });
        if let Some(long_mode) = bz.long_mode {
            let value = if long_mode { Architecture::Amd64 } else { Architecture::I386 };
            self.architecture = Some(Known { value, by });
        }
        let (version, long_mode) = (bz.protocol, bz.long_mode);
        self.boot.insert(0, BootProtocol::LinuxX86 { version, long_mode });
    }

    fn describe_flat(
        &mut self,
        source: &mut Source<'_, impl Read + Seek>,
        flat: Flat,
    ) -> io::Result<()> {
        let (format, value) = match flat {
            Flat::Arm64 { big_endian: false } => (Format::Arm64Image, Some(Architecture::Arm64)),
            Flat::Arm64 { big_endian: true } => (Format::Arm64Image, None),
            Flat::Riscv64 => (Format::RiscvImage, Some(Architecture::Riscv64)),
        };
        self.format = format;
        self.architecture = value.map(|value| Known { value, by: Evidence::ImageHeader });
        self.boot.insert(0, BootProtocol::LinuxImage);
        self.describe_words(source)
    }

    fn describe_words(&mut self, source: &mut Source<'_, impl Read + Seek>) -> io::Result<()> {
        let words = guest::of_text(source)?;
        self.guest = words.guest;
        self.linux_version = words.linux_version;
        Ok(())
    }

    fn is(&self, guest: Guest) -> bool {
        self.guest.as_ref().is_some_and(|known| known.value == guest)
    }
}

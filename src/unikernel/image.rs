//! Boot images that are no ELF files: the x86 bzImage, the flat Images of arm64 and riscv64, and
//! the EFI zboot image that holds one of these compressed.
//!
//! Followed: the kernel's `Documentation/arch/x86/boot.rst`, `arm64/booting.rst` and
//! `riscv/boot-image-header.rst`.

use std::io::{self, Read, Seek};

use super::compression::Compression;
use super::malformed::{Fault, Faults, Part};
use super::source::{Fields, Source, text};

/// An x86 Linux kernel with its setup code.
#[derive(Debug)]
pub(super) struct BzImage {
    /// The version of the boot protocol, high byte dot low byte.
    pub(super) protocol: u16,
    /// Whether it has a 64-bit entry point; `None` when its protocol is too old to say.
    pub(super) long_mode: Option<bool>,
    /// The version of Linux.
    pub(super) version: Option<String>,
}

/// A flat Image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flat {
    Arm64 { big_endian: bool },
    Riscv64,
}

/// An EFI zboot image.
#[derive(Debug, Clone, Copy)]
pub(super) struct Zboot {
    /// What the kernel inside is compressed with.
    pub(super) compression: Option<Compression>,
}

/// Reads the setup header of a bzImage; `None` when there is none.
pub(super) fn bz_image(
    source: &mut Source<'_, impl Read + Seek>,
    faults: &mut Faults,
) -> io::Result<Option<BzImage>> {
    let limit = source.len();
    let fields = Fields::little(source.at(0, 0x268)?);
    if !fields.has(0x202, b"HdrS") {
        return Ok(None);
    }
    if !fields.has(0x1fe, &[0x55, 0xaa]) {
        faults.add(0x1fe, Fault::Magic { part: Part::SetupHeader });
    }
    let Some(protocol) = fields.u16(0x206) else {
        let (part, end) = (Part::SetupHeader, 0x208);
        faults.add(0x202, Fault::PastEnd { part, end, limit });
        return Ok(Some(BzImage { protocol: 0, long_mode: None, version: None }));
    };
    let flags = if protocol >= 0x020c { fields.u16(0x236) } else { None };
    let name = fields.u16(0x20e).filter(|&name| name != 0);
    if let (Some(sectors), Some(paragraphs)) = (fields.u8(0x1f1), fields.u32(0x1f4)) {
        // No sectors means four, for the sake of kernels older than the field.
        let sectors = if sectors == 0 { 4 } else { u64::from(sectors) };
        let setup = sectors.saturating_add(1).saturating_mul(512);
        let end = setup.saturating_add(u64::from(paragraphs).saturating_mul(16));
        if end > limit {
            faults.add(0x1f4, Fault::PastEnd { part: Part::Kernel, end, limit });
        }
    }
    let version = match name {
        Some(name) => {
            let said = text(source.at(u64::from(name).saturating_add(0x200), 128)?);
            said.split_whitespace().next().map(str::to_owned)
        }
        None => None,
    };
    let long_mode = flags.map(|flags| flags & 1 != 0);
    Ok(Some(BzImage { protocol, long_mode, version }))
}

/// Recognises a flat Image by its first 64 bytes.
pub(super) fn flat(head: &[u8]) -> Option<Flat> {
    let fields = Fields::little(head);
    if fields.has(0x38, b"ARM\x64") {
        // Bit 0 of the flags at 0x18 is the byte order.
        return Some(Flat::Arm64 { big_endian: fields.u8(0x18)? & 1 != 0 });
    }
    (fields.has(0x30, b"RISCV") && fields.has(0x38, b"RSC\x05")).then_some(Flat::Riscv64)
}

/// Recognises an EFI zboot image.
pub(super) fn zboot(
    source: &mut Source<'_, impl Read + Seek>,
    faults: &mut Faults,
) -> io::Result<Option<Zboot>> {
    let limit = source.len();
    let fields = Fields::little(source.at(0, 64)?);
    if !fields.has(0, b"MZ") || !fields.has(4, b"zimg") {
        return Ok(None);
    }
    let (Some(start), Some(size)) = (fields.u32(8), fields.u32(12)) else {
        return Ok(Some(Zboot { compression: None }));
    };
    let end = u64::from(start).saturating_add(size.into());
    if end > limit {
        faults.add(8, Fault::PastEnd { part: Part::Payload, end, limit });
    }
    let compression = Compression::of(source.at(start.into(), 16)?);
    Ok(Some(Zboot { compression }))
}

//! PE: the machine of an EFI program, which Linux kernels often are besides what else they are.

use std::io::{self, Read, Seek};

use super::Architecture;
use super::malformed::{Fault, Faults, Part};
use super::source::{Fields, Source};

const SIGNATURE: &[u8] = b"PE\0\0";
const SUBSYSTEM: usize = 92;
const EFI_APPLICATION: u16 = 10;

/// A PE file, as far as it matters here.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pe {
    pub(super) machine: u16,
    /// Whether firmware starts it.
    pub(super) efi: bool,
}

/// Reads the PE header of a file; `None` when the file is no PE file.
pub(super) fn read(
    source: &mut Source<'_, impl Read + Seek>,
    faults: &mut Faults,
) -> io::Result<Option<Pe>> {
    let dos = source.at(0, 64)?;
    if !dos.starts_with(b"MZ") {
        return Ok(None);
    }
    let Some(start) = Fields::little(dos).u32(0x3c) else { return Ok(None) };
    let limit = source.len();
    let header = Fields::little(source.at(start.into(), 96)?);
    if !header.has(0, SIGNATURE) {
        return Ok(None);
    }
    let Some(machine) = header.u16(4) else {
        let end = u64::from(start).saturating_add(6);
        faults.add(start.into(), Fault::PastEnd { part: Part::PeHeader, end, limit });
        return Ok(None);
    };
    Ok(Some(Pe { machine, efi: header.u16(SUBSYSTEM) == Some(EFI_APPLICATION) }))
}

impl Pe {
    /// The architecture that the machine field stands for.
    pub(super) fn architecture(self) -> Option<Architecture> {
        match self.machine {
            0x8664 => Some(Architecture::Amd64),
            0x014c => Some(Architecture::I386),
            0xaa64 => Some(Architecture::Arm64),
            // 0x01c2 is what Linux' own EFI stub for 32-bit ARM has.
            0x01c4 | 0x01c2 => Some(Architecture::Arm),
            0x5064 => Some(Architecture::Riscv64),
            0x6264 => Some(Architecture::Loong64),
            _ => None,
        }
    }
}

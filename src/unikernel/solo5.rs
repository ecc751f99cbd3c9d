//! Solo5: the two notes that say which tender a guest is for and which devices it wants.
//!
//! Followed to the letter of its tenders: only the first note of a segment counts, and of several
//! notes of one type the first.

use std::fmt;
use std::io::{self, Read, Seek};

use super::malformed::{Fault, Faults, Part};
use super::note::{Note, Owner};
use super::source::{Fields, Source, text};

/// The interpreter that every Solo5 guest names, so that no Linux runs it.
pub(super) const INTERPRETER: &str = "/nonexistent/solo5/";

const ABI: u32 = 0x3149_4241;
const MANIFEST: u32 = 0x3154_464d;
const ABI_SIZE: u32 = 16;
const MANIFEST_VERSION: u32 = 1;
/// Padding, version, number of entries.
const MANIFEST_HEAD: u32 = 12;
const ENTRY: u32 = 104;
const MAX_ENTRIES: u32 = 64;
const MAX_NAME: usize = 68;
const RESERVED_FIRST: u32 = 0x4000_0000;

/// What a Solo5 guest says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Solo5 {
    /// What it is built for; `None` when the note is missing or unreadable.
    pub abi: Option<Solo5Abi>,
    /// The devices it declares, in its order; `None` when the manifest is missing or unreadable.
    pub devices: Option<Vec<Device>>,
}

/// What a Solo5 guest is built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Solo5Abi {
    /// The target.
    pub target: Solo5Target,
    /// The version of the target's interface; tender and guest must agree.
    pub version: u32,
}

/// A target of Solo5.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Solo5Target {
    /// The tender `solo5-hvt`.
    Hvt,
    /// The tender `solo5-spt`.
    Spt,
    /// A virtual machine with virtio devices.
    Virtio,
    /// The Muen separation kernel.
    Muen,
    /// The Genode system.
    Genode,
    /// Xen.
    Xen,
    /// A number that no Solo5 known here uses.
    Other(u32),
}

/// A device that a guest declares and cannot run without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The name, by which a tender is told what to attach.
    pub name: String,
    /// The type.
    pub kind: DeviceKind,
}

/// The type of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceKind {
    /// `BLOCK_BASIC`.
    Block,
    /// `NET_BASIC`.
    Net,
    /// A number that no Solo5 known here uses.
    Other(u32),
}

impl Solo5Target {
    fn from_number(number: u32) -> Self {
        match number {
            1 => Self::Hvt,
            2 => Self::Spt,
            3 => Self::Virtio,
            4 => Self::Muen,
            5 => Self::Genode,
            6 => Self::Xen,
            other => Self::Other(other),
        }
    }

    /// The monitor that starts such a guest, as urunc spells it.
    pub fn monitor(self) -> Option<&'static str> {
        match self {
            Self::Hvt => Some("hvt"),
            Self::Spt => Some("spt"),
            Self::Virtio => Some("qemu"),
            Self::Muen | Self::Genode | Self::Xen | Self::Other(_) => None,
        }
    }
}

impl fmt::Display for Solo5Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hvt => f.write_str("hvt"),
            Self::Spt => f.write_str("spt"),
            Self::Virtio => f.write_str("virtio"),
            Self::Muen => f.write_str("muen"),
            Self::Genode => f.write_str("genode"),
            Self::Xen => f.write_str("xen"),
            Self::Other(number) => write!(f, "target {number}"),
        }
    }
}

impl fmt::Display for DeviceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Block => f.write_str("BLOCK_BASIC"),
            Self::Net => f.write_str("NET_BASIC"),
            Self::Other(number) => write!(f, "type {number}"),
        }
    }
}

/// Reads the Solo5 notes; `None` when there is neither a note nor the interpreter.
pub(super) fn read(
    source: &mut Source<'_, impl Read + Seek>,
    big_endian: bool,
    interpreter: Option<&str>,
    notes: &[Note],
    faults: &mut Faults,
) -> io::Result<Option<Solo5>> {
    let abi = pick(notes, ABI, Part::Solo5Abi, faults);
    let manifest = pick(notes, MANIFEST, Part::Solo5Manifest, faults);
    if abi.is_none() && manifest.is_none() && interpreter != Some(INTERPRETER) {
        return Ok(None);
    }
    Ok(Some(Solo5 {
        abi: match abi {
            Some(note) => read_abi(source, big_endian, note, faults)?,
            None => None,
        },
        devices: match manifest {
            Some(note) => read_manifest(source, big_endian, note, faults)?,
            None => None,
        },
    }))
}

fn pick(notes: &[Note], kind: u32, part: Part, faults: &mut Faults) -> Option<Note> {
    let mut picked = None;
    for note in notes.iter().filter(|note| note.owner == Owner::Solo5 && note.kind == kind) {
        if !note.first {
            faults.add(note.offset, Fault::Hidden { part });
        } else if picked.is_some() {
            faults.add(note.offset, Fault::Repeated { part });
        } else {
            picked = Some(*note);
        }
    }
    picked
}

fn read_abi(
    source: &mut Source<'_, impl Read + Seek>,
    big_endian: bool,
    note: Note,
    faults: &mut Faults,
) -> io::Result<Option<Solo5Abi>> {
    if note.size != ABI_SIZE {
        let (size, expected) = (note.size.into(), ABI_SIZE.into());
        faults.add(note.offset, Fault::Size { part: Part::Solo5Abi, size, expected });
        return Ok(None);
    }
    let fields = Fields::new(source.at(note.offset, 8)?, big_endian);
    let (Some(target), Some(version)) = (fields.u32(0), fields.u32(4)) else { return Ok(None) };
    Ok(Some(Solo5Abi { target: Solo5Target::from_number(target), version }))
}

fn read_manifest(
    source: &mut Source<'_, impl Read + Seek>,
    big_endian: bool,
    note: Note,
    faults: &mut Faults,
) -> io::Result<Option<Vec<Device>>> {
    let part = Part::Solo5Manifest;
    let head = Fields::new(source.at(note.offset, 12)?, big_endian);
    let (Some(version), Some(count)) = (head.u32(4), head.u32(8)) else { return Ok(None) };
    if note.size < MANIFEST_HEAD {
        let (size, expected) = (note.size.into(), MANIFEST_HEAD.into());
        faults.add(note.offset, Fault::Size { part, size, expected });
        return Ok(None);
    }
    if version != MANIFEST_VERSION {
        faults.add(note.offset, Fault::Version { part, version, expected: MANIFEST_VERSION });
        return Ok(None);
    }
    if count == 0 || count > MAX_ENTRIES {
        let (count, most) = (count.into(), MAX_ENTRIES.into());
        faults.add(note.offset, Fault::Count { part, count, most });
        return Ok(None);
    }
    let expected = ENTRY.saturating_mul(count).saturating_add(MANIFEST_HEAD);
    if note.size != expected {
        let (size, expected) = (note.size.into(), expected.into());
        faults.add(note.offset, Fault::Size { part, size, expected });
        return Ok(None);
    }
    let mut devices = Vec::new();
    for index in 0..count {
        let behind = MANIFEST_HEAD.saturating_add(ENTRY.saturating_mul(index));
        let place = note.offset.saturating_add(behind.into());
        let entry = source.at(place, 104)?;
        let fields = Fields::new(entry, big_endian);
        let (Some(name), Some(kind), Some(attached)) =
            (entry.get(..MAX_NAME), fields.u32(68), fields.u8(96))
        else {
            return Ok(None);
        };
        if index == 0 {
            if kind != RESERVED_FIRST || name.first() != Some(&0) || name.last() != Some(&0) {
                faults.add(place, Fault::FirstEntry);
            }
            continue;
        }
        devices.push(device(place, name, kind, attached, faults));
    }
    Ok(Some(devices))
}

fn device(place: u64, name: &[u8], kind: u32, attached: u8, faults: &mut Faults) -> Device {
    let ended = name.last() == Some(&0);
    let name = text(name);
    if !ended || name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        faults.add(place, Fault::DeviceName { name: name.clone() });
    }
    if attached != 0 {
        faults.add(place, Fault::DeviceAttached { name: name.clone() });
    }
    let kind = match kind {
        1 => DeviceKind::Block,
        2 => DeviceKind::Net,
        kind => {
            faults.add(place, Fault::DeviceKind { name: name.clone(), kind });
            DeviceKind::Other(kind)
        }
    };
    Device { name, kind }
}

//! Initrds: cpio archives, plain or compressed, one behind another.
//!
//! The walk goes over the entries of newc archives, the only kind that Linux unpacks, so that a
//! second archive behind the first one is seen. Behind a compressed archive nothing can be seen
//! without unpacking it.

use std::fmt;
use std::io::{self, Read, Seek};

use super::compression::Compression;
use super::elf;
use super::malformed::{Fault, Faults, Malformed, Part};
use super::source::{Source, WINDOW};

/// More archives, entries or zeros than these are not looked at.
const MAX_ARCHIVES: usize = 64;
const MAX_ENTRIES: u32 = 1 << 20;
const MAX_ZEROS: u64 = 1 << 20;

const NEWC_HEADER: u64 = 110;
const TRAILER: &[u8] = b"TRAILER!!!\0";

/// What an initrd consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Initrd {
    /// The number of bytes.
    pub size: u64,
    /// The archives in their order; none when the file begins like no initrd.
    pub archives: Vec<Archive>,
    /// What is wrong with the file, in the order of the places.
    pub problems: Vec<Malformed>,
}

/// One archive of an initrd.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Archive {
    /// Where it begins.
    pub offset: u64,
    /// What it is.
    pub format: ArchiveFormat,
}

/// What an archive of an initrd is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArchiveFormat {
    /// A plain cpio archive.
    Cpio(Cpio),
    /// Something compressed.
    Compressed(Compression),
    /// An ELF file, as Hermit's loader takes one for an application.
    Elf,
}

/// The kinds of cpio archives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cpio {
    /// `070701`.
    Newc,
    /// `070702`: newc with checksums.
    Crc,
    /// `070707`: the old portable format.
    Odc,
    /// The old binary format.
    Bin,
}

impl ArchiveFormat {
    /// The format of an archive, by its first bytes.
    pub fn of(head: &[u8]) -> Option<Self> {
        let begins = |magic: &[u8]| head.starts_with(magic);
        Some(match () {
            () if begins(b"070701") => Self::Cpio(Cpio::Newc),
            () if begins(b"070702") => Self::Cpio(Cpio::Crc),
            () if begins(b"070707") => Self::Cpio(Cpio::Odc),
            // The same number in either byte order.
            () if begins(&[0xc7, 0x71]) || begins(&[0x71, 0xc7]) => Self::Cpio(Cpio::Bin),
            () if begins(elf::MAGIC) => Self::Elf,
            () => return Compression::of(head).map(Self::Compressed),
        })
    }
}

/// Describes the initrd in `file`, from its first byte, wherever the file stands now.
///
/// # Errors
/// Those of the reader alone.
pub fn read(file: &mut (impl Read + Seek)) -> io::Result<Initrd> {
    let mut source = Source::new(file)?;
    let mut faults = Faults::default();
    let mut archives = Vec::new();
    let mut entries = MAX_ENTRIES;
    let mut next = Some(0);
    if source.len() == 0 {
        faults.add(0, Fault::Empty);
    }
    while let Some(offset) = next {
        let Some(format) = ArchiveFormat::of(source.at(offset, 16)?) else { break };
        if archives.len() > MAX_ARCHIVES {
            let (count, most) = (archives.len() as u64, MAX_ARCHIVES as u64);
            faults.add(offset, Fault::Count { part: Part::Archive, count, most });
            break;
        }
        archives.push(Archive { offset, format });
        next = match format {
            ArchiveFormat::Cpio(Cpio::Newc | Cpio::Crc) => {
                match after_newc(&mut source, offset, &mut entries, &mut faults)? {
                    Some(end) => after_zeros(&mut source, end)?,
                    None => None,
                }
            }
            ArchiveFormat::Cpio(Cpio::Odc | Cpio::Bin)
            | ArchiveFormat::Compressed(_)
            | ArchiveFormat::Elf => None,
        };
    }
    Ok(Initrd { size: source.len(), archives, problems: faults.finish() })
}

/// Walks over the entries of the archive at `start` and returns where it ends.
fn after_newc(
    source: &mut Source<'_, impl Read + Seek>,
    start: u64,
    entries: &mut u32,
    faults: &mut Faults,
) -> io::Result<Option<u64>> {
    let part = Part::Archive;
    let limit = source.len();
    let mut place = start;
    loop {
        let Some(left) = entries.checked_sub(1) else {
            let (count, most) = (u64::from(MAX_ENTRIES).saturating_add(1), MAX_ENTRIES.into());
            faults.add(start, Fault::Count { part, count, most });
            return Ok(None);
        };
        *entries = left;
        let header = source.at(place, 110)?;
        let is_entry = header.starts_with(b"070701") || header.starts_with(b"070702");
        if !is_entry && !header.is_empty() && place.saturating_add(NEWC_HEADER) <= limit {
            faults.add(place, Fault::Magic { part });
            return Ok(None);
        }
        let (Some(size), Some(name_size)) = (hex(header, 54), hex(header, 94)) else {
            if place.saturating_add(NEWC_HEADER) > limit {
                let end = place.saturating_add(NEWC_HEADER);
                faults.add(place, Fault::PastEnd { part, end, limit });
            } else {
                faults.add(place, Fault::Magic { part });
            }
            return Ok(None);
        };
        // Entries are padded to 4 bytes counted from the beginning of their archive.
        let name = place.saturating_add(NEWC_HEADER);
        let is_last =
            name_size == TRAILER.len() as u64 && source.at(name, TRAILER.len())? == TRAILER;
        let data = start.saturating_add(padded(name.saturating_add(name_size), start));
        let end = data.saturating_add(size);
        if end > limit {
            // The last entry is often not padded.
            if is_last && size == 0 && name.saturating_add(name_size) <= limit {
                return Ok(Some(limit));
            }
            faults.add(place, Fault::PastEnd { part, end, limit });
            return Ok(None);
        }
        place = start.saturating_add(padded(end, start));
        if is_last {
            return Ok(Some(place));
        }
    }
}

/// The distance from `start`, rounded up to 4.
fn padded(place: u64, start: u64) -> u64 {
    place.saturating_sub(start).checked_next_multiple_of(4).unwrap_or(u64::MAX)
}

/// A number of eight hexadecimal digits.
fn hex(header: &[u8], at: usize) -> Option<u64> {
    let digits = header.get(at..)?.first_chunk::<8>()?;
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u64::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
}

/// The first place from `start` on that is not zero.
fn after_zeros(source: &mut Source<'_, impl Read + Seek>, start: u64) -> io::Result<Option<u64>> {
    let most = start.saturating_add(MAX_ZEROS);
    let mut place = start;
    while place < most {
        let piece = source.at(place, WINDOW)?;
        if piece.is_empty() {
            return Ok(None);
        }
        match piece.iter().position(|&byte| byte != 0) {
            Some(index) => return Ok(Some(place.saturating_add(index as u64))),
            None => place = place.saturating_add(piece.len() as u64),
        }
    }
    Ok(None)
}

impl fmt::Display for ArchiveFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpio(Cpio::Newc) => f.write_str("newc cpio archive"),
            Self::Cpio(Cpio::Crc) => f.write_str("newc cpio archive with checksums"),
            Self::Cpio(Cpio::Odc) => f.write_str("odc cpio archive"),
            Self::Cpio(Cpio::Bin) => f.write_str("binary cpio archive"),
            Self::Compressed(compression) => write!(f, "{compression}-compressed archive"),
            Self::Elf => f.write_str("ELF file"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::synthetic;
    use super::*;
    use std::io::Cursor;

    fn describe(bytes: &[u8]) -> Initrd {
        read(&mut Cursor::new(bytes)).unwrap()
    }

    fn entry(name: &str, data: &[u8], magic: &str) -> Vec<u8> {
        let mut fields = [0_u32; 13];
        fields[6] = u32::try_from(data.len()).unwrap();
        fields[11] = u32::try_from(name.len() + 1).unwrap();
        let mut bytes = magic.as_bytes().to_vec();
        for field in fields {
            bytes.extend(format!("{field:08X}").bytes());
        }
        bytes.extend(name.bytes());
        bytes.push(0);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes.extend(data);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    fn archive(magic: &str) -> Vec<u8> {
        [entry("init", b"hello", magic), entry("TRAILER!!!", b"", magic)].concat()
    }

    #[test]
    fn every_magic_is_known() {
        let cases: [(&[u8], ArchiveFormat); 14] = [
            (b"070701", ArchiveFormat::Cpio(Cpio::Newc)),
            (b"070702", ArchiveFormat::Cpio(Cpio::Crc)),
            (b"070707", ArchiveFormat::Cpio(Cpio::Odc)),
            (b"\xc7\x71", ArchiveFormat::Cpio(Cpio::Bin)),
            (b"\x71\xc7", ArchiveFormat::Cpio(Cpio::Bin)),
            (b"\x1f\x8b\x08", ArchiveFormat::Compressed(Compression::Gzip)),
            (b"\x28\xb5\x2f\xfd", ArchiveFormat::Compressed(Compression::Zstd)),
            (b"\xfd7zXZ\0", ArchiveFormat::Compressed(Compression::Xz)),
            (b"\x5d\0\0", ArchiveFormat::Compressed(Compression::Lzma)),
            (b"BZh9", ArchiveFormat::Compressed(Compression::Bzip2)),
            (b"\x04\x22\x4d\x18", ArchiveFormat::Compressed(Compression::Lz4)),
            (b"\x02\x21\x4c\x18", ArchiveFormat::Compressed(Compression::Lz4Legacy)),
            (b"\x89LZO", ArchiveFormat::Compressed(Compression::Lzop)),
            (b"\x7fELF\x02", ArchiveFormat::Elf),
        ];
        for (bytes, format) in cases {
            assert_eq!(describe(bytes).archives, [Archive { offset: 0, format }]);
        }
        assert!(describe(b"#!/bin/sh").archives.is_empty());
        assert!(describe(b"").archives.is_empty());
        assert_eq!(describe(b"").problems[0].fault, Fault::Empty);
    }

    #[test]
    fn an_archive_behind_another_is_seen() {
        let mut bytes = archive("070701");
        bytes.resize(1024, 0);
        bytes.extend(archive("070702"));
        let gzip = bytes.len() as u64 + 512;
        bytes.resize(bytes.len() + 512, 0);
        bytes.extend([0x1f, 0x8b, 8, 0]);
        let found = describe(&bytes);
        assert_eq!(
            found.archives,
            [
                Archive { offset: 0, format: ArchiveFormat::Cpio(Cpio::Newc) },
                Archive { offset: 1024, format: ArchiveFormat::Cpio(Cpio::Crc) },
                Archive { offset: gzip, format: ArchiveFormat::Compressed(Compression::Gzip) },
            ]
        );
        assert!(found.problems.is_empty(), "{:?}", found.problems);
    }

    #[test]
    fn a_cut_archive_is_told_at_every_length() {
        let whole = archive("070701");
        // Only the padding behind the last name is not missed.
        let enough = whole.len() - 3;
        for length in 6..whole.len() {
            let found = describe(&whole[..length]);
            assert_eq!(found.archives.len(), 1);
            assert_eq!(found.problems.is_empty(), length >= enough, "{length}: {found:?}");
        }
    }

    #[test]
    fn mutated_archives_are_described() {
        let mut random = synthetic::Xorshift::new();
        let whole = [archive("070701"), vec![0; 12], archive("070702")].concat();
        for _ in 0..20_000 {
            let mut file = whole.clone();
            synthetic::mutate(&mut file, &mut random);
            let found = describe(&file);
            assert!(found.archives.is_sorted_by_key(|archive| archive.offset));
        }
    }

    #[test]
    fn a_size_beyond_everything_is_told() {
        let mut bytes = archive("070701");
        bytes[54..62].copy_from_slice(b"FFFFFFFF");
        let problems = describe(&bytes).problems;
        assert!(matches!(problems[0].fault, Fault::PastEnd { part: Part::Archive, .. }));
        bytes[54..62].copy_from_slice(b"+FFFFFFF");
        assert_eq!(describe(&bytes).problems[0].fault, Fault::Magic { part: Part::Archive });
    }
}

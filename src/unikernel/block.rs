//! Block images: file systems, partition tables, and the disk formats that no monitor is told of.

use std::fmt;
use std::io::{self, Read, Seek};

use super::source::{Fields, Source};

/// What a block image holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum BlockFormat {
    Ext2,
    Ext3,
    Ext4,
    Squashfs,
    Iso9660,
    Fat12,
    Fat16,
    Fat32,
    Ufs2,
    Erofs,
    Xfs,
    Btrfs,
    /// A partition table of the GUID kind.
    Gpt,
    /// A partition table in the master boot record.
    Mbr,
    Qcow2,
    Vmdk,
    Vdi,
    Vhdx,
}

/// How the bytes of an image are to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// As a file system.
    FileSystem,
    /// As partitions, each with a file system of its own.
    Partitions,
    /// As a disk in a format of its own, which a monitor that expects raw bytes cannot use.
    Disk,
}

impl BlockFormat {
    /// How the bytes are to be taken.
    pub fn content(self) -> Content {
        match self {
            Self::Gpt | Self::Mbr => Content::Partitions,
            Self::Qcow2 | Self::Vmdk | Self::Vdi | Self::Vhdx => Content::Disk,
            Self::Ext2
            | Self::Ext3
            | Self::Ext4
            | Self::Squashfs
            | Self::Iso9660
            | Self::Fat12
            | Self::Fat16
            | Self::Fat32
            | Self::Ufs2
            | Self::Erofs
            | Self::Xfs
            | Self::Btrfs => Content::FileSystem,
        }
    }
}

/// Recognises the block image in `file`; `None` when it holds nothing that is known.
///
/// # Errors
/// Those of the reader alone.
pub fn read(file: &mut (impl Read + Seek)) -> io::Result<Option<BlockFormat>> {
    let mut source = Source::new(file)?;
    // Formats with a mark of their own at the very beginning, then file systems, then what many
    // of them have as well: the mark of a boot sector at 510.
    let head = source.at(0, 2048)?;
    if let Some(format) = of_beginning(head).or_else(|| of_superblock(head)) {
        return Ok(Some(format));
    }
    let boot_sector = of_boot_sector(head);
    // A disc image that also boots from a disk has a partition table besides.
    if source.at(32_769, 5)? == b"CD001" {
        return Ok(Some(BlockFormat::Iso9660));
    }
    if source.at(65_536 + 64, 8)? == b"_BHRfS_M" {
        return Ok(Some(BlockFormat::Btrfs));
    }
    let ufs = source.at(65_536 + 1372, 4)?;
    if ufs == 0x1954_0119_u32.to_le_bytes() || ufs == 0x1954_0119_u32.to_be_bytes() {
        return Ok(Some(BlockFormat::Ufs2));
    }
    Ok(boot_sector)
}

fn of_beginning(head: &[u8]) -> Option<BlockFormat> {
    let fields = Fields::little(head);
    Some(match () {
        () if fields.has(0, b"QFI\xfb") => BlockFormat::Qcow2,
        () if fields.has(0, b"KDMV") => BlockFormat::Vmdk,
        () if fields.has(0, b"vhdxfile") => BlockFormat::Vhdx,
        () if fields.has(64, &0xbeda_107f_u32.to_le_bytes()) => BlockFormat::Vdi,
        () if fields.has(0, b"hsqs") => BlockFormat::Squashfs,
        () if fields.has(0, b"XFSB") => BlockFormat::Xfs,
        () => return None,
    })
}

fn of_superblock(head: &[u8]) -> Option<BlockFormat> {
    let fields = Fields::little(head);
    if fields.u32(1024) == Some(0xe0f5_e1e2) {
        return Some(BlockFormat::Erofs);
    }
    if fields.u16(1080) != Some(0xef53) || fields.has(512, b"EFI PART") {
        return None;
    }
    // Features that ext3 does not have: all but FILETYPE, RECOVER and META_BG, and all but
    // SPARSE_SUPER, LARGE_FILE and BTREE_DIR.
    let is_ext4 = fields.u32(1120)? & !0x16 != 0 || fields.u32(1124)? & !0x7 != 0;
    let has_journal = fields.u32(1116)? & 0x4 != 0;
    Some(match (is_ext4, has_journal) {
        (true, _) => BlockFormat::Ext4,
        (false, true) => BlockFormat::Ext3,
        (false, false) => BlockFormat::Ext2,
    })
}

fn of_boot_sector(head: &[u8]) -> Option<BlockFormat> {
    let fields = Fields::little(head);
    Some(match () {
        () if fields.has(512, b"EFI PART") => BlockFormat::Gpt,
        () if !fields.has(510, &[0x55, 0xaa]) => return None,
        () if fields.has(54, b"FAT12") => BlockFormat::Fat12,
        () if fields.has(54, b"FAT16") => BlockFormat::Fat16,
        () if fields.has(82, b"FAT32") => BlockFormat::Fat32,
        () if has_partitions(fields) => BlockFormat::Mbr,
        () => return None,
    })
}

/// Whether each of the four partitions is either active or not, as code in that place is not.
fn has_partitions(fields: Fields<'_>) -> bool {
    [446, 462, 478, 494].into_iter().all(|entry| matches!(fields.u8(entry), Some(0 | 0x80)))
}

impl fmt::Display for BlockFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ext2 => "ext2",
            Self::Ext3 => "ext3",
            Self::Ext4 => "ext4",
            Self::Squashfs => "squashfs",
            Self::Iso9660 => "ISO 9660",
            Self::Fat12 => "FAT12",
            Self::Fat16 => "FAT16",
            Self::Fat32 => "FAT32",
            Self::Ufs2 => "UFS2",
            Self::Erofs => "erofs",
            Self::Xfs => "xfs",
            Self::Btrfs => "btrfs",
            Self::Gpt => "GPT partition table",
            Self::Mbr => "MBR partition table",
            Self::Qcow2 => "qcow2",
            Self::Vmdk => "VMDK",
            Self::Vdi => "VDI",
            Self::Vhdx => "VHDX",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    type Marks<'m> = &'m [(usize, &'m [u8])];

    fn image(marks: Marks<'_>) -> Vec<u8> {
        let mut bytes = vec![0; 70_000];
        for (place, mark) in marks {
            bytes[*place..*place + mark.len()].copy_from_slice(mark);
        }
        bytes
    }

    fn describe(bytes: &[u8]) -> Option<BlockFormat> {
        read(&mut Cursor::new(bytes)).unwrap()
    }

    const EXT: (usize, &[u8]) = (1080, &[0x53, 0xef]);
    const BOOT: (usize, &[u8]) = (510, &[0x55, 0xaa]);
    const CASES: &[(BlockFormat, Marks<'static>)] = &[
        (BlockFormat::Ext2, &[EXT, (1120, &[2]), (1124, &[3])]),
        (BlockFormat::Ext2, &[EXT, BOOT]),
        (BlockFormat::Ext3, &[EXT, (1116, &[4]), (1120, &[6])]),
        (BlockFormat::Ext4, &[EXT, (1116, &[4]), (1120, &[0x42])]),
        (BlockFormat::Ext4, &[EXT, (1124, &[0x10])]),
        (BlockFormat::Gpt, &[(512, b"EFI PART"), BOOT]),
        (BlockFormat::Gpt, &[(512, b"EFI PART"), EXT]),
        (BlockFormat::Mbr, &[BOOT]),
        (BlockFormat::Squashfs, &[(0, b"hsqs")]),
        (BlockFormat::Iso9660, &[(32_769, b"CD001")]),
        (BlockFormat::Iso9660, &[(32_769, b"CD001"), (512, b"EFI PART"), BOOT]),
        (BlockFormat::Fat12, &[(54, b"FAT12"), BOOT]),
        (BlockFormat::Fat16, &[(54, b"FAT16"), BOOT]),
        (BlockFormat::Fat32, &[(82, b"FAT32"), BOOT]),
        (BlockFormat::Ufs2, &[(65_536 + 1372, &[0x19, 0x01, 0x54, 0x19])]),
        (BlockFormat::Ufs2, &[(65_536 + 1372, &[0x19, 0x54, 0x01, 0x19])]),
        (BlockFormat::Erofs, &[(1024, &[0xe2, 0xe1, 0xf5, 0xe0])]),
        (BlockFormat::Xfs, &[(0, b"XFSB")]),
        (BlockFormat::Btrfs, &[(65_600, b"_BHRfS_M")]),
        (BlockFormat::Qcow2, &[(0, b"QFI\xfb")]),
        (BlockFormat::Vmdk, &[(0, b"KDMV")]),
        (BlockFormat::Vdi, &[(64, &[0x7f, 0x10, 0xda, 0xbe])]),
        (BlockFormat::Vhdx, &[(0, b"vhdxfile")]),
    ];

    #[test]
    fn every_format_is_known_by_its_marks() {
        for (format, marks) in CASES {
            assert_eq!(describe(&image(marks)), Some(*format), "{marks:?}");
        }
        assert_eq!(describe(&image(&[BOOT, (446, b"code")])), None);
        assert_eq!(describe(&image(&[])), None);
        assert_eq!(describe(b""), None);
    }

    #[test]
    fn a_cut_image_is_its_format_or_nothing() {
        for (format, marks) in CASES {
            let whole = image(marks);
            for (place, mark) in *marks {
                for length in *place..=place + mark.len() + 8 {
                    let found = describe(&whole[..length]);
                    // What a boot sector says is believed until the marks behind it are there.
                    let known =
                        [None, Some(*format), Some(BlockFormat::Mbr), Some(BlockFormat::Gpt)];
                    assert!(known.contains(&found), "{length}: {found:?}");
                }
            }
        }
    }
}

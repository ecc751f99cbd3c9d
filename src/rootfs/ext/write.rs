//! The tables and the files, written down.

use super::geometry::Geometry;
use super::inodes::{FIRST, Inode, Inodes, MAX_FAST, Name, entry_size};
use super::place::{Allocation, Index, Place, extents, indirect, units};
use super::{BLOCK, Options, PER_GROUP, Version};
use crate::rootfs::pieces::{Piece, Pieces};
use crate::rootfs::{Content, Device, Special};

/// The file system's identity, and that of the hashes of its folders: the same for all, since nothing of this machine and
/// no chance is to be in the bytes. UUIDs of version 8, which leaves them to their makers (RFC 9562).
const UUID: [u8; 16] = *b"bimanix\x80\x90rootfs\0";
const HASH_SEED: [u8; 16] = *b"bimanix\x80\x90hashes\0";
/// What the fields of an inode need behind its first 128 bytes, in ext4.
const EXTRA: u16 = 32;
/// Its flag that its blocks are given by extents.
const EXTENTS: u32 = 0x8_0000;

/// Bytes with numbers in them.
struct Table(Vec<u8>);

impl Table {
    fn new(size: u64) -> Self {
        Table(vec![0; usize::try_from(size).unwrap_or(0)])
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        if let Some(room) = self.0.get_mut(at..at + bytes.len()) {
            room.copy_from_slice(bytes);
        }
    }

    /// Two bytes of a number, the low ones.
    fn put16(&mut self, at: usize, number: u64) {
        let bytes = number.to_le_bytes();
        self.put(at, bytes.get(..2).unwrap_or_default());
    }

    /// Four bytes of a number, the low ones.
    fn put32(&mut self, at: usize, number: u64) {
        let bytes = number.to_le_bytes();
        self.put(at, bytes.get(..4).unwrap_or_default());
    }

    /// Sets the bits of a range.
    fn set(&mut self, bits: std::ops::Range<u64>) {
        for bit in bits {
            if let Some(byte) = usize::try_from(bit / 8).ok().and_then(|at| self.0.get_mut(at)) {
                *byte |= 1 << (bit % 8);
            }
        }
    }

    /// Its bytes, without the zeros at the end.
    fn trimmed(mut self) -> Vec<u8> {
        let used = self.0.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
        self.0.truncate(used);
        self.0
    }
}

/// Pieces by where they begin, in bytes.
struct Out {
    pieces: Vec<(u64, Piece)>,
}

impl Out {
    fn bytes(&mut self, at: u64, bytes: Vec<u8>) {
        if !bytes.is_empty() {
            self.pieces.push((at, Piece::Bytes(bytes)));
        }
    }
}

/// What the descriptor of a group counts.
#[derive(Clone, Copy, Default)]
struct Count {
    free_blocks: u64,
    free_inodes: u64,
    folders: u64,
}

/// Writes a file system.
pub(super) fn write(
    inodes: Inodes,
    allocation: &Allocation,
    geometry: &Geometry,
    options: &Options,
) -> Pieces {
    let inode_size = options.version.inode_size();
    let used = inodes.count();
    let mut out = Out { pieces: Vec::new() };
    let mut counts: Vec<Count> = Vec::new();
    for (group, end) in (0..).zip(&allocation.ends) {
        let first = group * geometry.inodes_per_group;
        let taken = used.saturating_sub(first).min(geometry.inodes_per_group);
        counts.push(Count {
            free_blocks: geometry.group(group).end - end,
            free_inodes: geometry.inodes_per_group - taken,
            folders: 0,
        });
        bitmaps(group, *end, taken, geometry, &mut out);
    }
    let mut table = Table::new(0);
    let mut current = None;
    for ((number, inode), place) in inodes.into_iter().zip(&allocation.places) {
        let index = u64::from(number) - 1;
        let (group, inner) = (index / geometry.inodes_per_group, index % geometry.inodes_per_group);
        if current != Some(group) {
            finish_table(current, &mut table, geometry, &mut out);
            table = Table::new(geometry.table * BLOCK);
            current = Some(group);
        }
        if inode.content == Content::Directory
            && let Some(count) = usize::try_from(group).ok().and_then(|at| counts.get_mut(at))
        {
            count.folders += 1;
        }
        let at = usize::try_from(inner * inode_size).unwrap_or(0);
        table.put(at, &record(&inode, place, options.version, &mut out));
        contents(inode, place, &mut out);
    }
    finish_table(current, &mut table, geometry, &mut out);
    copies(&counts, geometry, options, &mut out);
    let mut pieces = out.pieces;
    pieces.sort_by_key(|(at, _)| *at);
    let mut whole = Pieces::default();
    for (at, piece) in pieces {
        whole.extend_to(at);
        whole.push(piece);
    }
    whole.extend_to(geometry.file_blocks * BLOCK);
    whole
}

fn finish_table(current: Option<u64>, table: &mut Table, geometry: &Geometry, out: &mut Out) {
    if let Some(group) = current {
        let done = std::mem::replace(table, Table::new(0));
        out.bytes(geometry.inodes(group) * BLOCK, done.trimmed());
    }
}

/// What of a group is taken. Bits beyond its end are set.
fn bitmaps(group: u64, end: u64, inodes: u64, geometry: &Geometry, out: &mut Out) {
    let blocks = geometry.group(group);
    let mut bitmap = Table::new(BLOCK);
    bitmap.set(0..end - blocks.start);
    bitmap.set(blocks.end - blocks.start..PER_GROUP);
    out.bytes(geometry.bitmaps(group) * BLOCK, bitmap.trimmed());
    let mut bitmap = Table::new(BLOCK);
    bitmap.set(0..inodes);
    bitmap.set(geometry.inodes_per_group..PER_GROUP);
    out.bytes((geometry.bitmaps(group) + 1) * BLOCK, bitmap.trimmed());
}

/// The superblock and the descriptors, wherever a group has them.
fn copies(counts: &[Count], geometry: &Geometry, options: &Options, out: &mut Out) {
    let mut descriptors = Vec::new();
    for (group, count) in (0..).zip(counts) {
        let mut descriptor = Table::new(32);
        descriptor.put32(0, geometry.bitmaps(group));
        descriptor.put32(4, geometry.bitmaps(group) + 1);
        descriptor.put32(8, geometry.inodes(group));
        descriptor.put16(12, count.free_blocks);
        descriptor.put16(14, count.free_inodes);
        descriptor.put16(16, count.folders);
        descriptors.extend(descriptor.0);
    }
    let superblock = superblock(counts, geometry, options);
    for group in (0..geometry.groups).filter(|group| Geometry::has_copy(*group)) {
        let start = group * PER_GROUP * BLOCK;
        let mut superblock = Table(superblock.clone());
        superblock.put16(90, group);
        // The first group leaves room for a boot sector.
        out.bytes(start + if group == 0 { 1024 } else { 0 }, superblock.0);
        out.bytes(start + BLOCK, descriptors.clone());
    }
}

fn superblock(counts: &[Count], geometry: &Geometry, options: &Options) -> Vec<u8> {
    let mut block = Table::new(1024);
    block.put32(0, geometry.groups * geometry.inodes_per_group);
    block.put32(4, geometry.blocks);
    block.put32(12, counts.iter().map(|count| count.free_blocks).sum());
    block.put32(16, counts.iter().map(|count| count.free_inodes).sum());
    // The sizes of blocks and fragments, as powers of two from 1 KiB on.
    block.put32(24, 2);
    block.put32(28, 2);
    block.put32(32, PER_GROUP);
    block.put32(36, PER_GROUP);
    block.put32(40, geometry.inodes_per_group);
    // It is mounted as often as one likes before it is checked.
    block.put16(54, 0xffff);
    block.put16(56, 0xef53);
    // It is clean, goes on after errors, and is of the revision that has features.
    block.put16(58, 1);
    block.put16(60, 1);
    block.put32(76, 1);
    block.put32(84, u64::from(FIRST));
    block.put16(88, options.version.inode_size());
    // Attributes beside the file, and folders that may be hashed.
    block.put32(92, 0x8 | 0x20);
    let (incompatible, read_only) = match options.version {
        Version::Ext2 => (0x2, 0x1 | 0x2),
        Version::Ext4 => (0x2 | 0x40, 0x1 | 0x2 | 0x20 | 0x40),
    };
    block.put32(96, incompatible);
    block.put32(100, read_only);
    block.put(104, &UUID);
    block.put(120, options.label.as_bytes());
    block.put(236, &HASH_SEED);
    // Hashes are half MD4, of signed bytes.
    block.put(252, &[1]);
    block.put32(352, 1);
    if options.version == Version::Ext4 {
        block.put16(348, u64::from(EXTRA));
        block.put16(350, u64::from(EXTRA));
    }
    block.0
}

/// The record of a file in the table of inodes; what else says where its blocks are goes to `out`.
fn record(inode: &Inode, place: &Place, version: Version, out: &mut Out) -> Vec<u8> {
    let mut record = Table::new(version.inode_size());
    record.put16(0, u64::from(inode.mode));
    record.put16(2, inode.uid);
    record.put32(4, inode.size);
    record.put16(24, inode.gid);
    record.put16(26, inode.links);
    record.put32(28, units(place));
    record.put32(108, inode.size >> 32);
    record.put16(120, inode.uid >> 16);
    record.put16(122, inode.gid >> 16);
    if version == Version::Ext4 {
        record.put16(128, u64::from(EXTRA));
    }
    match &inode.content {
        Content::Symlink(target) if target.len() <= MAX_FAST => record.put(40, target),
        Content::Special(special) => device(*special, &mut record),
        _ => {
            let Index { inode: bytes, blocks } = match version {
                Version::Ext2 => indirect(place),
                Version::Ext4 => {
                    record.put32(32, u64::from(EXTENTS));
                    extents(place)
                }
            };
            record.put(40, &bytes);
            let blocks = blocks.into_iter().map(|(block, piece)| (block * BLOCK, piece));
            out.pieces.extend(blocks);
        }
    }
    record.0
}

/// The number of a device: small ones as Linux of old had them, others as it has them now.
fn device(special: Special, record: &mut Table) {
    let (Special::Character(device) | Special::Block(device)) = special else { return };
    let Device { major, minor } = device;
    let (major, minor) = (u64::from(major), u64::from(minor));
    if major < 256 && minor < 256 {
        record.put32(40, major << 8 | minor);
    } else {
        record.put32(44, minor & 0xff | major << 8 | (minor & !0xff) << 12);
    }
}

/// The bytes of a file.
fn contents(inode: Inode, place: &Place, out: &mut Out) {
    match inode.content {
        Content::Directory => runs(&folder(&inode.names), place, out),
        Content::Bytes(bytes) => runs(&bytes, place, out),
        Content::Symlink(target) if target.len() > MAX_FAST => runs(&target, place, out),
        Content::Symlink(_) | Content::Special(_) => {}
        Content::File { source, size } => {
            let mut start = 0;
            for run in &place.data {
                let length = (run.length * BLOCK).min(size - start);
                let piece = Piece::File { origin: source.clone(), size, start, length };
                out.pieces.push((run.start * BLOCK, piece));
                start += length;
            }
        }
    }
}

fn runs(bytes: &[u8], place: &Place, out: &mut Out) {
    let mut rest = bytes;
    for run in &place.data {
        let length = usize::try_from(run.length * BLOCK).unwrap_or(usize::MAX).min(rest.len());
        let (now, later) = rest.split_at(length);
        out.bytes(run.start * BLOCK, now.to_vec());
        rest = later;
    }
}

/// The bytes of a folder: entry by entry, the last one of a block up to its end.
fn folder(names: &[Name]) -> Vec<u8> {
    let block = usize::try_from(BLOCK).unwrap_or(4096);
    let mut bytes: Vec<u8> = Vec::new();
    let mut last = None;
    for name in names {
        let size = usize::try_from(entry_size(name)).unwrap_or(0);
        if bytes.len() % block + size > block
            || (bytes.len().is_multiple_of(block) && last.is_some())
        {
            fill(&mut bytes, last, block);
        }
        last = Some(bytes.len());
        bytes.extend(name.inode.to_le_bytes());
        bytes.extend(u16::try_from(size).unwrap_or(0).to_le_bytes());
        bytes.push(u8::try_from(name.text.len()).unwrap_or(u8::MAX));
        bytes.push(name.kind);
        bytes.extend(&name.text);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
    }
    fill(&mut bytes, last, block);
    bytes
}

/// Lengthens the last entry to the end of its block.
fn fill(bytes: &mut Vec<u8>, last: Option<usize>, block: usize) {
    let Some(last) = last else { return };
    let end = bytes.len().next_multiple_of(block);
    let length = u16::try_from(end - last).unwrap_or(u16::MAX).to_le_bytes();
    if let Some(room) = bytes.get_mut(last + 4..last + 6) {
        room.copy_from_slice(&length);
    }
    bytes.resize(end, 0);
}

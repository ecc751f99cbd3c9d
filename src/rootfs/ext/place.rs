//! Which blocks each file gets: one after another, around the tables.

use super::geometry::Geometry;
use super::inodes::{Inodes, index_blocks};
use super::{BLOCK, Version};
use crate::rootfs::pieces::Piece;

/// How many extents an inode holds itself, and a block.
const IN_INODE: usize = 4;
const IN_BLOCK: usize = 340;

/// How many blocks an indirect block names.
const PER_INDIRECT: usize = 1024;

/// Blocks that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) start: u64,
    pub(super) length: u64,
}

/// The blocks of a file.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// Those of its bytes, in their order.
    pub(super) data: Vec<Run>,
    /// Those that say where these are.
    pub(super) index: Vec<Run>,
}

/// The blocks of all files.
#[derive(Debug)]
pub(super) struct Allocation {
    /// In the order of the files.
    pub(super) places: Vec<Place>,
    /// Up to where each group is taken.
    pub(super) ends: Vec<u64>,
}

impl Allocation {
    /// Gives every file its blocks; none where there are too few.
    pub(super) fn new(
        inodes: &Inodes,
        geometry: &Geometry,
        version: Version,
    ) -> Option<Allocation> {
        if inodes.count() > geometry.groups * geometry.inodes_per_group {
            return None;
        }
        let mut free = Free { geometry, group: 0, next: geometry.first_free(0) };
        let mut places = Vec::new();
        for (_, inode) in inodes.iter() {
            let blocks = inode.blocks();
            let data = free.take(blocks)?;
            let index = match version {
                Version::Ext2 => index_blocks(blocks),
                Version::Ext4 => extent_blocks(data.len()),
            };
            let index = free.take(index)?;
            places.push(Place { data, index });
        }
        let end = |group: u64| match group.cmp(&free.group) {
            std::cmp::Ordering::Less => geometry.group(group).end,
            std::cmp::Ordering::Equal => free.next,
            std::cmp::Ordering::Greater => geometry.first_free(group),
        };
        Some(Allocation { places, ends: (0..geometry.groups).map(end).collect() })
    }
}

/// The blocks that are still free, from the first one on.
struct Free<'g> {
    geometry: &'g Geometry,
    group: u64,
    next: u64,
}

impl Free<'_> {
    fn take(&mut self, mut count: u64) -> Option<Vec<Run>> {
        let mut runs = Vec::new();
        while count > 0 {
            let end = self.geometry.group(self.group).end;
            let length = count.min(end.saturating_sub(self.next));
            if length == 0 {
                self.group += 1;
                if self.group >= self.geometry.groups {
                    return None;
                }
                self.next = self.geometry.first_free(self.group);
                continue;
            }
            runs.push(Run { start: self.next, length });
            self.next += length;
            count -= length;
        }
        Some(runs)
    }
}

/// How many blocks a tree of so many extents takes beside the inode.
fn extent_blocks(extents: usize) -> u64 {
    let (mut level, mut blocks) = (extents, 0);
    while level > IN_INODE {
        level = level.div_ceil(IN_BLOCK);
        blocks += level as u64;
    }
    blocks
}

/// What an inode says of where its blocks are, and the blocks that say the rest.
pub(super) struct Index {
    /// The 60 bytes of the inode.
    pub(super) inode: Vec<u8>,
    /// Blocks by their numbers.
    pub(super) blocks: Vec<(u64, Piece)>,
}

/// The numbers of the blocks of some runs.
fn numbers(runs: &[Run]) -> impl Iterator<Item = u64> {
    runs.iter().flat_map(|run| run.start..run.start + run.length)
}

/// The number of a block, of which there are as many as a word of 32 bits counts.
fn word(block: u64) -> u32 {
    u32::try_from(block).unwrap_or(u32::MAX)
}

/// Twelve blocks in the inode, and three trees of depth one, two and three (ext4 documentation, "Direct/Indirect Block
/// Addressing").
pub(super) fn indirect(place: &Place) -> Index {
    let mut data = numbers(&place.data).peekable();
    let mut index = numbers(&place.index);
    let mut blocks = Vec::new();
    let mut inode: Vec<u8> =
        data.by_ref().take(12).flat_map(|block| word(block).to_le_bytes()).collect();
    inode.resize(48, 0);
    for depth in 1..=3 {
        let top = match data.peek() {
            Some(_) => indirect_block(depth, &mut data, &mut index, &mut blocks),
            None => 0,
        };
        inode.extend(word(top).to_le_bytes());
    }
    Index { inode, blocks }
}

/// Makes an indirect block and those below it, and gives its number.
fn indirect_block(
    depth: u32,
    data: &mut std::iter::Peekable<impl Iterator<Item = u64>>,
    index: &mut impl Iterator<Item = u64>,
    blocks: &mut Vec<(u64, Piece)>,
) -> u64 {
    let own = index.next().unwrap_or(0);
    let mut below = Vec::new();
    while below.len() < PER_INDIRECT && data.peek().is_some() {
        below.push(word(match depth {
            1 => data.next().unwrap_or(0),
            _ => indirect_block(depth - 1, data, index, blocks),
        }));
    }
    let (first, count) = (below.first().copied().unwrap_or(0), below.len());
    let is_run = below.iter().zip(first..).all(|(found, next)| *found == next);
    let piece = match u32::try_from(count) {
        Ok(count) if is_run => Piece::Numbers { first, count },
        _ => Piece::Bytes(below.iter().flat_map(|block| block.to_le_bytes()).collect()),
    };
    blocks.push((own, piece));
    own
}

/// A tree of extents (ext4 documentation, "Extent Tree").
pub(super) fn extents(place: &Place) -> Index {
    let mut index = numbers(&place.index);
    let mut blocks = Vec::new();
    let mut logical = 0;
    let mut level: Vec<(u64, Vec<u8>)> = Vec::new();
    for run in &place.data {
        let mut entry = word(logical).to_le_bytes().to_vec();
        // A run ends with its group, which has no more blocks than an extent counts.
        entry.extend(u16::try_from(run.length).unwrap_or(u16::MAX).to_le_bytes());
        entry.extend([0, 0]);
        entry.extend(word(run.start).to_le_bytes());
        level.push((logical, entry));
        logical += run.length;
    }
    let mut depth = 0;
    while level.len() > IN_INODE {
        let mut above = Vec::new();
        for entries in level.chunks(IN_BLOCK) {
            let own = index.next().unwrap_or(0);
            let first = entries.first().map_or(0, |(first, _)| *first);
            blocks.push((own, Piece::Bytes(node(entries, IN_BLOCK, depth))));
            let mut entry = word(first).to_le_bytes().to_vec();
            entry.extend(word(own).to_le_bytes());
            entry.extend([0; 4]);
            above.push((first, entry));
        }
        level = above;
        depth += 1;
    }
    Index { inode: node(&level, IN_INODE, depth), blocks }
}

/// A node of the tree of extents.
fn node(entries: &[(u64, Vec<u8>)], most: usize, depth: u16) -> Vec<u8> {
    let short = |count: usize| u16::try_from(count).unwrap_or(u16::MAX).to_le_bytes();
    let mut bytes = 0xf30a_u16.to_le_bytes().to_vec();
    bytes.extend(short(entries.len()));
    bytes.extend(short(most));
    bytes.extend(depth.to_le_bytes());
    bytes.extend([0; 4]);
    for (_, entry) in entries {
        bytes.extend(entry);
    }
    bytes
}

/// The number of units of 512 bytes that a file takes, its index counted.
pub(super) fn units(place: &Place) -> u64 {
    let blocks = place.data.iter().chain(&place.index).map(|run| run.length).sum::<u64>();
    blocks * (BLOCK / 512)
}

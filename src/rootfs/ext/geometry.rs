//! Where the tables of a file system are.

use super::{BLOCK, PER_GROUP, Version};
use std::ops::Range;

/// The size of a group's descriptor in bytes.
const DESCRIPTOR: u64 = 32;

/// Where the tables of a file system are: in each group, behind a copy of the superblock and of the descriptors in some,
/// the bitmap of blocks, that of inodes, and the inodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Geometry {
    /// The size of the file system in blocks.
    pub(super) blocks: u64,
    /// The size of the file in blocks: what does not make a group is left over.
    pub(super) file_blocks: u64,
    pub(super) groups: u64,
    pub(super) inodes_per_group: u64,
    /// The blocks that a group's inodes take.
    pub(super) table: u64,
    /// The blocks that the descriptors take.
    pub(super) descriptors: u64,
}

impl Geometry {
    /// Lays out the tables for so many blocks and at least so many inodes; none where they do not go together.
    pub(super) fn new(blocks: u64, inodes: u64, version: Version) -> Option<Geometry> {
        u32::try_from(blocks).ok()?;
        let per_block = BLOCK / version.inode_size();
        let mut groups = blocks.div_ceil(PER_GROUP);
        while groups > 0 {
            let inodes_per_group = inodes.div_ceil(groups).next_multiple_of(per_block);
            let table = inodes_per_group / per_block;
            let descriptors = (groups * DESCRIPTOR).div_ceil(BLOCK);
            let geometry = Geometry {
                blocks: blocks.min(groups * PER_GROUP),
                file_blocks: blocks,
                groups,
                inodes_per_group,
                table,
                descriptors,
            };
            if inodes_per_group > PER_GROUP {
                return None;
            }
            let last = groups - 1;
            if geometry.first_free(last) < geometry.group(last).end {
                return Some(geometry);
            }
            // Where the last group has no room beside its tables, it is no group.
            groups -= 1;
        }
        None
    }

    /// The blocks of a group.
    pub(super) fn group(&self, group: u64) -> Range<u64> {
        group * PER_GROUP..((group + 1) * PER_GROUP).min(self.blocks)
    }

    /// Whether a group has a copy of the superblock and of the descriptors: the first two, and powers of 3, 5 and 7.
    pub(super) fn has_copy(group: u64) -> bool {
        let is_power = |base: u64| {
            let mut power = base;
            while power < group {
                power *= base;
            }
            power == group
        };
        group <= 1 || is_power(3) || is_power(5) || is_power(7)
    }

    /// Where the bitmap of a group's blocks is; that of its inodes follows, and then the inodes.
    pub(super) fn bitmaps(&self, group: u64) -> u64 {
        let copy = if Self::has_copy(group) { 1 + self.descriptors } else { 0 };
        group * PER_GROUP + copy
    }

    /// Where the inodes of a group are.
    pub(super) fn inodes(&self, group: u64) -> u64 {
        self.bitmaps(group) + 2
    }

    /// The first block of a group behind its tables.
    pub(super) fn first_free(&self, group: u64) -> u64 {
        self.inodes(group) + self.table
    }

    /// How many blocks there are beside the tables.
    pub(super) fn room(&self) -> u64 {
        (0..self.groups)
            .map(|group| self.group(group).end.saturating_sub(self.first_free(group)))
            .sum()
    }
}

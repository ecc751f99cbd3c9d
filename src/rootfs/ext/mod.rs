//! A tree as an ext2 or ext4 file system (Linux, `Documentation/filesystems/ext4`): made in one go, with its files in
//! the order of their paths, without a journal.
//!
//! In: a tree and how large the file system is to be. Out: its bytes as [`Pieces`]. What always holds: the bytes depend on
//! the tree and the options alone, times are 0, and `e2fsck -fn` finds nothing to mend. The features are those that every
//! driver knows: file types in folders, few copies of the superblock, large files; for ext4 extents besides.
//!
//! `geometry` says where the tables are, `inodes` makes files of the tree, `place` gives them their blocks, and `write`
//! writes all of it down.

mod geometry;
mod inodes;
mod place;
mod write;

#[cfg(test)]
mod tests;

use super::pieces::Pieces;
use super::{Fault, Tree};
use geometry::Geometry;
use inodes::Inodes;
use place::Allocation;

/// The size of a block: that of a page, so that every block can be mapped and shared.
const BLOCK: u64 = 4096;
/// The blocks of a group, as many as a block has bits.
const PER_GROUP: u64 = 8 * BLOCK;
/// The largest file system, in words.
const MOST: &str = "ext2 and ext4 with blocks of 4 KiB have at most 16 TiB";
/// The smallest file system, in blocks.
const MIN_BLOCKS: u64 = 16;
/// The smallest room that is left where no size is given, in blocks: 8 MiB.
const MIN_ROOM: u64 = 2048;
/// Where no size is given, it is a multiple of this many blocks: 1 MiB.
const ROUND: u64 = 256;
/// A file system has an inode for each so many bytes, as `mke2fs` makes them.
const BYTES_PER_INODE: u64 = 16 << 10;

/// Which of the family it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// ext2, which rumprun, FreeBSD and Linux read.
    Ext2,
    /// ext4 without a journal, which Linux reads.
    Ext4,
}

impl Version {
    /// How many names a file can have, and a folder folders in it and itself.
    fn max_links(self) -> u64 {
        match self {
            Version::Ext2 => 32_000,
            Version::Ext4 => 65_000,
        }
    }

    fn inode_size(self) -> u64 {
        match self {
            Version::Ext2 => 128,
            Version::Ext4 => 256,
        }
    }
}

/// How the file system is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Which of the family it is.
    pub version: Version,
    /// Its size in bytes, which is rounded up to whole blocks; absent, it follows from the files, with room to write.
    pub size: Option<u64>,
    /// Its name, of at most 16 bytes.
    pub label: String,
}

/// Makes a file system of a tree whose folders are all in it.
///
/// # Errors
/// What such a file system cannot hold.
pub fn ext(tree: Tree, options: &Options) -> Result<Pieces, Fault> {
    let version = options.version;
    let inodes = Inodes::new(tree, version)?;
    let (geometry, allocation) = match options.size {
        Some(size) => of_size(&inodes, version, size)?,
        None => fitting(&inodes, version)?,
    };
    Ok(write::write(inodes, &allocation, &geometry, options))
}

/// Lays out a file system of a given size, with as many inodes as `mke2fs` makes where they leave room.
fn of_size(inodes: &Inodes, version: Version, size: u64) -> Result<(Geometry, Allocation), Fault> {
    let blocks = size.div_ceil(BLOCK);
    for count in [inodes.count().max(size / BYTES_PER_INODE), inodes.count()] {
        if let Some(done) = try_layout(inodes, version, blocks, count) {
            return Ok(done);
        }
    }
    if u32::try_from(blocks).is_err() {
        return Err(Fault::TooLarge { most: MOST });
    }
    Err(Fault::TooSmall { size, needed: least(inodes, version)? * BLOCK })
}

/// The number of blocks that are just enough.
fn least(inodes: &Inodes, version: Version) -> Result<u64, Fault> {
    let mut blocks = inodes.blocks().max(MIN_BLOCKS);
    while u32::try_from(blocks).is_ok() {
        if try_layout(inodes, version, blocks, inodes.count()).is_some() {
            return Ok(blocks);
        }
        // Tables take more the more blocks there are: a sixteenth at most.
        let step = Geometry::new(blocks, inodes.count(), version)
            .map_or(blocks / 16, |geometry| inodes.blocks().saturating_sub(geometry.room()));
        blocks += step.max(1);
    }
    Err(Fault::TooLarge { most: MOST })
}

/// Lays out a file system that has room for a quarter more.
fn fitting(inodes: &Inodes, version: Version) -> Result<(Geometry, Allocation), Fault> {
    let room = (inodes.blocks() / 4).max(MIN_ROOM);
    let mut blocks = (inodes.blocks() + room).next_multiple_of(ROUND);
    while u32::try_from(blocks).is_ok() {
        let count = (inodes.count() + inodes.count() / 4).max(blocks * BLOCK / BYTES_PER_INODE);
        let geometry = Geometry::new(blocks, count, version);
        let missing = match &geometry {
            Some(geometry) => (inodes.blocks() + room).saturating_sub(geometry.room()),
            None => blocks / 16,
        };
        if missing == 0
            && let Some(geometry) = geometry
            && let Some(allocation) = Allocation::new(inodes, &geometry, version)
        {
            return Ok((geometry, allocation));
        }
        blocks = (blocks + missing.max(1)).next_multiple_of(ROUND);
    }
    Err(Fault::TooLarge { most: MOST })
}

fn try_layout(
    inodes: &Inodes,
    version: Version,
    blocks: u64,
    count: u64,
) -> Option<(Geometry, Allocation)> {
    if blocks < MIN_BLOCKS {
        return None;
    }
    let geometry = Geometry::new(blocks, count, version)?;
    let allocation = Allocation::new(inodes, &geometry, version)?;
    Some((geometry, allocation))
}

//! A tree as a FAT file system, which rumprun, MirageOS and Linux read: laid out by the crate `fatfs`, on a disk that keeps
//! the tables and folders alone and notes of every file where its bytes belong.
//!
//! In: a tree and how large the file system is to be. Out: its bytes as [`Pieces`]. What always holds: the bytes depend on
//! the tree and the options alone, every date is the first that FAT has, and `fsck.fat -n` finds nothing to mend. FAT knows
//! neither owners nor modes, so they are not in it; links and devices are refused, and so are names that it cannot hold.
//!
//! `disk` is what stands in for a disk.

mod disk;

#[cfg(test)]
mod tests;

use super::pieces::Pieces;
use super::{Content, Fault, ImagePath, NameFault, Node, Tree};
use disk::{Disk, Handle, PAGE, Written};
use fatfs::{Date, DateTime, Dir, FileSystem, FormatVolumeOptions, FsOptions, TimeProvider};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Write as _};

/// The size of a sector; file systems are whole sectors.
const SECTOR: u64 = 512;
/// The largest file, as sizes have 32 bits.
const MAX_FILE: u64 = 0xffff_ffff;
/// The largest file system: sectors are counted with 32 bits.
const MAX_SIZE: u64 = 0xffff_ffff * SECTOR;
/// The same in words.
pub(super) const MOST: &str = "FAT with sectors of 512 bytes has at most 2 TiB";
/// How many entries of 32 bytes a folder has at most, its own two among them.
const MAX_ENTRIES: usize = 65_536;
/// How many entries the root has in FAT12 and FAT16, unless it needs more.
const ROOT_ENTRIES: usize = 512;
/// The smallest room that is left where no size is given: 8 MiB.
const MIN_ROOM: u64 = 8 << 20;
/// Where no size is given, it is a multiple of this: 1 MiB.
const ROUND: u64 = 1 << 20;
/// How close to the least the size is that is named where the given one is too small.
const STEP: u64 = 64 << 10;
/// The number of the file system: the same for all, since nothing of this machine and no chance is to be in the bytes.
const VOLUME_ID: u32 = 0x6269_6d61;

/// How the file system is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Its size in bytes, which is rounded up to whole sectors; absent, it follows from the files, with room to write.
    pub size: Option<u64>,
    /// Its name, of at most 11 characters of ASCII.
    pub label: String,
}

/// Makes a file system of a tree whose folders are all in it.
///
/// # Errors
/// What such a file system cannot hold.
pub fn fat(tree: &Tree, options: &Options) -> Result<Pieces, Fault> {
    let needed = check(tree)?;
    match options.size {
        Some(size) if size > MAX_SIZE => Err(Fault::TooLarge { most: MOST }),
        Some(size) => {
            let size = size.next_multiple_of(SECTOR);
            match try_size(tree, size, options)? {
                Some(pieces) => Ok(pieces),
                None => Err(Fault::TooSmall { size, needed: least(tree, size, options)? }),
            }
        }
        None => fitting(tree, needed, options),
    }
}

/// Checks what can be told of the files alone, and counts their bytes.
fn check(tree: &Tree) -> Result<u64, Fault> {
    let mut entries: BTreeMap<ImagePath, usize> = BTreeMap::new();
    let mut bytes = 0;
    for (path, node) in tree.iter() {
        let refused = |fault| Err(Fault::Name { path: path.clone(), fault });
        if path.is_root() {
            continue;
        }
        let size = match &node.content {
            Content::Directory => PAGE as u64,
            Content::File { size, .. } => *size,
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::Symlink(_) => return refused(NameFault::Symlink),
            Content::Special(_) => return refused(NameFault::Special),
        };
        if size > MAX_FILE {
            return Err(Fault::File { path: path.clone(), size, most: MAX_FILE });
        }
        let Some(name) = std::str::from_utf8(path.name()).ok().filter(|name| is_name(name)) else {
            return refused(NameFault::Characters);
        };
        bytes += size.next_multiple_of(SECTOR);
        let folder = path.parent();
        let count = entries.entry(folder.clone()).or_insert(2);
        // One for the short name, and one for each 13 units of the long one.
        *count += 1 + name.encode_utf16().count().div_ceil(13);
        if *count > MAX_ENTRIES {
            return Err(Fault::Entries { path: folder, most: MAX_ENTRIES });
        }
    }
    Ok(bytes)
}

/// Whether a name can be one of FAT's: Windows and Linux drop full stops and spaces at its end.
fn is_name(name: &str) -> bool {
    let is_allowed = |c: char| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '\u{80}'..='\u{ffff}' => true,
        other => "$%'-_@~`!(){}. +,;=[]^#&".contains(other),
    };
    name.len() <= 255 && name.chars().all(is_allowed) && !name.ends_with(['.', ' '])
}

/// Makes a file system that has room for a quarter more.
fn fitting(tree: &Tree, needed: u64, options: &Options) -> Result<Pieces, Fault> {
    let mut size = (needed + (needed / 4).max(MIN_ROOM)).next_multiple_of(ROUND);
    while size <= MAX_SIZE {
        if let Some(pieces) = try_size(tree, size, options)? {
            return Ok(pieces);
        }
        size = (size + size / 8).next_multiple_of(ROUND);
    }
    Err(Fault::TooLarge { most: MOST })
}

/// A size that is enough, and hardly more, where another one is too small.
fn least(tree: &Tree, too_small: u64, options: &Options) -> Result<u64, Fault> {
    let (mut small, mut enough) = (too_small, too_small.max(STEP / 2));
    loop {
        enough = (2 * enough).next_multiple_of(SECTOR);
        if enough > MAX_SIZE {
            return Err(Fault::TooLarge { most: MOST });
        }
        if try_size(tree, enough, options)?.is_some() {
            break;
        }
        small = enough;
    }
    while enough - small > STEP {
        let middle = (small + (enough - small) / 2).next_multiple_of(SECTOR);
        match try_size(tree, middle, options)? {
            Some(_) => enough = middle,
            None => small = middle,
        }
    }
    Ok(enough)
}

/// Makes a file system of this size; none where the files do not fit.
fn try_size(tree: &Tree, size: u64, options: &Options) -> Result<Option<Pieces>, Fault> {
    let disk = RefCell::new(Disk::new(size));
    match fill(tree, size, options, &disk) {
        Ok(()) => Ok(Some(disk.into_inner().into_pieces())),
        Err(Stop::Fault(fault)) => Err(fault),
        Err(Stop::Full) => Ok(None),
    }
}

/// Why a file system is not made.
enum Stop {
    /// It cannot hold what it is to hold.
    Fault(Fault),
    /// It is too small: the disk itself never fails, and all else was checked.
    Full,
}

impl From<io::Error> for Stop {
    fn from(_: io::Error) -> Self {
        Stop::Full
    }
}

fn fill(tree: &Tree, size: u64, options: &Options, disk: &RefCell<Disk>) -> Result<(), Stop> {
    let in_root = |path: &&ImagePath| !path.is_root() && path.parent().is_root();
    let root_entries = |path: &ImagePath| 1 + path.name().len().div_ceil(13);
    let entries: usize =
        1 + tree.iter().map(|(path, _)| path).filter(in_root).map(root_entries).sum::<usize>();
    let entries = entries.next_multiple_of(16).max(ROOT_ENTRIES);
    let mut format = FormatVolumeOptions::new()
        .total_sectors(u32::try_from(size / SECTOR).map_err(|_| Stop::Full)?)
        .max_root_dir_entries(u16::try_from(entries).unwrap_or(u16::MAX))
        .volume_id(VOLUME_ID);
    if !options.label.is_empty() {
        let mut label = [b' '; 11];
        for (to, from) in label.iter_mut().zip(options.label.bytes()) {
            *to = from;
        }
        format = format.volume_label(label);
    }
    fatfs::format_volume(Handle(disk), format)?;
    disk.borrow_mut().find_data();
    let system = FileSystem::new(Handle(disk), FsOptions::new().time_provider(&FirstDay))?;
    {
        // The folders that the path goes through.
        let mut open: Vec<(ImagePath, Dir<'_, Handle<'_>>)> =
            vec![(ImagePath::default(), system.root_dir())];
        for (path, node) in tree.iter().filter(|(path, _)| !path.is_root()) {
            let folder = path.parent();
            while open.last().is_some_and(|(last, _)| *last != folder) {
                open.pop();
            }
            let Some((_, parent)) = open.last() else { continue };
            let Ok(name) = std::str::from_utf8(path.name()) else { continue };
            let before = disk.borrow().writes;
            let made = match &node.content {
                Content::Directory => {
                    let made = parent.create_dir(name);
                    let made = made.map_err(|_| taken_or_full(parent, name, path))?;
                    is_new(before, path, disk)?;
                    disk.borrow_mut().mend_folder(folder.is_root());
                    Some(made)
                }
                _ => {
                    put(parent, name, node, before, path, disk)?;
                    None
                }
            };
            if let Some(made) = made {
                open.push((path.clone(), made));
            }
        }
    }
    system.unmount()?;
    Ok(())
}

/// Whether an entry was made: where there was one of the same name, `fatfs` opens that and writes nothing.
fn is_new(before: u64, path: &ImagePath, disk: &RefCell<Disk>) -> Result<(), Stop> {
    if disk.borrow().writes > before {
        return Ok(());
    }
    Err(Stop::Fault(Fault::Name { path: path.clone(), fault: NameFault::Taken }))
}

/// Why an entry was not made: a file where a folder is to be, or the other way round, or no room.
fn taken_or_full(folder: &Dir<'_, Handle<'_>>, name: &str, path: &ImagePath) -> Stop {
    if folder.open_dir(name).is_ok() || folder.open_file(name).is_ok() {
        return Stop::Fault(Fault::Name { path: path.clone(), fault: NameFault::Taken });
    }
    Stop::Full
}

fn put(
    folder: &Dir<'_, Handle<'_>>,
    name: &str,
    node: &Node,
    before: u64,
    path: &ImagePath,
    disk: &RefCell<Disk>,
) -> Result<(), Stop> {
    let file = folder.create_file(name);
    let mut file = file.map_err(|_| taken_or_full(folder, name, path))?;
    is_new(before, path, disk)?;
    let (size, piece) = match &node.content {
        Content::File { source, size } => {
            let origin = source.clone();
            (*size, Written::File { origin, size: *size })
        }
        Content::Bytes(bytes) => (bytes.len() as u64, Written::Bytes(bytes.clone())),
        Content::Directory | Content::Symlink(_) | Content::Special(_) => return Ok(()),
    };
    disk.borrow_mut().begin(piece);
    let zeros = [0; PAGE];
    let mut left = size;
    while left > 0 {
        let most = zeros.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let count = file.write(zeros.get(..most).unwrap_or_default())?;
        if count == 0 {
            return Err(Stop::Full);
        }
        left -= count as u64;
    }
    disk.borrow_mut().end();
    file.flush()?;
    Ok(())
}

/// The first day that FAT has.
#[derive(Debug)]
struct FirstDay;

impl TimeProvider for FirstDay {
    fn get_current_date(&self) -> Date {
        Date { year: 1980, month: 1, day: 1 }
    }

    fn get_current_date_time(&self) -> DateTime {
        let time = fatfs::Time { hour: 0, min: 0, sec: 0, millis: 0 };
        DateTime { date: self.get_current_date(), time }
    }
}

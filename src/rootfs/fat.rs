//! A tree as a FAT file system, which rumprun, MirageOS and Linux read: laid out by the crate `fatfs`, on a disk that keeps
//! the tables and folders alone and notes of every file where its bytes belong.
//!
//! In: a tree and how large the file system is to be. Out: its bytes as [`Pieces`]. What always holds: the bytes depend on
//! the tree and the options alone, every date is the first that FAT has, and `fsck.fat -n` finds nothing to mend. FAT knows
//! neither owners nor modes, so they are not in it; links and devices are refused, and so are names that it cannot hold.

use super::pieces::{Piece, Pieces};
use super::{Content, Fault, ImagePath, NameFault, Node, Origin, Tree};
use fatfs::{Date, DateTime, Dir, FileSystem, FormatVolumeOptions, FsOptions, TimeProvider};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// The size of a sector; file systems are whole sectors.
const SECTOR: u64 = 512;
/// The size of an entry of a folder.
const ENTRY: usize = 32;
/// The name that a folder has in itself.
const OWN_NAME: &[u8] = b".          ";
/// The tables are kept in parts of this many bytes.
const PAGE: usize = 4096;
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

/// A file that is being written.
enum Written {
    Bytes(Vec<u8>),
    File { origin: Origin, size: u64 },
}

/// A disk that keeps tables and folders, and of files where their bytes belong.
struct Disk {
    pages: BTreeMap<u64, Box<[u8; PAGE]>>,
    /// The parts of files, each where it begins.
    contents: Vec<(u64, Piece)>,
    /// The file that is being written, and how much of it is.
    writing: Option<(Written, u64)>,
    /// Where the first cluster begins.
    data: u64,
    size: u64,
    at: u64,
    /// How often anything was written.
    writes: u64,
    /// Where the last entry is that stands for its own folder.
    own_entry: u64,
}

impl Disk {
    fn new(size: u64) -> Self {
        Disk {
            pages: BTreeMap::new(),
            contents: Vec::new(),
            writing: None,
            data: 0,
            size,
            at: 0,
            writes: 0,
            own_entry: 0,
        }
    }

    /// Reads from the boot sector where the first cluster begins.
    fn find_data(&mut self) {
        let boot = self.pages.get(&0).map(|page| page.to_vec()).unwrap_or_default();
        let number = |at: usize, count: usize| {
            let bytes = boot.get(at..at + count).unwrap_or_default();
            bytes.iter().rev().fold(0, |number: u64, byte| number << 8 | u64::from(*byte))
        };
        let per_table = if number(22, 2) == 0 { number(36, 4) } else { number(22, 2) };
        let root = (number(17, 2) * 32).div_ceil(SECTOR);
        self.data = SECTOR * (number(14, 2) + number(16, 1) * per_table + root);
    }

    /// Puts the entries for a new folder itself and for the one above it where they belong: `fatfs` 0.3.6 writes a long name
    /// before each, and gives the root the number of its cluster, where FAT has neither.
    fn mend_folder(&mut self, is_in_root: bool) {
        let inner = usize::try_from(self.own_entry % PAGE as u64).unwrap_or(0);
        let page = self.pages.get_mut(&(self.own_entry / PAGE as u64));
        let Some(start) = inner.checked_sub(ENTRY) else { return };
        let Some(slots) = page.and_then(|page| page.get_mut(start..start + 4 * ENTRY)) else {
            return;
        };
        slots.copy_within(ENTRY..2 * ENTRY, 0);
        slots.copy_within(3 * ENTRY..4 * ENTRY, ENTRY);
        if let Some(rest) = slots.get_mut(2 * ENTRY..) {
            rest.fill(0);
        }
        if is_in_root {
            // The two halves of the number.
            for half in [20..22, 26..28] {
                let half = ENTRY + half.start..ENTRY + half.end;
                slots.get_mut(half).unwrap_or_default().fill(0);
            }
        }
    }

    fn begin(&mut self, written: Written) {
        self.writing = Some((written, 0));
    }

    fn end(&mut self) {
        self.writing = None;
    }

    /// Notes where the next bytes of the file belong that is being written.
    fn note(&mut self, count: usize) {
        let at = self.at;
        let Some((written, start)) = &mut self.writing else { return };
        let length = count as u64;
        let from = *start;
        *start += length;
        match (&*written, self.contents.last_mut()) {
            (Written::File { .. }, Some((begin, Piece::File { length: before, .. })))
                if from > 0 && *begin + *before == at =>
            {
                *before += length;
            }
            (Written::Bytes(bytes), last) => {
                let from = usize::try_from(from).unwrap_or(usize::MAX);
                let part = bytes.get(from..from.saturating_add(count)).unwrap_or_default();
                match last {
                    Some((begin, Piece::Bytes(before)))
                        if from > 0 && *begin + before.len() as u64 == at =>
                    {
                        before.extend_from_slice(part);
                    }
                    _ => self.contents.push((at, Piece::Bytes(part.to_vec()))),
                }
            }
            (Written::File { origin, size }, _) => {
                let (origin, size) = (origin.clone(), *size);
                self.contents.push((at, Piece::File { origin, size, start: from, length }));
            }
        }
    }

    /// The whole disk as pieces.
    fn into_pieces(self) -> Pieces {
        let tables = self.pages.into_iter().flat_map(|(number, page)| {
            // A page may lie before and behind a file's first cluster, so it goes sector by sector.
            let sectors: Vec<(u64, Piece)> = (0..)
                .zip(page.chunks(usize::try_from(SECTOR).unwrap_or(1)))
                .filter(|(_, sector)| sector.iter().any(|&byte| byte != 0))
                .map(|(index, sector)| {
                    (number * PAGE as u64 + index * SECTOR, Piece::Bytes(sector.to_vec()))
                })
                .collect();
            sectors
        });
        let mut all: Vec<(u64, Piece)> = tables.chain(self.contents).collect();
        all.sort_by_key(|(at, _)| *at);
        let mut out = Pieces::default();
        for (at, piece) in all {
            out.extend_to(at);
            match piece {
                Piece::Bytes(bytes) => out.push_bytes(&bytes),
                other => out.push(other),
            }
        }
        out.extend_to(self.size);
        out
    }
}

impl Disk {
    fn read(&mut self, buffer: &mut [u8]) -> usize {
        let inner = usize::try_from(self.at % PAGE as u64).unwrap_or(0);
        let left = usize::try_from(self.size.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let count = buffer.len().min(left).min(PAGE - inner);
        let room = buffer.get_mut(..count).unwrap_or_default();
        match self
            .pages
            .get(&(self.at / PAGE as u64))
            .and_then(|page| page.get(inner..inner + count))
        {
            Some(bytes) => room.copy_from_slice(bytes),
            None => room.fill(0),
        }
        self.at += count as u64;
        count
    }

    fn write(&mut self, bytes: &[u8]) -> usize {
        self.writes += 1;
        if bytes == OWN_NAME {
            self.own_entry = self.at;
        }
        let left = usize::try_from(self.size.saturating_sub(self.at)).unwrap_or(usize::MAX);
        if self.writing.is_some() && self.at >= self.data {
            let count = bytes.len().min(left);
            self.note(count);
            self.at += count as u64;
            return count;
        }
        let inner = usize::try_from(self.at % PAGE as u64).unwrap_or(0);
        let count = bytes.len().min(left).min(PAGE - inner);
        let bytes = bytes.get(..count).unwrap_or_default();
        let number = self.at / PAGE as u64;
        if self.pages.contains_key(&number) || bytes.iter().any(|&byte| byte != 0) {
            let page = self.pages.entry(number).or_insert_with(|| Box::new([0; PAGE]));
            if let Some(room) = page.get_mut(inner..inner + count) {
                room.copy_from_slice(bytes);
            }
        }
        self.at += count as u64;
        count
    }
}

/// The way of `fatfs` to the disk.
struct Handle<'d>(&'d RefCell<Disk>);

impl Read for Handle<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Ok(self.0.borrow_mut().read(buffer))
    }
}

impl Write for Handle<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(self.0.borrow_mut().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Handle<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let mut disk = self.0.borrow_mut();
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(offset) => disk.size.checked_add_signed(offset),
            SeekFrom::Current(offset) => disk.at.checked_add_signed(offset),
        };
        disk.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(disk.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rootfs::{Device, Special};
    use crate::world::Memory;
    use std::rc::Rc;
    use std::sync::Arc;

    fn tree(files: &[(&str, Content)]) -> Tree {
        let node = |content: &Content| Node { content: content.clone(), ..Node::parent() };
        let mut tree: Tree = files
            .iter()
            .map(|(path, content)| (ImagePath::parse(path.as_bytes()).unwrap(), node(content)))
            .collect();
        tree.add_parents(|_| Node::parent());
        tree
    }

    fn options(size: Option<u64>) -> Options {
        Options { size, label: String::new() }
    }

    fn bytes(pieces: Pieces) -> Vec<u8> {
        let mut bytes = Vec::new();
        Arc::new(pieces).open(Rc::new(Memory::default())).read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn what_is_written_is_read() {
        let noise: Vec<u8> =
            (0..200_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[3]).collect();
        let contents = |length: usize| Content::Bytes(noise[..length].to_vec());
        let lengths = [0, 1, 511, 512, 513, 4096, 199_999];
        let paths: Vec<String> =
            lengths.iter().map(|length| format!("/a/Longer than eight {length}")).collect();
        let mut files: Vec<(&str, Content)> = paths
            .iter()
            .zip(lengths)
            .map(|(path, length)| (path.as_str(), contents(length)))
            .collect();
        files.push(("/b/c/d", Content::Directory));
        let tree = tree(&files);
        for size in [None, Some(512 << 10), Some(5 << 20), Some(70 << 20)] {
            let made = bytes(fat(&tree, &options(size)).unwrap());
            assert_eq!(made, bytes(fat(&tree, &options(size)).unwrap()), "{size:?}");
            assert_eq!(size.unwrap_or(made.len() as u64), made.len() as u64);
            let system = FileSystem::new(io::Cursor::new(made), FsOptions::new()).unwrap();
            for (path, length) in paths.iter().zip(lengths) {
                let mut found = Vec::new();
                system.root_dir().open_file(path).unwrap().read_to_end(&mut found).unwrap();
                assert_eq!(found, noise[..length], "{size:?}: {path}");
            }
            assert!(system.root_dir().open_dir("/b/c/d").is_ok());
        }
    }

    #[test]
    fn the_size_that_is_named_is_enough() {
        for length in [1, 100_000, 3_000_000] {
            let tree = tree(&[("/file", Content::Bytes(vec![7; length]))]);
            let Err(Fault::TooSmall { needed, .. }) = fat(&tree, &options(Some(512))) else {
                panic!("{length} bytes fit into a sector")
            };
            assert!(fat(&tree, &options(Some(needed))).is_ok());
            assert!(needed < 2 * length as u64 + (128 << 10), "{length}: {needed}");
        }
    }

    #[test]
    fn what_fat_cannot_hold_is_refused() {
        let file = || Content::Bytes(Vec::new());
        let null = Content::Special(Special::Character(Device { major: 1, minor: 3 }));
        let cases: [(&[(&str, Content)], NameFault); 8] = [
            (&[("/a:b", file())], NameFault::Characters),
            (&[("/a\u{1f600}", file())], NameFault::Characters),
            (&[("/end.", file())], NameFault::Characters),
            (&[("/end ", file())], NameFault::Characters),
            (&[("/LICENSE", file()), ("/license", Content::Directory)], NameFault::Taken),
            (&[("/LONGNA~1", file()), ("/LONGNAME FOR SHORT", file())], NameFault::Taken),
            (&[("/link", Content::Symlink(b"x".to_vec()))], NameFault::Symlink),
            (&[("/null", null)], NameFault::Special),
        ];
        for (files, expected) in cases {
            let found = fat(&tree(files), &options(None));
            let Err(Fault::Name { fault, .. }) = found else { panic!("{files:?}: {found:?}") };
            assert_eq!(fault, expected, "{files:?}");
        }
        let large = Content::File { source: Origin::Path("/x".into()), size: 1 << 32 };
        assert!(matches!(fat(&tree(&[("/x", large)]), &options(None)), Err(Fault::File { .. })));
        assert!(matches!(fat(&tree(&[]), &options(Some(3 << 40))), Err(Fault::TooLarge { .. })));
    }

    #[test]
    fn a_file_is_a_piece_where_its_clusters_follow_each_other() {
        let large = Content::File { source: Origin::Path("/x".into()), size: 300 << 20 };
        let pieces = fat(&tree(&[("/x", large)]), &options(None)).unwrap();
        let files: Vec<_> =
            pieces.iter().filter(|(_, piece)| matches!(piece, Piece::File { .. })).collect();
        assert_eq!(files.len(), 1);
    }
}

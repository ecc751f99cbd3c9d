//! The disk that `fatfs` lays a file system out on: it keeps what is written of tables and folders, and of a file where
//! its bytes belong.

use super::SECTOR;
use crate::rootfs::Origin;
use crate::rootfs::pieces::{Piece, Pieces};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// The name that a folder has in itself.
pub(super) const OWN_NAME: &[u8] = b".          ";
/// The size of an entry of a folder.
pub(super) const ENTRY: usize = 32;
/// The tables are kept in parts of this many bytes.
pub(super) const PAGE: usize = 4096;

/// A file that is being written.
pub(super) enum Written {
    Bytes(Vec<u8>),
    File { origin: Origin, size: u64 },
}

/// A disk that keeps tables and folders, and of files where their bytes belong.
pub(super) struct Disk {
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
    pub(super) writes: u64,
    /// Where the last entry is that stands for its own folder.
    own_entry: u64,
}

impl Disk {
    pub(super) fn new(size: u64) -> Self {
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
    pub(super) fn find_data(&mut self) {
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
    pub(super) fn mend_folder(&mut self, is_in_root: bool) {
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

    pub(super) fn begin(&mut self, written: Written) {
        self.writing = Some((written, 0));
    }

    pub(super) fn end(&mut self) {
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
    pub(super) fn into_pieces(self) -> Pieces {
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
pub(super) struct Handle<'d>(pub(super) &'d RefCell<Disk>);

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

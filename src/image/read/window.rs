//! A part of a file that reads and seeks like a file of its own.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

/// `length` bytes of a file from `start` on.
#[derive(Debug)]
pub struct Window {
    file: File,
    start: u64,
    length: u64,
    at: u64,
}

impl Window {
    pub(super) fn new(file: File, start: u64, length: u64) -> Self {
        Window { file, start, length, at: 0 }
    }

    /// A window in this one; what does not fit is cut off.
    pub(super) fn narrow(self, offset: u64, length: u64) -> Self {
        let length = length.min(self.length.saturating_sub(offset));
        Window::new(self.file, self.start.saturating_add(offset), length)
    }
}

impl Read for Window {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.length.saturating_sub(self.at);
        self.file.seek(SeekFrom::Start(self.start.saturating_add(self.at)))?;
        let count = self.file.by_ref().take(left).read(buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Window {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(distance) => self.length.checked_add_signed(distance),
            SeekFrom::Current(distance) => self.at.checked_add_signed(distance),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

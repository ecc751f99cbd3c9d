//! A part of a file that reads and seeks like a file of its own.

use super::Extent;
use crate::world;
use std::io::{self, Read, Seek, SeekFrom};

/// `length` bytes of a file from the start of an extent on.
#[derive(Debug, Clone)]
pub struct Window {
    extent: Extent,
    length: u64,
    at: u64,
}

impl Window {
    /// The first `length` bytes of an extent.
    pub fn new(extent: Extent, length: u64) -> Self {
        Window { extent, length, at: 0 }
    }

    /// A window in this one; what does not fit is cut off.
    #[must_use]
    pub fn narrow(self, offset: u64, length: u64) -> Self {
        let length = length.min(self.length.saturating_sub(offset));
        let start = self.extent.start.saturating_add(offset);
        Window::new(Extent { start, ..self.extent }, length)
    }

    /// Where its bytes are.
    pub fn extent(&self) -> &Extent {
        &self.extent
    }

    /// How many bytes it has.
    pub fn length(&self) -> u64 {
        self.length
    }
}

impl Read for Window {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.length.saturating_sub(self.at);
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        let buffer = buffer.get_mut(..most).unwrap_or_default();
        let count =
            world::read_at(&self.extent.file, buffer, self.extent.start.saturating_add(self.at))?;
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

//! Bounded reading: pieces of a file of any size through one window, and numbers out of a piece.

use std::io::{self, Read, Seek, SeekFrom};

/// The most bytes that [`Source::at`] hands out, and all that is ever held of a file.
pub(super) const WINDOW: usize = 32 * 1024;

/// A file seen through a window of [`WINDOW`] bytes.
#[derive(Debug)]
pub(super) struct Source<'f, F> {
    file: &'f mut F,
    len: u64,
    start: u64,
    window: Vec<u8>,
}

impl<'f, F: Read + Seek> Source<'f, F> {
    pub(super) fn new(file: &'f mut F) -> io::Result<Self> {
        let len = file.seek(SeekFrom::End(0))?;
        Ok(Self { file, len, start: 0, window: Vec::new() })
    }

    /// The length of the file.
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// The bytes from `offset` on: `size` of them, fewer at the end of the file or beyond [`WINDOW`].
    pub(super) fn at(&mut self, offset: u64, size: usize) -> io::Result<&[u8]> {
        let left = usize::try_from(self.len.saturating_sub(offset)).unwrap_or(usize::MAX);
        let size = size.min(left).min(WINDOW);
        if size == 0 {
            return Ok(&[]);
        }
        if self.within(offset, size).is_none() {
            self.window.clear();
            self.start = offset;
            self.file.seek(SeekFrom::Start(offset))?;
            let most = u64::try_from(WINDOW).unwrap_or(u64::MAX);
            (&mut *self.file).take(most).read_to_end(&mut self.window)?;
        }
        // A file that shrank since it was measured yields what is left of it.
        Ok(self.within(offset, size).unwrap_or(&self.window))
    }

    fn within(&self, offset: u64, size: usize) -> Option<&[u8]> {
        let from = usize::try_from(offset.checked_sub(self.start)?).ok()?;
        self.window.get(from..from.checked_add(size)?)
    }
}

/// Numbers read out of a piece of a file, in the byte order of that file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'b> {
    bytes: &'b [u8],
    big_endian: bool,
}

impl<'b> Fields<'b> {
    pub(super) fn new(bytes: &'b [u8], big_endian: bool) -> Self {
        Self { bytes, big_endian }
    }

    pub(super) fn little(bytes: &'b [u8]) -> Self {
        Self::new(bytes, false)
    }

    fn array<const N: usize>(self, at: usize) -> Option<[u8; N]> {
        let mut array = *self.bytes.get(at..)?.first_chunk::<N>()?;
        if self.big_endian {
            array.reverse();
        }
        Some(array)
    }

    pub(super) fn u8(self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    pub(super) fn u16(self, at: usize) -> Option<u16> {
        self.array(at).map(u16::from_le_bytes)
    }

    pub(super) fn u32(self, at: usize) -> Option<u32> {
        self.array(at).map(u32::from_le_bytes)
    }

    pub(super) fn u64(self, at: usize) -> Option<u64> {
        self.array(at).map(u64::from_le_bytes)
    }

    /// Whether `magic` stands at `at`.
    pub(super) fn has(self, at: usize, magic: &[u8]) -> bool {
        self.bytes.get(at..).is_some_and(|rest| rest.starts_with(magic))
    }
}

/// The text up to the first NUL, or up to the end; bytes that are no UTF-8 are replaced.
pub(super) fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    #[test]
    fn a_piece_is_clipped_at_the_end_of_the_file() {
        let mut file = Cursor::new((0..200_u8).collect::<Vec<_>>());
        let mut source = Source::new(&mut file).unwrap();
        assert_eq!(source.at(10, 3).unwrap(), [10, 11, 12]);
        assert_eq!(source.at(198, 8).unwrap(), [198, 199]);
        assert!(source.at(200, 1).unwrap().is_empty());
        assert!(source.at(u64::MAX, 8).unwrap().is_empty());
        assert_eq!(source.at(0, 1).unwrap(), [0]);
    }

    #[test]
    fn the_window_moves_and_stays_small() {
        let bytes: Vec<u8> = (0..6 * WINDOW).map(|i| u8::try_from(i / 1000).unwrap()).collect();
        let mut file = Cursor::new(bytes.clone());
        let mut source = Source::new(&mut file).unwrap();
        for offset in [0, 100_000, 32_760, 190_000, 1] {
            let piece = source.at(offset as u64, 20).unwrap().to_vec();
            assert_eq!(piece, bytes[offset..offset + 20]);
            assert!(source.window.capacity() <= 2 * WINDOW);
        }
    }

    #[test]
    fn numbers_follow_the_byte_order_and_never_pass_the_end() {
        let bytes = [1, 2, 3, 4, 5, 6, 7, 8];
        assert_eq!(Fields::little(&bytes).u16(0), Some(0x0201));
        assert_eq!(Fields::new(&bytes, true).u32(1), Some(0x0203_0405));
        assert_eq!(Fields::new(&bytes, true).u64(0), Some(0x0102_0304_0506_0708));
        assert_eq!(Fields::little(&bytes).u64(1), None);
        assert_eq!(Fields::little(&bytes).u16(usize::MAX), None);
        assert!(Fields::little(&bytes).has(6, &[7, 8]));
        assert!(!Fields::little(&bytes).has(7, &[8, 9]));
    }
}

//! A file that is made of pieces: bytes, parts of other files, and zeros between them.

use super::{Origin, Window};
use crate::world::{ReadSeek, World};
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::rc::Rc;
use std::sync::Arc;

/// A file that is made of pieces, each where it begins. What is between them is zeros.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pieces {
    /// In their order; none overlaps the next.
    pieces: Vec<(u64, Piece)>,
    size: u64,
}

/// A piece of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// These bytes.
    Bytes(Vec<u8>),
    /// Numbers of 32 bits that follow each other, the low byte first: most of what says where the blocks of a large file
    /// are, of which there is much.
    Numbers {
        /// The first one.
        first: u32,
        /// How many.
        count: u32,
    },
    /// A part of another file.
    File {
        /// The file.
        origin: Origin,
        /// The size of the whole file in bytes.
        size: u64,
        /// Where in it the part begins, in bytes.
        start: u64,
        /// The length of the part in bytes.
        length: u64,
    },
}

impl Piece {
    fn length(&self) -> u64 {
        match self {
            Piece::Bytes(bytes) => bytes.len() as u64,
            Piece::Numbers { count, .. } => 4 * u64::from(*count),
            Piece::File { length, .. } => *length,
        }
    }
}

impl Pieces {
    /// How many bytes the whole file has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The pieces in their order, each with the place where it begins.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &Piece)> {
        self.pieces.iter().map(|(at, piece)| (*at, piece))
    }

    /// Adds bytes at the end.
    pub(super) fn push_bytes(&mut self, bytes: &[u8]) {
        let at = self.size;
        self.size += bytes.len() as u64;
        if let Some((start, Piece::Bytes(last))) = self.pieces.last_mut()
            && *start + last.len() as u64 == at
        {
            last.extend_from_slice(bytes);
        } else if !bytes.is_empty() {
            self.pieces.push((at, Piece::Bytes(bytes.to_vec())));
        }
    }

    /// Adds a piece at the end.
    pub(super) fn push(&mut self, piece: Piece) {
        let length = piece.length();
        if length > 0 {
            self.pieces.push((self.size, piece));
            self.size += length;
        }
    }

    /// Adds zeros up to a size.
    pub(super) fn extend_to(&mut self, size: u64) {
        self.size = self.size.max(size);
    }

    /// Opens it for reading: its files are opened when they are read.
    pub fn open(self: &Arc<Self>, world: Rc<dyn World>) -> Reader {
        Reader { pieces: Arc::clone(self), world, at: 0, open: None }
    }
}

/// Reads a file that is made of pieces.
#[derive(Debug)]
pub struct Reader {
    pieces: Arc<Pieces>,
    world: Rc<dyn World>,
    at: u64,
    /// The file of the piece with this number.
    open: Option<(usize, OpenFile)>,
}

/// A file that is open, whatever it is read from.
struct OpenFile(Box<dyn ReadSeek>);

impl std::fmt::Debug for OpenFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OpenFile")
    }
}

impl Reader {
    /// Reads from the piece with this number, `inner` bytes behind where it begins.
    fn read_piece(&mut self, number: usize, inner: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let Some((_, piece)) = self.pieces.pieces.get(number) else { return Ok(0) };
        let most = usize::try_from(piece.length() - inner).unwrap_or(usize::MAX).min(buffer.len());
        let room = buffer.get_mut(..most).unwrap_or_default();
        let from = usize::try_from(inner).unwrap_or(usize::MAX);
        match piece {
            Piece::Bytes(bytes) => Cursor::new(bytes.get(from..).unwrap_or_default()).read(room),
            Piece::Numbers { first, count } => {
                let bytes = numbers(*first, *count);
                Cursor::new(bytes.get(from..).unwrap_or_default()).read(room)
            }
            Piece::File { origin, size, start, .. } => {
                if self.open.as_ref().is_none_or(|(open, _)| *open != number) {
                    let file = open(origin, *size, &*self.world)?;
                    self.open = Some((number, OpenFile(file)));
                }
                let Some((_, OpenFile(file))) = &mut self.open else { return Ok(0) };
                file.seek(SeekFrom::Start(start + inner))?;
                match file.read(room)? {
                    0 => Err(io::ErrorKind::UnexpectedEof.into()),
                    count => Ok(count),
                }
            }
        }
    }
}

/// The bytes of numbers that follow each other.
pub fn numbers(first: u32, count: u32) -> Vec<u8> {
    (0..count).flat_map(|number| first.wrapping_add(number).to_le_bytes()).collect()
}

/// Opens what the bytes of a file come from.
fn open(origin: &Origin, size: u64, world: &dyn World) -> io::Result<Box<dyn ReadSeek>> {
    match origin {
        Origin::Path(path) => world.open(path),
        Origin::Part(part) => Ok(Box::new(Window::new(part.clone(), size))),
        // No file system is put into another one.
        Origin::Pieces(_) => Err(io::ErrorKind::Unsupported.into()),
    }
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.pieces.size.saturating_sub(self.at);
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buffer.len());
        if most == 0 {
            return Ok(0);
        }
        let next = self.pieces.pieces.partition_point(|(start, _)| *start <= self.at);
        let inside = next.checked_sub(1).and_then(|number| {
            let (start, piece) = self.pieces.pieces.get(number)?;
            let inner = self.at - start;
            (inner < piece.length()).then_some((number, inner))
        });
        let room = buffer.get_mut(..most).unwrap_or_default();
        let count = match inside {
            Some((number, inner)) => self.read_piece(number, inner, room)?,
            None => {
                let end =
                    self.pieces.pieces.get(next).map_or(self.pieces.size, |(start, _)| *start);
                let count = usize::try_from(end - self.at).unwrap_or(usize::MAX).min(most);
                room.get_mut(..count).unwrap_or_default().fill(0);
                count
            }
        };
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(offset) => self.pieces.size.checked_add_signed(offset),
            SeekFrom::Current(offset) => self.at.checked_add_signed(offset),
        };
        self.at = at.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

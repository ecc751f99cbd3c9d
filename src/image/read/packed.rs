//! Compressed bytes, and how much may come out of them.

use super::budget::Budget;
use std::io::{self, BufReader, Read};

/// How much memory a stream of xz may ask for, in KiB; `xz -9` asks for 65.
const MAX_XZ: u32 = 132 << 10;
/// How many of the first bytes tell how bytes are packed.
pub(super) const HEAD: u64 = 6;

/// How bytes are packed, by their first ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// They are not.
    Plain,
    /// RFC 1952, one member or several.
    Gzip,
    /// RFC 8878.
    Zstd,
    /// tukaani.org/xz/xz-file-format.txt, one stream or several.
    Xz,
    /// As bzip2 writes it, one stream or several.
    Bzip2,
    /// In a way that images are not.
    Other(&'static str),
}

impl Packing {
    pub(super) fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Packing::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Packing::Zstd,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Packing::Xz,
            [b'B', b'Z', b'h', b'1'..=b'9', ..] => Packing::Bzip2,
            [0x04, 0x22, 0x4d, 0x18, ..] => Packing::Other("lz4"),
            [b'L', b'Z', b'I', b'P', ..] => Packing::Other("lzip"),
            [0x5d, 0, 0, ..] => Packing::Other("lzma"),
            [b'P', b'K', 3, 4, ..] => Packing::Other("zip"),
            [b'7', b'z', 0xbc, 0xaf, ..] => Packing::Other("7z"),
            _ => Packing::Plain,
        }
    }
}

/// Reads `reader`, unpacked.
///
/// # Errors
/// Those of the reader, and bytes that are packed in a way that images are not.
pub(super) fn unpack<'r>(mut reader: impl Read + 'r) -> io::Result<(Packing, Box<dyn Read + 'r>)> {
    let mut head = Vec::new();
    reader.by_ref().take(HEAD).read_to_end(&mut head)?;
    let packing = Packing::of(&head);
    let whole = io::Cursor::new(head).chain(reader);
    let unpacked: Box<dyn Read + 'r> = match packing {
        Packing::Plain => Box::new(whole),
        Packing::Gzip => Box::new(flate2::read::MultiGzDecoder::new(whole)),
        Packing::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(BufReader::new(whole))?),
        Packing::Xz => {
            Box::new(Xz(lzma_rust2::XzReader::new_mem_limit(BufReader::new(whole), true, MAX_XZ)))
        }
        Packing::Bzip2 => Box::new(bzip2::read::MultiBzDecoder::new(whole)),
        Packing::Other(name) => {
            let why =
                format!("it is compressed with {name}; bimanix reads gzip, zstd, xz and bzip2");
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
    };
    Ok((packing, unpacked))
}

/// Says what a stream of xz asks for too much of.
struct Xz<R: Read>(lzma_rust2::XzReader<R>);

impl<R: Read> Read for Xz<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::OutOfMemory => {
                let max = crate::diag::size(u64::from(MAX_XZ) << 10);
                let why = format!("it takes more than {max} of memory to unpack its xz");
                io::Error::new(io::ErrorKind::InvalidData, why)
            }
            _ => error,
        })
    }
}

/// Reads as much as is allowed, and fails where more comes.
pub(super) struct Bounded<'b, R> {
    inner: R,
    budget: &'b Budget,
}

impl<'b, R: Read> Bounded<'b, R> {
    pub(super) fn new(inner: R, budget: &'b Budget) -> Self {
        Bounded { inner, budget }
    }
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.budget.unpack(count as u64)?;
        Ok(count)
    }
}

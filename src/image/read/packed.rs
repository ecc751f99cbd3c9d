//! Compressed bytes, and how much may come out of them.

use std::io::{self, BufReader, Read};

/// How bytes are packed, by their first ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// They are not.
    Plain,
    /// RFC 1952, one member or several.
    Gzip,
    /// RFC 8878.
    Zstd,
    /// In a way that images are not.
    Other(&'static str),
}

impl Packing {
    pub(super) fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Packing::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Packing::Zstd,
            [0xfd, b'7', b'z', b'X', b'Z', ..] => Packing::Other("xz"),
            [b'B', b'Z', b'h', ..] => Packing::Other("bzip2"),
            [0x04, 0x22, 0x4d, 0x18, ..] => Packing::Other("lz4"),
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
    reader.by_ref().take(6).read_to_end(&mut head)?;
    let packing = Packing::of(&head);
    let whole = io::Cursor::new(head).chain(reader);
    let unpacked: Box<dyn Read + 'r> = match packing {
        Packing::Plain => Box::new(whole),
        Packing::Gzip => Box::new(flate2::read::MultiGzDecoder::new(whole)),
        Packing::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(BufReader::new(whole))?),
        Packing::Other(name) => {
            let why = format!("it is compressed with {name}; images are with gzip or zstd");
            return Err(io::Error::new(io::ErrorKind::InvalidData, why));
        }
    };
    Ok((packing, unpacked))
}

/// Reads as much as is allowed, and fails where more comes.
pub(super) struct Bounded<'b, R> {
    inner: R,
    left: &'b mut u64,
}

impl<'b, R: Read> Bounded<'b, R> {
    pub(super) fn new(inner: R, left: &'b mut u64) -> Self {
        Bounded { inner, left }
    }
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        match self.left.checked_sub(count as u64) {
            Some(left) => {
                *self.left = left;
                Ok(count)
            }
            None => Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                "the image unpacks to more than is allowed; allow more with `--max-unpacked`",
            )),
        }
    }
}

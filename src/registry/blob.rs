//! What is uploaded: bytes that can be written more than once, as the body of a request.

use super::error::Error;
use crate::diag::Diagnostic;
use crate::image::Digest;
use std::io::{self, Read, Write};

/// Something that a registry keeps by its digest.
pub trait Blob: Send {
    /// Its digest.
    fn digest(&self) -> Digest;
    /// How many bytes it has.
    fn size(&self) -> u64;
    /// Writes it; called once for each attempt.
    ///
    /// # Errors
    /// What keeps it from being written.
    fn write(&mut self, out: &mut (dyn Write + Send)) -> Result<(), BlobError>;
}

/// Why a blob is not written.
#[derive(Debug)]
pub enum BlobError {
    /// The other end takes no more, which that end explains.
    Output(io::Error),
    /// What it is made of cannot be read.
    Source(Box<Diagnostic>),
}

/// Lets `send` read a blob from a place in it on: it is written into a pipe by another thread.
///
/// # Errors
/// That the blob cannot be read, or what `send` says.
pub(super) fn stream<T>(
    blob: &mut dyn Blob,
    from: u64,
    no_pipe: impl FnOnce(ureq::Error) -> Error,
    send: impl FnOnce(&mut dyn Read) -> Result<T, Error>,
) -> Result<T, Error> {
    let (reader, mut writer) = io::pipe().map_err(|error| no_pipe(error.into()))?;
    let left = blob.size().saturating_sub(from);
    std::thread::scope(|scope| {
        let written = scope.spawn(move || {
            let written = blob.write(&mut Behind { out: &mut writer, skip: from });
            drop(writer);
            written
        });
        let mut reader = Whole { reader, left };
        let done = send(&mut reader);
        // Whoever still writes must not wait for a reader.
        drop(reader);
        match (done, written.join()) {
            // A source that cannot be read is why the request ended.
            (_, Ok(Err(BlobError::Source(diagnostic)))) => Err(Error::Source(diagnostic)),
            (done, _) => done,
        }
    })
}

/// Passes on what lies behind the first bytes.
struct Behind<W> {
    out: W,
    skip: u64,
}

impl<W: Write> Write for Behind<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.skip > 0 {
            let count = bytes.len().min(usize::try_from(self.skip).unwrap_or(usize::MAX));
            self.skip -= count as u64;
            return Ok(count);
        }
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A reader whose end comes too early is an error, and none that waits for more.
struct Whole<R> {
    reader: R,
    left: u64,
}

impl<R: Read> Read for Whole<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        if count == 0 && self.left > 0 && !buffer.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left = self.left.saturating_sub(count as u64);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_are_gone_over() {
        let mut out = Vec::new();
        let mut behind = Behind { out: &mut out, skip: 4 };
        for part in [b"ab".as_slice(), b"cde", b"", b"fg"] {
            behind.write_all(part).unwrap();
        }
        assert_eq!(out, b"efg");
    }

    #[test]
    fn an_early_end_is_an_error() {
        let mut buffer = Vec::new();
        let mut whole = Whole { reader: b"abc".as_slice(), left: 3 };
        assert_eq!(whole.read_to_end(&mut buffer).unwrap(), 3);
        let mut short = Whole { reader: b"abc".as_slice(), left: 4 };
        assert_eq!(
            short.read_to_end(&mut buffer).unwrap_err().kind(),
            io::ErrorKind::UnexpectedEof
        );
    }
}

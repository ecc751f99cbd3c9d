//! Bytes that are checked while they are read.

use crate::image::{Digest, Hashing};
use std::io::{self, Read, Write as _};

/// A blob that is read, and is checked at its end.
#[derive(Debug)]
pub struct Verified<R> {
    inner: R,
    come: Option<Hashing<io::Sink>>,
    digest: Digest,
    size: u64,
}

impl<R> Verified<R> {
    /// Reads `inner`, which should have this digest and size. Its end is an error of the kind
    /// [`io::ErrorKind::InvalidData`] when it has not; what was read before is no blob then.
    pub fn new(inner: R, digest: Digest, size: u64) -> Self {
        Verified { inner, come: Some(Hashing::new(io::sink())), digest, size }
    }

    /// Whether the end has come, and all was right.
    pub fn is_whole(&self) -> bool {
        self.come.is_none()
    }
}

impl<R: Read> Read for Verified<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let Some(come) = &mut self.come else { return Ok(0) };
        come.write_all(buffer.get(..count).unwrap_or_default())?;
        let wrong = || io::Error::new(io::ErrorKind::InvalidData, "it is not what its digest says");
        if come.count() > self.size {
            return Err(wrong());
        }
        if count == 0 && !buffer.is_empty() {
            let (found, size) = match self.come.take() {
                Some(come) => come.finish(),
                None => return Ok(0),
            };
            if (found, size) != (self.digest, self.size) {
                self.come = Some(Hashing::new(io::sink()));
                return Err(wrong());
            }
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_is_checked_at_its_end() {
        let digest = Digest::of(b"abc");
        for (bytes, size, fits) in [
            (b"abc".as_slice(), 3, true),
            (b"abd", 3, false),
            (b"ab", 3, false),
            (b"abcd", 3, false),
            (b"abc", 4, false),
            (b"", 3, false),
        ] {
            let mut verified = Verified::new(bytes, digest, size);
            let mut read = Vec::new();
            let done = verified.read_to_end(&mut read);
            assert_eq!(done.is_ok(), fits, "{bytes:?}");
            assert_eq!(verified.is_whole(), fits);
            if !fits {
                assert_eq!(
                    verified.read(&mut [0; 9]).unwrap_err().kind(),
                    io::ErrorKind::InvalidData
                );
            }
        }
    }
}

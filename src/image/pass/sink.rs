//! Where the bytes of a layer go, and how they are gathered on the way.

use super::CHUNK;
use crate::host;
use crate::image::WriteError;
use std::fs::File;
use std::io::Write;

/// Where the bytes of a layer go.
pub(in crate::image) enum Sink<'s> {
    /// Nowhere: only the digest is wanted.
    Nowhere,
    /// Into a file, which has nothing there yet, but for what lies before `shared`: that has been given it
    /// by the file system already.
    File {
        file: &'s File,
        offset: u64,
        shared: u64,
    },
    Stream(&'s mut dyn Write),
}

impl<'s> Sink<'s> {
    /// Into a file from an offset on.
    pub(in crate::image) fn file(file: &'s File, offset: u64) -> Self {
        Sink::File { file, offset, shared: 0 }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        match self {
            Sink::Nowhere => Ok(()),
            Sink::File { file, offset, shared } => {
                let there = usize::try_from(shared.saturating_sub(*offset)).unwrap_or(usize::MAX);
                if let Some(missing) = bytes.get(there..).filter(|missing| !missing.is_empty()) {
                    let at = *offset + there as u64;
                    host::write_at(file, missing, at).map_err(WriteError::Output)?;
                }
                *offset += bytes.len() as u64;
                Ok(())
            }
            Sink::Stream(out) => out.write_all(bytes).map_err(WriteError::Output),
        }
    }

    /// Lets the output have the blocks of a file instead of a copy, where the file system can; says whether
    /// it has any.
    pub(super) fn share(&mut self, from: &File, start: u64, size: u64) -> bool {
        let Sink::File { file, offset, shared } = self else { return false };
        let count = host::share(from, start, file, *offset, size);
        *shared = *offset + count;
        count > 0
    }

    /// Zeros that a source does not have on its disk need none here either.
    pub(super) fn skip(&mut self, mut count: u64) -> Result<(), WriteError> {
        match self {
            Sink::Nowhere => Ok(()),
            Sink::File { offset, .. } => {
                *offset += count;
                Ok(())
            }
            Sink::Stream(_) => {
                let zeros = vec![0; CHUNK];
                while count > 0 {
                    let now = usize::try_from(count).unwrap_or(CHUNK).min(CHUNK);
                    self.write(zeros.get(..now).unwrap_or(&zeros))?;
                    count -= now as u64;
                }
                Ok(())
            }
        }
    }
}

/// Takes the bytes of a layer's tar in their order.
pub(in crate::image) trait TarSink {
    /// The buffer that is being filled.
    fn filling(&mut self) -> &mut Filling;

    /// Whether another layer has failed.
    fn is_stopped(&self) -> bool;

    /// Sends the first `used` bytes of the buffer on their way, and leaves an empty one of the same size.
    fn send(&mut self, used: usize) -> Result<(), WriteError>;

    /// Sends what is in the buffer, which is empty then.
    fn flush(&mut self) -> Result<(), WriteError> {
        if self.is_stopped() {
            return Err(WriteError::Stopped);
        }
        match std::mem::take(&mut self.filling().used) {
            0 => Ok(()),
            used => self.send(used),
        }
    }

    /// Adds zeros.
    fn zeros(&mut self, count: u64) -> Result<(), WriteError>;

    /// Lets the output share the blocks of a file from `start` on, whose bytes come next all the same, to be
    /// hashed; says whether it does.
    fn share(&mut self, _from: &File, _start: u64, _size: u64) -> Result<bool, WriteError> {
        Ok(false)
    }

    /// Adds bytes.
    fn put(&mut self, mut bytes: &[u8]) -> Result<(), WriteError> {
        while !bytes.is_empty() {
            bytes = self.filling().take(bytes);
            if self.filling().is_full() {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Room to read into, never empty; [`TarSink::filled`] says how much of it is used.
    fn room(&mut self) -> Result<&mut [u8], WriteError> {
        if self.filling().is_full() {
            self.flush()?;
        }
        Ok(self.filling().room())
    }

    /// The first `count` bytes of the room are filled.
    fn filled(&mut self, count: usize) {
        self.filling().used += count;
    }
}

/// A buffer that is sent when it is full.
pub(in crate::image) struct Filling {
    pub(super) buffer: Vec<u8>,
    pub(super) used: usize,
    pub(super) size: usize,
}

impl Filling {
    pub(super) fn new(size: usize) -> Self {
        Filling { buffer: vec![0; size], used: 0, size }
    }

    fn is_full(&self) -> bool {
        self.used == self.size
    }

    fn room(&mut self) -> &mut [u8] {
        self.buffer.get_mut(self.used..).unwrap_or_default()
    }

    /// Copies as much as fits, and gives what does not.
    fn take<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let count = bytes.len().min(self.size - self.used);
        let (now, later) = bytes.split_at(count);
        if let Some(room) = self.room().get_mut(..count) {
            room.copy_from_slice(now);
        }
        self.used += count;
        later
    }
}

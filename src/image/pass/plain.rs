//! A layer as it is: made in chunks that one thread reads and writes while another hashes them.

use super::sink::Filling;
use super::{CHUNK, Progress, Sink, TarSink, hash_all, hash_zeros};
use crate::image::config::Blob;
use crate::image::digest::Hashing;
use crate::image::{Layer, WriteError};
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// How many chunks a layer has on their way.
const CHUNKS: usize = 6;

/// A piece of a layer's tar.
enum Piece<'f> {
    /// Bytes, and where the hasher shall write them, when it is to do that.
    Bytes(Arc<Vec<u8>>, Option<(&'f File, u64)>),
    Zeros(u64),
}

/// Writes chunks and has them hashed by somebody else, or does both.
struct Chunks<'c, 's> {
    filling: Filling,
    sink: Sink<'s>,
    helper: Option<Helper<'c, 's>>,
    own: Hashing<io::Sink>,
    made: usize,
    stop: &'c AtomicBool,
}

/// The thread that hashes.
struct Helper<'c, 's> {
    hasher: SyncSender<Piece<'s>>,
    /// The way back of the chunks.
    free: Receiver<Arc<Vec<u8>>>,
    /// How many pieces it has still to hash.
    waiting: &'c AtomicUsize,
}

impl<'c, 's> Chunks<'c, 's> {
    fn new(
        size: usize,
        sink: Sink<'s>,
        helper: Option<Helper<'c, 's>>,
        stop: &'c AtomicBool,
    ) -> Self {
        let (filling, own) = (Filling::new(size), Hashing::new(io::sink()));
        Chunks { filling, sink, helper, own, made: 1, stop }
    }
}

impl TarSink for Chunks<'_, '_> {
    fn filling(&mut self) -> &mut Filling {
        &mut self.filling
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn send(&mut self, used: usize) -> Result<(), WriteError> {
        let Some(helper) = &self.helper else {
            let bytes = self.filling.buffer.get(..used).unwrap_or_default();
            hash_all(&mut self.own, bytes);
            return self.sink.write(bytes);
        };
        let mut buffer = std::mem::take(&mut self.filling.buffer);
        buffer.truncate(used);
        let chunk = Arc::new(buffer);
        // A helper that has nothing to do, since the reading of many files takes longer, writes as well.
        let delegated = match &mut self.sink {
            Sink::File { file, offset, shared }
                if *offset >= *shared && helper.waiting.load(Ordering::Relaxed) == 0 =>
            {
                let place = *offset;
                *offset += used as u64;
                Some((*file, place))
            }
            _ => None,
        };
        helper.waiting.fetch_add(1, Ordering::Relaxed);
        // It ends before this sender is gone only where it cannot write, which it reports itself.
        let piece = Piece::Bytes(Arc::clone(&chunk), delegated);
        helper.hasher.send(piece).map_err(|_| WriteError::Stopped)?;
        if delegated.is_none() {
            self.sink.write(&chunk)?;
        }
        drop(chunk);
        let mut next = if self.made < CHUNKS {
            self.made += 1;
            Vec::new()
        } else {
            helper.free.recv().ok().and_then(Arc::into_inner).unwrap_or_default()
        };
        next.resize(self.filling.size, 0);
        self.filling.buffer = next;
        Ok(())
    }

    fn zeros(&mut self, count: u64) -> Result<(), WriteError> {
        self.flush()?;
        match &self.helper {
            Some(helper) => {
                helper.waiting.fetch_add(1, Ordering::Relaxed);
                helper.hasher.send(Piece::Zeros(count)).map_err(|_| WriteError::Stopped)?;
            }
            None => hash_zeros(&mut self.own, count),
        }
        self.sink.skip(count)
    }

    fn share(&mut self, from: &File, start: u64, size: u64) -> Result<bool, WriteError> {
        self.flush()?;
        Ok(self.sink.share(from, start, size))
    }
}

/// Writes a layer as it is, with the help of a thread that hashes, or alone.
///
/// # Errors
/// The first source or output that fails; [`WriteError::Stopped`] where another layer has failed.
pub(in crate::image) fn plain(
    layer: &Layer,
    created: u64,
    sink: Sink<'_>,
    with_helper: bool,
    stop: &AtomicBool,
    progress: Progress<'_>,
) -> Result<Blob, WriteError> {
    let size = layer.size(created);
    let chunk = usize::try_from(size).unwrap_or(CHUNK).min(CHUNK);
    // A thread costs more than hashing a chunk.
    if !with_helper || size <= CHUNK as u64 {
        let mut chunks = Chunks::new(chunk, sink, None, stop);
        layer.write(created, &mut chunks, progress)?;
        chunks.flush()?;
        let (digest, size) = chunks.own.finish();
        return Ok(Blob { digest, size, diff_id: digest });
    }
    let (sender, receiver) = sync_channel::<Piece<'_>>(CHUNKS);
    let (back, free) = sync_channel(CHUNKS);
    let waiting = AtomicUsize::new(0);
    thread::scope(|scope| {
        let waiting = &waiting;
        let hasher = scope.spawn(move || {
            let mut hashing = Hashing::new(io::sink());
            for piece in receiver {
                match piece {
                    Piece::Bytes(chunk, place) => {
                        if let Some((file, offset)) = place {
                            Sink::file(file, offset).write(&chunk)?;
                        }
                        hash_all(&mut hashing, &chunk);
                        // Nobody waits for it where the layer is at its end.
                        drop(back.send(chunk));
                    }
                    Piece::Zeros(count) => hash_zeros(&mut hashing, count),
                }
                waiting.fetch_sub(1, Ordering::Relaxed);
            }
            Ok(hashing.finish())
        });
        let helper = Helper { hasher: sender, free, waiting };
        let mut chunks = Chunks::new(chunk, sink, Some(helper), stop);
        let written = layer.write(created, &mut chunks, progress).and_then(|()| chunks.flush());
        drop(chunks);
        let end = hasher.join().unwrap_or(Err(WriteError::Stopped));
        match (written, end) {
            (Ok(()), Ok((digest, size))) => Ok(Blob { digest, size, diff_id: digest }),
            // Who was stopped by the other does not know why.
            (Ok(()) | Err(WriteError::Stopped), Err(error)) | (Err(error), _) => Err(error),
        }
    })
}

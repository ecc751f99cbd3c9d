//! One pass over a layer: its tar is made in chunks that one thread reads and writes while another hashes them,
//! or that one reads, hashes and writes where other layers keep the cores busy; compressed, it is made in blocks
//! that all cores work on.
//!
//! What always holds: the bytes depend on the layer and the compression alone, never on the number of
//! threads, on their speed, or on where the bytes go; memory does not grow with the layer.

use super::config::Blob;
use super::digest::Hashing;
use super::{Compression, Layer, WriteError};
use crate::host;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

/// How much is read, written and hashed at once.
const CHUNK: usize = 256 << 10;
/// How many chunks a layer has on their way.
const CHUNKS: usize = 6;
/// How much is compressed at once: a gzip member or a zstd frame of its own each.
const BLOCK: usize = 1 << 20;
/// More threads would take more memory than they save time.
const MAX_THREADS: usize = 12;

/// Told how many bytes of contents have passed.
pub(super) type Progress<'p> = &'p (dyn Fn(u64) + Sync);

/// How many threads are worth it here.
pub(super) fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS)
}

/// Where the bytes of a layer go.
pub(super) enum Sink<'s> {
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
    pub(super) fn file(file: &'s File, offset: u64) -> Self {
        Sink::File { file, offset, shared: 0 }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
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
    fn share(&mut self, from: &File, start: u64, size: u64) -> bool {
        let Sink::File { file, offset, shared } = self else { return false };
        let count = host::share(from, start, file, *offset, size);
        *shared = *offset + count;
        count > 0
    }

    /// Zeros that a source does not have on its disk need none here either.
    fn skip(&mut self, mut count: u64) -> Result<(), WriteError> {
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

/// A piece of a layer's tar.
enum Piece<'f> {
    /// Bytes, and where the hasher shall write them, when it is to do that.
    Bytes(Arc<Vec<u8>>, Option<(&'f File, u64)>),
    Zeros(u64),
}

/// Takes the bytes of a layer's tar in their order.
pub(super) trait TarSink {
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
pub(super) struct Filling {
    buffer: Vec<u8>,
    used: usize,
    size: usize,
}

impl Filling {
    fn new(size: usize) -> Self {
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

/// Writing to a sink of nothing cannot fail.
fn hash_all(hashing: &mut Hashing<io::Sink>, bytes: &[u8]) {
    hashing.write_all(bytes).unwrap_or_default();
}

fn hash_zeros(hashing: &mut Hashing<io::Sink>, mut count: u64) {
    let zeros = vec![0; CHUNK];
    while count > 0 {
        let now = usize::try_from(count).unwrap_or(CHUNK).min(CHUNK);
        hash_all(hashing, zeros.get(..now).unwrap_or(&zeros));
        count -= now as u64;
    }
}

/// Writes a layer as it is, with the help of a thread that hashes, or alone.
///
/// # Errors
/// The first source or output that fails; [`WriteError::Stopped`] where another layer has failed.
pub(super) fn plain(
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

/// Gathers blocks, each with its number.
struct Blocks<'b> {
    filling: Filling,
    number: u64,
    jobs: SyncSender<(u64, Arc<Vec<u8>>)>,
    hasher: SyncSender<Arc<Vec<u8>>>,
    tokens: Receiver<()>,
    stop: &'b AtomicBool,
}

impl TarSink for Blocks<'_> {
    fn filling(&mut self) -> &mut Filling {
        &mut self.filling
    }

    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn send(&mut self, used: usize) -> Result<(), WriteError> {
        self.tokens.recv().map_err(|_| WriteError::Stopped)?;
        let mut buffer = std::mem::replace(&mut self.filling.buffer, vec![0; BLOCK]);
        buffer.truncate(used);
        let block = Arc::new(buffer);
        self.hasher.send(Arc::clone(&block)).map_err(|_| WriteError::Stopped)?;
        self.jobs.send((self.number, block)).map_err(|_| WriteError::Stopped)?;
        self.number += 1;
        Ok(())
    }

    fn zeros(&mut self, mut count: u64) -> Result<(), WriteError> {
        while count > 0 {
            let room = self.room()?;
            let now = usize::try_from(count).unwrap_or(BLOCK).min(room.len());
            room.get_mut(..now).unwrap_or_default().fill(0);
            self.filled(now);
            count -= now as u64;
        }
        Ok(())
    }
}

/// Writes a layer compressed.
///
/// # Errors
/// As [`plain`]; and a compressor that fails.
pub(super) fn compressed(
    layer: &Layer,
    created: u64,
    compression: Compression,
    mut sink: Sink<'_>,
    progress: Progress<'_>,
) -> Result<Blob, WriteError> {
    let workers = threads();
    let in_flight = 2 * workers + 1;
    let stop = AtomicBool::new(false);
    let (jobs, job) = sync_channel::<(u64, Arc<Vec<u8>>)>(workers);
    let (plain, to_hash) = sync_channel::<Arc<Vec<u8>>>(in_flight);
    let (done, results) = sync_channel::<(u64, io::Result<Vec<u8>>)>(in_flight);
    let (token, tokens) = sync_channel::<()>(in_flight);
    for _ in 0..in_flight {
        token.send(()).unwrap_or_default();
    }
    let job = Mutex::new(job);
    thread::scope(|scope| {
        let stop = &stop;
        let reader = scope.spawn(move || {
            let mut blocks = Blocks {
                filling: Filling::new(BLOCK),
                number: 0,
                jobs,
                hasher: plain,
                tokens,
                stop,
            };
            layer.write(created, &mut blocks, progress).and_then(|()| blocks.flush())
        });
        let hasher = scope.spawn(move || {
            let mut hashing = Hashing::new(io::sink());
            for block in to_hash {
                hash_all(&mut hashing, &block);
            }
            hashing.finish().0
        });
        for _ in 0..workers {
            let (done, job) = (done.clone(), &job);
            scope.spawn(move || {
                let mut compressor = compression.compressor();
                loop {
                    let next = match job.lock() {
                        Ok(job) => job.recv(),
                        Err(_) => return,
                    };
                    let Ok((number, block)) = next else { return };
                    // Once nobody listens, the jobs are taken all the same, so that the reader ends.
                    if stop.load(Ordering::Relaxed) {
                        continue;
                    }
                    let packed = compressor.as_mut().map_or_else(
                        |error| Err(io::Error::new(error.kind(), error.to_string())),
                        |compressor| compressor.compress(&block),
                    );
                    drop(done.send((number, packed)));
                }
            });
        }
        drop(done);
        let written = collect(&results, &token, &mut sink);
        if written.is_err() {
            stop.store(true, Ordering::Relaxed);
        }
        // The others end once nobody listens.
        drop((results, token));
        let read = reader.join().unwrap_or(Err(WriteError::Stopped));
        let diff_id = hasher.join().map_err(|_| WriteError::Stopped)?;
        let (digest, size) = match (read, written) {
            (Err(error), _) if !matches!(error, WriteError::Stopped) => return Err(error),
            (_, Err(error)) | (Err(error), _) => return Err(error),
            (Ok(()), Ok(written)) => written,
        };
        Ok(Blob { digest, size, diff_id })
    })
}

/// Writes the blocks in their order, as they come.
fn collect(
    results: &Receiver<(u64, io::Result<Vec<u8>>)>,
    token: &SyncSender<()>,
    sink: &mut Sink<'_>,
) -> Result<(super::Digest, u64), WriteError> {
    let mut hashing = Hashing::new(io::sink());
    let mut early = BTreeMap::new();
    let mut next = 0;
    for (number, packed) in results {
        early.insert(number, packed.map_err(WriteError::Output)?);
        while let Some(packed) = early.remove(&next) {
            hash_all(&mut hashing, &packed);
            sink.write(&packed)?;
            next += 1;
            // The reader may be at its end.
            token.try_send(()).unwrap_or_default();
        }
    }
    Ok(hashing.finish())
}

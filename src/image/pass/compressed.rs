//! A layer compressed: made in blocks that all cores work on.

use super::sink::Filling;
use super::{Progress, Sink, TarSink, hash_all, threads};
use crate::image::config::Blob;
use crate::image::digest::Hashing;
use crate::image::{Compression, Digest, Layer, WriteError};
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

/// How much is compressed at once: a gzip member or a zstd frame of its own each.
const BLOCK: usize = 1 << 20;

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
pub(in crate::image) fn compressed(
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
) -> Result<(Digest, u64), WriteError> {
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

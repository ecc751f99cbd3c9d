//! One pass over a layer: its tar is made in chunks that one thread reads and writes while another hashes them,
//! or that one reads, hashes and writes where other layers keep the cores busy; compressed, it is made in blocks
//! that all cores work on.
//!
//! What always holds: the bytes depend on the layer and the compression alone, never on the number of
//! threads, on their speed, or on where the bytes go; memory does not grow with the layer.
//!
//! `sink` is where bytes go; `plain` and `compressed` are the two ways to make them.

mod compressed;
mod plain;
mod sink;

pub(super) use compressed::compressed;
pub(super) use plain::plain;
pub(super) use sink::{Sink, TarSink};

use super::digest::Hashing;
use std::io::{self, Write as _};
use std::thread;

/// How much is read, written and hashed at once.
const CHUNK: usize = 256 << 10;
/// More threads would take more memory than they save time.
const MAX_THREADS: usize = 12;

/// Told how many bytes of contents have passed.
pub(super) type Progress<'p> = &'p (dyn Fn(u64) + Sync);

/// How many threads are worth it here.
pub(super) fn threads() -> usize {
    thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS)
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

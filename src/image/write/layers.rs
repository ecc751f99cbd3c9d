//! The layers of an image, to wherever they go.

use crate::image::config::Blob;
use crate::image::pass::{self, Progress, Sink};
use crate::image::{Check, Compression, Image, Index, Kept, Known, Layer, WriteError};
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

/// Layers up to this size are not worth a thread of their own.
const SMALL: u64 = 1 << 20;

/// The layers that are there already, since one before them is the same: those of a base, and what is made of the same
/// files again. No blob is written twice.
pub(super) fn repeated(index: &Index) -> Result<Vec<Option<Blob>>, WriteError> {
    let layers = index.layers();
    let hash = |layer: &Layer, created| {
        let stop = AtomicBool::new(false);
        pass::plain(layer, created, Sink::Nowhere, true, &stop, &|_| ())
    };
    let mut kept: Vec<Blob> = Vec::new();
    let mut known = Vec::with_capacity(layers.len());
    // Layers of one image are made of different files; those of others may be made of the same ones.
    let mut hashed: Vec<Option<Blob>> = vec![None; layers.len()];
    for (number, (image, layer)) in layers.iter().enumerate() {
        let size = layer.size(image.created);
        let same = match layer {
            Layer::Kept(layer) => {
                let blob = kept_blob(layer);
                let same = kept.contains(&blob).then_some(blob);
                kept.push(blob);
                same
            }
            Layer::Made(_) => {
                // Its digest is not known yet, but its size is.
                let of_others: Vec<usize> = layers
                    .iter()
                    .enumerate()
                    .take(number)
                    .filter(|(_, (other, before))| {
                        matches!(before, Layer::Made(_))
                            && !std::ptr::eq(*other, *image)
                            && before.size(other.created) == size
                    })
                    .map(|(before, _)| before)
                    .collect();
                if of_others.is_empty() && kept.iter().all(|blob| blob.size != size) {
                    None
                } else {
                    let own = hash(layer, image.created)?;
                    if let Some(place) = hashed.get_mut(number) {
                        *place = Some(own);
                    }
                    let mut is_there = kept.contains(&own);
                    for before in of_others {
                        let (Some((other, layer)), Some(known)) =
                            (layers.get(before), hashed.get_mut(before))
                        else {
                            continue;
                        };
                        let blob = match *known {
                            Some(blob) => blob,
                            None => *known.insert(hash(layer, other.created)?),
                        };
                        is_there |= blob == own;
                    }
                    is_there.then_some(own)
                }
            }
        };
        known.push(same);
    }
    Ok(known)
}

/// The blobs of the layers, without writing them.
pub(super) fn hash(
    index: &Index,
    check: Check,
    known: &Known,
    progress: Progress<'_>,
) -> Result<Vec<Blob>, WriteError> {
    let before = |(image, layer): &(&Image, &Layer)| match layer {
        Layer::Kept(kept) if check == Check::Later => Some(kept_blob(kept)),
        Layer::Kept(_) | Layer::Made(_) => {
            let blob = known.get(known.fingerprint(image, layer)?);
            if blob.is_some() {
                progress(layer.content_size());
            }
            blob
        }
    };
    let layers = index.layers();
    if index.compression() == Compression::None {
        let before: Vec<Option<Blob>> = layers.iter().map(before).collect();
        return all_plain(index, &before, known, &|_| Ok(Sink::Nowhere), progress);
    }
    let blob = |layer: &(&Image, &Layer)| match before(layer) {
        Some(blob) => Ok(blob),
        None => one(layer.0, layer.1, known, Sink::Nowhere, progress),
    };
    layers.iter().map(blob).collect()
}

/// The blob that a layer of a base should be.
fn kept_blob(kept: &Kept) -> Blob {
    Blob { digest: kept.digest, size: kept.size, diff_id: kept.diff_id }
}

/// Writes one layer by itself, as it is to be packed.
pub(super) fn one(
    image: &Image,
    layer: &Layer,
    known: &Known,
    sink: Sink<'_>,
    progress: Progress<'_>,
) -> Result<Blob, WriteError> {
    let before = known.fingerprint(image, layer);
    let blob = match layer.packing(image.compression) {
        Compression::None => {
            pass::plain(layer, image.created, sink, true, &AtomicBool::new(false), progress)?
        }
        compression => pass::compressed(layer, image.created, compression, sink, progress)?,
    };
    let blob = verified(layer, blob)?;
    known.put(before, image, layer, blob);
    Ok(blob)
}

/// A layer that is kept has the digest that its image names, and its diff id is known from there.
fn verified(layer: &Layer, blob: Blob) -> Result<Blob, WriteError> {
    match layer {
        Layer::Made(_) => Ok(blob),
        Layer::Kept(kept) if kept.digest == blob.digest => {
            Ok(Blob { diff_id: kept.diff_id, ..blob })
        }
        Layer::Kept(kept) => {
            Err(WriteError::WrongBlob { digest: kept.digest, path: kept.blob.path.clone() })
        }
    }
}

/// Writes a layer that has been hashed, and makes sure that it is still the same.
pub(super) fn stream_blob(
    image: &Image,
    layer: &Layer,
    expected: Blob,
    known: &Known,
    out: &mut dyn Write,
    progress: Progress<'_>,
) -> Result<(), WriteError> {
    if one(image, layer, &Known::nothing(), Sink::Stream(out), progress)? == expected {
        Ok(())
    } else {
        known.forget(image, layer);
        Err(WriteError::LayerChanged { title: layer.title() })
    }
}

/// Writes every layer as it is, but for those that are there already, the large ones on all cores, the largest first.
pub(super) fn all_plain<'s>(
    index: &Index,
    there: &[Option<Blob>],
    known: &Known,
    sink: &(dyn Fn(usize) -> Result<Sink<'s>, WriteError> + Sync),
    progress: Progress<'_>,
) -> Result<Vec<Blob>, WriteError> {
    let layers = index.layers();
    let mut order: Vec<(u64, usize)> = layers
        .iter()
        .enumerate()
        .filter(|(number, _)| !there.get(*number).is_some_and(Option::is_some))
        .map(|(number, (image, layer))| (layer.size(image.created), number))
        .collect();
    order.sort_by_key(|&(size, number)| (std::cmp::Reverse(size), number));
    let large = order.iter().filter(|(size, _)| *size > SMALL).count();
    let (stop, next) = (AtomicBool::new(false), AtomicUsize::new(0));
    let threads = pass::threads();
    let unfinished = AtomicU64::new(order.iter().map(|(size, _)| size).sum());
    let done = Mutex::new(there.to_vec());
    let failures = Mutex::new(Vec::new());
    let work = || {
        while let Some(&(size, number)) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            let Some((image, layer)) = layers.get(number) else { return };
            // Where the other layers keep the other threads busy, a helper only moves bytes from core to core.
            let others = unfinished.load(Ordering::Relaxed).saturating_sub(size);
            let with_helper = others < size.saturating_mul(threads as u64 - 1);
            let before = known.fingerprint(image, layer);
            let written = sink(number).and_then(|sink| {
                pass::plain(layer, image.created, sink, with_helper, &stop, progress)
                    .and_then(|blob| verified(layer, blob))
            });
            if let Ok(blob) = &written {
                known.put(before, image, layer, *blob);
            }
            unfinished.fetch_sub(size, Ordering::Relaxed);
            match written {
                Ok(blob) => {
                    if let Ok(mut done) = done.lock()
                        && let Some(place) = done.get_mut(number)
                    {
                        *place = Some(blob);
                    }
                }
                Err(error) => {
                    stop.store(true, Ordering::Relaxed);
                    if let Ok(mut failures) = failures.lock() {
                        failures.push((number, error));
                    }
                    return;
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.min(large) {
            scope.spawn(work);
        }
        work();
    });
    let mut failures = failures.into_inner().unwrap_or_default();
    failures.sort_by_key(|(number, error)| (matches!(error, WriteError::Stopped), *number));
    if let Some((_, error)) = failures.into_iter().next() {
        return Err(error);
    }
    let done = done.into_inner().unwrap_or_default();
    done.into_iter().collect::<Option<Vec<Blob>>>().ok_or(WriteError::Stopped)
}

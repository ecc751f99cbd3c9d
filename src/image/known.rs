//! Layers whose digests are known from an earlier run, by the files that they are made of.
//!
//! In: a layer. Out: its blob, where the files are those of an earlier run by device, number, size and times. What always
//! holds: what is known only saves the reading of files; whoever writes or sends the bytes of a layer reads and hashes
//! them, and finds out where it was wrong. What is damaged, or was written by another version, is not there.

use super::config::Blob;
use super::layer::{Part, parts};
use super::{Compression, Digest, Hashing, Image, Layer};
use crate::host::{self, Identity, Kept};
use crate::rootfs::{Content, Origin, Piece, Pieces};
use std::io::{self, Write as _};
use std::path::Path;

/// What the files of it begin with.
const VERSION: &str = "bimanix layer 1";
/// Fewer bytes than these are hashed as fast as files are looked at.
const WORTH_KEEPING: u64 = 1 << 20;
/// Files that are smaller than this on average are read as fast as they are looked at.
const WORTH_A_LOOK: u64 = 64 << 10;

/// What is known of layers from earlier runs.
#[derive(Debug, Clone, Default)]
pub struct Known(Option<Kept>);

/// What a layer is made of, and whether that can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fingerprint {
    key: Digest,
    /// A change that comes now could not be told from it.
    is_recent: bool,
}

impl Known {
    /// Nothing, and nothing is kept.
    pub fn nothing() -> Self {
        Known(None)
    }

    /// What a folder holds, which is made when there is something to keep.
    pub fn at(folder: &Path) -> Self {
        Known(Some(Kept::at(folder)))
    }

    /// What a layer is made of; none where it is not worth the look, or there is nowhere to keep it.
    pub(super) fn fingerprint(&self, image: &Image, layer: &Layer) -> Option<Fingerprint> {
        self.0.as_ref()?;
        let size = layer.content_size();
        if size < WORTH_KEEPING || size / files(layer).max(1) < WORTH_A_LOOK {
            return None;
        }
        fingerprint(layer, image.created, layer.packing(image.compression))
    }

    /// The blob of the layer that has this fingerprint.
    pub(super) fn get(&self, fingerprint: Fingerprint) -> Option<Blob> {
        let name = fingerprint.key.hex();
        let bytes = self.0.as_ref()?.get(&name)?;
        let text = std::str::from_utf8(&bytes).ok()?;
        let (body, sum) = text.strip_suffix('\n')?.rsplit_once('\n')?;
        if sum != sum_of(&name, body) {
            return None;
        }
        let (version, words) = body.split_once('\n')?;
        let mut words = words.split(' ');
        let (digest, size, diff_id) = (words.next()?, words.next()?, words.next()?);
        let blob = Blob {
            digest: Digest::parse(digest)?,
            size: size.parse().ok()?,
            diff_id: Digest::parse(diff_id)?,
        };
        (version == VERSION && words.next().is_none()).then_some(blob)
    }

    /// Keeps the blob of a layer that had this fingerprint when its files began to be read, and still has it.
    pub(super) fn put(
        &self,
        before: Option<Fingerprint>,
        image: &Image,
        layer: &Layer,
        blob: Blob,
    ) {
        let (Some(kept), Some(before)) = (&self.0, before) else { return };
        if before.is_recent || self.fingerprint(image, layer).map(|now| now.key) != Some(before.key)
        {
            return;
        }
        let name = before.key.hex();
        let body = format!("{VERSION}\n{} {} {}", blob.digest, blob.size, blob.diff_id);
        let sum = sum_of(&name, &body);
        kept.put(&name, format!("{body}\n{sum}\n").as_bytes());
    }

    /// Forgets a layer that is not what it was known for.
    pub(super) fn forget(&self, image: &Image, layer: &Layer) {
        if let (Some(kept), Some(fingerprint)) = (&self.0, self.fingerprint(image, layer)) {
            kept.forget(&fingerprint.key.hex());
        }
    }
}

/// How many files of this machine a layer is made of.
fn files(layer: &Layer) -> u64 {
    let of_origin = |origin: &Origin| match origin {
        Origin::Path(_) | Origin::Part(_) => 1,
        Origin::Pieces(pieces) => {
            pieces.iter().filter(|(_, piece)| matches!(piece, Piece::File { .. })).count() as u64
        }
    };
    match layer {
        Layer::Kept(_) => 1,
        Layer::Made(made) => {
            let origins = made.entries.iter().filter_map(|(_, node)| match &node.content {
                Content::File { source, .. } => Some(of_origin(source)),
                _ => None,
            });
            origins.sum()
        }
    }
}

fn sum_of(name: &str, body: &str) -> String {
    Digest::of(format!("{name}\n{body}").as_bytes()).hex()
}

/// Hashes what tells whether a layer is the same.
struct Hasher {
    hashing: Hashing<io::Sink>,
    is_recent: bool,
}

impl Hasher {
    fn bytes(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        // It goes nowhere, which cannot fail.
        self.hashing.write_all(bytes).unwrap_or_default();
    }

    fn number(&mut self, number: u64) {
        self.hashing.write_all(&number.to_le_bytes()).unwrap_or_default();
    }

    fn identity(&mut self, identity: Option<Identity>) -> Option<()> {
        let identity = identity?;
        self.is_recent |= identity.is_recent();
        let Identity { place, size, modified, changed } = identity;
        self.bytes(format!("{place:?} {size} {modified:?} {changed:?}").as_bytes());
        Some(())
    }

    fn file(&mut self, path: &Path, size: u64) -> Option<()> {
        let identity = Identity::at(path);
        self.identity(identity.filter(|identity| identity.size == size))
    }

    fn origin(&mut self, origin: &Origin, size: u64) -> Option<()> {
        match origin {
            Origin::Path(path) => self.file(path, size),
            Origin::Part(part) => {
                self.number(part.start);
                self.number(size);
                self.identity(Identity::of_file(&part.file))
            }
            Origin::Pieces(pieces) => self.pieces(pieces),
        }
    }

    fn pieces(&mut self, pieces: &Pieces) -> Option<()> {
        self.number(pieces.size());
        for (at, piece) in pieces.iter() {
            self.number(at);
            match piece {
                Piece::Bytes(bytes) => self.bytes(bytes),
                Piece::Numbers { first, count } => {
                    self.number(u64::from(*first));
                    self.number(u64::from(*count));
                }
                Piece::File { origin, size, start, length } => {
                    self.number(*start);
                    self.number(*length);
                    self.origin(origin, *size)?;
                }
            }
        }
        Some(())
    }
}

fn fingerprint(layer: &Layer, created: u64, compression: Compression) -> Option<Fingerprint> {
    let mut hasher = Hasher { hashing: Hashing::new(io::sink()), is_recent: false };
    hasher.bytes(compression.to_string().as_bytes());
    if compression != Compression::None {
        // Another program may compress to other bytes.
        let identity = Identity::at(&host::program().ok()?)?;
        hasher.bytes(format!("{identity:?}").as_bytes());
    }
    match layer {
        Layer::Kept(kept) => {
            hasher.bytes(kept.digest.to_string().as_bytes());
            hasher.number(kept.blob.start);
            hasher.number(kept.size);
            hasher.identity(Identity::of_file(&kept.blob.file))?;
        }
        Layer::Made(made) => {
            for part in parts(made, created) {
                match part {
                    Part::Bytes(bytes) => hasher.bytes(&bytes),
                    Part::Content(origin, size) => hasher.origin(origin, size)?,
                }
            }
        }
    }
    let is_recent = hasher.is_recent;
    let (key, _) = hasher.hashing.finish();
    Some(Fingerprint { key, is_recent })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{Config, Made, Name};
    use crate::rootfs::{ImagePath, Node};
    use std::path::PathBuf;
    use std::time::Duration;

    fn image(path: &Path) -> Image {
        let content = Content::File { source: Origin::Path(path.to_owned()), size: WORTH_KEEPING };
        let entries = vec![(ImagePath::parse(b"/x").unwrap(), Node { content, ..Node::parent() })];
        let name = Name { familiar: String::new(), full: String::new(), tag: String::new() };
        Image {
            layers: vec![Layer::Made(Made { title: "files".to_owned(), entries })],
            name,
            config: Config::default(),
            annotations: std::collections::BTreeMap::new(),
            urunc_json: None,
            compression: Compression::None,
            created: 0,
        }
    }

    fn scratch(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("bimanix-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_file_is_known_until_it_changes_and_not_at_once() {
        let folder = scratch("known");
        let path = folder.join("file");
        let known = Known::at(&folder.join("kept"));
        let image = image(&path);
        let [layer] = image.layers.as_slice() else { panic!() };
        let blob = Blob { digest: Digest::of(b"a"), size: 7, diff_id: Digest::of(b"b") };
        let keep = || known.put(known.fingerprint(&image, layer), &image, layer, blob);
        let found = || known.fingerprint(&image, layer).and_then(|print| known.get(print));
        let write = |byte: u8| {
            std::fs::write(&path, vec![byte; usize::try_from(WORTH_KEEPING).unwrap()]).unwrap();
        };
        let rest = || std::thread::sleep(Duration::from_millis(200));
        write(1);
        // Another change might leave the same times.
        keep();
        assert_eq!(found(), None);
        rest();
        keep();
        assert_eq!(found(), Some(blob));
        // Another file of the same size, with the time of the first one.
        let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
        write(2);
        std::fs::File::open(&path).unwrap().set_modified(modified).unwrap();
        assert_eq!(found(), None);
        rest();
        // One that changes while it is read is not kept.
        let before = known.fingerprint(&image, layer);
        write(3);
        known.put(before, &image, layer, blob);
        rest();
        assert_eq!(found(), None);
        keep();
        assert_eq!(found(), Some(blob));
        known.forget(&image, layer);
        assert_eq!(found(), None);
        assert!(Known::nothing().fingerprint(&image, layer).is_none());
        std::fs::write(&path, b"short").unwrap();
        assert!(known.fingerprint(&image, layer).is_none());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

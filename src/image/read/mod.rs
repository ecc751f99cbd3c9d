//! Reading images: an OCI archive, a docker archive, a layout folder, or a folder of skopeo's `dir:`; ours or another
//! tool's, plain or compressed, a file or a stream.
//!
//! In: a path or standard input. Out: the [`Archive`] with its [`Image`]s, or with the one that is chosen among them;
//! or the first reason why it is none. What always holds: JSON is read up to a limit, every digest and size is
//! checked, though that of a plain layer can be left to whoever copies it; no header is trusted, nothing is unpacked
//! to a path; what is unpacked and what is kept in memory are bounded (`budget`).
//!
//! `parts` finds the named parts, `list` the images among them, `head` reads what is said of an image, `layers` what
//! is in it; `kept` hands the layers on, and `links` tells what a manifest names to who fetches it.

mod budget;
mod error;
mod head;
mod json;
mod kept;
mod layers;
mod links;
mod list;
mod members;
mod packed;
mod parts;

pub use budget::Exceeded;
pub use error::ReadError;
pub use layers::Place;
pub use links::{Branch, Link, Links, platform_of};

use super::{Check, Digest, Hashing, Summary};
use crate::rootfs::{Content, Found, ImagePath, Node, Tree, Window};
use budget::Budget;
use error::{Result, shown};
use head::Head;
use layers::LayerFile;
use parts::Parts;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The largest JSON file that is read: what registries and other tools take at most.
const MAX_JSON: u64 = 4 << 20;
/// How deep indexes may point at indexes.
const MAX_INDEXES: usize = 4;
/// How many images an archive may hold.
const MAX_IMAGES: usize = 256;

/// Where an image comes from.
#[derive(Debug, Clone, Copy)]
pub enum Input<'p> {
    /// A file, a folder, or anything that can be read once.
    Path(&'p Path),
    /// Standard input.
    Stdin,
}

impl Input<'_> {
    fn path(&self) -> PathBuf {
        match self {
            Input::Path(path) => (*path).to_owned(),
            Input::Stdin => PathBuf::from("standard input"),
        }
    }
}

/// How the parts are named that have digests.
#[derive(Debug)]
enum BlobNames {
    /// `blobs/sha256/DIGEST`, as in an OCI image layout.
    Layout,
    /// `DIGEST` and `DIGEST.manifest.json`, and one manifest in `manifest.json`, as skopeo writes a `dir:`.
    Flat { root: Digest },
}

/// What was read, with its images.
#[derive(Debug)]
pub struct Archive {
    parts: Parts,
    path: PathBuf,
    budget: Budget,
    blob_names: BlobNames,
    /// What the archive names and does not hold, or what is no image, in words.
    pub skipped: Vec<String>,
    /// The images, in the order in which they are named.
    pub images: Vec<Image>,
    /// The bytes of the index that the one name in the archive leads to.
    index: Option<Vec<u8>>,
}

/// One image.
#[derive(Debug)]
pub struct Image {
    /// What its manifest and configuration say.
    pub summary: Summary,
    /// Whether its name leads to an index and only from there to the manifest, as with images for several
    /// architectures.
    pub in_index: bool,
    /// The files, layer upon layer.
    pub tree: Tree<Place>,
    /// The members of `config` in its configuration, as they are.
    pub process: Map<String, Json>,
    /// The `history` of its configuration, as it is.
    pub history: Vec<Json>,
    layers: Vec<LayerFile>,
}

impl Image {
    /// The annotations of the descriptors of its layers, lowest first; docker archives have none.
    pub fn layer_annotations(&self) -> impl Iterator<Item = &BTreeMap<String, String>> {
        self.layers.iter().map(|layer| &layer.annotations)
    }
}

/// An image that an archive holds, before its layers are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// `os`
    pub os: String,
    /// `architecture`
    pub architecture: String,
    /// `variant`
    pub variant: Option<String>,
}

/// Why there is no one image in an archive.
#[derive(Debug)]
pub enum OneError<E> {
    /// It cannot be read.
    Read(ReadError),
    /// None of its images was chosen.
    Unchosen(E),
}

/// What a registry keeps of an image, or of an index and its images.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Blobs {
    /// The images, each with the bytes of its manifest.
    pub images: Vec<(Vec<u8>, ImageLinks)>,
    /// The bytes of the indexes that lead to them, the one that leads to all of them last; none for one image alone.
    pub indexes: Vec<Vec<u8>>,
}

/// What the manifest of an image names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageLinks {
    /// The configuration.
    pub config: Link,
    /// The layers, lowest first.
    pub layers: Vec<Link>,
}

impl Blobs {
    /// Those of one image.
    ///
    /// # Errors
    /// Why its manifest is none.
    pub fn of_manifest(manifest: Vec<u8>) -> std::result::Result<Self, String> {
        match Links::of(&manifest)? {
            Links::Image { config, layers } => Ok(Blobs {
                images: vec![(manifest, ImageLinks { config, layers })],
                indexes: Vec::new(),
            }),
            Links::Index(_) | Links::Artifact => {
                Err("it is not the manifest of an image".to_owned())
            }
        }
    }
}

/// What is at a path that should be a small file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SmallFile {
    /// A file, and its bytes.
    Bytes(Vec<u8>),
    /// Something else, in words: `a folder`.
    Other(&'static str),
}

/// Reads what is at the input, unpacking at most `max_unpacked` bytes.
///
/// # Errors
/// The first reason why it cannot be read.
pub fn read(input: &Input<'_>, max_unpacked: u64) -> Result<Archive> {
    let mut archive = Archive::open(input, max_unpacked)?;
    let (root, targets) = archive.targets()?;
    let mut known = BTreeSet::new();
    for target in targets {
        let (is_optional, before) = (target.is_optional, archive.images.len());
        let read = archive.head(target).and_then(|head| match head {
            Some(head) if known.insert(head.config_digest) || !head.is_beside => {
                archive.image(head, Check::Now).map(|image| archive.images.push(image))
            }
            _ => Ok(()),
        });
        match read {
            Ok(()) => {}
            // docker and containerd name the platforms they have not pulled.
            Err(ReadError::Missing { part, .. })
                if is_optional && archive.images.len() == before =>
            {
                archive.skipped.push(format!("an image whose `{part}` is not in the archive"));
            }
            Err(error) => return Err(error),
        }
    }
    if archive.images.is_empty() {
        return Err(archive.without_images(root));
    }
    Ok(archive)
}

/// Reads the one image that `choose` picks among those at the input, whose only image it is then.
///
/// With the digest of a manifest the input is a folder of blobs as in an OCI image layout, and that image is read.
/// How the bytes of layers are checked that are not compressed is for `check` to say.
///
/// # Errors
/// The first reason why it cannot be read, or the one that `choose` gives.
pub fn read_one<E>(
    input: &Input<'_>,
    manifest: Option<Digest>,
    max_unpacked: u64,
    check: Check,
    choose: impl FnOnce(&[Candidate]) -> std::result::Result<usize, E>,
) -> std::result::Result<Archive, OneError<E>> {
    let mut archive = Archive::open(input, max_unpacked).map_err(OneError::Read)?;
    let (root, targets) = match manifest {
        Some(digest) => ("index.json", archive.target(digest).map(|target| vec![target])),
        None => match archive.targets() {
            Ok((root, targets)) => (root, Ok(targets)),
            Err(error) => ("", Err(error)),
        },
    };
    let mut heads: Vec<Head> = Vec::new();
    for target in targets.map_err(OneError::Read)? {
        let is_optional = target.is_optional;
        match archive.head(target) {
            Ok(None) => {}
            Ok(Some(head))
                if head.is_beside
                    && heads.iter().any(|known| known.config_digest == head.config_digest) => {}
            Ok(Some(head)) => heads.push(head),
            Err(ReadError::Missing { part, .. }) if is_optional => {
                archive.skipped.push(format!("an image whose `{part}` is not in the archive"));
            }
            Err(error) => return Err(OneError::Read(error)),
        }
    }
    if heads.is_empty() {
        return Err(OneError::Read(archive.without_images(root)));
    }
    let candidates: Vec<Candidate> = heads.iter().map(|head| head.candidate.clone()).collect();
    let chosen = choose(&candidates).map_err(OneError::Unchosen)?;
    if chosen < heads.len() {
        let head = heads.swap_remove(chosen);
        let image = archive.image(head, check).map_err(OneError::Read)?;
        archive.images.push(image);
    }
    Ok(archive)
}

/// The files of a tar archive that is no image; none where it is one. It may be packed, and unpacks to at most
/// `max_unpacked` bytes.
///
/// # Errors
/// Why it is no archive, or cannot be read.
pub fn tar(path: &Path, max_unpacked: u64) -> io::Result<Option<Tree>> {
    let tree = layers::tar(path, max_unpacked)?;
    let has = |name: &[u8]| {
        let path = ImagePath::parse(name);
        path.is_ok_and(|path| tree.get(&path).is_some_and(|node| node.content.is_file()))
    };
    Ok((!has(b"/index.json") && !has(b"/manifest.json")).then_some(tree))
}

impl Archive {
    fn open(input: &Input<'_>, max_unpacked: u64) -> Result<Self> {
        let budget = Budget::new(max_unpacked);
        let parts = Parts::open(input, &budget)?;
        let (path, blob_names) = (input.path(), BlobNames::Layout);
        let (skipped, images) = (Vec::new(), Vec::new());
        Ok(Archive { parts, path, budget, blob_names, skipped, images, index: None })
    }

    /// The bytes of a file of an image.
    ///
    /// # Errors
    /// What keeps them from being read.
    pub fn file(&self, image: usize, place: Place, size: u64) -> io::Result<Window> {
        let layer = self.images.get(image).and_then(|image| image.layers.get(place.layer));
        let layer = layer.ok_or(io::ErrorKind::NotFound)?;
        layers::file(layer, place, size)
    }

    /// The same out of a layer that is unpacked as a whole when its first file is asked for, and whose digest is
    /// checked then: for those who take many files.
    ///
    /// # Errors
    /// What keeps them from being read, and a layer that is not what its digest says.
    pub fn verified_file(&self, image: usize, place: Place, size: u64) -> io::Result<Window> {
        let layer = self.images.get(image).and_then(|image| image.layers.get(place.layer));
        let layer = layer.ok_or(io::ErrorKind::NotFound)?;
        layers::verified_file(layer, place, size)
    }

    /// The digest of a file of an image, out of a layer that is checked.
    ///
    /// # Errors
    /// What keeps it from being read.
    pub fn file_digest(
        &self,
        image: usize,
        path: &ImagePath,
        place: Place,
        size: u64,
    ) -> Result<Digest> {
        let hashed = self.verified_file(image, place, size).and_then(|mut bytes| {
            let mut hashing = Hashing::new(io::sink());
            io::copy(&mut bytes, &mut hashing)?;
            Ok(hashing.finish().0)
        });
        hashed.map_err(|error| self.failed(&path.to_string(), &error))
    }

    /// What a registry keeps of the one image, or of the index that leads to all images. None of a docker archive, whose
    /// layers have no digests of their own, and where several names are.
    ///
    /// # Errors
    /// What keeps a part from being read, and a part that is not there.
    pub fn blobs(&self) -> Result<Option<Blobs>> {
        self.budget.forget();
        let mut blobs = Blobs::default();
        match (&self.index, self.images.as_slice()) {
            (Some(index), _) => self.walk_index(index.clone(), 0, &mut blobs)?,
            (None, [only]) => match only.summary.manifest {
                Some(manifest) => self.walk_manifest(manifest, &mut blobs)?,
                None => return Ok(None),
            },
            (None, _) => return Ok(None),
        }
        Ok(Some(blobs))
    }

    fn walk_index(&self, bytes: Vec<u8>, depth: usize, blobs: &mut Blobs) -> Result<()> {
        let part = self.blob_name(Digest::of(&bytes));
        let branches = match Links::all(&bytes).map_err(|why| self.broken(&part, why))? {
            Links::Index(branches) if depth < MAX_INDEXES => branches,
            _ => {
                return Err(
                    self.broken(&part, "it is no index, or indexes point at indexes without end")
                );
            }
        };
        for branch in branches {
            if branch.is_index {
                self.walk_index(self.blob(branch.link.digest)?, depth + 1, blobs)?;
            } else {
                self.walk_manifest(branch.link.digest, blobs)?;
            }
        }
        blobs.indexes.push(bytes);
        Ok(())
    }

    fn walk_manifest(&self, digest: Digest, blobs: &mut Blobs) -> Result<()> {
        let part = self.blob_name(digest);
        let found =
            Blobs::of_manifest(self.blob(digest)?).map_err(|why| self.broken(&part, why))?;
        for (_, links) in &found.images {
            for link in std::iter::once(&links.config).chain(&links.layers) {
                self.part(&self.blob_name(link.digest))?;
            }
        }
        blobs.images.extend(found.images);
        Ok(())
    }

    /// The digest that the one name in the archive leads to: of an index, or of the manifest of its only image.
    pub fn root_digest(&self) -> Option<Digest> {
        match (&self.index, self.images.as_slice()) {
            (Some(index), _) => Some(Digest::of(index)),
            (None, [only]) => only.summary.manifest,
            (None, _) => None,
        }
    }

    /// The bytes of a blob.
    ///
    /// # Errors
    /// That it is not there, or cannot be read.
    pub fn blob_bytes(&self, digest: Digest) -> Result<Window> {
        self.part(&self.blob_name(digest)).map(|(window, _)| window)
    }

    /// The part that has a digest.
    fn blob_name(&self, digest: Digest) -> String {
        match self.blob_names {
            BlobNames::Layout => super::config::blob_path(digest),
            BlobNames::Flat { root } if root == digest => "manifest.json".to_owned(),
            BlobNames::Flat { .. } => {
                let manifest = format!("{}.manifest.json", digest.hex());
                if self.parts.has(&manifest) { manifest } else { digest.hex() }
            }
        }
    }

    fn broken(&self, part: &str, why: impl Into<String>) -> ReadError {
        ReadError::Broken { path: self.path.clone(), part: part.to_owned(), why: why.into() }
    }

    /// All that is named has been skipped.
    fn without_images(&self, root: &str) -> ReadError {
        self.broken(
            root,
            format!("it names no image that is there, but {}", self.skipped.join(", ")),
        )
    }

    fn part(&self, name: &str) -> Result<(Window, u64)> {
        match self.parts.part(name) {
            Ok(Some(part)) => Ok(part),
            Ok(None) => Err(ReadError::Missing { path: self.path.clone(), part: name.to_owned() }),
            Err(error) => Err(self.failed(name, &error)),
        }
    }

    fn failed(&self, part: &str, error: &io::Error) -> ReadError {
        ReadError::part(self.path.clone(), part, error)
    }

    fn json(&self, name: &str) -> Result<Vec<u8>> {
        let (reader, size) = self.part(name)?;
        if size > MAX_JSON {
            let why = format!("it has {size} bytes, and {MAX_JSON} are read at most");
            return Err(self.broken(name, why));
        }
        let mut bytes = Vec::new();
        let read = reader.take(MAX_JSON).read_to_end(&mut bytes);
        read.and_then(|_| self.budget.json(&bytes)).map_err(|error| self.failed(name, &error))?;
        Ok(bytes)
    }

    /// A JSON blob, checked against the digest in its name.
    fn blob(&self, digest: Digest) -> Result<Vec<u8>> {
        let name = self.blob_name(digest);
        let bytes = self.json(&name)?;
        let found = Digest::of(&bytes);
        if found != digest {
            return Err(self.broken(&name, format!("its digest is {found}")));
        }
        Ok(bytes)
    }

    fn parse<'j, T: serde::Deserialize<'j>>(&self, part: &str, bytes: &'j [u8]) -> Result<T> {
        serde_json::from_slice(bytes).map_err(|error| self.broken(part, error.to_string()))
    }

    fn digest(&self, part: &str, text: &str) -> Result<Digest> {
        let fault = || self.broken(part, format!("`{}` is not a SHA-256 digest", shown(text)));
        Digest::parse(text).ok_or_else(fault)
    }

    /// The file at a path of an image; none where nothing is.
    ///
    /// # Errors
    /// It has more than `max` bytes, or cannot be read.
    pub fn small_file(&self, image: usize, path: &str, max: u64) -> Result<Option<SmallFile>> {
        let Some(image) = self.images.get(image) else { return Ok(None) };
        let Some(own) = ImagePath::parse(path.as_bytes()).ok() else { return Ok(None) };
        let node = match image.tree.get(&own) {
            None => return Ok(None),
            Some(Node { content: Content::Symlink(target), .. }) if target.starts_with(b"/") => {
                return Ok(Some(SmallFile::Other("an absolute symlink")));
            }
            Some(_) => match image.tree.walk(path.as_bytes()) {
                Ok(Found { node: Some(node), .. }) => node,
                Ok(_) => return Ok(Some(SmallFile::Other("a folder"))),
                Err(_) => return Ok(Some(SmallFile::Other("a symlink to nothing"))),
            },
        };
        let (place, size) = match node.content {
            Content::File { source, size } => (source, size),
            Content::Bytes(ref bytes) => return Ok(Some(SmallFile::Bytes(bytes.clone()))),
            Content::Directory => return Ok(Some(SmallFile::Other("a folder"))),
            Content::Symlink(_) => return Ok(Some(SmallFile::Other("a symlink"))),
            Content::Special(_) => return Ok(Some(SmallFile::Other("a device or FIFO"))),
        };
        if size > max {
            let why = format!("it has {size} bytes, and {max} are read at most");
            return Err(self.broken(path, why));
        }
        let Some(layer) = image.layers.get(place.layer) else { return Ok(None) };
        let mut bytes = Vec::new();
        let read = layers::file(layer, place, size)
            .and_then(|mut file| file.read_to_end(&mut bytes))
            .and_then(|_| self.budget.json(&bytes));
        read.map_err(|error| self.failed(path, &error))?;
        Ok(Some(SmallFile::Bytes(bytes)))
    }
}

//! Reading images: an OCI archive, a docker archive, a layout folder, or a folder of skopeo's `dir:`; ours or another
//! tool's, plain or compressed, a file or a stream.
//!
//! In: a path or standard input. Out: the [`Archive`] with its [`Image`]s, or the first reason why it is
//! none. What always holds: JSON is read up to a limit, every digest and size is checked, no header is
//! trusted, nothing is unpacked to a path; what is unpacked and what is kept in memory are bounded (`budget`).

mod budget;
mod error;
mod json;
mod layers;
mod members;
mod packed;
mod parts;
mod window;

pub use budget::Exceeded;
pub use error::ReadError;
pub(super) use json::summarize_config;
pub use layers::Place;
pub use window::Window;

use super::config::{CONTAINERD_NAME, REF_NAME};
use super::{Digest, LayerSummary, Summary};
use crate::rootfs::{Content, Found, ImagePath, Node, Tree};
use crate::urunc::{self, json::Fault};
use budget::Budget;
use error::{Result, shown};
use json::{DockerImage, Index, Kind, Manifest};
use oci_spec::image::Descriptor;
use packed::Packing;
use parts::Parts;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The largest JSON file that is read: what registries and other tools take at most.
const MAX_JSON: u64 = 4 << 20;
/// The largest `/urunc.json` that is read, whose values have at most 4096 bytes each.
const MAX_URUNC_JSON: u64 = 1 << 20;
/// How many images an archive may hold.
const MAX_IMAGES: usize = 256;
/// Where the annotations lie in an image.
const URUNC_JSON: &[u8] = b"/urunc.json";
/// How deep indexes may point at indexes.
const MAX_INDEXES: usize = 4;

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

/// Where the parts are that have digests.
#[derive(Debug)]
enum Blobbing {
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
    blobbing: Blobbing,
    /// What the archive names and does not hold, or what is no image, in words.
    pub skipped: Vec<String>,
    /// The images, in the order in which they are named.
    pub images: Vec<Image>,
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
    /// `/urunc.json`, as it is; none when there is no such file.
    pub urunc_json: Option<UruncJson>,
    layers: Vec<(String, Packing)>,
}

/// The parts of an image that a registry keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blobs {
    /// The bytes of the manifest.
    pub manifest: Vec<u8>,
    /// The digests and sizes of the other blobs, the configuration first.
    pub blobs: Vec<(Digest, u64)>,
}

/// What stands at `/urunc.json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UruncJson {
    /// A file: its decoded values, and what urunc would stumble over.
    File(BTreeMap<String, String>, Vec<Fault>),
    /// A folder or a symlink.
    Other(&'static str),
}

impl UruncJson {
    fn of(bytes: &[u8]) -> Self {
        let (values, faults) = urunc::json::decode(bytes);
        UruncJson::File(values, faults)
    }
}

/// Reads what is at the input, unpacking at most `max_unpacked` bytes.
///
/// # Errors
/// The first reason why it cannot be read.
pub fn read(input: &Input<'_>, max_unpacked: u64) -> Result<Archive> {
    let budget = Budget::new(max_unpacked);
    let parts = Parts::open(input, &budget)?;
    let (path, blobbing) = (input.path(), Blobbing::Layout);
    let mut archive =
        Archive { parts, path, budget, blobbing, skipped: Vec::new(), images: Vec::new() };
    let root = if archive.parts.has("index.json") {
        archive.read_layout()?;
        "index.json"
    } else if archive.parts.has("manifest.json") {
        archive.read_manifest_json()?;
        "manifest.json"
    } else {
        let why = "it holds neither `index.json` nor `manifest.json`".to_owned();
        return Err(ReadError::NotAnImage { path: archive.path, why });
    };
    if archive.images.is_empty() {
        return Err(archive.broken(root, "none of the images that it names is there"));
    }
    Ok(archive)
}

impl Archive {
    /// The bytes of a file of an image.
    ///
    /// # Errors
    /// What keeps them from being read.
    pub fn file(&self, image: usize, place: Place, size: u64) -> io::Result<Window> {
        let layer = self.images.get(image).and_then(|image| image.layers.get(place.layer));
        let Some((name, packing)) = layer.cloned() else {
            return Err(io::ErrorKind::NotFound.into());
        };
        let Some((blob, _)) = self.parts.part(&name)? else {
            return Err(io::ErrorKind::NotFound.into());
        };
        layers::file(blob, packing, place, size)
    }

    /// The manifest of an image and its blobs, the configuration first; none of a docker archive, whose layers
    /// have no digests of their own.
    ///
    /// # Errors
    /// What keeps a part from being read.
    pub fn blobs(&self, image: usize) -> Result<Option<Blobs>> {
        let Some(summary) = self.images.get(image).map(|image| &image.summary) else {
            return Ok(None);
        };
        let (Some(manifest), Some(config)) = (summary.manifest, summary.config) else {
            return Ok(None);
        };
        self.budget.forget();
        let bytes = self.blob(manifest)?;
        let (_, size) = self.part(&self.blob_name(config))?;
        let layers = summary.layers.iter().map(|layer| (layer.digest, layer.size));
        let blobs = std::iter::once((config, size)).chain(layers).collect();
        Ok(Some(Blobs { manifest: bytes, blobs }))
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
        match self.blobbing {
            Blobbing::Layout => super::config::blob_path(digest),
            Blobbing::Flat { root } if root == digest => "manifest.json".to_owned(),
            Blobbing::Flat { .. } => {
                let manifest = format!("{}.manifest.json", digest.hex());
                if self.parts.has(&manifest) { manifest } else { digest.hex() }
            }
        }
    }

    fn broken(&self, part: &str, why: impl Into<String>) -> ReadError {
        ReadError::Broken { path: self.path.clone(), part: part.to_owned(), why: why.into() }
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

    fn digest(&self, part: &str, text: &str) -> Result<Digest> {
        let fault = || self.broken(part, format!("`{}` is not a SHA-256 digest", shown(text)));
        Digest::parse(text).ok_or_else(fault)
    }

    /// Reads an OCI image layout, with the images that only docker's list beside it names: docker of 2024 and
    /// later leaves what it saves by digest out of the index.
    fn read_layout(&mut self) -> Result<()> {
        let bytes = self.json("index.json")?;
        let index: Index = self.parse("index.json", &bytes)?;
        let is_empty = index.manifests.as_ref().is_none_or(Vec::is_empty);
        if !self.parts.has("manifest.json") {
            return self.read_index("index.json", index, &[], 0);
        }
        if is_empty {
            return self.read_docker(&self.json("manifest.json")?);
        }
        self.read_index("index.json", index, &[], 0)?;
        // A file of that name may be something else in a layout.
        let beside = self.json("manifest.json")?;
        let known: BTreeSet<Digest> =
            self.images.iter().filter_map(|image| image.summary.config).collect();
        for image in serde_json::from_slice::<Vec<DockerImage>>(&beside).unwrap_or_default() {
            if let Ok(Some(_)) = self.parts.part(&image.config) {
                self.read_docker_image(image, &known)?;
            }
        }
        Ok(())
    }

    /// Reads `manifest.json` where there is no index: the list of a docker archive, or what skopeo writes
    /// into a `dir:`.
    fn read_manifest_json(&mut self) -> Result<()> {
        let part = "manifest.json";
        let bytes = self.json(part)?;
        let kind = json::kind(&bytes);
        match kind {
            Kind::DockerImages => return self.read_docker(&bytes),
            Kind::Index | Kind::Manifest => {}
            Kind::Schema1 => {
                let why = "it is a manifest of docker's schema 1, which has no configuration";
                return Err(self.broken(part, why));
            }
            Kind::Unknown => {
                let why = "it is neither docker's list of images nor a manifest";
                return Err(self.broken(part, why));
            }
        }
        let root = Digest::of(&bytes);
        self.blobbing = Blobbing::Flat { root };
        if kind == Kind::Index {
            let index = self.parse(part, &bytes)?;
            // Its manifests are known by an index only, as behind a name in a registry.
            return self.read_index(part, index, &[], 1);
        }
        self.add_manifest(root, &bytes, Vec::new(), 0)
    }

    fn parse<'j, T: serde::Deserialize<'j>>(&self, part: &str, bytes: &'j [u8]) -> Result<T> {
        serde_json::from_slice(bytes).map_err(|error| self.broken(part, error.to_string()))
    }

    /// Reads every image that an index names, and those of the indexes in it.
    fn read_index(
        &mut self,
        part: &str,
        index: Index,
        names: &[String],
        depth: usize,
    ) -> Result<()> {
        if depth >= MAX_INDEXES {
            return Err(self.broken("index.json", "its indexes point at indexes without end"));
        }
        let mut images = index.manifests.unwrap_or_default();
        images.retain(|descriptor| !json::is_attestation(descriptor));
        if images.is_empty() {
            return Err(self.broken(part, "it names no manifest"));
        }
        let several = images.len() > 1;
        for descriptor in &images {
            let before = self.images.len();
            match self.read_descriptor(part, descriptor, names, depth) {
                Ok(()) => {}
                // docker and containerd name the platforms they have not pulled.
                Err(ReadError::Missing { part, .. }) if several && self.images.len() == before => {
                    self.skipped.push(format!("an image whose `{part}` is not in the archive"));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn read_descriptor(
        &mut self,
        part: &str,
        descriptor: &Descriptor,
        names: &[String],
        depth: usize,
    ) -> Result<()> {
        let mut names = names.to_vec();
        if let Some(annotations) = descriptor.annotations() {
            let full = annotations.get(CONTAINERD_NAME);
            names.extend(full.or(annotations.get(REF_NAME)).cloned());
        }
        let digest = self.digest(part, descriptor.digest().as_ref())?;
        let bytes = self.blob(digest)?;
        let part = self.blob_name(digest);
        if bytes.len() as u64 != descriptor.size() {
            let why = format!("it has {} bytes and should have {}", bytes.len(), descriptor.size());
            return Err(self.broken(&part, why));
        }
        if json::is_index(descriptor) {
            let index = self.parse(&part, &bytes)?;
            return self.read_index(&part, index, &names, depth + 1);
        }
        self.add_manifest(digest, &bytes, names, depth)
    }

    /// Reads the image of a manifest.
    fn add_manifest(
        &mut self,
        digest: Digest,
        bytes: &[u8],
        names: Vec<String>,
        depth: usize,
    ) -> Result<()> {
        let part = self.blob_name(digest);
        if json::is_artifact(bytes) {
            self.skipped.push(format!("`{part}`, which is an artifact and no image"));
            return Ok(());
        }
        self.check_count(&part)?;
        let mut image = self.read_manifest(&part, bytes)?;
        image.summary.manifest = Some(digest);
        image.summary.size += bytes.len() as u64;
        image.summary.names = names;
        image.in_index = depth > 0;
        self.images.push(image);
        Ok(())
    }

    fn check_count(&self, part: &str) -> Result<()> {
        if self.images.len() >= MAX_IMAGES {
            return Err(self.broken(part, format!("there are more than {MAX_IMAGES} images")));
        }
        Ok(())
    }

    fn read_manifest(&mut self, part: &str, bytes: &[u8]) -> Result<Image> {
        let manifest: Manifest = self.parse(part, bytes)?;
        let config = self.digest(part, manifest.config.digest().as_ref())?;
        let config_bytes = self.blob(config)?;
        let mut summary = self.config(&self.blob_name(config), &config_bytes)?;
        summary.config = Some(config);
        summary.size = config_bytes.len() as u64;
        summary.annotations = manifest.annotations.unwrap_or_default();
        let mut layers = Vec::new();
        for descriptor in manifest.layers.unwrap_or_default() {
            let digest = self.digest(part, descriptor.digest().as_ref())?;
            let name = self.blob_name(digest);
            let (_, size) = self.part(&name)?;
            if size != descriptor.size() {
                let why = format!("it has {size} bytes and should have {}", descriptor.size());
                return Err(self.broken(&name, why));
            }
            let media_type = descriptor.media_type().to_string();
            layers.push(Blob { name, digest: Some(digest), size, media_type });
        }
        self.read_layers(part, summary, layers)
    }

    fn read_docker(&mut self, bytes: &[u8]) -> Result<()> {
        let images: Vec<DockerImage> = self.parse("manifest.json", bytes)?;
        if images.is_empty() {
            return Err(self.broken("manifest.json", "it names no image"));
        }
        for image in images {
            self.read_docker_image(image, &BTreeSet::new())?;
        }
        Ok(())
    }

    /// Reads an image of docker's list, unless its configuration is known already.
    fn read_docker_image(&mut self, image: DockerImage, known: &BTreeSet<Digest>) -> Result<()> {
        self.check_count("manifest.json")?;
        let config = self.json(&image.config)?;
        let digest = Digest::of(&config);
        if known.contains(&digest) {
            return Ok(());
        }
        let mut summary = self.config(&image.config, &config)?;
        summary.config = Some(digest);
        summary.size = config.len() as u64;
        summary.names = image.repo_tags.unwrap_or_default();
        let mut layers = Vec::new();
        for name in image.layers.unwrap_or_default() {
            let (_, size) = self.part(&name)?;
            layers.push(Blob { name, digest: None, size, media_type: String::new() });
        }
        let image = self.read_layers("manifest.json", summary, layers)?;
        self.images.push(image);
        Ok(())
    }

    /// Reads the layers and holds them against what configuration and manifest say of them.
    fn read_layers(&mut self, part: &str, mut summary: Summary, blobs: Vec<Blob>) -> Result<Image> {
        let known = std::mem::take(&mut summary.layers);
        if known.len() != blobs.len() {
            let why =
                format!("it names {} layers, and its configuration {}", blobs.len(), known.len());
            return Err(self.broken(part, why));
        }
        let mut tree = Tree::default();
        let mut layers = Vec::new();
        for (number, (blob, known)) in blobs.into_iter().zip(known).enumerate() {
            let Blob { name, digest, size, media_type } = blob;
            let (bytes, _) = self.part(&name)?;
            let laid = layers::lay(bytes, number, &mut tree, &self.budget)
                .map_err(|error| self.failed(&name, &error))?;
            if let Some(digest) = digest.filter(|digest| *digest != laid.digest) {
                let why = format!("its digest is {}, and not {digest}", laid.digest);
                return Err(self.broken(&name, why));
            }
            if let Some(diff_id) = known.diff_id.filter(|diff_id| *diff_id != laid.diff_id) {
                let found = laid.diff_id;
                let why =
                    format!("unpacked, its digest is {found}; the configuration says {diff_id}");
                return Err(self.broken(&name, why));
            }
            summary.size += size;
            let digest = digest.unwrap_or(known.digest);
            summary.layers.push(LayerSummary { digest, size, media_type, ..known });
            layers.push((name, laid.packing));
        }
        let mut image = Image { summary, in_index: false, tree, urunc_json: None, layers };
        image.urunc_json = self.urunc_json(&image)?;
        if let Some(UruncJson::File(values, _)) = &image.urunc_json {
            image.summary.urunc_json = Some(values.clone());
        }
        Ok(image)
    }

    fn urunc_json(&self, image: &Image) -> Result<Option<UruncJson>> {
        let Some(path) = ImagePath::parse(URUNC_JSON).ok() else { return Ok(None) };
        let node = match image.tree.get(&path) {
            None => return Ok(None),
            Some(Node { content: Content::Symlink(target), .. }) if target.starts_with(b"/") => {
                return Ok(Some(UruncJson::Other("an absolute symlink")));
            }
            Some(_) => match image.tree.walk(URUNC_JSON) {
                Ok(Found { node: Some(node), .. }) => node,
                Ok(_) => return Ok(Some(UruncJson::Other("a folder"))),
                Err(_) => return Ok(Some(UruncJson::Other("a symlink to nothing"))),
            },
        };
        let (place, size) = match node.content {
            Content::File { source, size } => (source, size),
            Content::Bytes(ref bytes) => return Ok(Some(UruncJson::of(bytes))),
            Content::Directory => return Ok(Some(UruncJson::Other("a folder"))),
            Content::Symlink(_) => return Ok(Some(UruncJson::Other("a symlink"))),
        };
        if size > MAX_URUNC_JSON {
            let why = format!("it has {size} bytes, and {MAX_URUNC_JSON} are read at most");
            return Err(self.broken("/urunc.json", why));
        }
        let Some((name, packing)) = image.layers.get(place.layer).cloned() else { return Ok(None) };
        let (blob, _) = self.part(&name)?;
        let mut bytes = Vec::new();
        let read = layers::file(blob, packing, place, size)
            .and_then(|mut file| file.read_to_end(&mut bytes))
            .and_then(|_| self.budget.json(&bytes));
        read.map_err(|error| self.failed("/urunc.json", &error))?;
        Ok(Some(UruncJson::of(&bytes)))
    }

    fn config(&self, part: &str, bytes: &[u8]) -> Result<Summary> {
        summarize_config(bytes).map_err(|why| self.broken(part, why))
    }
}

/// A layer as a manifest names it.
struct Blob {
    name: String,
    digest: Option<Digest>,
    size: u64,
    media_type: String,
}

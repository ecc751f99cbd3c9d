//! Reading images: an OCI archive, a docker archive, or a layout folder; ours or another tool's, plain
//! or compressed, a file or a stream.
//!
//! In: a path or standard input. Out: the [`Archive`] with its [`Image`]s, or the first reason why it is
//! none. What always holds: JSON is read up to a limit, every digest and size is checked, no header is
//! trusted, nothing is unpacked to a path; memory grows with the number of names alone, and what is
//! unpacked is bounded.

mod layers;
mod members;
mod packed;
mod parts;
mod window;

pub use layers::Place;
pub use window::Window;

use super::{Digest, LayerSummary, Summary};
use crate::diag::{Diagnostic, describe_io};
use crate::rootfs::{Content, Found, ImagePath, Node, Tree};
use crate::urunc::{self, json::Fault};
use layers::Budget;
use oci_spec::image::{Descriptor, ImageConfiguration, ImageIndex, ImageManifest, MediaType};
use packed::Packing;
use parts::Parts;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The largest JSON file that is read.
const MAX_JSON: u64 = 16 << 20;
/// How much is unpacked at most, unless more is allowed: in bytes, of all layers together.
pub const MAX_UNPACKED: u64 = 16 << 30;
/// How many images an archive may hold.
const MAX_IMAGES: usize = 256;
/// How many bytes of JSON are read of all images together.
const MAX_ALL_JSON: u64 = 64 << 20;
/// How many bytes the names in all layers may have together.
const MAX_NAMES: u64 = 128 << 20;
/// Where the annotations lie in an image.
const URUNC_JSON: &[u8] = b"/urunc.json";
/// How deep indexes may point at indexes.
const MAX_INDEXES: usize = 4;

/// Why an image could not be read.
#[derive(Debug)]
pub enum ReadError {
    /// It cannot be opened or read.
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// It is none of the formats.
    NotAnImage {
        /// The file.
        path: PathBuf,
        /// What is missing.
        why: String,
    },
    /// A part that is named and not there.
    Missing {
        /// The image.
        path: PathBuf,
        /// The part.
        part: String,
    },
    /// A part that is not what its name says.
    Broken {
        /// The image.
        path: PathBuf,
        /// The part.
        part: String,
        /// What is wrong.
        why: String,
    },
}

impl ReadError {
    /// The failure in words.
    pub fn report(&self) -> Diagnostic {
        match self {
            ReadError::Io { path, error } => Diagnostic::io("image/read", "read", path, error),
            ReadError::NotAnImage { path, why } => Diagnostic::error(
                "image/not-an-image",
                format!("`{}` is not an image", path.display()),
            )
            .with_why(why.clone())
            .with_help("give an OCI archive, a docker archive, or an OCI image layout folder"),
            ReadError::Missing { path, part } => Diagnostic::error(
                "image/missing-part",
                format!("`{}` has no `{part}`", path.display()),
            )
            .with_why("another part of the image names it"),
            ReadError::Broken { path, part, why } => Diagnostic::error(
                "image/broken-part",
                format!("`{part}` in `{}` is broken", path.display()),
            )
            .with_why(why.clone()),
        }
    }
}

type Result<T> = std::result::Result<T, ReadError>;

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

/// What was read, with its images.
#[derive(Debug)]
pub struct Archive {
    parts: Parts,
    path: PathBuf,
    budget: Budget,
    json_left: Cell<u64>,
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
    let mut unpacked = max_unpacked;
    let parts = Parts::open(input, &mut unpacked)?;
    let mut archive = Archive::new(parts, input.path(), unpacked);
    if archive.parts.has("index.json") {
        let bytes = archive.json("index.json")?;
        archive.read_index("index.json", &bytes, &[], 0)?;
    } else if archive.parts.has("manifest.json") {
        archive.read_docker()?;
    } else {
        let why = "it holds neither `index.json` nor `manifest.json`".to_owned();
        return Err(ReadError::NotAnImage { path: archive.path, why });
    }
    Ok(archive)
}

/// Whether the archive or folder at a path is the image of this summary, with this `index.json`. Layers are
/// known by their names and sizes; they are not hashed.
pub fn holds(path: &Path, summary: &Summary, index: &[u8]) -> bool {
    let input = Input::Path(path);
    let Ok(parts) = Parts::open(&input, &mut 0) else { return false };
    let archive = Archive::new(parts, input.path(), 0);
    let blobs = [summary.manifest, summary.config];
    let has_layer = |layer: &LayerSummary| {
        let part = archive.part(&super::config::blob_path(layer.digest));
        part.is_ok_and(|(_, size)| size == layer.size)
    };
    archive.json("index.json").is_ok_and(|found| found == index)
        && blobs.into_iter().all(|digest| digest.is_some_and(|digest| archive.blob(digest).is_ok()))
        && summary.layers.iter().all(has_layer)
}

impl Archive {
    fn new(parts: Parts, path: PathBuf, unpacked: u64) -> Self {
        let budget = Budget { unpacked, names: MAX_NAMES };
        let json_left = Cell::new(MAX_ALL_JSON);
        Archive { parts, path, budget, json_left, skipped: Vec::new(), images: Vec::new() }
    }

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
        self.json_left.set(MAX_ALL_JSON);
        let bytes = self.blob(manifest)?;
        let (_, size) = self.part(&super::config::blob_path(config))?;
        let layers = summary.layers.iter().map(|layer| (layer.digest, layer.size));
        let blobs = std::iter::once((config, size)).chain(layers).collect();
        Ok(Some(Blobs { manifest: bytes, blobs }))
    }

    /// The bytes of a blob.
    ///
    /// # Errors
    /// That it is not there, or cannot be read.
    pub fn blob_bytes(&self, digest: Digest) -> Result<Window> {
        self.part(&super::config::blob_path(digest)).map(|(window, _)| window)
    }

    fn broken(&self, part: &str, why: impl Into<String>) -> ReadError {
        ReadError::Broken { path: self.path.clone(), part: part.to_owned(), why: why.into() }
    }

    fn part(&self, name: &str) -> Result<(Window, u64)> {
        match self.parts.part(name) {
            Ok(Some(part)) => Ok(part),
            Ok(None) => Err(ReadError::Missing { path: self.path.clone(), part: name.to_owned() }),
            Err(error) => Err(self.broken(name, describe_io(&error))),
        }
    }

    fn json(&self, name: &str) -> Result<Vec<u8>> {
        let (reader, size) = self.part(name)?;
        if size > MAX_JSON {
            let why = format!("it has {size} bytes, and {MAX_JSON} are read at most");
            return Err(self.broken(name, why));
        }
        let Some(left) = self.json_left.get().checked_sub(size) else {
            let why = format!("with it there are more than {MAX_ALL_JSON} bytes of JSON");
            return Err(self.broken(name, why));
        };
        self.json_left.set(left);
        let mut bytes = Vec::new();
        let read = reader.take(MAX_JSON).read_to_end(&mut bytes);
        read.map_err(|error| self.broken(name, describe_io(&error)))?;
        Ok(bytes)
    }

    /// A JSON blob, checked against the digest in its name.
    fn blob(&self, digest: Digest) -> Result<Vec<u8>> {
        let name = super::config::blob_path(digest);
        let bytes = self.json(&name)?;
        let found = Digest::of(&bytes);
        if found != digest {
            return Err(self.broken(&name, format!("its digest is {found}")));
        }
        Ok(bytes)
    }

    fn digest(&self, part: &str, text: &str) -> Result<Digest> {
        let fault = || self.broken(part, format!("`{text}` is not a SHA-256 digest"));
        Digest::parse(text).ok_or_else(fault)
    }

    /// Reads every image that an index names, and those of the indexes in it.
    fn read_index(
        &mut self,
        part: &str,
        bytes: &[u8],
        names: &[String],
        depth: usize,
    ) -> Result<()> {
        let index: ImageIndex =
            serde_json::from_slice(bytes).map_err(|error| self.broken(part, error.to_string()))?;
        if depth >= MAX_INDEXES {
            return Err(self.broken("index.json", "its indexes point at indexes without end"));
        }
        let images = index.manifests().iter().filter(|descriptor| !is_attestation(descriptor));
        let images: Vec<&Descriptor> = images.collect();
        if images.is_empty() {
            return Err(self.broken(part, "it names no manifest"));
        }
        let several = images.len() > 1;
        for descriptor in images {
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
        if self.images.is_empty() && depth == 0 {
            return Err(self.broken(part, "none of the images that it names is there"));
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
            let full = annotations.get(super::config::CONTAINERD_NAME);
            names.extend(full.or(annotations.get(super::config::REF_NAME)).cloned());
        }
        let digest = self.digest(part, descriptor.digest().as_ref())?;
        let bytes = self.blob(digest)?;
        let part = super::config::blob_path(digest);
        if bytes.len() as u64 != descriptor.size() {
            let why = format!("it has {} bytes and should have {}", bytes.len(), descriptor.size());
            return Err(self.broken(&part, why));
        }
        if descriptor.media_type() == &MediaType::ImageIndex
            || descriptor.media_type().to_string().ends_with("manifest.list.v2+json")
        {
            return self.read_index(&part, &bytes, &names, depth + 1);
        }
        if is_artifact(&bytes) {
            self.skipped.push(format!("`{part}`, which is an artifact and no image"));
            return Ok(());
        }
        if self.images.len() >= MAX_IMAGES {
            return Err(self.broken(&part, format!("there are more than {MAX_IMAGES} images")));
        }
        let mut image = self.read_manifest(&part, &bytes)?;
        image.summary.manifest = Some(digest);
        image.summary.size += bytes.len() as u64;
        image.summary.names = names;
        image.in_index = depth > 0;
        self.images.push(image);
        Ok(())
    }

    fn read_manifest(&mut self, part: &str, bytes: &[u8]) -> Result<Image> {
        let manifest: ImageManifest =
            serde_json::from_slice(bytes).map_err(|error| self.broken(part, error.to_string()))?;
        let config = self.digest(part, manifest.config().digest().as_ref())?;
        let config_bytes = self.blob(config)?;
        let mut summary = self.config(&super::config::blob_path(config), &config_bytes)?;
        summary.config = Some(config);
        summary.size = config_bytes.len() as u64;
        if let Some(annotations) = manifest.annotations() {
            #[allow(clippy::iter_over_hash_type, reason = "goes into a sorted map")]
            for (key, value) in annotations {
                summary.annotations.insert(key.clone(), value.clone());
            }
        }
        let mut layers = Vec::new();
        for descriptor in manifest.layers() {
            let digest = self.digest(part, descriptor.digest().as_ref())?;
            let name = super::config::blob_path(digest);
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

    fn read_docker(&mut self) -> Result<()> {
        let bytes = self.json("manifest.json")?;
        let manifests: Vec<DockerManifest> = serde_json::from_slice(&bytes)
            .map_err(|error| self.broken("manifest.json", error.to_string()))?;
        if manifests.is_empty() {
            return Err(self.broken("manifest.json", "it names no image"));
        }
        if manifests.len() > MAX_IMAGES {
            let why = format!("there are more than {MAX_IMAGES} images");
            return Err(self.broken("manifest.json", why));
        }
        for manifest in manifests {
            let config = self.json(&manifest.config)?;
            let mut summary = self.config(&manifest.config, &config)?;
            summary.config = Some(Digest::of(&config));
            summary.size = config.len() as u64;
            summary.names = manifest.repo_tags.unwrap_or_default();
            let mut layers = Vec::new();
            for name in manifest.layers.unwrap_or_default() {
                let (_, size) = self.part(&name)?;
                layers.push(Blob { name, digest: None, size, media_type: String::new() });
            }
            let image = self.read_layers("manifest.json", summary, layers)?;
            self.images.push(image);
        }
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
            let laid = layers::lay(bytes, number, &mut tree, &mut self.budget)
                .map_err(|error| self.broken(&name, describe_io(&error)))?;
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
        if size > MAX_JSON {
            let why = format!("it has {size} bytes, and {MAX_JSON} are read at most");
            return Err(self.broken("/urunc.json", why));
        }
        let Some((name, packing)) = image.layers.get(place.layer).cloned() else { return Ok(None) };
        let (blob, _) = self.part(&name)?;
        let mut bytes = Vec::new();
        let read = layers::file(blob, packing, place, size)
            .and_then(|mut file| file.read_to_end(&mut bytes));
        read.map_err(|error| self.broken("/urunc.json", describe_io(&error)))?;
        Ok(Some(UruncJson::of(&bytes)))
    }

    fn config(&self, part: &str, bytes: &[u8]) -> Result<Summary> {
        summarize_config(bytes).map_err(|why| self.broken(part, why))
    }
}

/// Whether a manifest has a configuration that is none of an image.
fn is_artifact(manifest: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Typed {
        #[serde(rename = "mediaType")]
        media_type: String,
    }
    #[derive(serde::Deserialize)]
    struct Artifact {
        config: Typed,
    }
    serde_json::from_slice(manifest).is_ok_and(|Artifact { config }| {
        let known = [
            "application/vnd.oci.image.config.v1+json",
            "application/vnd.docker.container.image.v1+json",
        ];
        !known.contains(&config.media_type.as_str())
    })
}

/// A layer as a manifest names it.
struct Blob {
    name: String,
    digest: Option<Digest>,
    size: u64,
    media_type: String,
}

/// buildx puts what it says about a build beside the images, for no platform there is.
fn is_attestation(descriptor: &Descriptor) -> bool {
    let marked = descriptor
        .annotations()
        .as_ref()
        .is_some_and(|annotations| annotations.contains_key("vnd.docker.reference.type"));
    let platform = descriptor.platform().as_ref();
    marked || platform.is_some_and(|platform| platform.os().to_string() == "unknown")
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DockerManifest {
    config: String,
    repo_tags: Option<Vec<String>>,
    layers: Option<Vec<String>>,
}

/// What a configuration says; the layers have their diff ids and titles only.
pub(super) fn summarize_config(bytes: &[u8]) -> std::result::Result<Summary, String> {
    let configuration: ImageConfiguration =
        serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let raw: serde_json::Value =
        serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let mut architecture = configuration.architecture().to_string();
    if let Some(variant) = raw.get("variant").and_then(serde_json::Value::as_str) {
        architecture = format!("{architecture}/{variant}");
    }
    let mut summary = Summary {
        architecture,
        os: configuration.os().to_string(),
        created: configuration.created().clone(),
        ..Summary::default()
    };
    let mut titles = configuration
        .history()
        .iter()
        .flatten()
        .filter(|entry| entry.empty_layer() != Some(true))
        .map(|entry| entry.created_by().clone().unwrap_or_default());
    for diff_id in configuration.rootfs().diff_ids() {
        let digest =
            Digest::parse(diff_id).ok_or_else(|| format!("`{diff_id}` is not a SHA-256 digest"))?;
        let title = titles.next().filter(|title| !title.is_empty());
        let title = title.map(|title| title.strip_prefix("bimanix: ").unwrap_or(&title).to_owned());
        summary.layers.push(LayerSummary {
            digest,
            diff_id: Some(digest),
            size: 0,
            media_type: String::new(),
            title,
        });
    }
    if let Some(process) = configuration.config() {
        summary.entrypoint = process.entrypoint().clone().unwrap_or_default();
        summary.cmd = process.cmd().clone().unwrap_or_default();
        summary.env = process.env().clone().unwrap_or_default();
        summary.working_dir = process.working_dir().clone().filter(|folder| !folder.is_empty());
        summary.user = process.user().clone().filter(|user| !user.is_empty());
        #[allow(clippy::iter_over_hash_type, reason = "goes into a sorted map")]
        for (key, value) in process.labels().iter().flatten() {
            summary.labels.insert(key.clone(), value.clone());
        }
    }
    Ok(summary)
}

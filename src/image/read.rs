//! Reading an image: an OCI archive, a docker archive, or a layout folder.
//!
//! In: a path. Out: the [`Summary`] of the image, or the first reason why it is none. What always
//! holds: JSON is read up to a limit and checked against its digest, sizes are checked before they are
//! trusted, and nothing is unpacked anywhere.

use super::digest::Hashing;
use super::{Digest, Layer, Summary};
use crate::diag::{Diagnostic, describe_io};
use crate::host::{self, Kind};
use crate::urunc;
use flate2::read::MultiGzDecoder;
use oci_spec::image::{ImageConfiguration, ImageIndex, ImageManifest, MediaType};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use tar::EntryType;

/// The largest JSON file that is read.
const MAX_JSON: u64 = 16 << 20;
/// How many bytes of a layer are unpacked at most while `urunc.json` is looked for.
const MAX_LAYER: u64 = 64 << 30;
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

/// Reads the image at a path.
///
/// # Errors
/// The first reason why it cannot be read.
pub fn read(path: &Path) -> Result<Summary> {
    let io = |error| ReadError::Io { path: path.to_owned(), error };
    let kind = host::stat(path).map_err(io)?.kind;
    let parts = match kind {
        Kind::Directory => Parts::Folder(path.to_owned()),
        _ => Parts::archive(path)?,
    };
    let mut image = Image { path, parts };
    if image.parts.has("index.json") {
        image.read_layout()
    } else if image.parts.has("manifest.json") {
        image.read_docker()
    } else {
        let why = "it holds neither `index.json` nor `manifest.json`".to_owned();
        Err(ReadError::NotAnImage { path: path.to_owned(), why })
    }
}

/// Where the named parts of an image are.
enum Parts {
    Folder(PathBuf),
    Archive { file: File, entries: BTreeMap<String, Entry> },
}

enum Entry {
    Bytes { offset: u64, size: u64 },
    Link(String),
}

impl Parts {
    fn archive(path: &Path) -> Result<Self> {
        let io = |error| ReadError::Io { path: path.to_owned(), error };
        // What the reader of headers makes of other bytes says nothing about them.
        let not_tar = |_: &io::Error| ReadError::NotAnImage {
            path: path.to_owned(),
            why: "it is no tar archive, or a damaged one".to_owned(),
        };
        let mut file = host::open(path).map_err(io)?;
        let length = file.seek(SeekFrom::End(0)).map_err(io)?;
        file.rewind().map_err(io)?;
        let mut entries = BTreeMap::new();
        let mut archive = tar::Archive::new(BufReader::new(&file));
        for entry in archive.entries_with_seek().map_err(|error| not_tar(&error))? {
            let entry = entry.map_err(|error| not_tar(&error))?;
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let name = name.trim_start_matches("./").to_owned();
            match entry.header().entry_type() {
                EntryType::Regular | EntryType::Continuous => {
                    let (offset, size) = (entry.raw_file_position(), entry.size());
                    if offset.checked_add(size).is_none_or(|end| end > length) {
                        let why = "the archive ends before it does".to_owned();
                        let path = path.to_owned();
                        return Err(ReadError::Broken { path, part: name, why });
                    }
                    entries.insert(name, Entry::Bytes { offset, size });
                }
                // Older docker stores equal layers once and links to them.
                EntryType::Symlink | EntryType::Link => {
                    let target = entry.link_name_bytes().unwrap_or_default();
                    let target = String::from_utf8_lossy(&target).into_owned();
                    let base = match entry.header().entry_type() {
                        EntryType::Symlink => Path::new(&name).parent().unwrap_or(Path::new("")),
                        _ => Path::new(""),
                    };
                    let resolved = host::normalize(&Path::new("/").join(base).join(target));
                    let resolved = resolved.to_string_lossy().trim_start_matches('/').to_owned();
                    entries.insert(name, Entry::Link(resolved));
                }
                _ => {}
            }
        }
        drop(archive);
        Ok(Parts::Archive { file, entries })
    }

    fn has(&self, name: &str) -> bool {
        match self {
            Parts::Folder(folder) => {
                host::stat(&folder.join(name)).is_ok_and(|stat| stat.kind == Kind::File)
            }
            Parts::Archive { entries, .. } => entries.contains_key(name),
        }
    }

    /// A reader of a part and its size.
    fn open(&mut self, name: &str) -> io::Result<Option<(Box<dyn Read + '_>, u64)>> {
        match self {
            Parts::Folder(folder) => {
                let path = folder.join(name);
                if host::stat(&path).is_err() {
                    return Ok(None);
                }
                let file = host::open(&path)?;
                let size = file.metadata()?.len();
                Ok(Some((Box::new(file), size)))
            }
            Parts::Archive { file, entries } => {
                let mut name = name.to_owned();
                for _ in 0..MAX_INDEXES {
                    match entries.get(&name) {
                        None => return Ok(None),
                        Some(Entry::Link(target)) => name.clone_from(target),
                        Some(&Entry::Bytes { offset, size }) => {
                            file.seek(SeekFrom::Start(offset))?;
                            return Ok(Some((Box::new(file.take(size)), size)));
                        }
                    }
                }
                Ok(None)
            }
        }
    }
}

struct Image<'p> {
    path: &'p Path,
    parts: Parts,
}

impl Image<'_> {
    fn broken(&self, part: &str, why: impl Into<String>) -> ReadError {
        ReadError::Broken { path: self.path.to_owned(), part: part.to_owned(), why: why.into() }
    }

    fn json(&mut self, name: &str) -> Result<Vec<u8>> {
        let path = self.path.to_owned();
        let io = |error| ReadError::Io { path: path.clone(), error };
        let Some((reader, size)) = self.parts.open(name).map_err(io)? else {
            return Err(ReadError::Missing { path, part: name.to_owned() });
        };
        if size > MAX_JSON {
            let why = format!("it has {size} bytes, and {MAX_JSON} are read at most");
            return Err(ReadError::Broken { path, part: name.to_owned(), why });
        }
        let mut bytes = Vec::new();
        reader.take(MAX_JSON).read_to_end(&mut bytes).map_err(io)?;
        Ok(bytes)
    }

    /// A JSON blob, checked against the digest in its name.
    fn blob(&mut self, digest: Digest) -> Result<Vec<u8>> {
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

    fn read_layout(&mut self) -> Result<Summary> {
        let mut bytes = self.json("index.json")?;
        let mut part = "index.json".to_owned();
        let mut names = Vec::new();
        for _ in 0..MAX_INDEXES {
            let index: ImageIndex = serde_json::from_slice(&bytes)
                .map_err(|error| self.broken(&part, error.to_string()))?;
            let Some(descriptor) = index.manifests().first() else {
                return Err(self.broken(&part, "it names no manifest"));
            };
            if let Some(annotations) = descriptor.annotations() {
                let full = annotations.get(super::config::CONTAINERD_NAME);
                names.extend(full.or(annotations.get(super::config::REF_NAME)).cloned());
            }
            let digest = self.digest(&part, descriptor.digest().as_ref())?;
            let nested = descriptor.media_type() == &MediaType::ImageIndex
                || descriptor.media_type().to_string().ends_with("manifest.list.v2+json");
            bytes = self.blob(digest)?;
            part = super::config::blob_path(digest);
            if !nested {
                let mut summary = self.read_manifest(&part, &bytes)?;
                summary.manifest = Some(digest);
                summary.size += bytes.len() as u64;
                summary.names = names;
                return Ok(summary);
            }
        }
        Err(self.broken("index.json", "its indexes point at indexes without end"))
    }

    fn read_manifest(&mut self, part: &str, bytes: &[u8]) -> Result<Summary> {
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
        let known = std::mem::take(&mut summary.layers);
        let mut known = known.into_iter();
        let mut files = Vec::new();
        for descriptor in manifest.layers() {
            let digest = self.digest(part, descriptor.digest().as_ref())?;
            let name = super::config::blob_path(digest);
            let size = self.size(&name)?;
            if size != descriptor.size() {
                let why = format!("it has {size} bytes and should have {}", descriptor.size());
                return Err(self.broken(&name, why));
            }
            let found = self.digest_of(&name)?;
            if found != digest {
                return Err(self.broken(&name, format!("its digest is {found}")));
            }
            let from_config = known.next();
            summary.size += size;
            summary.layers.push(Layer {
                digest,
                diff_id: from_config.as_ref().and_then(|layer| layer.diff_id),
                size,
                media_type: descriptor.media_type().to_string(),
                title: from_config.and_then(|layer| layer.title),
            });
            files.push(name);
        }
        summary.urunc_json = self.urunc_json(&files)?;
        Ok(summary)
    }

    /// The digest of a part of any size.
    fn digest_of(&mut self, name: &str) -> Result<Digest> {
        let path = self.path.to_owned();
        let io = |error| ReadError::Io { path: path.clone(), error };
        let Some((mut reader, _)) = self.parts.open(name).map_err(io)? else {
            return Err(ReadError::Missing { path, part: name.to_owned() });
        };
        let mut hashing = Hashing::new(io::sink());
        let mut chunk = vec![0; 1 << 16];
        loop {
            let count = reader.read(&mut chunk).map_err(io)?;
            if count == 0 {
                return Ok(hashing.finish().0);
            }
            hashing.write_all(chunk.get(..count).unwrap_or(&[])).map_err(io)?;
        }
    }

    fn size(&mut self, name: &str) -> Result<u64> {
        let path = self.path.to_owned();
        match self.parts.open(name) {
            Ok(Some((_, size))) => Ok(size),
            Ok(None) => Err(ReadError::Missing { path, part: name.to_owned() }),
            Err(error) => Err(ReadError::Io { path, error }),
        }
    }

    fn read_docker(&mut self) -> Result<Summary> {
        let bytes = self.json("manifest.json")?;
        let manifests: Vec<DockerManifest> = serde_json::from_slice(&bytes)
            .map_err(|error| self.broken("manifest.json", error.to_string()))?;
        let Some(manifest) = manifests.into_iter().next() else {
            return Err(self.broken("manifest.json", "it names no image"));
        };
        let config = self.json(&manifest.config)?;
        let mut summary = self.config(&manifest.config, &config)?;
        summary.config = Some(Digest::of(&config));
        summary.size = config.len() as u64;
        summary.names = manifest.repo_tags.unwrap_or_default();
        let known = std::mem::take(&mut summary.layers);
        for (name, known) in manifest.layers.iter().zip(known) {
            let size = self.size(name)?;
            summary.size += size;
            summary.layers.push(Layer { size, ..known });
        }
        summary.urunc_json = self.urunc_json(&manifest.layers)?;
        Ok(summary)
    }

    fn config(&self, part: &str, bytes: &[u8]) -> Result<Summary> {
        summarize_config(bytes).map_err(|why| self.broken(part, why))
    }

    /// `/urunc.json` of the topmost layer that has it, decoded.
    fn urunc_json(&mut self, layers: &[String]) -> Result<Option<BTreeMap<String, String>>> {
        for name in layers.iter().rev() {
            let path = self.path.to_owned();
            let io = |error| ReadError::Io { path: path.clone(), error };
            let Some((mut reader, _)) = self.parts.open(name).map_err(io)? else { continue };
            let mut head = [0; 2];
            let count = reader.read(&mut head).map_err(io)?;
            let start = io::Cursor::new(head.get(..count).unwrap_or(&head).to_vec());
            let whole = start.chain(reader);
            let found = if head == [0x1f, 0x8b] {
                find_urunc_json(MultiGzDecoder::new(whole))
            } else {
                find_urunc_json(whole)
            };
            match found.map_err(|error| self.broken(name, describe_io(&error)))? {
                Found::Nothing => {}
                Found::Deleted => return Ok(None),
                Found::Bytes(bytes) => return Ok(Some(urunc::json::decode(&bytes).0)),
            }
        }
        Ok(None)
    }
}

enum Found {
    Nothing,
    Deleted,
    Bytes(Vec<u8>),
}

fn find_urunc_json(layer: impl Read) -> io::Result<Found> {
    let mut archive = tar::Archive::new(BufReader::with_capacity(1 << 16, layer.take(MAX_LAYER)));
    let mut deleted = false;
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path_bytes().into_owned();
        let name = path.strip_prefix(b"./").or(path.strip_prefix(b"/")).unwrap_or(&path);
        if name == b".wh.urunc.json" || name == b".wh..wh..opq" {
            // It hides the layers below; the file may still be in this one.
            deleted = true;
        }
        if name == b"urunc.json" && entry.header().entry_type() == EntryType::Regular {
            let mut bytes = Vec::new();
            entry.by_ref().take(MAX_JSON).read_to_end(&mut bytes)?;
            return Ok(Found::Bytes(bytes));
        }
    }
    Ok(if deleted { Found::Deleted } else { Found::Nothing })
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DockerManifest {
    config: String,
    repo_tags: Option<Vec<String>>,
    layers: Vec<String>,
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
        summary.layers.push(Layer {
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

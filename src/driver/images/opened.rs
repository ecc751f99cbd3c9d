//! An image that is open.

use super::Fetched;
use super::config::{Said, config};
use crate::driver::urunc_json::{self, UruncJson};
use crate::image::read::{self, Archive, ReadError};
use crate::image::{Kept, Summary};
use crate::recipe::base::BaseConfig;
use crate::rootfs::{Content, ImagePath, Node, Origin, Tree};
use crate::world::{ReadSeek, World};
use serde_json::{Value as Json, json};
use std::io;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// An image that is open.
#[derive(Debug)]
pub struct Opened {
    bytes: Bytes,
    tree: Tree<FilePlace>,
    config: BaseConfig,
    history: Vec<Json>,
    layers: Vec<Kept>,
}

/// Where the bytes of a file of an image are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilePlace {
    /// In a layer.
    Layer(read::Place),
    /// At a path of the world.
    World(PathBuf),
}

/// What the files of an image are read from.
#[derive(Debug)]
enum Bytes {
    /// Its layers.
    Archive(Archive),
    /// Somebody who has unpacked it.
    World(Rc<dyn World>),
}

impl Opened {
    /// The one image of an archive, which messages call `shown`.
    ///
    /// # Errors
    /// It has a layer that cannot be in an OCI image, or a `/urunc.json` that cannot be read.
    pub(super) fn new(mut archive: Archive, shown: &Path) -> Result<Self, ReadError> {
        let mut layers = archive.kept(0)?;
        for layer in &mut layers {
            shown.clone_into(&mut layer.blob.path);
        }
        let urunc_json = UruncJson::of(&archive, 0)?;
        let (mut tree, mut said, mut history) =
            (Tree::default(), BaseConfig::default(), Vec::new());
        if let Some(image) = archive.images.first_mut() {
            tree = std::mem::take(&mut image.tree).map(|place| FilePlace::Layer(*place));
            history = history_of(&image.history, layers.len());
            said = config(&Said {
                summary: &image.summary,
                process: &image.process,
                layer_annotations: image.layer_annotations().collect(),
                tree: &tree,
                urunc_json: urunc_json.as_ref(),
            });
        }
        Ok(Opened { bytes: Bytes::Archive(archive), tree, config: said, history, layers })
    }

    /// An image that somebody else has unpacked, and whose layers they keep.
    ///
    /// # Errors
    /// Its configuration is none, or a `/urunc.json` cannot be read.
    pub(super) fn fetched(fetched: Fetched, world: Rc<dyn World>) -> Result<Self, String> {
        let Fetched { configuration, files } = fetched;
        let summary = Summary::of_config(&configuration)?;
        let value: Json =
            serde_json::from_slice(&configuration).map_err(|error| error.to_string())?;
        let process = value.get("config").and_then(Json::as_object).cloned().unwrap_or_default();
        let history = value.get("history").and_then(Json::as_array).cloned().unwrap_or_default();
        let tree = files.map(|path| FilePlace::World(path.clone()));
        let mut opened = Opened {
            bytes: Bytes::World(world),
            tree,
            config: BaseConfig::default(),
            history,
            layers: Vec::new(),
        };
        let urunc_json = match opened.open(urunc_json::PATH.as_bytes()) {
            Ok(file) => {
                let mut bytes = Vec::new();
                let read = file.take(urunc_json::MAX).read_to_end(&mut bytes);
                read.map_err(|error| format!("cannot read `{}`: {error}", urunc_json::PATH))?;
                Some(UruncJson::decode(&bytes))
            }
            Err(_) => None,
        };
        opened.config = config(&Said {
            summary: &summary,
            process: &process,
            layer_annotations: Vec::new(),
            tree: &opened.tree,
            urunc_json: urunc_json.as_ref(),
        });
        Ok(opened)
    }

    /// What it says of itself.
    pub fn config(&self) -> &BaseConfig {
        &self.config
    }

    /// Its layers, lowest first.
    pub fn layers(&self) -> &[Kept] {
        &self.layers
    }

    /// Its files.
    pub fn tree(&self) -> &Tree<FilePlace> {
        &self.tree
    }

    /// The history of its layers: as it is, or an entry a layer where it does not have as many.
    pub fn history(&self) -> &[Json] {
        &self.history
    }

    /// What is at a path, symlinks followed.
    pub(super) fn find(&self, path: &[u8]) -> Option<(ImagePath, Option<&Node<FilePlace>>)> {
        let found = self.tree.walk(path).ok()?;
        Some((found.path, found.node))
    }

    /// What is at a path; a symlink there is not followed. A folder may have no node of its own.
    pub(super) fn find_itself(&self, path: &[u8]) -> Option<(ImagePath, Option<&Node<FilePlace>>)> {
        let tree = &self.tree;
        let end = path.iter().rposition(|&byte| byte != b'/').map_or(0, |at| at + 1);
        let path = path.get(..end).unwrap_or_default();
        let at = path.iter().rposition(|&byte| byte == b'/').map_or(0, |at| at + 1);
        let (folder, name) = path.split_at(at);
        if name.is_empty() || name == b"." || name == b".." {
            return self.find(path);
        }
        let folder = tree.walk(folder).ok()?;
        let path = folder.path.join(name).ok()?;
        match tree.get(&path) {
            Some(node) => Some((path, Some(node))),
            None if tree.is_folder(&path) => Some((path, None)),
            None => None,
        }
    }

    /// The names in a folder.
    pub(super) fn names(&self, folder: &ImagePath) -> Vec<Vec<u8>> {
        let mut names: Vec<Vec<u8>> = Vec::new();
        for (path, _) in self.tree.below(folder) {
            let Some(inner) = path.from_folder(folder) else { continue };
            let first = inner.as_bytes().split(|&byte| byte == b'/').next().unwrap_or_default();
            if names.last().map(Vec::as_slice) != Some(first) {
                names.push(first.to_vec());
            }
        }
        names.sort();
        names.dedup();
        names
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// What keeps them from being read.
    pub fn file(&self, place: &FilePlace, size: u64) -> io::Result<Box<dyn ReadSeek>> {
        match (place, &self.bytes) {
            (FilePlace::Layer(place), Bytes::Archive(archive)) => {
                Ok(Box::new(archive.file(0, *place, size)?))
            }
            (FilePlace::World(path), Bytes::World(world)) => world.open(path),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// The bytes of the file at a path, symlinks followed.
    ///
    /// # Errors
    /// No file is there, or its bytes cannot be read.
    pub fn open(&self, path: &[u8]) -> io::Result<Box<dyn ReadSeek>> {
        match self.find(path).ok_or(io::ErrorKind::NotFound)? {
            (_, Some(Node { content: Content::File { source, size }, .. })) => {
                self.file(source, *size)
            }
            _ => Err(io::ErrorKind::IsADirectory.into()),
        }
    }

    /// What is at a path for another image to take: the node there and those below it. A symlink at the end of the path
    /// is followed, as of every source.
    ///
    /// # Errors
    /// Nothing is there, or the layer that it is in cannot be read.
    pub fn nodes(&self, path: &[u8]) -> io::Result<(Node, Vec<(ImagePath, Node)>)> {
        let (path, node) = self.find(path).ok_or(io::ErrorKind::NotFound)?;
        let Some(node) = node.filter(|node| node.content != Content::Directory) else {
            let mut below = Vec::new();
            for (inner, node) in self.tree.below(&path) {
                if let Some(inner) = inner.from_folder(&path) {
                    below.push((inner, self.node(node)?));
                }
            }
            let root = match node {
                Some(node) => self.node(node)?,
                None => Node::parent(),
            };
            return Ok((root, below));
        };
        Ok((self.node(node)?, Vec::new()))
    }

    fn node(&self, node: &Node<FilePlace>) -> io::Result<Node> {
        let content = match &node.content {
            Content::Directory => Content::Directory,
            Content::Symlink(target) => Content::Symlink(target.clone()),
            Content::Bytes(bytes) => Content::Bytes(bytes.clone()),
            Content::Special(special) => Content::Special(*special),
            Content::File { source, size } => {
                let source = match (source, &self.bytes) {
                    (FilePlace::Layer(place), Bytes::Archive(archive)) => {
                        let file = archive.verified_file(0, *place, *size)?;
                        Origin::Part(file.extent().clone())
                    }
                    (FilePlace::World(path), _) => Origin::Path(path.clone()),
                    (FilePlace::Layer(_), Bytes::World(_)) => {
                        return Err(io::ErrorKind::NotFound.into());
                    }
                };
                Content::File { source, size: *size }
            }
        };
        Ok(Node { content, mode: node.mode, uid: node.uid, gid: node.gid })
    }
}

/// The history of some layers: as it is, or an entry a layer where it does not have as many.
fn history_of(history: &[Json], layers: usize) -> Vec<Json> {
    let is_layer = |entry: &&Json| entry.get("empty_layer").and_then(Json::as_bool) != Some(true);
    if history.iter().filter(is_layer).count() == layers {
        return history.to_vec();
    }
    vec![json!({ "created_by": "base" }); layers]
}

//! An image that is open.

use super::config::config;
use crate::driver::urunc_json::UruncJson;
use crate::image::Kept;
use crate::image::read::{Archive, Image, Place, ReadError, Window};
use crate::recipe::base::BaseConfig;
use crate::rootfs::{Content, ImagePath, Node, Origin, Tree};
use serde_json::{Value as Json, json};
use std::io;
use std::path::Path;

/// An image that is open.
#[derive(Debug)]
pub struct Opened {
    archive: Archive,
    config: BaseConfig,
    layers: Vec<Kept>,
}

impl Opened {
    /// The one image of an archive, which messages call `shown`.
    ///
    /// # Errors
    /// It has a layer that cannot be in an OCI image, or a `/urunc.json` that cannot be read.
    pub(super) fn new(archive: Archive, shown: &Path) -> Result<Self, ReadError> {
        let mut layers = archive.kept(0)?;
        for layer in &mut layers {
            shown.clone_into(&mut layer.blob.path);
        }
        let urunc_json = UruncJson::of(&archive, 0)?;
        let config = archive.images.first().map(|image| config(image, urunc_json.as_ref()));
        let config = config.unwrap_or_default();
        Ok(Opened { archive, config, layers })
    }

    /// What it says of itself.
    pub fn config(&self) -> &BaseConfig {
        &self.config
    }

    /// Its layers, lowest first.
    pub fn layers(&self) -> &[Kept] {
        &self.layers
    }

    fn image(&self) -> Option<&Image> {
        self.archive.images.first()
    }

    /// Its files.
    pub fn tree(&self) -> Tree<Place> {
        self.image().map(|image| image.tree.clone()).unwrap_or_default()
    }

    /// The history of its layers: as it is, or an entry a layer where it does not have as many.
    pub fn history(&self) -> Vec<Json> {
        let history = self.image().map(|image| image.history.as_slice()).unwrap_or_default();
        let is_layer =
            |entry: &&Json| entry.get("empty_layer").and_then(Json::as_bool) != Some(true);
        if history.iter().filter(is_layer).count() == self.layers.len() {
            return history.to_vec();
        }
        self.layers.iter().map(|_| json!({ "created_by": "base" })).collect()
    }

    /// What is at a path, symlinks followed.
    pub(super) fn find(&self, path: &[u8]) -> Option<(ImagePath, Option<&Node<Place>>)> {
        let found = self.image()?.tree.walk(path).ok()?;
        Some((found.path, found.node))
    }

    /// What is at a path; a symlink there is not followed. A folder may have no node of its own.
    pub(super) fn find_itself(&self, path: &[u8]) -> Option<(ImagePath, Option<&Node<Place>>)> {
        let tree = &self.image()?.tree;
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
        let Some(image) = self.image() else { return Vec::new() };
        let mut names: Vec<Vec<u8>> = Vec::new();
        for (path, _) in image.tree.below(folder) {
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
    pub fn file(&self, place: Place, size: u64) -> io::Result<Window> {
        self.archive.file(0, place, size)
    }

    /// The bytes of the file at a path, symlinks followed.
    ///
    /// # Errors
    /// No file is there, or its bytes cannot be read.
    pub fn open(&self, path: &[u8]) -> io::Result<Window> {
        match self.find(path).ok_or(io::ErrorKind::NotFound)? {
            (_, Some(Node { content: Content::File { source, size }, .. })) => {
                self.file(*source, *size)
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
            let image = self.image().ok_or(io::ErrorKind::NotFound)?;
            for (inner, node) in image.tree.below(&path) {
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

    fn node(&self, node: &Node<Place>) -> io::Result<Node> {
        let content = match &node.content {
            Content::Directory => Content::Directory,
            Content::Symlink(target) => Content::Symlink(target.clone()),
            Content::Bytes(bytes) => Content::Bytes(bytes.clone()),
            Content::File { source, size } => {
                let file = self.archive.verified_file(0, *source, *size)?;
                Content::File { source: Origin::Part(file.extent().clone()), size: *size }
            }
        };
        Ok(Node { content, mode: node.mode, uid: node.uid, gid: node.gid })
    }
}

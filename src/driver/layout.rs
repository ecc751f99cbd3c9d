//! Which file goes into which layer, and what the image says besides.

use super::images::{FilePlace, Opened};
use super::{Assembled, urunc_json};
use crate::image::{Compression, Config, Image, Inherited, Layer, Made, Name};
use crate::recipe::Recipe;
use crate::rootfs::{Content, ImagePath, Node, Tree};
use crate::urunc;
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// Lays out the image: the layers of the base as they are, then what is removed from them; kernel, initrd and block
/// image in layers of their own, as other large files, then all that is left, then `urunc.json`, so that what changes
/// together lies together.
pub fn layout(recipe: &Recipe, assembled: Assembled, source_date_epoch: u64) -> Image {
    let Assembled { tree, boot_files, architecture, variant, cmd, base, below, removed } =
        assembled;
    let emitted = recipe.contents.urunc.emitted();
    let base = base.as_deref();
    let kept = base.into_iter().flat_map(Opened::layers).cloned();
    let mut layers: Vec<Layer> = kept.map(Layer::Kept).collect();
    layers.extend(whiteouts(&removed, &below));
    let mut alone: BTreeSet<ImagePath> = BTreeSet::new();
    for (key, path) in boot_files {
        if alone.contains(&path) {
            continue;
        }
        if let Some(node) = tree.get(&path) {
            let title = format!("{} {path}", key.short());
            layers.push(alone_in_layer(title, &tree, &below, &path, node));
            alone.insert(path);
        }
    }
    let most = MAX_LARGE.min(MAX_LAYERS.saturating_sub(layers.len() + ROOM));
    for path in large_files(&tree, &alone, most) {
        if let Some(node) = tree.get(&path) {
            layers.push(alone_in_layer(format!("file {path}"), &tree, &below, &path, node));
        }
        alone.insert(path);
    }
    let mut others: Tree = tree.into_iter().filter(|(path, _)| !alone.contains(path)).collect();
    // Folders that only lead to the files above are in their layers already.
    let needed = others.iter().any(|(path, node)| {
        node.content != Content::Directory
            || !alone.iter().any(|boot| boot.prefixes().any(|p| p == *path))
    });
    if needed {
        others.add_parents(|path| folder_of(&below, path));
        let entries = others.into_iter().collect();
        layers.push(Layer::Made(Made { title: "files".to_owned(), entries }));
    }
    if let Ok(path) = ImagePath::parse(urunc_json::PATH.as_bytes()) {
        let entries = vec![(path, Node::bytes(urunc::json::encode(&emitted)))];
        layers.push(Layer::Made(Made { title: "urunc.json".to_owned(), entries }));
    }
    let mut labels = emitted.clone();
    labels.extend(recipe.labels.clone());
    let mut annotations = recipe.annotations.clone();
    annotations.extend(emitted.clone());
    Image {
        layers,
        name: Name {
            familiar: format!("{}:{}", recipe.name, recipe.tag),
            full: format!("{}:{}", recipe.name.normalized_repository(), recipe.tag),
            tag: recipe.tag.to_string(),
        },
        config: Config {
            architecture,
            variant,
            entrypoint: recipe.contents.entrypoint.clone(),
            cmd: Some(cmd).filter(|words| !words.is_empty()),
            env: recipe.contents.env.clone(),
            working_dir: recipe.contents.working_dir.clone(),
            user: recipe.contents.user.clone(),
            labels,
            inherited: Inherited {
                process: process(recipe),
                history: base.map(Opened::history).unwrap_or_default().to_vec(),
            },
        },
        annotations,
        urunc_json: Some(emitted),
        compression: Compression::default(),
        created: recipe.created.unwrap_or(source_date_epoch),
    }
}

/// What urunc does not look at and engines do: ports, volumes and the signal to end, with those of the base.
fn process(recipe: &Recipe) -> Map<String, Json> {
    let mut process = recipe.inherited.clone();
    // Of these sets the members are the names of empty objects.
    for (name, members) in [("ExposedPorts", &recipe.ports), ("Volumes", &recipe.volumes)] {
        if members.is_empty() {
            continue;
        }
        let mut set = match process.remove(name) {
            Some(Json::Object(set)) => set,
            _ => Map::new(),
        };
        let members = members.iter().map(|name| (name.clone(), Json::Object(Map::new())));
        set.extend(members);
        process.insert(name.to_owned(), Json::Object(set));
    }
    if let Some(signal) = &recipe.stop_signal {
        process.insert("StopSignal".to_owned(), Json::from(signal.as_str()));
    }
    process
}

/// Files from this size on have a layer of their own: one that changes leaves the others where they are, in a
/// registry and in an engine, and all of them are hashed at once.
const LARGE: u64 = 16 << 20;
/// Engines take 127 layers; these leave room for what builds on the image.
const MAX_LARGE: usize = 32;
/// How many layers docker takes (moby's `layer` package).
pub(super) const MAX_LAYERS: usize = 127;
/// How many layers come after those of large files.
const ROOM: usize = 2;

/// The largest files, at most so many, in the order of their paths.
fn large_files(tree: &Tree, known: &BTreeSet<ImagePath>, most: usize) -> BTreeSet<ImagePath> {
    let mut files: Vec<(u64, &ImagePath)> = tree
        .iter()
        .filter_map(|(path, node)| match node.content {
            Content::File { size, .. } if size >= LARGE && !known.contains(path) => {
                Some((size, path))
            }
            _ => None,
        })
        .collect();
    files.sort_by_key(|&(size, path)| (std::cmp::Reverse(size), path));
    files.into_iter().take(most).map(|(_, path)| path.clone()).collect()
}

/// A folder as the base has it, so that a layer which goes through it leaves it as it is; else one of root.
fn folder_of(below: &Tree<FilePlace>, path: &ImagePath) -> Node {
    match below.get(path) {
        Some(Node { content: Content::Directory, mode, uid, gid }) => {
            Node { content: Content::Directory, mode: *mode, uid: *uid, gid: *gid }
        }
        _ => Node::parent(),
    }
}

/// The layer that removes files of the base.
fn whiteouts(removed: &[ImagePath], below: &Tree<FilePlace>) -> Option<Layer> {
    let whiteout = |path: &ImagePath| Some((path.whiteout().ok()?, Node::bytes(Vec::new())));
    let mut tree: Tree = removed.iter().filter_map(whiteout).collect();
    tree.add_parents(|path| folder_of(below, path));
    let entries: Vec<_> = tree.into_iter().collect();
    let title = "removed".to_owned();
    (!entries.is_empty()).then_some(Layer::Made(Made { title, entries }))
}

/// A layer of one file and the folders above it, as the trees have them.
fn alone_in_layer(
    title: String,
    tree: &Tree,
    below: &Tree<FilePlace>,
    path: &ImagePath,
    node: &Node,
) -> Layer {
    let above = path.prefixes().filter(|parent| parent != path).map(|parent| {
        let node = tree.get(&parent).cloned().unwrap_or_else(|| folder_of(below, &parent));
        (parent, node)
    });
    let entries = above.chain([(path.clone(), node.clone())]).collect();
    Layer::Made(Made { title, entries })
}

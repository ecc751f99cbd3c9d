//! Which file goes into which layer, and what the image says besides.

use super::{Assembled, URUNC_JSON};
use crate::image::{Compression, Config, Inherited, Layer, Made, Name, Plan};
use crate::recipe::Recipe;
use crate::rootfs::{Content, ImagePath, Node, Tree};
use crate::urunc;
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// Lays out the image: kernel, initrd and block image in layers of their own, as other large files, then
/// all that is left, then `urunc.json`, so that what changes together lies together.
pub fn layout(recipe: &Recipe, assembled: Assembled, source_date_epoch: u64) -> Plan {
    let Assembled { tree, boot_files, architecture, variant, cmd } = assembled;
    let emitted = recipe.contents.urunc.emitted();
    let mut layers = Vec::new();
    let mut alone: BTreeSet<ImagePath> = BTreeSet::new();
    for (key, path) in boot_files {
        if alone.contains(&path) {
            continue;
        }
        if let Some(node) = tree.get(&path) {
            layers.push(alone_in_layer(format!("{} {path}", key.short()), &tree, &path, node));
        }
        alone.insert(path);
    }
    for path in large_files(&tree, &alone) {
        if let Some(node) = tree.get(&path) {
            layers.push(alone_in_layer(format!("file {path}"), &tree, &path, node));
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
        others.add_parents();
        let entries = others.into_iter().collect();
        layers.push(Layer::Made(Made { title: "files".to_owned(), entries }));
    }
    if let Ok(path) = ImagePath::parse(URUNC_JSON) {
        let entries = vec![(path, Node::bytes(urunc::json::encode(&emitted)))];
        layers.push(Layer::Made(Made { title: "urunc.json".to_owned(), entries }));
    }
    let mut labels = emitted.clone();
    labels.extend(recipe.labels.clone());
    let mut annotations = recipe.annotations.clone();
    annotations.extend(emitted.clone());
    Plan {
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
            cmd: Some(cmd),
            env: recipe.contents.env.clone(),
            working_dir: recipe.working_dir.clone(),
            user: recipe.contents.user.clone(),
            labels,
            inherited: Inherited { process: process(recipe), history: Vec::new() },
        },
        annotations,
        urunc_json: Some(emitted),
        compression: Compression::default(),
        created: recipe.created.unwrap_or(source_date_epoch),
    }
}

/// What urunc does not look at and engines do: ports, volumes and the signal to end.
fn process(recipe: &Recipe) -> Map<String, Json> {
    // Of these sets the members are the names of empty objects.
    let set = |names: &[String]| {
        let members = names.iter().map(|name| (name.clone(), Json::Object(Map::new())));
        Json::Object(members.collect())
    };
    let mut process = Map::new();
    if !recipe.ports.is_empty() {
        process.insert("ExposedPorts".to_owned(), set(&recipe.ports));
    }
    if !recipe.volumes.is_empty() {
        process.insert("Volumes".to_owned(), set(&recipe.volumes));
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

/// The largest files, in the order of their paths.
fn large_files(tree: &Tree, known: &BTreeSet<ImagePath>) -> BTreeSet<ImagePath> {
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
    files.into_iter().take(MAX_LARGE).map(|(_, path)| path.clone()).collect()
}

/// A layer of one file and the folders above it, as the tree has them.
fn alone_in_layer(title: String, tree: &Tree, path: &ImagePath, node: &Node) -> Layer {
    let above = path.prefixes().filter(|parent| parent != path).map(|parent| {
        let node = tree.get(&parent).cloned().unwrap_or_else(Node::parent);
        (parent, node)
    });
    let entries = above.chain([(path.clone(), node.clone())]).collect();
    Layer::Made(Made { title, entries })
}

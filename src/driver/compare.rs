//! Two images, or two sets of images under one name, side by side: what is said of them, what urunc does with them, their
//! layers and their files.
//!
//! In: two [`Side`]s. Out: a [`Comparison`], with what differs and nothing else. What always holds: it is empty for the same
//! bytes, whatever they are called; contents are read where the layers differ, and only of files that could be the same.

use super::inspect;
use crate::diag::printable;
use crate::image::read::{Archive, Place, ReadError};
use crate::image::{Digest, Summary};
use crate::rootfs::{Content, ImagePath, Node, Special};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};

/// One of the two: what messages call it, and its images.
#[derive(Debug)]
pub struct Side<'s> {
    /// As it is given.
    pub name: String,
    /// The digest that its name leads to; none of a docker archive.
    pub digest: Option<Digest>,
    /// Its images, each by an archive and its number there.
    pub images: Vec<(&'s Archive, usize)>,
}

/// Something that both sides say differently; none where one says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it is, such as `config.Cmd` or a path.
    pub what: String,
    /// What the first side says.
    pub first: Option<Json>,
    /// What the second side says.
    pub second: Option<Json>,
}

/// How two images differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// The platform, as `linux/amd64`.
    pub platform: String,
    /// Manifest, configuration, annotations and labels.
    pub config: Vec<Change>,
    /// What each release of urunc does.
    pub urunc: Vec<Change>,
    /// The layers, by their digests.
    pub layers: Vec<Change>,
    /// The files, by their paths.
    pub files: Vec<Change>,
}

/// How two sides differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// What they are called, and the digests that their names lead to.
    pub sides: [(String, Option<Digest>); 2],
    /// The platforms that one of them lacks.
    pub platforms: Vec<Change>,
    /// The images that differ, for platforms that both have.
    pub images: Vec<Difference>,
}

impl Comparison {
    /// Whether the sides are the same.
    pub fn is_same(&self) -> bool {
        let [(_, first), (_, second)] = &self.sides;
        let digests_agree = first.is_none() || second.is_none() || first == second;
        self.platforms.is_empty() && self.images.is_empty() && digests_agree
    }
}

impl Difference {
    fn is_none(&self) -> bool {
        [&self.config, &self.urunc, &self.layers, &self.files].iter().all(|list| list.is_empty())
    }
}

/// Compares two sides.
///
/// # Errors
/// What keeps a part of one from being read.
pub fn compare(first: &Side<'_>, second: &Side<'_>) -> Result<Comparison, ReadError> {
    let (of_first, of_second) = (platforms(first), platforms(second));
    let sides = [(first.name.clone(), first.digest), (second.name.clone(), second.digest)];
    let mut comparison = Comparison { sides, ..Comparison::default() };
    for platform in of_first.keys().chain(of_second.keys()).collect::<BTreeSet<_>>() {
        match (of_first.get(platform), of_second.get(platform)) {
            (Some(one), Some(other)) => {
                let difference = images(platform, *one, *other)?;
                if !difference.is_none() {
                    comparison.images.push(difference);
                }
            }
            (one, other) => {
                let (first, second) = (one.map(|_| json!("there")), other.map(|_| json!("there")));
                comparison.platforms.push(Change { what: platform.clone(), first, second });
            }
        }
    }
    Ok(comparison)
}

/// The images of a side by their platforms.
fn platforms<'s>(side: &Side<'s>) -> BTreeMap<String, (&'s Archive, usize)> {
    let platform = |(archive, number): &(&'s Archive, usize)| {
        let summary = &archive.images.get(*number)?.summary;
        Some((format!("{}/{}", summary.os, summary.architecture), (*archive, *number)))
    };
    side.images.iter().filter_map(platform).collect()
}

fn images(
    platform: &str,
    first: (&Archive, usize),
    second: (&Archive, usize),
) -> Result<Difference, ReadError> {
    let mut difference = Difference { platform: platform.to_owned(), ..Difference::default() };
    let (said, other) = (said(first)?, said(second)?);
    differ(&mut difference.config, "", Some(&said.facts), Some(&other.facts));
    differ(&mut difference.urunc, "", Some(&said.urunc), Some(&other.urunc));
    difference.layers = layers(&said.summary, &other.summary);
    difference.files = files(first, second)?;
    Ok(difference)
}

/// What is said of an image.
struct Said {
    summary: Summary,
    facts: Json,
    urunc: Json,
}

fn said((archive, number): (&Archive, usize)) -> Result<Said, ReadError> {
    let (summary, urunc) = match inspect::inspect(archive, number)? {
        Some(inspection) => {
            let page = inspection.to_json();
            let mut urunc = Map::new();
            for launch in page.get("urunc").and_then(Json::as_array).into_iter().flatten() {
                let word = |name: &str| launch.get(name).and_then(Json::as_str).unwrap_or_default();
                let name = format!("{} under {}", word("era"), word("engine"));
                let mut launch = launch.clone();
                if let Some(object) = launch.as_object_mut() {
                    object.remove("era");
                    object.remove("engine");
                }
                urunc.insert(name, launch);
            }
            (inspection.summary, Json::Object(urunc))
        }
        None => (Summary::default(), Json::Null),
    };
    let process = archive.images.get(number).map(|image| image.process.clone()).unwrap_or_default();
    let facts = json!({
        "manifest": summary.manifest.map(|digest| digest.to_string()),
        "configuration": summary.config.map(|digest| digest.to_string()),
        "created": summary.created,
        "config": process,
        "annotations": summary.annotations,
        "urunc.json": summary.urunc_json,
    });
    Ok(Said { summary, facts, urunc })
}

/// Notes what two values say differently, member by member.
fn differ(changes: &mut Vec<Change>, path: &str, first: Option<&Json>, second: Option<&Json>) {
    let set = |value: Option<&Json>| match value {
        Some(Json::Object(members)) => Some(members.clone()),
        None | Some(Json::Null) => Some(Map::new()),
        Some(_) => None,
    };
    // An empty set says something where there is none.
    let members = |value: &Json| value.as_object().is_some_and(|members| !members.is_empty());
    let is_set = [first, second].iter().any(|value| value.is_some_and(members));
    if let (true, Some(one), Some(other)) = (is_set, set(first), set(second)) {
        for name in one.keys().chain(other.keys()).collect::<BTreeSet<_>>() {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            differ(changes, &path, one.get(name), other.get(name));
        }
        return;
    }
    let said = |value: Option<&Json>| value.filter(|value| !value.is_null()).cloned();
    let (first, second) = (said(first), said(second));
    if first != second {
        changes.push(Change { what: path.to_owned(), first, second });
    }
}

/// The layers that only one of them has, and whether the others are in another order.
fn layers(first: &Summary, second: &Summary) -> Vec<Change> {
    let digests = |summary: &Summary| -> Vec<Digest> {
        summary.layers.iter().map(|layer| layer.digest).collect()
    };
    let (of_first, of_second) = (digests(first), digests(second));
    let shown = |summary: &Summary, digest: Digest| {
        let layer = summary.layers.iter().find(|layer| layer.digest == digest);
        layer.map(|layer| json!({ "size": layer.size, "title": layer.title, "mediaType": layer.media_type }))
    };
    let mut changes = Vec::new();
    for &digest in of_first.iter().filter(|digest| !of_second.contains(digest)) {
        let first = shown(first, digest);
        changes.push(Change { what: digest.to_string(), first, second: None });
    }
    for &digest in of_second.iter().filter(|digest| !of_first.contains(digest)) {
        let second = shown(second, digest);
        changes.push(Change { what: digest.to_string(), first: None, second });
    }
    if changes.is_empty() && of_first != of_second {
        let order = |digests: &[Digest]| {
            Some(json!(digests.iter().map(ToString::to_string).collect::<Vec<_>>()))
        };
        let (first, second) = (order(&of_first), order(&of_second));
        changes.push(Change { what: "order".to_owned(), first, second });
    }
    changes
}

/// The files that differ, with all that is known of them.
fn files(first: (&Archive, usize), second: (&Archive, usize)) -> Result<Vec<Change>, ReadError> {
    let (Some(one), Some(other)) = (first.0.images.get(first.1), second.0.images.get(second.1))
    else {
        return Ok(Vec::new());
    };
    let nodes: BTreeMap<&ImagePath, &Node<Place>> = other.tree.iter().collect();
    let mut changes = Vec::new();
    for (path, node) in one.tree.iter() {
        let there = nodes.get(path).copied();
        if let Some(there) = there
            && is_same(&one.summary, node, &other.summary, there)
        {
            continue;
        }
        let (mut was, mut is) = (shown(node), there.map(shown));
        if let Some(there) = there
            && let (Some(size), Some(other_size)) = (size(node), size(there))
            && size == other_size
        {
            let (one, other) = (digest(first, path, node)?, digest(second, path, there)?);
            for (object, digest) in [(Some(&mut was), one), (is.as_mut(), other)] {
                if let (Some(object), Some(digest)) = (object.and_then(Json::as_object_mut), digest)
                {
                    object.insert("digest".to_owned(), json!(digest.to_string()));
                }
            }
        }
        if Some(&was) != is.as_ref() {
            changes.push(Change { what: path.to_string(), first: Some(was), second: is });
        }
    }
    let known: BTreeSet<&ImagePath> = one.tree.iter().map(|(path, _)| path).collect();
    for (path, node) in other.tree.iter().filter(|(path, _)| !known.contains(path)) {
        changes.push(Change { what: path.to_string(), first: None, second: Some(shown(node)) });
    }
    changes.sort_by(|one, other| one.what.cmp(&other.what));
    Ok(changes)
}

fn size(node: &Node<Place>) -> Option<u64> {
    match &node.content {
        Content::File { size, .. } => Some(*size),
        Content::Bytes(bytes) => Some(bytes.len() as u64),
        Content::Directory | Content::Symlink(_) | Content::Special(_) => None,
    }
}

/// Whether two nodes are the same without a look at the bytes: they are where they are in layers of the same bytes.
fn is_same(one: &Summary, node: &Node<Place>, other: &Summary, there: &Node<Place>) -> bool {
    let layer = |summary: &Summary, place: Place| {
        let layer = summary.layers.get(place.layer)?;
        Some((layer.diff_id?, place.offset()?))
    };
    match (&node.content, &there.content) {
        (
            Content::File { source, size },
            Content::File { source: other_source, size: other_size },
        ) => {
            let place = layer(one, *source);
            let is_meta_same =
                (node.mode, node.uid, node.gid) == (there.mode, there.uid, there.gid);
            is_meta_same
                && size == other_size
                && place.is_some()
                && place == layer(other, *other_source)
        }
        _ => shown(node) == shown(there) && size(node).is_none(),
    }
}

/// The digest of a file's bytes.
fn digest(
    (archive, number): (&Archive, usize),
    path: &ImagePath,
    node: &Node<Place>,
) -> Result<Option<Digest>, ReadError> {
    match &node.content {
        Content::Bytes(bytes) => Ok(Some(Digest::of(bytes))),
        Content::File { source, size } => {
            archive.file_digest(number, path, *source, *size).map(Some)
        }
        Content::Directory | Content::Symlink(_) | Content::Special(_) => Ok(None),
    }
}

/// What a node is.
fn shown(node: &Node<Place>) -> Json {
    let mut object = Map::new();
    let device =
        |device: &crate::rootfs::Device| json!(format!("{}:{}", device.major, device.minor));
    let (kind, more) = match &node.content {
        Content::Directory => ("folder", None),
        Content::File { .. } | Content::Bytes(_) => {
            ("file", size(node).map(|size| ("size", json!(size))))
        }
        Content::Symlink(target) => {
            ("symlink", Some(("target", json!(String::from_utf8_lossy(target)))))
        }
        Content::Special(Special::Character(number)) => {
            ("character device", Some(("device", device(number))))
        }
        Content::Special(Special::Block(number)) => {
            ("block device", Some(("device", device(number))))
        }
        Content::Special(Special::Fifo) => ("FIFO", None),
    };
    object.insert("kind".to_owned(), json!(kind));
    object.extend(more.map(|(name, value)| (name.to_owned(), value)));
    if kind != "symlink" {
        object.insert("mode".to_owned(), json!(format!("{:04o}", node.mode)));
    }
    object.insert("owner".to_owned(), json!(format!("{}:{}", node.uid, node.gid)));
    Json::Object(object)
}

// For people and for programs.

impl Comparison {
    /// All of it for programs.
    pub fn to_json(&self) -> Json {
        let list = |changes: &[Change]| -> Json { changes.iter().map(Change::to_json).collect() };
        let side = |(name, digest): &(String, Option<Digest>)| json!({ "name": name, "digest": digest.map(|digest| digest.to_string()) });
        let [first, second] = &self.sides;
        let images = self.images.iter().map(|image| {
            json!({
                "platform": image.platform,
                "config": list(&image.config),
                "urunc": list(&image.urunc),
                "layers": list(&image.layers),
                "files": list(&image.files),
            })
        });
        json!({
            "same": self.is_same(),
            "first": side(first),
            "second": side(second),
            "platforms": list(&self.platforms),
            "images": images.collect::<Vec<_>>(),
        })
    }

    /// The page for people: a line that begins with `-` is of the first side, one with `+` of the second.
    pub fn render(&self) -> String {
        let mut page = String::new();
        let mut line = |text: &str| {
            page.push_str(printable(text).trim_end());
            page.push('\n');
        };
        let [first, second] = &self.sides;
        for (sign, (name, digest)) in [("---", first), ("+++", second)] {
            match digest {
                Some(digest) => line(&format!("{sign} {name}  {digest}")),
                None => line(&format!("{sign} {name}")),
            }
        }
        for change in &self.platforms {
            let sign = if change.first.is_some() { '-' } else { '+' };
            line(&format!("{sign} platform {}", change.what));
        }
        if self.platforms.is_empty() && self.images.is_empty() {
            line("the images are the same; the indexes that lead to them are not");
        }
        for image in &self.images {
            line("");
            line(&format!("platform {}", image.platform));
            let parts = [
                ("config", &image.config),
                ("urunc", &image.urunc),
                ("layers", &image.layers),
                ("files", &image.files),
            ];
            for (title, changes) in parts.iter().filter(|(_, changes)| !changes.is_empty()) {
                line(&format!("  {title}"));
                for change in *changes {
                    for (sign, value) in [('-', &change.first), ('+', &change.second)] {
                        if let Some(value) = value {
                            line(&format!("    {sign} {}  {}", change.what, words(value)));
                        }
                    }
                }
            }
        }
        page
    }
}

impl Change {
    fn to_json(&self) -> Json {
        json!({ "what": self.what, "first": self.first, "second": self.second })
    }
}

/// In which order the members of a set are said; others follow by their names.
const ORDER: [&str; 8] = ["kind", "mode", "owner", "size", "target", "device", "title", "digest"];

/// A value in words: those of a set one behind the other.
fn words(value: &Json) -> String {
    match value {
        Json::Object(members) => {
            let rank = |name: &str| ORDER.iter().position(|known| *known == name);
            let mut members: Vec<(&String, &Json)> =
                members.iter().filter(|(_, value)| !value.is_null()).collect();
            members.sort_by_key(|(name, _)| rank(name).unwrap_or(ORDER.len()));
            let words = members.into_iter().map(|(name, value)| match (name.as_str(), value) {
                ("kind" | "mode" | "owner" | "digest" | "title", Json::String(text)) => {
                    text.clone()
                }
                ("size", Json::Number(size)) => format!("{size} bytes"),
                ("mediaType", Json::String(text)) => text.clone(),
                (name, value) => format!("{name} {value}"),
            });
            words.collect::<Vec<_>>().join("  ")
        }
        other => other.to_string(),
    }
}

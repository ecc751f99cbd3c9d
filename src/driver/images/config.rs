//! What an image says of itself, for an image that is built on it.

use super::FilePlace;
use crate::driver::urunc_json::UruncJson;
use crate::image::Summary;
use crate::recipe::base::{BaseConfig, UnikraftImage};
use crate::rootfs::Tree;
use crate::urunc::launch::{self, Channels};
use crate::urunc::{Key, PREFIX};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// The members of `config` that images hand on, besides those that [`BaseConfig`] has fields for. The others are of the
/// container in which docker made the image.
const HANDED_ON: [&str; 6] =
    ["ExposedPorts", "Volumes", "StopSignal", "Healthcheck", "Shell", "ArgsEscaped"];

/// What there is to find it out.
pub(super) struct Said<'s> {
    pub(super) summary: &'s Summary,
    /// The members of `config` in its configuration.
    pub(super) process: &'s Map<String, Json>,
    /// The annotations of the descriptors of its layers.
    pub(super) layer_annotations: Vec<&'s BTreeMap<String, String>>,
    pub(super) tree: &'s Tree<FilePlace>,
    pub(super) urunc_json: Option<&'s UruncJson>,
}

/// What an image says of itself.
pub(super) fn config(image: &Said<'_>) -> BaseConfig {
    let summary = image.summary;
    let (architecture, variant) = match summary.architecture.split_once('/') {
        Some((architecture, variant)) => (architecture, Some(variant.to_owned())),
        None => (summary.architecture.as_str(), None),
    };
    let is_own = |name: &String| !name.starts_with(PREFIX);
    let labels = summary.labels.iter().filter(|(name, _)| is_own(name));
    BaseConfig {
        os: summary.os.clone(),
        architecture: crate::image::platform::architecture(architecture).to_owned(),
        variant,
        entrypoint: summary.entrypoint.clone(),
        cmd: summary.cmd.clone(),
        env: summary.env.clone(),
        working_dir: summary.working_dir.clone(),
        user: summary.user.clone(),
        labels: labels.map(|(name, value)| (name.clone(), value.clone())).collect(),
        urunc: urunc(image),
        unikraft: unikraft(image),
        triggers: strings(image.process.get("OnBuild")),
        other: other(image.process),
    }
}

/// Where Unikraft's tools put the kernel and the initrd, whether the layers are marked or not.
const UNIKRAFT_FILES: [&str; 2] = ["/unikraft/bin/kernel", "/unikraft/bin/initrd"];

/// What one of Unikraft's images says of itself; its kernel is a file of it, or it is none.
fn unikraft(image: &Said<'_>) -> Option<UnikraftImage> {
    let is_there = |path: &str| {
        let found = image.tree.walk(path.as_bytes()).ok();
        found.is_some_and(|found| found.node.is_some_and(|node| node.content.is_file()))
    };
    let marked = |mark: &str, usual: &str| {
        let mut layers = image.layer_annotations.iter();
        let path = layers.find_map(|layer| layer.get(mark).cloned());
        path.or_else(|| Some(usual.to_owned())).filter(|path| is_there(path))
    };
    let summary = image.summary;
    let said = |name: &str| {
        let value = summary.annotations.get(name).or_else(|| summary.labels.get(name));
        value.filter(|value| !value.is_empty()).cloned()
    };
    let [kernel, initrd] = UNIKRAFT_FILES;
    Some(UnikraftImage {
        kernel: marked("org.unikraft.kernel.image", kernel)?,
        initrd: marked("org.unikraft.kernel.initrd", initrd),
        version: said("org.unikraft.kernel.version"),
        platform: said("org.unikraft.kernel.plat").unwrap_or_else(|| summary.os.clone()),
    })
}

fn strings(list: Option<&Json>) -> Vec<String> {
    let items = list.and_then(Json::as_array).into_iter().flatten();
    items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

fn other(process: &Map<String, Json>) -> Map<String, Json> {
    let is_empty = |value: &Json| match value {
        Json::Null | Json::Bool(false) => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Object(members) => members.is_empty(),
        _ => false,
    };
    let of = |name: &&str| process.get(*name).filter(|value| !is_empty(value));
    HANDED_ON.iter().filter_map(|name| Some(((*name).to_owned(), of(name)?.clone()))).collect()
}

/// urunc's annotations as urunc of 2026 finds them: those of the manifest and the labels, if they are whole, else those
/// of `/urunc.json`; and where neither says enough to start, what there is.
fn urunc(image: &Said<'_>) -> BTreeMap<String, String> {
    let nothing = BTreeMap::new();
    let file = match image.urunc_json {
        Some(UruncJson::File(values, faults)) if faults.is_empty() => values,
        _ => &nothing,
    };
    let summary = image.summary;
    let shim = launch::from_shim(&Channels {
        manifest: Some(&summary.annotations),
        labels: &summary.labels,
        urunc_json: Ok(file),
    });
    let from_file = launch::annotations(file);
    let first = if launch::is_complete(&shim) { [&shim, &from_file] } else { [&from_file, &shim] };
    let value = |key: Key| first.iter().find_map(|annotations| annotations.get(key));
    let known = Key::ALL.into_iter().filter_map(|key| Some((key.full(), value(key)?.to_owned())));
    known.collect()
}

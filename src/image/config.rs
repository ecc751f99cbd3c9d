//! The JSON blobs: configuration, manifest, index, and docker's `manifest.json`.
//!
//! oci-spec keeps maps whose order differs from run to run, so every blob goes through a sorted value
//! on its way to bytes: keys in order, no blanks. The configuration alone is as BuildKit writes it.

use super::{Config, Digest, Image, Inherited, Layer, Name, WriteError};
use oci_spec::image::{
    ConfigBuilder, Descriptor, DescriptorBuilder, HistoryBuilder, ImageConfigurationBuilder,
    ImageIndexBuilder, ImageManifestBuilder, MediaType, OciLayoutBuilder, RootFsBuilder,
};
use serde::Serialize;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::str::FromStr as _;

/// The layout's version file.
pub(super) const LAYOUT_FILE: &str = "oci-layout";
/// The name containerd gives an imported image.
pub(super) const CONTAINERD_NAME: &str = "io.containerd.image.name";
/// The name OCI tools find an image by.
pub(super) const REF_NAME: &str = "org.opencontainers.image.ref.name";

/// A written blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Blob {
    pub(super) digest: Digest,
    pub(super) size: u64,
    /// Of a layer, the digest of the uncompressed tar.
    pub(super) diff_id: Digest,
}

fn invalid(error: &dyn std::fmt::Display) -> WriteError {
    WriteError::Invalid(error.to_string())
}

fn bytes(value: &impl Serialize) -> Result<Vec<u8>, WriteError> {
    let sorted = serde_json::to_value(value).map_err(|error| invalid(&error))?;
    serde_json::to_vec(&sorted).map_err(|error| invalid(&error))
}

#[allow(clippy::disallowed_types, reason = "the type of oci-spec; sorted again by `bytes`")]
fn unsorted(map: &BTreeMap<String, String>) -> std::collections::HashMap<String, String> {
    map.clone().into_iter().collect()
}

fn descriptor(media_type: MediaType, blob: Blob) -> Result<Descriptor, WriteError> {
    let digest = oci_spec::image::Digest::from_str(&blob.digest.to_string());
    let digest = digest.map_err(|error| invalid(&error))?;
    let builder =
        DescriptorBuilder::default().media_type(media_type).digest(digest).size(blob.size);
    builder.build().map_err(|error| invalid(&error))
}

/// `oci-layout`
pub(super) fn layout() -> Result<Vec<u8>, WriteError> {
    let layout = OciLayoutBuilder::default().image_layout_version("1.0.0").build();
    bytes(&layout.map_err(|error| invalid(&error))?)
}

/// The image configuration.
pub(super) fn config(
    config: &Config,
    layers: &[Layer],
    diff_ids: &[Digest],
    created: u64,
) -> Result<Vec<u8>, WriteError> {
    let time = rfc3339(created);
    let mut process = ConfigBuilder::default();
    if let Some(entrypoint) = &config.entrypoint {
        process = process.entrypoint(entrypoint.clone());
    }
    if let Some(cmd) = &config.cmd {
        process = process.cmd(cmd.clone());
    }
    if !config.env.is_empty() {
        process = process.env(config.env.clone());
    }
    if let Some(working_dir) = &config.working_dir {
        process = process.working_dir(working_dir.clone());
    }
    if let Some(user) = &config.user {
        process = process.user(user.clone());
    }
    if !config.labels.is_empty() {
        process = process.labels(unsorted(&config.labels));
    }
    let process = process.build().map_err(|error| invalid(&error))?;
    let diff_ids: Vec<String> = diff_ids.iter().map(ToString::to_string).collect();
    let rootfs = RootFsBuilder::default().typ("layers").diff_ids(diff_ids).build();
    let mut history = Vec::with_capacity(layers.len());
    for layer in layers {
        let Layer::Made(made) = layer else { continue };
        let entry = HistoryBuilder::default()
            .created(time.clone())
            .created_by(format!("bimanix: {}", made.title))
            .build();
        history.push(entry.map_err(|error| invalid(&error))?);
    }
    let configuration = ImageConfigurationBuilder::default()
        .created(time)
        .architecture(config.architecture.as_str())
        .os("linux")
        .config(process)
        .rootfs(rootfs.map_err(|error| invalid(&error))?)
        .history(history)
        .build()
        .map_err(|error| invalid(&error))?;
    let mut value = serde_json::to_value(&configuration).map_err(|error| invalid(&error))?;
    // oci-spec has the variant of a platform, but not that of a configuration.
    if let (Some(variant), Some(object)) = (&config.variant, value.as_object_mut()) {
        object.insert("variant".into(), json!(variant));
    }
    inherit(&mut value, &config.inherited);
    as_written(&value)
}

/// The bytes of a configuration, as BuildKit writes them, so that its image with the same layers has the same ID: keys in
/// order, but for those of `rootfs` and of `history`, which are as Go declares them, and what HTML reads is escaped.
fn as_written(configuration: &Json) -> Result<Vec<u8>, WriteError> {
    let members = configuration.as_object().into_iter().flatten().map(|(name, value)| {
        let member = match (name.as_str(), value) {
            ("rootfs", Json::Object(rootfs)) => Member::Ordered(Ordered(rootfs, &["type"])),
            ("history", Json::Array(entries)) => {
                let entries = entries.iter().map(|entry| match entry {
                    Json::Object(entry) => Member::Ordered(Ordered(entry, HISTORY)),
                    other => Member::Other(other),
                });
                Member::List(entries.collect())
            }
            _ => Member::Other(value),
        };
        (name.as_str(), member)
    });
    let members: BTreeMap<&str, Member<'_>> = members.collect();
    let text = serde_json::to_string(&members).map_err(|error| invalid(&error))?;
    // None of these is anywhere but in a string.
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                write!(escaped, "\\u{:04x}", u32::from(character)).unwrap_or_default();
            }
            other => escaped.push(other),
        }
    }
    Ok(escaped.into_bytes())
}

/// The keys of an entry of the history.
const HISTORY: &[&str] = &["created", "created_by", "author", "comment", "empty_layer"];

/// A part of a configuration.
#[derive(Serialize)]
#[serde(untagged)]
enum Member<'m> {
    Ordered(Ordered<'m>),
    List(Vec<Member<'m>>),
    Other(&'m Json),
}

/// An object whose keys begin with some in their order.
struct Ordered<'o>(&'o serde_json::Map<String, Json>, &'o [&'o str]);

impl Serialize for Ordered<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Ordered(object, first) = self;
        let known = first.iter().filter_map(|name| object.get_key_value(*name));
        let others = object.iter().filter(|(name, _)| !first.contains(&name.as_str()));
        serializer.collect_map(known.chain(others))
    }
}

/// Adds what comes from the base: its history before ours, and members of the process that nothing here sets.
fn inherit(configuration: &mut Json, inherited: &Inherited) {
    if let Some(history) = configuration.get_mut("history").and_then(Json::as_array_mut) {
        history.splice(0..0, inherited.history.iter().cloned());
    }
    if let Some(process) = configuration.get_mut("config").and_then(Json::as_object_mut) {
        for (name, value) in &inherited.process {
            process.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
}

/// The manifest.
pub(super) fn manifest(
    image: &Image,
    config: Blob,
    layers: &[Blob],
) -> Result<Vec<u8>, WriteError> {
    let mut descriptors = Vec::with_capacity(layers.len());
    for (layer, &blob) in image.layers.iter().zip(layers) {
        let media_type = MediaType::from(layer.media_type(image.compression).as_str());
        let mut descriptor = descriptor(media_type, blob)?;
        if let Layer::Kept(kept) = layer
            && !kept.annotations.is_empty()
        {
            descriptor.set_annotations(Some(unsorted(&kept.annotations)));
        }
        descriptors.push(descriptor);
    }
    let mut manifest = ImageManifestBuilder::default()
        .schema_version(2_u32)
        .media_type(MediaType::ImageManifest)
        .config(descriptor(MediaType::ImageConfig, config)?)
        .layers(descriptors);
    if !image.annotations.is_empty() {
        manifest = manifest.annotations(unsorted(&image.annotations));
    }
    bytes(&manifest.build().map_err(|error| invalid(&error))?)
}

/// `index.json`, which points straight at the manifest: urunc's shim does not follow nested indexes.
pub(super) fn index(
    name: &Name,
    manifest: Blob,
    media_type: MediaType,
) -> Result<Vec<u8>, WriteError> {
    let names = BTreeMap::from([
        (CONTAINERD_NAME.to_owned(), name.full.clone()),
        (REF_NAME.to_owned(), name.tag.clone()),
    ]);
    let mut descriptor = descriptor(media_type, manifest)?;
    descriptor.set_annotations(Some(unsorted(&names)));
    let index = ImageIndexBuilder::default()
        .schema_version(2_u32)
        .media_type(MediaType::ImageIndex)
        .manifests(vec![descriptor])
        .build();
    bytes(&index.map_err(|error| invalid(&error))?)
}

/// The index of images of several platforms, each with its operating system, architecture and variant.
pub(super) fn image_index<'i>(
    manifests: impl Iterator<Item = (Blob, MediaType, (&'i str, &'i str, Option<&'i str>))>,
) -> Result<Vec<u8>, WriteError> {
    let manifests = manifests.map(|(manifest, media_type, (os, architecture, variant))| {
        let mut platform = json!({ "architecture": architecture, "os": os });
        if let (Some(variant), Some(object)) = (variant, platform.as_object_mut()) {
            object.insert("variant".into(), json!(variant));
        }
        json!({
            "mediaType": media_type.to_string(),
            "digest": manifest.digest.to_string(),
            "size": manifest.size,
            "platform": platform,
        })
    });
    bytes(&json!({
        "schemaVersion": 2,
        "mediaType": MediaType::ImageIndex.to_string(),
        "manifests": manifests.collect::<Vec<_>>(),
    }))
}

/// The media type of a manifest: as it says, for docker has one of its own.
pub(super) fn manifest_type(manifest: &[u8]) -> MediaType {
    let value: Option<Json> = serde_json::from_slice(manifest).ok();
    let said = value.as_ref().and_then(|value| value.get("mediaType")?.as_str());
    said.map_or(MediaType::ImageManifest, MediaType::from)
}

/// docker's `manifest.json`, which names the same blobs. It knows no platforms: the name is that of the image which is
/// `named` by its number.
pub(super) fn docker_manifest(
    name: &Name,
    images: &[(Blob, &[Blob])],
    named: usize,
) -> Result<Vec<u8>, WriteError> {
    let images = images.iter().enumerate().map(|(number, (config, layers))| {
        json!({
            "Config": blob_path(config.digest),
            "RepoTags": (number == named).then_some([&name.familiar]),
            "Layers": layers.iter().map(|layer| blob_path(layer.digest)).collect::<Vec<_>>(),
        })
    });
    bytes(&Json::Array(images.collect()))
}

/// Where a blob is in the layout.
pub(super) fn blob_path(digest: Digest) -> String {
    format!("blobs/sha256/{}", digest.hex())
}

/// A time in RFC 3339, in UTC.
fn rfc3339(seconds: u64) -> String {
    let (mut days, second) = (seconds / 86_400, seconds % 86_400);
    let leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let mut year = 1970;
    while days >= if leap(year) { 366 } else { 365 } {
        days -= if leap(year) { 366 } else { 365 };
        year += 1;
    }
    let february = if leap(year) { 29 } else { 28 };
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{second:02}Z", days + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_868_799, "2000-02-29T23:59:59Z"),
            (1_700_000_000, "2023-11-14T22:13:20Z"),
            (1_769_860_800, "2026-01-31T12:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(rfc3339(seconds), text);
        }
    }
}

//! The JSON of images, as their writers write it and not only as the specification has it: programs in Go write an
//! empty list as `null`, or leave it out.

use crate::image::{Digest, LayerSummary, Summary};
use oci_spec::image::{Config, Descriptor, History, MediaType};
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// `index.json`, or a manifest list.
#[derive(Deserialize)]
pub(super) struct Index {
    pub(super) manifests: Option<Vec<Descriptor>>,
}

/// A manifest: of OCI, or of docker's schema 2, which has the same members.
#[derive(Deserialize)]
pub(super) struct Manifest {
    pub(super) config: Descriptor,
    pub(super) layers: Option<Vec<Descriptor>>,
    pub(super) annotations: Option<BTreeMap<String, String>>,
}

/// An image in `manifest.json` of a docker archive.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DockerImage {
    pub(super) config: String,
    pub(super) repo_tags: Option<Vec<String>>,
    pub(super) layers: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Configuration {
    architecture: String,
    os: String,
    variant: Option<Json>,
    created: Option<String>,
    config: Option<Config>,
    history: Option<Vec<History>>,
    rootfs: Option<RootFs>,
}

#[derive(Deserialize)]
struct RootFs {
    diff_ids: Option<Vec<String>>,
}

/// What a manifest is, by its members.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It names other manifests.
    Index,
    /// It names a configuration and layers.
    Manifest,
    /// It is a list, as in docker archives.
    DockerImages,
    /// Docker's schema 1, which has no configuration.
    Schema1,
    Unknown,
}

/// What the text is, when it is that of some manifest.
pub(super) fn kind(text: &[u8]) -> Kind {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Members {
        config: Option<serde::de::IgnoredAny>,
        manifests: Option<serde::de::IgnoredAny>,
        fs_layers: Option<serde::de::IgnoredAny>,
    }
    match serde_json::from_slice(text) {
        Ok(Members { config: Some(_), .. }) => Kind::Manifest,
        Ok(Members { manifests: Some(_), .. }) => Kind::Index,
        Ok(Members { fs_layers: Some(_), .. }) => Kind::Schema1,
        _ if text.trim_ascii_start().starts_with(b"[") => Kind::DockerImages,
        _ => Kind::Unknown,
    }
}

/// Whether a descriptor leads to an index.
pub(super) fn is_index(descriptor: &Descriptor) -> bool {
    descriptor.media_type() == &MediaType::ImageIndex
        || descriptor.media_type().to_string().ends_with("manifest.list.v2+json")
}

/// buildx puts what it says about a build beside the images, for no platform there is.
pub(super) fn is_attestation(descriptor: &Descriptor) -> bool {
    let marked = descriptor
        .annotations()
        .as_ref()
        .is_some_and(|annotations| annotations.contains_key("vnd.docker.reference.type"));
    let platform = descriptor.platform().as_ref();
    marked || platform.is_some_and(|platform| platform.os().to_string() == "unknown")
}

/// Whether a manifest has a configuration that is none of an image.
pub(super) fn is_artifact(manifest: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Typed {
        #[serde(rename = "mediaType")]
        media_type: String,
    }
    #[derive(Deserialize)]
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

/// What a configuration says; the layers have their diff ids and titles only.
pub(in crate::image) fn summarize_config(bytes: &[u8]) -> Result<Summary, String> {
    let configuration: Configuration =
        serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let Configuration { mut architecture, os, variant, created, config, history, rootfs } =
        configuration;
    if let Some(variant) = variant.as_ref().and_then(Json::as_str) {
        architecture = format!("{architecture}/{variant}");
    }
    let mut summary = Summary { architecture, os, created, ..Summary::default() };
    let mut titles = history
        .iter()
        .flatten()
        .filter(|entry| entry.empty_layer() != Some(true))
        .map(|entry| entry.created_by().clone().unwrap_or_default());
    for diff_id in rootfs.and_then(|rootfs| rootfs.diff_ids).iter().flatten() {
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
    if let Some(process) = config {
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

//! What is said of an image: its manifest and its configuration. Its layers come after that.

use super::error::{ReadError, Result};
use super::json::{self, DockerImage, Manifest};
use super::layers::{self, LayerFile};
use super::list::{Named, Target};
use super::{Archive, Candidate, Image};
use crate::image::{Check, Digest, LayerSummary, Summary};
use crate::rootfs::Tree;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// An image before its layers are read.
pub(super) struct Head {
    summary: Summary,
    in_index: bool,
    blobs: Vec<Blob>,
    process: Map<String, Json>,
    history: Vec<Json>,
    /// The part that names the layers.
    part: String,
    /// Which image it is among several.
    pub(super) candidate: Candidate,
    /// The digest of its configuration.
    pub(super) config_digest: Digest,
    /// Whether docker's list beside an index names it, which the index may have named before.
    pub(super) is_beside: bool,
}

/// A layer as a manifest names it.
struct Blob {
    name: String,
    digest: Option<Digest>,
    size: u64,
    media_type: String,
    annotations: BTreeMap<String, String>,
}

impl Archive {
    /// Reads what is said of an image; none of what is an artifact.
    pub(super) fn head(&mut self, target: Target) -> Result<Option<Head>> {
        match target.named {
            Named::Manifest { digest, bytes, names, in_index, platform } => {
                let part = self.blob_name(digest);
                if json::is_artifact(&bytes) {
                    self.skipped.push(format!("`{part}`, which is an artifact and no image"));
                    return Ok(None);
                }
                let mut head = self.head_of_manifest(part, &bytes)?;
                head.summary.manifest = Some(digest);
                head.summary.size += bytes.len() as u64;
                head.summary.names = names;
                head.in_index = in_index;
                if let Some((os, architecture, variant)) = platform {
                    head.candidate = Candidate { os, architecture, variant };
                }
                Ok(Some(head))
            }
            Named::Docker { image, is_beside } => {
                self.head_of_docker_image(image, is_beside).map(Some)
            }
        }
    }

    fn head_of_manifest(&self, part: String, bytes: &[u8]) -> Result<Head> {
        let manifest: Manifest = self.parse(&part, bytes)?;
        let config = self.digest(&part, manifest.config.digest().as_ref())?;
        let config_part = self.blob_name(config);
        let config_bytes = self.blob(config)?;
        let mut blobs = Vec::new();
        for descriptor in manifest.layers.unwrap_or_default() {
            let digest = self.digest(&part, descriptor.digest().as_ref())?;
            let name = self.blob_name(digest);
            let (_, size) = self.part(&name)?;
            if size != descriptor.size() {
                let why = format!("it has {size} bytes and should have {}", descriptor.size());
                return Err(self.broken(&name, why));
            }
            let media_type = descriptor.media_type().to_string();
            let annotations = descriptor.annotations().iter().flatten();
            let annotations = annotations.map(|(key, value)| (key.clone(), value.clone()));
            let annotations = annotations.collect();
            blobs.push(Blob { name, digest: Some(digest), size, media_type, annotations });
        }
        let mut head = self.head_of(part, &config_part, &config_bytes, config, blobs)?;
        head.summary.annotations = manifest.annotations.unwrap_or_default();
        Ok(head)
    }

    fn head_of_docker_image(&self, image: DockerImage, is_beside: bool) -> Result<Head> {
        let config = self.json(&image.config)?;
        let mut blobs = Vec::new();
        for name in image.layers.unwrap_or_default() {
            let (_, size) = self.part(&name)?;
            let (media_type, annotations) = (String::new(), BTreeMap::new());
            blobs.push(Blob { name, digest: None, size, media_type, annotations });
        }
        let (part, digest) = ("manifest.json".to_owned(), Digest::of(&config));
        let mut head = self.head_of(part, &image.config, &config, digest, blobs)?;
        head.summary.names = image.repo_tags.unwrap_or_default();
        head.is_beside = is_beside;
        Ok(head)
    }

    fn head_of(
        &self,
        part: String,
        config_part: &str,
        config: &[u8],
        config_digest: Digest,
        blobs: Vec<Blob>,
    ) -> Result<Head> {
        let mut summary =
            Summary::of_config(config).map_err(|why| self.broken(config_part, why))?;
        summary.config = Some(config_digest);
        summary.size = config.len() as u64;
        let mut whole: Map<String, Json> = self.parse(config_part, config)?;
        let process = match whole.remove("config") {
            Some(Json::Object(process)) => process,
            _ => Map::new(),
        };
        let history = match whole.remove("history") {
            Some(Json::Array(history)) => history,
            _ => Vec::new(),
        };
        let (architecture, variant) = match summary.architecture.split_once('/') {
            Some((architecture, variant)) => (architecture.to_owned(), Some(variant.to_owned())),
            None => (summary.architecture.clone(), None),
        };
        let candidate = Candidate { os: summary.os.clone(), architecture, variant };
        let (in_index, is_beside) = (false, false);
        Ok(Head {
            summary,
            in_index,
            blobs,
            process,
            history,
            part,
            candidate,
            config_digest,
            is_beside,
        })
    }

    /// Reads the layers and holds them against what configuration and manifest say of them.
    pub(super) fn image(&self, head: Head, check: Check) -> Result<Image> {
        let Head { mut summary, in_index, blobs, process, history, part, .. } = head;
        let known = std::mem::take(&mut summary.layers);
        if known.len() != blobs.len() {
            let layers =
                if blobs.len() == 1 { "1 layer" } else { &format!("{} layers", blobs.len()) };
            let why = format!("it names {layers}, and its configuration {}", known.len());
            return Err(self.broken(&part, why));
        }
        let mut tree = Tree::default();
        let mut layers = Vec::new();
        for (number, (blob, known)) in blobs.into_iter().zip(known).enumerate() {
            let layer = self.layer(number, &blob, known.diff_id, check, &mut tree)?;
            let digest = blob.digest.unwrap_or(known.digest);
            // A blob counts once.
            if !summary.layers.iter().any(|layer: &LayerSummary| layer.digest == digest) {
                summary.size += blob.size;
            }
            let Blob { size, media_type, .. } = blob;
            summary.layers.push(LayerSummary { digest, size, media_type, ..known });
            layers.push(layer);
        }
        Ok(Image { summary, in_index, tree, process, history, layers })
    }

    /// Reads a layer into the tree of those below it.
    fn layer(
        &self,
        number: usize,
        blob: &Blob,
        diff_id: Option<Digest>,
        check: Check,
        tree: &mut Tree<super::Place>,
    ) -> Result<LayerFile> {
        let name = &blob.name;
        let (window, _) = self.part(name)?;
        let read = layers::read(window.clone(), number, tree, &self.budget, check)
            .map_err(|error| self.failed(name, &error))?;
        let mut digest = blob.digest;
        if let Some((found, _)) = read.digests {
            if let Some(digest) = digest.filter(|digest| *digest != found) {
                let why = format!("its digest is {found}, and not {digest}");
                return Err(self.broken(name, why));
            }
            digest = Some(found);
        }
        // What is not compressed has one digest; where none is known yet it is read, the other one has to do.
        let unpacked = match read.digests {
            Some((_, unpacked)) => Some(unpacked),
            None => digest,
        };
        if let (Some(unpacked), Some(diff_id)) = (unpacked, diff_id)
            && unpacked != diff_id
        {
            let why =
                format!("unpacked, its digest is {unpacked}; the configuration says {diff_id}");
            return Err(self.broken(name, why));
        }
        let Some(digest) = digest.or(diff_id) else {
            return Err(ReadError::Missing { path: self.path.clone(), part: name.clone() });
        };
        Ok(LayerFile {
            name: name.clone(),
            window,
            packing: read.packing,
            digest,
            diff_id: diff_id.or(unpacked).unwrap_or(digest),
            media_type: blob.media_type.clone(),
            annotations: blob.annotations.clone(),
            is_checked: read.digests.is_some(),
            unpacked: std::cell::OnceCell::new(),
        })
    }
}

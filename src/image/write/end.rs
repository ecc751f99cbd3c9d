//! What can only be made once every layer has its digest.

use crate::image::config::{self, Blob};
use crate::image::{Digest, Image, Index, LayerSummary, Summaries, Summary, WriteError};
use std::collections::BTreeMap;

/// A blob and its bytes.
type Bytes = (Blob, Vec<u8>);

/// What can only be made once every layer has its digest.
#[derive(Debug)]
pub(super) struct End {
    /// One for each image.
    pub(super) images: Vec<ImageEnd>,
    /// Where there are several, the index that leads to them.
    pub(super) several: Option<Bytes>,
    /// `index.json`
    pub(super) index: Vec<u8>,
    /// docker's `manifest.json`.
    pub(super) docker: Vec<u8>,
}

/// What one image has beside its layers.
#[derive(Debug)]
pub(super) struct ImageEnd {
    pub(super) config: Bytes,
    pub(super) manifest: Bytes,
    pub(super) layers: Vec<Blob>,
}

fn blob(bytes: Vec<u8>) -> Bytes {
    let digest = Digest::of(&bytes);
    (Blob { digest, size: bytes.len() as u64, diff_id: digest }, bytes)
}

impl End {
    /// Of an index whose layers, of one image after another, have become these blobs.
    pub(super) fn new(index: &Index, layers: &[Blob]) -> Result<Self, WriteError> {
        let mut rest = layers;
        let mut images = Vec::new();
        for image in index.images() {
            let (own, others) = rest.split_at_checked(image.layers.len()).unwrap_or((rest, &[]));
            rest = others;
            images.push(ImageEnd::new(image, own)?);
        }
        let several = match index.only() {
            Some(_) => None,
            None => {
                let manifests = images.iter().map(|end| &end.manifest);
                let platforms = index.images().map(|image| {
                    let (architecture, variant) =
                        (&image.config.architecture, &image.config.variant);
                    ("linux", architecture.as_str(), variant.as_deref())
                });
                let entries = manifests.zip(platforms).map(|((blob, bytes), platform)| {
                    (*blob, config::manifest_type(bytes), platform)
                });
                Some(blob(config::image_index(entries)?))
            }
        };
        let (root, media_type) = match (&several, images.first()) {
            (Some((root, bytes)), _) => (*root, config::manifest_type(bytes)),
            (None, Some(end)) => (end.manifest.0, config::manifest_type(&end.manifest.1)),
            (None, None) => return Err(WriteError::Stopped),
        };
        // Whoever knows no platforms most often runs on this one.
        let named = index.images().position(|image| image.config.architecture == "amd64");
        let for_docker: Vec<(Blob, &[Blob])> =
            images.iter().map(|end| (end.config.0, end.layers.as_slice())).collect();
        let docker = config::docker_manifest(index.name(), &for_docker, named.unwrap_or(0))?;
        let index = config::index(index.name(), root, media_type)?;
        Ok(End { images, several, index, docker })
    }

    /// The blobs that are no layers, in the order in which they are written.
    pub(super) fn blobs(&self) -> impl Iterator<Item = &Bytes> {
        self.images.iter().flat_map(|end| [&end.config, &end.manifest]).chain(&self.several)
    }

    pub(super) fn summaries(&self, index: &Index) -> Summaries {
        Summaries {
            index: self.several.as_ref().map(|(blob, _)| blob.digest),
            images: index
                .images()
                .zip(&self.images)
                .map(|(image, end)| end.summary(image))
                .collect(),
        }
    }
}

impl ImageEnd {
    fn new(image: &Image, layers: &[Blob]) -> Result<Self, WriteError> {
        let diff_ids: Vec<Digest> = layers.iter().map(|layer| layer.diff_id).collect();
        let config = blob(config::config(&image.config, &image.layers, &diff_ids, image.created)?);
        let manifest = blob(config::manifest(image, config.0, layers)?);
        Ok(ImageEnd { config, manifest, layers: layers.to_vec() })
    }

    fn summary(&self, image: &Image) -> Summary {
        let mut summary = Summary::of_config(&self.config.1).unwrap_or_default();
        let titles = summary.layers.iter().map(|layer| layer.title.clone());
        let layers: Vec<LayerSummary> = self
            .layers
            .iter()
            .zip(&image.layers)
            .zip(titles)
            .map(|((blob, layer), title)| LayerSummary {
                digest: blob.digest,
                diff_id: Some(blob.diff_id),
                size: blob.size,
                media_type: layer.media_type(image.compression),
                title,
            })
            .collect();
        let blobs = [self.config.0.size, self.manifest.0.size];
        let sizes: BTreeMap<Digest, u64> =
            layers.iter().map(|layer| (layer.digest, layer.size)).collect();
        summary.size = blobs.iter().chain(sizes.values()).sum();
        summary.names = vec![image.name.full.clone()];
        summary.manifest = Some(self.manifest.0.digest);
        summary.config = Some(self.config.0.digest);
        summary.layers = layers;
        summary.annotations.clone_from(&image.annotations);
        summary.urunc_json.clone_from(&image.urunc_json);
        summary
    }
}

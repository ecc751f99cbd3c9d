//! What can only be made once every layer has its digest.

use crate::image::config::{self, Blob};
use crate::image::{Digest, Image, LayerSummary, Summary, WriteError};
use std::collections::BTreeMap;

/// What can only be made once every layer has its digest.
#[derive(Debug)]
pub(super) struct End {
    pub(super) config: (Blob, Vec<u8>),
    pub(super) manifest: (Blob, Vec<u8>),
    pub(super) index: Vec<u8>,
}

impl End {
    pub(super) fn new(image: &Image, layers: &[Blob]) -> Result<Self, WriteError> {
        let blob = |bytes: Vec<u8>| {
            let digest = Digest::of(&bytes);
            (Blob { digest, size: bytes.len() as u64, diff_id: digest }, bytes)
        };
        let diff_ids: Vec<Digest> = layers.iter().map(|layer| layer.diff_id).collect();
        let config = blob(config::config(&image.config, &image.layers, &diff_ids, image.created)?);
        let manifest = blob(config::manifest(image, config.0, layers)?);
        let index = config::index(&image.name, manifest.0, config::manifest_type(&manifest.1))?;
        Ok(End { config, manifest, index })
    }

    pub(super) fn summary(&self, image: &Image, layers: &[Blob]) -> Summary {
        let mut summary = Summary::of_config(&self.config.1).unwrap_or_default();
        let titles = summary.layers.iter().map(|layer| layer.title.clone());
        let layers: Vec<LayerSummary> = layers
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

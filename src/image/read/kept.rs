//! The layers of an image as another one takes them over: byte for byte.

use super::Archive;
use super::error::Result;
use super::layers::LayerFile;
use super::packed::Packing;
use crate::image::Kept;

/// What the media types of layers begin with, OCI's and docker's.
const OCI: &str = "application/vnd.oci.image.layer.";
const DOCKER: &str = "application/vnd.docker.image.rootfs.";

impl Archive {
    /// The layers of an image, lowest first, for an image that is built on it. Docker's media types become OCI's, which
    /// say the same of the same bytes.
    ///
    /// # Errors
    /// A layer whose bytes are not what its media type says, or are compressed in a way that OCI has no type for.
    pub fn kept(&self, image: usize) -> Result<Vec<Kept>> {
        let layers = self.images.get(image).map(|image| image.layers.as_slice());
        layers.unwrap_or_default().iter().map(|layer| self.kept_layer(layer)).collect()
    }

    fn kept_layer(&self, layer: &LayerFile) -> Result<Kept> {
        let LayerFile { name, window, packing, digest, diff_id, media_type, annotations, .. } =
            layer;
        let suffix = match packing {
            Packing::Plain => "",
            Packing::Gzip => "+gzip",
            Packing::Zstd => "+zstd",
            Packing::Xz | Packing::Bzip2 | Packing::Other(_) => {
                let why = "it is compressed in a way that layers of OCI images are not; they are plain, or \
                           compressed with gzip or zstd";
                return Err(self.broken(name, why));
            }
        };
        if let Some(said) = said(media_type)
            && said != suffix
        {
            let found = match packing {
                Packing::Gzip => "compressed with gzip",
                Packing::Zstd => "compressed with zstd",
                _ => "not compressed",
            };
            return Err(
                self.broken(name, format!("it is {found}, and `{media_type}` is said of it"))
            );
        }
        let is_restricted =
            media_type.contains("nondistributable") || media_type.contains(".foreign.");
        let kind = if is_restricted { "nondistributable.v1.tar" } else { "v1.tar" };
        Ok(Kept {
            digest: *digest,
            diff_id: *diff_id,
            size: window.length(),
            media_type: format!("{OCI}{kind}{suffix}"),
            annotations: annotations.clone(),
            blob: window.extent().clone(),
        })
    }
}

/// How a media type says that a layer is compressed, as OCI's types end; none where it is no type of a layer, as in
/// docker archives, which have none.
fn said(media_type: &str) -> Option<&'static str> {
    if !media_type.starts_with(OCI) && !media_type.starts_with(DOCKER) {
        return None;
    }
    Some(match media_type.rsplit(['+', '.']).next() {
        Some("gzip") => "+gzip",
        Some("zstd") => "+zstd",
        _ => "",
    })
}

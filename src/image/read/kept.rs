//! The layers of an image as another one takes them over: byte for byte.

use super::Archive;
use super::error::{ReadError, Result, shown};
use super::layers::LayerFile;
use super::packed::Packing;
use crate::image::Kept;

/// What the media types of layers begin with, OCI's and docker's.
const OCI: &str = "application/vnd.oci.image.layer.";
const DOCKER: &str = "application/vnd.docker.image.rootfs.";

impl Archive {
    fn unkept(&self, part: &str, why: impl Into<String>, help: &'static str) -> ReadError {
        let (path, part, why) = (self.path.clone(), part.to_owned(), why.into());
        ReadError::Unkept { path, part, why, help }
    }

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
                let why = "it is packed in a way that layers of OCI images are not: they are plain, or compressed with \
                           gzip or zstd";
                return Err(self.unkept(
                    name,
                    why,
                    "convert the image: `skopeo copy docker-archive:OLD oci-archive:NEW`",
                ));
            }
        };
        let again = "make the image again with the tool that made it";
        match Said::by(media_type) {
            Said::Nothing => {}
            Said::Layer(said) if said == suffix => {}
            // Docker's format has no type for plain layers, and skopeo says of them that they are packed.
            Said::Layer("+gzip") if suffix.is_empty() && media_type.starts_with(DOCKER) => {}
            Said::Layer(_) => {
                let found = match packing {
                    Packing::Gzip => "compressed with gzip",
                    Packing::Zstd => "compressed with zstd",
                    _ => "not compressed",
                };
                return Err(self.unkept(
                    name,
                    format!("it is {found}, and `{media_type}` is said of it"),
                    again,
                ));
            }
            Said::Other => {
                let why =
                    format!("`{}` is said of it, which is no type of a layer", shown(media_type));
                return Err(self.unkept(name, why, again));
            }
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

/// What a media type says of a layer.
enum Said {
    /// There is none, as in docker archives.
    Nothing,
    /// How it is compressed, as OCI's types end.
    Layer(&'static str),
    /// It is something else.
    Other,
}

impl Said {
    fn by(media_type: &str) -> Self {
        if media_type.is_empty() {
            return Said::Nothing;
        }
        let oci = media_type.strip_prefix(OCI);
        let oci = oci.map(|rest| rest.strip_prefix("nondistributable.").unwrap_or(rest));
        let docker = media_type.strip_prefix(DOCKER);
        let docker = docker.map(|rest| rest.strip_prefix("foreign.").unwrap_or(rest));
        match (oci, docker) {
            (Some("v1.tar"), _) | (_, Some("diff.tar")) => Said::Layer(""),
            (Some("v1.tar+gzip"), _) | (_, Some("diff.tar.gzip")) => Said::Layer("+gzip"),
            (Some("v1.tar+zstd"), _) | (_, Some("diff.tar.zstd")) => Said::Layer("+zstd"),
            _ => Said::Other,
        }
    }
}

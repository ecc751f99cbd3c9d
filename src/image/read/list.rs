//! The images that an archive names.

use super::error::{ReadError, Result};
use super::json::{self, DockerImage, Index, Kind};
use super::{Archive, BlobNames, MAX_IMAGES, MAX_INDEXES};
use crate::image::Digest;
use crate::image::config::{CONTAINERD_NAME, REF_NAME};
use oci_spec::image::Descriptor;

/// An image that is named.
pub(super) struct Target {
    pub(super) named: Named,
    /// Whether it may be missing: it is one of several.
    pub(super) is_optional: bool,
}

/// By what an image is named.
pub(super) enum Named {
    /// By a manifest.
    Manifest {
        digest: Digest,
        bytes: Vec<u8>,
        names: Vec<String>,
        in_index: bool,
        /// The platform of its descriptor.
        platform: Option<(String, String, Option<String>)>,
    },
    /// By docker's list, alone or beside an index that may name it, too.
    Docker { image: DockerImage, is_beside: bool },
}

/// Where the search is.
#[derive(Clone, Copy)]
struct At<'a> {
    part: &'a str,
    names: &'a [String],
    depth: usize,
}

impl Archive {
    /// The images, and the part that names them.
    pub(super) fn targets(&mut self) -> Result<(&'static str, Vec<Target>)> {
        let mut targets = Vec::new();
        let root = if self.parts.has("index.json") {
            self.list_layout(&mut targets)?;
            "index.json"
        } else if self.parts.has("manifest.json") {
            self.list_manifest_json(&mut targets)?;
            "manifest.json"
        } else {
            let why = "it holds neither `index.json` nor `manifest.json`".to_owned();
            return Err(ReadError::NotAnImage { path: self.path.clone(), why });
        };
        if targets.len() > MAX_IMAGES {
            return Err(self.broken(root, format!("there are more than {MAX_IMAGES} images")));
        }
        Ok((root, targets))
    }

    /// The image whose manifest has this digest.
    pub(super) fn target(&mut self, digest: Digest) -> Result<Target> {
        let (bytes, names) = (self.blob(digest)?, Vec::new());
        let by = Named::Manifest { digest, bytes, names, in_index: false, platform: None };
        Ok(Target { named: by, is_optional: false })
    }

    /// Lists an OCI image layout, with the images that only docker's list beside it names: docker of 2024 and
    /// later leaves what it saves by digest out of the index.
    fn list_layout(&mut self, targets: &mut Vec<Target>) -> Result<()> {
        let bytes = self.json("index.json")?;
        let index: Index = self.parse("index.json", &bytes)?;
        let is_empty = index.manifests.as_ref().is_none_or(Vec::is_empty);
        let at = At { part: "index.json", names: &[], depth: 0 };
        if !self.parts.has("manifest.json") {
            return self.list_index(index, at, targets);
        }
        if is_empty {
            return self.list_docker(&self.json("manifest.json")?, targets);
        }
        self.list_index(index, at, targets)?;
        // A file of that name may be something else in a layout.
        let beside = self.json("manifest.json")?;
        for image in serde_json::from_slice::<Vec<DockerImage>>(&beside).unwrap_or_default() {
            if let Ok(Some(_)) = self.parts.part(&image.config) {
                let by = Named::Docker { image, is_beside: true };
                targets.push(Target { named: by, is_optional: false });
            }
        }
        Ok(())
    }

    /// Lists `manifest.json` where there is no index: the list of a docker archive, or what skopeo writes
    /// into a `dir:`.
    fn list_manifest_json(&mut self, targets: &mut Vec<Target>) -> Result<()> {
        let part = "manifest.json";
        let bytes = self.json(part)?;
        let kind = json::kind(&bytes);
        match kind {
            Kind::DockerImages => return self.list_docker(&bytes, targets),
            Kind::Index | Kind::Manifest => {}
            Kind::Schema1 => {
                let why = "it is a manifest of docker's schema 1, which has no configuration";
                return Err(self.broken(part, why));
            }
            Kind::Unknown => {
                let why = "it is neither docker's list of images nor a manifest";
                return Err(self.broken(part, why));
            }
        }
        let root = Digest::of(&bytes);
        self.blob_names = BlobNames::Flat { root };
        if kind == Kind::Index {
            let index = self.parse(part, &bytes)?;
            self.index = Some(bytes);
            // Its manifests are known by an index only, as behind a name in a registry.
            return self.list_index(index, At { part, names: &[], depth: 1 }, targets);
        }
        let (names, platform) = (Vec::new(), None);
        let by = Named::Manifest { digest: root, bytes, names, in_index: false, platform };
        targets.push(Target { named: by, is_optional: false });
        Ok(())
    }

    /// Lists every image that an index names, and those of the indexes in it.
    fn list_index(&mut self, index: Index, at: At<'_>, targets: &mut Vec<Target>) -> Result<()> {
        if at.depth >= MAX_INDEXES {
            return Err(self.broken("index.json", "its indexes point at indexes without end"));
        }
        let mut images = index.manifests.unwrap_or_default();
        images.retain(|descriptor| !json::is_attestation(descriptor));
        if images.is_empty() {
            return Err(self.broken(at.part, "it names no manifest"));
        }
        let is_optional = images.len() > 1;
        for descriptor in &images {
            let before = targets.len();
            match self.list_descriptor(descriptor, is_optional, at, targets) {
                Ok(()) => {}
                // docker and containerd name the platforms they have not pulled.
                Err(ReadError::Missing { part, .. }) if is_optional && targets.len() == before => {
                    self.skipped.push(format!("an image whose `{part}` is not in the archive"));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn list_descriptor(
        &mut self,
        descriptor: &Descriptor,
        is_optional: bool,
        at: At<'_>,
        targets: &mut Vec<Target>,
    ) -> Result<()> {
        let mut names = at.names.to_vec();
        if let Some(annotations) = descriptor.annotations() {
            let full = annotations.get(CONTAINERD_NAME);
            names.extend(full.or(annotations.get(REF_NAME)).cloned());
        }
        let digest = self.digest(at.part, descriptor.digest().as_ref())?;
        let bytes = self.blob(digest)?;
        let part = self.blob_name(digest);
        if bytes.len() as u64 != descriptor.size() {
            let why = format!("it has {} bytes and should have {}", bytes.len(), descriptor.size());
            return Err(self.broken(&part, why));
        }
        if json::is_index(descriptor) {
            let index = self.parse(&part, &bytes)?;
            if at.depth == 0 && !is_optional {
                self.index = Some(bytes);
            }
            let at = At { part: &part, names: &names, depth: at.depth + 1 };
            return self.list_index(index, at, targets);
        }
        if targets.len() >= MAX_IMAGES {
            return Err(self.broken(&part, format!("there are more than {MAX_IMAGES} images")));
        }
        let platform = descriptor.platform().as_ref().map(|platform| {
            let (os, architecture) = (platform.os().to_string(), platform.architecture());
            (os, architecture.to_string(), platform.variant().clone())
        });
        let in_index = at.depth > 0;
        let by = Named::Manifest { digest, bytes, names, in_index, platform };
        targets.push(Target { named: by, is_optional });
        Ok(())
    }

    fn list_docker(&mut self, bytes: &[u8], targets: &mut Vec<Target>) -> Result<()> {
        let images: Vec<DockerImage> = self.parse("manifest.json", bytes)?;
        if images.is_empty() {
            return Err(self.broken("manifest.json", "it names no image"));
        }
        for image in images {
            let by = Named::Docker { image, is_beside: false };
            targets.push(Target { named: by, is_optional: false });
        }
        Ok(())
    }
}
